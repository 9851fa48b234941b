"""What is proven of the fixes of one program."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from oracle.fixes.mending import Span, again, carried_on, fresh, mended, moved, written
from oracle.fixes.probing import Thing, every, probed
from oracle.fixes.product import Together, together
from oracle.fixes.running import breaks, ran, reaches, same, stumbles
from oracle.fixes.subjects import Subject
from oracle.fixes.wanted import HANDED, LOOKED_FOR, WANTED
from oracle.programs.facts import facts
from oracle.programs.verdict import CODES, Expected, truth_of
from oracle.variations.running import Ran
from rnnlint.checking.fixing import applicable
from rnnlint.checking.rewriting import NotRewritten
from rnnlint.findings import Applicability, Edit, Finding
from rnnlint.fixing.applying import together as at_once
from rnnlint.linter import lint
from rnnlint.report import Report


class Fate(enum.Enum):
    """What became of a finding."""

    NONE = "no fix"
    DISPLAY = "display only"
    REFUSED = "refused"
    PROVEN = "proven"
    NOT_RUN = "not run"
    NOT_ASKED = "not asked"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Tried:
    """A finding, and what became of its fix by itself; ``why`` it was refused, is not proven, or is wrong."""

    program: str
    finding: Finding
    fate: Fate
    why: str = ""

    @property
    def applicability(self) -> Applicability | None:
        """Of its fix; None where it has none."""
        return self.finding.fixes[0].applicability if self.finding.fixes else None


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of the findings of a program, each by itself, and what is wrong with all fixes together."""

    program: str
    tried: tuple[Tried, ...]
    together: Together | None = None
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Edits that fixes of ``findings`` make at once: the text before and after."""

    before: str
    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...]
    after: str


_TOLD = (Fate.WRONG, Fate.PROVEN, Fate.NOT_RUN, Fate.NOT_ASKED)  # of several the first is what became of all
_BEHIND = 2  # as many mistakes as one behind the other have hidden are mended at once, as by the command
_OF_ONE = ("RNN207",)
"""Rules about a batch of one sample, of which alone a safe fix gives something else: the axis that was lost."""

Linted = Callable[[str], Report]


def linted(text: str) -> Report:
    """What the linter says, with every rule."""
    return lint(text, "program.py")


@dataclass(slots=True)
class Proving:
    """Proves the fixes of one program; ``said`` is asked for the findings, so that a test can lie."""

    subject: Subject
    said: Linted = linted
    torch: bool = True
    _before: Ran | None = field(default=None)

    def proof(self, *, also_together: bool = True) -> Proof:
        """Every fix by itself, and all of them together."""
        report = self.said(self.subject.text)
        tried = tuple(self._tried(report, one) for one in report.findings)
        fixable = any(one.fate not in (Fate.NONE, Fate.DISPLAY) for one in tried)
        if not fixable or not also_together:
            return Proof(self.subject.name, tried)
        whole = together(self.subject.text)
        return Proof(self.subject.name, tried, whole, tuple(self._wrong(whole)))

    def _tried(self, report: Report, finding: Finding) -> Tried:
        name = self.subject.name
        if not finding.fixes:
            return Tried(name, finding, Fate.NONE)
        one = self._chosen(report, finding)
        if one is None or one.fixes[0].applicability is Applicability.DISPLAY:
            return Tried(name, finding, Fate.DISPLAY)
        finding = one
        steps, why = self._steps(report, finding)
        if not steps:
            return Tried(name, finding, Fate.REFUSED, why)
        if not self.torch:
            return Tried(name, finding, Fate.NOT_ASKED)
        return Tried(name, finding, *self._on_torch(finding, steps))

    def _chosen(self, report: Report, finding: Finding) -> Finding | None:
        """A finding with its one fix: of several the one that leaves the linter content, None where others do too."""
        if len(finding.fixes) == 1:
            return finding
        ones = [replace(finding, fixes=(fix,)) for fix in finding.fixes]
        tried = [self._again(report, self.subject.text, [one], [one]) for one in ones]
        held = [one for one, (step, _, why) in zip(ones, tried, strict=True) if step is not None and not why]
        if len(held) != 1:
            return None
        return replace(held[0], fixes=(replace(held[0].fixes[0], applicability=Applicability.UNSAFE),))

    def _steps(self, report: Report, finding: Finding) -> tuple[list[Step], str]:
        """The fix of a finding, by itself or with others, with which the linter is content; or none, and why not."""
        step, after, why = self._again(report, self.subject.text, [finding], [finding])
        if step is not None and not why:
            return [step], ""
        # halves of one mistake, which only mended together leave nothing to be said
        beside = self._beside(report, finding)
        if len(beside) > 1:
            both, _, wrong = self._again(report, self.subject.text, beside, beside)
            if both is not None and not wrong:
                return [both], ""
        # one that the first has hidden; what torch raises on only then was not
        steps = [] if step is None else [step]
        while after is not None and after.modules.raising <= report.modules.raising and len(steps) <= _BEHIND:
            behind = [one for one in fresh(report, after) if applicable(one, tuple(Applicability)) is not None][:1]
            if not behind:
                break
            step, after, wrong = self._again(report, steps[-1].after, behind, [finding])
            steps += [] if step is None else [step]
            if not wrong:
                return steps, ""
        return [], why

    @staticmethod
    def _again(
        first: Report, text: str, findings: Sequence[Finding], meant: Sequence[Finding]
    ) -> tuple[Step | None, Report | None, str]:
        """The fixes of findings, what is said after them, and why the linter is not content with that; "" if it is."""
        edits = _edits(findings)
        try:
            changed = mended(text, edits)
        except NotRewritten as why:
            return None, None, str(why)
        after = linted(changed)
        return Step(text, edits, tuple(findings), changed), after, again(first, after, changed, meant)

    @staticmethod
    def _beside(report: Report, finding: Finding) -> list[Finding]:
        """The findings of the same rule in the same function whose fixes can be made together with this one's."""
        alike = (finding.code, finding.qualified)
        others = [
            one
            for one in report.findings
            if (one.code, one.qualified) == alike and applicable(one, tuple(Applicability)) is not None
        ]
        return [others[at] for at in at_once([one.fixes[0] for one in others])]

    def _on_torch(self, finding: Finding, steps: Sequence[Step]) -> tuple[Fate, str]:
        after = ran(steps[-1].after, self.subject.drive)
        if all(one.fixes[0].applicability is Applicability.SAFE for step in steps for one in step.findings):
            return self._safe(finding, steps, after)
        broken = breaks(self.before, after)
        if broken:
            return Fate.WRONG, broken
        told = [self._reads(one, steps[at:]) for at, step in enumerate(steps) for one in step.findings[:1]]
        # of what a later fix has written over nothing stands there
        return min(told, key=lambda one: _TOLD.index(one[0]))

    def _reads(self, finding: Finding, steps: Sequence[Step]) -> tuple[Fate, str]:
        """Whether what the first of fixes has written holds what is wanted there, after all of them."""
        if finding.code not in WANTED:
            return Fate.NOT_ASKED, "what it should compute is not asked"
        wanted = WANTED[finding.code]
        thing = LOOKED_FOR.get(finding.code, Thing.STATES)
        spans = _read_at(written(steps[0].before, steps[0].edits), steps[0].edits)
        for step in steps[1:]:
            spans = [kept for one in spans if (kept := carried_on(step.before, step.edits, one)) is not None]
        held = probed(steps[-1].after, spans, self.subject.drive, thing)
        if not any(held):
            return Fate.NOT_RUN, f"no run has {thing.value} there"
        counts = HANDED.get(wanted)
        if counts and not any(one and counts(one) for some in held for call in some for one in call.handed):
            return Fate.NOT_RUN, "no run hands on a state of the call before"
        wrong = every(held, wanted)
        if wrong and self._is_found(finding, wrong, steps):
            return Fate.NOT_RUN, "another mistake stands there, which is found"
        return (Fate.WRONG, wrong) if wrong else (Fate.PROVEN, "")

    def _is_found(self, finding: Finding, wrong: str, steps: Sequence[Step]) -> bool:
        """Whether that was wrong at the place before as well, and something else than the finding is found there."""
        spans = [((one.line, one.column), (one.end_line, one.end_column)) for one in steps[0].edits]
        thing = LOOKED_FOR.get(finding.code, Thing.STATES)
        before = chain.from_iterable(probed(steps[0].before, spans, self.subject.drive, thing))
        stood = {fact.value for held in before for one in held.influence for fact in facts(one)}
        beside = linted(self.subject.text).findings
        return wrong in stood and any(one.line == finding.line and one.code != finding.code for one in beside)

    def _safe(self, finding: Finding, steps: Sequence[Step], after: Ran) -> tuple[Fate, str]:
        """The same values to the last bit, or a run where torch had raised."""
        # what is made in one place may be what torch raises on in another of the finding's
        others = [(one.line, one.column) for one in finding.related if not one.path]
        for place in ((finding.line, finding.column), *others):
            raised = stumbles(self.subject.text, place, self.subject.drive)
            if raised:
                break
        if raised and not reaches(self.subject.text, place, self.subject.drive):
            return Fate.NOT_RUN, "torch raises before it comes to that"
        if raised:
            for step in steps:
                place = moved(step.before, step.edits, *place)
            now = stumbles(steps[-1].after, place, self.subject.drive)
            return (Fate.WRONG, "it raises as before") if now else (Fate.PROVEN, "")
        if self.before.raised is not None and after.raised is None:
            return Fate.PROVEN, ""
        if raised is None:
            return Fate.NOT_RUN, "the line is not run"
        wrong = same(self.before, after)
        if wrong and finding.code in _OF_ONE:
            return self._reads(finding, steps)
        return (Fate.WRONG, wrong) if wrong else (Fate.PROVEN, "")

    @property
    def before(self) -> Ran:
        """The run of the program as it is."""
        if self._before is None:
            self._before = ran(self.subject.text, self.subject.drive)
        return self._before

    def _wrong(self, whole: Together) -> Iterator[str]:
        """What is wrong with the program after all fixes."""
        if whole.unsettled:
            yield "a second --fix changes more"
        drawn = self.subject.drawn
        if not self.torch or not whole.mended or (drawn is not None and drawn.free):
            return
        broken = breaks(self.before, ran(whole.text, self.subject.drive))
        if broken:
            yield broken
        # where everything is mended, what reaches the last Linear has nothing wrong in it any more
        if drawn is not None and not whole.left and not drawn.misread:
            truth = truth_of(replace(drawn, text=whole.text))
            kept = [fact.value for fact in truth.facts if fact in CODES]
            if truth.expected is Expected.REPORT:
                yield f"what reaches the last Linear is wrong: {min(kept, default=truth.reason)}"
            elif truth.expected is Expected.DROPPED and truth_of(drawn).expected is not Expected.DROPPED:
                yield f"it does not run any more: {truth.reason}"


def _read_at(spans: Sequence[Span], edits: Sequence[Edit]) -> Sequence[Span]:
    """The places that were written to read something there.

    A name in the place of a call that another line of the same fix makes now stands for what stood there before.
    """
    lines = " ".join(one.text for one in edits if one.text.endswith("\n"))
    names = set(re.findall(r"\w+", lines.partition("=")[0])) if lines else set()
    kept = [span for span, one in zip(spans, sorted(edits), strict=True) if one.text not in names]
    read = any(one.text not in names and not one.text.endswith("\n") for one in edits)
    return kept if read else spans


def _edits(findings: Iterable[Finding]) -> tuple[Edit, ...]:
    return tuple(sorted({edit for one in findings for edit in one.fixes[0].edits}))
