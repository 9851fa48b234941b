"""What the parts of a tensor hold together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.axes import results
from rnnlint.axes.operations import combine, select
from rnnlint.axes.reading import marking
from rnnlint.axes.reading.beside import together
from rnnlint.axes.states import Block, Call, Joined, Role, States, blocks

CALL = Call("call", 2, 2, 6, 5, 3, 3)


def cuts(count: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, count - 1), unique=True, min_size=1, max_size=count - 1).map(sorted)


def output() -> Block:
    states = results.output_of(CALL, batch_first=True)
    assert isinstance(states, Block)
    return states


def pieces(states: States, axis: int, at: list[int]) -> list[States]:
    found = combine.tensor_split(states, at, axis)
    assert isinstance(found, tuple)
    return [piece for piece in found if isinstance(piece, Block | Joined)]


@given(cuts(6), st.randoms(use_true_random=False))
def test_what_is_cut_apart_holds_all_together_in_any_order(at: list[int], random: object) -> None:
    parts = pieces(output(), 0, at)
    random.shuffle(parts)  # type: ignore[attr-defined]
    held = [block for part in parts for block in blocks(part)]
    assert together(held, output(), Role.SAMPLE) == 6
    assert together(held, output(), Role.STEP) == 5


@given(cuts(6))
def test_what_is_left_out_is_missing(at: list[int]) -> None:
    first, *rest = pieces(output(), 0, at)
    held = [block for part in rest for block in blocks(part)]
    assert together(held, output(), Role.SAMPLE) == 6 - at[0]
    assert together([*held, *held], output(), Role.SAMPLE) == 6 - at[0]
    assert together(list(blocks(first)), output(), Role.SAMPLE) == at[0]


@given(st.integers(1, 10**12))
def test_no_cost_depends_on_an_extent(samples: int) -> None:
    call = Call("call", 1, 1, 2 * samples, 5, 3, 3)
    states = results.output_of(call, batch_first=True)
    assert isinstance(states, Block)
    halves = [block for part in pieces(states, 0, [samples]) for block in blocks(part)]
    assert together(halves, states, Role.SAMPLE) == 2 * samples
    assert together(halves[:1], states, Role.SAMPLE) == samples


@pytest.mark.parametrize("picked", [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [1, 0, 3, 2, 5, 4]])
def test_a_batch_in_another_order_has_no_mark(picked: list[int]) -> None:
    rows = [select.select(output(), 0, number) for number in picked]
    stacked = combine.stack([row for row in rows if isinstance(row, Block)], 0)
    assert isinstance(stacked, Block | Joined)
    marked = marking.mark(stacked, "site")
    assert all(mark.about is not Role.SAMPLE for block in blocks(marked) for mark in block.marks)


def test_a_part_of_a_batch_has_one() -> None:
    rows = [select.select(output(), 0, number) for number in (4, 0, 5, 1)]
    stacked = combine.stack([row for row in rows if isinstance(row, Block)], 0)
    assert isinstance(stacked, Block | Joined)
    marked = marking.mark(stacked, "site")
    assert all(any(mark.about is Role.SAMPLE for mark in block.marks) for block in blocks(marked))
