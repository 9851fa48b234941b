"""Colours, where they are wanted.  They repeat what signs and words say already: nothing is told by a hue alone."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TextIO

from rnnlint.frozen import dataclass

_WITHOUT_TERMINAL = 120  # columns: what fits beside the review of a change, and into the log of a build


class Style(enum.Enum):
    """What a piece of text is."""

    CODE = enum.auto()
    MARK = enum.auto()
    BESIDE = enum.auto()
    FRAME = enum.auto()
    STRONG = enum.auto()
    NOTE = enum.auto()


# bold, so that they are readable on a light ground too; red, blue and cyan are told apart by most eyes
_COMMANDS = {
    Style.CODE: "1;31",
    Style.MARK: "1;31",
    Style.BESIDE: "1;34",
    Style.FRAME: "1;34",
    Style.STRONG: "1",
    Style.NOTE: "1;36",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How text for people is laid out: with colours or without, on how many columns, and drawn with which signs."""

    colour: bool = False
    width: int = _WITHOUT_TERMINAL
    unicode: bool = True

    def paint(self, text: str, style: Style) -> str:
        """The text in its colour; as it is where there are none, or nothing to see."""
        return f"\x1b[{_COMMANDS[style]}m{text}\x1b[0m" if self.colour and text.strip() else text


PLAIN = Look()


def wants_colour(terminal: bool, environment: Mapping[str, str]) -> bool:
    """Whether to print colours: NO_COLOR, then FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR and TERM, then the terminal.

    NO_COLOR and FORCE_COLOR count where they are set and not empty, whatever they are set to (no-color.org,
    force-color.org), and the first wins, as for Python itself; ``CLICOLOR_FORCE=0`` asks for nothing.
    """
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return terminal and environment.get("CLICOLOR") != "0" and environment.get("TERM") != "dumb"


def look_of(stream: TextIO, environment: Mapping[str, str]) -> Look:
    """How to lay out what is printed to a stream."""
    terminal, width = stream.isatty(), _WITHOUT_TERMINAL
    if terminal:
        from shutil import get_terminal_size  # slow to import: it can pack archives as well

        width = get_terminal_size((_WITHOUT_TERMINAL, 0)).columns
    return Look(wants_colour(terminal, environment), width, has_signs(stream))


def has_signs(stream: TextIO) -> bool:
    """Whether the encoding of a stream has the signs that pictures are drawn with."""
    try:
        "■▪□→←…".encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
