"""Squeezes that name no axis: those of several shapes, and one after the other, of which one may take all."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from rnnlint.axes.states import Block, Role, shape
from rnnlint.events import Event, Squeezed, Used
from rnnlint.interpret.state.evidence import squeezed_at
from rnnlint.values.domain import Tensor
from rnnlint.values.heap_cells import Cell
from rnnlint.values.uses import Use
from rnnlint.values.walk import held, walk


def of_all_shapes(events: Sequence[Event]) -> list[Event]:
    """The events; where nothing is one wide in any of the shapes that a squeeze is met with, nothing is meant to go.

    A tensor that a loop lays together has one row after the first round, and is of no other use than after the others.
    """
    whole: dict[tuple[Hashable, int], tuple[int, ...]] = {}
    for event in events:
        if isinstance(event, Squeezed) and event.axis is None and event.extents and 1 not in event.extents:
            whole.setdefault((event.site.node, len(event.extents)), event.extents)
    if not whole:
        return list(events)
    return [
        replace(event, extents=whole.get((event.site.node, len(event.extents)), event.extents))
        if isinstance(event, Squeezed) and event.axis is None
        else event
        for event in events
    ]


def nothing_more(squeezed: Sequence[Squeezed], looked: set[Hashable]) -> set[Hashable]:
    """The places of squeezes of what another one, which is said, has left: of the same open axes nothing is left.

    ``looked``: whoever asks how many axes are left goes on with all of them.
    """
    open_at = {event.site.node: _open(event) for event in squeezed if event.axis is None}
    found: set[Hashable] = set()
    for event in squeezed:
        before = squeezed_at(event.before)
        said = event.axis is None and before and not before & looked
        if said and all(open_at.get(node) == _open(event) for node in before):
            found.add(event.site.node)
    return found


def gone_anyway(squeezed: Sequence[Squeezed], events: Sequence[Event], kept: Iterable[Cell]) -> set[Hashable]:
    """The places of squeezes behind which a layer makes one number of the features, and all axes of one are taken.

    ``fc(h.squeeze()).squeeze()`` is the same of one sample as ``fc(h).squeeze()``, since layers work place by place.
    Not where what was squeezed goes elsewhere as well with its features, or is in a list that the program has ``kept``.
    """
    found: dict[Hashable, int] = {}
    for event in squeezed:
        block, sizes = event.before, shape(event.before)
        last = event.axis is None and len(sizes) > 1 and sizes[-1] == 1
        if last and isinstance(block, Block) and not any(factor.along is Role.UNIT for factor in block.axes[-1]):
            found |= dict.fromkeys(squeezed_at(block), len(sizes))
    if found:
        used = [one.states for one in events if isinstance(one, Used) and one.how is not Use.PLACES]
        stored = [one.states for cell in kept for value in held(cell) for one in walk(value) if isinstance(one, Tensor)]
        for states in (*used, *stored):
            for node in squeezed_at(states) & found.keys():
                if len(shape(states)) >= found[node]:
                    del found[node]
    return set(found)


def _open(event: Squeezed) -> set[int]:
    sizes = shape(event.before)
    return {sizes[axis] for axis in event.open}
