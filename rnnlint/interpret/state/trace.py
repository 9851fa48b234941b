"""What has happened in a run: events and the places it came by, in order, to be taken back from a mark on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rnnlint.axes.states import Note, States, blocks
from rnnlint.events import (
    Ended,
    Event,
    Handed,
    MadePairRead,
    PackedRead,
    PaddedRead,
    PairRead,
    Read,
    ResultRead,
    Sorted,
    Unfit,
    Used,
)
from rnnlint.interpret.state.journal import Journal
from rnnlint.source import program as ir
from rnnlint.values.domain import Packed


class Trace:
    """Grows at its end.  What was said since a :meth:`mark` can be taken back, or what of it turns out not to be so.

    While something is recorded, marks count in what that has said.
    """

    __slots__ = ("_journal",)

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    @property
    def events(self) -> list[Event]:
        """What has happened, in order."""
        return self._journal.account.events

    @property
    def reached(self) -> set[ir.Node]:
        """The places the run has come by."""
        return self._journal.account.reached

    def emit(self, event: Event) -> None:
        """Something has happened."""
        self._journal.account.events.append(event)

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
        self.events.extend(event for event in since if not isinstance(event, Unfit) and not answered(event))

    def withdraw(self, mark: int, of_kind: bool = False) -> None:
        """What was said since is not so: torch did not raise.  What was used, was used all the same.

        ``of_kind``: only that a tuple is no tensor, or a state of the wrong kind, since the program has tried it and
        goes on with what it can be instead.  That an index never fits stays wrong, caught or not.
        """
        kind = (PairRead, MadePairRead, ResultRead, PackedRead, PaddedRead, Handed)
        stays = (Used, Read, Ended, Sorted)
        since = self.take_back(mark)
        self.events.extend(
            event for event in since if isinstance(event, stays) or (of_kind and not isinstance(event, kind))
        )

    def rebuild(self, packed: Packed) -> None:
        """A PackedSequence is made of another one's fields: they were asked for by number for that."""
        for events in self._all():
            kept = [event for event in events if not isinstance(event, PackedRead) or event.packed != packed]
            self._rewrite(events, kept)

    def meant(self, states: States) -> None:
        """A tensor is read with its three axes: who takes ``state[-1]`` for the last layer's state counts on two."""
        self._meant(PairRead, states, Note.CELLS)
        self.meant_as_state(states)

    def meant_as_state(self, states: States) -> None:
        """A tensor is treated as the state it is: who takes ``rnn(x)[-1]`` for the last step does otherwise."""
        self._meant(ResultRead, states, Note.LAST_OF_RESULT)

    def _meant(self, kind: type[PairRead | ResultRead], states: States, about: Note) -> None:
        sites = {mark.site for block in blocks(states) for mark in block.marks if mark.about is about}
        for events in self._all() if sites else ():
            told = [
                replace(event, meant=True)
                if isinstance(event, kind) and event.index == -1 and event.site in sites
                else event
                for event in events
            ]
            self._rewrite(events, told)

    def _all(self) -> list[list[Event]]:
        found, account = [], self._journal.account
        while True:
            found.append(account.events)
            if account.around is None:
                return found
            account = account.around

    def _rewrite(self, events: list[Event], others: list[Event]) -> None:
        if events is not self.events and events != others:
            self._journal.spoil()  # what was said before the call at hand is another now
        events[:] = others
