"""What the linter makes of one text, and the smallest text of which it makes the same."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from unittest.mock import patch

from rnnlint.interpret.explore import TOO_DEEP, Exploring
from rnnlint.interpret.state.known import Learned
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.linter import lint
from rnnlint.report import Report

MOST_STEPS = LIMITS.total_steps + LIMITS.exploration  # the last function begun is run to its end

ANALYSED, NOT_ANALYSED, INTERNAL, BEYOND = "analysed", "not analysed", "internal error", "more steps than allowed"
SLOW, CRASHED = "beyond the time limit", "the process ended"
BAD = (INTERNAL, BEYOND, CRASHED)

# by files of this package, because where Python or libcst raises says less than which of ours called it
_FRAME = re.compile(r'File "[^"]*?(rnnlint/[^"]+)", line \d+, in (\S+)')
_ATTEMPTS = 600  # at a smaller text


@dataclass(frozen=True, slots=True)
class Verdict:
    """``kind`` tells internal errors and reasons apart: the exception and where in rnnlint it was raised."""

    state: str
    kind: str = ""
    steps: int = 0
    seconds: float = 0.0


def judged(text: str) -> Verdict:
    """The verdict on one text.  Steps are those of all its runs: the same on every machine, unlike seconds."""
    counted = 0
    learn = Exploring.learn

    def counting(file: Exploring, learned: Learned) -> None:
        nonlocal counted
        counted += learned.steps
        learn(file, learned)

    begun = time.process_time()
    with patch.object(Exploring, "learn", counting):
        report = lint(text)
    state, kind = _state(report)
    if state == ANALYSED and counted > MOST_STEPS:
        state, kind = BEYOND, f"more than {MOST_STEPS:,} steps"
    return Verdict(state, kind, counted, time.process_time() - begun)


def _state(report: Report) -> tuple[str, str]:
    # internal errors before all else: what is not analysed because of one is no refusal
    if report.internal:
        first = report.internal[0]
        frames = _FRAME.findall(first.trace)
        where = " in ".join(reversed(frames[-1])) if frames else first.what
        return INTERNAL, f"{first.error.partition(':')[0]} in {where}"
    if any(one.reason.endswith(TOO_DEEP) for one in report.unknown):
        return INTERNAL, TOO_DEEP  # a mutant is not deep: something of ours is
    if report.not_analysed is not None:
        # numbers out, because a reason that names a line would be a kind of its own for every program
        return NOT_ANALYSED, re.sub(r"\d+", "N", report.not_analysed)
    return ANALYSED, ""


def smallest(text: str, same: Callable[[str], bool]) -> str:
    """The text without the lines that are not needed for what ``same`` asks."""
    lines = text.splitlines()
    # halves first, because most lines are not needed; single lines last
    size, attempts = max(1, len(lines) // 2), 0
    while size and attempts < _ATTEMPTS:
        start, shorter = 0, False
        while start < len(lines) and attempts < _ATTEMPTS:
            kept = [*lines[:start], *lines[start + size :]]
            attempts += 1
            if same("\n".join([*kept, ""])):
                lines, shorter = kept, True
            else:
                start += size
        # again at one line while that helps, because a line may only go after the one that needs it
        size = size if shorter and size == 1 else size // 2
    return "\n".join([*lines, ""])
