"""The goals of the cost of a file, measured and printed beside what is aimed at; never asserted (docs/cost.md).

    python -m benchmarks.bench [PART ...] [--labels TSV --files FOLDER] [--cache FOLDER] [--rounds N] [--slowest N]

Parts are ``parses``, ``without``, ``bounds``, ``flake8``, ``start``, ``growth``, ``memory`` and ``slowest``; all of
them where none is named.  Times are processor time, the best of so many rounds; what is compared runs in turn.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

from benchmarks import beside_flake8, files, growth, memory, parses, slowest
from tools.tsv import BadInput

PARTS = ("parses", "without", "bounds", "flake8", "start", "growth", "memory", "slowest")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Exit status 2 for a list or an argument that cannot be used, else 0: goals are not asserted."""
    options = _options(arguments)
    parts = options.parts or PARTS
    try:
        if {"parses", "without", "bounds", "memory", "slowest"} & set(parts):
            _of_files(options, parts)
        if "flake8" in parts:
            _print(beside_flake8.runs(options.cache, options.rounds))
        if "start" in parts:
            _print(beside_flake8.start_up(options.rounds))
        if "growth" in parts:
            _print(growth.growth(options.rounds))
    except BadInput as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}")
    files.add_options(parser)
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement (default: %(default)s)")
    parser.add_argument("--slowest", type=int, default=10, help="how many files to look into (default: %(default)s)")
    options = parser.parse_args(arguments)
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"{part!r} is no part: {', '.join(PARTS)}")
    if options.rounds < 1:
        parser.error("--rounds is at least 1")
    return options


def _of_files(options: argparse.Namespace, parts: Sequence[str]) -> None:
    found = files.linted(files.chosen(options))
    building = [one for one in found if one.builds]
    sources = [one.source for one in building]
    if "bounds" in parts:
        _print(parses.bounds(building))
    if {"parses", "memory", "slowest"} & set(parts):
        costs = parses.measured(sources, options.rounds)
        if "parses" in parts:
            _print(parses.building(costs))
        if "slowest" in parts:
            _print(slowest.spent(costs, sources, options.slowest))
        if "memory" in parts:
            _print(memory.peaks(_heaviest(costs, sources)))
    if "without" in parts:
        _print(parses.without_rnn([one.source for one in found if not one.builds], options.rounds))


def _heaviest(costs: Sequence[parses.Cost], sources: Sequence[files.Source]) -> list[files.Source]:
    """The files that may hold most: the five largest, and the five that take longest."""
    ranked = [sorted(costs, key=lambda one: -one.lines)[:5], sorted(costs, key=lambda one: -one.lint)[:5]]
    names = {one.name for costs in ranked for one in costs}
    return [source for source in sources if source.name in names]


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)
    print()


if __name__ == "__main__":
    sys.exit(main())
