"""The same arrangement in other sizes: every number of it replaced, and what comes of that held against its bounds.

What an arrangement says of its elements it says by extents, strides and positions.  Where each of these is a product of
sizes, other sizes give the arrangement that the same operations give on tensors of these sizes: a reshape regroups the
same digits, a slice ends at the same multiple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod

from rnnlint.axes.states import (
    ROLES,
    Along,
    Axis,
    Blended,
    Block,
    Call,
    Factor,
    Given,
    Joined,
    Kind,
    Own,
    Position,
    Source,
    States,
    Wire,
    extent,
    shape,
)

Resize = Callable[[int], int]
"""A number of 0 or more in the other sizes.  Raises :class:`NoSize`."""


class NoSize(Exception):
    """A number is none in these sizes, or lies outside of what is there."""


def resized(states: States, resize: Resize) -> States:
    """The arrangement in other sizes.  Raises NoSize where it has none in these."""
    if isinstance(states, Block):
        return _block(states, resize)
    parts = tuple(resized(part, resize) for part in states.parts)
    if isinstance(states, Joined):
        _check(_agree(parts, states.axis))
        return Joined(states.axis, parts)
    _check(_agree(parts, None))
    return Blended(parts)


def resized_source(source: Source, resize: Resize) -> Source:
    """A call, or a given tensor, in other sizes.  Raises NoSize."""
    if isinstance(source, Given):
        return Given(source.key, tuple(map(resize, source.shape)))
    return replace(
        source,
        layers=resize(source.layers),
        samples=None if source.samples is None else resize(source.samples),
        steps=resize(source.steps),
        units=resize(source.units),
        cell_units=resize(source.cell_units),
        merged=tuple(map(resize, source.merged)),
    )


def _agree(parts: Sequence[States], but: int | None) -> bool:
    """Whether all parts have one shape, but for one axis."""
    shapes = {tuple(size for axis, size in enumerate(shape(part)) if axis != but) for part in parts}
    return len(shapes) == 1


def _check(holds: bool) -> None:
    if not holds:
        raise NoSize


def _block(block: Block, resize: Resize) -> Block:
    found = replace(
        block,
        source=resized_source(block.source, resize),
        axes=tuple(_axis(axis, resize) for axis in block.axes),
        at=tuple((along, resize(start) if isinstance(start, int) else start) for along, start in block.at),
        reduced=_axis(block.reduced, resize),
        tangles=tuple(
            replace(one, shape=tuple(map(resize, one.shape)), digits=tuple(_factor(f, resize) for f in one.digits))
            for one in block.tangles
        ),
    )
    for one in found.tangles:
        _check(prod(one.shape) == extent(one.digits))
    _check(all(_within(*bounds) for bounds in _bounds(found)))
    return found


def _axis(axis: Axis, resize: Resize) -> Axis:
    """Factors in other sizes; one of a single element is none."""
    return tuple(factor for factor in (_factor(one, resize) for one in axis) if factor.extent != 1)


def _factor(factor: Factor, resize: Resize) -> Factor:
    stride = resize(abs(factor.stride))
    return Factor(factor.along, resize(factor.extent), stride if factor.stride > 0 else -stride)


def _within(start: int, factors: Sequence[Factor], whole: int) -> bool:
    """Whether all positions that are reached lie within ``whole``."""
    if any(factor.extent == 0 for factor in factors):
        return True  # there are none
    reached = [factor.stride * (factor.extent - 1) for factor in factors]
    low, high = start + sum(min(0, one) for one in reached), start + sum(max(0, one) for one in reached)
    return low >= 0 and high < whole and all(factor.extent > 0 for factor in factors)


def _bounds(block: Block) -> Iterator[tuple[int, Sequence[Factor], int]]:
    """Of every coordinate where it starts, what moves it, and how much there is of it."""
    at: dict[Along, Position] = dict(block.at)
    groups = [*block.axes, block.reduced, *(one.digits for one in block.tangles)]
    moving = [factor for group in groups for factor in group]
    for along, whole in _wholes(block).items():
        start = at.get(along, 0)
        if isinstance(start, int):
            yield start, [factor for factor in moving if factor.along == along], whole


def _wholes(block: Block) -> Mapping[Along, int]:
    """Every coordinate that an element may have, with its extent."""
    source, found = block.source, dict[Along, int]()
    if isinstance(source, Call):
        width = source.cell_units if block.kind is Kind.CELL else source.units
        sizes = (source.layers, source.directions, source.samples or 1, source.steps, width)
        found.update(zip(ROLES, sizes, strict=True))
    else:
        found.update((Own(number), size) for number, size in enumerate(source.shape))
    for number, one in enumerate(block.tangles):
        found.update((Wire(number, digit), size) for digit, size in enumerate(one.shape))
    return found
