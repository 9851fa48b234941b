"""Draws what is written with names of axes: einops, einsum, products."""

from __future__ import annotations

import math
import random
from typing import Any

from oracle.chains.arguments import (
    MOST_ELEMENTS,
    WRONG,
    Operation,
    Sizes,
    dealt,
)

_NAMES = "abcdefg"  # seven: more axes than chains have (``draw`` keeps them at six), some split in two


def _groups(rng: random.Random, names: list[str]) -> str:
    out, place = [], 0
    while place < len(names):
        # names in one pair of brackets; one alone is written without
        count = rng.choice((1, 1, 2, 3))
        some = names[place : place + count]
        out.append(some[0] if len(some) == 1 else f"({' '.join(some)})")
        place += count
    if rng.random() < 0.1:
        # an axis of length 1 that has no name
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
            one, two = dealt(rng, size, 2)
            left.append(f"({name} {name}x)")
            names += [name, f"{name}x"]
            outer = rng.random() < 0.5
            known[name if outer else f"{name}x"] = (one if outer else two) + (rng.random() < WRONG)
        else:
            left.append(name)
            names.append(name)
    return left, names, known


def draw_rearrange(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    """A pattern of ``einops.rearrange`` and the lengths it takes as (name, number)."""
    left, names, known = _einops_left(rng, sizes[:7])
    rng.shuffle(names)
    if rng.random() < WRONG and names:
        names.pop()
    return f"{' '.join(left)} -> {_groups(rng, names)}", tuple(known.items())


def draw_einreduce(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    """A pattern of ``einops.reduce``, likewise: some of the names do not come back."""
    left, names, known = _einops_left(rng, sizes[:7])
    rng.shuffle(names)
    keep = names[: rng.randint(0, len(names))]
    return f"{' '.join(left)} -> {_groups(rng, keep)}", tuple(known.items())


def draw_einrepeat(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    """A pattern of ``einops.repeat``, likewise: with a new axis ``r``, where there is room for one."""
    left, names, known = _einops_left(rng, sizes[:6])
    if math.prod(sizes) * 3 < MOST_ELEMENTS and len(sizes) < 5:
        names.append("r")
        known["r"] = rng.randint(1, 3)
    rng.shuffle(names)
    return f"{' '.join(left)} -> {_groups(rng, names)}", tuple(known.items())


# because ``Held`` multiplies once for every element, to see what each product reads
MOST_PRODUCTS = 400  # elements of an operand times elements that are multiplied


def draw_matmul(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    """A tensor times its transpose, most of the time; or times one of its rows."""
    same, turned = Operation("identity", ()), Operation("mT" if len(sizes) > 1 else "identity", ())
    row = Operation("index", (rng.choice((0, -1)),) * max(len(sizes) - 1, 0))
    first = Operation("index", (0,)) if len(sizes) > 2 else same
    pairs = [(same, turned), (turned, same), (same, row), (row, turned), (first, turned), (turned, first)]
    if rng.random() < WRONG or math.prod(sizes) ** 2 > MOST_PRODUCTS * max(sizes[-1] if sizes else 1, 1):
        return row, row
    return rng.choice(pairs)


def draw_einsum(rng: random.Random, sizes: Sizes) -> tuple[Any, ...]:
    """A tensor and its transpose, whose axes are named at random, with some of the names in the result."""
    order = rng.sample(range(len(sizes)), len(sizes))
    names = "abcdef"[: len(sizes)]
    # six names; and the square root, because an outer product has as many elements as both operands multiplied
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
