"""One walk over values: what it meets, in which order, and that shared parts cost nothing."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from rnnlint.axes import results
from rnnlint.axes.states import Given
from rnnlint.values.domain import Along, Class, Either, Items, Lit, Ref, Tensor, Value
from rnnlint.values.heap_cells import Cell, DictCell, ListCell, ObjectCell, ParserCell
from rnnlint.values.walk import blocks_in, held, in_memory, leaves, options, sources, tensors, walk

X, Y = Given("x", (2, 3)), Given("y", (4,))
TENSORS: list[Value] = [Tensor(results.given(X)), Tensor(results.given(Y)), Along(results.given(X), 0)]
LEAVES = st.sampled_from([Lit(None), Lit(1), *TENSORS])
VALUES: st.SearchStrategy[Value] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3).flatmap(lambda few: st.sampled_from([Items(tuple(few)), _either(few)])),
    max_leaves=8,
)


def _either(few: list[Value]) -> Value:
    return Either(tuple(few)) if len(few) > 1 else Items(tuple(few))


def naive(value: Value) -> Iterator[Value]:
    yield value
    if isinstance(value, Items | Either):
        for one in value.items if isinstance(value, Items) else value.options:
            yield from naive(one)


def unshared(value: Value) -> Value:
    """The same, with every container an object of its own."""
    if isinstance(value, Items):
        return Items(tuple(map(unshared, value.items)))
    return Either(tuple(map(unshared, value.options))) if isinstance(value, Either) else value


@given(VALUES)
def test_it_meets_everything_in_order(value: Value) -> None:
    value = unshared(value)
    assert list(walk(value)) == list(naive(value))
    assert list(leaves(value)) == [one for one in naive(value) if not isinstance(one, Items | Either)]


@given(VALUES)
def test_tensors_are_those_among_the_leaves(value: Value) -> None:
    value = unshared(value)
    assert list(tensors(value)) == [one.states for one in leaves(value) if isinstance(one, Tensor)]
    assert list(tensors(value, along=True)) == [one.states for one in leaves(value) if isinstance(one, Tensor | Along)]
    assert list(sources(value)) == list(dict.fromkeys(block.source for block in blocks_in(value)))


@given(VALUES)
def test_what_a_value_can_be(value: Value) -> None:
    assert options(value) == (value.options if isinstance(value, Either) else (value,))


def test_what_is_shared_is_entered_once() -> None:
    """2**200 to whoever walks a tree."""
    value: Value = Items((TENSORS[0], TENSORS[1]))
    for _ in range(200):
        value = Items((value, value))
    assert list(sources(value)) == [X, Y]
    assert len(list(walk(value))) == 203


def test_what_nests_deeply_needs_no_stack() -> None:
    value: Value = Lit(1)
    for _ in range(20_000):
        value = Items((value,))
    assert list(leaves(value)) == [Lit(1)]


class TestCells:
    cls = Class("a class", 0)

    def test_what_they_hold(self) -> None:
        one, two, three = Lit(1), Lit(2), Lit(3)
        assert held(ListCell((one, two))) == (one, two)
        assert held(ListCell((one,), two, three)) == (one, two)
        assert held(DictCell((("a", one), ("b", two)))) == (one, two)
        assert held(ObjectCell(self.cls, {"a": one, "b": two})) == (one, two)
        assert held(ParserCell("here", {"a": one})) == ()

    def test_lists_that_hold_each_other(self) -> None:
        heap: dict[int, Cell] = {
            0: ListCell((Ref(1), TENSORS[0])),
            1: DictCell((("back", Ref(0)), ("y", TENSORS[1]), ("object", Ref(2)))),
            2: ObjectCell(self.cls, {"x": TENSORS[2]}),
        }
        met = list(walk(Items((Ref(0), Ref(0))), in_memory(heap)))
        assert met == [Items((Ref(0), Ref(0))), Ref(0), Ref(1), TENSORS[1], Ref(2), TENSORS[0]]
        assert list(sources(Ref(0), in_memory(heap))) == [Y, X]
        assert list(sources(Ref(0))) == []
