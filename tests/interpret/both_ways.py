"""Runs with and without replays, compared outcome by outcome: nobody who looks at them can tell which is which.

What is reported is compared as well, with configurations left out in which nothing would be said, and with all.

    python -m tests.interpret.both_ways [--drawn N] [--seed S] [FILE or FOLDER ...]

Compares the drawn programs and the files, names each that differs and the first difference, and exits with 1 if any
does.  A file of which a bound is reached is named and not compared: bounds are in work, of which replays do less.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from oracle.programs.draw import draw
from rnnlint.interpret.explore import explore
from rnnlint.interpret.outcomes import Explored
from rnnlint.interpret.state.recorded import same
from rnnlint.linter import lint
from rnnlint.source.parse import Parsed, parse

FIELDS = ("assumptions", "raises", "declared", "reached", "unknown", "built", "called", "names")


def both(text: str) -> tuple[Explored, Explored] | None:
    """A program, run with replays and without; None for what is no program."""
    parsed = parse(text)
    if not isinstance(parsed, Parsed):
        return None
    return explore(parsed.program, replay=True), explore(parsed.program, replay=False)


def bounded(explored: Explored) -> list[str]:
    """The functions of which not every configuration was run to its end."""
    return [one.name for one in explored.explorations if one.bound]


def difference(one: Explored, other: Explored) -> str:
    """The first difference between two explorations of a file; "" for none."""
    names, others = ([each.name for each in explored.explorations] for explored in (one, other))
    if names != others:
        return f"functions: {names} and {others}"
    if not same(one.declared, other.declared):
        return "the declared defaults"
    for mine, theirs in zip(one.explorations, other.explorations, strict=True):
        if len(mine.outcomes) != len(theirs.outcomes):
            return f"{mine.name}: {len(mine.outcomes)} and {len(theirs.outcomes)} runs"
        for number, (left, right) in enumerate(zip(mine.outcomes, theirs.outcomes, strict=True)):
            where = f"{mine.name}, run {number}"
            for name in FIELDS:
                if not same(getattr(left, name), getattr(right, name)):
                    return f"{where}: {name}: {getattr(left, name)} and {getattr(right, name)}"
            if len(left.events) != len(right.events):
                return f"{where}: {len(left.events)} and {len(right.events)} events"
            for place, (event, another) in enumerate(zip(left.events, right.events, strict=True)):
                if not same(event, another):
                    return f"{where}, event {place}: {event} and {another}"
    return ""


def spared(text: str) -> str:
    """What is reported otherwise where all configurations are run; "" for nothing."""
    before, ways = os.environ.get("RNNLINT_SPARE"), []
    for value in ("1", "0"):
        os.environ["RNNLINT_SPARE"] = value
        ways.append(lint(text))
    os.environ["RNNLINT_SPARE"] = before or "1"
    return "" if ways[0] == ways[1] else f"what is reported: {ways[0]} and {ways[1]}"


def programs(drawn: int, seed: int, paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Programs by name."""
    for number in range(seed, seed + drawn):
        yield f"drawn program {number}", draw(Random(number)).text
    for path in paths:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            yield str(file), file.read_text(encoding="utf-8", errors="replace")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawn", type=int, default=0, metavar="N", help="how many drawn programs")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the number of the first of them")
    parser.add_argument("paths", nargs="*", type=Path)
    chosen = parser.parse_args()
    compared = reached = differing = 0
    for name, text in programs(chosen.drawn, chosen.seed, chosen.paths):
        explored = both(text)
        if explored is None:
            continue
        bounds = [*bounded(explored[0]), *bounded(explored[1])]
        if bounds:
            reached += 1
            print(f"{name}: a bound is reached in {bounds[0]}")
            continue
        compared += 1
        found = difference(*explored) or spared(text)
        if found:
            differing += 1
            print(f"{name}: {found}")
    print(f"{compared} programs compared, {differing} differ; {reached} reach a bound")
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())
