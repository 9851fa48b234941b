"""Members of torch.nn under names that are not known."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

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
