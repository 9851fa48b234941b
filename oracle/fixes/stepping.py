"""Cells in a run on labels: each call of one returns the states of a call of one step."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from unittest import mock

from torch import Tensor

from oracle.programs.truth import Extents, Leaf, values
from rnnlint.runtime.truth import labels


@contextlib.contextmanager
def stepped(leaves: list[Leaf]) -> Iterator[None]:
    """Inside, the labelled cells return elements of leaves, which are put behind ``leaves``, one a call."""
    with contextlib.ExitStack() as patches:
        for cell in (labels.RNNCell, labels.GRUCell, labels.LSTMCell):
            patches.enter_context(mock.patch.object(cell, "forward", _grown(cell.forward, leaves)))
        yield


def _grown(labelled: Callable[..., object], leaves: list[Leaf]) -> Callable[..., object]:
    def forward(self: labels.GRUCell, input: Tensor, hx: object = None) -> object:
        state = labelled(self, input, hx)
        leaf = _leaf(self, input, hx, len(leaves))
        leaves.append(leaf)
        return tuple(map(leaf.at, state)) if isinstance(state, tuple) else leaf.at(state)  # type: ignore[arg-type]

    return forward


def _leaf(cell: labels.GRUCell, given: Tensor, start: object, call: int) -> Leaf:
    batched = given.dim() == 2
    samples = len(given) if batched else 1
    # hidden and cell; one layer, one direction, one step
    grown = values(2, 1, 1, 1, samples, cell.hidden_size, call=call).requires_grad_()
    handed = start if isinstance(start, tuple) else (start,)
    states = tuple(one.detach() for one in handed if isinstance(one, Tensor))
    extents = Extents(1, 1, 1, samples, cell.hidden_size, batched)
    return Leaf(extents, grown, given.detach()[None], states, (1,) * samples, cell)
