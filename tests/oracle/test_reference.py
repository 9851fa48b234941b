"""The reference against torch's kernels: every kind of module, layout and dtype, within the stated tolerances."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnnlint.runtime.truth.reference import BACKWARD, FORWARD, results, states, unpacked
from rnnlint.runtime.truth.tolerances import exact_kernels, tolerance

# torch says once a process that oneDNN has no projections
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")

CELLS = ("RNN_TANH", "RNN_RELU", "GRU", "LSTM", "LSTM_PROJ")
FORMS = ("batched", "unbatched", "packed", "packed_unsorted")
DTYPES = (torch.float64, torch.float32, torch.bfloat16, torch.float16)


def build(cell: str, features: int, hidden: int, **kwargs: Any) -> nn.RNNBase:
    if cell.startswith("RNN"):
        return nn.RNN(features, hidden, nonlinearity=cell[4:].lower(), **kwargs)
    if cell == "GRU":
        return nn.GRU(features, hidden, **kwargs)
    return nn.LSTM(features, hidden, proj_size=hidden // 2 if cell == "LSTM_PROJ" else 0, **kwargs)


def inputs(module: nn.RNNBase, form: str, lengths: list[int]) -> tuple[Tensor | PackedSequence, Any]:
    """An input of the module in the given form, and initial states that fit."""
    like = next(module.parameters())
    steps, samples = max(lengths), len(lengths)
    x = torch.randn(steps, samples, module.input_size, dtype=like.dtype)
    rows = module.num_layers * (2 if module.bidirectional else 1)
    sizes = (module.proj_size or module.hidden_size, module.hidden_size)[: 2 if module.mode == "LSTM" else 1]
    hx = tuple(torch.randn(rows, samples, size, dtype=like.dtype) for size in sizes)
    if form == "unbatched":
        x, hx = x[:, 0], tuple(one[:, 0] for one in hx)
    if form == "packed":
        packed = pack_padded_sequence(x, torch.tensor(sorted(lengths, reverse=True)))
    elif form == "packed_unsorted":
        packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    else:
        packed = None
    if packed is None and form == "batched" and module.batch_first:
        x = x.transpose(0, 1)
    return (x if packed is None else packed), (hx if len(hx) > 1 else hx[0])


def tensors(result: Any) -> Iterator[Tensor]:
    """The tensors of a result, in order."""
    if isinstance(result, PackedSequence):
        yield from (one for one in result if one is not None)
    elif isinstance(result, Tensor):
        yield result
    else:
        for one in result:
            yield from tensors(one)


def error(found: Any, expected: Any) -> float:
    """The largest error relative to max(1, |expected|); the structures and shapes must be the same."""
    pairs = list(zip(tensors(found), tensors(expected), strict=True))
    assert [one.shape for one, _ in pairs] == [one.shape for _, one in pairs]
    return max(((one.double() - two).abs() / two.abs().clamp(min=1)).max().item() for one, two in pairs)


def allowed(module: nn.RNNBase, steps: int) -> float:
    return tolerance(next(module.parameters()).dtype, "cpu", steps=steps, layers=module.num_layers)


@pytest.fixture(params=DTYPES, ids=str)
def dtype(request: pytest.FixtureRequest) -> torch.dtype:
    found: torch.dtype = request.param
    try:
        torch.ones(1, 1, dtype=found) @ torch.ones(1, 1, dtype=found)
    except RuntimeError as reason:
        pytest.skip(f"this torch: {reason}")
    return found


@pytest.mark.parametrize("cell", CELLS)
def test_the_reference_is_what_torch_computes(cell: str, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    lengths = [2, 4, 1]
    both = (False, True)
    for layers, bidirectional, batch_first, bias, form in product((1, 3), both, both, both, FORMS):
        module = build(
            cell, 3, 4, num_layers=layers, bidirectional=bidirectional, batch_first=batch_first, bias=bias
        ).to(dtype)
        x, hx = inputs(module, form, lengths)
        for initial in (None, hx):
            with torch.no_grad():
                found = module(x, initial)
            expected = results(module, x, initial)
            assert type(expected[0]) is type(found[0])
            assert error(found, expected) <= allowed(module, 4), (module, form, initial is None)


@st.composite
def calls(draw: st.DrawFn) -> tuple[nn.RNNBase, Tensor | PackedSequence, Any, int]:
    torch.manual_seed(draw(st.integers(0, 2**31)))
    cell = draw(st.sampled_from(CELLS))
    flags = {name: draw(st.booleans()) for name in ("bidirectional", "batch_first", "bias")}
    hidden = draw(st.integers(2 if cell == "LSTM_PROJ" else 1, 40))
    module = build(cell, draw(st.integers(1, 40)), hidden, num_layers=draw(st.integers(1, 4)), **flags)
    module.to(draw(st.sampled_from(DTYPES[:2])))
    lengths = draw(st.lists(st.integers(1, 12), min_size=1, max_size=6))
    x, hx = inputs(module, draw(st.sampled_from(FORMS)), lengths)
    return module, x, draw(st.sampled_from([None, hx])), max(lengths)


@settings(max_examples=settings().max_examples * 6 // 10)
@given(calls())
def test_it_is_so_for_all_sizes(call: tuple[nn.RNNBase, Tensor | PackedSequence, Any, int]) -> None:
    module, x, hx, steps = call
    with torch.no_grad():
        assert error(module(x, hx), results(module, x, hx)) <= allowed(module, steps)


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("cell", ["RNN_TANH", "RNN_RELU", "GRU", "LSTM"])
def test_cells_take_one_such_step(cell: str, bias: bool, batched: bool, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    module: nn.RNNCellBase
    if cell.startswith("RNN"):
        module = nn.RNNCell(3, 4, bias=bias, nonlinearity=cell[4:].lower())
    else:
        module = (nn.GRUCell if cell == "GRU" else nn.LSTMCell)(3, 4, bias=bias)
    module.to(dtype)
    x, h, c = (torch.randn(*([2] * batched), size, dtype=dtype) for size in (3, 4, 4))
    for hx in (None, (h, c) if cell == "LSTM" else h):
        with torch.no_grad():
            found = module(x, hx)
        assert error(found, results(module, x, hx)) <= tolerance(dtype, "cpu", steps=1, layers=1)


@pytest.mark.parametrize("cell", CELLS)
def test_states_are_those_after_each_step(cell: str) -> None:
    """After a prefix, the forward states; after a suffix, the backward ones: of the cell too, which `output` lacks."""
    torch.manual_seed(0)
    module = build(cell, 3, 4, bidirectional=True).double()
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    found = states(module, x)
    kinds = [found.hidden] if found.cell is None else [found.hidden, found.cell]
    assert (found.cell is not None) == cell.startswith("LSTM")
    for step, direction in product(range(5), (FORWARD, BACKWARD)):
        read = x[: step + 1] if direction == FORWARD else x[step:]
        with torch.no_grad():
            finals = tuple(tensors(module(read)[1]))
        assert error([kind[0, direction, step] for kind in kinds], [one[direction] for one in finals]) <= 1e-14


def test_nothing_stands_beyond_a_samples_length() -> None:
    torch.manual_seed(0)
    module = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
    x, lengths = torch.randn(5, 3, 3), torch.tensor([2, 5, 3])
    found = states(module, x, lengths)
    assert found.cell is not None
    for kind, final in ((found.hidden, found.final_hidden), (found.cell, found.final_cell)):
        beyond = (torch.arange(5).unsqueeze(1) >= lengths).expand(2, 2, 5, 3)
        assert (kind.isnan().all(-1) == beyond).all()
        assert (kind.isnan().any(-1) == beyond).all()
        for layer, sample in product(range(2), range(3)):
            last = int(lengths[sample]) - 1
            assert final(layer, FORWARD)[sample].equal(kind[layer, FORWARD, last, sample])
            assert final(layer, BACKWARD)[sample].equal(kind[layer, BACKWARD, 0, sample])


def test_packed_sequences_are_taken_apart_in_the_original_order() -> None:
    x, lengths = torch.arange(12.0).view(4, 3), torch.tensor([2, 4, 1])
    padded, found = unpacked(pack_padded_sequence(x, lengths, enforce_sorted=False))
    assert found.equal(lengths)
    assert padded.isnan().equal(torch.arange(4).unsqueeze(1) >= lengths)
    assert padded.nan_to_num().equal(x.double() * ~padded.isnan())


def test_what_it_cannot_answer_is_refused() -> None:
    x = torch.randn(2, 1, 3)
    module = nn.GRU(3, 4, num_layers=2, dropout=0.5)
    with pytest.raises(ValueError, match="dropout"):
        states(module, x)
    with pytest.raises(ValueError, match="cell state"):
        states(module.eval(), x).final_cell(0, FORWARD)


Mistake = Callable[[str, Mapping[str, Tensor]], Tensor]


def with_mistake(module: nn.RNNBase, mistake: Mistake) -> nn.RNNBase:
    """A copy of the module, each of its parameters what `mistake` makes of the name and the right ones."""
    wrong, right = copy.deepcopy(module), dict(module.named_parameters())
    with torch.no_grad():
        for name, parameter in wrong.named_parameters():
            parameter.copy_(mistake(name, right))
    return wrong


def other_direction(name: str, right: Mapping[str, Tensor]) -> Tensor:
    return right[name.removesuffix("_reverse") if name.endswith("_reverse") else name + "_reverse"]


def other_gate_order(name: str, right: Mapping[str, Tensor]) -> Tensor:
    first, second, *others = torch.split(right[name], 4)
    return torch.cat([second, first, *others])


def other_bias(name: str, right: Mapping[str, Tensor]) -> Tensor:
    return right[name.replace("bias_hh", "bias_?").replace("bias_ih", "bias_hh").replace("bias_?", "bias_ih")]


@pytest.mark.parametrize(
    ("cell", "mistake"),
    [(cell, other_direction) for cell in CELLS[:4]]
    + [("GRU", other_gate_order), ("LSTM", other_gate_order), ("GRU", other_bias)],
)
def test_a_wrong_recurrence_is_noticed(cell: str, mistake: Mistake, dtype: torch.dtype) -> None:
    """Directions or gates in each other's place; the GRU's reset gate outside of the sum with b_hn."""
    torch.manual_seed(0)
    module = build(cell, 3, 4, bidirectional=True).to(dtype)
    x = torch.randn(4, 3, 3, dtype=dtype)
    with torch.no_grad():
        assert error(module(x), results(module, x)) <= allowed(module, 4)
        assert error(with_mistake(module, mistake)(x), results(module, x)) > allowed(module, 4)


def test_a_wrong_arrangement_is_noticed(dtype: torch.dtype) -> None:
    """The rows of ``h_n`` by direction instead of layer; a backward direction that starts in the padding."""
    torch.manual_seed(0)
    module = nn.GRU(3, 4, num_layers=2, bidirectional=True).to(dtype)
    x, lengths = torch.randn(4, 3, 3, dtype=dtype), torch.tensor([2, 4, 1])
    with torch.no_grad():
        _, h_n = module(x)
        _, short = module(pack_padded_sequence(x, lengths, enforce_sorted=False))
    _, expected = results(module, x)
    assert error(h_n, expected) <= allowed(module, 4)
    assert error(h_n[[0, 2, 1, 3]], expected) > allowed(module, 4)
    assert error(short, states(module, x, lengths).finals()) <= allowed(module, 4)
    assert error(short[BACKWARD], expected[BACKWARD]) > allowed(module, 4)


def test_products_in_tf32_are_noticed() -> None:
    """Ten bits of mantissa, as tensor cores would read them, are not within the tolerance of float32."""
    torch.manual_seed(0)
    module, x = nn.LSTM(3, 4), torch.randn(4, 3, 3)

    def cut(value: Tensor) -> Tensor:
        return (value.view(torch.int32) & ~0x1FFF).view(torch.float32)

    wrong = with_mistake(module, lambda name, right: cut(right[name]))
    with torch.no_grad():
        assert error(wrong(cut(x)), results(module, x)) > allowed(module, 4)


def test_tolerances_know_what_they_know() -> None:
    for device in ("cpu", "cuda", "mps"):
        by_width = [tolerance(one, device, steps=4, layers=2) for one in (torch.float32, torch.float16, torch.bfloat16)]
        assert by_width == sorted(by_width)
        assert tolerance(torch.float32, device, steps=8, layers=2) > by_width[0]
    for unknown, device in ((torch.float64, "mps"), (torch.int64, "cpu"), (torch.float32, "xla")):
        with pytest.raises(ValueError, match="no tolerance is known"):
            tolerance(unknown, device, steps=4, layers=2)


def switches() -> tuple[Any, ...]:
    """Whether float32 products are rounded in cuDNN's recurrent kernels and in cuBLAS, as the torch that runs tells."""
    backends: Any = torch.backends
    if hasattr(backends.cudnn, "rnn"):  # torch 2.9
        return backends.cudnn.rnn.fp32_precision, backends.cuda.matmul.fp32_precision
    return backends.cudnn.allow_tf32, backends.cuda.matmul.allow_tf32


def test_exact_kernels_puts_the_switches_back() -> None:
    before, older = switches(), torch.backends.cudnn.allow_tf32
    assert older, "on by default; if torch changed that, this test shows nothing"
    seen = []

    def interrupted() -> None:
        with exact_kernels():
            seen.append(switches())
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert seen[0] in (("ieee", "ieee"), (False, False))
    assert (switches(), torch.backends.cudnn.allow_tf32) == (before, older)
