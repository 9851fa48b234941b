"""Tangles that are none any more: their wires have come together again, or nothing in them moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rnnlint.axes.form.factors import At, gathered, merged, move
from rnnlint.axes.states import (
    Axis,
    Factor,
    Somewhere,
    Tangle,
    Wire,
)


def untangled(
    axes: list[Axis], at: At, reduced: tuple[Factor, ...], given: list[Tangle]
) -> tuple[list[Axis], tuple[Factor, ...], tuple[Tangle, ...]]:
    """Dissolve what is not tangled (any more), drop and renumber the rest."""
    # Again from the start after each change, because a tangle that is resolved may hand its digits to another one,
    # whose wires then come together; it ends, since each round takes a tangle away.
    knots: dict[int, Tangle] = dict(enumerate(given))
    again = True
    while again:
        again = False
        uses = Counter(
            factor.along
            for group in (*axes, reduced, *(knot.digits for knot in knots.values()))
            for factor in group
            if isinstance(factor.along, Wire)
        )
        for number, knot in list(knots.items()):
            wires = [Wire(number, digit) for digit in range(len(knot.shape))]
            # nothing moves in it, so that a number says where it stands; before the next test, which would pass such a
            # tangle over
            if not any(wire in uses for wire in wires):
                _dissolve(at, wires, knot)
                del knots[number]
                again = True
                break
            # a wire that is used twice, or starts elsewhere than at 0, is a part of the stretch and not all of it
            if any(uses[wire] != 1 or wire in at for wire in wires):
                continue
            whole = tuple(Factor(wire, size) for wire, size in zip(wires, knot.shape, strict=True))
            for place, axis in enumerate(axes):
                if (found := _run(axis, whole)) is not None:
                    axes[place] = merged((*axis[:found], *knot.digits, *axis[found + len(whole) :]))
                    again = True
            for other, outer in list(knots.items()):
                if other != number and (found := _run(outer.digits, whole)) is not None:
                    digits = (*outer.digits[:found], *knot.digits, *outer.digits[found + len(whole) :])
                    knots[other] = Tangle(outer.shape, merged(digits))
                    again = True
            if all(factor in reduced for factor in whole):
                rest = [factor for factor in reduced if factor not in whole]
                reduced = gathered((*rest, *knot.digits), at)
                again = True
            if again:
                del knots[number]
                break
    return _renumbered(axes, at, reduced, knots)


def _run(axis: Axis, whole: Axis) -> int | None:
    for start in range(len(axis) - len(whole) + 1):
        if axis[start : start + len(whole)] == whole:
            return start
    return None


def _dissolve(at: At, wires: list[Wire], knot: Tangle) -> None:
    """Nothing moves in the tangle: its digits stand still, at positions that may be unknown."""
    position: int | None = 0
    for wire, size in zip(wires, knot.shape, strict=True):
        here = at.pop(wire, 0)
        # one unknown wire makes the whole position unknown: row-major order mixes all of them
        position = position * size + here if isinstance(here, int) and position is not None else None
    for factor in reversed(knot.digits):
        if position is not None:
            position, digit = divmod(position, factor.extent)
            move(at, factor, digit)
        elif factor.along is not None:
            at[factor.along] = Somewhere.ANYWHERE


def _renumbered(
    axes: list[Axis], at: At, reduced: tuple[Factor, ...], knots: dict[int, Tangle]
) -> tuple[list[Axis], tuple[Factor, ...], tuple[Tangle, ...]]:
    order: list[int] = []
    queue: list[Factor] = [factor for axis in axes for factor in axis]
    # axes before reduced factors: tangles are numbered as a reader meets them, so that equal arrangements number them
    # alike
    queue.extend(reduced)
    for factor in queue:
        if isinstance(factor.along, Wire) and factor.along.tangle not in order:
            order.append(factor.along.tangle)
            queue.extend(knots[factor.along.tangle].digits)
    names = {old: new for new, old in enumerate(order)}
    if all(old == new for old, new in names.items()) and len(names) == len(knots):
        return axes, reduced, tuple(knots[old] for old in order)

    def renamed(factors: Iterable[Factor]) -> Axis:
        return tuple(
            Factor(Wire(names[factor.along.tangle], factor.along.digit), factor.extent, factor.stride)
            if isinstance(factor.along, Wire)
            else factor
            for factor in factors
        )

    moved = {
        (Wire(names[key.tangle], key.digit) if isinstance(key, Wire) else key): value
        for key, value in at.items()
        if not isinstance(key, Wire) or key.tangle in names
    }
    at.clear()
    at.update(moved)
    ties = tuple(Tangle(knots[old].shape, renamed(knots[old].digits)) for old in order)
    return [renamed(axis) for axis in axes], renamed(reduced), ties
