"""Which operations only move elements is said of whole modules, and seen on torch: the audit moves labels by them."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten

from rnnlint.torch_api import catalogue
from rnnlint.torch_api.registry import OPERATIONS, Operation
from tests.oracle import names

_GENERATOR = torch.Generator().manual_seed(3)
VALUES = torch.randn(144, generator=_GENERATOR, dtype=torch.float64)
RENAMED = VALUES[torch.randperm(144, generator=_GENERATOR)]

# What moves elements in the names' calls and is not carried by the audit, and why.
LEFT = {
    "pad": "what it puts in is no state, and no label stands for that",
    "pad_sequence": "it is given a list of inputs, which no recurrent module returned",
    "rearrange": "einops calls torch's own functions, which are seen",
    "select_scatter": "two tensors go into it, and labels are moved of the first",
    "slice_scatter": "as select_scatter",
}
# nearly all that these hold computes; what hands on is asked for by name
ALSO = frozenset({"computing", "listed", "making", "numbers"})


def module_of(op: Operation) -> str:
    module: str = inspect.unwrap(op.run).__module__
    return module.rpartition(".")[2]


MAY_MOVE = sorted({name for name, op in OPERATIONS.items() if module_of(op) not in ALSO})
CARRIED = sorted(name for name, op in OPERATIONS.items() if op.name in catalogue.moving())


def _elements(expression: str, values: Tensor) -> list[Tensor]:
    scope: dict[str, Any] = {
        "x": values[:60].view(2, 5, 6).clone(),
        "y": values[60:120].view(2, 5, 6).clone(),
        "h": values[120:].view(4, 2, 3).clone(),
    }
    torch.manual_seed(0)  # an index may be drawn
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(f"{names.IMPORTS}\n{names.PARTS}", scope)
        exec(f"result = {expression}", scope)
    return [one for one in tree_flatten(scope["result"])[0] if isinstance(one, Tensor)]


def moves(name: str) -> bool:
    """Whether what every call returns is named anew where what it was given is: then torch looked at no number."""
    new = dict(zip(VALUES.tolist(), RENAMED.tolist(), strict=True))
    tries = [one for one in OPERATIONS[name].tries if one.known]
    for one in tries:
        expression = names.called(name, one.arguments)
        pairs = list(zip(_elements(expression, VALUES), _elements(expression, RENAMED), strict=True))
        if not pairs or any(before.shape != after.shape for before, after in pairs):
            return False
        for before, after in pairs:
            old, now = before.reshape(-1).tolist(), after.reshape(-1).tolist()
            if any(new.get(value) != its for value, its in zip(old, now, strict=True)):
                return False
    return bool(tries)


@pytest.mark.parametrize("name", CARRIED)
def test_what_labels_are_moved_by_only_moves_elements(name: str) -> None:
    assert moves(name) or not any(one.known for one in OPERATIONS[name].tries)


def test_nothing_that_moves_is_forgotten() -> None:
    """A module that holds what moves elements says so (``ONLY_MOVES``), or stands above with its reason."""
    carried = catalogue.moving() | set(LEFT)
    forgotten = [name for name in MAY_MOVE if OPERATIONS[name].name not in carried and moves(name)]
    assert forgotten == []


def test_what_computes_does_not_move() -> None:
    assert not any(map(moves, ("torch.sum", "torch.abs", "torch.relu", "Tensor.max", "torch.softmax")))
