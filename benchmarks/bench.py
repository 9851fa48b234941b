"""Timings, printed and never asserted: what the plugin adds to flake8, and what a file costs next to parsing it once.

    python -m benchmarks.bench [--rounds N] [FILE ...]

Both are ratios of medians of processor time, of runs that alternate; for flake8 also of the fastest runs, which other
work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

import libcst as cst

from benchmarks.timing import seconds
from rnnlint.linter import lint
from rnnlint.source.prefilter import mentions_rnn

ROOT = Path(__file__).resolve().parents[1]

# flake8 as if rnnlint were not installed: its entry points are hidden from it.
WITHOUT = """
import importlib.metadata, sys
everything = importlib.metadata.distributions
importlib.metadata.distributions = lambda **how: (d for d in everything(**how) if d.metadata["name"] != "rnnlint")
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""
WITH = "import sys; from flake8.main.cli import main; sys.exit(main(sys.argv[1:]))"


def in_turn(first: Callable[[], object], second: Callable[[], object], rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of the runs of two actions, after one run of each that is not counted."""
    first()
    second()
    times = [(seconds(first), seconds(second)) for _ in range(rounds)]
    return [a for a, _ in times], [b for _, b in times]


def flake8(program: str, paths: Iterable[Path], *options: str) -> str:
    """What flake8 prints, run by ``program`` (Python) on the paths, in a process of its own and an empty folder."""
    command = [sys.executable, "-c", program, "--isolated", "--exit-zero", *options, *map(str, paths)]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True).stdout


def trees() -> dict[str, tuple[float, list[Path]]]:
    """What flake8 is run on, and the ratio aimed at."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    # 1.02 and 1.25: what the plugin may add to flake8 where it has nothing to do, and where much mentions an RNN
    found = {"no RNN in it (json, asyncio, email)": (1.02, [stdlib / name for name in ("json", "asyncio", "email")])}
    torch = find_spec("torch")
    if torch is not None and torch.submodule_search_locations:
        found["torch/nn"] = (1.25, [Path(torch.submodule_search_locations[0]) / "nn"])
    return found


def beside_flake8(rounds: int) -> None:
    """Prints what the plugin adds to flake8, in runs that alternate."""
    # because a plugin that is not found would be the fastest
    assert "rnnlint" in flake8(WITH, [], "--version")
    assert "rnnlint" not in flake8(WITHOUT, [], "--version")
    print(f"flake8 --jobs=1, median of {rounds} runs each, in turn")
    print(f"{'tree':40} {'files':>6} {'without':>9} {'with':>9} {'ratio':>7} {'fastest':>8} {'goal':>6}")
    for name, (goal, paths) in trees().items():
        files = sum(len(list(path.rglob("*.py"))) for path in paths)
        without, with_plugin = in_turn(
            lambda paths=paths: flake8(WITHOUT, paths, "--jobs=1"),  # type: ignore[misc]
            lambda paths=paths: flake8(WITH, paths, "--jobs=1"),  # type: ignore[misc]
            rounds,
        )
        before, after = statistics.median(without), statistics.median(with_plugin)
        fastest = min(with_plugin) / min(without)
        print(f"{name:40} {files:6} {before:8.2f}s {after:8.2f}s {after / before:7.3f} {fastest:8.3f} {goal:6.2f}")


def beside_parsing(paths: Iterable[Path], rounds: int) -> None:
    """Prints what a file costs next to parsing it once with libcst; files that mention no RNN are left out."""
    print(f"\nlint() over one libcst.parse_module(), median of {rounds} runs each, in turn; goal 1.50")
    print(f"{'file':50} {'lines':>6} {'parse':>9} {'lint':>9} {'ratio':>7} {'findings':>9}")
    sums = [0.0, 0.0]
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if not mentions_rnn(text):
            continue
        parses, lints = in_turn(
            lambda text=text: cst.parse_module(text),  # type: ignore[misc]
            lambda text=text: lint(text),  # type: ignore[misc]
            rounds,
        )
        parse, ours = statistics.median(parses), statistics.median(lints)
        sums = [sums[0] + parse, sums[1] + ours]
        name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else f".../{'/'.join(path.parts[-4:])}"
        print(
            f"{name:50} {text.count(chr(10)):6} {parse * 1e3:7.1f}ms {ours * 1e3:7.1f}ms {ours / parse:7.2f}"
            f" {len(lint(text).findings):9}"
        )
    if sums[0]:
        print(f"{'all':57} {sums[0] * 1e3:7.1f}ms {sums[1] * 1e3:7.1f}ms {sums[1] / sums[0]:7.2f}")


def default_files() -> list[Path]:
    """torch's own rnn.py, where torch is installed, and the fixtures."""
    torch = find_spec("torch")
    own = [] if torch is None or not torch.submodule_search_locations else [
        Path(torch.submodule_search_locations[0]) / "nn" / "modules" / "rnn.py"
    ]  # fmt: skip
    return [*own, *sorted((ROOT / "fixtures").glob("*/*.py"))]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="files to lint instead of torch's rnn.py and the fixtures")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only-files", action="store_true", help="leave out the runs of flake8")
    choices = parser.parse_args()
    if not choices.only_files:
        beside_flake8(choices.rounds)
    beside_parsing(choices.files or default_files(), choices.rounds)


if __name__ == "__main__":
    main()
