"""Windows of one length are known where they are cut, however that is written, and torch agrees.

Each program is run: the tokens that its model is given end in padding (0) exactly where the linter says that they do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlint.linter import lint
from tests.interpret.test_filled_up import holds_padding

HEAD = """
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 8, padding_idx=0)
        self.lstm = nn.LSTM(8, 16, batch_first=True)
        self.fc = nn.Linear(16, 2)

    def forward(self, x):
        output, _ = self.lstm(self.embedding(x))
        return self.fc(output[:, -1]) + self.fc(output.mean(1))

model, text = Net(), torch.randint(1, 10, (32,))
"""


def padded(windows: str, *before: str) -> str:
    return "\n".join((*before, f"model(pad_sequence({windows}, batch_first=True))"))


APPENDED = """
windows = []
for {loop}:
    {cut}
    windows.append({window})
model({batch})
"""


def appended(loop: str, window: str, cut: str = "pass", batch: str = "pad_sequence(windows, batch_first=True)") -> str:
    return APPENDED.format(loop=loop, window=window, cut=cut, batch=batch)


DATA = """
class Windows(Dataset):
    def __init__(self, text, length):
        self.samples = [text[i : i + length] for i in range({stop})]

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        return self.samples[i], 1

def collate(batch):
    samples, labels = zip(*batch)
    return pad_sequence(samples, batch_first=True), torch.tensor(labels)

for x, y in DataLoader(Windows(text, 6), batch_size=27, collate_fn=collate):
    model(x)
"""

FUNCTION = """
def windows(text, length):
    return [text[i : i + length] for i in range(0, len(text) - length + 1{step})]

{use}
"""
LISTS = "tokens = [int(word) for word in text]"
EVEN = {
    "all of them": padded("[text[i : i + 6] for i in range(len(text) - 6 + 1)]"),
    "all but the last": padded("[text[i : i + 6] for i in range(len(text) - 6)]"),
    "by its shape": padded("[text[i : i + 6] for i in range(text.shape[0] - 5)]"),
    "by its size": padded("[text[i : 6 + i] for i in range(1 + text.size(0) - 6)]"),
    "by names": padded("[text[i : i + n] for i in range(count)]", "n = 6", "count = len(text) - n"),
    "some left out": padded("[text[i : i + 6] for i in range(0, len(text) - 6, 4)]"),
    "up to there": padded("[text[i - 6 : i] for i in range(6, len(text) + 1)]"),
    "on both sides": padded("[text[i - 3 : i + 4] for i in range(3, len(text) - 3)]"),
    "and what follows": padded("[text[i + 1 : i + 7] for i in range(len(text) - 6)]"),
    "without the last": padded("[text[i : i + 7][:-1] for i in range(len(text) - 6)]"),
    "appended": appended("i in range(len(text) - 6 + 1)", "text[i : i + 6]"),
    "by an end of its own": appended("i in range(len(text) - 6 + 1)", "text[i:end]", "end = i + 6"),
    "stacked": appended("i in range(len(text) - 6)", "text[i : i + 6]", batch="torch.stack(windows)"),
    "lists": padded("[torch.tensor(tokens[i : i + 6]) for i in range(len(tokens) - 6)]", LISTS),
    "one tensor of lists": "\n".join(
        (LISTS, "model(torch.tensor([tokens[i : i + 6] for i in range(len(tokens) - 6 + 1)]))")
    ),
    "arrays": padded("[torch.tensor(a[i : i + 6]) for i in range(len(a) - 6 + 1)]", "a = text.numpy()"),
    "function": FUNCTION.format(step="", use=padded("windows(text, 6)")),
    "function with a step": FUNCTION.format(step=", length", use=padded("windows(text, 6)")),
    "data set": DATA.format(stop="len(text) - length + 1"),
    "unfolded": "model(text.unfold(0, 6, 1))",
    "unfolded and taken apart": padded("list(text.unfold(0, 6, 1))"),
}
UNEVEN = {
    "over the end": padded("[text[i : i + 6] for i in range(len(text))]"),
    "over the end by one": padded("[text[i : i + 6] for i in range(len(text) - 6 + 2)]"),
    "less is taken off": padded("[text[i : i + 6] for i in range(len(text) - 3)]"),
    "from the end": padded("[text[i : i + 6] for i in range(len(text) - 1, -1, -1)]"),
    "chunks": padded("[text[i : i + 6] for i in range(0, len(text), 6)]"),
    "beginnings": padded("[text[: i + 1] for i in range(len(text) - 6 + 1)]"),
    "ends": padded("[text[i:] for i in range(len(text) - 6 + 1)]"),
    "wider and wider": padded("[text[i : i + i] for i in range(1, len(text) - 15)]"),
    "narrower": padded("[text[i : 20 - i] for i in range(0, 10)]"),
    "several lengths": FUNCTION.format(
        step="", use=padded("[one for length in (6, 4) for one in windows(text, length)]")
    ),
    "the rest behind": appended("i in range(0, len(text) - 6 + 1, 6)", "text[i : i + 6]").replace(
        "model(", "windows.append(text[i + 6 :])\nmodel("
    ),
    "lists over the end": padded("[torch.tensor(tokens[i : i + 6]) for i in range(len(tokens))]", LISTS),
    "data set over the end": DATA.format(stop="len(text)"),
    "cut to measure": padded("[text[i : i + 6][: 1 + i % 6] for i in range(len(text) - 6 + 1)]"),
    "filled up": appended(
        "i in range(len(text) - 6)",
        "torch.tensor(one + [0] * (9 - len(one)))",
        "one = text[i : i + 6 - i % 2].tolist()",
    ),
}


def said(program: str) -> set[str]:
    return {one.code for one in lint(program).findings if one.code in ("RNN402", "RNN405")}


@pytest.mark.parametrize("program", [pytest.param(text, id=name) for name, text in EVEN.items()])
def test_nothing_is_said_of_one_length(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(HEAD + program) == set()
    assert not holds_padding(HEAD + program, tmp_path, monkeypatch)


@pytest.mark.parametrize("program", [pytest.param(text, id=name) for name, text in UNEVEN.items()])
def test_several_lengths_are_padded(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(HEAD + program) == {"RNN402", "RNN405"}
    assert holds_padding(HEAD + program, tmp_path, monkeypatch)
