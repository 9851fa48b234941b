"""Products beyond what drawn chains of operations reach."""

from __future__ import annotations

import pytest
import torch

from rnnlint.axes.operations import products
from rnnlint.axes.operations.moves import turned
from rnnlint.axes.results import output_of
from rnnlint.axes.states import Blended, Block, Call, Raises, Role, Unknown, shape

CALL = Call("one", 1, 1, 4, 7, 5, 5)
OUTPUT = output_of(CALL, batch_first=True)

EQUATIONS = [
    ("nth,nth->nt", 2),
    ("nth,nuh->ntu", 2),
    ("n t h, n u h -> n t u", 2),
    ("nth,nuh", 2),
    ("nth->th", 1),
    ("tnh", 1),
    ("zab", 1),
    ("...h", 1),
    ("h...", 1),
    ("n...->...n", 1),
    ("...h,...h->...", 2),
    ("n...,n...->n", 2),
    ("nth,mth->nm", 2),
]


@pytest.mark.parametrize(("equation", "operands"), EQUATIONS)
def test_einsum_has_the_shape_torch_gives_it(equation: str, operands: int) -> None:
    wanted = torch.einsum(equation, *[torch.zeros(4, 7, 5)] * operands)
    found = products.einsum(equation, *[OUTPUT] * operands)
    assert isinstance(found, Block | Blended)
    assert shape(found) == tuple(wanted.shape)


@pytest.mark.parametrize("equation", ["nth,nth->nz", "nth->nn", "nt->n", "nth,nth,nth->n", "n-h->n"])
def test_einsum_refuses_what_torch_refuses(equation: str) -> None:
    with pytest.raises(RuntimeError):
        torch.einsum(equation, torch.zeros(4, 7, 5), torch.zeros(4, 7, 5))
    found = products.einsum(equation, OUTPUT, OUTPUT)
    assert isinstance(found, Raises)
    assert found.error == "RuntimeError"


def test_operands_of_other_extents() -> None:
    other = turned(OUTPUT, [1, 0, 2])
    with pytest.raises(RuntimeError):
        torch.einsum("nth,nth->nt", torch.zeros(4, 7, 5), torch.zeros(7, 4, 5))
    found = products.einsum("nth,nth->nt", OUTPUT, other)
    assert isinstance(found, Raises)
    assert found.error == "RuntimeError"


def test_a_diagonal_is_not_followed() -> None:
    assert isinstance(products.einsum("nnh->nh", OUTPUT), Unknown)


def test_what_is_added_up_is_held_all_at_once() -> None:
    found = products.einsum("nth->h", OUTPUT)
    assert isinstance(found, Block)
    assert {factor.along for factor in found.reduced} == {Role.SAMPLE, Role.STEP}
