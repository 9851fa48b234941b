"""Fixes on code that nobody had looked at, read by hand: how many are right (docs/fixes.md).

    python -m tools.measure.fixes [--page docs/fixes.md]

prints the section, or writes it between its markers.  ``fixes.tsv`` has every finding of some sixty files with the
verdict on it, and on its fix where it has one, as the linter was when they were read; what was wrong has been mended
since, so that the linter of today says less.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlint.findings import Applicability
from rnnlint.rules import registry
from tools.measure.figures import Share
from tools.measure.findings import VERDICTS
from tools.tsv import BadInput, rows

READ = Path(__file__).with_name("fixes.tsv")
COLUMNS = ("repository", "commit", "path", "line", "code", "verdict", "fix", "judged", "reason")
FIXES = ("right", "arguable", "wrong")
BEGIN, END = "<!-- read: written by python -m tools.measure.fixes --page -->", "<!-- end of what was read -->"


@dataclass(frozen=True, slots=True)
class Read:
    """A finding with its verdict, and of which kind its fix is with the verdict on that; "" where it has none."""

    repository: str
    path: str
    code: str
    verdict: str
    fix: str
    judged: str

    @property
    def applied(self) -> bool:
        """Whether ``--fix --unsafe-fixes`` writes it."""
        return self.fix not in ("", Applicability.DISPLAY.value)


def read(path: Path = READ) -> list[Read]:
    """The list.  Raises BadInput for what is no verdict, and for a fix without one."""
    return list(_read(path))


def _read(path: Path) -> Iterator[Read]:
    kinds = ("", *(one.value for one in Applicability))
    for where, cells in rows(path, COLUMNS):
        if cells["verdict"] not in VERDICTS or cells["fix"] not in kinds or not cells["reason"]:
            raise BadInput(f"{where}: no verdict, kind of fix or reason")
        if cells["judged"] not in (FIXES if cells["fix"] else ("",)):
            raise BadInput(f"{where}: {cells['judged']!r} is no verdict on a fix")
        yield Read(*(cells[name] for name in ("repository", "path", "code", "verdict", "fix", "judged")))


def section(found: Sequence[Read]) -> str:
    """What was read, in words and as a table of the rules."""
    files, applied = {(one.repository, one.path) for one in found}, [one for one in found if one.applied]
    judged, verdicts = Counter(one.judged for one in applied), Counter(one.verdict for one in found)
    shown = Counter(one.judged for one in found if one.fix == Applicability.DISPLAY.value)
    on = [one for one in found if registry()[one.code].on]
    quiet = Share(sum(one.verdict != "false" for one in on), len(on))
    repositories = {one.repository for one in found}
    lines = [
        f"{len(found)} findings in {len(files)} files of {len(repositories)} repositories, all rules asked:",
        f"{_counts(verdicts, VERDICTS)}. Of the rules that are on by default {quiet} are not false",
        f"(95 % interval: {quiet.interval}).",
        f"{len(applied)} have a fix that is applied: {_counts(judged, FIXES)}.",
        f"{sum(shown.values())} have one that is only shown: {_counts(shown, FIXES)}.",
        "",
        "| rule | findings | true | arguable | false | fixes | right | arguable | wrong |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for code in sorted({one.code for one in found}):
        mine = [one for one in found if one.code == code]
        fixes = [one for one in mine if one.applied]
        counts = [
            len(mine),
            *(sum(one.verdict == each for one in mine) for each in VERDICTS),
            len(fixes),
            *(sum(one.judged == each for one in fixes) for each in FIXES),
        ]
        lines.append(f"| {code} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def _counts(counted: Counter[str], names: Sequence[str]) -> str:
    return ", ".join(f"{counted[name]} {name}" for name in names)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", type=Path, help="a page with the markers")
    page: Path | None = parser.parse_args().page
    text = section(read())
    if page is None:
        print(text)
        return 0
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        print(f"{page}: the markers are not there", file=sys.stderr)
        return 2
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
