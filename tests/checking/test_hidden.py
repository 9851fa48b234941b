"""``--fix`` where one fix brings to light, moves, or breaks something: what hid behind it, and what would not run."""

from __future__ import annotations

import pytest

from tests.checking.running import Check, Ran

HEAD = """\
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

x = torch.randn(4, 7, 3)
"""


def fixed(check: Check, *lines: str, every: bool = False) -> tuple[Ran, str]:
    """What ``--fix --unsafe-fixes`` says of a script, and the lines behind its head afterwards."""
    text = HEAD + "".join(f"{line}\n" for line in lines)
    path = check.write("m.py", text)
    options = ("--isolated", "--unsafe-fixes", *(["--select=ALL"] if every else []), "m.py")
    ran = check("--fix", *options)
    after = path.read_text()
    assert check("--diff", *options).out == ""
    return ran, after.removeprefix(HEAD)


GRU = "gru = nn.GRU(3, 5, batch_first=True, bidirectional=True)"


def test_what_a_mistake_has_hidden_is_mended_with_it(check: Check) -> None:
    lines = ("gru = nn.GRU(3, 5, bidirectional=True)", "output, h_n = gru(x)")
    ran, after = fixed(check, *lines, "y = nn.Linear(10, 2)(output[[0]].squeeze(0))")
    assert ran.status == 0
    assert after.splitlines()[-1] == "y = nn.Linear(10, 2)(torch.cat((h_n[-2], h_n[-1]), -1))"


def test_packed_one_way_and_padded_the_other(check: Check) -> None:
    """Only where it is packed along the samples is it seen how it is padded."""
    lines = (
        "first, second = nn.GRU(3, 5, batch_first=True), nn.GRU(5, 5)",
        "states, _ = first(x)",
        "packed = pack_padded_sequence(states, [4] * 7)",
        "y = nn.Linear(5, 2)(pad_packed_sequence(second(packed)[0])[0])",
    )
    ran, after = fixed(check, *lines)
    assert ran.status == 0
    assert after.count("batch_first=True)") == 3


def test_the_same_of_another_expression_is_not_new(check: Check) -> None:
    """That a batch is not packed is said of the output, where that is read, and of the call, where it is not."""
    lines = (
        "class Reader(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        "        self.gru, self.fc = nn.GRU(3, 5, batch_first=True, bidirectional=True), nn.Linear(10, 2)",
        "    def forward(self, x, lengths):",
        "        output, h_n = self.gru(x)",
        "        return self.fc(output[:, -1])",
    )
    ran, after = fixed(check, *lines, every=True)
    assert "torch.cat((h_n[-2], h_n[-1]), -1)" in after
    assert "RNN402" in ran.out


@pytest.mark.parametrize(
    "reading",
    [
        "torch.stack([h_n[0], h_n[1]], 1).flatten(1)",  # one of them would be twice as wide
        "torch.cat([h_n[0], h_n[1]], -1).view(4, 2, 5).flatten(1)",
    ],
)
def test_what_would_not_run_is_not_made(check: Check, reading: str) -> None:
    lines = ("gru = nn.GRU(3, 5, 3, batch_first=True, bidirectional=True)", "_, h_n = gru(x)", f"y = {reading}")
    before = f"{lines[2]}\nz = nn.Linear(10, 2)(y)"
    ran, after = fixed(check, *lines[:2], *before.splitlines())
    assert after.endswith(f"{before}\n")
    assert "is not fixed" in ran.err


def test_what_runs_backwards_is_read_at_its_other_end(check: Check) -> None:
    lines = ("gru = nn.GRU(3, 5, batch_first=True)", "output, _ = gru(x)", "y = nn.Linear(5, 2)(output.flip(1)[:, -1])")
    ran, after = fixed(check, *lines)
    assert ran.status == 0
    assert after.splitlines()[-1] == lines[-1].replace("-1]", "0]")


def test_a_tuple_keeps_nothing(check: Check) -> None:
    lines = ("lstm = nn.LSTM(3, 5)", "output, state = lstm(x)", "state[0].detach()")
    ran, after = fixed(check, *lines)
    assert "RNN508" in ran.out
    assert after.splitlines()[-1] == lines[-1]
