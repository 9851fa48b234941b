"""In what order the samples of a block are, and whether that is undone where they are."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.reading import sample_orders
from rnnlint.axes.states import Block, Role, States
from rnnlint.events import Reordered
from rnnlint.rules.readings import alive, parts_of


def order_of(block: Block) -> tuple[tuple[object, int], ...]:
    """The order of the samples along an axis of the block; () where none is left."""
    return dict(block.orders).get(Role.SAMPLE, ()) if alive(block, Role.SAMPLE) else ()


def undone_elsewhere(event: Reordered) -> Iterator[Block]:
    """The blocks of which the order of the samples is undone along an axis that holds none."""
    for block in parts_of(event.before):
        order = order_of(block)
        if order and order == sample_orders.inverse(event.order) and not holds_samples(block, event.axis):
            yield block


def holds_samples(states: States, axis: int) -> bool:
    """Whether the samples are along an axis."""
    return isinstance(states, Block) and any(factor.along is Role.SAMPLE for factor in states.axes[axis])
