"""Pairs of states that go through a loop keep their order, whatever the linter can tell of it."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

TEXT = """\
from torch import nn

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 8)

    def forward(self, x, steps):
        _, pair = self.lstm(x)
        shifted = []
        for state in pair if steps else (pair[0] * 1, pair[1] * 1):
            shifted.append(state.contiguous())
        {names} = {pair}
        return self.lstm(x, (h, c))
"""


@pytest.mark.parametrize(
    ("names", "pair", "codes"),
    [("h, c", "tuple(shifted)", []), ("c, h", "pair", ["RNN306"]), ("h, c", "pair", [])],
)
def test_a_loop_over_the_pair_does_not_swap_it(names: str, pair: str, codes: list[str]) -> None:
    report = lint(TEXT.format(names=names, pair=pair))
    assert [finding.code for finding in report.findings] == codes
