"""Processes that lint programs; one that hangs or dies costs its program only."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from threading import Thread

from tools.fuzz.mutate import program
from tools.fuzz.verdicts import CRASHED, SLOW, Verdict, judged

_MEMORY = 3 * 2**30  # bytes of address space a worker may have


class Worker:
    """A process that lints one program after the other, made anew after each that it does not come back from."""

    def __init__(self, seed: int, limit: float) -> None:
        self._seed = seed
        self._limit = limit
        self._start()

    def _start(self) -> None:
        # spawned, because forking a process with threads (``verdicts`` has some) may copy a lock that is held
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._seed), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe.recv()  # it is ready: what it imports is no program's time

    @property
    def process_id(self) -> int:
        """The number of the process that lints just now; after one that ended, that of the next."""
        assert self._process.pid is not None
        return self._process.pid

    def judge(self, what: int | str) -> Verdict:
        """The verdict on a text, or on the program of an index."""
        try:
            self._pipe.send(what)
            # polled, because a process that hangs answers nothing, and recv would wait for ever
            if self._pipe.poll(self._limit):
                found: Verdict = self._pipe.recv()
                return found
            verdict = Verdict(SLOW, f"more than {self._limit:g} s", seconds=self._limit)
        except (EOFError, OSError):
            self._process.join()
            verdict = Verdict(CRASHED, f"exit status {self._process.exitcode}")
        self.stop()
        self._start()
        return verdict

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection, seed: int) -> None:
    # before anything is linted: a program that asks for too much then ends its own process, not the machine's
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # once before it is ready, because the first program pays for caches and imports
    judged(program(seed, 0))
    pipe.send(None)
    while True:
        try:
            what = pipe.recv()
        except EOFError:
            return
        pipe.send(judged(what if isinstance(what, str) else program(seed, what)))


def verdicts(seed: int, indices: Sequence[int], jobs: int, limit: float) -> Iterator[tuple[int, Verdict]]:
    """The verdict on each program, as they end; ``limit`` are the seconds that one may take."""
    left: SimpleQueue[int] = SimpleQueue()
    found: SimpleQueue[tuple[int, Verdict] | Exception] = SimpleQueue()
    for index in indices:
        left.put(index)

    def work() -> None:
        try:
            worker = Worker(seed, limit)
            while True:
                index = left.get_nowait()
                found.put((index, worker.judge(index)))
        except Empty:
            worker.stop()
        except Exception as error:  # a thread would take it along: whoever waits for a verdict is told
            found.put(error)

    for _ in range(jobs):
        Thread(target=work, daemon=True).start()
    for _ in indices:
        one = found.get()
        if isinstance(one, Exception):
            raise one
        yield one
