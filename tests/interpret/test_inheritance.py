"""Methods that a class inherits from another class of the file are run with what the subclass builds."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

TEXT = """\
import torch
from torch import nn

class Base(nn.Module):
    kind = None
    def __init__(self, size, bidirectional=False):
        super().__init__()
        self.rnn = self.kind(size, 8, batch_first=True, bidirectional=bidirectional)
        self.fc = nn.Linear(16 if bidirectional else 8, 2)

    def pooled(self, output):
        return output.mean(1)

    def forward(self, x):
        output, _ = self.rnn(x)
        return self.fc(self.pooled(output))

class Model(Base):
"""
LAST = "    def pooled(self, output):\n        return output[:, -1]\n"
BOTH = "    def __init__(self, size, bidirectional=True):\n        super().__init__(size, bidirectional)\n"


@pytest.mark.parametrize(
    ("kind", "body", "codes"),
    [
        ("nn.GRU", LAST, []),
        ("nn.GRU", LAST + BOTH, ["RNN102"]),
        ("None", LAST + BOTH + "    kind = nn.LSTM\n", ["RNN102"]),
        ("nn.GRU", BOTH, []),
    ],
)
def test_a_subclass_with_its_own_modules_or_its_own_helper(kind: str, body: str, codes: list[str]) -> None:
    report = lint(TEXT.replace("kind = None", f"kind = {kind}") + body)
    assert [finding.code for finding in report.findings] == codes
    assert report.modules.understood == 1
