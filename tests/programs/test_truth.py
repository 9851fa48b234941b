"""The truth side, on programs whose truth is known by hand; torch's own modules confirm the claims of the table."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from oracle.programs.draw import Program
from oracle.programs.facts import Fact
from oracle.programs.truth import influenced, influences
from oracle.programs.verdict import Expected, facts_of, truth_of

SAMPLES, STEPS, INPUTS, HIDDEN = 5, 7, 4, 6


def program(options: str, body: str, cell: str = "GRU", batch_first: bool = True) -> str:
    """A script that reads ``out``, ``h`` (and ``c``) and leaves ``z``, the vector for the Linear."""
    state = "(h, c)" if cell == "LSTM" else "h"
    sizes = (SAMPLES, STEPS, INPUTS) if batch_first else (STEPS, SAMPLES, INPUTS)
    return "\n".join(
        [
            "import torch",
            "from torch import nn",
            f"H = {HIDDEN}",
            f"rnn = nn.{cell}({INPUTS}, H, batch_first={batch_first}{options})",
            f"x = torch.rand{sizes}",
            f"N, T = {SAMPLES}, {STEPS}",
            f"out, {state} = rnn(x)",
            body,
            "logits = nn.Linear(z.shape[-1], 3)(z)",
        ]
    )


BOTH = ", bidirectional=True"
DEEP = ", num_layers=2"
CASES: list[tuple[str, str, set[Fact]]] = [
    ("", "z = out[:, -1]", set()),
    ("", "z = h[-1]", set()),
    (DEEP, "z = h[-1]", set()),
    (DEEP, "z = h[0]", {Fact.ONLY_LOWER_LAYER}),
    ("", "z = out[:, 0]", {Fact.FIRST_STEP}),
    ("", "z = out[:, 3]", {Fact.MIDDLE_STEP}),
    ("", "z = out[-1]", {Fact.LOSES_SAMPLES}),
    ("", "z = out[0]", {Fact.FIRST_SAMPLE}),
    (DEEP, "z = h[:, -1]", {Fact.LOSES_SAMPLES}),
    ("", "z = out.mean(0)", {Fact.MIXES_SAMPLES}),
    ("", "z = out.mean(1)", set()),
    ("", "z = out.max(1)[0]", set()),
    ("", "z = out.reshape(T, N, H)[-1]", {Fact.LOSES_SAMPLES}),
    ("", "z = out.reshape(-1, H)", set()),
    ("", "z = out", set()),
    (DEEP, "z = h.reshape(N, -1)", {Fact.MIXES_SAMPLES}),
    ("", "z = h.reshape(N, -1)", set()),
    (DEEP, "z = h.transpose(0, 1).reshape(N, -1)", set()),
    (DEEP, "z = h.mean(0)", set()),
    (BOTH, "z = out[:, -1]", {Fact.HALF_READ_ONE}),
    (BOTH, "z = torch.relu(nn.Linear(2 * H, 8)(out))[:, -1]", {Fact.HALF_READ_ONE}),
    (BOTH, "z = out[:, 0, :H]", {Fact.HALF_READ_ONE}),
    (BOTH, "z = out[:, -1, :H]", {Fact.SINGLE_DIRECTION}),
    (BOTH, "z = h[-1]", {Fact.SINGLE_DIRECTION}),
    (BOTH, "z = h[0] + h[1]", set()),
    (BOTH, "z = torch.cat((h[-2], h[-1]), 1)", set()),
    (BOTH, "z = torch.cat((h[-2], h[-1]))", {Fact.JOINED_ALONG_SAMPLES}),
    (BOTH, "z = torch.cat((out[:, -1, :H], out[:, 0, H:]), 1)", set()),
    (BOTH, "z = torch.cat((out[:, 0, :H], out[:, -1, H:]), 1)", {Fact.HALF_READ_ONE}),
    (BOTH, "z = torch.cat((out[:, 0], out[:, -1]), 1)", set()),
    (BOTH, "z = torch.cat((out[:, -1, :3], out[:, 0, H:]), 1)", {Fact.HALF_CUT}),
    (BOTH, "z = h.reshape(N, -1)", {Fact.MIXES_SAMPLES}),
    (BOTH + DEEP, "z = torch.cat((h[0], h[1]), 1)", {Fact.ONLY_LOWER_LAYER}),
    (BOTH + DEEP, "z = torch.cat((h[0], h[-1]), 1)", {Fact.PART_OF_LAYERS}),
    (BOTH + DEEP, "z = h.view(2, 2, N, H)[-1].transpose(0, 1).reshape(N, -1)", set()),
    (BOTH + DEEP, "z = h.view(2, 2, N, H)[-1].reshape(N, -1)", {Fact.MIXES_SAMPLES}),
]


@pytest.mark.parametrize("cell", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize(("options", "body", "expected"), CASES)
def test_facts_of_known_readings(cell: str, options: str, body: str, expected: set[Fact]) -> None:
    assert facts_of(program(options, body, cell), "logits") == expected


TIME_MAJOR: list[tuple[str, str, set[Fact]]] = [
    ("", "z = out[-1]", set()),
    ("", "z = out[:, -1]", {Fact.LOSES_SAMPLES}),
    (BOTH, "z = out[-1]", {Fact.HALF_READ_ONE}),
    ("", "z = out.reshape(N, T, H)[:, -1]", {Fact.MIXES_SAMPLES}),
    ("", "z = out.transpose(0, 1)[:, -1]", set()),
    ("", "z = out", set()),
    (BOTH, "z = torch.cat((out[-1, :, :H], out[0, :, H:]), 1)", set()),
]


@pytest.mark.parametrize(("options", "body", "expected"), TIME_MAJOR)
def test_facts_of_known_readings_time_major(options: str, body: str, expected: set[Fact]) -> None:
    assert facts_of(program(options, body, batch_first=False), "logits") == expected


def test_cell_state_is_told_from_the_hidden_state() -> None:
    assert facts_of(program("", "z = c[-1]", "LSTM"), "logits") == {Fact.CELL_ALONE}
    assert facts_of(program(BOTH, "z = torch.cat((h, c), 1)", "LSTM"), "logits") == {Fact.CELL_JOINED}


@pytest.mark.parametrize("cell", [nn.RNN, nn.GRU, nn.LSTM])
def test_real_modules_confirm_the_claims(cell: type[nn.RNN | nn.GRU | nn.LSTM]) -> None:
    """c5, c6, c7 and c10 of the table, on torch's own numbers: the normal form the leaves are read in."""
    rnn = cell(INPUTS, HIDDEN, num_layers=3, batch_first=True, bidirectional=True)
    out, state = rnn(torch.rand(SAMPLES, STEPS, INPUTS))
    hidden: Tensor = state[0] if isinstance(state, tuple) else state
    v = hidden.view(3, 2, SAMPLES, HIDDEN)
    assert torch.equal(out[:, -1, :HIDDEN], v[-1, 0])
    assert torch.equal(out[:, 0, HIDDEN:], v[-1, 1])
    assert not torch.equal(out[:, 0, :HIDDEN], v[-1, 0])
    assert not torch.equal(out[:, -1, :HIDDEN], v[-1, 1])


@pytest.mark.parametrize("cell", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("batch_first", [True, False])
def test_leaves_stand_where_torch_puts_the_states(cell: type[nn.RNN | nn.GRU | nn.LSTM], batch_first: bool) -> None:
    """Where two elements of real results are equal, so are those read from the leaves, and the other way round."""

    def equal_places(results: tuple[Tensor, Tensor | tuple[Tensor, ...]]) -> Tensor:
        output, state = results
        states = state if isinstance(state, tuple) else (state,)
        flat = torch.cat([output.flatten(), *(one.flatten() for one in states)]).detach()
        return flat[:, None] == flat[None, :]

    def made() -> tuple[nn.RNNBase, Tensor]:
        torch.manual_seed(1)
        module = cell(3, 2, num_layers=2, bidirectional=True, batch_first=batch_first)
        return module, torch.rand(4, 3, 3, dtype=torch.get_default_dtype())

    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        module, x = made()
        real = equal_places(module(x))
    finally:
        torch.set_default_dtype(default)
    with influenced():
        inside = getattr(nn, cell.__name__)(3, 2, num_layers=2, bidirectional=True, batch_first=batch_first)
        leaves = equal_places(inside(x))
    assert torch.equal(real, leaves)


def test_everything_is_put_back() -> None:
    before = (nn.LSTM, nn.LSTM.forward, nn.Linear.reset_parameters, nn.functional.dropout, Tensor.max, torch.max)
    with influenced():
        assert before[0] is not nn.LSTM
    after = (nn.LSTM, nn.LSTM.forward, nn.Linear.reset_parameters, nn.functional.dropout, Tensor.max, torch.max)
    assert before == after
    assert torch.get_default_dtype() is torch.float32


def test_influence_names_the_states() -> None:
    found = influences(program(BOTH, "z = out[:, -1]"), "logits")
    assert len(found) == 1
    held = found[0].mask.nonzero()
    positions, kind, layer, direction, step, sample, unit = held.T
    assert torch.equal(positions, sample)
    assert set(kind.tolist()) == {0}
    assert set(layer.tolist()) == {0}
    assert set(step.tolist()) == {STEPS - 1}
    assert set(direction.tolist()) == {0, 1}
    assert set(unit.tolist()) == set(range(HIDDEN))


def test_packed_input_ends_at_each_samples_own_step() -> None:
    text = "\n".join(
        [
            "import torch",
            "from torch import nn",
            "rnn = nn.GRU(4, 6, batch_first=True)",
            "x = torch.rand(3, 7, 4)",
            "packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor([7, 5, 2]), batch_first=True)",
            "_, h = rnn(packed)",
            "logits = nn.Linear(6, 3)(h[-1])",
        ]
    )
    held = influences(text, "logits")[0].mask.nonzero()
    assert {(int(sample), int(step)) for step, sample in held[:, 4:6]} == {(0, 6), (1, 4), (2, 1)}


GUARDED = """
import torch
from torch import nn
class Model(nn.Module):
    def __init__(self, both=False):
        super().__init__()
        self.both = both
        self.rnn = nn.GRU(4, 6, batch_first=True, bidirectional=both)
        self.fc = nn.Linear(12 if both else 6, 3)
    def forward(self, x):
        out, h = self.rnn(x)
        if self.both:
            return self.fc(out[:, -1])
        return self.fc(out[:, -1])
"""


def test_arms_of_a_guard_are_run_too() -> None:
    declared = "Model()(torch.rand(5, 7, 4))"
    arm = "Model(both=True)(torch.rand(5, 7, 4))"
    assert truth_of(Program(GUARDED, declared)).expected is Expected.SILENCE
    truth = truth_of(Program(GUARDED, declared, arms=(arm,)))
    assert truth.expected is Expected.REPORT
    assert truth.facts == {Fact.HALF_READ_ONE}
    assert truth_of(Program(GUARDED, declared, doubtful=(arm,))).expected is Expected.FREE


def test_programs_that_raise_are_dropped() -> None:
    truth = truth_of(Program(program("", "z = out.view(2, 3)"), "logits"))
    assert truth.expected is Expected.DROPPED
    assert truth.reason.startswith("RuntimeError")
    assert truth_of(Program("import torch\nlogits = torch.rand(5, 3)", "logits")).expected is Expected.DROPPED


def test_half_taken_by_name_may_be_meant() -> None:
    text = program(BOTH, "z = out[:, -1, :H]")
    assert truth_of(Program(text, "logits")).expected is Expected.REPORT
    assert truth_of(Program(text, "logits", half=True)).expected is Expected.SILENCE
