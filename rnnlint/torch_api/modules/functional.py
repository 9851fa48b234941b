"""Layers and losses that are functions: ``torch.nn.functional``."""

from __future__ import annotations

from rnnlint.axes.states import Unknown, shape
from rnnlint.torch_api.context import LOSS, Context
from rnnlint.torch_api.modules import layers
from rnnlint.torch_api.operands import tensor_of, untold
from rnnlint.torch_api.registry import Args, Handler, operation
from rnnlint.torch_api.tensors import selecting, windows
from rnnlint.torch_api.tensors.elementwise import of_batches
from rnnlint.values.domain import Formless, Items, Layer, Lit, Tensor, Value
from rnnlint.values.layer_kinds import LayerFact, LayerKind
from rnnlint.values.uses import Use


@operation(
    "softmax log_softmax torch.nn.functional.softmin",
    "input dim|axis",
    rank=0,
    tries="""
        x, 1
        x, -1
    """,
    refuses="x, 7 -> IndexError",
)
def softmax(ctx: Context, a: Args) -> Value:
    """Every element reads its whole axis."""
    tensor = tensor_of(ctx, a.get("input"))
    return tensor if isinstance(tensor, Unknown) else layers.softmax(ctx, tensor, a.get("dim"))


@operation(
    "torch.nn.functional.layer_norm torch.nn.functional.batch_norm torch.nn.functional.rms_norm "
    "torch.nn.functional.group_norm torch.nn.functional.instance_norm torch.nn.functional.local_response_norm",
    "input",
    rank=0,
    tries="""
        layer_norm rms_norm: x, (6,)
        group_norm: x, 5
        instance_norm: x
        local_response_norm: x, 2
        batch_norm: x, None, None, None, None, True
    """,
)
def normalised(ctx: Context, a: Args) -> Value:
    """Keeps every axis, and is a layer."""
    ctx.use(a["input"], Use.PLACES)
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
    ctx.use(tensor, Use.PLACES)
    return tensor if isinstance(tensor, Unknown) else layers.linear(ctx, tensor, None)


@operation("torch.nn.functional.embedding", "input weight", rank=1, tries="? x.long().clamp(0, 1), torch.rand(2, 3)")
def embedding(ctx: Context, a: Args) -> Value:
    """A new last axis."""
    return untold(ctx, a["input"], "an embedding of a tensor")


@operation(
    "torch.nn.functional.gumbel_softmax",
    "logits tau hard eps dim",
    rank=0,
    tries="""
        x
        x, 0.5, True
        x, tau=0.5, dim=1
    """,
    refuses="x, dim=7 -> IndexError",
)
def gumbel_softmax(ctx: Context, a: Args) -> Value:
    """A softmax of noise added to the tensor."""
    tensor = tensor_of(ctx, a.get("logits"))
    return tensor if isinstance(tensor, Unknown) else layers.softmax(ctx, tensor, a.named.get("dim", Lit(-1)))


@operation(
    "torch.nn.functional.glu",
    "input dim",
    rank=0,
    tries="""
        x
        x, 0
    """,
    refuses="x, 1 -> RuntimeError",
)
def glu(ctx: Context, a: Args) -> Value:
    """The first half of an axis, gated by the second."""
    return layers.glu(ctx, tensor_of(ctx, a.get("input")), a.named.get("dim", Lit(-1)))


@operation("torch.nn.functional.one_hot", "input|tensor num_classes", rank="any", tries="? i, 3\n? i")
def one_hot(ctx: Context, a: Args) -> Value:
    """A new last axis of zeros, and a one where a number says."""
    count = ctx.facts.integer(a.get("num_classes"))
    made = None if count is None else selecting.encoded(ctx, a["input"], count)
    if made is not None:
        return made
    tensor = tensor_of(ctx, a["input"])
    if isinstance(tensor, Formless):
        return Formless(tensor.root, tensor.change + 1)
    return untold(ctx, a["input"], "an embedding of a tensor")


def _convolution(spatial: int, transposed: bool) -> Handler:
    def convolve(ctx: Context, a: Args) -> Value:
        """A convolution: a new tensor, of as many samples."""
        weight = a.named.get("weight")
        sizes = shape(weight.states) if isinstance(weight, Tensor) else ()
        channels = 1 if transposed else 0
        facts: dict[LayerFact, Value] = {LayerFact.SPATIAL: Lit(spatial)}
        if len(sizes) == spatial + 2:
            facts[LayerFact.OUT] = ctx.facts.number(sizes[channels])
            facts[LayerFact.KERNEL] = Items(tuple(map(ctx.facts.number, sizes[2:])))
        facts.update((LayerFact(name), a[name]) for name in ("stride", "padding", "dilation") if name in a)
        kind, name = (LayerKind.DECONV, "ConvTranspose") if transposed else (LayerKind.CONV, "Conv")
        layer = Layer(kind, f"{name}{spatial}d", tuple(facts.items()), ctx.site.node)
        return windows.apply(ctx, layer, tensor_of(ctx, a.get("input")))

    return convolve


for _spatial in (1, 2, 3):
    operation(
        f"torch.nn.functional.conv{_spatial}d",
        "input weight bias stride padding dilation groups",
        rank="any",
        tries="""
            conv1d: x, torch.rand(4, 5, 3, dtype=x.dtype)
            conv1d: x, torch.rand(4, 5, 3, dtype=x.dtype), None, 1, 1
            conv2d: x.unsqueeze(1), torch.rand(4, 1, 3, 3, dtype=x.dtype), padding=1
            conv3d: x[None, None], torch.rand(4, 1, 1, 1, 1, dtype=x.dtype)
        """,
        refuses="""
            conv1d: v, torch.rand(4, 5, 3, dtype=x.dtype) -> RuntimeError
            conv2d: m, torch.rand(4, 5, 3, 3, dtype=x.dtype) -> RuntimeError
        """,
    )(_convolution(_spatial, False))
    operation(
        f"torch.nn.functional.conv_transpose{_spatial}d",
        "input weight bias stride padding output_padding groups dilation",
        rank="any",
        tries="""
            conv_transpose1d: x, torch.rand(5, 4, 3, dtype=x.dtype)
            conv_transpose2d: x.unsqueeze(1), torch.rand(1, 4, 3, 3, dtype=x.dtype)
            conv_transpose3d: x[None, None], torch.rand(1, 4, 1, 1, 1, dtype=x.dtype)
        """,
        refuses="conv_transpose1d: v, torch.rand(5, 4, 3, dtype=x.dtype) -> RuntimeError",
    )(_convolution(_spatial, True))


_LOSSES = """cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy kl_div
binary_cross_entropy_with_logits ctc_loss cosine_embedding_loss triplet_margin_loss margin_ranking_loss
hinge_embedding_loss multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss poisson_nll_loss
gaussian_nll_loss soft_margin_loss triplet_margin_with_distance_loss"""


@operation(
    " ".join(f"torch.nn.functional.{n}" for n in _LOSSES.split()),
    "input|log_probs|input1|anchor target|targets|input2|positive *more|var|negative",
    rank=None,
    tries="""
        ? mse_loss l1_loss smooth_l1_loss huber_loss kl_div: x, y
        ? binary_cross_entropy binary_cross_entropy_with_logits: x.sigmoid(), y.sigmoid()
        ? cross_entropy nll_loss: m, i
        ? poisson_nll_loss multilabel_soft_margin_loss: m, m
        ? soft_margin_loss: m, m.detach().sign()
        ? hinge_embedding_loss: m, m.sign()
        ? multi_margin_loss: m, i
        ? multilabel_margin_loss: m, m.long()
        ? gaussian_nll_loss: m, m, m.abs()
        ? triplet_margin_with_distance_loss: m, m, m
        ? cosine_embedding_loss: m, m, i
        ? margin_ranking_loss: v, v, v.sign()
        ? triplet_margin_loss: m, m, m
        ? ctc_loss: x.transpose(0, 1).log_softmax(-1), torch.ones(2, 2).long(), 2 * [5], 2 * [2]
    """,
)
def loss(ctx: Context, a: Args) -> Value:
    """A loss."""
    for value in of_batches(ctx, (*a.named.values(), *a.rest)):
        ctx.use(value, Use.LOSS)
    return Unknown(LOSS)
