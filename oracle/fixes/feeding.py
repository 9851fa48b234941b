"""Whether a recurrent call is fed each sample's own rows: what it reads is followed back to where samples are known."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.utils import rnn
from torch.nn.utils.rnn import PackedSequence

from oracle.programs.truth import Leaf
from rnnlint.runtime.truth import labels

_AXIS_OF_LEAF = 4  # of its samples: (kind, layer, direction, step, sample, unit)
_CONVOLUTIONS: Mapping[type[nn.Module], int] = {nn.Conv1d: 3, nn.Conv2d: 4, nn.Conv3d: 5}
"""How many axes what they return has, of a batch."""


class Origin(NamedTuple):
    """A tensor whose ``axis`` torch says to be that of the samples."""

    value: Tensor
    axis: int


class Fed(NamedTuple):
    """A call of ``module``: the tensors it got as they are, and what is wrong with them; None if that is not told."""

    module: nn.Module
    got: tuple[Tensor, ...]
    complaint: str | None


@contextlib.contextmanager
def feeding(leaves: list[Leaf]) -> Iterator[list[Fed]]:
    """Inside ``influenced``, what recurrent layers are fed is told in the list, a call each."""
    told: list[Fed] = []
    origins: list[Origin] = []

    def returned(module: nn.Module, _: object, output: object) -> None:
        if isinstance(output, Tensor) and output.requires_grad and _has_rows(module, output):
            origins.append(Origin(output, 0))

    def padding(sequences: Any, batch_first: bool = False, *more: Any, **named: Any) -> Tensor:
        padded = real(sequences, batch_first, *more, **named)
        if padded.is_floating_point():
            origins.append(Origin(padded if padded.requires_grad else padded.requires_grad_(), 0 if batch_first else 1))
        return padded

    real = rnn.pad_sequence
    with contextlib.ExitStack() as patches:
        for layer in (labels.RNN, labels.GRU, labels.LSTM):
            patches.enter_context(mock.patch.object(layer, "forward", _telling(layer.forward, told, origins, leaves)))
        patches.enter_context(mock.patch.object(rnn, "pad_sequence", padding))
        hook = nn.modules.module.register_module_forward_hook(returned)
        patches.callback(hook.remove)
        yield told


def fed_as_meant(placed: Iterable[tuple[object, int]], told: Sequence[Fed]) -> str | None:
    """What is wrong with the calls that got a tensor of ``placed``, or of modules there, each with how many calls were
    made before it stood there; "" if nothing, None if there is no such call of which it can be told."""
    said = [
        one.complaint
        for value, before in placed
        for one in told[before:]
        if id(value) in (id(one.module), *map(id, one.got)) and one.complaint is not None
    ]
    return max(said) if said else None


def _has_rows(module: nn.Module, output: Tensor) -> bool:
    """Whether the first axis of what a module returns is one of samples for it."""
    # in front of its features a Linear keeps what it gets: where that is one axis, these are rows, each by itself
    return output.dim() == (2 if isinstance(module, nn.Linear) else _CONVOLUTIONS.get(type(module), 0))


def _telling(
    forward: Callable[..., object], told: list[Fed], origins: list[Origin], leaves: list[Leaf]
) -> Callable[..., object]:
    def telling(self: nn.RNNBase, input: Tensor | PackedSequence, hx: object = None) -> object:
        known = [*origins, *(Origin(one.values, _AXIS_OF_LEAF) for one in leaves if one.extents.batched)]
        result = forward(self, input, hx)
        states = [one for one in (hx if isinstance(hx, tuple) else (hx,)) if isinstance(one, Tensor)]
        if isinstance(input, Tensor) and input.dim() == 3:
            parts = [(input, 0 if self.batch_first else 1), *((one, 1) for one in states)]
            said = [one for part, axis in parts for origin in known if (one := _mixed(part, axis, origin)) is not None]
            told.append(Fed(self, (input, *states), max(said) if said else None))
        return result

    return telling


def _mixed(part: Tensor, axis: int, origin: Origin) -> str | None:
    """What is wrong with the samples of a part by those of an origin; None where it does not come from there."""
    if not part.requires_grad:
        return None
    rows = torch.stack([_rows(one, origin) for one in part.unbind(axis)])  # (samples, rows)
    if not bool(rows.any()) or rows.shape[1] == 1:  # one for all says nothing of samples
        return None
    # several rows for a sample may be its steps, and several samples of a row repeat it; not both
    if bool((rows.sum(0) > 1).any()) and bool((rows.sum(1) > 1).any()):
        return "a sample's numbers are read as those of several"
    if rows.shape[0] == rows.shape[1] and not torch.equal(rows, torch.eye(len(rows), dtype=torch.bool)):
        return "samples in another order"
    return ""


def _rows(part: Tensor, origin: Origin) -> Tensor:
    """Which rows of an origin numbers depend on."""
    weights = torch.linspace(0.1, 1.0, part.numel()).view(part.shape)  # a sum of a softmax is the same for all numbers
    found = torch.autograd.grad((part * weights).sum(), origin.value, retain_graph=True, allow_unused=True)
    (gradient,) = cast("tuple[Tensor | None]", found)  # torch's own annotation knows no unused one
    if gradient is None:
        return torch.zeros(origin.value.shape[origin.axis], dtype=torch.bool)
    return (gradient != 0).movedim(origin.axis, 0).flatten(1).any(1)
