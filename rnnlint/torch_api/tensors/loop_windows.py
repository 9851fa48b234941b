"""Parts of a tensor between bounds that a loop moves, or that the file leaves open.

Batches of samples, chunks of steps, windows over them; some of the features.
"""

from __future__ import annotations

from rnnlint.axes import results
from rnnlint.axes.states import Given, Role, Unknown, shape
from rnnlint.events import Evidence
from rnnlint.torch_api.batches import layout
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.tensors import indexing
from rnnlint.torch_api.tensors.indexing import COUNTED, LOOP, OF_LOOPS, Item, SliceOf
from rnnlint.values.domain import Lit, Tensor, Value
from rnnlint.values.origins import LoopPart
from rnnlint.values.uses import Use

_WHOLE = SliceOf(None, None, None)
_SLIDING = "a sliding window"


def part(ctx: Context, value: Tensor, items: tuple[Item, ...], known: int | None = None) -> Value | None:
    """``x[:, start : start + size]``, of what no RNN has made: as ``x`` but for that axis, which is as long as is
    ``known``, or as nobody knows.  None for any other subscript."""
    places = [place for place, item in enumerate(items) if isinstance(item, SliceOf) and _moved(item)]
    if len(places) != 1 or ctx.calls.modules(value.states):
        return None
    place = places[0]
    before = items[:place]
    if not all(item == _WHOLE or item == Lit(None) for item in before):
        return None
    return _part(ctx, value, items, place, known)


def _part(ctx: Context, value: Tensor, items: tuple[Item, ...], place: int, known: int | None = None) -> Value:
    """The part of a tensor whose length along one axis is what nobody knows."""
    before = items[:place]
    whole = indexing.index(ctx, value, (*before, _WHOLE, *items[place + 1 :]))
    if not isinstance(whole, Tensor):
        return whole
    ctx.use(value, Use.ELSEWHERE)  # what is made of it is a tensor of its own
    indexing.read(ctx, items)
    made = _source(ctx, whole, place, known)
    bounds = items[place]
    assert isinstance(bounds, SliceOf)
    if _slides(bounds):
        layout.show(ctx, whole.states, place, Role.STEP, _SLIDING)
        ctx.layouts.show(made.key, place, Evidence(Role.STEP, _SLIDING, ctx.site))
    return ctx.settle(results.given(made))


def between_open(ctx: Context, value: Tensor, items: tuple[Item, ...]) -> Value | None:
    """``x[:, :, start:]``, of what no RNN has made, with bounds that the file leaves open as it does the axis.

    As long as nobody knows; None for any other subscript.  Of features, of which the next layer may want a number, and
    wherever the numbers that stand for the bounds leave nothing, by chance.
    """
    places = [place for place, item in enumerate(items) if isinstance(item, SliceOf) and item != _WHOLE]
    if len(places) != 1 or not all(item == _WHOLE for item in items[: places[0]]) or ctx.calls.modules(value.states):
        return None
    place, sizes = places[0], shape(value.states)
    bounds = items[place]
    assert isinstance(bounds, SliceOf)
    if place >= len(sizes) or bounds.step is not None or not ctx.facts.free_of(sizes[place]):
        return None
    if not _open(ctx, value, bounds):
        return None
    start, stop = (None if one is None else ctx.facts.integer(one) for one in (bounds.lower, bounds.upper))
    if place < len(sizes) - 1 and range(sizes[place])[start:stop]:
        return None
    return _part(ctx, value, items, place)


def _open(ctx: Context, value: Tensor, bounds: SliceOf) -> bool:
    """Whether a bound is a number that the file leaves open, and none of them has to do with the tensor's sizes."""
    own = frozenset[object]().union(*(ctx.facts.free_of(size) for size in shape(value.states)))
    given = [one for one in (bounds.lower, bounds.upper) if one is not None and one != Lit(None)]
    numbers = [ctx.facts.integer(one) for one in given]
    known = [one for one in numbers if one is not None]
    free = [ctx.facts.free_of(one) for one in known]
    return len(known) == len(given) and any(free) and all(one.isdisjoint(own) for one in free)


def cut(ctx: Context, whole: Tensor, place: int) -> Value:
    """A part of what no RNN has made, as long as nobody knows along the axis at ``place``."""
    return ctx.settle(results.given(_source(ctx, whole, place)))


def _source(ctx: Context, whole: Tensor, place: int, known: int | None = None) -> Given:
    sizes = shape(whole.states)
    length = ctx.facts.generic(("part", ctx.occurrence())) if known is None else known
    made = ctx.the_source(Given(LoopPart(ctx.occurrence(), place), (*sizes[:place], length, *sizes[place + 1 :])))
    for axis in range(len(sizes)):
        for evidence in layout.inherited(ctx, whole.states, axis):
            ctx.layouts.show(made.key, axis, evidence)
    return made


def _moved(item: SliceOf) -> bool:
    """Whether a loop moves a bound, and nothing else is unknown of the slice."""
    bounds = (item.lower, item.upper)
    told = [bound.reason for bound in bounds if isinstance(bound, Unknown)]
    return bool(told) and all(reason in OF_LOOPS for reason in told) and item.step is None


def _slides(item: SliceOf) -> bool:
    """Whether both bounds go on by one each round, so that parts overlap: batches of samples never do."""
    told = [bound.reason for bound in (item.lower, item.upper) if isinstance(bound, Unknown)]
    return len(told) == 2 and set(told) <= {LOOP, COUNTED}
