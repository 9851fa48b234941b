"""Operations that compute: reductions, elementwise ones, products, losses, comparisons."""

from __future__ import annotations

from rnnlint.axes import combine, meaning
from rnnlint.axes.states import Unknown
from rnnlint.events import Compared
from rnnlint.torch_api import indexing as subscripts
from rnnlint.torch_api import layers
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.indexing import blended
from rnnlint.torch_api.operands import integers, tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.values.domain import (
    Either,
    Formless,
    Items,
    Lit,
    Tensor,
    Value,
)

_REDUCTIONS = "mean sum prod amax amin logsumexp std var nanmean nansum all any norm count_nonzero"


@operation(_REDUCTIONS, "input dim|axis keepdim|keepdims", rank="any")
def reduce(ctx: Context, a: Args) -> Value:
    """One value for a whole axis (or several, or all)."""
    tensor = tensor_of(ctx, a.get("input"))
    axes = integers(ctx, (a["dim"],)) if a.get("dim") is not None else None
    keep = bool(ctx.flag(a["keepdim"])) if "keepdim" in a else False
    if isinstance(tensor, Formless):
        return (
            Formless(tensor.root, tensor.change if keep else tensor.change - len(axes or ())) if axes else Unknown("")
        )
    if not isinstance(tensor, Tensor) or (a.get("dim") is not None and axes is None):
        return untold(ctx, tensor)
    return ctx.settle(combine.reduce(tensor.states, axes, keep))


@operation("max min median torch.mode", "input dim|other keepdim", rank="any")
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


@operation("argmax argmin topk torch.multinomial", "input dim", rank=None)
def chosen(ctx: Context, a: Args) -> Value:
    """Indices of elements: no states any more."""
    ctx.use(a["input"], "arithmetic")
    return Unknown("indices of elements")


_SAME = """abs add_ alpha_dropout bfloat16 bool celu chalf clamp clip clone conj contiguous cos cpu cuda data
detach_ div_ double dropout dropout1d elu erf exp feature_dropout fill_ float floor gelu half hardsigmoid
hardswish hardtanh int leaky_relu log logit logsigmoid long masked_fill masked_fill_ mish mul_ nan_to_num
nan_to_num_ neg normalize pin_memory pow prelu reciprocal refine_names relu relu6 relu_ rename requires_grad_
retain_grad round rrelu rsqrt selu sigmoid sign silu sin softplus softsign sqrt square sub_ tanh threshold to
tril triu type type_as zero_"""


@operation(_SAME + " torch.autograd.Variable torch.as_tensor", "input", rank=0)
def same(ctx: Context, a: Args) -> Value:
    """Keeps every axis."""
    return tensor_of(ctx, a.get("input"))


@operation("detach", "input", rank=0)
def detach(ctx: Context, a: Args) -> Value:
    """Keeps every axis, without the graph."""
    tensor = tensor_of(ctx, a.get("input"))
    return Tensor(meaning.detached(tensor.states)) if isinstance(tensor, Tensor) else tensor


@operation("torch.nn.Parameter torch.nn.parameter.Parameter", "data", rank=0)
def parameter(ctx: Context, a: Args) -> Value:
    """A learned tensor."""
    return ctx.tensor(a["data"]) if "data" in a else Unknown("no data")


_BINARY = "add sub mul div subtract multiply divide true_divide maximum minimum fmax fmin lerp where_ addcmul"


@operation(_BINARY, "input other", rank=0)
def arithmetic(ctx: Context, a: Args) -> Value:
    """Elementwise of two."""

    return subscripts.arithmetic(ctx, "+", ctx.tensor(a["input"]), a.named.get("other", Lit(0)))


@operation("where", "condition input other", rank=None)
def where(ctx: Context, a: Args) -> Value:
    """Elementwise of two, by a condition."""
    first, second = (tensor_of(ctx, a.named.get(name)) for name in ("input", "other"))
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        return blended(ctx, first, second)
    ctx.use(first, "arithmetic")
    ctx.use(second, "arithmetic")
    return first if isinstance(first, Tensor) else second


@operation("cumsum cumprod softmax log_softmax torch.nn.functional.softmin", "input dim", rank=0)
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
    ctx.use(tensor, "layer")
    return tensor if isinstance(tensor, Unknown) else layers.linear(ctx, tensor, None)


@operation("torch.nn.functional.embedding", "input weight", rank=1)
def embedding(ctx: Context, a: Args) -> Value:
    """A new last axis."""
    return untold(ctx, a["input"], "an embedding of a tensor")


_LOSSES = """cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy kl_div
binary_cross_entropy_with_logits ctc_loss cosine_embedding_loss triplet_margin_loss margin_ranking_loss"""


@operation(" ".join(f"torch.nn.functional.{n}" for n in _LOSSES.split()), "input target *more", rank=None)
def loss(ctx: Context, a: Args) -> Value:
    """A loss."""
    for value in (*a.named.values(), *a.rest):
        ctx.use(value, "loss")
    return Unknown("a loss")


_PRODUCTS = "matmul mm bmm mv dot inner baddbmm addmm einsum tensordot cosine_similarity bilinear cdist outer"


@operation(_PRODUCTS, "input other *more", rank=None)
def product(ctx: Context, a: Args) -> Value:
    """A product of tensors: a use of both."""
    for value in (*a.named.values(), *a.rest):
        ctx.use(value, "arithmetic")
    return Unknown("a product of tensors")


@operation("equal allclose torch.testing.assert_close torch.testing.assert_allclose", "input other", rank=None)
def equal(ctx: Context, a: Args) -> Value:
    """Whether two tensors are the same as a whole."""
    return _compared(ctx, a, whole=True)


@operation("eq ne isclose", "input other", rank=None)
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
