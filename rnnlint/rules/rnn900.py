"""RNN900 not-analysed

## What it finds
A file that builds an RNN and could not be analysed, with the reason: it does not parse, or it is nested too deeply.

## Why it is wrong
Nothing is wrong with the program. But silence about a file that was not understood must not be taken for a clean one,
so whoever wants to know can select this code.

## When it stays silent
- Always, unless it is selected. Files without RNN, LSTM or GRU in their text are never looked into.

## Fix
None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rnnlint.events import Site
from rnnlint.rules.rule import Hit, rule


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    """What the host reports of a file it gave up on; no interpreter emits it."""

    reason: str
    site: Site


@rule("RNN900", "not-analysed", since="0.1", on=False, fix="none", doc=__doc__)
def not_analysed(event: NotAnalysed) -> Iterator[Hit]:
    yield Hit(event.site, f"not analysed: {event.reason}")
