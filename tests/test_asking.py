"""Answers are kept with what was asked, and hold for it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnlint.asking import once, once_together
from rnnlint.axes import results
from rnnlint.axes.operations import combine, regroup
from rnnlint.axes.states import Block, Call, Given, Kind, Mark, Note, Result, blocks, marked, shape
from rnnlint.events import Site
from rnnlint.interpret.state.recorded import same
from rnnlint.interpret.state.tensors import Tensors
from rnnlint.values.domain import NOWHERE, Lit
from rnnlint.values.origins import Constants, Fresh, Memory
from tests.axes.arrangements import known

CALL = Call("call", 2, 2, 3, 7, 5, 5)


def state() -> Block:
    return results.state_of(replace(CALL), Kind.HIDDEN)


def made_at(result: Result) -> list[object]:
    """The places that a tensor is marked with, each once."""
    return list(dict.fromkeys(mark.site for block in blocks(known(result)) for mark in block.marks))


def test_each_value_is_asked_once_for_each_thing_handed_with_it() -> None:
    asked: list[tuple[object, int]] = []

    @once
    def size(block: Block, axis: int) -> int:
        asked.append((block, axis))
        return shape(block)[axis]

    one, other = state(), state()
    assert one == other
    assert [size(one, 0), size(one, 0), size(one, 1), size(other, 0)] == [4, 4, 3, 4]
    assert [(id(block), axis) for block, axis in asked] == [(id(one), 0), (id(one), 1), (id(other), 0)]


def test_of_several_equal_ones_with_other_marks_are_others() -> None:
    @once_together
    def places(parts: Sequence[Block]) -> list[object]:
        return [mark.site for part in parts for mark in part.marks]

    first = state()
    here, there = (marked(state(), (Mark(Note.MADE, 0, site),)) for site in ("here", "there"))
    assert here == there
    assert places((first, here)) == [None, "here"]
    assert places((first, there)) == [None, "there"]
    assert places(()) == []


def test_an_operation_gives_the_same_object_again_and_marks_of_its_own_to_an_equal_tensor() -> None:
    here, there = (marked(state(), (Mark(Note.DETACHED, 0, site),)) for site in ("here", "there"))
    assert regroup.unsqueeze(here, 0) is regroup.unsqueeze(here, 0)
    assert made_at(combine.stack((here, here), 0)) == ["here"]
    assert made_at(combine.stack((here, there), 0)) == made_at(combine.stack((here, there), 0)) == ["here", "there"]


def test_equal_sources_are_one_object_unless_they_were_made_elsewhere() -> None:
    tensors = Tensors()
    assert tensors.source(CALL) is tensors.source(replace(CALL)) is CALL
    assert tensors.source(replace(CALL, steps=8)) is not CALL
    here, there = (Given(Fresh(Memory.CONSTANT, "place", Site(site)), (2,)) for site in ("here", "there"))
    assert here == there
    assert tensors.source(here) is here
    assert tensors.source(there) is there


def test_a_mark_says_where_the_numbers_of_an_index_come_from() -> None:
    tensors, block = Tensors(), state()
    plain, named = (Site("here", "index", ((Lit(1, origins),),)) for origins in (NOWHERE, frozenset({"layers"})))
    assert plain == named
    for site in (plain, named, plain):
        tensor = tensors.marked(block, site)
        assert tensor is tensors.marked(block, site)
        assert isinstance(tensor.states, Block)
        assert same(tensor.states.marks[-1].site, site)


def test_no_more_sources_are_kept_than_asked_for() -> None:
    tensors = Tensors(most=2)
    made = [Given(Constants((number,)), (1,)) for number in range(3)]
    assert [tensors.source(one) for one in made] == made
    assert tensors.source(Given(Constants((2,)), (1,))) is made[2]
    assert tensors.source(Given(Constants((0,)), (1,))) is not made[0]
