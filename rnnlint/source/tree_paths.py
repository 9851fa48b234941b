"""The nodes of Python's tree that hold a place of the text."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple


class Step(NamedTuple):
    """A node on the way down, and the field of the node above that holds it."""

    node: ast.AST
    field: str


def path_to(tree: ast.Module, line: int, column: int) -> list[Step]:
    """The nodes that hold a place, from the outermost to the innermost; the column is one of the tree's, in bytes.

    By ranges of lines, since a walk over all nodes would cost as much as parsing did.
    """
    path = [Step(tree, "")]
    while True:
        step = _holding(path[-1].node, line, column)
        if step is None:
            return path
        path.append(step)


def _holding(node: ast.AST, line: int, column: int) -> Step | None:
    for field in node._fields:
        value = getattr(node, field, None)
        children: Iterable[Any] = value if isinstance(value, list) else (value,)
        if field == "body" and isinstance(value, list):
            # statements stand one after the other, so that those of a long file are not gone through for every place
            children = islice(value, bisect_left(value, line, key=_last_line), None)
        for child in children:
            last = getattr(child, "end_lineno", None)
            if last is not None:
                if last >= line and _holds(child, line, column):
                    return Step(child, field)
                if field == "body" and child.lineno > line:
                    break
            # arguments, comprehensions and the like have no place: what they hold has
            elif isinstance(child, ast.AST) and child._fields and _holding(child, line, column) is not None:
                return Step(child, field)
    return None


def _last_line(statement: ast.stmt) -> int:
    return statement.end_lineno or 0


def _holds(node: Any, line: int, column: int) -> bool:
    first, last = node.lineno, node.end_lineno
    if line > last:
        return False
    if line < first:
        # decorators stand before the function or the class
        decorators = getattr(node, "decorator_list", None)
        return bool(decorators and decorators[0].lineno <= line)
    return bool((line > first or column >= node.col_offset) and (line < last or column < node.end_col_offset))
