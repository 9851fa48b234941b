"""Factors: how they are multiplied, moved, put in order and put together."""

from __future__ import annotations

from collections.abc import Iterable

from rnnlint.axes.states import (
    Along,
    Axis,
    Factor,
    Own,
    Position,
    Role,
    Somewhere,
    Wire,
)

_ROLE_ORDER = {role: number for number, role in enumerate(Role)}


At = dict[Role | Own | Wire, Position]


def product(sizes: Iterable[int]) -> int:
    """Product of sizes; 1 for none."""
    total = 1
    for size in sizes:
        total *= size
    return total


def along_key(along: Along) -> tuple[int, int, int]:
    """A total order of coordinates, the same in every run."""
    if isinstance(along, Role):
        return (0, _ROLE_ORDER[along], 0)
    if isinstance(along, Own):
        return (1, along.index, 0)
    if isinstance(along, Wire):
        return (2, along.tangle, along.digit)
    # last, so that what moves nowhere never comes before what does; the numbers only order the four kinds
    return (3, 0, 0)


def move(at: At, factor: Factor, digit: int) -> None:
    """Add ``digit`` steps of ``factor`` to the start positions, in place."""
    along, distance = factor.along, factor.stride * digit
    if along is None or distance == 0:
        return
    here = at.get(along, 0)
    at[along] = here + distance if isinstance(here, int) else Somewhere.ANYWHERE


def merged(factors: Iterable[Factor]) -> Axis:
    """An axis whose adjacent factors do not continue each other and none of which has extent 1."""
    if isinstance(factors, tuple):
        # what an operation leaves as it was is its own axis again, found without a look at the others: most axes
        if not factors:
            return factors
        if len(factors) == 1:
            only = factors[0]
            if only.extent != 1 and (only.stride != 0 if only.along is not None else only.stride == 1):
                return factors
    out: list[Factor] = []
    for factor in factors:
        # because one element says nothing about how the next would lie: kept, it would make equal readings unequal
        # values
        if factor.extent == 1:
            continue
        # because a stride of 0 reads the same states again and again, as copies do: one way to write them
        along = factor.along if factor.stride else None
        stride = factor.stride if along is not None else 1
        # the inner factor ends where the outer one goes on: together they are one progression (tests/axes/test_laws.py,
        # test_reshape_and_back_is_identity)
        if out and out[-1].along == along and (along is None or out[-1].stride == stride * factor.extent):
            out[-1] = Factor(along, out[-1].extent * factor.extent, stride)
        else:
            out.append(factor if along is factor.along and stride == factor.stride else Factor(along, factor.extent))
    return tuple(out)


def gathered(reduced: Iterable[Factor], at: At) -> tuple[Factor, ...]:
    """Reduced factors as a set of values: unordered, rising, overlapping progressions put together."""
    rising: list[Factor] = []
    for factor in reduced:
        if factor.extent == 1 or factor.along is None or factor.stride == 0:
            continue
        # because a set has no order: read backwards it is the same set, which starts at its other end
        # (tests/axes/test_laws.py, test_what_is_reduced_has_no_order)
        if factor.stride < 0:
            move(at, factor, factor.extent - 1)
            factor = Factor(factor.along, factor.extent, -factor.stride)
        rising.append(factor)
    # before they are put together: the progression that a factor can continue must stand before it
    if len(rising) < 2:
        return tuple(rising)
    rising.sort(key=lambda factor: (along_key(factor.along), factor.stride, factor.extent))
    out: list[Factor] = []
    for factor in rising:
        if out and out[-1].along == factor.along:
            low = out[-1]
            steps, rest = divmod(factor.stride, low.stride)
            # no gap is left between two rounds of the inner one, so that the two are one progression; where they
            # overlap it is shorter than their product
            if rest == 0 and steps <= low.extent:
                out[-1] = Factor(low.along, low.extent + steps * (factor.extent - 1), low.stride)
                continue
        out.append(factor)
    return tuple(out)
