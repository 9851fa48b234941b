"""Notes on arrangements: what was done to a tensor without changing what it reads.

A note is a :class:`~rnnlint.axes.states.Mark` about a word instead of a role.  It stays with the tensor through every
operation, and does not count when arrangements are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from rnnlint.axes.states import Blended, Block, Joined, Mark, States

MASKED = "masked"  # multiplied by a mask, filled where one holds: padding no longer counts
POOLED = "pooled padding"  # reduced, or normalised by a softmax, over steps that hold padding
TURNED = "padded in the other layout"  # padded again in the other layout than it was packed in
ON_DEVICE, ON_CPU = "on device", "on cpu"  # moved there


def noted(states: States, about: str, site: Hashable, where: Callable[[Block], bool] = lambda _: True) -> States:
    """The arrangement with a note on every block that ``where`` picks."""
    match states:
        case Block():
            return replace(states, marks=(*states.marks, Mark(about, 0, site))) if where(states) else states
        case Joined():
            return Joined(states.axis, tuple(noted(part, about, site, where) for part in states.parts))
        case Blended():
            return Blended(tuple(noted(part, about, site, where) for part in states.parts))


def without(states: States, about: str) -> States:
    """The arrangement without its notes about something."""
    match states:
        case Block():
            return replace(states, marks=tuple(mark for mark in states.marks if mark.about != about))
        case Joined():
            return Joined(states.axis, tuple(without(part, about) for part in states.parts))
        case Blended():
            return Blended(tuple(without(part, about) for part in states.parts))


def note(block: Block, about: str) -> Mark | None:
    """The last note on a block about something."""
    return next((mark for mark in reversed(block.marks) if mark.about == about), None)
