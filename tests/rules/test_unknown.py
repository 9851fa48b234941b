"""Where the file does not say which step, layer or sample is read, the rules say nothing about it.

No fixtures, since an audit of them runs the program, and then it is known.
"""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

BEGIN = """\
import torch
from torch import nn
from data import count, lengths, which
x = torch.randn(4, 7, 3)
fc = nn.Linear(5, 2)
gru = nn.GRU(3, 5, 2, batch_first=True)
output, h_n = gru(x)
both, ends = nn.GRU(3, 5, batch_first=True, bidirectional=True)(x)
"""
LOOP = "for number in range(count):\n    "


@pytest.mark.parametrize(
    "line",
    [
        "torch.cat(x, 1)",
        "fc(h_n[which])",
        "fc(h_n[which - 1])",
        "fc(output[:, which])",
        "fc(both[:, which, :5])",
        "fc(both[:, which, 5:])",
        "fc(ends[which])",
        "fc(output[which])",
        "assert torch.equal(output[:, which], h_n[-1])",
        "assert torch.equal(output[:, -1], h_n[which])",
        "assert torch.equal(both[:, which, 5:], ends[1])",
        "fc(output[torch.arange(4), lengths - 1])",
        "fc(output[torch.arange(4), which])",
        "nn.Linear(10, 2)(both[torch.arange(4), which])",
    ],
)
def test_nothing_is_said(line: str) -> None:
    report = lint(BEGIN + line + "\nfc(output[:, -1]), nn.Linear(10, 2)(torch.cat((ends[0], ends[1]), 1))\n")
    assert [(finding.line, finding.code, finding.message) for finding in report.findings] == []
    assert report.not_analysed is None


@pytest.mark.parametrize("line", ["fc(ends[which])", "fc(both[:, which, :5]), fc(ends[which])"])
def test_a_direction_that_is_not_known_is_neither(line: str) -> None:
    assert lint(f"{BEGIN}{line}\n").findings == ()


@pytest.mark.parametrize(
    "line",
    [
        "fc(h_n[number])",
        "fc(ends[number])",
        "assert torch.equal(output[:, -1], h_n[number])",
        "assert torch.equal(h_n[number], output[:, -1])",
        "nn.Linear(15, 2)(torch.cat((both[:, -1], ends[number]), 1))",
        "nn.Linear(10, 2)(torch.cat((both[:, -1, 5:], ends[number]), 1))",
    ],
)
def test_one_in_turn_may_be_any(line: str) -> None:
    assert lint(f"{BEGIN}{LOOP}{line}\n").findings == ()


OPEN = """\
import torch
from torch import nn
class Model(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.gru = nn.GRU(8, 16, batch_first=True)
        self.fc = nn.Linear(16, {outputs})
    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(h_n[-1]).squeeze()
"""


def test_as_many_numbers_as_are_asked_for_are_perhaps_one() -> None:
    assert lint(OPEN.format(outputs="outputs")).findings == ()
    assert lint(OPEN.format(outputs="1")).findings == ()
    assert [finding.code for finding in lint(OPEN.format(outputs="3")).findings] == ["RNN207"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("assert torch.equal(output[:, 3], h_n[-1])", "RNN101"),
        ("assert torch.equal(output[:, -1], h_n[0])", "RNN101"),
        ("fc(both[:, -1, 5:])", "RNN103"),
    ],
)
def test_where_it_is_known_it_is_said(line: str, code: str) -> None:
    report = lint(BEGIN + line + "\n")
    assert code in {finding.code for finding in report.findings}


@pytest.mark.parametrize("moved", ["", '.to("cuda")', ".cuda()", ".float().to(device)"])
def test_what_another_file_makes_may_be_a_module_with_a_detach_of_its_own(moved: str) -> None:
    """Modules are moved as tensors are (pytorch_geometric's TGNMemory)."""
    made = f"import torch\nfrom graphs import Memory\nmemory = Memory(3){moved}\nrnn = torch.nn.GRU(3, 4)\n"
    assert lint(f"{made}memory.detach()\n").findings == ()
    # what only a tensor has been asked for is one
    assert [one.code for one in lint(f"{made}memory = memory.sum(1)\nmemory.detach()\n").findings] == ["RNN508"]
