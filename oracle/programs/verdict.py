"""What the linter should say of a program, from the truth of its run, and whether it says so.

The classes of codes follow the catalogue of rules: a fact may be reported under any code whose rule it falls under,
since one cause is one finding.  Facts that no rule which is on by default names are left free.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from oracle.programs.draw import Program
from oracle.programs.facts import ODD, Fact, facts
from oracle.programs.truth import RAISED, influences

_SAMPLES = frozenset({"RNN201", "RNN202", "RNN203", "RNN204", "RNN205", "RNN206", "RNN208"})
# What stands below each other, or in the wrong row, may be wrong already where it was taken.
_PARTS = frozenset({"RNN102", "RNN103", "RNN104", "RNN105", "RNN106", "RNN110"})

CODES: dict[Fact, frozenset[str]] = {
    Fact.MIXES_SAMPLES: _SAMPLES | _PARTS | {"RNN403"},
    Fact.LOSES_SAMPLES: _SAMPLES | {"RNN403"},
    Fact.JOINED_ALONG_SAMPLES: _SAMPLES | _PARTS,
    Fact.CELL_JOINED: frozenset({"RNN206", "RNN302"}),
    Fact.HALF_READ_ONE: frozenset({"RNN102", "RNN103", "RNN108"}),
    Fact.FIRST_STEP: frozenset({"RNN110"}),
    Fact.ONLY_LOWER_LAYER: frozenset({"RNN105", "RNN106"}),
    Fact.SINGLE_DIRECTION: frozenset({"RNN104", "RNN106", "RNN108"}),
    Fact.HALF_CUT: frozenset({"RNN108", "RNN102", "RNN103"}),
}
MISREAD = frozenset({"RNN301", "RNN302", "RNN303"})


class Expected(enum.Enum):
    """What the truth asks of the linter."""

    REPORT = "reported"
    SILENCE = "silent"
    FREE = "free"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Truth:
    """``codes`` are those a report may have; ``facts`` hold in the configuration that decides."""

    expected: Expected
    facts: frozenset[Fact] = frozenset()
    codes: frozenset[str] = frozenset()
    reason: str = ""


def facts_of(text: str, expression: str) -> frozenset[Fact]:
    """Facts about one run's result.  Raises what the program raises; ValueError if no recurrent layer reaches it."""
    found = influences(text, expression)
    if not found:
        raise ValueError("no state reaches the result")
    return frozenset().union(*map(facts, found))


def truth_of(program: Program) -> Truth:
    """Runs the program in the configurations that decide."""
    try:
        declared = facts_of(program.text, program.declared)
    except RAISED as error:
        return Truth(Expected.DROPPED, reason=f"{type(error).__name__}: {str(error).splitlines()[0]}")
    arms = _facts_where_it_runs(program.text, program.arms)
    # before codes are asked for: what is named as one half was meant, whichever arm it stands in
    if program.half:  # a half of output that is named as one was meant to be one
        declared, *arms = (found - {Fact.SINGLE_DIRECTION} for found in (declared, *arms))
    # before facts: a text that takes one result for another is to be reported whatever it reads
    if program.misread:
        return Truth(Expected.REPORT, declared, MISREAD | _codes(declared), "misread result")
    if program.free:
        return Truth(Expected.FREE, declared, reason=program.free)
    # before codes, because one sample may be meant, whatever else is read of it
    if Fact.FIRST_SAMPLE in declared:
        return Truth(Expected.FREE, declared, reason="one sample, which may be meant")
    if _codes(declared):
        return Truth(Expected.REPORT, declared, _codes(declared))
    wrong = [found for found in arms if _codes(found)]
    common = frozenset.intersection(*map(_codes, wrong)) if wrong else frozenset()
    common -= {"RNN106"}  # that states of some entries are missing is told of both kinds of entries
    if common and len(wrong) == len(arms):  # one finding must hold in every configuration that reaches the arm
        return Truth(Expected.REPORT, wrong[0], common, "guarded arm")
    doubtful = _facts_where_it_runs(program.text, program.doubtful)
    if wrong or any(map(_codes, doubtful)):
        return Truth(Expected.FREE, declared, reason="wrong in some configurations that reach the arm")
    if len(arms) + len(doubtful) < len(program.arms) + len(program.doubtful):
        return Truth(Expected.FREE, declared, reason="raises in some configurations that reach the arm")
    if ODD & declared or any(ODD & found for found in arms):
        return Truth(Expected.FREE, declared, reason="odd, but no mistake by itself")
    return Truth(Expected.SILENCE, declared)


def _facts_where_it_runs(text: str, expressions: Iterable[str]) -> list[frozenset[Fact]]:
    found = []
    for expression in expressions:
        with contextlib.suppress(*RAISED):
            found.append(facts_of(text, expression))
    return found


def _codes(found: Iterable[Fact]) -> frozenset[str]:
    return frozenset().union(*(CODES.get(fact, frozenset()) for fact in found))


def disagreement(truth: Truth, text: str, linted: Callable[[str], Iterable[str]]) -> str:
    """Why the codes that ``linted`` gives of ``text`` are not what the truth asks for; empty if they are."""
    if truth.expected in (Expected.FREE, Expected.DROPPED):
        return ""
    found = sorted(set(linted(text)))
    if truth.expected is Expected.SILENCE:
        return f"reported {', '.join(found)}, but it is right" if found else ""
    if truth.codes.isdisjoint(found):
        said = ", ".join(found) if found else "nothing"
        return f"reported {said}, wanted one of {', '.join(sorted(truth.codes))}"
    return ""
