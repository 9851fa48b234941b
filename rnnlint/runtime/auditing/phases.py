"""Where the time of an audit goes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

now = time.perf_counter  # seconds; a benchmark puts processor time here


class Phases:
    """Seconds by phase.  A phase inside another one is not counted twice: the inner one's time is its own."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._open: list[str] = []
        self._since = now()

    @property
    def current(self) -> str:
        """What is going on; "" between phases."""
        return self._open[-1] if self._open else ""

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Inside, time counts for this phase."""
        self._count()
        self._open.append(name)
        try:
            yield
        finally:
            self._count()
            self._open.pop()

    def _count(self) -> None:
        moment = now()
        if self._open:
            self.seconds[self.current] = self.seconds.get(self.current, 0.0) + moment - self._since
        self._since = moment
