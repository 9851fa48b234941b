"""Loops being run, and the names that they bind."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from rnnlint.frozen import dataclass
from rnnlint.source import program as ir
from rnnlint.source import walking


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop (or the generator of a comprehension) and which time round this is; ``bound`` are the names it binds.

    ``depth`` is how many calls of functions have led to where it stands.
    """

    node: Hashable
    bound: frozenset[str]
    round: int = 0
    depth: int = 0


Loops = tuple[Loop, ...]


_KEPT = 1024
"""Answers that are kept: as many loops as a few long files have.  A node holds its file, and a server sees many."""


@lru_cache(_KEPT)
def names_bound(loop: ir.For | ir.While) -> frozenset[str]:
    """The names that a loop binds, its own targets and those of its body."""
    targets = list(_targets(loop.target)) if isinstance(loop, ir.For) else []
    return frozenset([*targets, *bound_in((*loop.body, *loop.orelse))])


def bound_in(body: Sequence[ir.Statement]) -> Iterator[str]:
    """The names that statements bind."""
    pending = list(reversed(body))
    while pending:
        match pending.pop():
            case ir.Assign(targets=targets):
                for target in targets:
                    yield from _targets(target)
            case ir.AugAssign(target=target) | ir.Declare(target=target):
                yield from _targets(target)
            case ir.For(target=target, body=inner, orelse=other):
                yield from _targets(target)
                pending += reversed((*inner, *other))
            case ir.If(body=inner, orelse=other) | ir.While(body=inner, orelse=other):
                pending += reversed((*inner, *other))
            case ir.With(items=items, body=inner):
                for _, name in items:
                    if name is not None:
                        yield from _targets(name)
                pending += reversed(inner)
            case ir.Match(cases=cases):
                yield from (name for case in cases for name in case.names)
                pending += reversed([one for case in cases for one in case.body])
            case ir.Try(body=inner, handlers=handlers, orelse=other, finalbody=final):
                pending += reversed((*inner, *(one for _, block in handlers for one in block), *other, *final))


def _targets(target: ir.Expr) -> Iterator[str]:
    match target:
        case ir.Name(id=name):
            yield name
        case ir.Display(items=items):
            for item in items:
                yield from _targets(item)
        case ir.Starred(value=inner):
            yield from _targets(inner)


def targets(target: ir.Expr) -> frozenset[str]:
    """The names a target binds."""
    return frozenset(_targets(target))


@lru_cache(_KEPT)
def left_at_once(loop: ir.For) -> bool:
    """Whether no path through the body of a loop comes to a second time round."""
    again = any(isinstance(one, ir.Jump) and one.kind == "continue" for one in walking.walk(loop.body))
    return not again and _leaves(loop.body)


_PICKING = frozenset({"select", "narrow", "index_select"})


@lru_cache(_KEPT)
def picks_by_target(loop: ir.For) -> bool:
    """Whether a loop picks something by the number that it counts: ``output[t]``, ``output.select(0, t)``."""
    names = targets(loop.target)
    for part in walking.walk(loop.body):
        match part:
            case ir.Subscript(items=items):
                picking: tuple[ir.Node, ...] = items
            case ir.Call(func=func, args=args) if ir.last_name(func) in _PICKING:
                picking = tuple(argument.value for argument in args)
            case _:
                continue
        if any(_mentions(one, names) for one in picking):
            return True
    return False


def _leaves(body: ir.Block) -> bool:
    """Whether no path comes to the end of statements that hold no ``continue``."""
    for statement in body:
        match statement:
            case ir.Return() | ir.Raise() | ir.Jump(kind="break"):
                return True
            case ir.If(body=inner, orelse=other) if _leaves(inner) and _leaves(other):
                return True
            case ir.With(body=inner) if _leaves(inner):
                return True
    return False


@dataclass(frozen=True, slots=True)
class Counting:
    """A ``while`` that counts ``name`` up to ``bound + more``, and the same loop as a ``for``.

    ``step`` is what is added each time round, None for 1; ``down``: 1 is taken off instead.
    """

    name: str
    bound: ir.Expr
    more: int
    loop: ir.For
    step: ir.Expr | None = None
    down: bool = False


@lru_cache(_KEPT)
def counting(loop: ir.While) -> Counting | None:
    """How ``while i < n`` counts if its body adds something to ``i`` once, or ``while i > n`` if it takes 1 off; None
    for any other, or where that or the bound may change.

    ``while True`` counts where one ``if i == n: break`` ends it; where more than 1 is added, if that comes first.
    """
    if isinstance(loop.test, ir.Constant) and loop.test.value and not loop.orelse:
        return _broken_off(loop)
    compared = _compared(loop.test, names_bound(loop))
    if compared is None:
        return None
    if compared.op in (">", ">=", "!=") and _is_one(_step(loop, compared, "-")):
        falling = ir.For(loop.syntax, compared.counter, loop.test, loop.body, loop.orelse)
        more = -int(compared.op == ">=") - compared.ahead
        return Counting(compared.counter.id, compared.bound, more, falling, down=True)
    step = _step(loop, compared)
    if step is None or compared.op not in (("<", "<=", "!=") if _is_one(step) else ("<", "<=")):
        return None
    more = int(compared.op == "<=") - compared.ahead
    same = ir.For(loop.syntax, compared.counter, loop.test, loop.body, loop.orelse)
    by = None if _is_one(step) else step
    return Counting(compared.counter.id, compared.bound, more, same, by)


def _broken_off(loop: ir.While) -> Counting | None:
    """How ``while True`` counts if its body breaks off at one number."""
    place = next((at for at, one in enumerate(loop.body) if isinstance(one, ir.If) and _leaves(one.body)), None)
    leaving = None if place is None else loop.body[place]
    if place is None or not isinstance(leaving, ir.If) or leaving.orelse:
        return None
    compared = _compared(leaving.test, names_bound(loop))
    jumps = [one.kind for one in walking.walk(loop.body) if isinstance(one, ir.Jump) and one.kind == "break"]
    inside = [one for one in leaving.body if isinstance(one, ir.Jump) and one.kind == "break"]
    if compared is None or compared.op not in ("==", ">=", ">") or len(jumps) != len(inside):
        return None
    name, step = compared.counter.id, _step(loop, compared)
    before, after = loop.body[:place], loop.body[place + 1 :]
    if step is None or (not _is_one(step) and (before or compared.op == "==")):
        return None
    last = leaving.body[: len(leaving.body) - len(inside)]
    if any(isinstance(one, ir.Name) and one.id == name for one in walking.walk(last)):
        return None
    # the number with which the last time round begins, which is one that only what stands before the if meets
    ahead = compared.ahead + any(_added(one, name, loop.body) is not None for one in before) - (compared.op == ">")
    if before and any(_added(one, name, loop.body) is None for one in after):
        return None
    same = ir.For(loop.syntax, compared.counter, leaving.test, (*before, *after), last)
    by = None if _is_one(step) else step
    return Counting(name, compared.bound, int(bool(before)) - ahead, same, by)


@dataclass(frozen=True, slots=True)
class _Compared:
    """``counter + ahead op bound``."""

    counter: ir.Name
    ahead: int
    op: str
    bound: ir.Expr


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def _compared(test: ir.Expr, names: frozenset[str]) -> _Compared | None:
    """The comparison of one of some names, or of one and a number, with something else."""
    match test:
        case ir.Unary(op="not", operand=inner):
            found = _compared(inner, names)
            return None if found is None else replace(found, op=_OPPOSITE[found.op])
        case ir.Name(id=name) if name in names:  # a number is true unless it is 0
            return _Compared(test, 0, "!=", ir.Constant(test.syntax, 0))
        case ir.Compare(left=left, rest=((op, right),)) if op in _TURNED:
            pass
        case _:
            return None
    for side, sign, other in ((left, op, right), (right, _TURNED[op], left)):
        found = _alone(side, sign, other, names)
        if found is not None:
            return found
    return None


def _alone(side: ir.Expr, op: str, other: ir.Expr, names: frozenset[str]) -> _Compared | None:
    """A comparison with all that is added to its counter brought to the other side: ``i + a < n`` is ``i < n - a``."""
    ahead = 0
    while isinstance(side, ir.Binary) and side.op in ("+", "-"):
        added, counted = (side.left, side.right) if _mentions(side.right, names) else (side.right, side.left)
        if _mentions(added, names):
            return None
        if counted is side.right and side.op == "-":  # a - i < n is i > a - n
            away = isinstance(other, ir.Constant) and other.value == 0
            other, op, ahead = added if away else ir.Binary(side.syntax, "-", added, other), _TURNED[op], -ahead
        elif isinstance(added, ir.Constant) and type(added.value) is int:
            ahead += added.value if side.op == "+" else -added.value
        else:
            other = ir.Binary(side.syntax, "-" if side.op == "+" else "+", other, added)
        side = counted
    return _Compared(side, ahead, op, other) if isinstance(side, ir.Name) and side.id in names else None


def _mentions(node: ir.Node, names: frozenset[str]) -> bool:
    return any(isinstance(part, ir.Name) and part.id in names for part in walking.walk(node))


def _step(loop: ir.While, compared: _Compared, op: str = "+") -> ir.Expr | None:
    """What the body of a loop adds to a name each time round; None where it may not, or changes what is compared.

    ``op``: "-" for what it takes off.
    """
    name = compared.counter.id
    changed = list(bound_in(loop.body))
    steps = [_added(one, name, loop.body) if op == "+" else _taken_off(one, name) for one in loop.body]
    added = [step for step in steps if step is not None]
    if changed.count(name) != 1 or len(added) != 1:
        return None
    if any(isinstance(one, ir.Jump) and one.kind == "continue" for one in walking.walk(loop.body)):
        return None  # it may jump over the step
    lasting = (compared.bound, added[0])
    moves = any(isinstance(part, ir.Name) and part.id in changed for one in lasting for part in walking.walk(one))
    return None if moves else added[0]


def _added(statement: ir.Statement, name: str, body: ir.Block) -> ir.Expr | None:
    """What a statement adds to a name; ``start = end`` adds what ``end = start + size`` has."""
    match statement:
        case ir.AugAssign(target=ir.Name(id=target), op="+", value=step) if target == name:
            return step
        case ir.Assign(targets=(ir.Name(id=target),), value=ir.Name(id=other)) if target == name != other:
            ends = [one for one in body[: body.index(statement)] if other in bound_in((one,))]
            alone = len(ends) == 1 and list(bound_in(body)).count(other) == 1
            match ends:
                case [ir.Assign(targets=(ir.Name(),), value=end)] if alone:
                    return _above(end, name)
        case ir.Assign(targets=(ir.Name(id=target),), value=value) if target == name:
            return _above(value, name)
    return None


def _taken_off(statement: ir.Statement, name: str) -> ir.Expr | None:
    """What a statement takes off a name."""
    match statement:
        case ir.AugAssign(target=ir.Name(id=target), op="-", value=step) if target == name:
            return step
        case ir.Assign(targets=(ir.Name(id=target),), value=ir.Binary(op="-", left=ir.Name(id=left), right=step)):
            return step if target == left == name else None
    return None


def _above(value: ir.Expr, name: str) -> ir.Expr | None:
    """What is added to a name in ``name + step``, and in ``min(name + step, n)``, which only the last time is ``n``."""
    match value:
        case ir.Binary(op="+", left=ir.Name(id=left), right=step) if left == name:
            return step
        case ir.Call(func=ir.Name(id="min"), args=(one, other)):
            return _above(one.value, name) or _above(other.value, name)
    return None


def _is_one(step: ir.Expr | None) -> bool:
    return isinstance(step, ir.Constant) and step.value == 1


def around(function: ir.Expr, loops: Loops) -> Loops:
    """The innermost loops in which an expression is the same function each time round."""
    varying = [place for place, loop in enumerate(loops) if _varies(function, loop)]
    return loops[varying[-1] + 1 :] if varying else loops


def _varies(function: ir.Expr, loop: Loop, within: frozenset[str] = frozenset()) -> bool:
    """Whether an expression may be another function in another round; ``within`` are the names that lead to it."""
    match function:
        case ir.Attribute(value=value) | ir.Walrus(value=value):
            return _varies(value, loop, within)
        case ir.Name(id=name) if name in loop.bound:
            only = None if name in within else _only_value(loop.node, name)
            return only is None or _varies(only, loop, within | {name})
        case ir.Name() | ir.Constant() | ir.Lambda():  # what a lambda calls is asked where it does
            return False
        case ir.Subscript(value=value, items=items):
            return any(_varies(one, loop, within) for one in (value, *items))
        case ir.Call(func=ir.Name(id="getattr"), args=given):
            return any(_varies(one.value, loop, within) for one in given)
        case ir.Call(func=ir.Name(id="partial"), args=(called, *_)):  # whatever it is called with
            return _varies(called.value, loop, within)
    return True


@lru_cache(_KEPT)
def _only_value(loop: Hashable, name: str) -> ir.Expr | None:
    """What a loop binds a name to, where it does so in one place: ``step = self.rnn``."""
    if not isinstance(loop, (ir.For, ir.While)):
        return None
    every = [*(_targets(loop.target) if isinstance(loop, ir.For) else ()), *bound_in((*loop.body, *loop.orelse))]
    parts = list(walking.walk(loop.body)) if every.count(name) == 1 else []
    if any(isinstance(part, ir.FunctionDef) for part in parts):  # which has names of its own
        return None
    assigned = (part for part in parts if isinstance(part, ir.Assign) and len(part.targets) == 1)
    named = (one for one in assigned if isinstance(one.targets[0], ir.Name) and one.targets[0].id == name)
    return next((one.value for one in named), None)
