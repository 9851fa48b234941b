"""Tensors whose number of axes no line of the file tells, and what is known of them all the same."""

from __future__ import annotations

import pytest
import torch

from rnnlint.linter import lint

MODEL = """\
import numpy as np
import torch
from torch import nn

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Linear(6, 2 * 8)
        self.one = nn.Linear(6, 8)
        self.gru = nn.GRU(3, 8, num_layers=2)

    def forward(self, x, code):
        state = {state}
        return self.gru(x, state)[0]
"""


@pytest.mark.parametrize(
    "state",
    [
        "self.start(code).view(2, x.size(1), 8)",
        "self.start(code).view(2, -1, 8)",
        "nn.Tanh()(self.start(code)).reshape(2, -1, 8)",
        "self.start(code.to(x.device)).view((2, code.size(0), 8))",
        "(self.start(code) + 1).view(2, -1, 8)",
    ],
)
def test_the_features_of_a_layer_are_one_axis(state: str) -> None:
    """Whatever stands before them is laid out row by row, so a view cannot bring the layers to the front."""
    assert [finding.code for finding in lint(MODEL.format(state=state)).findings] == ["RNN502"]


@pytest.mark.parametrize("rows", [(4,), (1, 4), (2, 2)])
def test_so_it_is_in_torch(rows: tuple[int, ...]) -> None:
    sample = torch.arange(4).reshape(*rows, 1).expand(*rows, 16)
    state = sample.reshape(2, 4, 8)
    assert not all((state[:, n] == n).all() for n in range(4))
    right = sample.reshape(4, 2, 8).transpose(0, 1)
    assert all((right[:, n] == n).all() for n in range(4))


@pytest.mark.parametrize(
    "state",
    [
        "self.one(code).view(2, -1, 8)",  # a code for each layer
        "self.start(code).view(-1, 2, 8).transpose(0, 1).contiguous()",
        "self.start(code).T.reshape(2, 8, -1).transpose(1, 2).contiguous()",
        "self.start(code).mT.reshape(2, 8, -1).transpose(1, 2).contiguous()",
        "self.start(code).split(8, -1)[0].reshape(2, -1, 8)",
        "self.start(code).sum(-1).view(2, -1, 8)",
        "self.start(code).unsqueeze(0).view(2, -1, 8).new_zeros(2, x.size(1), 8)",
    ],
)
def test_other_views_are_not_judged(state: str) -> None:
    assert lint(MODEL.format(state=state)).findings == ()


ROLLOUT = """\
import numpy as np
import torch
from torch import nn

critic = nn.LSTM(3, 20, batch_first=True)

def value(seen, state):
    zeros = torch.zeros(1, 1, 20)
    {seen}
    return critic(torch.Tensor([seen]){more}, (zeros, zeros))[0]
"""


@pytest.mark.parametrize(
    ("seen", "more", "said"),
    [
        ("seen = np.delete(seen, 1)", "", ["torch.Tensor([seen])"]),
        ("seen = np.delete(seen, 1)", ".unsqueeze(0)", []),
        ("seen = np.delete(seen, 1, 0)", "", []),
        ("pass", "", []),
        ("seen = [1.0, 2.0, 3.0]", "", ["torch.Tensor([seen])"]),
        ("seen = [[1.0, 2.0, 3.0]]", "", []),
    ],
)
def test_an_array_without_some_of_its_entries_is_flat(seen: str, more: str, said: list[str]) -> None:
    findings = lint(ROLLOUT.format(seen=seen, more=more)).findings
    assert [finding.message.partition(":")[0] for finding in findings if finding.code == "RNN502"] == said


@pytest.mark.parametrize("bias", ["self.bias + out", "out + self.bias", "out * self.bias"])
def test_a_bias_has_the_shape_of_what_it_is_added_to(bias: str) -> None:
    """One axis of a bias is no axis of the state that a cell is handed then."""
    text = (
        "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"
        "class Conv(nn.Module):\n    def __init__(self, size):\n        super().__init__()\n"
        "        self.bias = nn.Parameter(torch.empty(size))\n\n"
        f"    def forward(self, x):\n        out = propagate(x)\n        return {bias}\n\n\n"
        "class Model(nn.Module):\n    def __init__(self, size):\n        super().__init__()\n"
        "        self.conv = Conv(size)\n        self.cell = nn.GRUCell(size, size)\n\n"
        "    def forward(self, x):\n        x = self.cell(F.elu_(self.conv(x)), x)\n"
        "        for _ in range(3):\n            x = self.cell(other(x), x)\n        return x\n"
    )
    assert lint(text).findings == ()
