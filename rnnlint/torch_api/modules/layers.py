"""Modules without a recurrence: what each does to the axes of its input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rnnlint.axes.operations import combine, regroup
from rnnlint.axes.reading import marking, notes
from rnnlint.axes.states import Blended, Joined, Note, Raises, Unknown, shape
from rnnlint.events import Reduced
from rnnlint.torch_api.batches.lengths import pooled
from rnnlint.torch_api.context import LOSS, Context
from rnnlint.torch_api.misreads import read_as_tensor
from rnnlint.torch_api.modules.attention import attend
from rnnlint.torch_api.modules.widths import fits_layer
from rnnlint.torch_api.operands import if_certain, integers, untold
from rnnlint.torch_api.tensors import windows
from rnnlint.torch_api.tensors.contractions import of_two
from rnnlint.torch_api.tensors.elementwise import no_less_than_zero, of_batches
from rnnlint.torch_api.tensors.products import made
from rnnlint.torch_api.tensors.widening import padded
from rnnlint.values.domain import (
    Either,
    Formless,
    Free,
    Items,
    Layer,
    Lit,
    Packed,
    Recurrent,
    RecurrentCell,
    Tensor,
    Value,
)
from rnnlint.values.layer_kinds import LayerFact, LayerKind
from rnnlint.values.uses import Use

SAME_MODULE = frozenset(
    {
        "to",
        "cuda",
        "cpu",
        "float",
        "double",
        "half",
        "bfloat16",
        "train",
        "eval",
        "requires_grad_",
        "share_memory",
        "type",
    }
)


_FIRST = ("input", "input1", "x1", "anchor", "src", "tgt")
"""What the ``forward`` of torch's modules calls the first tensor that it takes; "src" stands before "tgt"."""


def operands(args: tuple[Value, ...], keywords: Mapping[str, Value]) -> tuple[Value, ...]:
    """What a call of a module takes together, whichever way it is given."""
    named = dict.fromkeys((*(name for name in _FIRST if name in keywords), *keywords))
    return (*args, *(keywords[name] for name in named if name != "**"))


def apply(ctx: Context, layer: Layer, args: tuple[Value, ...]) -> Value:
    """The result of ``layer(input, ...)``."""
    first = args[0] if args else Unknown("no input")
    if layer.name == "Identity":  # hands on whatever it is given, a tuple too
        return first
    if layer.kind is LayerKind.ATTENTION:
        return attend(ctx, layer, args)
    if isinstance(first, (Items, Packed)):
        if layer.kind in (LayerKind.LOSS, LayerKind.OTHER):
            return _elsewhere(ctx, args)
        return read_as_tensor(ctx, first, "layer")
    value = ctx.facts.tensor(first)
    if layer.kind in (LayerKind.CONV, LayerKind.DECONV, LayerKind.POOL):
        fits_layer(ctx, layer, args)
        return windows.apply(ctx, layer, value)
    if isinstance(value, Unknown):
        for other in args[1:]:
            ctx.use(other, Use.LAYER)
        return value
    if layer.kind in (LayerKind.LINEAR, LayerKind.NORM, LayerKind.BILINEAR, LayerKind.OTHER):
        # a Linear and a norm work place by place: the second of two Linear layers reads what the first has made
        alone = len(args) == 1 and layer.kind in (LayerKind.LINEAR, LayerKind.NORM)
        for operand in (value, *args[1:]):
            ctx.use(operand, Use.PLACES if alone else Use.LAYER, layer)
        fits_layer(ctx, layer, args)
    match layer.kind:
        case LayerKind.SAME if layer.name in ("ReLU", "ReLU6"):
            return no_less_than_zero(value)
        case LayerKind.SAME | LayerKind.NORM:
            return value
        case LayerKind.LINEAR:
            return linear(ctx, value, layer.fact(LayerFact.OUT))
        case LayerKind.EMBEDDING:
            return _embedding(ctx, value, layer)
        case LayerKind.SOFTMAX:
            return softmax(ctx, value, layer.fact(LayerFact.DIM))
        case LayerKind.FLATTEN:
            return _flatten(ctx, value, layer)
        case LayerKind.UNFLATTEN:
            return _unflatten(ctx, value, layer)
        case LayerKind.GLU:
            return glu(ctx, value, layer.fact(LayerFact.DIM))
        case LayerKind.PAD:
            return _padded(ctx, value, layer)
        case LayerKind.BILINEAR:
            return _bilinear(ctx, value, args[1:], layer)
        case LayerKind.SIMILARITY:
            return _similarity(ctx, value, args[1:], layer)
        case LayerKind.LOSS:
            for operand in of_batches(ctx, args):
                ctx.use(operand, Use.LOSS)
            return Unknown(LOSS)
    return Unknown(f"nn.{layer.name} is not followed")


def _elsewhere(ctx: Context, args: tuple[Value, ...]) -> Value:
    for operand in args:
        ctx.use(operand, Use.LAYER)
    return Unknown("a layer that is not followed")


def linear(ctx: Context, value: Tensor | Formless, features: Value | None) -> Value:
    """``nn.Linear``: the last axis is added up into ``features`` new ones, every other axis stays."""
    out = ctx.facts.integer(features)
    if isinstance(value, Formless):
        return replace(value, width=out if out != 1 else None)
    made = combine.contract(value.states, ctx.facts.generic(("features", ctx.site.node)) if out is None else out)
    if isinstance(made, Blended) and isinstance(value.states, Joined):
        # of a pair that lies side by side each has weights of its own: that is no sum of the two
        made = notes.without(made, Note.PAIRED)
    return ctx.settle(made)


def _embedding(ctx: Context, value: Tensor | Formless, layer: Layer) -> Value:
    """``nn.Embedding``: a new last axis."""
    if isinstance(value, Formless):
        return Formless(value.root, value.change + 1)
    width = ctx.facts.integer(layer.fact(LayerFact.DIM))
    width = ctx.facts.generic(("features", layer.site)) if width is None else width
    ctx.use(value, Use.LAYER)
    wider = ctx.settle(regroup.unsqueeze(value.states, -1))
    if not isinstance(wider, Tensor):
        return wider
    states = combine.expand(wider.states, (*shape(value.states), width))
    padding = layer.fact(LayerFact.PADDING)
    if padding is not None and padding != Lit(None) and not isinstance(states, (Raises, Unknown)):
        states = notes.noted_first(states, Note.PADDING_NAMED, ctx.site)
    return ctx.settle(states)


def softmax(ctx: Context, value: Tensor | Formless, dim: Value | None) -> Value:
    """Softmax and its like: every element reads the whole axis.

    Without ``dim``, torch takes axis 0 of a vector and of a tensor with three axes, else axis 1 (``_get_softmax_dim``).
    """
    if isinstance(value, Formless):
        return value
    axis = (0 if len(shape(value.states)) in (0, 1, 3) else 1) if dim in (None, Lit(None)) else ctx.facts.integer(dim)
    if axis is None:
        ctx.use(value, Use.LAYER)
        return Unknown("a softmax over an axis that is not known")
    ctx.emit(Reduced(value.states, ctx.site))
    result = combine.spread(pooled(ctx, value.states, (axis,)), axis)
    return ctx.settle(
        result if isinstance(result, (Raises, Unknown)) else marking.normalised(value.states, result, ctx.site)
    )


def _flatten(ctx: Context, value: Tensor | Formless, layer: Layer) -> Value:
    if isinstance(value, Formless):
        return Unknown("a tensor of unknown shape, flattened")
    start, end = (ctx.facts.integer(layer.fact(name)) for name in (LayerFact.START, LayerFact.END))
    if start is None or end is None:
        return Unknown("a flatten over axes that are not known")
    return ctx.settle(regroup.flatten(value.states, start, end))


_SAID = {
    "in_features": LayerFact.IN,
    "out_features": LayerFact.OUT,
    "embedding_dim": LayerFact.DIM,
    "num_embeddings": LayerFact.NUM_EMBEDDINGS,
    "padding_idx": LayerFact.PADDING,
    "num_groups": LayerFact.NUM_GROUPS,
    "dim": LayerFact.DIM,
    "stride": LayerFact.STRIDE,
    "padding": LayerFact.PADDING,
    "dilation": LayerFact.DILATION,
}
"""The attributes in which modules keep what they were built with."""


def _unflatten(ctx: Context, value: Tensor | Formless, layer: Layer) -> Value:
    dim, sizes = ctx.facts.integer(layer.fact(LayerFact.DIM)), layer.fact(LayerFact.SIZES)
    several = None if sizes is None else integers(ctx, (sizes,))
    if not isinstance(value, Tensor) or dim is None or several is None:
        return untold(ctx, value, "an axis made into several of unknown sizes")
    return if_certain(ctx, regroup.unflatten(value.states, dim, several), value)


def glu(ctx: Context, value: Value, dim: Value | None) -> Value:
    """``nn.GLU``: the first half of an axis, gated by the second."""
    axis = ctx.facts.integer(dim)
    if not isinstance(value, Tensor) or axis is None:
        return untold(ctx, value)
    size = shape(value.states)[axis] if -len(shape(value.states)) <= axis < len(shape(value.states)) else 0
    if size % 2:
        raised = Raises("RuntimeError", f"Halving dimension must be even, but dimension {axis} is size {size}")
        return if_certain(ctx, raised, value)
    halves = combine.chunk(value.states, 2, axis)
    if isinstance(halves, (Raises, Unknown)):
        return ctx.settle(halves)
    known = [half for half in halves if not isinstance(half, Unknown)]
    return ctx.settle(combine.blend(known)) if len(known) == 2 else untold(ctx, value)


def _padded(ctx: Context, value: Tensor | Formless, layer: Layer) -> Value:
    """``nn.ConstantPad1d`` and its kin: a number of constants before and after each of the last axes, or as many."""
    spatial, padding = layer.fact(LayerFact.SPATIAL), layer.fact(LayerFact.PADDING)
    assert isinstance(spatial, Lit)
    assert isinstance(spatial.value, int)
    each = ctx.facts.integer(padding) if isinstance(padding, (Lit, Free)) else None
    given = None if padding is None or each is not None else integers(ctx, (padding,))
    widths = given if each is None else (each,) * (2 * spatial.value)
    if not isinstance(value, Tensor) or widths is None:
        return untold(ctx, value)
    return padded(ctx, value, widths)


def _similarity(ctx: Context, value: Tensor | Formless, others: tuple[Value, ...], layer: Layer) -> Value:
    """``nn.CosineSimilarity``, ``nn.PairwiseDistance``: two tensors, compared along an axis."""
    other = ctx.facts.tensor(others[0]) if others else Unknown("no second tensor")
    for operand in (value, other):
        ctx.use(operand, Use.ARITHMETIC)
    dim, keep = layer.fact(LayerFact.DIM), layer.fact(LayerFact.KEEPDIM)
    axis = ctx.facts.integer(dim) if dim is not None else None
    if not isinstance(value, Tensor) or not isinstance(other, Tensor) or axis is None:
        return Unknown("a product of tensors")
    both = combine.blend((value.states, other.states))
    kept = keep is not None and bool(ctx.facts.flag(keep))
    return made(ctx, both if isinstance(both, (Raises, Unknown)) else combine.reduce(both, axis, kept))


def _bilinear(ctx: Context, value: Tensor | Formless, others: tuple[Value, ...], layer: Layer) -> Value:
    """``nn.Bilinear``: new features of the last axes of two tensors."""
    other = ctx.facts.tensor(others[0]) if others else Unknown("no second tensor")
    out = ctx.facts.integer(layer.fact(LayerFact.OUT))
    return of_two(ctx, value, other, ctx.facts.generic(("features", layer.site)) if out is None else out)


def attribute(module: Value, name: str) -> Value:
    """What a module says of itself."""
    if isinstance(module, Recurrent):
        match name:
            case "hidden_size":
                return module.hidden
            case "num_layers":
                return module.layers
            case "bidirectional":
                return Lit(module.directions == 2)
            case "batch_first":
                return Lit(module.batch_first)
            case "proj_size":
                return module.projection or Lit(0)
            case "input_size" if module.inputs is not None:
                return module.inputs
            case "mode":
                # of an nn.RNN the mode says which nonlinearity, too, and that is not kept
                return Lit(module.cell) if module.cell != "RNN" else Either((Lit("RNN_TANH"), Lit("RNN_RELU")))
    if isinstance(module, RecurrentCell) and name == "hidden_size":
        return module.hidden
    if isinstance(module, Layer):
        fact = _SAID.get(name)
        return (None if fact is None else module.fact(fact)) or Unknown(f"{name} of a module")
    return Unknown(f"{name} of a module")
