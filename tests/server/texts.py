"""Programs that the tests open."""

from __future__ import annotations

MODEL = """\
import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 16, bidirectional=True, batch_first=True)
        self.head = nn.Linear(32, 2)

    def forward(self, x):
        output, (h_n, c_n) = self.lstm(x)
        return self.head(output[:, -1])
"""
LINE = 12
"""The line (from 0) on which the last step of a bidirectional LSTM is taken: RNN102."""

RIGHT = MODEL.replace("output[:, -1]", "torch.cat((h_n[-2], h_n[-1]), -1)")
"""The same without a mistake."""

LIBRARY = """\
from torch import nn


class Encoder(nn.Module):
    def __init__(self, both):
        super().__init__()
        self.gru = nn.GRU(8, 16, bidirectional=both, batch_first=True)

    def forward(self, x):
        output, _ = self.gru(x)
        return output[:, -1]
"""
USER = """\
from torch import nn

from library import Encoder


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder({both})
        self.head = nn.Linear({width}, 2)

    def forward(self, x):
        return self.head(self.encoder(x))
"""
ONE_WAY, BOTH_WAYS = USER.format(both=False, width=16), USER.format(both=True, width=32)
"""Who builds the encoder decides whether its last step is a mistake."""
