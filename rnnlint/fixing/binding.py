"""What a call returns, bound in another way than now: of a pair the first, or a pair in the place of a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from rnnlint.findings import Edit
from rnnlint.fixing.text import Text
from rnnlint.fixing.tree import Tree


def first(call: ast.expr, second: str, tree: Tree, text: Text) -> Edit | None:
    """The edit by which the first of a pair is bound or read, where the whole is; None where something reads both."""
    statement = tree.statement(call)
    if isinstance(statement, ast.Assign) and statement.value is call and len(statement.targets) == 1:
        (target,) = statement.targets
        if not isinstance(target, ast.Name) or _is_taken_apart(target.id, tree, call):
            return None
        return text.behind(target, f", {second}")
    return text.behind(call, "[0]")


def pair_in(call: ast.expr, second: str, tree: Tree, text: Text) -> Edit | None:
    """The edit by which a name that holds a pair holds its first part; None where something reads it as the pair."""
    statement = tree.statement(call)
    if not isinstance(statement, ast.Assign) or statement.value is not call or len(statement.targets) != 1:
        return None
    (target,) = statement.targets
    if not isinstance(target, ast.Tuple) or len(target.elts) != 2:
        return None
    name = target.elts[1]
    if not isinstance(name, ast.Name) or _is_taken_apart(name.id, tree, call):
        return None
    return text.replaced(name, f"({name.id}, {second})")


def target(at: ast.AST, written: str, tree: Tree, text: Text) -> Edit | None:
    """The edit by which an assignment has another target; None where a name would go that is read."""
    statement = tree.statement(at)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    (old,) = statement.targets
    new = {one.id for one in ast.walk(ast.parse(written)) if isinstance(one, ast.Name)}
    gone = {one.id for one in ast.walk(old) if isinstance(one, ast.Name)} - new
    read = {one.id for one in _within(tree, at) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    if gone & read:
        return None
    start, end = text.outer(old)
    return text.edit(start, end, written)


def _is_taken_apart(name: str, tree: Tree, at: ast.AST) -> bool:
    """Whether the function reads a name by a number, or unpacks it: then it knows that there are two."""
    for node in _within(tree, at):
        if isinstance(node, ast.Subscript) and _names(node.value, name):
            index = node.slice
            if isinstance(index, ast.Constant) and index.value in (0, 1):
                return True
        if isinstance(node, ast.Assign) and _names(node.value, name):
            return True
        if isinstance(node, ast.Starred) and _names(node.value, name):
            return True
    return False


def _names(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _within(tree: Tree, at: ast.AST) -> Iterator[ast.AST]:
    scope = tree.scope(at)
    for root in tree.body if scope is None else [scope]:
        yield from ast.walk(root)
