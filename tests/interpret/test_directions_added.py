"""A number of directions that a program reckons from the flag is decided wherever the flag is."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint
from rnnlint.settings import Settings

TEXT = """
from torch import nn


class Net(nn.Module):
    def __init__(self, units, both{default}):
        super().__init__()
        self.rnn = nn.GRU(8, units, bidirectional=both, batch_first=True)
        self.directions = {directions}

    def forward(self, x):
        output, state = self.rnn(x)
        if {asked}:
            return output[:, -1]
        return state
"""
ONE = ("self.directions == 1", "self.directions < 2", "self.directions != 2", "not self.directions > 1")
TWO = ("self.directions == 2", "self.directions > 1", "1 < self.directions", "self.directions != 1")


def reported(directions: str, asked: str, default: str) -> list[str]:
    text = TEXT.format(directions=directions, asked=asked, default=default)
    return [finding.code for finding in lint(text, "net.py", Settings(all_configurations=True)).findings]


@pytest.mark.parametrize("default", ["", "=False", "=True"])
@pytest.mark.parametrize("directions", ["1 + int(both)", "both + 1", "int(both) + 1", "2 if both else 1"])
@pytest.mark.parametrize("asked", ONE)
def test_the_arm_of_one_direction_is_run_with_one(asked: str, directions: str, default: str) -> None:
    assert reported(directions, asked, default) == []


@pytest.mark.parametrize("default", ["", "=False", "=True"])
@pytest.mark.parametrize("directions", ["1 + int(both)", "both + 1", "int(both) + 1", "2 if both else 1"])
@pytest.mark.parametrize("asked", TWO)
def test_the_arm_of_two_directions_is_run_with_two(asked: str, directions: str, default: str) -> None:
    assert reported(directions, asked, default) == ["RNN102"]
