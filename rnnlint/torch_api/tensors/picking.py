"""Operations that pick positions of axes."""

from __future__ import annotations

from rnnlint.axes.operations import axis_order, indexing, select
from rnnlint.axes.states import Position, Raises, Result, Somewhere, Unknown, shape
from rnnlint.torch_api.batches.sorting import order_by, reorder, spread_order, unranked_index
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.misreads import known_as_state
from rnnlint.torch_api.operands import axes_of, constants, if_certain, integers, tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import indexing as subscripts
from rnnlint.torch_api.tensors import loop_windows, same_number
from rnnlint.torch_api.tensors.indexing import COUNTED, OF_LOOPS, ONE, STRIDED, SliceOf
from rnnlint.torch_api.tensors.less_one import LAST_ROUND, is_lengths_less_one
from rnnlint.values.domain import Formless, Free, Lit, Tensor, Value
from rnnlint.values.uses import Use

ONLY_MOVES = True  # every element of what these return is one they were given (see torch_api.catalogue.moving)


@operation(
    "select",
    "input dim index",
    rank=-1,
    tries="""
        x, 1, 4
        x, -2, -1
        x, dim=1, index=0
    """,
    refuses="""
        x, 1, 7 -> IndexError
        x, 7, 0 -> IndexError
        s, 0, 0 -> IndexError
    """,
)
def pick(ctx: Context, a: Args) -> Value:
    """One position of an axis."""
    moved = _moved_by_a_loop(ctx, a, "index")
    if moved is not None:
        return moved
    tensor, axes = tensor_of(ctx, a.get("input")), axes_of(ctx, a, "dim", "index")
    if not isinstance(tensor, Tensor) or axes is None:
        return untold(ctx, tensor)
    if axes[0] in (0, -3):
        known_as_state(ctx, tensor)
    return if_certain(ctx, select.select(tensor.states, *axes), tensor)


@operation(
    "narrow",
    "input dim start length",
    rank=0,
    tries="""
        x, 1, 1, 3
        x, -1, 3, 3
        x, dim=2, start=0, length=3
    """,
    refuses="""
        x, 7, 0, 1 -> IndexError
        x, 1, 7, 1 -> IndexError
        x, 1, 4, 3 -> RuntimeError
        x, 1, 0, -1 -> RuntimeError
    """,
)
def narrow(ctx: Context, a: Args) -> Value:
    """A stretch of an axis."""
    moved = _moved_by_a_loop(ctx, a, "start")
    if moved is not None:
        return moved
    tensor, axes = tensor_of(ctx, a.get("input")), axes_of(ctx, a, "dim", "start", "length")
    if not isinstance(tensor, Tensor) or axes is None:
        return untold(ctx, tensor)
    return if_certain(ctx, select.length_of(tensor.states, *axes), tensor)


def _moved_by_a_loop(ctx: Context, a: Args, name: str) -> Value | None:
    """A position, or a stretch that begins, where a loop has come to, as a subscript takes it; None for any other."""
    tensor, axis, place = tensor_of(ctx, a.get("input")), ctx.facts.integer(a.get("dim")), a.get(name)
    rank = len(shape(tensor.states)) if isinstance(tensor, Tensor) else 0
    if not isinstance(tensor, Tensor) or axis is None or not -rank <= axis < rank:
        return None
    before = (SliceOf(None, None, None),) * (axis % rank)
    if name == "index" and isinstance(place, Lit) and LAST_ROUND in place.origins:
        return subscripts.index(ctx, tensor, (*before, place))  # which knows that of samples it is one like the others
    if not isinstance(place, Unknown) or place.reason not in OF_LOOPS:
        return None
    if name == "index" or a.get("length") == Lit(1):
        return subscripts.index(ctx, tensor, (*before, place if name == "index" else ONE))
    alike = place.reason != STRIDED and isinstance(a["length"], (Lit, Free))
    end = Unknown(COUNTED if alike else STRIDED)
    return loop_windows.part(ctx, tensor, (*before, SliceOf(place, end, None)))


@operation(
    "index_select",
    "input dim index",
    rank=0,
    tries="""
        x, 0, i
        x, 1, torch.tensor([4])
        x, 1, lengths - 1
        x, 1, mask[0, 0, :3].long()
        x, 0, mask[0, 0, :2].nonzero()[:, 0]
    """,
    refuses="""
        x, 7, torch.tensor([0]) -> IndexError
        x, 0, torch.tensor([7]) -> IndexError
    """,
)
def index_select(ctx: Context, a: Args) -> Value:
    """Positions of an axis, given by a tensor: where it is not known which ones, any of them."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.facts.integer(a.get("dim"))
    index = ctx.facts.tensor(a["index"]) if "index" in a else Unknown("no index")
    if not isinstance(tensor, Tensor) or axis is None:
        return untold(ctx, tensor)
    numbers = constants(index)
    if numbers is not None:
        return ctx.settle(select.index_select(tensor.states, axis, numbers, len(numbers)))
    rank = len(shape(tensor.states))
    each = same_number.number_of(ctx, index)
    if each is not None and isinstance(index, Tensor) and -rank <= axis < rank:
        picks = indexing.Picks(None, shape(index.states) or (1,), None, each)
        if 0 <= each < shape(tensor.states)[axis]:
            return ctx.settle(indexing.index(tensor.states, (*(slice(None),) * (axis % rank), picks)))
    order = order_by(a.get("index"))
    if order is not None and -len(shape(tensor.states)) <= axis < len(shape(tensor.states)):
        return reorder(ctx, tensor, axis % len(shape(tensor.states)), order)
    ctx.use(index, Use.ELSEWHERE)
    if isinstance(index, Formless) and unranked_index(index):
        ctx.facts.rank(index, 1)  # torch takes no other: what was sorted is a vector
    if isinstance(index, Tensor) and -rank <= axis < rank and points_at_last(index):
        count = shape(index.states)[0] if shape(index.states) else 1
        sizes = tuple(count if number == axis % rank else size for number, size in enumerate(shape(tensor.states)))
        return ctx.settle(indexing.gather(tensor.states, axis, sizes, Somewhere.LAST_VALID))
    return ctx.settle(select.index_select(tensor.states, axis, None, _count(ctx, index)))


def _count(ctx: Context, index: Value) -> int:
    """How many positions an index of one axis picks."""
    if isinstance(index, Tensor):
        return shape(index.states)[0] if shape(index.states) else 1
    return ctx.facts.generic(("positions", ctx.occurrence()))


@operation(
    "take_along_dim",
    "input index|indices dim",
    rank=0,
    tries="x, i.view(2, 1, 1).expand(2, 1, 6), 1\nx, i.view(2, 1, 1), 1",
)
@operation(
    "gather",
    "input dim index",
    rank=0,
    tries="""
        x, 1, i.view(2, 1, 1).expand(2, 1, 6)
        x, 1, i.view(2, 1, 1)
        x, 1, i.view(1, 2, 1).expand(2, 2, 6)
        x, 1, (lengths - 1).view(2, 1, 1)
        x, -1, mask[:, :, :2].long()
    """,
)
def gather(ctx: Context, a: Args) -> Value:
    """Positions of an axis that differ from place to place (each sample's own last step)."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.facts.integer(a["dim"]) if "dim" in a else None
    if isinstance(a.named.get("dim"), (Tensor, Formless)):
        axis = None
    index = ctx.facts.tensor(a["index"]) if "index" in a else Unknown("no index")
    if not isinstance(tensor, Tensor) or axis is None:
        return untold(ctx, tensor)
    order = spread_order(index, axis % len(shape(tensor.states))) if shape(tensor.states) else None
    if order is not None:
        return reorder(ctx, tensor, axis % len(shape(tensor.states)), order)
    extents = list(shape(tensor.states))
    if not -len(extents) <= axis < len(extents):
        return untold(ctx, tensor)
    each = same_number.number_of(ctx, index)
    where: Position = Somewhere.LAST_VALID if points_at_last(index) else Somewhere.ANYWHERE
    if each is not None and 0 <= each < extents[axis]:
        where = each
    extents[axis] = 1
    narrower = a.op == "gather"  # the other broadcasts its index
    if isinstance(index, Tensor) and len(shape(index.states)) == len(extents):
        extents = [
            wide if number == axis % len(extents) or (narrower and wide < own and not ctx.facts.free_of(wide)) else own
            for number, (wide, own) in enumerate(zip(shape(index.states), extents, strict=True))
        ]
    return ctx.settle(indexing.gather(tensor.states, axis, extents, where))


def points_at_last(value: Value) -> bool:
    """Whether an index is ``lengths - 1``, in whatever shape."""
    return is_lengths_less_one(value.root if isinstance(value, Formless) else value)


@operation("masked_select", "input mask", rank=None, tries="? x, mask")
def masked_select(ctx: Context, a: Args) -> Value:
    """Elements where a mask holds."""
    return untold(ctx, a["input"], "a choice by a mask")


@operation("take", "input index", rank=None, tries="? x, i")
def take(ctx: Context, a: Args) -> Value:
    """Elements of the flat tensor."""
    return untold(ctx, a["input"], "elements picked one by one")


@operation(
    "flip",
    "input *dims",
    rank=0,
    tries="""
        Tensor.flip: x, 1
        x, [0, 1]
        x, dims=(1,)
    """,
    refuses="""
        x, [7] -> IndexError
        x, [1, 1] -> RuntimeError
    """,
)
def flip(ctx: Context, a: Args) -> Value:
    """Reverse axes."""
    tensor, dims = tensor_of(ctx, a.get("input")), integers(ctx, a.rest or ((a["dims"],) if "dims" in a else ()))
    if not isinstance(tensor, Tensor) or dims is None:
        return untold(ctx, tensor)
    return ctx.settle(select.flip(tensor.states, dims))


@operation(
    "fliplr flipud",
    "input",
    rank=0,
    tries="""
        x
        m
    """,
    refuses="""
        fliplr: v -> RuntimeError
        flipud: s -> RuntimeError
    """,
)
def flip_rows(ctx: Context, a: Args) -> Value:
    """Reverse the second axis (``fliplr``) or the first."""
    tensor = tensor_of(ctx, a.get("input"))
    if not isinstance(tensor, Tensor):
        return untold(ctx, tensor)
    axis = 1 if a.op == "fliplr" else 0
    if len(shape(tensor.states)) <= axis:
        raise TorchRaises("RuntimeError", f"Input must be >= {axis + 1}-d.")
    return ctx.settle(select.flip(tensor.states, (axis,)))


@operation(
    "rot90",
    "input k dims",
    rank=0,
    tries="""
        x, 1, (0, 1)
        x, -1, (1, 2)
        x, 2, [0, 2]
        x, dims=(1, 0)
        x
    """,
    refuses="""
        x, 1, (0, 7) -> IndexError
        x, 1, (1, -2) -> RuntimeError
        v -> RuntimeError
    """,
)
def rot90(ctx: Context, a: Args) -> Value:
    """Turn the plane of two axes by quarters, from the first towards the second."""
    tensor = tensor_of(ctx, a.get("input"))
    turns = ctx.facts.integer(a["k"]) if "k" in a else 1
    dims = integers(ctx, (a["dims"],)) if "dims" in a else (0, 1)
    if not isinstance(tensor, Tensor) or turns is None or dims is None or len(dims) != 2:
        return untold(ctx, tensor)
    rank = len(shape(tensor.states))
    if rank < 2:
        raise TorchRaises("RuntimeError", f"expected total dims >= 2, but got total dims = {rank}")
    if dims[0] == dims[1] or abs(dims[0] - dims[1]) == rank:
        raise TorchRaises("RuntimeError", f"expected rotation dims to be different, but got {dims}")
    result: Result = tensor.states
    for _ in range(turns % 4):
        if not isinstance(result, (Raises, Unknown)):
            turned = axis_order.transpose(result, *dims)
            result = turned if isinstance(turned, (Raises, Unknown)) else select.flip(turned, dims[:1])
    return ctx.settle(result)


@operation(
    "roll",
    "input shifts dims",
    rank=0,
    tries="""
        x, 1, 1
        x, 2
        x, (1, 2), (0, 1)
    """,
    refuses="""
        x, 1, 7 -> IndexError
        x, (1, 2), 1 -> RuntimeError
        x, (1, 2) -> RuntimeError
    """,
)
def roll(ctx: Context, a: Args) -> Value:
    """Turn axes around."""
    tensor = tensor_of(ctx, a.get("input"))
    given = [integers(ctx, (a[name],)) if name in a else () for name in ("shifts", "dims")]
    if not isinstance(tensor, Tensor) or given[0] is None or given[1] is None:
        return untold(ctx, tensor)
    return ctx.settle(select.roll(tensor.states, given[0], given[1]))
