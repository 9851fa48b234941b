"""What is said of a whole run: how many findings of which rule, in how many files, and what could not be read."""

from __future__ import annotations

from collections import Counter

from rnnlint.diagnostics import Checked
from rnnlint.findings import Applicability
from rnnlint.output.formats import Format
from rnnlint.output.styles import Look, Style
from rnnlint.output.visible import visible

AS_JSON = (Format.JSON, Format.JSON_LINES)
"""The formats in which statistics are JSON too."""

COUNTING = (Format.FULL, Format.CONCISE, *AS_JSON)
"""The formats in which there are statistics."""


def summary(checked: Checked, mended: int = 0) -> str:
    """One line: ``3 findings in 2 of 12 files.``; what could not be read is never passed over.

    ``mended`` are others that are none any more.  A second line says what ``--fix`` would mend, where it would any.
    """
    found, read = len(checked.diagnostics), _count(checked.files, "file")
    if found:
        among = len({one.place.path for one in checked.diagnostics})
        said = f"{_count(found, 'finding')} in {among} of {read}"
    else:
        said = f"No findings in {read}"
    if checked.refused:
        said += f"; {len(checked.refused)} could not be read"
    if mended:
        said += f"; {mended} fixed"
    return f"{said}.\n{_fixable(checked)}"


def _fixable(checked: Checked) -> str:
    """What ``--fix`` would mend, and with ``--unsafe-fixes``."""
    single = Counter(one.fixes[0].applicability for one in checked.diagnostics if len(one.fixes) == 1)
    safe, unsafe = single[Applicability.SAFE], single[Applicability.UNSAFE]
    if not safe and not unsafe:
        return ""
    if not unsafe:
        return f"{safe} fixable with --fix.\n"
    more = f"{safe} fixable with --fix, {unsafe} more" if safe else f"{unsafe} fixable with --fix"
    return f"{more} {'with' if safe else 'and'} --unsafe-fixes, which changes numbers.\n"


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
