"""The recurrences of torch's documentation, written out step by step in float64.

A second computation of what ``nn.RNN``, ``nn.GRU``, ``nn.LSTM`` and their cells return.  It takes nothing from the real
module but its parameters, by name, and its constructor's arguments; it calls none of torch's recurrent kernels and
knows nothing of the axis algebra.  The formulas, the order of the gates in the stacked weights and the order of the
rows of ``h_n`` are those of these pages:

- https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
- https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
- https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
- https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html

Parameters and inputs of a narrower dtype are taken at the values they hold, which float64 holds too: what is compared
with the result is the rounding of the module's own arithmetic.  Everything here runs on the CPU, without gradients.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

FORWARD, BACKWARD = 0, 1

State: TypeAlias = "tuple[Tensor, ...]"
"""The hidden state (N, H) of one layer and direction, and the cell state (N, C) where there is one."""


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Every state of one call: ``hidden`` (L, D, T, N, H) and ``cell`` (L, D, T, N, C), after each step.

    ``cell`` is None but for an LSTM.  Steps count as in the input, for both directions.  What stands at steps beyond
    a sample's length is NaN.  ``lengths`` is (N,), int64.
    """

    hidden: Tensor
    cell: Tensor | None
    lengths: Tensor

    def final_hidden(self, layer: int, direction: int) -> Tensor:
        """(N, H): forward, after each sample's last valid step; backward, after step 0."""
        return self._final(self.hidden, layer, direction)

    def final_cell(self, layer: int, direction: int) -> Tensor:
        """(N, C), at the steps of ``final_hidden``; ValueError if the module keeps no cell state."""
        if self.cell is None:
            raise ValueError("only an LSTM keeps a cell state")
        return self._final(self.cell, layer, direction)

    def _final(self, states: Tensor, layer: int, direction: int) -> Tensor:
        ends = self.lengths - 1 if direction == FORWARD else torch.zeros_like(self.lengths)
        return states[layer, direction, ends, torch.arange(len(ends))]

    def output(self) -> Tensor:
        """(T, N, D*H): the hidden states of the last layer, the forward ones first."""
        return torch.cat(tuple(self.hidden[-1]), dim=-1)

    def finals(self) -> State:
        """``h_n`` (L*D, N, H) and, of an LSTM, ``c_n`` (L*D, N, C): the directions of layer 0, of layer 1, ..."""
        places = [(layer, direction) for layer in range(len(self.hidden)) for direction in range(self.hidden.size(1))]
        kinds = [self.hidden] if self.cell is None else [self.hidden, self.cell]
        return tuple(torch.stack([self._final(states, *place) for place in places]) for states in kinds)


@dataclass(frozen=True, slots=True, eq=False)
class _Weights:
    """The parameters of one layer in one direction, in float64."""

    kind: str
    input: Tensor
    hidden: Tensor
    biases: tuple[Tensor, Tensor]
    projection: Tensor | None

    @classmethod
    def of(cls, module: nn.Module, kind: str, suffix: str) -> _Weights:
        def parameter(name: str) -> Tensor | None:
            found = getattr(module, name + suffix, None)
            return None if found is None else found.detach().to("cpu", torch.float64)

        input, hidden = parameter("weight_ih"), parameter("weight_hh")
        assert input is not None
        assert hidden is not None
        none = input.new_zeros(len(input))
        input_bias, hidden_bias = (
            none if bias is None else bias for bias in (parameter("bias_ih"), parameter("bias_hh"))
        )
        return cls(kind, input, hidden, (input_bias, hidden_bias), parameter("weight_hr"))

    def step(self, x: Tensor, state: State) -> State:
        """The state after one step that reads ``x`` (N, I) in ``state``."""
        h = state[0]
        from_input = x @ self.input.T + self.biases[0]
        from_hidden = h @ self.hidden.T + self.biases[1]
        if self.kind == "LSTM":
            # four, stacked in this order: (W_ii|W_if|W_ig|W_io) on torch's page of LSTM
            in_gate, forget, candidate, out_gate = (from_input + from_hidden).chunk(4, dim=-1)
            c = torch.sigmoid(forget) * state[1] + torch.sigmoid(in_gate) * torch.tanh(candidate)
            h = torch.sigmoid(out_gate) * torch.tanh(c)
            return (h if self.projection is None else h @ self.projection.T), c
        if self.kind == "GRU":
            # three, stacked as (W_ir|W_iz|W_in) on torch's page of GRU; apart, because the reset gate is applied to the
            # hidden part, bias included
            input_parts, hidden_parts = from_input.chunk(3, dim=-1), from_hidden.chunk(3, dim=-1)
            reset = torch.sigmoid(input_parts[0] + hidden_parts[0])
            update = torch.sigmoid(input_parts[1] + hidden_parts[1])
            candidate = torch.tanh(input_parts[2] + reset * hidden_parts[2])
            return ((1 - update) * candidate + update * h,)
        total = from_input + from_hidden
        # clamp is relu
        return (torch.tanh(total) if self.kind == "RNN_TANH" else total.clamp(min=0),)


def _kind(module: nn.RNNBase | nn.RNNCellBase) -> str:
    """LSTM, GRU, RNN_TANH or RNN_RELU."""
    if isinstance(module, nn.RNNBase):
        return module.mode
    gates = module.weight_ih.size(0) // module.hidden_size
    # a cell has no ``mode``: the gates stacked in its weights tell, and an RNN has one
    return {3: "GRU", 4: "LSTM"}.get(gates) or f"RNN_{module.nonlinearity}".upper()


def _run(weights: _Weights, xs: Tensor, state: State, valid: Tensor, steps: Iterable[int]) -> list[Tensor]:
    """One layer in one direction: what it holds after each step, (T, N, H) and (T, N, C).

    A sample's state stays as it is at the steps the sample does not have; ``xs`` is NaN there, and so is the result.
    """
    held = [xs.new_empty(*xs.shape[:2], one.size(-1)) for one in state]
    for time in steps:
        here = valid[time].unsqueeze(-1)
        after = weights.step(xs[time], state)
        # kept where a sample has no step: backward it has not begun there, forward it has ended
        state = tuple(torch.where(here, new, old) for new, old in zip(after, state, strict=True))
        for states, new in zip(held, after, strict=True):
            states[time] = new
    return held


@torch.no_grad()
def states(module: nn.RNNBase, x: Tensor, lengths: Tensor | None = None, initial: tuple[Tensor, ...] = ()) -> States:
    """Every state of ``module`` called with ``x`` (T, N, I), whatever its ``batch_first``.

    ``lengths`` (N,) are the samples' numbers of steps, in any order, as of a packed sequence: the backward direction
    starts at each sample's own last valid step, and ``x`` beyond it is never read.  ``initial`` is ``h_0`` (L*D, N, H)
    and, of an LSTM, ``c_0`` (L*D, N, C); zeros if left out.  ValueError for a module that would apply dropout.
    """
    if module.training and module.dropout and module.num_layers > 1:
        raise ValueError("the reference has no dropout: call eval() on the module first")
    kind, directions = _kind(module), 2 if module.bidirectional else 1
    steps, samples = x.shape[:2]
    lengths = torch.full((samples,), steps) if lengths is None else lengths.to("cpu", torch.int64)
    valid = torch.arange(steps).unsqueeze(1) < lengths
    # NaN in place of padding: a state that is not NaN has not read any
    below = x.detach().to("cpu", torch.float64).masked_fill(~valid.unsqueeze(-1), torch.nan)
    # proj_size makes the hidden state narrower; the cell state stays hidden_size wide
    units = (module.proj_size or module.hidden_size, module.hidden_size)[: 2 if kind == "LSTM" else 1]
    starts = [below.new_zeros(module.num_layers * directions, samples, size) for size in units]
    if initial:
        starts = [given.detach().to(start).expand_as(start) for given, start in zip(initial, starts, strict=True)]
    layers: list[list[list[Tensor]]] = []
    for layer in range(module.num_layers):
        runs = []
        for direction in range(directions):
            weights = _Weights.of(module, kind, f"_l{layer}" + ("_reverse" if direction == BACKWARD else ""))
            order = range(steps) if direction == FORWARD else range(steps - 1, -1, -1)
            state = tuple(start[layer * directions + direction] for start in starts)
            runs.append(_run(weights, below, state, valid, order))
        # the next layer reads the hidden states of both directions, forward first; never the cell states
        below = torch.cat([run[0] for run in runs], dim=-1)
        layers.append(runs)
    kinds = [torch.stack([torch.stack([run[i] for run in runs]) for runs in layers]) for i in range(len(units))]
    return States(kinds[0], kinds[1] if len(kinds) > 1 else None, lengths)


def unpacked(packed: PackedSequence) -> tuple[Tensor, Tensor]:
    """The (T, N, ...) padded with NaN, and the lengths (N,), of a packed sequence, samples in their original order."""
    counts = packed.batch_sizes.tolist()
    data = packed.data.detach().to("cpu", torch.float64)
    padded = data.new_full((len(counts), counts[0], *data.shape[1:]), torch.nan)
    for time, rows in enumerate(torch.split(data, counts)):
        padded[time, : len(rows)] = rows
    lengths = (packed.batch_sizes.unsqueeze(1) > torch.arange(counts[0])).sum(0)
    if packed.unsorted_indices is None:
        return padded, lengths
    order = packed.unsorted_indices.cpu()
    return padded[:, order], lengths[order]


def _packed_like(packed: PackedSequence, padded: Tensor) -> PackedSequence:
    """``padded`` (T, N, ...), samples in their original order, packed as ``packed`` is."""
    ranked = padded if packed.sorted_indices is None else padded[:, packed.sorted_indices.cpu()]
    data = torch.cat([ranked[time, :count] for time, count in enumerate(packed.batch_sizes.tolist())])
    indices = (None if one is None else one.cpu() for one in (packed.sorted_indices, packed.unsorted_indices))
    return PackedSequence(data, packed.batch_sizes, *indices)


Result: TypeAlias = "Tensor | tuple[Tensor | PackedSequence, Tensor | State] | State"


@torch.no_grad()
def results(
    module: nn.RNNBase | nn.RNNCellBase, input: Tensor | PackedSequence, hx: Tensor | State | None = None
) -> Result:
    """What ``module(input, hx)`` returns, in the same structure and layout, in float64 on the CPU.

    ``(output, h_n)`` or ``(output, (h_n, c_n))``, with ``output`` packed if ``input`` is; of a cell, ``h`` or
    ``(h, c)``.
    """
    initial = () if hx is None else hx if isinstance(hx, tuple) else (hx,)
    if isinstance(module, nn.RNNCellBase):
        assert isinstance(input, Tensor)
        return _cell_results(module, input, initial)
    if isinstance(input, PackedSequence):
        x, lengths = unpacked(input)
        found = states(module, x, lengths, initial)
        return _packed_like(input, found.output()), _one_or_both(found.finals())
    if input.dim() == 2:
        found = states(module, input.unsqueeze(1), initial=tuple(one.unsqueeze(1) for one in initial))
        return found.output().squeeze(1), _one_or_both(tuple(one.squeeze(1) for one in found.finals()))
    found = states(module, input.transpose(0, 1) if module.batch_first else input, initial=initial)
    output = found.output()
    return (output.transpose(0, 1) if module.batch_first else output), _one_or_both(found.finals())


def _cell_results(module: nn.RNNCellBase, input: Tensor, initial: State) -> Tensor | State:
    kind = _kind(module)
    x = input.detach().to("cpu", torch.float64)
    given = initial or (x.new_zeros(*x.shape[:-1], module.hidden_size),) * (2 if kind == "LSTM" else 1)
    return _one_or_both(_Weights.of(module, kind, "").step(x, tuple(one.detach().to(x) for one in given)))


def _one_or_both(state: State) -> Tensor | State:
    return state if len(state) > 1 else state[0]
