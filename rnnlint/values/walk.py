"""Walking a value: what it can be, what it holds, and the tensors among that.

What holds others is entered once, however often it is met: ``s = (s, s)``, written n times, is n values, and 2**n to
whoever walks through them.  Walks use no recursion: values nest more deeply than Python's stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from rnnlint.axes.states import Block, Source, States, blocks, shape
from rnnlint.values.domain import Along, Distribution, Either, Items, Lit, Partial, Ref, Tensor, Value
from rnnlint.values.heap_cells import Cell, DictCell, ListCell, ObjectCell

Into: TypeAlias = Callable[[Value], Sequence[Value]]
"""What a walk enters: the values directly in a value, none where it is not entered."""


def options(value: Value) -> tuple[Value, ...]:
    """What a value can be."""
    return value.options if isinstance(value, Either) else (value,)


def held(cell: Cell) -> tuple[Value, ...]:
    """What a cell of the heap holds: the items of a list, the values of a dict, the attributes of an object."""
    match cell:
        case ListCell(items, rest):  # its last item is one of these
            return items if rest is None else (*items, rest)
        case DictCell(pairs, others=others):
            named = tuple(value for _, value in pairs)
            return named if others is None else (*named, others)
        case ObjectCell(attrs=attrs):
            return tuple(attrs.values())
    return ()


def parts(value: Value) -> tuple[Value, ...]:
    """What a walk enters unless it is told otherwise: tuples, and what a value can be."""
    # by type and not by match: asked of every value that is met
    kind = type(value)
    if kind is Items:
        return value.items  # type: ignore[union-attr]
    if kind is Partial:
        return (value.function, *value.args)  # type: ignore[union-attr]
    if kind is Distribution:
        return tuple(one for _, one in value.given)  # type: ignore[union-attr]
    return value.options if kind is Either else ()  # type: ignore[union-attr]


def in_memory(heap: Mapping[int, Cell]) -> Into:
    """Enter lists and dicts as well, through the heap that has them; objects are met, and not entered."""

    def into(value: Value) -> tuple[Value, ...]:
        if isinstance(value, Ref):
            cell = heap[value.cell]
            return () if isinstance(cell, ObjectCell) else held(cell)
        return parts(value)

    return into


def walk(value: Value, into: Into = parts) -> Iterable[Value]:
    """A value and all in it, the outer before the inner, in order."""
    inner = into(value)
    # most hold nothing, and need no generator
    return _walked(value, inner, into) if inner else (value,)


def _walked(value: Value, inner: Sequence[Value], into: Into) -> Iterator[Value]:
    yield value
    pending = [*reversed(inner)]
    entered: set[object] = {value if isinstance(value, Ref) else id(value)}
    while pending:
        one = pending.pop()
        inner = into(one)
        if inner:
            key: object = one if isinstance(one, Ref) else id(one)  # two references to one list are one list
            if key in entered:
                continue
            entered.add(key)
        yield one
        pending += reversed(inner)


def leaves(value: Value) -> Iterator[Value]:
    """What is in a value or can be it, and is itself neither a tuple nor one of several."""
    return (one for one in walk(value) if not isinstance(one, (Items, Either)))


def tensors(value: Value, into: Into = parts, *, along: bool = False) -> Iterator[States]:
    """The arrangements of the tensors in a value; with ``along``, also of those that are too many to be listed."""
    for one in walk(value, into):
        if isinstance(one, Tensor) or (along and isinstance(one, Along)):
            yield one.states


def blocks_in(value: Value, into: Into = parts, *, along: bool = False) -> Iterator[Block]:
    """What :func:`tensors` are made of, block by block."""
    return (block for states in tensors(value, into, along=along) for block in blocks(states))


def sources(value: Value, into: Into = parts, *, along: bool = False) -> dict[Source, None]:
    """What :func:`tensors` are made of, each source once, in the order in which they are met."""
    # as most are that is asked about, and without a walk
    if isinstance(value, Tensor) and isinstance(value.states, Block):
        return {value.states.source: None}
    return {block.source: None for block in blocks_in(value, into, along=along)}


def goes_with(one: Either, other: Either) -> bool:
    """Whether each option of one value is made of the same tensors as that option of another, and of no others; or is
    the extent of an axis of that one, and of no others."""
    if len(one.options) != len(other.options):
        return False
    made_of = [frozenset(sources(option)) for option in one.options]
    if not any(made_of):
        return _measures(one, other)
    if not all(made_of) or len(set(made_of)) != len(made_of):
        return False
    return made_of == [frozenset(sources(option)) for option in other.options]


def _measures(sizes: Either, other: Either) -> bool:
    """Whether each of several numbers is the extent of an axis of that option of another value, and of no others."""
    extents = [{extent for states in tensors(option) for extent in shape(states)} for option in other.options]
    holders = [
        [place for place, among in enumerate(extents) if isinstance(size, Lit) and size.value in among]
        for size in sizes.options
    ]
    return holders == [[place] for place in range(len(extents))]
