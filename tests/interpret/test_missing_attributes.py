"""An attribute that only ``__init__`` stores, and on one path does not, is asked for in vain on that path."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

MODEL = """from torch import nn

class Model(nn.Module):
    def __init__(self, kind, width):
        super().__init__()
        if kind == "gru":
            self.rnn = nn.GRU(9, width, batch_first=True, bidirectional=True)
        elif kind == "lstm":
            self.rnn = nn.LSTM(9, width, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * width, 3)
{more}
    def forward(self, x):
        output = {encoded}
        return self.fc(output[:, -1])
"""


def _said(more: str = "", encoded: str = "self.rnn(x)[0]", below: str = "") -> list[tuple[str, str]]:
    report = lint(MODEL.format(more=more, encoded=encoded) + below)
    return [(one.code, one.message.partition("(when ")[2]) for one in report.findings]


def test_runs_without_it_do_not_count() -> None:
    assert _said() == [("RNN102", "")]


@pytest.mark.parametrize(
    ("more", "encoded", "below"),
    [
        ("    def use(self, rnn):\n        self.rnn = rnn\n", "self.rnn(x)[0]", ""),
        ("    def use(self, rnn):\n        self.other, self.rnn = None, rnn\n", "self.rnn(x)[0]", ""),
        ("    def use(self, name, rnn):\n        setattr(self, name, rnn)\n", "self.rnn(x)[0]", ""),
        ("", "self.rnn(x)[0]", "def use(model, rnn):\n    model.rnn = rnn\n"),
        ("", "getattr(self, 'rnn', make(x))(x)[0]", ""),
    ],
    ids=["method", "several", "setattr", "outside", "getattr"],
)
def test_what_may_come_from_elsewhere_may_be_there(more: str, encoded: str, below: str) -> None:
    assert lint(MODEL.format(more=more, encoded=encoded) + below).modules.understood == 2


def test_whoever_asks_first_goes_on() -> None:
    encoded = "self.rnn(x)[0] if hasattr(self, 'rnn') else x"
    assert [code for code, _ in _said(encoded=encoded)] == ["RNN102"]


VIEWED = (
    MODEL.format(more="", encoded="self.rnn(h.view(h.size(0), h.size(2), -1))[0]")
    .replace("        output =", "        h = self.conv(x)\n        output =")
    .replace("        self.fc", "        self.conv = nn.Conv1d(1, 9, 5)\n        self.fc")
)


def test_what_comes_before_it_is_judged_by_the_runs_that_have_it() -> None:
    assert "RNN203" in {one.code for one in lint(VIEWED).findings}
    # a class of another file may store it, and read what was viewed in another way
    other = "from base import Base\n" + VIEWED.replace("(nn.Module)", "(Base)")
    assert "RNN203" not in {one.code for one in lint(other).findings}
