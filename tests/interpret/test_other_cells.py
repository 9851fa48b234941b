"""However a program says what it builds where a text is none of those that it compares it with, that has its name."""

from __future__ import annotations

from textwrap import indent

import pytest

from rnnlint.linter import lint
from rnnlint.settings import Settings

MODEL = """
from torch import nn

class Model(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind
{built}
        self.fc = nn.Linear(6, 3)

    def forward(self, x):
        _, h = self.rnn(x)
        {asked}
        return self.fc(h[-1])
"""

BUILT = {
    "arms": 'if kind == "gru":\n    self.rnn = nn.GRU(4, 6)\nelse:\n    self.rnn = nn.LSTM(4, 6)',
    "the other way round": 'if kind != "GRU":\n    self.rnn = nn.LSTM(4, 6)\nelse:\n    self.rnn = nn.GRU(4, 6)',
    "its text first": 'if "gru" == kind:\n    self.rnn = nn.GRU(4, 6)\nelse:\n    self.rnn = nn.LSTM(4, 6)',
    "elif": 'if kind == "rnn":\n    self.rnn = nn.RNN(4, 6)\nelif kind == "gru":\n    self.rnn = nn.GRU(4, 6)\n'
    "else:\n    self.rnn = nn.LSTM(4, 6)",
    "one of two": 'if kind == "gru" or kind == "g":\n    self.rnn = nn.GRU(4, 6)\nelse:\n    self.rnn = nn.LSTM(4, 6)',
    "among several": 'if kind in ("gru", "gated"):\n    self.rnn = nn.GRU(4, 6)\nelse:\n    self.rnn = nn.LSTM(4, 6)',
    "among none": 'if kind not in ["gru"]:\n    self.rnn = nn.LSTM(4, 6)\nelse:\n    self.rnn = nn.GRU(4, 6)',
    "an expression": 'self.rnn = nn.GRU(4, 6) if kind == "gru" else nn.LSTM(4, 6)',
    "a class": 'cell = nn.GRU if kind.lower() == "gru" else nn.LSTM\nself.rnn = cell(4, 6)',
}
ASKED = ['if self.kind == "lstm": h = h[0]', 'h = h[0] if self.kind.upper() == "LSTM" else h']


def found(built: str, asked: str) -> list[str]:
    text = MODEL.format(built=indent(BUILT[built], " " * 8), asked=asked)
    return [finding.code for finding in lint(text, settings=Settings(all_configurations=True)).findings]


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("built", BUILT)
def test_what_is_left_is_known_by_its_name(built: str, asked: str) -> None:
    assert not found(built, asked)


@pytest.mark.parametrize("built", BUILT)
def test_another_name_says_nothing(built: str) -> None:
    assert found(built, 'if self.kind == "bilstm": h = h[0]') == ["RNN302"]


def test_what_is_built_by_its_own_name_leaves_it_to_nothing_else() -> None:
    built = 'if kind == "gru":\n    self.rnn = nn.GRU(4, 6)\nelif kind == "lstm":\n    self.rnn = nn.LSTM(4, 6)\n'
    built = indent(built + 'elif kind == "cells":\n    self.rnn = nn.LSTM(4, 6)', " " * 8)
    text = MODEL.format(built=built, asked='if self.kind == "lstm": h = h[0]')
    assert [finding.code for finding in lint(text, settings=Settings(all_configurations=True)).findings] == ["RNN302"]
