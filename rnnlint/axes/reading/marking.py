"""Marks on arrangements: the place where a role became narrower, or something was cut or laid together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from rnnlint.axes.operations.moves import whole, wholes
from rnnlint.axes.reading import notes
from rnnlint.axes.reading.beside import together
from rnnlint.axes.reading.exact import REDUCED
from rnnlint.axes.reading.meaning import backward_first, cut, interleaved, reach, spread
from rnnlint.axes.states import (
    ROLES,
    Along,
    Blended,
    Block,
    Call,
    Given,
    Joined,
    Kind,
    Mark,
    Note,
    Raises,
    Result,
    Role,
    Somewhere,
    Source,
    States,
    Unknown,
    Viewed,
    blocks,
    extent,
    marked,
)


def mark(states: States, site: Hashable) -> States:
    """The arrangement with a :class:`Mark` for every role that has become narrower, or with ``cut`` if it is newly cut.

    What the other parts of a tensor still hold beside a part is not lost: the part has no mark.  A role counts from its
    full extent, except the layer of ``output`` and the step of a state, which were never there.  A mark that no longer
    holds (the directions are together again, the cut is healed) is dropped.  The place itself is marked as well.
    """
    if isinstance(states, Block):
        # the plain look first: it settles almost every block, and counting where a coordinate goes is what costs
        is_cut = not _plain((states,)) and bool(cut(states))
        return _with(states, _marks(states, site, is_cut, is_cut and _has_been_cut((states,)), None))
    parts = blocks(states)
    is_cut = not (isinstance(states, Blended) and _plain(states.parts)) and bool(cut(states))
    before = is_cut and _has_been_cut(parts)
    held: dict[tuple[Source, Kind, Role], int] = {}  # the same for every part of one source

    def beside(block: Block, role: Role) -> int:
        key = block.source, block.kind, role
        if key not in held:
            held[key] = together(parts, block, role)
        return held[key]

    return notes.each_block(states, lambda block: _with(block, _marks(block, site, is_cut, before, beside)))


def _has_been_cut(parts: Sequence[Block]) -> bool:
    return any(one.about is Note.CUT for block in parts for one in block.marks)


def _with(block: Block, marks: tuple[Mark, ...]) -> Block:
    return block if marks == block.marks else marked(block, marks)


def normalised(before: States, after: States, site: Hashable) -> States:
    """What a softmax made, with a mark where it took the samples together, so that none stands alone any more."""
    if not _along_samples(before) or _along_samples(after):
        return after

    about = Note.ONE_STEP_NORMALISED if any(map(_features_of_one_step, blocks(before))) else Note.SAMPLES_NORMALISED

    def changed(block: Block) -> Block:
        one = Mark(about, spread(block)[Role.STEP], site)
        return block if notes.note(block, about) else marked(block, (*block.marks, one))

    return notes.each_block(after, changed)


def _features_of_one_step(block: Block) -> bool:
    """Whether a tensor is (1, N, H) or (N, 1, H) of a call with one step: a softmax is to go over the features.

    A score of one feature may well be what weighs the samples against each other.
    """
    one_step = isinstance(block.source, Call) and block.source.steps == 1
    return one_step and sorted(map(len, block.axes[:-1])) == [0, 1] and extent(block.axes[-1]) > 1


def _along_samples(states: States) -> bool:
    for block in blocks(states):
        for axis in block.axes:
            for factor in axis:
                if factor.along is Role.SAMPLE:
                    return True
    return False


def samples_inside(made: Result, site: Hashable) -> Result:
    """What a view made, with a mark where it laid the units of all samples side by side, in a row for each step."""
    if isinstance(made, (Raises, Unknown)) or all(len(axis) < 2 for block in blocks(made) for axis in block.axes):
        return made

    def inside(block: Block) -> bool:
        roles = [{factor.along for factor in axis} for axis in block.axes]
        return {Role.STEP} in roles and any({Role.SAMPLE, Role.UNIT} <= axis for axis in roles)

    about = Note.SAMPLES_INSIDE
    return notes.noted(made, about, site, lambda block: inside(block) and not notes.note(block, about))


def laid_below(states: States, site: Hashable, viewed: bool = False) -> States:
    """What was laid below each other along the samples, with a mark of the place, one a place; ``viewed``: so."""
    one = Mark(Note.LAID_BELOW, int(viewed), site)
    return notes.noted(states, Note.LAID_BELOW, site, lambda block: one not in block.marks, int(viewed))


def taken_apart(states: States) -> set[Hashable]:
    """The places where states were laid below each other that stand apart again: the samples have an axis alone.

    Or none at all, where it was a view: a norm of all that is there takes nothing for more samples.
    """
    return {
        one.site
        for block in blocks(states)
        for one in block.marks
        if one.about is Note.LAID_BELOW
        and (_alone(block) not in (None, *_joined_along(states)) or (one.extent == 1 and _without_samples(block)))
    }


def viewed_below(states: States) -> set[Hashable]:
    """The places where a view laid states below each other along the samples."""
    marks = (one for block in blocks(states) for one in block.marks)
    return {one.site for one in marks if one.about is Note.LAID_BELOW and one.extent == 1}


def _alone(block: Block) -> int | None:
    """The axis that runs over all samples of a call and nothing else; None where there is none."""
    for number, axis in enumerate(block.axes):
        if [factor.along for factor in axis] == [Role.SAMPLE] and axis[0].extent == whole(block, Role.SAMPLE):
            return number
    return None


def _without_samples(block: Block) -> bool:
    """Whether no axis runs over samples, not even as a part of it."""
    return not block.tangles and all(factor.along is not Role.SAMPLE for axis in block.axes for factor in axis)


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


def _plain(parts: Sequence[States]) -> bool:
    """Whether a look at the factors of what is combined shows that nothing is cut: each coordinate runs along one axis.

    That a final state's step follows from its direction is left out: of one block, it stands still beside that.
    """
    homes: dict[Along, int] = {}
    for block in parts:
        if not isinstance(block, Block) or block.tangles:
            return False
        if len(parts) > 1 and (Role.STEP, Somewhere.FINAL) in block.at:
            return False
        for number, axis in enumerate(block.axes):
            for factor in axis:
                # copies (None) may stand on any number of axes, they are no pieces of one thing
                if factor.along is not None and homes.setdefault(factor.along, number) != number:
                    return False
        for factor in block.reduced:
            if homes.setdefault(factor.along, REDUCED) != REDUCED:
                return False
    return True


def _marks(
    block: Block, site: Hashable, is_cut: bool, was_cut: bool, beside: Callable[[Block, Role], int] | None
) -> tuple[Mark, ...]:
    # The order is what rules read: marks that no longer hold go first, so that a role that is whole again can be
    # narrowed anew; a role is compared with the last mark left of it; MADE goes last, since it is about the form that
    # all the others have led to.
    source = block.source
    # a tensor that no RNN returned has no roles, and no mark about one
    now = reach(block) if isinstance(source, Call) else _NO_ROLES
    left: dict[Role, int] = {}  # by the last mark about it
    born: set[Note] = set()
    kept: list[Mark] = []
    for one in block.marks:
        about = one.about
        if isinstance(about, Role):
            if now[about] > one.extent:
                continue
            left[about] = one.extent
        elif about is Note.MADE:
            continue
        else:
            born.add(about)
            if about is Note.CUT and not is_cut and not block.tangles and not interleaved(block):
                continue
        kept.append(one)
    if isinstance(source, Call):
        layers, directions, samples, steps, units = wholes(source, block.kind)
        # output has one layer and a state one step from the start: nobody has picked these, so that they do not count
        # as narrowed
        full = 1 if Note.OUTPUT in born else layers, directions, samples, 1 if Note.STATE in born else steps, units
        for role, extent in zip(ROLES, full, strict=True):
            before = left.get(role, extent)
            if now[role] < before and (beside is None or beside(block, role) < before):
                kept.append(Mark(role, now[role], site))
        if Note.BACKWARD_FIRST not in born and backward_first(block):
            kept.append(Mark(Note.BACKWARD_FIRST, 0, site))
        # once only: what was normalised or pooled before stays pooled, and the first place is the one to name
        if block.reduced and _pooled(block) and not born & _POOLED:
            kept.append(Mark(Note.SAMPLES_POOLED, spread(block)[Role.STEP], site))
    else:
        _count_ones(block, kept, site)
    if is_cut and all(one.about is not Note.CUT for one in kept) and (not was_cut or bool(cut(block))):
        # how much was taken all at once by then tells a cut of the features that a layer has made from an older one
        kept.append(Mark(Note.CUT, len(block.reduced), site))
    kept.append(Mark(Note.MADE, 0, site))
    return tuple(kept)


_POOLED = frozenset({Note.SAMPLES_POOLED, Note.SAMPLES_NORMALISED, Note.ONE_STEP_NORMALISED})
_NO_ROLES = dict.fromkeys(ROLES, 1)


def _count_ones(block: Block, marks: list[Mark], site: Hashable) -> None:
    """Keep a mark for every axis of one that was put in and is still there; a view puts in all it has."""
    source = block.source
    # of a view, whatever is one wide was asked for where it stands; of a tensor that came so, nobody has put it in
    born = source.shape.count(1) if isinstance(source, Given) and not isinstance(source.key, Viewed) else 0
    count = block.axes.count(()) - born
    known = 0
    for place in range(len(marks) - 1, -1, -1):
        if marks[place].about is Note.AXIS_OF_ONE:
            if marks[place].extent > count:
                del marks[place]
            elif not known:
                known = marks[place].extent
    if count > known:
        marks.append(Mark(Note.AXIS_OF_ONE, count, site))


def _pooled(block: Block) -> bool:
    """Whether samples are taken all at once and none stands alone."""
    return any(factor.along is Role.SAMPLE for factor in block.reduced) and not _along_samples(block)


def picked_at(states: States, site: Hashable, wide: Callable[[Hashable], bool]) -> States:
    """The arrangement with what was narrowed at a ``wide`` place, that has made all parts at once, narrowed here."""

    def change(block: Block) -> Block:
        if not any(isinstance(mark.about, Role) and wide(mark.site) for mark in block.marks):
            return block
        moved = (
            Mark(mark.about, mark.extent, site) if isinstance(mark.about, Role) and wide(mark.site) else mark
            for mark in block.marks
        )
        return marked(block, tuple(moved))

    return notes.each_block(states, change)
