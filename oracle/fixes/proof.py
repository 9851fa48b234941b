"""What is proven of the fixes of one program."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from oracle.fixes.mending import again, mended, moved, written
from oracle.fixes.probing import every, probed
from oracle.fixes.product import Together, together
from oracle.fixes.running import breaks, ran, same, stumbles
from oracle.fixes.subjects import Subject
from oracle.fixes.wanted import WANTED
from oracle.programs.verdict import CODES, Expected, truth_of
from oracle.variations.running import Ran
from rnnlint.checking.rewriting import NotRewritten
from rnnlint.findings import Applicability, Finding, Fix
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
        if len(finding.fixes) > 1 or finding.fixes[0].applicability is Applicability.DISPLAY:
            return Tried(name, finding, Fate.DISPLAY)
        (fix,) = finding.fixes
        try:
            text = mended(self.subject.text, fix.edits)
        except NotRewritten as why:
            return Tried(name, finding, Fate.REFUSED, str(why))
        wrong = again(report, linted(text), text, finding)
        if wrong:
            return Tried(name, finding, Fate.REFUSED, wrong)
        if not self.torch:
            return Tried(name, finding, Fate.NOT_ASKED)
        return Tried(name, finding, *self._on_torch(finding, fix, text))

    def _on_torch(self, finding: Finding, fix: Fix, text: str) -> tuple[Fate, str]:
        after = ran(text, self.subject.drive)
        if fix.applicability is Applicability.SAFE:
            return self._safe(finding, fix, text, after)
        broken = breaks(self.before, after)
        if broken:
            return Fate.WRONG, broken
        if finding.code not in WANTED:
            return Fate.NOT_ASKED, "what it should compute is not asked"
        held = probed(text, written(self.subject.text, fix.edits), self.subject.drive)
        if not any(held):
            return Fate.NOT_RUN, "no states arrive there in a run"
        wrong = every(held, WANTED[finding.code])
        return (Fate.WRONG, wrong) if wrong else (Fate.PROVEN, "")

    def _safe(self, finding: Finding, fix: Fix, text: str, after: Ran) -> tuple[Fate, str]:
        """The same values to the last bit, or a run where torch had raised."""
        place = finding.line, finding.column
        raised = stumbles(self.subject.text, place, self.subject.drive)
        if raised:
            now = stumbles(text, moved(self.subject.text, fix.edits, *place), self.subject.drive)
            return (Fate.WRONG, "it raises as before") if now else (Fate.PROVEN, "")
        if self.before.raised is not None and after.raised is None:
            return Fate.PROVEN, ""
        if raised is None:
            return Fate.NOT_RUN, "the line is not run"
        wrong = same(self.before, after)
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
        if not self.torch or not whole.mended:
            return
        broken = breaks(self.before, ran(whole.text, self.subject.drive))
        if broken:
            yield broken
        drawn = self.subject.drawn
        # where everything is mended, what reaches the last Linear has nothing wrong in it any more
        if drawn is not None and not whole.left and not drawn.misread:
            from dataclasses import replace

            truth = truth_of(replace(drawn, text=whole.text))
            facts = [fact.value for fact in truth.facts if fact in CODES]
            if truth.expected is Expected.REPORT:
                yield f"what reaches the last Linear is wrong: {min(facts, default=truth.reason)}"
            elif truth.expected is Expected.DROPPED and truth_of(drawn).expected is not Expected.DROPPED:
                yield f"it does not run any more: {truth.reason}"
