"""What was wanted, as findings draw it: torch has exactly that in one of the readings that people want.

The drawing that a user gets is read back, in its own sizes; the module that it shows is built on torch with labels for
its states, and the readings below are taken of that by torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from oracle.pictures import Module, Truth
from rnnlint.explaining.drawn_rules import DRAWN
from rnnlint.runtime.truth import labels
from tests.explaining.test_drawings import FILES, Lie, _direction, _layer, _sample, _tick, _units, drawn
from tests.rules.expectations import named

READINGS: dict[str, Callable[..., Tensor]] = {
    "the last layer's final states": lambda h_n, D, **_: torch.cat(tuple(h_n[-D:]), -1),
    "its last direction's": lambda h_n, **_: h_n[-1],
    "its first direction's": lambda h_n, D, **_: h_n[-D],
    "the first layer's": lambda h_n, D, **_: torch.cat(tuple(h_n[:D]), -1),
    "those of cells": lambda c_n, D, **_: torch.cat(tuple(c_n[-D:]), -1),
    "one cell's": lambda c_n, **_: c_n[-1],
    "the last step of every sample": lambda last, **_: last,
    "all steps": lambda output, **_: output,
}
"""What is taken of ``output`` (samples first), ``last`` (its last valid steps), ``h_n``, ``c_n``; ``D``: directions."""


@cache
def results(
    layers: int, directions: int, samples: int, steps: int, units: int, cell_units: int, lengths: tuple[int, ...]
) -> dict[str, Any]:
    """What torch's LSTM of these settings returns, with a label for each state."""
    projected = {"proj_size": units} if units != cell_units else {}
    lstm = labels.LSTM(2, cell_units, layers, bidirectional=directions == 2, batch_first=True, **projected)
    x, valid = torch.zeros(samples, steps, 2), torch.tensor(lengths or (steps,) * samples)
    if lengths:
        packed, (h_n, c_n) = lstm(pack_padded_sequence(x, valid, batch_first=True, enforce_sorted=False))
        output, _ = pad_packed_sequence(packed, batch_first=True)
    else:
        output, (h_n, c_n) = lstm(x)
    last = output[torch.arange(samples), valid - 1]
    return {"output": output, "h_n": h_n, "c_n": c_n, "last": last, "D": directions}


def lies(picture: dict[str, Any], lengths: tuple[int, ...]) -> list[str]:
    """What a picture says that is true of none of the readings: of the likest of them."""
    (source,) = picture["sources"]
    settings = [source[name] for name in ("layers", "directions", "samples", "steps", "units", "cell_units")]
    known = results(*settings, lengths if source["packed"] else ())
    module = Module("LSTM", source["directions"], source["steps"], lengths if source["packed"] else ())
    found = []
    for reading in READINGS.values():
        *sizes, width = (value := reading(**known)).shape
        rows = [[int(label) for label in row] for row in value.reshape(-1, width)]
        each = [frozenset({label} - {0}) for row in rows for label in row]
        # of a layer that takes it every feature reads all of the row
        layer = [frozenset(row) for row in rows for _ in range(picture["shape"][-1])]
        for shape, held in (((*sizes, width), each), ((*sizes, picture["shape"][-1]), layer)):
            found.append(list(Truth(shape, held, [module]).lies(picture)))
    return min(found, key=len)


def wanted(path: Path) -> Iterator[tuple[str, dict[str, Any], tuple[int, ...]]]:
    """The pictures of what was wanted, with the findings' places and the lengths of the samples."""
    for one in drawn(path):
        drawing = json.loads(one.drawing)
        for picture in drawing["wanted"]:
            yield f"{one.code} {path.name}:{one.line}", picture, tuple(drawing["lengths"])


@pytest.mark.parametrize("path", FILES, ids=named)
def test_torch_has_what_is_wanted(path: Path) -> None:
    for place, picture, lengths in wanted(path):
        assert lies(picture, lengths) == [], place


def test_every_rule_that_draws_it_is_among_them() -> None:
    met = {place.split()[0] for path in FILES for place, _, _ in wanted(path)}
    assert {code for code, shows in DRAWN.items() if shows.name == "BOTH"} <= met


@pytest.mark.parametrize("lie", [_tick, _sample, _layer, _direction, _units])
def test_a_planted_lie_is_noticed(lie: Lie) -> None:
    told = 0
    for path in FILES[::4]:
        for place, picture, lengths in wanted(path):
            # in all cells alike, so that no other reading has one that is so
            for cell in picture["cells"]:
                lie(cell["parts"][0])
            told += 1
            assert lies(picture, lengths) != [], (place, lie.__name__)
    assert told > 10
