"""The most parts that are looked at one by one: so many are followed, one more is unknown, and nothing raises."""

from __future__ import annotations

import pytest

from rnnlint.axes import results
from rnnlint.axes.form.normal import MOST_PARTS
from rnnlint.axes.operations import axis_order, combine, regroup, select
from rnnlint.axes.operations.select import Picks
from rnnlint.axes.reading import sample_orders
from rnnlint.axes.states import Call, Joined, Kind, Raises, Role, Somewhere, States, Unknown, blocks, shape
from tests.axes.arrangements import known, pieces

WIDE = results.output_of(Call("call", 1, 1, 5, 7, 1000, 1000), batch_first=True)  # (5, 7, 1000)
BOTH = results.output_of(Call("both", 1, 2, 5, 7, 500, 500), batch_first=True)  # (5, 7, 2 x 500)
STATE = results.state_of(Call("call", 2, 2, 5, 7, 3, 3), Kind.HIDDEN)  # (4, 5, 3)
SCATTERED = [number * number for number in range(MOST_PARTS + 1)]
CALLS = [Call(number, 1, 1, 5, 7, 3, 3) for number in range(MOST_PARTS + 1)]


def test_pieces() -> None:
    whole = known(select.narrow(WIDE, 2, 0, MOST_PARTS))
    more = known(select.narrow(WIDE, 2, 0, MOST_PARTS + 1))
    for way in (combine.split, combine.tensor_split, combine.chunk):
        how = 1 if way is combine.split else MOST_PARTS
        assert len(pieces(way(whole, how, 2))) == MOST_PARTS
        assert isinstance(way(more, how if way is combine.split else MOST_PARTS + 1, 2), Unknown)
    assert len(pieces(combine.unbind(whole, 2))) == MOST_PARTS
    assert isinstance(combine.unbind(more, 2), Unknown)
    assert len(pieces(combine.tensor_split(WIDE, [10] * MOST_PARTS, 2))) == MOST_PARTS + 1
    assert isinstance(combine.tensor_split(WIDE, [10] * (MOST_PARTS + 1), 2), Unknown)
    assert [shape(piece) for piece in pieces(combine.split(WIDE, 999, 2))] == [(5, 7, 999), (5, 7, 1)]


def test_chunks_of_nothing() -> None:
    none = known(select.narrow(WIDE, 1, 0, 0))
    assert len(pieces(combine.chunk(none, MOST_PARTS, 1))) == MOST_PARTS
    assert isinstance(combine.chunk(none, MOST_PARTS + 1, 1), Unknown)


def test_positions() -> None:
    for few, many in (
        (SCATTERED[:MOST_PARTS], [*SCATTERED[:MOST_PARTS], 1]),
        (SCATTERED[:MOST_PARTS][::-1], SCATTERED[::-1][:1] * (MOST_PARTS + 1)),
    ):
        assert shape(known(select.take(WIDE, 2, [place % 1000 for place in few], MOST_PARTS))) == (5, 7, MOST_PARTS)
        assert isinstance(select.take(WIDE, 2, [place % 1000 for place in many], MOST_PARTS + 1), Unknown)


@pytest.mark.parametrize("positions", [range(3, 900, 4), range(MOST_PARTS), range(MOST_PARTS + 1), range(1000)])
def test_a_progression_is_taken_at_any_length(positions: range) -> None:
    taken = known(select.take(WIDE, 2, positions, len(positions)))
    assert taken == known(select.narrow(WIDE, 2, positions.start, positions.stop, positions.step))
    picked = known(select.index(WIDE, [..., Picks(None, (len(positions),), 0)]))
    assert picked == known(select.narrow(WIDE, 2, 0, len(positions)))


def test_a_progression_backwards() -> None:
    taken = known(select.take(WIDE, 2, range(999, -1, -1), 1000))
    assert taken == known(select.flip(WIDE, [2]))


def test_picked_together() -> None:
    def diagonal(count: int) -> object:
        rows = Picks(tuple(number % 5 for number in range(count)), (count,))
        columns = Picks(tuple(number * number % 7 for number in range(count)), (count,))
        return select.index(WIDE, [rows, columns])

    assert not isinstance(diagonal(MOST_PARTS), Unknown)
    assert isinstance(diagonal(MOST_PARTS + 1), Unknown)


def test_picked_one_by_one() -> None:
    few, many = ([place % 1000 for place in SCATTERED[:count]] for count in (MOST_PARTS, MOST_PARTS + 1))
    picks = Picks(tuple(few), (MOST_PARTS,))
    assert known(select.index(WIDE, [..., picks])) == known(select.take(WIDE, 2, few, MOST_PARTS))
    assert isinstance(select.index(WIDE, [..., Picks(tuple(many), (MOST_PARTS + 1,))]), Unknown)
    assert select.take(WIDE, 2, [0, 1000, 1], 3) == Raises(
        "IndexError", "index 1000 is out of bounds for dimension 2 with size 1000"
    )
    assert isinstance(select.take(WIDE, 2, range(990, 1010), 20), Raises)
    assert isinstance(select.take(WIDE, 3, [0], 1), Raises)


def test_a_position_that_is_not_known_beside_some_that_are() -> None:
    pair = Picks((0, 1), (2,))
    assert shape(known(select.index(STATE, [Picks(None, (2,)), pair, pair]))) == (2,)
    assert shape(known(select.index(STATE, [pair, Picks(None, (2,)), pair]))) == (2,)


def test_parts_in_different_orders_stay_apart() -> None:
    lower, upper = known(select.narrow(STATE, 0, 0, 2)), known(select.narrow(STATE, 0, 2, None))
    assert known(combine.cat([lower, upper])) == STATE
    sorted_by = (("lengths", 1),)
    assert isinstance(combine.cat([lower, sample_orders.reordered(upper, 1, sorted_by)]), Joined)
    again = [sample_orders.reordered(part, 1, sorted_by) for part in (lower, upper)]
    assert known(combine.cat(again)) == sample_orders.reordered(STATE, 1, sorted_by)


def test_side_by_side() -> None:
    beside: list[States] = [results.output_of(call, batch_first=True) for call in CALLS]
    assert shape(known(combine.stack(beside[:MOST_PARTS], 0))) == (MOST_PARTS, 5, 7, 3)
    assert isinstance(combine.stack(beside, 0), Unknown)
    assert not isinstance(combine.blend(beside[:MOST_PARTS]), Unknown)
    assert isinstance(combine.blend(beside), Unknown)


def joined() -> States:
    """Two layers side by side: an axis that is made of two parts."""
    return known(combine.cat([known(select.select(STATE, 0, place)) for place in (0, 3)], 1))


UNKNOWN = [
    lambda: select.take(BOTH, 2, range(0, 998, 3), 333),
    lambda: select.take(BOTH, 2, range(999, 0, -3), 333),
    lambda: select.select(joined(), 1, Somewhere.ANYWHERE),
    lambda: select.index(joined(), [slice(None), Somewhere.LAST_VALID]),
    lambda: select.index(joined(), [Picks((0, 1), (2,)), Somewhere.ANYWHERE]),
    lambda: select.index(joined(), [slice(None), Picks(None, (2,))]),
    lambda: select.index(joined(), [Picks((0, 1), (2,)), Picks(None, (2,))]),
    lambda: select.index(joined(), [Picks(None, (2, 1)), Picks(None, (1, 2))]),
    lambda: select.index(joined(), [slice(None), Somewhere.ANYWHERE, None]),
    lambda: select.take(joined(), 1, None, 3),
    lambda: select.gather(joined(), 1, (5, 3), Somewhere.LAST_VALID),
    lambda: select.gather(joined(), 1, (5, 3), Somewhere.ANYWHERE),
    lambda: select.take_along_dim(STATE, 0, (1, 5, 3), [4]),
    lambda: select.take_along_dim(STATE, 0, (1, 5, 3), 4),
    lambda: select.take_along_dim(joined(), 1, (5, 3), Somewhere.ANYWHERE),
    lambda: select.select(known(select.narrow(STATE, 1, 0, 0)), 1, Somewhere.ANYWHERE),
    lambda: select.index(known(select.narrow(STATE, 1, 0, 0)), [0, Somewhere.ANYWHERE]),
    lambda: select.index(known(select.narrow(STATE, 1, 0, 0)), [0, Picks(None, (2,))]),
    lambda: select.take(known(select.narrow(STATE, 1, 0, 0)), 1, None, 2),
    lambda: select.index(STATE, [select.Mask(1)]),
    lambda: select.masked_select(STATE, (4, 5, 3)),
]


@pytest.mark.parametrize("number", range(len(UNKNOWN)))
def test_what_cannot_be_known_is_said(number: int) -> None:
    assert isinstance(UNKNOWN[number](), Unknown)


def test_an_unknown_position_of_an_axis_of_one_is_known() -> None:
    narrow = known(select.narrow(STATE, 1, 2, 3))
    wanted = known(select.select(known(select.select(STATE, 0, 0)), 0, 2))
    assert known(select.index(narrow, [0, Somewhere.ANYWHERE])) == wanted
    assert known(select.select(known(select.select(narrow, 0, 0)), 0, Somewhere.ANYWHERE)) == wanted
    assert shape(known(select.index(narrow, [0, Picks(None, (2,))]))) == (2, 3)


def test_an_unknown_one_of_several_steps_is_some_step() -> None:
    steps = [known(select.narrow(WIDE, 1, place, place + 1)) for place in (1, 2, 4)]
    found = known(select.select(known(combine.cat(steps, 1)), 1, Somewhere.ANYWHERE))
    assert found == known(select.select(WIDE, 1, Somewhere.ANYWHERE))
    other = known(select.narrow(results.output_of(Call("other", 1, 1, 5, 7, 1000, 1000), batch_first=True), 1, 0, 1))
    assert isinstance(select.select(known(combine.cat([steps[0], other], 1)), 1, Somewhere.ANYWHERE), Unknown)


def test_joined_parts_are_reordered_part_by_part() -> None:
    word = (("lengths", 1),)
    reordered = sample_orders.reordered(joined(), 0, word)
    assert isinstance(reordered, Joined)
    assert sample_orders.order_of(reordered, 0) == word
    assert sample_orders.reordered(joined(), 1, word) == joined()


def test_an_unknown_position_of_a_view_is_one_of_all_that_it_mixes() -> None:
    view = known(regroup.reshape(STATE, [5, 12]))
    (block,) = blocks(known(select.select(known(select.select(view, 1, Somewhere.ANYWHERE)), 0, 2)))
    assert {dict(block.at)[role] for role in (Role.LAYER, Role.DIRECTION, Role.SAMPLE)} == {Somewhere.ANYWHERE}
    assert not block.tangles


def test_each_samples_own_last_step() -> None:
    """It is known along all steps; along some of them it is one of them."""

    def step(states: States) -> object:
        (block,) = blocks(known(select.select(states, 1, Somewhere.LAST_VALID)))
        return dict(block.at)[Role.STEP]

    assert step(WIDE) is Somewhere.LAST_VALID
    for part in (select.narrow(WIDE, 1, 1, None), select.narrow(WIDE, 1, 0, 6), select.narrow(WIDE, 1, 0, None, 2)):
        assert step(known(part)) is Somewhere.ANYWHERE
    assert step(known(select.flip(WIDE, [1]))) is Somewhere.ANYWHERE
    (block,) = blocks(known(select.select(STATE, 0, Somewhere.LAST_VALID)))
    assert {dict(block.at)[role] for role in (Role.LAYER, Role.DIRECTION)} == {Somewhere.ANYWHERE}


def test_a_tensor_without_elements_is_one_thing() -> None:
    """However it came about, and whatever was done to it since."""
    for axis in range(3):
        none = known(select.narrow(STATE, axis, 0, 0))
        sizes = [0 if place == axis else size for place, size in enumerate(shape(STATE))]
        assert none == known(select.narrow(STATE, axis, 2, 1))
        assert none == known(select.index_select(STATE, axis, [], 0))
        assert none == known(combine.repeat(STATE, [0 if place == axis else 1 for place in range(3)]))
        assert none == known(combine.repeat_interleave(STATE, 0, axis))
        other = (axis + 1) % 3
        assert known(select.narrow(none, other, 0, 1)) == known(
            select.narrow(known(select.narrow(STATE, other, 0, 1)), axis, 0, 0)
        )
        assert none == known(select.flip(none, [0, 1, 2]))
        assert none == known(select.roll(none, [1], [axis]))
        assert none == known(regroup.reshape(known(regroup.reshape(none, [0])), sizes))
        assert none == known(axis_order.transpose(known(axis_order.transpose(none, 0, 2)), 0, 2))
    assert known(combine.contract(STATE, 0)) == known(select.narrow(STATE, 2, 0, 0))
    lifted = known(regroup.unsqueeze(STATE, 0))
    assert known(combine.expand(lifted, [0, 4, 5, 3])) == known(select.narrow(lifted, 0, 0, 0))


def test_copies_of_copies_are_copies() -> None:
    lifted = known(regroup.unsqueeze(known(regroup.unsqueeze(STATE, 0)), 0))
    twice = known(combine.expand(lifted, [2, 3, 4, 5, 3]))
    once = known(combine.expand(known(regroup.unsqueeze(STATE, 0)), [6, 4, 5, 3]))
    assert known(regroup.flatten(twice, 0, 1)) == once
    assert known(regroup.reshape(once, [2, 3, 4, 5, 3])) == twice


@pytest.mark.parametrize("extent", [4, 5 * MOST_PARTS, 10**9 + 7])
def test_rows_that_begin_where_no_factor_does(extent: int) -> None:
    """A roll of the flat tensor shifts every row across its end; these are too many to be put together one by one."""
    output = results.output_of(Call("call", 1, 1, extent, extent + 2, 6, 6), batch_first=True)
    rolled = select.roll(output, [4], [])
    assert isinstance(rolled, Unknown) or shape(known(rolled)) == (extent, extent + 2, 6)
    if extent > MOST_PARTS:
        assert isinstance(rolled, Unknown)
