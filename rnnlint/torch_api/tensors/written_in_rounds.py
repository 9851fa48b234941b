"""What a tensor becomes into which loops write, position by position, what they have made there."""

from __future__ import annotations

from collections.abc import Mapping

from rnnlint.axes.operations import combine, per_sample, regroup, select
from rnnlint.axes.reading import notes
from rnnlint.axes.states import Block, Call, Note, Raises, Result, Role, Somewhere, States, Unknown, blocks, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.tensors import collecting
from rnnlint.values.domain import Tensor, Value

Turns = Mapping[int, bool]
"""The axes along which loops write, and whether the loop of each is in its last round."""


def written(ctx: Context, receiver: Tensor, turns: Turns, value: Tensor) -> Value | None:
    """``receiver[i, j] = value`` in the loops over i and j, all other axes whole; None where that tells nothing.

    A loop over the samples has made the same of each; one over the steps is seen to come to all in its last round.
    """
    sizes = shape(receiver.states)
    ctx.layouts.view(value.states)  # it gets the axes of what it is written into, if a squeeze has taken one
    one = _of_rank(notes.without(value.states, Note.SQUEEZED), len(sizes) - len(turns))
    row = None if one is None else _spread(one, turns)
    if row is None or not all(
        own == size or ctx.facts.open(own) or ctx.facts.open(size)
        for axis, (own, size) in enumerate(zip(shape(row), sizes, strict=True))
        if axis not in turns
    ):
        return None
    if not ctx.calls.modules(receiver.states):
        return None if any(turns.values()) else _first(ctx, row, turns, sizes)
    last = [axis for axis, over in turns.items() if over]
    return _all_steps(ctx, receiver.states, row, turns, last[0]) if len(last) == 1 else None


def _of_rank(states: States, rank: int) -> States | None:
    """A tensor without the axes of one in front that torch leaves out where it stores it."""
    result: Result = states
    while not isinstance(result, (Raises, Unknown)) and len(shape(result)) > rank and shape(result)[0] == 1:
        result = select.select(result, 0, 0)
    return None if isinstance(result, (Raises, Unknown)) or len(shape(result)) != rank else result


def _spread(states: States, turns: Turns) -> States | None:
    """What is written in one round, with an axis of one along each that the loops write along."""
    result: Result = states
    for axis in sorted(turns):
        if not isinstance(result, (Raises, Unknown)):
            result = regroup.unsqueeze(result, axis)
    return None if isinstance(result, (Raises, Unknown)) else result


def _first(ctx: Context, row: States, turns: Turns, sizes: tuple[int, ...]) -> Value | None:
    """What is known after the first round: every position holds what one of them does, and samples are all of them."""
    result: States = row
    for axis in sorted(turns):
        rows = _every_sample(result, axis, sizes[axis]) if len(turns) > 1 else None
        made = Tensor(rows) if rows is not None else collecting.collected(ctx, result, axis, sizes[axis])
        if not isinstance(made, Tensor):
            return None
        result = made.states
    return ctx.settle(result)


def _every_sample(states: States, axis: int, count: int) -> States | None:
    """All samples along an axis of one, where there are as many as that is to be long and one was taken of each."""
    own = {block.source.samples for block in blocks(states) if isinstance(block.source, Call)}
    if not per_sample.sample_wise(states) or count not in own:
        return None
    parts: list[States] = []
    for block in blocks(states):
        inside = select.select(block, axis, 0)
        rows = None if isinstance(inside, (Raises, Unknown)) else per_sample.samples_regained(inside, axis)
        if rows is None or shape(rows)[axis] != count:
            return None
        parts.append(rows)
    return _blended(parts)


def _all_steps(ctx: Context, before: States, row: States, turns: Turns, axis: int) -> Value | None:
    """What is known after the last round of a loop along ``axis``: where it has come to the last step, all of them."""
    if not any(notes.note(block, Note.COLLECTED) for block in blocks(before)):
        return None
    parts: list[States] = []
    for block in blocks(before):
        inside = select.select(block, axis, 0)
        if isinstance(inside, (Raises, Unknown)) or not isinstance(inside, Block):
            return None
        rows = _every_step(inside, axis, shape(before)[axis])
        parts.append(block if rows is None else rows)
    made = _blended(parts)
    if made is None or made == before:
        return None
    reached, here = select.select(made, axis, -1), _at_once(row, turns, shape(before), axis)
    return ctx.settle(made) if here is not None and reached == here else None


def _every_step(inside: Block, axis: int, count: int) -> Block | None:
    if dict(inside.at).get(Role.STEP) is not Somewhere.ANYWHERE:
        return None
    rows = per_sample.steps_regained(inside, axis)
    return rows if rows is not None and shape(rows)[axis] == count else None


def _at_once(row: States, turns: Turns, sizes: tuple[int, ...], axis: int) -> States | None:
    """What is written in the last round of a loop along ``axis``, all that other loops write at once."""
    result: States | None = row
    for other in sorted(turns):
        if result is not None and other != axis:
            rows = _every_sample(result, other, sizes[other])
            counts = tuple(sizes[other] if place == other else 1 for place in range(len(sizes)))
            wide = combine.repeat(result, counts) if rows is None else rows
            result = None if isinstance(wide, (Raises, Unknown)) else wide
    found = None if result is None else select.select(result, axis, 0)
    return None if isinstance(found, (Raises, Unknown)) else found


def _blended(parts: list[States]) -> States | None:
    result = parts[0] if len(parts) == 1 else combine.blend(parts)
    return None if isinstance(result, (Raises, Unknown)) else result
