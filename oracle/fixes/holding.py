"""What a tensor holds of the recurrent calls of a run on labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from oracle.programs.truth import Influence, Leaf, influence_of


class Handed(NamedTuple):
    """The ``labels`` of the states that a call got, (..., 6), and whether the last call of its ``own`` module returned
    them."""

    labels: Tensor
    own: bool


@dataclass(frozen=True, slots=True)
class Held:
    """What stood at a place once: ``influence`` of the recurrent calls whose states are in it.

    ``states`` are the labels of each element (kind, layer, direction, step, sample, unit), where the value is a reading
    of one call and nothing else; ``lengths`` are those of that call's samples, where it is of one call.  ``value`` is
    the tensor, and ``handed`` what the call got for each tensor of its state: None for one that no call before has
    returned.  ``complaint`` is what is wrong with anything else than states.  ``indexed`` is what indices right
    behind the place take of it.
    """

    shape: tuple[int, ...] = ()
    influence: tuple[Influence, ...] = ()
    states: Tensor | None = None
    lengths: tuple[int, ...] = ()
    value: Tensor = field(default_factory=lambda: torch.empty(0))
    handed: tuple[Handed | None, ...] = ()
    complaint: str = ""
    indexed: tuple[Held, ...] = ()


def held(value: object, leaves: list[Leaf]) -> Held | None:
    """What a value holds of the calls made so far; None where that is nothing."""
    if not isinstance(value, Tensor) or not value.is_floating_point() or not value.dim():
        return None
    shape = tuple(value.shape)
    for number, leaf in enumerate(leaves):
        states = labels(value, leaf)
        if states is not None:
            handed = tuple(_handed(one, leaves[:number], leaf) for one in leaf.start)
            return Held(shape, (_influence(states, value, leaf),), states, leaf.lengths, handed=handed)
    if not value.requires_grad:
        return None
    every = influence_of(value, leaves)
    found = tuple(one for one in every if bool(one.mask.any()))
    of = [leaf for leaf, one in zip(leaves, every, strict=True) if bool(one.mask.any())]
    lengths = of[0].lengths if len(of) == 1 else ()
    return Held(shape, found, lengths=lengths, value=value.detach()) if found else None


def labels(value: Tensor, leaf: Leaf) -> Tensor | None:
    """The labels of a tensor that is nothing but states of one call, (*shape, 6); None for any other."""
    if not value.numel():
        return None
    known, order = leaf.values.detach().flatten().sort()
    given = value.detach().to(known.dtype).contiguous()
    place = torch.searchsorted(known, given).clamp(max=len(known) - 1)
    if not torch.equal(known[place], given):
        return None
    return torch.stack(torch.unravel_index(order[place], leaf.values.shape), -1)


def _handed(state: Tensor, before: list[Leaf], leaf: Leaf) -> Handed | None:
    own = [one for one in before if one.module is leaf.module]
    for one in reversed(before):
        found = labels(state, one)
        if found is not None:
            return Handed(found, one is own[-1] if own else False)
    return None


def _influence(states: Tensor, value: Tensor, leaf: Leaf) -> Influence:
    """The influence of a call on a tensor that holds just these states of it."""
    lead = tuple(value.shape[:-1])
    rows = states.reshape(-1, value.shape[-1], states.shape[-1])
    mask = torch.zeros(len(rows), *leaf.values.shape, dtype=torch.bool)
    for number, row in enumerate(rows):
        mask[number].index_put_(row.unbind(-1), torch.tensor(True))
    return Influence(leaf.extents, lead, mask, leaf.given, leaf.values.detach(), leaf.start)
