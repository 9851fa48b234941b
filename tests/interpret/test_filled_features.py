"""Whether the steps or the features of a step are filled up is told by what holds what, and torch agrees.

Each program is run: the batch that its model is given has samples that end in steps of nothing but zeros exactly where
the linter says so.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from rnnlint.linter import lint

HEAD = """
import json
from collections import deque

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(9, 4, batch_first=True)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        output, (h, _) = self.lstm(x)
        return self.fc(h[-1]) + self.fc(output.mean(1))

def clips(count, widths):
    return json.loads(json.dumps([[[1.0] * width for width in widths] for _ in range(count)]))

model = Net()
"""
FEATURES = {
    "one frame": """
frames = []
for hands in clips(1, (2, 3, 9, 1, 4))[0]:
    hands += [0.0] * (9 - len(hands))
    frames.append(hands)
model(torch.tensor([frames]))
""",
    "the last frames": """
frames = deque(maxlen=5)
for hands in ([1.0, 2.0], [1.0], [3.0], [4.0] * 9, [1.0], [5.0]):
    points = [float(value) for value in hands]
    points += [0.0] * (9 - len(points))
    frames.append(points)
    if len(frames) == 5:
        model(torch.tensor([frames]))
""",
    "a batch": """
def filled(points, width=9):
    return points + [0.0] * (width - len(points))

batch = [[filled(points) for points in frames] for frames in clips(12, (2, 3, 9))]
model(torch.tensor(batch))
""",
    "stacked": """
def filled(points, width=9):
    return torch.tensor(points + [0.0] * (width - len(points)))

model(torch.stack([torch.stack([filled(points) for points in frames]) for frames in clips(12, (2, 3, 9))]))
""",
    "F.pad": """
rows = [F.pad(torch.tensor(frames), (0, 9 - len(frames[0]))) for frames in clips(12, (4, 4, 4))]
model(torch.stack(rows))
""",
    "np.pad": """
rows = [np.pad(np.array(frames, dtype=np.float32), ((0, 0), (0, 9 - len(frames[0])))) for frames in clips(12, (4, 4))]
model(torch.tensor(np.stack(rows)))
""",
}
STEPS = {
    "one list": """
rows = []
for frames in clips(12, (9, 9, 9)):
    frames += [[0.0] * 9] * (5 - len(frames))
    rows.append(frames)
model(torch.tensor(rows))
""",
    "a batch": """
def filled(frames, steps=5):
    return frames + [[0.0] * 9] * (steps - len(frames))

model(torch.tensor([filled(frames) for frames in clips(12, (9, 9, 9))]))
""",
    "both": """
def filled(points, width):
    return points + [0.0] * (width - len(points))

rows = []
for frames in clips(12, (2, 3, 9)):
    frames = [filled(points, 9) for points in frames]
    frames += [[0.0] * 9] * (5 - len(frames))
    rows.append(frames)
model(torch.tensor(rows))
""",
    "F.pad": """
rows = [F.pad(torch.tensor(frames), (0, 0, 0, 5 - len(frames))) for frames in clips(12, (9, 9))]
model(torch.stack(rows))
""",
    "np.pad": """
rows = [np.pad(np.array(frames, dtype=np.float32), ((0, 5 - len(frames)), (0, 0))) for frames in clips(12, (9, 9))]
model(torch.tensor(np.stack(rows)))
""",
    "turned": """
batch = torch.tensor([[points + [0.0] * (7 - len(points)) for points in rows] for rows in clips(12, (3,) * 9)])
model(batch.transpose(1, 2))
""",
}


def said(program: str) -> list[str]:
    return sorted(one.code for one in lint(program).findings if one.code in ("RNN402", "RNN405"))


def ends_in_nothing(program: str) -> bool:
    """Whether a sample that some LSTM is given ends in a step of zeros, and does not begin with one."""
    seen: list[torch.Tensor] = []

    def keep(module: nn.Module, args: tuple[Any, ...]) -> None:
        if isinstance(module, nn.LSTM):
            seen.append(args[0])

    handle = torch.nn.modules.module.register_module_forward_pre_hook(keep)
    try:
        exec(compile(program, "program", "exec"), {"__name__": "program"})
    finally:
        handle.remove()
    assert seen
    return any(bool(((x[:, -1] == 0).all(-1) & (x[:, 0] != 0).any(-1)).any()) for x in seen)


@pytest.mark.parametrize("program", [pytest.param(text, id=name) for name, text in FEATURES.items()])
def test_nothing_is_said_of_features(program: str) -> None:
    assert said(HEAD + program) == []
    assert not ends_in_nothing(HEAD + program)


@pytest.mark.parametrize("program", [pytest.param(text, id=name) for name, text in STEPS.items()])
def test_steps_are_found(program: str) -> None:
    assert said(HEAD + program) == ["RNN402", "RNN405"]
    assert ends_in_nothing(HEAD + program)
