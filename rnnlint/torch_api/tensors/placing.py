"""Operations that put positions of one tensor into another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from rnnlint.axes.form.normal import MOST_PARTS
from rnnlint.axes.operations import placing, regroup
from rnnlint.axes.operations.checks import wrap
from rnnlint.axes.operations.moves import lost
from rnnlint.axes.reading import sample_orders
from rnnlint.axes.states import Block, Own, Raises, Result, States, Unknown, shape
from rnnlint.torch_api.batches.sorting import order_by, reorder, spread_order
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import constants, if_certain, tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import elementwise
from rnnlint.values.domain import Tensor, Value
from rnnlint.values.origins import Memory
from rnnlint.values.uses import Use

Place: TypeAlias = Callable[[States, int, Sequence[int] | None, States], Result]


@operation(
    "scatter Tensor.scatter_",
    "input dim index src|value",
    rank=0,
    tries="""
        torch.zeros(2, dtype=torch.int64), 0, lengths.argsort(), torch.arange(2)
        x, 1, i.view(1, 2, 1).expand(2, 2, 6), y[:, :2]
        x, 1, (lengths - 1).view(2, 1, 1).expand(2, 1, 6), y[:, :1]
        x, 1, i.view(2, 1, 1), 0.5
        torch.zeros(2, 5, 6, dtype=x.dtype), 1, i.view(1, 2, 1).expand(2, 2, 6), y[:, :2]
        x, 1, i.view(1, 2, 1).expand(1, 2, 6), y[:, :2]
    """,
    refuses="x, 7, i.view(1, 2, 1).expand(2, 2, 6), y[:, :2] -> IndexError",
)
def scatter(ctx: Context, a: Args) -> Value:
    """``result[index[i]] = src[i]``: with the index of a sort, what undoes it."""
    return _placed(ctx, a, placing.scatter, "src")


@operation(
    "index_copy Tensor.index_copy_",
    "input dim index source",
    rank=0,
    tries="""
        x, 1, i, y[:, :2]
        torch.zeros(2, dtype=torch.int64), 0, lengths.argsort(), torch.arange(2)
        x, 1, lengths - 1, y[:, :2]
    """,
    refuses="""
        x, 7, i, y[:, :2] -> IndexError
        x, 1, i, y[:, :3] -> IndexError
        x, 1, i, m -> IndexError
        x, 1, i, y[:, :2, :3] -> RuntimeError
        x, 1, torch.tensor([7]), y[:, :1] -> IndexError
    """,
)
def index_copy(ctx: Context, a: Args) -> Value:
    """Positions of one tensor put at those of another."""
    return _placed(ctx, a, placing.index_copy, "source")


@operation(
    "index_add Tensor.index_add_ index_reduce Tensor.index_reduce_",
    "input dim index source",
    rank=0,
    tries="""
        index_add index_add_: x, 1, i, y[:, :2]
        index_add index_add_: x, 1, torch.tensor([1, 1]), y[:, :2]
        index_add index_add_: x, 1, lengths - 1, y[:, :2]
        index_add index_add_: torch.zeros(2, 5, 6, dtype=x.dtype), 1, lengths - 1, y[:, :2]
        index_reduce index_reduce_: x, 1, i, y[:, :2], 'mean'
    """,
    refuses="index_add index_add_: x, 7, i, y[:, :2] -> IndexError",
)
@operation(
    "scatter_add Tensor.scatter_add_ scatter_reduce Tensor.scatter_reduce_",
    "input dim index src",
    rank=0,
    tries="""
        scatter_add scatter_add_: x, 1, i.view(1, 2, 1).expand(2, 2, 6), y[:, :2]
        scatter_add scatter_add_: torch.zeros(2, 5, 6, dtype=x.dtype), 1, mask.long(), y
        scatter_reduce scatter_reduce_: x, 1, i.view(1, 2, 1).expand(2, 2, 6), y[:, :2], 'sum'
        scatter_add scatter_add_: x, 1, i.view(1, 2, 1).expand(1, 2, 6), y[:, :2]
    """,
)
def index_add(ctx: Context, a: Args) -> Value:
    """Positions of one tensor added to (or otherwise combined with) those of another."""
    return _placed(ctx, a, placing.index_add, "src" if a.op.startswith("scatter") else "source")


@operation(
    "select_scatter",
    "input src dim index",
    rank=0,
    tries="""
        x, y[:, 0], 1, 4
        x, y[..., 2], dim=-1, index=-1
    """,
    refuses="x, y[:, 0], 7, 0 -> IndexError",
)
def select_scatter(ctx: Context, a: Args) -> Value:
    """A tensor with one position of an axis in place of its own."""
    tensor, source = (tensor_of(ctx, a.get(name)) for name in ("input", "src"))
    axis, position = ctx.facts.integer(a.get("dim")), ctx.facts.integer(a.get("index"))
    if not isinstance(tensor, Tensor) or not isinstance(source, Tensor) or axis is None or position is None:
        ctx.use(source, Use.ELSEWHERE)
        return untold(ctx, tensor)
    place = wrap(axis, len(shape(tensor.states)))
    if isinstance(place, Raises):
        return if_certain(ctx, place, tensor)
    size = shape(tensor.states)[place] if shape(tensor.states) else 0
    beside = regroup.unsqueeze(source.states, place)
    if isinstance(beside, (Raises, Unknown)):
        return ctx.settle(beside)
    return if_certain(ctx, placing.index_copy(tensor.states, place, (position % max(size, 1),), beside), tensor)


@operation(
    "slice_scatter",
    "input src dim start end step",
    rank=0,
    tries="""
        x, y[:, 1:3], 1, 1, 3
        x, y[:1], 0, 1
        x, y[:, ::2], dim=1, step=2
    """,
)
def slice_scatter(ctx: Context, a: Args) -> Value:
    """A tensor with a stretch of an axis in place of its own."""
    tensor, source = (tensor_of(ctx, a.get(name)) for name in ("input", "src"))
    axis = ctx.facts.integer(a["dim"]) if "dim" in a else 0
    bounds = [ctx.facts.integer(a.get(name)) for name in ("start", "end", "step")]
    open_ = [
        name for name, bound in zip(("start", "end", "step"), bounds, strict=True) if bound is None and a.get(name)
    ]
    there = isinstance(tensor, Tensor) and axis is not None and -len(shape(tensor.states)) <= axis
    if not isinstance(tensor, Tensor) or not isinstance(source, Tensor) or axis is None or open_ or not there:
        ctx.use(source, Use.ELSEWHERE)
        return untold(ctx, tensor)
    if axis >= len(shape(tensor.states)) or (bounds[2] or 1) < 1 or shape(tensor.states)[axis] > MOST_PARTS:
        ctx.use(source, Use.ELSEWHERE)
        return untold(ctx, tensor, "a stretch of an axis that is not known")
    entries = range(shape(tensor.states)[axis])[slice(*bounds)]
    return if_certain(ctx, placing.index_copy(tensor.states, axis, tuple(entries), source.states), tensor)


@operation(
    "masked_scatter Tensor.masked_scatter_ index_put torch.index_put_ Tensor.index_put_ put Tensor.put_",
    "input mask|indices|index source|values|tensor",
    rank=None,
    tries="""
        ? masked_scatter masked_scatter_: x, mask, y
        ? index_put index_put_: x, (i,), y
        ? put put_: x, i, v[:2]
    """,
)
def put(ctx: Context, a: Args) -> Value:
    """Elements put into a tensor one by one."""
    for value in a.named.values():
        ctx.use(value, Use.ELSEWHERE)
    tensor = tensor_of(ctx, a.get("input"))
    if a.op.endswith("_") and isinstance(tensor, Tensor):
        ctx.fresh_tensors.overwrite(tensor.states, Memory.MIXED)
    return Unknown("elements put into a tensor one by one")


def _placed(ctx: Context, a: Args, place: Place, name: str) -> Value:
    tensor, source = tensor_of(ctx, a.get("input")), a.named.get(name, Unknown("no source"))
    axis, index = ctx.facts.integer(a.get("dim")), a.named.get("index", Unknown("no index"))
    if isinstance(source, Tensor) and axis is not None and place is not placing.index_add:
        restored = _restored(ctx, source, axis, index)
        if restored is not None:
            return restored
    ctx.use(index, Use.ELSEWHERE)
    if not isinstance(tensor, Tensor) or axis is None:
        ctx.use(source, Use.ELSEWHERE)
        return untold(ctx, tensor)
    if a.op.endswith("_"):
        ctx.fresh_tensors.overwrite(tensor.states, Memory.MIXED)
    if not isinstance(source, Tensor):  # a number, or something that is not known
        kept = elementwise.arithmetic(ctx, "+", tensor, source)
        return elementwise.masked(ctx, kept) if isinstance(kept, Tensor) else kept
    sizes, theirs = shape(tensor.states), shape(source.states)
    entries = _entries(index, axis, theirs)
    there = wrap(axis, len(sizes))
    if entries is not None or isinstance(there, Raises):
        return if_certain(ctx, place(tensor.states, axis, entries, source.states), tensor)
    beside = [dim for dim in range(len(sizes)) if dim != there]
    if len(theirs) != len(sizes) or not sizes or any(theirs[dim] != sizes[dim] for dim in beside):
        ctx.use(source, Use.ELSEWHERE)
        return untold(ctx, tensor, f"{a.op}() that fits in some programs only")
    anywhere = ctx.settle(lost(source.states, there, sizes[there]))
    return elementwise.blended(ctx, tensor, anywhere) if isinstance(anywhere, Tensor) else anywhere


def _restored(ctx: Context, source: Tensor, axis: int, index: Value) -> Tensor | None:
    """What is put at the places that the index of a sort says: its order undone."""
    rank = len(shape(source.states))
    if not -rank <= axis < rank:
        return None
    order = order_by(index) or spread_order(index, axis % rank)
    return None if order is None else reorder(ctx, source, axis % rank, sample_orders.inverse(order))


def _entries(index: Value, axis: int, theirs: tuple[int, ...]) -> tuple[int, ...] | None:
    """The positions that an index says, where they are constants, the same over all other axes of the source."""
    numbers = constants(index)
    if numbers is None or not isinstance(index, Tensor) or not isinstance(index.states, Block):
        return None
    sizes = shape(index.states)
    if len(sizes) == 1:
        return numbers
    along = [number for number in range(len(sizes)) if sample_orders.along(index.states, number) == Own(0)]
    told = sizes == theirs and along == [axis % len(sizes)] and sizes[along[0]] == len(numbers)
    return numbers if told else None
