"""Mutation testing of axes, rules, interpret and torch_api (docs/mutants.md).

    python -m tools.mutation [MODULE ...] [--sample N --seed S] [--resume [--again]] [--budget SECONDS] [--out TSV]

MODULE is a file or a folder; all of MUTATED without.  Prints how many mutants were killed by module, and the survivors
that ``tests/mutation/survivors.tsv`` does not explain.  Exit status: 0 all are explained,
1 some are not, 2 the tests do not pass without a mutant, or a list or an argument cannot be used.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from tools.mutation.bench import BROKEN, KILLED, SURVIVED, TIMEOUT, UNTESTED, Bench, Covered, Outcome, collect
from tools.mutation.lists import BadInput, Key, read_explained, read_outcomes, write_outcome

MUTATED = (
    "rnnlint/axes",
    "rnnlint/conditions.py",
    "rnnlint/holding.py",
    "rnnlint/interpret",
    "rnnlint/rules",
    "rnnlint/torch_api",
)
EXPLAINED = Path("tests/mutation/survivors.tsv")
TESTS = (
    "tests/audit/test_agreement.py::test_fixtures[rules/RNN503/model.py]",
    "tests/audit/test_audit.py",
    "tests/axes",
    "--deselect=tests/axes/test_cost.py",  # counts steps with a trace function, as coverage does
    "tests/interpret",
    "tests/oracle/test_chains.py",
    "tests/oracle/test_edges.py",
    "tests/oracle/test_labels.py",
    "tests/oracle/test_names.py",
    "tests/programs/test_programs.py::test_linter_agrees_with_the_run",
    "tests/rules/test_every_rule.py",
    "tests/rules/test_fixtures.py",
    "tests/rules/test_raising.py",
    "tests/rules/test_unknown.py",
    "tests/safety/test_every_event.py",
    "tests/safety/test_every_operation.py",
    "tests/test_batches.py",
    "tests/test_cells.py",
    "tests/test_conditions.py",
    "tests/test_holding.py",
    "tests/test_linter.py",
    "tests/test_modules.py",
    "tests/torch_api",
)
STATES = (KILLED, TIMEOUT, SURVIVED, UNTESTED, BROKEN)
NOTICED = (KILLED, TIMEOUT)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Returns its exit status (see the top of this module)."""
    wanted = _parser().parse_args(arguments)
    modules = sorted({module for name in wanted.modules or MUTATED for module in _modules(Path(name))})
    try:
        explained = read_explained(wanted.explained)
        known = read_outcomes(wanted.out) if wanted.resume else {}
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    outcomes: dict[Key, Outcome] = {}
    lines: dict[Key, int] = {}

    def work(bench: Bench) -> None:
        mutants = bench.mutants()
        lines.update((mutant.key, mutant.line) for mutant in mutants)
        if wanted.sample is not None:
            mutants = sorted(mutants, key=lambda mutant: _lot(wanted.seed, mutant.key))[: wanted.sample]
        covered = _covered(bench, wanted.out.parent, [*modules, *wanted.tests])
        for (module, function, *_), outcome in known.items():
            if outcome.state == KILLED:
                bench.killed_by(module, function, outcome.test)
        # after the coverage, because that may take minutes and fail, and the last run's rows are lost from here on
        if not wanted.resume:
            wanted.out.unlink(missing_ok=True)
        for number, mutant in enumerate(mutants, start=1):
            kept = known.get(mutant.key)
            if kept is None or (wanted.again and kept.state not in NOTICED):
                kept = bench.run(mutant, covered, wanted.budget)
                write_outcome(wanted.out, mutant.key, kept)
            outcomes[mutant.key] = kept
            if number % 100 == 0:  # some minutes: enough to see that it goes on
                counted = Counter(outcome.state for outcome in outcomes.values())
                print(f"{number} of {len(mutants)}: {dict(counted)}", file=sys.stderr, flush=True)

    try:
        status = collect(wanted.tests, modules, work)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    if status not in (0, 5) or not lines:  # 5: pytest has run no test itself, because the bench runs them
        print(f"the tests cannot be collected: pytest ended with {status}", file=sys.stderr)
        return 2
    print("\n".join(table(outcomes)))
    return 1 if _unexplained(outcomes, lines, explained, modules) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.mutation")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="what is given to pytest")
    parser.add_argument("--explained", type=Path, default=EXPLAINED)
    parser.add_argument(
        "--out", type=Path, default=Path(".mutation/outcomes.tsv"), help="one row a mutant, as they end"
    )
    parser.add_argument("--sample", type=int, help="only so many, drawn")
    parser.add_argument("--seed", type=int, default=0, help="of the drawing")
    parser.add_argument("--resume", action="store_true", help="what --out has is not run again")
    parser.add_argument("--again", action="store_true", help="with --resume: but for what was not noticed")
    parser.add_argument("--budget", type=float, help="seconds of tests after which a mutant counts as survived")
    return parser


def _unexplained(
    outcomes: Mapping[Key, Outcome], lines: Mapping[Key, int], explained: Collection[Key], modules: Collection[str]
) -> int:
    """Prints the survivors that are not explained, and the explanations that no longer are of any; how many the former.

    ``lines`` has every mutant there is, ``outcomes`` those that were run.
    """
    open_ = [key for key, outcome in outcomes.items() if outcome.state not in NOTICED and key not in explained]
    for key in open_:
        print(f"{key[0]}:{lines[key]}: {key[1]}: {outcomes[key].state}: {key[3]}\n    {key[2]}")
    for key in explained:
        if key[0] in modules and key not in lines:
            print(f"explained, but no longer there: {' | '.join(key)}")
        elif key in outcomes and outcomes[key].state in NOTICED:
            print(f"explained, but noticed: {' | '.join(key)}")
    print(f"{len(open_)} not explained")
    return len(open_)


def _modules(named: Path) -> Iterable[str]:
    """The file that is named, or those of the folder."""
    return map(str, named.rglob("*.py")) if named.is_dir() else [str(named)]


def _lot(seed: int, key: Key) -> bytes:
    """What mutants are drawn by: a larger sample of a seed holds the smaller one, also when the code has changed."""
    return hashlib.sha256(repr((seed, key)).encode()).digest()


def table(outcomes: dict[Key, Outcome]) -> Iterable[str]:
    """How many mutants ended how, by module; a Markdown table."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for key, outcome in outcomes.items():
        counts[key[0]][outcome.state] += 1
        counts["all"][outcome.state] += 1
    shown = [state for state in STATES if counts["all"][state]]
    yield f"| module | mutants | {' | '.join(shown)} |"
    yield "|---" * (2 + len(shown)) + "|"
    for module in sorted(set(counts) - {"all"}):
        yield _row(module, counts[module], shown)
    yield _row("all", counts["all"], shown)


def _row(name: str, counted: Counter[str], shown: Sequence[str]) -> str:
    return f"| {name} | {counted.total()} | {' | '.join(str(counted[state]) for state in shown)} |"


def _covered(bench: Bench, folder: Path, asked: Sequence[str]) -> Covered:
    """What the tests cover: from the last run, if nothing has changed since."""
    # by the texts, because a test that was edited covers other lines
    digest = hashlib.sha256(repr((asked, list(bench.items))).encode())
    for path in sorted(path for name in ("rnnlint", "tests", "fixtures") for path in Path(name).rglob("*.py")):
        digest.update(path.read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    # 16 of 64 digits: enough for the few files that lie there
    kept = folder / f"covered-{digest.hexdigest()[:16]}.json"
    if not kept.exists():
        start = time.monotonic()
        bench.cover(kept)
        print(f"{len(bench.items)} tests, {time.monotonic() - start:.0f} s with coverage", file=sys.stderr, flush=True)
    return Covered.read(kept.read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
