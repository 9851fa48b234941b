"""Large models are judged as small ones are, in a few times the time of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils import rnn

from rnnlint.runtime import audit
from rnnlint.runtime.auditing import structure
from rnnlint.runtime.auditing.checks import samples
from rnnlint.runtime.auditing.record import Recurrence
from rnnlint.runtime.auditing.report import Report
from tests.audit import test_checks as small

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections", "ignore:Converting a tensor")


@contextmanager
def large_from(count: float) -> Iterator[None]:
    with mock.patch.object(structure, "LARGE", count):
        yield


def both_ways(model: nn.Module, *inputs: Any) -> tuple[Report, Report]:
    """By gradients alone, and by the structure of every recurrent call."""
    with large_from(float("inf")):
        exact = audit(model, *inputs)
    with large_from(0):
        return exact, audit(model, *inputs)


# --- small models, judged as if they were large --------------------

MODELS: dict[str, tuple[nn.Module, tuple[Any, ...]]] = {
    **small.RIGHT,
    **{name: (model, inputs) for name, (model, inputs, *_) in small.WRONG.items()},
    **{name: (small.Packing(read), (small.X, small.LENGTHS)) for name, read in {**small.NO_LEAK, **small.LEAK}.items()},
    "padding tokens": (small.Tokens(lambda r: r.m.fc(r.h[-1])), (small.TOKENS,)),
    "padding tokens, tagger": (small.Tokens(lambda r: r.m.fc(r.o)), (small.TOKENS,)),
    "padding tokens, backward": (small.Tokens(lambda r: r.m.fc(r.o), bidirectional=True), (small.TOKENS,)),
    "norm": (small.Normed(), (small.X,)),
    "state not carried": (small.Stepwise(False, nn.LSTMCell(3, 8)), (small.X,)),
    "state carried": (small.Stepwise(True, nn.LSTMCell(3, 8)), (small.X,)),
    "calls of one step": (small.Stepwise(False, nn.GRU(3, 8, batch_first=True)), (small.X,)),
    "translating": (small.Translating(slice(None)), (small.X, torch.randn(5, 4, 3))),
    "translating, one step": (small.Translating(slice(0, 1)), (small.X, torch.randn(5, 4, 3))),
    "maximum": (small.Reading(lambda r: r.m.fc(r.o[:, :3].amax(1))), (small.X,)),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_same_concerns(name: str) -> None:
    model, inputs = MODELS[name]
    exact, told = both_ways(model, *inputs)
    assert told.concerns == exact.concerns
    assert told.findings == exact.findings
    assert any(" large: what depends on what there was told by " in note for note in told.notes)


# --- mistakes at a size that people train --------------------

COUNT, STEPS, UNITS = 12, 40, 256
LENGTHS = torch.linspace(15, STEPS, COUNT).long()[torch.randperm(COUNT, generator=torch.Generator().manual_seed(0))]
WORDS = torch.randint(1, 50, (COUNT, STEPS), generator=torch.Generator().manual_seed(0))
PADDED = WORDS * (torch.arange(STEPS) < LENGTHS[:, None])


class Sentences(nn.Module):
    """Packs or not, runs, and reads."""

    def __init__(self, read: Callable[..., Any], *, packed: bool = False, kind: Any = nn.GRU, **options: Any) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(50, 64, padding_idx=0)
        options = {"batch_first": True, **options}
        self.rnn = kind(64, UNITS, **options)
        self.second = nn.GRU(UNITS * (2 if options.get("bidirectional") else 1), UNITS, batch_first=True)
        self.head = nn.Linear(UNITS * (2 if options.get("bidirectional") else 1), 5)
        self.read, self.packed = read, packed

    def forward(self, tokens: Tensor, lengths: Tensor) -> Any:
        x: Any = self.embedding(tokens)
        if self.packed:
            x = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, state = self.rnn(x)
        if self.packed:
            output, _ = rnn.pad_packed_sequence(output, batch_first=True)
        return self.read(small.Run(self, output, state[0] if isinstance(state, tuple) else state, lengths))


def one_from_another(m: Any, h: Tensor) -> Tensor:
    """A thousandth of sample 9 in sample 3."""
    scores: Tensor = m.head(h[-1])
    return scores + 1e-3 * scores[9] * (torch.arange(COUNT) == 3)[:, None]


def over_samples(keys: Tensor) -> Tensor:
    return (keys @ keys.transpose(-1, -2)).softmax(-1) @ keys


def normed(h: Tensor) -> Tensor:
    return (h - h.mean(0)) / h.std(0)


def twice(h: Tensor) -> Tensor:
    return torch.cat((h[-2], h[-1]), -1)


MISTAKES: dict[str, tuple[Sentences, Tensor, str]] = {
    "last step of both directions": (
        Sentences(lambda r: r.m.head(r.o[:, -1]), bidirectional=True),
        WORDS,
        "gradient",
    ),
    "and packed": (
        Sentences(lambda r: r.m.head(r.o[torch.arange(COUNT), r.n - 1]), bidirectional=True, packed=True),
        PADDED,
        "gradient",
    ),
    "a lower layer": (Sentences(lambda r: r.m.head(r.h[0]), num_layers=2), WORDS, "gradient"),
    "first step": (Sentences(lambda r: r.m.head(r.o[:, 0])), WORDS, "steps"),
    "a view for a transpose": (
        Sentences(lambda r: r.m.head(r.h[-2:].reshape(COUNT, -1)), bidirectional=True),
        WORDS,
        "samples",
    ),
    "packed, a view for a transpose": (
        Sentences(lambda r: r.m.head(r.h.reshape(COUNT, -1)), bidirectional=True, packed=True),
        PADDED,
        "samples",
    ),
    "layout forgotten": (Sentences(lambda r: r.m.head(r.o[:, -1]), batch_first=False), WORDS, "samples"),
    "one sample in another": (Sentences(lambda r: one_from_another(r.m, r.h)), WORDS, "samples"),
    "one sample in another, packed": (
        Sentences(lambda r: one_from_another(r.m, r.h), packed=True),
        PADDED,
        "samples",
    ),
    "one sample for all": (Sentences(lambda r: r.m.head(r.h[-1] + r.h[-1, :1])), WORDS, "samples"),
    "softmax over samples": (Sentences(lambda r: r.m.head(r.h[-1]).softmax(0)), WORDS, "samples"),
    "attention over samples": (Sentences(lambda r: r.m.head(over_samples(r.h[-1]))), WORDS, "samples"),
    "attention over samples before another call": (
        Sentences(lambda r: r.m.head(r.m.second(over_samples(r.o.transpose(0, 1)).transpose(0, 1))[1][-1])),
        WORDS,
        "samples",
    ),
    "statistics of the batch": (Sentences(lambda r: r.m.head(normed(r.h[-1]))), WORDS, "samples"),
    "padding not packed": (Sentences(lambda r: r.m.head(r.h[-1])), PADDED, "padding"),
    "padding not packed, attention": (
        Sentences(lambda r: r.m.head((r.o.sum(-1, keepdim=True).softmax(1) * r.o).sum(1))),
        PADDED,
        "padding",
    ),
    "mean of what was filled up": (Sentences(lambda r: r.m.head(r.o.mean(1)), packed=True), PADDED, "padding"),
    "noise": (Sentences(lambda r: r.m.head(nn.functional.dropout(r.h[-1]))), WORDS, "evaluation"),
}
RIGHT: dict[str, tuple[Sentences, Tensor]] = {
    "final states": (Sentences(lambda r: r.m.head(twice(r.h)), bidirectional=True, kind=nn.LSTM), WORDS),
    "tagger": (Sentences(lambda r: r.m.head(r.o), bidirectional=True, packed=True), PADDED),
    "flat tagger": (Sentences(lambda r: r.m.head(r.o).flatten(0, 1), packed=True), PADDED),
    "last valid": (Sentences(lambda r: r.m.head(r.o[torch.arange(COUNT), r.n - 1])), PADDED),
    "mean": (Sentences(lambda r: r.m.head(r.o.sum(1) / r.n[:, None]), packed=True), PADDED),
    "two in a row": (Sentences(lambda r: r.m.head(r.m.second(r.o)[1][-1])), WORDS),
    "next word": (Sentences(lambda r: r.m.head(r.o[:, :-1])), WORDS),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_found_at_full_size(name: str) -> None:
    model, tokens, kind = MISTAKES[name]
    report = audit(model, tokens, LENGTHS)
    assert any(" large: what depends on what" in note for note in report.notes)
    assert kind in {concern.kind for concern in report.concerns}
    with large_from(float("inf")):
        assert audit(model, tokens, LENGTHS).concerns == report.concerns


@pytest.mark.parametrize("name", RIGHT)
def test_right_models_raise_no_concern(name: str) -> None:
    model, tokens = RIGHT[name]
    assert audit(model, tokens, LENGTHS).concerns == ()


# --- samples told apart by powers of two --------------------


@given(st.data())
def test_powers_tell_samples_apart(data: st.DataObject) -> None:
    """What each sample of a result depends on, drawn: only if it is the same sample alone are they apart."""
    count = data.draw(st.integers(2, 12))
    pairs = data.draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=3))
    mixing = torch.eye(count)
    for pair in pairs:
        mixing[pair] += data.draw(st.sampled_from([1.0, -1.0, 0.37, 1e-3]))
    torch.manual_seed(0)
    x = torch.randn(count, 3)
    record, args, _ = Recurrence.begun("", nn.GRUCell(3, 4), (x,), {}, None)
    record = record.returned(record.module(*args))
    result = torch.einsum("rs,sf->rf", mixing, record.states[0])
    apart = bool((mixing - torch.diag(torch.diagonal(mixing)) == 0).all())
    assert samples._scales_apart([(result, 0)], [record], None) == apart


@pytest.mark.parametrize("apart", [1, 16, 31, 32, 62, 64])
def test_no_distance_between_samples_is_overlooked(apart: int) -> None:
    record, args, _ = Recurrence.begun("", nn.GRUCell(3, 4), (torch.randn(100, 3),), {}, None)
    record = record.returned(record.module(*args))
    (state,) = record.states
    assert samples._scales_apart([(state * 2, 0)], [record], None)
    assert not samples._scales_apart([(state + state.roll(apart, 0), 0)], [record], None)
