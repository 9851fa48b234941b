"""Labelled modules: shaped, checked and ordered as torch's own; and what the algebra says about packed calls."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnnlint.axes import results
from rnnlint.axes.operations import combine, select
from rnnlint.axes.operations.indexing import Picks
from rnnlint.axes.reading import meaning
from rnnlint.axes.states import Call, Kind, Raises, Result, Role, Somewhere, States, Unknown
from rnnlint.runtime.truth import labels
from rnnlint.runtime.truth.realized import realized

# torch says once a process which kernel it takes
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")

# the modules as torch has them, before anything is patched
REAL = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}
REAL_CELLS = {"RNNCell": nn.RNNCell, "GRUCell": nn.GRUCell, "LSTMCell": nn.LSTMCell}


def known(result: Result) -> States:
    assert not isinstance(result, Raises | Unknown), result
    return result


def step_of(held: Tensor) -> Tensor:
    """The steps of a tensor of labels."""
    step = labels.decode(held).step
    assert isinstance(step, Tensor)
    return step


def shapes(result: Any) -> Any:
    """The tuple structure of a call's result, with shapes in place of tensors."""
    if isinstance(result, PackedSequence):
        return [result.data.shape, result.batch_sizes.tolist(), result.sorted_indices, result.unsorted_indices]
    if isinstance(result, tuple):
        return tuple(shapes(one) for one in result)
    return result.shape


@settings(max_examples=settings().max_examples * 6 // 10)
@given(
    st.sampled_from(sorted(REAL)),
    st.fixed_dictionaries(
        {
            "num_layers": st.integers(1, 3),
            "bidirectional": st.booleans(),
            "batch_first": st.booleans(),
            "bias": st.booleans(),
        }
    ),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
)
def test_results_are_shaped_as_torchs(
    cell: str, options: dict[str, Any], projected: int, batched: bool, with_state: bool
) -> None:
    if cell == "LSTM":
        options = {**options, "proj_size": projected}
    real, labelled = REAL[cell](2, 4, **options), getattr(labels, cell)(2, 4, **options)
    given = torch.zeros((3, 5, 2) if batched else (5, 2))
    arguments: tuple[Any, ...] = (given,)
    with torch.no_grad():
        expected = real(given)
        if with_state:
            arguments = (given, expected[1])
        assert shapes(labelled(*arguments)) == shapes(expected)


def test_packed_results_keep_torchs_order() -> None:
    given = torch.zeros(4, 6, 2)
    packed = pack_padded_sequence(given, torch.tensor([2, 6, 1, 4]), batch_first=True, enforce_sorted=False)
    real, labelled = nn.GRU(2, 3, bidirectional=True), labels.GRU(2, 3, bidirectional=True)
    (theirs, their_state), (ours, our_state) = real(packed), labelled(packed)
    assert ours.data.shape == theirs.data.shape
    for name in ("batch_sizes", "sorted_indices", "unsorted_indices"):
        assert torch.equal(getattr(ours, name), getattr(theirs, name))
    assert our_state.shape == their_state.shape
    padded, lengths = pad_packed_sequence(ours)
    steps, samples = step_of(padded), labels.decode(padded).sample
    assert isinstance(samples, Tensor)
    assert lengths.tolist() == [2, 6, 1, 4]
    for sample, length in enumerate(lengths.tolist()):
        assert (samples[:length, sample] == sample).all()
        assert steps[:length, sample, 0].tolist() == list(range(length))
        assert (padded[length:, sample] == 0).all()
    assert step_of(our_state)[0, :, 0].tolist() == [1, 5, 0, 3]
    assert (step_of(our_state)[1] == 0).all()


@pytest.mark.parametrize("cell", sorted(REAL_CELLS))
@pytest.mark.parametrize("batched", [True, False])
def test_cells_are_shaped_as_torchs(cell: str, batched: bool) -> None:
    given = torch.zeros((3, 2) if batched else (2,))
    with torch.no_grad():
        assert shapes(getattr(labels, cell)(2, 4)(given)) == shapes(REAL_CELLS[cell](2, 4)(given))


@pytest.mark.parametrize(
    ("cell", "arguments", "options", "given"),
    [
        ("GRU", (2, 3), {"proj_size": 1}, (4, 1, 2)),
        ("LSTM", (2, 3), {"proj_size": 3}, (4, 1, 2)),
        ("GRU", (2, 3, 0), {}, (4, 1, 2)),
        ("GRU", (2, 3), {"hidden_state": 1}, (4, 1, 2)),
        ("RNN", (2, 3), {"nonlinearity": "gelu"}, (4, 1, 2)),
        ("GRU", (2, 3), {}, (4, 1, 3)),
        ("GRU", (2, 3), {}, (2,)),
        ("LSTM", (2, 3), {}, (1, 4, 1, 2)),
    ],
)
def test_what_torch_refuses_is_refused(
    cell: str, arguments: tuple[int, ...], options: dict[str, Any], given: tuple[int, ...]
) -> None:
    errors = []
    for module in (REAL[cell], getattr(labels, cell)):
        # before 2.2 some of these are IndexError or AssertionError
        with pytest.raises((ValueError, TypeError, RuntimeError, IndexError, AssertionError)) as caught:
            module(*arguments, **options)(torch.zeros(given))
        errors.append(caught.type)
    assert errors[0] is errors[1]


@given(st.tuples(*(st.integers(0, (1 << bits) - 1) for bits in (1, 6, 1, 14, 14, 16))))
def test_labels_decode_to_what_was_encoded(coordinates: tuple[int, int, int, int, int, int]) -> None:
    label = labels.encode(*coordinates)
    assert labels.decode(label) == coordinates
    assert 0 < label < 1 << 53
    assert int(torch.tensor(label).double().long()) == label


def test_programs_get_labelled_modules() -> None:
    scope: dict[str, Any] = {}
    text = (
        "import torch\nfrom torch import nn\nfrom torch.nn.modules.rnn import LSTM\n"
        "out, h = nn.GRU(2, 3)(torch.zeros(4, 1, 2))\n_, (_, c) = LSTM(2, 3)(torch.zeros(4, 1, 2))\n"
    )
    with labels.labelled(torch.float64):
        exec(text, scope)
    assert scope["out"].dtype == torch.float64
    assert labels.decode(int(scope["out"][2, 0, 1])) == (labels.HIDDEN, 0, 0, 2, 0, 1)
    assert labels.decode(int(scope["c"][0, 0, 1])) == (labels.CELL, 0, 0, 3, 0, 1)
    assert nn.GRU is REAL["GRU"]
    assert nn.modules.rnn.LSTM is REAL["LSTM"]


LENGTHS = [2, 6, 1, 4]


def packed(directions: int, layers: int = 2) -> tuple[Call, Tensor, Tensor, Tensor]:
    """A packed call: for the algebra, and its padded output (T, N, D*H), h_n and lengths as torch has them."""
    module = labels.GRU(2, 3, layers, bidirectional=directions == 2)
    given = pack_padded_sequence(torch.zeros(6, 4, 2), torch.tensor(LENGTHS), enforce_sorted=False)
    output, state = module(given)
    padded, lengths = pad_packed_sequence(output)
    return Call("packed", layers, directions, 4, 6, 3, 3, packed=True), padded, state, lengths


@pytest.mark.parametrize("directions", [1, 2])
def test_packed_states_are_those_after_each_samples_last_step(directions: int) -> None:
    call, _, state, _ = packed(directions)
    said = results.state_of(call, Kind.HIDDEN)
    assert realized(said, LENGTHS)[:, 0].tolist() == state.flatten().tolist()
    last = known(select.select(said, 0, -1))
    assert realized(last, LENGTHS)[:, 0].tolist() == state[-1].flatten().tolist()


@pytest.mark.parametrize("directions", [1, 2])
def test_each_samples_last_step_by_index_and_by_gather(directions: int) -> None:
    call, output, state, lengths = packed(directions)
    said = results.output_of(call, batch_first=False)
    width = output.size(-1)
    picked = known(select.index(said, [Picks(shape=(4,), where=Somewhere.LAST_VALID), Picks(shape=(4,), counting=0)]))
    truth = output[lengths - 1, torch.arange(4)]
    assert realized(picked, LENGTHS)[:, 0].tolist() == truth.flatten().tolist()
    gathered = known(select.gather(said, 0, (1, 4, width), Somewhere.LAST_VALID))
    index = (lengths - 1).view(1, 4, 1).expand(1, 4, width)
    assert realized(gathered, LENGTHS)[:, 0].tolist() == output.gather(0, index).flatten().tolist()
    along = known(select.take_along_dim(said, 0, (1, 4, 1), Somewhere.LAST_VALID))
    assert along == gathered
    forward = known(select.narrow(picked, 1, 0, 3))
    final = known(select.select(results.state_of(call, Kind.HIDDEN), 0, -directions))
    assert meaning.same(forward, final)
    assert torch.equal(truth[:, :3], state[-directions])
    whole = known(select.select(results.state_of(call, Kind.HIDDEN), 0, -1))
    assert meaning.same(picked, whole) == (directions == 1)


@pytest.mark.parametrize("cell", sorted(REAL))
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("steps", [1, 4])
def test_same_readings_are_those_with_the_same_labels(cell: str, directions: int, steps: int) -> None:
    """Every pair of readings of one call: equal in the algebra iff their labels are equal in torch."""
    module = getattr(labels, cell)(2, 3, 2, bidirectional=directions == 2)
    output, state = module(torch.zeros(steps, 5, 2))
    hidden = state[0] if cell == "LSTM" else state
    call = Call("call", 2, directions, 5, steps, 3, 3)
    out, h_n = results.output_of(call, False), results.state_of(call, Kind.HIDDEN)
    pairs: list[tuple[States, Tensor]] = []
    for place in (0, -1):
        one = known(select.select(out, 0, place))
        pairs.append((one, output[place]))
        for start in range(0, 3 * directions, 3):
            pairs.append((known(select.narrow(one, 1, start, start + 3)), output[place][:, start : start + 3]))
    for place in range(2 * directions):
        pairs.append((known(select.select(h_n, 0, place)), hidden[place]))
    halves = [(known(select.select(h_n, 0, place)), hidden[place]) for place in (-2, -1)]
    for order in (halves, halves[::-1]):
        pairs.append((known(combine.cat([half for half, _ in order], 1)), torch.cat([half for _, half in order], 1)))
    if directions == 2:
        ends = [known(select.select(out, 0, place)) for place in (-1, 0)]
        parts = [known(select.narrow(end, 1, start, start + 3)) for end, start in zip(ends, (0, 3), strict=True)]
        pairs.append((known(combine.cat(parts, 1)), torch.cat([output[-1][:, :3], output[0][:, 3:]], 1)))
    agreed = 0
    for left, left_labels in pairs:
        for right, right_labels in pairs:
            truth = left_labels.shape == right_labels.shape and torch.equal(left_labels, right_labels)
            assert meaning.same(left, right) == truth
            agreed += truth
    assert agreed > len(pairs)


def test_directions_that_are_chosen_by_hand_are_the_final_state() -> None:
    call = Call("call", 2, 2, 5, 4, 3, 3)
    out, h_n = results.output_of(call, False), results.state_of(call, Kind.HIDDEN)
    forward = known(select.narrow(known(select.select(out, 0, -1)), 1, None, 3))
    backward = known(select.narrow(known(select.select(out, 0, 0)), 1, 3, None))
    assert known(combine.stack([forward, backward])) == known(select.narrow(h_n, 0, 2, None))
    assert meaning.spread(h_n)[Role.DIRECTION] == 2
    assert meaning.coordinates(out)[Role.LAYER] == 1
