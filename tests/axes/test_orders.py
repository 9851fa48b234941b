"""Orders of samples: what the words say of permutations, torch's indexing does."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.axes import results
from rnnlint.axes.reading import sample_orders
from rnnlint.axes.states import Given, Order

SIZE = 5
WAYS = st.sampled_from(["first", "first undone", "second", "second undone"])


def word(way: str) -> Order:
    name, _, undone = way.partition(" ")
    return ((name, -1 if undone else 1),)


def index(way: str, drawn: dict[str, list[int]]) -> torch.Tensor:
    name, _, undone = way.partition(" ")
    found = torch.tensor(drawn[name])
    return found.argsort() if undone else found


PERMUTATIONS = st.fixed_dictionaries({name: st.permutations(range(SIZE)) for name in ("first", "second")})


@given(st.lists(WAYS, max_size=6), st.lists(WAYS, max_size=6), PERMUTATIONS)
def test_equal_orders_are_equal_tensors(one: list[str], other: list[str], drawn: dict[str, list[int]]) -> None:
    """Whatever the permutations are: two ways of indexing with the same word end in the same tensor."""
    states = []
    tensors = []
    for ways in (one, other):
        block, tensor = results.given(Given("x", (SIZE, 3))), torch.arange(SIZE)
        for way in ways:
            reordered = sample_orders.reordered(block, 0, word(way))
            assert sample_orders.order_of(reordered, 1) == ()
            block, tensor = reordered, tensor[index(way, drawn)]  # type: ignore[assignment]
        states.append(block)
        tensors.append(tensor)
    if states[0] == states[1]:
        assert torch.equal(*tensors)


@given(st.lists(WAYS, min_size=1, max_size=6))
def test_what_is_left_of_a_word_moves_something(ways: list[str]) -> None:
    """A word that does not cancel is no identity: some permutations show it."""
    order: Order = ()
    for way in ways:
        order = sample_orders.followed_by(order, word(way))
    if order:
        generator = torch.Generator().manual_seed(0)
        tries = [
            {name: torch.randperm(7, generator=generator).tolist() for name in ("first", "second")} for _ in range(50)
        ]
        moved = []
        for drawn in tries:
            tensor = torch.arange(7)
            for way in ways:
                tensor = tensor[index(way, drawn)]
            moved.append(not torch.equal(tensor, torch.arange(7)))
        assert any(moved)


@given(st.lists(WAYS, max_size=6), PERMUTATIONS)
def test_inverse_undoes(ways: list[str], drawn: dict[str, list[int]]) -> None:
    order: Order = ()
    tensor = torch.arange(SIZE)
    for way in ways:
        order = sample_orders.followed_by(order, word(way))
        tensor = tensor[index(way, drawn)]
    assert sample_orders.followed_by(order, sample_orders.inverse(order)) == ()
    assert torch.equal(tensor[tensor.argsort()], torch.arange(SIZE))


def test_only_what_runs_along_one_axis_has_an_order() -> None:
    block = results.given(Given("x", (SIZE, 3)))
    assert sample_orders.order_of(sample_orders.reordered(block, 1, word("first")), 1) == word("first")
    merged = results.given(Given("x", (SIZE, 3)))
    line = merged.__class__(merged.source, merged.kind, ((*merged.axes[0], *merged.axes[1]),))
    assert sample_orders.reordered(line, 0, word("first")) == line
