"""``github``: commands of a GitHub workflow, which become notes beside the lines of a pull request.

GitHub shows the first ten of each kind a step.  In a notebook it knows the lines of the JSON only: a finding is shown
there, and its text names the cell.
"""

from __future__ import annotations

from rnnlint.diagnostics import Checked, Diagnostic
from rnnlint.output.levels import Level, level_of
from rnnlint.output.places import line_in_file, spelled
from rnnlint.output.visible import visible

_COMMANDS = {Level.ERROR: "error", Level.NOTE: "notice"}


def text(checked: Checked) -> str:
    """``::error title=...,file=...,line=...::message``; files that could not be read as well."""
    commands = [_finding(one) for one in checked.diagnostics]
    commands += [
        f"::error title=rnnlint,file={_value(one.path)}::{_data(f'{one.path}: {one.reason}')}"
        for one in checked.refused
    ]
    return "".join(f"{command}\n" for command in commands)


def _finding(one: Diagnostic) -> str:
    place = one.place
    properties = {"title": f"rnnlint ({one.code})", "file": place.path, "line": str(line_in_file(place))}
    if not place.cell:
        properties |= {"endLine": str(max(place.line, place.end_line))}
        if place.line == place.end_line:  # GitHub has columns within one line only
            properties |= {"col": str(place.column + 1), "endColumn": str(max(place.column, place.end_column) + 1)}
    given = ",".join(f"{name}={_value(value)}" for name, value in properties.items())
    said = [f"{spelled(place)}: {one.code} {visible(one.message)}"]
    said += [f"  {spelled(other.place)}: {visible(other.message)}" for other in one.related]
    notes = (("read", one.read), ("wanted", one.wanted), ("help", one.help))
    said += [f"  {label}: {visible(words)}" for label, words in notes if words and words not in one.message]
    lines = "%0A".join(map(_data, said))
    return f"::{_COMMANDS[level_of(one.code)]} {given}::{lines}"


def _data(words: str) -> str:
    return visible(words).replace("%", "%25")


def _value(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")
