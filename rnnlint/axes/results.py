"""What a recurrent call returns, as arrangements of states.

Shapes and axis orders are those of the tables "Outputs" in
https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html (and GRU, RNN).
"""

from __future__ import annotations

from rnnlint.asking import once
from rnnlint.axes.form.normal import settle
from rnnlint.axes.states import Axis, Block, Call, Factor, Given, Kind, Mark, Note, Order, Own, Role, Somewhere


def axis(*factors: Factor) -> Axis:
    """An axis from factors, outermost first; factors of extent 1 say nothing and are dropped."""
    return tuple([factor for factor in factors if factor.extent != 1])


_OF_OUTPUT = (Mark(Note.OUTPUT, 0, None),)
_OF_STATE = (Mark(Note.STATE, 0, None),)
_FINAL = ((Role.STEP, Somewhere.FINAL),)


@once
def output_of(call: Call, batch_first: bool) -> Block:
    """``output``: (T, N, D*H), or (N, T, D*H) with ``batch_first``, or (T, D*H) unbatched; the last layer's states."""
    steps = axis(Factor(Role.STEP, call.steps))
    features = axis(Factor(Role.DIRECTION, call.directions), Factor(Role.UNIT, call.units))
    at = ((Role.LAYER, call.layers - 1),) if call.layers > 1 else ()
    if call.samples is None:
        return Block(call, Kind.HIDDEN, (steps, features), at, marks=_OF_OUTPUT)
    samples = axis(Factor(Role.SAMPLE, call.samples))
    rows = (samples, steps) if batch_first else (steps, samples)
    return Block(call, Kind.HIDDEN, (*rows, features), at, marks=_OF_OUTPUT, orders=_order_of(call))


@once
def state_of(call: Call, kind: Kind) -> Block:
    """``h_n`` (or ``c_n``): (L*D, N, H), or (L*D, H) unbatched, whatever ``batch_first`` is.

    It holds each direction's final states, of every layer.
    """
    stack = axis(Factor(Role.LAYER, call.layers), Factor(Role.DIRECTION, call.directions))
    width = call.cell_units if kind is Kind.CELL else call.units
    units = axis(Factor(Role.UNIT, width))
    rows = (stack,) if call.samples is None else (stack, axis(Factor(Role.SAMPLE, call.samples)))
    block = Block(call, kind, (*rows, units), _FINAL, marks=_OF_STATE, orders=_order_of(call))
    # settled where its step is known, with its only direction; or it has no elements, which are written in one way
    if call.directions > 1 and call.steps != 1 and call.layers and call.samples != 0 and width:
        return block
    return settle(block, block.axes, dict(block.at))


def _order_of(call: Call) -> tuple[tuple[Role | Own, Order], ...]:
    return ((Role.SAMPLE, call.order),) if call.order else ()


@once
def given(source: Given) -> Block:
    """A tensor of its own: every axis has its own meaning."""
    axes = tuple([(Factor(Own(i), size),) if size != 1 else () for i, size in enumerate(source.shape)])
    return Block(source, Kind.GIVEN, axes)
