"""Questions about arrangements that rules ask: what is read, what was cut, whether two readings are the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from rnnlint.axes.form.normal import product
from rnnlint.axes.operations.moves import cut_out, whole
from rnnlint.axes.reading import notes
from rnnlint.axes.reading.beside import together
from rnnlint.axes.reading.exact import FEW, REDUCED, Reach, coordinates_of, dependences, moving, tried
from rnnlint.axes.states import (
    ROLES,
    Along,
    Blended,
    Block,
    Call,
    Factor,
    Given,
    Joined,
    Kind,
    Mark,
    Note,
    Own,
    Position,
    Role,
    Somewhere,
    Source,
    States,
    Unknown,
    Viewed,
    Wire,
    blocks,
    extent,
    shape,
)


def spread(block: Block) -> dict[Role, int]:
    """For every role, how many of its coordinates run along the axes of the block (1 where it stands still)."""
    return _counts(block, tuple(factor for axis in block.axes for factor in axis))


def reach(block: Block) -> dict[Role, int]:
    """For every role, how many of its coordinates are read, along the axes or reduced."""
    return _counts(block, tuple(factor for _, factor in moving(block)))


def _counts(block: Block, factors: Sequence[Factor]) -> dict[Role, int]:
    counts = dict.fromkeys(ROLES, 1)
    if any(factor.extent == 0 for factor in factors):
        return counts
    live = list(factors)
    entered: dict[int, int] = {}
    for factor in live:
        if isinstance(factor.along, Wire):
            number = factor.along.tangle
            if number not in entered:
                live.extend(block.tangles[number].digits)
            entered[number] = entered.get(number, 1) * factor.extent
        elif isinstance(factor.along, Role):
            counts[factor.along] *= factor.extent
    return {role: count if count == 1 else min(count, whole(block, role)) for role, count in counts.items()}


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
    return frozenset(along for along, axes in _depends(states).items() if len(axes.axes) > 1 and along is not Role.UNIT)


def _depends(states: States) -> dict[Role | Own, Reach]:
    if isinstance(states, Block):
        found = dependences(states)
        return {along: got if got.exact else _by_trial(states, along, got) for along, got in found.items()}
    per_part = [_depends(part) for part in states.parts]
    names = {along for found in per_part for along in found}
    empty = Reach(frozenset(), True)
    merged: dict[Role | Own, Reach] = {}
    for along in names:
        each = [found.get(along, empty) for found in per_part]
        axes = frozenset().union(*(got.axes for got in each))
        if isinstance(states, Joined) and states.axis not in axes:
            got = _signatures(states.parts, along, states.axis)
            axes |= {states.axis} if got else set()
        merged[along] = Reach(axes, all(got.exact for got in each))
    return merged


def _by_trial(block: Block, along: Role | Own, bound: Reach) -> Reach:
    values = tried(block, along)
    if values is None:
        return bound
    sizes = [*map(extent, block.axes), product(factor.extent for factor in block.reduced)]
    axes: set[int] = set()
    inner = len(values)
    for number, size in enumerate(sizes):
        inner //= size
        if any(value != values[place - place // inner % size * inner] for place, value in enumerate(values)):
            axes.add(number if number < len(block.axes) else REDUCED)
    return Reach(frozenset(axes), True)


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
    vague = {Somewhere.ANYWHERE, Somewhere.LAST_VALID}
    if first.reduced or second.reduced or any(start in vague for _, start in (*first.at, *second.at)):
        return False
    names = coordinates_of(first) | coordinates_of(second)
    for name in names:
        left, right = tried(first, name), tried(second, name)
        if left is None or left != right:
            return False
    return True


def mark(states: States, site: Hashable) -> States:
    """The arrangement with a :class:`Mark` for every role that has become narrower, or with ``cut`` if it is newly cut.

    What the other parts of a tensor still hold beside a part is not lost: the part has no mark.  A role counts from its
    full extent, except the layer of ``output`` and the step of a state, which were never there.  A mark that no longer
    holds (the directions are together again, the cut is healed) is dropped.  The place itself is marked as well.
    """
    is_cut = not (isinstance(states, Block) and _plain(states)) and bool(cut(states))
    marked = any(one.about is Note.CUT for block in blocks(states) for one in block.marks)

    held: dict[tuple[Source, Kind, Role], int] = {}  # the same for every part of one source

    def beside(block: Block, role: Role) -> int:
        key = block.source, block.kind, role
        if key not in held:
            held[key] = together(blocks(states), block, role)
        return held[key]

    def changed(block: Block) -> Block:
        marks = _marks(block, site, is_cut, marked, None if block is states else beside)
        return block if marks == block.marks else replace(block, marks=marks)

    return notes.each_block(states, changed)


def normalised(before: States, after: States, site: Hashable) -> States:
    """What a softmax made, with a mark where it took the samples together, so that none stands alone any more."""
    if not _along_samples(before) or _along_samples(after):
        return after

    def marked(block: Block) -> Block:
        one = Mark(Note.SAMPLES_NORMALISED, spread(block)[Role.STEP], site)
        return block if notes.note(block, Note.SAMPLES_NORMALISED) else replace(block, marks=(*block.marks, one))

    return notes.each_block(after, marked)


def _along_samples(states: States) -> bool:
    return any(factor.along is Role.SAMPLE for block in blocks(states) for axis in block.axes for factor in axis)


def laid_below(states: States, site: Hashable) -> States:
    """What was laid below each other along the samples, with a mark of the place, one a place."""
    one = Mark(Note.LAID_BELOW, 0, site)
    return notes.noted(states, Note.LAID_BELOW, site, lambda block: one not in block.marks)


def taken_apart(states: States) -> set[Hashable]:
    """The places where states were laid below each other that stand apart again: the samples have an axis alone."""
    return {
        one.site
        for block in blocks(states)
        for one in block.marks
        if one.about is Note.LAID_BELOW and _alone(block) not in (None, *_joined_along(states))
    }


def _alone(block: Block) -> int | None:
    """The axis that runs over all samples of a call and nothing else; None where there is none."""
    for number, axis in enumerate(block.axes):
        if [factor.along for factor in axis] == [Role.SAMPLE] and axis[0].extent == whole(block, Role.SAMPLE):
            return number
    return None


def _joined_along(states: States) -> set[int]:
    """The axes along which the parts of an arrangement are joined."""
    if isinstance(states, Block):
        return set()
    own = {states.axis} if isinstance(states, Joined) else set()
    return own.union(*map(_joined_along, states.parts))


def detached(states: States) -> States:
    """The arrangement without the graph that made it."""
    return notes.noted_first(states, Note.DETACHED, None)


def is_detached(block: Block) -> bool:
    return notes.note(block, Note.DETACHED) is not None


def _plain(block: Block) -> bool:
    """Whether a look at the factors shows that nothing is cut: every coordinate runs along one axis."""
    if block.tangles:
        return False
    homes: dict[Along, int] = {}
    for number, factors in enumerate((*block.axes, block.reduced)):
        for factor in factors:
            if homes.setdefault(factor.along, number) != number and factor.along is not None:
                return False
    return True


def _marks(
    block: Block, site: Hashable, is_cut: bool, marked: bool, beside: Callable[[Block, Role], int] | None
) -> tuple[Mark, ...]:
    now = reach(block)
    born = {one.about for one in block.marks}
    kept: list[Mark] = []
    for one in block.marks:
        if one.about is Note.MADE:
            continue
        stale = (
            now[one.about] > one.extent
            if isinstance(one.about, Role)
            else one.about is Note.CUT and not is_cut and not block.tangles and not interleaved(block)
        )
        if not stale:
            kept.append(one)
    if isinstance(block.source, Call):
        for role in ROLES:
            latest = [one.extent for one in kept if one.about is role]
            unborn = (Note.OUTPUT in born and role is Role.LAYER) or (Note.STATE in born and role is Role.STEP)
            full = 1 if unborn else whole(block, role)
            before = latest[-1] if latest else full
            if now[role] < before and (beside is None or beside(block, role) < before):
                kept.append(Mark(role, now[role], site))
        if backward_first(block) and Note.BACKWARD_FIRST not in born:
            kept.append(Mark(Note.BACKWARD_FIRST, 0, site))
        if _pooled(block) and not born & {Note.SAMPLES_POOLED, Note.SAMPLES_NORMALISED}:
            kept.append(Mark(Note.SAMPLES_POOLED, spread(block)[Role.STEP], site))
    else:
        _count_ones(block, kept, site)
    if is_cut and all(one.about is not Note.CUT for one in kept) and (not marked or bool(cut(block))):
        kept.append(Mark(Note.CUT, 0, site))
    kept.append(Mark(Note.MADE, 0, site))
    return tuple(kept)


def interleaved(block: Block) -> bool:
    """Whether an axis runs over some of the samples inside something else: what picking leaves of samples that are cut.

    Skipping samples and merging axes leaves the same, so that it counts only beside a cut.
    """
    return any(
        place > 0 and factor.along is Role.SAMPLE and factor.extent < whole(block, Role.SAMPLE)
        for axis in block.axes
        for place, factor in enumerate(axis)
    )


def backward_first(block: Block) -> bool:
    """Whether the features are those of the backward direction, then those of the forward one."""
    return _side_by_side(block, -1)


def forward_first(block: Block) -> bool:
    """Whether the features are those of the forward direction, then those of the backward one, as in ``output``."""
    return _side_by_side(block, 1)


def _side_by_side(block: Block, stride: int) -> bool:
    front = Factor(Role.DIRECTION, 2, stride)
    if block.axes and block.axes[-1] == (front,) and whole(block, Role.UNIT) == 1:
        return True
    return any(axis[0] == front and len(axis) > 1 and axis[1].along is Role.UNIT for axis in block.axes if axis)


def _count_ones(block: Block, marks: list[Mark], site: Hashable) -> None:
    """Keep a mark for every axis of one that was put in and is still there; a view puts in all it has."""
    source = block.source
    born = source.shape.count(1) if isinstance(source, Given) and not isinstance(source.key, Viewed) else 0
    count = sum(1 for axis in block.axes if not axis) - born
    marks[:] = [one for one in marks if one.about is not Note.AXIS_OF_ONE or one.extent <= count]
    known = next((one.extent for one in reversed(marks) if one.about is Note.AXIS_OF_ONE), 0)
    if count > known:
        marks.append(Mark(Note.AXIS_OF_ONE, count, site))


def _pooled(block: Block) -> bool:
    """Whether samples are taken all at once and none stands alone."""
    return any(factor.along is Role.SAMPLE for factor in block.reduced) and not _along_samples(block)
