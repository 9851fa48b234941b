"""Views of tensors whose rank is not known: how many axes they show, and which of them they keep."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import takewhile
from math import prod
from typing import NoReturn

from rnnlint.axes import results
from rnnlint.axes.operations import combine
from rnnlint.axes.states import Given, Unknown, Viewed
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import untold
from rnnlint.torch_api.tensors.less_one import is_last_valid
from rnnlint.values.domain import Formless, SizeOf, Tensor, Value
from rnnlint.values.origins import LastValid, PaddedBatch
from rnnlint.values.roots import base, padding_in
from rnnlint.values.uses import Use


def kept(ctx: Context, tensor: Formless, sizes: Sequence[int]) -> int:
    """How many axes a view keeps, the first ones: those that it gives their own extents."""
    places = takewhile(lambda place: ctx.facts.axis_of(tensor, sizes[place]) == place, range(len(sizes)))
    return len(tuple(places))


def regrouped(ctx: Context, tensor: Formless, sizes: tuple[int, ...], kept: int) -> Value:
    """What a tensor of unknown rank becomes in another shape, of whose axes the first ones are ``kept``."""
    # in the order in which it lies, what fills up a sample stays at its end
    padding = padding_in(tensor.root) if kept > 1 or (kept == 1 and len(sizes) > 2) else None
    key: Hashable = Viewed(ctx.occurrence()) if padding is None else PaddedBatch(ctx.occurrence(), padding)
    # not behind a squeeze: which axes are left is not known
    for axis in range(kept if tensor.change >= 0 else 0):
        evidence = ctx.layouts.shown(base(tensor.root), axis)
        if evidence is not None:
            ctx.layouts.show(key, axis, evidence)
    return ctx.settle(ctx.given(key, sizes))


def of_rank(ctx: Context, tensor: Formless, rank: int) -> NoReturn:
    """A tensor has so many axes, and so had what it was made of: the run is repeated with that."""
    own = base(tensor.root)
    root = tensor.root if isinstance(ctx.facts.tensor(own), Tensor) else own
    ctx.facts.rank(Formless(root, tensor.change), rank)


def expanded(ctx: Context, tensor: Formless, sizes: tuple[int, ...]) -> Value:
    """What a tensor of unknown rank is, expanded to sizes: of as many axes as these.

    An axis that keeps its extent (-1) is one that it has: where that is the first one, it has all of them.  What stands
    in front of the first of these may be new axes.
    """
    added = next((place for place, size in enumerate(sizes) if size == -1), len(sizes))
    if added == 0 and sizes:
        of_rank(ctx, tensor, len(sizes))
    if added < len(sizes) and set(sizes[:added]) == {1} and set(sizes[added:]) == {-1}:
        return Formless(tensor.root, tensor.change + added)
    made = tuple(
        ctx.facts.generic(("rest", ctx.occurrence(), tensor, place)) if size == -1 else size
        for place, size in enumerate(sizes)
    )
    if min(made, default=0) < 0:
        return untold(ctx, tensor)
    ctx.use(tensor, Use.ELSEWHERE)
    last = is_last_valid(tensor.root)
    return ctx.settle(ctx.given(LastValid(ctx.occurrence()) if last else Viewed(ctx.occurrence()), made))


def flattened(ctx: Context, tensor: Formless, start: int) -> Value:
    """All axes from one on as one: how many there were does not show."""
    sizes = [ctx.facts.integer(ctx.facts.size_of(SizeOf(tensor), axis)) for axis in range(start)]
    known = [size for size in sizes if size is not None]
    if len(known) < start:
        return Unknown("flatten() of a tensor of unknown rank")
    return regrouped(ctx, tensor, (*known, ctx.facts.generic(("flattened", ctx.occurrence()))), start)


def rank_by_view(ctx: Context, tensor: Formless, sizes: tuple[int, ...]) -> None:
    """A view that names the axes in another order shows how many there are: these, and a last one that it names anew.

    The axes can be named on the tensor before it was embedded, which adds the last one.
    """
    for named in (tensor, Formless(tensor.root, tensor.change - 1)):
        axes = [ctx.facts.axis_of(named, size) for size in sizes]
        own = [axis for axis in axes if axis is not None]
        others = sum(1 for axis, size in zip(axes, sizes, strict=True) if axis is None and size != 1)
        if own != sorted(own) and sorted(own) == list(range(len(own))) and others <= 1:
            ctx.facts.rank(tensor, len(own) + others)


def rows(ctx: Context, tensor: Formless, sizes: tuple[int, ...]) -> Tensor | None:
    """A tensor of unknown rank with all axes but the last as one, which no view can tell from it.

    None where the extent of its last axis is not known, or no whole number of rows fits the view.
    """
    width = tensor.width
    if not width:  # a layer without features is one that torch allows
        return None
    rest = prod(sizes)
    if rest < 0:
        count = ctx.facts.generic(("rows", ctx.occurrence()))
        fits = count * width % -rest == 0
    else:
        count, fits = rest // width, rest % width == 0 and rest > width
    if not fits:
        return None
    before = ctx.the_source(Given(Viewed(ctx.occurrence()), (count, ctx.facts.generic(("width", ctx.occurrence())))))
    made = ctx.settle(combine.contract(results.given(before), width))
    return made if isinstance(made, Tensor) else None


def open_sizes(ctx: Context, written: tuple[Value, ...]) -> tuple[int, ...] | None:
    """The sizes of a view of which some are not known, such as those of something that is not followed."""
    known = written if len(written) > 1 else ctx.containers.elements(written[0]) if written else None
    if known is None:
        return None
    numbers = [ctx.facts.integer(value) for value in known]
    return tuple(
        ctx.facts.generic(("size", place, ctx.occurrence())) if number is None else number
        for place, number in enumerate(numbers)
    )
