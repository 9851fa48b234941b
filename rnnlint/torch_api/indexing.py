"""Subscripts, attributes and arithmetic of tensors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from rnnlint.axes import combine, indexing, meaning, notes, order, orders, results
from rnnlint.axes.checks import broadcast
from rnnlint.axes.states import (
    Block,
    Call,
    Given,
    Kind,
    Raises,
    Role,
    Somewhere,
    States,
    Unknown,
    blocks,
    shape,
)
from rnnlint.events import Indexed, PairRead, Parted
from rnnlint.torch_api import products
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.operands import renewed, source_key
from rnnlint.torch_api.sorting import ARANGE, MASK, negated, order_by, reorder, unranked_index, unranked_sorted
from rnnlint.values.domain import Along, Formless, Free, Items, Lit, Memory, Packed, SizeOf, Tensor, Value


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

TENSOR_ATTRIBUTES = frozenset({"shape", "T", "mT", "H", "mH", "data", "grad", "ndim", "device", "dtype", "real"})
_PACKED_FIELDS = frozenset({"data", "batch_sizes", "sorted_indices", "unsorted_indices"})


def attribute(ctx: Context, value: Value, name: str) -> Value:
    """``tensor.name`` for what is no method."""
    if isinstance(value, Packed):
        return Free(name, value) if name in _PACKED_FIELDS else Unknown(f"{name} of a PackedSequence")
    if isinstance(value, Formless):
        if name == "shape":
            return SizeOf(value)
        if name in ("T", "mT"):
            return Formless(value.root, value.change)
        return value if name in ("data", "real") else Unknown(f"{name} of a tensor")
    if not isinstance(value, Tensor):
        return Unknown(f"{name} of something that is not followed")
    states = value.states
    if name in ("shape", "ndim"):
        ctx.looked(states)
    match name:
        case "shape":
            return Items(tuple(map(ctx.number, shape(states))))
        case "ndim":
            return Lit(len(shape(states)))
        case "T" | "H":
            return ctx.settle(order.permute(states, tuple(reversed(range(len(shape(states)))))))
        case "mT" | "mH":
            return ctx.settle(order.transpose(states, -2, -1))
        case "data":
            return Tensor(meaning.detached(states))
        case "real":
            return value
    return Unknown(f"{name} of a tensor")


def index(ctx: Context, value: Value, items: tuple[Item, ...]) -> Value:
    """``tensor[items]``."""
    if isinstance(value, Formless):
        return _index_formless(ctx, value, items)
    if not isinstance(value, Tensor):
        return value
    items = _each_sample(value.states, items)
    place = _reordering(items)
    axis = None if place is None else _axis_of(len(shape(value.states)), items, place)
    if place is not None and axis is not None:
        value = reorder(ctx, value, axis, order_by(items[place]) or ())
        items = (*items[:place], SliceOf(None, None, None), *items[place + 1 :])
    parts = tuple(part for item in items for part in _parts_of(ctx, value, item))
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    if unknown is not None:
        ctx.use(value, "elsewhere")
        read(ctx, items)
        return unknown
    parts = _aligned(_counted(ctx, value, parts))
    result = indexing.index(value.states, parts)  # type: ignore[arg-type]
    if isinstance(result, Raises):
        certain = _certain(ctx, value.states, items)
        if not certain:  # where it fits, it is one position, and it is not known which
            open_ = [isinstance(part, int) and bool(ctx.free_of(part)) for part in parts]
            parts = tuple(Somewhere.ANYWHERE if one else part for part, one in zip(parts, open_, strict=True))
            result = indexing.index(value.states, parts) if any(open_) else result  # type: ignore[arg-type]
    if isinstance(result, Raises):
        if not certain:
            ctx.use(value, "elsewhere")
            return Unknown("an index that fits in some programs only")
        ctx.emit(Indexed(value.states, None, ctx.site, f"{result.error}: {result.text}"))
        raise TorchRaises(result.error, result.text)
    settled = ctx.settle(result)
    if isinstance(settled, Tensor):
        ctx.emit(Indexed(value.states, settled.states, ctx.site))
        _part_features(ctx, value.states, parts)
    return settled


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
        beside = isinstance(item, Lit | Free) and item != Lit(None)
        if not isinstance(item, Lit | Free | SliceOf | Dots) and place != places[0]:
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
    return reorder(ctx, source, axis, orders.inverse(order_by(items[place]) or ()))


def read(ctx: Context, items: tuple[Item, ...]) -> None:
    """Tensors among the items of a subscript that cannot be followed are read there."""
    for item in items:
        if not isinstance(item, SPECIAL):
            ctx.use(item, "elsewhere")


def _counted(ctx: Context, tensor: Tensor, parts: tuple[object, ...]) -> tuple[object, ...]:
    """``arange`` of an open number of positions counts those of its axis, where both are as open: all of them."""
    found = list(parts)
    for place, part in enumerate(parts):
        if not isinstance(part, indexing.Picks) or part.counting != 0 or len(part.shape) != 1:
            continue
        axis = _axis_of(len(shape(tensor.states)), parts, place)
        size = part.shape[0] if axis is None else shape(tensor.states)[axis]
        if size != part.shape[0] and ctx.free_of(size) and _own(ctx, part.shape[0]):
            found[place] = replace(part, shape=(size,))
    return tuple(found)


def _own(ctx: Context, count: int) -> bool:
    """Whether a number is one size that the file leaves open, as it stands."""
    keys = ctx.free_of(count)
    return len(keys) == 1 and ctx.generic(next(iter(keys))) == count


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
    own: set[object] = set().union(*(ctx.free_of(extent) for extent in shape(states)))
    asked: set[object] = set()
    for item in items:
        for part in (item.lower, item.upper, item.step) if isinstance(item, SliceOf) else (item,):
            number = None if part is None or isinstance(part, Dots | One) else ctx.integer(part)
            asked |= set() if number is None else ctx.free_of(number)
    return asked <= own


def _parts_of(ctx: Context, tensor: Tensor, item: Item) -> tuple[object, ...]:
    return (Somewhere.ANYWHERE, None) if isinstance(item, One) else (_part(ctx, tensor, item),)


def _part(ctx: Context, tensor: Tensor, item: Value | SliceOf | Dots) -> object:
    """One item of a subscript as the algebra takes it."""
    match item:
        case Dots():
            return Ellipsis
        case SliceOf(lower, upper, step):
            bounds: list[int | None] = []
            for bound in (lower, upper, step):
                if bound is None or bound == Lit(None):
                    bounds.append(None)
                    continue
                number = ctx.integer(bound)
                if number is None:
                    return Unknown("a slice whose bounds are not known")
                bounds.append(number)
            return slice(*bounds)
        case Lit(None):
            return None
        case Lit(bool()):
            return Unknown("an index by a truth value")
        case Lit(int() as number):
            return number
        case Free():
            return _open_position(ctx, tensor, item)
        case Tensor(states) | Along(states, 0):
            return _picks(states)
        case Formless(root):
            if unranked_index(item):
                return slice(None)
            return Somewhere.LAST_VALID if is_last_valid(root) else Unknown("an index by a tensor of unknown shape")
        case Items(values):
            return _listed(ctx, values)
        case Unknown(reason):
            return Somewhere.ANYWHERE if reason == LOOP else Unknown(reason)
    known = ctx.elements(item)
    return _open_list(ctx, item) if known is None else _listed(ctx, known)


def _open_list(ctx: Context, item: Value) -> object:
    """A list of an open number of positions: ``range(n)``, or what the same expression gives for each sample."""
    each = ctx.collected(item)
    count = ctx.generic(("positions", ctx.occurrence()))
    if isinstance(each, Unknown) and each.reason == LOOP:
        return indexing.Picks(None, (count,), 0)
    if isinstance(each, Free) and is_last_valid(each):
        return indexing.Picks(None, (count,), None, Somewhere.LAST_VALID)
    return Unknown("an index that is not known")


LOOP = "the variable of a loop"
LAST_ROUND = "the last round of a loop"
"""Among the origins of a number: it is what a loop counts to."""


def scalar(tensor: Tensor | Formless) -> Free:
    """The number in a tensor that has one element and that no RNN returned."""
    if isinstance(tensor, Formless):
        root = tensor.root
        return root if root.form is not None else Free(f"{root.key}[...]", root.owner)
    number = Free("item()", tensor.states)
    return replace(number, form=("-", number, Lit(1))) if _last(tensor) else number


def _last(value: Value) -> bool:
    """Whether a number, or a tensor of numbers, is ``lengths - 1``."""
    return is_last_valid(value) if isinstance(value, Free) else source_key(value)[:1] == ("last valid",)


def is_last_valid(value: Free) -> bool:
    """Whether an open value is ``something - 1``: used as an index of steps, that is a sequence's own last step."""
    return value.form is not None and value.form[0] == "-" and value.form[2] == Lit(1)


def _open_position(ctx: Context, tensor: Tensor, value: Free) -> object:
    """An index the file leaves open: the number, where it is one of the tensor's own sizes."""
    number = ctx.integer(value)
    own = set().union(*(ctx.free_of(extent) for extent in shape(tensor.states)))
    if number is not None and ctx.free_of(number) <= own:
        return number
    return Somewhere.LAST_VALID if is_last_valid(value) else Unknown("an index that is not known")


def _listed(ctx: Context, values: tuple[Value, ...]) -> object:
    numbers = tuple(ctx.integer(value) if isinstance(value, Lit) else None for value in values)
    if numbers and all(map(_last, values)):
        return indexing.Picks(None, (len(numbers),), None, Somewhere.LAST_VALID)
    if not numbers or None in numbers or len(numbers) > 64:
        return Unknown("an index list that is not known")
    return indexing.Picks(numbers, (len(numbers),))  # type: ignore[arg-type]


def _picks(states: States) -> object:
    """An index tensor: what made it says where it points."""
    if isinstance(states, Block) and isinstance(states.source, Given):
        key = states.source.key
        if isinstance(key, tuple) and key[:1] == (ARANGE,) and not states.orders:
            axis = next((i for i, extent in enumerate(shape(states)) if extent != 1), 0)
            return indexing.Picks(None, shape(states), axis)
        if isinstance(key, tuple) and key[:1] == ("last valid",):
            return indexing.Picks(None, shape(states), None, Somewhere.LAST_VALID)
    return Unknown("an index by a tensor")


def _part_features(ctx: Context, states: States, parts: tuple[object, ...]) -> None:
    """Say where a slice of the last axis takes the features apart."""
    rank = len(shape(states))
    explicit = [part for part in parts if part is not None]
    if not explicit or not isinstance(explicit[-1], slice):
        return
    if len(explicit) != rank and Ellipsis not in explicit:
        return
    width = shape(states)[-1]
    start, stop, step = explicit[-1].indices(width)
    cuts = tuple(cut for cut in (start, stop) if 0 < cut < width)
    if start == width and isinstance(explicit[-1].start, int):
        cuts = (explicit[-1].start,)  # past the end: nothing is left
    if cuts and step == 1:
        ctx.emit(Parted(states, cuts, ctx.site, ctx.modules(states)))


def _index_formless(ctx: Context, value: Formless, items: tuple[Item, ...]) -> Value:
    """How an index changes an unknown rank."""
    change = 0
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
    return Formless(value.root, value.change + change)


# --- arithmetic ------------------------------------------------------------------------------------------------------


def arithmetic(ctx: Context, op: str, left: Value, right: Value) -> Value:
    """``left op right`` where one of them is a tensor."""
    if op == "@":
        return products.times(ctx, left, right)
    first, second = (side if isinstance(side, Tensor) else None for side in (left, right))
    if first is not None and second is not None:
        both = blended(ctx, first, second)
        one_sided = bool(_calls(first.states)) != bool(_calls(second.states))
        return _difference(ctx, both) if op == "-" and one_sided else both
    tensor, other = (first, right) if first is not None else (second, left)
    if op == "-" and right == Lit(1):
        last = _last_valid(ctx, left)
        if last is not None:
            return last
    if tensor is None:
        return left if isinstance(left, Formless) else right
    if source_key(tensor)[:1] == (ARANGE,) and order_by(tensor) is not None:
        ctx.use(tensor, "arithmetic")
        return Unknown("arithmetic on an index")
    if is_number(other):
        return tensor
    tensor = masked(ctx, tensor)
    ctx.use(tensor, "arithmetic")
    given = not _calls(tensor.states)
    if given and isinstance(other, Unknown):
        return other  # a mask or a bias takes the shape of what it is added to
    if isinstance(other, (Unknown | Formless | Free) if given else (Unknown | Formless)) and 1 in shape(tensor.states):
        return Unknown("a tensor that something of unknown shape widens")
    tensor = renewed(ctx, tensor, Memory.MIXED)
    return _difference(ctx, tensor) if op == "-" else tensor


NUMBER = "number"
"""The form of a function of a number, which is one."""


def is_number(value: Value) -> bool:
    """Whether an operand is certainly a number: it scales or shifts, and masks nothing."""
    if isinstance(value, Lit):
        return True
    if not isinstance(value, Free) or value.form is None:
        return False
    op, left, right = value.form
    return op == NUMBER or (is_number(left) and is_number(right))


def _difference(ctx: Context, value: Value) -> Value:
    """How far something is from something else: an error, no longer what the RNN has made."""
    if not isinstance(value, Tensor):
        return value
    return Tensor(meaning.noted(value.states, meaning.DIFFERENCE, ctx.site))


def masked(ctx: Context, tensor: Tensor) -> Tensor:
    """A tensor whose padding something that is not followed has been combined with: a mask, for all that is known."""
    return Tensor(notes.noted(tensor.states, notes.MASKED, ctx.site))


def negative(ctx: Context, value: Value) -> Value:
    """``-x``: what sorts it sorts ``x`` the other way."""
    if not isinstance(value, Tensor) or not isinstance(value.states, Block) or ctx.modules(value.states):
        return value
    return Tensor(negated(value.states))


def mask(ctx: Context, left: Value, right: Value) -> Value:
    """Where a comparison holds: a tensor of its own."""
    for side in (left, right):
        ctx.use(side, "comparison")
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        common = broadcast(shape(left.states), shape(right.states))
        if isinstance(common, Raises):
            return Unknown("a comparison of tensors that fit in some programs only")
        return ctx.settle(results.given(Given(("compared", ctx.occurrence()), common)))
    first = left if isinstance(left, Tensor | Formless) else right
    if isinstance(first, Tensor):
        return ctx.settle(results.given(Given((MASK, first.states), shape(first.states))))
    if isinstance(first, Formless):
        root = first.root
        return Formless(Free(f"a mask of {root.key}", root.owner, (MASK, root, Lit(None))), first.change)
    return Unknown("a comparison")


def _last_valid(ctx: Context, lengths: Value) -> Value | None:
    """``lengths - 1``."""
    if isinstance(lengths, Formless):
        root = lengths.root
        return Formless(Free(f"{root.key} - 1", root.owner, ("-", root, Lit(1))), lengths.change)
    if isinstance(lengths, Tensor) and isinstance(lengths.states, Block) and isinstance(lengths.states.source, Given):
        key = ("last valid", lengths.states.source.key)
        return ctx.settle(results.given(Given(key, shape(lengths.states))))
    return None


def blended(ctx: Context, left: Tensor, right: Tensor) -> Value:
    """Elementwise arithmetic on two tensors."""
    calls = [_calls(left.states), _calls(right.states)]
    if calls[0] and calls[1] and calls[0] != calls[1]:
        ctx.use(left, "arithmetic")
        ctx.use(right, "arithmetic")
    _say_pair(ctx, left.states, right.states)
    result = combine.blend((left.states, right.states))
    kept = left if calls[0] or (_of_cell(left.states) and not calls[1]) else right
    if isinstance(result, Raises):
        if 0 in (*shape(left.states), *shape(right.states)):  # nothing is left of one: no open size can be meant
            raise TorchRaises(result.error, result.text)
        kept = left if calls[0] else right
        ctx.use(masked(ctx, left), "arithmetic")
        ctx.use(masked(ctx, right), "arithmetic")
        return renewed(ctx, masked(ctx, kept), Memory.MIXED)
    if not (calls[0] and calls[1]):
        kept = masked(ctx, left if calls[0] else right)
        ctx.use(kept, "arithmetic")
        ctx.use(right if calls[0] else left, "arithmetic")
        if not isinstance(result, Unknown) and shape(result) == shape(kept.states):
            return renewed(ctx, kept, Memory.MIXED)
    return ctx.settle(result)


def _of_cell(states: States) -> bool:
    """Whether a recurrent cell returned it."""
    return any(isinstance(block.source.key, tuple) and block.source.key[:1] == ("cell",) for block in blocks(states))


def _calls(states: States) -> set[Call]:
    return {block.source for block in blocks(states) if isinstance(block.source, Call)}


def _say_pair(ctx: Context, left: States, right: States) -> None:
    """Adding the whole h_n to the whole c_n of one call takes the pair for two directions."""
    sides = [side for side in (left, right) if isinstance(side, Block) and isinstance(side.source, Call)]
    if len(sides) != 2 or sides[0].source != sides[1].source or sides[0].kind is sides[1].kind:
        return
    call = sides[0].source
    assert isinstance(call, Call)
    if all(_whole(side, call) for side in sides):
        module = dict(ctx.modules(left)).get(call)
        ctx.emit(PairRead(call, module, "arithmetic", ctx.site, None, Tensor(left)))


def _whole(block: Block, call: Call) -> bool:
    return (
        block.kind is not Kind.GIVEN
        and block.axes == results.state_of(call, block.kind).axes
        and not any(role is Role.LAYER for role, _ in block.at)
    )
