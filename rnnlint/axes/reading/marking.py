"""Marks on arrangements: the place where a role became narrower, or something was cut or laid together."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from rnnlint.axes.operations.moves import whole
from rnnlint.axes.reading import notes
from rnnlint.axes.reading.beside import together
from rnnlint.axes.reading.meaning import backward_first, cut, interleaved, reach, spread
from rnnlint.axes.states import (
    ROLES,
    Along,
    Block,
    Call,
    Given,
    Joined,
    Kind,
    Mark,
    Note,
    Role,
    Source,
    States,
    Viewed,
    blocks,
)


def mark(states: States, site: Hashable) -> States:
    """The arrangement with a :class:`Mark` for every role that has become narrower, or with ``cut`` if it is newly cut.

    What the other parts of a tensor still hold beside a part is not lost: the part has no mark.  A role counts from its
    full extent, except the layer of ``output`` and the step of a state, which were never there.  A mark that no longer
    holds (the directions are together again, the cut is healed) is dropped.  The place itself is marked as well.
    """
    # the plain look first: it settles almost every block, and counting where a coordinate goes is what costs
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
    """Whether a block has lost the graph that made it (``detach()``, ``.data``): by a note, which operations keep."""
    return notes.note(block, Note.DETACHED) is not None


def _plain(block: Block) -> bool:
    """Whether a look at the factors shows that nothing is cut: every coordinate runs along one axis."""
    if block.tangles:
        return False
    homes: dict[Along, int] = {}
    for number, factors in enumerate((*block.axes, block.reduced)):
        for factor in factors:
            # copies (None) may stand on any number of axes, they are no pieces of one thing
            if homes.setdefault(factor.along, number) != number and factor.along is not None:
                return False
    return True


def _marks(
    block: Block, site: Hashable, is_cut: bool, marked: bool, beside: Callable[[Block, Role], int] | None
) -> tuple[Mark, ...]:
    # The order is what rules read: marks that no longer hold go first, so that a role that is whole again can be
    # narrowed anew; a role is compared with the last mark left of it; MADE goes last, since it is about the form that
    # all the others have led to.
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
            # output has one layer and a state one step from the start: nobody has picked these, so that they do not
            # count as narrowed
            unborn = (Note.OUTPUT in born and role is Role.LAYER) or (Note.STATE in born and role is Role.STEP)
            full = 1 if unborn else whole(block, role)
            before = latest[-1] if latest else full
            if now[role] < before and (beside is None or beside(block, role) < before):
                kept.append(Mark(role, now[role], site))
        if backward_first(block) and Note.BACKWARD_FIRST not in born:
            kept.append(Mark(Note.BACKWARD_FIRST, 0, site))
        # once only: what was normalised or pooled before stays pooled, and the first place is the one to name
        if _pooled(block) and not born & {Note.SAMPLES_POOLED, Note.SAMPLES_NORMALISED}:
            kept.append(Mark(Note.SAMPLES_POOLED, spread(block)[Role.STEP], site))
    else:
        _count_ones(block, kept, site)
    if is_cut and all(one.about is not Note.CUT for one in kept) and (not marked or bool(cut(block))):
        kept.append(Mark(Note.CUT, 0, site))
    kept.append(Mark(Note.MADE, 0, site))
    return tuple(kept)


def _count_ones(block: Block, marks: list[Mark], site: Hashable) -> None:
    """Keep a mark for every axis of one that was put in and is still there; a view puts in all it has."""
    source = block.source
    # of a view, whatever is one wide was asked for where it stands; of a tensor that came so, nobody has put it in
    born = source.shape.count(1) if isinstance(source, Given) and not isinstance(source.key, Viewed) else 0
    count = sum(1 for axis in block.axes if not axis) - born
    marks[:] = [one for one in marks if one.about is not Note.AXIS_OF_ONE or one.extent <= count]
    known = next((one.extent for one in reversed(marks) if one.about is Note.AXIS_OF_ONE), 0)
    if count > known:
        marks.append(Mark(Note.AXIS_OF_ONE, count, site))


def _pooled(block: Block) -> bool:
    """Whether samples are taken all at once and none stands alone."""
    return any(factor.along is Role.SAMPLE for factor in block.reduced) and not _along_samples(block)
