"""The end of a run: what only then can be said of what has happened in it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

from rnnlint.events import Ended, Event, Joining, PairRead, ResultRead, Squeezed
from rnnlint.interpret.state.evidence import Doubts, completed, in_doubt
from rnnlint.interpret.state.kept_rows import taken_all
from rnnlint.interpret.state.run import Run
from rnnlint.interpret.state.squeezed_again import gone_anyway, nothing_more, of_all_shapes


def events_of(run: Run, cut: bool = False) -> tuple[Event, ...]:
    """The events of a run that is over, with what became of every call.

    Of a run that was ``cut`` short nobody knows what would have come: everything that a call returned may have been
    used, every squeeze looked at, every sort undone.

    The order: events as they happened, completed; then ``Called``, since rules about a call look at what was said of it
    before; then ``Read`` and ``Ended``, for which all uses must be there (of a run cut short, more of them); what loops
    and sorts have come to at the end.  So ``anything_used`` stands before ``reads``: what it adds are uses.
    """
    events, calls, layouts = _of_known_tuples(of_all_shapes(run.trace.events)), run.calls, run.layouts
    squeezed = [event for event in events if isinstance(event, Squeezed)]
    misread = {event.call for event in events if isinstance(event, PairRead)}
    called = layouts.judged(calls.going_on(run.known.text.reads))
    doubts = Doubts(in_doubt(called), calls.alone | set(run.alternatives.optional(calls.every_module())))
    if cut:  # what was left out may look at how many axes are left, and take apart what was joined
        squeezes = {event.site.node for event in squeezed}
        joins: set[Hashable] = {event.site for event in events if isinstance(event, Joining)}
        said = completed(events, doubts, squeezes, set(), joins)
        calls.anything_used()
    else:
        looked = layouts.looked | {event.site.node for event in squeezed if layouts.asked_for(event)}
        viewed = layouts.viewed | nothing_more(squeezed, looked) | gone_anyway(squeezed, events, run.heap.values())
        said = [*completed(events, doubts, looked, viewed, layouts.apart), *called]
    asked = run.facts.is_default, run.alternatives.apart
    reads = tuple(calls.reads(doubts, misread, run.ignored, run.known.text.batches, *asked))
    entries = taken_all(reads) if squeezed else {}
    said = [*(_known(event, entries) for event in said), *reads, Ended(reads)]
    if not cut:
        rounds = run.rounds
        said += run.batches.events(calls.used_calls(), calls.used)
        said += [*rounds.events(), *rounds.kept(), *rounds.resumes()]
    return tuple(said)


def _known(event: Event, entries: Mapping[Hashable, int]) -> Event:
    """A squeeze that has left an axis as it was, with whether the program goes on with all of it."""
    if isinstance(event, Squeezed) and entries.get(event.site.node, 0) >= event.extents[0]:
        return replace(event, known=True)
    return event


def _of_known_tuples(events: list[Event]) -> list[Event]:
    """The events; who takes [0] of what a call returned as well knows that [-1] of it is the state."""
    parts = [event for event in events if isinstance(event, ResultRead) and event.index is not None]
    known = {event.call for event in parts if event.index in (0, 1)}
    if len(known) == 0 or all(event.index != -1 for event in parts):
        return events
    return [
        replace(event, meant=True)
        if isinstance(event, ResultRead) and event.index == -1 and event.call in known
        else event
        for event in events
    ]
