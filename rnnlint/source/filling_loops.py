"""Loops that fill lists up to a length: ``while len(x) < n: x.append(0)``."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rnnlint.source import program as ir
from rnnlint.source import walking


def filled_up(loop: ir.For | ir.While) -> tuple[ir.Expr, ...]:
    """The lists to which a loop appends what is no data, round by round; of a ``while``, the one whose length it asks.

    That a ``for`` has as many rounds as are missing, its values say.
    """
    appended = tuple(_appended(loop))
    if isinstance(loop, ir.For):
        return appended
    asked = _measured(loop.test)
    return tuple(one for one in appended if asked and _dotted(one) == asked)


def _appended(loop: ir.For | ir.While) -> Iterator[ir.Expr]:
    parts = (part for statement in loop.body for part in walking.walk(statement))
    anew = {name for part in parts for target in walking.targets(part) for name in _names(target)}
    for statement in loop.body:
        call = statement.value if isinstance(statement, ir.Evaluate) else None
        if isinstance(call, ir.Call) and isinstance(call.func, ir.Attribute) and call.func.attr == "append":
            held = call.func.value
            if len(call.args) == 1 and _dotted(held) and _no_data(call.args[0].value, anew):
                yield held


_MAKING = frozenset({"zeros", "ones", "full", "empty", "zeros_like", "ones_like", "rand", "randn", "random"})


def _no_data(node: ir.Expr, anew: Collection[str]) -> bool:
    """Whether an expression is a constant, a name of one, or made of nothing: what calls anything else may read on.

    ``anew`` are names that the loop itself binds.
    """
    parts = list(walking.walk(node))
    if any(isinstance(part, ir.Name) and part.id in anew for part in parts):
        return False
    calls = (part for part in parts if isinstance(part, ir.Call))
    return all(isinstance(call.func, ir.Attribute) and call.func.attr in _MAKING for call in calls)


def _names(target: ir.Expr) -> Iterator[str]:
    """The names that a target binds."""
    match target:
        case ir.Name(id=name):
            yield name
        case ir.Starred(value=inner):
            yield from _names(inner)
        case ir.Display(items=items):
            for item in items:
                yield from _names(item)


def _measured(test: ir.Expr) -> str:
    """``x`` of ``len(x) < n`` and ``n > len(x)``; "" for any other condition."""
    match test:
        case ir.Compare(left=left, rest=(("<" | "!=", _),)):
            return _length_of(left)
        case ir.Compare(rest=((">", right),)):
            return _length_of(right)
    return ""


def _length_of(node: ir.Expr) -> str:
    """``x`` of ``len(x)``."""
    if not isinstance(node, ir.Call) or len(node.args) != 1 or not isinstance(node.func, ir.Name):
        return ""
    return _dotted(node.args[0].value) if node.func.id == "len" else ""


def _dotted(node: ir.Expr) -> str:
    """``self.rows`` as it is written; "" for what is no name."""
    match node:
        case ir.Name(id=name):
            return name
        case ir.Attribute(value=inner, attr=name):
            return f"{before}.{name}" if (before := _dotted(inner)) else ""
    return ""
