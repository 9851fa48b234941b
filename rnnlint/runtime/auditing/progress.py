"""A line on the terminal while an audit takes long."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO

from rnnlint.runtime.auditing.phases import Phases

AFTER = 2.0  # seconds without a word
EVERY = 0.5  # seconds between two lines

# The cursor is left at the beginning of the line: what the model prints meanwhile is written over it.
_ERASE = "\r\x1b[K"


@contextlib.contextmanager
def shown(phases: Phases, stream: TextIO | None = None) -> Iterator[None]:
    """Inside, what goes on is said on stderr once it takes long, if that is a terminal, and erased at the end.

    Not under pytest, which has a display of its own.  Said from another thread: a single operation may take long.
    """
    stream = sys.stderr if stream is None else stream
    # stderr is None under pythonw and in some services
    if stream is None or not stream.isatty() or "pytest" in sys.modules:
        yield
        return
    done = threading.Event()
    line = threading.Thread(target=_show, args=(phases, stream, done), name="rnnlint progress", daemon=True)
    line.start()
    try:
        yield
    finally:
        done.set()
        line.join()


def _show(phases: Phases, stream: TextIO, done: threading.Event) -> None:
    begun, wait = time.monotonic(), AFTER
    while not done.wait(wait):
        wait = EVERY
        _write(stream, f"{_ERASE}rnnlint audit: {phases.current}, {time.monotonic() - begun:.0f} s\r")
    if wait == EVERY:
        _write(stream, _ERASE)


def _write(stream: TextIO, text: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # a terminal that is gone is no reason to fail
        stream.write(text)
        stream.flush()
