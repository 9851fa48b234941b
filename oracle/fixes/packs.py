"""Whether a batch is packed along its samples, and padded as it was packed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from unittest import mock

import torch
from torch import Tensor
from torch.nn.utils import rnn
from torch.nn.utils.rnn import PackedSequence

from oracle.fixes.holding import labels
from oracle.programs.truth import Leaf, influence_of


class Pack(NamedTuple):
    """A batch that a program has packed: what it ``gave``, ``batch_first`` or not, and what came of it."""

    gave: Tensor
    batch_first: bool
    packed: PackedSequence


@contextlib.contextmanager
def packs() -> Iterator[list[Pack]]:
    """Inside, what is packed is told in the list."""
    told: list[Pack] = []
    real = rnn.pack_padded_sequence

    def packing(input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True) -> PackedSequence:
        packed = real(input, lengths, batch_first, enforce_sorted)
        told.append(Pack(input, batch_first, packed))
        return packed

    with mock.patch.object(rnn, "pack_padded_sequence", packing):
        yield told


def packed_as_meant(value: object, told: list[Pack], leaves: list[Leaf]) -> str | None:
    """What is wrong with a packed batch, or with what a call has made of one that is padded again; "" if nothing.

    None where it cannot be told: of a batch in which no states and no padding are.
    """
    if isinstance(value, PackedSequence):
        return next((_packed(one, leaves) for one in reversed(told) if one.packed is value), None)
    if isinstance(value, tuple) and value and isinstance(value[0], Tensor):
        return _padded(value[0], told, leaves)
    return None


def _packed(one: Pack, leaves: list[Leaf]) -> str | None:
    padded, lengths = rnn.pad_packed_sequence(one.packed, batch_first=True)
    said = _of_states(padded, lengths, leaves) if padded.requires_grad else None
    if said is not None:
        return said
    rows = one.gave if one.batch_first else one.gave.transpose(0, 1)
    as_packed, otherwise = _is_padded(rows, lengths), _is_padded(rows.transpose(0, 1), lengths)
    # where both are so, or neither, nothing is known of the layout
    return None if as_packed == otherwise else "" if as_packed else "it is padded along the other axis"


def _is_padded(rows: Tensor, lengths: Tensor) -> bool:
    """Whether one and the same stands beyond the end of each sample, (samples, steps, features), in several places."""
    if len(rows) != len(lengths):
        return False
    fill = rows[torch.arange(rows.shape[1])[None] >= lengths[:, None]]
    return len(fill) > 1 and bool((fill == fill[0]).all())


def _of_states(padded: Tensor, lengths: Tensor, leaves: list[Leaf]) -> str | None:
    """Each sequence is of one sample of the call whose states are packed, in the order of its steps."""
    owners = []
    for row, length in zip(padded, lengths.tolist(), strict=True):
        for one in influence_of(row[:length], leaves):
            if bool(one.mask.any()) and one.extents.samples > 1:
                found = one.mask.any(-1).any(-2).any(-2).any(-2).any(-2).any(0)  # (samples,), over all that is packed
                if int(found.sum()) != 1:
                    return "a sequence is of several samples"
                owners.append(int(found.int().argmax()))
    return None if not owners else "" if len(set(owners)) == len(owners) else "a sample is packed twice"


def _padded(output: Tensor, told: list[Pack], leaves: list[Leaf]) -> str | None:
    """The samples stand along the axis along which they were packed, and the steps along the other."""
    for leaf in reversed(leaves):
        present = output.detach() != 0
        states = labels(output[present], leaf)
        pack = next((one for one in reversed(told) if _is_read(one, leaf)), None)
        if states is not None and pack is not None:
            step, sample = states[:, 3], states[:, 4]
            first, second = present.nonzero()[:, :2].unbind(1)
            rows, columns = (first, second) if pack.batch_first else (second, first)
            right = torch.equal(sample, rows) and torch.equal(step, columns)
            return "" if right else "samples and steps stand in another layout than they were packed in"
    return None


def _is_read(pack: Pack, leaf: Leaf) -> bool:
    """Whether a call has read a packed batch."""
    padded, _ = rnn.pad_packed_sequence(pack.packed)
    return padded.shape == leaf.given.shape and torch.equal(padded.detach().to(leaf.given.dtype), leaf.given)
