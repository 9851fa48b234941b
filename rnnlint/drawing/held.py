"""What the elements of an arrangement hold: which states stand at a place, by what their axes say.

Only the meaning of an arrangement's values is used, as in ``axes.states``; the time does not depend on an extent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import product as every
from typing import TypeAlias

from rnnlint.axes.form.factors import product
from rnnlint.axes.form.normal import final_step
from rnnlint.axes.states import (
    Along,
    Blended,
    Block,
    Call,
    Factor,
    Given,
    Kind,
    Own,
    Role,
    Somewhere,
    Source,
    States,
    Wire,
    extent,
    length,
)
from rnnlint.drawing.positions import MOST, Run, Runs, TooMany, listed, progression, union
from rnnlint.frozen import dataclass

Place: TypeAlias = tuple[tuple[int, int], ...]
"""For every axis where a group of elements begins, and where it ends: the elements differ in their units alone."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the axes alone do not say.

    ``lengths`` are those of a packed call's samples; ``axes`` the roles that run along a given tensor's own axes.
    """

    lengths: tuple[int, ...] = ()
    axes: Mapping[Given, tuple[Role | None, ...]] = field(default_factory=dict)

    def role(self, source: Source, along: Along) -> Along:
        """What a factor moves along: of a given tensor whose axes have roles, a role."""
        if isinstance(along, Own) and isinstance(source, Given):
            roles = self.axes.get(source)
            return roles[along.index] if roles is not None else along
        return along

    def flat(self, source: Source, along: Along) -> bool:
        """Whether elements along a factor differ in nothing that a cell shows but their units."""
        role = self.role(source, along)
        return role is None or role is Role.UNIT or isinstance(role, Own)


@dataclass(frozen=True, slots=True)
class Held:
    """States of one call, kind and direction that the elements of a group hold: all of these layers, samples and steps.

    ``steps`` may be LAST_VALID (each sample's own last one) or ANYWHERE.  ``reordered``: which samples they are is not
    known, only how many.  ``source`` is the call, or the given tensor, whose states (or numbers) they are.
    """

    source: Source
    kind: Kind
    direction: int
    layers: Runs
    samples: Runs
    steps: Runs | Somewhere
    units: Runs
    reordered: bool = False

    def but_units(self) -> tuple[object, ...]:
        """All but the units: what a cell is one cell for."""
        return (self.source, self.kind, self.direction, self.layers, self.samples, self.steps, self.reordered)


def held(states: States, place: Place, setting: Setting) -> tuple[Held, ...]:
    """What the elements of a group hold, each element all of it but for the units.

    TooMany where that is more than can be looked at.
    """
    if isinstance(states, Block):
        return tuple(dict.fromkeys(_Reading(states, place, setting).held()))
    if isinstance(states, Blended):
        found = [one for part in states.parts for one in held(part, place, setting)]
        return tuple(dict.fromkeys(found))
    start, stop = place[states.axis]
    for part in states.parts:
        size = length(part, states.axis)
        if start < size:
            return held(part, _at(place, states.axis, (start, stop)), setting)
        start, stop = start - size, stop - size
    raise IndexError(place)


def _at(place: Place, axis: int, stretch: tuple[int, int]) -> Place:
    return (*place[:axis], stretch, *place[axis + 1 :])


def period(block: Block, axis: int, setting: Setting) -> int:
    """How many elements of an axis differ in their units alone, wherever a group begins."""
    return product(factor.extent for factor in _split(block, axis, setting)[1])


def _split(block: Block, axis: int, setting: Setting) -> tuple[Sequence[Factor], Sequence[Factor]]:
    """The factors of an axis that a cell shows, and those inside of them that it does not."""
    factors = block.axes[axis]
    inner = len(factors)
    while inner and setting.flat(block.source, factors[inner - 1].along):
        inner -= 1
    return factors[:inner], factors[inner:]


class _Reading:
    """One block at one place."""

    def __init__(self, block: Block, place: Place, setting: Setting) -> None:
        self.block, self.setting = block, setting
        self.offsets: dict[Along, int] = {}
        self.units: list[Runs] = []  # for every axis what is added to the unit
        for number, axis in enumerate(block.axes):
            shown, inner = _split(block, number, setting)
            width = product(factor.extent for factor in inner)
            start, stop = place[number]
            assert start // width == (stop - 1) // width, "a group of elements that differ in more than their units"
            self._move(shown, start // width)
            self.units.append(self._inner(inner, start % width, stop - start, width))
            assert stop <= extent(axis)

    def _move(self, factors: Sequence[Factor], position: int) -> None:
        for factor in reversed(factors):
            position, digit = divmod(position, factor.extent)
            self.offsets[factor.along] = self.offsets.get(factor.along, 0) + factor.stride * digit

    def _inner(self, factors: Sequence[Factor], start: int, count: int, width: int) -> Runs:
        """The units of ``count`` elements from ``start`` on, within what does not show."""
        moving = [f if self._role(f.along) is Role.UNIT else Factor(None, f.extent) for f in factors]
        strides = [Factor(Role.UNIT, f.extent, f.stride if f.along is not None else 0) for f in moving]
        if count == width:
            return progression(0, strides)
        if len(strides) == 1:
            return progression(strides[0].stride * start, [Factor(Role.UNIT, count, strides[0].stride)])
        if count > MOST:
            raise TooMany
        places = []
        for position in range(start, start + count):
            unit = 0
            for factor in reversed(strides):
                position, digit = divmod(position, factor.extent)
                unit += factor.stride * digit
            places.append((Run(unit),))
        return union(places)

    def _role(self, along: Along) -> Along:
        return self.setting.role(self.block.source, along)

    def held(self) -> Iterator[Held]:
        block = self.block
        if any(factor.extent == 0 for factor in block.reduced):
            return  # what was added up were no elements
        wires = [factor for factor in block.reduced if isinstance(factor.along, Wire)]
        if product(factor.extent for factor in wires) > MOST:
            raise TooMany
        for digits in every(*(range(factor.extent) for factor in wires)):
            offsets = dict(self.offsets)
            for factor, digit in zip(wires, digits, strict=True):
                offsets[factor.along] = offsets.get(factor.along, 0) + factor.stride * digit
            yield from self._of(offsets)

    def _of(self, offsets: Mapping[Along, int]) -> Iterator[Held]:
        """The states, once the digits of all tangles are known."""
        block, source = self.block, self.block.source
        places = _Places(block, offsets)
        taken = {role: self._runs(places, role) for role in Role}
        reordered = any(self._role(along) is Role.SAMPLE for along, _ in block.orders)
        directions = taken[Role.DIRECTION]
        layers, samples, steps = taken[Role.LAYER], taken[Role.SAMPLE], taken[Role.STEP]
        units = taken[Role.UNIT]
        # a position that is not known is none of those that a cell could show
        if isinstance(directions, Somewhere) or isinstance(layers, Somewhere) or isinstance(samples, Somewhere):
            raise TooMany
        if not isinstance(units, Somewhere):
            units = _sums(units, self.units)
        for direction in listed(directions):
            at = steps
            if steps is Somewhere.FINAL and isinstance(source, Call):
                final = final_step(source, direction)
                at = final if isinstance(final, Somewhere) else (Run(final),)
            yield Held(
                source,
                block.kind,
                direction,
                layers,
                samples,
                at,
                units if not isinstance(units, Somewhere) else (),
                reordered,
            )

    def _runs(self, places: _Places, role: Role) -> Runs | Somewhere:
        """All positions of a role that are read."""
        block = self.block
        own: list[Role | Own] = (
            [Own(n) for n in range(len(block.source.shape))] if isinstance(block.source, Given) else []
        )
        for along in own or [role]:
            if self._role(along) is role:
                base = places.of(along)
                if isinstance(base, Somewhere):
                    return base
                return progression(base, [factor for factor in block.reduced if factor.along == along])
        return (Run(0),)


class _Places:
    """The positions along each coordinate, by the digits of the axes."""

    def __init__(self, block: Block, offsets: Mapping[Along, int]) -> None:
        self.block, self.offsets, self.start = block, offsets, dict(block.at)

    def of(self, along: Role | Own | Wire) -> int | Somewhere:
        """The position, without what is reduced."""
        at = self.start.get(along, 0)
        if not isinstance(at, int):
            return at
        total = at + self.offsets.get(along, 0)
        for number, tangle in enumerate(self.block.tangles):
            weight = product(tangle.shape)
            for factor in tangle.digits:
                weight //= factor.extent
                if factor.along == along:
                    position = self._position(number)
                    if isinstance(position, Somewhere):
                        return position
                    total += factor.stride * (position // weight % factor.extent)
        return total

    def _position(self, number: int) -> int | Somewhere:
        """Where in a tangle."""
        total = 0
        for digit, size in enumerate(self.block.tangles[number].shape):
            here = self.of(Wire(number, digit))
            if isinstance(here, Somewhere):
                return here
            total = total * size + here
        return total


def _sums(units: Runs, added: Sequence[Runs]) -> Runs:
    """Every sum of a unit and what each axis adds to it."""
    total = units
    for runs in added:
        if runs == (Run(0),):
            continue
        if total == (Run(total[0].start),) and len(total) == 1:
            first = total[0].start
            total = tuple(Run(run.start + first, run.count, run.step) for run in runs)
            continue
        here, there = listed(total), listed(runs)
        if len(here) * len(there) > MOST:
            raise TooMany
        total = union([tuple(Run(a + b) for b in there) for a in here])
    return total
