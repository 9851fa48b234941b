"""Notes on arrangements: what was done to a tensor without changing what it reads.

A note is a :class:`~rnnlint.axes.states.Mark` about a :class:`~rnnlint.axes.states.Note` instead of a role.  It stays
with the tensor through every operation, and does not count when arrangements are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from operator import is_

from rnnlint.axes.states import Blended, Block, Joined, Mark, Note, States, marked


def each_block(states: States, change: Callable[[Block], Block]) -> States:
    """The arrangement with every block changed."""
    if isinstance(states, Block):
        return change(states)
    parts = tuple([each_block(part, change) for part in states.parts])
    if all(map(is_, parts, states.parts)):  # nothing to say of any of them: it is the tensor that it was
        return states
    return Joined(states.axis, parts) if isinstance(states, Joined) else Blended(parts)


def noted(
    states: States, about: Note, site: Hashable, where: Callable[[Block], bool] = lambda _: True, extent: int = 0
) -> States:
    """The arrangement with a note on every block that ``where`` picks."""
    one = Mark(about, extent, site)
    return each_block(states, lambda block: marked(block, (*block.marks, one)) if where(block) else block)


def noted_first(states: States, about: Note, site: Hashable, extent: int = 0) -> States:
    """The arrangement with a note on every block that has none about it; ``extent`` says what it means (see there)."""
    return noted(states, about, site, lambda block: note(block, about) is None, extent)


def without(states: States, about: Note) -> States:
    """The arrangement without its notes about something."""
    return each_block(
        states,
        lambda block: (
            block
            if note(block, about) is None
            else marked(block, tuple([mark for mark in block.marks if mark.about is not about]))
        ),
    )


def instead(states: States, about: Note, other: Note) -> States:
    """The arrangement with the last note about something turned into one about something else."""

    def change(block: Block) -> Block:
        known = note(block, about)
        if known is None:
            return block
        kept = tuple([mark for mark in block.marks if mark.about is not about])
        return marked(block, (*kept, Mark(other, known.extent, known.site)))

    return each_block(states, change)


def note(block: Block, about: Note) -> Mark | None:
    """The last note on a block about something."""
    for mark in reversed(block.marks):
        if mark.about is about:
            return mark
    return None


def all_notes(block: Block, about: Note) -> Iterator[Mark]:
    """Every note on a block about something: several where blocks that read the same have become one."""
    return (mark for mark in block.marks if mark.about is about)
