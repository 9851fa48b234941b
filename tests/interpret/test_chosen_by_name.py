"""Members of torch.nn under names that are not known."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint
from rnnlint.settings import Settings

TEXT = """\
from torch import nn

class Model(nn.Module):
    def __init__(self, kind, config):
        super().__init__()
        self.rnn = nn.LSTM(4, 8)
        self.build = getattr(nn, kind)
        self.net = nn.Sequential(nn.Linear(8, 8), {built}, nn.Linear(8, 2))

    def forward(self, x):
        output, (h_n, c_n) = self.rnn(x)
        return self.net(h_n[-1])
"""


@pytest.mark.parametrize(
    "built",
    [
        "self.build()",
        "self.build(0.1)",
        "self.build(8, eps=1e-3)",
        "getattr(nn, config.norm)(4, 8, affine=False)",
        "getattr(nn, kind)(inplace=True)",
    ],
)
def test_a_layer_that_a_name_chooses_is_no_rnn_unless_it_is_built_like_one(built: str) -> None:
    assert lint(TEXT.format(built=built)).findings == ()


@pytest.mark.parametrize("built", ["self.build(8, 8)", "getattr(nn, config.cell)(8, 8, 1, batch_first=True)"])
def test_what_is_built_like_an_rnn_is_one(built: str) -> None:
    assert [finding.code for finding in lint(TEXT.format(built=built)).findings] == ["RNN303"]


EVERY = Settings(all_configurations=True)
RESPELLED = """\
from torch import nn

class Model(nn.Module):
    def __init__(self, kind="{default}"):
        super().__init__()
        self.kind = kind
        self.core = {built}(4, 8)

    def forward(self, x):
        _, h = self.core(x)
        {taken_apart}
        return h[-1]
"""
TABLE = '{"LSTM_": nn.LSTM, "GRU_": nn.GRU}'


@pytest.mark.parametrize("default", ["gru", "lstm", "LSTM"])
@pytest.mark.parametrize(
    "built", ["getattr(nn, kind.upper())", f'{TABLE}[kind.upper() + "_"]', f'{TABLE}.get(f"{{kind.upper()}}_")']
)
def test_the_text_that_was_chosen_is_that_of_the_parameter_however_it_is_respelled(default: str, built: str) -> None:
    right = RESPELLED.format(default=default, built=built, taken_apart='h = h[0] if self.kind.lower() == "lstm" else h')
    assert lint(right, settings=EVERY).findings == ()
    wrong = RESPELLED.format(default=default, built=built, taken_apart="pass")
    assert [one.code for one in lint(wrong, settings=EVERY).findings] == ["RNN302"]
