"""What a loop has made each time round, put together after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnlint.axes import results
from rnnlint.axes.operations import combine, per_sample, regroup, select
from rnnlint.axes.reading import notes
from rnnlint.axes.states import Block, Given, Note, Raises, Result, Role, States, Unknown, blocks, shape
from rnnlint.events import Evidence
from rnnlint.torch_api.batches import layout
from rnnlint.torch_api.batches.lengths import padded
from rnnlint.torch_api.context import Context
from rnnlint.values.domain import Along, Tensor, Value
from rnnlint.values.origins import Rounds
from rnnlint.values.walk import options

NOT_ALL = "{} of tensors that are not all known"
ROUNDS = "what the loop joins"


def together(ctx: Context, source: Value, axis: int, op: str) -> Value | None:
    """What a loop has collected in a list, put together; None where it is no list, or was not empty before."""
    if op == "cat":
        _join_rounds(ctx, ctx.containers.element(source), axis)
    each = ctx.containers.collected(source)
    if each is None:
        return None
    rows = rows_regained(each, axis, op == "cat") or steps_regained(ctx, source, axis, op == "cat")
    return rows or ctx.each((each,), lambda some: _gathered(ctx, some[0], axis, op, ctx.containers.counted(source)))


def _join_rounds(ctx: Context, each: Value, axis: int) -> None:
    """What a loop has appended to a list, whatever stood there before, is joined along an axis."""
    for way in options(each):
        rank = len(shape(way.states)) if isinstance(way, Tensor) else 0
        if isinstance(way, Tensor) and -rank <= axis < rank:
            ctx.layouts.join_rounds(way.states, axis % rank, ROUNDS)


def rows_regained(each: Value, axis: int, wide: bool) -> Tensor | None:
    """What a loop over the samples has made of each, put together along ``axis``; None for anything else.

    ``each`` is what it is in any round, or one of a few values in different rounds; ``wide``: it has the axis already,
    and what runs along it runs inside the samples.
    """
    ways = options(each)
    if not all(isinstance(way, Tensor) for way in ways):
        return None
    found: set[States] = set()
    several = [way.states for way in ways if isinstance(way, Tensor)]
    if not any(map(per_sample.sample_wise, several)):
        return None
    for one in several:
        rank = len(shape(one)) + (not wide)
        place = axis + rank if axis < 0 else axis
        if not 0 <= place < rank:
            return None
        rows = per_sample.samples_regained(one, place)
        merged = regroup.flatten(rows, place, place + 1) if wide and rows is not None else rows
        if not isinstance(merged, Block):
            return None
        found.add(merged)
    return Tensor(found.pop()) if len(found) == 1 else None


def steps_regained(ctx: Context, source: Value, axis: int, wide: bool = False) -> Tensor | None:
    """What a loop over all steps has made of each, put together along ``axis``; None for anything else.

    ``wide``: each has the axis already.
    """
    return every_step(ctx.containers.collected(source), ctx.containers.ended_with(source), axis, wide)


def every_step(each: Value | None, last: Value | None, axis: int, wide: bool = False) -> Tensor | None:
    """The same of ``each`` that a loop has made, and the ``last``.

    That the loop came to the last step is seen by what it did there; where that is the first, it went backwards.
    """
    if not isinstance(last, Tensor) or each is None:
        return None
    others = [way for way in options(each) if way != last]
    if len(others) != 1 or not isinstance(others[0], Tensor):
        return None
    one = others[0].states
    rank = len(shape(one)) + (not wide)
    if not -rank <= axis < rank:
        return None
    rows = per_sample.steps_regained(one, axis % rank)
    if rows is None:
        return None
    if select.select(rows, axis % rank, -1) != last.states:
        turned = select.flip(rows, (axis % rank,))
        if not isinstance(turned, Block) or select.select(turned, axis % rank, -1) != last.states:
            return None
        rows = turned
    merged = regroup.flatten(rows, axis % rank, axis % rank + 1) if wide else rows
    return Tensor(merged) if isinstance(merged, Block) else None


def _gathered(ctx: Context, each: Value, axis: int, op: str, count: int | None) -> Value:
    """What a loop has made, one tensor a round, put together."""
    if not isinstance(each, Tensor):
        return Unknown(NOT_ALL.format(op))
    one = each.states
    rank = len(shape(one)) + (op == "stack")
    if not -rank <= axis < rank:
        return Unknown(NOT_ALL.format(op))
    if not ctx.calls.modules(one) or ctx.layouts.recurs(one):
        return _by_evidence(ctx, one, axis % rank, op)
    rows = combine.stack([one], axis) if op == "stack" else one
    if isinstance(rows, (Raises, Unknown)):
        return ctx.settle(rows)
    return collected(ctx, rows, axis % rank, count or ctx.facts.generic(("rounds", ctx.occurrence())))


def lists_joined(ctx: Context, left: Value, right: Value) -> Along | None:
    """A list of the tensors along an axis of what an RNN returned, and another one behind or before it.

    None for any other two, and where they do not all have one shape.
    """
    axes = {side.axis for side in (left, right) if isinstance(side, Along) and not side.keep}
    if len(axes) != 1 or not any(isinstance(side, Along) and ctx.calls.modules(side.states) for side in (left, right)):
        return None
    axis = axes.pop()
    rows = [_rows(ctx, side, axis) for side in (left, right)]
    if any(isinstance(one, (Raises, Unknown)) for one in rows):
        return None
    made = combine.cat([one for one in rows if not isinstance(one, (Raises, Unknown))], axis)
    return None if isinstance(made, (Raises, Unknown)) else Along(made, axis)


def _rows(ctx: Context, value: Value, axis: int) -> Result:
    """The tensors in a list side by side along an axis of their own."""
    if isinstance(value, Along):
        return Unknown("tensors that keep their axis") if value.keep else value.states
    each = ctx.containers.collected(value)
    known = ctx.containers.elements(value) if each is None else (each,)
    tensors = [one.states for one in known or () if isinstance(one, Tensor)]
    if not tensors or len(tensors) < len(known or ()):
        return Unknown("no tensors")
    rows = combine.stack(tensors, axis)
    if each is None or isinstance(rows, (Raises, Unknown)):
        return rows
    count = ctx.containers.counted(value) or ctx.facts.generic(("rounds", ctx.occurrence()))
    return combine.repeat(rows, tuple(count if number == axis else 1 for number in range(len(shape(rows)))))


def collected(ctx: Context, one: States, axis: int, count: int) -> Value:
    """``count`` tensors like one, which a loop has made, side by side along ``axis``."""
    made = combine.repeat(one, tuple(count if number == axis else 1 for number in range(len(shape(one)))))
    if isinstance(made, (Raises, Unknown)):
        return ctx.settle(made)
    return ctx.settle(notes.noted_first(made, Note.COLLECTED, ctx.site))


def grew(ctx: Context, part: States) -> bool:
    """Whether a tensor is what an earlier round of a loop has joined where the program stands."""
    key = part.source.key if isinstance(part, Block) and isinstance(part.source, Given) else None
    return isinstance(key, Rounds) and key.at == ctx.occurrence()


def grown(ctx: Context, parts: Sequence[States], axis: int) -> Value:
    """What no RNN returned, and a loop of which not each round is run makes longer each time.

    How long that gets depends on their number; what its axes are it keeps, and the padding of its samples.
    """
    sizes = list(shape(parts[0]))
    sizes[axis] = ctx.facts.generic(("rounds", ctx.occurrence()))
    found = (padded(block) for part in parts for block in blocks(part))
    padding = next((replace(one, axis=None) for one in found if one is not None), None)
    made = ctx.the_source(Given(Rounds(ctx.occurrence(), padding), tuple(sizes)))
    for number in range(len(sizes)):
        for evidence in layout.inherited(ctx, parts[0], number):
            ctx.layouts.show(made.key, number, evidence)
    return ctx.settle(results.given(made))


def _by_evidence(ctx: Context, one: States, place: int, op: str) -> Value:
    """The rounds of a loop, put together: known only by what their axes have been shown to be.

    Tensors that are one wide along the axis are its positions; wider ones keep what they are along it.
    """
    sizes = list(shape(one))
    rank = len(sizes) + (op == "stack")
    wider = op == "cat" and sizes[place] != 1
    if wider and place == rank - 1:  # how wide features are side by side is asked by every layer, and nobody knows
        return Unknown(NOT_ALL.format(op))
    count = ctx.facts.generic(("rounds", ctx.occurrence()))
    final = (*sizes[:place], count, *sizes[place + (op == "cat") :])
    made = ctx.the_source(Given(Rounds(ctx.occurrence()), final))
    others = [number for number in range(rank) if wider or number != place]
    own = others if op == "cat" else range(rank - 1)
    found = [
        (number, evidence)
        for number, old in zip(others, own, strict=True)
        for evidence in layout.inherited(ctx, one, old)
    ]
    even = op == "stack" and all(notes.note(block, Note.WINDOW) is not None for block in blocks(one))
    if not found and not even:
        return Unknown(NOT_ALL.format(op))
    for number, evidence in found:
        ctx.layouts.show(made.key, number, evidence)
    if ctx.layouts.recurs(one) and not wider:
        ctx.layouts.show(made.key, place, Evidence(Role.STEP, "the loop over the steps", ctx.site))
    whole = results.given(made)
    return ctx.settle(notes.noted(whole, Note.EVEN, ctx.site) if even else whole)
