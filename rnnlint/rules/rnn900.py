"""RNN900 not-analysed

## What it finds
A file that builds an RNN, that Python can read and rnnlint cannot, with the reason: it is nested too deeply, or libcst
does not parse it. With `--rnnlint-show-unknown` also what could not be followed in a file that was analysed, and how
often: names from other files, operations that rnnlint does not know, shapes that the file leaves open.

## Why it is wrong
Nothing is wrong with the program. But silence about a file that was not understood must not be taken for a clean one,
so whoever wants to know can select this code.

## When it stays silent
- Always, unless it is selected, as `RNN900` or `RNN90`, or the option is given. Files without RNN, LSTM or GRU in their
  text are never looked into.
- Of a file that is not there, cannot be decoded or is no Python: flake8 asks no plugin about it, and reports it as E902
  or E999, where these are selected. So select `RNN,E9`; with `RNN` alone such a file passes for a clean one.

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


@dataclass(frozen=True, slots=True)
class NotFollowed:
    """What the host reports of a file that was analysed: something in it was not followed, ``count`` times."""

    reason: str
    count: int
    site: Site


@rule("RNN900", "not-analysed", since="0.1", on=False, fix="none", doc=__doc__)
def not_analysed(event: NotAnalysed | NotFollowed) -> Iterator[Hit]:
    if isinstance(event, NotAnalysed):
        yield Hit(event.site, f"not analysed: {event.reason}")
    else:
        times = "" if event.count == 1 else f" ({event.count} times)"
        yield Hit(event.site, f"not followed: {event.reason}{times}")
