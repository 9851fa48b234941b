"""Lints mutated programs and says what the linter made of them (docs/fuzzing.md).

    python -m tools.fuzz --count N [--seed S] [--first I] [--jobs J] [--limit SECONDS] [--show INDEX]

Prints how many programs were analysed, how many were not and why, the internal errors by kind with the smallest
program of each, the slowest programs and those with most steps.  Everything but seconds is the same for a seed on
every machine.  Exit status: 0 no internal error, no end of a process and no more steps than allowed; 1 some;
2 arguments that cannot be used.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from tools.fuzz.mutate import program
from tools.fuzz.verdicts import ANALYSED, BAD, INTERNAL, NOT_ANALYSED, SLOW, Verdict, smallest
from tools.fuzz.workers import Worker, verdicts

_SHOWN = 5  # of the slowest, and of those with most steps


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz")
    parser.add_argument("--count", type=_positive, default=1000, help="programs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="index of the first program")
    parser.add_argument("--jobs", type=_positive, default=1, help="processes")
    # 30 s, so that only what does not end is beyond it, on a busy machine too
    parser.add_argument("--limit", type=float, default=30.0, help="seconds for one program")
    parser.add_argument("--show", type=int, metavar="INDEX", help="print one program of the seed, and nothing else")
    options = parser.parse_args(arguments)
    if options.show is not None:
        print(program(options.seed, options.show), end="")
        return 0
    found: dict[int, Verdict] = {}
    indices = range(options.first, options.first + options.count)
    for index, verdict in verdicts(options.seed, indices, options.jobs, options.limit):
        found[index] = verdict
        # a line every thousand, because some runs take hours
        if len(found) % 1000 == 0 and len(found) < options.count:
            print(_counts(found.values()), file=sys.stderr, flush=True)
    _say(found, options.seed, options.limit)
    return int(any(verdict.state in BAD for verdict in found.values()))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _counts(found: object) -> str:
    assert hasattr(found, "__iter__")
    states = Counter(verdict.state for verdict in found)
    return ", ".join(f"{states[state]:,} {state}" for state in (ANALYSED, NOT_ANALYSED, *BAD, SLOW))


def _say(found: Mapping[int, Verdict], seed: int, limit: float) -> None:
    print(f"{len(found):,} programs of seed {seed}: {_counts(found.values())}")
    kinds: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for index in sorted(found):
        if found[index].state != ANALYSED:
            kinds[found[index].state, found[index].kind].append(index)
    worker = Worker(seed, limit)
    # by state, the most frequent kind first; by text where counts are equal, so that every machine prints the same
    for (state, kind), indices in sorted(kinds.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1])):
        print(f"{state}: {len(indices):,} times {kind}; first program {indices[0]}")
        if state == INTERNAL:
            print("\n".join(f"    {line}" for line in _shrunk(worker, program(seed, indices[0]), kind).splitlines()))
    worker.stop()
    most = sorted(found, key=lambda index: (-found[index].steps, index))[:_SHOWN]
    print("most steps:", ", ".join(f"{found[index].steps:,} (program {index})" for index in most))
    slowest = sorted(found, key=lambda index: -found[index].seconds)[:_SHOWN]
    print("slowest:", ", ".join(f"{found[index].seconds:.1f} s (program {index})" for index in slowest))


def _shrunk(worker: Worker, text: str, kind: str) -> str:
    """The smallest text with an internal error of the same kind."""

    def same(shorter: str) -> bool:
        verdict = worker.judge(shorter)
        return (verdict.state, verdict.kind) == (INTERNAL, kind)

    return smallest(text, same)


if __name__ == "__main__":
    sys.exit(main())
