"""Draws operations with their arguments: right most of the time, sometimes wrong."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rnnlint.axes.operations.indexing import Item, Picks

Sizes = tuple[int, ...]

MOST_ELEMENTS = 1500
WRONG = 0.03  # how often an argument is drawn without looking


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with literal arguments (tuples, numbers, slices, :class:`Picks`, other operations)."""

    name: str
    arguments: tuple[Any, ...]


def _axis(rng: random.Random, sizes: Sizes, extra: int = 0) -> int:
    span = max(len(sizes) + extra, 1)
    return rng.randint(-span - 1, span) if rng.random() < WRONG else rng.randint(-span, span - 1)


def _size(sizes: Sizes, axis: int) -> int:
    return sizes[axis] if -len(sizes) <= axis < len(sizes) else 1


def _position(rng: random.Random, size: int) -> int:
    if rng.random() < WRONG or size == 0:
        return rng.randint(-size - 1, size)
    return rng.choice((0, -1, rng.randint(-size, size - 1)))


def _bounds(rng: random.Random, size: int) -> tuple[int | None, int | None, int | None]:
    start = rng.choice((None, None, rng.randint(-size - 1, size)))
    stop = rng.choice((None, None, rng.randint(-size - 1, size + 1)))
    length = len(range(*slice(start, stop).indices(size)))
    if length == 0 and rng.random() > WRONG:
        start = stop = None
    step = rng.choice((None, None, None, 1, 2, 2, 3))
    if rng.random() < WRONG / 2:
        step = rng.choice((0, -1))
    return start, stop, step


def _some_axes(rng: random.Random, sizes: Sizes) -> Sizes:
    if not sizes:
        return ()
    axes = rng.sample(range(len(sizes)), rng.randint(1, len(sizes)))
    if rng.random() < WRONG:
        axes.append(rng.choice(axes))
    return tuple(axis - len(sizes) * rng.randint(0, 1) for axis in axes)


def _factors(number: int) -> list[int]:
    found, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            found.append(divisor)
            number //= divisor
        divisor += 1
    return [*found, number] if number > 1 else found


def _dealt(rng: random.Random, number: int, places: int) -> list[int]:
    out = [1] * max(places, 1)
    for factor in _factors(number):
        out[rng.randrange(len(out))] *= factor
    return out


def _shape(rng: random.Random, sizes: Sizes) -> tuple[Sizes]:
    count = math.prod(sizes)
    way = rng.random()
    if count == 0 or way < WRONG:
        return (tuple(rng.randint(-1, 6) for _ in range(rng.randint(0, 3))),)
    if way < 0.35:
        target = list(sizes)
        rng.shuffle(target)
    else:
        target = list(sizes)
    if way < 0.6 and len(target) > 1:
        place = rng.randrange(len(target) - 1)
        target[place : place + 2] = [target[place] * target[place + 1]]
    if 0.45 < way < 0.8 and target:
        place = rng.randrange(len(target))
        target[place : place + 1] = _dealt(rng, target[place], 2)
    if way >= 0.8:
        target = _dealt(rng, count, rng.randint(1, 4))
    if rng.random() < 0.4 and target:
        target[rng.randrange(len(target))] = -1
    return (tuple(target),)


def _list(rng: random.Random, size: int, count: int) -> Sizes:
    if size == 0:
        return tuple(rng.randint(-1, 0) for _ in range(count))
    if rng.random() < WRONG:
        return tuple(rng.randint(-size - 1, size) for _ in range(count))
    if rng.random() < 0.3:
        start = rng.randint(0, size - 1)
        return tuple((start + place) % size for place in range(count))
    return tuple(rng.randint(-size, size - 1) for _ in range(count))


def _nested(values: Sequence[int], shape: Sizes) -> Any:
    if not shape:
        return values[0]
    step = math.prod(shape[1:])
    return tuple(_nested(values[place * step : (place + 1) * step], shape[1:]) for place in range(shape[0]))


def _items(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    items: list[Item] = []
    axis = 0
    target = rng.randint(0, len(sizes)) + (rng.random() < WRONG)
    picks = rng.random() < 0.4
    wide = rng.randint(1, 3)
    dotted = False
    while axis < target:
        size = sizes[axis] if axis < len(sizes) else 1
        way = rng.random()
        if way < 0.25:
            items.append(_position(rng, size))
        elif way < 0.6:
            items.append(slice(*_bounds(rng, size)))
        elif way < 0.7:
            items.append(None)
            continue
        elif way < 0.78 and not dotted:
            dotted = True
            items.append(...)
            axis = max(axis, len(sizes) - rng.randint(0, 2))
            continue
        elif picks:
            items.append(_picks(rng, size, wide))
        else:
            items.append(slice(None))
        axis += 1
    return tuple(items)


def _picks(rng: random.Random, size: int, wide: int) -> Picks:
    shape = rng.choice(((wide,), (wide,), (wide,), (2, wide), (2, 1), (1,), ()))
    if rng.random() < 0.3 and size:
        shape = rng.choice(((size,), (size, 1), (1, size)))
        return Picks(None, shape, shape.index(size))
    return Picks(_nested(_list(rng, size, math.prod(shape)), shape), shape)


def _draw_gather(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    if not sizes:
        return 0, (), (0,)
    axis = rng.randint(-len(sizes), len(sizes) - 1)
    own = [rng.choice((size, size, rng.randint(1, max(size, 1)))) for size in sizes]
    if rng.random() < WRONG:
        own[rng.randrange(len(own))] += 1
    size = sizes[axis]
    own[axis] = rng.randint(1, 3)
    entries = [place % size if size else 0 for place in _list(rng, size, own[axis])]
    if rng.random() < WRONG:
        entries[0] = rng.choice((-1, size))
    return axis, tuple(own), tuple(entries)


def _draw_take_along(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    if not sizes:
        return 0, (), (0,)
    axis, own, entries = _draw_gather(rng, sizes)
    size = sizes[axis]
    wide = [rng.choice((1, one)) for one in sizes]
    if rng.random() < WRONG:
        wide[rng.randrange(len(wide))] += 1
    wide[axis] = own[axis]
    return axis, tuple(wide), tuple(max(0, min(entry, size - 1)) for entry in entries)


def _draw_diagonal(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    one, other = _axis(rng, sizes), _axis(rng, sizes)
    if len(sizes) > 1 and rng.random() > WRONG:
        one, other = (axis - len(sizes) * rng.randint(0, 1) for axis in rng.sample(range(len(sizes)), 2))
    return rng.choice((0, 0, -1, 1, 2)), one, other


def _draw_windows(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = _axis(rng, sizes)
    size = rng.randint(1, max(_size(sizes, axis), 1)) + (rng.random() < WRONG)
    if rng.random() < WRONG:
        return axis, rng.choice((-1, size)), rng.choice((0, -1))
    return axis, size, rng.randint(1, 3)


def _draw_placed(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    """An axis, where positions along it go, and what they are: positions of the tensor itself."""
    axis = _axis(rng, sizes)
    size = _size(sizes, axis)
    count = rng.randint(1, max(min(size, 3), 1))
    if rng.random() < WRONG:
        entries = tuple(rng.randint(-1, size) for _ in range(count + rng.randint(0, 1)))
    else:
        entries = tuple(rng.sample(range(max(size, 1)), count))  # torch does not say which of two wins
    start = rng.randint(0, max(size - count, 0))
    return axis, entries, Operation("narrow", (axis, start, start + count))


def _draw_added(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis, entries, branch = _draw_placed(rng, sizes)
    if rng.random() < 0.3:  # several to one
        entries = tuple(rng.choice(entries) for _ in entries)
    return axis, entries, branch


def _draw_flip(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    return (_some_axes(rng, sizes),)


def _draw_roll(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    if rng.random() < 0.15 or not sizes:
        return (rng.randint(-3, 3),), ()
    axes = tuple(_axis(rng, sizes) for _ in range(rng.choice((1, 1, 2))))
    shifts = tuple(rng.randint(-4, 4) for _ in axes)
    return (shifts[:1] if rng.random() < WRONG else shifts), axes


def _draw_permute(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    dims = rng.sample(range(len(sizes)), len(sizes))
    if rng.random() < WRONG and dims:
        dims[0] = rng.randint(-len(sizes) - 1, len(sizes))
    return (tuple(dim - len(sizes) * rng.randint(0, 1) for dim in dims),)


def _draw_movedim(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    source = _some_axes(rng, sizes) or (0,)
    destination = rng.sample(range(max(len(sizes), 1)), min(len(source), max(len(sizes), 1)))
    return source, tuple(destination)


def _draw_unflatten(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = _axis(rng, sizes)
    into = _dealt(rng, _size(sizes, axis), rng.randint(1, 3))
    if rng.random() < WRONG:
        into[0] += 1
    if rng.random() < 0.4:
        into[rng.randrange(len(into))] = -1
    return axis, tuple(into)


def _draw_flatten(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    start, end = _axis(rng, sizes), _axis(rng, sizes)
    span = max(len(sizes), 1)
    return (start, end) if rng.random() < WRONG else tuple(sorted((start, end), key=lambda axis: axis % span))


def _draw_expand(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    room = MOST_ELEMENTS // max(math.prod(sizes), 1)
    wide = []
    for size in sizes:
        new = rng.randint(2, 3) if size == 1 and room > 9 and rng.random() < 0.7 else rng.choice((size, -1))
        wide.append(new)
    if rng.random() < WRONG:
        wide.append(rng.randint(-1, 3))
    if room > 9 and len(sizes) < 5 and rng.random() < 0.4:
        wide.insert(0, rng.randint(1, 3))
    return (tuple(wide),)


def _draw_repeat(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    room = MOST_ELEMENTS // max(math.prod(sizes), 1)
    counts = [1] * len(sizes)
    if room > 3 and counts:
        counts[rng.randrange(len(counts))] = rng.randint(1, 3)
    if (room > 9 and len(sizes) < 5 and rng.random() < 0.4) or not counts:
        counts.insert(0, rng.randint(1, 2))
    if rng.random() < WRONG:
        counts[0] = rng.choice((0, -1))
    if rng.random() < WRONG and len(counts) > 1:
        counts.pop()
    return (tuple(counts),)


def _draw_interleave(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    room = MOST_ELEMENTS // max(math.prod(sizes), 1)
    count = rng.randint(1, 3) if room > 3 else 1
    return count, rng.choice((None, _axis(rng, sizes), _axis(rng, sizes)))


_PLAIN = ("identity", "flip", "roll", "narrow", "transpose", "permute", "index_select")


def _branch(rng: random.Random, sizes: Sizes, same: bool) -> Operation:
    """A simple operation for one of several operands; ``same``: one that keeps the shape."""
    name = rng.choice(("identity", "flip", "roll") if same and rng.random() > WRONG else _PLAIN)
    return Operation(name, DRAWERS[name][1](rng, sizes))


def _draw_cat(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    if math.prod(sizes) * 3 > MOST_ELEMENTS:
        return 0, Operation("identity", ())
    axis = _axis(rng, sizes)
    branches: list[Operation] = []
    for _ in range(rng.choice((2, 2, 3))):
        way = rng.random()
        if way < 0.5 and sizes:
            branches.append(Operation("narrow", (axis, *_bounds(rng, _size(sizes, axis)))))
        else:
            branches.append(_branch(rng, sizes, True))
    return axis, *branches


def _draw_stack(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    if math.prod(sizes) * 2 > MOST_ELEMENTS or len(sizes) > 5:
        return 0, Operation("identity", ())
    return _axis(rng, sizes, 1), *(_branch(rng, sizes, True) for _ in range(2))


def _draw_stacked(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    if math.prod(sizes) * 2 > MOST_ELEMENTS or len(sizes) > 5:
        return (Operation("identity", ()),)
    return tuple(_branch(rng, sizes, True) for _ in range(2))


def _draw_pieces(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = _axis(rng, sizes)
    size = _size(sizes, axis)
    way = rng.choice(("chunk", "split", "tensor_split", "unbind"))
    how: Any = None
    if way == "chunk":
        how = rng.randint(0 if rng.random() < WRONG else 1, 4)
    elif way == "split" and rng.random() < 0.5:
        how = rng.randint(0 if rng.random() < WRONG else 1, max(size, 1))
    elif way == "split":
        first = rng.randint(0, size)
        how = (first, size - first + (rng.random() < WRONG))
    elif way == "tensor_split" and rng.random() < 0.5:
        how = rng.randint(0 if rng.random() < WRONG else 1, 4)
    elif way == "tensor_split":
        how = tuple(rng.randint(-size, size + 1) for _ in range(rng.randint(1, 2)))
    return way, how, axis, rng.randint(0, 5), rng.choice(("pick", "cat", "cat", "reversed", "stack")), _axis(rng, sizes)


_NAMES = "abcdefg"


def _groups(rng: random.Random, names: list[str]) -> str:
    out, place = [], 0
    while place < len(names):
        count = rng.choice((1, 1, 2, 3))
        some = names[place : place + count]
        out.append(some[0] if len(some) == 1 else f"({' '.join(some)})")
        place += count
    if rng.random() < 0.1:
        out.insert(rng.randint(0, len(out)), "1")
    return " ".join(out)


def _einops_left(rng: random.Random, sizes: Sizes) -> tuple[list[str], list[str], dict[str, int]]:
    left: list[str] = []
    names: list[str] = []
    known: dict[str, int] = {}
    for number, size in enumerate(sizes):
        name = _NAMES[number]
        if size == 1 and rng.random() < 0.3:
            left.append("1")
        elif rng.random() < 0.3 and size > 1:
            one, two = _dealt(rng, size, 2)
            left.append(f"({name} {name}x)")
            names += [name, f"{name}x"]
            outer = rng.random() < 0.5
            known[name if outer else f"{name}x"] = (one if outer else two) + (rng.random() < WRONG)
        else:
            left.append(name)
            names.append(name)
    return left, names, known


def _draw_rearrange(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    left, names, known = _einops_left(rng, sizes[:7])
    rng.shuffle(names)
    if rng.random() < WRONG and names:
        names.pop()
    return f"{' '.join(left)} -> {_groups(rng, names)}", tuple(known.items())


def _draw_einreduce(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    left, names, known = _einops_left(rng, sizes[:7])
    rng.shuffle(names)
    keep = names[: rng.randint(0, len(names))]
    return f"{' '.join(left)} -> {_groups(rng, keep)}", tuple(known.items())


def _draw_einrepeat(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    left, names, known = _einops_left(rng, sizes[:6])
    if math.prod(sizes) * 3 < MOST_ELEMENTS and len(sizes) < 5:
        names.append("r")
        known["r"] = rng.randint(1, 3)
    rng.shuffle(names)
    return f"{' '.join(left)} -> {_groups(rng, names)}", tuple(known.items())


def _draw_reduce(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axes = None if rng.random() < 0.1 else _some_axes(rng, sizes)[: rng.randint(1, 2)]
    return axes, rng.random() < 0.5


def _one_axis(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    return (_axis(rng, sizes),)


def _draw_narrow(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = _axis(rng, sizes)
    return axis, *_bounds(rng, _size(sizes, axis))


def _draw_length(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = _axis(rng, sizes)
    size = _size(sizes, axis)
    start = rng.randint(0, size)
    return (
        axis,
        start - size * (rng.random() < 0.2),
        rng.randint(0 if rng.random() < WRONG else 1, max(1, size - start)),
    )


def _draw_select(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = _axis(rng, sizes)
    return axis, _position(rng, _size(sizes, axis))


def _draw_take(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = _axis(rng, sizes)
    count = rng.randint(1, 3) if math.prod(sizes) * 3 < MOST_ELEMENTS else 1
    entries = _list(rng, _size(sizes, axis), count)
    return axis, entries if rng.random() < WRONG else tuple(place % max(_size(sizes, axis), 1) for place in entries)


def _draw_squeeze(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    return (None,) if rng.random() < 0.3 else (rng.choice((_axis(rng, sizes), _some_axes(rng, sizes))),)


def _draw_nothing(_rng: random.Random, _sizes: Sizes) -> tuple[Any, ...]:
    return ()


def _draw_two_axes(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    return _axis(rng, sizes), _axis(rng, sizes)


def _draw_new_axis(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    return (_axis(rng, sizes, 1),)


def _draw_features(rng: random.Random, _sizes: Sizes) -> tuple[Any, ...]:
    return (rng.randint(1, 3),)


MOST_PRODUCTS = 400  # elements of an operand times elements that are multiplied


def _draw_matmul(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    """A tensor times its transpose, most of the time; or times one of its rows."""
    same, turned = Operation("identity", ()), Operation("mT" if len(sizes) > 1 else "identity", ())
    row = Operation("index", (rng.choice((0, -1)),) * max(len(sizes) - 1, 0))
    first = Operation("index", (0,)) if len(sizes) > 2 else same
    pairs = [(same, turned), (turned, same), (same, row), (row, turned), (first, turned), (turned, first)]
    if rng.random() < WRONG or math.prod(sizes) ** 2 > MOST_PRODUCTS * max(sizes[-1] if sizes else 1, 1):
        return row, row
    return rng.choice(pairs)


def _draw_einsum(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    """A tensor and its transpose, whose axes are named at random, with some of the names in the result."""
    order = rng.sample(range(len(sizes)), len(sizes))
    names = "abcdef"[: len(sizes)]
    if len(sizes) > 6 or math.prod(sizes) > MOST_PRODUCTS**0.5:
        return f"{names}...->{names}", Operation("identity", ())
    other = "".join(names[axis] if rng.random() < 0.7 else names[axis].upper() for axis in order)
    used = sorted({*names, *other})
    kept = "".join(rng.sample(used, rng.randint(0, len(used))))
    terms = [names, other]
    if names and rng.random() < 0.2:  # both end with the same axis, which has no name
        order = [*(axis for axis in order if axis != len(sizes) - 1), len(sizes) - 1]
        terms = [f"{names[:-1]}...", "".join(names[axis] for axis in order[:-1]) + "..."]
        kept = "".join(rng.sample(names[:-1], rng.randint(0, len(sizes) - 1))) + rng.choice(("", "..."))
    if rng.random() < WRONG:
        kept += rng.choice(("z", names[:1]))
    equation = ",".join(terms) + ("" if rng.random() < 0.2 else f"->{kept}")
    return equation, Operation("identity", ()), Operation("permute", (tuple(order),))


DRAWERS: dict[str, tuple[int, Callable[[random.Random, Sizes], tuple[Any, ...]]]] = {
    "identity": (0, _draw_nothing),
    "select": (4, _draw_select),
    "narrow": (4, _draw_narrow),
    "length_of": (1, _draw_length),
    "index": (8, _items),
    "index_select": (2, _draw_take),
    "gather": (2, _draw_gather),
    "take_along_dim": (2, _draw_take_along),
    "diagonal": (1, _draw_diagonal),
    "windows": (1, _draw_windows),
    "index_copy": (1, _draw_placed),
    "scatter": (1, _draw_placed),
    "index_add": (1, _draw_added),
    "flip": (2, _draw_flip),
    "roll": (2, _draw_roll),
    "transpose": (5, _draw_two_axes),
    "permute": (4, _draw_permute),
    "movedim": (2, _draw_movedim),
    "t": (1, _draw_nothing),
    "mT": (1, _draw_nothing),
    "T": (1, _draw_nothing),
    "reshape": (9, _shape),
    "flatten": (3, _draw_flatten),
    "unflatten": (3, _draw_unflatten),
    "unsqueeze": (1, _draw_new_axis),
    "squeeze": (2, _draw_squeeze),
    "expand": (2, _draw_expand),
    "repeat": (2, _draw_repeat),
    "repeat_interleave": (1, _draw_interleave),
    "cat": (3, _draw_cat),
    "stack": (1, _draw_stack),
    "hstack": (1, _draw_stacked),
    "vstack": (1, _draw_stacked),
    "dstack": (1, _draw_stacked),
    "pieces": (5, _draw_pieces),
    "rearrange": (2, _draw_rearrange),
    "einrepeat": (1, _draw_einrepeat),
    "reduce": (2, _draw_reduce),
    "einreduce": (1, _draw_einreduce),
    "spread": (1, _one_axis),
    "contract": (1, _draw_features),
    "blend": (2, _draw_stacked),
    "matmul": (2, _draw_matmul),
    "bmm": (1, _draw_matmul),
    "mm": (1, _draw_matmul),
    "mv": (1, _draw_matmul),
    "einsum": (2, _draw_einsum),
}
"""By name: how often it is drawn, and its arguments for a shape."""


_PRODUCTS = ("matmul", "bmm", "mm", "mv", "einsum")
COMBINING = frozenset({"reduce", "einreduce", "spread", "contract", "blend", "index_add", *_PRODUCTS})
"""Operations after which an element holds several states."""

_DRAWN = tuple(name for name, (weight, _) in DRAWERS.items() for _ in range(weight))
_RAISING_RANK = ("unsqueeze", "stack", "dstack", "index", "unflatten", "rearrange", "einrepeat", "windows")


def draw(rng: random.Random, sizes: Sizes, members: int) -> Operation:
    """An operation for a tensor of shape ``sizes`` whose elements hold ``members`` states each."""
    while True:
        name = rng.choice(_DRAWN)
        if name in COMBINING and members * math.prod(sizes) > 4 * MOST_ELEMENTS:
            continue
        if name in _RAISING_RANK and len(sizes) > 5:
            continue
        return Operation(name, DRAWERS[name][1](rng, sizes))
