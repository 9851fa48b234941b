"""What is in what: the parts of a part of the program, and the one walk over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeAlias

from rnnlint.source.program import (
    Argument,
    Assign,
    Block,
    Case,
    Declare,
    Delete,
    Expr,
    For,
    Generator,
    Node,
    Parameter,
    Walrus,
)

Part: TypeAlias = Node | Argument | Case | Generator | Parameter
"""What a program is made of: its nodes, and what has no place of its own beside the expression in it."""


def children(part: Part) -> list[Part]:
    """The parts directly in a part, in the order of the file; the only place that knows which fields hold any."""
    get = _held.get(type(part)) or _holding(type(part))
    found: list[Part] = []
    if get is _nothing:  # half of all parts are names and constants
        return found
    if type(part) in _single:
        return [get(part)]  # type: ignore[list-item]
    _flatten(get(part), found)
    return found


def walk(root: Node | Block) -> Iterator[Node]:
    """Every node in a node, itself included, or in a block: in the order of the file, the outer before the inner."""
    pending: list[Part] = list(reversed(root)) if isinstance(root, tuple) else [root]
    pop = pending.pop
    while pending:
        part = pop()
        kind = type(part)
        if kind not in _PLACELESS:
            yield part  # type: ignore[misc]  # a Node: these have a place
        get = _held.get(kind) or _holding(kind)
        if get is _nothing:
            continue
        if kind in _single:  # as most that hold any
            pending.append(get(part))  # type: ignore[arg-type]
            continue
        found: list[Part] = []
        _flatten(get(part), found)
        found.reverse()
        pending += found


_PLACELESS = frozenset({Argument, Case, Generator, Parameter})


BINDING = (Assign, Case, Delete, Declare, For, Generator, Walrus)
"""What has targets."""


def targets(part: Part) -> tuple[Expr, ...]:
    """Those of the children of a part that it binds and does not read; ``x += 1`` reads its target too."""
    match part:
        case Assign(targets=found) | Delete(targets=found):
            return found
        case Declare(target=target) | For(target=target) | Generator(target=target) | Walrus(target=target):
            return (target,)
        case Case(target=pattern):
            return () if pattern is None else (pattern,)
    return ()


def _flatten(value: Any, found: list[Part]) -> None:
    """Add the parts in a field: one or none, or a tuple of them, of pairs, of names and blocks."""
    for one in value:
        # types are compared and not asked with isinstance: nodes have no subclasses, and every node of every file comes
        # by
        if type(one) is tuple:
            if one:
                _flatten(one, found)
        elif one is not None and type(one) is not str:
            found.append(one)


def _nothing(_: Any) -> tuple[object, ...]:
    """Of a kind that holds no parts."""
    return ()


_held: dict[type, Callable[[Any], tuple[object, ...]]] = {}  # by type, as they are met: what its fields hold
_single: set[type] = set()  # those that hold one part and always do: for these, it is the part itself


# by the annotations as they are written, so that a field that is added to a node is walked without being named here
# (tests/source/test_walk.py, test_no_part_is_forgotten_nor_met_twice)
_PARTS = re.compile(r"\b(?:Expr|Block|Argument|Case|Generator|Parameter)\b")


def _holding(kind: type) -> Callable[[Any], tuple[object, ...]]:
    """A function from a part of a kind to its fields that can hold parts, by what they are annotated with."""
    holding = [field for field in fields(kind) if _PARTS.search(str(field.type))]
    get: Callable[[Any], Any] = attrgetter(*(field.name for field in holding)) if holding else _nothing
    if len(holding) == 1 and holding[0].type == "Expr":
        _single.add(kind)
        _held[kind] = get
    else:
        _held[kind] = (lambda part: (get(part),)) if len(holding) == 1 else get  # of one name it gives the value itself
    return _held[kind]
