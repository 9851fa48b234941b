"""The heap against a plain one that is copied whole: whatever is written, kept, gone back to and joined."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.interpret.state.heap import Heap, Snapshot, Version, join_cells, unchanged
from rnnlint.values.domain import Lit
from rnnlint.values.heap_cells import Cell, ListCell

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("make"), st.integers(0, 3)),
        st.tuples(st.just("write"), st.integers(0, 9), st.integers(0, 3)),
        st.tuples(st.just("keep")),
        st.tuples(st.just("back"), st.integers(0, 9)),
        st.tuples(st.just("meet"), st.lists(st.integers(0, 9), min_size=1, max_size=4)),
    ),
    max_size=40,
)


def cell(number: int) -> Cell:
    return ListCell((Lit(number),))


def joined(copies: list[dict[int, Cell]]) -> dict[int, Cell]:
    """What a join is: each cell that any of the paths has, of those in which it is not the same one of them."""
    first, *others = copies
    result = dict(first)
    for other in others:
        for key, content in other.items():
            mine = result.get(key)
            result[key] = content if mine is None else mine if mine == content else join_cells(mine, content)
    return result


@given(STEPS)
def test_a_heap_is_as_if_it_were_copied(steps: list[tuple[object, ...]]) -> None:
    heap, plain = Heap(), dict[int, Cell]()
    kept: list[tuple[Version, dict[int, Cell]]] = [(heap.version(), {})]
    for step in steps:
        match step:
            case ("make", int() as number):
                plain[heap.make(cell(number))] = cell(number)
            case ("write", int() as place, int() as number) if plain:
                key = sorted(plain)[place % len(plain)]
                heap[key] = plain[key] = cell(number)
            case ("keep",):
                kept.append((heap.version(), dict(plain)))
            case ("back", int() as place):
                version, plain = kept[place % len(kept)]
                heap.back(version)
                plain = dict(plain)
            case ("meet", list() as places):
                kept.append((heap.version(), dict(plain)))
                chosen = [kept[place % len(kept)] for place in places]
                heap.meet([version for version, _ in chosen])
                plain = joined([copy for _, copy in chosen])
        assert dict(heap) == plain
    for version, copy in kept:  # none of it was lost on the way
        heap.back(version)
        assert dict(heap) == copy


@given(STEPS)
def test_what_is_unchanged(steps: list[tuple[object, ...]]) -> None:
    heap = Heap()
    first = heap.make(cell(0))
    before, copy = Snapshot({}, heap.version()), dict(heap)
    for step in steps:
        match step:
            case ("make", int() as number):
                heap.make(cell(number))
            case ("write", _, int() as number):
                heap[first] = cell(number)
    same = all(heap.get(key) == content for key, content in copy.items())
    assert unchanged(heap, before, Snapshot({}, heap.version())) is same


def test_a_cell_that_another_arm_has_made_holds_what_it_was_made_with() -> None:
    heap = Heap()
    start = heap.version()
    made = heap.make(cell(1))
    heap[made] = cell(2)
    heap.back(start)
    assert made not in heap
    assert heap[made] == cell(1)
    assert heap.make(cell(3)) != made  # nor is its number given to another


def test_there_is_one_way_to_write() -> None:
    heap = Heap({1: cell(1)})
    with pytest.raises(TypeError, match="cell by cell"):
        heap.update({2: cell(2)})
    with pytest.raises(TypeError, match="cell by cell"):
        del heap[1]
