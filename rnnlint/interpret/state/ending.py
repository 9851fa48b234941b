"""The end of a run: what only then can be said of what has happened in it."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.events import Ended, Event, Joining, PairRead, Squeezed
from rnnlint.interpret.state.evidence import Doubts, completed, in_doubt
from rnnlint.interpret.state.run import Run


def events_of(run: Run, cut: bool = False) -> tuple[Event, ...]:
    """The events of a run that is over, with what became of every call.

    Of a run that was ``cut`` short nobody knows what would have come: everything that a call returned may have been
    used, every squeeze looked at, every sort undone.

    The order: events as they happened, completed; then ``Called``, since rules about a call look at what was said of it
    before; then ``Read`` and ``Ended``, for which all uses must be there (of a run cut short, more of them); what loops
    and sorts have come to at the end.  So ``anything_used`` stands before ``reads``: what it adds are uses.
    """
    events, calls, layouts = run.trace.events, run.calls, run.layouts
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
        said = [*completed(events, doubts, looked, layouts.viewed, layouts.apart), *called]
    reads = tuple(calls.reads(doubts, misread, run.ignored, run.known.text.batches))
    said = [*said, *reads, Ended(reads)]
    if not cut:
        rounds = run.rounds
        said += run.batches.events(calls.used_calls(), calls.used)
        said += [*rounds.events(), *rounds.kept(), *rounds.resumes()]
    return tuple(said)
