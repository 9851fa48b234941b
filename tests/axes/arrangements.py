"""Arrangements to try laws on: results of calls after some operations that regroup, reorder and cut them."""

from __future__ import annotations

from math import prod

from hypothesis import reject
from hypothesis import strategies as st

from rnnlint.axes import results
from rnnlint.axes.operations import axis_order, combine, regroup, select
from rnnlint.axes.states import Call, Kind, Raises, Result, States, Unknown, shape


def known(result: Result) -> States:
    """The arrangement; fails on an error or on not knowing.  Where a bound on its parts was reached there is no law."""
    if isinstance(result, Unknown) and result.reason.startswith("more than"):
        reject()
    assert not isinstance(result, Raises | Unknown), result
    return result


def pieces(result: combine.Parts) -> list[States]:
    """The pieces; the same."""
    if isinstance(result, Unknown) and result.reason.startswith("more than"):
        reject()
    assert not isinstance(result, Raises | Unknown), result
    return [known(piece) for piece in result]


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A small call."""
    small = st.integers(1, 5)
    samples = draw(st.one_of(st.none(), small))
    units = draw(small)
    return Call("call", draw(st.integers(1, 3)), draw(st.integers(1, 2)), samples, draw(small), units, units)


@st.composite
def wholes(draw: st.DrawFn) -> States:
    """A result of a call as it is returned."""
    call = draw(calls())
    which = draw(st.sampled_from(["output", "h_n", "c_n"]))
    if which == "output":
        return results.output_of(call, draw(st.booleans()))
    return results.state_of(call, Kind.CELL if which == "c_n" else Kind.HIDDEN)


@st.composite
def shapes_for(draw: st.DrawFn, count: int) -> tuple[int, ...]:
    """A shape of up to four axes with ``count`` elements."""
    sizes = []
    for _ in range(draw(st.integers(0, 3))):
        size = draw(st.sampled_from([size for size in range(1, count + 1) if count % size == 0]))
        sizes.append(size)
        count //= size
    return (*sizes, count)


@st.composite
def arrangements(draw: st.DrawFn) -> States:
    """A result of a call after up to three operations; tangles, joins and cuts occur."""
    states = draw(wholes())
    for _ in range(draw(st.integers(0, 3))):
        sizes = shape(states)
        way = draw(st.sampled_from(["permute", "reshape", "narrow", "roll"]))
        if way == "permute":
            states = known(axis_order.permute(states, draw(st.permutations(range(len(sizes))))))
        elif way == "reshape":
            changed = regroup.reshape(states, draw(shapes_for(prod(sizes))))
            states = states if isinstance(changed, Unknown) else known(changed)
        else:
            axis = draw(st.integers(0, len(sizes) - 1))
            shift = draw(st.integers(0, sizes[axis] - 1))
            if way == "narrow":
                states = known(select.narrow(states, axis, shift, None))
            else:
                states = known(select.roll(states, [shift], [axis]))
    return states


@st.composite
def with_axis(draw: st.DrawFn) -> tuple[States, int]:
    """An arrangement and one of its axes, counted from either end."""
    states = draw(arrangements())
    rank = len(shape(states))
    return states, draw(st.integers(-rank, rank - 1))
