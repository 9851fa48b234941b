"""Distributions of torch: what is drawn from one whose parameters are numbers, or constants, is noise.

What a layer has made a distribution's parameter of is in its samples as well (a variational encoder): of such a
distribution nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.torch_api.operands import integers
from rnnlint.torch_api.tensors.making import new, shape_of_constants
from rnnlint.values.domain import Class, Items, Partial, Torch, Value
from rnnlint.values.heap_cells import ObjectCell
from rnnlint.values.origins import Memory
from rnnlint.values.uses import Use

_DRAWS = "torch.distributions.Distribution.sample"
_SPREAD = ("Cauchy", "Gumbel", "Laplace", "LogNormal", "Normal", "StudentT", "Uniform")
"""Those that draw each element alone, of one number or of one for each element."""


def _distribution(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``Normal(0.0, 0.5)``: what its samples are made of is remembered, as what ``sample`` is called with first."""
    parameters = (*args, *(value for name, value in keywords.items() if name != "validate_args"))
    for value in parameters:
        run.use(value, Use.ELSEWHERE)
    each = None if "**" in keywords else shape_of_constants(run, parameters)
    if each is None:
        return run.lost("a distribution of what is not known")
    draw = Partial(Torch(_DRAWS), (Items(tuple(map(run.facts.number, each))),), ())
    return run.containers.new_cell(ObjectCell(Class(run.site.node, 0), {"sample": draw, "rsample": draw}))


def _sample(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``distribution.sample((2, 3))``: new numbers in the shape that is asked for, each in that of the parameters."""
    asked = args[1] if len(args) > 1 else keywords.get("sample_shape", Items(()))
    outer, inner = integers(run, (asked,)), integers(run, args[:1])
    return new(run, None if outer is None or inner is None else (*outer, *inner), Memory.NOISE)


CALLS: Mapping[str, Callable[[Run, Arguments, Keywords], Value]] = {
    **{f"torch.distributions.{name}": _distribution for name in _SPREAD},
    **{f"torch.distributions.{name.lower()}.{name}": _distribution for name in ("Normal", "Uniform", "Laplace")},
    _DRAWS: _sample,
}
