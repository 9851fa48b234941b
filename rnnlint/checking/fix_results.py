"""Whether fixes hold: what is found after them, beside what was found before."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from rnnlint.checking.plan import Done
from rnnlint.checking.reaching import was_cut_off
from rnnlint.checking.said import FileSaid, Reported
from rnnlint.findings import Finding, Fix
from rnnlint.frozen import dataclass

Key = tuple[str, str, str]  # code, expression, and the function around: what a finding is known again by
Line = tuple[str, int, str]
"""A file's absolute path, a line of it, and a rule's code."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is reported, and of every file that was looked at what the analysis says, by its absolute path."""

    done: Done

    @property
    def reported(self) -> tuple[Reported, ...]:
        """The findings that no baseline knows."""
        return self.done.reported

    @property
    def files(self) -> dict[str, FileSaid]:
        """By absolute paths."""
        return {one.file.path: one for one in self.done.files}


@dataclass(frozen=True, slots=True)
class Try:
    """A finding that is reported, and its fix; ``path`` is absolute.

    ``others`` are the fixes that would give it another meaning.
    """

    path: str
    reported: Reported
    finding: Finding
    fix: Fix
    others: tuple[Fix, ...] = ()

    @property
    def known(self) -> tuple[str, Key]:
        """What it is known again by once other findings are mended."""
        return self.path, key_of(self.finding)

    @property
    def at(self) -> Line:
        """Where it stands."""
        return os.path.realpath(self.path), self.finding.line, self.finding.code

    @property
    def line(self) -> str:
        """How a line about it begins."""
        return f"{self.reported.file.file.source.path}:{self.finding.line}: {self.finding.code}"


def place_of(one: Try) -> tuple[str, str, str]:
    """The function that a finding is in, and what is found there."""
    return one.path, one.finding.code, one.finding.qualified


@dataclass(frozen=True, slots=True)
class Made:
    """What is reported after fixes, and the contents of files with them."""

    after: Checked
    contents: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why fixes do not hold ("" where they do), which of them it is known of, and what is found ``after`` them.

    ``elsewhere``: what is wrong then is not what follows them; it stands before them, or nobody knows where.
    """

    why: str = ""
    those: tuple[Try, ...] = ()
    after: Checked | None = None
    elsewhere: bool = False


def wrong_with(now: Checked, after: Checked, path: str, ones: Sequence[Try], content: bytes) -> Wrong:
    """What is wrong with a file after fixes."""
    said, there = after.files.get(path), now.files[path].result.report
    report = None if said is None or said.result.refused else said.result.report
    if report is None or report.not_analysed is not None:
        return Wrong("the file could not be read any more")
    if len(report.internal) > len(there.internal) or report.modules.understood < there.modules.understood:
        return Wrong("less of the file would be understood", elsewhere=True)
    if report.modules.raising > there.modules.raising:
        return Wrong("torch would raise then", elsewhere=True)
    left, before = counted(after, path), counted(now, path)
    meant = Counter(key_of(one.finding) for one in ones)
    stay = {key for key, count in meant.items() if left[key] > before[key] - count}
    if stay:
        return Wrong("it would still be found", tuple(one for one in ones if key_of(one.finding) in stay))
    new = _new(before, left, meant)
    lines = [one.line for one in _findings(after, path) if key_of(one) in new]
    if new and not _only_reached(ones, content, lines):
        around = {qualified for _, _, qualified in new}
        those = tuple(one for one in ones if one.finding.qualified in around)
        ahead = max(lines) < min(one.finding.line for one in ones)
        return Wrong(f"{min(new)[0]} would be found then", those, elsewhere=ahead)
    lost, was_lost = (sum(one.count for one in each.unknown) for each in (report, there))
    # behind an exception nothing was followed that could be lost
    ended = all(one.finding.raises for one in ones)
    return Wrong("less of the file would be followed") if lost > was_lost and not ended else Wrong()


def _only_reached(ones: Sequence[Try], content: bytes, lines: Sequence[int]) -> bool:
    """Whether what is new stands where nothing was looked at, since what is mended had raised before it."""
    edits = sorted({edit for one in ones for edit in one.fix.edits})
    return was_cut_off(content, [(one.finding, one.fix) for one in ones], edits, lines)


def _findings(checked: Checked, path: str) -> list[Finding]:
    return [one.finding for one in checked.reported if one.finding and one.file.file.path == path]


def key_of(finding: Finding) -> Key:
    """What a finding is known again by, wherever its line has moved."""
    return finding.code, finding.expression, finding.qualified


def counted(checked: Checked, path: str) -> Counter[Key]:
    """How often each is reported in a file."""
    return Counter(map(key_of, _findings(checked, path)))


def raising(checked: Checked, path: str) -> int:
    """In how many declared configurations a file raises; more than any where it could not be read."""
    said = checked.files.get(path)
    return sys.maxsize if said is None or said.result.refused else said.result.report.modules.raising


def _new(before: Counter[Key], left: Counter[Key], meant: Counter[Key]) -> Counter[Key]:
    """What is found for the first time: not where as many of a rule's findings in a function are mended or gone.

    They are told of other expressions then: that a batch is padded is said of the call where nothing reads the output.
    """
    was, now, wanted = (_by_function(some) for some in (before, left, meant))
    return Counter(
        {
            key: count
            for key, count in (left - before).items()
            if now[key[0], key[2]] > was[key[0], key[2]] - wanted[key[0], key[2]]
        }
    )


def _by_function(some: Counter[Key]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for (code, _, qualified), count in some.items():
        found[code, qualified] += count
    return found


def wrong_elsewhere(now: Checked, after: Checked, contents: Collection[str]) -> str:
    """What is new in files that were not changed, and use those that were; "" where nothing is."""
    for path in {one.file.file.path for one in after.reported} - set(contents):
        new = counted(after, path) - counted(now, path)
        if new:
            return f"{min(new)[0]} would be found in {after.files[path].file.source.path} then"
    return ""
