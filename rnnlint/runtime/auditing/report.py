"""What an audit says."""

from __future__ import annotations

import os
import sys
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from rnnlint.axes.states import Call
from rnnlint.events import Event
from rnnlint.failures import Failure, Failures
from rnnlint.holding import Case, Time, standing, throughout
from rnnlint.output.styles import has_signs
from rnnlint.rules.hits import Hearing, at, help_of, message, minds
from rnnlint.rules.rule import Hit, Rule
from rnnlint.runtime.auditing.checks import Concern
from rnnlint.runtime.auditing.checks.catalogue import PAGE
from rnnlint.runtime.auditing.coverage import Coverage
from rnnlint.runtime.auditing.found import Found
from rnnlint.runtime.auditing.names import Names
from rnnlint.runtime.auditing.noqa import silenced
from rnnlint.runtime.auditing.places import Place
from rnnlint.runtime.auditing.raised import frames, said

if TYPE_CHECKING:
    from rnnlint.output.html import Content

__all__ = ["UNSEEN", "Found", "Report", "Waived", "judged", "waive"]


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding or a concern that is meant to be so; ``by`` is "noqa" or "allow"."""

    what: Found | Concern
    by: str

    def __str__(self) -> str:
        return f"{self.what} (by {'# noqa' if self.by == 'noqa' else self.by})"


@dataclass(frozen=True, slots=True)
class Report:
    """What one run of a model showed.

    ``findings`` are those of the rules that are on by default, ``concerns`` what the gradients and a second run say,
    ``waived`` what would be among them without a ``# noqa`` or an ``allow``.  ``error`` is what the model raised,
    ``notes`` what was explained or not checked, ``unknown`` the reasons why parts were not followed, with how often
    each was met, and ``coverage`` how much that was.  ``timings`` are the seconds that each phase of the audit took.
    ``failures`` are mistakes of the audit's own, with tracebacks; where one kept it from following the model at all,
    ``followed`` is False, and the report says nothing else.
    """

    findings: tuple[Found, ...] = ()
    concerns: tuple[Concern, ...] = ()
    error: BaseException | None = None
    notes: tuple[str, ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()
    waived: tuple[Waived, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)
    failures: tuple[Failure, ...] = ()
    followed: bool = True

    @property
    def ok(self) -> bool:
        """Whether the model ran and could be followed, something was judged (or need not be), and nothing was found."""
        return not self.findings and not self.concerns and self.error is None and self.followed

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def text(self, target: str = "", *, verbose: bool = False) -> str:
        """As the command line prints it; ``target`` is named where there are several, ``verbose`` says all."""
        return "\n".join(self._lines(target, verbose))

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write the report as one page, with every finding drawn.  Raises OSError, and leaves no half of one."""
        from rnnlint.output.html import page  # for those who ask for it
        from rnnlint.output.writing import replace

        target = Path(path).resolve()
        replace(target, page(self._content()).encode(), target.stat().st_mode if target.exists() else None)

    def _repr_html_(self) -> str:
        """The report in a notebook."""
        from rnnlint.output.html import fragment

        return fragment(self._content())

    def _content(self) -> Content:
        """All that the report says, for a page."""
        from rnnlint.output.html import Content, Section
        from rnnlint.runtime.auditing.page import diagnostic

        counts = next(self._lines("", verbose=False)).removeprefix("rnnlint audit: ")
        error = () if self.error is None else ((said(self.error), "\n".join(map(str, frames(self.error)))),)
        after = (
            ("Concerns", tuple((str(one), "") for one in self.concerns)),
            ("The model raised", error),
            ("Notes", tuple((one, "") for one in self.said)),
            ("Waived", tuple((str(one), "") for one in self.waived)),
            ("Not followed", tuple((f"{one}: {one.reason}", "") for one in self.coverage.unfollowed)),
            ("Mistakes of the audit's own", tuple((one.what, one.trace) for one in self.failures)),
        )
        sections = tuple(Section(heading, lines) for heading, lines in after if lines)
        return Content("rnnlint audit", counts, tuple(map(diagnostic, self.findings)), after=sections)

    def _lines(self, target: str, verbose: bool) -> Iterator[str]:
        waived = f", {len(self.waived)} waived" if self.waived else ""
        counts = f"{_count(self.findings, 'finding')}, {_count(self.concerns, 'concern')}{waived}"
        raised = ", and the model raised" if self.error is not None else ""
        failed = "" if self.followed else ", but the audit failed"
        yield f"rnnlint audit{target and f' {target}'}: {counts}{raised}{failed}"
        for one in self.findings:
            yield str(one)
            yield from (f"    {line}" for line in drawn(one))
        yield from map(str, self.concerns)
        if self.error is not None:
            yield f"the model raised {said(self.error)}"
            yield from (f"  {frame}" for frame in frames(self.error))
        for note in self.said:
            yield f"note: {note}"
        if verbose:
            yield from (f"waived: {one}" for one in self.waived)
            yield from self._coverage()
        if self.concerns:
            yield f"what a concern means and how to waive it: {PAGE}"

    @property
    def said(self) -> tuple[str, ...]:
        """The notes, with how much was not followed."""
        told = any(one.name == "nothing-judged" for one in self.concerns)  # which says as much
        return (*self.notes, *([str(self.coverage)] if self.coverage.unfollowed and not told else ()))

    def _coverage(self) -> Iterator[str]:
        calls, operations = self.coverage.calls, self.coverage.operations
        followed = operations - self.coverage.lost
        made = "1 call of a recurrent module" if calls == 1 else f"{calls} calls of recurrent modules"
        yield f"judged: {made}, {followed} of {operations} operations on the results"
        for one in self.coverage.unfollowed:
            yield f"not followed: {one}: {one.reason}" + (f" ({one.times} times)" if one.times > 1 else "")


def drawn(found: Found) -> list[str]:
    """What a finding reads and what is wanted, in a few lines; none where it has no drawing."""
    if not found.drawing:
        return []
    from rnnlint.drawing import brief  # pictures are drawn of what was found
    from rnnlint.drawing.carried import carried
    from rnnlint.drawing.terminal import Ink

    return brief.lines(carried(found.drawing), Ink(unicode=has_signs(sys.stdout)))


def waive(
    findings: tuple[Found, ...], concerns: tuple[Concern, ...], allowed: Names
) -> tuple[tuple[Found, ...], tuple[Concern, ...], tuple[Waived, ...]]:
    """The findings and the concerns that remain, and what is waived by the text or by name."""
    waived: dict[int, Waived] = {}
    every: tuple[Found | Concern, ...] = (*findings, *concerns)
    for one in every:
        code = one.code if isinstance(one, Found) else None
        # by name first: what the whole project allows is said to be allowed, whether or not its line says so too
        if allowed.has_concern(one.name) if code is None else allowed.has_rule(code):
            waived[id(one)] = Waived(one, "allow")
        elif isinstance(one.place, Place) and silenced(one.place.file, one.place.line, code):
            waived[id(one)] = Waived(one, "noqa")
    return (
        tuple(one for one in findings if id(one) not in waived),
        tuple(one for one in concerns if id(one) not in waived),
        tuple(waived.values()),
    )


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
    events: Sequence[Event],
    failures: Failures,
    also: frozenset[str] = frozenset(),
    passed: bool = False,
    lengths: Mapping[Call, tuple[int, ...]] = MappingProxyType({}),
) -> tuple[Found, ...]:
    """What the rules say of a run's events, once a place, sorted by place; ``failures`` keeps where one failed.

    ``lengths`` are those of the samples of packed calls.

    The rules are those that are on by default, and those of the codes in ``also``.  Of a run that has ``passed``, none
    may say that torch raises: what was raised, the program has caught.
    """
    found: dict[tuple[str, Place], Found] = {}
    for one in standing(_said(events, failures)):
        rule, hit, place = one.rule, one.hit, one.hit.site.node
        # what was raised, the program has caught, or the analysis errs: either way the run went on
        if hit.raises and passed:
            continue
        if not isinstance(place, Place) or (rule.code, place) in found:
            continue
        if (rule.on or rule.code in also) and rule.code not in UNSEEN:
            found[rule.code, place] = _found(rule, hit, place, failures, lengths)
    return tuple(
        sorted(found.values(), key=lambda one: (one.place.file, one.place.line, one.place.column or 0, one.code))
    )


def _found(rule: Rule, hit: Hit, place: Place, failures: Failures, lengths: Mapping[Call, tuple[int, ...]]) -> Found:
    read = wanted = drawing = ""
    # what a finding rests on must not cost the finding
    with failures.contained(f"the explanation of {rule.code}", place):
        from rnnlint.runtime.auditing.explained import explained  # a run without findings needs no pictures

        read, wanted, drawing = explained(rule.code, hit.grounds, lengths)
    said = message(hit, place.text)
    return Found(place, rule.code, rule.name, said, read, wanted, help_of(hit), drawing)


@dataclass(frozen=True, slots=True)
class _Said:
    rule: Rule
    hit: Hit


def _said(events: Sequence[Event], failures: Failures) -> list[_Said]:
    """What the rules say of the events of one run, of which each is a time that its place is come by.

    What holds at some of these times only is left out where a rule asks for all.
    """
    hearing = Hearing(failures)
    times = [Time() for _ in events]
    said = [
        (rule, Case(time, hit))
        for event, time in zip(events, times, strict=True)
        for rule, hit in hearing.of((event,))
        if hit is not None
    ]
    cases: dict[tuple[str, Hashable], list[Case[Time]]] = {}
    for rule, case in said:
        cases.setdefault((rule.code, case.hit.site.node), []).append(case)

    def held(rule: Rule, node: Hashable) -> bool:
        if not rule.everywhere:
            return True
        there = {id(event) for event in at(events, rule, node) if minds(rule, (event,), node)}
        come = [time for event, time in zip(events, times, strict=True) if id(event) in there]
        return throughout(rule, cases[rule.code, node], come)

    return [_Said(rule, case.hit) for rule, case in said if held(rule, case.hit.site.node)]
