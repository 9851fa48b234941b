"""Questions about arrangements that rules ask: what is read, what was cut, whether two readings are the same."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.axes.form.factors import product
from rnnlint.axes.operations.moves import cut_out, whole, wholes
from rnnlint.axes.reading.exact import FEW, REDUCED, coordinates_of, dependences, tried
from rnnlint.axes.states import (
    ROLES,
    Axis,
    Blended,
    Block,
    Call,
    Joined,
    Own,
    Position,
    Role,
    Somewhere,
    States,
    Unknown,
    Wire,
    extent,
    shape,
)


def spread(block: Block) -> dict[Role, int]:
    """For every role, how many of its coordinates run along the axes of the block (1 where it stands still)."""
    return _counts(block, block.axes)


def reach(block: Block) -> dict[Role, int]:
    """For every role, how many of its coordinates are read, along the axes or reduced."""
    return _counts(block, (*block.axes, block.reduced) if block.reduced else block.axes)


def _counts(block: Block, axes: Sequence[Axis]) -> dict[Role, int]:
    # 1 and not 0: a role that stands still is read at one place
    counts = dict.fromkeys(ROLES, 1)
    tangled: list[int] = []
    for axis in axes:
        for factor in axis:
            if factor.extent == 0:
                return dict.fromkeys(ROLES, 1)
            along = factor.along
            if isinstance(along, Role):
                counts[along] *= factor.extent
            elif isinstance(along, Wire) and along.tangle not in tangled:
                tangled.append(along.tangle)
    for number in tangled:  # which grows: a tangle may be fed by another one
        for factor in block.tangles[number].digits:
            along = factor.along
            if isinstance(along, Role):
                counts[along] *= factor.extent
            elif isinstance(along, Wire) and along.tangle not in tangled:
                tangled.append(along.tangle)
    if not isinstance(block.source, Call):
        return dict.fromkeys(ROLES, 1)
    for role, full in zip(ROLES, wholes(block.source, block.kind), strict=True):
        # pieces on several axes may overlap, and a role has no more than it has
        if counts[role] > 1 and counts[role] > full:
            counts[role] = full
    return counts


def coordinates(block: Block) -> dict[Role | Own, Position]:
    """The coordinates that are the same for all elements, with their position."""
    still = dict(block.at)
    if isinstance(block.source, Call):
        names: list[Role | Own] = list(ROLES)
    else:
        names = [Own(number) for number in range(len(block.source.shape))]
    found = dependences(block)
    return {name: still.get(name, 0) for name in names if name not in found or not found[name].axes}


def cut(states: States) -> frozenset[Role | Own]:
    """The roles (never units) whose coordinate depends on two or more axes.

    All that was reduced counts as one axis more.  Exact up to arrangements of more than FEW elements whose tangles feed
    each other or that have several parts; there, a role may be named that is whole.
    """
    return frozenset([along for along, axes in _depends(states, few=1).items() if len(axes) > 1])


def _depends(states: States, few: int = 0) -> dict[Role | Own, frozenset[int]]:
    """The axes on which each coordinate (no units) depends.

    Of one that depends on less than ``few`` axes in all parts, the axis along which they are joined may be left out.
    """
    if isinstance(states, Block):
        return {
            along: got.axes if got.exact else _by_trial(states, along, got.axes)
            for along, got in dependences(states).items()
            if along is not Role.UNIT
        }
    merged: dict[Role | Own, frozenset[int]] = {}
    for part in states.parts:
        for along, axes in _depends(part).items():
            known = merged.get(along)
            merged[along] = axes if known is None else known | axes
    if isinstance(states, Joined):
        for along, axes in merged.items():
            if len(axes) >= few and states.axis not in axes and _signatures(states.parts, along, states.axis):
                merged[along] = axes | {states.axis}
    return merged


def _by_trial(block: Block, along: Role | Own, bound: frozenset[int]) -> frozenset[int]:
    values = tried(block, along)
    if values is None:
        return bound
    sizes = [*map(extent, block.axes), product(factor.extent for factor in block.reduced)]
    axes: set[int] = set()
    inner = len(values)
    for number, size in enumerate(sizes):
        inner //= size
        # the element at the same place with this axis at 0: where none differs from it, the axis changes nothing
        if any(value != values[place - place // inner % size * inner] for place, value in enumerate(values)):
            axes.add(number if number < len(block.axes) else REDUCED)
    return frozenset(axes)


def _signatures(parts: Sequence[States], along: Role | Own, axis: int) -> bool:
    """Whether parts that do not depend on ``axis`` themselves differ in a coordinate."""
    written = [_written(part, along, axis) for part in parts]
    if all(one is not None and one == written[0] for one in written):
        return False
    if None not in written:
        return True
    values = [_values(part, along, axis) for part in parts]
    return any(one is None or one != values[0] for one in values)


def _written(states: States, along: Role | Own, axis: int) -> object | None:
    """A coordinate as a formula over the axes other than ``axis``; None where equal ones may be written differently."""
    if not isinstance(states, Block) or any(factor.along == along for tie in states.tangles for factor in tie.digits):
        return None
    start = dict(states.at).get(along, 0)
    if start is Somewhere.FINAL:
        return None
    formula = []
    for number, factors in enumerate(states.axes):
        inner = extent(factors)
        for factor in factors:
            inner //= factor.extent
            if number != axis and factor.along == along:
                formula.append((number, inner, factor.extent, factor.stride))
    held = tuple(factor for factor in states.reduced if factor.along == along)
    return (start, tuple(formula), held)


def _values(states: States, along: Role | Own, axis: int) -> list[frozenset[Position]] | None:
    """The coordinate of every element at position 0 of ``axis``, row-major; None if there are too many."""
    sizes = shape(states)
    if product(sizes) > FEW:
        return None
    one = cut_out(states, axis, 0, 1)
    if isinstance(one, Unknown):
        return None
    return _listed(one, along)


def _listed(states: States, along: Role | Own) -> list[frozenset[Position]] | None:
    """The coordinates that every element reads, row-major."""
    match states:
        case Block():
            values = tried(states, along)
            if values is None:
                return None
            many = product(factor.extent for factor in states.reduced)
            return [frozenset(values[place : place + many]) for place in range(0, len(values), many)]
        case Joined():
            sizes = [shape(part) for part in states.parts]
            rows = product(sizes[0][: states.axis])
            out: list[frozenset[Position]] = []
            lists = [_listed(part, along) for part in states.parts]
            for row in range(rows):
                for size, values_of in zip(sizes, lists, strict=True):
                    if values_of is None:
                        return None
                    width = product(size[states.axis :])
                    out.extend(values_of[row * width : (row + 1) * width])
            return out
        case Blended():
            blended: list[frozenset[Position]] | None = None
            for part in states.parts:
                values_of = _listed(part, along)
                if values_of is None:
                    return None
                blended = values_of if blended is None else [a | b for a, b in zip(blended, values_of, strict=True)]
            return blended


def same(first: States, second: States) -> bool:
    """Whether two readings are equal: the same states at every place, in tensors of one shape.

    The last layer's final state is ``output`` at the last step (forward half) and at step 0 (backward half); both are
    in normal form here, so that what is left to do is to lay parts against parts.
    """
    # cheapest first: shapes, then equal values, then parts against parts, and elements one by one only for tangles
    if shape(first) != shape(second):
        return False
    if first == second:
        return True
    for one, other in ((first, second), (second, first)):
        if isinstance(one, Joined):
            start = 0
            for part in one.parts:
                size = shape(part)[one.axis]
                piece = cut_out(other, one.axis, start, size)
                if isinstance(piece, Unknown) or not same(part, piece):
                    return False
                start += size
            return True
    if isinstance(first, Blended) or isinstance(second, Blended):
        left = first.parts if isinstance(first, Blended) else (first,)
        right = second.parts if isinstance(second, Blended) else (second,)
        return all(any(same(a, b) for b in right) for a in left) and all(any(same(a, b) for a in left) for b in right)
    return isinstance(first, Block) and isinstance(second, Block) and _same_blocks(first, second)


def _same_blocks(first: Block, second: Block) -> bool:
    if first.source != second.source or first.kind is not second.kind or not (first.tangles or second.tangles):
        return False
    # two positions that are not numbers may be two different ones, whatever they are called; FINAL is one thing
    vague = {Somewhere.ANYWHERE, Somewhere.LAST_VALID}
    if first.reduced or second.reduced or any(start in vague for _, start in (*first.at, *second.at)):
        return False
    names = coordinates_of(first) | coordinates_of(second)
    for name in names:
        left, right = tried(first, name), tried(second, name)
        if left is None or left != right:
            return False
    return True


def interleaved(block: Block) -> bool:
    """Whether an axis runs over some of the samples inside something else: what picking leaves of samples that are cut.

    Skipping samples and merging axes leaves the same, so that it counts only beside a cut.
    """
    for axis in block.axes:
        if len(axis) > 1:
            for factor in axis[1:]:
                if factor.along is Role.SAMPLE and factor.extent < whole(block, Role.SAMPLE):
                    return True
    return False


def backward_first(block: Block) -> bool:
    """Whether the features are those of the backward direction, then those of the forward one."""
    return _side_by_side(block, -1)


def forward_first(block: Block) -> bool:
    """Whether the features are those of the forward direction, then those of the backward one, as in ``output``."""
    return _side_by_side(block, 1)


def _side_by_side(block: Block, stride: int) -> bool:
    for number, axis in enumerate(block.axes, 1):
        if axis and axis[0].along is Role.DIRECTION:
            # 2 is all the directions there are; stride 1 is the forward one first, -1 the backward one
            if axis[0].extent != 2 or axis[0].stride != stride:
                continue
            if len(axis) > 1:
                if axis[1].along is Role.UNIT:
                    return True
            # with one unit a direction, the factor of the units has extent 1 and is not written
            elif number == len(block.axes) and whole(block, Role.UNIT) == 1:
                return True
    return False
