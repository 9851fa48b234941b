"""The number of steps an operation takes depends on the factors, never on their extents."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

import pytest

from rnnlint.axes import results
from rnnlint.axes.operations import axis_order, combine, patterns, regroup, select
from rnnlint.axes.reading import marking
from rnnlint.axes.states import Call, Kind, States
from tests.axes.arrangements import known, pieces

SMALL = Call("call", 3, 2, 3, 7, 5, 5)
LARGE = Call("call", 3, 2, 10**6 + 3, 10**4 + 7, 10**9 + 7, 10**9 + 7)

OPERATIONS: dict[str, Callable[[States, Call], object]] = {
    "last layer": lambda s, _: known(combine.cat([known(select.select(s, 0, i)) for i in (-2, -1)], 1)),
    "samples": lambda s, _: known(select.narrow(s, 1, 1, None)),
    "permute": lambda s, _: known(axis_order.permute(s, [1, 0, 2])),
    "layers": lambda s, c: known(regroup.reshape(s, [c.layers, c.directions, -1, c.units])),
    "own states": lambda s, c: known(regroup.reshape(known(axis_order.transpose(s, 0, 1)), [c.samples or 1, -1])),
    "scrambled": lambda s, c: marking.mark(known(regroup.reshape(s, [c.samples or 1, -1])), "here"),
    "chunks": lambda s, _: known(combine.cat(pieces(combine.chunk(s, 3, 0)), 2)),
    "flip and roll": lambda s, _: known(select.roll(known(select.flip(s, [1])), [1], [1])),
    "expand": lambda s, c: known(combine.expand(known(regroup.unsqueeze(s, 0)), [c.steps, -1, -1, -1])),
    "mean": lambda s, _: known(combine.reduce(s, 1)),
    "linear": lambda s, c: known(combine.contract(s, c.units)),
    "softmax": lambda s, _: known(combine.spread(s, 1)),
    "blend": lambda s, _: known(combine.blend([s, known(select.flip(s, [0]))])),
    "all positions": lambda s, c: known(select.index(s, [slice(None), select.Picks(None, (c.samples or 1,), 0)])),
    "rearrange": lambda s, c: known(patterns.rearrange(s, "(l d) n h -> n l (d h)", d=c.directions)),
}


def steps(operation: Callable[[States, Call], object], call: Call) -> int:
    """Calls of Python and built-in functions that an operation makes."""
    # of a call of its own, of which nothing was asked before: what is found out of a tensor is kept with it
    states = results.state_of(replace(call), Kind.HIDDEN)
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    gc.disable()  # what others have hooked into collections is no step of the operation
    sys.setprofile(counted)
    try:
        operation(states, call)
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


@pytest.mark.parametrize("name", OPERATIONS)
def test_steps_do_not_depend_on_extents(name: str) -> None:
    operation = OPERATIONS[name]
    steps(operation, SMALL)
    few, many = steps(operation, SMALL), steps(operation, LARGE)
    # whether a tangle cuts is found by Euclid's algorithm, whose rounds the digits of the extents bound; how many there
    # are the numbers decide: four times the steps for these, three times for others of twice as many digits
    assert many <= (5 * few if name == "scrambled" else few)
