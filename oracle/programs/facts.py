"""Facts about a result, read off the states its rows depend on.

A result in which no fact holds is a right summary (or a right sequence): every row belongs to one sample, and holds
the last layer's final state of every direction, or pools over more than that.
"""

from __future__ import annotations

import enum
import math

import torch
from torch import Tensor

from oracle.programs.truth import Extents, Influence


class Fact(enum.Enum):
    """What is wrong with a result; ``ODD`` ones are no mistake by themselves."""

    MIXES_SAMPLES = "a row depends on several samples, or on another row's"
    LOSES_SAMPLES = "the rows are not the samples: only some samples' states arrive"
    FIRST_SAMPLE = "the rows are not the samples: only the first sample's states arrive, which may be meant"
    JOINED_ALONG_SAMPLES = "directions, layers or steps stand below each other as if they were more samples"
    HALF_READ_ONE = "a direction's state after it has read one step, without its final state"
    FIRST_STEP = "only the state after the first step, of a unidirectional RNN"
    ONLY_LOWER_LAYER = "states of lower layers only"
    SINGLE_DIRECTION = "only one direction's final state, of a bidirectional RNN"
    HALF_CUT = "only a part of the units of a direction's final state, of a bidirectional RNN"
    CELL_ALONE = "the cell state without the hidden state"
    CELL_JOINED = "cell states stand below hidden states, as if they were more layers or samples"
    MIDDLE_STEP = "a state in mid-sequence, without the final one"
    PART_OF_LAYERS = "lower layers in one direction only, next to the last layer"


ODD = frozenset({Fact.FIRST_SAMPLE, Fact.MIDDLE_STEP, Fact.PART_OF_LAYERS})


def facts(influence: Influence) -> frozenset[Fact]:
    """All facts that hold for one call's states in the result."""
    return frozenset(sample_facts(influence) | state_facts(influence))


def sample_facts(influence: Influence) -> set[Fact]:
    """What one influence says of samples; a fact of one tensor that is handed out."""
    e = influence.extents
    mask = influence.mask
    if not e.batched or e.samples == 1:
        return set()
    reads = mask.any(-1).any(-2).any(-2).any(-2).any(-2)  # (positions, samples)
    arriving = reads.any(0)
    # Losing goes before mixing, because rows that lack samples cannot be matched with them.
    if not bool(arriving.all()):
        return {Fact.LOSES_SAMPLES if bool(arriving[1:].any()) else Fact.FIRST_SAMPLE}
    # a row of none is not one sample's either: a constant among the results
    if bool((reads.sum(1) != 1).any()):
        return {Fact.MIXES_SAMPLES}
    owner = reads.int().argmax(1)
    place = _sample_axis(owner, influence.lead, e.samples)
    if place is None:
        return {Fact.MIXES_SAMPLES}
    # samples alone on their axis: nothing stands below them
    if influence.lead[place] == e.samples:
        return set()
    states = mask.any(-1).any(-1)  # (positions, kind, L, D, T)
    along = states.view(*influence.lead, *states.shape[1:]).movedim(place, 0)
    along = along.flatten(1, -5) if len(influence.lead) > 1 else along[:, None]  # (merged axis, others, kind, L, D, T)
    kinds = along.any(-1).any(-1).any(-1)
    parts = along.any(-1).any(2)  # layers and directions
    steps = along.any(2).any(2).any(2)
    found = {Fact.CELL_JOINED} if _varies(kinds) else set()
    some_steps = _varies(steps) and not bool(steps.any(0).all())
    return found | ({Fact.JOINED_ALONG_SAMPLES} if _varies(parts) or some_steps else set())


def _varies(along: Tensor) -> bool:
    return bool((along != along[:1]).any())


def _sample_axis(owner: Tensor, lead: tuple[int, ...], samples: int) -> int | None:
    """The axis of the result along which samples run, alone or merged whole with others; None if there is none."""
    positions = torch.arange(len(owner))
    for place, size in enumerate(lead):
        outside = math.prod(lead[place + 1 :])
        for inner in range(1, size // samples + 1):
            if size % (samples * inner) == 0 and torch.equal(positions // (outside * inner) % samples, owner):
                return place
    return None


def state_facts(influence: Influence) -> set[Fact]:
    """What all that is handed out of one call says of its layers, directions and steps."""
    e = influence.extents
    found = set()
    held = influence.mask.any(0).any(-2)  # (kind, L, D, T, H), over all positions and samples
    if bool(held[1].any()) and not bool(held[0].any()):
        found.add(Fact.CELL_ALONE)
    states = held.any(0)
    top = states[-1]
    if not bool(top.any()):
        return found | {Fact.ONLY_LOWER_LAYER}
    if e.directions == 2:
        found |= _direction_facts(states, e)
    elif e.steps > 1 and not bool(top[0, -1].any()):
        found.add(Fact.FIRST_STEP if not bool(top[0, 1:].any()) else Fact.MIDDLE_STEP)
    return found


def _direction_facts(states: Tensor, e: Extents) -> set[Fact]:
    top = states[-1]
    found = set()
    last = e.steps - 1
    final = [top[0, last], top[1, 0]]
    early = [top[0, 0], top[1, last]]
    has_final = [bool(units.any()) for units in final]
    # of one step the first state is the final one
    if e.steps > 1:
        if any(bool(early[d].any()) and not has_final[d] for d in (0, 1)):
            found.add(Fact.HALF_READ_ONE)
        elif any(bool(top[d].any()) and not has_final[d] for d in (0, 1)):
            found.add(Fact.MIDDLE_STEP)
    # only where nothing worse is found, because one cause is one fact
    if not found and sum(has_final) == 1:
        other = states[:, has_final.index(False)]
        found.add(Fact.PART_OF_LAYERS if bool(other.any()) else Fact.SINGLE_DIRECTION)
    below = states[:-1].any(-1).any(-1)  # (lower layers, D)
    if bool((below.any(1) & ~below.all(1)).any()) and Fact.SINGLE_DIRECTION not in found:
        found.add(Fact.PART_OF_LAYERS)
    if any(has_final[d] and int(final[d].sum()) < e.units for d in (0, 1)):
        found.add(Fact.HALF_CUT)
    return found
