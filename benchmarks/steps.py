"""What a change has gained: another commit and this tree, linting the same files in turn (docs/cost.md).

    python -m benchmarks.steps --base COMMIT [--step NAME] [--without] [--labels TSV --files FOLDER] [--cache FOLDER]

Prints what both cost in parses, the files that gained and lost most, and those of which the reports differ.  With
``--step`` the table of docs/cost.md gets a row of that name, in the place of the one it has.  Exit status: 0 the
reports are the same, 1 they are not, 2 a commit or a list cannot be used.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import files, page
from benchmarks.files import ROOT
from benchmarks.goals import quantile, ratio
from benchmarks.parses import Cost
from tools.tsv import BadInput

# Lints, in the tree it is started in, one file for each number it reads: seconds to parse it, seconds to lint it, and
# what of the report is to stay the same.  Only lint(text, filename), and libcst as the unit: every commit has both.
WORKER = """
import gc, json, sys, time
import libcst
import rnnlint
from rnnlint.linter import lint

files = json.load(open(sys.argv[1], encoding="utf-8"))
print(json.dumps(rnnlint.__file__), flush=True)
for name, text in files[:1]:
    lint(text, name)
gc.freeze()
for number in sys.stdin:
    name, text = files[int(number)]
    gc.collect()
    start = time.process_time()
    libcst.parse_module(text)
    parsed = time.process_time()
    gc.collect()
    between = time.process_time()
    report = lint(text, name)
    end = time.process_time()
    said = repr((report.findings, report.not_analysed, report.unknown, report.modules))
    print(json.dumps([parsed - start, end - between, said]), flush=True)
"""
SHOWN = 5  # files that gained or lost most
NOISE = 0.05  # of a file's seconds: two measurements of the same differ by as much


@dataclass(frozen=True, slots=True)
class Pair:
    """One file in both trees, and whether both say the same of it."""

    before: Cost
    after: Cost
    same: bool


class Worker:
    """A process that lints files in a tree.  Raises BadInput where that tree has no linter of its own."""

    def __init__(self, tree: Path, texts: Path, inside: ExitStack) -> None:
        command = [sys.executable, "-c", WORKER, str(texts)]
        environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONHASHSEED": "0"}
        self._process = inside.enter_context(
            subprocess.Popen(
                command, cwd=tree, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
            )
        )
        # because two processes that lint with the same tree would show that nothing has changed
        if not Path(self._answer()).is_relative_to(tree):
            raise BadInput(f"{tree}: another rnnlint is imported there")

    def lint(self, number: int) -> tuple[float, float, str]:
        """Seconds to parse a file, seconds to lint it, and its report."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        parse, took, said = self._answer()
        return parse, took, said

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            raise BadInput("a process that lints has ended: what it wrote stands above")
        return json.loads(answer)


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """The tree of a commit, as a worktree of git's that is removed again.  Raises BadInput where there is none."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder).resolve() / "base"
        _git("worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        raise BadInput(f"git {' '.join(arguments)}: {getattr(error, 'stderr', error)}".strip()) from error


def compared(sources: Sequence[files.Source], before: Path, after: Path, rounds: int) -> list[Pair]:
    """Every file in both trees: the best of so many rounds, in turn, each tree in a process of its own.

    The parse is the best of both, since it is the same.  Raises BadInput.
    """
    with ExitStack() as inside:
        # the folder first, because it is to outlive the processes that read from it
        texts = Path(inside.enter_context(tempfile.TemporaryDirectory())) / "texts.json"
        texts.write_text(json.dumps([(source.name, source.text) for source in sources]), encoding="utf-8")
        workers = [Worker(tree, texts, inside) for tree in (before, after)]
        found = []
        for number, source in enumerate(sources):
            runs = [[worker.lint(number) for worker in workers] for _ in range(rounds)]
            parse = min(run[0] for pair in runs for run in pair)
            first, second = (min(pair[tree][1] for pair in runs) for tree in (0, 1))
            same = runs[0][0][2] == runs[0][1][2]
            found.append(
                Pair(
                    Cost(source.name, source.lines, parse, first), Cost(source.name, source.lines, parse, second), same
                )
            )
    return found


def row(step: str, pairs: Sequence[Pair], today: datetime.date) -> page.Row:
    """The row of a step in the table of docs/cost.md."""
    parses = sum(pair.before.parse for pair in pairs)
    sums = [sum(cost.lint for cost in costs) for costs in _costs(pairs)]
    ratios = [[cost.parses for cost in costs] for costs in _costs(pairs)]
    different = sum(not pair.same for pair in pairs)
    return page.Row(
        step,
        today.isoformat(),
        ".".join(platform.python_version_tuple()[:2]),
        str(len(pairs)),
        f"{sum(pair.before.lines for pair in pairs):,}",
        _both(sums),
        _both([ratio(seconds, parses) for seconds in sums]),
        _both([quantile(each, 0.5) for each in ratios]),
        _both([quantile(each, 0.99) for each in ratios]),
        f"{different} files differ" if different else "the same",
    )


def _costs(pairs: Sequence[Pair]) -> tuple[list[Cost], list[Cost]]:
    return [pair.before for pair in pairs], [pair.after for pair in pairs]


def _both(figures: Sequence[float]) -> str:
    return " to ".join(f"{figure:.2f}" for figure in figures)


def _told(pairs: Sequence[Pair]) -> Iterator[str]:
    """Lines that say which files gained and lost most, and which are told something else."""
    ranked = sorted(pairs, key=lambda pair: pair.after.lint - pair.before.lint)
    gained = [pair for pair in ranked if pair.after.lint < pair.before.lint * (1 - NOISE)]
    lost = [pair for pair in reversed(ranked) if pair.after.lint > pair.before.lint * (1 + NOISE)]
    for what, some in (("gained", gained), ("lost", lost)):
        for pair in some[:SHOWN]:
            yield f"{what} most: {pair.before.lint:6.2f} s to {pair.after.lint:6.2f} s  {pair.before.name}"
    yield from (f"the reports differ: {pair.before.name}" for pair in pairs if not pair.same)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Returns its exit status (see the top of this module)."""
    options = _options(arguments)
    try:
        if options.step is not None:
            page.rows(options.page.read_text(encoding="utf-8"))  # before the minutes that a measurement takes
        linted = files.linted(files.chosen(options))
        found = [one.source for one in linted if one.builds != options.without]
        if not found:
            raise BadInput("there is no such file")
        with checked_out(options.base) as base:
            pairs = compared(found, base, ROOT, options.rounds)
        result = row(options.step or "this tree", pairs, datetime.date.today())
        print(page.table([result]), end="")
        for line in _told(pairs):
            print(line)
        if options.step is not None:
            text = options.page.read_text(encoding="utf-8")
            options.page.write_text(page.with_row(text, result), encoding="utf-8")
    except (BadInput, OSError) as error:
        print(f"steps: {error}", file=sys.stderr)
        return 2
    return int(not all(pair.same for pair in pairs))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.steps", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", required=True, metavar="COMMIT", help="what this tree is compared with")
    parser.add_argument("--step", metavar="NAME", help="write a row of this name into the page")
    parser.add_argument("--page", type=Path, default=page.PAGE, help="the page (default: docs/cost.md)")
    files.add_options(parser)
    parser.add_argument(
        "--without", action="store_true", help="measure the files that mention an RNN and build none, not the others"
    )
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement (default: %(default)s)")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds is at least 1")
    return options


if __name__ == "__main__":
    sys.exit(main())
