"""What is said of a whole run: how many findings of which rule, in how many files, and what could not be read."""

from __future__ import annotations

from collections import Counter

from rnnlint.diagnostics import Checked
from rnnlint.output.formats import Format
from rnnlint.output.styles import Look, Style
from rnnlint.output.visible import visible

AS_JSON = (Format.JSON, Format.JSON_LINES)
"""The formats in which statistics are JSON too."""


def summary(checked: Checked) -> str:
    """One line: ``Found 3 mistakes in 2 of 12 files.``; what could not be read is never passed over."""
    found, read = len(checked.diagnostics), _count(checked.files, "file")
    if found:
        among = len({one.place.path for one in checked.diagnostics})
        said = f"{_count(found, 'finding')} in {among} of {read}"
    else:
        said = f"No findings in {read}"
    if checked.refused:
        said += f"; {len(checked.refused)} could not be read"
    return f"{said}.\n"


def refusals(checked: Checked) -> str:
    """A line for each file (or another thing) of which nothing can be said."""
    lines = (f"rnnlint check: {one.path}: {one.reason}" if one.path else one.reason for one in sorted(checked.refused))
    return "".join(f"{visible(line)}\n" for line in lines)


def statistics(checked: Checked, form: Format, look: Look) -> str:
    """``count CODE name``, as ruff prints it: a line for each rule, the most frequent first; or the same as JSON."""
    counts = Counter((one.code, one.name) for one in checked.diagnostics)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    if form in AS_JSON:
        from rnnlint.output.as_json import dumped

        objects = [{"code": code, "count": count, "name": name} for (code, name), count in rows]
        lines = (dumped(objects, indent=2),) if form is Format.JSON else map(dumped, objects)
        return "".join(f"{line}\n" for line in lines)
    wide = max((len(str(count)) for count in counts.values()), default=0)
    return "".join(f"{count:>{wide}} {look.paint(code, Style.CODE)} {visible(name)}\n" for (code, name), count in rows)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
