"""What a program in fact reads: the states each row of its result depends on.

A program is run with labelled recurrent modules whose labels are replaced by elements of one leaf tensor, an element
for every state (hidden or cell, layer, direction, step, sample, unit).  The gradient of a row of the result with
respect to that leaf is non-zero exactly at the states the row depends on, through any Linear, activation or pooling.
Weights and states are positive, so that nothing cancels and no ReLU is dead; a maximum, which would pass on one
gradient of many, is replaced by a mean, which depends on the same states.

Nothing of the static side is imported here.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, cast
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnlint.runtime.truth import labels

Results: TypeAlias = tuple[Tensor | PackedSequence, Tensor | tuple[Tensor, ...]]

# What a program may raise when it runs: a width that does not fit, an impossible view, a tuple used as a tensor.
RAISED = (RuntimeError, TypeError, IndexError, ValueError, AttributeError)


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
    """The states of one call: ``values`` has shape (2, L, D, T, N, H), hidden first, then cell.

    ``given`` is what was fed, (T, N, features) whatever the layout; (T, features) without a batch.  ``start`` is the
    initial state that was handed in, none or one tensor or the pair.  ``lengths`` are how many steps each sample has.
    ``module`` is the one that was called.
    """

    extents: Extents
    values: Tensor
    given: Tensor
    start: tuple[Tensor, ...] = ()
    lengths: tuple[int, ...] = ()
    module: nn.Module | None = None

    def at(self, labelled: Tensor) -> Tensor:
        """The states with these labels; padding is 0."""
        present = labelled != 0
        place = labels.decode(torch.where(present, labelled, labelled.max()))
        return self.values[tuple(place)] * present


@dataclass(frozen=True, slots=True)
class Influence:
    """For every position of the result (all its axes but the last): which states it depends on.

    ``mask`` is boolean, (positions, 2, L, D, T, N, H); ``lead`` the shape of the positions; ``given``,
    ``values`` and ``start`` are those of the call's leaf.
    """

    extents: Extents
    lead: tuple[int, ...]
    mask: Tensor
    given: Tensor
    values: Tensor
    start: tuple[Tensor, ...] = ()


def values(*size: int, call: int) -> Tensor:
    """Positive numbers below 1, all different: the same for the same state of the same call, whatever the extents."""
    axes = torch.meshgrid(*(torch.arange(extent, dtype=torch.float64) for extent in size), indexing="ij")
    # square roots of primes, 17 among them, are linearly independent over the rationals: no two states get one number
    roots = (2, 3, 5, 7, 11, 13)
    mixed = sum((axis * root**0.5 for axis, root in zip(axes, roots, strict=True)), torch.tensor(call * 17**0.5))
    # from 0.1: a state near zero would pass on hardly any gradient
    return mixed % 1 * 0.9 + 0.1


def _leaf(module: nn.RNNBase, output: Tensor, given: Tensor | PackedSequence, start: object, call: int) -> Leaf:
    batched = isinstance(given, PackedSequence) or given.dim() == 3
    if isinstance(given, PackedSequence):
        fed, _ = pad_packed_sequence(given)
    else:
        fed = given.transpose(0, 1) if module.batch_first and batched else given
    held = labels.decode(output[output != 0])
    steps, samples = (int(torch.as_tensor(one).max()) + 1 for one in (held.step, held.sample))
    directions = 2 if module.bidirectional else 1
    extents = Extents(module.num_layers, directions, steps, samples, module.proj_size or module.hidden_size, batched)
    size = (2, module.num_layers, directions, steps, samples, module.hidden_size)
    handed = start if isinstance(start, tuple) else (start,)
    states = tuple(one.detach() for one in handed if isinstance(one, Tensor))
    last = torch.zeros(samples, dtype=torch.int64)
    last.scatter_reduce_(0, torch.as_tensor(held.sample), torch.as_tensor(held.step), "amax")
    lengths = tuple((last + 1).tolist())
    return Leaf(extents, values(*size, call=call).requires_grad_(), fed.detach(), states, lengths, module)


def _grown(labelled: Callable[..., object], leaves: list[Leaf]) -> Callable[..., tuple[object, object]]:
    """``labelled`` is a labelled module's forward; the same with a new leaf's elements in place of the labels."""

    def forward(self: nn.RNNBase, input: Tensor | PackedSequence, hx: object = None) -> tuple[object, object]:
        output, state = cast(Results, labelled(self, input, hx))
        leaf = _leaf(self, output.data, input, hx, len(leaves))
        leaves.append(leaf)
        states = tuple(map(leaf.at, state)) if isinstance(state, tuple) else leaf.at(state)
        if isinstance(output, PackedSequence):
            return output._replace(data=leaf.at(output.data)), states
        return leaf.at(output), states

    return forward


def _positive(module: nn.Linear) -> None:
    with torch.no_grad():
        # divided by the width, so that what goes through many layers neither grows nor vanishes
        module.weight.uniform_(0.1, 1.0).div_(max(1, module.in_features))
        if module.bias is not None:
            # small beside what comes through the weights, so that no state is lost in rounding
            module.bias.uniform_(0.0, 0.1)


def _same(given: Tensor, *_: object, **__: object) -> Tensor:
    if not isinstance(given, Tensor):
        raise TypeError(f"dropout(): argument 'input' must be Tensor, not {type(given).__name__}")
    return given


def _largest(real: Callable[..., object]) -> Callable[..., object]:
    """``max`` as it is, but along an axis, or of two tensors, with a mean in place of the maximum."""

    def largest(given: Tensor, dim: int | Tensor | None = None, keepdim: bool = False) -> object:
        if dim is None:
            return real(given)
        if isinstance(dim, Tensor):
            return (given + dim) / 2
        return torch.return_types.max((given.mean(dim, keepdim), given.argmax(dim, keepdim)))

    return largest


_MAXIMA: tuple[tuple[object, str, Callable[..., object]], ...] = (
    (Tensor, "max", _largest(Tensor.max)),
    (torch, "max", _largest(torch.max)),
    (Tensor, "amax", Tensor.mean),
    (torch, "amax", torch.mean),
    (nn.functional, "adaptive_max_pool1d", nn.functional.adaptive_avg_pool1d),
)


@contextlib.contextmanager
def influenced() -> Iterator[list[Leaf]]:
    """Inside, ``nn.RNN``, ``nn.GRU`` and ``nn.LSTM`` return elements of leaves; yields the list of leaves, one a call.

    Float64 everywhere, no dropout, positive weights of Linear, means in place of maxima.
    """
    leaves: list[Leaf] = []
    default = torch.get_default_dtype()
    with contextlib.ExitStack() as patches:
        patches.enter_context(labels.labelled())
        for module in (labels.RNN, labels.GRU, labels.LSTM):
            patches.enter_context(mock.patch.object(module, "forward", _grown(module.forward, leaves)))
        patches.enter_context(mock.patch.object(nn.Linear, "reset_parameters", _positive))
        patches.enter_context(mock.patch.object(nn.functional, "dropout", _same))
        for owner, name, replacement in _MAXIMA:
            patches.enter_context(mock.patch.object(owner, name, replacement))
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


def influences(text: str, expression: str, seed: int = 0) -> list[Influence]:
    """Runs ``text`` as ``__main__``, then ``expression`` in its names: the influence of each call on the result.

    Calls that have none are left out.  Result and errors: see :func:`calls`.
    """
    return [one for one in calls(text, expression, seed) if one.mask.any()]


def calls(text: str, expression: str, seed: int = 0) -> list[Influence]:
    """As :func:`influences`, with the calls that have none, in the order in which they are made.

    The result is a tensor, or a tuple whose first element is one, or a dict with
    "logits"; its last axis holds features.  Raises what the program raises (:data:`RAISED`).
    """
    torch.manual_seed(seed)
    with influenced() as leaves, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the dropout of a single layer
        # as ``__main__``, because some programs run themselves under that name
        scope: dict[str, object] = {"__name__": "__main__", "torch": torch}
        exec(compile(text, "<program>", "exec"), scope)
        result = _tensor(eval(expression, scope))
    return influence_of(result, leaves)


def influence_of(result: Tensor, leaves: list[Leaf]) -> list[Influence]:
    """The influence of each call on a tensor whose last axis holds features."""
    lead = tuple(result.shape[:-1])
    # summed over features, because all is positive: nothing cancels, and one gradient a row is enough
    rows = result.reshape(math.prod(lead), -1).sum(-1)
    masks: list[list[Tensor]] = [[] for _ in leaves]
    for row in rows:
        gradients = torch.autograd.grad(row, [leaf.values for leaf in leaves], retain_graph=True, allow_unused=True)
        for mask, leaf, gradient in zip(masks, leaves, gradients, strict=True):
            mask.append(torch.zeros_like(leaf.values, dtype=torch.bool) if gradient is None else gradient != 0)
    return [
        Influence(leaf.extents, lead, torch.stack(mask), leaf.given, leaf.values.detach(), leaf.start)
        for leaf, mask in zip(leaves, masks, strict=True)
    ]
