"""Which axes a coordinate of a block depends on, by arithmetic where possible and by trying where that is cheap.

The position in a tangle is an affine number of the digits of the axes, and a coordinate is ``position // weight %
extent`` of it; whether a step along one axis ever changes that is counted with floor sums, in time that grows with the
logarithm of the extents only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rnnlint.axes.form.factors import product
from rnnlint.axes.form.normal import final_step
from rnnlint.axes.states import Block, Call, Factor, Own, Position, Role, Somewhere, Wire, extent
from rnnlint.frozen import dataclass

FEW = 4096
"""Up to so many elements are tried one by one where arithmetic alone cannot tell: about a millisecond a coordinate, and
every operation that marks may ask."""

REDUCED = -1
"""What stands for all reduced factors where axes are named by their index."""

Coordinate: TypeAlias = Role | Own | Wire
Terms: TypeAlias = "list[tuple[int, Factor]]"


@dataclass(frozen=True, slots=True)
class Reach:
    """The axes a coordinate depends on, and whether that is exact or only an upper bound."""

    axes: frozenset[int]
    exact: bool


def moving(block: Block) -> list[tuple[int, Factor]]:
    """Every factor of the axes and of the reduced ones, with the index of its axis."""
    found = [(number, factor) for number, axis in enumerate(block.axes) for factor in axis]
    if block.reduced:
        found += [(REDUCED, factor) for factor in block.reduced]
    return found


def coordinates_of(block: Block) -> set[Role | Own]:
    """The coordinates of the source (no wires) that the block moves along or starts off zero at."""
    groups = (*block.axes, block.reduced, *(tangle.digits for tangle in block.tangles))
    named = {factor.along for group in groups for factor in group} | {key for key, _ in block.at}
    return {along for along in named if along is not None and not isinstance(along, Wire)}


def dependences(block: Block) -> dict[Role | Own, Reach]:
    """For every coordinate the axes (REDUCED for the reduced factors) along which it changes."""
    if 0 in map(extent, block.axes):
        return {}
    found: dict[Role | Own, set[int]] = {key: set() for key, _ in block.at if not isinstance(key, Wire)}
    for number, factor in moving(block):
        along = factor.along
        if along is None or isinstance(along, Wire):
            continue
        if along in found:
            found[along].add(number)
        else:
            found[along] = {number}
    inexact: set[Role | Own] = set()
    for number, tangle in enumerate(block.tangles):
        terms = _terms(block, number)
        weight = 1
        for factor in reversed(tangle.digits):
            along = factor.along
            if along is not None and not isinstance(along, Wire):
                axes = found.setdefault(along, set())
                # a tangle fed by another one: its position is no affine number, so that all that reaches it is a bound
                if terms is None:
                    axes |= _feeding(block, number)
                    inexact.add(along)
                else:
                    axes |= _changed(terms, weight, factor.extent)
            weight *= factor.extent
    # the step of a final state follows from its direction: where that changes, it does
    if (Role.STEP, Somewhere.FINAL) in block.at:
        found[Role.STEP] |= found.get(Role.DIRECTION, set())
        if Role.DIRECTION in inexact:
            inexact.add(Role.STEP)
    return {along: Reach(frozenset(axes), along not in inexact) for along, axes in found.items()}


def _feeding(block: Block, number: int) -> set[int]:
    """The axes that reach a tangle, through other tangles too."""
    axes: set[int] = set()
    for axis, factor in moving(block):
        if isinstance(factor.along, Wire) and factor.along.tangle == number:
            axes.add(axis)
    for other, tangle in enumerate(block.tangles):
        if any(isinstance(f.along, Wire) and f.along.tangle == number for f in tangle.digits):
            axes |= _feeding(block, other)
    return axes


@dataclass(frozen=True, slots=True)
class _Line:
    """Position in a tangle: ``start`` plus, for each term, stride times a digit below its count, of its axis."""

    start: int
    terms: tuple[tuple[int, int, int], ...]  # (axis, stride > 0, count)


def _terms(block: Block, number: int) -> _Line | None:
    """The position in a tangle as a sum over the axes; None where another tangle feeds it or a start is unknown."""
    for other, tangle in enumerate(block.tangles):
        if other != number and any(isinstance(f.along, Wire) and f.along.tangle == number for f in tangle.digits):
            return None
    sizes = block.tangles[number].shape
    weights = [product(sizes[place + 1 :]) for place in range(len(sizes))]
    start = 0
    for key, position in block.at:
        if isinstance(key, Wire) and key.tangle == number:
            if not isinstance(position, int):
                return None
            start += position * weights[key.digit]
    terms: list[tuple[int, int, int]] = []
    for axis, factor in moving(block):
        if isinstance(factor.along, Wire) and factor.along.tangle == number:
            stride = factor.stride * weights[factor.along.digit]
            if stride < 0:
                start += stride * (factor.extent - 1)
            terms.append((axis, abs(stride), factor.extent))
    return _Line(start, tuple(terms))


def _changed(line: _Line, weight: int, size: int) -> set[int]:
    """The axes of which a step can change ``position // weight % size``."""
    axes: set[int] = set()
    for chosen, (axis, stride, count) in enumerate(line.terms):
        if axis in axes:
            continue
        whole, rest = divmod(stride, weight)
        # a step that adds neither 0 nor -1 to the digit changes it whatever is carried; with 0 it changes where one is
        # carried, with -1 where none is
        if whole % size not in (0, size - 1):
            axes.add(axis)
            continue
        others = [(s, n) for place, (_, s, n) in enumerate(line.terms) if place != chosen]
        # the other positions of the same axis that a step can start from; of two positions there is one step, from 0
        if count > 2:
            others.append((stride, count - 1))
        counted = _carries(line.start, others, weight, rest)
        if counted is None:
            axes.add(axis)
            continue
        carries, total = counted
        stays = total - carries if whole % size == 0 else carries
        if stays < total:
            axes.add(axis)
    return axes


def _carries(start: int, terms: Sequence[tuple[int, int]], weight: int, rest: int) -> tuple[int, int] | None:
    """How many positions of ``start`` + terms are carried over a multiple of ``weight`` by ``rest``, of how many."""
    total = product(count for _, count in terms)
    runs: list[tuple[int, int]] = []
    for stride, count in sorted((s % weight, n) for s, n in terms if s % weight):
        # they continue each other: counted as one run, which keeps the list short
        if runs and runs[-1][0] * runs[-1][1] == stride:
            runs[-1] = (runs[-1][0], runs[-1][1] * count)
        else:
            runs.append((stride, count))
    if not runs:
        return (total if start % weight + rest >= weight else 0), total
    runs.sort(key=lambda run: run[1])
    stride, count = runs.pop()
    # the longest run is counted by its formula, the others one by one: that is what has a bound
    if product(n for _, n in runs) > FEW:
        return None
    starts = [start % weight]
    for step, n in runs:
        starts = [first + step * digit for first in starts for digit in range(n)]
    carries = sum(
        floor_sum(count, weight, stride, first + rest) - floor_sum(count, weight, stride, first) for first in starts
    )
    many = len(starts) * count
    return carries * total // many, total


def floor_sum(count: int, modulus: int, factor: int, start: int) -> int:
    """Sum of ``(factor * i + start) // modulus`` for i below ``count``; nothing negative."""
    total = 0
    while True:
        total += count * (count - 1) // 2 * (factor // modulus) + count * (start // modulus)
        factor, start = factor % modulus, start % modulus
        top = factor * count + start
        if top < modulus:
            return total
        count, start = divmod(top, modulus)
        factor, modulus = modulus, factor


def tried(block: Block, along: Coordinate) -> list[Position] | None:
    """The coordinate of every element, row-major over the axes and then the reduced factors; None if too many."""
    sizes = [factor.extent for _, factor in moving(block)]
    if product(sizes) > FEW:
        return None
    known: dict[Coordinate, list[Position]] = {}
    return _tried(block, along, known, product(sizes))


def _tried(block: Block, along: Coordinate, known: dict[Coordinate, list[Position]], total: int) -> list[Position]:
    if along in known:
        return known[along]
    start = dict(block.at).get(along, 0)
    if start is Somewhere.FINAL and isinstance(block.source, Call):
        source = block.source
        known[along] = [final_step(source, way) for way in _tried(block, Role.DIRECTION, known, total)]
        return known[along]
    values: list[int] = [start if isinstance(start, int) else 0]
    for _, factor in moving(block):
        stride = factor.stride if factor.along == along else 0
        values = [value + stride * digit for value in values for digit in range(factor.extent)]
    for number, tangle in enumerate(block.tangles):
        weight = product(factor.extent for factor in tangle.digits)
        for factor in tangle.digits:
            weight //= factor.extent
            if factor.along == along:
                places = _places(block, number, known, total)
                digits = [place // weight % factor.extent * factor.stride for place in places]
                values = [value + digit for value, digit in zip(values, digits, strict=True)]
    known[along] = list(values)
    return known[along]


def _places(block: Block, number: int, known: dict[Coordinate, list[Position]], total: int) -> list[int]:
    places = [0] * total
    for digit, size in enumerate(block.tangles[number].shape):
        here = _tried(block, Wire(number, digit), known, total)
        places = [place * size + (add if isinstance(add, int) else 0) for place, add in zip(places, here, strict=True)]
    return places
