"""How long an axis is that windows have run along, held against torch."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnlint.reveal import revealed
from rnnlint.torch_api.tensors.window_geometry import Geometry

SMALL = st.integers(1, 4)


@given(length=st.integers(1, 12), kernel=SMALL, stride=SMALL, padding=st.integers(0, 3), dilation=SMALL)
def test_a_convolution_has_as_many_windows_as_torch_makes(
    length: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    module = nn.Conv1d(1, 1, kernel, stride, padding, dilation)
    assert Geometry(kernel, stride, padding, dilation)(length) == _length(module, length)


@given(
    length=st.integers(1, 12), kernel=SMALL, stride=SMALL, padding=st.integers(0, 2), dilation=SMALL, up=st.booleans()
)
def test_a_pooling_has_as_many_windows_as_torch_makes(
    length: int, kernel: int, stride: int, padding: int, dilation: int, up: bool
) -> None:
    padding = min(padding, kernel // 2)  # more is refused
    module = nn.MaxPool1d(kernel, stride, padding, dilation, ceil_mode=up)
    assert Geometry(kernel, stride, padding, dilation, up)(length) == _length(module, length)


def _length(module: nn.Module, length: int) -> int:
    """How long torch makes the last axis, 0 where it refuses."""
    try:
        return int(module(torch.zeros(1, 1, length)).shape[-1])
    except RuntimeError:
        return 0


def test_windows_of_open_sizes_are_not_counted() -> None:
    text = (
        "from rnnlint import reveal_axes\n"
        "from torch import nn\n"
        "def model(x, kernel, stride):\n"
        "    conv = nn.Conv1d(3, 4, kernel, stride=stride, padding=kernel // 2)\n"
        "    return nn.GRU(4, 8)(reveal_axes(conv(x.view(-1, 3, 40))))\n"
    )
    assert [one.text for one in revealed(text)] == ["windows (rest, 4, windows)"]
