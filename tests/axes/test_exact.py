"""What a coordinate depends on, by arithmetic and by counting."""

from __future__ import annotations

from math import prod

import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from rnnlint.axes import results
from rnnlint.axes.operations import regroup, select
from rnnlint.axes.reading.exact import REDUCED, coordinates_of, dependences, floor_sum, moving, tried
from rnnlint.axes.reading.meaning import cut
from rnnlint.axes.states import Block, Call, Kind, Role, States, Wire, blocks, extent, shape
from rnnlint.runtime.truth.labels import decode
from rnnlint.runtime.truth.realized import realized
from tests.axes.arrangements import arrangements, known, shapes_for

few = st.integers(0, 20)


@given(few, st.integers(1, 20), few, few)
def test_floor_sum(count: int, modulus: int, factor: int, start: int) -> None:
    wanted = sum((factor * number + start) // modulus for number in range(count))
    assert floor_sum(count, modulus, factor, start) == wanted


@st.composite
def strided(draw: st.DrawFn) -> Block:
    """A state viewed across its boundaries, of which every axis is then narrowed, stepped over or turned round."""
    call = Call("call", draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 4)), 7, 5, 5)
    states: States = results.state_of(call, Kind.HIDDEN)
    for _ in range(draw(st.integers(1, 2))):
        states = known(regroup.reshape(states, draw(shapes_for(prod(shape(states))))))
        for axis, size in enumerate(shape(states)):
            start = draw(st.integers(0, size - 1))
            states = known(select.narrow(states, axis, start, None, draw(st.integers(1, 3))))
            if draw(st.booleans()):
                states = known(select.flip(states, [axis]))
        assume(isinstance(states, Block))
    (block,) = blocks(states)
    return block


def counted(block: Block, values: list[object]) -> set[int]:
    """The axes along which listed coordinates change."""
    sizes = [*map(extent, block.axes), prod(factor.extent for factor in block.reduced)]
    found, inner = set(), len(values)
    for number, size in enumerate(sizes):
        inner //= size
        if any(value != values[place - place // inner % size * inner] for place, value in enumerate(values)):
            found.add(number if number < len(block.axes) else REDUCED)
    return found


@given(st.one_of(strided(), arrangements()))
def test_what_is_called_exact_is_what_counting_finds(states: Block) -> None:
    for block in blocks(states):
        for along, reach in dependences(block).items():
            values = tried(block, along)
            assert values is not None
            assert (
                counted(block, list(values)) == reach.axes
                if reach.exact
                else counted(block, list(values)) <= reach.axes
            )


@given(st.integers(2, 4), st.sampled_from([10**6 + 3, 2 * (10**6 + 3), 12 * (10**6 + 3)]), st.integers(1, 9))
def test_one_view_is_exact_at_any_extent(layers: int, samples: int, units: int) -> None:
    state = results.state_of(Call("call", layers, 2, samples, 7, units, units), Kind.HIDDEN)
    (block,) = blocks(known(regroup.reshape(state, [samples, -1])))
    found = dependences(block)
    assert all(reach.exact for reach in found.values())
    assert found[Role.SAMPLE].axes == {0, 1}
    assert {along for along in cut(block) if along is not Role.UNIT} >= {Role.SAMPLE}


@given(strided())
def test_cut_is_what_counting_finds(block: Block) -> None:
    changing = {along: counted(block, list(tried(block, along) or [])) for along in coordinates_of(block)}
    assert cut(block) == {along for along, axes in changing.items() if len(axes) > 1 and along is not Role.UNIT}


@given(strided())
def test_counting_finds_the_coordinates_of_the_labels(block: Block) -> None:
    held = decode(torch.tensor(realized(block).reshape(-1)))
    for role in (Role.LAYER, Role.DIRECTION, Role.SAMPLE, Role.STEP, Role.UNIT):
        assert tried(block, role) == getattr(held, role.value).tolist()


@given(strided())
def test_coordinates_are_those_of_the_source(block: Block) -> None:
    assert not any(isinstance(along, Wire) for along in coordinates_of(block))
    assert {number for number, _ in moving(block)} <= {*range(len(block.axes)), REDUCED}
