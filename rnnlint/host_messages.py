"""What the hosts themselves have to say of a file, beside its findings: that it was not understood, or that we failed.

RNN900 and RNN901 are rules whose events no interpreter emits: whoever has a report in hand does.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Site
from rnnlint.report import Report
from rnnlint.rules import registry
from rnnlint.rules.rnn900 import NotAnalysed, NotFollowed
from rnnlint.rules.rnn901 import InternalError

_NOWHERE = Site(None)  # hosts know the places as lines

Said = tuple[int, int, str]
"""A line from 1, a column from 0, and what is said there, without the code."""


def not_known(report: Report, *, show_unknown: bool) -> Iterator[Said]:
    """RNN900: a file that was not understood, and with ``show_unknown`` where one was not followed."""
    about: list[tuple[int, int, NotAnalysed | NotFollowed]] = []
    if report.not_analysed is not None and not report.internal:
        about.append((1, 0, NotAnalysed(report.not_analysed, _NOWHERE)))
    if show_unknown:
        about += [(one.line, one.column, NotFollowed(one.reason, one.count, _NOWHERE)) for one in report.unknown]
    for line, column, event in about:
        yield from ((line, column, hit.message) for hit in registry()["RNN900"].check(event))


def cell_not_analysed(reason: str) -> str:
    """RNN900 of a notebook's cell: what is not understood of it costs the others nothing."""
    event = NotAnalysed(f"the cell is no Python: {reason}", _NOWHERE)
    return next(hit.message for hit in registry()["RNN900"].check(event))


def failed(report: Report) -> Iterator[Said]:
    """RNN901: mistakes of rnnlint's own."""
    for failure in report.internal:
        event = InternalError(failure.what, failure.error, _NOWHERE)
        yield from ((failure.line, 0, hit.message) for hit in registry()["RNN901"].check(event))
