"""Modules without a recurrence: what each does to the axes of its input."""

from __future__ import annotations

from dataclasses import replace

from rnnlint.axes.operations import combine, regroup
from rnnlint.axes.reading import meaning
from rnnlint.axes.states import Raises, Unknown, shape
from rnnlint.events import Reduced
from rnnlint.torch_api.batches.lengths import pooled
from rnnlint.torch_api.context import LOSS, Context
from rnnlint.torch_api.misreads import read_as_tensor
from rnnlint.torch_api.modules.widths import fits_layer
from rnnlint.torch_api.tensors import windows
from rnnlint.torch_api.tensors.elementwise import no_less_than_zero
from rnnlint.values.domain import Either, Formless, Items, Layer, Lit, Packed, Recurrent, RecurrentCell, Tensor, Value

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


def apply(ctx: Context, layer: Layer, args: tuple[Value, ...]) -> Value:
    """The result of ``layer(input, ...)``.

    Kinds: "same" keeps every axis and is no use (dropout, activations); "norm" keeps every axis; "linear" replaces the
    last one; "embedding" adds one; "softmax" makes every element read a whole axis; "conv", "deconv" and "pool" move a
    window; "loss" and "other" end the tracking.
    """
    first = args[0] if args else Unknown("no input")
    if layer.name == "Identity":  # hands on whatever it is given, a tuple too
        return first
    if isinstance(first, Items | Packed):
        if layer.kind in ("loss", "other"):
            return _elsewhere(ctx, args)
        return read_as_tensor(ctx, first, "layer")
    value = ctx.facts.tensor(first)
    if layer.kind in ("conv", "deconv", "pool"):
        fits_layer(ctx, layer, args)
        return windows.apply(ctx, layer, value)
    if isinstance(value, Unknown):
        for other in args[1:]:
            ctx.use(other, "layer")
        return value
    if layer.kind in ("linear", "norm", "other"):
        for operand in (value, *args[1:]):
            ctx.use(operand, "layer")
        fits_layer(ctx, layer, args)
    match layer.kind:
        case "same" if layer.name in ("ReLU", "ReLU6"):
            return no_less_than_zero(value)
        case "same" | "norm":
            return value
        case "linear":
            return linear(ctx, value, layer.fact("out"))
        case "embedding":
            return _embedding(ctx, value, layer)
        case "softmax":
            return softmax(ctx, value, layer.fact("dim"))
        case "flatten":
            return _flatten(ctx, value, layer)
        case "loss":
            for operand in args:
                ctx.use(operand, "loss")
            return Unknown(LOSS)
    return Unknown(f"nn.{layer.name} is not followed")


def _elsewhere(ctx: Context, args: tuple[Value, ...]) -> Value:
    for operand in args:
        ctx.use(operand, "layer")
    return Unknown("a layer that is not followed")


def linear(ctx: Context, value: Tensor | Formless, features: Value | None) -> Value:
    """``nn.Linear``: the last axis is added up into ``features`` new ones, every other axis stays."""
    out = ctx.facts.integer(features)
    if isinstance(value, Formless):
        return replace(value, width=out if out != 1 else None)
    return ctx.settle(
        combine.contract(value.states, ctx.facts.generic(("features", ctx.site.node)) if out is None else out)
    )


def _embedding(ctx: Context, value: Tensor | Formless, layer: Layer) -> Value:
    """``nn.Embedding``: a new last axis."""
    if isinstance(value, Formless):
        return Formless(value.root, value.change + 1)
    width = ctx.facts.integer(layer.fact("dim"))
    width = ctx.facts.generic(("features", layer.site)) if width is None else width
    ctx.use(value, "layer")
    wider = ctx.settle(regroup.unsqueeze(value.states, -1))
    if not isinstance(wider, Tensor):
        return wider
    return ctx.settle(combine.expand(wider.states, (*shape(value.states), width)))


def softmax(ctx: Context, value: Tensor | Formless, dim: Value | None) -> Value:
    """Softmax and its like: every element reads the whole axis.

    Without ``dim``, torch takes axis 0 of a vector and of a tensor with three axes, else axis 1 (``_get_softmax_dim``).
    """
    if isinstance(value, Formless):
        return value
    axis = (0 if len(shape(value.states)) in (0, 1, 3) else 1) if dim in (None, Lit(None)) else ctx.facts.integer(dim)
    if axis is None:
        ctx.use(value, "layer")
        return Unknown("a softmax over an axis that is not known")
    ctx.emit(Reduced(value.states, ctx.site))
    result = combine.spread(pooled(ctx, value.states, (axis,)), axis)
    return ctx.settle(
        result if isinstance(result, Raises | Unknown) else meaning.normalised(value.states, result, ctx.site)
    )


def _flatten(ctx: Context, value: Tensor | Formless, layer: Layer) -> Value:
    if isinstance(value, Formless):
        return Unknown("a tensor of unknown shape, flattened")
    start, end = (ctx.facts.integer(layer.fact(name)) for name in ("start", "end"))
    if start is None or end is None:
        return Unknown("a flatten over axes that are not known")
    return ctx.settle(regroup.flatten(value.states, start, end))


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
                return Lit(module.cell) if module.cell != "RNN" else Either((Lit("RNN_TANH"), Lit("RNN_RELU")))
    if isinstance(module, RecurrentCell) and name == "hidden_size":
        return module.hidden
    if isinstance(module, Layer):
        facts = {"in_features": "in", "out_features": "out", "embedding_dim": "dim"}
        return module.fact(facts.get(name, name)) or Unknown(f"{name} of a module")
    return Unknown(f"{name} of a module")
