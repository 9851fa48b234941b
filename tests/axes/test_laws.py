"""Laws that hold for every arrangement, whatever torch does."""

from __future__ import annotations

from math import prod

from hypothesis import assume, given
from hypothesis import strategies as st

from rnnlint.axes import results
from rnnlint.axes.form.normal import settle
from rnnlint.axes.operations import axis_order, combine, moves, regroup, select
from rnnlint.axes.reading import marking, meaning
from rnnlint.axes.states import (
    Call,
    Factor,
    Joined,
    Kind,
    Mark,
    Note,
    Raises,
    Role,
    Somewhere,
    States,
    Unknown,
    blocks,
    length,
    shape,
)
from tests.axes.arrangements import arrangements, known, pieces, shapes_for, wholes, with_axis


@given(with_axis(), st.data())
def test_transpose_twice_is_identity(drawn: tuple[States, int], data: st.DataObject) -> None:
    states, axis = drawn
    other = data.draw(st.integers(0, len(shape(states)) - 1))
    assert known(axis_order.transpose(known(axis_order.transpose(states, axis, other)), other, axis)) == states


@given(arrangements(), st.data())
def test_permute_then_its_inverse_is_identity(states: States, data: st.DataObject) -> None:
    dims = data.draw(st.permutations(range(len(shape(states)))))
    inverse = sorted(range(len(dims)), key=dims.__getitem__)
    assert known(axis_order.permute(known(axis_order.permute(states, dims)), inverse)) == states


@given(with_axis(), st.integers(1, 5))
def test_what_reads_an_axis_is_what_is_left_of_it_copied(drawn: tuple[States, int], count: int) -> None:
    """One settling finds what three find: the axis folded, put back one wide, and copied."""
    states, axis = drawn
    sizes = shape(states)
    axis %= len(sizes)
    one = moves.folded(states, axis)
    assume(not isinstance(one, Unknown))
    three = moves.copied(moves.lifted(known(one), axis), (*sizes[:axis], count, *sizes[axis + 1 :]))
    assert moves.read_by(states, axis, count) == three


@given(arrangements(), st.data())
def test_an_arrangement_is_settled(states: States, data: st.DataObject) -> None:
    """What an operation leaves as it was needs no settling: however it is turned, it is its own normal form."""
    dims = data.draw(st.permutations(range(len(shape(states)))))
    for block in blocks(moves.turned(moves.lifted(states, 0), [0, *(dim + 1 for dim in dims)])):
        assert settle(block, block.axes, dict(block.at)) == block


@given(arrangements())
def test_a_length_is_that_of_the_shape(states: States) -> None:
    assert tuple(length(states, axis) for axis in range(len(shape(states)))) == shape(states)


@given(wholes(), st.data())
def test_reshape_and_back_is_identity(states: States, data: st.DataObject) -> None:
    target = data.draw(shapes_for(prod(shape(states))))
    assert known(regroup.reshape(known(regroup.reshape(states, target)), shape(states))) == states


@given(arrangements(), st.data())
def test_two_reshapes_are_the_last_one(states: States, data: st.DataObject) -> None:
    first, second = (data.draw(shapes_for(prod(shape(states)))) for _ in range(2))
    between = regroup.reshape(states, first)
    assume(not isinstance(between, Unknown))
    twice, once = regroup.reshape(known(between), second), regroup.reshape(states, second)
    assume(not isinstance(twice, Unknown) and not isinstance(once, Unknown))
    assert meaning.same(known(twice), known(once))


@given(with_axis())
def test_flatten_then_unflatten_is_identity(drawn: tuple[States, int]) -> None:
    states, _ = drawn
    flat = regroup.flatten(states)
    assume(not isinstance(flat, Unknown))
    back = regroup.unflatten(known(flat), 0, shape(states))
    assume(not isinstance(back, Unknown))
    assert meaning.same(known(back), states)


@given(with_axis(), st.integers(1, 4))
def test_cat_of_chunks_is_identity(drawn: tuple[States, int], count: int) -> None:
    states, axis = drawn
    assert meaning.same(known(combine.cat(pieces(combine.chunk(states, count, axis)), axis)), states)


@given(with_axis(), st.data())
def test_cat_of_a_split_is_identity(drawn: tuple[States, int], data: st.DataObject) -> None:
    states, axis = drawn
    size = shape(states)[axis]
    first = data.draw(st.integers(0, size))
    assert meaning.same(known(combine.cat(pieces(combine.split(states, [first, size - first], axis)), axis)), states)
    assert meaning.same(known(combine.cat(pieces(combine.tensor_split(states, [first], axis)), axis)), states)


@given(with_axis())
def test_stack_of_unbind_is_identity(drawn: tuple[States, int]) -> None:
    states, axis = drawn
    if shape(states)[axis] <= 64:
        assert meaning.same(known(combine.stack(pieces(combine.unbind(states, axis)), axis)), states)


@given(wholes(), st.data())
def test_parts_of_a_whole_result_are_one_block_again(states: States, data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, len(shape(states)) - 1))
    assert known(combine.cat(pieces(combine.chunk(states, 3, axis)), axis)) == states
    assert known(combine.stack(pieces(combine.unbind(states, axis)), axis)) == states


@given(with_axis())
def test_flip_twice_is_identity(drawn: tuple[States, int]) -> None:
    states, axis = drawn
    assert known(select.flip(known(select.flip(states, [axis])), [axis])) == states


@given(with_axis(), st.integers(-5, 5))
def test_roll_and_back_is_identity(drawn: tuple[States, int], shift: int) -> None:
    states, axis = drawn
    assert meaning.same(known(select.roll(known(select.roll(states, [shift], [axis])), [-shift], [axis])), states)


@given(with_axis(), st.data())
def test_select_is_narrow_and_squeeze(drawn: tuple[States, int], data: st.DataObject) -> None:
    states, axis = drawn
    position = data.draw(st.integers(0, shape(states)[axis] - 1))
    narrow = known(select.narrow(states, axis, position, position + 1))
    assert known(regroup.squeeze(narrow, axis)) == known(select.select(states, axis, position))
    assert known(select.select(states, axis, position - shape(states)[axis])) == known(
        select.select(states, axis, position)
    )


@given(arrangements())
def test_blend_with_itself_is_identity(states: States) -> None:
    assert known(combine.blend([states, states])) == states


@given(arrangements())
def test_unsqueeze_then_squeeze_is_identity(states: States) -> None:
    for axis in range(-len(shape(states)) - 1, len(shape(states)) + 1):
        assert known(regroup.squeeze(known(regroup.unsqueeze(states, axis)), axis)) == states


@given(wholes(), st.data())
def test_what_is_reduced_has_no_order(states: States, data: st.DataObject) -> None:
    """Neither that of the axes, nor that in which they are reduced, nor that along an axis."""
    at_once = known(combine.reduce(states))
    rank = len(shape(states))
    turned = known(axis_order.permute(states, data.draw(st.permutations(range(rank)))))
    assert known(combine.reduce(turned)) == at_once
    assert (
        known(combine.reduce(known(select.flip(states, data.draw(st.lists(st.integers(0, rank - 1), unique=True))))))
        == at_once
    )
    left = states
    while shape(left):
        left = known(combine.reduce(left, data.draw(st.integers(0, len(shape(left)) - 1))))
    assert left == at_once


@given(wholes())
def test_whole_results_are_never_cut(states: States) -> None:
    assert meaning.cut(states) == frozenset()


@given(arrangements(), st.data())
def test_marks_only_ever_narrow(states: States, data: st.DataObject) -> None:
    before = marking.mark(states, "before")
    axis = data.draw(st.integers(0, len(shape(states)) - 1))
    position = data.draw(st.integers(0, shape(states)[axis] - 1))
    after = marking.mark(known(select.select(before, axis, position)), "after")
    for block in blocks(after):
        for role in Role:
            extents = [mark.extent for mark in block.marks if mark.about is role]
            assert extents == sorted(set(extents), reverse=True)
            if extents:
                assert extents[-1] == meaning.reach(block)[role]
    assert after == known(select.select(before, axis, position)), "marks are no part of a value"


def test_marks_of_parts_that_are_one_again_narrow_too() -> None:
    """A draw of the law above: parts whose marks are about 2, and about 3 and 2 elements, become one block."""
    output = results.output_of(Call("call", 1, 1, 5, 7, 3, 3), True)
    early = marking.mark(known(select.narrow(output, 1, 0, 2)), "early")
    later = marking.mark(known(select.narrow(output, 1, 2, 5)), "later")
    begin = marking.mark(known(select.narrow(later, 1, 0, 2)), "begin of later")
    (both,) = blocks(known(combine.cat([early, begin], 1)))
    assert [(mark.extent, mark.site) for mark in both.marks if mark.about is Role.STEP] == [
        (3, "later"),
        (2, "begin of later"),
    ]
    (one,) = blocks(marking.mark(known(select.select(both, 1, 0)), "one"))
    assert [mark.extent for mark in one.marks if mark.about is Role.STEP] == [3, 2, 1]


@given(arrangements())
def test_marking_again_changes_nothing_but_the_place(states: States) -> None:
    once = marking.mark(states, "once")
    again = marking.mark(once, "again")
    for before, after in zip(blocks(once), blocks(again), strict=True):
        assert before.marks[:-1] == after.marks[:-1]
        assert [before.marks[-1], after.marks[-1]] == [Mark(Note.MADE, 0, "once"), Mark(Note.MADE, 0, "again")]


def test_two_directions_put_together_are_one_axis() -> None:
    state = results.state_of(Call("call", 2, 2, 5, 7, 3, 3), Kind.HIDDEN)
    forward, backward = (known(select.select(state, 0, place)) for place in (-2, -1))
    both = known(combine.cat([forward, backward], 1))
    assert not isinstance(both, Joined)
    (block,) = blocks(both)
    assert block.axes[1] == (Factor(Role.DIRECTION, 2), Factor(Role.UNIT, 3))
    assert dict(block.at)[Role.STEP] is Somewhere.FINAL
    steps = [meaning.coordinates(block)[Role.STEP] for half in (forward, backward) for block in blocks(half)]
    assert steps == [6, 0]


def test_readings_of_other_layers_are_others() -> None:
    state = results.state_of(Call("call", 4, 1, 5, 7, 3, 3), Kind.HIDDEN)

    def beside(*places: int) -> States:
        return known(combine.cat([known(select.select(state, 0, place)) for place in places], 1))

    assert meaning.same(beside(0, 3, 1), beside(0, 3, 1))
    for places in ((0, 3, 2), (0, 2, 1), (3, 0, 1)):
        assert not meaning.same(beside(0, 3, 1), beside(*places))
        assert not meaning.same(beside(*places), beside(0, 3, 1))
    across, along = (known(regroup.reshape(one, [5, 12])) for one in (state, known(axis_order.transpose(state, 0, 1))))
    assert not meaning.same(across, along)
    assert meaning.same(across, known(regroup.reshape(known(regroup.reshape(state, [12, 5])), [5, 12])))
    assert not meaning.same(known(combine.reduce(across, 1)), known(combine.reduce(along, 1)))


def test_a_blend_of_others_is_another() -> None:
    state = results.state_of(Call("call", 4, 1, 5, 7, 3, 3), Kind.HIDDEN)
    rows = [known(select.select(state, 0, place)) for place in range(4)]

    def blended(*places: int) -> States:
        return known(combine.blend([rows[place] for place in places]))

    assert meaning.same(blended(0, 1, 2), blended(2, 0, 1))
    for places in ((0, 1), (0, 1, 3), (0, 1, 2, 3)):
        assert not meaning.same(blended(0, 1, 2), blended(*places))
        assert not meaning.same(blended(*places), blended(0, 1, 2))


def test_a_reshape_that_cuts_samples_names_them() -> None:
    state = results.state_of(Call("call", 2, 1, 5, 7, 3, 3), Kind.HIDDEN)
    assert meaning.cut(known(regroup.reshape(state, [5, -1]))) == {Role.LAYER, Role.SAMPLE}
    assert meaning.cut(known(regroup.reshape(known(axis_order.transpose(state, 0, 1)), [5, -1]))) == frozenset()
    assert meaning.cut(known(regroup.reshape(state, [2, 5, 3, 1]))) == frozenset()


def test_errors_are_torchs() -> None:
    state = results.state_of(Call("call", 2, 1, 5, 7, 3, 3), Kind.HIDDEN)
    assert select.select(state, 0, 2) == Raises(
        "IndexError", "select(): index 2 out of range for tensor of size [2, 5, 3] at dimension 0"
    )
    assert regroup.reshape(state, [4, -1]) == Raises("RuntimeError", "shape '[4, -1]' is invalid for input of size 30")
