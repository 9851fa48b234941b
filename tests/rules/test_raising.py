"""What torch raises on in another configuration than the declared one is said where all configurations are asked for,
although nothing else is said of configurations in which the program raises."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from rnnlint.linter import lint
from rnnlint.settings import Settings

PROGRAM = """\
import torch
from torch import nn
class Model(nn.Module):
    def __init__(self, {parameter}):
        super().__init__()
        self.rnn = {module}
    def forward(self, x):
        output, _ = self.rnn(x, torch.zeros(1, x.size(1), 5))
        return output
"""
CASES = [
    ("cell='gru'", "nn.GRU(3, 5) if cell == 'gru' else nn.LSTM(3, 5)", "RNN306", "when cell != 'gru'"),
    ("bidirectional=False", "nn.GRU(3, 5, bidirectional=bidirectional)", "RNN502", "when bidirectional=True"),
]


@pytest.mark.parametrize(("parameter", "module", "code", "when"), CASES)
def test_in_another_configuration(parameter: str, module: str, code: str, when: str) -> None:
    text = PROGRAM.format(parameter=parameter, module=module)
    assert lint(text).findings == ()
    (found,) = lint(text, settings=Settings(all_configurations=True)).findings
    assert (found.line, found.code) == (8, code)
    assert when in found.message


MODEL = """\
import torch
from torch import nn
class Model(nn.Module):
    def __init__(self, layers, both, first, rate):
        super().__init__()
        self.rate, self.layers, sides = rate, layers, 2 if both else 1
        self.rnn = nn.GRU(3, 5, {layers}, bidirectional={both}, batch_first={first})
        self.key, self.fc = nn.Linear(10, 10), nn.Linear(5 * {width}, 2)
    def forward(self, x):
        output, h_n = self.rnn(x{state})
        return self.fc({read})
"""
WHOLE = {"layers": "1", "both": "both", "first": "True", "width": "sides", "state": ""}
ZEROS = ", torch.zeros(layers, x.size(0), 5)".replace("layers", "self.layers")
MEANT = [
    ({"read": "output[:, ::self.rate]"}, []),  # every k-th step
    ({"read": "output[:, ::2][:, 0]"}, ["RNN103", "RNN110"]),
    (
        {"layers": "layers", "both": "False", "width": "2", "read": "torch.cat((h_n[0], h_n[1]), 1)"},
        [],
    ),  # of two layers
    ({"layers": "3", "both": "False", "width": "2", "read": "torch.cat((h_n[0], h_n[1]), 1)"}, ["RNN105"]),
    ({"layers": "layers", "both": "False", "width": "1", "read": "h_n[0]"}, ["RNN105"]),
    ({"layers": "layers", "both": "False", "first": "first", "state": ZEROS, "width": "1", "read": "output"}, []),
    (
        {"layers": "layers", "both": "False", "first": "False", "state": ZEROS, "width": "1", "read": "output"},
        ["RNN502"],
    ),
]


@pytest.mark.parametrize(("settings", "codes"), MEANT)
def test_in_configurations_that_the_program_is_not_written_for(settings: dict[str, str], codes: list[str]) -> None:
    text = MODEL.format_map({**WHOLE, **settings})
    assert [found.code for found in lint(text, settings=Settings(all_configurations=True)).findings] == codes


ATTENDING = """\
import torch
from torch import nn
class Model(nn.Module):
    def __init__(self, units, layers, both):
        super().__init__()
        self.rnn = nn.GRU(3, units, layers, bidirectional=both, batch_first=True)
        self.key, self.fc = nn.Linear(2 * units, 2 * units), nn.Linear(units * layers, 2)
    def forward(self, x):
        output, h_n = self.rnn(x)
        {weights}
        return self.fc(torch.bmm(weights.transpose(1, 2), output).squeeze(1))
"""
FIRST = [  # what raises, and where: with one direction, what comes after it is never reached
    ("weights = torch.bmm(output, torch.cat((h_n[-2], h_n[-1]), 1).unsqueeze(2))", [(11, "when layers=1")]),
    ("weights = self.key(output).sum(2, keepdim=True)", [(10, ""), (11, "when layers=1")]),
]


@pytest.mark.parametrize(("weights", "said"), FIRST)
def test_what_is_never_reached_is_not_said(weights: str, said: list[tuple[int, str]]) -> None:
    text = ATTENDING.format(weights=weights)
    found = lint(text, settings=Settings(all_configurations=True)).findings
    assert [(one.line, one.code) for one in found] == [(line, "RNN501") for line, _ in said]
    assert all(when in one.message for one, (_, when) in zip(found, said, strict=True)), found
    build: dict[str, Any] = {"torch": torch, "nn": nn}
    exec(text, build)
    for both, layers in ((False, 2), (True, 1)):
        with pytest.raises(RuntimeError):
            build["Model"](5, layers, both)(torch.randn(2, 4, 3))
    build["Model"](5, 2, True)(torch.randn(2, 4, 3))
