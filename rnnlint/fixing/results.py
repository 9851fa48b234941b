"""A name for what a recurrent call returns, where the program has none: what was thrown away is unpacked."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from rnnlint.findings import Edit
from rnnlint.fixing.text import Text
from rnnlint.fixing.tree import Tree
from rnnlint.frozen import dataclass

_FREE = ("{0}", "rnn_{0}", "{0}_of_rnn")  # of names that mean something elsewhere in the function the next is tried
_RESULTS = {"h_n": 0, "c_n": 1}


@dataclass(frozen=True, slots=True)
class Bound:
    """Names for results, and the edits that make them."""

    names: dict[str, str]
    edits: tuple[Edit, ...]


Given = dict[tuple[ast.AST | None, str], ast.Call]
"""By function and name, the call whose result got the name: fixes are made together, and each knows the others'."""


def bound(
    wanted: Iterable[str], call: ast.Call, at: ast.expr, pair: bool, tree: Tree, text: Text, given: Given
) -> Bound | None:
    """Names for the final states that a ``call`` returns, at an expression; None where they cannot be given there.

    ``pair``: the final states are the two of an LSTM.  ``given`` gets what is named here.
    """
    states = [name for name in wanted if name in _RESULTS]
    if not states:
        return None
    scope = tree.scope(at)
    taken = tree.names(scope)
    names: dict[str, str] = {}
    for state in states:
        every = (one.format(state) for one in _FREE)
        free = [one for one in every if one not in taken and given.get((scope, one), call) is call]
        if not free:
            return None
        names[state] = free[0]
        given[scope, free[0]] = call
    target = _pattern(names, pair)
    if any(one is call for one in ast.walk(at)):
        return _hoisted(names, target, call, at, tree, text)
    statement = tree.statement(call)
    then = tree.statement(at)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or then is None:
        return None
    if not tree.certainly_before(statement, then):
        return None
    edits = _unpacked(statement, target, call, text)
    if edits is not None:
        return Bound(names, edits)
    return _apart(names, target, call, statement, tree, text)


def _pattern(names: dict[str, str], pair: bool) -> str:
    """What is unpacked in the place of the final states."""
    if not pair:
        return names["h_n"]
    return f"({names.get('h_n', '_')}, {names.get('c_n', '_')})"


def _unpacked(statement: ast.Assign, target: str, call: ast.Call, text: Text) -> tuple[Edit, ...] | None:
    """The edits by which a statement unpacks the final states as well."""
    (left,) = statement.targets
    if statement.value is call and isinstance(left, (ast.Tuple, ast.List)) and len(left.elts) == 2:
        thrown = left.elts[1]
        if isinstance(thrown, ast.Name) and thrown.id == "_":
            return (text.replaced(thrown, target),)
        if isinstance(thrown, ast.Tuple) and all(isinstance(one, ast.Name) and one.id == "_" for one in thrown.elts):
            return (text.replaced(thrown, target.strip("()")),)
        return None
    value = statement.value
    first = isinstance(value, ast.Subscript) and value.value is call
    if first and isinstance(left, ast.Name) and isinstance(value, ast.Subscript):
        index = value.slice
        if isinstance(index, ast.Constant) and index.value == 0 and index.value is not False:
            return (text.behind(left, f", {target}"), text.replaced(value, text.code(call)))
    return None


def _apart(
    names: dict[str, str], target: str, call: ast.Call, statement: ast.stmt, tree: Tree, text: Text
) -> Bound | None:
    """The call in a statement of its own, before the one that takes its output as a part of something else."""
    taken = next(tree.around(call), None)
    first = isinstance(taken, ast.Subscript) and isinstance(taken.slice, ast.Constant) and taken.slice.value == 0
    if not first or not isinstance(taken, ast.Subscript) or not tree.once(call) or "\n" in text.code(call):
        return None
    scope = tree.names(tree.scope(call))
    output = next((one for one in (each.format("output") for each in _FREE) if one not in scope), None)
    line = None if output is None else text.line_before(statement, f"{output}, {target} = {text.code(call)}")
    return None if line is None or output is None else Bound(names, (line, text.replaced(taken, output)))


def _hoisted(names: dict[str, str], target: str, call: ast.Call, at: ast.expr, tree: Tree, text: Text) -> Bound | None:
    """The call in a statement of its own, before the one that reads it in one go."""
    statement = tree.statement(at)
    if statement is None or not tree.once(at):
        return None
    line = text.line_before(statement, f"_, {target} = {text.code(call)}")
    return None if line is None or "\n" in text.code(call) or "\r" in text.code(call) else Bound(names, (line,))
