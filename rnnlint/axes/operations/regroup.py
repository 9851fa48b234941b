"""Other boundaries between the same elements in the same order: ``view``, ``reshape`` and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul

from rnnlint.asking import once
from rnnlint.axes.form.factors import product
from rnnlint.axes.operations.checks import inferred, wrap, wrap_all
from rnnlint.axes.operations.moves import grouped, lifted
from rnnlint.axes.states import Raises, Result, States, Unknown, shape


def reshape(states: States, target: Sequence[int]) -> Result:
    """``reshape`` and ``view`` (contiguity is no part of meaning); at most one -1.

    RuntimeError where the sizes do not multiply up to the number of elements.
    """
    return _reshaped(states, tuple(target))


@once
def _reshaped(states: States, target: tuple[int, ...]) -> Result:
    extents = shape(states)
    # a width of -1, which its caller has to replace: torch has raised before
    if any(extent < 0 for extent in extents):
        return Unknown("a size below 0")
    sizes = inferred(target, product(extents))
    return sizes if isinstance(sizes, Raises) else grouped(states, sizes)


def merges(own: Sequence[int], target: Sequence[int]) -> bool:
    """Whether a reshape keeps the axes, but for some next to each other that become one, or new ones of extent 1."""
    sizes = inferred(target, product(own))
    return not isinstance(sizes, Raises) and set(accumulate(sizes, mul)) <= {1, *accumulate(own, mul)}


@once
def flatten(states: States, start: int = 0, end: int = -1) -> Result:
    """``flatten``: the axes from ``start`` to ``end`` become one."""
    sizes = shape(states)
    first, last = wrap(start, len(sizes)), wrap(end, len(sizes))
    if isinstance(first, Raises):
        return first
    if isinstance(last, Raises):
        return last
    if first > last:
        return Raises("RuntimeError", "flatten() has invalid args: start_dim cannot come after end_dim")
    return grouped(states, (*sizes[:first], product(sizes[first : last + 1]), *sizes[last + 1 :]))


def unflatten(states: States, axis: int, into: Sequence[int]) -> Result:
    """``unflatten``: one axis becomes several, one of which may be -1."""
    sizes = shape(states)
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    if not sizes:
        text = f"Dimension specified as {axis} but tensor has no dimensions"
        return Raises("RuntimeError", f"unflatten got an unexpected error: {text}")
    if not into:
        return Raises("RuntimeError", "unflatten: sizes must be non-empty")
    new = inferred(into, sizes[place])
    if isinstance(new, Raises):
        # torch words this refusal of unflatten anew and passes the others on: told by how the text of reshape begins
        if new.text.startswith("shape '"):
            up = f"don't multiply up to the size of dim {place} ({sizes[place]}) in the input tensor"
            return Raises("RuntimeError", f"unflatten: Provided sizes {list(into)} {up}")
        return Raises("RuntimeError", f"unflatten got an unexpected error: {new.text}")
    return grouped(states, (*sizes[:place], *new, *sizes[place + 1 :]))


@once
def unsqueeze(states: States, axis: int) -> Result:
    """``unsqueeze``: a new axis of extent 1; ``axis`` may be one more than there are."""
    place = wrap(axis, len(shape(states)) + 1)
    return place if isinstance(place, Raises) else lifted(states, place)


def squeeze(states: States, axes: int | Sequence[int] | None = None) -> Result:
    """``squeeze``: axes of extent 1 disappear, all of them or those given; wider ones stay."""
    return _squeezed(states, axes if axes is None or isinstance(axes, int) else tuple(axes))


@once
def _squeezed(states: States, axes: int | tuple[int, ...] | None) -> Result:
    sizes = shape(states)
    given = range(len(sizes)) if axes is None else (axes,) if isinstance(axes, int) else axes
    places = wrap_all(given, len(sizes))
    if isinstance(places, Raises):
        return places
    gone = [place for place in places if place < len(sizes) and sizes[place] == 1]
    result: States | Unknown = grouped(states, [size for place, size in enumerate(sizes) if place not in gone])
    return result
