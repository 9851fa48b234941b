"""``--fix``: what is found is mended in memory, round by round, and kept only where the mended file is better.

After each round the files are checked again.  A fix is kept where its finding is gone, nothing new is found and no more
is lost to the analysis than before; what does not hold that is taken back, and named.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field

from rnnlint.checking.rewriting import NotRewritten, rewritten
from rnnlint.checking.said import FileSaid, Reported
from rnnlint.findings import Applicability, Finding, Fix
from rnnlint.fixing.applying import together
from rnnlint.frozen import dataclass

_ROUNDS = 10  # of fixes that make room for others: none of ours needs more than three
_CHECKS = 100  # of a project in one run: where fixes fail, each is tried by itself

Key = tuple[str, str, str]  # code, expression, and the function around: what a finding is known again by
Check = Callable[[Mapping[str, bytes]], "Checked"]
"""What is said of the files that were asked for, with other contents of some, by their absolute paths."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is reported, and of every file that was looked at what the analysis says, by its absolute path."""

    reported: tuple[Reported, ...]
    files: Mapping[str, FileSaid]


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
    """What was done: the new ``contents`` of files by their absolute paths, and what is left in these."""

    contents: Mapping[str, bytes] = field(default_factory=dict)
    before: Mapping[str, bytes] = field(default_factory=dict)
    mended: tuple[Mended, ...] = ()
    refused: tuple[str, ...] = ()  # what was not fixed, and why, in one line each


_Try = tuple[Reported, Fix]


class Fixing:
    """One run of ``--fix`` or ``--diff``; ``check`` and ``read`` are how files are checked and read."""

    def __init__(self, check: Check, read: Callable[[str], bytes], *, unsafe: bool) -> None:
        self._check, self._read = check, read
        self._applicable = {Applicability.SAFE, *([Applicability.UNSAFE] if unsafe else [])}
        self._before: dict[str, bytes] = {}
        self._contents: dict[str, bytes] = {}
        self._mended: list[Mended] = []
        self._failed: dict[tuple[str, Key], str] = {}
        self._checks = 0

    def fixed(self, first: Checked) -> tuple[Fixed, Checked]:
        """Mend what is reported; what was done, and what is reported then."""
        now = first
        for _ in range(_ROUNDS):
            tries = self._wanted(now)
            if not tries or self._checks >= _CHECKS:
                break
            now, whole = self._round(now, tries)
            if not whole:
                for path, ones in tries.items():
                    for one in ones:
                        now = self._alone(now, path, one)
        contents = {path: new for path, new in self._contents.items() if new != self._before[path]}
        refused = sorted(set(self._failed.values()))
        return Fixed(contents, self._before, tuple(self._mended), tuple(refused)), now

    def _wanted(self, now: Checked) -> dict[str, list[_Try]]:
        """The fixes of a round, by the absolute paths of their files: of those that overlap the first."""
        by_file: dict[str, list[_Try]] = {}
        for one in now.reported:
            fix = applicable(one.finding, self._applicable)
            if one.finding is not None and fix is not None and self._named(one) not in self._failed:
                by_file.setdefault(one.file.file.path, []).append((one, fix))
        return {path: [ones[at] for at in together([fix for _, fix in ones])] for path, ones in by_file.items()}

    def _round(self, now: Checked, tries: Mapping[str, list[_Try]]) -> tuple[Checked, bool]:
        """Make fixes all at once; whether they hold.  Of files in which any does not, nothing is kept."""
        contents: dict[str, bytes] = {}
        for path, ones in tries.items():
            try:
                contents[path] = self._rewritten(path, ones)
            except NotRewritten:
                return now, False
        after = self._checked(contents)
        if any(self._wrong(now, after, path, ones) for path, ones in tries.items()) or _elsewhere(now, after, contents):
            return now, False
        self._keep(contents, (one for ones in tries.values() for one in ones))
        return after, True

    def _alone(self, now: Checked, path: str, one: _Try) -> Checked:
        """Make one fix by itself, if it is still asked for; what is wrong with it is kept."""
        current = next((other for other in now.reported if self._named(other) == self._named(one[0])), None)
        fix = None if current is None else applicable(current.finding, self._applicable)
        if current is None or fix is None or self._checks >= _CHECKS:
            return now
        try:
            contents = {path: self._rewritten(path, [(current, fix)])}
        except NotRewritten as why:
            return self._refuse(current, str(why), now)
        after = self._checked(contents)
        wrong = self._wrong(now, after, path, [(current, fix)]) or _elsewhere(now, after, contents)
        if wrong:
            return self._refuse(current, wrong, now)
        self._keep(contents, [(current, fix)])
        return after

    def _refuse(self, one: Reported, why: str, now: Checked) -> Checked:
        assert one.finding is not None
        path = one.file.file.source.path
        self._failed[self._named(one)] = f"{path}:{one.finding.line}: {one.finding.code} is not fixed: {why}"
        return now

    def _rewritten(self, path: str, ones: Iterable[_Try]) -> bytes:
        content = self._contents.get(path)
        if content is None:
            try:
                content = self._before[path] = self._read(path)
            except OSError as error:
                raise NotRewritten(error.strerror or str(error)) from error
        edits = sorted({edit for _, fix in ones for edit in fix.edits})
        first = next(iter(ones))[0] if isinstance(ones, list) else None
        if first is not None and hashlib.sha256(content).hexdigest() != first.file.file.source.digest:
            raise NotRewritten("it has changed meanwhile")
        return rewritten(content, edits, notebook=path.endswith(".ipynb"))

    def _checked(self, contents: Mapping[str, bytes]) -> Checked:
        self._checks += 1
        return self._check({**self._contents, **contents})

    def _keep(self, contents: Mapping[str, bytes], ones: Iterable[_Try]) -> None:
        self._contents.update(contents)
        for one, fix in ones:
            assert one.finding is not None
            path, finding = one.file.file.source.path, one.finding
            self._mended.append(Mended(path, finding.line, finding.code, finding.name, fix.title))

    def _wrong(self, now: Checked, after: Checked, path: str, ones: Collection[_Try]) -> str:
        """What is wrong with a file after fixes; "" where all of them hold."""
        report = after.files[path].result.report if path in after.files else None
        before = now.files[path].result.report
        if report is None or after.files[path].result.refused or report.not_analysed is not None:
            return "the file could not be read any more"
        if len(report.internal) > len(before.internal) or report.modules.understood < before.modules.understood:
            return "less of the file would be understood"
        left, there = _counted(after, path), _counted(now, path)
        meant = Counter(self._named(one)[1] for one, _ in ones)
        if any(left[key] > there[key] - count for key, count in meant.items()):
            return "it would still be found"
        new = left - there
        return f"{min(new)[0]} would be found then" if new else ""

    @staticmethod
    def _named(one: Reported) -> tuple[str, Key]:
        assert one.finding is not None
        return one.file.file.path, _key(one.finding)


def applicable(finding: Finding | None, which: Collection[Applicability]) -> Fix | None:
    """The fix of a finding that may be applied."""
    fixes = () if finding is None else finding.fixes
    # of several nobody knows which was meant
    return fixes[0] if len(fixes) == 1 and fixes[0].applicability in which else None


def _key(finding: Finding) -> Key:
    return finding.code, finding.expression, finding.qualified


def _counted(checked: Checked, path: str) -> Counter[Key]:
    return Counter(_key(one.finding) for one in checked.reported if one.finding and one.file.file.path == path)


def _elsewhere(now: Checked, after: Checked, contents: Collection[str]) -> str:
    """What is new in files that were not changed, and use those that were; "" where nothing is."""
    for path in {one.file.file.path for one in after.reported} - set(contents):
        new = _counted(after, path) - _counted(now, path)
        if new:
            return f"{min(new)[0]} would be found in {after.files[path].file.source.path} then"
    return ""
