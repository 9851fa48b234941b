"""What is proven of the fixes of one program."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from oracle.fixes.mending import again, mended, moved, written
from oracle.fixes.probing import Thing, every, probed
from oracle.fixes.product import Together, together
from oracle.fixes.running import breaks, ran, same, stumbles
from oracle.fixes.subjects import Subject
from oracle.fixes.wanted import LOOKED_FOR, WANTED, carried
from oracle.programs.verdict import CODES, Expected, truth_of
from oracle.variations.running import Ran
from rnnlint.checking.fixing import applicable
from rnnlint.checking.rewriting import NotRewritten
from rnnlint.findings import Applicability, Edit, Finding, Fix
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
        (fix,) = finding.fixes
        fate, why, text = self._again(report, [finding])
        edits = fix.edits
        if fate is Fate.REFUSED:
            # halves of one mistake, which only mended together leave nothing to be said
            beside = self._beside(report, finding)
            both, _, changed = self._again(report, beside) if len(beside) > 1 else (fate, why, text)
            if both is Fate.REFUSED:
                return Tried(name, finding, fate, why)
            text, edits = changed, _edits(beside)
        if not self.torch:
            return Tried(name, finding, Fate.NOT_ASKED)
        return Tried(name, finding, *self._on_torch(finding, fix, text, edits))

    def _chosen(self, report: Report, finding: Finding) -> Finding | None:
        """A finding with its one fix: of several the one that leaves the linter content, None where others do too."""
        if len(finding.fixes) == 1:
            return finding
        ones = [replace(finding, fixes=(fix,)) for fix in finding.fixes]
        held = [one for one in ones if self._again(report, [one])[0] is not Fate.REFUSED]
        if len(held) != 1:
            return None
        return replace(held[0], fixes=(replace(held[0].fixes[0], applicability=Applicability.UNSAFE),))

    def _again(self, report: Report, findings: Sequence[Finding]) -> tuple[Fate, str, str]:
        """Whether the linter is content with the text after the fixes of findings, why not, and the text."""
        try:
            text = mended(self.subject.text, _edits(findings))
        except NotRewritten as why:
            return Fate.REFUSED, str(why), ""
        wrong = again(report, linted(text), text, findings)
        return (Fate.REFUSED, wrong, text) if wrong else (Fate.NOT_ASKED, "", text)

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

    def _on_torch(self, finding: Finding, fix: Fix, text: str, edits: Sequence[Edit]) -> tuple[Fate, str]:
        drawn = self.subject.drawn
        if drawn is not None and drawn.free:
            return Fate.NOT_ASKED, drawn.free
        after = ran(text, self.subject.drive)
        if fix.applicability is Applicability.SAFE:
            return self._safe(finding, fix, text, after)
        broken = breaks(self.before, after)
        if broken:
            return Fate.WRONG, broken
        return self._reads(finding, text, edits)

    def _reads(self, finding: Finding, text: str, edits: Sequence[Edit]) -> tuple[Fate, str]:
        """Whether what the fix has written holds what is wanted there."""
        if finding.code not in WANTED:
            return Fate.NOT_ASKED, "what it should compute is not asked"
        wanted = WANTED[finding.code]
        thing = LOOKED_FOR.get(finding.code, Thing.STATES)
        held = probed(text, written(self.subject.text, edits), self.subject.drive, thing)
        if not any(held):
            return Fate.NOT_RUN, f"no run has {thing.value} there"
        if wanted is carried and not any(state is not None for some in held for one in some for state in one.handed):
            return Fate.NOT_RUN, "no run hands on a state of the call before"
        wrong = every(held, wanted)
        return (Fate.WRONG, wrong) if wrong else (Fate.PROVEN, "")

    def _safe(self, finding: Finding, fix: Fix, text: str, after: Ran) -> tuple[Fate, str]:
        """The same values to the last bit, or a run where torch had raised."""
        # what is made in one place may be what torch raises on in another of the finding's
        others = [(one.line, one.column) for one in finding.related if not one.path]
        for place in ((finding.line, finding.column), *others):
            raised = stumbles(self.subject.text, place, self.subject.drive)
            if raised:
                break
        if raised:
            now = stumbles(text, moved(self.subject.text, fix.edits, *place), self.subject.drive)
            return (Fate.WRONG, "it raises as before") if now else (Fate.PROVEN, "")
        if self.before.raised is not None and after.raised is None:
            return Fate.PROVEN, ""
        if raised is None:
            return Fate.NOT_RUN, "the line is not run"
        wrong = same(self.before, after)
        if wrong and finding.code in _OF_ONE:
            return self._reads(finding, text, fix.edits)
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
            facts = [fact.value for fact in truth.facts if fact in CODES]
            if truth.expected is Expected.REPORT:
                yield f"what reaches the last Linear is wrong: {min(facts, default=truth.reason)}"
            elif truth.expected is Expected.DROPPED and truth_of(drawn).expected is not Expected.DROPPED:
                yield f"it does not run any more: {truth.reason}"


def _edits(findings: Iterable[Finding]) -> tuple[Edit, ...]:
    return tuple(sorted({edit for one in findings for edit in one.fixes[0].edits}))
