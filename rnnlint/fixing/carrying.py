"""A state handed from round to round of a loop: by the name it is bound to, and without its graph."""

from __future__ import annotations

import ast

from rnnlint.findings import Edit
from rnnlint.fixing.arguments import argument
from rnnlint.fixing.text import Text
from rnnlint.fixing.tree import Tree
from rnnlint.torch_api.signatures import CALLED

_FREE = ("state", "last_state", "state_of_rnn")  # of names that mean something elsewhere the next is tried


def carried(call: ast.Call, loop: ast.AST, pair: bool, cell: bool, tree: Tree, text: Text) -> list[Edit] | None:
    """The edits by which a call in a loop gets the state that it returned in the round before.

    The first round gets what every round gets now: a state that is given, or none.  ``pair``: a state is two tensors;
    ``cell``: it is all that is returned.  None where that has no name, or the loop is in another function.
    """
    statement, around = tree.statement(call), list(tree.around(call))
    if not isinstance(loop, (ast.For, ast.While)) or loop not in around or tree.scope(loop) is not tree.scope(call):
        return None
    if not isinstance(statement, ast.Assign) or statement.value is not call or len(statement.targets) != 1:
        return None
    state = _state(statement.targets[0], cell)
    if state is None or (pair and cell and not isinstance(state, ast.Tuple)):
        return None
    renamed: list[Edit] = []
    name = f"({', '.join(map(text.code, state.elts))})" if isinstance(state, ast.Tuple) else text.code(state)
    if name == "_":
        taken = tree.names(tree.scope(call))
        free = [one for one in _FREE if one not in taken]
        if not free:
            return None
        name, renamed = free[0], [text.replaced(state, free[0])]
    given = argument_of(call)
    handed = argument(call, "hx", name, CALLED, text)
    if handed is None:
        return None
    if given is None:
        # torch takes None for a state, and for no part of one
        if pair and isinstance(state, ast.Tuple):
            return None
        first = "None"
    elif _names(given) & _stored(loop) or isinstance(given, ast.Starred):
        return None  # what is given is another one in every round
    else:
        first = text.code(given)
    if _read_before(call, state, loop):
        return None  # what the name held before would be gone
    before = text.line_before(loop, f"{name.strip('()')} = {first}")
    return None if before is None else [before, *renamed, handed]


def detached(call: ast.Call, loop: ast.AST, pair: bool, tree: Tree, text: Text) -> Edit | None:
    """The edit by which a loop detaches the state that a call in it is handed, behind the one ``backward()`` there.

    None where the state has no name that the loop gives it, or gradients are computed elsewhere, or several times.
    """
    statement, given = tree.statement(call), argument_of(call)
    parts = given.elts if isinstance(given, ast.Tuple) else [given]
    names = [one.id for one in parts if isinstance(one, ast.Name)]
    if not isinstance(loop, (ast.For, ast.While)) or statement is None or len(names) != len(parts):
        return None
    if not names or not set(names) <= _stored(loop):
        return None
    backward = [one for one in ast.walk(loop) if isinstance(one, ast.Expr) and _is_backward(one.value)]
    if len(backward) != 1 or not tree.certainly_before(statement, backward[0]):
        return None
    values = [f"{one}.detach()" for one in names]
    if pair and not isinstance(given, ast.Tuple):
        values = [f"tuple(one.detach() for one in {names[0]})"]
    return text.line_behind(backward[0], f"{', '.join(names)} = {', '.join(values)}")


def _is_backward(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "backward"


def argument_of(call: ast.Call) -> ast.expr | None:
    """The state that a call is handed."""
    named = next((one.value for one in call.keywords if one.arg == "hx"), None)
    return named if named is not None or len(call.args) < 2 else call.args[1]


def _state(target: ast.expr, cell: bool) -> ast.expr | None:
    """Where the state is bound, by a name or by names for its two parts; None where by anything else."""
    if cell:
        state: ast.expr = target
    elif isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == 2:
        state = target.elts[1]
    else:
        return None
    parts = state.elts if isinstance(state, ast.Tuple) else [state]
    named = [one.id for one in parts if isinstance(one, ast.Name)]
    return state if len(named) == len(parts) and (named == ["_"] or "_" not in named) else None


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _stored(loop: ast.AST) -> set[str]:
    """The names that are bound anew in a loop."""
    return {one.id for one in ast.walk(loop) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _read_before(call: ast.Call, state: ast.expr, loop: ast.AST) -> bool:
    """Whether a round reads a name of the state before the call gives it a new one."""
    names, end = _names(state), (call.end_lineno or 0, call.end_col_offset or 0)  # what it is given is read before it
    return any(
        isinstance(one, ast.Name)
        and isinstance(one.ctx, ast.Load)
        and one.id in names
        and (one.lineno, one.col_offset) < end
        for one in ast.walk(loop)
    )
