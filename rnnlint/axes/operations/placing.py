"""Positions of one tensor put into another, diagonals, and windows that overlap."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rnnlint.axes.form.normal import MOST_PARTS, join, mix, nothing
from rnnlint.axes.operations.checks import wrap, wrap_inside
from rnnlint.axes.operations.indexing import Picks, index
from rnnlint.axes.operations.moves import copied, cut_out, lifted, lost, turned
from rnnlint.axes.states import Raises, Result, States, Unknown, shape


def diagonal(states: States, offset: int = 0, one: int = 0, other: int = 1) -> Result:
    """``torch.diagonal``: where two axes (and an offset) run together, as a new last axis.

    IndexError for an axis that is not there, RuntimeError for one given twice.
    """
    sizes = shape(states)
    places = [wrap(axis, len(sizes)) for axis in (one, other)]
    for place in places:
        if isinstance(place, Raises):
            return place
    first, second = (place for place in places if isinstance(place, int))
    if first == second:
        return Raises("RuntimeError", f"diagonal dimensions cannot be identical {one}, {other}")
    top, left = max(0, -offset), max(0, offset)
    count = max(0, min(sizes[first] - top, sizes[second] - left))
    rest = [axis for axis in range(len(sizes)) if axis not in (first, second)]
    if count == 0:
        return nothing(states, (*(sizes[axis] for axis in rest), 0))
    # because each element of it is picked by itself (tests/axes/test_limits.py)
    if count > MOST_PARTS:
        return Unknown(f"a diagonal of more than {MOST_PARTS} positions")
    beside = [Picks(tuple(range(start, start + count)), (count,)) for start in (top, left)]
    return index(turned(states, (*rest, first, second)), (*(slice(None) for _ in rest), *beside))


def windows(states: States, axis: int, size: int, step: int) -> Result:
    """``Tensor.unfold``: stretches of ``size`` every ``step`` positions, each along a new last axis.

    IndexError for an axis that is not there, RuntimeError for a size that is none and a step below 1.
    """
    sizes = shape(states)
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    length = sizes[place] if sizes else 1
    if size < 0:
        return Raises("RuntimeError", f"size is {size} but must be >= 0")
    if size > length:
        return Raises("RuntimeError", f"maximum size for tensor at dimension {place} is {length} but size is {size}")
    if step < 1:
        return Raises("RuntimeError", f"step is {step} but must be > 0")
    count = (length - size) // step + 1
    if not sizes:
        return lifted(states, 0) if size else nothing(states, (0,))
    if size == 0:
        return nothing(states, (*sizes[:place], count, *sizes[place + 1 :], 0))
    if count * size > MOST_PARTS:
        return Unknown(f"windows over more than {MOST_PARTS} positions")
    taken = tuple(tuple(range(start, start + size)) for start in range(0, count * step, step))
    made = index(states, (*(slice(None) for _ in range(place)), Picks(taken, (count, size))))
    if isinstance(made, (Raises, Unknown)):
        return made
    rank = len(sizes) + 1
    # the positions of a window were picked behind those of their starts; torch has them as the last axis
    return turned(made, (*range(place + 1), *range(place + 2, rank), place + 1))


def index_copy(states: States, axis: int, entries: Sequence[int] | None, source: States) -> Result:
    """``states.index_copy(axis, entries, source)``: position ``entries[i]`` is that of ``source`` at ``i``.

    Entries that are not known (None): every position may be its own, or any of ``source``.  IndexError for an axis or
    an entry that is not there, or another number of entries than ``source`` has; RuntimeError for other extents.
    """
    fits = _fits(states, axis, entries, source)
    if not isinstance(fits, int):
        return fits
    sizes = shape(states)
    if 0 in sizes:
        if sizes[fits] or not entries or 0 in (*sizes[:fits], *sizes[fits + 1 :]):
            return states  # nothing is copied, and torch does not look where to
        return Unknown("positions put where there are none")  # torch raises, of its own storage
    if entries is None:
        return _anywhere(states, fits, source)
    # of two that go to one place the later one stays, which torch leaves open, and its CPU does
    last = dict(zip(entries, range(len(entries)), strict=True))
    return _by_position(
        states,
        fits,
        lambda place: cut_out(states, fits, place, 1) if place not in last else cut_out(source, fits, last[place], 1),
    )


def scatter(states: States, axis: int, entries: Sequence[int] | None, source: States) -> Result:
    """``states.scatter(axis, index, source)`` with an index as large as ``source`` and the same over all other axes.

    What is raised is what :func:`index_copy` raises, but RuntimeError for an entry, or another rank.
    """
    theirs, place = shape(source), wrap(axis, len(shape(states)))
    # the index has no elements either, and torch looks at nothing more; a single entry is an index of any size
    if 0 in theirs and isinstance(place, int) and (entries is None or len(entries) in (1, *theirs[place : place + 1])):
        return states
    result = index_copy(states, axis, entries, source)
    # torch raises IndexError of an axis from both, and of all else RuntimeError from scatter: told by the text, which
    # is where these refusals differ
    if isinstance(result, Raises) and "Dimension" not in result.text:
        return Raises("RuntimeError", result.text)
    return result


def index_add(states: States, axis: int, entries: Sequence[int] | None, source: States) -> Result:
    """``states.index_add(axis, entries, source)``: to position ``entries[i]`` that of ``source`` at ``i`` is added.

    What is raised is what :func:`index_copy` raises, but RuntimeError for another number of entries, or another rank.
    """
    fits = _fits(states, axis, entries, source)
    # the two for which torch raises another type from index_add than from index_copy, told by their texts
    if isinstance(fits, Raises) and ("Number" in fits.text or "dimensionality" in fits.text):
        return Raises("RuntimeError", fits.text)
    if not isinstance(fits, int):
        return fits
    if 0 in shape(states):
        return states  # nothing is added, and torch does not look where to
    if entries is None:
        return _anywhere(states, fits, source)

    def added(place: int) -> States | Unknown:
        parts = [cut_out(source, fits, number, 1) for number, entry in enumerate(entries) if entry == place]
        return mix([cut_out(states, fits, place, 1), *parts])

    return _by_position(states, fits, added)


def _fits(states: States, axis: int, entries: Sequence[int] | None, source: States) -> int | Raises | Unknown:
    """The axis, counted from 0."""
    sizes, theirs = shape(states), shape(source)
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    if not sizes or not theirs:
        return Unknown("positions of a tensor without axes")
    if len(sizes) != len(theirs):
        ranks = f"Source dimensionality ({len(theirs)}), destination dimensionality ({len(sizes)})"
        return Raises("IndexError", f"their dimensionality must match. {ranks}")
    if any(a != b for dim, (a, b) in enumerate(zip(sizes, theirs, strict=True)) if dim != place):
        return Raises("RuntimeError", "Source/destination tensor must have same slice shapes.")
    if entries is not None and len(entries) != theirs[place]:
        return Raises("IndexError", f"Number of indices ({len(entries)}) should be equal to source.size(dim)")
    wrong = next((entry for entry in entries or () if not 0 <= entry < sizes[place]), None)
    if wrong is not None and 0 not in sizes:
        return Raises("IndexError", f"index {wrong} is out of bounds for dimension {place} with size {sizes[place]}")
    return place


def _anywhere(states: States, axis: int, source: States) -> States | Unknown:
    """Every position is its own, or any of ``source``."""
    sizes = shape(states)
    if 0 in (*sizes, *shape(source)):
        return states
    return mix([states, lost(source, axis, sizes[axis])])


def _by_position(states: States, axis: int, made: Callable[[int], States | Unknown]) -> States | Unknown:
    """One part for each position of an axis."""
    sizes = shape(states)
    if 0 in sizes:
        return states
    if sizes[axis] > MOST_PARTS:
        return Unknown(f"more than {MOST_PARTS} positions one by one")
    return join(axis, [made(place) for place in range(sizes[axis])])


def diag_embed(states: States, offset: int = 0, one: int = -2, other: int = -1) -> Result:
    """``torch.diag_embed``: the last axis along the diagonal of two new ones, and zeros beside it.

    A zero counts as read from the position of its column.  IndexError for an axis that is not there, RuntimeError for
    one given twice.
    """
    sizes = shape(states)
    rank = len(sizes) + 1
    places = [wrap_inside(axis, rank) for axis in (one, other)]
    for place in places:
        if isinstance(place, Raises):
            return place
    first, second = (place for place in places if isinstance(place, int))
    if not sizes or first == second:
        return Raises("RuntimeError", f"diagonal dimensions cannot be identical {one}, {other}")
    if offset:
        return Unknown("a matrix whose diagonal is not in its middle")
    # one axis in front of the last, as long as it: the two last ones are the matrix, before they go where they are
    # wanted
    wide = copied(lifted(states, rank - 2), (*sizes, sizes[-1]))
    if isinstance(wide, Unknown):
        return wide
    order = list(range(rank - 2))
    for place, axis in sorted(((first, rank - 2), (second, rank - 1))):
        order.insert(place, axis)
    return turned(wide, order)
