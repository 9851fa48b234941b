"""Where the time of an audit goes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

now = time.perf_counter  # seconds; a benchmark puts processor time here


class Phases:
    """Seconds by phase.  A phase inside another one is not counted twice: the inner one's time is its own.

    ``current`` is what goes on, "" between phases; another thread may look at it.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.current = ""
        self._since = now()

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Inside, time counts for this phase."""
        outer = self.current
        self._turn(name)
        try:
            yield
        finally:
            self._turn(outer)

    def _turn(self, name: str) -> None:
        moment = now()
        if self.current:
            self.seconds[self.current] = self.seconds.get(self.current, 0.0) + moment - self._since
        self._since, self.current = moment, name
