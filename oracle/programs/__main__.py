"""``python -m oracle.programs --count 5000``: the linter's verdict on drawn programs, against their runs."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator

import torch

from oracle.programs.draw import Program, draw
from oracle.programs.verdict import Expected, Truth, disagreement, truth_of
from rnnlint.linter import lint
from rnnlint.rules import registry


def codes(text: str) -> list[str]:
    """The linter's codes for a text, with the settings everybody has."""
    rules = registry()
    return [finding.code for finding in lint(text, "program.py").findings if rules[finding.code].on]


def programs(count: int, seed: int) -> Iterator[tuple[int, Program]]:
    """``count`` programs; each has a seed of its own, so that it can be drawn again alone."""
    for number in range(seed, seed + count):
        yield number, draw(random.Random(number))


def main(argv: list[str] | None = None) -> int:
    """Prints counts and disagreements; 1 if there is any disagreement."""
    parser = argparse.ArgumentParser(prog="python -m oracle.programs", description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="number of programs")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first program; they count up from there")
    parser.add_argument("--show", type=int, default=20, help="print at most so many disagreements in full")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    expected: Counter[str] = Counter()
    details: Counter[str] = Counter()
    disagreements = 0
    for number, program in programs(arguments.count, arguments.seed):
        truth = truth_of(program)
        expected[truth.expected.value] += 1
        details.update(_details(truth))
        why = disagreement(truth, program.text, codes)
        if why:
            disagreements += 1
            if disagreements <= arguments.show:
                _show(number, program, truth, why)
    print(f"programs: {arguments.count}; " + ", ".join(f"{name}: {count}" for name, count in sorted(expected.items())))
    for name, count in sorted(details.items(), key=lambda item: (-item[1], item[0])):
        print(f"{count:7d}  {name}")
    print(f"disagreements: {disagreements}")
    return 1 if disagreements else 0


def _details(truth: Truth) -> list[str]:
    if truth.expected is Expected.DROPPED:
        return [f"dropped: {truth.reason.split(':')[0]}"]
    names = sorted(f"{truth.expected.value}: {fact.name.lower()}" for fact in truth.facts)
    return names or [f"{truth.expected.value}: {truth.reason or 'right'}"]


def _show(number: int, program: Program, truth: Truth, why: str) -> None:
    print(f"----- seed {number}: {why}")
    print(f"truth: {', '.join(sorted(fact.name for fact in truth.facts)) or 'right'} {truth.reason}".rstrip())
    print(f"run as: {program.declared}")
    print(program.text)
    for finding in lint(program.text, "program.py").findings:
        print(f"{finding.line}: {finding.code} {finding.message}")
    for one in lint(program.text, "program.py").unknown:
        print(f"{one.line}: not followed: {one.reason}")


if __name__ == "__main__":
    raise SystemExit(main())
