"""What packages that are not read are known to pad, by their names, up to the model that is given it."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

HEAD = """
import torch
from torch import nn
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

model = Net()
"""
TOKENIZED = """
from transformers import AutoTokenizer

class Texts(Dataset):
    def __init__(self, texts, tokenizer):
        self.texts, self.tokenizer = texts, tokenizer

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, i):
        found = self.tokenizer{call}
        return {{"ids": found["input_ids"].squeeze(0), "label": 1}}

for batch in DataLoader(Texts(open("texts"), AutoTokenizer.from_pretrained("bert")), batch_size=4):
    model(batch["ids"])
"""
LISTED = TOKENIZED.replace('found["input_ids"].squeeze(0)', 'torch.tensor(found["input_ids"])')
COLLATED = """
from transformers import DataCollatorWithPadding

for batch in DataLoader(texts, batch_size=4, collate_fn=DataCollatorWithPadding(tokenizer)):
    model(batch["input_ids"])
"""
ITERATED = """
from torchtext.{module} import {name}

def load(path):
    text = data.Field(batch_first=True{field})
    parts = data.TabularDataset.splits(path=path, train="a", test="b", format="csv", fields=[("text", text)])
    return {iterator}

first, second = load(".")
for number, batch in enumerate(first):
    model(batch.text)
"""
BY_PACKAGE = """
import torchtext

for batch in torchtext.data.BucketIterator(read("rows"), batch_size=8):
    model(batch.text)
"""
KERAS = """
from keras.preprocessing.sequence import pad_sequences

rows = pad_sequences(read("rows"), maxlen=20{side})
for x, y in DataLoader(TensorDataset(torch.tensor(rows), torch.zeros(len(rows))), batch_size=4):
    model(x)
"""
GRAPHS = """
from torch_geometric.utils import to_dense_batch

for batch in loader:
    x, mask = to_dense_batch(batch.x, batch.batch)
    output, _ = nn.GRU(8, 16, batch_first=True)(x)
    print(nn.Linear(16, 2)(output{masked}.mean(1)))
"""
COMPOSED = """
from torchvision import transforms

class Fill:
    def __init__(self, length):
        self.length = length

    def __call__(self, row):
        row += [0 for _ in range(self.length - len(row))]
        return row

class Rows(Dataset):
    def __init__(self, rows, change):
        self.rows, self.change = rows, change

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return torch.tensor(self.change(self.rows[i]))

for batch in DataLoader(Rows(read("rows"), transforms.Compose([list, {steps}])), batch_size=4):
    model(batch)
"""
SPLIT = "data.BucketIterator.splits(parts, batch_size={})"


def iterated(module: str = "legacy", name: str = "data", field: str = "", iterator: str = SPLIT.format(8)) -> str:
    return ITERATED.format(module=module, name=name, field=field, iterator=iterator)


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (TOKENIZED.format(call="(self.texts[i], padding='max_length', return_tensors='pt')"), "padding=..."),
        (TOKENIZED.format(call="(self.texts[i], padding='max_length', padding_side='left')"), ""),
        (TOKENIZED.format(call="(self.texts[i], truncation=True)"), ""),
        (LISTED.format(call=".encode_plus(self.texts[i], pad_to_max_length=True, max_length=9)"), "padding=..."),
        (COLLATED, "padding=..."),
        (COLLATED + "tokenizer.padding_side = 'left'\n", ""),
        (iterated(), "BucketIterator"),
        (BY_PACKAGE, "BucketIterator"),
        (iterated(field=", fix_length=200"), "BucketIterator"),
        (iterated(field=", pad_first=True"), ""),
        (iterated(iterator=SPLIT.format(1)), ""),
        (iterated().replace("from torchtext.legacy import data", "from mine import data"), ""),
        (iterated(iterator="data.Iterator(parts[0], 8), data.Iterator(parts[1], 8)"), "BucketIterator"),
        (KERAS.format(side=", padding='post'"), "pad_sequences"),
        (KERAS.format(side=""), ""),
        (COMPOSED.format(steps="Fill(9)"), "lists filled up"),
        (COMPOSED.format(steps="sorted"), ""),
        (GRAPHS.format(masked=""), "to_dense_batch"),
        (GRAPHS.format(masked=".masked_fill(~mask.unsqueeze(2), 0)"), ""),
    ],
)
def test_padding(program: str, why: str) -> None:
    found = [one.message for one in lint(HEAD + program).findings if one.code == "RNN405"]
    assert [f"({why})" in message for message in found] == ([True] if why else [])


@pytest.mark.parametrize(("flag", "codes"), [(", batch_first=True", []), ("", ["RNN204"])])
def test_keras_has_a_row_for_each_sample(flag: str, codes: list[str]) -> None:
    program = (
        HEAD.replace(", batch_first=True", flag).replace("output.mean(1)", "output")
        + """
from keras.preprocessing.sequence import pad_sequences

model(torch.LongTensor(pad_sequences(read("rows"), 20)))
"""
    )
    assert [one.code for one in lint(program).findings] == codes
