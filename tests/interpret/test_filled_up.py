"""What fills samples up to one length is found wherever it stands between the data and the model, and torch agrees.

Each program is run: the tokens that its model is given hold padding (0) behind the end of a sample exactly where the
linter says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from rnnlint.linter import lint

HEAD = """
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset, TensorDataset

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 8)
        self.lstm = nn.LSTM(8, 16, batch_first=True)
        self.fc = nn.Linear(16, 2)

    def forward(self, x):
        output, _ = self.lstm(self.embedding(x))
        return self.fc(output.mean(1))

def read(path):
    with open(path) as file:
        return [[int(word) for word in line.split()] for line in file]

model = Net()
"""

SAMPLE = """
class Data(Dataset):
    def __init__(self, path, length=6):
        self.rows, self.length = read(path), length

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        ids = self.rows[i]
        {body}
        return {value}

for batch in DataLoader(Data("rows.txt"), batch_size=2, shuffle=True):
    model({given})
"""


def sample(*body: str, value: str = "torch.tensor(ids)", given: str = "batch") -> str:
    return SAMPLE.format(body="\n        ".join(body), value=value, given=given)


RAW = """
class Data(Dataset):
    def __init__(self, path):
        self.rows = read(path)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return torch.tensor(self.rows[i]), 1

def collate(samples):
    {body}

for x, y in DataLoader(Data("rows.txt"), collate_fn=collate{options}):
    model(x)
"""


def collate(*body: str, options: str = ", batch_size=2") -> str:
    return RAW.format(body="\n    ".join(body), options=options)


TABLE = """
rows = read("rows.txt")
{make}
for i, row in enumerate(rows):
    {write}
for x, y in DataLoader(TensorDataset({tensor}, torch.zeros(len(rows))), batch_size=2):
    model(x)
"""


def table(make: str, write: str, tensor: str = "table") -> str:
    return TABLE.format(make=make, write=write, tensor=tensor)


PADDED = {
    "sum": sample("ids = ids[: self.length] + [0] * (self.length - len(ids))"),
    "named": sample("n = self.length - len(ids)", "if n > 0:", "    ids = ids + [0] * n"),
    "not less than none": sample("ids = ids + [0] * max(0, self.length - len(ids))"),
    "in place": sample("ids = list(ids)", "ids += [0] * (self.length - len(ids))"),
    "extend": sample("ids = list(ids)", "ids.extend([0 for _ in range(self.length - len(ids))])"),
    "while": sample("ids = list(ids)", "while len(ids) < self.length:", "    ids.append(0)"),
    "for": sample("ids = list(ids)", "for _ in range(self.length - len(ids)):", "    ids.append(0)"),
    "array": sample("ids = np.array(ids + [0] * (self.length - len(ids)))", value="torch.from_numpy(ids).long()"),
    "array itself": sample("ids = np.array(ids + [0] * (self.length - len(ids))).astype(np.int64)", value="ids"),
    "np.pad": sample("ids = np.pad(ids, (0, self.length - len(ids)))", value="torch.from_numpy(ids)"),
    "F.pad": sample("ids = torch.tensor(ids)", "ids = F.pad(ids, (0, self.length - len(ids)))", value="ids"),
    "zeros behind": sample(
        "rest = torch.zeros(self.length - len(ids), dtype=torch.long)", value="torch.cat([torch.tensor(ids), rest])"
    ),
    "row": sample(
        "row = np.zeros(self.length, dtype=np.int64)", "row[: len(ids)] = ids", value="torch.from_numpy(row)"
    ),
    "dict": sample("ids = ids + [0] * (self.length - len(ids))", value="{'x': torch.tensor(ids)}", given="batch['x']"),
    "words": sample("words = ids + [9] * (self.length - len(ids))", value="torch.tensor([w % 9 for w in words])"),
    "table": table("table = torch.zeros(len(rows), 6, dtype=torch.long)", "table[i, : len(row)] = torch.tensor(row)"),
    "table of numpy": table(
        "table = np.zeros((len(rows), 6), dtype=np.int64)", "table[i, :len(row)] = row", "torch.tensor(table)"
    ),
    "list of lists": table("table = []", "table.append(row + [0] * (6 - len(row)))", "torch.tensor(table)"),
    "collate": collate("xs, ys = zip(*samples)", "return pad_sequence(xs, batch_first=True), torch.tensor(ys)"),
    "collate a list": collate(
        "n = max(len(x) for x, _ in samples)",
        "xs = [x.tolist() + [0] * (n - len(x)) for x, _ in samples]",
        "return torch.LongTensor(xs), 1",
    ),
    "collate a table": collate(
        "lengths = [len(x) for x, _ in samples]",
        "table = torch.zeros(len(samples), max(lengths)).long()",
        "for i, (x, _) in enumerate(samples):",
        "    end = lengths[i]",
        "    table[i, :end] = x[:end]",
        "return table, 1",
    ),
    "generator": """
def batches(rows, size):
    for i in range(0, len(rows), size):
        part = rows[i : i + size]
        n = max(len(row) for row in part)
        yield torch.tensor([row + [0] * (n - len(row)) for row in part])

for x in batches(read("rows.txt"), 2):
    model(x)
""",
}
WHOLE = {
    "in front": sample("ids = [0] * (self.length - len(ids)) + ids"),
    "np.pad in front": sample("ids = np.pad(ids, (self.length - len(ids), 0))", value="torch.from_numpy(ids)"),
    "cut": sample("ids = ids[:2]"),
    "data behind": sample(
        "ids, more = list(ids), iter(range(1, 9))", "while len(ids) < self.length:", "    ids.append(next(more))"
    ),
    "one more": sample("ids = ids[:2] + [1] * 2"),
    "table of as many": table(
        "table = torch.zeros(len(rows), 2, dtype=torch.long)", "table[i, :2] = torch.tensor(row[:2])"
    ),
    "one sample a batch": collate(
        "xs, ys = zip(*samples)", "return pad_sequence(xs, batch_first=True), torch.tensor(ys)", options=""
    ),
    "one list a batch": collate(
        "n = max(len(x) for x, _ in samples)",
        "return torch.LongTensor([x.tolist() + [0] * (n - len(x)) for x, _ in samples]), 1",
        options=", batch_size=1",
    ),
    "another batch": collate(
        "xs, ys = zip(*samples)", "return pad_sequence(xs, batch_first=True), torch.tensor(ys)"
    ).replace("    model(x)", "    print(x.shape)\nmodel(torch.randint(1, 10, (4, 7)))"),
}


def said(program: str) -> list[str]:
    return [one.code for one in lint(program).findings if one.code == "RNN405"]


@contextmanager
def tokens() -> Iterator[list[torch.Tensor]]:
    """What every embedding is given meanwhile."""
    seen: list[torch.Tensor] = []

    def keep(module: nn.Module, args: tuple[Any, ...]) -> None:
        if isinstance(module, nn.Embedding):
            seen.append(args[0])

    handle = torch.nn.modules.module.register_module_forward_pre_hook(keep)
    try:
        yield seen
    finally:
        handle.remove()


def holds_padding(program: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether some batch has a sample that ends in 0 beside one that does not, or beside its own beginning."""
    (folder / "rows.txt").write_text("1 2 3\n4 5 6 7\n8 9\n")
    monkeypatch.chdir(folder)
    with tokens() as seen:
        exec(compile(program, "program", "exec"), {"__name__": "program"})
    assert seen
    return any(bool(((x[:, -1] == 0) & (x[:, 0] != 0)).any()) for x in seen)


@pytest.mark.parametrize("program", [pytest.param(text, id=name) for name, text in PADDED.items()])
def test_padding_is_found(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(HEAD + program) == ["RNN405"]
    assert holds_padding(HEAD + program, tmp_path, monkeypatch)


@pytest.mark.parametrize("program", [pytest.param(text, id=name) for name, text in WHOLE.items()])
def test_nothing_is_said_of_what_holds_none(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(HEAD + program) == []
    assert not holds_padding(HEAD + program, tmp_path, monkeypatch)
