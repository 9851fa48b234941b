"""Influence by autograd against what the recurrences say: who reads whom, and which parameters a reading ignores."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnlint.runtime.truth.influence import alive, influence, without_gradient

# torch says once a process that oneDNN has no projections
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")

HIDDEN = 4
CELLS = ("RNN_TANH", "RNN_RELU", "GRU", "LSTM", "LSTM_PROJ")


def build(cell: str, **kwargs: Any) -> nn.RNNBase:
    """A module of three features in which no unit is off."""
    module: nn.RNNBase
    if cell.startswith("RNN"):
        module = nn.RNN(3, HIDDEN, nonlinearity=cell[4:].lower(), **kwargs)
    elif cell == "GRU":
        module = nn.GRU(3, HIDDEN, **kwargs)
    else:
        module = nn.LSTM(3, HIDDEN, proj_size=2 if cell == "LSTM_PROJ" else 0, **kwargs)
    return alive(module).double()


def given_input(*sizes: int) -> Tensor:
    return torch.rand(*sizes, 3, dtype=torch.float64).requires_grad_()


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_the_backward_half_at_the_last_step_has_read_one_step() -> None:
    x = given_input(5, 2)
    output, _ = nn.GRU(3, HIDDEN, bidirectional=True).double()(x)
    found = influence(output[-1], x, 0, 1)
    assert found.shape == (2, 2 * HIDDEN, 5, 2)
    for sample in range(2):
        assert found[sample, :HIDDEN, :, sample].all()
        assert found[sample, HIDDEN:, -1, sample].all()
        assert not found[sample, HIDDEN:, :-1].any()
        assert not found[sample, :, :, 1 - sample].any()


@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=settings().max_examples // 8)
@given(steps=st.integers(1, 6), samples=st.integers(1, 3), layers=st.integers(1, 3), bidirectional=st.booleans())
def test_states_depend_on_what_was_read_before_them(
    cell: str, steps: int, samples: int, layers: int, bidirectional: bool
) -> None:
    """Forward, the steps up to one's own; backward, those from it on; above a bidirectional layer, all."""
    x = given_input(steps, samples)
    output, _ = build(cell, num_layers=layers, bidirectional=bidirectional)(x)
    forward = torch.ones(steps, steps).tril().bool()
    if bidirectional and layers > 1:
        forward = torch.ones_like(forward)
    directions = torch.stack([forward, forward.T]) if bidirectional else forward.unsqueeze(0)
    own = torch.eye(samples).bool()
    expected = directions[:, :, None, None, :, None] & own[:, None, None, :]
    found = influence(output.unflatten(2, (len(directions), -1)), x, 0, 1).movedim(2, 0)
    assert found.equal(expected.expand_as(found))


def test_a_scrambled_view_depends_on_other_samples() -> None:
    x = given_input(3, 2)
    _, h_n = nn.GRU(3, HIDDEN, bidirectional=True).double()(x)
    scrambled, right = (influence(one, x, 0, 1) for one in (h_n.view(2, -1), h_n.transpose(0, 1).reshape(2, -1)))
    assert scrambled.any(2).any(1).all()
    assert right.any(2).any(1).equal(torch.eye(2).bool())


def test_padding_influences_nothing_in_a_packed_sequence() -> None:
    x, lengths = given_input(3, 5), torch.tensor([2, 5, 3])
    module = nn.LSTM(3, HIDDEN, bidirectional=True, batch_first=True).double()
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    _, (h_n, _) = module(packed)
    read = influence(h_n, x, 1, 0).any(2).any(0).diagonal(dim1=0, dim2=2).T
    assert read.equal(torch.arange(5) < lengths.unsqueeze(1))
    output, _ = pad_packed_sequence(module(packed)[0], batch_first=True)
    assert not influence(output[0, 2:], x, 1, 0).any()


def test_an_input_without_samples_is_one_sample() -> None:
    x = given_input(4)
    output, _ = nn.GRU(3, HIDDEN).double()(x)
    found = influence(output, x, -2, None)
    assert found.shape == (4, HIDDEN, 4, 1)
    assert found[..., 0].equal(torch.ones(4, 4).tril().bool().unsqueeze(1).expand(4, HIDDEN, 4))


def test_results_of_any_size_and_shape() -> None:
    x = given_input(6, 20)
    output, _ = nn.RNN(3, HIDDEN).double()(x)
    found = influence(output, x, 0, 1)
    assert output.numel() > 256
    expected = torch.ones(6, 6).tril().bool()[:, None, None, :, None] & torch.eye(20).bool()[:, None, None, :]
    assert found.equal(expected.expand_as(found))
    assert influence(output.sum(), x, 0, 1).all()
    assert influence(output[:0], x, 0, 1).shape == (0, 20, HIDDEN, 6, 20)


def test_what_autograd_cannot_follow_depends_on_nothing() -> None:
    x = given_input(4, 2)
    output, _ = nn.RNN(3, HIDDEN).double()(x)
    assert not influence(output.detach(), x, 0, 1).any()
    assert not influence(torch.ones(3, requires_grad=True) * 2, x, 0, 1).any()


class _Unbatchable(torch.autograd.Function):
    @staticmethod
    def forward(_: Any, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:
        return gradient * float(gradient.abs().sum().item() > 0)


def test_what_cannot_be_batched_is_asked_one_by_one() -> None:
    x = given_input(4, 2)
    output, _ = nn.RNN(3, HIDDEN).double()(x)
    same: Any = _Unbatchable.apply
    assert influence(same(output), x, 0, 1).equal(influence(output, x, 0, 1))


def test_units_that_are_off_hide_what_the_others_show() -> None:
    """An ordinary relu module passes less on than its recurrence does, an `alive` one all of it."""
    module = nn.RNN(3, HIDDEN, num_layers=2, nonlinearity="relu").double()
    before = {name: parameter.clone() for name, parameter in module.named_parameters()}
    x = given_input(4, 2)
    off, on = (influence(one(x)[0], x, 0, 1) for one in (module, alive(module)))
    assert not (off & ~on).any()
    assert off.sum() < on.sum()
    assert all(parameter.equal(before[name]) for name, parameter in module.named_parameters())


def fingerprint(read: str, **kwargs: Any) -> tuple[str, ...]:
    module = nn.GRU(3, HIDDEN, batch_first=True, bidirectional=True, **kwargs).double()
    output, h_n = module(torch.randn(2, 5, 3, dtype=torch.float64))
    result = {
        "output[:, -1]": output[:, -1],
        "output[:, 0]": output[:, 0],
        "h_n[-1]": h_n[-1],
        "h_n[-2]": h_n[-2],
        "h_n": h_n,
        "last layer": h_n[-2:],
    }[read]
    return without_gradient(result, module)


BACKWARD_ONES = ("weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse")


@pytest.mark.parametrize(
    ("read", "layers", "ignored"),
    [
        ("output[:, -1]", 1, ("weight_hh_l0_reverse",)),
        ("output[:, 0]", 1, ("weight_hh_l0",)),
        ("output[:, -1]", 2, ("weight_hh_l1_reverse",)),
        ("h_n[-2]", 1, BACKWARD_ONES),
        ("h_n[-1]", 2, ("weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1")),
        ("h_n", 2, ()),
        ("last layer", 2, ()),
    ],
)
def test_the_parameters_a_reading_ignores(read: str, layers: int, ignored: tuple[str, ...]) -> None:
    assert fingerprint(read, num_layers=layers) == ignored


def test_parameters_that_are_not_trained_are_not_named() -> None:
    module = nn.GRU(3, HIDDEN, bidirectional=True)
    module.weight_hh_l0_reverse.requires_grad_(False)
    output, _ = module(torch.randn(5, 2, 3))
    assert without_gradient(output[-1], module) == ()
    trained = tuple(name for name, one in module.named_parameters() if one.requires_grad)
    assert without_gradient(output.detach(), module) == trained


def test_the_generator_is_left_alone() -> None:
    module = nn.GRU(3, HIDDEN)
    output, _ = module(torch.randn(5, 2, 3))
    before = torch.get_rng_state()
    without_gradient(output, module)
    assert torch.get_rng_state().equal(before)
