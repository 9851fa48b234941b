"""Operations that make one value of a whole axis, or let every element read it."""

from __future__ import annotations

from rnnlint.axes.operations import combine, select
from rnnlint.axes.reading.notes import note
from rnnlint.axes.states import Note, Raises, States, Unknown, blocks, shape
from rnnlint.events import Reduced
from rnnlint.torch_api.batches.lengths import pooled
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import INDICES, indices_of, integers, tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import selecting
from rnnlint.torch_api.tensors.comparing import measured
from rnnlint.torch_api.tensors.elementwise import blended, say_added
from rnnlint.values.domain import Formless, Items, Lit, Tensor, Value
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
    refuses="""
        x, 7 -> IndexError
        x, (0, 0) -> RuntimeError
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
    refuses="""
        norm vector_norm: x, 2, 7 -> IndexError
        norm vector_norm: x, 2, (0, 0) -> RuntimeError
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
    refuses="""
        x, 7 -> IndexError
        mean sum amax amin logsumexp nanmean nansum all any count_nonzero: x, (1, 1) -> RuntimeError
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
        if not axes:
            return Unknown("a reduction of a tensor of unknown rank, over all axes or some that are not known")
        return Formless(tensor.root, tensor.change if keep else tensor.change - len(axes))
    if not isinstance(tensor, Tensor) or (given is not None and axes is None):
        return untold(ctx, tensor)
    if axes is not None:
        ctx.emit(Reduced(tensor.states, ctx.site))
    else:
        measured(ctx, tensor.states)
    states = (
        selecting.summed(tensor.states, axes)
        if a.op == "sum"
        else pooled(ctx, tensor.states, axes, a.op in ("max", "amax"))
    )
    return ctx.settle(combine.reduce(states, axes, keep))


@operation(
    "quantile nanquantile",
    "input q dim keepdim",
    rank="any",
    tries="""
        x, 0.5, 1
        x, 0.5, 1, True
        x, 0.25
        ? x, torch.tensor([0.25, 0.5], dtype=x.dtype), 1
    """,
    refuses="x, 0.5, 7 -> IndexError",
)
def quantile(ctx: Context, a: Args) -> Value:
    """One value for a whole axis (or all of them): the one of which a part of them is less."""
    if not isinstance(a.named.get("q"), Lit):
        return untold(ctx, a["input"], "several quantiles")
    return reduce(ctx, a)


@operation(
    "torch.std_mean torch.var_mean",
    "input dim|axis unbiased keepdim",
    rank="any",
    tries="""
        x, 1
        x, (0, 1), False, True
        x
    """,
    refuses="x, 7 -> IndexError",
)
@operation(
    "aminmax",
    "input dim keepdim",
    rank="any",
    tries="""
        x
        x, dim=1
        x, dim=1, keepdim=True
    """,
    refuses="x, dim=7 -> IndexError",
)
def two_of_all(ctx: Context, a: Args) -> Value:
    """Two values for a whole axis (or all of them)."""
    value = reduce(ctx, a)
    return value if isinstance(value, Unknown) else Items((value, value))


@operation(
    "kthvalue",
    "input k dim keepdim",
    rank="any",
    tries="""
        x, 1, 1
        x, 2
        x, 1, 1, True
    """,
    refuses="x, 1, 7 -> IndexError",
)
def kthvalue(ctx: Context, a: Args) -> Value:
    """``(values, indices)`` along an axis, which is the last one if none is given."""
    named = {"dim": Lit(-1), **a.named}
    value = reduce(ctx, Args(named, op=a.op))
    return value if isinstance(value, Unknown) else Items((value, Unknown("indices")))


@operation(
    "max min median nanmedian mode",
    "input dim|other keepdim",
    rank="any",
    tries="""
        max min median nanmedian mode: x, 1
        max min median nanmedian mode: x, 1, True
        max min median nanmedian: x
        max min: x, y
        max min: x, dim=1, keepdim=True
    """,
    refuses="""
        max min median nanmedian mode: x, 7 -> IndexError
        max min: x, y[:, :0] -> RuntimeError
    """,
)
def extreme(ctx: Context, a: Args) -> Value:
    """``(values, indices)`` along an axis; one value of all; or elementwise of two tensors."""
    other = a.named.get("dim")
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(other, Tensor) and isinstance(tensor, Tensor):
        say_added(ctx, tensor.states, other.states)
        return blended(ctx, tensor, other)
    if isinstance(tensor, Formless):
        return Unknown("the extremes of a tensor of unknown shape")
    value = reduce(ctx, a)
    if other is None or isinstance(value, Unknown):
        return value
    return Items((value, indices_of(ctx, tensor, shape(value.states)) if isinstance(value, Tensor) else INDICES))


@operation("argwhere nonzero torch.bucketize", "input", rank=None, tries="? argwhere nonzero: x\n? bucketize: v, v")
def found(ctx: Context, a: Args) -> Value:
    """Indices of elements, nobody knows how many."""
    ctx.use(a["input"], Use.ARITHMETIC)
    return INDICES


@operation(
    "argmax argmin",
    "input dim|axis keepdim|keepdims",
    rank=None,
    tries="""
        x, 1
        x, -1, True
        x
    """,
    refuses="x, 7 -> IndexError",
)
def chosen(ctx: Context, a: Args) -> Value:
    """Where along an axis the largest elements stand, or where in the flat tensor the largest is."""
    tensor = tensor_of(ctx, a.get("input"))
    ctx.use(tensor, Use.ARITHMETIC)
    axis = ctx.facts.integer(a["dim"]) if "dim" in a and a["dim"] != Lit(None) else None
    keep = ctx.facts.flag(a["keepdim"]) if "keepdim" in a else False
    if not isinstance(tensor, Tensor) or keep is None or (axis is None and a.named.get("dim", Lit(None)) != Lit(None)):
        return INDICES
    left = combine.reduce(tensor.states, axis, keep)
    return indices_of(ctx, tensor, shape(left)) if isinstance(left, States) else ctx.settle(left)


@operation(
    "multinomial",
    "input num_samples replacement",
    rank=None,
    tries="""
        m.abs(), 1
        v.abs(), 2
    """,
    refuses="x.abs(), 1 -> RuntimeError",
)
def drawn(ctx: Context, a: Args) -> Value:
    """Indices drawn by weights, so many of each row."""
    tensor, count = tensor_of(ctx, a.get("input")), ctx.facts.integer(a.get("num_samples"))
    ctx.use(tensor, Use.ARITHMETIC)
    if isinstance(tensor, Tensor) and len(shape(tensor.states)) > 2:  # torch takes one row of weights, or several
        if not any(note(block, Note.SQUEEZED) for block in blocks(tensor.states)):
            return ctx.settle(Raises("RuntimeError", "prob_dist must be 1 or 2 dim"))
        # whoever squeezes to draw one says that an axis of which the file does not tell is one wide
        ctx.layouts.restored(tensor.states)
        return INDICES
    if not isinstance(tensor, Tensor) or count is None:
        return INDICES
    return indices_of(ctx, tensor, (*shape(tensor.states)[:-1], count))


@operation("cumsum cumprod logcumsumexp", "input dim", rank=0, tries="x, 1", refuses="x, 7 -> IndexError")
def running(ctx: Context, a: Args) -> Value:
    """Every element reads its axis up to its own place."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.facts.integer(a.get("dim"))
    if not isinstance(tensor, Tensor) or axis is None:
        return untold(ctx, tensor)
    return ctx.settle(combine.spread(tensor.states, axis))


@operation("cummax cummin", "input dim", rank="any", tries="x, 1", refuses="x, 7 -> IndexError")
def running_extreme(ctx: Context, a: Args) -> Value:
    """``(values, indices)``: every element reads its axis up to its own place."""
    value = running(ctx, a)
    return value if isinstance(value, Unknown) else Items((value, Unknown("indices")))


@operation(
    "diff",
    "input n dim",
    rank=0,
    tries="""
        x
        x, 2, 1
        x, dim=0
    """,
)
def difference(ctx: Context, a: Args) -> Value:
    """Every position of an axis less the one before it, so many times."""
    tensor = tensor_of(ctx, a.get("input"))
    times, axis = (ctx.facts.integer(a[name]) if name in a else default for name, default in (("n", 1), ("dim", -1)))
    if not isinstance(tensor, Tensor) or axis is None or times is None or len(a.named) > 1 + ("n" in a) + ("dim" in a):
        return untold(ctx, tensor)
    states: States = tensor.states
    for _ in range(min(times, MOST_DIFFERENCES)):
        sides = [select.narrow(states, axis, *ends) for ends in ((1, None), (None, -1))]
        known = [side for side in sides if isinstance(side, States)]
        made = combine.blend(known) if len(known) == len(sides) else Unknown("a difference along no axis")
        if isinstance(made, (Raises, Unknown)):
            return ctx.settle(made)
        states = made
    return ctx.settle(states)


MOST_DIFFERENCES = 8  # each reads one position more, and blends twice as many parts
