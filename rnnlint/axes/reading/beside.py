"""How much of a role a tensor of several parts holds: what is narrow in one part may stand beside it in another.

A view that lays the rows of a batch below each other takes a ``cat`` apart, into one part for each sample of each call.
Every part is one sample wide, and the tensor has lost none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from rnnlint.axes.states import Block, Factor, Role

_FEW = 64
"""Up to so many progressions of one part are listed (MOST_PARTS parts are as many); more is not worth its time, and a
part that is not counted only makes the tensor narrower than it is, as if it stood alone."""


def together(parts: Iterable[Block], part: Block, role: Role) -> int:
    """How many coordinates of ``role`` those of ``parts`` that are of the source and kind of ``part`` hold together.

    Parts of which that is not known (a tangle, a position that is no number) count for nothing.
    """
    ranges: list[range] = []
    for block in parts:
        if block.source == part.source and block.kind is part.kind:
            ranges += _progressions(block, role) or ()
    return _distinct(ranges)


def _progressions(block: Block, role: Role) -> list[range] | None:
    """The coordinates a block reads along a role; None where that is not known."""
    start = dict(block.at).get(role, 0)
    if not isinstance(start, int) or any(f.along is role for tangle in block.tangles for f in tangle.digits):
        return None
    factors = [f for axis in (*block.axes, block.reduced) for f in axis if f.along is role]
    start += sum(f.stride * (f.extent - 1) for f in factors if f.stride < 0)
    rising = sorted((Factor(role, f.extent, abs(f.stride)) for f in factors), key=lambda f: f.stride)
    if not rising:
        return [range(start, start + 1)]
    first, *others = rising
    step, count = first.stride, first.extent
    while others and others[0].stride == step * count:  # the next factor goes on where the progression ends
        count *= others.pop(0).extent
    if _product(f.extent for f in others) > _FEW:
        return None
    digits = product(*(range(f.extent) for f in others))
    bases = [start + sum(f.stride * d for f, d in zip(others, row, strict=True)) for row in digits]
    return [range(base, base + step * count, step) for base in bases]


def _product(numbers: Iterable[int]) -> int:
    total = 1
    for number in numbers:
        total *= number
    return total


def _distinct(ranges: list[range]) -> int:
    """How many different numbers lie in some ranges; in long ones that are no intervals, a bound from below."""
    # all of them listed, of as many parts as there may be with as many positions each; more is counted by its ends
    # (tests/axes/test_beside.py, test_no_cost_depends_on_an_extent)
    if sum(map(len, ranges)) <= _FEW * _FEW:
        return len(set().union(*ranges))
    reached, total = -1, 0
    for one in sorted((one for one in ranges if one.step == 1), key=lambda one: one.start):
        total += max(0, one.stop - max(one.start, reached))
        reached = max(reached, one.stop)
    return max(total, *map(len, ranges))
