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
        ("x = tokenizer(text, padding='max_length')", "padding=..."),
        ("x = tokenizer(text, padding=True)", "padding=..."),
        ("x = tokenizer(text, padding=True, padding_side='left')", ""),
        ("words.padding_side = 'left'\nx = words(text, padding=True)", ""),
        ("words = load('bert', padding_side='left')\nx = words(text, padding=True)", ""),
        ("words.padding_side = 'right'\nx = words(text, padding=True)", "padding=..."),
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
    ],
)
def test_padding(text: str, padding: str) -> None:
    assert of(text) == (padding, False)


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
