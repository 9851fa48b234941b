"""Which shapes of an initial state are said not to fit, and how; torch raises on each of them, and on no other here."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from rnnlint.linter import lint

KNOWN = "torch.randn(5, 3, 8)"
OPEN = "x"  # of which nothing is known: with samples, or of one sequence

SAMPLES_FIRST = "the samples stand first, and batch_first does not move states; make it (2, N, 16)"
OTHER_SHAPE = "the shape is ({}), which torch raises on; make it (2, N, 16)"


@pytest.mark.parametrize(
    ("given", "layers", "state", "said"),
    [
        (KNOWN, 2, "3, 2, 16", SAMPLES_FIRST),
        (KNOWN, 3, "3, 2, 16", "the shape is (3, 2, 16), which torch raises on; make it (3, N, 16)"),
        (KNOWN, 2, "2, 4, 16", OTHER_SHAPE.format("2, 4, 16")),
        (KNOWN, 2, "2, 3, 16", ""),
        (OPEN, 1, "2, 16", "too many along the first axis, which takes 1: layers x directions; make it (1, 16)"),
        (OPEN, 1, "1, 16", ""),
        (OPEN, 1, "1, 4, 16", ""),
    ],
)
def test_a_shape_fits_or_is_said_not_to(given: str, layers: int, state: str, said: str) -> None:
    text = f"""\
import torch
from torch import nn


def run(x):
    gru = nn.GRU(8, 16, {layers})
    output, h_n = gru({given}, torch.zeros({state}))
    return output
"""
    report = lint(text)
    assert [one.message for one in report.findings] == ([f"torch.zeros({state}): {said}"] if said else [])
    assert report.internal == ()
    sizes = [int(size) for size in state.split(",")]
    inputs = [torch.randn(5, 3, 8)] if given == KNOWN else [torch.randn(5, 8), torch.randn(5, 4, 8)]
    fits = [_runs(nn.GRU(8, 16, layers), one, torch.zeros(sizes)) for one in inputs]
    assert any(fits) is not bool(said)


def _runs(gru: nn.GRU, x: torch.Tensor, state: torch.Tensor) -> bool:
    try:
        gru(x, state)
    except RuntimeError:
        return False
    return True
