"""Fixes made in a text: which of them go together, and the text with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from rnnlint.findings import Edit, Fix


def together(fixes: Sequence[Fix]) -> list[int]:
    """Which fixes can be made at once, by their places: the first of those that overlap.

    Two may share an edit (an import that both need).  The others are for another round, since what they say was found
    in a text that is another by then.
    """
    taken: list[int] = []
    made: set[Edit] = set()
    for number, fix in enumerate(fixes):
        new = [edit for edit in fix.edits if edit not in made]
        if new and not any(_overlap(one, other) for one in new for other in made):
            made.update(new)
            taken.append(number)
    return taken


def _overlap(one: Edit, other: Edit) -> bool:
    first, second = sorted((one, other))
    if first.path != second.path:
        return False
    # what is put in where something else goes, or is put in, belongs before or behind it, and nobody knows which
    start, end = (second.line, second.column), (first.end_line, first.end_column)
    return start < end or (start == end and _is_empty(second)) or (first.line, first.column) == start


def _is_empty(edit: Edit) -> bool:
    return (edit.line, edit.column) == (edit.end_line, edit.end_column)


def edited(lines: Sequence[str], edits: Iterable[Edit]) -> str:
    """A text, given by its lines with their ends, after edits of it.

    Raises ValueError for edits that overlap, or that lie outside of it.
    """
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    text = "".join(lines)

    def offset(line: int, column: int) -> int:
        if not 1 <= line < len(starts) + 1 or starts[line - 1] + column > len(text):
            raise ValueError(f"there is no line {line} with a column {column}")
        return starts[line - 1] + column

    stretches = sorted(
        {(offset(one.line, one.column), offset(one.end_line, one.end_column), one.text) for one in edits}
    )
    for (_, end, _), (start, _, _) in pairwise(stretches):
        if start < end:
            raise ValueError("two edits overlap")
    for start, end, new in reversed(stretches):
        text = text[:start] + new + text[end:]
    return text
