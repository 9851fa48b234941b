"""Functions of numbers, from ``math`` and numpy, and numbers made of tensors: what scales a tensor is no mask."""

from __future__ import annotations

import math
from collections.abc import Callable

from rnnlint.axes.states import Unknown
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import outside, source_key, tensor_of
from rnnlint.torch_api.registry import Args, Handler, operation
from rnnlint.torch_api.tensors import less_one, listed
from rnnlint.values.domain import Formless, Free, Lit, Ref, Tensor, Value
from rnnlint.values.forms import NumberOf
from rnnlint.values.origins import Constants, Filled, LastValid, Numbers
from rnnlint.values.uses import AS_ARRAY, Use

_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sqrt": math.sqrt,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "exp": math.exp,
    "floor": math.floor,
    "ceil": math.ceil,
}


def _of_number(name: str, function: Callable[[float], float]) -> Handler:
    def apply(ctx: Context, a: Args) -> Value:
        """The function of a number; open where that is."""
        value = a.get("x")
        if isinstance(value, Lit) and isinstance(value.value, (int, float)):
            try:
                return Lit(function(value.value), value.origins)
            except (ValueError, OverflowError):
                return Unknown(f"{name}() of a number that has none")
        if isinstance(value, (Tensor, Formless)):
            ctx.use(value, Use.ELSEWHERE)
        if isinstance(value, Free):
            return Free(f"{name}({value.key})", value.owner, NumberOf(value))
        return Unknown(f"{name}()")

    return apply


for _name, _function in _FUNCTIONS.items():
    operation(f"math.{_name} numpy.{_name}", "x", rank="any", tries="2.0")(_of_number(_name, _function))


_SUMMARIES = """mean sum std var median max min amax amin average percentile concatenate stack vstack
hstack argsort argmax argmin random.choice"""


@operation(
    " ".join(f"numpy.{name}" for name in _SUMMARIES.split()),
    "a|object|arrays *more",
    rank="any",
    tries="""
        ? mean sum std var median max min amax amin average argsort argmax argmin choice: [1.0, 2.0]
        ? percentile: [1.0, 2.0], 50
        ? concatenate stack vstack hstack: [[1.0], [2.0]]
    """,
)
def of_many(ctx: Context, a: Args) -> Value:
    """What numpy makes of several numbers or arrays: no tensor."""
    for value in (*a.named.values(), *a.rest):
        ctx.use(value, Use.ELSEWHERE)
    return Unknown("a number or array of numpy's")


@operation("numpy.array numpy.asarray", "a|object *more", rank="any", tries="? [1.0, 2.0]")
def array_of(ctx: Context, a: Args) -> Value:
    """An array of numpy's: no tensor.  Of numbers it is told whether each is one less than another."""
    for value in (*a.named.values(), *a.rest):
        ctx.use(value, Use.ELSEWHERE)
    made = listed.constants(ctx, Args({"data": a["a"]})) if isinstance(a.get("a"), Ref) else a.get("a")
    if isinstance(made, Free):
        return less_one.ARRAY_LESS_ONE if less_one.is_last_valid(made) else less_one.ARRAY
    match source_key(made) if made is not None else None:
        case LastValid():
            return less_one.ARRAY_LESS_ONE
        case Numbers() | Filled() | Constants():
            return less_one.ARRAY
    return Unknown("a number or array of numpy's")


@operation("Tensor.numpy", "input", rank="any", tries="? x.detach()")
def array(ctx: Context, a: Args) -> Value:
    """An array of numpy's, whose methods have other arguments than those of a tensor."""
    return outside(ctx, tensor_of(ctx, a["input"]), AS_ARRAY)


@operation("torch.from_numpy", "ndarray", rank="any", tries="? x.detach().numpy()")
def from_numpy(ctx: Context, a: Args) -> Value:
    """A tensor of the numbers in an array; of one whose shape the program has written down, that is known."""
    array = a["ndarray"]
    ctx.use(array, Use.ELSEWHERE)
    if isinstance(array, Tensor) and not ctx.calls.modules(array.states):
        return array
    return listed.of_array(ctx, array) or Unknown("a tensor of an array")


@operation("Tensor.backward", "input", rank="any", tries="x.sum()")
def backward(ctx: Context, a: Args) -> Value:
    """Computes gradients, and returns nothing."""
    ctx.use(a["input"], Use.LOSS)
    return Lit(None)
