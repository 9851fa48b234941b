"""What ``rnnlint.runtime.audit`` costs next to one run of the model, and where its time goes.

    python -m benchmarks.audit [--rounds N] [--only WORD]

Medians of processor time in one thread, of rounds in which the runs and the audit alternate.  "forward" is one run of
the model as it is audited (in training, with gradients), "evaluation" one in evaluation without gradients, "backward"
a run and its backward pass.  The ratio is that of the audit to "forward".
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnlint.runtime import audit
from rnnlint.runtime.auditing import phases

GOAL = 5.0  # runs of the model: what is aimed at and printed beside the figures, never asserted


# Sizes as people train them on one GPU, or in a first attempt: the cost of an audit is that of its backward passes, so
# the recurrent layers are what counts.
class Classifier(nn.Module):
    """A sentence's label from both final states."""

    def __init__(self, units: int, layers: int = 2, words: int = 1000) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, 128)
        self.rnn = nn.LSTM(128, units, layers, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * units, 20)

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, T) numbers of words to (N, 20) scores."""
        _, (h_n, _) = self.rnn(self.embedding(tokens))
        scores: Tensor = self.head(torch.cat((h_n[-2], h_n[-1]), -1))
        return scores


class Tagger(nn.Module):
    """A label for each word of packed sentences."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(1000, 128, padding_idx=0)
        self.rnn = nn.LSTM(128, units, 2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * units, 20)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """(N, T) numbers of words, 0 behind a sample's (N,) length, to (N, T, 20) scores."""
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=tokens.shape[1])
        scores: Tensor = self.head(output)
        return scores


class Pooled(nn.Module):
    """Masked means of packed sentences, and dropout."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(1000, 128, padding_idx=0)
        self.rnn = nn.GRU(128, units, 2, batch_first=True, bidirectional=True, dropout=0.3)
        self.head = nn.Linear(2 * units, 20)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Likewise, to (N, 20) scores."""
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        scores: Tensor = self.head(output.sum(1) / lengths[:, None])
        return scores


class Unpacked(nn.Module):
    """Padded sentences that are not packed, with attention that is masked."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(1000, 128, padding_idx=0)
        self.rnn = nn.GRU(128, units, batch_first=True)
        self.score = nn.Linear(units, 1)
        self.head = nn.Linear(units, 20)

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, T) numbers of words, 0 for padding, to (N, 20) scores."""
        output, _ = self.rnn(self.embedding(tokens))
        weights = self.score(output).masked_fill((tokens == 0)[..., None], float("-inf")).softmax(1)
        scores: Tensor = self.head((weights * output).sum(1))
        return scores


class LanguageModel(nn.Module):
    """The next word after each, steps first, with dropout and a large vocabulary."""

    def __init__(self, units: int, words: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, units)
        self.rnn = nn.LSTM(units, units, 2, dropout=0.5)
        self.drop = nn.Dropout(0.5)
        self.decoder = nn.Linear(units, words)

    def forward(self, tokens: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(T, N) numbers of words and the pair of states to (T, N, words) scores and the next states."""
        output, state = self.rnn(self.drop(self.embedding(tokens)), state)
        return self.decoder(self.drop(output)), state


class Translator(nn.Module):
    """An encoder, and a decoder that attends to it step by step."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(1000, 128)
        self.encoder = nn.GRU(128, units, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * units, units)
        self.keys = nn.Linear(2 * units, units)
        self.cell = nn.GRUCell(128 + 2 * units, units)
        self.head = nn.Linear(3 * units, 1000)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """(N, S) and (N, T) numbers of words to (N, T, 1000) scores of the words that follow."""
        states, h_n = self.encoder(self.embedding(source))
        keys, words = self.keys(states), self.embedding(target)
        state, context, scores = self.bridge(torch.cat((h_n[0], h_n[1]), 1)).tanh(), states[:, 0] * 0, []
        for step in range(target.shape[1]):
            state = self.cell(torch.cat((words[:, step], context), 1), state)
            attention = (keys @ state[..., None]).softmax(1)
            context = (attention * states).sum(1)
            scores.append(self.head(torch.cat((state, context), 1)))
        return torch.stack(scores, 1)


class Lines(nn.Module):
    """Convolutions over images of lines of text, two recurrent layers over their columns."""

    def __init__(self) -> None:
        super().__init__()
        convolutions = [
            part
            for inner, outer in ((1, 32), (32, 64))
            for part in (nn.Conv2d(inner, outer, 3, padding=1), nn.BatchNorm2d(outer), nn.ReLU(), nn.MaxPool2d(2))
        ]
        self.convolutions = nn.Sequential(*convolutions)
        self.first = nn.LSTM(512, 256, bidirectional=True)
        self.between = nn.Linear(512, 256)
        self.second = nn.LSTM(256, 256, bidirectional=True)
        self.head = nn.Linear(512, 80)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 1, 32, W) images to (W / 4, N, 80) scores of characters."""
        columns = self.convolutions(images).flatten(1, 2).permute(2, 0, 1)
        output, _ = self.second(self.between(self.first(columns)[0]))
        scores: Tensor = self.head(output).log_softmax(-1)
        return scores


def _tokens(samples: int, steps: int, words: int = 1000) -> Tensor:
    return torch.randint(1, words, (samples, steps))


def _padded(samples: int, steps: int) -> tuple[Tensor, Tensor]:
    lengths = torch.linspace(steps // 3, steps, samples).long()[torch.randperm(samples)]
    return _tokens(samples, steps) * (torch.arange(steps) < lengths[:, None]), lengths


MODELS: dict[str, Callable[[], tuple[Any, ...]]] = {
    "classifier, 1x16 units, 5x7 tokens": lambda: (Classifier(16, 1), _tokens(5, 7)),
    "classifier, 2x512 units, 16x100 tokens": lambda: (Classifier(512), _tokens(16, 100)),
    "tagger, packed, 2x512 units, 16x100": lambda: (Tagger(512), *_padded(16, 100)),
    "means, packed, 2x256 units, 32x60": lambda: (Pooled(256), *_padded(32, 60)),
    "attention, padded, 1x512 units, 32x60": lambda: (Unpacked(512), _padded(32, 60)[0]),
    "language model, 2x512 units, 20x35": lambda: (
        LanguageModel(512, 5000),
        _tokens(35, 20, 5000),
        (torch.zeros(2, 20, 512), torch.zeros(2, 20, 512)),
    ),
    "translator, 512 units, 16x30 to 20": lambda: (Translator(512), _tokens(16, 30), _tokens(16, 20)),
    "lines of text, 2x256 units, 12x32x200": lambda: (Lines(), torch.randn(12, 1, 32, 200)),
}


def _tensors(result: Any) -> list[Tensor]:
    if isinstance(result, Tensor):
        return [result]
    return [tensor for part in result for tensor in _tensors(part)]


def _backward(model: nn.Module, inputs: tuple[Any, ...]) -> None:
    torch.stack([tensor.sum() for tensor in _tensors(model(*inputs))]).sum().backward()  # type: ignore[no-untyped-call]
    model.zero_grad()


def _evaluation(model: nn.Module, inputs: tuple[Any, ...]) -> None:
    model.eval()
    with torch.no_grad():
        model(*inputs)
    model.train()


def _took(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def measure(name: str, rounds: int) -> None:
    """Prints the figures of one model of :data:`MODELS`: seconds, and the audit in runs of the model."""
    torch.manual_seed(0)
    model, *given = MODELS[name]()
    inputs = tuple(given)
    actions: list[Callable[[], object]] = [
        lambda: model(*inputs),
        lambda: _evaluation(model, inputs),
        lambda: _backward(model, inputs),
    ]
    # once each before anything is counted, the audit too, because first calls pay for imports and kernels
    for action in actions:
        action()
    audit(model, *inputs)
    runs: list[list[float]] = []
    by_phase: dict[str, list[float]] = {}
    for _ in range(rounds):
        times = [_took(action) for action in actions]
        start = time.process_time()
        report = audit(model, *inputs)
        runs.append([*times, time.process_time() - start])
        for phase, seconds in report.timings.items():
            by_phase.setdefault(phase, []).append(seconds)
    forward, evaluation, backward, audited = (statistics.median(column) for column in zip(*runs, strict=True))
    ratio = statistics.median(run[-1] / run[0] for run in runs)
    print(
        f"{name:40} {forward:8.3f}s {evaluation:9.3f}s {backward:8.3f}s {audited:8.3f}s {ratio:7.1f}"
        f" {len(report.findings) + len(report.concerns):6}"
    )
    shares = ((phase, statistics.median(seconds) / forward) for phase, seconds in by_phase.items())
    print(f"{'':4}{', '.join(f'{phase} {share:.2f}' for phase, share in shares)}", flush=True)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="only the models with this word in their names")
    choices = parser.parse_args()
    torch.set_num_threads(1)
    print(
        f"audit() over one run of the model, median of {choices.rounds}, in turn; goal {GOAL:.0f} where units are many"
    )
    print("below each, what its phases take in runs of the model")
    print(
        f"{'model':40} {'forward':>9} {'evaluation':>10} {'backward':>9} {'audit':>9} {'ratio':>7} {'said':>6}",
        flush=True,
    )
    with mock.patch.object(phases, "now", time.process_time):
        for name in MODELS:
            if choices.only in name:
                measure(name, choices.rounds)


if __name__ == "__main__":
    main()
