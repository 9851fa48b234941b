"""Recurrent modules whose results hold labels instead of numbers.

The modules have the constructors, checks and result structure of ``torch.nn``'s: the real module runs first, and
whatever it refuses is refused.  Then every element of what it returned is replaced by the label of the state that
stands there: hidden or cell, layer, direction, step, sample, unit.  A label fits into 53 bits, so float64 holds it
exactly, and is never 0: zeros are padding.

Where the states stand is what the tables "Outputs" of the torch documentation say
(https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html); that the fused kernels really put them there is
shown elsewhere, with an independent computation.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any, NamedTuple, TypeVar
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

HIDDEN, CELL = 0, 1

# widths in bits, innermost last; one more bit in front of all of them is always set
# 52 bits and the one in front: as many as float64 holds exactly
_BITS = {"kind": 1, "layer": 6, "direction": 1, "step": 14, "sample": 14, "unit": 16}
_PRESENT = 1 << sum(_BITS.values())

Whole = TypeVar("Whole", int, Tensor)

_dtype: ContextVar[torch.dtype] = ContextVar("label dtype", default=torch.int64)


class Label(NamedTuple):
    """The coordinates of a state; ``kind`` is HIDDEN or CELL.  Numbers, or int64 tensors of one shape."""

    kind: int | Tensor
    layer: int | Tensor
    direction: int | Tensor
    step: int | Tensor
    sample: int | Tensor
    unit: int | Tensor


def encode(kind: Whole, layer: Whole, direction: Whole, step: Whole, sample: Whole, unit: Whole) -> Whole:
    """The label of a state (or labels, of tensors that broadcast), a positive int64 below 2**53."""
    label: Whole = kind
    for coordinate, bits in zip((layer, direction, step, sample, unit), list(_BITS.values())[1:], strict=True):
        label = label * (1 << bits) + coordinate
    return label + _PRESENT


def decode(label: int | Tensor) -> Label:
    """The coordinates of a label, or of a tensor of them."""
    rest = label.to(torch.int64) if isinstance(label, Tensor) else label
    found: list[int | Tensor] = []
    for bits in reversed(_BITS.values()):
        found.append(rest & ((1 << bits) - 1))
        rest = rest >> bits
    return Label(*reversed(found))


def _grid(*sizes: int) -> list[Tensor]:
    """Index grids of the given sizes."""
    return list(torch.meshgrid(*(torch.arange(size) for size in sizes), indexing="ij"))


def output_labels(layers: int, directions: int, steps: int, samples: int, units: int) -> Tensor:
    """(T, N, D*H): the last layer's hidden states, the forward units before the backward ones."""
    step, sample, direction, unit = _grid(steps, samples, directions, units)
    same = torch.zeros_like(step)
    return encode(same + HIDDEN, same + layers - 1, direction, step, sample, unit).flatten(2)


def state_labels(kind: int, layers: int, directions: int, lengths: Tensor, units: int) -> Tensor:
    """(L*D, N, H): forward states after each sample's last step, backward states after step 0."""
    layer, direction, sample, unit = _grid(layers, directions, len(lengths), units)
    step = torch.where(direction == 0, lengths[sample] - 1, torch.zeros_like(direction))
    return encode(torch.full_like(step, kind), layer, direction, step, sample, unit).flatten(0, 1)


class _Labelled(nn.RNNBase):
    """``forward`` of the real module, then labels in place of its results."""

    def forward(self, input: Tensor | PackedSequence, hx: Any = None) -> Any:
        weight = next(self.parameters())
        with torch.no_grad():
            output, state = super().forward(_as(input, weight), _as(hx, weight))
        states = state if isinstance(state, tuple) else (state,)
        directions = 2 if self.bidirectional else 1
        if isinstance(input, PackedSequence):
            _, lengths = pad_packed_sequence(input)
        else:
            # (T, N, I) or (N, T, I); without an axis of samples it is (T, I)
            batched = input.dim() == 3
            time, batch = (1, 0) if self.batch_first and batched else (0, 1)
            lengths = torch.full((input.size(batch) if batched else 1,), input.size(time))
        steps, samples = int(lengths.max()), len(lengths)
        units = self.proj_size or self.hidden_size
        labels = output_labels(self.num_layers, directions, steps, samples, units)
        finals = [
            state_labels(kind, self.num_layers, directions, lengths, one.size(-1)) for kind, one in enumerate(states)
        ]
        results: list[Tensor] = [
            final.view(one.shape).to(_dtype.get()) for final, one in zip(finals, states, strict=True)
        ]
        returned = tuple(results) if isinstance(state, tuple) else results[0]
        if isinstance(input, PackedSequence):
            if input.sorted_indices is not None:
                # sorted first, because pack_padded_sequence takes sorted lengths unless told otherwise
                labels, lengths = labels[:, input.sorted_indices], lengths[input.sorted_indices]
            data = pack_padded_sequence(labels, lengths).data.to(_dtype.get())
            return PackedSequence(data, input.batch_sizes, input.sorted_indices, input.unsorted_indices), returned
        if self.batch_first and input.dim() == 3:
            labels = labels.transpose(0, 1)
        return labels.reshape(output.shape).to(_dtype.get()), returned


def _as(value: Any, like: Tensor) -> Any:
    """Inputs and states in the dtype of the weights, so that labels may be fed on."""
    if isinstance(value, PackedSequence):
        return value.to(like.dtype)
    if isinstance(value, Tensor):
        return value.to(like.dtype)
    if isinstance(value, tuple):
        return tuple(_as(one, like) for one in value)
    return value


class RNN(_Labelled, nn.RNN):
    """``torch.nn.RNN`` that returns labels."""


class GRU(_Labelled, nn.GRU):
    """``torch.nn.GRU`` that returns labels."""


class LSTM(_Labelled, nn.LSTM):
    """``torch.nn.LSTM`` that returns labels."""


class _LabelledCell(nn.RNNCellBase):
    """One step: the states of layer 0, forward, step 0."""

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        weight = next(self.parameters())
        with torch.no_grad():
            state = super().forward(_as(input, weight), _as(hx, weight))
        states = state if isinstance(state, tuple) else (state,)
        ends = torch.ones(states[0].shape[0] if states[0].dim() == 2 else 1, dtype=torch.int64)
        labels = tuple(
            state_labels(kind, 1, 1, ends, self.hidden_size).view(one.shape).to(_dtype.get())
            for kind, one in enumerate(states)
        )
        return labels if isinstance(state, tuple) else labels[0]


class RNNCell(_LabelledCell, nn.RNNCell):
    """``torch.nn.RNNCell`` that returns labels."""


class GRUCell(_LabelledCell, nn.GRUCell):
    """``torch.nn.GRUCell`` that returns labels."""


class LSTMCell(_LabelledCell, nn.LSTMCell):
    """``torch.nn.LSTMCell`` that returns labels."""


MODULES = (RNN, GRU, LSTM, RNNCell, GRUCell, LSTMCell)


def _places(module: type[nn.Module]) -> tuple[ModuleType, ...]:
    """Where a program finds the module.  Before 2.0 torch's own class looks itself up in the last of them."""
    own = module.__name__ in getattr(nn, module.__name__).__init__.__code__.co_names
    return (nn, nn.modules) if own else (nn, nn.modules, nn.modules.rnn)


@contextlib.contextmanager
def labelled(dtype: torch.dtype = torch.int64) -> Iterator[None]:
    """Inside, the recurrent modules of ``torch.nn`` are the labelled ones, with labels of ``dtype``.

    ``dtype`` is int64, or float64 for programs that hand the results on to layers.
    """
    token = _dtype.set(dtype)
    try:
        with contextlib.ExitStack() as patches:
            for module in MODULES:
                for place in _places(module):
                    patches.enter_context(mock.patch.object(place, module.__name__, module))
            yield
    finally:
        _dtype.reset(token)
