"""Loops being run, and the names that they bind."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import cache

from rnnlint.frozen import dataclass
from rnnlint.source import program as ir


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


@cache
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


def around(function: ir.Expr, loops: Loops) -> Loops:
    """The innermost loops in which an expression is the same function each time round."""
    while isinstance(function, ir.Attribute):
        function = function.value
    if not isinstance(function, ir.Name):
        return ()
    name = function.id
    varying = [place for place, loop in enumerate(loops) if name in loop.bound]
    return loops[varying[-1] + 1 :] if varying else loops
