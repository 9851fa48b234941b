"""What is compared, and then treated like a tensor, is a tensor: the mask of words that another file has made."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

TEXT = """\
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from padding import PADDING, clip

class Encoder(nn.Module):
    def __init__(self, words=20, width=8, hidden=16):
        super().__init__()
        self.embedding = nn.Embedding(words, width)
        self.rnn = nn.GRU(width, hidden, 2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * hidden, hidden)

    def forward(self, words):
        words = clip(words)
        lengths, order = {lengths}.sort(descending=True)
        x = self.embedding(words).index_select(dim=0, index=order)
        _, state = self.rnn(pack_padded_sequence(x, lengths, batch_first=True))
        state = state.index_select(dim={axis}, index=order.argsort(descending=False))
        state = torch.cat(state.chunk(chunks=2, dim=0), dim=2)
        return torch.stack([self.fc(layer) for layer in state])
"""


@pytest.mark.parametrize("lengths", ["(words != PADDING).long().sum(dim=1)", "(words > PADDING).sum(1)"])
def test_states_that_a_mask_has_sorted_are_followed(lengths: str) -> None:
    assert {"RNN106"} == {finding.code for finding in lint(TEXT.format(lengths=lengths, axis=1)).findings}


def test_the_order_that_a_mask_gave_is_restored_along_the_samples() -> None:
    found = {finding.code for finding in lint(TEXT.format(lengths="(words != PADDING).sum(1)", axis=0)).findings}
    assert "RNN404" in found
