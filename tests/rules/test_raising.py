"""What torch raises on in another configuration than the declared one is said where all configurations are asked for,
although nothing else is said of configurations in which the program raises."""

from __future__ import annotations

import pytest

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
