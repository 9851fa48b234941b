"""What stands at a place once it is mended, by the labels of the states: asked of torch's run, not of the rule.

``facts`` say what a summary must not be.  Where the value is a reading and nothing else, each of its elements is asked
besides: of the last layer, the final step of its direction, its own sample, forward before backward, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from oracle.fixes.holding import Handed, Held
from oracle.fixes.probing import Thing
from oracle.programs.facts import Fact, facts

Wanted = Callable[[Held], str]
"""What is wrong with what is held; "" where that is what is wanted."""

_SUMMARY = frozenset(Fact) - {Fact.CELL_ALONE}  # c_n's final states are some as well
_ROWS = frozenset(
    {Fact.MIXES_SAMPLES, Fact.LOSES_SAMPLES, Fact.FIRST_SAMPLE, Fact.JOINED_ALONG_SAMPLES, Fact.CELL_JOINED}
)
_ONE_WAY = _SUMMARY - {Fact.SINGLE_DIRECTION, Fact.PART_OF_LAYERS}
_OF_ANY_LAYER = _ONE_WAY - {Fact.ONLY_LOWER_LAYER}


def summary(held: Held) -> str:
    """The final states of the last layer, of all directions, each row those of its own sample."""
    return _wrong(held, _SUMMARY) or _elements(held, both=True)


def half(held: Held) -> str:
    """The same, of one direction or of both: the other stands beside it."""
    return _wrong(held, _ONE_WAY) or _elements(held, both=False)


def sound(held: Held) -> str:
    """Nothing that a summary must not be; more than final states may be held."""
    return _wrong(held, _SUMMARY)


def sound_half(held: Held) -> str:
    """The same, of one direction or of both: the other stands beside it."""
    return _wrong(held, _ONE_WAY)


def rows(held: Held) -> str:
    """Each row one sample's, whatever is read of it."""
    return _wrong(held, _ROWS)


def own_steps(held: Held) -> str:
    """The mean, or the maximum, over the steps that each sample has; or weights of these that add up to one."""
    if len(held.influence) != 1 or not held.lengths:
        return "states of several calls"
    value, samples, steps = held.value, len(held.lengths), max(held.lengths)
    if value.shape[:2] not in ((samples, steps), (steps, samples)) or (value.dim() == 3 and value.shape[2] != 1):
        return own_mean(held) and own_maximum(held)
    weights = value.reshape(value.shape[:2])
    # a square says nothing of what lies along which axis: nothing that is drawn is one
    rows = weights if value.shape[0] == samples else weights.T
    late = torch.arange(steps) >= torch.tensor(held.lengths).unsqueeze(1)
    if bool((rows[late] != 0).any()):
        return "padding has a share"
    return "" if torch.allclose(rows.sum(1), torch.ones_like(rows[:, 0])) else "the shares are not one in all"


def own_maximum(held: Held) -> str:
    """The maximum over the steps that each sample has, of the last layer, forward before backward."""
    (call,) = held.influence
    top = call.values[0, -1, :, :, :, : call.extents.units]  # (directions, steps, samples, units)
    largest = [top[:, :length, sample].amax(1).flatten() for sample, length in enumerate(held.lengths)]
    expected, given = torch.stack(largest), held.value.squeeze()
    same = given.shape == expected.shape and torch.equal(given.to(expected.dtype), expected)
    return "" if same else "no mean, no maximum and no weights of a sample's own steps"


def zeros(held: Held) -> str:
    """Nothing but zeros."""
    return "other numbers than zero" if bool(held.value.any()) else ""


def own_mean(held: Held) -> str:
    """The mean over the steps that each sample has, of the last layer, forward before backward."""
    if len(held.influence) != 1 or not held.lengths:
        return "states of several calls"
    (call,) = held.influence
    top = call.values[0, -1, :, :, :, : call.extents.units]  # (directions, steps, samples, units)
    means = [top[:, :length, sample].mean(1).flatten() for sample, length in enumerate(held.lengths)]
    expected = torch.stack(means)
    given = held.value.to(expected.dtype).squeeze()
    # a sum of thousands at the most, in float64
    return (
        "" if given.shape == expected.shape and torch.allclose(given, expected) else "no mean over a sample's own steps"
    )


def by_layers(held: Held) -> str:
    """Each row one sample's final states of one layer, in the order of the layers, forward before backward; or the
    forward ones of all layers before the backward ones."""
    wrong = _wrong(held, _OF_ANY_LAYER)
    if wrong or held.states is None:
        return wrong
    layers = held.states[..., 1].flatten(0, -2)  # (rows, features)
    if bool((layers != layers[:, :1]).any()):
        return "states of several layers in one row"
    ways = held.states[..., 2].flatten(0, -2)[:, 0]
    outer = held.influence[0].extents.layers * ways + layers[:, 0]
    if not any(torch.equal(order, order.sort().values) for order in (layers[:, 0], outer)):
        return "the layers in another order"
    samples = held.states[..., 0, 4]
    if held.influence[0].extents.batched and bool((samples != torch.arange(samples.shape[-1])).any()):
        return "rows that are not the samples in their order"
    return _late(held, held.states) or _disordered(held, held.states)


def handed(held: Held) -> str:
    """Of a call that has got states of another: the hidden state for the hidden, the cell for the cell state."""
    for kind, one in enumerate(held.handed):
        if one is not None and bool((one.labels[..., 0] != kind).any()):
            return "a hidden state in the place of a cell state, or the other way round"
        if one is not None and held.influence[0].extents.batched:
            samples = one.labels[..., 0, 4]
            if not bool((samples == torch.arange(samples.shape[-1])).all()):
                return "states of other samples"
    return ""


def carried(held: Held) -> str:
    """The same; where the module has returned some of it when it was called last, it has returned all of it."""
    own = [one is not None and one.own for one in held.handed]
    return "a part of a state that the call before has not returned" if any(own) and not all(own) else handed(held)


def as_told(held: Held) -> str:
    """Nothing is wrong with what is no tensor of states."""
    return held.complaint


HANDED: Mapping[Wanted, Callable[[Handed], bool]] = {handed: lambda _: True, carried: lambda one: one.own}
"""What is asked of calls that get a state; which of these has to be there for an answer."""

LOOKED_FOR: Mapping[str, Thing] = {
    "RNN101": Thing.TRUTH,
    "RNN106": Thing.BOTH,
    "RNN204": Thing.FED,
    "RNN301": Thing.BOUND,
    "RNN306": Thing.RETURNED,
    "RNN403": Thing.PACKED,
    "RNN502": Thing.FED,
    "RNN504": Thing.BUILT,
    "RNN505": Thing.NUMBERS,
    "RNN506": Thing.RETURNED,
}
"""What is looked for where a rule's fix has written, if that is not states."""

WANTED: Mapping[str, Wanted] = {
    "RNN101": as_told,
    "RNN102": summary,
    "RNN103": half,
    "RNN104": summary,
    "RNN105": summary,
    "RNN106": by_layers,
    "RNN107": summary,
    "RNN108": sound_half,
    "RNN110": summary,
    "RNN201": summary,
    "RNN202": summary,
    "RNN203": rows,
    "RNN204": as_told,
    "RNN205": rows,
    "RNN206": rows,
    "RNN207": rows,
    "RNN208": summary,
    "RNN301": as_told,
    "RNN302": summary,
    "RNN303": sound,
    "RNN306": handed,
    "RNN401": summary,
    "RNN403": as_told,
    "RNN405": own_steps,
    "RNN502": as_told,
    "RNN504": as_told,
    "RNN505": zeros,
    "RNN506": carried,
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
    if bool((held.states[..., 1] != extents.layers - 1).any()):
        return "a state of a lower layer"
    late = _late(held, held.states)
    if late:
        return late
    rows = held.states[..., 0, 4].flatten()
    if extents.batched and not torch.equal(rows, _expected(rows, extents.samples)):
        return "rows that are not the samples in their order"
    width, whole = held.states.shape[-2], extents.directions * extents.units
    if both and width != whole:
        return f"{width} features of {whole}"
    return _disordered(held, held.states)


def _late(held: Held, states: Tensor) -> str:
    """A complaint where a state is not the one in which its direction ends."""
    way, step, sample = (states[..., place] for place in (2, 3, 4))
    ends = torch.where(way == 0, torch.tensor(held.lengths)[sample] - 1, torch.zeros_like(step))
    return "a state that is not the final one of its direction" if bool((step != ends).any()) else ""


def _disordered(held: Held, states: Tensor) -> str:
    """A complaint where features are not those of a direction in order, or of two, forward before backward."""
    order = states[..., 2] * held.influence[0].extents.units + states[..., 5]
    first = order.reshape(-1, order.shape[-1])[0]
    right = torch.equal(first, first[0] + torch.arange(len(first)))
    return "" if right else "directions or units in another order"


def _expected(rows: Tensor, samples: int) -> Tensor:
    """The samples one after the other, as often as they stand there."""
    return torch.arange(len(rows)) // max(1, len(rows) // samples)
