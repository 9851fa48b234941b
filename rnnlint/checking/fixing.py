"""``--fix``: what is found is mended in memory, and kept only where the mended files are better.

After fixes the files are checked again.  What was made is kept where its findings are gone, nothing new is found and no
more is lost to the analysis than before.  Where that does not hold of all that can be made at once, it is asked of
fewer; what does not hold by itself is not made, and named.  A mistake that another one has hidden is mended with it.
Of several fixes of one finding each is tried by itself: one that alone holds fits what follows, and is made, unless
another is refused for what is wrong elsewhere.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field, replace
from typing import Protocol

from rnnlint.checking.fix_results import (
    Checked,
    Key,
    Line,
    Made,
    Try,
    Wrong,
    counted,
    key_of,
    place_of,
    raising,
    wrong_elsewhere,
    wrong_with,
)
from rnnlint.checking.rewriting import NotRewritten, rewritten
from rnnlint.checking.said import Reported
from rnnlint.findings import Applicability, Edit, Finding, Fix
from rnnlint.fixing.applying import together
from rnnlint.frozen import dataclass

_LEAST, _FINDINGS = 3, 5_000
"""How often files are checked again in one run: so often in any case, and until so many findings were looked at again.

What a check costs grows with the findings, some hundredths of a second each: that is some minutes at the most where
there are thousands, and more tries than are needed where there are some.
"""

_BEHIND = 2
"""How many mistakes are mended that one behind the other have hidden: each takes a check more."""

Check = Callable[[Mapping[str, bytes]], "Checked"]
"""What is said of the files that were asked for, with other contents of some, by their absolute paths."""


class Rewrite(Protocol):
    """A file's content after edits of its text.  Raises NotRewritten."""

    def __call__(self, content: bytes, edits: Sequence[Edit], *, notebook: bool) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Mended:
    """A finding that was mended: where it was, and how."""

    path: str  # as it is shown
    line: int
    code: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was done: the new ``contents`` of files by their absolute paths, and what they were ``before``.

    ``refused`` says what was not fixed and why, in one line each; ``untried`` is how many findings were left where
    files were not checked once more.
    """

    contents: Mapping[str, bytes] = field(default_factory=dict)
    before: Mapping[str, bytes] = field(default_factory=dict)
    mended: tuple[Mended, ...] = ()
    refused: tuple[str, ...] = ()
    untried: int = 0


class Fixing:
    """One run of ``--fix`` or ``--diff``; ``check``, ``read`` and ``rewrite`` are how that is done to files.

    ``only`` these findings are mended, by the lines on which they are at first; None for all.
    """

    def __init__(
        self,
        check: Check,
        read: Callable[[str], bytes],
        *,
        unsafe: bool,
        only: Collection[Line] | None = None,
        rewrite: Rewrite | None = None,
    ) -> None:
        self._check, self._read, self._rewrite = check, read, rewrite or rewritten
        self._only = only
        self._applicable = {Applicability.SAFE, *([Applicability.UNSAFE] if unsafe else [])}
        self._before: dict[str, bytes] = {}
        self._contents: dict[str, bytes] = {}
        self._mended: list[Mended] = []
        self._failed: Counter[tuple[str, Key]] = Counter()
        self._why: list[str] = []
        self._checks = self._looked_at = 0

    def fixed(self, first: Checked) -> tuple[Fixed, Checked]:
        """Mend what is reported; what was done, and what is reported then.

        It ends: what is kept leaves fewer findings, or others that stand only behind it, and what fails is not tried
        again.
        """
        now = first
        if self._only is not None:
            self._failed.update(one.known for one in self._wanted(first) if one.at not in self._only)
        while (tries := self._wanted(now)) and not self._spent():
            now = self._some(now, tries)
        contents = {path: new for path, new in self._contents.items() if new != self._before[path]}
        return Fixed(contents, self._before, tuple(self._mended), tuple(sorted(set(self._why))), len(tries)), now

    def holding(self, first: Checked, one: Reported, fix: Fix) -> tuple[Fix, ...]:
        """The fixes with which one of a finding would be kept: it alone, else beside others of its function; or none.

        Of one for display, which is never made here, it is asked by itself.
        """
        if one.finding is None:
            return ()
        this = Try(one.file.file.path, one, one.finding, fix)
        tries = [[this]]
        if applicable(one.finding, self._applicable) is not None:
            others = (other for other in self._wanted(first) if other.reported is not one and not other.others)
            tries.append(_at_once([this, *(other for other in others if place_of(other) == place_of(this))]))
        for some in tries if len(tries[-1]) > 1 else tries[:1]:
            if not isinstance(self._tried(first, some), Wrong):
                return tuple(each.fix for each in some)
        return ()

    def _wanted(self, now: Checked) -> list[Try]:
        """What is left to be tried, in the order of the files."""
        wanted = []
        failed = self._failed.copy()
        for one in now.reported:
            fixes = self._choice(one.finding)
            if one.finding is None or not fixes:
                continue
            tried = Try(one.file.file.path, one, one.finding, fixes[0], fixes[1:])
            # of several that are known again by the same, the first are those that have failed: the ones before them
            # are mended by now
            if failed[tried.known] > 0:
                failed[tried.known] -= 1
            else:
                wanted.append(tried)
        return wanted

    def _choice(self, finding: Finding | None) -> tuple[Fix, ...]:
        """The fixes of a finding that may be applied: one, or several of which one may be found to be meant."""
        fix = applicable(finding, self._applicable)
        if fix is not None or finding is None:
            return () if fix is None else (fix,)
        # what is chosen for somebody changes numbers, whatever it is by itself
        several = len(finding.fixes) > 1 and Applicability.UNSAFE in self._applicable
        return finding.fixes if several else ()

    def _chosen(self, now: Checked, one: Try) -> Checked:
        """Make the one of several fixes that holds; where another does too, none is, and it is named.

        Nor where another is refused for what is wrong elsewhere then: that says nothing of what follows, and would have
        to be changed with it.
        """
        held: list[tuple[Try, Made]] = []
        why, elsewhere = "", ""
        for fix in (one.fix, *one.others):
            this = replace(one, fix=fix, others=())
            made = self._tried(now, [this])
            if isinstance(made, Wrong):
                why = why or made.why
                elsewhere = elsewhere or (made.why if made.elsewhere else "")
            else:
                held.append((this, made))
            if self._spent():  # of the others nobody knows
                return now
        if len(held) == 1 and not elsewhere:
            ((this, made),) = held
            return self._kept(made, [this])
        self._failed[one.known] += 1
        reason = f"{len(held)} fixes hold, and nothing shows which is meant" if len(held) > 1 else elsewhere or why
        self._why.append(f"{one.line} is not fixed: {reason}")
        return now

    def _some(self, now: Checked, tries: Sequence[Try]) -> Checked:
        """Make what can be made at once, or less of that, and so on; one that does not hold alone is named."""
        # what is chosen among several is so by what follows: that is mended first
        single = [one for one in tries if not one.others]
        if not single:
            return self._chosen(now, tries[0])
        ones = _at_once(single)
        while True:
            made = self._tried(now, ones)
            if not isinstance(made, Wrong):
                return self._kept(made, ones)
            wrong = made
            if len(ones) == 1:
                break
            if self._spent():
                return now
            rest = [one for one in ones if one not in wrong.those]
            ones = rest if rest and len(rest) < len(ones) else ones[: len(ones) // 2]
        (one,) = ones
        # halves of one mistake, which only mended together leave nothing to be said
        beside = _at_once([other for other in single if place_of(other) == place_of(one)])
        if len(beside) > 1:
            made = self._tried(now, beside)
            if not isinstance(made, Wrong):
                return self._kept(made, beside)
        after = self._onwards(now, one, wrong.after)
        if after is not None:
            return after
        self._failed[one.known] += 1
        self._why.append(f"{one.line} is not fixed: {wrong.why}")
        return now

    def _onwards(self, now: Checked, one: Try, after: Checked | None) -> Checked | None:
        """Make a fix together with those of what is found only ``after`` it, in its file; None where that fails too."""
        there, done, raised = counted(now, one.path), [one], raising(now, one.path)
        try:
            contents = {one.path: self._rewritten(one.path, [one])}
            # what torch raises on only then was not hidden by the mistake: the fix does not fit what follows
            while after is not None and raising(after, one.path) <= raised and len(done) <= _BEHIND:
                if self._spent():
                    return None
                new = [each for each in self._wanted(after) if each.path == one.path and not each.others]
                behind = _at_once([each for each in new if not there[key_of(each.finding)]])[:1]
                if not behind:
                    return None
                done += behind
                edits = sorted(behind[0].fix.edits)
                notebook = one.path.endswith(".ipynb")
                contents = {one.path: self._rewrite(contents[one.path], edits, notebook=notebook)}
                after = self._checked(now, contents)
                wrong = wrong_with(now, after, one.path, [one], contents[one.path])
                if not wrong.why and not wrong_elsewhere(now, after, contents):
                    return self._kept(Made(after, contents), done)
        except NotRewritten:
            pass
        return None

    def _tried(self, now: Checked, ones: Sequence[Try]) -> Made | Wrong:
        """Fixes made at once, or why they do not hold."""
        by_file: dict[str, list[Try]] = {}
        for one in ones:
            by_file.setdefault(one.path, []).append(one)
        contents: dict[str, bytes] = {}
        for path, some in by_file.items():
            try:
                contents[path] = self._rewritten(path, some)
            except NotRewritten as why:
                return Wrong(str(why), tuple(some))
        after = self._checked(now, contents)
        for path, some in by_file.items():
            wrong = wrong_with(now, after, path, some, contents[path])
            if wrong.why:
                return replace(wrong, after=after)
        elsewhere = wrong_elsewhere(now, after, contents)
        return Wrong(elsewhere) if elsewhere else Made(after, contents)

    def _kept(self, made: Made, ones: Sequence[Try]) -> Checked:
        self._contents.update(made.contents)
        self._mended += map(_mended, ones)
        return made.after

    def _rewritten(self, path: str, ones: Sequence[Try]) -> bytes:
        content = self._contents.get(path)
        if content is None:
            try:
                content = self._before[path] = self._read(path)
            except OSError as error:
                raise NotRewritten(error.strerror or str(error)) from error
            if hashlib.sha256(content).hexdigest() != ones[0].reported.file.file.source.digest:
                raise NotRewritten("it has changed meanwhile")
        edits = sorted({edit for one in ones for edit in one.fix.edits})
        return self._rewrite(content, edits, notebook=path.endswith(".ipynb"))

    def _checked(self, now: Checked, contents: Mapping[str, bytes]) -> Checked:
        self._checks += 1
        self._looked_at += len(now.reported)
        return self._check({**self._contents, **contents})

    def _spent(self) -> bool:
        return self._checks >= _LEAST and self._looked_at >= _FINDINGS


def applicable(finding: Finding | None, which: Collection[Applicability]) -> Fix | None:
    """The fix of a finding that may be applied."""
    fixes = () if finding is None else finding.fixes
    # of several nobody knows which was meant before they are tried
    return fixes[0] if len(fixes) == 1 and fixes[0].applicability in which else None


def _at_once(tries: Sequence[Try]) -> list[Try]:
    """Of fixes that overlap the first."""
    by_file: dict[str, list[Try]] = {}
    for one in tries:
        by_file.setdefault(one.path, []).append(one)
    return [some[at] for some in by_file.values() for at in together([one.fix for one in some])]


def _mended(one: Try) -> Mended:
    finding = one.finding
    return Mended(one.reported.file.file.source.path, finding.line, finding.code, finding.name, one.fix.title)
