"""Tests run against mutants: each mutant in a forked child of one process that has everything imported and collected.

A mutant is compiled and its code object put into the function that is there already, so nothing is imported again, and
whoever holds the function (a rule, a table, a name bound by ``from ... import``) runs the mutant.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import json
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType

import coverage
import pytest
from hypothesis import HealthCheck, Phase, settings

from tools.mutation.operators import Mutant, mutants

# Generous, because a busy machine must not pass for a test that has noticed a mutant.
SLOWER, GRACE = 10.0, 5.0  # a test may take so many times what it took, and these seconds besides
MEMORY = 3 << 30  # bytes of address space a mutant may take beyond what it begins with
KILLED, TIMEOUT, SURVIVED, UNTESTED, BROKEN = "killed", "timeout", "survived", "untested", "broken"
CACHED = type(functools.cache(len))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant, the test that noticed it, and the seconds of processor time that took."""

    state: str
    test: str
    seconds: float


@dataclass(slots=True)
class Covered:
    """Which tests ran which lines of which module, and how many seconds each took."""

    tests: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def noticing(self, mutant: Mutant) -> set[str]:
        """The tests that ran one of the mutant's lines."""
        lines = self.tests.get(mutant.module, {})
        return {test for line in range(mutant.span[0], mutant.span[1] + 1) for test in lines.get(line, ())}

    def written(self) -> str:
        """As JSON, for :meth:`read`."""
        return json.dumps([self.tests, self.seconds])

    @classmethod
    def read(cls, text: str) -> Covered:
        """What :meth:`written` gave; JSON has made texts of the numbers of lines."""
        tests, seconds = json.loads(text)
        return cls({name: {int(line): ids for line, ids in lines.items()} for name, lines in tests.items()}, seconds)


class Bench:
    """Has the tests collected, and runs them in children: with coverage, or on a mutant."""

    def __init__(self, session: pytest.Session, modules: Sequence[str]) -> None:
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        self.root = Path.cwd()
        self.sources = {module: (self.root / module).read_text(encoding="utf-8") for module in modules}
        self.trees = {module: ast.parse(source) for module, source in self.sources.items()}
        self.recent: dict[str, list[str]] = {}  # by function: tests that killed one of its mutants, latest first
        self.killers: set[str] = set()
        names = {str(self.root / module): module for module in modules}
        found = [item for item in gc.get_objects() if type(item) is FunctionType]
        self.functions = {
            (names[item.__code__.co_filename], item.__code__.co_name, item.__code__.co_firstlineno): item
            for item in found
            if item.__code__.co_filename in names
        }
        self.caches = [item for item in gc.get_objects() if type(item) is CACHED]
        # frozen, because a collection in a child writes to every object, and copies all pages that are shared with it
        gc.collect()
        gc.freeze()

    def mutants(self) -> list[Mutant]:
        """All mutants of the modules."""
        return [found for module, tree in self.trees.items() for found in mutants(module, self.sources[module], tree)]

    def cover(self, scratch: Path) -> Covered:
        """Run every test once, as it is.  Raises RuntimeError where one fails: nothing can be learned then."""
        with _child() as child:
            if child.inside:
                scratch.write_text(self._covered().written(), encoding="utf-8")
        if child.status != 0:
            raise RuntimeError(f"the tests do not pass without a mutant: {child.said or child.status}")
        return Covered.read(scratch.read_text(encoding="utf-8"))

    def _covered(self) -> Covered:
        covered = Covered()
        watch = coverage.Coverage(data_file=None, config_file=False, include=[str(self.root / m) for m in self.sources])
        watch.set_option("run:disable_warnings", ["trace-changed", "no-data-collected", "module-not-measured"])
        for test, item in self.items.items():
            self._forget()
            watch.start()  # each time anew: a test may set a trace function of its own
            watch.switch_context(test)
            start = time.process_time()
            failed = not self._passes(item)
            covered.seconds[test] = time.process_time() - start
            watch.stop()
            if failed:
                raise _Failed(test)
        data = watch.get_data()
        for module in self.sources:
            lines = data.contexts_by_lineno(str(self.root / module))
            covered.tests[module] = {line: [test for test in tests if test] for line, tests in lines.items()}
        return covered

    def run(self, mutant: Mutant, covered: Covered, budget: float | None = None) -> Outcome:
        """Run the tests that could notice: first those that killed neighbours, then those named after the module, those
        that killed anything, and all others; the quickest first.  After ``budget`` seconds of processor time those that
        are left are not run."""
        recent = self.recent.get(f"{mutant.module} {mutant.function}", [])
        rank = {test: number for number, test in enumerate(recent)}
        name = Path(mutant.module).stem
        tests = sorted(
            covered.noticing(mutant) & set(self.items),
            key=lambda test: (
                rank.get(test, len(rank)),
                name not in test.lower(),
                test not in self.killers,
                covered.seconds[test],
                test,
            ),
        )
        if not tests:
            return Outcome(UNTESTED, "", 0.0)
        start = time.monotonic()
        with _child() as child:
            if child.inside:
                self._notice(mutant, tests, covered, budget)
        spent = time.monotonic() - start
        # the signal of the timer that ``_notice`` sets
        if child.status == -signal.SIGPROF:
            return Outcome(TIMEOUT, "", spent)
        if child.status == 0:
            return Outcome(SURVIVED, "", spent)
        if child.said in self.items:
            self.killed_by(mutant.module, mutant.function, child.said)
            return Outcome(KILLED, child.said, spent)
        # a child that dies otherwise was killed by what the mutant did to the interpreter, unless it was never made
        return Outcome(BROKEN if child.said else KILLED, child.said, spent)

    def killed_by(self, module: str, function: str, test: str) -> None:
        """Learn that a test has killed a mutant of a function."""
        recent = self.recent.setdefault(f"{module} {function}", [])
        recent[:] = [test, *(other for other in recent if other != test)][:10]
        self.killers.add(test)

    def _notice(self, mutant: Mutant, tests: Sequence[str], covered: Covered, budget: float | None) -> None:
        self._install(mutant)
        self._forget()
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        # after what it has, because a fork begins with all the parent has mapped
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
        for test in tests:
            signal.setitimer(signal.ITIMER_PROF, GRACE + SLOWER * covered.seconds[test])
            if not self._passes(self.items[test]):
                raise _Failed(test)
            if budget is not None and time.process_time() > budget:
                break

    def _install(self, mutant: Mutant) -> None:
        tree, path = self.trees[mutant.module], str(self.root / mutant.module)
        mutant.edit.make()
        name = mutant.function.rpartition(".")[2]
        codes = {code.co_firstlineno: code for code in _codes(compile(tree, path, "exec", dont_inherit=True))}
        places = [place for place in self.functions if place[:2] == (mutant.module, name)]
        # of the functions of this name, the one that begins last before the mutant's line
        place = max(place for place in places if place[2] <= mutant.line)
        self.functions[place].__code__ = codes[place[2]]

    def _passes(self, item: pytest.Item) -> bool:
        before = self.session.testsfailed
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return self.session.testsfailed == before

    def _forget(self) -> None:
        for cached in self.caches:
            cached.cache_clear()


class _Failed(Exception):
    """A test failed in a child."""


def _codes(code: CodeType) -> Iterator[CodeType]:
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield item
            if not item.co_flags & 0x2:  # not CO_NEWLOCALS: a class, whose methods are wanted too
                yield from _codes(item)


@dataclass(slots=True)
class _Child:
    inside: bool
    status: int = 0
    said: str = ""


@contextlib.contextmanager
def _child() -> Iterator[_Child]:
    """Run the block in a forked child, silently; ``status`` and ``said`` tell the parent how it ended."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        child = _Child(inside=False)
        yield child
        with os.fdopen(reading, encoding="utf-8") as pipe:
            child.said = pipe.read()
        child.status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        return
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    # 3: what the parent sees where not even the error could be written
    status = 3
    try:
        yield _Child(inside=True)
        status = 0
    except BaseException as error:
        os.write(writing, (str(error) or type(error).__name__).encode())
        status = 1
    finally:
        os._exit(status)


class Loop:
    """A pytest plugin that does other work in the place of running the tests."""

    def __init__(self, modules: Sequence[str], work: Callable[[Bench], None]) -> None:
        self.modules = modules
        self.work = work
        self.error: RuntimeError | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Pytest's hook: True says that the tests were run, so that pytest runs none."""
        # a file that cannot be collected would look like one whose tests notice nothing
        if session.testsfailed:
            raise session.Interrupted("a test could not be collected")
        # what children report is not for this terminal
        session.config.pluginmanager.unregister(name="terminalreporter")
        try:
            self.work(Bench(session, self.modules))
        except RuntimeError as error:  # pytest would print it as a fault of its own
            self.error = error
        return True


def collect(arguments: Sequence[str], modules: Sequence[str], work: Callable[[Bench], None]) -> int:
    """Collect tests and hand them to ``work`` on a bench; pytest's exit status.  Raises what ``work`` raises."""
    settings.register_profile(
        "mutation",
        # the same examples for every mutant, or a mutant would be killed by luck; no shrinking, because one failure is
        # enough
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    # quiet, because children report nothing; plain assertions, because nobody reads their messages; no cache, because
    # children would write to it at once
    options = [
        "--hypothesis-profile=mutation",
        "-qq",
        "--no-summary",
        "--tb=native",
        "--assert=plain",
        "-p",
        "no:cacheprovider",
    ]
    loop = Loop(modules, work)
    status = int(pytest.main([*options, *arguments], plugins=[loop]))
    if loop.error is not None:
        raise loop.error
    return status
