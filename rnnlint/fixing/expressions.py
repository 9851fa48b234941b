"""Subscripts and comparisons, written otherwise: another step, another bound, other rows, other operands."""

from __future__ import annotations

import ast

from rnnlint.findings import Edit
from rnnlint.fixing.text import Text
from rnnlint.fixing.unwritable import Unwritable
from rnnlint.rules.repairs import Bound, Index


def operands(syntax: ast.expr, left: str, right: str, text: Text) -> list[Edit]:
    """The edits by which other things are compared."""
    match syntax:
        case ast.Call(args=[first, second, *_]) if not isinstance(first, ast.Starred):
            return [text.replaced(first, left), text.replaced(second, right)]
        case ast.Compare(left=first, comparators=[second]):
            return [text.replaced(first, left), text.replaced(second, right)]
    raise Unwritable("it is not seen what is compared")


def rows(syntax: ast.AST, other: ast.AST, text: Text) -> list[Edit]:
    """The edits by which two subscripts take the two rows of one layer."""
    if not isinstance(syntax, ast.Subscript) or not isinstance(other, ast.Subscript):
        raise Unwritable("the rows are picked by no subscript")
    row = syntax.slice
    if not isinstance(row, (ast.Name, ast.Constant)):
        raise Unwritable("the first row is put together")
    first = (
        str(2 * row.value) if isinstance(row, ast.Constant) and isinstance(row.value, int) else f"2 * {text.code(row)}"
    )
    second = str(int(first) + 1) if first.isdigit() else f"{first} + 1"
    return [text.replaced(row, first), text.replaced(other.slice, second)]


def bound_of_slice(change: Bound, syntax: ast.Subscript, text: Text) -> Edit:
    """The edit by which a slice of the last axis ends, or begins, elsewhere."""
    items = syntax.slice.elts if isinstance(syntax.slice, ast.Tuple) else [syntax.slice]
    last = items[-1]
    bounds = [last.lower, last.upper] if isinstance(last, ast.Slice) and last.step is None else []
    if len(bounds) == 2 and bounds[1] is not None and _is_number(bounds[0], 0):  # 0:n is :n
        bounds = bounds[1:]
    given = [one for one in bounds if one is not None]
    if len(given) != 1:
        raise Unwritable("it is no slice with one bound")
    (bound,) = given
    # hidden // 2: where the half is wrong, what it was made of is right
    if (
        change.halved
        and isinstance(bound, ast.BinOp)
        and isinstance(bound.op, ast.FloorDiv)
        and _is_number(bound.right, 2)
    ):
        return text.edit(*text.outer(bound), text.code(bound.left))
    if not change.text.isdigit():
        raise Unwritable("the file leaves the size open")
    return text.edit(*text.outer(bound), change.text)


def strided(syntax: ast.AST, written: str, text: Text) -> Edit:
    """The edit by which a subscript takes every other row."""
    items = syntax.slice.elts if isinstance(syntax, ast.Subscript) and isinstance(syntax.slice, ast.Tuple) else []
    first = items[0] if items else syntax.slice if isinstance(syntax, ast.Subscript) else None
    if not isinstance(first, ast.Slice) or first.step is not None:
        raise Unwritable("it is no slice without a step")
    return text.edit(*text.inner(first), written)


def _is_number(node: ast.AST | None, number: int) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == number


_OTHER_END = {"-1": "0", "0": "-1"}


def step(change: Index, syntax: ast.Subscript, text: Text) -> Edit:
    """The edit by which a subscript takes another step."""
    items = syntax.slice.elts if isinstance(syntax.slice, ast.Tuple) else [syntax.slice]
    bounds = change.site.bounds
    if len(items) != len(bounds):
        raise Unwritable("its items are not known")
    single = [item for item, bound in zip(items, bounds, strict=True) if len(bound) == 1]
    if len(single) == 1:
        # the number of the right end reads the wrong one where the steps were turned round before
        turned = text.code(single[0]) == change.text
        return text.replaced(single[0], _OTHER_END[change.text] if turned else change.text)
    slices = [item for item in items[:2] if isinstance(item, ast.Slice) and (item.lower or item.upper)]
    if single or len(slices) != 1:
        raise Unwritable("it is not seen which item is the step")
    return text.replaced(slices[0], "-1:" if change.text == "-1" else ":1")
