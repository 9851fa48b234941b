"""``--watch``: the same again whenever something has changed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

POLL = 0.5  # seconds between two looks: soon enough for who has just saved a file
_REST = 10  # times as long as a look takes, of many files: more of a processor it is not worth
_CLEARED = "\x1b[2J\x1b[H"  # what terminals take for "empty the screen, and go to its beginning"

State = dict[str, tuple[int, int] | None]


def state_of(paths: Iterable[str]) -> State:
    """What tells whether files have changed: when they were written, and how long they are; None for what is gone."""
    return {path: _state(path) for path in paths}


def watch(run: Callable[[], object], state: Callable[[], State], wait: Callable[[float], None] | None = None) -> None:
    """Run, and again after each change, until somebody interrupts it.  ``wait`` is given seconds."""
    wait = wait or time.sleep
    while True:
        # taken before the run: what is saved while it goes on is a change
        before = state()
        run()
        while True:
            began = time.monotonic()
            if state() != before:
                break
            wait(max(POLL, _REST * (time.monotonic() - began)))


def cleared(terminal: bool) -> str:
    """What is printed before a run, so that a terminal shows one at a time."""
    return _CLEARED if terminal else ""


def _state(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size
