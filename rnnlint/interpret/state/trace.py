"""What has happened in a run: events and the places it came by, in order, to be taken back from a mark on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rnnlint.axes.states import Note, States, blocks
from rnnlint.events import Ended, Event, Handed, PackedRead, PairRead, Read, ResultRead, Sorted, Unfit, Used
from rnnlint.source import program as ir
from rnnlint.values.domain import Packed


class Trace:
    """Grows at its end.  What was said since a :meth:`mark` can be taken back, or what of it turns out not to be so."""

    __slots__ = ("events", "reached")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.reached: set[ir.Node] = set()

    def emit(self, event: Event) -> None:
        """Something has happened."""
        self.events.append(event)

    def mark(self) -> int:
        """What is said from here on can be taken back."""
        return len(self.events)

    def take_back(self, mark: int) -> list[Event]:
        """Take back what was said since; returns it."""
        taken = self.events[mark:]
        del self.events[mark:]
        return taken

    def retract(self, mark: int, answered: Callable[[Event], bool] = lambda _: False) -> None:
        """Some path does not raise: that another has modules that do not fit together says that it is not taken.

        So does what a condition on the way has asked about, and ``answered`` says of which events that holds.
        """
        since = self.take_back(mark)
        self.events += [event for event in since if not isinstance(event, Unfit) and not answered(event)]

    def withdraw(self, mark: int, of_kind: bool = False) -> None:
        """What was said since is not so: torch did not raise.  What was used, was used all the same.

        ``of_kind``: only that a tuple is no tensor, or a state of the wrong kind, since the program has tried it and
        goes on with what it can be instead.  That an index never fits stays wrong, caught or not.
        """
        kind = (PairRead, ResultRead, PackedRead, Handed)
        stays = (Used, Read, Ended, Sorted)
        since = self.take_back(mark)
        self.events += [
            event for event in since if isinstance(event, stays) or (of_kind and not isinstance(event, kind))
        ]

    def rebuild(self, packed: Packed) -> None:
        """A PackedSequence is made of another one's fields: they were asked for by number for that."""
        self.events = [event for event in self.events if not isinstance(event, PackedRead) or event.packed != packed]

    def meant(self, states: States) -> None:
        """A tensor is read with its three axes: who takes ``state[-1]`` for the last layer's state counts on two."""
        sites = {mark.site for block in blocks(states) for mark in block.marks if mark.about is Note.CELLS}
        for place, event in enumerate(self.events) if sites else ():
            if isinstance(event, PairRead) and event.index == -1 and event.site in sites:
                self.events[place] = replace(event, meant=True)
