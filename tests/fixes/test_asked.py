"""What torch is asked where a fix has written no reading: names, packed batches, modules, states that are handed on."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from oracle.fixes.building import built
from oracle.fixes.guessing import guessed
from oracle.fixes.mending import Span
from oracle.fixes.probing import Thing, every, probed
from oracle.fixes.proof import Fate, Proving
from oracle.fixes.subjects import Subject
from oracle.fixes.wanted import LOOKED_FOR, WANTED

HEAD = """import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

x = torch.randn(4, 7, 3)
lengths = torch.tensor([3, 7, 5, 2])
samples = [torch.randn(steps, 3) for steps in (4, 2, 3, 1)]
"""


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


def asked(code: str, *lines: str) -> str:
    """What is wrong with a program in which the fix of a rule has written what stands between ``«`` and ``»``.

    "?" if no run tells.
    """
    text = HEAD + "\n".join(lines) + "\n"
    spans: list[Span] = []
    while "«" in text:
        before, _, rest = text.partition("«")
        inside, _, behind = rest.partition("»")
        spans.append((_place(before), _place(before + inside)))
        text = before + inside + behind
    held = probed(text, spans, None, LOOKED_FOR.get(code, Thing.STATES))
    return every(held, WANTED[code]) if any(held) else "?"


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before.rpartition("\n")[2])


class TestNames:
    GRU = "gru = nn.GRU(3, 5, 2, batch_first=True)"
    LSTM = "lstm = nn.LSTM(3, 5, 2, batch_first=True, bidirectional=True, proj_size=4)"

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            ((GRU, "«output, h» = gru(x)"), ""),
            (
                (GRU, "output, h_n = gru(x)", "«output, h» = output, h_n[0]"),
                "what is no more than a part of the hidden",
            ),
            ((GRU, "_, h_n = gru(x)", "«h, c» = h_n"), "what is no more than a part of the output"),
            ((LSTM, "«output, (h, c)» = lstm(x)"), ""),
            (
                (LSTM, "output, (h, c) = lstm(x)", "«output, (h, c)» = output, (c, h)"),
                "what is no more than a part of the",
            ),
            ((LSTM, "«output, state» = lstm(x)"), ""),
            (("cell = nn.GRUCell(3, 5)", "«h» = cell(x[0])"), ""),
            (("cell = nn.GRUCell(3, 5)", "«h, c» = cell(x[0, :2])"), "2 names for 1 parts"),
            (("cell = nn.LSTMCell(3, 5)", "«h, c» = cell(x[0])"), ""),
            (("«a, b» = x[:2]",), "?"),
        ],
    )
    def test_names(self, lines: tuple[str, ...], said: str) -> None:
        found = asked("RNN301", *lines)
        assert found.startswith(said)
        assert bool(found) == bool(said)


class TestPacked:
    PACKED = (
        "gru = nn.GRU(3, 5)",
        "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
        "output, _ = gru(packed)",
    )
    OTHER = "samples and steps stand in another layout than they were packed in"

    def test_padded_as_packed(self) -> None:
        assert asked("RNN403", *self.PACKED, "pad_packed_sequence(output«, batch_first=True»)") == ""
        assert asked("RNN403", *self.PACKED, "pad_packed_sequence(«output»)") == self.OTHER

    def test_padding_tells_the_layout(self) -> None:
        lines = ("batch = pad_sequence(samples, batch_first=True)", "sizes = [4, 2, 3, 1]")
        pack = "pack_padded_sequence(batch, sizes, enforce_sorted=False{})"
        assert asked("RNN403", *lines, pack.format("«, batch_first=True»")) == ""
        assert asked("RNN403", *lines, pack.format("«»")) == "it is padded along the other axis"

    def test_nothing_tells_the_layout(self) -> None:
        assert asked("RNN403", "pack_padded_sequence(x[:, :4], [4, 4, 4, 4]«, batch_first=True»)") == "?"

    def test_states_tell_the_layout(self) -> None:
        lines = ("gru = nn.GRU(3, 5, batch_first=True)", "states, _ = gru(x[:, :4])", "sizes = [4, 3, 2, 1]")
        assert asked("RNN403", *lines, "pack_padded_sequence(states, sizes«, batch_first=True»)") == ""
        assert asked("RNN403", *lines, "pack_padded_sequence(«states», sizes)") == "a sequence is of several samples"


@pytest.mark.parametrize(
    ("module", "name", "right", "wrong"),
    [
        (nn.GRU(3, 5, 2, dropout=0.5), "dropout", 0.5, 0.0),
        (nn.GRU(3, 5, 2), "dropout", 0.0, 0.5),
        (nn.LSTM(3, 5, 2, bidirectional=True), "bidirectional", True, False),
        (nn.LSTM(3, 5, 2, bidirectional=True), "num_layers", 2, 4),
        (nn.LSTM(3, 5, batch_first=True), "batch_first", True, False),
        (nn.GRU(3, 5), "batch_first", False, True),
        (nn.GRU(3, 5, bias=False), "bias", False, True),
        (nn.RNN(3, 5, nonlinearity="relu"), "nonlinearity", "relu", "tanh"),
        (nn.RNN(3, 5), "nonlinearity", "tanh", "relu"),
        (nn.LSTM(3, 5, proj_size=2), "proj_size", 2, 0),
        (nn.GRU(3, 5), "hidden_size", 5, 3),
        (nn.GRU(3, 5), "input_size", 3, 5),
    ],
)
def test_a_module_acts_as_it_is_built(module: nn.Module, name: str, right: object, wrong: object) -> None:
    assert built(module, name, right) == ""
    assert str(built(module, name, wrong)).startswith(f"it acts as if {name} were ")


def test_a_module_is_asked_for_its_argument() -> None:
    assert asked("RNN504", "rate = 0.5", "nn.LSTM(3, 5, 2, «dropout=»rate)") == ""
    assert asked("RNN504", "rate = 0.5", "nn.Linear(3, 5, «bias=»rate)") == "?"


class TestCarried:
    CELL = ("cell = nn.LSTMCell(3, 5)", "h = c = torch.zeros(4, 5)")

    def test_cells(self) -> None:
        loop = "for t in range(3): "
        assert asked("RNN506", *self.CELL, loop + "h, c = cell(x[:, t], «(h, c)»)") == ""
        swapped = "a hidden state in the place of a cell state, or the other way round"
        assert asked("RNN506", *self.CELL, loop + "h, c = cell(x[:, t], «(c, h)»)") == swapped
        half = "a part of a state that the call before has not returned"
        assert asked("RNN506", *self.CELL, "d = c", loop + "h, c = cell(x[:, t], «(h, d)»)") == half
        samples = "states of other samples"
        assert asked("RNN506", *self.CELL, loop + "h, c = cell(x[:, t], «(h.flip(0), c)»)") == samples

    def test_layers(self) -> None:
        lines = ("gru = nn.GRU(3, 5, batch_first=True)", "h = None")
        assert asked("RNN506", *lines, "for t in range(3): _, h = gru(x[:, t : t + 1]«, h»)") == ""
        flipped = "for t in range(3): _, h = gru(x[:, t : t + 1]«, h if h is None else h.flip(1)»)"
        assert asked("RNN506", *lines, flipped) == "states of other samples"


class TestLayers:
    GRU = ("gru = nn.GRU(3, 5, 3, batch_first=True, bidirectional=True)", "_, h = gru(x)")

    @pytest.mark.parametrize(
        ("reading", "said"),
        [
            ("torch.cat((h[«2 * 1»], h[«2 * 1 + 1»]), -1)", ""),
            ("torch.cat((h[«2 * 1 + 1»], h[«2 * 1»]), -1)", "directions or units in another order"),
            ("torch.cat((h[«1»], h[«1 + 3»]), -1)", "states of several layers in one row"),
            ("h[«0::2»]", ""),
            ("h[«0:3»]", ""),
            ("h[[«4, 0»]]", "the layers in another order"),
            ("h.flip(«1»)", "a row depends on several samples, or on another row's"),
        ],
    )
    def test_rows(self, reading: str, said: str) -> None:
        assert asked("RNN106", *self.GRU, reading) == said


class TestFed:
    CONV = ("features = nn.Conv1d(3, 6, 2)(x.transpose(1, 2)).permute(0, 2, 1)",)
    START = ("gru = nn.GRU(3, 5, 2, batch_first=True)", "code = nn.Linear(6, 2 * 5)(torch.randn(4, 6))")
    SEVERAL, ORDER = "a sample's numbers are read as those of several", "samples in another order"

    @pytest.mark.parametrize(
        ("call", "said"),
        [
            ("nn.GRU(6, 5)(«features.transpose(0, 1)»)", ""),
            ("nn.GRU(6, 5«, batch_first=True»)(features)", ""),
            ("nn.GRU(6, 5)(«features»)", SEVERAL),
            ("nn.GRU(6, 5, «batch_first=False»)(features)", SEVERAL),
            ("nn.GRU(6, 5)(«features.flip(0).transpose(0, 1)»)", ORDER),
            ("nn.GRU(6, 5)(«features.reshape(6, 4, 6)»)", SEVERAL),
            ("nn.GRU(6, 5)(«features.detach().transpose(0, 1)»)", "?"),
        ],
    )
    def test_a_convolution(self, call: str, said: str) -> None:
        assert asked("RNN204", *self.CONV, call) == said

    def test_what_is_padded_and_states(self) -> None:
        assert asked("RNN204", "nn.GRU(3, 5)(«pad_sequence(samples)»)") == ""
        assert asked("RNN204", "nn.GRU(3, 5)(«pad_sequence(samples, batch_first=True)»)") == self.SEVERAL
        first = "output, _ = nn.GRU(3, 5, batch_first=True)(x)"
        assert asked("RNN204", first, "nn.GRU(5, 5)(«output.transpose(0, 1)»)") == ""
        assert asked("RNN204", first, "nn.GRU(5, 5)(«output»)") == self.SEVERAL

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            ("«code.view(4, 2, 5).transpose(0, 1).contiguous()»", ""),
            ("«code.view(2, 4, 5)»", SEVERAL),
            ("«code.flip(0).view(4, 2, 5).transpose(0, 1).contiguous()»", ORDER),
            ("«code[:1].view(1, 2, 5).expand(4, 2, 5).transpose(0, 1).contiguous()»", ORDER),
            ("«torch.zeros(2, 4, 5)»", "?"),
        ],
    )
    def test_an_initial_state(self, state: str, said: str) -> None:
        assert asked("RNN502", *self.START, f"h_0 = {state}", "gru(x, hx=h_0)") == said

    def test_another_call_is_not_asked(self) -> None:
        assert asked("RNN502", *self.START, "h_0 = «torch.zeros(2, 4, 5)»", "gru(x, code.view(2, 4, 5))") == "?"


def test_a_difference_in_one_number() -> None:
    lines = ("output, h = nn.GRU(3, 5)(x)",)
    assert asked("RNN101", *lines, "torch.dist(output[-1], h[«-1»])") == ""
    assert asked("RNN101", *lines, "torch.dist(output[«0»], h[-1])") == "what is compared is not the same"


def test_what_is_only_defined_is_called() -> None:
    text = (
        "import torch\nfrom torch import nn\n\n\nclass Model(nn.Module):\n    def __init__(self, units):\n"
        "        super().__init__()\n        self.gru = nn.GRU(3, units, batch_first=True, bidirectional=True)\n"
        "        self.fc = nn.Linear(2 * units, 2)\n\n    def forward(self, x):\n"
        "        output, h_n = self.gru(x)\n        return self.fc(output[:, -1])\n"
    )
    drive = guessed(text)
    assert drive is not None
    ((tried,), undriven) = (Proving(Subject("m", text, one)).proof(also_together=False).tried for one in (drive, None))
    assert tried.fate is Fate.PROVEN
    assert [one.fate for one in undriven] == [Fate.NOT_RUN]
    assert guessed(text + "\n\nModel(4)(torch.randn(4, 7, 3))\n") is None
    assert guessed("import nothing_of_the_kind\n") is None
