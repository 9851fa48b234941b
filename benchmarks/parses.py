"""What ``lint()`` costs next to one parse: in files that build an RNN, and in those that mention one and build none.

The unit is one ``libcst.parse_module`` of the same text, whatever the linter itself reads files with; of files that
build none it is one ``ast.parse``, which flake8 has done before it asks.
"""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from unittest import mock

import libcst as cst
import libcst.native  # type: ignore[import-not-found]  # is in Rust

from benchmarks.files import Linted, Source
from benchmarks.goals import count, line, quantile, ratio
from benchmarks.timing import best_in_turn
from rnnlint.linter import lint
from rnnlint.report import Report

LONGEST = 0.5  # seconds that no file is to take
LARGE, PARSES = 0.020, 12  # a file whose parse takes more seconds than this is to take no more parses than that
QUANTILES = (("the median file", 0.5, 1.3), ("the ninetieth in a hundred", 0.9, None), ("the ninety-ninth", 0.99, 6.0))
_BOUND = re.compile(r"(?:in more than|beyond) [\d,]+ |nested too deeply to be followed")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time of one file: to parse it once, and to lint it."""

    name: str
    lines: int
    parse: float
    lint: float

    @property
    def parses(self) -> float:
        """The cost in parses."""
        return ratio(self.lint, self.parse)


def measured(sources: Iterable[Source], rounds: int) -> list[Cost]:
    """The costs of files, the best of so many rounds, libcst's parse and ``lint()`` in turn."""
    found = []
    gc.freeze()  # what is there before is no part of what a collection looks through
    for source in sources:
        actions: list[Callable[[], object]] = [
            lambda source=source: cst.parse_module(source.text),  # type: ignore[misc]
            lambda source=source: lint(source.text, source.name),  # type: ignore[misc]
        ]
        found.append(Cost(source.name, source.lines, *best_in_turn(actions, rounds)))
    gc.unfreeze()
    return found


def building(costs: Sequence[Cost]) -> list[str]:
    """Lines that say what files that build an RNN cost, beside the goals."""
    parses, lints = sum(one.parse for one in costs), sum(one.lint for one in costs)
    lines = sum(one.lines for one in costs)
    said = [
        f"lint() over one libcst parse: {len(costs)} files that build an RNN, {lines:,} lines;"
        f" parses {parses:.2f} s, lint() {lints:.2f} s",
        line("all of them", ratio(lints, parses), 1.5),
    ]
    ratios = [one.parses for one in costs]
    said += [line(what, quantile(ratios, share), goal) for what, share, goal in QUANTILES]
    worst = max(costs, key=lambda one: one.parses, default=None)
    if worst is not None:
        said.append(line("the worst", worst.parses, None) + f"  {worst.name}, {worst.lint:.2f} s")
    long = [one for one in costs if one.lint > LONGEST]
    dear = [one for one in costs if one.parse > LARGE and one.parses > PARSES]
    said.append(count(f"files above {LONGEST} s", len(long), 0))
    said.append(count(f"files above {PARSES} parses whose parse takes more than {LARGE * 1e3:.0f} ms", len(dear), 0))
    return said


def without_rnn(sources: Sequence[Source], rounds: int) -> list[str]:
    """Lines that say what files cost that mention an RNN and build none, beside the goals."""
    parsed = both = 0.0
    gc.freeze()
    for source in sources:
        actions: list[Callable[[], object]] = [
            lambda source=source: ast.parse(source.text),  # type: ignore[misc]
            # as flake8 does: with the tree that it has
            lambda source=source: lint(source.text, source.name, tree=ast.parse(source.text)),  # type: ignore[misc]
        ]
        tree, with_lint = best_in_turn(actions, rounds)
        parsed, both = parsed + tree, both + with_lint
    gc.unfreeze()
    with_libcst = [source.name for source in sources if reads_with_libcst(source)]
    return [
        f"{len(sources)} files that mention an RNN and build none, {sum(one.lines for one in sources):,} lines;"
        f" ast.parse {parsed:.2f} s, with lint() {both:.2f} s",
        line("lint() and ast.parse over ast.parse", ratio(both, parsed), 1.3),
        count("files of which a libcst tree was made", len(with_libcst), 0),
    ]


def reads_with_libcst(source: Source) -> bool:
    """Whether ``lint()`` parses a file with libcst, by whatever way into it."""
    native = libcst.native.parse_module  # where all of them end
    with mock.patch.object(libcst.native, "parse_module", side_effect=native) as parse:
        lint(source.text, source.name)
    return bool(parse.called)


def bounds(files: Sequence[Linted]) -> list[str]:
    """Lines that say which files reach a bound of interpret/state/limits.py, beside the goal."""
    reached = {one.source.name: reasons for one in files if (reasons := reached_bounds(one.report))}
    lost = sum(number for one in files for why, number in one.report.modules.unknown if why.startswith("a bound "))
    said = [
        f"bounds: of {len(files)} files that build an RNN, with {lost} of their modules lost to one",
        # one of 300, as the goal is put
        line("files that reach one, of 300", 300 * ratio(len(reached), len(files)), 1.0, digits=1),
    ]
    return said + [f"  {name}: {'; '.join(reasons)}" for name, reasons in reached.items()]


def reached_bounds(report: Report) -> list[str]:
    """The bounds on the work for a file that were reached, as the report says them."""
    return [f"line {told.line}, {told.reason}" for told in report.unknown if _BOUND.search(told.reason)]
