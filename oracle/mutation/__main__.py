"""``python -m oracle.mutation --count 200``: what the linter says of right programs with one mistake each."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import torch

from oracle.mutation import classes
from oracle.mutation.classes import handed_out, lines_run, units
from oracle.mutation.drawn import Reading, Verdict, judged, right_reading
from oracle.mutation.operators import OPERATORS
from oracle.mutation.page import rewritten
from oracle.mutation.source import Mutant, mutants, parsed
from oracle.programs.draw import draw
from rnnlint.linter import lint
from rnnlint.rules import registry
from rnnlint.settings import Settings

COLUMNS = (
    (Reading.SAME, False), (Reading.SAME, True), (Reading.WRONG, True), (Reading.WRONG, False),
    (Reading.RIGHT, False), (Reading.RIGHT, True), (Reading.FREE, False), (Reading.FREE, True),
    (Reading.RAISES, True), (Reading.RAISES, False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One mutant of a right program: of a drawn one, by its seed, or of a class of a file."""

    origin: str
    mutant: Mutant
    verdict: Verdict


def codes(text: str) -> frozenset[str]:
    """The linter's codes, with every rule selected."""
    return frozenset(finding.code for finding in lint(text, "program.py").findings)


def said(text: str, settings: Settings | None = None) -> frozenset[tuple[int, str]]:
    """The lines and codes of the findings."""
    return frozenset((finding.line, finding.code) for finding in lint(text, "program.py", settings).findings)


def cases(count: int, seed: int, names: frozenset[str] = frozenset()) -> Iterator[Case]:
    """Every mutant of the right ones among ``count`` drawn programs, by the operators of these names (all if none)."""
    on = frozenset(code for code, rule in registry().items() if rule.on)
    for number in range(seed, seed + count):
        program = draw(random.Random(number))
        right = right_reading(program)
        if right is None:
            continue
        source = parsed(program.text)
        for operator in OPERATORS:
            if not names or operator.name in names:
                for mutant in mutants(source, operator):
                    yield Case(f"seed {number}", mutant, judged(right, mutant, codes, on))


def cases_of_file(path: Path, names: frozenset[str] = frozenset()) -> Iterator[Case]:
    """Every mutant within the right classes of a file that runs itself."""
    text = path.read_text(encoding="utf-8")
    source = parsed(text)
    on = frozenset(code for code, rule in registry().items() if rule.on)
    run, before = lines_run(text), said(text)
    for unit in units(text):
        right = handed_out(text, unit.name)

        if not right or any(unit.first <= line <= unit.last for line, _ in before):
            continue

        def linted(changed: str, settings: Settings | None = None) -> frozenset[str]:
            return frozenset(code for _, code in said(changed, settings) - before)

        everywhere = partial(linted, settings=Settings(all_configurations=True))
        for operator in OPERATORS:
            if not names or operator.name in names:
                for mutant in mutants(source, operator):
                    if unit.first <= mutant.line <= unit.last and mutant.line in run:
                        verdict = classes.judged(right, unit, mutant, linted, everywhere, on)
                        yield Case(f"{path.parent.name}/{path.name} {unit.name}", mutant, verdict)


Counts: TypeAlias = Mapping[tuple[str, Reading, bool], int]


def counted(found: Iterable[Case]) -> Counts:
    """How many mutants of each operator read what, found or not."""
    return Counter((case.mutant.operator, case.verdict.reading, case.verdict.found) for case in found)


def table(counted: Counts) -> list[str]:
    """A row an operator, in Markdown."""
    head = [
        "operator",
        "mutants",
        *(f"{reading.value}, {'found' if found else 'silent'}" for reading, found in COLUMNS),
    ]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    for name in [operator.name for operator in OPERATORS]:
        row = [counted[name, reading, found] for reading, found in COLUMNS]
        lines.append("| " + " | ".join([name, str(sum(row)), *map(str, row)]) + " |")
    total = [sum(counted[operator.name, reading, found] for operator in OPERATORS) for reading, found in COLUMNS]
    return [*lines, "| " + " | ".join(["all", str(sum(total)), *map(str, total)]) + " |"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of the command has found."""

    cases: Sequence[Case]

    @property
    def wrong(self) -> list[Case]:
        """The disagreements."""
        return [case for case in self.cases if case.verdict.why]

    def undecided(self) -> list[str]:
        """The reasons why, the most frequent first, a line each."""
        reasons = Counter(case.verdict.reason for case in self.cases if case.verdict.reading is Reading.FREE)
        ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        return [f"{count:7d}  {reason}" for reason, count in ordered]


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table and the disagreements; 1 if there is any."""
    arguments = _parser().parse_args(argv)
    torch.set_num_threads(1)
    if arguments.page:
        page = arguments.page.read_text(encoding="utf-8")
        arguments.page.write_text(rewritten(page, _section), encoding="utf-8")
        return 0
    report = _report(arguments)
    for number, case in enumerate(report.wrong):
        print("\n".join(_told(case)))
        if number < arguments.show:
            _show(case.mutant)
    said = ["undecided:", *report.undecided(), f"disagreements: {len(report.wrong)}"]
    print("\n".join([*table(counted(report.cases)), *said]))
    return 1 if report.wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m oracle.mutation", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="number of drawn programs")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first program; they count up from there")
    parser.add_argument("--files", type=Path, nargs="*", help="the right classes of these files, not drawn programs")
    parser.add_argument("--operator", action="append", default=[], help="only mutants of this operator")
    parser.add_argument("--show", type=int, default=0, help="print the programs of so many disagreements in full")
    parser.add_argument("--page", type=Path, help="run what the marked sections of a page say, and write it there")
    return parser


def _report(arguments: argparse.Namespace) -> Report:
    names = frozenset(arguments.operator)
    if arguments.files:
        paths = [path for pattern in arguments.files for path in sorted(Path().glob(str(pattern))) or [pattern]]
        return Report([case for path in paths for case in cases_of_file(path, names)])
    return Report(list(cases(arguments.count, arguments.seed, names)))


def _section(argv: Sequence[str]) -> str:
    """What a page shows of a run."""
    report = _report(_parser().parse_args(argv))
    wrong = [line for case in report.wrong for line in _told(case)]
    told = "\n".join(f"    {line}" for line in wrong)
    parts = [
        "\n".join(table(counted(report.cases))),
        "Undecided, and why:",
        "\n".join(report.undecided()),
        f"disagreements: {len(report.wrong)}",
    ]
    return "\n\n".join([*parts, told] if told else parts)


def _told(case: Case) -> list[str]:
    mutant, verdict = case.mutant, case.verdict
    facts = ", ".join(sorted(fact.name for fact in verdict.facts)) or "no fact"
    return [
        f"{case.origin}, line {mutant.line}, {mutant.operator}: {mutant.before} -> {mutant.after}",
        f"    {verdict.reading.value} ({facts}): {verdict.why}",
    ]


def _show(mutant: Mutant) -> None:
    print(mutant.text)
    for finding in lint(mutant.text, "program.py").findings:
        print(f"{finding.line}: {finding.code} {finding.message}")


if __name__ == "__main__":
    raise SystemExit(main())
