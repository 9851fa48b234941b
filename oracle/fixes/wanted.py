"""What stands at a place once it is mended, by the labels of the states: asked of torch's run, not of the rule.

``facts`` say what a summary must not be.  Where the value is a reading and nothing else, each of its elements is asked
besides: of the last layer, the final step of its direction, its own sample, forward before backward, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from oracle.fixes.probing import Held, Thing
from oracle.programs.facts import Fact, facts

Wanted = Callable[[Held], str]
"""What is wrong with what is held; "" where that is what is wanted."""

_SUMMARY = frozenset(Fact) - {Fact.CELL_ALONE}  # c_n's final states are some as well
_ROWS = frozenset(
    {Fact.MIXES_SAMPLES, Fact.LOSES_SAMPLES, Fact.FIRST_SAMPLE, Fact.JOINED_ALONG_SAMPLES, Fact.CELL_JOINED}
)
_ONE_WAY = _SUMMARY - {Fact.SINGLE_DIRECTION, Fact.PART_OF_LAYERS}


def summary(held: Held) -> str:
    """The final states of the last layer, of all directions, each row those of its own sample."""
    return _wrong(held, _SUMMARY) or _elements(held, both=True)


def half(held: Held) -> str:
    """The same, of one direction or of both: the other stands beside it."""
    return _wrong(held, _ONE_WAY) or _elements(held, both=False)


def sound(held: Held) -> str:
    """Nothing that a summary must not be; more than final states may be held."""
    return _wrong(held, _SUMMARY)


def rows(held: Held) -> str:
    """Each row one sample's, whatever is read of it."""
    return _wrong(held, _ROWS)


def zeros(held: Held) -> str:
    """Nothing but zeros."""
    return "" if held.is_zero else "other numbers than zero"


def agrees(held: Held) -> str:
    """What is compared is the same."""
    return "" if held.is_true else "what is compared is not the same"


LOOKED_FOR: Mapping[str, Thing] = {"RNN101": Thing.TRUTH, "RNN505": Thing.NUMBERS}
"""What is looked for where a rule's fix has written, if that is not states."""

WANTED: Mapping[str, Wanted] = {
    "RNN101": agrees,
    "RNN102": summary,
    "RNN103": half,
    "RNN104": summary,
    "RNN105": summary,
    "RNN106": sound,
    "RNN107": summary,
    "RNN108": sound,
    "RNN110": summary,
    "RNN201": summary,
    "RNN202": summary,
    "RNN203": rows,
    "RNN206": rows,
    "RNN207": rows,
    "RNN208": summary,
    "RNN302": summary,
    "RNN303": sound,
    "RNN401": summary,
    "RNN505": zeros,
}
"""By a rule's code, what the values that its unsafe fix writes have to be."""


def _wrong(held: Held, never: frozenset[Fact]) -> str:
    found = {fact for one in held.influence for fact in facts(one)} & never
    return min((fact.value for fact in found), default="")


def _elements(held: Held, both: bool) -> str:
    if held.states is None:
        return ""
    (call,) = held.influence
    extents = call.extents
    _, layer, way, step, sample, unit = held.states.reshape(-1, held.states.shape[-2], 6).unbind(-1)
    lengths = torch.tensor(held.lengths)
    if bool((layer != extents.layers - 1).any()):
        return "a state of a lower layer"
    if bool((step != torch.where(way == 0, lengths[sample] - 1, torch.zeros_like(step))).any()):
        return "a state that is not the final one of its direction"
    rows = sample[:, 0]
    if extents.batched and not torch.equal(rows, _expected(rows, extents.samples)):
        return "rows that are not the samples in their order"
    width = held.states.shape[-2]
    order = (way * extents.units + unit)[0]
    whole = extents.directions * extents.units
    if both and width != whole:
        return f"{width} features of {whole}"
    if not torch.equal(order, order[0] + torch.arange(width)):
        return "directions or units in another order"
    return ""


def _expected(rows: Tensor, samples: int) -> Tensor:
    """The samples one after the other, as often as they stand there."""
    return torch.arange(len(rows)) // max(1, len(rows) // samples)
