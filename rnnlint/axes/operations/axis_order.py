"""Putting axes in another order."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.asking import once
from rnnlint.axes.operations.checks import wrap
from rnnlint.axes.operations.moves import turned
from rnnlint.axes.states import Raises, Result, States, shape


@once
def transpose(states: States, first: int, second: int) -> Result:
    """``transpose`` (``swapaxes``, ``swapdims``): two axes change places; IndexError out of range."""
    rank = len(shape(states))
    a, b = wrap(first, rank), wrap(second, rank)
    if isinstance(a, Raises):
        return a
    if isinstance(b, Raises):
        return b
    dims = list(range(rank))
    # a number has no axes to exchange, though torch takes 0 and -1 for them
    if rank:
        dims[a], dims[b] = b, a
    return turned(states, dims)


swapaxes = transpose


def permute(states: States, dims: Sequence[int]) -> Result:
    """``permute``: the axes in the order ``dims``, all of them, none twice."""
    return _permuted(states, tuple(dims))


@once
def _permuted(states: States, dims: tuple[int, ...]) -> Result:
    rank = len(shape(states))
    if len(dims) != rank:
        lengths = f"input.dim() = {rank} is not equal to len(dims) = {len(dims)}"
        text = (
            "number of dimensions in the tensor input does not match the length of the desired ordering of dimensions"
        )
        return Raises("RuntimeError", f"permute(sparse_coo): {text} i.e. {lengths}")
    places: list[int] = []
    for dim in dims:
        place = wrap(dim, rank)
        if isinstance(place, Raises):
            return place
        if place in places:
            return Raises("RuntimeError", "permute(): duplicate dims are not allowed.")
        places.append(place)
    return turned(states, places)


def movedim(states: States, source: int | Sequence[int], destination: int | Sequence[int]) -> Result:
    """``movedim`` (``moveaxis``): the axes ``source`` go to ``destination``, the others keep their order."""
    rank = len(shape(states))
    origins = [source] if isinstance(source, int) else list(source)
    targets = [destination] if isinstance(destination, int) else list(destination)
    if len(origins) != len(targets):
        counts = f"source ({origins} dims) should contain the same number of dims as destination ({targets} dims)"
        return Raises("RuntimeError", f"movedim: Invalid source or destination dims: {counts}")
    wrapped: list[list[int]] = [[], []]
    for places, given in zip(wrapped, (origins, targets), strict=True):
        for dim in given:
            place = wrap(dim, rank)
            if isinstance(place, Raises):
                return place
            places.append(place)
    for places, given, name in zip(wrapped, (origins, targets), ("source", "destination"), strict=True):
        if len(set(places)) < len(places):
            return Raises("RuntimeError", f"movedim: repeated dim in `{name}` ({given})")
    if not rank:
        return states
    moved = dict(zip(wrapped[1], wrapped[0], strict=True))
    others = iter([dim for dim in range(rank) if dim not in wrapped[0]])
    return turned(states, [moved[place] if place in moved else next(others) for place in range(rank)])


@once
def t(states: States) -> Result:
    """``tensor.t()``: at most two axes, backwards."""
    rank = len(shape(states))
    # torch's own bound: t() is of matrices, and leaves vectors and numbers as they are
    if rank > 2:
        return Raises("RuntimeError", f"t() expects a tensor with <= 2 dimensions, but self is {rank}D")
    return reverse(states)


def mt(states: States) -> Result:
    """``tensor.mT``: the last two axes change places."""
    rank = len(shape(states))
    # torch refuses a vector, and takes a number as it is
    if rank == 1:
        text = "tensor.mT is only supported on matrices or batches of matrices. Got 1-D tensor."
        return Raises("RuntimeError", text)
    return turned(states, [*range(rank - 2), rank - 1, rank - 2]) if rank else states


def reverse(states: States) -> Result:
    """``tensor.T``: all axes backwards."""
    return turned(states, range(len(shape(states)))[::-1])
