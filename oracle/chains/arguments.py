"""What operations are drawn with: axes, positions, bounds, shapes; right most of the time, sometimes wrong.

The frequencies make most chains run to their end while each form and each mistake is met in some thousand of a
million.  A draw more, or in another order, is another chain for every seed: ``tests/oracle/kept.py`` keeps chains and
no seeds.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rnnlint.axes.operations.indexing import Item, Picks

Sizes = tuple[int, ...]

MOST_ELEMENTS = 1500  # of a tensor: comparing is by the element, and a million chains are to end within hours
WRONG = 0.03  # how often an argument is drawn without looking


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with literal arguments (tuples, numbers, slices, :class:`Picks`, other operations)."""

    name: str
    arguments: tuple[Any, ...]


def an_axis(rng: random.Random, sizes: Sizes, extra: int = 0) -> int:
    """An axis of a tensor of these sizes and ``extra`` more, from the front or from the end; of a scalar 0 or -1."""
    span = max(len(sizes) + extra, 1)
    return rng.randint(-span - 1, span) if rng.random() < WRONG else rng.randint(-span, span - 1)


def size_along(sizes: Sizes, axis: int) -> int:
    """The extent of an axis, 1 for an axis that there is not."""
    return sizes[axis] if -len(sizes) <= axis < len(sizes) else 1


def a_position(rng: random.Random, size: int) -> int:
    """A position along ``size``; none is right where that is 0."""
    if rng.random() < WRONG or size == 0:
        return rng.randint(-size - 1, size)
    return rng.choice((0, -1, rng.randint(-size, size - 1)))


def some_bounds(rng: random.Random, size: int) -> tuple[int | None, int | None, int | None]:
    """Start, stop and step of a slice along ``size``, each left out as often as people do."""
    start = rng.choice((None, None, rng.randint(-size - 1, size)))
    stop = rng.choice((None, None, rng.randint(-size - 1, size + 1)))
    length = len(range(*slice(start, stop).indices(size)))
    # because a tensor without elements makes the rest of the chain say little
    if length == 0 and rng.random() > WRONG:
        start = stop = None
    step = rng.choice((None, None, None, 1, 2, 2, 3))
    # half as often, because a step of 0 or below raises whatever else is drawn, and tells nothing more
    if rng.random() < WRONG / 2:
        step = rng.choice((0, -1))
    return start, stop, step


def some_axes(rng: random.Random, sizes: Sizes) -> Sizes:
    """One or more different axes, each counted from the front or from the end; () of a scalar."""
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


def dealt(rng: random.Random, number: int, places: int) -> list[int]:
    """``places`` sizes (at least one) whose product is ``number``: its prime factors, each given to one of them."""
    out = [1] * max(places, 1)
    for factor in _factors(number):
        out[rng.randrange(len(out))] *= factor
    return out


def a_shape(rng: random.Random, sizes: Sizes) -> tuple[Sizes]:
    """A shape for the same elements: axes exchanged, two merged, one split, or all dealt anew; sometimes with a -1."""
    count = math.prod(sizes)
    way = rng.random()
    if count == 0 or way < WRONG:
        # up to 6, the largest extent of a drawn call, and -1, which torch fills in
        return (tuple(rng.randint(-1, 6) for _ in range(rng.randint(0, 3))),)
    # the ways overlap, so that some shapes are two changes away: exchanged, merged, split
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
        target[place : place + 1] = dealt(rng, target[place], 2)
    if way >= 0.8:
        target = dealt(rng, count, rng.randint(1, 4))
    if rng.random() < 0.4 and target:
        target[rng.randrange(len(target))] = -1
    return (tuple(target),)


def some_entries(rng: random.Random, size: int, count: int) -> Sizes:
    """``count`` positions along ``size``, at random or as a rotated range (which the algebra knows to be one)."""
    if size == 0:
        return tuple(rng.randint(-1, 0) for _ in range(count))
    if rng.random() < WRONG:
        return tuple(rng.randint(-size - 1, size) for _ in range(count))
    if rng.random() < 0.3:
        start = rng.randint(0, size - 1)
        return tuple((start + place) % size for place in range(count))
    return tuple(rng.randint(-size, size - 1) for _ in range(count))


def nested(values: Sequence[int], shape: Sizes) -> Any:
    """Values as nested tuples of a shape, row-major; of the shape () the only value."""
    if not shape:
        return values[0]
    step = math.prod(shape[1:])
    return tuple(nested(values[place * step : (place + 1) * step], shape[1:]) for place in range(shape[0]))


def some_items(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    """The items of a subscript: numbers, slices, None, ``...`` once at most, and positions picked by a tensor."""
    items: list[Item] = []
    axis = 0
    # one axis too many, sometimes
    target = rng.randint(0, len(sizes)) + (rng.random() < WRONG)
    picks = rng.random() < 0.4
    # one width for all, because tensors that index together have to broadcast
    wide = rng.randint(1, 3)
    dotted = False
    while axis < target:
        size = sizes[axis] if axis < len(sizes) else 1
        way = rng.random()
        if way < 0.25:
            items.append(a_position(rng, size))
        elif way < 0.6:
            items.append(slice(*some_bounds(rng, size)))
        elif way < 0.7:
            items.append(None)
            continue
        elif way < 0.78 and not dotted:
            dotted = True
            items.append(...)
            axis = max(axis, len(sizes) - rng.randint(0, 2))
            continue
        elif picks:
            items.append(some_picks(rng, size, wide))
        else:
            items.append(slice(None))
        axis += 1
    return tuple(items)


def some_picks(rng: random.Random, size: int, wide: int) -> Picks:
    """Positions along ``size`` as a tensor that broadcasts with others as wide, or every position in turn."""
    shape = rng.choice(((wide,), (wide,), (wide,), (2, wide), (2, 1), (1,), ()))
    if rng.random() < 0.3 and size:
        shape = rng.choice(((size,), (size, 1), (1, size)))
        return Picks(None, shape, shape.index(size))
    return Picks(nested(some_entries(rng, size, math.prod(shape)), shape), shape)
