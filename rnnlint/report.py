"""What the linter says of one file."""

from __future__ import annotations

from dataclasses import field

from rnnlint.failures import Internal
from rnnlint.findings import Finding
from rnnlint.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Modules:
    """The places of a file where recurrent modules (or cells) of torch are built.

    ``understood`` counts those built from known facts whose call was followed in a configuration that does not raise,
    ``unknown`` says of all others why not, with how often each reason was met.  ``raising`` counts the declared
    configurations that raise after such a call.
    """

    seen: int = 0
    understood: int = 0
    unknown: tuple[tuple[str, int], ...] = ()
    raising: int = field(default=0, compare=False)  # for --fix alone: an open size makes it larger than it is


@dataclass(frozen=True, slots=True, order=True)
class Unfollowed:
    """A line on which something that came of a recurrent module, or the module itself, went into what is not followed.

    Also the line of a function or class whose analysis has reached one of its bounds.  ``line`` counts from 1,
    ``column`` from 0; ``count`` is at how many places of the line.
    """

    line: int
    column: int
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """What is said of one file.

    ``not_analysed`` is the reason why nothing could be said, ``unknown`` says what was not followed, in the order of
    its lines.  ``internal`` are mistakes of rnnlint's own, by line: what is missing here because of them
    is a rule's word at one place or one value, or all of the file, where ``not_analysed`` says so.
    """

    findings: tuple[Finding, ...] = ()
    not_analysed: str | None = None
    unknown: tuple[Unfollowed, ...] = ()
    modules: Modules = Modules()
    internal: tuple[Internal, ...] = ()


NOTHING = Report()
UNREADABLE = "Python cannot parse it"
"""How the reason begins for which a file is not analysed that is no Python."""
INTERNAL = "rnnlint failed on it, please report this"
