"""Selecting positions: ``select``, slices, lists of positions, ``flip``, ``roll``."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.axes.form.factors import product
from rnnlint.axes.form.normal import MOST_PARTS, join
from rnnlint.axes.operations.checks import wrap, wrap_all, wrap_inside
from rnnlint.axes.operations.indexing import Item, Mask, Picks, gather, index, masked_select, take_along_dim
from rnnlint.axes.operations.moves import cut_out, grouped, lost, reversed_along, selected, taken
from rnnlint.axes.states import Position, Raises, Result, States, Unknown, shape

__all__ = [
    "Item",
    "Mask",
    "Picks",
    "flip",
    "gather",
    "index",
    "index_select",
    "length_of",
    "masked_select",
    "narrow",
    "roll",
    "select",
    "take",
    "take_along_dim",
]


def select(states: States, axis: int, position: Position) -> Result:
    """``states.select(axis, position)``: the axis disappears.  IndexError out of range, or without axes."""
    sizes = shape(states)
    if not sizes:
        return Raises("IndexError", "select() cannot be applied to a 0-dim tensor.")
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    if isinstance(position, int):
        if not -sizes[place] <= position < sizes[place]:
            where = f"index {position} out of range for tensor of size {list(sizes)} at dimension {place}"
            return Raises("IndexError", f"select(): {where}")
        return selected(states, place, position % sizes[place])
    if sizes[place] == 0:
        return Unknown("a position of an axis without elements")
    return selected(states, place, position)


def narrow(states: States, axis: int, start: int | None, stop: int | None, step: int | None = None) -> Result:
    """``states[..., start:stop:step, ...]`` on one axis, with Python's slice bounds; ValueError for a step below 1."""
    sizes = shape(states)
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises) and sizes:
        return place
    if step is not None and step < 1:
        return Raises("ValueError", "slice step cannot be zero" if step == 0 else "step must be greater than zero")
    if isinstance(place, Raises) or not sizes:
        return Raises("IndexError", "slice() cannot be applied to a 0-dim tensor.")
    low, high, every = slice(start, stop, step).indices(sizes[place])
    return cut_out(states, place, low, max(0, -((low - high) // every)), every)


def length_of(states: States, axis: int, start: int, length: int) -> Result:
    """``torch.narrow(states, axis, start, length)``: the whole stretch must lie inside."""
    sizes = shape(states)
    if not sizes:
        return Raises("RuntimeError", "narrow() cannot be applied to a 0-dim tensor.")
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    size = sizes[place]
    if length < 0:
        return Raises("RuntimeError", "narrow(): length must be non-negative.")
    if not -size <= start <= size:
        where = f"expected to be in range of [{-size}, {size}], but got {start}"
        return Raises("IndexError", f"start out of range ({where})")
    first = start + size if start < 0 else start
    if first + length > size:
        return Raises("RuntimeError", f"start ({first}) + length ({length}) exceeds dimension size ({size}).")
    return cut_out(states, place, first, length)


def take(states: States, axis: int, indices: Sequence[int] | None, count: int) -> Result:
    """``states[..., indices, ...]`` for a flat list of ``count`` positions; None where they are not known."""
    sizes = shape(states)
    place = wrap_inside(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    size = sizes[place]
    if indices is None:
        if size == 0 and count:
            return Unknown("positions of an axis without elements")
        return lost(states, place, count)
    # the ends of a range tell, so that no cost depends on an extent (tests/axes/test_cost.py)
    for position in indices if not isinstance(indices, range) else (*indices[:1], *indices[-1:]):
        if not -size <= position < size:
            where = f"index {position} is out of bounds for dimension {place} with size {size}"
            return Raises("IndexError", where)
    # all on one side of 0: a range that crosses it comes back from the end, and is no progression of positions
    if isinstance(indices, range) and len(indices) > MOST_PARTS and indices[0] >= 0 and indices[-1] >= 0:
        return taken(states, place, indices)
    if len(indices) > MOST_PARTS:
        return Unknown(f"more than {MOST_PARTS} positions one by one")
    return taken(states, place, [position % size for position in indices])


def index_select(states: States, axis: int, indices: Sequence[int] | None, count: int) -> Result:
    """``torch.index_select``: as :func:`take`, but a negative index raises too."""
    sizes = shape(states)
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    size = sizes[place] if sizes else 1
    if not sizes and count != 1:
        many = f"index_select(): Index to scalar can have only 1 value, got {count} value(s)"
        return Raises("RuntimeError", many)
    if size == 0 and count:
        return Raises("IndexError", "index_select(): self indexing axis dim should be positive")
    if indices is not None and any(not 0 <= position < size for position in indices):
        return Raises("IndexError", "index out of range in self")
    if not sizes:
        return states
    return take(states, place, indices, count)


def flip(states: States, axes: Sequence[int]) -> Result:
    """``torch.flip``: the positions of ``axes`` backwards; RuntimeError for an axis given twice."""
    sizes = shape(states)
    places = wrap_all(axes, len(sizes))
    if isinstance(places, Raises):
        return places
    result: States | Unknown = states
    for place in places if sizes else ():
        result = reversed_along(result, place)
    return result


def roll(states: States, shifts: Sequence[int], axes: Sequence[int] = ()) -> Result:
    """``torch.roll``: positions move by ``shifts`` and re-enter at the front; without axes, over the flat tensor."""
    sizes = shape(states)
    if not shifts:
        return Raises("RuntimeError", "`shifts` required")
    if not axes and len(shifts) == 1:
        line = grouped(states, (product(sizes),))
        line = line if isinstance(line, Unknown) else _rolled(line, 0, shifts[0])
        return line if isinstance(line, Unknown) else grouped(line, sizes)
    if len(shifts) != len(axes):
        counts = f"shifts: {len(shifts)}, dims:{len(axes)}"
        return Raises("RuntimeError", f"shifts and dimensions must align. {counts}")
    if 0 in sizes:
        return states  # torch looks at the axes only where there is something to move
    result: States | Unknown = states
    for shift, axis in zip(shifts, axes, strict=True):
        place = wrap_inside(axis, len(sizes))
        if isinstance(place, Raises):
            return place
        if isinstance(result, Unknown):
            return result
        result = _rolled(result, place, shift)
    return result


def _rolled(states: States, axis: int, shift: int) -> States | Unknown:
    size = shape(states)[axis]
    first = -shift % size if size else 0
    if first == 0:
        return states
    return join(axis, [cut_out(states, axis, first, size - first), cut_out(states, axis, 0, first)])
