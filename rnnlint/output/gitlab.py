"""``gitlab``: a report of code quality, which GitLab compares between branches by its fingerprints."""

from __future__ import annotations

from rnnlint.diagnostics import Checked, Diagnostic
from rnnlint.output.as_json import dumped
from rnnlint.output.fingerprints import fingerprints
from rnnlint.output.levels import Level, level_of
from rnnlint.output.places import line_in_file, within

_SEVERITIES = {Level.ERROR: "major", Level.NOTE: "info"}


def text(checked: Checked) -> str:
    """An array of problems."""
    found = zip(checked.diagnostics, fingerprints(checked.diagnostics), strict=True)
    return f"{dumped([_problem(one, known) for one, known in found], indent=2)}\n"


def _problem(one: Diagnostic, fingerprint: str) -> dict[str, object]:
    place = one.place
    begin, end = (
        {"line": place.line, "column": place.column + 1},
        {"line": place.end_line, "column": place.end_column + 1},
    )
    if place.cell:  # GitLab shows the JSON, in which a line of a cell is another
        begin = end = {"line": line_in_file(place), "column": 1}
    cell = f"{within(place)}: " if place.cell else ""
    return {
        "check_name": one.code,
        "description": f"{one.code}: {cell}{one.message}",
        "fingerprint": fingerprint,
        "location": {"path": place.path, "positions": {"begin": begin, "end": end}},
        "severity": _SEVERITIES[level_of(one.code)],
    }
