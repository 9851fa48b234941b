"""The table of steps in docs/cost.md: a row for each step, written by ``python -m benchmarks.steps``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from tools.tsv import BadInput

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cost.md"
BEGIN = "<!-- steps: written by python -m benchmarks.steps -->"
END = "<!-- end of the steps -->"
COLUMNS = (
    "step", "date", "Python", "files", "lines", "seconds", "over parsing", "median file", "ninety-ninth", "findings",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One step, each cell as it is written; cells with two figures are ``before to after``."""

    step: str
    date: str
    python: str
    files: str
    lines: str
    seconds: str
    summed: str
    median: str
    ninety_ninth: str
    findings: str

    @property
    def markdown(self) -> str:
        """The row of the table."""
        return f"| {' | '.join(astuple(self))} |"


def rows(text: str) -> list[Row]:
    """The rows of the table in a page's text.  Raises BadInput where there is none, or one is no row of it."""
    lines = _parts(text)[1].strip().splitlines()
    if [_cells(line) for line in lines[:1]] != [list(COLUMNS)]:
        raise BadInput(f"the table has not the columns {', '.join(COLUMNS)}")
    found = []
    for line in lines[2:]:  # the second is the rule under the header
        cells = _cells(line)
        if len(cells) != len(COLUMNS):
            raise BadInput(f"{len(cells)} cells in place of {len(COLUMNS)}: {line}")
        found.append(Row(*cells))
    return found


def with_row(text: str, row: Row) -> str:
    """A page's text with a row in the place of the one with the same step, or as the last.  Raises BadInput."""
    before, _, after = _parts(text)
    known = rows(text)
    row = replace(row, step=row.step.replace("|", "/"))  # a bar would begin a cell
    steps = [one.step for one in known]
    new = [row if one.step == row.step else one for one in known] if row.step in steps else [*known, row]
    return f"{before}{BEGIN}\n{table(new)}{END}{after}"


def table(known: Iterable[Row]) -> str:
    """The table."""
    # figures to the right, what is said to the left
    rule = ("---", "---", "---", *["--:"] * 6, "---")
    return "\n".join([f"| {' | '.join(COLUMNS)} |", f"|{'|'.join(rule)}|", *(row.markdown for row in known), ""])


def _parts(text: str) -> tuple[str, str, str]:
    before, begin, rest = text.partition(BEGIN)
    inside, end, after = rest.partition(END)
    if not begin or not end:
        raise BadInput(f"there is no {BEGIN if not begin else END}")
    return before, inside, after


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
