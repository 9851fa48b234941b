"""Whether a module acts as an argument says that it is built with: it is run."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

_STEPS, _SAMPLES = 7, 4  # two numbers, so that the axis of the samples is known by its size


def built(module: object, *argument: object) -> str | None:
    """What is wrong with a recurrent layer that was built with an argument, by its name and value; None of others."""
    if not isinstance(module, nn.RNNBase) or len(argument) != 2 or argument[0] not in _ACTS:
        return None
    name, value = argument
    acts = _ACTS[name](module)
    return "" if acts == value else f"it acts as if {name} were {acts}"


def _run(module: Any) -> tuple[Tensor, Tensor]:
    """Output and hidden state of torch's own module: a labelled one would return labels."""
    real: Any = next(one for one in type(module).__mro__ if one.__module__.startswith("torch.nn"))
    given = torch.ones(_STEPS, _SAMPLES, module.input_size, dtype=next(module.parameters()).dtype)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a projection torch says how it is computed
        output, state = real.forward(module, given)
    return output, state[0] if isinstance(state, tuple) else state


def _rate(module: Any) -> float:
    """The dropout's rate, where numbers are drawn if and only if it is between none and all, and there is a place."""
    drawn = module.training and module.num_layers > 1 and 0 < module.dropout < 1
    differs = not torch.equal(_run(module)[0], _run(module)[0])
    return float(module.dropout) if differs == drawn else float("nan")


def _nonlinearity(module: Any) -> str:
    large = copy.deepcopy(module)
    with torch.no_grad():
        for weight in large.parameters():
            weight.fill_(1.0)
    return "relu" if bool((_run(large)[0] > 1).any()) else "tanh"  # which tanh never is


def _directions(module: Any) -> int:
    output, state = _run(module)
    return output.shape[-1] // state.shape[-1]


_ACTS: Mapping[object, Callable[[Any], object]] = {
    "input_size": lambda module: module.weight_ih_l0.shape[1],
    "hidden_size": lambda module: _run(module)[1].shape[-1] if not module.proj_size else module.hidden_size,
    "num_layers": lambda module: len(_run(module)[1]) // _directions(module),
    "nonlinearity": _nonlinearity,
    "bias": lambda module: hasattr(module, "bias_ih_l0"),
    "batch_first": lambda module: _run(module)[1].shape[1] == _STEPS,
    "dropout": _rate,
    "bidirectional": lambda module: _directions(module) == 2,
    "proj_size": lambda module: _run(module)[1].shape[-1] if module.proj_size else 0,
}
"""By an argument's name, what a run says that it is."""
