"""What the gradients of a run say: right models raise no concern, and each kind of mistake raises its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from unittest import mock

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, one_hot
from torch.nn.utils import rnn

from rnnlint.runtime.auditing.checks import (
    Checked,
    Evaluations,
    Suspect,
    concerns,
    differs_between_runs,
    padded_further,
    settle,
)
from rnnlint.runtime.auditing.record import Embedded, Padded, Recorded, Recurrence
from rnnlint.runtime.auditing.untouched import untouched

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")

LENGTHS = torch.tensor([7, 4, 6, 2, 5])
X = torch.randn(5, 7, 3, generator=torch.Generator().manual_seed(0))


@contextlib.contextmanager
def recording(model: nn.Module, recorded: dict[str, list[Any]]) -> Iterator[None]:
    """The smallest recorder there can be."""
    names = {module: name for name, module in model.named_modules()}

    def forward(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
            record, args, kwargs = Recurrence.begun(names.get(self, ""), self, args, kwargs, "model.py:1")
            result = real(self, *args, **kwargs)
            recorded["recurrences"].append(record.returned(result))
            return result

        return call

    def embed(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: nn.Embedding, indices: Tensor) -> Any:
            result = real(self, indices)
            if self.padding_idx is not None:
                recorded["embedded"].append(Embedded(result, indices, self.padding_idx, "model.py:2"))
            return result

        return call

    def pad(packed: rnn.PackedSequence, batch_first: bool = False, **kwargs: Any) -> Any:
        tensor, lengths = real_pad(packed, batch_first=batch_first, **kwargs)
        recorded["padded"].append(Padded(tensor, lengths, batch_first, "model.py:3"))
        return tensor, lengths

    real_pad = rnn.pad_packed_sequence
    with contextlib.ExitStack() as patches:
        for kind in (nn.RNN, nn.GRU, nn.LSTM, nn.RNNCell, nn.GRUCell, nn.LSTMCell):
            patches.enter_context(mock.patch.object(kind, "forward", forward(kind.forward)))
        patches.enter_context(mock.patch.object(nn.Embedding, "forward", embed(nn.Embedding.forward)))
        patches.enter_context(mock.patch.object(rnn, "pad_packed_sequence", pad))
        yield


def checked(model: nn.Module, *inputs: Any, again: bool = True) -> Checked:
    with untouched(model):
        settled = settle(model)
        lists: dict[str, list[Any]] = {"recurrences": [], "padded": [], "embedded": []}
        with recording(model, lists):
            result = model(*inputs)
        recorded = Recorded(**lists, inputs=inputs, settled=settled)
        suspects: list[Suspect] = []
        said = concerns(model, recorded, result, suspects)
        further = padded_further(suspects, Evaluations(model, lambda: model(*inputs)) if again else None)
        return Checked.of((*said, *further))


class Run(NamedTuple):
    """A model, the output and hidden state of its recurrent module, and the model's second input (or the lengths)."""

    m: Any
    o: Any
    h: Any = None
    n: Any = None


class Reading(nn.Module):
    """A recurrent module and a head, with a reading of the results between them."""

    def __init__(
        self, read: Callable[..., Any], kind: Callable[..., Any] = nn.LSTM, width: int = 0, **kwargs: Any
    ) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.lstm = kind(3, 8, **{"batch_first": True, **kwargs})
        self.fc = nn.Linear(width or 8 * (2 if kwargs.get("bidirectional") else 1), 2)
        self.read = read

    def forward(self, x: Any, *others: Any) -> Any:
        output, state = self.lstm(x)
        return self.read(Run(self, output, state[0] if isinstance(state, tuple) else state, *others))


def both(h: Tensor) -> Tensor:
    return torch.cat((h[-2], h[-1]), 1)


def last_valid(output: Tensor, lengths: Tensor) -> Tensor:
    return output[torch.arange(len(lengths)), lengths - 1]


def attended(output: Tensor, lengths: Tensor | None) -> Tensor:
    scores = output.sum(-1)
    if lengths is not None:
        scores = scores.masked_fill(torch.arange(scores.shape[1]) >= lengths[:, None], float("-inf"))
    return (scores.softmax(1)[..., None] * output).sum(1)


RIGHT: dict[str, tuple[Reading, tuple[Any, ...]]] = {
    "final state": (Reading(lambda r: r.m.fc(r.h[-1])), (X,)),
    "both final states": (Reading(lambda r: r.m.fc(both(r.h)), bidirectional=True), (X,)),
    "two layers, both": (Reading(lambda r: r.m.fc(both(r.h)), bidirectional=True, num_layers=2), (X,)),
    "output at both ends": (
        Reading(lambda r: r.m.fc(torch.cat((r.o[:, -1, :8], r.o[:, 0, 8:]), 1)), bidirectional=True),
        (X,),
    ),
    "projected": (Reading(lambda r: r.m.fc(r.h[-1]), proj_size=4, width=4), (X,)),
    "one step": (Reading(lambda r: r.m.fc(r.o[:, -1])), (X[:, :1],)),
    "one step, both": (Reading(lambda r: r.m.fc(r.o[:, -1]), nn.GRU, bidirectional=True), (X[:, :1],)),
    "one sample": (Reading(lambda r: r.m.fc(r.h[-1])), (X[:1],)),
    "unbatched": (Reading(lambda r: r.m.fc(r.o[-1]), nn.GRU), (X[0],)),
    "tagger": (Reading(lambda r: r.m.fc(r.o)), (X,)),
    "flat tagger": (Reading(lambda r: r.m.fc(r.o).view(-1, 2)), (X,)),
    "tagger, relu": (Reading(lambda r: r.m.fc(r.o.relu()).log_softmax(-1), nn.RNN, bidirectional=True), (X,)),
    "next token": (Reading(lambda r: r.m.fc(r.o[:, :-1])), (X,)),
    "scalar": (Reading(lambda r: r.m.fc(r.h[-1]).square().mean()), (X,)),
    "maximum": (Reading(lambda r: r.m.fc(r.o.amax(1)), bidirectional=True), (X,)),
    "maximum of many": (Reading(lambda r: r.m.fc(r.o.max(1)[0])), (torch.randn(2, 60, 3),)),
    "maximum of one sample": (Reading(lambda r: r.m.fc(r.o.max(1)[0])), (torch.randn(1, 60, 3),)),
    "gathered": (Reading(lambda r: r.m.fc(last_valid(r.o, r.n))), (X, LENGTHS)),
    "gathered, one length": (Reading(lambda r: r.m.fc(last_valid(r.o, r.n))), (X, torch.full((5,), 4))),
    "masked mean": (
        Reading(lambda r: r.m.fc((r.o * r.n[..., None]).sum(1) / r.n.sum(1, keepdim=True))),
        (X, (torch.arange(7) < 3).float().expand(5, 7)),
    ),
    "masked attention": (Reading(lambda r: r.m.fc(attended(r.o, r.n))), (X, LENGTHS)),
    "in-batch similarity": (Reading(lambda r: (r.h[-1] @ r.h[-1].T).log_softmax(1)), (X,)),
    "several": (Reading(lambda r: {"logits": r.m.fc(r.h[-1]), "states": (r.o, r.h), "n": torch.ones(5)}), (X,)),
    "mixed widths": (Reading(lambda r: r.m.fc(r.o[:, -1]).T @ r.o[:, -1]), (X,)),
    "carried detached": (Reading(lambda r: r.m.fc(r.m.lstm(r.o[..., :3].detach())[1][0][-1])), (X,)),
    "long": (Reading(lambda r: r.m.fc(r.h[-1]), nn.GRU), (torch.randn(2, 400, 3),)),
    "zero head": (Reading(lambda r: r.m.fc(r.h[-1]) * 0), (X,)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_models_raise_no_concern(name: str) -> None:
    model, inputs = RIGHT[name]
    assert checked(model, *inputs).concerns == ()


GRADIENT, STEPS, SAMPLES = "gradient", "steps", "samples"

# the kind of concern, part of its text, and the names in it
WRONG: dict[str, tuple[Reading, tuple[Any, ...], str, str, tuple[str, ...] | None]] = {
    "both halves at the last step": (
        Reading(lambda r: r.m.fc(r.o[:, -1]), bidirectional=True),
        (X,),
        GRADIENT,
        "lstm.weight_hh_l0_reverse: no gradient, because the backward direction of lstm is only read after one step",
        ("lstm.weight_hh_l0_reverse",),
    ),
    "also with two layers": (
        Reading(lambda r: r.m.fc(r.o[:, -1]), nn.GRU, bidirectional=True, num_layers=2),
        (X,),
        GRADIENT,
        "the backward direction of layer 1 of lstm is only read after one step",
        ("lstm.weight_hh_l1_reverse",),
    ),
    "one direction": (
        Reading(lambda r: r.m.fc(r.h[-1]), bidirectional=True, width=8),
        (X,),
        GRADIENT,
        "the forward direction of lstm is never read",
        ("lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0"),
    ),
    "a lower layer": (
        Reading(lambda r: r.m.fc(r.h[0]), num_layers=2),
        (X,),
        GRADIENT,
        "layer 1 of lstm is never read",
        ("lstm.weight_ih_l1", "lstm.weight_hh_l1", "lstm.bias_ih_l1", "lstm.bias_hh_l1"),
    ),
    "nothing": (
        Reading(lambda r: r.m.fc(torch.zeros(5, 8))),
        (X,),
        GRADIENT,
        "nothing that lstm returns reaches the result",
        ("lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0"),
    ),
    "first step, its weights": (
        Reading(lambda r: r.m.fc(r.o[:, 0])),
        (X,),
        GRADIENT,
        "the output of lstm is only read after one step",
        ("lstm.weight_hh_l0",),
    ),
    "first step": (Reading(lambda r: r.m.fc(r.o[:, 0])), (X,), STEPS, "steps 1 to 6 of the 7 that lstm", None),
    "the last sample": (
        Reading(lambda r: r.m.fc(r.h[:, -1])),
        (X,),
        SAMPLES,
        "only sample 4 of the 5 that lstm reads influences the result",
        None,
    ),
    "batch_first forgotten": (
        Reading(lambda r: r.m.fc(r.o[:, -1]), batch_first=False),
        (X,),
        SAMPLES,
        "only sample 6 of the 7 that lstm reads",
        None,
    ),
    "a view for a transpose": (
        Reading(lambda r: r.m.fc(r.h.view(5, -1)), num_layers=2, width=16),
        (X,),
        SAMPLES,
        "result of sample 0 depends on sample 1 of what lstm reads",
        None,
    ),
    "softmax over samples": (
        Reading(lambda r: r.m.fc(r.h[-1]).softmax(0)),
        (X,),
        SAMPLES,
        "result of sample 0 depends on sample 1",
        None,
    ),
    "one sample for all": (
        Reading(lambda r: {"a": r.m.fc(r.h[-1]), "b": r.m.fc(r.h[-1][:1]).expand(5, 2)}),
        (X,),
        SAMPLES,
        "result['b'] of sample 1 depends on sample 0",
        None,
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_models_raise_theirs(name: str) -> None:
    model, inputs, kind, text, names = WRONG[name]
    found = [one for one in checked(model, *inputs).concerns if one.kind == kind]
    assert len(found) == 1
    assert text in found[0].text
    assert found[0].place == "model.py:1"
    assert found[0].names == (names or ("lstm",))


def test_one_cause_is_said_once() -> None:
    """What reads one half after one step is no matter of samples, steps or padding."""
    assert len(checked(*WRONG["both halves at the last step"][:1], X).concerns) == 1


@pytest.mark.parametrize("count", [4, 6, 9, 33])
def test_any_number_of_samples(count: int) -> None:
    x = torch.randn(count, 5, 3)
    right, wrong = Reading(lambda r: r.m.fc(r.o)), Reading(lambda r: r.m.fc(r.o) - r.m.fc(r.o)[-1:])
    assert checked(right, x).concerns == ()
    assert [one.kind for one in checked(wrong, x).concerns] == ["samples"]


@pytest.mark.parametrize("count", [5, 8])
def test_a_batch_as_large_as_another_axis(count: int) -> None:
    """As many samples as steps, or as units: which of them is mixed cannot be told."""
    said = checked(Reading(lambda r: r.m.fc(r.h[-1]).softmax(0)), torch.randn(count, 5, 3))
    assert said.concerns == ()
    assert said.notes == (
        f"result mixes something, samples or not: {count} is also a width or a length; try another batch size",
    )


def test_samples_that_only_change_places_are_kept_apart() -> None:
    assert checked(Reading(lambda r: r.m.fc(r.h[-1]).flip(0)), X).concerns == ()


def test_packed_samples_keep_their_numbers() -> None:
    def packing(read: Callable[[Run], Any]) -> nn.Module:
        class Packing(Reading):
            def forward(self, x: Tensor, lengths: Tensor) -> Any:
                packed = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
                output, state = self.lstm(packed)
                return read(Run(self, output, state[0]))

        return Packing(lambda: None)

    assert checked(packing(lambda r: r.m.fc(r.h[-1])), X, LENGTHS).concerns == ()
    found = checked(packing(lambda r: r.m.fc(r.h[-1][2:3])), X, LENGTHS).concerns
    assert [one.text for one in found] == ["only sample 2 of the 5 that lstm reads influences the result"]


def test_a_batch_that_the_inputs_do_not_have_is_not_judged() -> None:
    """Sentences of documents: the recurrent module reads 2 * 3 samples, and the result has six classes."""
    model = Reading(lambda r: r.m.out(r.h[-1].view(2, 3, 8).mean(1)))
    model.out = nn.Linear(8, 6)

    class Documents(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, x: Tensor) -> Any:
            return self.inner(x.flatten(0, 1))

    assert checked(Documents(), torch.randn(2, 3, 5, 3)).concerns == ()


class Normed(Reading):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(lambda: None)
        self.norm = nn.BatchNorm1d(8, **kwargs)

    def forward(self, x: Tensor) -> Any:
        return self.fc(self.norm(self.lstm(x)[1][0][-1]))


def test_batch_norm_is_explained() -> None:
    said = checked(Normed(), X)
    assert said.concerns == ()
    assert said.notes == (
        "norm was in evaluation mode for the run: in training it mixes the samples of a batch on purpose",
    )
    many: Any = Normed()
    many.norm = nn.Sequential(*(nn.BatchNorm1d(8) for _ in range(6)))
    assert checked(many, X).notes == (
        "norm.0, norm.1, norm.2, norm.3 and 2 more were in evaluation mode for the run: in training they mix the"
        " samples of a batch on purpose",
    )
    without = checked(Normed(track_running_stats=False), X)
    assert without.concerns == ()
    assert without.notes == ("result mixes samples, as norm does on purpose: not checked any further",)


# --- padding --------------------


class Packing(Reading):
    """Packs, runs, pads again, and reads."""

    def __init__(self, read: Callable[..., Any], **kwargs: Any) -> None:
        super().__init__(read, **kwargs)
        self.second = nn.GRU(8, 8, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor) -> Any:
        packed = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, lengths = rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.read(Run(self, output, None, lengths))


NO_LEAK: dict[str, Callable[[Run], Any]] = {
    "last valid": lambda r: r.m.fc(last_valid(r.o, r.n)),
    "sum": lambda r: r.m.fc(r.o.sum(1) / r.n[:, None]),
    "masked attention": lambda r: r.m.fc(attended(r.o, r.n)),
    "tagger": lambda r: r.m.fc(r.o),
    "tagger, classes first": lambda r: r.m.fc(r.o).transpose(1, 2),
    "tagger, steps first": lambda r: r.m.fc(r.o).transpose(0, 1),
    "flat tagger": lambda r: r.m.fc(r.o).flatten(0, 1),
    "flat tagger, steps first": lambda r: r.m.fc(r.o).transpose(0, 1).flatten(0, 1),
    "sum beside a tagger": lambda r: (r.m.fc(r.o), r.m.fc(r.o.sum(1))),
    "convolution": lambda r: r.m.fc(r.o + torch.cat((r.o[:, 1:], torch.zeros_like(r.o[:, :1])), 1)),
    "packed again": lambda r: r.m.fc(
        r.m.second(rnn.pack_padded_sequence(r.o, r.n, batch_first=True, enforce_sorted=False))[1][-1]
    ),
}
LEAK: dict[str, Callable[[Run], Any]] = {
    "last": lambda r: r.m.fc(r.o[:, -1]),
    "mean": lambda r: r.m.fc(r.o.mean(1)),
    "maximum": lambda r: r.m.fc(r.o.amax(1)),
    "attention": lambda r: r.m.fc(attended(r.o, None)),
    "second": lambda r: r.m.fc(r.m.second(r.o)[1][-1]),
    "tagger less its mean": lambda r: r.m.fc(r.o - r.o.mean(1, keepdim=True)),
}


@pytest.mark.parametrize("name", NO_LEAK)
def test_padding_that_does_not_leak(name: str) -> None:
    assert checked(Packing(NO_LEAK[name]), X, LENGTHS).concerns == ()


@pytest.mark.parametrize("name", LEAK)
def test_padding_that_leaks(name: str) -> None:
    found = [one for one in checked(Packing(LEAK[name]), X, LENGTHS).concerns if one.kind == "padding"]
    assert len(found) == 1
    assert found[0].text.startswith("padding is read as data: padded 3 steps further, the same batch gives results")
    assert found[0].place == "model.py:3"


def test_what_cannot_be_decided_about_padding_is_said() -> None:
    mean = Packing(LEAK["mean"])
    assert checked(mean, X, LENGTHS, again=False).notes == (
        "what pad_packed_sequence filled up reaches the result: not checked any further without a second run",
    )
    fixed = Packing(lambda r: r.m.fc(r.o.flatten(1)), width=56)
    (note,) = checked(fixed, X, LENGTHS).notes
    assert "because with more padding it raises RuntimeError: mat1 and mat2 shapes" in note
    noisy = Packing(lambda r: r.m.fc(dropout(r.o).mean(1)))
    assert any("the result is random" in note for note in checked(noisy, X, LENGTHS).notes)

    def written(r: Run) -> Any:
        r.o[torch.arange(7) >= r.n[:, None]] = 0
        return r.m.fc(r.o.sum(1))

    assert "because the model writes to it" in "".join(checked(Packing(written), X, LENGTHS).notes)


class Tokens(Reading):
    def __init__(self, read: Callable[..., Any], **kwargs: Any) -> None:
        super().__init__(read, **kwargs)
        self.embedding = nn.Embedding(9, 3, padding_idx=0)

    def forward(self, tokens: Tensor) -> Any:
        x = self.embedding(tokens)
        return super().forward(x if self.lstm.batch_first else x.transpose(0, 1), tokens)


TOKENS = torch.randint(1, 9, (5, 7), generator=torch.Generator().manual_seed(0)) * (torch.arange(7) < LENGTHS[:, None])


@pytest.mark.parametrize("batch_first", [True, False])
def test_padding_tokens(batch_first: bool) -> None:
    final = Tokens(lambda r: r.m.fc(r.h[-1]), batch_first=batch_first)
    tagger = Tokens(lambda r: r.m.fc(r.o), batch_first=batch_first)
    backward = Tokens(lambda r: r.m.fc(r.o), batch_first=batch_first, bidirectional=True)
    frozen = Tokens(lambda r: r.m.fc(r.h[-1]), batch_first=batch_first)
    frozen.embedding.weight.requires_grad_(False)
    for wrong in (final, backward, frozen):
        found = checked(wrong, TOKENS).concerns
        assert [one.kind for one in found] == ["padding"]
        assert found[0].text == (
            "lstm reads the padding behind shorter samples, and result depends on it; pack the input"
        )
    assert checked(tagger, TOKENS).concerns == ()
    assert checked(final, torch.zeros(5, 7, dtype=torch.int64)).concerns == (), "nothing but padding: a dummy input"
    assert checked(final, TOKENS.clamp(min=1)).concerns == ()


def test_padding_tokens_behind_all_samples_are_no_idle_steps() -> None:
    tokens = torch.cat((TOKENS, torch.zeros(5, 3, dtype=torch.int64)), 1)
    model = Tokens(lambda r: r.m.fc(last_valid(r.o, (r.n != 0).sum(1))))
    assert checked(model, tokens).concerns == ()


# --- what is not judged --------------------


def test_frozen_parameters_are_no_concern_but_their_reading_is() -> None:
    model = Reading(lambda r: r.m.fc(r.o[:, -1]), bidirectional=True)
    model.lstm.requires_grad_(False)
    (found,) = checked(model, X).concerns
    assert (found.name, found.text) == ("one-step-read", "the backward direction of lstm is only read after one step")
    whole = Reading(lambda r: r.m.fc(both(r.h)), bidirectional=True)
    whole.lstm.requires_grad_(False)
    assert checked(whole, X).concerns == ()


@pytest.mark.parametrize(
    ("read", "note"),
    [
        (lambda r: r.h[-1].argmax(-1), "result was not checked, because it holds no floats"),
        (lambda r: r.m.fc(r.h[-1]).detach(), "result was not checked, because it has no gradient"),
        (lambda _: "done", "no influence was checked, because the result holds no tensor"),
        (
            lambda r: r.m.fc(r.h[-1]) / 0 * 0,
            "influence was not checked any further, because some gradients are not finite",
        ),
        (lambda r: r.m.fc(r.h[-1]) * 0, "no gradient arrives at it"),
        (
            lambda r: (r.m.fc(r.o[:, -1]), r.m.fc(r.o[:, -1]).sum().backward()),
            "torch gives no gradient: Trying to backward",
        ),
    ],
)
def test_what_is_not_checked_is_named(read: Callable[..., Any], note: str) -> None:
    said = checked(Reading(read), X)
    assert said.concerns == ()
    assert note in " ".join(said.notes)


def test_a_module_that_ran_without_gradients_is_named() -> None:
    class Frozen(Reading):
        def forward(self, x: Tensor) -> Any:
            with torch.no_grad():
                output, _ = self.lstm(x)
            return self.fc(output[:, 0])

    said = checked(Frozen(lambda: None), X)
    assert said.concerns == ()
    assert said.notes == ("lstm was not checked, because it ran without gradients",)


def test_gradients_that_vanish_are_no_idle_steps() -> None:
    model = Reading(lambda r: r.m.fc(r.h[-1]), nn.RNN)
    with torch.no_grad():
        model.lstm.weight_hh_l0.mul_(1e-6)
    said = checked(model, torch.randn(4, 30, 3))
    assert said.concerns == ()
    assert "gradients get too small for torch.float32" in said.notes[0]


def test_zeros_that_data_cause_are_noted() -> None:
    said = checked(Reading(lambda r: r.m.fc(r.h[-1])), torch.zeros(5, 7, 3))
    assert said.concerns == ()
    assert said.notes == ("lstm.weight_ih_l0 gets no gradient in this run, which its reading does not explain",)


def test_lower_layers_are_read_through_upper_ones() -> None:
    """The input is zero, so its weights get no gradient; but both directions of layer 0 are read by layer 1."""
    model = Reading(lambda r: r.m.fc(r.h[-2]), bidirectional=True, num_layers=2, width=8)
    said = checked(model, torch.zeros(5, 7, 3))
    assert [one.names[0] for one in said.concerns] == ["lstm.weight_ih_l1_reverse"]
    assert len(said.notes) == 2
    assert all("which its reading does not explain" in note for note in said.notes)


class Stepwise(nn.Module):
    def __init__(self, carry: bool, module: nn.Module) -> None:
        super().__init__()
        self.cell, self.fc, self.carry = module, nn.Linear(8, 2), carry

    def forward(self, x: Tensor) -> Any:
        state, outputs = None, []
        for step in range(x.shape[1]):
            if isinstance(self.cell, nn.RNNCellBase):
                state = self.cell(x[:, step], state if self.carry else None)
                outputs.append(state[0] if isinstance(state, tuple) else state)
            else:
                output, state = self.cell(x[:, step : step + 1], state if self.carry else None)
                outputs.append(output[:, -1])
        return self.fc(torch.stack(outputs, 1))


@pytest.mark.parametrize("carry", [True, False], ids=["carried", "not carried"])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_loops_over_steps(kind: type[nn.Module], carry: bool) -> None:
    module = kind(3, 8, **({"batch_first": True} if kind in (nn.LSTM, nn.GRU) else {}))
    found = checked(Stepwise(carry, module), X).concerns
    if carry:
        assert found == ()
    else:
        assert [one.kind for one in found] == ["gradient"]
        assert "each of 7 calls reads one step, and none is handed a state" in found[0].text
        assert len(found[0].names) == 1
        assert "weight_hh" in found[0].names[0]


class Translating(nn.Module):
    def __init__(self, keep: slice) -> None:
        super().__init__()
        self.encoder = nn.GRU(3, 8, batch_first=True)
        self.decoder = nn.GRU(3, 8, batch_first=True)
        self.fc, self.keep = nn.Linear(16, 2), keep

    def forward(self, x: Tensor, y: Tensor) -> Any:
        keys, h = self.encoder(x)
        queries, _ = self.decoder(y, h)
        context = (queries @ keys.transpose(1, 2)).softmax(-1) @ keys
        return self.fc(torch.cat((queries, context), -1))[:, self.keep]


def test_sequence_to_sequence() -> None:
    y = torch.randn(5, 4, 3)
    assert checked(Translating(slice(None)), X, y).concerns == ()
    (found,) = checked(Translating(slice(0, 1)), X, y).concerns
    assert found.text == "steps 1 to 3 of the 4 that decoder reads influence nothing"


def test_nothing_is_left_behind() -> None:
    model = Packing(LEAK["mean"])
    x = X.clone().requires_grad_()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    checked(model, x, LENGTHS)
    assert x.grad is None
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


# --- evaluation --------------------


def random_state(r: Run) -> Any:
    return r.m.fc(r.m.lstm(X, (torch.randn(1, 5, 8), torch.randn(1, 5, 8)))[1][0][-1])


def test_random_initial_states_are_found_with_numbers() -> None:
    model = Reading(random_state)
    model.fc.eval()
    (found,) = differs_between_runs(Evaluations(model, lambda: model(X))).concerns
    assert found.kind == "evaluation"
    assert found.text.startswith("in evaluation the same input gives other results with other random numbers: result[")
    shown = [float(part.rsplit(" ", 1)[1]) for part in found.text.split(", then")[:1]]
    assert shown[0] != 0
    assert model.training
    assert not model.fc.training


def test_dropout_differs_only_where_it_stays_on() -> None:
    always = Reading(lambda r: r.m.fc(dropout(r.h[-1])))
    right = Reading(lambda r: r.m.fc(dropout(r.h[-1], training=r.m.training)), dropout=0.5, num_layers=2)
    state = torch.get_rng_state()
    assert len(differs_between_runs(Evaluations(always, lambda: always(X))).concerns) == 1
    assert differs_between_runs(Evaluations(right, lambda: right(X))) == Checked()
    assert torch.equal(torch.get_rng_state(), state)


def test_a_state_carried_in_the_model_is_no_randomness() -> None:
    class Carrying(Reading):
        kept: Any = None

        def forward(self, x: Tensor) -> Any:
            output, self.kept = self.lstm(x, self.kept)
            return self.fc(output)

    model = Carrying(lambda: None)
    assert differs_between_runs(Evaluations(model, lambda: model(X))) == Checked()
    assert model.kept is None


OF_ITS_OWN = torch.Generator().manual_seed(0)  # what hangs on globals is not put back


def test_what_does_not_depend_on_seeds() -> None:
    model = Reading(lambda r: r.m.fc(r.h[-1]) + torch.rand(5, 2, generator=OF_ITS_OWN))
    (found,) = differs_between_runs(Evaluations(model, lambda: model(X))).concerns
    assert "even with the same random numbers" in found.text


def test_results_of_other_kinds() -> None:
    sizes = Reading(lambda r: r.o[:, : int(torch.randint(1, 1000, ()))])
    long = torch.randn(1, 1000, 3)
    (found,) = differs_between_runs(Evaluations(sizes, lambda: sizes(long))).concerns
    assert "shapes (1, " in found.text
    drawn = Reading(lambda _: one_hot(torch.randint(0, 1000, (4,)), 1000))
    (found,) = differs_between_runs(Evaluations(drawn, lambda: drawn(X))).concerns
    assert " is 1, then 0" in found.text or " is 0, then 1" in found.text


def test_a_model_that_raises_in_evaluation() -> None:
    def read(_: Run) -> Any:
        raise KeyError("no such head")

    model = Reading(read)
    said = differs_between_runs(Evaluations(model, lambda: model(X)))
    assert said.notes == (
        "evaluation was not checked, because in evaluation mode the model raises KeyError: 'no such head'",
    )


def test_one_run_is_enough_where_no_random_numbers_are_taken() -> None:
    calls: list[bool] = []

    def counted(read: Callable[..., Any], *, steady: bool) -> Checked:
        model = Reading(read)
        calls.clear()

        def run() -> Any:
            calls.append(torch.is_grad_enabled())
            return model(X)

        runs = Evaluations(model, run)
        runs.steady = steady
        return differs_between_runs(runs)

    assert counted(lambda r: r.m.fc(r.h[-1]), steady=True) == Checked()
    assert calls == [False]
    assert counted(lambda r: r.m.fc(r.h[-1]), steady=False) == Checked()
    assert len(calls) == 2, "it has not been run before"
    assert counted(lambda r: r.m.fc(r.h[-1]) + 0 * torch.rand(()), steady=True) == Checked()
    assert len(calls) == 2, "random numbers were taken, and might have mattered"
    assert counted(lambda r: r.m.fc(dropout(r.h[-1])), steady=True).concerns
    assert len(calls) == 3


def test_a_model_that_takes_gradients_of_its_own_is_evaluated_with_them() -> None:
    model = Reading(lambda r: torch.autograd.grad(r.m.fc(r.o).sum(), r.o)[0])
    assert differs_between_runs(Evaluations(model, lambda: model(X))) == Checked()
