"""Loops that show how far they have come go through what they are given: packages that need not be installed."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint


def codes(text: str, code: str) -> list[str]:
    """How often something is found."""
    return [finding.code for finding in lint(text).findings if finding.code == code]


LOADER = """
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader
{bound}

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def collate(batch):
    lengths = torch.tensor([len(text) for text in batch])
    return pad_sequence(batch, batch_first=True), {lengths}


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.gru = nn.GRU(8, 16, batch_first=True)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        return self.gru(packed)[1][-1]


def train(texts):
    tagger, loader = Tagger(), DataLoader(texts, batch_size=2, collate_fn=collate)
    for tokens, lengths in {loop}:
        tagger(tokens, lengths)
"""


@pytest.mark.parametrize(
    ("bound", "loop"),
    [
        ("", "loader"),
        ("from tqdm import tqdm", "tqdm(loader)"),
        ("from tqdm import tqdm", "tqdm(iterable=loader, leave=False)"),
        ("import tqdm", "tqdm.tqdm(loader)"),
        ("import tqdm", "tqdm.tqdm_notebook(loader, desc='Training')"),
        ("from tqdm import tqdm_notebook", "tqdm_notebook(loader, desc='Training')"),
        ("from tqdm import tqdm_notebook as bar", "bar(loader)"),
        ("from tqdm.notebook import tqdm", "tqdm(loader)"),
        ("from tqdm.autonotebook import tqdm", "tqdm(loader)"),
        ("from rich.progress import track", "track(loader, 'Training')"),
    ],
)
def test_what_a_loader_gives(bound: str, loop: str) -> None:
    there = LOADER.format(bound=bound, loop=loop, lengths="lengths.to(device)")
    here = LOADER.format(bound=bound, loop=loop, lengths="lengths")
    assert codes(there, "RNN406") == ["RNN406"]
    assert codes(here, "RNN406") == []


STEPS = """
import torch
from torch import nn
from tqdm import trange

cell = nn.GRUCell(3, 5)
x, h = torch.randn(4, 12, 3), None
for t in trange(x.size(1)):
    h = cell(x[:, t]{state})
"""


def test_a_range() -> None:
    assert codes(STEPS.format(state=""), "RNN506") == ["RNN506"]
    assert codes(STEPS.format(state=", h"), "RNN506") == []
