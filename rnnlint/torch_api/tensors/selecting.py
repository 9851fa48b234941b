"""Comparisons and encodings that hold at one position of an axis: as masks, and as weights, they pick that position."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from rnnlint.axes.operations.checks import broadcast
from rnnlint.axes.operations.indexing import Picks
from rnnlint.axes.operations.selectors import at_one, selector
from rnnlint.axes.reading import notes
from rnnlint.axes.states import (
    Block,
    Diagonal,
    Factor,
    Given,
    Mark,
    Note,
    Own,
    Position,
    Raises,
    Role,
    Selector,
    Somewhere,
    States,
    Unknown,
    shape,
)
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import constants, source_key
from rnnlint.torch_api.tensors import same_number, unknown_rank
from rnnlint.torch_api.tensors.less_one import is_last_valid, is_lengths_less_one
from rnnlint.values.domain import Formless, Free, Lit, Tensor, Value
from rnnlint.values.origins import Compared, Constants, Counting, Filled, Truths

T = TypeVar("T", bound=Value)


def equal(ctx: Context, left: Value, right: Value) -> Tensor | None:
    """``arange(n) == k``, also for the last step of each sample; None for any other comparison.  May raise Need."""
    for counted, number in ((left, right), (right, left)):
        axis = _counting(counted)
        if axis is not None and isinstance(counted, Tensor):
            return _at(ctx, counted, axis, number)
    return None


def _counting(value: Value) -> int | None:
    """The axis along which a tensor counts 0, 1, 2 ...; None where it does not, or in another order."""
    if not isinstance(value, Tensor) or not isinstance(value.states, Block) or value.states.orders:
        return None
    key = source_key(value)
    if not isinstance(key, Counting):
        return None
    whole = (Factor(Own(0), key.size),)
    return next((number for number, axis in enumerate(value.states.axes) if axis == whole), None)


def _at(ctx: Context, counted: Tensor, axis: int, number: Value) -> Tensor | None:
    sizes = shape(counted.states)
    position = _position(ctx, number)
    if position is not None:
        position += sizes[axis] if position < 0 else 0
        return one_at(ctx, position, axis, sizes) if 0 <= position < sizes[axis] else None
    if isinstance(number, Formless) and is_last_valid(number.root) and number.change > 0:
        unknown_rank.of_rank(ctx, Formless(number.root), 1)  # lengths are a vector
    if not isinstance(number, Tensor) or not is_lengths_less_one(number):
        return None
    common = broadcast(sizes, shape(number.states))
    if isinstance(common, Raises):  # where it fits, both have a row for each sample
        common = sizes
    place = axis + len(common) - len(sizes)
    own = place - len(common) + len(shape(number.states))
    if own >= 0 and shape(number.states)[own] != 1:  # each position beside a length of its own
        return None
    return one_at(ctx, Somewhere.LAST_VALID, place, common)


def _position(ctx: Context, number: Value) -> int | None:
    if isinstance(number, Lit) and isinstance(number.value, int) and not isinstance(number.value, bool):
        return number.value
    numbers = constants(number)
    return numbers[0] if numbers is not None and len(numbers) == 1 else None


def one_at(ctx: Context, position: Position, axis: int, sizes: tuple[int, ...]) -> Tensor:
    """A tensor that is 1 at one position of an axis, and 0 elsewhere."""
    return Tensor(ctx.given(Selector(position, axis), sizes))


TELLING = (Counting, Selector, Diagonal, Truths, Constants, Filled)
"""Keys of tensors that say what each element is."""


def otherwise(ctx: Context, value: T) -> T | Tensor:
    """What is computed of every element of a tensor that counts, or is 1 at one position: it does neither any more."""
    if not isinstance(value, Tensor) or not isinstance(source_key(value), TELLING):
        return same_number.forgotten(value)
    return Tensor(ctx.given(Compared(ctx.occurrence()), shape(value.states)))


def encoded(ctx: Context, number: Value, count: int) -> Tensor | None:
    """``one_hot(k, count)``, also of the last step of each sample; None for any other number."""
    position = _position(ctx, number)
    if position is not None:
        return one_at(ctx, position, 0, (count,)) if 0 <= position < count else None
    number = ctx.facts.tensor(number) if isinstance(number, Free) and is_last_valid(number) else number
    if isinstance(number, Formless) and is_last_valid(number.root):
        unknown_rank.of_rank(ctx, Formless(number.root), 1)  # lengths are a vector
    if isinstance(number, Tensor) and is_lengths_less_one(number):
        sizes = shape(number.states)
        return one_at(ctx, Somewhere.LAST_VALID, len(sizes), (*sizes, count))
    return None


def picks(mask: object, place: int, of: Tensor) -> tuple[Picks, ...] | None:
    """What a mask picks that holds at one position, as items of a subscript of a tensor from an axis on; None for
    anything else, and for a mask over other axes."""
    states = mask.states if isinstance(mask, Tensor) else None
    found = None if states is None else selector(states)
    if found is None or not isinstance(states, Block) or not isinstance(source_key(Tensor(states)), Selector):
        return None
    own = shape(of.states)
    axis, position = found
    if len(states.axes) == 1 and isinstance(position, int):
        return (Picks((position,), (1,)),)
    if len(states.axes) != 2 or axis != 1 or position is Somewhere.ANYWHERE or place + 2 > len(own):
        return None
    # one of each sample: the mask has a row for each
    rows = (own[place],)
    return (Picks(None, rows, 0), Picks(None, rows, None, position))


MOST = 64
"""Entries of an index that are looked at one by one: as many as the elements of a list (interpret.state.limits)."""


def pointed(states: States) -> object:
    """An index tensor: what made it says where it points."""
    if isinstance(states, Block) and isinstance(states.source, Given):
        key = states.source.key
        if isinstance(key, Counting) and not states.orders:
            axis = next((i for i, extent in enumerate(shape(states)) if extent != 1), 0)
            return Picks(None, shape(states), axis)
        if isinstance(key, Constants) and not states.orders and len(key.numbers) <= MOST:
            return Picks(key.numbers if states.axes else key.numbers[0], shape(states))
        if isinstance(key, Truths):
            return Picks(key.true, (len(key.true),)) if key.true else Unknown("a mask that picks nothing")
        if is_lengths_less_one(Tensor(states)):
            return Picks(None, shape(states), None, Somewhere.LAST_VALID)
    return Unknown("an index by a tensor")


def weighed(product: Value, factors: tuple[Tensor, Tensor]) -> Value:
    """A product of two tensors, noted where one of them is 1 at one step and 0 elsewhere: a sum over the steps is then
    that step."""
    for one in factors:
        product = _weighed(product, one) if isinstance(product, Tensor) else product
    return product


def mixed(value: Value) -> Value:
    """A tensor to which something was added: what a sum over its steps adds up is no longer one of them."""
    return Tensor(notes.without(value.states, Note.ONE_STEP)) if isinstance(value, Tensor) else value


def _weighed(tensor: Tensor, weights: Tensor) -> Tensor:
    found = selector(weights.states)
    if found is None:
        return tensor
    axis = found[0] - len(weights.states.axes)  # type: ignore[union-attr]
    position = found[1]
    note = Mark(Note.ONE_STEP, position if isinstance(position, int) else -1, None)

    def mark(block: Block) -> Block:
        whole = len(block.axes) >= -axis and [one.along for one in block.axes[axis]] == [Role.STEP]
        return replace(block, marks=(*block.marks, note)) if whole else block

    return Tensor(notes.each_block(tensor.states, mark))


def summed(states: States, axes: tuple[int, ...] | None) -> States:
    """What a sum over ``axes`` adds up: of steps that are 0 but for one, that one."""
    if axes is None or not isinstance(states, Block):
        return states
    one = notes.note(states, Note.ONE_STEP)
    rank = len(states.axes)
    place = next((axis % rank for axis in axes if -rank <= axis < rank and _steps(states, axis % rank)), None)
    if one is None or place is None:
        return states
    found = at_one(states, place, one.extent if one.extent >= 0 else Somewhere.LAST_VALID)
    return found if isinstance(found, Block) else states


def _steps(block: Block, axis: int) -> bool:
    return [one.along for one in block.axes[axis]] == [Role.STEP]
