"""What a file shows of how its batches are made."""

from __future__ import annotations

import pytest

from rnnlint.source.batches import batches
from rnnlint.source.parse import NotAnalysed, parse


def of(text: str) -> tuple[str, bool]:
    parsed = parse(text)
    assert not isinstance(parsed, NotAnalysed)
    found = batches(parsed.program.body)
    return found.padding, found.sorts


@pytest.mark.parametrize(
    ("text", "padding"),
    [
        ("x = pad_sequence(samples)", "pad_sequence"),
        (
            "def collate(b):\n    return {'x': nn.utils.rnn.pad_sequence([i for i in b], batch_first=True)}",
            "pad_sequence",
        ),
        ("x = pad_sequence(samples, padding_side='left')", ""),
        ("x = x + [0 for _ in range(n - len(x))]", "lists filled up"),
        ("x = tokenizer(text, padding='max_length')", "padding=..."),
        ("x = tokenizer(text, padding=True)", "padding=..."),
        ("x = load(text, padding=True)", ""),
        ("x = blocks(8, 8, 3, padding=True)", ""),
        ("x = load(text, padding=True, return_tensors='pt')", "padding=..."),
        ("from transformers import AutoTokenizer\nx = load(text, padding=True)", "padding=..."),
        ("x = tokenizer(text, padding=True, padding_side='left')", ""),
        ("words.padding_side = 'left'\nx = words(text, padding=True)", ""),
        ("words = load('bert', padding_side='left')\nx = words(text, padding=True)", ""),
        ("words.padding_side = 'right'\nx = words(text, padding=True, truncation=True)", "padding=..."),
        ("x = pad_sequence([one.flip(0) for one in samples], batch_first=True).flip(1)", ""),
        ("x = nn.Conv1d(8, 8, 3, padding=1)", ""),
        ("x = nn.Conv1d(8, 8, 3, padding='same')", ""),
        ("y = x + [0] * (n - len(x))", "lists filled up"),
        ("x += [pad] * (n - len(x))", "lists filled up"),
        ("x.extend([pad] * (n - len(x)))", "lists filled up"),
        ("y = [0] * (n - len(x)) + x", ""),
        ("y = x + [0] * n", ""),
        ("from torchtext.data import Field, BucketIterator", "BucketIterator"),
        ("from mine import BucketIterator", ""),
        ("from torchtext.legacy import data\nparts = data.BucketIterator.splits(sets, batch_size=8)", "BucketIterator"),
        ("import torchtext\nparts = torchtext.data.BucketIterator(rows, 8)", "BucketIterator"),
        ("import torchtext.data as text\nparts = text.BucketIterator(rows, 8)", "BucketIterator"),
        ("from mine import data\nparts = data.BucketIterator(rows, 8)", ""),
        ("ids = tokenizer.encode_plus(text, max_length=9, pad_to_max_length=True)", "padding=..."),
        ("collate = DataCollatorWithPadding(tokenizer)", "padding=..."),
        ("x = pad_sequences(rows, maxlen=9, padding='post')", "pad_sequences"),
        ("x = pad_sequences(rows, maxlen=9)", ""),
        ("table[i, :len(row)] = torch.tensor(row)", "rows filled up"),
        ("table[i, -len(row):] = torch.tensor(row)", ""),
        ("head[:len(row)] = row", ""),
    ],
)
def test_padding(text: str, padding: str) -> None:
    assert of(text) == (padding, False)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("x = pad_sequences(rows, maxlen=9)", True),
        ("x = pad_sequences(rows, maxlen=9, padding='post')", False),
        ("table[i, -len(row):] = row", True),
        ("table[i, :len(row)] = row", False),
        ("y = [0] * (n - len(x)) + x", True),
        ("y = [0] * max(0, n - len(x)) + x[:n]", True),
        ("y = torch.cat((torch.zeros(n - len(x)), x))", True),
        ("y = np.concatenate([x, np.zeros(n - len(x))])", False),
        ("y = np.pad(x, (n - len(x), 0))", True),
        ("y = np.pad(x, (0, n - len(x)))", False),
        ("x = pad_sequence([row.flip(0) for row in rows]).flip(0)", True),
        ("x = pad_sequence(rows)", False),
        ("y = x + [0] * (n - len(x))", False),
        ("tokenizer.padding_side = 'left'", True),
        ("missing = n - len(x)\nx = [0 for _ in range(missing)] + list(x)", True),
        ("missing = n - len(x)\nx = [0] * missing + x", True),
        ("x = x + [0 for _ in range(n - len(x))]", False),
        ("x = [0 for _ in range(n)] + x", False),
        ("tokenizer.padding_side = 'right'", False),
        ("x = pad_sequence(rows, padding_side='left')", True),
        ("row[n - len(x):] = x", True),
        ("row[-len(x):] = x", True),
        ("row[:len(x)] = x", False),
        ("row[len(x):] = 0", False),
        ("table[i, n - len(x):] = x", True),
        ("table[i][n - len(x):].copy_(x)", True),
        ("k = len(x)\nstart = n - k\ntable[i, start:] = x", True),
        ("k = len(x)\ntable[i, n - k:n] = x", True),
        ("for i, k in enumerate(lengths):\n    table[i, -k:] = rows[i]", True),
        ("table[:, -k:] = 0", False),
        ("table[i, -1:] = x", False),
        ("row[n - len(x) + j] = x[j]", True),
        ("row[j] = x[j]", False),
        ("row.narrow(0, n - len(x), len(x)).copy_(x)", True),
        ("row.narrow(0, 0, n - len(x)).zero_()", False),
        ("while len(x) < n:\n    x.insert(0, 0)", True),
        ("while len(x) < n:\n    x = [0] + x", True),
        ("while len(x) < n:\n    x.append(0)", False),
        ("row = deque([0] * n, maxlen=n)\nrow.extend(x)", True),
        ("row = deque(maxlen=n)", False),
        ("row = [0] * (n - len(x))\nrow.extend(x)", True),
        ("row = [0] * (n - len(x))\nrow += x", True),
        ("row = list(x)\nrow += [0] * (n - len(x))", False),
        ("y = np.append(np.zeros(n - len(x)), x)", True),
        ("y = np.pad(x, ((n - len(x), 0), (0, 0)))", True),
        ("y = np.pad(x, ((0, n - len(x)), (0, 0)))", False),
        ("y = F.pad(x, (0, 0, n - len(x), 0))", True),
        ("y = nn.ConstantPad1d((n - len(x), 0), 0)(x)", True),
    ],
)
def test_left(text: str, left: bool) -> None:
    parsed = parse(text)
    assert not isinstance(parsed, NotAnalysed)
    assert batches(parsed.program.body).left is left


@pytest.mark.parametrize(
    ("text", "sorts"),
    [
        ("batch.sort(key=len, reverse=True)", True),
        ("batch = sorted(batch, key=lambda pair: pair[0], reverse=True)", True),
        ("batches = BucketIterator(data, sort_within_batch=True)", True),
        ("lengths, index = lengths.sort(descending=True)", False),
        ("names = sorted(names)", False),
    ],
)
def test_sorts(text: str, sorts: bool) -> None:
    assert of(text) == ("", sorts)
