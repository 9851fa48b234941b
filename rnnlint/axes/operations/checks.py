"""What torch checks before it moves anything, with the telling part of its messages (as of torch 2.13)."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.axes.form.factors import product
from rnnlint.axes.states import Raises


def wrap(axis: int, rank: int) -> int | Raises:
    """``axis`` counted from 0; a tensor without axes accepts 0 and -1, as torch does."""
    # torch takes 0 and -1 of a tensor without axes, as if it had one (tests/oracle/test_edges.py)
    span = max(rank, 1)
    if -span <= axis < span:
        return axis % span
    expected = f"expected to be in range of [{-span}, {span - 1}], but got {axis}"
    return Raises("IndexError", f"Dimension out of range ({expected})")


def wrap_all(axes: Sequence[int], rank: int) -> tuple[int, ...] | Raises:
    """Several axes, none of them twice."""
    out: list[int] = []
    for axis in axes:
        place = wrap(axis, rank)
        if isinstance(place, Raises):
            return place
        if place in out:
            return Raises("RuntimeError", f"dim {place} appears multiple times in the list of dims")
        out.append(place)
    return tuple(out)


def wrap_inside(axis: int, rank: int) -> int | Raises:
    """``axis`` of a tensor that must have one."""
    if rank == 0:
        return Raises("IndexError", f"Dimension specified as {axis} but tensor has no dimensions")
    return wrap(axis, rank)


def broadcast(*shapes: Sequence[int]) -> tuple[int, ...] | Raises:
    """The common shape of several, aligned at their ends."""
    result: list[int] = []
    for sizes in shapes:
        length = max(len(result), len(sizes))
        left = [1] * (length - len(result)) + result
        right = [1] * (length - len(sizes)) + list(sizes)
        for place, (a, b) in enumerate(zip(left, right, strict=True)):
            if a != b and 1 not in (a, b):
                sized = f"The size of tensor a ({a}) must match the size of tensor b ({b})"
                return Raises("RuntimeError", f"{sized} at non-singleton dimension {place}")
            left[place] = b if a == 1 else a
        result = left
    return tuple(result)


def inferred(target: Sequence[int], count: int) -> tuple[int, ...] | Raises:
    """``target`` with its one -1 replaced, for ``count`` elements."""
    sizes = list(target)
    for place, size in enumerate(sizes):
        if size < -1:
            return Raises("RuntimeError", f"invalid shape dimension {size} at index {place} of shape {sizes}")
    # the order of these refusals is torch's own: of several that hold, the text of the first is raised
    if sizes.count(-1) > 1:
        return Raises("RuntimeError", "only one dimension can be inferred")
    wrong = Raises("RuntimeError", f"shape '{sizes}' is invalid for input of size {count}")
    rest = product(size for size in sizes if size != -1)
    if -1 not in sizes:
        return tuple(sizes) if rest == count else wrong
    if rest == 0:
        if count:
            return wrong
        open_size = "the unspecified dimension size -1 can be any value and is ambiguous"
        return Raises("RuntimeError", f"cannot reshape tensor of 0 elements into shape {sizes} because {open_size}")
    if count % rest:
        return wrong
    sizes[sizes.index(-1)] = count // rest
    return tuple(sizes)
