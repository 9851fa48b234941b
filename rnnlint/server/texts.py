"""The text of a document as the protocol counts it: lines, columns in an encoding's units, changes of stretches.

Only ``\\n``, ``\\r\\n`` and ``\\r`` end a line to the protocol, as to Python; a form feed or U+2028 ends none
(https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#textDocuments).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

LINE_END = re.compile(r"\r\n|\r|\n")

Units = Callable[[str], int]
"""How many units some characters are."""


def _utf8(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _utf16(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


ENCODINGS: dict[str, Units] = {"utf-16": _utf16, "utf-8": _utf8, "utf-32": len}
"""What a client may count columns in, by the protocol's names.  The first is what it counts in unless it says so."""


def chosen_encoding(offered: list[str] | None) -> str:
    """The first of a client's encodings that is known; UTF-16 where it names none."""
    return next((one for one in offered or () if one in ENCODINGS), next(iter(ENCODINGS)))


@dataclass(frozen=True)
class Position:
    """A place: the line from 0, and the column in characters."""

    line: int
    column: int


class Columns:
    """Columns of a line, between characters and the units of an encoding."""

    def __init__(self, encoding: str) -> None:
        self._units = ENCODINGS[encoding]

    def to_units(self, line: str, column: int) -> int:
        """A column in characters as the client counts it."""
        before = line[: max(column, 0)]
        return len(before) if before.isascii() else self._units(before)

    def to_characters(self, line: str, units: int) -> int:
        """A column of the client's in characters: one inside of a character is before it, one behind the end is it."""
        if line.isascii():
            return min(max(units, 0), len(line))
        reached = 0
        for column, character in enumerate(line):
            reached += self._units(character)
            if reached > units:
                return column
        return len(line)


class Text:
    """A text and where its lines are."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(end.end() for end in LINE_END.finditer(text))]

    @property
    def count(self) -> int:
        """How many lines there are; behind the last end of a line is one more."""
        return len(self._starts)

    @property
    def line_end(self) -> str:
        """What ends the first line, and so what is to end a new one."""
        found = LINE_END.search(self.text)
        return found.group() if found else "\n"

    @property
    def for_python(self) -> str:
        """The text as Python reads it from a file: each end of a line is one character."""
        return LINE_END.sub("\n", self.text) if "\r" in self.text else self.text

    def line(self, number: int) -> str:
        """A line by its number from 0, without its end; "" where there is none."""
        if not 0 <= number < len(self._starts):
            return ""
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        line = self.text[self._starts[number] : end]
        return line.removesuffix("\n").removesuffix("\r")

    def position(self, line: int, units: int, columns: Columns) -> Position:
        """A place of the client's; behind the last line it is the end of the text."""
        if line < 0:
            return Position(0, 0)
        if line >= self.count:
            return Position(self.count - 1, len(self.line(self.count - 1)))
        return Position(line, columns.to_characters(self.line(line), units))

    def changed(self, start: tuple[int, int], end: tuple[int, int], new: str, columns: Columns) -> Text:
        """The text with a stretch replaced; ``start`` and ``end`` are lines and columns of the client's."""
        first, last = (self._offset(self.position(*place, columns)) for place in (start, end))
        return Text(self.text[:first] + new + self.text[max(first, last) :])

    def _offset(self, place: Position) -> int:
        return self._starts[place.line] + place.column
