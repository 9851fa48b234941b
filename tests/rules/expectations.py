"""What a fixture says of itself.

``# error: [RNN102] "part of the message"`` at the end of the line where the finding stands, or on a line of its own
above it (several: one line each); a column from 1 may stand before the code.  ``# ok: reason`` marks a line that looks
wrong and is not.  ``# torch raises TypeError`` as the first line: the program ends so.  Everything reported must be
announced, and everything announced reported.
"""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rnnlint.findings import Finding
from rnnlint.linter import lint
from rnnlint.report import Report

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

_ERROR = re.compile(r'# error:(?: (?P<column>\d+))? \[(?P<code>RNN\d{3})\](?: "(?P<part>[^"]*)")?')
_OK = re.compile(r"# ok:(?P<reason>.*)$")
_RAISES = re.compile(r"# torch raises (\w+)\n")


@dataclass(frozen=True, slots=True)
class Expected:
    """An announced finding.  ``column`` counts from 1, None for any."""

    line: int
    code: str
    part: str = ""
    column: int | None = None

    def meets(self, finding: Finding) -> bool:
        here = (self.line, self.code) == (finding.line, finding.code) and self.part in finding.message
        return here and self.column in (None, finding.column + 1)


def expected(text: str) -> list[Expected]:
    """The findings a fixture announces.  Raises ValueError for a comment that is nearly one."""
    found: list[Expected] = []
    above: list[re.Match[str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        matches = list(_ERROR.finditer(line))
        if len(matches) != line.count("# error"):
            raise ValueError(f"line {number}: not an announcement: {line.strip()}")
        if line.lstrip().startswith("# error"):
            above += matches
            continue
        for match in (*above, *matches):
            column = int(match["column"]) if match["column"] else None
            found.append(Expected(number, match["code"], match["part"] or "", column))
        above.clear()
    return found


def reasons(text: str) -> dict[int, str]:
    """The lines marked right, with their reason ("" where it is missing)."""
    matches = {number: _OK.search(line) for number, line in enumerate(text.splitlines(), start=1)}
    return {number: match["reason"].strip() for number, match in matches.items() if match}


def raised(text: str) -> str | None:
    """The exception the program ends with, None where it runs through."""
    match = _RAISES.match(text)
    return match[1] if match else None


def mismatches(text: str, findings: Iterable[Finding]) -> list[str]:
    """What was announced and not reported, and the other way round; one line each."""
    left = list(findings)
    out: list[str] = []
    for want in expected(text):
        met = next((finding for finding in left if want.meets(finding)), None)
        if met is None:
            out.append(f"{want.line} | announced | {want.code} {want.part}")
        else:
            left.remove(met)
    return out + [f"{finding.line} | reported | {finding.code} {finding.message}" for finding in left]


def fixtures(folder: str) -> list[Path]:
    """The fixture files below ``fixtures/folder``."""
    return sorted((FIXTURES / folder).rglob("*.py"))


@cache
def linted(path: Path) -> Report:
    """What is said of a file as it stands, linted once a run: a dozen tests ask it of every fixture.

    Workers hand it to each other through a folder that ``tests/conftest.py`` makes for the run.
    """
    folder = os.environ.get("RNNLINT_TESTS_SHARE") if "PYTEST_XDIST_WORKER" in os.environ else None
    if folder is None:
        return lint(path.read_text(encoding="utf-8"), str(path))
    kept = Path(folder, "+".join(path.parts[1:]))
    if kept.exists():
        found: Report = pickle.loads(kept.read_bytes())
        return found
    report = lint(path.read_text(encoding="utf-8"), str(path))
    half = kept.with_suffix(f".{os.getpid()}")
    half.write_bytes(pickle.dumps(report))
    half.replace(kept)  # whole, or not there
    return report


def named(path: Path) -> str:
    """A fixture's name in a report of the tests."""
    return path.relative_to(FIXTURES).as_posix()
