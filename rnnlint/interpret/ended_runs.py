"""What a run leaves when it is over."""

from __future__ import annotations

from rnnlint.interpret.outcomes import Outcome
from rnnlint.interpret.starts import Start
from rnnlint.interpret.state.ending import events_of
from rnnlint.interpret.state.known import CallSite
from rnnlint.interpret.state.run import Run


def outcome_of(run: Run, start: Start, name: str, raises: str, cut: bool) -> Outcome:
    """The outcome of a run of ``name``; ``cut``: it has not come to its end."""
    events = tuple(run.trace.events)
    with run.learned.failures.contained(f"the end of {name}"):
        events = events_of(run, cut)
    return Outcome(
        start.assumptions,
        events,
        frozenset(run.trace.reached),
        raises,
        start.declared,
        tuple(run.losses.why),
        run.calls.built,
        frozenset(run.calls.called),
        run.names.bound(),
        run.calls.every_module(),
        run.calls.packed_at,
        run.alternatives.stands,
        run.alternatives.optional(run.calls.every_module()),
        _sites(run, start),
        frozenset(run.journal.account.vague),
        frozenset(run.journal.account.completed),
        cut=cut,
        harmless=frozenset(run.calls.harmless),
    )


def farthest(asked: tuple[Run, Start], last: Outcome, name: str) -> Outcome:
    """Of the ``last`` run, for which no steps were left, and the one before it, what the one leaves that came farther.

    The one before it had to know something more, and began again with that; what it had seen until then it has seen.
    """
    run, start = asked
    return outcome_of(run, start, name, "", cut=True) if last.reached < run.trace.reached else last


def _sites(run: Run, start: Start) -> tuple[CallSite, ...]:
    """How the objects are built whose methods were run, that of the run's own class first."""
    met = (run.state.instances.get(cell) for cell in run.receivers)
    return tuple(dict.fromkeys(site for site in (start.site, *met) if site is not None))
