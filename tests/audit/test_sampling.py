"""Models that sample on purpose pass with one word, and nothing else is said of them."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, distributions, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from rnnlint.runtime import audit

WORD = "random-evaluation"

Categorical: Any = distributions.Categorical  # torch.distributions is not typed
Normal: Any = distributions.Normal


class Prenet(nn.Module):
    """Of Tacotron 2: its dropout stays on when speech is made."""

    def __init__(self, inside: int, size: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(inside, size), nn.Linear(size, size)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = F.dropout(F.relu(layer(x)), p=0.5, training=True)
        return x


class Tacotron2(nn.Module):
    """The encoder, the attention and the decoder of frames, small."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(30, 12)
        self.encoder = nn.LSTM(12, 6, batch_first=True, bidirectional=True)
        self.prenet = Prenet(8, 10)
        self.attention_rnn = nn.LSTMCell(10 + 12, 16)
        self.query, self.memory, self.energy = nn.Linear(16, 9), nn.Linear(12, 9), nn.Linear(9, 1)
        self.decoder_rnn = nn.LSTMCell(16 + 12, 16)
        self.frame, self.gate = nn.Linear(16 + 12, 8), nn.Linear(16 + 12, 1)

    def forward(self, text: Tensor, mel: Tensor) -> tuple[Tensor, Tensor]:
        memory, _ = self.encoder(self.embed(text))
        keys = self.memory(memory)
        state = [torch.zeros(len(text), 16) for _ in range(4)]
        context = torch.zeros(len(text), 12)
        frames, gates = [], []
        for before in torch.cat((torch.zeros_like(mel[:, :1]), mel[:, :-1]), 1).unbind(1):
            step = torch.cat((self.prenet(before), context), -1)
            state[0], state[1] = self.attention_rnn(step, (state[0], state[1]))
            energies = self.energy(torch.tanh(self.query(state[0]).unsqueeze(1) + keys)).squeeze(-1)
            context = torch.bmm(energies.softmax(1).unsqueeze(1), memory).squeeze(1)
            state[2], state[3] = self.decoder_rnn(torch.cat((state[0], context), -1), (state[2], state[3]))
            both = torch.cat((state[2], context), -1)
            frames.append(self.frame(both))
            gates.append(self.gate(both))
        return torch.stack(frames, 1), torch.cat(gates, 1)


class DeepAR(nn.Module):
    """Forecasts by ancestral sampling: each drawn value is the next input."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(1, 10, 2, batch_first=True, dropout=0.1)
        self.mu, self.sigma = nn.Linear(10, 1), nn.Linear(10, 1)

    def forward(self, history: Tensor) -> tuple[Tensor, Tensor]:
        output, state = self.rnn(history)
        likelihood = Normal(self.mu(output), F.softplus(self.sigma(output)) + 1e-3)
        nll = -likelihood.log_prob(history.roll(-1, 1))[:, :-1]
        last, drawn = output[:, -1:], []
        for _ in range(4):
            value = Normal(self.mu(last), F.softplus(self.sigma(last)) + 1e-3).rsample()
            drawn.append(value)
            last, state = self.rnn(value, state)
        return nll, torch.cat(drawn, 1)


class SentenceVAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 6)
        self.encoder = nn.GRU(6, 9, batch_first=True, bidirectional=True)
        self.mean, self.logvar = nn.Linear(18, 4), nn.Linear(18, 4)
        self.start = nn.Linear(4, 9)
        self.decoder = nn.GRU(6, 9, batch_first=True)
        self.out = nn.Linear(9, 20)

    def forward(self, tokens: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        embedded = self.embed(tokens)
        _, h_n = self.encoder(pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False))
        hidden = torch.cat((h_n[0], h_n[1]), -1)
        mean, logvar = self.mean(hidden), self.logvar(hidden)
        z = mean + torch.randn_like(mean) * (0.5 * logvar).exp()
        output, _ = self.decoder(embedded, torch.tanh(self.start(z)).unsqueeze(0))
        return self.out(output).log_softmax(-1), mean, logvar


class RecurrentPolicy(nn.Module):
    """Of PPO: an action drawn, its log probability, the value of the state, and the state to go on from."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Linear(5, 7), nn.Tanh())
        self.lstm = nn.LSTM(7, 9)
        self.actor, self.critic = nn.Linear(9, 3), nn.Linear(9, 1)

    def forward(self, observation: Tensor, state: tuple[Tensor, Tensor], starts: Tensor) -> Any:
        features = self.features(observation)
        outputs = []
        for x, start in zip(features.unbind(0), starts.unbind(0), strict=True):
            keep = (1.0 - start).view(1, -1, 1)
            output, state = self.lstm(x.unsqueeze(0), (state[0] * keep, state[1] * keep))
            outputs.append(output)
        latent = torch.cat(outputs).flatten(0, 1)
        policy = Categorical(logits=self.actor(latent))
        action = policy.sample()
        return action, policy.log_prob(action), self.critic(latent).flatten(), state


class Translator(nn.Module):
    """Decides at each step by chance whether it is shown the right token; the chance is drawn by ``draw``."""

    def __init__(self, draw: Any) -> None:
        super().__init__()
        self.draw = draw
        self.source, self.target = nn.Embedding(20, 6), nn.Embedding(25, 6)
        self.encoder, self.decoder = nn.GRU(6, 9, 2), nn.GRU(6, 9, 2)
        self.out = nn.Linear(9, 25)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        _, hidden = self.encoder(self.source(source))
        scores, token = [], target[0]
        for step in range(1, len(target)):
            output, hidden = self.decoder(self.target(token).unsqueeze(0), hidden)
            scores.append(self.out(output.squeeze(0)))
            token = target[step] if self.draw() < 0.5 else scores[-1].argmax(-1)
        return torch.stack(scores)


class Dropping(nn.Module):
    """Words are dropped and inputs get noise, in evaluation too (MC dropout)."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(6, 9, batch_first=True)
        self.out = nn.Linear(9, 2)

    def forward(self, x: Tensor) -> Tensor:
        kept = torch.bernoulli(torch.full(x.shape[:2], 0.9)).unsqueeze(-1)
        _, (h_n, _) = self.rnn((x + 0.1 * torch.randn_like(x)) * kept)
        scores: Tensor = self.out(F.dropout(h_n[-1], 0.3))
        return scores


def inputs(*shapes: tuple[int, ...]) -> tuple[Tensor, ...]:
    source = torch.Generator().manual_seed(0)
    return tuple(torch.randn(shape, generator=source) for shape in shapes)


def tokens(*shapes: tuple[int, ...]) -> tuple[Tensor, ...]:
    source = torch.Generator().manual_seed(0)
    return tuple(torch.randint(1, 20, shape, generator=source) for shape in shapes)


MODELS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "Tacotron 2": (Tacotron2, (*tokens((5, 7)), *inputs((5, 11, 8)))),
    "DeepAR": (DeepAR, inputs((6, 13, 1))),
    "VAE": (SentenceVAE, (*tokens((5, 7)), torch.tensor([7, 3, 5, 2, 6]))),
    "PPO": (RecurrentPolicy, (*inputs((6, 5, 5)), inputs((1, 5, 9), (1, 5, 9)), torch.zeros(6, 5))),
    "teacher forcing, random": (lambda: Translator(random.random), tokens((7, 5), (11, 5))),
    "teacher forcing, numpy": (lambda: Translator(np.random.rand), tokens((7, 5), (11, 5))),
    "teacher forcing, torch": (lambda: Translator(lambda: torch.rand(1).item()), tokens((7, 5), (11, 5))),
    "noise": (Dropping, inputs((5, 7, 6))),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_passes_with_one_word(name: str, training: bool) -> None:
    build, given = MODELS[name]
    torch.manual_seed(0)
    model = build().train(training)
    report = audit(model, *given, allow=[WORD])
    assert report.ok, report
    assert [one.what.name for one in report.waived] == [WORD]


@pytest.mark.parametrize("name", MODELS)
def test_does_not_pass_without(name: str) -> None:
    build, given = MODELS[name]
    torch.manual_seed(0)
    report = audit(build(), *given)
    assert [one.name for one in report.concerns] == [WORD]
    assert f"[{WORD}]\n" in str(report)
    assert str(report).endswith("\nwhat a concern means and how to waive it: docs/concerns.md")
