"""By what a place is known again once the lines above it have changed: what stands there, and in which function."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def normalised(node: ast.AST) -> str:
    """A node as ``ast.unparse`` writes it; of a compound statement, what stands before its body.

    "" where it is nested too deeply for that.
    """
    try:
        text = ast.unparse(node)
    except RecursionError:
        return ""
    return text.partition("\n")[0] if isinstance(node, ast.stmt) else text


def qualified(body: Iterable[ast.AST], line: int) -> str:
    """The functions and classes around a line, joined by dots: ``Tagger.forward``; "" at the top level.

    A decorator is not inside of what it decorates.
    """
    names: list[str] = []
    pending = list(body)
    # by a loop, since each elif stands inside the one before it
    while pending:
        node = pending.pop()
        # an arm of a match has no place of its own, so it is looked into: what is in it says where it is
        if isinstance(node, ast.match_case):
            pending += node.body
        elif isinstance(node, (ast.stmt, ast.ExceptHandler)) and node.lineno <= line <= (node.end_lineno or 0):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.append(node.name)
            pending = list(ast.iter_child_nodes(node))
    return ".".join(names)
