"""What a program in fact reads: the states each row of its result depends on.

A program is run with labelled recurrent modules whose labels are replaced by elements of one leaf tensor, an element
for every state (hidden or cell, layer, direction, step, sample, unit).  The gradient of a row of the result with
respect to that leaf is non-zero exactly at the states the row depends on, through any Linear, activation or pooling.
Weights and states are positive, so that nothing cancels and no ReLU is dead; the run is repeated with fresh numbers
where a maximum passes on one gradient of many.

Nothing of the static side is imported here.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnlint.runtime import labels

# What a program may raise when it runs: a width that does not fit, an impossible view, a tuple used as a tensor.
RAISED = (RuntimeError, TypeError, IndexError, ValueError, AttributeError)

MAXIMUM_RUNS = 24


@dataclass(frozen=True, slots=True)
class Extents:
    """Sizes of one call's states; ``samples`` is 1 and ``batched`` False for unbatched input."""

    layers: int
    directions: int
    steps: int
    samples: int
    units: int
    batched: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """The states of one call: ``values`` has shape (2, L, D, T, N, H), hidden first, then cell."""

    extents: Extents
    values: Tensor

    def at(self, labelled: Tensor) -> Tensor:
        """The states with these labels; padding is 0."""
        present = labelled != 0
        place = labels.decode(torch.where(present, labelled, labelled.max()))
        return self.values[tuple(place)] * present


@dataclass(frozen=True, slots=True)
class Influence:
    """For every position of the result (all its axes but the last): which states it depends on.

    ``mask`` is boolean, (positions, 2, L, D, T, N, H); ``lead`` the shape of the positions.
    """

    extents: Extents
    lead: tuple[int, ...]
    mask: Tensor


def _leaf(module: nn.RNNBase, output: Tensor, batched: bool) -> Leaf:
    held = labels.decode(output[output != 0])
    steps, samples = (int(torch.as_tensor(one).max()) + 1 for one in (held.step, held.sample))
    directions = 2 if module.bidirectional else 1
    extents = Extents(
        module.num_layers, directions, steps, samples, module.proj_size or module.hidden_size, batched
    )
    size = (2, module.num_layers, directions, steps, samples, module.hidden_size)
    values = torch.rand(size, dtype=torch.float64) * 0.9 + 0.1
    return Leaf(extents, values.requires_grad_())


def _grown(
    labelled: Callable[..., tuple[Tensor | PackedSequence, Tensor | tuple[Tensor, ...]]], leaves: list[Leaf]
) -> Callable[..., tuple[object, object]]:
    """``labelled`` is a labelled module's forward; the same with a new leaf's elements in place of the labels."""

    def forward(
        self: nn.RNNBase, input: Tensor | PackedSequence, hx: object = None
    ) -> tuple[object, object]:
        output, state = labelled(self, input, hx)
        batched = isinstance(input, PackedSequence) or input.dim() == 3
        leaf = _leaf(self, output.data, batched)
        leaves.append(leaf)
        states = tuple(map(leaf.at, state)) if isinstance(state, tuple) else leaf.at(state)
        if isinstance(output, PackedSequence):
            return output._replace(data=leaf.at(output.data)), states
        return leaf.at(output), states

    return forward


def _positive(module: nn.Linear) -> None:
    with torch.no_grad():
        module.weight.uniform_(0.1, 1.0).div_(max(1, module.in_features))
        if module.bias is not None:
            module.bias.uniform_(0.0, 0.1)


def _same(given: Tensor, *_: object, **__: object) -> Tensor:
    return given


@contextlib.contextmanager
def influenced() -> Iterator[list[Leaf]]:
    """Inside, ``nn.RNN``, ``nn.GRU`` and ``nn.LSTM`` return elements of leaves; yields the list of leaves, one a call.

    Float64 everywhere, no dropout, positive weights of Linear.
    """
    leaves: list[Leaf] = []
    default = torch.get_default_dtype()
    with contextlib.ExitStack() as patches:
        patches.enter_context(labels.labelled())
        for module in (labels.RNN, labels.GRU, labels.LSTM):
            patches.enter_context(mock.patch.object(module, "forward", _grown(module.forward, leaves)))
        patches.enter_context(mock.patch.object(nn.Linear, "reset_parameters", _positive))
        patches.enter_context(mock.patch.object(nn.functional, "dropout", _same))
        torch.set_default_dtype(torch.float64)
        try:
            yield leaves
        finally:
            torch.set_default_dtype(default)


def _tensor(result: object) -> Tensor:
    if isinstance(result, tuple | list):
        return _tensor(result[0])
    if isinstance(result, dict):
        return _tensor(result["logits"])
    if not isinstance(result, Tensor):
        raise TypeError(f"the program's result is a {type(result).__name__}")
    return result


def _one_run(code: CodeType, expression: str) -> list[Influence]:
    with influenced() as leaves:
        scope: dict[str, object] = {"__name__": "__main__", "torch": torch}
        exec(code, scope)
        result = _tensor(eval(expression, scope))
    lead = tuple(result.shape[:-1])
    rows = result.reshape(math.prod(lead), -1).sum(-1)
    masks: list[list[Tensor]] = [[] for _ in leaves]
    for row in rows:
        gradients = torch.autograd.grad(row, [leaf.values for leaf in leaves], retain_graph=True, allow_unused=True)
        for mask, leaf, gradient in zip(masks, leaves, gradients, strict=True):
            mask.append(torch.zeros_like(leaf.values, dtype=torch.bool) if gradient is None else gradient != 0)
    return [Influence(leaf.extents, lead, torch.stack(mask)) for leaf, mask in zip(leaves, masks, strict=True)]


def influences(text: str, expression: str, seed: int = 0) -> list[Influence]:
    """Runs ``text`` as ``__main__``, then ``expression`` in its names; an influence for each recurrent call that has any.

    The result is a tensor, or a tuple whose first element is one, or a dict with "logits"; its last axis holds
    features.  Where a maximum is taken the influence is the union over several runs.
    Raises what the program raises (:data:`RAISED`).
    """
    torch.manual_seed(seed)
    code = compile(text, "<program>", "exec")
    found = _one_run(code, expression)
    if "max" in text.replace("softmax", ""):
        for _ in range(MAXIMUM_RUNS):
            for index, again in enumerate(_one_run(code, expression)):
                one = found[index]
                found[index] = Influence(one.extents, one.lead, one.mask | again.mask)
    return [one for one in found if one.mask.any()]
