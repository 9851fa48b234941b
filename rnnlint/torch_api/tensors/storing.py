"""What a tensor is after something was stored in it of which the program says what each element is."""

from __future__ import annotations

from math import prod

from rnnlint.axes.operations import combine, regroup, select
from rnnlint.axes.states import Block, Given, Note, Raises, Result, States, Unknown, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import source_key
from rnnlint.torch_api.tensors import drawn_numbers, same_number, selecting
from rnnlint.torch_api.tensors.indexing import Dots, Item, SliceOf
from rnnlint.torch_api.tensors.less_one import LAST_ROUND
from rnnlint.values.domain import Lit, Tensor, Value
from rnnlint.values.uses import Use

_WHOLE = SliceOf(None, None, None)


def stored(ctx: Context, tensor: Tensor, items: tuple[Item, ...], value: Value) -> Tensor | None:
    """``tensor[items] = value``: zeros may be 1 at one position then, anything else of that kind is not known.

    None for a tensor of which nothing is known.
    """
    only = drawn_numbers.made(ctx, value, shape(tensor.states)) if prod(shape(tensor.states)) == 1 else None
    if only is not None:
        return only
    zero = 0 in (same_number.number_of(ctx, tensor), same_number.number_of(ctx, tensor, Note.ONE_TRUTH))
    if zero and isinstance(value, Lit) and value.value in (1, True):
        found = _one_position(ctx, tensor, items)
        if found is not None:
            ctx.use(tensor, Use.ELSEWHERE)
            return selecting.one_at(ctx, *found, shape(tensor.states))
    if same_number.is_noted(tensor) or isinstance(source_key(tensor), selecting.TELLING):
        return selecting.otherwise(ctx, tensor)
    return None


def _one_position(ctx: Context, tensor: Tensor, items: tuple[Item, ...]) -> tuple[int, int] | None:
    """The position, and its axis, that a subscript picks of all of a tensor; None where it is not one of one axis."""
    sizes = shape(tensor.states)
    block = tensor.states
    if not isinstance(block, Block) or not isinstance(block.source, Given) or block.at or block.source.shape != sizes:
        return None
    place = items.index(Dots()) if Dots() in items else len(items)
    items = (*items[:place], *(_WHOLE,) * (len(sizes) - len(items) + (place < len(items))), *items[place + 1 :])
    if len(items) != len(sizes):
        return None
    found: list[tuple[int, int]] = []
    for axis, item in enumerate(items):
        position = _position(ctx, item, sizes[axis])
        if position is not None:
            found.append((position, axis))
        elif item != _WHOLE:
            return None
    return found[0] if len(found) == 1 else None


def _position(ctx: Context, item: Item, size: int) -> int | None:
    """The one position that an item of a subscript picks of so many; ``-1:`` picks one as well."""
    last = isinstance(item, SliceOf) and item.upper is None and item.step is None
    number = item.lower if last and isinstance(item, SliceOf) else item
    if not isinstance(number, Lit) or type(number.value) is not int or not -size <= number.value < size:
        return None
    position = number.value % size
    return None if last and position != size - 1 else position


def put_in(ctx: Context, tensor: Tensor, items: tuple[Item, ...], value: Tensor) -> Tensor | None:
    """``tensor[items] = value``, where both hold states and it is known which positions are overwritten; else None."""
    sizes = shape(tensor.states)
    place = items.index(Dots()) if Dots() in items else len(items)
    every = (*items[:place], *(_WHOLE,) * (len(sizes) - len(items) + (place < len(items))), *items[place + 1 :])
    if len(every) != len(sizes) or Dots() in every:
        return None
    spans = [_span(ctx, item, size) for item, size in zip(every, sizes, strict=True)]
    known = [span for span in spans if span is not None]
    if len(known) < len(spans) or shape(value.states) != tuple(stop - start for start, stop, kept in known if kept):
        return None
    states: States | Raises | Unknown = value.states
    for axis, (_, _, kept) in enumerate(known):  # an index is a slice of one
        if not kept and not isinstance(states, (Raises, Unknown)):
            states = regroup.unsqueeze(states, axis)
    made = _replaced(tensor.states, [(start, stop) for start, stop, _ in known], states)
    settled = None if isinstance(made, (Raises, Unknown)) else ctx.settle(made)
    return settled if isinstance(settled, Tensor) else None


def _replaced(states: Result, spans: list[tuple[int, int]], value: Result) -> Result:
    """``states`` with ``value`` in the place of what lies between bounds along every axis."""
    for axis, (start, stop) in enumerate(spans):
        if isinstance(states, (Raises, Unknown)) or (start, stop) == (0, shape(states)[axis]):
            continue
        inner = select.narrow(states, axis, start, stop)
        inside = _replaced(inner, [*((0, size) for size in _sizes(inner)[: axis + 1]), *spans[axis + 1 :]], value)
        around = select.narrow(states, axis, 0, start), inside, select.narrow(states, axis, stop, None)
        parts: list[States] = []
        for part in around:
            if isinstance(part, (Raises, Unknown)):
                return part
            parts += [part] if shape(part)[axis] else []
        return combine.cat(parts, axis)
    return value


def _sizes(states: Result) -> tuple[int, ...]:
    return () if isinstance(states, (Raises, Unknown)) else shape(states)


def _span(ctx: Context, item: Item, size: int) -> tuple[int, int, bool] | None:
    """From where to where an item of a subscript takes an axis, and whether that is left; None where nobody knows."""
    if isinstance(item, Lit) and type(item.value) is int and -size <= item.value < size and not of_a_loop(item):
        start = item.value % size
        return start, start + 1, False
    if not isinstance(item, SliceOf) or item.step is not None:
        return None
    given = [bound for bound in (item.lower, item.upper) if bound is not None]
    if any(ctx.facts.integer(bound) is None for bound in given):
        return None
    bounds = [None if bound is None else ctx.facts.integer(bound) for bound in (item.lower, item.upper)]
    start, stop, _ = slice(*bounds).indices(size)
    return (start, stop, True) if start < stop else None


def of_a_loop(item: Lit) -> bool:
    """Whether a number is that of a round of a loop, of which the others store elsewhere."""
    return LAST_ROUND in item.origins
