"""Which class an annotation names."""

from __future__ import annotations

import ast

from rnnlint.source import program as ir


def named_class(node: ast.expr | None) -> ir.Name | ir.Attribute | None:
    """The class that stands in an annotation, or in its string, perhaps beside None; None where it is not one alone."""
    match node:
        case ast.Name(id=name):
            return ir.Name(node, name)
        case ast.Attribute(value=ast.Name(id=name) as holder, attr=attr):
            return ir.Attribute(node, ir.Name(holder, name), attr)
        case ast.Constant(value=str() as text) if text.isidentifier():
            return ir.Name(node, text)
        case ast.Subscript(value=ast.Name(id="Optional") | ast.Attribute(attr="Optional"), slice=inner):
            return named_class(inner)
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            return named_class(left)
    return None
