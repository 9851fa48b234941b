"""Functions of numbers, from ``math`` and numpy: what scales a tensor is no mask."""

from __future__ import annotations

import math
from collections.abc import Callable

from rnnlint.axes.states import Unknown
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.registry import Args, Handler, operation
from rnnlint.values.domain import Formless, Free, Lit, Tensor, Value
from rnnlint.values.forms import NumberOf
from rnnlint.values.uses import Use

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
        if isinstance(value, Lit) and isinstance(value.value, int | float):
            try:
                return Lit(function(value.value), value.origins)
            except (ValueError, OverflowError):
                return Unknown(f"{name}() of a number that has none")
        if isinstance(value, Tensor | Formless):
            ctx.use(value, Use.ELSEWHERE)
        if isinstance(value, Free):
            return Free(f"{name}({value.key})", value.owner, NumberOf(value))
        return Unknown(f"{name}()")

    return apply


for _name, _function in _FUNCTIONS.items():
    operation(f"math.{_name} numpy.{_name}", "x", rank="any", tries="2.0")(_of_number(_name, _function))
