"""The list of elementwise functions says what torch does, and its command can tell a function that is none."""

from __future__ import annotations

import pytest
import torch

from rnnlint.torch_api.tensors.elementwise_names import IN_PLACE
from tools import elementwise


@pytest.mark.parametrize(
    ("function", "count", "holds"),
    [
        (torch.exp, 1, True),
        (torch.Tensor.exp_, 1, True),
        (torch.atan2, 2, True),
        (torch.add, 2, True),
        (torch.flip, 1, False),  # it is called without what it needs
        (torch.zeros_like, 1, False),  # no element depends on any
        (torch.fliplr, 1, False),  # elements of other places
        (torch.sum, 1, False),
        (torch.matmul, 2, False),
        (lambda x: torch.softmax(x, 0), 1, False),
        (lambda x: x - x.mean(), 1, False),
    ],
)
def test_what_is_elementwise(function: object, count: int, holds: bool) -> None:
    assert callable(function)
    assert elementwise._diagonal(function, count, (), (2, 2)) is holds


def test_every_twin_that_works_in_place_is_listed() -> None:
    """Of what is followed: ``unsqueeze_`` beside ``unsqueeze``, and no ``sum_``, which torch does not have."""
    assert elementwise.in_place() == IN_PLACE.split()
    assert "unsqueeze" in elementwise.in_place()
    assert not {"sum", "scatter", "abs"} & set(elementwise.in_place())


def test_a_name_registered_by_hand_is_not_listed() -> None:
    assert elementwise._defined_elsewhere("torch.fliplr")
    assert not elementwise._defined_elsewhere("torch.exp")
    assert not elementwise._defined_elsewhere("torch.no_such_function")
