"""Operations on tensors: each under its qualified name, as a function and as a method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from rnnlint.axes import combine, indexing, order, patterns, regroup, results, select
from rnnlint.axes.states import Block, Given, Raises, Result, Somewhere, States, Unknown, shape
from rnnlint.events import Compared, Joining, PairRead, Parted, ResultRead, Squeezed
from rnnlint.torch_api import layers
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.indexing import SORTED, blended, is_last_valid
from rnnlint.torch_api.recurrent import NEW, read_as_tensor
from rnnlint.torch_api.registry import Args, operation
from rnnlint.values.domain import (
    Along,
    Either,
    Formless,
    Free,
    Items,
    Lit,
    Packed,
    PairOf,
    ResultOf,
    SizeOf,
    Tensor,
    Value,
)

Parts: TypeAlias = tuple[Result, ...] | Raises | Unknown
NOT_KNOWN = "an argument of a tensor operation is not known"


def tensor_of(ctx: Context, value: Value | None) -> Tensor | Formless | Unknown:
    return Unknown("no input") if value is None else ctx.tensor(value)


def integers(ctx: Context, values: Sequence[Value]) -> tuple[int, ...] | None:
    """Several sizes or axes, given one by one or as one sequence."""
    if len(values) == 1 and not isinstance(values[0], Lit | Free):
        known = ctx.elements(values[0])
        if known is None:
            return None
        values = known
    numbers = [ctx.integer(value) for value in values]
    return None if None in numbers else tuple(n for n in numbers if n is not None)


def _unless_open(ctx: Context, value: Value, reason: str = NOT_KNOWN) -> Value:
    ctx.use(value, "elsewhere")
    return Unknown(reason)


# --- order -----------------------------------------------------------------------------------------------------------


def _axes_of(ctx: Context, a: Args, *names: str) -> tuple[int, ...] | None:
    numbers = [ctx.integer(a.get(name)) for name in names]
    return None if None in numbers else tuple(n for n in numbers if n is not None)


@operation(
    "torch.transpose Tensor.transpose torch.swapaxes Tensor.swapaxes torch.swapdims Tensor.swapdims",
    "input dim0|axis0 dim1|axis1",
    rank=0,
)
def transpose(ctx: Context, a: Args) -> Value:
    """Swap two axes."""
    tensor, axes = tensor_of(ctx, a.get("input")), _axes_of(ctx, a, "dim0", "dim1")
    if not isinstance(tensor, Tensor) or axes is None:
        return _unless_open(ctx, tensor)
    return ctx.settle(order.transpose(tensor.states, *axes))


@operation("torch.permute Tensor.permute", "input *dims", rank="any")
def permute(ctx: Context, a: Args) -> Value:
    """Reorder the axes; their number is the rank."""
    dims = integers(ctx, a.rest or ((a["dims"],) if "dims" in a else ()))
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless) and dims is not None:
        ctx.rank(tensor, len(dims))
    if not isinstance(tensor, Tensor) or dims is None:
        return _unless_open(ctx, tensor)
    return ctx.settle(order.permute(tensor.states, dims))


@operation("torch.movedim Tensor.movedim torch.moveaxis Tensor.moveaxis", "input source destination", rank=0)
def movedim(ctx: Context, a: Args) -> Value:
    """Move axes to other places."""
    tensor = tensor_of(ctx, a.get("input"))
    places = [integers(ctx, (a[name],)) if name in a else None for name in ("source", "destination")]
    if not isinstance(tensor, Tensor) or places[0] is None or places[1] is None:
        return _unless_open(ctx, tensor)
    return ctx.settle(order.movedim(tensor.states, places[0], places[1]))


@operation("torch.t Tensor.t", "input", rank="any")
def t(ctx: Context, a: Args) -> Value:
    """Transpose a matrix."""
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless):
        ctx.rank(tensor, 2)
    return ctx.settle(order.t(tensor.states)) if isinstance(tensor, Tensor) else tensor


# --- shape -----------------------------------------------------------------------------------------------------------


@operation("torch.reshape Tensor.reshape Tensor.view", "input *shape|size", rank="any")
def reshape(ctx: Context, a: Args) -> Value:
    """Regroup in row-major order; one size may be -1."""
    tensor = tensor_of(ctx, a.get("input"))
    written = a.rest or ((a["shape"],) if "shape" in a else ())
    if len(written) == 1 and isinstance(written[0], SizeOf):
        return _unless_open(ctx, tensor)
    sizes = integers(ctx, written)
    if sizes is None:
        return _unless_open(ctx, tensor, "a view whose sizes are not known")
    if isinstance(tensor, Formless):
        own = [axis for axis in (ctx.axis_of(tensor, size) for size in sizes) if axis is not None]
        if own != sorted(own) and sorted(own) == list(range(len(own))):
            ctx.rank(tensor, len(own) + (-1 in sizes))  # a view that names the axes in another order
        fresh = tuple(ctx.generic(("rest", ctx.occurrence(), tensor)) if size == -1 else size for size in sizes)
        what = "last valid" if is_last_valid(tensor.root) else "view"
        return ctx.settle(results.given(Given((what, ctx.occurrence()), fresh)))
    if not isinstance(tensor, Tensor):
        return tensor
    return reshaped(ctx, tensor.states, sizes)


def reshaped(ctx: Context, states: States, sizes: tuple[int, ...]) -> Value:
    result = regroup.reshape(states, sizes)
    if isinstance(result, Raises):
        ctx.unify(sizes, states)
        if not ctx.certainly(sizes, shape(states)):
            return _unless_open(ctx, Tensor(states), "a view that fits in some programs only")
    return ctx.settle(result)


@operation("Tensor.view_as Tensor.reshape_as", "input other", rank="any")
def reshape_as(ctx: Context, a: Args) -> Value:
    """Regroup to another tensor's shape."""
    tensor, other = tensor_of(ctx, a.get("input")), tensor_of(ctx, a.get("other"))
    if not isinstance(tensor, Tensor) or not isinstance(other, Tensor):
        return _unless_open(ctx, tensor)
    return reshaped(ctx, tensor.states, shape(other.states))


@operation("torch.flatten Tensor.flatten torch.ravel Tensor.ravel", "input start_dim end_dim", rank="any")
def flatten(ctx: Context, a: Args) -> Value:
    """Merge a range of axes."""
    tensor = tensor_of(ctx, a.get("input"))
    start = ctx.integer(a["start_dim"]) if "start_dim" in a else 0
    end = ctx.integer(a["end_dim"]) if "end_dim" in a else -1
    if not isinstance(tensor, Tensor) or start is None or end is None:
        return _unless_open(ctx, tensor)
    return ctx.settle(regroup.flatten(tensor.states, start, end))


@operation("torch.unflatten Tensor.unflatten", "input dim sizes", rank="any")
def unflatten(ctx: Context, a: Args) -> Value:
    """Split an axis."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.integer(a.get("dim"))
    sizes = integers(ctx, (a["sizes"],)) if "sizes" in a else None
    if not isinstance(tensor, Tensor) or axis is None or sizes is None:
        return _unless_open(ctx, tensor)
    result = regroup.unflatten(tensor.states, axis, sizes)
    if isinstance(result, Raises) and not ctx.certainly(sizes, shape(tensor.states)):
        return _unless_open(ctx, tensor, "a view that fits in some programs only")
    return ctx.settle(result)


@operation("torch.unsqueeze Tensor.unsqueeze", "input dim", rank=1)
def unsqueeze(ctx: Context, a: Args) -> Value:
    """A new axis of extent 1."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.integer(a.get("dim"))
    if not isinstance(tensor, Tensor) or axis is None:
        return _unless_open(ctx, tensor)
    return ctx.settle(regroup.unsqueeze(tensor.states, axis))


@operation("torch.squeeze Tensor.squeeze", "input dim", rank="any")
def squeeze(ctx: Context, a: Args) -> Value:
    """Drop axes of extent 1: the named ones, or all."""
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless):
        return Formless(tensor.root, tensor.change - 1) if "dim" in a else Unknown("squeeze() of an unknown shape")
    axes = integers(ctx, (a["dim"],)) if "dim" in a else None
    if not isinstance(tensor, Tensor) or ("dim" in a and axes is None):
        return _unless_open(ctx, tensor)
    extents = shape(tensor.states)
    result = regroup.squeeze(tensor.states, axes)
    if not isinstance(result, Raises):
        looked = tuple(extents[axis] for axis in axes) if axes is not None else extents
        ctx.emit(Squeezed(tensor.states, axes[0] if axes else None, looked, ctx.site))
    return ctx.settle(result)


@operation("torch.broadcast_to Tensor.expand", "input *sizes|size|shape", rank="any")
def expand(ctx: Context, a: Args) -> Value:
    """Copies along axes of extent 1, without copying."""
    tensor, sizes = tensor_of(ctx, a.get("input")), integers(ctx, a.rest or ((a["sizes"],) if "sizes" in a else ()))
    if not isinstance(tensor, Tensor) or sizes is None:
        return _unless_open(ctx, tensor)
    return _if_certain(ctx, combine.expand(tensor.states, sizes), tensor)


def _if_certain(ctx: Context, result: Result, tensor: Tensor) -> Value:
    """An operation that raises for the generic sizes may be right for the real ones."""
    if isinstance(result, Raises) and any(ctx.free_of(extent) for extent in shape(tensor.states)):
        return _unless_open(ctx, tensor, "an operation that fits in some programs only")
    return ctx.settle(result)


@operation("torch.tile Tensor.repeat Tensor.tile", "input *sizes|dims", rank="any")
def repeat(ctx: Context, a: Args) -> Value:
    """Copies laid one after the other."""
    tensor, counts = tensor_of(ctx, a.get("input")), integers(ctx, a.rest or ((a["sizes"],) if "sizes" in a else ()))
    if isinstance(tensor, Formless) and counts:
        ctx.rank(tensor, len(counts))
    if not isinstance(tensor, Tensor) or counts is None:
        return _unless_open(ctx, tensor)
    return ctx.settle(combine.repeat(tensor.states, counts))


@operation("torch.repeat_interleave Tensor.repeat_interleave", "input repeats dim", rank=0)
def repeat_interleave(ctx: Context, a: Args) -> Value:
    """Every element repeated in place."""
    tensor, count = tensor_of(ctx, a.get("input")), ctx.integer(a.get("repeats"))
    if not isinstance(tensor, Tensor) or count is None:
        return _unless_open(ctx, tensor)
    return ctx.settle(combine.repeat_interleave(tensor.states, count, ctx.integer(a.get("dim"))))


# --- parts and wholes ------------------------------------------------------------------------------------------------


@operation("torch.cat torch.concat torch.concatenate", "tensors|input dim|axis", rank="any")
def cat(ctx: Context, a: Args) -> Value:
    """Join along an axis."""
    return _join(ctx, a, "cat", combine.cat)


@operation("torch.stack", "tensors|input dim|axis", rank="any")
def stack(ctx: Context, a: Args) -> Value:
    """Join along a new axis."""
    return _join(ctx, a, "stack", combine.stack)


@operation("torch.hstack torch.column_stack", "tensors", rank="any")
def hstack(ctx: Context, a: Args) -> Value:
    """Join along axis 1 (0 for vectors)."""
    return _join(ctx, a, "hstack", lambda parts, axis: combine.hstack(parts))


@operation("torch.vstack torch.row_stack", "tensors", rank="any")
def vstack(ctx: Context, a: Args) -> Value:
    """Join along axis 0."""
    return _join(ctx, a, "vstack", lambda parts, axis: combine.vstack(parts))


@operation("torch.dstack", "tensors", rank="any")
def dstack(ctx: Context, a: Args) -> Value:
    """Join along axis 2."""
    return _join(ctx, a, "dstack", lambda parts, axis: combine.dstack(parts))


def _join(ctx: Context, a: Args, op: str, join: Callable[[tuple[States, ...], int], Result]) -> Value:
    source = a.named.get("tensors", Unknown("no tensors"))
    axis = ctx.integer(a["dim"]) if "dim" in a else 0
    if isinstance(source, Tensor):
        ctx.emit(Joining(op, (source.states,), axis or 0, "dim" in a, True, ctx.site))
        if op != "cat":
            return _unless_open(ctx, source)
        raise TorchRaises("TypeError", "cat(): argument 'tensors' must be tuple of Tensors, not Tensor")
    if isinstance(source, Items) and isinstance(source.tag, PairOf | ResultOf):
        pair = source.tag
        event = PairRead if isinstance(pair, PairOf) else ResultRead
        ctx.emit(event(pair.call, ctx.module(pair.call), op, ctx.site, axis, Unknown("joined")))
    if isinstance(source, Along) and axis is not None and op in ("cat", "stack"):
        return _rejoined(ctx, source, axis, op)
    items = ctx.elements(source)
    if items is None or axis is None or not items:
        ctx.use(source, "elsewhere")
        return Unknown(f"{op} of tensors that are not all known")
    if any(isinstance(item, Either) for item in items):
        return ctx.each(items, lambda some: _joined(ctx, some, axis, op, join, "dim" in a))
    return _joined(ctx, items, axis, op, join, "dim" in a)


def _rejoined(ctx: Context, source: Along, axis: int, op: str) -> Value:
    """The tensors along an axis put together again."""
    if op == "stack" and not source.keep:
        return ctx.settle(order.movedim(source.states, source.axis, axis))
    if op == "cat" and source.keep and axis % len(shape(source.states)) == source.axis:
        return Tensor(source.states)
    return _unless_open(ctx, Tensor(source.states), f"{op} of the tensors along an axis")


def _joined(
    ctx: Context,
    items: tuple[Value, ...],
    axis: int,
    op: str,
    join: Callable[[tuple[States, ...], int], Result],
    explicit: bool,
) -> Value:
    for item in items:
        if isinstance(item, Items | Packed):
            return read_as_tensor(ctx, item, op)
    tensors = [ctx.tensor(item) for item in items]
    known = tuple(tensor.states for tensor in tensors if isinstance(tensor, Tensor))
    if len(known) != len(tensors):
        kept = _with_unknown(tensors, axis, op)
        for tensor in tensors:
            ctx.use(tensor, "elsewhere" if kept is not None else "arithmetic")
        return Unknown(f"{op} with something that is not followed")
    ctx.emit(Joining(op, known, axis, explicit, False, ctx.site))
    result = join(known, axis)
    if isinstance(result, Raises) and not _same_open(ctx, known):
        for tensor in tensors:
            ctx.use(tensor, "arithmetic")
        return Unknown(f"{op} of tensors that fit in some programs only")
    return ctx.settle(result)


def _with_unknown(tensors: Sequence[Value], axis: int, op: str) -> Value | None:
    return None


def _same_open(ctx: Context, parts: Sequence[States]) -> bool:
    """Whether the parts' extents depend on the same open sizes, so that what does not fit never does."""
    opened = [frozenset().union(*(ctx.free_of(extent) for extent in shape(part))) for part in parts]
    return all(other == opened[0] for other in opened)


def _several(ctx: Context, parts: Parts) -> Value:
    if isinstance(parts, Raises):
        raise TorchRaises(parts.error, parts.text)
    if isinstance(parts, Unknown):
        return parts
    return Items(tuple(ctx.settle(part) for part in parts))


def _say_parted(ctx: Context, states: States, axis: int, parts: Parts) -> None:
    rank = len(shape(states))
    if isinstance(parts, Raises | Unknown) or axis not in (rank - 1, -1):
        return
    widths = [0 if isinstance(part, Raises | Unknown) else shape(part)[-1] for part in parts]
    cuts = tuple(sum(widths[: i + 1]) for i in range(len(widths) - 1))
    if 0 not in widths and cuts:
        ctx.emit(Parted(states, cuts, ctx.site, ctx.modules(states)))


def _divide(ctx: Context, a: Args, divide: Callable[[States, int], Parts]) -> Value:
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.integer(a["dim"]) if "dim" in a else 0
    if not isinstance(tensor, Tensor) or axis is None:
        return _unless_open(ctx, tensor)
    parts = divide(tensor.states, axis)
    _say_parted(ctx, tensor.states, axis, parts)
    if isinstance(parts, Raises):
        return _unless_open(ctx, tensor, "a split that fits in some programs only")
    return _several(ctx, parts)


@operation("torch.chunk Tensor.chunk", "input chunks dim", rank=None)
def chunk(ctx: Context, a: Args) -> Value:
    """Equal parts."""
    count = ctx.integer(a.get("chunks"))
    if count is None:
        return _unless_open(ctx, a["input"])
    return _divide(ctx, a, lambda states, axis: combine.chunk(states, count, axis))


@operation("torch.split Tensor.split torch.split_with_sizes Tensor.split_with_sizes", "input sizes|split_size|split_size_or_sections dim")
def split(ctx: Context, a: Args) -> Value:
    """Parts of given sizes."""
    written = a.get("sizes")
    if isinstance(written, Lit | Free):
        size: int | tuple[int, ...] | None = ctx.integer(written)
    else:
        size = None if written is None else integers(ctx, (written,))
    if size is None:
        return _unless_open(ctx, a["input"])
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.integer(a["dim"]) if "dim" in a else 0
    if size == 1 and isinstance(tensor, Tensor) and axis is not None:
        many = _many(tensor.states, axis)
        if many is not None:
            return Along(tensor.states, many, keep=True)
    return _divide(ctx, a, lambda states, axis: combine.split(states, size, axis))


_MANY = 64


def _many(states: States, axis: int) -> int | None:
    """The axis, counted from the front, if it is too long to be taken apart."""
    extents = shape(states)
    place = axis % len(extents) if -len(extents) <= axis < len(extents) else None
    return place if place is not None and extents[place] > _MANY else None


@operation("torch.tensor_split Tensor.tensor_split", "input sections|indices_or_sections|indices dim")
def tensor_split(ctx: Context, a: Args) -> Value:
    """Parts at given places."""
    written = a.get("sections")
    if isinstance(written, Lit | Free):
        sections: int | tuple[int, ...] | None = ctx.integer(written)
    else:
        sections = None if written is None else integers(ctx, (written,))
    if sections is None:
        return _unless_open(ctx, a["input"])
    return _divide(ctx, a, lambda states, axis: combine.tensor_split(states, sections, axis))


@operation("torch.unbind Tensor.unbind", "input dim")
def unbind(ctx: Context, a: Args) -> Value:
    """The tensors along an axis."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.integer(a["dim"]) if "dim" in a else 0
    if isinstance(tensor, Tensor) and axis is not None:
        many = _many(tensor.states, axis)
        if many is not None:
            return Along(tensor.states, many)
    return _divide(ctx, a, lambda states, axis: combine.unbind(states, axis))


# --- selection -------------------------------------------------------------------------------------------------------


@operation("torch.select Tensor.select", "input dim index", rank=-1)
def pick(ctx: Context, a: Args) -> Value:
    """One position of an axis."""
    tensor, axes = tensor_of(ctx, a.get("input")), _axes_of(ctx, a, "dim", "index")
    if not isinstance(tensor, Tensor) or axes is None:
        return _unless_open(ctx, tensor)
    return _if_certain(ctx, select.select(tensor.states, *axes), tensor)


@operation("torch.narrow Tensor.narrow", "input dim start length", rank=0)
def narrow(ctx: Context, a: Args) -> Value:
    """A stretch of an axis."""
    tensor, axes = tensor_of(ctx, a.get("input")), _axes_of(ctx, a, "dim", "start", "length")
    if not isinstance(tensor, Tensor) or axes is None:
        return _unless_open(ctx, tensor)
    return _if_certain(ctx, select.length_of(tensor.states, *axes), tensor)


@operation("torch.index_select Tensor.index_select", "input dim index", rank=0)
def index_select(ctx: Context, a: Args) -> Value:
    """Positions of an axis, given by a tensor: which ones is rarely known, so the axis keeps its meaning whole."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.integer(a.get("dim"))
    index = ctx.tensor(a["index"]) if "index" in a else Unknown("no index")
    if not isinstance(tensor, Tensor) or axis is None:
        return _unless_open(ctx, tensor)
    numbers = _constants(index)
    if numbers is not None:
        return ctx.settle(select.index_select(tensor.states, axis, numbers, len(numbers)))
    return tensor if _reorders(index) else _unless_open(ctx, tensor, "an index_select by an unknown tensor")


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
    return _key(index)[:1] == ("permutation",)


def _key(value: Value) -> tuple[object, ...]:
    if isinstance(value, Tensor) and isinstance(value.states, Block) and isinstance(value.states.source, Given):
        key = value.states.source.key
        return key if isinstance(key, tuple) else ()
    return ()


@operation("torch.gather Tensor.gather torch.take_along_dim Tensor.take_along_dim", "input dim index", rank=0)
def gather(ctx: Context, a: Args) -> Value:
    """Positions of an axis that differ from place to place (each sample's own last step)."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.integer(a["dim"]) if "dim" in a else None
    if isinstance(a.named.get("dim"), Tensor | Formless):
        axis = None
    index = ctx.tensor(a["index"]) if "index" in a else Unknown("no index")
    if not isinstance(tensor, Tensor) or axis is None:
        return _unless_open(ctx, tensor)
    where = Somewhere.LAST_VALID if points_at_last(index) else Somewhere.ANYWHERE
    extents = list(shape(tensor.states))
    if not -len(extents) <= axis < len(extents):
        return _unless_open(ctx, tensor)
    extents[axis] = 1
    if isinstance(index, Tensor) and len(shape(index.states)) == len(extents) and shape(index.states)[axis] != 1:
        return _unless_open(ctx, tensor, "a gather of several positions")
    return ctx.settle(indexing.gather(tensor.states, axis, extents, where))


def points_at_last(value: Value) -> bool:
    """Whether an index is ``lengths - 1``, in whatever shape."""
    return is_last_valid(value.root) if isinstance(value, Formless) else _key(value)[:1] == ("last valid",)


@operation("torch.masked_select Tensor.masked_select", "input mask", rank=None)
def masked_select(ctx: Context, a: Args) -> Value:
    """Elements where a mask holds."""
    return _unless_open(ctx, a["input"], "a choice by a mask")


@operation("torch.flip Tensor.flip torch.fliplr torch.flipud", "input *dims", rank=0)
def flip(ctx: Context, a: Args) -> Value:
    """Reverse axes."""
    tensor, dims = tensor_of(ctx, a.get("input")), integers(ctx, a.rest or ((a["dims"],) if "dims" in a else ()))
    if not isinstance(tensor, Tensor) or dims is None:
        return _unless_open(ctx, tensor)
    return ctx.settle(select.flip(tensor.states, dims))


@operation("torch.roll Tensor.roll", "input shifts dims", rank=0)
def roll(ctx: Context, a: Args) -> Value:
    """Turn axes around."""
    tensor = tensor_of(ctx, a.get("input"))
    given = [integers(ctx, (a[name],)) if name in a else () for name in ("shifts", "dims")]
    if not isinstance(tensor, Tensor) or given[0] is None or given[1] is None:
        return _unless_open(ctx, tensor)
    return ctx.settle(select.roll(tensor.states, given[0], given[1]))


# --- reductions and elementwise --------------------------------------------------------------------------------------

_REDUCTIONS = "mean sum prod amax amin logsumexp std var nanmean nansum all any norm count_nonzero"
_REDUCTION_NAMES = " ".join(f"torch.{n} Tensor.{n}" for n in _REDUCTIONS.split())


@operation(_REDUCTION_NAMES, "input dim|axis keepdim|keepdims", rank="any")
def reduce(ctx: Context, a: Args) -> Value:
    """One value for a whole axis (or several, or all)."""
    tensor = tensor_of(ctx, a.get("input"))
    axes = integers(ctx, (a["dim"],)) if a.get("dim") is not None else None
    keep = bool(ctx.flag(a["keepdim"])) if "keepdim" in a else False
    if isinstance(tensor, Formless):
        return Formless(tensor.root, tensor.change if keep else tensor.change - len(axes or ())) if axes else Unknown("")
    if not isinstance(tensor, Tensor) or (a.get("dim") is not None and axes is None):
        return _unless_open(ctx, tensor)
    return ctx.settle(combine.reduce(tensor.states, axes, keep))


@operation("torch.max torch.min Tensor.max Tensor.min torch.median Tensor.median torch.mode", "input dim|other keepdim", rank="any")
def extreme(ctx: Context, a: Args) -> Value:
    """``(values, indices)`` along an axis; one value of all; or elementwise of two tensors."""
    other = a.named.get("dim")
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(other, Tensor) and isinstance(tensor, Tensor):
        return blended(ctx, tensor, other)
    if isinstance(tensor, Formless):
        return Unknown("the extremes of a tensor of unknown shape")
    value = reduce(ctx, a)
    return value if other is None or isinstance(value, Unknown) else Items((value, Unknown("indices")))


@operation("torch.argmax Tensor.argmax torch.argmin Tensor.argmin torch.topk Tensor.topk torch.multinomial", "input dim", rank=None)
def chosen(ctx: Context, a: Args) -> Value:
    """Indices of elements: no states any more."""
    ctx.use(a["input"], "arithmetic")
    return Unknown("indices of elements")


@operation("torch.sort Tensor.sort", "input dim descending stable", rank=None)
def sort(ctx: Context, a: Args) -> Value:
    """``(values, indices)``: the indices are a permutation."""
    tensor = tensor_of(ctx, a.get("input"))
    ctx.use(tensor, "elsewhere")
    return Items((_permuted(ctx, tensor, "sorted"), _permuted(ctx, tensor, "permutation")))


@operation("torch.argsort Tensor.argsort", "input dim descending stable", rank=None)
def argsort(ctx: Context, a: Args) -> Value:
    """Indices that sort: a permutation."""
    return _permuted(ctx, tensor_of(ctx, a.get("input")), "permutation")


def _permuted(ctx: Context, tensor: Value, what: str) -> Value:
    if not isinstance(tensor, Tensor):
        return Unknown(SORTED)
    return ctx.settle(results.given(Given((what, ctx.occurrence()), shape(tensor.states))))


_SAME = """abs relu relu_ tanh sigmoid exp log sqrt sin cos neg clamp clip round floor detach detach_ clone contiguous
requires_grad_ to cuda cpu float double half bfloat16 int long bool type nan_to_num dropout leaky_relu elu selu celu gelu
silu mish softplus softsign hardtanh alpha_dropout feature_dropout normalize data retain_grad requires_grad_ square
pow erf logit rsqrt reciprocal sign type_as masked_fill masked_fill_ fill_ zero_ pin_memory refine_names rename div_
mul_ add_ sub_ dropout1d prelu rrelu threshold logsigmoid hardsigmoid hardswish relu6 triu tril nan_to_num_ cumsum
cumprod conj chalf"""
_SAME_NAMES = " ".join(f"torch.{n} Tensor.{n} torch.nn.functional.{n}" for n in _SAME.split())


@operation(_SAME_NAMES + " torch.autograd.Variable torch.as_tensor", "input", rank=0)
def same(ctx: Context, a: Args) -> Value:
    """Keeps every axis."""
    return tensor_of(ctx, a.get("input"))


@operation("torch.nn.Parameter torch.nn.parameter.Parameter", "data", rank=0)
def parameter(ctx: Context, a: Args) -> Value:
    """A learned tensor."""
    return ctx.tensor(a["data"]) if "data" in a else Unknown("no data")


_BINARY = "add sub mul div subtract multiply divide true_divide maximum minimum fmax fmin lerp where_ addcmul"
_BINARY_NAMES = " ".join(f"torch.{n} Tensor.{n}" for n in _BINARY.split())


@operation(_BINARY_NAMES, "input other", rank=0)
def arithmetic(ctx: Context, a: Args) -> Value:
    """Elementwise of two."""
    from rnnlint.torch_api import indexing as subscripts

    return subscripts.arithmetic(ctx, "+", ctx.tensor(a["input"]), a.named.get("other", Lit(0)))


@operation("torch.where Tensor.where", "condition input other", rank=None)
def where(ctx: Context, a: Args) -> Value:
    """Elementwise of two, by a condition."""
    first, second = (tensor_of(ctx, a.named.get(name)) for name in ("input", "other"))
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        return blended(ctx, first, second)
    ctx.use(first, "arithmetic")
    ctx.use(second, "arithmetic")
    return first if isinstance(first, Tensor) else second


@operation("torch.softmax torch.log_softmax Tensor.softmax Tensor.log_softmax torch.nn.functional.softmin", "input dim", rank=0)
def softmax(ctx: Context, a: Args) -> Value:
    """Every element reads its whole axis."""
    tensor = tensor_of(ctx, a.get("input"))
    return tensor if isinstance(tensor, Unknown) else layers.spread(ctx, tensor, a.get("dim"))


@operation("torch.nn.functional.layer_norm torch.nn.functional.batch_norm", "input", rank=0)
def normalised(ctx: Context, a: Args) -> Value:
    """Keeps every axis, and is a layer."""
    ctx.use(a["input"], "layer")
    return tensor_of(ctx, a.get("input"))


@operation("torch.nn.functional.linear", "input weight bias", rank=0)
def linear(ctx: Context, a: Args) -> Value:
    """The last axis is added up into new features."""
    tensor = tensor_of(ctx, a.get("input"))
    return tensor if isinstance(tensor, Unknown) else layers.linear(ctx, tensor, None, None)


@operation("torch.nn.functional.embedding", "input weight", rank=1)
def embedding(ctx: Context, a: Args) -> Value:
    """A new last axis."""
    return _unless_open(ctx, a["input"], "an embedding of a tensor")


_LOSSES = """cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy kl_div
binary_cross_entropy_with_logits ctc_loss cosine_embedding_loss triplet_margin_loss margin_ranking_loss"""


@operation(" ".join(f"torch.nn.functional.{n}" for n in _LOSSES.split()), "input target *more", rank=None)
def loss(ctx: Context, a: Args) -> Value:
    """A loss."""
    for value in (*a.named.values(), *a.rest):
        ctx.use(value, "loss")
    return Unknown("a loss")


# --- products --------------------------------------------------------------------------------------------------------

_PRODUCTS = "matmul mm bmm mv dot inner baddbmm addmm einsum tensordot cosine_similarity bilinear cdist outer"


@operation(" ".join(f"torch.{n} Tensor.{n} torch.nn.functional.{n}" for n in _PRODUCTS.split()), "input other *more", rank=None)
def product(ctx: Context, a: Args) -> Value:
    """A product of tensors: a use of both."""
    for value in (*a.named.values(), *a.rest):
        ctx.use(value, "arithmetic")
    return Unknown("a product of tensors")


def matrix_product(ctx: Context, left: Value, right: Value) -> Value:
    """``left @ right``: a use of both."""
    ctx.use(left, "arithmetic")
    ctx.use(right, "arithmetic")
    return Unknown("a product of tensors")


# --- comparison ------------------------------------------------------------------------------------------------------


@operation("torch.equal Tensor.equal torch.allclose Tensor.allclose torch.testing.assert_close torch.testing.assert_allclose", "input other", rank=None)
def equal(ctx: Context, a: Args) -> Value:
    """Whether two tensors are the same as a whole."""
    return _compared(ctx, a, whole=True)


@operation("torch.eq Tensor.eq torch.ne Tensor.ne torch.isclose Tensor.isclose", "input other", rank=None)
def elementwise_equal(ctx: Context, a: Args) -> Value:
    """Where two tensors are the same."""
    return _compared(ctx, a, whole=False)


def _compared(ctx: Context, a: Args, whole: bool) -> Value:
    left, right = (tensor_of(ctx, a.named.get(name)) for name in ("input", "other"))
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        modules = dict(ctx.modules(left.states)) | dict(ctx.modules(right.states))
        ctx.emit(Compared(left.states, right.states, whole, ctx.site, tuple(modules.items())))
    ctx.use(left, "comparison")
    ctx.use(right, "comparison")
    return Either((Lit(True), Lit(False)))


# --- sizes and new tensors -------------------------------------------------------------------------------------------


@operation("Tensor.size", "input dim", rank="any")
def size(ctx: Context, a: Args) -> Value:
    """The shape, or one extent."""
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless):
        whole = SizeOf(tensor)
        axis = ctx.integer(a.get("dim"))
        return whole if axis is None else ctx.size_of(whole, axis)
    if not isinstance(tensor, Tensor):
        return tensor
    extents = shape(tensor.states)
    if "dim" not in a:
        return Items(tuple(map(ctx.number, extents)))
    axis = ctx.integer(a.get("dim"))
    if axis is None:
        return Unknown("an extent that is not known")
    if not -len(extents) <= axis < len(extents):
        raise TorchRaises("IndexError", "Dimension out of range")
    return ctx.number(extents[axis])


@operation("Tensor.dim Tensor.ndimension", "input", rank="any")
def dim(ctx: Context, a: Args) -> Value:
    """The rank."""
    tensor = tensor_of(ctx, a.get("input"))
    return Lit(len(shape(tensor.states))) if isinstance(tensor, Tensor) else Unknown("the rank of a tensor")


@operation("torch.numel Tensor.numel Tensor.nelement Tensor.element_size Tensor.stride Tensor.get_device Tensor.is_contiguous Tensor.storage_offset", "input", rank="any")
def about(ctx: Context, a: Args) -> Value:
    """A fact about a tensor that is no use of it."""
    return Unknown("a fact about a tensor")


@operation("torch.zeros torch.ones torch.empty torch.randn torch.rand", "*sizes|size", rank="any")
def new(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape."""
    return _new(ctx, integers(ctx, a.rest or ((a["sizes"],) if "sizes" in a else ())))


@operation("torch.randint", "*bounds|size", rank="any")
def random_integers(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape: ``size`` is the last argument, or a keyword."""
    size = a.named.get("bounds", a.rest[-1] if a.rest else None)
    return _new(ctx, None if size is None else integers(ctx, (size,)))


@operation("torch.full", "size fill_value", rank="any")
def full(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape."""
    return _new(ctx, integers(ctx, (a["size"],)) if "size" in a else None)


@operation("Tensor.new_zeros Tensor.new_ones Tensor.new_empty Tensor.new Tensor.new_full", "input *sizes|size", rank="any")
def new_like(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape, of the kind of another."""
    return _new(ctx, integers(ctx, a.rest or ((a["sizes"],) if "sizes" in a else ())))


def _new(ctx: Context, sizes: tuple[int, ...] | None) -> Value:
    if sizes is None or any(size < 1 for size in sizes):
        return Unknown(NEW)
    return ctx.settle(results.given(Given(("new", ctx.occurrence()), sizes)))


@operation("torch.zeros_like torch.ones_like torch.empty_like torch.randn_like torch.rand_like torch.full_like", "input", rank=0)
def like(ctx: Context, a: Args) -> Value:
    """A new tensor of another's shape."""
    tensor = tensor_of(ctx, a.get("input"))
    return _new(ctx, shape(tensor.states)) if isinstance(tensor, Tensor) else tensor


@operation("torch.arange", "start end step", rank="any")
def arange(ctx: Context, a: Args) -> Value:
    """``0 .. n-1`` where it is called with one number."""
    count = ctx.integer(a.get("start"))
    if count is None or a.get("end") is not None or count < 1:
        start, end = ctx.integer(a.get("start")), ctx.integer(a.get("end"))
        if start != 0 or end is None or a.get("step") is not None or end < 1:
            return Unknown("a range")
        count = end
    return ctx.settle(results.given(Given(("arange", count), (count,))))


@operation("torch.tensor torch.LongTensor torch.IntTensor", "data", rank="any")
def constants(ctx: Context, a: Args) -> Value:
    """A tensor of constants."""
    known = ctx.elements(a["data"]) if "data" in a else None
    numbers = None if known is None else tuple(ctx.integer(v) if isinstance(v, Lit) else None for v in known)
    if not numbers or None in numbers:
        ctx.use(a.named.get("data", Lit(None)), "elsewhere")
        return Unknown("a tensor made of values that are not known")
    return ctx.settle(results.given(Given(("constants", numbers), (len(numbers),))))


# --- einops ----------------------------------------------------------------------------------------------------------


def _pattern(ctx: Context, a: Args) -> tuple[str, dict[str, int]] | None:
    """A literal pattern and the sizes it names."""
    pattern = a.named.get("pattern")
    if not isinstance(pattern, Lit) or not isinstance(pattern.value, str):
        return None
    sizes = {name: ctx.integer(value) for name, value in a.named.items() if name not in ("tensor", "pattern", "reduction")}
    known = {name: size for name, size in sizes.items() if size is not None}
    return (pattern.value, known) if len(known) == len(sizes) else None


@operation("einops.rearrange", "tensor pattern **", rank="any")
def rearrange(ctx: Context, a: Args) -> Value:
    """``einops.rearrange`` for a literal pattern."""
    return _einops(ctx, a, patterns.rearrange)


@operation("einops.reduce", "tensor pattern reduction **", rank="any")
def einops_reduce(ctx: Context, a: Args) -> Value:
    """``einops.reduce`` for a literal pattern."""
    return _einops(ctx, a, patterns.einreduce)


def _einops(ctx: Context, a: Args, operate: Callable[..., Result]) -> Value:
    tensor, pattern = tensor_of(ctx, a.get("tensor")), _pattern(ctx, a)
    rank = None if pattern is None else patterns.rank_of(pattern[0])
    if isinstance(tensor, Formless) and rank is not None:
        ctx.rank(tensor, rank)
    if not isinstance(tensor, Tensor) or pattern is None:
        return _unless_open(ctx, tensor, "an einops pattern that is not known")
    return ctx.settle(operate(tensor.states, pattern[0], **pattern[1]))
