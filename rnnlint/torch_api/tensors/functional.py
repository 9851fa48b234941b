"""Layers and losses that are functions: ``torch.nn.functional``."""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.torch_api.context import LOSS, Context
from rnnlint.torch_api.modules import layers
from rnnlint.torch_api.operands import tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.values.domain import Value


@operation(
    "torch.nn.functional.layer_norm torch.nn.functional.batch_norm",
    "input",
    rank=0,
    tries="""
        layer_norm: x, (6,)
        batch_norm: x, None, None, None, None, True
    """,
)
def normalised(ctx: Context, a: Args) -> Value:
    """Keeps every axis, and is a layer."""
    ctx.use(a["input"], "layer")
    return tensor_of(ctx, a.get("input"))


@operation(
    "torch.nn.functional.linear",
    "input weight bias",
    rank=0,
    tries="x, torch.rand(4, 6, dtype=x.dtype)",
    refuses="s, torch.rand(3, 2, dtype=x.dtype) -> RuntimeError",
)
def linear(ctx: Context, a: Args) -> Value:
    """The last axis is added up into new features."""
    tensor = tensor_of(ctx, a.get("input"))
    ctx.use(tensor, "layer")
    return tensor if isinstance(tensor, Unknown) else layers.linear(ctx, tensor, None)


@operation("torch.nn.functional.embedding", "input weight", rank=1, tries="? x.long().clamp(0, 1), torch.rand(2, 3)")
def embedding(ctx: Context, a: Args) -> Value:
    """A new last axis."""
    return untold(ctx, a["input"], "an embedding of a tensor")


_LOSSES = """cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy kl_div
binary_cross_entropy_with_logits ctc_loss cosine_embedding_loss triplet_margin_loss margin_ranking_loss"""


@operation(
    " ".join(f"torch.nn.functional.{n}" for n in _LOSSES.split()),
    "input|log_probs|input1|anchor target|targets|input2|positive *more",
    rank=None,
    tries="""
        ? mse_loss l1_loss smooth_l1_loss huber_loss kl_div: x, y
        ? binary_cross_entropy binary_cross_entropy_with_logits: x.sigmoid(), y.sigmoid()
        ? cross_entropy nll_loss: m, i
        ? cosine_embedding_loss: m, m, i
        ? margin_ranking_loss: v, v, v.sign()
        ? triplet_margin_loss: m, m, m
        ? ctc_loss: x.transpose(0, 1).log_softmax(-1), torch.ones(2, 2).long(), 2 * [5], 2 * [2]
    """,
)
def loss(ctx: Context, a: Args) -> Value:
    """A loss."""
    for value in (*a.named.values(), *a.rest):
        ctx.use(value, "loss")
    return Unknown(LOSS)
