"""Mistakes of rnnlint's own: what is kept of an exception that nobody meant to raise.

One costs the word of the rule, or the value of the operation, in which it is raised; nothing else, and never silently.
"""

from __future__ import annotations

import traceback
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import field

from rnnlint.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception of ours: ``what`` failed, at which place of the analysed program (None where none is known).

    ``error`` is one line; ``trace`` the traceback as Python prints it, several.
    """

    what: str
    where: Hashable
    error: str
    trace: str


@dataclass(frozen=True, slots=True, order=True)
class Internal:
    """A failure as it is reported: ``line`` counts from 1.  Two that differ in their traceback only are one."""

    line: int
    what: str
    error: str
    trace: str = field(compare=False)

    @classmethod
    def of(cls, what: str, error: BaseException) -> Internal:
        """An exception that nothing inside the analysis has caught."""
        return cls(1, what, said(error), traced(error))


@dataclass(slots=True)
class Failures:
    """The failures met in one file, each once a place, however many runs meet it."""

    kept: dict[tuple[str, Hashable, type], Failure] = field(default_factory=dict)

    def note(self, what: str, where: Hashable, error: BaseException) -> None:
        """Keep an exception.  Its traceback is made into text here: as an object it would keep alive all it has met."""
        key = (what, where, type(error))
        if key not in self.kept:
            self.kept[key] = Failure(what, where, said(error), traced(error))

    def add(self, others: Failures) -> None:
        """Keep those of another run as well; what was met first stays."""
        self.kept = {**others.kept, **self.kept}

    @contextmanager
    def contained(self, what: str, where: Hashable = None) -> Iterator[None]:
        """Inside, an exception costs the rest of the block, and is kept."""
        try:
            yield
        except Exception as error:
            self.note(what, where, error)


def said(error: BaseException) -> str:
    """An exception in one line: its type, and the first line of its text if it has one."""
    text = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def traced(error: BaseException) -> str:
    """An exception as Python prints it, with its traceback."""
    return "".join(traceback.format_exception(error))
