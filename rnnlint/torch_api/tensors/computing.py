"""Operations that compute element by element, and what keeps every axis."""

from __future__ import annotations

from math import prod

from rnnlint.axes.reading import marking
from rnnlint.axes.states import Given, Note, Unknown, blocks, shape
from rnnlint.torch_api.batches.lengths import moved_of
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import outside, renewed, source_key, tensor_of, truths, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import elementwise, less_one, same_number, selecting
from rnnlint.torch_api.tensors.devices import device_of, device_of_type, put_on
from rnnlint.torch_api.tensors.elementwise import blended
from rnnlint.torch_api.tensors.elementwise_names import OF_ONE, OF_TWO
from rnnlint.torch_api.tensors.indexing import scalar
from rnnlint.values.domain import Along, Formless, Lit, Tensor, Torch, Value
from rnnlint.values.origins import Chosen, Memory
from rnnlint.values.uses import AS_NUMBERS, Use

# Elementwise too, but flat, or of whole numbers, so that no gradient shows it; and what needs another device.  What is
# normalised reads more than it keeps, and no rule takes that for reading other states.
_ALSO_SAME = """torch.ceil Tensor.ceil Tensor.ceil_ torch.fix Tensor.fix torch.floor Tensor.floor Tensor.floor_
torch.round Tensor.round Tensor.round_ torch.sgn Tensor.sgn torch.sign Tensor.sign Tensor.sign_ torch.trunc Tensor.trunc
Tensor.bool Tensor.byte Tensor.int Tensor.long Tensor.short Tensor.chalf torch.detach_ Tensor.detach_ Tensor.pin_memory
torch.tril Tensor.tril torch.triu Tensor.triu torch.prelu Tensor.prelu torch.nn.functional.prelu
torch.nn.functional.normalize torch.nn.functional.dropout1d torch.nn.functional.dropout3d
torch.autograd.Variable"""


_CLAMPING = "clamp clamp_ clamp_min clamp_min_ clip clip_"
_CLAMPS = frozenset(f"{owner}.{name}" for owner in ("torch", "Tensor") for name in _CLAMPING.split())
_POWERS = frozenset({"torch.pow", "Tensor.pow", "Tensor.pow_"})
_APART = _CLAMPS | _POWERS
_OTHERS = {arguments: [name for name in names.split() if name not in _APART] for arguments, names in OF_ONE.items()}


@operation(
    _CLAMPING,
    "input min",
    rank=0,
    tries="""
        x, 0.5
        x, min=0.5
    """,
)
@operation("pow Tensor.pow_", "input exponent", rank=0, tries="pow pow_: x, 0.5")
@operation(
    " ".join([*(name for names in _OTHERS.values() for name in names), _ALSO_SAME]),
    "input",
    rank=0,
    tries="\n".join(f"{' '.join(names)}: {arguments}" for arguments, names in _OTHERS.items() if names)
    + """
        ceil ceil_ fix floor floor_ round round_ sgn sign sign_ trunc bool byte int long short chalf: x
        detach_ pin_memory tril triu Variable normalize: x
        prelu: x, torch.tensor(0.5, dtype=x.dtype)
        dropout1d: x, 0.5, False
        dropout3d: x.unsqueeze(0), 0.5, False
    """,
)
def same(ctx: Context, a: Args) -> Value:
    """Keeps every axis."""
    value = tensor_of(ctx, a.get("input"))
    if a.op == "bool":
        return truths(ctx, value)
    if isinstance(value, Tensor) and a.op not in CASTS:
        value = selecting.otherwise(ctx, value)
    if a.op not in CASTS and a.op not in _KEEPS_LAST:
        value = less_one.reckoned_with(ctx, value)
    least = a.get("min")
    clamped = isinstance(least, Lit) and isinstance(least.value, (int, float)) and least.value >= 0
    least_is_zero = clamped or a.op in _RECTIFYING or elementwise.is_even(a.get("exponent"))
    return elementwise.no_less_than_zero(value) if least_is_zero else value


# a number of another type, or in other memory, is the number that it was
CASTS = frozenset(
    [
        "float",
        "double",
        "half",
        "bfloat16",
        "bool",
        "byte",
        "int",
        "long",
        "short",
        "clone",
        "contiguous",
        "cpu",
        "cuda",
        "detach_",
        "requires_grad_",
        "Variable",
        "as_tensor",
        "to",
        "type_as",
    ]
)
_KEEPS_LAST = frozenset([*_CLAMPING.split(), "detach", "pin_memory", "relu", "abs", "floor", "round", "trunc"])
"""What leaves ``lengths - 1`` as it is, where no length is zero."""
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
    "Tensor.type",
    "input dtype",
    rank=0,
    tries="""
        x, torch.float64
        x, torch.DoubleTensor
        x, 'torch.FloatTensor'
    """,
)
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
    value = put_on(ctx, tensor, _device(ctx, a))
    return truths(ctx, value) if a.named.get("device", a.named.get("dtype")) in _TRUTHS else value


_TRUTHS = (Torch("torch.bool"), Torch("torch.BoolTensor"))


def _device(ctx: Context, a: Args) -> Note | None:
    """Where ``.to(...)``, ``.cuda()`` or ``.cpu()`` puts a tensor; None for another dtype only."""
    if a.op in ("cuda", "cpu", "type_as"):
        return Note.ON_CPU if a.op == "cpu" else Note.ON_DEVICE
    if a.op == "type":
        return device_of_type(a.named.get("dtype"))
    return device_of(a.named.get("device", Lit(None)))


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
        return outside(ctx, tensor, AS_NUMBERS)
    return Along(tensor.states, 0)


@operation("Tensor.item", "input", rank="any", tries="? item: s")
def item(ctx: Context, a: Args) -> Value:
    """The number of a tensor of one element."""
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Tensor) and prod(shape(tensor.states)) != 1:
        # torch takes one element only: whoever squeezed before says that the axes which the file leaves open are one
        ctx.layouts.restored(tensor.states)
        key = source_key(tensor)
        if isinstance(key, Chosen) and key.scores is not None:  # one of each row: there is one row
            ctx.layouts.restored(key.scores)
    if isinstance(tensor, Unknown) or (isinstance(tensor, Tensor) and ctx.calls.modules(tensor.states)):
        return untold(ctx, tensor, "a number of a tensor")
    return scalar(tensor)


@operation("neg", "input", rank=0, tries="neg: x")
def negative(ctx: Context, a: Args) -> Value:
    """Elementwise ``-x``."""
    return elementwise.negative(ctx, ctx.facts.tensor(a["input"]))


@operation("detach", "input", rank=0, tries="x")
def detach(ctx: Context, a: Args) -> Value:
    """Keeps every axis, without the graph."""
    tensor = tensor_of(ctx, a.get("input"))
    return Tensor(marking.detached(tensor.states)) if isinstance(tensor, Tensor) else tensor


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


_BETWEEN = "maximum minimum fmax fmin lerp Tensor.lerp_ addcmul addcdiv floor_divide"


_COUNTED = {"sub": "-", "subtract": "-", "rsub": "-", "mul": "*", "multiply": "*"}
_SIGNS = {**_COUNTED, "float_power": "**"}
COUNTING = frozenset({"add", *_COUNTED})
"""What is followed of one number everywhere, as the operators are."""


@operation(
    f"{OF_TWO} {_BETWEEN}",
    "input|x other|exponent|end|tensor1|y",
    rank="any",
    tries=f"{' '.join(OF_TWO.split())}: x, y"
    + """
        maximum minimum fmax fmin floor_divide: x, y
        floor_divide: x, 2
        add sub mul div add_ mul_ div_ subtract multiply divide true_divide: x, 2
        lerp lerp_: x, y, 0.5
        addcmul addcdiv: x, y, y
        add sub mul maximum: x, one
    """,
    refuses=f"{' '.join(OF_TWO.split())}: x, y[:, :0] -> RuntimeError"
    + """
        maximum minimum fmax fmin: x, y[:, :0] -> RuntimeError
        lerp lerp_: x, y[:, :0], 0.5 -> RuntimeError
        addcmul addcdiv: x, y[:, :0], y -> RuntimeError
    """,
)
def arithmetic(ctx: Context, a: Args) -> Value:
    """Elementwise of two."""
    operands = ctx.facts.tensor(a["input"]), a.named.get("other", Lit(0))
    left, right = reversed(operands) if a.op == "rsub" else operands
    op = a.op.rstrip("_")
    sign = _SIGNS.get(op, "+")
    if op not in COUNTING:  # of division and the like, all that matters else is that it is no difference
        left, right = same_number.forgotten(left), same_number.forgotten(right)
    return elementwise.arithmetic(
        ctx, *(elementwise.taken_away(sign, left, right) if op == "add" else (sign, left, right))
    )


@operation(
    "Tensor.where", "input condition other", rank=None, tries="x, mask, y", refuses="x, mask, y[:, :0] -> RuntimeError"
)
@operation(
    "torch.where",
    "condition input other",
    rank=None,
    tries="""
        mask, x, y
        mask, x, torch.zeros(2, 5, 6, dtype=x.dtype)
        mask, 1, 0
    """,
    refuses="mask, x, y[:, :0] -> RuntimeError",
)
def where(ctx: Context, a: Args) -> Value:
    """Elementwise of two, by a condition: a mask."""
    if isinstance(a.named.get("input"), Lit) and isinstance(a.named.get("other"), Lit):  # the condition, in numbers
        return tensor_of(ctx, a.named.get("condition"))
    first, second = (tensor_of(ctx, a.named.get(name)) for name in ("input", "other"))
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        joint = blended(ctx, first, second)
        return elementwise.masked(ctx, joint) if isinstance(joint, Tensor) else joint
    ctx.use(first, Use.ARITHMETIC)
    ctx.use(second, Use.ARITHMETIC)
    kept = first if isinstance(first, Tensor) else second
    return elementwise.masked(ctx, kept) if isinstance(kept, Tensor) else kept
