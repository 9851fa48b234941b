"""Gates answer what torch's gradients answer, and are not there for anybody else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence
from torch.utils.checkpoint import checkpoint

from rnnlint.runtime.auditing import structure
from rnnlint.runtime.auditing.observe import observed
from rnnlint.runtime.auditing.record import Recurrence, tensors_of
from rnnlint.runtime.auditing.structure import Walk, asked, gated
from rnnlint.runtime.auditing.watch import Watch
from rnnlint.runtime.truth.influence import alive

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")

SAMPLES, STEPS, FEATURES, UNITS = 4, 5, 3, 4
LENGTHS = torch.tensor([3, 5, 1, 4])

SEQUENCES: dict[str, Callable[..., nn.RNNBase]] = {
    "RNN": nn.RNN,
    "relu": lambda *args, **kwargs: nn.RNN(*args, nonlinearity="relu", **kwargs),
    "GRU": nn.GRU,
    "LSTM": nn.LSTM,
    "projected": lambda *args, **kwargs: nn.LSTM(*args, proj_size=2, **kwargs),
}
OPTIONS = [
    {"num_layers": layers, "bidirectional": both, "batch_first": first}
    for layers, both, first in ((1, False, True), (1, True, False), (3, False, False), (3, True, True))
]
CELLS = {"RNNCell": nn.RNNCell, "GRUCell": nn.GRUCell, "LSTMCell": nn.LSTMCell}


def states_for(module: nn.RNNBase, *batch: int) -> Any:
    rows = module.num_layers * (2 if module.bidirectional else 1)
    hidden = torch.rand(rows, *batch, module.proj_size or UNITS, dtype=torch.float64, requires_grad=True)
    if not isinstance(module, nn.LSTM):
        return hidden
    return hidden, torch.rand(rows, *batch, UNITS, dtype=torch.float64, requires_grad=True)


def calls(module: nn.RNNBase) -> list[tuple[Any, ...]]:
    """Arguments: batched, unbatched and packed, each without and with a state."""
    x = torch.rand(SAMPLES, STEPS, FEATURES, dtype=torch.float64)
    turned = x if module.batch_first else x.transpose(0, 1)
    packed = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    arguments: list[tuple[Any, ...]] = []
    for given, batch in ((turned, (SAMPLES,)), (x[0], ()), (packed, (SAMPLES,))):
        arguments += [(given,), (given, states_for(module, *batch))]
    return arguments


def support(gradient: Tensor | None, source: Tensor, weight: bool) -> Any:
    """Where a gradient is not zero: of a weight, whether it is anywhere; of others, at which places."""
    table = torch.zeros_like(source) if gradient is None else gradient
    return bool(table.any()) if weight else (table != 0).any(-1).tolist()


def agree(module: Any, arguments: tuple[Any, ...], halves: int) -> None:
    """Read one direction's units at single places of each result, and compare."""
    record, arguments, _ = Recurrence.begun("", module, arguments, {}, None)
    record, result = gated(record, module(*arguments))
    assert record.by_structure
    weights = [weight for _, weight in module.named_parameters()]
    sources = [record.input, *record.initial, *weights]
    drawn = torch.Generator().manual_seed(0)
    for tensor in tensors_of(result):
        shape = tensor.shape[:-1]
        count = int(torch.tensor(shape).prod())
        for _ in range(2):
            chosen = torch.zeros(count, halves if tensor is next(tensors_of(result)) else 1)
            chosen[torch.randint(count, (), generator=drawn), torch.randint(chosen.shape[1], (), generator=drawn)] = 1
            units = chosen.repeat_interleave(tensor.shape[-1] // chosen.shape[1], 1).view(tensor.shape).double()
            factor = units * (0.5 + torch.rand(tensor.shape, generator=drawn, dtype=torch.float64))
            true = torch.autograd.grad(tensor, sources, factor, retain_graph=True, allow_unused=True)
            with asked(Walk()):
                told = torch.autograd.grad(tensor, sources, factor, retain_graph=True, allow_unused=True)
            for number, (source, one, other) in enumerate(zip(sources, true, told, strict=True)):
                weight = number >= len(sources) - len(weights)
                assert support(one, source, weight) == support(other, source, weight), (arguments, number)


@pytest.mark.parametrize("kind", SEQUENCES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_sequences(kind: str, options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    module = alive(SEQUENCES[kind](FEATURES, UNITS, **options).double())
    for arguments in calls(module):
        agree(module, arguments, 2 if module.bidirectional else 1)


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("batch", [(SAMPLES,), ()], ids=["batched", "unbatched"])
def test_cells(kind: str, batch: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    module = alive(CELLS[kind](FEATURES, UNITS).double())
    x = torch.rand(*batch, FEATURES, dtype=torch.float64)
    state = torch.rand(*batch, UNITS, dtype=torch.float64, requires_grad=True)
    agree(module, (x,), 1)
    agree(module, (x, (state, state.detach().requires_grad_()) if kind == "LSTMCell" else state), 1)


def call(module: Any, *arguments: Any) -> tuple[Recurrence, Any]:
    record, arguments, _ = Recurrence.begun("", module, arguments, {}, None)
    return gated(record, module(*arguments))


X = torch.randn(SAMPLES, STEPS, FEATURES, generator=torch.Generator().manual_seed(0))


class TestForOthers:
    """Whoever does not ask finds torch's own results, gradients and errors."""

    @pytest.mark.parametrize("first", [True, False])
    def test_results(self, first: bool) -> None:
        module = nn.LSTM(FEATURES, UNITS, batch_first=first, bidirectional=True)
        for mine, torchs in zip(tensors_of(call(module, X)[1]), tensors_of(module(X)), strict=True):
            assert torch.equal(mine, torchs)
            assert (mine.stride(), mine.requires_grad) == (torchs.stride(), torchs.requires_grad)

    def test_gradients_and_those_of_gradients(self) -> None:
        module = nn.GRU(FEATURES, UNITS, batch_first=True)
        x = X.clone().requires_grad_()
        found = []
        for output in (call(module, x)[1][0], module(x)[0]):
            (once,) = torch.autograd.grad(output.square().sum(), x, create_graph=True)
            found.append((once, *torch.autograd.grad(once.square().sum(), [x, *module.parameters()])))
        for mine, torchs in zip(*found, strict=True):
            torch.testing.assert_close(mine, torchs)

    def test_results_may_be_written_to(self) -> None:
        module = nn.GRU(FEATURES, UNITS, batch_first=True)
        output, state = call(module, X)[1]
        output[:, 2:] = 0
        state.mul_(2)
        (output.sum() + state.sum()).backward()
        assert module.weight_hh_l0.grad is not None

    def test_under_checkpoints(self) -> None:
        module = nn.GRU(FEATURES, UNITS, batch_first=True)

        def run(x: Tensor) -> Tensor:
            output: Tensor = (call(module, x)[1] if x.requires_grad else module(x))[0]
            return output

        x = X.clone().requires_grad_()
        kept: Tensor = checkpoint(run, x, use_reentrant=False)
        with asked(Walk()):
            torch.autograd.grad(kept.sum(), x, retain_graph=True)
        kept.sum().backward()  # type: ignore[no-untyped-call]
        assert x.grad is not None

    def test_functional_transforms_and_what_has_no_gradient(self) -> None:
        module = nn.GRUCell(FEATURES, UNITS)
        torch.func.grad(lambda x: call(module, x)[1].sum())(X[:, 0])
        with torch.no_grad():
            assert not call(module, X[:, 0])[0].by_structure
        with torch.inference_mode():
            assert not call(module, X[:, 0])[0].by_structure


def test_weights_that_are_computed_are_followed_to_what_they_are_computed_from() -> None:
    """A network that writes the weights of another one, and weights that are normalised."""
    module = nn.LSTM(FEATURES, UNITS)
    source = torch.randn(4 * UNITS, UNITS, requires_grad=True)
    del module.weight_hh_l0
    module.weight_hh_l0 = source * 2
    module._flat_weights[1] = module.weight_hh_l0
    with asked(Walk()):
        found = torch.autograd.grad(call(module, X)[1][0].sum(), source)
    assert bool(found[0].any())
    normed: Any = nn.utils.parametrizations.weight_norm(nn.LSTM(FEATURES, UNITS), "weight_hh_l0")
    with asked(Walk()):
        found = torch.autograd.grad(call(normed, X)[1][0].sum(), [*normed.parameters()])
    assert all(bool(one.any()) for one in found)


def test_chains_of_gates_neither_grow_nor_vanish() -> None:
    cell = nn.GRUCell(FEATURES, UNITS)
    x, state, records = X[:, 0].clone().requires_grad_(), None, []
    for _ in range(400):
        record, state = call(cell, x, *([] if state is None else [state * 1e-3]))
        records.append(record)
    assert isinstance(state, Tensor)
    with asked(Walk()):
        found = torch.autograd.grad(state.sum(), [record.input for record in records])
    assert all(0.4 < one.abs().max() * 1000 < 1001 for one in found)


def test_one_walk_scales_twice_alike() -> None:
    module = nn.GRU(FEATURES, UNITS, 2, batch_first=True, bidirectional=True)
    record, (output, _) = call(module, X)
    factor, powers = torch.randn(output.shape), torch.tensor([1.0, 2.0, 4.0, 8.0])[:, None, None]
    walk = Walk()
    with asked(walk):
        (once,) = torch.autograd.grad(output, record.input, factor, retain_graph=True)
        (again,) = torch.autograd.grad(output, record.input, factor * powers)
    assert torch.equal(once * powers, again)


def test_packed_results_stay_packed() -> None:
    module = nn.LSTM(FEATURES, UNITS)
    packed = pack_padded_sequence(X, LENGTHS, batch_first=True, enforce_sorted=False)
    _, (output, state) = call(module, packed)
    assert type(output) is PackedSequence
    assert output.unsorted_indices is packed.unsorted_indices
    assert type(state) is tuple


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("total", [None, STEPS + 2])
def test_padding(first: bool, total: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the gate stands the same gradient, in one step instead of one a step."""
    monkeypatch.setattr(structure, "LARGE", 0)
    found: list[Tensor] = []
    for gate in (True, False):
        x = X.clone().requires_grad_()
        packed = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
        with observed(Watch()) if gate else contextlib.nullcontext():
            padded, _ = pad_packed_sequence(packed, batch_first=first, total_length=total)
        names = {type(node).__name__ for node in graph(padded)}
        assert ("_PaddingBackward" in names) == gate
        factor = torch.randn(padded.shape, generator=torch.Generator().manual_seed(0))
        with asked(Walk()):
            found += torch.autograd.grad(padded, x, factor, retain_graph=True)
        assert torch.equal(found[-1], torch.autograd.grad(padded, x, factor, retain_graph=True)[0])
        padded[:, 1:] = 0
        padded.sum().backward()  # type: ignore[no-untyped-call]
    assert torch.equal(*found)


def graph(tensor: Tensor) -> set[Any]:
    found: set[Any] = set()
    waiting: list[Any] = [tensor.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in found:
            found.add(node)
            waiting += [below for below, _ in node.next_functions]
    return found
