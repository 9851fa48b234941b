"""Which class an annotation names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from rnnlint.source import program as ir

_LONGEST_QUOTED = 60
"""Characters of an annotation that is a string: longer ones are looked at nowhere.  A convention."""


def named_class(node: ast.expr | None) -> ir.Name | ir.Attribute | None:
    """The class that stands in an annotation, or in its string, perhaps beside None; None where it is not one alone."""
    match node:
        case ast.Name(id=name):
            return ir.Name(node, name)
        case ast.Attribute(value=ast.Name(id=name) as holder, attr=attr):
            return ir.Attribute(node, ir.Name(holder, name), attr)
        case ast.Constant(value=str() as text):
            return ir.Name(node, text) if text.isidentifier() else named_class(_quoted(node, text))
        case ast.Subscript(value=ast.Name(id="Optional") | ast.Attribute(attr="Optional"), slice=inner):
            return named_class(inner)
        case ast.BinOp(left=inner, op=ast.BitOr(), right=ast.Constant(value=None)):
            return named_class(inner)
        case ast.BinOp(left=ast.Constant(value=None), op=ast.BitOr(), right=inner):
            return named_class(inner)
    return None


def quoted_words(node: ast.expr) -> Iterator[str]:
    """The names that stand in the strings of an annotation."""
    if not isinstance(node, (ast.Name, ast.Attribute)):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and len(inner.value) <= _LONGEST_QUOTED:
                yield from _WORD.findall(inner.value)


_WORD = re.compile(r"[^\W\d]\w*")


def _quoted(node: ast.Constant, text: str) -> ast.expr | None:
    """What stands in the string that an annotation is, in its place; None where it is no expression."""
    if len(text) > _LONGEST_QUOTED:
        return None
    try:
        found = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for inner in ast.walk(found):
        ast.copy_location(inner, node)
    return found
