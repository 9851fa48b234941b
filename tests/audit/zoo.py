"""Small models in the styles that people write; each is right, and leaves something of its own behind when it runs.

A function here returns a model and its inputs: positional ones, and in a dict at the end those by name.
"""

# mypy: ignore-errors
# Models are written as people write them.

from __future__ import annotations

import collections
import copy
import dataclasses
import functools
import pickle
import random
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Categorical
from torch.nn import functional as F
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence
from torch.utils import _pytree as pytree
from torch.utils import checkpoint

Made = tuple[Any, ...]
ZOO: dict[str, Callable[[], Made]] = {}
N, T, C, H = 4, 7, 3, 5  # samples, steps, channels, units


def model(make: Callable[[], Made]) -> Callable[[], Made]:
    ZOO[make.__name__] = make
    return make


def x(*shape: int) -> Tensor:
    return torch.randn(*(shape or (N, T, C)))


def tokens(high: int = 11) -> Tensor:
    return torch.randint(1, high, (N, T))


class Lstm(nn.Module):
    """The usual parts."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.rnn = nn.LSTM(C, H, batch_first=True, **options)
        self.head = nn.Linear(H * (2 if options.get("bidirectional") else 1), 2)


class Gru(nn.Module):
    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.rnn = nn.GRU(C, H, batch_first=True, **options)
        self.head = nn.Linear(H * (2 if options.get("bidirectional") else 1), 2)


# --- classifiers and taggers -----------------------------------------------------------------------------------------


@model
def classifier() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Tensor:
            _, (h_n, _) = self.rnn(x)
            return self.head(h_n[-1])

    return Model(), x()


@model
def bidirectional_classifier() -> Made:
    class Model(Gru):
        def forward(self, x: Tensor) -> Tensor:
            _, h_n = self.rnn(x)
            return self.head(torch.cat((h_n[-2], h_n[-1]), -1))

    return Model(num_layers=2, bidirectional=True, dropout=0.3), x(5, T, C)


@model
def masked_mean() -> Made:
    class Model(Gru):
        def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
            output, _ = self.rnn(x)
            mask = (torch.arange(x.size(1)) < lengths[:, None]).unsqueeze(-1)
            return self.head((output * mask).sum(1) / lengths[:, None])

    return Model(), x(), torch.tensor([7, 3, 5, 2])


@model
def max_pool() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Tensor:
            output, _ = self.rnn(x)
            return self.head(F.adaptive_max_pool1d(output.transpose(1, 2), 1).squeeze(-1))

    return Model(bidirectional=True), x()


@model
def packed_classifier() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(11, C, padding_idx=0)
            self.rnn = nn.LSTM(C, H, batch_first=True, bidirectional=True)
            self.head = nn.Linear(2 * H, 2)

        def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
            packed = pack_padded_sequence(self.embed(ids), lengths, batch_first=True, enforce_sorted=False)
            _, (h_n, _) = self.rnn(packed)
            return self.head(torch.cat([h_n[0], h_n[1]], dim=1))

    lengths = torch.tensor([4, 7, 2, 5])
    return Model(), tokens() * (torch.arange(T) < lengths[:, None]), lengths


@model
def sorted_by_hand() -> Made:
    class Model(Gru):
        def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
            lengths, order = lengths.sort(descending=True)
            packed = pack_padded_sequence(x[order], lengths, batch_first=True)
            output, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
            return self.head(output[order.argsort()])

    return Model(), x(), torch.tensor([4, 7, 2, 5])


@model
def rebuilt_pack() -> Made:
    class Model(Gru):
        def forward(self, sequences: list[Tensor]) -> Tensor:
            packed = pack_sequence(sequences, enforce_sorted=False)
            output, _ = self.rnn(packed)
            order = output.sorted_indices, output.unsorted_indices
            output = PackedSequence(self.head(output.data), output.batch_sizes, *order)
            return pad_packed_sequence(output, batch_first=True)[0]

    return Model(), [torch.randn(length, C) for length in (3, 6, 2)]


@model
def tagger() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor, *, targets: Tensor | None = None) -> dict[str, Tensor]:
            scores = self.head(self.rnn(x)[0])
            found = {"scores": scores}
            if targets is not None:
                found["loss"] = F.cross_entropy(scores.view(-1, 2), targets.view(-1))
            return found

    return Model(num_layers=2, bidirectional=True), x(), {"targets": torch.randint(2, (N, T))}


@model
def conditional_random_field() -> Made:
    class Model(Gru):
        def __init__(self) -> None:
            super().__init__()
            self.moves = nn.Parameter(torch.randn(2, 2))

        def forward(self, x: Tensor) -> Tensor:
            scores = self.head(self.rnn(x)[0])
            alpha = scores.new_zeros(len(x), 2)
            for step in range(scores.size(1)):
                alpha = torch.logsumexp(alpha.unsqueeze(2) + self.moves, 1) + scores[:, step]
            return alpha.logsumexp(1)

    return Model(), x()


@model
def ocr() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d((2, 1)))
            self.rnn = nn.LSTM(12, H, bidirectional=True)
            self.head = nn.Linear(2 * H, 6)

        def forward(self, image: Tensor) -> Tensor:
            seen = self.conv(image).permute(3, 0, 1, 2).flatten(2)
            return self.head(self.rnn(seen)[0]).log_softmax(-1)

    return Model(), torch.randn(2, 1, 8, 9)


@model
def hierarchical() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.GRU(C, H, batch_first=True, bidirectional=True)
            self.sentences = nn.GRU(2 * H, H, batch_first=True)
            self.attention = nn.Linear(2 * H, 1)

        def forward(self, documents: Tensor) -> Tensor:
            batch, count, steps, width = documents.shape
            output, _ = self.words(documents.view(batch * count, steps, width))
            weights = self.attention(output).softmax(1)
            vectors = (weights * output).sum(1).view(batch, count, -1)
            return self.sentences(vectors)[1][-1]

    return Model(), x(2, 4, T, C)


# --- language models and decoders ------------------------------------------------------------------------------------


@model
def characters() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(11, C)
            self.rnn = nn.LSTM(C, H, 2, dropout=0.2, batch_first=True)
            self.head = nn.Linear(H, 11)
            self.drop = nn.Dropout(0.2)

        def init_hidden(self, batch: int) -> tuple[Tensor, Tensor]:
            weight = next(self.parameters())
            return weight.new_zeros(2, batch, H), weight.new_zeros(2, batch, H)

        def forward(self, ids: Tensor, state: Any = None) -> Any:
            output, state = self.rnn(self.embed(ids), state or self.init_hidden(len(ids)))
            return self.head(self.drop(output).reshape(-1, H)), state

    return Model(), tokens()


def repackaged(state: Any) -> Any:
    return state.detach() if isinstance(state, Tensor) else tuple(repackaged(one) for one in state)


@model
def truncated() -> Made:
    """State made anew by its own type, and by recursion."""

    class Model(Lstm):
        def forward(self, x: Tensor) -> Tensor:
            _, state = self.rnn(x[:, :3])
            state = type(state)(one.detach() for one in state)
            middle, state = self.rnn(x[:, 3:5], state)
            output, _ = self.rnn(x[:, 5:], repackaged(state))
            return self.head(torch.cat((middle, output), 1))

    return Model(), x()


@model
def teacher_forcing() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(11, C)
            self.encoder = nn.LSTM(C, H, batch_first=True)
            self.decoder = nn.LSTM(C, H, batch_first=True)
            self.head = nn.Linear(H, 11)

        def forward(self, source: Tensor, target: Tensor) -> Tensor:
            _, (hidden, cell) = self.encoder(self.embed(source))
            token, found = target[:, :1], []
            for step in range(1, target.size(1)):
                output, (hidden, cell) = self.decoder(self.embed(token), (hidden, cell))
                scores = self.head(output[:, -1])
                found.append(scores)
                forced = random.random() < 0.5 and self.training
                token = target[:, step : step + 1] if forced else scores.argmax(-1, keepdim=True)
            return torch.stack(found, 1)

    return Model(), tokens(), tokens()


@model
def additive_attention() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.GRU(C, H, batch_first=True, bidirectional=True)
            self.bridge = nn.Linear(2 * H, H)
            self.query, self.key, self.energy = nn.Linear(H, H), nn.Linear(2 * H, H), nn.Linear(H, 1)
            self.cell = nn.GRUCell(C + 2 * H, H)

        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            memory, h_n = self.encoder(x)
            state = torch.tanh(self.bridge(torch.cat([h_n[-2], h_n[-1]], -1)))
            states = []
            for step in y.unbind(1):
                energy = self.energy(torch.tanh(self.query(state).unsqueeze(1) + self.key(memory)))
                context = (energy.softmax(1) * memory).sum(1)
                state = self.cell(torch.cat([step, context], -1), state)
                states.append(state)
            return torch.stack(states, 1)

    return Model(), x(), x(N, 6, C)


@model
def dot_attention() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.decoder = nn.LSTM(C, H), nn.LSTM(C, H)
            self.mix = nn.Linear(2 * H, H)

        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            memory, state = self.encoder(x)
            output, _ = self.decoder(y, state)
            weights = torch.bmm(output.transpose(0, 1), memory.permute(1, 2, 0)).softmax(-1)
            context = torch.bmm(weights, memory.transpose(0, 1)).transpose(0, 1)
            return self.mix(torch.cat([context, output], -1))

    return Model(), x(T, N, C), x(6, N, C)


@model
def beam_search() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(11, C)
            self.rnn = nn.LSTM(C, H)
            self.head = nn.Linear(H, 11)

        def forward(self, first: Tensor) -> Tensor:
            _, state = self.rnn(self.embed(first).view(1, 1, -1))
            beams: list[Any] = [(0.0, [], first, state)]
            for _ in range(3):
                grown = []
                for score, words, token, held in beams:
                    output, after = self.rnn(self.embed(token).view(1, 1, -1), held)
                    best, places = self.head(output[0, 0]).log_softmax(-1).topk(2)
                    grown += [(score + s, [*words, p], p, after) for s, p in zip(best, places, strict=True)]
                beams = sorted(grown, key=lambda beam: float(beam[0]), reverse=True)[:2]
            return torch.stack(beams[0][1])

    return Model(), torch.tensor(3)


@model
def generator_of_steps() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = nn.LSTMCell(C, H)

        def steps(self, x: Tensor) -> Iterator[Tensor]:
            state = None
            for step in range(x.size(1)):
                state = self.cell(x[:, step], state)
                yield state[0]

        def forward(self, x: Tensor) -> Tensor:
            return torch.stack(tuple(self.steps(x)), 1)

    return Model(), x()


# --- sampling --------------------------------------------------------------------------------------------------------


@model
def variational() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.GRU(C, H, batch_first=True)
            self.mean, self.spread = nn.Linear(H, 2), nn.Linear(H, 2)
            self.begin = nn.Linear(2, H)
            self.decoder = nn.GRU(C, H, batch_first=True)
            self.head = nn.Linear(H, C)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            _, h_n = self.encoder(x)
            mean, spread = self.mean(h_n[-1]), self.spread(h_n[-1])
            drawn = mean + torch.randn_like(mean) * (0.5 * spread).exp()
            state = self.begin(drawn).unsqueeze(0)
            return self.head(self.decoder(x, state)[0]), mean, spread

    return Model(), x()


@model
def actor_and_critic() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(C, H)
            self.policy, self.value = nn.Linear(H, 4), nn.Linear(H, 1)

        def forward(self, observed: Tensor, state: tuple[Tensor, Tensor], starts: Tensor) -> Any:
            found = []
            for seen, start in zip(observed.unbind(0), starts.unbind(0), strict=True):
                state = tuple((1.0 - start).view(1, -1, 1) * one for one in state)
                output, state = self.rnn(seen.unsqueeze(0), state)
                found.append(output)
            features = torch.flatten(torch.cat(found), end_dim=1)
            choices = Categorical(logits=self.policy(features))
            actions = choices.sample()
            return actions, self.value(features), choices.log_prob(actions), choices.entropy(), state

    zeros = torch.zeros(1, N, H), torch.zeros(1, N, H)
    return Model(), x(T, N, C), zeros, (torch.rand(T, N) < 0.2).float()


@model
def prenet() -> Made:
    """Dropout that is always on, and a decoder of cells with attention to places."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.prenet = nn.ModuleList([nn.Linear(C, 4), nn.Linear(4, 4)])
            self.encoder = nn.LSTM(C, H, batch_first=True, bidirectional=True)
            self.attend, self.decode = nn.LSTMCell(4 + 2 * H, H), nn.LSTMCell(3 * H, H)
            self.places = nn.Conv1d(1, H, 3, padding=1, bias=False)
            self.query, self.energy = nn.Linear(H, H), nn.Linear(H, 1)
            self.head = nn.Linear(3 * H, C)

        def forward(self, x: Tensor, frames: Tensor) -> Tensor:
            memory, _ = self.encoder(x)
            h, c = (memory.new_zeros(len(x), H) for _ in range(2))
            d, e = (memory.new_zeros(len(x), H) for _ in range(2))
            context, weights, found = memory.new_zeros(len(x), 2 * H), memory.new_zeros(len(x), x.size(1)), []
            for frame in frames.transpose(0, 1):
                for layer in self.prenet:
                    frame = F.dropout(F.relu(layer(frame)), p=0.5, training=True)
                h, c = self.attend(torch.cat((frame, context), -1), (h, c))
                where = self.places(weights.unsqueeze(1)).transpose(1, 2)
                weights = self.energy(torch.tanh(where + self.query(h).unsqueeze(1))).squeeze(-1).softmax(-1)
                context = torch.bmm(weights.unsqueeze(1), memory).squeeze(1)
                d, e = self.decode(torch.cat((h, context), -1), (d, e))
                found.append(self.head(torch.cat((d, context), -1)))
            return torch.stack(found, 1)

    return Model(), x(), x(N, 6, C)


# --- cells and stacks ------------------------------------------------------------------------------------------------


@model
def stacked_cells() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cells = nn.ModuleList([nn.LSTMCell(C, H), nn.LSTMCell(H, H)])

        def forward(self, x: Tensor) -> Tensor:
            states: list[Any] = [None] * len(self.cells)
            found = []
            for step in range(x.size(1)):
                below = x[:, step]
                for layer, cell in enumerate(self.cells):
                    states[layer] = cell(below, states[layer])
                    below = states[layer][0]
                found.append(below)
            return torch.stack(found, dim=1)

    return Model(), x()


@model
def convolutional_cell() -> Made:
    class Cell(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gates = nn.Conv2d(1 + 2, 8, 3, padding=1)

        def forward(self, image: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            h, c = state
            i, f, o, g = torch.split(self.gates(torch.cat([image, h], dim=1)), 2, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            return torch.sigmoid(o) * torch.tanh(c), c

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = Cell()
            self.rnn = nn.GRU(2, H, batch_first=True)

        def forward(self, images: Tensor) -> Tensor:
            state = (images.new_zeros(len(images), 2, 4, 4),) * 2
            seen = []
            for step in range(images.size(1)):
                state = self.cell(images[:, step], state)
                seen.append(state[0].mean((2, 3)))
            return self.rnn(torch.stack(seen, 1))[0]

    return Model(), torch.randn(3, T, 1, 4, 4)


@model
def residual_stack() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.LSTM(H, H, batch_first=True) for _ in range(3))
            self.norms = nn.ModuleList(nn.LayerNorm(H) for _ in range(3))

        def forward(self, x: Tensor) -> Tensor:
            for layer, norm in zip(self.layers, self.norms, strict=True):
                x = norm(x + F.dropout(layer(x)[0], 0.1, self.training))
            return x

    return Model(), x(N, T, H)


@model
def directions_added() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Tensor:
            output, _ = self.rnn(x)
            return output.view(*output.shape[:2], 2, H).sum(2)

    return Model(bidirectional=True), x()


@model
def projected() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(C, H, proj_size=2)

        def forward(self, x: Tensor) -> Tensor:
            return self.rnn(x)[0]

    return Model(), x(T, N, C)


@model
def unbatched() -> Made:
    class Model(Gru):
        def forward(self, x: Tensor) -> Tensor:
            output, h_n = self.rnn(x)
            return self.head(output), h_n

    return Model(), x(T, C)


@model
def learned_state() -> Made:
    class Model(Lstm):
        def __init__(self) -> None:
            super().__init__()
            self.h_0, self.c_0 = nn.Parameter(torch.zeros(1, 1, H)), nn.Parameter(torch.zeros(1, 1, H))

        def forward(self, x: Tensor) -> Tensor:
            state = self.h_0.expand(-1, len(x), -1).contiguous(), self.c_0.expand(-1, len(x), -1).contiguous()
            return self.head(self.rnn(x, state)[0])

    return Model(), x()


@model
def shared_encoder() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left = Gru(bidirectional=True)
            self.right = self.left

        def encoded(self, x: Tensor, part: Gru) -> Tensor:
            return part.head(torch.cat(tuple(part.rnn(x)[1]), -1))

        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            return F.cosine_similarity(self.encoded(x, self.left), self.encoded(y, self.right))

    return Model(), x(), x(N, 6, C)


@model
def dilated() -> Made:
    """The steps of one sample are dealt out to several, and gathered again."""

    class Model(nn.Module):
        def __init__(self, rate: int) -> None:
            super().__init__()
            self.rate = rate
            self.rnn = nn.LSTM(C, H)
            self.head = nn.Linear(H, 2)

        def forward(self, x: Tensor) -> Tensor:
            batch = x.size(1)
            output, _ = self.rnn(torch.cat([x[start :: self.rate] for start in range(self.rate)], 1))
            parts = [output[:, part * batch : (part + 1) * batch] for part in range(self.rate)]
            together = torch.stack(parts).transpose(1, 0).contiguous()
            return self.head(together.view(output.size(0) * self.rate, batch, output.size(2)))

    return Model(2), x(6, 5, C)


# --- what models return and keep -------------------------------------------------------------------------------------


@dataclasses.dataclass
class Scores:
    logits: Tensor
    state: Any = None
    loss: Tensor = dataclasses.field(init=False)


class Named(NamedTuple):
    output: Tensor
    state: Any


class Outputs(collections.OrderedDict[str, Any]):
    """A dict whose items are attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Kept:
    __slots__ = ("calls", "last", "unset")

    def __init__(self) -> None:
        self.calls = 0
        self.last: Tensor | None = None


@model
def dataclass_result() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Scores:
            output, state = self.rnn(x)
            return Scores(self.head(output), state)

    return Model(), x()


@model
def named_tuple_result() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Named:
            return Named(*self.rnn(x))._replace(output=x)

    return Model(), x()


@model
def mapping_result() -> Made:
    class Model(Lstm):
        def forward(self, batch: dict[str, Tensor]) -> Outputs:
            output, state = self.rnn(batch["x"])
            found = Outputs(last_hidden_state=output, state=state)
            found["logits"] = self.head(found.last_hidden_state)
            return found

    return Model(), {"x": x()}, {}


@model
def state_in_slots() -> Made:
    class Model(Gru):
        def __init__(self) -> None:
            super().__init__()
            self.kept = Kept()

        def forward(self, x: Tensor) -> Tensor:
            self.kept.calls += 1
            output, self.kept.last = self.rnn(x, self.kept.last)
            return self.head(output) * self.kept.calls

    return Model(), x()


@model
def state_in_buffer() -> Made:
    class Model(Gru):
        def __init__(self) -> None:
            super().__init__()
            self.hidden: Tensor
            self.register_buffer("hidden", torch.zeros(1, N, H))

        def forward(self, x: Tensor) -> Tensor:
            output, h_n = self.rnn(x, self.hidden.clone())
            self.hidden.copy_(h_n.detach())
            return self.head(output)

    return Model(), x()


@model
def state_in_attribute() -> Made:
    class Model(Lstm):
        calls = 0

        def __init__(self) -> None:
            super().__init__()
            self.state: Any = None

        def forward(self, x: Tensor) -> Tensor:
            type(self).calls += 1
            output, self.state = self.rnn(x, self.state)
            return self.head(output)

    return Model(), x()


@model
def list_that_holds_itself() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor, extra: list[Any]) -> list[Any]:
            found: list[Any] = [self.head(self.rnn(x)[0]), extra]
            found.append(found)
            return found

    extra: list[Any] = [1]
    extra.append(extra)
    return Model(), x(), extra


# --- what is done with a tuple ---------------------------------------------------------------------------------------


@functools.singledispatch
def _detached(state: Any) -> Any:
    raise TypeError(type(state))


@_detached.register
def _(state: tuple) -> Any:  # type: ignore[type-arg]
    return tuple(one.detach() for one in state)


@model
def tuples_by_type() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Tensor:
            _, state = self.rnn(x)
            assert type(state) == tuple  # noqa: E721 - as people write it
            state = {tuple: _detached, Tensor: Tensor.detach}[type(state)](state)
            return self.head(self.rnn(x, state)[0])

    return Model(), x()


@model
def tuples_by_tree() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Tensor:
            result = self.rnn(x)
            leaves, spec = pytree.tree_flatten(result)
            assert spec == pytree.tree_flatten((x, (x, x)))[1]
            output, state = pytree.tree_unflatten([leaf * 2 for leaf in leaves], spec)
            return self.head(output), pytree.tree_map(Tensor.detach, state)

    return Model(), x()


@model
def tuples_copied() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Any:
            with torch.no_grad():
                _, state = self.rnn(x)
            again = pickle.loads(pickle.dumps(copy.deepcopy(copy.copy(state))))
            assert type(again) is tuple
            return self.head(self.rnn(x, again)[0])

    return Model(), x()


@model
def tuples_joined() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Any:
            result = self.rnn(x)
            _, state = result
            twice = state * 2 + state[:1] + (x,)
            names = dict(zip(("h", "c"), state, strict=True))
            assert len(twice) == 6
            assert 2 * state == state + state
            assert not hasattr(state, "_replace")
            assert state[0] is names["h"]
            assert next(reversed(state)) is names["c"]
            assert hash(state) == hash(tuple(state))
            return twice, self.head(result[0])

    return Model(), x()


@model
def tuples_probed() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Any:
            _, state = self.rnn(x)
            try:
                state = type(state)(*state)
            except TypeError:
                state = type(state)(state)
            return state[0][-1]

    return Model(), x()


# --- what torch lets in ----------------------------------------------------------------------------------------------


@model
def forward_hooks() -> Made:
    built = Lstm()
    seen: dict[str, Tensor] = {}

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = built

        def forward(self, x: Tensor) -> Tensor:
            return self.inner.head(self.inner.rnn(x)[0])

    built.rnn.register_forward_hook(lambda _, __, result: seen.__setitem__("rnn", result[0]))
    built.rnn.register_forward_pre_hook(lambda _, given: (given[0] * 2,))
    built.head.register_forward_hook(lambda _, __, result: result + seen["rnn"].mean())
    return Model(), x()


@model
def backward_hooks() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Tensor:
            output, (h_n, _) = self.rnn(x)
            return self.head(output) + self.head(h_n[-1]).unsqueeze(1)

    built = Model()
    for part in built.modules():
        part.register_full_backward_hook(lambda *_: None)
        part.register_full_backward_pre_hook(lambda *_: None)
    return built, x()


@model
def weight_norm() -> Made:
    built: Any = classifier()[0]
    parametrizations.weight_norm(built.rnn, "weight_hh_l0")
    parametrizations.spectral_norm(built.head)
    return built, x()


@model
def weight_drop() -> Made:
    class Model(Lstm):
        def __init__(self) -> None:
            super().__init__()
            self.raw = nn.Parameter(self.rnn.weight_hh_l0.detach().clone())
            del self.rnn._parameters["weight_hh_l0"]

        def forward(self, x: Tensor) -> Tensor:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.rnn.weight_hh_l0 = F.dropout(self.raw, 0.5, self.training)
                return self.head(self.rnn(x)[0])

    return Model(), x()


@model
def gradient_reversal() -> Made:
    class Reversed(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, tensor: Tensor, scale: float) -> Tensor:
            ctx.scale = scale
            return tensor.view_as(tensor)

        @staticmethod
        def backward(ctx: Any, *gradients: Tensor) -> Any:
            return -ctx.scale * gradients[0], None

    class Model(Gru):
        def forward(self, x: Tensor) -> Tensor:
            return self.head(Reversed.apply(self.rnn(x)[1][-1], 0.1))

    return Model(), x()


@model
def moving_average() -> Made:
    """A target network that follows the online one, in forward."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.online, self.target = Gru(), Gru()
            self.target.requires_grad_(False)

        @torch.no_grad()
        def follow(self) -> None:
            for slow, fast in zip(self.target.parameters(), self.online.parameters(), strict=True):
                slow.mul_(0.9).add_(fast, alpha=0.1)

        def forward(self, x: Tensor) -> Tensor:
            self.follow()
            with torch.no_grad():
                aim = self.target.head(self.target.rnn(x)[0])
            return (self.online.head(self.online.rnn(x)[0]) - aim).square().mean((1, 2))

    return Model(), x()


@model
def inference() -> Made:
    class Model(Lstm):
        @torch.inference_mode()
        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.rnn(x)[0])

    return Model(), x()


@model
def inner_gradients() -> Made:
    """Steps of its own along its own gradients."""

    class Model(Gru):
        def forward(self, x: Tensor) -> Tensor:
            start = torch.zeros(1, len(x), H, requires_grad=True)
            loss = self.head(self.rnn(x, start)[0]).square().mean()
            (step,) = torch.autograd.grad(loss, start, create_graph=True)
            loss.backward(retain_graph=True)
            return self.head(self.rnn(x, start - step)[0])

    return Model(), x()


@model
def functional() -> Made:
    class Model(Gru):
        def forward(self, x: Tensor) -> Tensor:
            weights = {name: value * 0.5 for name, value in self.rnn.named_parameters()}
            output, _ = torch.func.functional_call(self.rnn, weights, (x,))
            return torch.func.vmap(self.head)(output)

    return Model(), x()


@model
def transformed_gradients() -> Made:
    """torch.func: a loss of one sample, differentiated for all of them at once."""

    class Model(Gru):
        def loss(self, weights: dict[str, Tensor], x: Tensor) -> Tensor:
            output, _ = torch.func.functional_call(self.rnn, weights, (x,))
            return output[-1].square().sum()

        def forward(self, x: Tensor) -> Tensor:
            weights = dict(self.rnn.named_parameters())
            gradients = torch.func.grad(self.loss)(weights, x[0])
            return self.head(self.rnn(x)[0]) * gradients["weight_hh_l0"].norm()

    return Model(), x()


@model
def mapped_cell() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = nn.GRUCell(C, H)

        def forward(self, x: Tensor) -> Tensor:
            return torch.func.vmap(self.cell)(x[:, 0])

    return Model(), x()


@model
def nested_tensors() -> Made:
    class Model(Gru):
        def forward(self, sequences: list[Tensor]) -> Tensor:
            padded = torch.nested.to_padded_tensor(torch.nested.nested_tensor(sequences), 0.0)
            return self.head(self.rnn(padded)[0])

    return Model(), [torch.randn(length, C) for length in (3, 6, 2)]


@model
def checkpointed() -> Made:
    class Model(Lstm):
        def forward(self, x: Tensor) -> Tensor:
            output, _ = checkpoint.checkpoint(self.rnn, x, use_reentrant=False)
            return self.head(output)

    return Model(), x().requires_grad_()


@model
def mixed_precision() -> Made:
    class Model(Gru):
        def forward(self, x: Tensor) -> Tensor:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                output, _ = self.rnn(x.float())
                return self.head(output).float()

    return Model(), x()


@model
def double() -> Made:
    return bidirectional_classifier()[0].double(), x(5, T, C).double()


@model
def with_numpy() -> Made:
    class Model(Gru):
        def forward(self, x: Tensor) -> Tensor:
            output, _ = self.rnn(x)
            ends = torch.from_numpy(output.detach().numpy().copy()).abs().sum(-1).argmax(1)
            return self.head(output) * ends.view(-1, 1, 1)

    return Model(), x()


@model
def written_input() -> Made:
    class Model(Gru):
        def forward(self, x: Tensor) -> Tensor:
            x -= x.mean((1, 2), keepdim=True)
            return self.head(self.rnn(x)[0])

    return Model(), x()


@model
def settings() -> Made:
    class Model(Gru):
        def forward(self, x: Tensor) -> Tensor:
            torch.manual_seed(3)
            torch.set_num_threads(1)
            torch.set_float32_matmul_precision("medium")
            torch.backends.cudnn.benchmark = True
            self.head.weight.requires_grad_(False)
            self.train(False)
            return self.head(self.rnn(x)[0])

    return Model(), x()


# --- wrappers --------------------------------------------------------------------------------------------------------


@model
def data_parallel() -> Made:
    return nn.DataParallel(classifier()[0]), x()


@model
def split_by_hand() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = classifier()[0]

        def __getattr__(self, name: str) -> Any:
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.module, name)

        def forward(self, x: Tensor) -> Tensor:
            assert self.head is self.module.head
            return torch.cat([self.module(part) for part in x.chunk(2)])

    return Model(), x()


@model
def in_other_threads() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleList([classifier()[0], classifier()[0]])

        def forward(self, x: Tensor) -> Tensor:
            with ThreadPoolExecutor(1) as pool:
                return sum(pool.map(lambda part: part(x), self.parts))  # type: ignore[return-value]

    return Model(), x()


@model
def sequential() -> Made:
    class Pick(nn.Module):
        def forward(self, result: Any) -> Tensor:
            return result[0]

    return nn.Sequential(nn.Linear(C, C), nn.GRU(C, H, batch_first=True), Pick(), nn.Linear(H, 2)), x()


def _quietly(make: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make()


class Scriptable(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.rnn(x)[0]


@model
def scripted_part() -> Made:
    return nn.Sequential(_quietly(lambda: torch.jit.script(Scriptable())), nn.GRU(H, 2, batch_first=True)), x()


@model
def traced_part() -> Made:
    part = _quietly(lambda: torch.jit.trace(Scriptable(), torch.randn(N, T, C)))
    return nn.Sequential(part, nn.Linear(H, 2)), x()


@model
def normalised() -> Made:
    class Model(Lstm):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(H)

        def forward(self, x: Tensor) -> Tensor:
            output, _ = self.rnn(x)
            return self.head(self.norm(output.transpose(1, 2)).transpose(1, 2))

    return Model().eval(), x()


@model
def lazy() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(C, H, batch_first=True)
            self.head = _quietly(lambda: nn.LazyLinear(2))

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.rnn(x)[0])

    return Model(), x()


@model
def with_self_attention() -> Made:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(C, 4, batch_first=True)
            self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            output, _ = self.rnn(x)
            return self.attention(output, output, output)[0]

    return Model(), x(5, T, C)


class Tagged(Tensor):
    """A subclass as torch's documentation has it."""


@model
def subclass_of_tensor() -> Made:
    return classifier()[0], x().as_subclass(Tagged)


@model
def own_forward_of_an_lstm() -> Made:
    class Last(nn.LSTM):
        def forward(self, x: Tensor, hx: Any = None) -> Tensor:  # type: ignore[override]
            return super().forward(x, hx)[0]

    return nn.Sequential(Last(C, H, batch_first=True), nn.Tanh()), x()
