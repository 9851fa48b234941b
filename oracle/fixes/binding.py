"""Whether the names that a result is unpacked into hold its parts, each of them whole."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from oracle.fixes.holding import labels
from oracle.programs.truth import Leaf

_STATES = ("the hidden state", "the cell state")


def bound(value: object, leaves: list[Leaf]) -> str | None:
    """What is wrong with names, by what they hold in the order of the target; "" if nothing, None if that is not told.

    Of a layer the first is the output, of all steps, and behind it the final states of all layers and directions, the
    hidden ones before the cell's; a cell returns its states alone.
    """
    parts = list(_parts(value))
    for leaf in reversed(leaves):
        found = [None if part is None else labels(part, leaf) for part in parts]
        if any(states is not None for states in found):
            return _wrong(found, leaf)
    return None


def _parts(value: object) -> Iterator[Tensor | None]:
    if isinstance(value, PackedSequence):
        yield value.data
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _parts(one)
    else:
        yield value if isinstance(value, Tensor) else None


def _wrong(found: list[Tensor | None], leaf: Leaf) -> str:
    layered = not isinstance(leaf.module, nn.RNNCellBase)
    pair = isinstance(leaf.module, (nn.LSTM, nn.LSTMCell))
    wanted = [*([_output(leaf)] if layered else []), *(_finals(leaf, kind) for kind in range(1 + pair))]
    names = [*(["the output"] if layered else []), *_STATES[: 1 + pair]]
    if len(found) != len(wanted):
        return f"{len(found)} names for {len(wanted)} parts"
    for states, whole, name in zip(found, wanted, names, strict=True):
        if states is None or not _same(states.flatten(0, -2), whole):
            return f"what is no more than a part of {name}, or none of it"
    return ""


def _output(leaf: Leaf) -> Tensor:
    """The labels of all that the output holds, (elements, 6)."""
    every = _grid(leaf)
    e = leaf.extents
    ends = torch.tensor(leaf.lengths)[every[:, 4]]
    return every[(every[:, 0] == 0) & (every[:, 1] == e.layers - 1) & (every[:, 5] < e.units) & (every[:, 3] < ends)]


def _finals(leaf: Leaf, kind: int) -> Tensor:
    """The labels of all final states of a kind, (elements, 6)."""
    every = _grid(leaf)
    ends = torch.where(every[:, 2] == 0, torch.tensor(leaf.lengths)[every[:, 4]] - 1, torch.zeros(1, dtype=torch.int64))
    units = leaf.extents.units if kind == 0 else leaf.values.shape[-1]  # proj_size is of the hidden state alone
    return every[(every[:, 0] == kind) & (every[:, 3] == ends) & (every[:, 5] < units)]


def _grid(leaf: Leaf) -> Tensor:
    return torch.cartesian_prod(*(torch.arange(size) for size in leaf.values.shape))


def _same(some: Tensor, others: Tensor) -> bool:
    """Whether the labels are the same, each once."""
    return len(some) == len(others) and torch.equal(torch.unique(some, dim=0), torch.unique(others, dim=0))
