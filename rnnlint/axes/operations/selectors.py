"""Tensors that are 1 at one position and 0 elsewhere (``arange(n) == k``, a row of ``eye(n)``): a product picks it."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.axes.operations.moves import lifted, selected
from rnnlint.axes.states import Block, Diagonal, Factor, Given, Own, Position, Selector, States, Unknown, shape


def selector(states: States) -> tuple[int, Position] | None:
    """The axis along which a tensor is 1 at one position, and that position; None for any other tensor."""
    if not isinstance(states, Block) or not isinstance(states.source, Given) or states.reduced or states.tangles:
        return None
    match states.source.key:
        case Selector(position, axis):
            return _along(states, axis, position)
        case Diagonal():
            for row, column in ((0, 1), (1, 0)):
                found = _along(states, column, dict(states.at).get(Own(row), 0))
                if found is not None and not any(Own(row) == one.along for axis in states.axes for one in axis):
                    return found
    return None


def _along(block: Block, own: int, position: Position) -> tuple[int, Position] | None:
    """The axis of a block that is all of an axis of its source, in its order, beside a position of it."""
    assert isinstance(block.source, Given)
    whole = (Factor(Own(own), block.source.shape[own]),)
    axis = next((number for number, axis in enumerate(block.axes) if axis == whole), None)
    return None if axis is None or block.orders else (axis, position)


def picked(
    parts: Sequence[States], axes: Sequence[Sequence[object]], wanted: Sequence[object]
) -> list[States | Unknown]:
    """Operands of a product, whose ``axes`` are named, where a selector among them picks a position of the others.

    What is picked keeps its axis, one wide.
    """
    found: list[States | Unknown] = list(parts)
    for number, part in enumerate(parts):
        one = selector(part)
        if one is None or axes[number][one[0]] in wanted:
            continue
        name, position = axes[number][one[0]], one[1]
        for other, names in enumerate(axes):
            states = found[other]
            if other == number or name not in names or isinstance(states, Unknown):
                continue
            place = list(names).index(name)
            found[other] = at_one(states, place, position)
    return found


def at_one(states: States, axis: int, position: Position) -> States | Unknown:
    """One position of an axis, which stays, one wide; what is picked that is not there is unknown."""
    if isinstance(position, int) and not 0 <= position < shape(states)[axis]:
        return Unknown("a product with a position that is not there")
    one = selected(states, axis, position)
    return one if isinstance(one, Unknown) else lifted(one, axis)
