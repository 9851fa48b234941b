"""How many columns of a terminal text takes, character by character, and how it is folded into them."""

from __future__ import annotations

import unicodedata

from rnnlint.frozen import dataclass
from rnnlint.output.visible import shown, visible

TAB = 4  # as wide as an indentation: what one sees in an editor
_JOINER = "\u200d"
_NO_WIDTH = frozenset(("Mn", "Me"))
_HANGUL = ("\u1160", "\u11ff")  # vowels and final consonants, which are drawn into the syllable before them


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file as it is shown: ``texts`` has what is drawn for each character, ``starts`` at which column.

    ``starts`` has one number more than there are characters: the width of all.
    """

    texts: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def width(self) -> int:
        """In columns."""
        return self.starts[-1]


def laid(text: str) -> Line:
    """Where each character of a line stands: tabs are filled up, what cannot be shown is written out."""
    texts, starts, column, before = [], [0], 0, ""
    for character in text:
        drawn = " " * (TAB - column % TAB) if character == "\t" else shown(character)
        # an emoji that is joined to the one before is drawn into it
        column += len(drawn) if len(drawn) > 1 or character == "\t" else 0 if before == _JOINER else _width(character)
        texts.append(drawn)
        starts.append(column)
        before = character
    return Line(tuple(texts), tuple(starts))


def columns(text: str) -> int:
    """The columns that a text takes."""
    return len(text) if text.isascii() else laid(text).width


def _width(character: str) -> int:
    if " " <= character <= "~":
        return 1
    joined = character in (_JOINER, "\u200c") or _HANGUL[0] <= character <= _HANGUL[1]
    if joined or unicodedata.category(character) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def folded(text: str, width: int) -> list[str]:
    """A text as lines of at most so many columns, parted at blanks; what is in brackets is kept together.

    It is code to be copied, or an aside; where it is longer than a line it is parted too.  A longer word stays long:
    the terminal breaks it.
    """
    lines = [""]
    whole = _words(visible(text))
    words = (word for one in whole for word in (one.split(" ") if columns(one) > width else (one,)))
    for word in words:
        if lines[-1] and columns(lines[-1]) + 1 + columns(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


def _words(text: str) -> list[str]:
    words, depth = [""], 0
    for character in text:
        depth = max(0, depth + (character in "([{") - (character in ")]}"))
        if character == " " and not depth:
            words.append("")
        else:
            words[-1] += character
    return words
