"""Mutants of the classes of a file that runs itself: what each call of a class hands out, by the labels.

For fixtures: a class without an announced finding is right, whatever else is in its file.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from oracle.mutation.drawn import RAISED_BY_MUTANTS, Linted, Reading, Verdict, same_calls, silent
from oracle.mutation.source import Mutant
from oracle.mutation.undecided import one_sample_of_final, samples_side_by_side
from oracle.programs.facts import Fact, sample_facts, state_facts
from oracle.programs.truth import Influence, Leaf, influence_of, influenced
from oracle.programs.verdict import CODES, MISREAD, Expected, Truth

TraceFunction: TypeAlias = Callable[[FrameType, str, Any], Any]

_NAME = "<mutant>"
# by the text, because labels do not show that a half was taken by its name: ``[:H]``, ``[..., H:]``, ``.split(``,
# ``.chunk(``
_HALF = re.compile(r"\[(?:[^]]*, )?(?::[^],:]+|[^],:]+:)\]|\.(?:split|chunk)\(")
# ``[n - 1]``, ``[len(x) - 1]``: a position that is the last in this run, and perhaps not in another
_OPEN = re.compile(r"\[[^]]*\w\(?\)? - 1\]")
_TOLD = re.compile(r"# error|Cell\(")
_NOT_SEEN = {
    "RNN101": "what is compared reaches no result",
    "RNN106": "as many layers as directions: exchanged, the view holds the same entries in this run",
    "RNN404": "labels of samples are no states, and neither is their order",
    "RNN507": "an initial state that is never passed reaches no result",
    "RNN306": "labels do not depend on the state that a module is handed",
    "RNN207": "a batch of one sample is not run",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A class of a file, with its first and last line."""

    name: str
    first: int
    last: int

    def of(self, text: str) -> str:
        """Its lines of the file."""
        return "\n".join(text.splitlines()[self.first - 1 : self.last])


@dataclass(frozen=True, slots=True)
class Handed:
    """What one call of a class returned: for each tensor its shape, and the influence of each recurrent call."""

    shapes: tuple[tuple[int, ...], ...]
    influences: tuple[tuple[Influence, ...], ...]


def units(text: str) -> list[Unit]:
    """The classes in which no finding is announced, and no cell: the states of cells are not followed by labels."""
    lines = text.splitlines()
    found = []
    for node in ast.parse(text).body:
        # ``# error`` announces a finding in a fixture; what an announced finding stands in is not right
        if isinstance(node, ast.ClassDef) and not _TOLD.search("\n".join(_lines_of(node, lines))):
            found.append(Unit(node.name, node.lineno, node.end_lineno or node.lineno))
    return found


def _lines_of(node: ast.stmt, lines: list[str]) -> list[str]:
    return lines[node.lineno - 1 : node.end_lineno]


def handed_out(text: str, name: str, seed: int = 0) -> list[Handed]:
    """Runs the file as ``__main__``: what every call of the class returned, up to where the file raises."""
    found: list[Handed] = []
    torch.manual_seed(seed)
    with influenced() as leaves, warnings.catch_warnings():
        warnings.simplefilter("ignore")

        def note(module: nn.Module, _: object, result: object) -> None:
            if type(module).__name__ == name:
                tensors = [one for one in _tensors(result) if one.requires_grad]
                influences = tuple(tuple(_reaching(one, leaves)) for one in tensors)
                found.append(Handed(tuple(tuple(one.shape) for one in tensors), influences))

        # for every module, because the file builds its models itself
        hook = register_module_forward_hook(note)
        try:
            with contextlib.suppress(*RAISED_BY_MUTANTS), contextlib.redirect_stdout(io.StringIO()):
                # what raises at the end of a file (a fixture that shows an error) must not hide what came before
                exec(compile(text, _NAME, "exec"), {"__name__": "__main__"})
        finally:
            hook.remove()
    return found


def lines_run(text: str) -> frozenset[int]:
    """The lines of a file that are run when it runs itself."""
    lines: set[int] = set()

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        if frame.f_code.co_filename != _NAME:
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        handed_out(text, "")
    finally:
        sys.settrace(before)
    return frozenset(lines)


def _reaching(result: Tensor, leaves: list[Leaf]) -> list[Influence]:
    return [one for one in influence_of(result, leaves) if bool(one.mask.any())]


def _tensors(result: object) -> Iterator[Tensor]:
    if isinstance(result, PackedSequence):
        yield pad_packed_sequence(result)[0]
    elif isinstance(result, Tensor):
        yield result
    elif isinstance(result, tuple | list):
        for one in result:
            yield from _tensors(one)
    elif isinstance(result, dict):
        yield from _tensors(list(result.values()))


def facts_of(handed: Handed) -> frozenset[Fact]:
    """Facts of samples hold of each tensor, those of states of all that is handed out of one recurrent call."""
    found: set[Fact] = set()
    together: dict[bytes, list[Influence]] = {}
    for influences in handed.influences:
        for one in influences:
            found |= sample_facts(one)
            together.setdefault(one.values.numpy().tobytes(), []).append(one)
    for several in together.values():
        first = several[0]
        mask = torch.cat([one.mask for one in several])
        found |= state_facts(Influence(first.extents, (len(mask),), mask, first.given, first.values))
    return frozenset(found)


def judged(
    right: list[Handed], unit: Unit, mutant: Mutant, linted: Linted, everywhere: Linted, on: frozenset[str]
) -> Verdict:
    """``linted`` gives the codes that the right file has not, ``everywhere`` those in any configuration left open."""
    codes = frozenset(linted(mutant.text))
    now = handed_out(mutant.text, unit.name)
    # it raised before all calls of the right file were made
    if len(now) < len(right):
        return Verdict(Reading.RAISES, bool(codes))
    before = [facts_of(one) for one in right]
    facts = frozenset().union(*(facts_of(new) - old for new, old in zip(now, before, strict=False)))
    wanted = frozenset().union(*(CODES.get(fact, frozenset()) for fact in facts))
    if all(_alike(new, old) for new, old in zip(now, right, strict=False)):
        if codes & on and codes & on <= set(_NOT_SEEN):
            return Verdict(Reading.FREE, True, reason=_NOT_SEEN[min(codes & on)])
        return silent(Reading.SAME, codes & on, Truth(Expected.SILENCE))
    reason = _undecided(facts, right, now, unit.of(mutant.text))
    if reason:
        return Verdict(Reading.FREE, bool(codes & on), facts, reason=reason)
    if not wanted or Fact.FIRST_SAMPLE in facts:
        return Verdict(Reading.FREE, bool(codes & on), facts, reason="another reading, and no fact calls it wrong")
    why = ""
    if codes.isdisjoint(wanted | MISREAD):
        if not wanted.isdisjoint(everywhere(mutant.text)):
            return Verdict(Reading.FREE, False, facts, reason="wrong in a configuration that the file leaves open")
        why = f"said {', '.join(sorted(codes)) or 'nothing'}, wanted one of {', '.join(sorted(wanted))}"
    return Verdict(Reading.WRONG, not why, facts, wanted, why=why)


def _undecided(facts: frozenset[Fact], right: list[Handed], now: list[Handed], text: str) -> str:
    """Why the truth of a run does not decide; empty if it does."""
    # From what the shapes show to what only the text does; the first that holds is the reason that is counted.
    if facts == {Fact.MIXES_SAMPLES} and _axes(now) > _axes(right):
        return "an axis that is left broadcasts against the samples"
    if not _axes(right):
        return "one number of everything"
    every = [one for new in now for several in new.influences for one in several]
    if facts == {Fact.MIXES_SAMPLES} and "flatten(" in text and all(map(samples_side_by_side, every)):
        return "whole axes are merged, which RNN203 leaves to the widths"
    if facts == {Fact.SINGLE_DIRECTION} and _HALF.search(text):
        return "one half of output, taken by its name"
    if facts == {Fact.LOSES_SAMPLES}:
        losing = [one for new in now for several in new.influences for one in several if sample_facts(one)]
        if all(map(one_sample_of_final, losing)):
            return "one sample of a final state"
        if _OPEN.search(text):
            return "a sample picked by a number that the file leaves open"
    return ""


def _axes(several: list[Handed]) -> int:
    return sum(len(shape) for one in several for shape in one.shapes)


def _alike(one: Handed, other: Handed) -> bool:
    return one.shapes == other.shapes and all(map(same_calls, one.influences, other.influences))
