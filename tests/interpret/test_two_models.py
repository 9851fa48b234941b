"""Of a class that is built in one way only it is known what its methods are handed; of two models of it, it is not."""

from __future__ import annotations

from textwrap import dedent

from rnnlint.linter import lint

MODEL = """
import torch
from torch import nn

class Words(nn.Module):
    def __init__(self, hidden, layers):
        super().__init__()
        self.gru = nn.GRU(8, hidden, layers)

    def forward(self, x, state):
        output, state = self.gru(x, state)
        return output

"""


def codes(script: str) -> list[tuple[str, int]]:
    found = lint(MODEL + dedent(script)).findings
    return [(one.code, one.line) for one in found]


def test_the_state_that_is_handed_to_the_only_model_is_held_against_it() -> None:
    assert ("RNN502", 11) in codes("Words(16, 2)(torch.zeros(7, 4, 8), torch.zeros(1, 4, 16))")


def test_the_state_of_one_model_is_not_held_against_another() -> None:
    script = """
    def train(model, rows):
        model(rows, torch.zeros(1, rows.size(1), 16))

    deep = Words(16, 2)
    deep(torch.zeros(7, 4, 8), unknown)
    train(Words(16, 1), torch.zeros(7, 4, 8))
    """
    assert codes(script) == []
