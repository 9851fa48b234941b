"""Mutants of the classes of a file that runs itself: what each call of a class hands out, by the labels.

For fixtures: a class without an announced finding is right, whatever else is in its file.
"""

from __future__ import annotations

import ast
import contextlib
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

from rnnlint.runtime.mutation.drawn import RAISED_BY_MUTANTS, Linted, Reading, Verdict
from rnnlint.runtime.mutation.source import Mutant
from rnnlint.runtime.programs.facts import Fact, sample_facts, state_facts
from rnnlint.runtime.programs.truth import Influence, Leaf, influenced
from rnnlint.runtime.programs.verdict import CODES, MISREAD

_NAME = "<mutant>"


@dataclass(frozen=True, slots=True)
class Unit:
    """A class of a file, with its first and last line."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Handed:
    """What one call of a class returned: for each tensor its shape, and the influence of each recurrent call."""

    shapes: tuple[tuple[int, ...], ...]
    influences: tuple[tuple[Influence, ...], ...]


def units(text: str) -> list[Unit]:
    """The classes in which no finding is announced."""
    lines = text.splitlines()
    found = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and node.end_lineno is not None:
            if not any("# error" in line for line in lines[node.lineno - 1 : node.end_lineno]):
                found.append(Unit(node.name, node.lineno, node.end_lineno))
    return found


def handed_out(text: str, name: str, seed: int = 0) -> list[Handed]:
    """Runs the file as ``__main__``: what every call of the class returned, up to where the file raises."""
    found: list[Handed] = []
    torch.manual_seed(seed)
    with influenced() as leaves, warnings.catch_warnings():
        warnings.simplefilter("ignore")

        def note(module: nn.Module, _: object, result: object) -> None:
            if type(module).__name__ == name:
                tensors = [one for one in _tensors(result) if one.requires_grad]
                influences = tuple(tuple(_influences(one, leaves)) for one in tensors)
                found.append(Handed(tuple(tuple(one.shape) for one in tensors), influences))

        hook = register_module_forward_hook(note)
        try:
            with contextlib.suppress(*RAISED_BY_MUTANTS):
                exec(compile(text, _NAME, "exec"), {"__name__": "__main__"})
        finally:
            hook.remove()
    return found


def _tensors(result: object) -> Iterator[Tensor]:
    if isinstance(result, Tensor):
        yield result
    elif isinstance(result, tuple | list):
        for one in result:
            yield from _tensors(one)
    elif isinstance(result, dict):
        yield from _tensors(list(result.values()))


def _influences(result: Tensor, leaves: list[Leaf]) -> Iterator[Influence]:
    lead = tuple(result.shape[:-1])
    rows = result.reshape(math.prod(lead), -1).sum(-1)
    masks: list[list[Tensor]] = [[] for _ in leaves]
    for row in rows:
        gradients = torch.autograd.grad(row, [leaf.values for leaf in leaves], retain_graph=True, allow_unused=True)
        for mask, leaf, gradient in zip(masks, leaves, gradients, strict=True):
            mask.append(torch.zeros_like(leaf.values, dtype=torch.bool) if gradient is None else gradient != 0)
    for mask, leaf in zip(masks, leaves, strict=True):
        stacked = torch.stack(mask) if mask else torch.zeros(0)
        if stacked.any():
            yield Influence(leaf.extents, lead, stacked, leaf.given, leaf.values.detach())


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


def judged(right: list[Handed], unit: Unit, mutant: Mutant, linted: Linted, on: frozenset[str]) -> Verdict:
    """``linted`` gives the codes in the lines of the class."""
    codes = frozenset(linted(mutant.text))
    now = handed_out(mutant.text, unit.name)
    if len(now) < len(right):
        return Verdict(Reading.RAISES, bool(codes))
    before = [facts_of(one) for one in right]
    facts = frozenset().union(*(facts_of(new) - old for new, old in zip(now, before, strict=False)))
    wanted = frozenset().union(*(CODES.get(fact, frozenset()) for fact in facts))
    if all(_alike(new, old) for new, old in zip(now, right, strict=False)):
        why = f"said {', '.join(sorted(codes & on))}, but it is right" if codes & on else ""
        return Verdict(Reading.SAME, bool(codes & on), why=why)
    if not wanted or Fact.FIRST_SAMPLE in facts:
        return Verdict(Reading.FREE, bool(codes & on), facts)
    why = ""
    if codes.isdisjoint(wanted | MISREAD):
        why = f"said {', '.join(sorted(codes)) or 'nothing'}, wanted one of {', '.join(sorted(wanted))}"
    return Verdict(Reading.WRONG, not why, facts, wanted, why=why)


def _alike(one: Handed, other: Handed) -> bool:
    return one.shapes == other.shapes and all(
        len(some) == len(others)
        and all(
            a.extents == b.extents and torch.equal(a.mask, b.mask) and torch.equal(a.given, b.given)
            for a, b in zip(some, others, strict=True)
        )
        for some, others in zip(one.influences, other.influences, strict=True)
    )
