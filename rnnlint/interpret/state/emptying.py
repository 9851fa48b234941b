"""Loops that take one item after the other out of a list, until few are left: ``while items: item = items.pop(0)``."""

from __future__ import annotations

from functools import lru_cache

from rnnlint.frozen import dataclass
from rnnlint.interpret.state.loops import targets
from rnnlint.source import program as ir
from rnnlint.source import walking


@dataclass(frozen=True, slots=True)
class Emptying:
    """A ``while`` that empties the list of a ``name``, and the same loop as a ``for`` over the items that it takes out.

    ``backwards``: it takes the last one first.  ``left`` is how many items it leaves.
    """

    name: str
    backwards: bool
    left: int
    loop: ir.For


@lru_cache(1024)  # as many loops as a few long files have
def emptying(loop: ir.While) -> Emptying | None:
    """How a loop empties a list, where one statement of its body, in every round, takes one item out of it.

    None for any other, and where anything else in the loop may look at the list.
    """
    name, left = _asked(loop.test)
    places = [place for place, one in enumerate(loop.body) if name and _taken(one, name) is not None]
    taken = _taken(loop.body[places[0]], name) if len(places) == 1 else None
    if taken is None:
        return None
    place = places[0]
    before, after = loop.body[:place], loop.body[place + 1 :]
    others = (*walking.walk(before), *walking.walk(after), *walking.walk(loop.orelse))
    bound = frozenset() if taken.target is None else targets(taken.target)
    named = {one.id for one in others if isinstance(one, ir.Name)}
    # what stands before it sees what the round before has taken out; who leaves the loop leaves the rest
    early = any(isinstance(one, ir.Name) and one.id in bound for one in walking.walk(before))
    jumps = {one.kind for one in others if isinstance(one, ir.Jump) and one.kind != "pass"}
    if name in named | bound or early or "break" in jumps or (before and jumps):
        return None
    target = ir.Name(loop.syntax, _NOBODY) if taken.target is None else taken.target
    same = ir.For(loop.syntax, target, taken.site, (*before, *after), loop.orelse)
    return Emptying(name, taken.backwards, left, same)


_NOBODY = "an item that nobody keeps"  # no program can have such a name


def _asked(test: ir.Expr) -> tuple[str, int]:
    """The list that a loop asks, and how many items that may have for it to end: of ``items``, ``len(items) > 1``."""
    match test:
        case ir.Name(id=name):
            return name, 0
        case ir.Compare(left=measured, rest=((op, ir.Constant(value=int() as bound)),)):
            pass
        case ir.Compare(left=ir.Constant(value=int() as bound), rest=((turned, measured),)):
            op = {"<": ">", "<=": ">=", "!=": "!="}.get(turned, turned)
        case _:
            measured, op, bound = test, ">", 0
    match measured:
        case ir.Call(func=ir.Name(id="len"), args=(ir.Argument(value=ir.Name(id=name)),)) if op in (">", ">=", "!="):
            return name, max(0, bound - (op == ">="))
    return "", 0


@dataclass(frozen=True, slots=True)
class _Taken:
    """How an item is taken out of a list: what it is bound to, from which end, and where."""

    target: ir.Expr | None
    backwards: bool
    site: ir.Expr


def _taken(statement: ir.Statement, name: str) -> _Taken | None:
    """How a statement takes an item out of a list: ``item = items.pop(0)``, ``items.pop()``, ``del items[0]``."""
    target: ir.Expr | None = None
    match statement:
        case ir.Delete(targets=(ir.Subscript(value=ir.Name(id=held), items=(key,)) as site,)):
            end = _end(key) if held == name else None
            return None if end is None else _Taken(None, end, site)
        case ir.Evaluate(value=value):
            pass
        case ir.Assign(targets=(kept,), value=value):
            target = kept
        case _:
            return None
    match value:
        case ir.Call(func=ir.Attribute(value=ir.Name(id=held), attr=method), args=args) if held == name:
            pass
        case _:
            return None
    if len(args) > 1 or any(one.keyword or one.star for one in args):
        return None
    if method == "popleft" and not args:
        return _Taken(target, False, value)
    end = (_end(args[0].value) if args else True) if method == "pop" else None
    return None if end is None else _Taken(target, end, value)


def _end(key: ir.Expr) -> bool | None:
    """Whether a place in a list is its last one, or its first; None for any other."""
    match key:
        case ir.Constant(value=int(0)):
            return False
        case ir.Unary(op="-", operand=ir.Constant(value=1)):
            return True
    return None
