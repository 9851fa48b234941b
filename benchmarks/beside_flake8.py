"""What the plugin adds to flake8: to a run over a tree, and to the start of a worker."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.files import PACKAGES
from benchmarks.goals import line, ratio
from benchmarks.timing import best_in_turn
from tools.ecosystem.archives import NotHad, sources
from tools.ecosystem.lists import read_packages

# flake8 as if rnnlint were not installed: its entry points are hidden from it.
WITHOUT = """
import importlib.metadata, sys
everything = importlib.metadata.distributions
importlib.metadata.distributions = lambda **how: (d for d in everything(**how) if d.metadata["name"] != "rnnlint")
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""
WITH = "import sys; from flake8.main.cli import main; sys.exit(main(sys.argv[1:]))"

TEXT = """\
import torch
m = torch.nn.LSTM(4, 8, bidirectional=True)
y = torch.nn.Linear(16, 2)(m(torch.rand(5, 3, 4))[0][-1])
"""
# What flake8 has imported before it asks a plugin, and then the plugin: processor time, in ms.
PLUGIN = """
import time
import flake8.main.application, flake8.plugins.pyflakes, flake8.plugins.pycodestyle
start = time.process_time()
import rnnlint.flake8_plugin
print((time.process_time() - start) * 1e3)
"""
# The modules that are none of ours, and that the first file which builds an RNN makes us import.
NEEDED = """
import sys
from rnnlint.linter import lint
assert lint(sys.argv[1]).findings
print(*sorted(name for name in sys.modules if name.partition(".")[0] not in ("rnnlint", "__main__")))
"""
# These imported first, that file takes longer than after it by what our own modules take to load; in ms.  Some hooks of
# other packages are in sys.modules under names that cannot be imported.
ANALYSIS = """
import importlib, sys, time
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
times = [time.process_time()]
from rnnlint.linter import lint
for _ in range(2):
    lint(sys.argv[1])
    times.append(time.process_time())
print((times[1] - times[0] - (times[2] - times[1])) * 1e3)
"""


@dataclass(frozen=True, slots=True)
class Tree:
    """What flake8 is run on, and what the run with the plugin is to be at most over the one without."""

    name: str
    paths: tuple[Path, ...]
    goal: float


def flake8(program: str, paths: Iterable[Path], *options: str) -> str:
    """What flake8 prints, run by ``program`` (Python) on the paths, in a process of its own and an empty folder."""
    return _python(program, "--isolated", "--exit-zero", *options, *map(str, paths))


def _python(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    # with bytecode, as whatever is installed has it: without, each process would compile all of us
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True
        ).stdout


def trees(cache: Path | None, unpacked: ExitStack) -> Iterator[Tree]:
    """What is measured, as far as it is there; packages are unpacked for as long as ``unpacked`` is open."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    yield Tree("no RNN (json, asyncio, email)", tuple(stdlib / name for name in ("json", "asyncio", "email")), 1.01)
    torch = find_spec("torch")
    if torch is not None and torch.submodule_search_locations:
        yield Tree("torch/nn", (Path(torch.submodule_search_locations[0]) / "nn",), 1.10)
    for package in read_packages(PACKAGES) if cache is not None else ():
        assert cache is not None
        if package.package not in ("flair", "espnet"):
            continue
        if not any((cache / f"{package.package}-{package.version}").glob("*.whl")):
            print(f"{package}: not in the cache: python -m tools.ecosystem --cache brings it")
            continue
        folder = Path(unpacked.enter_context(tempfile.TemporaryDirectory()))
        try:
            for name, text in sources(package, cache):
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        except NotHad as error:
            print(f"{package}: cannot be had: {error}")
            continue
        yield Tree(package.package, (folder,), 1.25)


def runs(cache: Path | None, rounds: int) -> Iterator[str]:
    """Lines that say what the plugin adds to flake8 with one job, beside the goals."""
    # because a plugin that is not found would be the fastest
    assert "rnnlint" in flake8(WITH, [], "--version")
    assert "rnnlint" not in flake8(WITHOUT, [], "--version")
    _python(NEEDED, TEXT)  # so that all of us is there as bytecode
    head = f"flake8 --jobs=1 with the plugin over flake8 without, best of {rounds} runs, in turn"
    yield f"{head} ({4 * rounds} of the first)"
    with ExitStack() as unpacked:
        for tree in trees(cache, unpacked):
            without, with_plugin = best_in_turn(
                [
                    lambda tree=tree: flake8(WITHOUT, tree.paths, "--jobs=1"),  # type: ignore[misc]
                    lambda tree=tree: flake8(WITH, tree.paths, "--jobs=1"),  # type: ignore[misc]
                ],
                # what is to be within a hundredth takes more rounds: two runs of the same differ by three
                rounds * 4 if tree.goal < 1.05 else rounds,
            )
            files = sum(len(list(path.rglob("*.py"))) for path in tree.paths)
            what = f"{tree.name}, {files} files, {without:.2f} s without and {with_plugin:.2f} s with"
            yield line(what, ratio(with_plugin, without), tree.goal, digits=3)


def start_up(rounds: int) -> Iterator[str]:
    """Lines that say what a worker of flake8 pays for the plugin before it has seen a file, beside the goals."""
    rounds = max(rounds, 10)  # of some ms each
    yield f"the start of a worker, best of {rounds} fresh processes"
    alone = min(float(_python(PLUGIN)) for _ in range(rounds))
    yield line("the plugin, in one that meets no RNN", alone, 5.0, " ms", digits=1)
    needed = _python(NEEDED, TEXT).split()
    own = min(float(_python(ANALYSIS, TEXT, *needed)) for _ in range(rounds))
    yield line("our own part of the import of the analysis", own, 60.0, " ms", digits=1)
