"""Pictures against torch: what they show of drawn readings is what labels and autograd say; lies are noticed.

``python -m oracle.pictures --count 2000`` asks for more of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from oracle.pictures import Reading
from rnnlint.axes.operations import select
from rnnlint.axes.results import output_of, state_of
from rnnlint.axes.states import Call, Kind, Role, Somewhere
from rnnlint.drawing.held import Setting
from rnnlint.drawing.picture import PADDING, Picture, picture
from rnnlint.runtime.truth import labels
from tests.axes.arrangements import known
from tests.drawing.readings import first_readings

# of torch: LSTMs with projections are slower than others
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture
def readings() -> list[Reading]:
    """A hundred and twenty of them."""
    return first_readings(120)


def test_no_picture_lies(readings: list[Reading]) -> None:
    assert [lie for one in readings for lie in one.lies()] == []


Lie = Callable[[dict[str, Any]], None]


def _tick(part: dict[str, Any]) -> None:
    part["strip"]["own"][0][1] -= 1


def _moved(part: dict[str, Any]) -> None:
    part["strip"]["own"][0] = [place + 1 for place in part["strip"]["own"][0]]


def _other(name: str) -> Lie:
    def lie(part: dict[str, Any]) -> None:
        part[name][0][0] += 1

    return lie


def _direction(part: dict[str, Any]) -> None:
    part["direction"] = 1 - part["direction"]


@pytest.mark.parametrize("lie", [_tick, _moved, _direction, *map(_other, ("samples", "layers", "steps", "units"))])
def test_every_planted_lie_is_noticed(readings: list[Reading], lie: Lie) -> None:
    told = 0
    for one in readings[:40]:
        drawn = json.loads(one.text)
        parts = [part for cell in drawn["cells"] for part in cell["parts"]]
        # of a state that stands alone: what several read together may be the same without one of them
        if not parts or len(parts) > len(drawn["cells"]):
            continue
        lie(parts[0])
        told += 1
        assert list(replace(one, text=json.dumps(drawn)).lies()), one.setting
    assert told > 20


def _shown(drawn: Picture) -> list[set[tuple[int, ...]]]:
    """What each element holds, by the picture: row-major, one cell for each element."""
    return [
        {
            (part.direction, layer, sample, step, unit)
            for part in cell.parts
            for layer, sample, step, unit in _every(part.layers, part.samples, part.steps, part.units)
        }
        for cell in drawn.cells
    ]


def _every(*sets: Any) -> list[tuple[int, ...]]:
    (layer,), (sample,), (step,), (unit,) = (list(runs[0].positions()) for runs in sets)
    return [(layer, sample, step, unit)]


@pytest.mark.parametrize("last", [None, -1])
def test_samples_of_unequal_length(last: int | None) -> None:
    lengths = (4, 2, 3)
    module = labels.LSTM(2, 1, 2, bidirectional=True)
    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.zeros(4, 3, 2), torch.tensor(lengths), enforce_sorted=False)
    output, (h_n, c_n) = module(packed)
    padded, _ = torch.nn.utils.rnn.pad_packed_sequence(output)
    call = Call("call", 2, 2, 3, 4, 1, 1, packed=True)
    pairs: list[tuple[Tensor, Any]] = [
        (padded, output_of(call, False)),
        (h_n, state_of(call, Kind.HIDDEN)),
        (c_n, state_of(call, Kind.CELL)),
    ]
    for held, states in pairs:
        if last is not None:
            held, states = held[last], known(select.select(states, 0, last))
        drawn = picture(states, Setting(lengths))
        for cell, label in zip(drawn.cells, held.reshape(-1).tolist(), strict=True):
            assert (cell.note == PADDING) is (label == 0)
            for part in cell.parts:
                found = labels.decode(label)
                assert (found.layer, found.direction, found.sample) == (
                    part.layers[0].start,
                    part.direction,
                    part.samples[0].start,
                )
                assert not isinstance(part.steps, str)
                assert found.step == part.steps[0].start
                assert part.strip is not None
                end = lengths[part.samples[0].start]
                own = (0, found.step + 1) if part.direction == 0 else (found.step, end)
                assert part.strip.own == (own,)
                assert [part.strip.read(step) for step in range(end, 4)] == ["no"] * (4 - end)


def test_a_billion_of_everything_is_as_cheap_as_five() -> None:
    many = 10**9
    call = Call("call", 2, 2, many, many, many, many)
    drawn = picture(output_of(call, True))
    assert drawn.shape == (many, many, 2 * many)
    assert drawn.elided
    assert [axis.left_out for axis in drawn.axes] == [(3, many - 1), (7, many - 1), None]
    last = drawn.cells[-1].parts[0]
    assert last.strip is not None
    assert (last.strip.own, last.strip.below) == (((many - 1, many),), ((0, many - 1),))
    assert (last.samples[0].start, last.units[0].count) == (many - 1, many)


def test_what_is_not_known_is_said() -> None:
    state = state_of(Call("call", 1, 1, 2, 5, 3, 3, packed=True), Kind.HIDDEN)
    part = picture(known(select.select(state, 1, 0))).cells[0].parts[0]
    assert part.steps == Somewhere.LAST_VALID.value
    vague = replace(state, at=((Role.STEP, Somewhere.ANYWHERE),))
    parts = [part for cell in picture(vague).cells for part in cell.parts]
    assert {part.strip.read(2) for part in parts if part.strip} == {"unknown"}
