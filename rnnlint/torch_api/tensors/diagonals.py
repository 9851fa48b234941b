"""Diagonals, and windows."""

from __future__ import annotations

from rnnlint.axes.operations import axis_order, combine, placing, regroup, select
from rnnlint.axes.reading import notes
from rnnlint.axes.states import Note, Raises, Result, Unknown, shape
from rnnlint.torch_api.batches.lengths import in_windows
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.operands import axes_of, if_certain, tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.values.domain import Tensor, Value
from rnnlint.values.origins import Unfolded


@operation(
    "diagonal",
    "input offset dim1 dim2",
    rank=-1,
    tries="""
        x
        x, 1
        x, 0, 1, 2
        x, -1, dim1=2, dim2=0
        x, offset=2, dim1=-2, dim2=-1
    """,
    refuses="""
        x, 0, 0, 7 -> IndexError
        x, 0, 1, -2 -> RuntimeError
    """,
)
def diagonal(ctx: Context, a: Args) -> Value:
    """Where two axes run together, as a new last axis."""
    tensor = tensor_of(ctx, a.get("input"))
    numbers = [ctx.facts.integer(a[name]) if name in a else default for name, default in _WHERE]
    offset, one, other = numbers
    if not isinstance(tensor, Tensor) or offset is None or one is None or other is None:
        return untold(ctx, tensor)
    return _along(ctx, tensor, offset, one, other)


_WHERE = (("offset", 0), ("dim1", 0), ("dim2", 1))


def _along(ctx: Context, tensor: Tensor, offset: int, one: int, other: int) -> Value:
    sizes = shape(tensor.states)
    there = all(-len(sizes) <= axis < len(sizes) for axis in (one, other))
    if there and sizes[one] != sizes[other] and (ctx.facts.free_of(sizes[one]) or ctx.facts.free_of(sizes[other])):
        return untold(ctx, tensor, "a diagonal of a matrix whose sizes are not known")
    # of all pairs of samples those that belong together are taken
    states = notes.without(tensor.states, Note.SAMPLES_CROSSED)
    return if_certain(ctx, placing.diagonal(states, offset, one, other), tensor)


@operation(
    "diag",
    "input diagonal",
    rank="any",
    tries="""
        m
        m, 1
        v
        ? v, 1
    """,
    refuses="x -> RuntimeError",
)
def diag(ctx: Context, a: Args) -> Value:
    """The diagonal of a matrix, or a matrix with a vector along its diagonal."""
    tensor, offset = tensor_of(ctx, a.get("input")), ctx.facts.integer(a["diagonal"]) if "diagonal" in a else 0
    if not isinstance(tensor, Tensor) or offset is None:
        return untold(ctx, tensor)
    rank = len(shape(tensor.states))
    if rank == 2:
        return _along(ctx, tensor, offset, 0, 1)
    if rank != 1:
        raise TorchRaises("RuntimeError", f"diag(): Supports 1D or 2D tensors. Got {rank}D")
    return if_certain(ctx, placing.diag_embed(tensor.states, offset), tensor)


@operation(
    "diag_embed",
    "input offset dim1 dim2",
    rank=1,
    tries="""
        v
        x
        x, 0, 0, 1
        x, dim1=0, dim2=-1
        x, offset=0
        ? x, 1
    """,
    refuses="""
        x, 0, 0, 7 -> IndexError
        x, 0, 1, 1 -> RuntimeError
    """,
)
def diag_embed(ctx: Context, a: Args) -> Value:
    """The last axis along the diagonal of two, with zeros beside it."""
    tensor = tensor_of(ctx, a.get("input"))
    offset, one, other = (
        ctx.facts.integer(a[name]) if name in a else default
        for name, default in (("offset", 0), ("dim1", -2), ("dim2", -1))
    )
    if not isinstance(tensor, Tensor) or offset is None or one is None or other is None:
        return untold(ctx, tensor)
    return if_certain(ctx, placing.diag_embed(tensor.states, offset, one, other), tensor)


@operation(
    "diagflat",
    "input offset",
    rank="any",
    tries="""
        m
        v
    """,
)
def diagflat(ctx: Context, a: Args) -> Value:
    """All elements along the diagonal of a matrix, with zeros beside them."""
    tensor, offset = tensor_of(ctx, a.get("input")), ctx.facts.integer(a["offset"]) if "offset" in a else 0
    if not isinstance(tensor, Tensor) or offset is None:
        return untold(ctx, tensor)
    flat: Result = regroup.flatten(tensor.states, 0, -1)
    return ctx.settle(flat if isinstance(flat, (Raises, Unknown)) else placing.diag_embed(flat, offset))


@operation("trace", "input", rank="any", tries="m", refuses="x -> RuntimeError")
def trace(ctx: Context, a: Args) -> Value:
    """The sum of the diagonal of a matrix."""
    tensor = tensor_of(ctx, a.get("input"))
    if not isinstance(tensor, Tensor):
        return untold(ctx, tensor)
    if len(shape(tensor.states)) != 2:
        raise TorchRaises("RuntimeError", f"trace: expected a matrix, but got tensor with dim {shape(tensor.states)}")
    along = _along(ctx, tensor, 0, 0, 1)
    return ctx.settle(combine.reduce(along.states)) if isinstance(along, Tensor) else along


def _many(ctx: Context, tensor: Tensor, size: int, step: int) -> Tensor:
    """More windows along the first axis of what no RNN has made than are told apart."""
    length, *others = shape(tensor.states)
    open_ = ctx.facts.open(length) or ctx.facts.open(size)
    count = ctx.facts.generic(("windows", ctx.occurrence(), 0)) if open_ else (length - size) // step + 1
    return Tensor(ctx.given(Unfolded(ctx.occurrence()), (count, *others, size)))


@operation(
    "Tensor.unfold",
    "input dimension size step",
    rank=1,
    tries="""
        x, 2, 3, 3
        x, 1, 2, 2
        x, -1, 6, 1
        x, 1, 3, 1
        x, 1, 2, 3
        m, 0, 2, 1
    """,
    refuses="""
        x, 7, 1, 1 -> IndexError
        x, 1, 9, 1 -> RuntimeError
        x, 1, -1, 1 -> RuntimeError
        x, 1, 1, 0 -> RuntimeError
    """,
)
def unfold(ctx: Context, a: Args) -> Value:
    """Windows along an axis, as a new last axis."""
    tensor, given = tensor_of(ctx, a.get("input")), axes_of(ctx, a, "dimension", "size", "step")
    if not isinstance(tensor, Tensor) or given is None:
        return untold(ctx, tensor)
    axis, size, step = given
    sizes = shape(tensor.states)
    of_one = bool(sizes) and axis % len(sizes) == 0 and not ctx.calls.modules(tensor.states)
    tensor = in_windows(ctx, tensor) if of_one else tensor
    if not -len(sizes) <= axis < len(sizes) or size < 1 or sizes[axis] < size or (step != size != sizes[axis]):
        result = placing.windows(tensor.states, axis, size, step)
        if of_one and isinstance(result, Unknown) and step > 0:
            return in_windows(ctx, _many(ctx, tensor, size, step))
        return if_certain(ctx, result, tensor)
    place = axis % len(sizes)
    whole = select.narrow(tensor.states, place, 0, sizes[place] // size * size)
    split = whole if isinstance(whole, (Raises, Unknown)) else regroup.unflatten(whole, place, (-1, size))
    return ctx.settle(split if isinstance(split, (Raises, Unknown)) else axis_order.movedim(split, place + 1, -1))
