"""A name of the top level that holds one constant after another, as in a notebook that builds model after model."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

MODEL = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 16, batch_first=True, bidirectional=TWO)
        self.fc = nn.Linear(32 if TWO else 16, 2)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])
"""
FIXED = MODEL.replace("32 if TWO else 16", "WIDTH")


def _codes(*parts: str) -> list[str]:
    report = lint("from torch import nn\n" + "\n".join(parts))
    assert report.internal == ()
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize(("first", "then", "wrong"), [(False, True, []), (True, False, ["RNN102"])])
def test_a_later_value_is_not_that_of_an_earlier_call(first: bool, then: bool, wrong: list[str]) -> None:
    width = 32 if first else 16
    text = [f"TWO = {first}", FIXED.replace("WIDTH", str(width)), "net = Net()\nnet(data)", f"TWO = {then}"]
    # before, torch was said to raise on the Linear, whose width is that of the first value
    assert _codes(*text) == wrong


def test_one_value_that_is_said_again() -> None:
    assert _codes("TWO = True", MODEL, "net = Net()", "TWO = True") == ["RNN102"]


def test_one_value_right_below_another_is_a_choice() -> None:
    assert _codes("TWO = False\nTWO = True", MODEL, "net = Net()") == ["RNN102"]
    assert _codes("TWO = False\nimport os\nWIDTH = 3\nTWO = True", MODEL, "net = Net()") == ["RNN102"]


def test_what_the_top_level_reads_is_what_it_has_bound_last() -> None:
    body = "rnn = nn.LSTM(8, 16, bidirectional=TWO)\nout, _ = rnn(data)\nfc = nn.Linear(32, 2)\nfc(out[-1])"
    assert _codes("TWO = False\nprint(TWO)\nTWO = True", body) == ["RNN102"]
