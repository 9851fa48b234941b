"""What a user can choose: one table, read by every host."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """``all_configurations``: also report what holds only in configurations other than the declared one.

    ``show_unknown``: also say what was not followed, and why; findings are the same with and without.
    """

    all_configurations: bool = False
    show_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """A switch of :class:`Settings`, off by default; ``field`` is its name there."""

    field: str
    help: str

    @property
    def name(self) -> str:
        """As it is spelled on a command line or in a configuration file, without the host's prefix."""
        return self.field.replace("_", "-")


OPTIONS = (
    Option(
        "all_configurations",
        "Also report what holds only in configurations other than the one the file declares, with its condition",
    ),
    Option(
        "show_unknown",
        "Also say where something that came of a recurrent module could not be followed, as RNN900 on that line",
    ),
)


_NEAR = 0.5  # of the characters of both words: "tool" is not "jobs"


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that ``word`` was most likely meant to be; ``known`` must not be empty."""

    import difflib  # needed once something is misspelled

    def likeness(other: str) -> tuple[float, int]:
        matcher = difflib.SequenceMatcher(None, word, other)
        return matcher.ratio(), matcher.find_longest_match().size

    return max(sorted(known), key=likeness)


def guess(word: str, known: Iterable[str], written: Callable[[str], str] = repr) -> str:
    """What is said behind a wrong word: the known one that it is near to; "" where nobody would take it for any."""
    import difflib

    meant = nearest(word, known)
    near = difflib.SequenceMatcher(None, word.lower(), meant.lower()).ratio() >= _NEAR
    return f": did you mean {written(meant)}?" if near else ""
