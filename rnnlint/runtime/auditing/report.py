"""What an audit says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rnnlint.events import Event
from rnnlint.failures import Failure, Failures
from rnnlint.rules.hits import message, settled
from rnnlint.runtime.auditing.checks import Concern
from rnnlint.runtime.auditing.places import Place


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a rule, at the place in the user's own source."""

    place: Place
    code: str
    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.code} {self.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """What one run of a model showed.

    ``findings`` are those of the rules that are on by default, ``concerns`` what the gradients and a second run say.
    ``error`` is what the model raised, ``notes`` what was explained or not checked, ``unknown`` the reasons why parts
    were not followed, with how often each was met.  ``failures`` are mistakes of the audit's own, with tracebacks;
    where one kept it from following the model at all, ``followed`` is False, and the report says nothing else.
    """

    findings: tuple[Found, ...] = ()
    concerns: tuple[Concern, ...] = ()
    error: BaseException | None = None
    notes: tuple[str, ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()
    failures: tuple[Failure, ...] = ()
    followed: bool = True

    @property
    def ok(self) -> bool:
        """Whether the model ran, could be followed, and nothing was found."""
        return not self.findings and not self.concerns and self.error is None and self.followed

    def __str__(self) -> str:
        return "\n".join(self._lines())

    __repr__ = __str__

    def _lines(self) -> Iterator[str]:
        counts = f"{_count(self.findings, 'finding')}, {_count(self.concerns, 'concern')}"
        yield f"rnnlint audit: {counts}" + (
            ", and the model raised" if self.error is not None else "" if self.followed else ", but the audit failed"
        )
        yield from map(str, self.findings)
        yield from map(str, self.concerns)
        if self.error is not None:
            yield f"the model raised {type(self.error).__name__}: {first_line(self.error)}"
        for note in self.notes:
            yield f"note: {note}"


def first_line(error: BaseException) -> str:
    """What an exception says, in one line."""
    return next(iter(str(error).splitlines()), "")


def _count(things: tuple[object, ...], name: str) -> str:
    return f"{len(things)} {name}" if len(things) == 1 else f"{len(things)} {name}s"


UNSEEN = {
    "RNN207": "what a squeeze without dim does to a batch of another size",
    "RNN209": "that a sequence has one step whenever the model runs",
    "RNN402": "that a batch is padded, or an argument never read",
    "RNN407": "that nothing sorts the lengths: torch raises, or they were sorted this time",
    "RNN408": "whether a length is a size of the padded tensor or was written down",
    "RNN505": "whether a state is drawn in evaluation too; running the model twice does",
    "RNN507": "that a tensor was meant to be an initial state",
}
"""Rules about what one run does not show: the text, or other runs.  The linter has them."""


def judged(
    events: list[Event], failures: Failures, also: frozenset[str] = frozenset(), passed: bool = False
) -> tuple[Found, ...]:
    """What the rules say of a run's events, once a place, sorted by place; ``failures`` keeps where one failed.

    The rules are those that are on by default, and those of the codes in ``also``.  Of a run that has ``passed``, none
    may say that torch raises: what was raised, the program has caught.
    """
    found: dict[tuple[str, Place], Found] = {}
    for rule, hit in settled(events, failures):
        place = hit.site.node
        if hit.raises and passed:
            continue
        if isinstance(place, Place) and (rule.on or rule.code in also) and rule.code not in UNSEEN:
            text = message(hit, place.text)
            found.setdefault((rule.code, place), Found(place, rule.code, rule.name, text))
    return tuple(
        sorted(found.values(), key=lambda one: (one.place.file, one.place.line, one.place.column or 0, one.code))
    )
