"""A fix made in a text, where in the new text its edits stand, and what the linter says of that."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence

from rnnlint.checking.rewriting import rewritten
from rnnlint.findings import Edit, Finding
from rnnlint.report import Report

Span = tuple[tuple[int, int], tuple[int, int]]
"""From a line and a column to where it ends; lines from 1, columns from 0 and in characters."""

Key = tuple[str, str, str]


def mended(text: str, edits: Sequence[Edit]) -> str:
    """The text after edits, by the code that writes files.  Raises NotRewritten."""
    return rewritten(text.encode(), edits, notebook=False).decode()


def written(text: str, edits: Sequence[Edit]) -> list[Span]:
    """Where in the mended text stands what the edits have written, in their order."""
    after = mended(text, edits)
    found, moved = [], 0
    for one in sorted(edits):
        start, end = _offset(text, one.line, one.column), _offset(text, one.end_line, one.end_column)
        found.append((_place(after, start + moved), _place(after, start + moved + len(one.text))))
        moved += len(one.text) - (end - start)
    return found


def moved(text: str, edits: Sequence[Edit], line: int, column: int) -> tuple[int, int]:
    """Where in the mended text a place is that no edit goes over."""
    here = _offset(text, line, column)
    shift = 0
    for one in edits:
        start, end = _offset(text, one.line, one.column), _offset(text, one.end_line, one.end_column)
        # what is put in at the place itself is a line before it
        if start < here or (start == end == here and one.text.endswith("\n")):
            shift += len(one.text) - (end - start)
    return _place(mended(text, edits), max(0, here + shift))


def carried_on(text: str, edits: Sequence[Edit], span: Span) -> Span | None:
    """Where a span is in the mended text; None where an edit goes over it."""
    start, end = (_offset(text, *place) for place in span)
    for one in edits:
        if _offset(text, one.line, one.column) < end and start < _offset(text, one.end_line, one.end_column):
            return None
    return moved(text, edits, *span[0]), moved(text, edits, *span[1])


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1)


def again(before: Report, after: Report, text: str, findings: Sequence[Finding]) -> str:
    """What is wrong with a mended text by its tree and the linter; "" where nothing is."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        return f"it is no Python any more: {error.msg}"
    if after.not_analysed is not None or len(after.internal) > len(before.internal):
        return "it is not analysed any more"
    if after.modules.understood < before.modules.understood:
        return "less of it is understood"
    if after.modules.raising > before.modules.raising:
        return "torch raises then, as far as the linter knows"
    there, left = _counted(before), _counted(after)
    if any(left[key] > there[key] - count for key, count in Counter(map(_key, findings)).items()):
        return "the finding stays"
    new = sorted(key for key in left - there if _more(key, there, left, findings))
    return f"{new[0][0]} is found then" if new else ""


def _more(key: Key, before: Counter[Key], after: Counter[Key], mended: Sequence[Finding]) -> bool:
    """Whether more of a rule is found in a function than before, but for what is mended."""
    code, _, qualified = key
    was, now = (
        sum(count for one, count in some.items() if (one[0], one[2]) == (code, qualified)) for some in (before, after)
    )
    return now > was - sum((one.code, one.qualified) == (code, qualified) for one in mended)


def _key(finding: Finding) -> Key:
    return finding.code, finding.expression, finding.qualified


def _counted(report: Report) -> Counter[Key]:
    return Counter(map(_key, report.findings))


def fresh(before: Report, after: Report) -> list[Finding]:
    """What is found that was not."""
    there = _counted(before)
    return [one for one in after.findings if not there[_key(one)]]
