"""RNN901 internal-error

## What it finds
A place at which rnnlint itself failed: an exception in one of its rules, or in its analysis of the program, that nobody
meant to raise. What is missing because of it is named: the word of a rule at this place, the value of an expression, or
all of the file.

## Why it is wrong
Nothing is wrong with the program. But something of rnnlint's is, and findings may be missing here: silence must not be
taken for a clean file. `rnnlint traceback FILE` prints what is needed to mend it, and where to report it.

## When it stays silent
- Whenever rnnlint does not fail. A file that could not be read for another reason is RNN900.

## Fix
None. `# noqa: RNN901` on the line keeps a lint from failing until rnnlint is mended.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Site
from rnnlint.frozen import dataclass
from rnnlint.rules.rule import Hit, rule

_ERROR = 40  # characters of the exception: with the rest, and a rule or a function named, a line of 120


@dataclass(frozen=True, slots=True)
class InternalError:
    """What the host reports of an exception of rnnlint's own; no interpreter emits it."""

    what: str
    error: str
    site: Site


@rule("RNN901", "internal-error", since="0.2", on=True, fix="none", doc=__doc__)
def internal_error(event: InternalError) -> Iterator[Hit]:
    # 3 for the dots
    error = event.error if len(event.error) <= _ERROR else f"{event.error[: _ERROR - 3]}..."
    yield Hit(event.site, f"{event.what} failed ({error}): please report what `rnnlint traceback FILE` says")
