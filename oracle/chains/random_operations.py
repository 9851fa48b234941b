"""Draws operations with their arguments: right most of the time, sometimes wrong."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from oracle.chains import patterns
from oracle.chains.arguments import (
    MOST_ELEMENTS,
    WRONG,
    Operation,
    Sizes,
    a_position,
    a_shape,
    an_axis,
    dealt,
    size_along,
    some_axes,
    some_bounds,
    some_entries,
    some_items,
)


def _draw_gather(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    if not sizes:
        return 0, (), (0,)
    axis = rng.randint(-len(sizes), len(sizes) - 1)
    own = [rng.choice((size, size, rng.randint(1, max(size, 1)))) for size in sizes]
    if rng.random() < WRONG:
        own[rng.randrange(len(own))] += 1
    size = sizes[axis]
    own[axis] = rng.randint(1, 3)
    entries = [place % size if size else 0 for place in some_entries(rng, size, own[axis])]
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
    one, other = an_axis(rng, sizes), an_axis(rng, sizes)
    if len(sizes) > 1 and rng.random() > WRONG:
        one, other = (axis - len(sizes) * rng.randint(0, 1) for axis in rng.sample(range(len(sizes)), 2))
    return rng.choice((0, 0, -1, 1, 2)), one, other


def _draw_windows(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = an_axis(rng, sizes)
    size = rng.randint(1, max(size_along(sizes, axis), 1)) + (rng.random() < WRONG)
    if rng.random() < WRONG:
        return axis, rng.choice((-1, size)), rng.choice((0, -1))
    return axis, size, rng.randint(1, 3)


def _draw_placed(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    """An axis, where positions along it go, and what they are: positions of the tensor itself."""
    axis = an_axis(rng, sizes)
    size = size_along(sizes, axis)
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
    return (some_axes(rng, sizes),)


def _draw_roll(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    if rng.random() < 0.15 or not sizes:
        return (rng.randint(-3, 3),), ()
    axes = tuple(an_axis(rng, sizes) for _ in range(rng.choice((1, 1, 2))))
    shifts = tuple(rng.randint(-4, 4) for _ in axes)
    return (shifts[:1] if rng.random() < WRONG else shifts), axes


def _draw_permute(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    dims = rng.sample(range(len(sizes)), len(sizes))
    if rng.random() < WRONG and dims:
        dims[0] = rng.randint(-len(sizes) - 1, len(sizes))
    return (tuple(dim - len(sizes) * rng.randint(0, 1) for dim in dims),)


def _draw_movedim(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    source = some_axes(rng, sizes) or (0,)
    destination = rng.sample(range(max(len(sizes), 1)), min(len(source), max(len(sizes), 1)))
    return source, tuple(destination)


def _draw_unflatten(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = an_axis(rng, sizes)
    into = dealt(rng, size_along(sizes, axis), rng.randint(1, 3))
    if rng.random() < WRONG:
        into[0] += 1
    if rng.random() < 0.4:
        into[rng.randrange(len(into))] = -1
    return axis, tuple(into)


def _draw_flatten(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    start, end = an_axis(rng, sizes), an_axis(rng, sizes)
    span = max(len(sizes), 1)
    return (start, end) if rng.random() < WRONG else tuple(sorted((start, end), key=lambda axis: axis % span))


def _draw_expand(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    room = MOST_ELEMENTS // max(math.prod(sizes), 1)
    wide = []
    for size in sizes:
        # 9, because two axes of up to 3 may be added at once
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
    return count, rng.choice((None, an_axis(rng, sizes), an_axis(rng, sizes)))


# what needs no operand of its own: else drawing one would draw another
_PLAIN = ("identity", "flip", "roll", "narrow", "transpose", "permute", "index_select")


def _branch(rng: random.Random, sizes: Sizes, same: bool) -> Operation:
    """A simple operation for one of several operands; ``same``: one that keeps the shape."""
    name = rng.choice(("identity", "flip", "roll") if same and rng.random() > WRONG else _PLAIN)
    return Operation(name, DRAWERS[name][1](rng, sizes))


def _draw_cat(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    # 3, because that many are joined at most; likewise 2 below
    if math.prod(sizes) * 3 > MOST_ELEMENTS:
        return 0, Operation("identity", ())
    axis = an_axis(rng, sizes)
    branches: list[Operation] = []
    for _ in range(rng.choice((2, 2, 3))):
        way = rng.random()
        if way < 0.5 and sizes:
            branches.append(Operation("narrow", (axis, *some_bounds(rng, size_along(sizes, axis)))))
        else:
            branches.append(_branch(rng, sizes, True))
    return axis, *branches


def _draw_stack(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    if math.prod(sizes) * 2 > MOST_ELEMENTS or len(sizes) > 5:
        return 0, Operation("identity", ())
    return an_axis(rng, sizes, 1), *(_branch(rng, sizes, True) for _ in range(2))


def _draw_stacked(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    if math.prod(sizes) * 2 > MOST_ELEMENTS or len(sizes) > 5:
        return (Operation("identity", ()),)
    return tuple(_branch(rng, sizes, True) for _ in range(2))


def _draw_pieces(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = an_axis(rng, sizes)
    size = size_along(sizes, axis)
    # 0 pieces, sometimes: torch refuses that
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
    return (
        way,
        how,
        axis,
        rng.randint(0, 5),
        rng.choice(("pick", "cat", "cat", "reversed", "stack")),
        an_axis(rng, sizes),
    )


def _draw_reduce(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axes = None if rng.random() < 0.1 else some_axes(rng, sizes)[: rng.randint(1, 2)]
    return axes, rng.random() < 0.5


def _one_axis(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    return (an_axis(rng, sizes),)


def _draw_narrow(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = an_axis(rng, sizes)
    return axis, *some_bounds(rng, size_along(sizes, axis))


def _draw_length(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = an_axis(rng, sizes)
    size = size_along(sizes, axis)
    start = rng.randint(0, size)
    return (
        axis,
        start - size * (rng.random() < 0.2),
        rng.randint(0 if rng.random() < WRONG else 1, max(1, size - start)),
    )


def _draw_select(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = an_axis(rng, sizes)
    return axis, a_position(rng, size_along(sizes, axis))


def _draw_take(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    axis = an_axis(rng, sizes)
    count = rng.randint(1, 3) if math.prod(sizes) * 3 < MOST_ELEMENTS else 1
    entries = some_entries(rng, size_along(sizes, axis), count)
    return axis, entries if rng.random() < WRONG else tuple(
        place % max(size_along(sizes, axis), 1) for place in entries
    )


def _draw_squeeze(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    return (None,) if rng.random() < 0.3 else (rng.choice((an_axis(rng, sizes), some_axes(rng, sizes))),)


def _draw_nothing(_rng: random.Random, _sizes: Sizes) -> tuple[Any, ...]:
    return ()


def _draw_two_axes(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    return an_axis(rng, sizes), an_axis(rng, sizes)


def _draw_new_axis(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    return (an_axis(rng, sizes, 1),)


def _draw_features(rng: random.Random, _sizes: Sizes) -> tuple[Any, ...]:
    return (rng.randint(1, 3),)


# The weights are rough: often what programs read states by (reshapes, indices, transposes), and at least 1, which a
# million chains draw thousands of times.
DRAWERS: dict[str, tuple[int, Callable[[random.Random, Sizes], tuple[Any, ...]]]] = {
    "identity": (0, _draw_nothing),
    "select": (4, _draw_select),
    "narrow": (4, _draw_narrow),
    "length_of": (1, _draw_length),
    "index": (8, some_items),
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
    "reshape": (9, a_shape),
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
    "rearrange": (2, patterns.draw_rearrange),
    "einrepeat": (1, patterns.draw_einrepeat),
    "reduce": (2, _draw_reduce),
    "einreduce": (1, patterns.draw_einreduce),
    "spread": (1, _one_axis),
    "contract": (1, _draw_features),
    "blend": (2, _draw_stacked),
    "matmul": (2, patterns.draw_matmul),
    "bmm": (1, patterns.draw_matmul),
    "mm": (1, patterns.draw_matmul),
    "mv": (1, patterns.draw_matmul),
    "einsum": (2, patterns.draw_einsum),
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
        # because ``Held`` keeps every state behind every element: four times as many rows as elements at most
        if name in COMBINING and members * math.prod(sizes) > 4 * MOST_ELEMENTS:
            continue
        # because einsum and the patterns have names for six axes; and labels of more take long to compare
        if name in _RAISING_RANK and len(sizes) > 5:
            continue
        return Operation(name, DRAWERS[name][1](rng, sizes))
