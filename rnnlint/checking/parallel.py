"""Groups handed to several processes, where there are enough of them to pay for that."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rnnlint.checking.groups import analysed
from rnnlint.checking.members import Group
from rnnlint.checking.results import FileResult, Json, encoded

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

ENOUGH = 20
"""Groups from which on processes are started: to start one and to import the analysis takes as long as some files."""

_MOST = 61  # which Windows can wait for
_KILLED = "the process that analysed it was killed"

Analysed = list[Json]
"""The results of a group's files."""


def in_order_of_completion(groups: Sequence[Group], jobs: int) -> Iterator[tuple[int, Analysed]]:
    """Each group by its number, with what is said of it, as it is done.

    Where a process dies (of memory, mostly), its group says so, and all others are still analysed.
    """
    if jobs < 2 or len(groups) < ENOUGH:
        for number, group in enumerate(groups):
            yield number, analysed(group)
        return
    # the largest first: one that is begun last is waited for
    order = sorted(range(len(groups)), key=lambda number: -groups[number].size)
    done: set[int] = set()
    try:
        for number, result in _together(groups, order, min(jobs, len(groups), _MOST)):
            done.add(number)
            yield number, result
        for number in order:
            if number not in done:  # a process has died, and nobody knows of which of them
                result = next((result for _, result in _together(groups, [number], 1)), _killed(groups[number]))
                done.add(number)
                yield number, result
    except _NoProcesses:
        for number in order:
            if number not in done:
                yield number, analysed(groups[number])


def processors() -> int:
    """How many processes can run at once."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class _NoProcesses(Exception):
    """None can be started: there are too many, or whatever this runs in has no locks to share (a sandbox, mostly)."""


def _together(groups: Sequence[Group], numbers: Sequence[int], jobs: int) -> Iterator[tuple[int, Analysed]]:
    """What is done of some groups until a process dies.  Raises _NoProcesses."""
    from concurrent.futures import as_completed
    from concurrent.futures.process import BrokenProcessPool

    with _Pool(jobs) as pool:
        try:
            futures = {pool.submit(analysed, groups[number]): number for number in numbers}
        except BrokenProcessPool:
            return
        except OSError as error:
            raise _NoProcesses from error
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool:
            return


class _Pool:
    """An executor whose processes end at once when something is raised here, as an interrupt is."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def __enter__(self) -> ProcessPoolExecutor:
        import multiprocessing
        import threading
        from concurrent.futures import ProcessPoolExecutor

        self._before = set(multiprocessing.active_children())
        forks = sys.platform == "linux" and threading.active_count() == 1
        if forks:
            import rnnlint.judge  # noqa: F401 - once, and not in every process
        context = multiprocessing.get_context("fork" if forks else "spawn")
        try:
            self._executor = ProcessPoolExecutor(self._jobs, context, _let_interrupts_end_it)
        except (ImportError, NotImplementedError, OSError) as error:
            raise _NoProcesses from error
        return self._executor

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        import multiprocessing

        if kind is not None:
            for process in set(multiprocessing.active_children()) - self._before:
                process.terminate()
        self._executor.shutdown(cancel_futures=True)


def _let_interrupts_end_it() -> None:
    """In a process of ours an interrupt is the end, and no traceback: whoever has started it says so."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _killed(group: Group) -> Analysed:
    return [encoded(FileResult(refused=_KILLED)) for _ in group.files]
