"""How bad a finding is: a mistake, or a word about what was not understood."""

from __future__ import annotations

import enum

_NOTES = frozenset(("RNN900",))  # says what could not be followed: nothing is known to be wrong there


class Level(enum.Enum):
    """The value is the word of ruff's and of most formats."""

    ERROR = "error"
    NOTE = "info"


def level_of(code: str) -> Level:
    """The level of a rule's findings."""
    return Level.NOTE if code in _NOTES else Level.ERROR
