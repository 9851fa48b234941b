"""What the program itself shows the axes of an input to be, and whether a recurrent call reads them otherwise.

Names say nothing here.  Evidence is what made a tensor (a convolution's first axis is the batch, ``pad_sequence`` says
its layout, states of a step loop are stacked along the steps, another RNN returned it) and how it is indexed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

from rnnlint.axes.operations.moves import whole
from rnnlint.axes.states import (
    Axis,
    Block,
    Call,
    Given,
    Joined,
    Note,
    Own,
    Role,
    Somewhere,
    States,
    blocks,
    extent,
    shape,
)
from rnnlint.events import Evidence
from rnnlint.torch_api.context import Context
from rnnlint.values.domain import Tensor, Value
from rnnlint.values.walk import options

Known = Callable[[Hashable, int], Evidence | None]
"""The evidence about an axis of a given tensor, by the tensor's key; None where there is none, or both kinds."""


def show(ctx: Context, states: States, axis: int, role: Role, why: str, *, packs: bool = False) -> None:
    """An axis is samples, or steps: so are the axes of the given tensors that it runs along."""
    for block in blocks(states):
        own = owner(block, block.axes[axis])
        if own is not None:
            ctx.layouts.show(block.source.key, own, Evidence(role, why, ctx.site, packs))


def show_looped(ctx: Context, states: States, rows: int, why: str) -> None:
    """One step of a loop that carries a state: the axis that is indexed are the steps, ``rows`` the samples."""
    for block in blocks(states):
        looped = [along.index for along, at in block.at if isinstance(along, Own) and isinstance(at, Somewhere)]
        if len(looped) == 1:
            ctx.layouts.show(block.source.key, looped[0], Evidence(Role.STEP, why, ctx.site))
            show(ctx, block, rows, Role.SAMPLE, why)


def show_by_state(ctx: Context, states: States, steps: int, given: States, several: Value) -> None:
    """A state has as many samples as what a call takes for steps is long: that are the samples.

    Not where that is right for another one of ``several`` tensors: ``if state is None`` turns the input round and makes
    a state for it, and a state that is given goes with an input that was turned before.
    """
    if len(shape(given)) != 3 or shape(given)[1] != shape(states)[steps]:
        return
    others = [shape(one.states) for one in options(several) if isinstance(one, Tensor)]
    if all(len(sizes) != 3 or sizes[1 - steps] != shape(given)[1] for sizes in others):
        show(ctx, states, steps, Role.SAMPLE, "its initial state")


def show_lengthened(ctx: Context, parts: Sequence[States], axis: int) -> None:
    """Rows of words, a vector each, are joined to something that has one place along this axis, which a picture or a
    mark in front of them has: those are steps.  (What comes of the words themselves may be one of their samples.)"""
    words = [part for part in parts if _of_words(part)]
    sources = {block.source for part in words for block in blocks(part)}
    others = [part for part in parts if not _of_words(part)]
    one = all(
        isinstance(part, Block) and part.axes[axis] == () and part.source not in sources and len(part.axes) == _RANK
        for part in others
    )
    if words and others and one and axis < _RANK - 1:
        for part in words:
            show(ctx, part, axis, Role.STEP, "a joined sentence")


_RANK = 3  # of a batch of sequences


def _of_words(states: States) -> bool:
    """Whether a tensor has a vector for each number of two axes."""
    if not isinstance(states, Block) or not isinstance(states.source, Given) or len(states.axes) != _RANK:
        return False
    places = {owner(states, axis) for axis in states.axes[:2]} if len(states.source.shape) == _RANK - 1 else set()
    return places == {0, 1} and all(not isinstance(factor.along, Own) for factor in states.axes[2])


def moves_behind(block: Block, own: int) -> bool:
    """Whether a loop has picked one position of an axis of a tensor that stands behind another one."""
    return any(isinstance(along, Own) and along.index > own and isinstance(at, Somewhere) for along, at in block.at)


def rows_of_samples(states: States, steps: int, known: Known) -> Evidence | None:
    """The evidence that rows beside an axis of one are samples, where a loop moves along another axis behind them.

    A single sequence is put in so as well, and its frames went through a convolution as a batch; but who takes one
    frame of each, and carries the state to the next, has a batch of them.
    """
    sizes = shape(states)
    if len(sizes) != 3 or sizes[1 - steps] != 1 or sizes[steps] == 1:
        return None
    for block in blocks(states):
        own = owner(block, block.axes[steps])
        evidence = None if own is None else known(block.source.key, own)
        if own is None or evidence is None or evidence.role is not Role.SAMPLE:
            return None
        if evidence.moving or moves_behind(block, own):
            return evidence
    return None


def owner(block: Block, axis: Axis) -> int | None:
    """The axis of a given tensor that an axis runs along, alone and for more than half of it (a part, but no piece)."""
    if not isinstance(block.source, Given) or len(axis) != 1 or not isinstance(axis[0].along, Own):
        return None
    return axis[0].along.index if 2 * axis[0].extent > whole(block, axis[0].along) else None


def of_one(states: States) -> bool:
    """Whether an input is one position of the first of a tensor's four axes: one document of a batch, say."""
    return len(shape(states)) == 3 and any(
        isinstance(block.source, Given)
        # documents of sentences of words, each a vector, which may have been a number of a vocabulary before
        and len(block.source.shape) >= 3
        and all(factor.along != Own(0) for axis in block.axes for factor in axis)
        for block in blocks(states)
    )


def contrary(
    states: States,
    batch_first: bool,
    known: Known,
    made: Callable[[Call], Evidence | None],
    one_by_one: Callable[[Call], bool],
) -> Evidence | None:
    """The evidence that the axis which a recurrent call takes for steps holds samples, or the other way round.

    ``made`` gives the evidence that a call was made, None for one whose own input is in doubt; ``one_by_one`` says of
    which it was made for each document of a batch, so that its samples, the sentences, may be steps.
    """
    sizes = shape(states)
    # an unbatched input has no samples, and an axis of one position is the same in either layout
    if len(sizes) != 3 or 1 in sizes[:2]:
        return None
    found: list[Evidence] = []
    if isinstance(states, Joined) and states.axis < 2:
        rows = _rows_of_calls(states, made, one_by_one)
        if rows is not None:
            return rows if 1 - states.axis == int(batch_first) else None
    for block in blocks(states):
        steps, samples = block.axes[1 if batch_first else 0], block.axes[0 if batch_first else 1]
        for axis, right, wrong in ((steps, Role.STEP, Role.SAMPLE), (samples, Role.SAMPLE, Role.STEP)):
            evidence = _evidence(block, axis, known, made, one_by_one)
            if evidence is not None and evidence.role is right:
                return None
            if evidence is not None and evidence.role is wrong:
                found.append(evidence)
    return found[0] if found else None


def channels(states: States, known: Known) -> tuple[int, Evidence] | None:
    """The axis that holds the channels of a convolution, where it is the one of samples or of steps; None for none."""
    if len(shape(states)) != 3:
        return None
    for block in blocks(states):
        for number in (0, 1):
            own = owner(block, block.axes[number])
            evidence = None if own is None else known(block.source.key, own)
            if evidence is not None and evidence.role is Role.UNIT and shape(states)[number] > 1:
                return number, evidence
    return None


def _rows_of_calls(
    states: Joined, made: Callable[[Call], Evidence | None], one_by_one: Callable[[Call], bool]
) -> Evidence | None:
    """The evidence that what several calls have made of the same samples, one after the other, stands side by side."""
    held = [part for part in states.parts if isinstance(part, Block)]
    calls = {block.source for block in held if isinstance(block.source, Call) and not block.source.merged}
    whole_batches = all(
        [factor.along for factor in block.axes[1 - states.axis]] == [Role.SAMPLE]
        and extent(block.axes[1 - states.axis]) == whole(block, Role.SAMPLE)
        for block in held
    )
    if len(held) < len(states.parts) or len(calls) < len(held) or not whole_batches:
        return None
    told = [None if one_by_one(call) else made(call) for call in calls]
    first = told[0]
    return None if first is None or None in told else Evidence(Role.SAMPLE, first.why, first.site)


def _evidence(
    block: Block,
    axis: Axis,
    known: Known,
    made: Callable[[Call], Evidence | None],
    one_by_one: Callable[[Call], bool],
) -> Evidence | None:
    own = owner(block, axis)
    if own is not None:
        return known(block.source.key, own)
    call = block.source
    if not isinstance(call, Call) or call.merged or len(axis) != 1:
        return None
    about = {mark.about for mark in block.marks}
    role, before = axis[0].along, made(call)
    if before is None or role not in (Role.SAMPLE, Role.STEP) or extent(axis) != whole(block, role):
        return None
    if Note.COLLECTED in about:  # what stands beside the samples are the rounds of a loop
        return None if one_by_one(call) else Evidence(role, before.why, before.site)
    both = {Role.SAMPLE, Role.STEP} <= {factor.along for other in block.axes for factor in other}
    return Evidence(role, before.why, before.site) if both and Note.OUTPUT in about else None


def inherited(ctx: Context, states: States, axis: int) -> Iterator[Evidence]:
    """The evidence about an axis that a new tensor takes over."""
    for block in blocks(states):
        own = owner(block, block.axes[axis])
        if own is not None:
            evidence = ctx.layouts.shown(block.source.key, own)
            if evidence is not None:
                yield evidence
        elif isinstance(block.source, Call) and not block.source.merged and not ctx.layouts.one_by_one(block.source):
            roles = {factor.along for factor in block.axes[axis]}
            if len(roles) == 1 and roles <= {Role.SAMPLE, Role.STEP}:
                module = ctx.calls.module(block.source)
                role = Role.SAMPLE if Role.SAMPLE in roles else Role.STEP
                yield Evidence(role, f"the nn.{module.cell if module else 'RNN'} before", ctx.site)
