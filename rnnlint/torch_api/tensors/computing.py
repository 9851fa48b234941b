"""Operations that compute: reductions, elementwise ones, products, losses, comparisons."""

from __future__ import annotations

from rnnlint.axes.operations import combine
from rnnlint.axes.reading import meaning, notes
from rnnlint.axes.states import Given, Note, Unknown, blocks, shape
from rnnlint.events import Compared, Reduced
from rnnlint.torch_api.batches.lengths import moved_of, pooled
from rnnlint.torch_api.context import LOSS, Context
from rnnlint.torch_api.modules import layers
from rnnlint.torch_api.operands import integers, renewed, tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import elementwise
from rnnlint.torch_api.tensors.elementwise import blended
from rnnlint.torch_api.tensors.elementwise_names import OF_ONE, OF_TWO
from rnnlint.torch_api.tensors.indexing import scalar
from rnnlint.values.domain import Along, Either, Formless, Free, Items, Lit, Tensor, Torch, Value
from rnnlint.values.forms import Moved
from rnnlint.values.origins import Memory
from rnnlint.values.uses import Use

_REDUCTIONS = "mean sum prod amax amin logsumexp nanmean nansum all any count_nonzero"
_NORMS = "torch.norm Tensor.norm torch.linalg.norm torch.linalg.vector_norm"


@operation(
    "std var",
    "input dim|axis unbiased keepdim|keepdims",
    rank="any",
    tries="""
        x, 1
        x, (0, 1), False
        x, 1, True, True
        x, dim=1, keepdim=True
        x
        x, False
    """,
)
@operation(
    _NORMS,
    "input p|ord dim|axis keepdim|keepdims",
    rank="any",
    tries="""
        torch.norm Tensor.norm vector_norm: x, 2, 1
        torch.norm Tensor.norm vector_norm: x, 2, 1, True
        x, dim=-1
        x
    """,
)
@operation(
    _REDUCTIONS,
    "input dim|axis keepdim|keepdims",
    rank="any",
    tries="""
        mean sum prod amax amin nanmean nansum all any count_nonzero logsumexp: x, 1
        mean sum amax amin nansum nanmean: x, (0, 1)
        mean sum amax amin nansum nanmean logsumexp: x, 1, True
        mean sum amin logsumexp: x, dim=1, keepdim=True
        mean sum amax prod all any count_nonzero: x
    """,
)
def reduce(ctx: Context, a: Args) -> Value:
    """One value for a whole axis (or several, or all)."""
    tensor = tensor_of(ctx, a.get("input"))
    given = a.get("dim")
    if isinstance(given, Lit) and isinstance(given.value, bool):  # x.std(False): the axis is left out, not the flag
        given = None
    axes = integers(ctx, (given,)) if given is not None else None
    keep = bool(ctx.facts.flag(a["keepdim"])) if "keepdim" in a else False
    if isinstance(tensor, Formless):
        return (
            Formless(tensor.root, tensor.change if keep else tensor.change - len(axes or ())) if axes else Unknown("")
        )
    if not isinstance(tensor, Tensor) or (given is not None and axes is None):
        return untold(ctx, tensor)
    if axes is not None:
        ctx.emit(Reduced(tensor.states, ctx.site))
    states = tensor.states if a.op == "sum" else pooled(ctx, tensor.states, axes, a.op in ("max", "amax"))
    return ctx.settle(combine.reduce(states, axes, keep))


@operation(
    "max min median torch.mode",
    "input dim|other keepdim",
    rank="any",
    tries="""
        max min median mode: x, 1
        max min median mode: x, 1, True
        max min median: x
        max min: x, y
        max min: x, dim=1, keepdim=True
    """,
)
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


@operation(
    "argmax argmin torch.multinomial",
    "input dim",
    rank=None,
    tries="""
        ? argmax argmin: x, 1
        ? argmax argmin: x
        ? multinomial: m.abs(), 1
    """,
)
def chosen(ctx: Context, a: Args) -> Value:
    """Indices of elements: no states any more."""
    ctx.use(a["input"], Use.ARITHMETIC)
    return Unknown("indices of elements")


# Elementwise too, but flat, or of whole numbers, so that no gradient shows it; and what needs another device.  What is
# normalised reads more than it keeps, and no rule takes that for reading other states.
_ALSO_SAME = """torch.ceil Tensor.ceil Tensor.ceil_ torch.fix Tensor.fix torch.floor Tensor.floor Tensor.floor_
torch.round Tensor.round Tensor.round_ torch.sgn Tensor.sgn torch.sign Tensor.sign Tensor.sign_ torch.trunc Tensor.trunc
Tensor.bool Tensor.byte Tensor.int Tensor.long Tensor.short Tensor.chalf torch.detach_ Tensor.detach_ Tensor.pin_memory
torch.tril Tensor.tril torch.triu Tensor.triu torch.prelu Tensor.prelu torch.nn.functional.prelu
torch.nn.functional.normalize torch.nn.functional.dropout1d torch.nn.functional.dropout3d
torch.autograd.Variable torch.as_tensor"""


@operation(
    " ".join([*OF_ONE.values(), _ALSO_SAME]),
    "input",
    rank=0,
    tries="\n".join(f"{' '.join(names.split())}: {arguments}" for arguments, names in OF_ONE.items())
    + """
        ceil ceil_ fix floor floor_ round round_ sgn sign sign_ trunc bool byte int long short chalf: x
        detach_ pin_memory tril triu Variable as_tensor normalize: x
        prelu: x, torch.tensor(0.5, dtype=x.dtype)
        dropout1d: x, 0.5, False
        dropout3d: x.unsqueeze(0), 0.5, False
    """,
)
def same(ctx: Context, a: Args) -> Value:
    """Keeps every axis."""
    value = tensor_of(ctx, a.get("input"))
    return elementwise.no_less_than_zero(value) if a.op in _RECTIFYING else value


_RECTIFYING = frozenset({"relu", "relu_", "relu6", "abs", "absolute", "square"})  # nothing is below 0, and 0 stays 0


@operation(
    "masked_fill Tensor.masked_fill_ Tensor.index_fill Tensor.index_fill_",
    "input mask|dim value|index",
    rank=0,
    tries="""
        masked_fill masked_fill_: x, mask, 0
        index_fill index_fill_: x, 1, torch.tensor([0]), 0
    """,
)
def filled(ctx: Context, a: Args) -> Value:
    """Keeps every axis; what a mask picks is padding no more."""
    tensor = tensor_of(ctx, a.get("input"))
    return elementwise.masked(ctx, tensor) if isinstance(tensor, Tensor) else tensor


@operation(
    "Tensor.to Tensor.cuda Tensor.cpu Tensor.type_as",
    "input device other",
    rank=0,
    tries="""
        to: x, 'cpu'
        to: x, torch.float64
        cpu: x
        type_as: x, y
    """,
)
def moved(ctx: Context, a: Args) -> Value:
    """Keeps every axis; on another device, if the first argument is one."""
    tensor = tensor_of(ctx, a.get("input"))
    where = _device(ctx, a)
    if where is None or isinstance(tensor, Unknown):
        return tensor
    if isinstance(tensor, Formless):
        inner = moved_of(tensor)
        if where is Note.ON_CPU:
            return inner or tensor
        root = tensor.root
        return tensor if inner else Formless(Free(root.key, root.owner, Moved(root)), tensor.change)
    states = notes.without(notes.without(tensor.states, Note.ON_DEVICE), Note.ON_CPU)
    return Tensor(notes.noted(states, where, ctx.site))


def _device(ctx: Context, a: Args) -> Note | None:
    """Where ``.to(...)``, ``.cuda()`` or ``.cpu()`` puts a tensor; None for another dtype only."""
    if a.op in ("cuda", "cpu", "type_as"):
        return Note.ON_CPU if a.op == "cpu" else Note.ON_DEVICE
    device = a.named.get("device", Lit(None))
    if isinstance(device, Lit):
        cpu = isinstance(device.value, str) and device.value.startswith("cpu")
        return Note.ON_CPU if cpu else None if device.value is None else Note.ON_DEVICE
    named = isinstance(device, Torch) and device.name.startswith("torch.")  # torch.long
    return None if named or isinstance(device, Tensor | Formless) else Note.ON_DEVICE


@operation(
    "Tensor.tolist",
    "input",
    rank="any",
    tries="""
        ? tolist: x
        tolist: lengths
    """,
)
def listed(ctx: Context, a: Args) -> Value:
    """The numbers of a tensor as a list."""
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless):
        return moved_of(tensor) or tensor
    if not isinstance(tensor, Tensor) or not shape(tensor.states) or ctx.calls.modules(tensor.states):
        return untold(ctx, tensor, "the numbers of a tensor")
    return Along(tensor.states, 0)


@operation("Tensor.item", "input", rank="any", tries="? item: s")
def item(ctx: Context, a: Args) -> Value:
    """The number of a tensor of one element."""
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Unknown) or (isinstance(tensor, Tensor) and ctx.calls.modules(tensor.states)):
        return untold(ctx, tensor, "a number of a tensor")
    return scalar(tensor)


@operation("neg", "input", rank=0, tries="neg: x")
def negative(ctx: Context, a: Args) -> Value:
    """Elementwise ``-x``."""
    return elementwise.negative(ctx, ctx.facts.tensor(a["input"]))


@operation(
    "gt lt ge le greater less greater_equal less_equal not_equal logical_not",
    "input other",
    rank=0,
    tries="""
        gt lt ge le greater less greater_equal less_equal not_equal: x, y
        gt lt ge le greater less greater_equal less_equal not_equal: x, 0
        logical_not: x
    """,
)
def holds(ctx: Context, a: Args) -> Value:
    """Where a comparison holds."""
    return elementwise.mask(ctx, ctx.facts.tensor(a["input"]), a.named.get("other", Lit(None)))


@operation("detach", "input", rank=0, tries="x")
def detach(ctx: Context, a: Args) -> Value:
    """Keeps every axis, without the graph."""
    tensor = tensor_of(ctx, a.get("input"))
    return Tensor(meaning.detached(tensor.states)) if isinstance(tensor, Tensor) else tensor


@operation("torch.nn.Parameter torch.nn.parameter.Parameter", "data", rank=0, tries="torch.rand(2, 3)")
def parameter(ctx: Context, a: Args) -> Value:
    """A learned tensor; one made anew whenever a module runs is in no optimiser, and stays what it is filled with."""
    tensor = ctx.facts.tensor(a["data"]) if "data" in a else Unknown("no data")
    if not isinstance(tensor, Tensor) or (ctx.in_forward and _noise(ctx, tensor)):
        return tensor
    return renewed(ctx, tensor, Memory.LEARNED)


def _noise(ctx: Context, tensor: Tensor) -> bool:
    sources = [block.source for block in blocks(tensor.states)]
    return all(isinstance(source, Given) and ctx.fresh_tensors.memory(source) is Memory.NOISE for source in sources)


_BETWEEN = "maximum minimum fmax fmin lerp Tensor.lerp_ addcmul addcdiv"
_SIGNS = {"sub": "-", "subtract": "-", "rsub": "-", "mul": "*", "multiply": "*"}


@operation(
    f"{OF_TWO} {_BETWEEN}",
    "input|x other|exponent|end|tensor1|y",
    rank=0,
    tries=f"{' '.join(OF_TWO.split())}: x, y"
    + """
        maximum minimum fmax fmin: x, y
        add sub mul div add_ mul_ div_ subtract multiply divide true_divide: x, 2
        lerp lerp_: x, y, 0.5
        addcmul addcdiv: x, y, y
        add sub mul maximum: x, one
    """,
)
def arithmetic(ctx: Context, a: Args) -> Value:
    """Elementwise of two."""
    operands = ctx.facts.tensor(a["input"]), a.named.get("other", Lit(0))
    left, right = reversed(operands) if a.op == "rsub" else operands
    return elementwise.arithmetic(ctx, _SIGNS.get(a.op.rstrip("_"), "+"), left, right)


@operation("Tensor.where", "input condition other", rank=None, tries="x, mask, y")
@operation(
    "torch.where",
    "condition input other",
    rank=None,
    tries="""
        mask, x, y
        mask, x, torch.zeros(2, 5, 6, dtype=x.dtype)
    """,
)
def where(ctx: Context, a: Args) -> Value:
    """Elementwise of two, by a condition: a mask."""
    first, second = (tensor_of(ctx, a.named.get(name)) for name in ("input", "other"))
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        joint = blended(ctx, first, second)
        return elementwise.masked(ctx, joint) if isinstance(joint, Tensor) else joint
    ctx.use(first, Use.ARITHMETIC)
    ctx.use(second, Use.ARITHMETIC)
    kept = first if isinstance(first, Tensor) else second
    return elementwise.masked(ctx, kept) if isinstance(kept, Tensor) else kept


@operation("cumsum cumprod", "input dim", rank=0, tries="x, 1")
def running(ctx: Context, a: Args) -> Value:
    """Every element reads its axis up to its own place."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.facts.integer(a.get("dim"))
    if not isinstance(tensor, Tensor) or axis is None:
        return untold(ctx, tensor)
    return ctx.settle(combine.spread(tensor.states, axis))


@operation(
    "softmax log_softmax torch.nn.functional.softmin",
    "input dim|axis",
    rank=0,
    tries="""
        x, 1
        x, -1
    """,
)
def softmax(ctx: Context, a: Args) -> Value:
    """Every element reads its whole axis."""
    tensor = tensor_of(ctx, a.get("input"))
    return tensor if isinstance(tensor, Unknown) else layers.softmax(ctx, tensor, a.get("dim"))


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
    ctx.use(a["input"], Use.LAYER)
    return tensor_of(ctx, a.get("input"))


@operation("torch.nn.functional.linear", "input weight bias", rank=0, tries="x, torch.rand(4, 6, dtype=x.dtype)")
def linear(ctx: Context, a: Args) -> Value:
    """The last axis is added up into new features."""
    tensor = tensor_of(ctx, a.get("input"))
    ctx.use(tensor, Use.LAYER)
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
        ctx.use(value, Use.LOSS)
    return Unknown(LOSS)


_PRODUCTS = "dot inner baddbmm addmm torch.tensordot torch.cosine_similarity torch.bilinear torch.cdist outer"


@operation(
    _PRODUCTS,
    "input|a|x1|input1 other|tensor|b|x2|input2|vec2|batch1|mat1 *more",
    rank=None,
    tries="""
        ? dot inner outer: v, v
        ? baddbmm: x, torch.rand(2, 5, 3, dtype=x.dtype), torch.rand(2, 3, 6, dtype=x.dtype)
        ? addmm: m, torch.rand(2, 3, dtype=x.dtype), torch.rand(3, 6, dtype=x.dtype)
        ? tensordot: x, y, 3
        ? cosine_similarity cdist: x, y
        ? bilinear: m, m, torch.rand(3, 6, 6, dtype=x.dtype), None
    """,
)
def product(ctx: Context, a: Args) -> Value:
    """A product of tensors: a use of both."""
    for value in (*a.named.values(), *a.rest):
        ctx.use(value, Use.ARITHMETIC)
    return Unknown("a product of tensors")


@operation(
    "equal allclose torch.testing.assert_close torch.testing.assert_allclose",
    "input other",
    rank=None,
    tries="equal allclose assert_close: x, x",
)
def equal(ctx: Context, a: Args) -> Value:
    """Whether two tensors are the same as a whole."""
    return _compared(ctx, a, whole=True)


@operation(
    "eq ne isclose",
    "input other",
    rank=None,
    tries="""
        x, y
        eq ne: x, 0
    """,
)
def elementwise_equal(ctx: Context, a: Args) -> Value:
    """Where two tensors are the same."""
    return _compared(ctx, a, whole=False)


def _compared(ctx: Context, a: Args, whole: bool) -> Value:
    left, right = (tensor_of(ctx, a.named.get(name)) for name in ("input", "other"))
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        modules = dict(ctx.calls.modules(left.states)) | dict(ctx.calls.modules(right.states))
        ctx.emit(Compared(left.states, right.states, whole, ctx.site, tuple(modules.items())))
    elif not whole:
        return elementwise.mask(ctx, left, a.named.get("other", Lit(None)))
    ctx.use(left, Use.COMPARISON)
    ctx.use(right, Use.COMPARISON)
    return Either((Lit(True), Lit(False)))
