"""Several tensors into one, one into several, copies, and everything at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rnnlint.asking import once, once_together
from rnnlint.axes.form.factors import product
from rnnlint.axes.form.normal import MOST_PARTS, join, mix, nothing
from rnnlint.axes.operations.checks import broadcast, wrap, wrap_all, wrap_inside
from rnnlint.axes.operations.moves import copied, cut_out, folded, grouped, lifted, read_by, selected
from rnnlint.axes.states import Raises, Result, States, Unknown, shape


@once_together
def cat(parts: Sequence[States], axis: int = 0) -> Result:
    """``torch.cat``: one after the other along ``axis``; the other extents must agree (RuntimeError)."""
    if not parts:
        return Raises("ValueError", "torch.cat(): expected a non-empty list of Tensors")
    for number, part in enumerate(parts):
        if not shape(part):
            text = f"zero-dimensional tensor (at position {number}) cannot be concatenated"
            return Raises("RuntimeError", text)
    # torch leaves out tensors of shape (0,), whatever the others are
    real = [(number, part) for number, part in enumerate(parts) if shape(part) != (0,)]
    if not real:
        return nothing(parts[0], (0,))
    first = shape(real[0][1])
    place = wrap(axis, len(first))
    if isinstance(place, Raises):
        return place
    for number, part in real:
        sizes = shape(part)
        if len(sizes) != len(first):
            ranks = f"got {len(first)} and {len(sizes)}"
            return Raises("RuntimeError", f"Tensors must have same number of dimensions: {ranks}")
        for dim, (size, expected) in enumerate(zip(sizes, first, strict=True)):
            if dim != place and size != expected:
                got = f"Expected size {expected} but got size {size} for tensor number {number} in the list."
                return Raises("RuntimeError", f"Sizes of tensors must match except in dimension {place}. {got}")
    return join(place, [part for _, part in real])


@once_together
def stack(parts: Sequence[States], axis: int = 0) -> Result:
    """``torch.stack``: along a new axis; all shapes must agree (RuntimeError)."""
    if not parts:
        return Raises("RuntimeError", "stack expects a non-empty TensorList")
    first = shape(parts[0])
    place = wrap(axis, len(first) + 1)
    if isinstance(place, Raises):
        return place
    for number, part in enumerate(parts):
        if shape(part) != first:
            sizes = f"got {list(first)} at entry 0 and {list(shape(part))} at entry {number}"
            return Raises("RuntimeError", f"stack expects each tensor to be equal size, but {sizes}")
    return join(place, [lifted(part, place) for part in parts])


def hstack(parts: Sequence[States]) -> Result:
    """``torch.hstack``: along the first axis of vectors, the second of everything else."""
    wide = [lifted(part, 0) if not shape(part) else part for part in parts]
    return cat(wide, 0 if wide and len(shape(wide[0])) == 1 else 1)


def column_stack(parts: Sequence[States]) -> Result:
    """Along axis 1; a vector, and a single number, becomes a column first."""
    columns: list[States] = []
    for part in parts:
        # a column is a matrix: torch makes one of a number and of a vector first
        while len(shape(part)) < 2:
            part = lifted(part, len(shape(part)))
        columns.append(part)
    return cat(columns, 1)


def vstack(parts: Sequence[States]) -> Result:
    """``torch.vstack``: along the first axis of at least two."""
    return cat([_deep(part, 2) for part in parts], 0)


def dstack(parts: Sequence[States]) -> Result:
    """``torch.dstack``: along the third axis of at least three."""
    return cat([_deep(part, 3) for part in parts], 2)


def _deep(part: States, rank: int) -> States:
    # torch makes a vector of a number, a matrix of one row of a vector, and adds the third axis behind: in this order
    if not shape(part):
        part = lifted(part, 0)
    if len(shape(part)) == 1:
        part = lifted(part, 0)
    return lifted(part, 2) if rank == 3 and len(shape(part)) == 2 else part


Parts = tuple[States | Unknown, ...] | Raises | Unknown


def split(states: States, size: int | Sequence[int], axis: int = 0) -> Parts:
    """``split``: pieces of ``size`` (the last may be shorter), or of exactly the sizes given."""
    sizes = shape(states)
    if not sizes:
        return Raises("RuntimeError", "split expects at least a 1-dimensional tensor")
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    total = sizes[place]
    if isinstance(size, int):
        if size < 0:
            return Raises("RuntimeError", f"split expects split_size be non-negative, but got split_size={size}")
        if size == 0 and total:
            text = "split_size can only be 0 if dimension size is 0"
            return Raises("RuntimeError", f"{text}, but got dimension size of {total}")
        # rounded up, since the last piece may be shorter; one piece without elements of an axis without any
        count = max(1, -(-total // size)) if size else 1
        if count > MOST_PARTS:
            return Unknown(f"more than {MOST_PARTS} pieces")
        return _cut(states, place, [min(total, number * size) for number in range(count)] + [total])
    lengths = list(size)
    if any(length < 0 for length in lengths):
        text = "split_with_sizes expects split_sizes have only non-negative entries"
        return Raises("RuntimeError", f"{text}, but got split_sizes={lengths}")
    if sum(lengths) != total:
        exactly = f"sum exactly to {total} (input tensor's size at dimension {place})"
        return Raises(
            "RuntimeError", f"split_with_sizes expects split_sizes to {exactly}, but got split_sizes={lengths}"
        )
    bounds = [0]
    for length in lengths:
        bounds.append(bounds[-1] + length)
    return _cut(states, place, bounds)


def chunk(states: States, count: int, axis: int = 0) -> Parts:
    """``chunk``: at most ``count`` pieces of one size, the last may be shorter."""
    sizes = shape(states)
    if not sizes:
        return Raises("RuntimeError", "chunk expects at least a 1-dimensional tensor")
    if count < 1:
        return Raises("RuntimeError", f"chunk expects `chunks` to be greater than 0, got: {count}")
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    # torch gives as many pieces as were asked for, all without elements, and one alone of split
    # (tests/axes/test_limits.py, test_chunks_of_nothing)
    if sizes[place] == 0:
        return Unknown("pieces without elements") if count > MOST_PARTS else _cut(states, place, [0] * (count + 1))
    return split(states, -(-sizes[place] // count), place)


def tensor_split(states: States, sections: int | Sequence[int], axis: int = 0) -> Parts:
    """``tensor_split``: that many pieces, the first ones longer by one, or pieces between the positions given."""
    sizes = shape(states)
    if not sizes:
        text = "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        return Raises("RuntimeError", text)
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    total = sizes[place]
    if isinstance(sections, int):
        if sections < 1:
            return Raises("RuntimeError", f"number of sections must be larger than 0, got {sections}")
        if sections > MOST_PARTS:
            return Unknown(f"more than {MOST_PARTS} pieces")
        size, longer = divmod(total, sections)
        return _cut(states, place, [number * size + min(number, longer) for number in range(sections + 1)])
    if len(sections) > MOST_PARTS:
        return Unknown(f"more than {MOST_PARTS} pieces")
    starts = [0, *sections]
    ends = [*sections, total]
    pieces: list[States | Unknown] = []
    for start, end in zip(starts, ends, strict=True):
        low, high, _ = slice(start, end).indices(total)
        pieces.append(cut_out(states, place, low, max(0, high - low)))
    return tuple(pieces)


def _cut(states: States, axis: int, bounds: Sequence[int]) -> tuple[States | Unknown, ...]:
    return tuple(cut_out(states, axis, low, high - low) for low, high in pairwise(bounds))


def unbind(states: States, axis: int = 0) -> Parts:
    """``unbind``, and iterating: one tensor a position, without the axis."""
    sizes = shape(states)
    place = wrap_inside(axis, len(sizes))
    if isinstance(place, Raises):
        return place
    if sizes[place] > MOST_PARTS:
        return Unknown(f"iterating over more than {MOST_PARTS} positions")
    return tuple(selected(states, place, position) for position in range(sizes[place]))


def expand(states: States, sizes: Sequence[int]) -> Result:
    """``expand``: axes of extent 1 repeated, new ones in front; -1 keeps an axis."""
    own = shape(states)
    new = len(sizes) - len(own)
    if new < 0:
        text = f"the number of sizes provided ({len(sizes)}) must be greater or equal to the number of dimensions"
        return Raises("RuntimeError", f"{text} in the tensor ({len(own)})")
    final: list[int] = []
    for place, size in enumerate(sizes):
        if place < new:
            if size < 0:
                text = f"The expanded size of the tensor ({size}) isn't allowed in a leading, non-existing dimension"
                return Raises("RuntimeError", f"{text} {place}")
            final.append(size)
            continue
        here = own[place - new]
        if size not in (-1, here) and (here != 1 or size < 0):
            text = f"The expanded size of the tensor ({size}) must match the existing size ({here})"
            return Raises("RuntimeError", f"{text} at non-singleton dimension {place}")
        final.append(here if size == -1 else size)
    for _ in range(new):
        states = lifted(states, 0)
    return copied(states, final)


def repeat(states: States, counts: Sequence[int]) -> Result:
    """``repeat`` (``tile`` with as many counts as axes): the whole axis again and again."""
    own = shape(states)
    if len(counts) < len(own):
        text = "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        return Raises("RuntimeError", text)
    wide = (*(1,) * (len(counts) - len(own)), *own)
    if any(size * count < 0 for size, count in zip(wide, counts, strict=True)):
        return Raises("RuntimeError", "Trying to create tensor with negative dimension")
    for _ in range(len(counts) - len(own)):
        states = lifted(states, 0)
    result: States | Unknown = states
    for axis, count in enumerate(counts):
        if not isinstance(result, Unknown):
            result = _copies(result, axis, count)
    return result


def repeat_interleave(states: States, count: int, axis: int | None = None) -> Result:
    """``repeat_interleave``: every position ``count`` times in a row; over the flat tensor without an axis."""
    if count < 0:
        return Raises("RuntimeError", "Repeats must be non-negative")
    if axis is None:
        line = grouped(states, (product(shape(states)),))
        return line if isinstance(line, Unknown) else _interleaved(line, 0, count)
    own = shape(states)
    place = wrap(axis, len(own))
    if isinstance(place, Raises):
        return place
    if not own:
        return Raises("IndexError", f"Dimension out of range (expected to be in range of [-1, 0], but got {axis})")
    return _interleaved(states, place, count)


def _copies(states: States, axis: int, count: int) -> States | Unknown:
    sizes = shape(states)
    final = (*sizes[:axis], count * sizes[axis], *sizes[axis + 1 :])
    if 0 in final:
        return nothing(states, final)
    wide = copied(lifted(states, axis), (*sizes[:axis], count, *sizes[axis:]))
    return wide if isinstance(wide, Unknown) else grouped(wide, final)


def _interleaved(states: States, axis: int, count: int) -> States | Unknown:
    sizes = shape(states)
    final = (*sizes[:axis], count * sizes[axis], *sizes[axis + 1 :])
    if 0 in final:
        return nothing(states, final)
    wide = copied(lifted(states, axis + 1), (*sizes[: axis + 1], count, *sizes[axis + 1 :]))
    return wide if isinstance(wide, Unknown) else grouped(wide, final)


def reduce(states: States, axes: int | Sequence[int] | None = None, keepdim: bool = False) -> Result:
    """``sum``, ``mean``, ``max`` ... over ``axes``: all positions at once; no axes means all of them."""
    sizes = shape(states)
    given = (axes,) if isinstance(axes, int) else tuple(axes or range(len(sizes)))
    places = wrap_all(given, len(sizes))
    if isinstance(places, Raises):
        return places
    result: States | Unknown = states
    # from the last: an axis that goes leaves the numbers of those before it as they are; put back in rising order,
    # likewise
    for place in sorted(places, reverse=True) if sizes else ():
        if not isinstance(result, Unknown):
            result = folded(result, place)
    for place in sorted(places) if keepdim and sizes else ():
        if not isinstance(result, Unknown):
            result = lifted(result, place)
    return result


def spread(states: States, axis: int) -> Result:
    """What a softmax or a cumulative sum over ``axis`` does: every element reads the whole axis."""
    sizes = shape(states)
    place = wrap(axis, len(sizes))
    if isinstance(place, Raises) or not sizes:
        return place if isinstance(place, Raises) else states
    # a softmax over nothing is nothing; folding it would read no state where the shape is kept
    if 0 in sizes:
        return states
    return read_by(states, place, sizes[place])


@once
def contract(states: States, features: int) -> Result:
    """What ``Linear`` does to the last axis: ``features`` new ones, each of which reads all that was there."""
    sizes = shape(states)
    if not sizes:
        return Raises("RuntimeError", "both arguments to linear need to be at least 1D, but they are 0D and 2D")
    return read_by(states, len(sizes) - 1, features)


@once_together
def blend(parts: Sequence[States]) -> Result:
    """Elementwise combination with broadcasting; RuntimeError where the shapes do not broadcast."""
    common = broadcast(*(shape(part) for part in parts))
    if isinstance(common, Raises):
        return common
    wide: list[States | Unknown] = []
    for part in parts:
        for _ in range(len(common) - len(shape(part))):
            part = lifted(part, 0)
        wide.append(copied(part, common))
    return mix(wide)
