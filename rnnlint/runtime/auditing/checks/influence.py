"""What a result depends on, asked of the graph of one run.

Gradients are asked for with ``torch.autograd.grad``, which leaves every ``.grad`` alone.  A gradient of exactly zero
says that nothing depends on a number; random weights make sure that no two parts of a result cancel.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rnnlint.runtime.auditing.checks.results import first_line
from rnnlint.runtime.auditing.record import Recurrence
from rnnlint.runtime.auditing.structure import Walk, asked

Weighted = tuple[Tensor, Tensor]  # a result, and the weight of each of its elements

# Operations whose gradient goes to the elements that happened to win.
_SELECTING = re.compile(
    r"(a?max|a?min|aminmax|maximum|minimum|\w*maxpool|topk|sort|kthvalue|(nan)?median|mode|cummax|cummin)\d*D?\w*Backward",
    re.IGNORECASE,
)


# Weights are repeated after so many, which takes a tenth of the time; a prime fits into no axis.
_DRAWN = 65537


class NoGradientError(Exception):
    """torch gives no gradient here; the text says why."""


def weights(tensor: Tensor, seed: int = 0) -> Tensor:
    """Random weights for every element, from a generator of their own."""
    source, count = torch.Generator().manual_seed(seed), tensor.numel()
    drawn = torch.randn(min(count, _DRAWN), generator=source, dtype=torch.float32, device="cpu")
    return drawn.repeat(-(-count // _DRAWN) or 1)[:count].view(tensor.shape).to(tensor)


def pull(weighted: Iterable[Weighted], inputs: Sequence[Tensor], walk: Walk | None = None) -> list[Tensor | None]:
    """The gradient of the weighted sum of results with respect to each input; None where no path leads to it.

    Through large recurrent calls it goes by their structure; ``walk`` is given where another gradient shall be scaled
    there in the same way.  Raises :class:`NoGradientError` where torch refuses, and where a gradient is not finite.
    """
    results, factors = zip(*weighted, strict=True)
    try:
        with warnings.catch_warnings(), asked(walk or Walk()):
            warnings.simplefilter("ignore")
            found = torch.autograd.grad(results, inputs, factors, retain_graph=True, allow_unused=True)
    except (RuntimeError, TypeError, ValueError) as error:
        raise NoGradientError(f"torch gives no gradient: {first_line(error)}") from error
    except Exception as error:  # hooks and autograd functions of the user's may raise anything
        raise NoGradientError(f"its backward raises {type(error).__name__}: {first_line(error)}") from error
    if not all(gradient is None or _finite(gradient) for gradient in found):
        raise NoGradientError("some gradients are not finite")
    return list(found)


def _finite(gradient: Tensor) -> bool:
    if gradient.is_complex() or gradient.is_sparse or not gradient.numel():
        return bool(gradient.isfinite().all())
    return all(math.isfinite(end) for end in gradient.aminmax())  # in one pass; what is no number is an end


def strengths(call: Recurrence, gradient: Tensor | None) -> Tensor:
    """(N, T), on the CPU: the largest gradient at each sample's step of a call's input."""
    table = torch.zeros(call.samples, call.steps, dtype=torch.float64)
    if gradient is not None:
        samples, steps = call.rows()
        table[samples, steps] = gradient.detach().abs().amax(-1).cpu().double()
    return table


def hit(table: Tensor) -> Tensor:
    """Where a table of strengths, of any shape, is not zero; boolean, of the same shape."""
    return table != 0


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """What the whole result depends on: gradients of all calls and parameters, from one vector-Jacobian product.

    ``strength`` holds (N, T) for every call, ``output`` and ``states`` the gradients of what it returned, and
    ``parameters`` those of the recurrent modules' trainable parameters, by id.  ``gradients`` are all of them by the
    id of the tensor, and ``walk`` is the way they were taken.
    """

    strength: dict[int, Tensor]
    output: dict[int, Tensor | None]
    states: dict[int, tuple[Tensor | None, ...]]
    parameters: dict[int, Tensor | None]
    gradients: dict[int, Tensor | None]
    walk: Walk

    @classmethod
    def of(cls, results: Sequence[tuple[str, Tensor]], calls: Sequence[Recurrence]) -> Overview:
        """Raises :class:`NoGradientError`."""
        wanted: dict[int, Tensor] = {}
        for call in calls:
            output = () if call.output is None else (call.output,)
            for tensor in (call.input, *output, *call.states, *call.module.parameters()):
                if tensor.requires_grad:
                    wanted[id(tensor)] = tensor
        if not wanted:
            return cls({}, {}, {}, {}, {}, Walk())
        walk = Walk()
        weighted = [(tensor, weights(tensor, seed)) for seed, (_, tensor) in enumerate(results)]
        pulled = pull(weighted, [*wanted.values()], walk)
        found = dict(zip(wanted, pulled, strict=True))
        return cls(
            {id(call): strengths(call, found.get(id(call.input))) for call in calls if call.input.requires_grad},
            {id(call): found.get(id(call.output)) for call in calls},
            {id(call): tuple(found.get(id(state)) for state in call.states) for call in calls},
            {
                id(parameter): found[id(parameter)]
                for call in calls
                for parameter in call.module.parameters()
                if parameter.requires_grad
            },
            found,
            walk,
        )


def selects(results: Sequence[tuple[str, Tensor]], calls: Sequence[Recurrence]) -> bool:
    """Whether an operation between the calls and the results picks elements by value (a maximum, say).

    Then what has no gradient in this run could have one in another.
    """
    stop = {state.grad_fn for call in calls for state in (call.output, *call.states) if state is not None}
    waiting: list[Any] = [tensor.grad_fn for _, tensor in results]
    known = set(waiting)
    while waiting:
        node = waiting.pop()
        if node is None or node in stop:
            continue
        # by name, because a node of the graph has nothing else that says what it is the gradient of
        if _SELECTING.match(node.name()):
            return True
        following = {below for below, _ in node.next_functions} - known
        known |= following
        waiting += following
    return False


def called(call: Recurrence) -> str:
    """How to name a call's module to its author."""
    return call.name or f"the {type(call.module).__name__}"
