"""Notes on arrangements: what was done to a tensor without changing what it reads.

A note is a :class:`~rnnlint.axes.states.Mark` about a :class:`~rnnlint.axes.states.Note` instead of a role.  It stays
with the tensor through every operation, and does not count when arrangements are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from rnnlint.axes.states import Blended, Block, Joined, Mark, Note, States


def each_block(states: States, change: Callable[[Block], Block]) -> States:
    """The arrangement with every block changed."""
    match states:
        case Block():
            return change(states)
        case Joined():
            return Joined(states.axis, tuple(each_block(part, change) for part in states.parts))
        case Blended():
            return Blended(tuple(each_block(part, change) for part in states.parts))


def noted(states: States, about: Note, site: Hashable, where: Callable[[Block], bool] = lambda _: True) -> States:
    """The arrangement with a note on every block that ``where`` picks."""
    one = Mark(about, 0, site)
    return each_block(states, lambda block: replace(block, marks=(*block.marks, one)) if where(block) else block)


def noted_first(states: States, about: Note, site: Hashable) -> States:
    """The arrangement with a note on every block that has none about it."""
    return noted(states, about, site, lambda block: note(block, about) is None)


def without(states: States, about: Note) -> States:
    """The arrangement without its notes about something."""
    return each_block(
        states, lambda block: replace(block, marks=tuple(mark for mark in block.marks if mark.about is not about))
    )


def note(block: Block, about: Note) -> Mark | None:
    """The last note on a block about something."""
    return next((mark for mark in reversed(block.marks) if mark.about is about), None)
