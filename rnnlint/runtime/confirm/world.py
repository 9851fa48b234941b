"""What ``expected`` and ``wanted`` of a claim are evaluated over: every state of one call, as something.

The same names mean labels in one world, numbers of the reference in another, and elements of a leaf tensor, whose
gradient tells which states an expression holds, in a third.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType

import torch
from torch import Tensor

from rnnlint.runtime.confirm.grid import Configuration
from rnnlint.runtime.truth import labels, reference


class World:
    """``hidden`` (L, D, T, N, H), 0 beyond a sample's length, and of an LSTM the final ``cell`` (L, D, N, C)."""

    __slots__ = ("_configuration", "_known", "_names", "cell", "hidden", "lengths")

    def __init__(
        self,
        configuration: Configuration,
        hidden: Tensor,
        cell: Tensor | None,
        more: Mapping[str, object],
    ) -> None:
        self.hidden, self.cell = hidden, cell
        self.lengths = torch.tensor(configuration.lengths)
        self._configuration = configuration
        self._known: dict[str, object] = {}
        self._names: dict[str, object] = {
            **configuration.names(),
            **more,
            "torch": torch,
            "lengths": self.lengths,
            "hidden": self._hidden,
            "cell": self._cell,
        }
        self._names |= self._results()

    def value(self, expression: str) -> object:
        """What the expression is here; raises whatever it raises."""
        if expression not in self._known:
            self._known[expression] = eval(_compiled(expression), self._names)
        return self._known[expression]

    def _hidden(self, layer: int, direction: int, step: int | str) -> Tensor:
        # ``every`` and ``final``: the words of claims (rules/claims.py); a number is a step of the input
        if step == "every":
            found = self.hidden[layer, direction]
        elif step == "final":
            found = self._final(layer, direction)
        elif isinstance(step, int):
            found = self.hidden[layer, direction, step]
        else:
            raise ValueError(f"no such step: {step!r}")
        return found if self._configuration.batched else found.squeeze(-2)

    def _cell(self, layer: int, direction: int) -> Tensor:
        if self.cell is None:
            raise ValueError("only an LSTM has a cell state")
        found = self.cell[layer, direction]
        return found if self._configuration.batched else found.squeeze(-2)

    def _final(self, layer: int, direction: int) -> Tensor:
        ends = self.lengths - 1 if direction == 0 else torch.zeros_like(self.lengths)
        return self.hidden[layer, direction, ends, torch.arange(len(ends))]

    def _results(self) -> dict[str, Tensor]:
        """The whole results, as the tables "Outputs" of torch's documentation arrange them."""
        layers, directions = self.hidden.shape[:2]
        places = [(layer, direction) for layer in range(layers) for direction in range(directions)]
        output = torch.cat(tuple(self.hidden[-1]), -1)
        found = {"output": output, "h_n": torch.stack([self._final(*place) for place in places])}
        if self.cell is not None:
            found["c_n"] = self.cell.flatten(0, 1)
        if not self._configuration.batched:
            return {name: one.squeeze(-2) for name, one in found.items()}
        if self._configuration.batch_first:
            found["output"] = output.transpose(0, 1)
        return found


def of_reference(
    configuration: Configuration, states: reference.States, x: Tensor, rnn: Callable[..., object]
) -> World:
    """The numbers of the reference; ``x`` and ``rnn`` are the input in float64 and the reference called on it."""
    beyond = torch.isnan(states.hidden)
    cell = None if states.cell is None else states.finals()[1].view(*states.hidden.shape[:2], *states.cell.shape[3:])
    return World(configuration, states.hidden.masked_fill(beyond, 0), cell, {"x": x, "rnn": rnn})


def of_labels(configuration: Configuration, numbers: Tensor) -> World:
    """The number of every label, from a table as :func:`label_numbers` makes it."""
    lengths = torch.tensor(configuration.lengths)
    valid = torch.arange(configuration.steps).unsqueeze(1) < lengths
    hidden = numbers[labels.HIDDEN, ..., : configuration.units] * valid.unsqueeze(-1)
    cell = None
    if configuration.cell == "LSTM":
        every = numbers[labels.CELL, ..., : configuration.hidden]
        ends = torch.stack([lengths - 1, torch.zeros_like(lengths)])[: configuration.directions]
        cell = torch.stack([every[:, way, end, torch.arange(len(end))] for way, end in enumerate(ends)], dim=1)
    return World(configuration, hidden, cell, {})


def label_numbers(configuration: Configuration) -> Tensor:
    """A number of its own for every label, (2, L, D, T, N, units): large, whole and drawn.

    float64 holds them exactly, and no mean or sum of some is another.
    """
    sizes = (configuration.layers, configuration.directions, configuration.steps, configuration.samples)
    generator = torch.Generator().manual_seed(0)
    # from 1, because 0 is padding; below 2**50, because float64 holds sums of eight of them exactly
    return torch.randint(1, 1 << 50, (2, *sizes, configuration.hidden), generator=generator).double()


def of_leaf(configuration: Configuration) -> tuple[World, tuple[Tensor, ...]]:
    """Elements of leaf tensors, ``hidden`` and of an LSTM ``cell``, and those; positive, so that nothing cancels."""
    generator = torch.Generator().manual_seed(0)
    layers, directions = configuration.layers, configuration.directions
    steps, samples = configuration.steps, configuration.samples

    def leaf(*shape: int) -> Tensor:
        # from 0.1 to 1, because a factor near zero would hide what it is multiplied with
        return (torch.rand(shape, generator=generator, dtype=torch.float64) * 0.9 + 0.1).requires_grad_()

    hidden = leaf(layers, directions, steps, samples, configuration.units)
    cell = leaf(layers, directions, samples, configuration.hidden) if configuration.cell == "LSTM" else None
    valid = torch.arange(steps).unsqueeze(1) < torch.tensor(configuration.lengths)
    world = World(configuration, hidden * valid.unsqueeze(-1), cell, {})
    return world, (hidden,) if cell is None else (hidden, cell)


@cache
def _compiled(expression: str) -> CodeType:
    return compile(expression.strip(), "<claim>", "eval")
