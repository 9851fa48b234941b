"""Operations that pick positions of axes."""

from __future__ import annotations

from rnnlint.axes import indexing, results, select
from rnnlint.axes.states import Block, Given, Somewhere, Unknown, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.indexing import SORTED, is_last_valid
from rnnlint.torch_api.operands import axes_of, if_certain, integers, source_key, tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.values.domain import (
    Formless,
    Items,
    Tensor,
    Value,
)


@operation("select", "input dim index", rank=-1)
def pick(ctx: Context, a: Args) -> Value:
    """One position of an axis."""
    tensor, axes = tensor_of(ctx, a.get("input")), axes_of(ctx, a, "dim", "index")
    if not isinstance(tensor, Tensor) or axes is None:
        return untold(ctx, tensor)
    return if_certain(ctx, select.select(tensor.states, *axes), tensor)


@operation("narrow", "input dim start length", rank=0)
def narrow(ctx: Context, a: Args) -> Value:
    """A stretch of an axis."""
    tensor, axes = tensor_of(ctx, a.get("input")), axes_of(ctx, a, "dim", "start", "length")
    if not isinstance(tensor, Tensor) or axes is None:
        return untold(ctx, tensor)
    return if_certain(ctx, select.length_of(tensor.states, *axes), tensor)


@operation("index_select", "input dim index", rank=0)
def index_select(ctx: Context, a: Args) -> Value:
    """Positions of an axis, given by a tensor: which ones is rarely known, so the axis keeps its meaning whole."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.integer(a.get("dim"))
    index = ctx.tensor(a["index"]) if "index" in a else Unknown("no index")
    if not isinstance(tensor, Tensor) or axis is None:
        return untold(ctx, tensor)
    numbers = _constants(index)
    if numbers is not None:
        return ctx.settle(select.index_select(tensor.states, axis, numbers, len(numbers)))
    return tensor if _reorders(index) else untold(ctx, tensor, "an index_select by an unknown tensor")


def _constants(index: Value) -> tuple[int, ...] | None:
    """The numbers of a tensor made from constants."""
    if isinstance(index, Tensor) and isinstance(index.states, Block) and isinstance(index.states.source, Given):
        key = index.states.source.key
        if isinstance(key, tuple) and key[:1] == ("constants",):
            numbers: tuple[int, ...] = key[1]
            return numbers
    return None


def _reorders(index: Value) -> bool:
    """Whether an index is a permutation (what ``sort`` and ``argsort`` return)."""
    return source_key(index)[:1] == ("permutation",)


@operation("gather take_along_dim", "input dim index", rank=0)
def gather(ctx: Context, a: Args) -> Value:
    """Positions of an axis that differ from place to place (each sample's own last step)."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.integer(a["dim"]) if "dim" in a else None
    if isinstance(a.named.get("dim"), Tensor | Formless):
        axis = None
    index = ctx.tensor(a["index"]) if "index" in a else Unknown("no index")
    if not isinstance(tensor, Tensor) or axis is None:
        return untold(ctx, tensor)
    where = Somewhere.LAST_VALID if points_at_last(index) else Somewhere.ANYWHERE
    extents = list(shape(tensor.states))
    if not -len(extents) <= axis < len(extents):
        return untold(ctx, tensor)
    extents[axis] = 1
    if isinstance(index, Tensor) and len(shape(index.states)) == len(extents) and shape(index.states)[axis] != 1:
        return untold(ctx, tensor, "a gather of several positions")
    return ctx.settle(indexing.gather(tensor.states, axis, extents, where))


def points_at_last(value: Value) -> bool:
    """Whether an index is ``lengths - 1``, in whatever shape."""
    return is_last_valid(value.root) if isinstance(value, Formless) else source_key(value)[:1] == ("last valid",)


@operation("masked_select", "input mask", rank=None)
def masked_select(ctx: Context, a: Args) -> Value:
    """Elements where a mask holds."""
    return untold(ctx, a["input"], "a choice by a mask")


@operation("flip torch.fliplr torch.flipud", "input *dims", rank=0)
def flip(ctx: Context, a: Args) -> Value:
    """Reverse axes."""
    tensor, dims = tensor_of(ctx, a.get("input")), integers(ctx, a.rest or ((a["dims"],) if "dims" in a else ()))
    if not isinstance(tensor, Tensor) or dims is None:
        return untold(ctx, tensor)
    return ctx.settle(select.flip(tensor.states, dims))


@operation("roll", "input shifts dims", rank=0)
def roll(ctx: Context, a: Args) -> Value:
    """Turn axes around."""
    tensor = tensor_of(ctx, a.get("input"))
    given = [integers(ctx, (a[name],)) if name in a else () for name in ("shifts", "dims")]
    if not isinstance(tensor, Tensor) or given[0] is None or given[1] is None:
        return untold(ctx, tensor)
    return ctx.settle(select.roll(tensor.states, given[0], given[1]))


@operation("sort", "input dim descending stable", rank=None)
def sort(ctx: Context, a: Args) -> Value:
    """``(values, indices)``: the indices are a permutation."""
    tensor = tensor_of(ctx, a.get("input"))
    ctx.use(tensor, "elsewhere")
    return Items((_permuted(ctx, tensor, "sorted"), _permuted(ctx, tensor, "permutation")))


@operation("argsort", "input dim descending stable", rank=None)
def argsort(ctx: Context, a: Args) -> Value:
    """Indices that sort: a permutation."""
    return _permuted(ctx, tensor_of(ctx, a.get("input")), "permutation")


def _permuted(ctx: Context, tensor: Value, what: str) -> Value:
    if not isinstance(tensor, Tensor):
        return Unknown(SORTED)
    return ctx.settle(results.given(Given((what, ctx.occurrence()), shape(tensor.states))))
