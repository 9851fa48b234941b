"""Whether what a recurrent call is fed is what it was fed in the right program."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from oracle.programs.truth import Influence


def rows_moved(given: Tensor, right: Tensor) -> bool:
    """Whether the rows that are fed are the right ones, but neither where they were nor with both axes exchanged."""
    # three axes, because without an axis of samples there is nothing to exchange steps with
    if given.dim() != 3 or right.dim() != 3 or given.size(-1) != right.size(-1):
        return False
    if torch.equal(given, right) or torch.equal(given, right.transpose(0, 1)):
        return False
    rows = [sorted(map(tuple, one.flatten(0, 1).tolist())) for one in (given, right)]
    return rows[0] == rows[1]


def samples_as_steps(calls: Sequence[Influence]) -> bool:
    """Whether a call takes the samples of an earlier one, whose steps it is fed, for its own steps.

    Final states do not count: the samples of one call can be the steps of the next, as sentences of a document are.
    """
    return any(
        _samples_along_steps(call.given, earlier.values)
        for number, call in enumerate(calls)
        for earlier in calls[:number]
    )


def _samples_along_steps(given: Tensor, values: Tensor) -> bool:
    if given.dim() != 3:
        return False
    known, order = values.flatten().sort()
    place = torch.searchsorted(known, given.contiguous()).clamp(max=len(known) - 1)
    if not torch.equal(known[place], given):
        return False
    *_, steps, samples, _ = torch.unravel_index(order[place], values.shape)
    return _vary(samples, 0) and _vary(steps, 1)


def _vary(coordinates: Tensor, axis: int) -> bool:
    return not torch.equal(coordinates, coordinates.narrow(axis, 0, 1).expand_as(coordinates))
