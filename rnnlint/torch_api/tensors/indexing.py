"""Subscripts of tensors."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from rnnlint.axes.operations import indexing
from rnnlint.axes.reading import sample_orders
from rnnlint.axes.states import Call, Raises, Role, Somewhere, States, Unknown, blocks, shape
from rnnlint.events import Indexed
from rnnlint.frozen import dataclass
from rnnlint.torch_api.batches.lengths import cut_to_own, own_length
from rnnlint.torch_api.batches.sorting import order_by, reorder, unranked_index, unranked_sorted
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.misreads import known_as_state
from rnnlint.torch_api.tensors import drawn_numbers, feature_cuts, same_number, selecting
from rnnlint.torch_api.tensors.less_one import (
    ARRAY_LESS_ONE,
    LAST_ROUND,
    is_last_valid,
    is_lengths_less_one,
    is_less_one,
    is_open_size,
)
from rnnlint.values.domain import Along, Formless, Free, Items, Lit, SizeOf, Tensor, Value
from rnnlint.values.forms import Arithmetic
from rnnlint.values.roots import base
from rnnlint.values.uses import Use
from rnnlint.values.walk import options


@dataclass(frozen=True, slots=True)
class SliceOf:
    """``lower:upper:step`` of values; None where nothing is written."""

    lower: Value | None
    upper: Value | None
    step: Value | None


@dataclass(frozen=True, slots=True)
class Dots:
    """``...``"""


@dataclass(frozen=True, slots=True)
class One:
    """``t : t + 1`` for the variable of a loop: one position, and the axis stays."""


DOTS = Dots()
ONE = One()
SPECIAL = (SliceOf, Dots, One)
Item: TypeAlias = Value | SliceOf | Dots | One


def index(ctx: Context, value: Value, items: tuple[Item, ...]) -> Value:
    """``tensor[items]``."""
    if isinstance(value, Formless):
        return _index_formless(ctx, value, items)
    if not isinstance(value, Tensor):
        return value
    if not shape(value.states) and items == (Lit(0),) and not ctx.calls.modules(value.states):
        return value  # before torch 0.4 a number was a vector of one, and programs of that time take it out by [0]
    if items and isinstance(items[0], (Lit, Free)) and items[0] != Lit(None):
        known_as_state(ctx, value)  # a layer is picked, or a direction
    items = _each_sample(value.states, items)
    place = _reordering(items)
    axis = None if place is None else _axis_of(len(shape(value.states)), items, place)
    if place is not None and axis is not None:
        value = reorder(ctx, value, axis, order_by(items[place]) or ())
        items = (*items[:place], SliceOf(None, None, None), *items[place + 1 :])
    parts = tuple(part for place, item in enumerate(items) for part in _parts_of(ctx, value, item, place))
    parts = _one_each(ctx, value.states, items, parts)
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    if unknown is not None:
        ctx.use(value, Use.ELSEWHERE)
        read(ctx, items)
        return unknown
    parts = _own_ends(value.states, _aligned(_counted(ctx, value, parts)))
    result = indexing.index(value.states, parts)  # type: ignore[arg-type]
    if isinstance(result, Raises):
        certain = _certain(ctx, value.states, items)
        if not certain:  # where it fits, it is one position, and it is not known which
            open_ = [isinstance(part, int) and bool(ctx.facts.free_of(part)) for part in parts]
            parts = tuple(Somewhere.ANYWHERE if one else part for part, one in zip(parts, open_, strict=True))
            result = indexing.index(value.states, parts) if any(open_) else result  # type: ignore[arg-type]
    if isinstance(result, Raises):
        if not certain:
            ctx.use(value, Use.ELSEWHERE)
            return Unknown("an index that fits in some programs only")
        ctx.emit(Indexed(value.states, None, ctx.site, f"{result.error}: {result.text}"))
        raise TorchRaises(result.error, result.text)
    settled = ctx.settle(result)
    if isinstance(settled, Tensor):
        settled = Tensor(cut_to_own(ctx, value.states, settled.states, _ends(value.states, items)))
        ctx.emit(Indexed(value.states, settled.states, ctx.site))
        feature_cuts.part_features(ctx, value.states, parts)
    return settled


def _own_ends(states: States, parts: tuple[object, ...]) -> tuple[object, ...]:
    """The last position of a sample that was cut to its own length is its own last step."""

    def own(part: object, place: int) -> bool:
        axis = _axis_of(len(shape(states)), parts, place) if type(part) is int else None
        return axis is not None and part in (-1, shape(states)[axis] - 1) and own_length(states, axis)

    return tuple(Somewhere.LAST_VALID if own(part, place) else part for place, part in enumerate(parts))


def _ends(states: States, items: tuple[Item, ...]) -> dict[int, Value]:
    """Where the slices of a subscript end, by the axes that they cut."""
    ends = [(place, item.upper) for place, item in enumerate(items) if isinstance(item, SliceOf)]
    axes = [(_axis_of(len(shape(states)), items, place), end) for place, end in ends if end not in (None, Lit(None))]
    return {axis: end for axis, end in axes if axis is not None and end is not None}


def _each_sample(states: States, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The last round of a loop over the samples picks one of them like every other round: no loop reads just it."""

    def of_samples(place: int) -> bool:
        axis = _axis_of(len(shape(states)), items, place)
        return axis is not None and along_samples(states, axis)

    return tuple(
        Unknown(LOOP) if isinstance(item, Lit) and LAST_ROUND in item.origins and of_samples(place) else item
        for place, item in enumerate(items)
    )


def along_samples(states: States, axis: int) -> bool:
    """Whether an axis of what an RNN returned is its samples."""
    held = [block for block in blocks(states) if isinstance(block.source, Call)]
    return any([factor.along for factor in block.axes[axis]] == [Role.SAMPLE] for block in held)


def _reordering(items: tuple[Item, ...]) -> int | None:
    """Which of the items is the index of a sort, beside slices and numbers that stand next to it."""
    places = [place for place, item in enumerate(items) if order_by(item) is not None]
    if len(places) != 1:
        return None
    for place, item in enumerate(items):
        beside = isinstance(item, (Lit, Free)) and item != Lit(None)
        if not isinstance(item, (Lit, Free, SliceOf, Dots)) and place != places[0]:
            return None
        if beside and abs(place - places[0]) > 1:
            return None
    return places[0]


def _axis_of(rank: int, items: tuple[object, ...], place: int) -> int | None:
    """The axis that an item of a subscript indexes."""
    dots = [item is Ellipsis or isinstance(item, Dots) for item in items]
    explicit = [item is not None and item != Lit(None) and not dot for item, dot in zip(items, dots, strict=True)]
    axis = rank - sum(explicit[place:]) if any(dots[:place]) else sum(explicit[:place])
    return axis if 0 <= axis < rank else None


def scattered(ctx: Context, source: Tensor, items: tuple[Item, ...]) -> Tensor | None:
    """What ``new`` is after ``new[items] = source`` with the index of a sort: that order undone; None for others."""
    place = _reordering(items)
    axis = None if place is None else _axis_of(len(shape(source.states)), items, place)
    if place is None or axis is None:
        return None
    return reorder(ctx, source, axis, sample_orders.inverse(order_by(items[place]) or ()))


def read(ctx: Context, items: tuple[Item, ...]) -> None:
    """Tensors among the items of a subscript that cannot be followed are read there."""
    for item in items:
        if not isinstance(item, SPECIAL):
            ctx.use(item, Use.ELSEWHERE)


def _counted(ctx: Context, tensor: Tensor, parts: tuple[object, ...]) -> tuple[object, ...]:
    """``arange`` of an open number of positions counts those of its axis, where both are as open: all of them."""
    found = list(parts)
    for place, part in enumerate(parts):
        if not isinstance(part, indexing.Picks) or part.counting != 0 or len(part.shape) != 1:
            continue
        axis = _axis_of(len(shape(tensor.states)), parts, place)
        size = part.shape[0] if axis is None else shape(tensor.states)[axis]
        if size != part.shape[0] and ctx.facts.free_of(size) and is_open_size(ctx, part.shape[0]):
            found[place] = replace(part, shape=(size,))
    return tuple(found)


def _one_each(ctx: Context, states: States, items: tuple[Item, ...], parts: tuple[object, ...]) -> tuple[object, ...]:
    """A vector of which nothing is known, beside an ``arange``: one position for each that is counted, whichever.

    Not of what was unpacked: who picks by an index there may know in another arm that all samples are as long.
    """
    counts = {p.shape[0] for p in parts if isinstance(p, indexing.Picks) and p.counting == 0 and len(p.shape) == 1}
    packed = any(isinstance(block.source, Call) and block.source.packed for block in blocks(states))
    if not counts or packed or len(items) != len(parts):
        return parts
    pairs = zip(items, parts, strict=True)
    return tuple(Somewhere.ANYWHERE if isinstance(p, Unknown) and _is_vector(ctx, i, counts) else p for i, p in pairs)


def _is_vector(ctx: Context, item: Item, counts: set[int]) -> bool:
    """Whether an index has one axis: of an open value that is so where it is its own length that is counted, or that of
    what it was made of."""
    tensor = ctx.facts.tensor(item) if isinstance(item, (Free, Formless)) else item
    if isinstance(tensor, Formless):
        made_of = (tensor, Formless(base(tensor.root), tensor.change))
        return any(ctx.facts.integer(ctx.facts.size_of(SizeOf(one), 0)) in counts for one in made_of)
    return isinstance(tensor, Tensor) and len(shape(tensor.states)) == 1


def _aligned(parts: tuple[object, ...]) -> tuple[object, ...]:
    """``lengths`` has as many entries as the ``arange`` beside it, whatever open size each was made with."""
    counted = next((p for p in parts if isinstance(p, indexing.Picks) and p.counting is not None), None)
    if counted is None:
        return parts
    return tuple(
        replace(p, shape=counted.shape)
        if isinstance(p, indexing.Picks) and p.values is None and p.counting is None and len(p.shape) == 1
        else p
        for p in parts
    )


def _certain(ctx: Context, states: States, items: tuple[Item, ...]) -> bool:
    """Whether an index that is out of range here is so in every program: what it depends on, the extents do too."""
    own: set[object] = set().union(*(ctx.facts.free_of(extent) for extent in shape(states)))
    asked: set[object] = set()
    for item in items:
        for part in (item.lower, item.upper, item.step) if isinstance(item, SliceOf) else (item,):
            number = None if part is None or isinstance(part, (Dots, One)) else ctx.facts.integer(part)
            if isinstance(part, Tensor):
                number = same_number.number_of(ctx, part)
            counted = isinstance(part, Lit) and LAST_ROUND in part.origins  # less one, of which nothing is noted
            asked |= set() if number is None else ctx.facts.free_of(number + counted)
    return asked <= own


def _parts_of(ctx: Context, tensor: Tensor, item: Item, place: int) -> tuple[object, ...]:
    whole = (Somewhere.ANYWHERE, None) if isinstance(item, One) else selecting.picks(item, place, tensor)
    return whole or (_part(ctx, tensor, item),)  # type: ignore[arg-type]  # a One is no part


def _part(ctx: Context, tensor: Tensor, item: Value | SliceOf | Dots) -> object:
    """One item of a subscript as the algebra takes it."""
    match item:
        case Dots():
            return Ellipsis
        case SliceOf(lower, upper, step):
            bounds: list[int | None] = []
            for bound in (lower, upper, step):
                left_out = bound is None or bound == Lit(None)
                number = None if left_out else ctx.facts.integer(bound)
                if number is None and not left_out:
                    return Unknown("a slice whose bounds are not known")
                bounds.append(number)
            if bounds[2] is not None and ctx.facts.open(bounds[2]):  # a rate that is left open: several
                return indexing.Stretch(ctx.facts.generic(("every", *bounds)))
            return slice(*bounds)
        case Lit(None):
            return None
        case Lit(bool()):
            return Unknown("an index by a truth value")
        case Lit(int() as number):
            return Somewhere.LAST_VALID if _less_one(ctx, tensor, item) else number
        case Free():
            return _open_position(ctx, tensor, item)
        case Tensor(states) | Along(states, 0):
            each = same_number.number_of(ctx, item)
            if each is None:
                return selecting.pointed(states)
            where = Somewhere.LAST_VALID if _less_one(ctx, tensor, Lit(each)) else each
            return indexing.Picks(None, shape(states), None, where)
        case Formless(root):
            if unranked_index(item):
                return slice(None)
            return Somewhere.LAST_VALID if is_last_valid(root) else Unknown("an index by a tensor of unknown shape")
        case Items(values):
            return _listed(ctx, values)
        case Unknown() if item == ARRAY_LESS_ONE:
            return Somewhere.LAST_VALID
        case Unknown(reason):
            return Somewhere.ANYWHERE if reason in OF_LOOPS else Unknown(reason)
    known = ctx.containers.elements(item)
    return _open_list(ctx, item) if known is None else _listed(ctx, known)


def _open_list(ctx: Context, item: Value) -> object:
    """A list of an open number of positions: ``range(n)``, or what the same expression gives for each sample."""
    each = ctx.containers.collected(item)
    count = ctx.containers.counted(item) or ctx.facts.generic(("positions", ctx.occurrence()))
    if isinstance(each, Unknown) and each.reason == LOOP:
        return indexing.Picks(None, (count,), 0)
    if each is not None and all(not isinstance(way, Lit) and is_less_one(ctx, way) for way in options(each)):
        return indexing.Picks(None, (count,), None, Somewhere.LAST_VALID)
    return Unknown("an index that is not known")


LOOP = "the variable of a loop"
COUNTED = "a number that the variable of a loop gives"  # such as ``steps - 1 - t``: some position, in no known order
# of ``range(0, n, size)``, or made of it: where a part begins or ends
STRIDED = "a number that a loop comes to by leaving some out"
OF_LOOPS = (LOOP, COUNTED, STRIDED)


def scalar(tensor: Tensor | Formless) -> Free:
    """The number in a tensor that has one element and that no RNN returned."""
    if isinstance(tensor, Formless):
        root = tensor.root
        return root if root.form is not None else Free(f"{root.key}[...]", root.owner)
    number = Free("item()", tensor.states)
    return replace(number, form=Arithmetic("-", number, Lit(1))) if is_lengths_less_one(tensor) else number


def _less_one(ctx: Context, tensor: Tensor, item: Lit) -> bool:
    """Whether an index is one less than a size that the file leaves open, and the tensor has no axis of that size: a
    length (``len(row) - 1``), and no number that a loop counts to."""
    number = ctx.facts.integer(item)
    if number is None or not is_less_one(ctx, item):
        return False
    return all(ctx.facts.free_of(number + 1).isdisjoint(ctx.facts.free_of(extent)) for extent in shape(tensor.states))


def _open_position(ctx: Context, tensor: Tensor, value: Free) -> object:
    """An index the file leaves open: the number, where it is one of the tensor's own sizes."""
    number = ctx.facts.integer(value)
    own = set().union(*(ctx.facts.free_of(extent) for extent in shape(tensor.states)))
    if number is not None and ctx.facts.free_of(number) <= own:
        return number
    if drawn_numbers.sources_of(value):  # where an element of the scores stands: it can be any
        return Somewhere.ANYWHERE
    return Somewhere.LAST_VALID if is_last_valid(value) else Unknown("an index that is not known")


def _listed(ctx: Context, values: tuple[Value, ...]) -> object:
    """A list as an index: of positions, or a mask of truths, which picks the positions where it is true."""
    truths = [value.value for value in values if isinstance(value, Lit) and isinstance(value.value, bool)]
    if truths and len(truths) == len(values) <= selecting.MOST:
        true = tuple(position for position, truth in enumerate(truths) if truth)
        return indexing.Picks(true, (len(true),)) if true else Unknown("a mask that picks nothing")
    if any(isinstance(value, Lit) and isinstance(value.value, bool) for value in values):
        return Unknown("an index of truths and numbers")
    numbers = tuple(ctx.facts.integer(value) if isinstance(value, Lit) else None for value in values)
    if numbers and all(map(is_lengths_less_one, values)):
        return indexing.Picks(None, (len(numbers),), None, Somewhere.LAST_VALID)
    if not numbers or None in numbers or len(numbers) > selecting.MOST:
        return Unknown("an index list that is not known")
    return indexing.Picks(numbers, (len(numbers),))  # type: ignore[arg-type]


def _index_formless(ctx: Context, value: Formless, items: tuple[Item, ...]) -> Value:
    """How an index changes an unknown rank; one that a list takes as well leaves open whether it is a tensor."""
    change = 0
    unsure = value.unsure and len(items) == 1 and isinstance(items[0], (SliceOf, One, Lit, Unknown, Free))
    for item in items:
        match item:
            case Lit(None):
                change += 1
            case SliceOf() | Dots() | One():
                pass
            case Formless() if unranked_index(item):
                value = unranked_sorted(value, item)
            case Tensor() | Along() if order_by(item) is not None:
                pass
            case Lit(int()) | Unknown() | Free():
                change -= 1
            case _:
                read(ctx, items)
                return Unknown("an index by a tensor of unknown shape")
    return Formless(value.root, value.change + change, unsure=unsure and items != (Lit(None),))
