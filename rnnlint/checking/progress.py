"""How far a run is, on a terminal, where it takes long enough to be wondered about."""

from __future__ import annotations

import time
from typing import TextIO

_PATIENCE = 1.0  # seconds after which somebody wonders
_OFTEN = 0.1  # seconds between two numbers; a terminal need not be written to more often


class Progress:
    """A line on a terminal that is gone when the run is over; nothing at all elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._next = time.monotonic() + _PATIENCE
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def show(self, done: int, total: int) -> None:
        """Say how many files are done, of how many."""
        now = time.monotonic()
        if now < self._next or not self._stream.isatty():
            return
        self._next = now + _OFTEN
        self._write(f"{done} of {total} files")

    def __exit__(self, *_: object) -> None:
        if self._width:
            self._write("")
            self._stream.write("\r")
            self._stream.flush()

    def _write(self, text: str) -> None:
        self._stream.write(f"\r{text:{self._width}}")
        self._stream.flush()
        self._width = len(text)
