"""RNN900 not-analysed

## What it finds
A file that builds an RNN and that Python can read, but rnnlint cannot, with the reason: it is nested too deeply. With
`--rnnlint-show-unknown` also where a file that was analysed was not followed: the lines on which a result of a
recurrent module, or the module itself, goes into a function of another file, an operation that rnnlint does not know or
a shape that the file leaves open. From there on nothing is said of it.
[followed.md](../followed.md) has the operations that are known, and how their arguments are bound.

## Why it is wrong
Nothing is wrong with the program. But silence about a file that was not understood must not be taken for a clean one,
so whoever wants to know can select this code.

## When it stays silent
- Always, unless it is selected, as `RNN900` or `RNN90`, or the option is given. Of files without RNN, LSTM or GRU in
  their text, unless `rnnlint check` finds that they use what another file defines with one.
- Of a file that is not there, cannot be decoded or is no Python: flake8 asks no plugin about it, and reports it as E902
  or E999, where these are selected. So select `RNN,E9`; with `RNN` alone such a file passes for a clean one.

## Fix
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnlint.events import Site
from rnnlint.frozen import dataclass
from rnnlint.rules.rule import Hit, rule

_NAMED = re.compile(r"(torch|Tensor|nn|numpy|einops)\..* is not followed$")
"""Reasons that name a function which could be in the list, and is not."""
_LISTED = " (docs/followed.md has what is)"


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    """What the host reports of a file it gave up on; no interpreter emits it."""

    reason: str
    site: Site


@dataclass(frozen=True, slots=True)
class NotFollowed:
    """What the host reports of a line of a file that was analysed: it was not followed, at ``count`` places of it."""

    reason: str
    count: int
    site: Site


@rule("RNN900", "not-analysed", since="0.1", on=False, fix="none", doc=__doc__)
def not_analysed(event: NotAnalysed | NotFollowed) -> Iterator[Hit]:
    if isinstance(event, NotAnalysed):
        yield Hit(event.site, f"not analysed: {event.reason}")
    else:
        times = "" if event.count == 1 else f" ({event.count} times)"
        yield Hit(event.site, f"not followed: {event.reason}{times}{_LISTED if _NAMED.match(event.reason) else ''}")
