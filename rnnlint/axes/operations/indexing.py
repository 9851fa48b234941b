"""``tensor[...]`` with everything torch allows in the brackets, and ``gather`` and its kin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product as every
from types import EllipsisType
from typing import TypeAlias

from rnnlint.axes.form.factors import product
from rnnlint.axes.form.normal import MOST_PARTS, join, nothing
from rnnlint.axes.operations.checks import broadcast, wrap, wrap_inside
from rnnlint.axes.operations.moves import copied, cut_out, grouped, lifted, lost, selected, taken, turned
from rnnlint.axes.states import Blended, Block, Joined, Position, Raises, Result, Somewhere, States, Unknown, shape
from rnnlint.frozen import dataclass

Nested: TypeAlias = "int | tuple[Nested, ...]"


@dataclass(frozen=True, slots=True)
class Picks:
    """An integer tensor or list in brackets, of shape ``shape``.

    ``values`` are its entries where they are known, nested as the shape says.  ``counting`` is the axis of ``shape``
    along which the entries are 0, 1, 2, ... (``arange`` of any length, also with axes of extent 1 around it).
    Otherwise every entry is a position that ``where`` describes (``lengths - 1`` is LAST_VALID), or that one.
    """

    values: Nested | None = None
    shape: tuple[int, ...] = ()
    counting: int | None = None
    where: Position = Somewhere.ANYWHERE


@dataclass(frozen=True, slots=True)
class Mask:
    """A boolean tensor of ``rank`` axes in brackets."""

    rank: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A slice of which is known only how many positions it takes: every k-th of an open k."""

    count: int


Item: TypeAlias = "int | slice | EllipsisType | Somewhere | Picks | Mask | Stretch | None"


def index(states: States, items: Sequence[Item]) -> Result:
    """``states[items]``: basic and advanced indexing with torch's placement of the picked axes.

    IndexError for too many indices, out of range or picks that do not broadcast; ValueError for a step below 1.
    """
    refused = _refused(len(shape(states)), items)
    if refused is not None:
        return refused
    result: States | Unknown = states
    place = 0
    gone = 0  # axes selected so far: torch counts them when it names an axis
    picked: list[tuple[int, Picks]] = []
    for number, item in enumerate(items):
        if isinstance(result, Unknown):
            return result
        size = shape(result)[place] if place < len(shape(result)) else 0
        match item:
            case None:
                result = lifted(result, place)
                place += 1
            case EllipsisType():
                # a None makes an axis and takes none, so that it does not count among those still to be taken
                later = sum(1 for rest in items[number + 1 :] if rest is not None and rest is not ...)
                taken_after = len(shape(result)) - later
                place = max(place, taken_after)
            case slice():
                if item.step is not None and item.step < 1:
                    zero = item.step == 0
                    return Raises(
                        "ValueError", "slice step cannot be zero" if zero else "step must be greater than zero"
                    )
                low, high, step = item.indices(size)
                result = cut_out(result, place, low, max(0, -((low - high) // step)), step)
                place += 1
            case Stretch(count):
                result = lost(result, place, count) if size else Unknown("positions of an axis without elements")
                place += 1
            case Picks() if item.shape:
                picked.append((place, item))
                place += 1
            case _:
                position = _scalar(item)
                if isinstance(position, int):
                    if not -size <= position < size:
                        where = f"index {position} is out of bounds for dimension {place + gone} with size {size}"
                        return Raises("IndexError", where)
                    position %= size
                elif size == 0:
                    return Unknown("a position of an axis without elements")
                result = selected(result, place, position)
                gone += 1
    if isinstance(result, Unknown) or not picked:
        return result
    found = _advanced(result, picked)
    # torch looks at no position of a tensor without elements, so that it is not certain to raise; told by its text,
    # since the other refusals of picks hold for such tensors too
    if isinstance(found, Raises) and "out of bounds" in found.text and 0 in shape(result):
        return Unknown("picks out of a tensor without elements: torch does not look at them")
    return found


def _refused(rank: int, items: Sequence[Item]) -> Raises | Unknown | None:
    """What can be said without a look at any axis.

    The order is torch's own: of several refusals that hold, the text of the first is raised
    (tests/oracle/test_edges.py).
    """
    used = sum(item.rank if isinstance(item, Mask) else item is not None and item is not ... for item in items)
    if rank == 0 and any(isinstance(item, (int, Somewhere)) for item in items):
        return Raises("IndexError", "invalid index of a 0-dim tensor. Use `tensor.item()` in Python")
    if used > rank:
        return Raises("IndexError", f"too many indices for tensor of dimension {rank}")
    if any(isinstance(item, Mask) for item in items):
        return Unknown("a boolean mask selects a number of rows that is not known")
    return None


def _scalar(item: int | Somewhere | Picks | Mask) -> Position:
    if isinstance(item, Picks):
        return item.values if isinstance(item.values, int) else item.where
    return item if isinstance(item, (int, Somewhere)) else Somewhere.ANYWHERE


def _entries(values: Nested) -> Iterator[int]:
    if isinstance(values, int):
        yield values
    else:
        for value in values:
            yield from _entries(value)


@dataclass(frozen=True, slots=True)
class _Pick:
    """One picked axis: its entries over the dimensions of the common shape along which they vary."""

    axis: int
    varies: tuple[int, ...]
    entries: Sequence[int] | None  # row-major over ``varies``
    where: Position


def _advanced(states: States, picked: Sequence[tuple[int, Picks]]) -> Result:
    sizes = shape(states)
    common = broadcast(*(pick.shape for _, pick in picked))
    if isinstance(common, Raises):
        shapes = ", ".join(str(list(pick.shape)) for _, pick in picked)
        text = "shape mismatch: indexing tensors could not be broadcast together with shapes"
        return Raises("IndexError", f"{text} {shapes}")
    picks: list[_Pick] = []
    for axis, pick in picked:
        read = _read(axis, pick, sizes[axis], common)
        if isinstance(read, (Raises, Unknown)):
            return read
        picks.append(read)
    axes = [pick.axis for pick in picks]
    # numpy's rule, which torch keeps: what is picked stands where the picked axes were, or first where they are apart
    adjacent = axes == list(range(axes[0], axes[0] + len(axes)))
    front = axes[0] if adjacent else 0
    rest = [axis for axis in range(len(sizes)) if axis not in axes]
    order = [*rest[:front], *axes, *rest[front:]]
    return _dealt(turned(states, order), picks, front, common)


def _read(axis: int, pick: Picks, size: int, common: tuple[int, ...]) -> _Pick | Raises | Unknown:
    offset = len(common) - len(pick.shape)
    if pick.counting is not None:
        count = pick.shape[pick.counting]
        entries: Sequence[int] = range(count)
        varies: tuple[int, ...] = (pick.counting + offset,) if count != 1 else ()
    elif pick.values is not None:
        entries = list(_entries(pick.values))
        varies = tuple(place + offset for place, width in enumerate(pick.shape) if width != 1)
    else:
        if size == 0 and 0 not in common:
            return Unknown("positions of an axis without elements")
        if isinstance(pick.where, Somewhere):
            return _Pick(axis, (), None, pick.where)
        entries, varies = [pick.where], ()
    if entries and 0 not in common:
        # the ends of a range tell, so that no cost depends on an extent (tests/axes/test_cost.py)
        ends = (entries[0], entries[-1]) if isinstance(entries, range) else entries
        wrong = next((position for position in ends if not -size <= position < size), None)
        if wrong is not None:
            if isinstance(entries, range):
                wrong = size
            where = f"index {wrong} is out of bounds for dimension {axis} with size {size}"
            return Raises("IndexError", where if size else "index is out of bounds for dimension with size 0")
    if not isinstance(entries, range):
        entries = [position % size if size else position for position in entries]
    return _Pick(axis, varies, entries, pick.where)


def _dealt(states: States, picks: Sequence[_Pick], front: int, common: tuple[int, ...]) -> Result:
    """``states`` with the picked axes at ``front``, ``front + 1``, ...: those axes replaced by ``common``."""
    sizes = shape(states)
    final = (*sizes[:front], *common, *sizes[front + len(picks) :])
    if 0 in final:
        return nothing(states, final)
    shared = [place for pick in picks for place in pick.varies]
    if len(set(shared)) == len(shared) and all(_rising(pick.varies) for pick in picks):
        return _separately(states, picks, front, common, final)
    # because each is a part of its own (tests/axes/test_limits.py, test_picked_together)
    if product(common) > MOST_PARTS:
        return Unknown(f"more than {MOST_PARTS} positions picked together")
    ones: list[States | Unknown] = []
    for place in every(*(range(size) for size in common)):
        one: States | Unknown = states
        for pick in picks:
            if isinstance(one, Unknown):
                return one
            position: Position = pick.where
            if pick.entries is not None:
                number = 0
                for dim in pick.varies:
                    number = number * common[dim] + place[dim]
                position = pick.entries[number]
            one = selected(one, front, position)
        ones.append(one if isinstance(one, Unknown) else lifted(one, front))
    line = join(front, ones)
    return line if isinstance(line, Unknown) else grouped(line, final)


def _rising(places: tuple[int, ...]) -> bool:
    return not places or places == tuple(range(places[0], places[0] + len(places)))


def _separately(
    states: States, picks: Sequence[_Pick], front: int, common: tuple[int, ...], final: tuple[int, ...]
) -> Result:
    """Every dimension of the picks is that of one picked axis: axis by axis, then put in order."""
    result: States | Unknown = states
    place = front
    made: list[tuple[int, ...]] = []  # dimensions of ``common`` that the axes at front, front + 1, ... stand for
    for pick in picks:
        if isinstance(result, Unknown):
            return result
        if not pick.varies:
            position = pick.where if pick.entries is None else pick.entries[0]
            result = selected(result, place, position)
            continue
        result = taken(result, place, pick.entries or ())
        made.append(pick.varies)
        place += 1
    if isinstance(result, Unknown):
        return result
    sizes = shape(result)
    split = tuple(common[dim] for dims in made for dim in dims)
    result = grouped(result, (*sizes[:front], *split, *sizes[place:]))
    if isinstance(result, Unknown):
        return result
    dims = [dim for dims in made for dim in dims]
    rank = len(shape(result))
    order = sorted(range(len(dims)), key=dims.__getitem__)
    result = turned(result, [*range(front), *(front + i for i in order), *range(front + len(dims), rank)])
    for dim in range(len(common)):
        if dim not in dims:
            result = lifted(result, front + dim)
    return copied(result, final)


def gather(states: States, axis: int, sizes: Sequence[int], position: Position | Sequence[int]) -> Result:
    """``torch.gather`` with an index of shape ``sizes`` that is the same over all other axes.

    ``position`` is what every entry is, or the entries along ``axis``.  RuntimeError where a position is out of range
    (negative ones are) or another axis of the index is longer than that of the tensor.
    """
    own = shape(states)
    place = wrap(axis, len(own))
    if isinstance(place, Raises):
        return place
    if 0 in sizes and len(sizes) != len(own):
        return nothing(states, sizes)
    if max(len(sizes), 1) != max(len(own), 1):
        text = "Index tensor must have the same number of dimensions as input tensor"
        return Raises("RuntimeError", text)
    # before the extents are compared: torch takes a number for a vector of one
    if not own or not sizes:  # one axis of extent 1 does for none
        line = gather(lifted(states, 0) if not own else states, 0, sizes or (1,), position)
        return grouped(line, sizes) if isinstance(line, (Block, Joined, Blended)) else line
    if 0 in sizes:  # torch looks at nothing more
        return nothing(states, sizes)
    for dim, (wide, size) in enumerate(zip(sizes, own, strict=True)):
        if dim != place and wide > size:
            longer = f"expected index {list(sizes)} to be no larger than self {list(own)} apart from dimension {place}"
            return Raises("RuntimeError", f"Size does not match at dimension {dim} {longer}")
    wrong = _outside(position, own[place])
    if wrong is not None:
        return _out_of_bounds(wrong, place, own[place])
    result: States | Unknown = states
    for dim, wide in enumerate(sizes):
        if dim != place and not isinstance(result, Unknown):
            result = cut_out(result, dim, 0, wide)
    if isinstance(result, Unknown):
        return result
    return _gathered(result, place, sizes[place], position)


def _gathered(states: States, axis: int, count: int, position: Position | Sequence[int]) -> States | Unknown:
    if isinstance(position, (int, Somewhere)):
        if position is Somewhere.ANYWHERE:
            return lost(states, axis, count)
        one = selected(states, axis, position)
        sizes = shape(states)
        final = (*sizes[:axis], count, *sizes[axis + 1 :])
        return one if isinstance(one, Unknown) else copied(lifted(one, axis), final)
    return taken(states, axis, position)


def _outside(position: Position | Sequence[int], size: int) -> int | None:
    if isinstance(position, Somewhere):
        return None
    entries = [position] if isinstance(position, int) else position
    return next((entry for entry in entries if not 0 <= entry < size), None)


def _out_of_bounds(position: int, axis: int, size: int) -> Raises:
    return Raises("RuntimeError", f"index {position} is out of bounds for dimension {axis} with size {size}")


def take_along_dim(states: States, axis: int, sizes: Sequence[int], position: Position | Sequence[int]) -> Result:
    """``torch.take_along_dim``: :func:`gather` whose other axes broadcast."""
    own = shape(states)
    if len(own) != len(sizes):
        ranks = f"but got {len(own)} dimensions for input, and {len(sizes)} dimensions for indices"
        text = "torch.take_along_dim(): input and indices should have the same number of dimensions"
        return Raises("RuntimeError", f"{text}, {ranks}")
    place = wrap_inside(axis, len(own))
    if isinstance(place, Raises):
        return place
    wide = broadcast((*own[:place], 1, *own[place + 1 :]), (*sizes[:place], 1, *sizes[place + 1 :]))
    if isinstance(wide, Raises):
        return wide
    final = (*wide[:place], sizes[place], *wide[place + 1 :])
    if 0 in final:
        return nothing(states, final)
    if _outside(position, own[place]) is not None:
        return Unknown("take_along_dim beyond the axis")
    result = copied(states, (*wide[:place], own[place], *wide[place + 1 :]))
    return result if isinstance(result, Unknown) else _gathered(result, place, sizes[place], position)


def masked_select(states: States, mask: Sequence[int]) -> Result:
    """``torch.masked_select`` with a mask of shape ``mask``: RuntimeError where it does not broadcast, else unknown."""
    common = broadcast(mask, shape(states))
    return common if isinstance(common, Raises) else Unknown("a boolean mask selects elements that are not known")
