"""The figures of docs/notebooks.md, as tables of Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from rnnlint.notebooks import TakenOut, Why
from rnnlint.rules import registry
from tools.measure.findings import VERDICTS
from tools.notebooks.survey import Surveyed

Place = tuple[str, int, int, str]
"""A notebook, a cell and a line of it, and the code of what is said there."""

Judged = Mapping[Place, str]
"""Verdicts on findings."""


def tables(found: Sequence[Surveyed], judged: Judged, beside_ipython: bool) -> list[str]:
    """What became of the notebooks, by what, and what was found."""
    return [_totals(found, beside_ipython), _taken_out(found), _not_analysed(found), _findings(found, judged)]


def _table(head: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    rule = ["---", *("--:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in (head, rule, *lines)) + "\n"


def _totals(found: Sequence[Surveyed], beside_ipython: bool) -> str:
    read = [one for one in found if not one.refused]
    cells, taken = sum(one.cells for one in read), sum(len(one.taken_out) for one in read)
    seen, understood = (sum(getattr(one.modules, name) for one in read) for name in ("seen", "understood"))
    lines: list[tuple[object, ...]] = [
        ("notebooks", len(found)),
        ("analysed", _share(len(read), len(found))),
        ("of these with a recurrent module of torch's", _share(sum(one.builds for one in read), len(read))),
        ("code cells", cells + taken),
        ("read as Python", _share(cells, cells + taken)),
        ("taken out", _share(taken, cells + taken)),
        ("notebooks with a cell taken out", _share(sum(bool(one.taken_out) for one in read), len(read))),
        ("recurrent modules built", seen),
        ("understood", _share(understood, seen)),
    ]
    if beside_ipython:
        lines.append(("cells that IPython runs and that are lost or read otherwise", sum(len(o.lost) for o in found)))
    return _table(("what", "number"), lines)


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)" if whole else str(part)


def _taken_out(found: Sequence[Surveyed]) -> str:
    cells: Counter[str] = Counter()
    notebooks: Counter[str] = Counter()
    for one in found:
        reasons = [_reason(taken) for taken in one.taken_out]
        cells.update(reasons)
        notebooks.update(set(reasons))
    lines = [(reason, count, notebooks[reason]) for reason, count in sorted(cells.items(), key=lambda of: (-of[1], of))]
    return _table(("cells taken out", "cells", "notebooks"), lines or [("none", 0, 0)])


def _reason(taken: TakenOut) -> str:
    """A word for why, the same under every version of Python."""
    if taken.why is Why.SYNTAX:
        return "Python 2: `print` without parentheses" if "'print'" in taken.reason else "not Python"
    if taken.why is Why.MAGIC:
        return f"`{taken.reason}`"
    return taken.reason


def _not_analysed(found: Sequence[Surveyed]) -> str:
    # where in its JSON a file is broken is of one file
    reasons = Counter(re.sub(r" \(line.*\)", "", one.refused) for one in found if one.refused)
    lines = sorted(reasons.items(), key=lambda of: (-of[1], of))
    return _table(("notebooks not analysed", "notebooks"), lines or [("none", 0)])


def _findings(found: Sequence[Surveyed], judged: Judged) -> str:
    verdicts: Counter[tuple[str, str]] = Counter()
    for one in found:
        for said in one.said:
            spot, code = said.spot, said.finding.code
            verdicts[code, judged.get((one.name, spot.cell, spot.line, code), "not judged")] += 1
    codes = sorted({code for code, _ in verdicts})
    columns = (*VERDICTS, "not judged")
    lines = [(_marked(code), *(verdicts[code, of] for of in columns)) for code in codes]
    lines.append(("all", *(sum(verdicts[code, of] for code in codes) for of in columns)))
    return _table(("findings", *columns), lines)


def _marked(code: str) -> str:
    rule = registry().get(code)
    return f"{code} (off by default)" if rule is not None and not rule.on else code
