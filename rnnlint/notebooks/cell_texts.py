"""The cells of a notebook's JSON, with the places of their sources in it.

The standard library reads JSON, but does not say where a value stands; so objects and lists down to the sources are
walked here, and whatever else there is (outputs may be megabytes) is read by the library and dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from rnnlint.frozen import dataclass


def _no_number(digits: str) -> None:
    """In place of a number: none is needed, and one of thousands of digits is none to Python."""


_VALUES = json.JSONDecoder(parse_int=_no_number, parse_float=_no_number)
_SPACE = re.compile(r"[ \t\n\r]*")


class NotANotebook(ValueError):
    """What was to be a notebook is none; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A string of JSON: where it stands, with its quotes, and what it says."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a cell, in the strings it is written as; ``opened`` is where their list begins, -1 for a string."""

    pieces: tuple[Piece, ...]
    opened: int = -1

    @property
    def text(self) -> str:
        """What the cell holds."""
        return "".join(piece.value for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class CellText:
    """A cell: what kind it is, what it holds (None where that is no text), and the language that it says it is in."""

    kind: str
    source: Source | None
    language: str


@dataclass(frozen=True, slots=True)
class CellTexts:
    """Every cell of a notebook, in order, and the language of its kernel ("" where none is named)."""

    cells: tuple[CellText, ...]
    language: str


def cell_texts(text: str) -> CellTexts:
    """The cells of a notebook's text.  Raises NotANotebook."""
    try:
        return _notebook(_Cursor(text, 1 if text.startswith("\ufeff") else 0))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NotANotebook(f"this is no notebook: it is not valid JSON ({where}: {error.msg})") from None
    except RecursionError:
        raise NotANotebook("this is no notebook: its JSON is nested too deeply") from None


class _Cursor:
    """A place in a text of JSON, which goes forward; every method begins at the next thing that is no blank."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at = text, at

    def next(self) -> str:
        """The character that comes next, "" at the end."""
        blank = _SPACE.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.text[self.at : self.at + 1]

    def value(self) -> object:
        """Read a value of any kind."""
        self.next()
        value, self.at = _VALUES.raw_decode(self.text, self.at)
        return value

    def pass_by(self, character: str) -> None:
        """Go past a character.  Raises JSONDecodeError where another stands."""
        if self.next() != character:
            raise json.JSONDecodeError(f"Expecting '{character}'", self.text, self.at)
        self.at += 1

    def members(self) -> Iterator[str]:
        """The names of an object's members; whoever takes one goes past its value before taking the next."""
        for _ in self._listed("{", "}"):
            name = self.value()
            if not isinstance(name, str):
                raise json.JSONDecodeError("Expecting a name in double quotes", self.text, self.at)
            self.pass_by(":")
            yield name

    def elements(self) -> Iterator[None]:
        """The elements of a list; whoever is told of one goes past it before the next."""
        return self._listed("[", "]")

    def _listed(self, first: str, last: str) -> Iterator[None]:
        self.pass_by(first)
        if self.next() == last:
            self.at += 1
            return
        while True:
            yield
            if self.next() != ",":
                break
            self.at += 1
        self.pass_by(last)


def _notebook(cursor: _Cursor) -> CellTexts:
    if cursor.next() != "{":
        cursor.value()
        raise NotANotebook("this is no notebook: it is JSON, but no object")
    cells: tuple[CellText, ...] | None = None
    metadata: object = None
    for name in cursor.members():
        if name == "cells" and cursor.next() == "[":
            cells = _cells(cursor)
        elif name == "worksheets" and cursor.next() == "[":  # nbformat 3: sheets of cells
            cells = tuple(cell for _ in cursor.elements() for cell in _sheet(cursor))
        elif name == "metadata":
            metadata = cursor.value()
        else:
            cursor.value()
    if cursor.next():
        raise json.JSONDecodeError("Extra data", cursor.text, cursor.at)
    if cells is None:
        raise NotANotebook("this is no notebook: it has no list of cells")
    return CellTexts(cells, _kernel_language(metadata))


def _sheet(cursor: _Cursor) -> tuple[CellText, ...]:
    cells: tuple[CellText, ...] = ()
    if cursor.next() != "{":
        cursor.value()
        return cells
    for name in cursor.members():
        if name == "cells" and cursor.next() == "[":
            cells = _cells(cursor)
        else:
            cursor.value()
    return cells


def _cells(cursor: _Cursor) -> tuple[CellText, ...]:
    return tuple(_cell(cursor) for _ in cursor.elements())


def _cell(cursor: _Cursor) -> CellText:
    """A cell; where a name is there twice the last counts, as for everybody who reads JSON."""
    if cursor.next() != "{":
        cursor.value()
        return CellText("", None, "")
    kind: object = ""
    language: object = ""
    sources: dict[str, Source | None] = {}
    for name in cursor.members():
        if name in ("source", "input"):
            sources[name] = _source(cursor)
        elif name == "cell_type":
            kind = cursor.value()
        elif name == "language":  # nbformat 3
            language = cursor.value()
        elif name == "metadata":
            # one cell of another language in a notebook of several, as Visual Studio Code writes it
            language = _at(cursor.value(), "vscode", "languageId") or language
        else:
            cursor.value()
    # "input" is nbformat 3's name of it
    return CellText(_word(kind), sources.get("source", sources.get("input")), _word(language))


def _source(cursor: _Cursor) -> Source | None:
    if cursor.next() != "[":
        piece = _piece(cursor)
        return Source((piece,)) if piece else None
    opened = cursor.at
    pieces = [_piece(cursor) for _ in cursor.elements()]
    texts = tuple(piece for piece in pieces if piece)
    return Source(texts, opened) if len(texts) == len(pieces) else None


def _piece(cursor: _Cursor) -> Piece | None:
    cursor.next()
    start = cursor.at
    value = cursor.value()
    return Piece(start, cursor.at, value) if isinstance(value, str) else None


def _kernel_language(metadata: object) -> str:
    # in the order in which ruff asks; a kernel that does not say its language is Python's more often than not
    return _word(_at(metadata, "language_info", "name") or _at(metadata, "kernelspec", "language"))


def _at(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
