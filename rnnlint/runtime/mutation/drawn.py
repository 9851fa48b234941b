"""Mutants of drawn programs: what they read, by the labels, and what the linter says."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from rnnlint.runtime.mutation.source import Mutant
from rnnlint.runtime.programs.draw import Program
from rnnlint.runtime.programs.facts import Fact
from rnnlint.runtime.programs.truth import RAISED, Influence, influences
from rnnlint.runtime.programs.verdict import CODES, Expected, Truth, truth_of

Linted = Callable[[str], Iterable[str]]


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


Signature = tuple[tuple[object, ...] | None, ...]


def signature(program: Program) -> Signature:
    """What each run of the program reads; None where it raises."""
    return tuple(_read(program.text, run) for run in (program.declared, *program.arms, *program.doubtful))


def _read(text: str, expression: str) -> tuple[object, ...] | None:
    with contextlib.suppress(*RAISED):
        return tuple(map(_comparable, influences(text, expression)))
    return None


def _comparable(influence: Influence) -> tuple[object, ...]:
    return influence.extents, influence.lead, influence.mask.numpy().tobytes()


def judged(program: Program, read: Signature, mutant: Mutant, linted: Linted, on: frozenset[str]) -> Verdict:
    """``read`` is the signature of the right ``program``; ``on`` are the codes that are reported by default."""
    changed = replace(program, text=mutant.text)
    codes = frozenset(linted(mutant.text))
    truth = truth_of(changed)
    if truth.expected is Expected.DROPPED:
        return Verdict(Reading.RAISES, bool(codes), reason=truth.reason)
    if signature(changed) == read:
        return _silent(Reading.SAME, codes & on, truth)
    if truth.expected is Expected.SILENCE and Fact.CELL_ALONE in truth.facts:
        truth = Truth(Expected.REPORT, truth.facts, frozenset({"RNN302", "RNN304"}))
    if truth.expected is Expected.SILENCE:
        return _silent(Reading.RIGHT, codes & on, truth)
    if truth.expected is Expected.FREE:
        return Verdict(Reading.FREE, bool(codes & on), truth.facts, reason=truth.reason)
    why = ""
    if truth.codes.isdisjoint(codes):
        said = ", ".join(sorted(codes)) or "nothing"
        why = f"said {said}, wanted one of {', '.join(sorted(truth.codes))}"
    return Verdict(Reading.WRONG, not why, truth.facts, truth.codes, truth.reason, why)


def _silent(reading: Reading, codes: frozenset[str], truth: Truth) -> Verdict:
    why = f"said {', '.join(sorted(codes))}, but it is right" if codes else ""
    return Verdict(reading, bool(codes), truth.facts, reason=truth.reason, why=why)
