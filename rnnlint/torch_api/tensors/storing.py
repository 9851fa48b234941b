"""What a tensor is after something was stored in it of which the program says what each element is."""

from __future__ import annotations

from rnnlint.axes.states import Block, Given, Note, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import source_key
from rnnlint.torch_api.tensors import same_number, selecting
from rnnlint.torch_api.tensors.indexing import Dots, Item, SliceOf
from rnnlint.values.domain import Lit, Tensor, Value
from rnnlint.values.uses import Use

_WHOLE = SliceOf(None, None, None)


def stored(ctx: Context, tensor: Tensor, items: tuple[Item, ...], value: Value) -> Tensor | None:
    """``tensor[items] = value``: zeros may be 1 at one position then, anything else of that kind is not known.

    None for a tensor of which nothing is known.
    """
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
