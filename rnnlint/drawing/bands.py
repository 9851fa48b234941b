"""Where along an axis one cell ends and the next begins, and which cells of a long axis are drawn."""

from __future__ import annotations

from collections.abc import Callable

from rnnlint.axes.states import Block, Joined, States, length
from rnnlint.drawing.held import Setting, period
from rnnlint.frozen import dataclass

Band = tuple[int, int]
"""Where a group of elements begins along an axis, and where it ends."""


@dataclass(frozen=True, slots=True)
class Bands:
    """The groups of an axis that are drawn, in order; between ``head`` and ``tail`` some may have been left out."""

    head: tuple[Band, ...]
    tail: tuple[Band, ...] = ()

    @property
    def drawn(self) -> tuple[Band, ...]:
        """All that are drawn."""
        return (*self.head, *self.tail)

    @property
    def left_out(self) -> Band | None:
        """The elements that are not drawn."""
        return (self.head[-1][1], self.tail[0][0]) if self.tail else None


def after(states: States, axis: int, position: int, setting: Setting) -> int:
    """Where the group ends in which an element is."""
    if isinstance(states, Block):
        size = period(states, axis, setting)
        return (position // size + 1) * size
    if isinstance(states, Joined) and states.axis == axis:
        start = 0
        for part in states.parts:
            stop = start + length(part, axis)
            if position < stop:
                return min(stop, start + after(part, axis, position - start, setting))
            start = stop
    return min(after(part, axis, position, setting) for part in states.parts)


def before(states: States, axis: int, stop: int, setting: Setting) -> int:
    """Where the group begins that ends there."""
    if isinstance(states, Block):
        size = period(states, axis, setting)
        return (stop - 1) // size * size
    if isinstance(states, Joined) and states.axis == axis:
        start = 0
        for part in states.parts:
            end = start + length(part, axis)
            if stop <= end:
                return start + before(part, axis, stop - start, setting)
            start = end
    return max(before(part, axis, stop, setting) for part in states.parts)


def bands(states: States, axis: int, most: int, setting: Setting, same: Callable[[Band, Band], bool] | None) -> Bands:
    """At most ``most`` groups of an axis: the first ones and, where not all of them are drawn, the last.

    ``same`` says of two that stand side by side whether they are one group after all.
    """
    total = length(states, axis)
    head: list[Band] = []
    position = 0
    looked = 0
    while position < total and len(head) <= most and looked < _LOOKED:
        band = (position, after(states, axis, position, setting))
        if same is not None and head and same(head[-1], band):
            band = (head.pop()[0], band[1])
        head.append(band)
        position = band[1]
        looked += 1
    if position == total and len(head) <= most:
        return Bands(tuple(head))
    # the last one that was looked at may go on behind it
    kept = head[: max(1, min(most - 1, len(head) - 1))]
    start = before(states, axis, total, setting)
    return Bands(tuple(kept), ((max(start, kept[-1][1]), total),))


_LOOKED = 256  # groups that may turn out to be one: a row of so many units in a tangle; what is longer is elided
