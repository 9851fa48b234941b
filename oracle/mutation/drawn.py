"""Mutants of drawn programs: what they read, by the labels, and what the linter says."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

import torch

from oracle.mutation.fed import rows_moved, samples_as_steps
from oracle.mutation.source import Mutant
from oracle.mutation.undecided import undecided
from oracle.programs.draw import Program
from oracle.programs.facts import Fact
from oracle.programs.truth import RAISED, Influence, calls
from oracle.programs.verdict import CODES, MISREAD, Expected, Truth, truth_of

Linted: TypeAlias = Callable[[str], Iterable[str]]
Calls: TypeAlias = tuple[Influence, ...]
Runs: TypeAlias = tuple[Calls | None, ...]


class Reading(enum.Enum):
    """What a mutant reads, held against what the right program reads."""

    SAME = "unchanged"
    WRONG = "wrong"
    RIGHT = "another right reading"
    FREE = "undecided"
    RAISES = "raises"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``codes`` are those one of which a finding should have; ``why`` is empty unless the linter disagrees."""

    reading: Reading
    found: bool
    facts: frozenset[Fact] = frozenset()
    codes: frozenset[str] = frozenset()
    reason: str = ""
    why: str = ""


# A name that is no longer bound is what every other linter finds.
RAISED_BY_MUTANTS = (*RAISED, NameError, AssertionError)
_FED = CODES[Fact.LOSES_SAMPLES]
_AXIS_LOST = frozenset({"RNN207", "RNN208"})
_CELL = frozenset({"RNN302", "RNN304"})


@dataclass(frozen=True, slots=True)
class Right:
    """A right program, and what its runs read; the same on one sample."""

    program: Program
    runs: Runs
    singles: Runs


def right_reading(program: Program) -> Right | None:
    """None if the truth does not ask for silence on the program."""
    if truth_of(program).expected is not Expected.SILENCE:
        return None
    return Right(program, _runs(program), _singles(program))


def judged(right: Right, mutant: Mutant, linted: Linted, on: frozenset[str]) -> Verdict:
    """``on`` are the codes that are reported by default."""
    program = replace(right.program, text=mutant.text, half=False)
    codes = frozenset(linted(mutant.text))
    runs = _runs(program)
    # The declared run first: it decides, and the others only say whether anything changed.
    if runs[0] is None:
        return Verdict(Reading.RAISES, bool(codes))
    if all(map(same_calls, runs, right.runs)):
        if all(map(same_calls, _singles(program), right.singles)):
            return silent(Reading.SAME, codes & on, Truth(Expected.SILENCE))
        truth = Truth(Expected.REPORT, codes=_AXIS_LOST, reason="a batch of one sample is read otherwise")
    else:
        truth = _changed(program, runs[0], right)
    if truth.expected is Expected.SILENCE:
        return silent(Reading.RIGHT, codes & on, truth)
    if truth.expected is Expected.FREE:
        return Verdict(Reading.FREE, bool(codes & on), truth.facts, reason=truth.reason)
    why = ""
    # one of them is enough, because one cause is one finding
    if codes.isdisjoint(truth.codes | MISREAD):
        said = ", ".join(sorted(codes)) or "nothing"
        why = f"said {said}, wanted one of {', '.join(sorted(truth.codes))}"
    return Verdict(Reading.WRONG, not why, truth.facts, truth.codes, truth.reason, why)


def silent(reading: Reading, codes: frozenset[str], truth: Truth) -> Verdict:
    """The verdict on a mutant that reads the same, or other states that are right: it must not be reported."""
    if codes and codes <= MISREAD:  # wrong as it is written, and by the rules to be said whatever is read of it
        reason = "one result is taken for another, and what is read of it is right"
        return Verdict(Reading.FREE, True, truth.facts, reason=reason)
    why = f"said {', '.join(sorted(codes))}, but it is right" if codes else ""
    return Verdict(reading, bool(codes), truth.facts, reason=truth.reason, why=why)


def _changed(program: Program, declared: Calls, right: Right) -> Truth:
    """What the truth asks of a mutant that reads something else; a reading that is undecided says why."""
    before = right.runs[0] or ()
    truth = truth_of(program)
    if truth.expected is Expected.DROPPED:
        return Truth(Expected.FREE, reason="no state reaches the result")
    # what is fed comes before what is read, because of wrong samples every reading is wrong
    if samples_as_steps(declared):
        return Truth(Expected.REPORT, truth.facts, _FED | truth.codes, "samples of one call are steps of the next")
    if any(rows_moved(one.given, other.given) for one, other in zip(declared, before, strict=False)):
        return Truth(Expected.REPORT, truth.facts, _FED | truth.codes, "rows of the input stand in other places")
    if truth.expected is Expected.SILENCE and Fact.CELL_ALONE in truth.facts:
        truth = Truth(Expected.REPORT, truth.facts, _CELL)
    reason = undecided(truth, declared, before, program.styles)
    return Truth(Expected.FREE, truth.facts, reason=reason) if reason else truth


def _runs(program: Program) -> Runs:
    return tuple(_read(program.text, run) for run in (program.declared, *program.arms, *program.doubtful))


def _singles(program: Program) -> Runs:
    return tuple(_read(program.text, run) for run in program.singles)


def _read(text: str, expression: str) -> Calls | None:
    """None where the program raises."""
    with contextlib.suppress(*RAISED_BY_MUTANTS):
        return tuple(calls(text, expression))
    return None


def same_calls(one: Calls | None, other: Calls | None) -> bool:
    """Whether two runs read the same, and feed their recurrent calls the same."""
    if one is None or other is None:
        return one is other
    return len(one) == len(other) and all(map(_alike, one, other))


def _alike(one: Influence, other: Influence) -> bool:
    sizes = (one.extents, one.lead) == (other.extents, other.lead)
    fed = ((one.given, *one.start), (other.given, *other.start))
    return sizes and torch.equal(one.mask, other.mask) and len(fed[0]) == len(fed[1]) and all(map(torch.equal, *fed))
