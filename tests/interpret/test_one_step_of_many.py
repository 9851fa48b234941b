"""A state of many samples goes with one step of each: that an input of one is one sample is then no evidence."""

from __future__ import annotations

from rnnlint.linter import lint

CARRIED = """
import torch
from torch import nn

class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 6, bidirectional=True, batch_first=True)

    def forward(self, features, states, starts):
        n = states[0].shape[1]
        features = features.reshape((n, -1, 4)).swapaxes(0, 1)
        starts = starts.reshape((n, -1)).swapaxes(0, 1)
        for feature, start in zip(features, starts):
            going_on = (1 - start).view(1, n, 1)
            hidden, states = self.lstm(feature.unsqueeze(0), (going_on * states[0], going_on * states[1]))
        return hidden
"""


def test_both_directions_go_on_where_a_part_is_one_step_of_each_sample() -> None:
    assert all(one.code != "RNN510" for one in lint(CARRIED).findings)
