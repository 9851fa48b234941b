"""Distributions of torch: what is drawn of one is made of its parameters, and has their axes.

A sample of ``Normal(mean, std)`` is ``mean + std * noise``, so it is followed as that sum is, whatever a layer has made
of which states (a variational encoder); of numbers and constants alone it is noise.  What is drawn of chances (of a
category, of yes and no) is no state any more, as the index of the largest is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rnnlint.axes.operations import combine
from rnnlint.axes.states import Unknown, shape
from rnnlint.frozen import dataclass
from rnnlint.interpret.python import operators
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.torch_api.context import LOSS
from rnnlint.torch_api.operands import INDICES, indices_of, integers, tensor_of
from rnnlint.torch_api.tensors.making import new, shape_of_constants
from rnnlint.values.domain import Bound, Distribution, Formless, Free, Lit, Tensor, Torch, Value
from rnnlint.values.origins import Memory
from rnnlint.values.uses import Use

NOT_KNOWN = "a distribution of what is not known"


def attribute(run: Run, of: Distribution, name: str) -> Value:
    """``distribution.mean``: what it was built of; its methods, to be called later."""
    given = dict(of.given)
    if name in ("probs", "logits") and (chances := _chances(given)) is not None:
        if of.name not in _NORMALISED:
            return chances
        return run.one_of(chances, lambda one: _along_last(run, one))
    if name in given:
        return given[name]
    if name in _MEANT.get(of.name, {}):
        return given.get(_MEANT[of.name][name], Unknown(NOT_KNOWN))
    return Bound(of, name)


def method(run: Run, of: Distribution, name: str, args: Arguments, keywords: Keywords) -> Value:
    """``distribution.rsample((2, 3))`` and its like; what says how likely something is holds no states."""
    if name in ("sample", "rsample"):
        asked = args[0] if args else keywords.get("sample_shape")
        # of an open shape it is not known how many axes it adds
        outer = () if asked is None else None if isinstance(asked, Free) else integers(run, (asked,))
        names = tuple(key for key, _ in of.given)
        draw = FAMILIES[of.name].draw
        values = tuple(value for _, value in of.given)
        return run.each(values, lambda some: draw(run, dict(zip(names, some, strict=True)), outer))
    run.use(of, Use.ELSEWHERE)
    run.use_all(args, keywords)
    return Unknown(LOSS) if name in ("log_prob", "entropy", "perplexity") else run.lost(f"{name} of a distribution")


def _divergence(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``kl_divergence(one, other)``: how far two are apart."""
    run.use_all(args, keywords)
    return Unknown(LOSS)


def _independent(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``Independent(one, 1)``: the same samples; only how likely they are is said of several axes together."""
    inner = args[0] if args else keywords.get("base_distribution", Unknown(NOT_KNOWN))
    return run.one_of(inner, lambda one: one if isinstance(one, Distribution) else _lost(run, args, keywords))


def _lost(run: Run, args: Arguments, keywords: Keywords) -> Value:
    run.use_all(args, keywords)
    return run.lost(NOT_KNOWN)


# --- what is drawn ---------------------------------------------------------------------------------------------------

Given = Mapping[str, Value]
Outer = tuple[int, ...] | None


def _each(run: Run, given: Given, outer: Outer) -> Value:
    """Each element by the parameters that stand at its own place."""
    parameters = tuple(given.values())
    constant = shape_of_constants(run, parameters)
    if constant is not None:
        for value in parameters:
            run.use(value, Use.ELSEWHERE)
        return new(run, None if outer is None else (*outer, *constant), Memory.NOISE)
    unknown = [value for value in parameters if isinstance(value, Unknown)]
    if unknown or not parameters:
        return _lost(run, parameters, {})
    made = parameters[0]
    for value in parameters[1:]:
        made = operators.binary(run, "+", made, value)
    return run.one_of(made, lambda one: _repeated(run, one, outer))


def _of_chances(run: Run, given: Given, outer: Outer) -> Value:
    """Each element by its own chance alone: how warm a relaxed one is makes no axis."""
    chances = _chances(given)
    return _lost(run, tuple(given.values()), {}) if chances is None else _each(run, {"probs": chances}, outer)


def _rows(run: Run, given: Given, outer: Outer) -> Value:
    """Rows along the last axis, each element of which depends on the whole row of parameters."""
    row = given.get("concentration", _chances(given))
    if row is None:
        return _lost(run, tuple(given.values()), {})
    return run.one_of(_along_last(run, row), lambda one: _repeated(run, one, outer))


def _around(run: Run, given: Given, outer: Outer) -> Value:
    """``loc`` with the noise that a matrix spreads: each element of a row gets that of a row of the matrix."""
    matrices = [value for name, value in given.items() if name != "loc"]
    if "loc" not in given or len(matrices) != 1:
        return _lost(run, tuple(given.values()), {})
    spread = run.call(Torch("torch.sum"), (matrices[0], Lit(-1)), {})
    return run.each((given["loc"], spread), lambda two: _each(run, {"loc": two[0], "spread": two[1]}, outer))


def _category(run: Run, given: Given, outer: Outer) -> Value:
    """The number of one category for each row of chances: the last axis is gone."""
    return _drawn(run, given, outer, 1)


def _numbers(run: Run, given: Given, outer: Outer) -> Value:
    """A whole number for each chance or rate."""
    return _drawn(run, given, outer, 0)


def _drawn(run: Run, given: Given, outer: Outer, gone: int) -> Value:
    chances = tensor_of(run, given.get("rate", _chances(given)))
    for value in given.values():
        run.use(value, Use.ARITHMETIC)
    if not isinstance(chances, Tensor) or outer is None:
        return INDICES
    sizes = shape(chances.states)
    return indices_of(run, chances, (*outer, *sizes[: len(sizes) - gone]))


def _chances(given: Given) -> Value | None:
    return given.get("probs", given.get("logits"))


def _along_last(run: Run, value: Value) -> Value:
    """Every element made of all along the last axis, as by a softmax."""
    tensor = tensor_of(run, value)
    if not isinstance(tensor, Tensor):
        return tensor
    return run.settle(combine.spread(tensor.states, -1))


def _repeated(run: Run, value: Value, outer: Outer) -> Value:
    """So many samples more of each element, along axes in front of its own."""
    if outer == ():
        return value
    tensor = tensor_of(run, value)
    if outer is None or isinstance(tensor, Unknown):
        return _lost(run, (value,), {})
    if isinstance(tensor, Formless):
        return Formless(tensor.root, tensor.change + len(outer), tensor.width)
    return run.settle(combine.expand(tensor.states, (*outer, *shape(tensor.states))))


# --- which there are -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Family:
    """The parameters of a class of distributions, in torch's order, and what is drawn of one."""

    parameters: tuple[str, ...]
    draw: Callable[[Run, Given, Outer], Value]


_PARAMETERS: Mapping[Callable[[Run, Given, Outer], Value], Mapping[str, str]] = {
    _each: {
        "Beta": "concentration1 concentration0",
        "Cauchy": "loc scale",
        "Exponential": "rate",
        "Gamma": "concentration rate",
        "Gumbel": "loc scale",
        "HalfNormal": "scale",
        "Laplace": "loc scale",
        "LogNormal": "loc scale",
        "Normal": "loc scale",
        "StudentT": "df loc scale",
        "Uniform": "low high",
    },
    _of_chances: {"ContinuousBernoulli": "probs logits", "RelaxedBernoulli": "temperature probs logits"},
    _rows: {
        "Dirichlet": "concentration",
        "OneHotCategorical": "probs logits",
        "OneHotCategoricalStraightThrough": "probs logits",
        "RelaxedOneHotCategorical": "temperature probs logits",
    },
    _around: {"MultivariateNormal": "loc covariance_matrix precision_matrix scale_tril"},
    _category: {"Categorical": "probs logits"},
    _numbers: {
        "Bernoulli": "probs logits",
        "Binomial": "total_count probs logits",
        "Geometric": "probs logits",
        "NegativeBinomial": "total_count probs logits",
        "Poisson": "rate",
    },
}
FAMILIES = {
    name: _Family(tuple(parameters.split()), draw)
    for draw, named in _PARAMETERS.items()
    for name, parameters in named.items()
}
_NORMALISED = frozenset({"Categorical", "OneHotCategorical", "OneHotCategoricalStraightThrough"})
"""Those whose chances torch makes add up to 1 along the last axis."""
_AT_LOC = {"mean": "loc", "mode": "loc"}
_MEANT: Mapping[str, Mapping[str, str]] = {
    "Laplace": _AT_LOC,
    "MultivariateNormal": _AT_LOC,
    "Normal": {**_AT_LOC, "stddev": "scale", "variance": "scale"},
}
"""Properties that are a parameter, or are made of one alone, element by element."""


def _built(name: str) -> Callable[[Run, Arguments, Keywords], Value]:
    def build(run: Run, args: Arguments, keywords: Keywords) -> Value:
        """``Normal(0.0, 0.5)``: what its samples are made of is remembered."""
        parameters = FAMILIES[name].parameters
        by_name = {key: value for key, value in keywords.items() if key != "validate_args"}
        # the last of torch's own parameters, validate_args, makes no sample another one
        if len(args) > len(parameters) + 1 or not by_name.keys() <= set(parameters):
            return _lost(run, args, keywords)
        given = {**dict(zip(parameters, args, strict=False)), **by_name}
        return Distribution(name, tuple((key, given[key]) for key in parameters if given.get(key, _NONE) != _NONE))

    return build


_NONE = Lit(None)
_FILES = {
    "StudentT": "studentT",
    "OneHotCategoricalStraightThrough": "one_hot_categorical",
    "RelaxedOneHotCategorical": "relaxed_categorical",
}


def _names(name: str) -> tuple[str, str]:
    """A class of ``torch.distributions``, there and in the file that defines it."""
    file = _FILES.get(name, re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower())
    return f"torch.distributions.{name}", f"torch.distributions.{file}.{name}"


CALLS: Mapping[str, Callable[[Run, Arguments, Keywords], Value]] = {
    **{spelled: _built(name) for name in FAMILIES for spelled in _names(name)},
    **dict.fromkeys(_names("Independent"), _independent),
    "torch.distributions.kl_divergence": _divergence,
    "torch.distributions.kl.kl_divergence": _divergence,
}
