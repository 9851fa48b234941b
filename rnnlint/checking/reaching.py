"""What a certain exception has cut off: what stands behind it has not been looked at before it was mended."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from rnnlint.findings import Applicability, Edit, Finding, Fix
from rnnlint.fixing.tree import Tree


def was_cut_off(
    content: bytes, mended: Iterable[tuple[Finding, Fix]], edits: Sequence[Edit], lines: Iterable[int]
) -> bool:
    """Whether all of the lines of a mended file stand behind exceptions that were certain before.

    An exception in every configuration ends every run, so that what always comes after it in the same function was
    never seen: it says nothing against what has mended that.  What stands elsewhere was seen, and would have been found
    before.  A notebook's content is no module, and nothing is known of it.
    """
    try:
        tree = Tree(ast.parse(content).body)
    except (SyntaxError, ValueError):
        return False
    ends = [_end(finding, edits, tree) for finding, fix in mended if _could_not_run(finding, fix)]
    there = [tree.at(line) for line in lines]
    return all(
        then is not None and any(end is not None and tree.certainly_before(end, then) for end in ends) for then in there
    )


def _could_not_run(finding: Finding, fix: Fix) -> bool:
    return finding.raises and fix.applicability is Applicability.SAFE


def _end(finding: Finding, edits: Sequence[Edit], tree: Tree) -> ast.stmt | None:
    """The statement that raised: what is made in one place may be what torch raises on in a later one."""
    own = tree.at(_moved(finding.line, edits))
    places = (tree.at(_moved(one.line, edits)) for one in finding.related if not one.path)
    later = (one for one in places if one is not None and own is not None and tree.certainly_before(own, one))
    return max(later, key=lambda one: one.lineno, default=own)


def _moved(line: int, edits: Sequence[Edit]) -> int:
    """Where a line stands after edits, of which some put in lines before it."""
    before = (one for one in edits if not one.path and (one.line, one.column) <= (line, 0))
    return line + sum(one.text.count("\n") - (one.end_line - one.line) for one in before)
