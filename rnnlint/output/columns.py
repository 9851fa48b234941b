"""How many columns of a terminal text takes, character by character, and how it is folded into them."""

from __future__ import annotations

import unicodedata

from rnnlint.frozen import dataclass
from rnnlint.output.visible import shown, visible

TAB = 4  # as wide as an indentation: what one sees in an editor
_JOINER = "\u200d"
_SKINS = ("\U0001f3fb", "\U0001f3ff")  # drawn into the emoji before them
_AS_EMOJI = "\ufe0f"  # what comes before is drawn as an emoji, and those are two columns wide
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
        column += len(drawn) if len(drawn) > 1 or character == "\t" else _width(character, before)
        texts.append(drawn)
        joined = before == _JOINER and column == starts[-1]
        starts.append(column)
        before = _JOINER if joined and character != _AS_EMOJI else character
    return Line(tuple(texts), tuple(starts))


def columns(text: str) -> int:
    """The columns that a text takes."""
    return len(text) if text.isascii() else laid(text).width


def _width(character: str, before: str) -> int:
    """As most terminals have it by now: what is joined to the character before is drawn into it."""
    if " " <= character <= "~":
        return 1
    if before == _JOINER and not character.isalpha():
        return 0
    if character == _AS_EMOJI:
        return int(before != "" and not before.isalpha() and not _is_wide(before))
    if character in (_JOINER, "\u200c") or _HANGUL[0] <= character <= _HANGUL[1]:
        return 0
    if unicodedata.category(character) in _NO_WIDTH:
        return 0
    if _SKINS[0] <= character <= _SKINS[1] and before and _is_wide(before):
        return 0
    return 2 if _is_wide(character) else 1


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("W", "F")


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
