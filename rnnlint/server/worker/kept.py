"""What a worker keeps between two versions of a text: summaries, modules of notebooks, results, what was explored last;
all in memory.

What somebody is typing is worth nothing to the next run, so none of it is written to the cache of ``rnnlint check``.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from rnnlint.checking.cache import Cache
from rnnlint.manner import Manner, Memory
from rnnlint.projects.summary import Summary

# summaries: of the files that name a recurrent module, some hundred in the largest libraries; a version of a text that
# is edited has one of some ten kilobytes
_MOST = 512
_RESULTS = 64  # groups and notebooks: those of the files that are open, in their last versions


class Recent:
    """The most recently used of some values."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[str, Any] = OrderedDict()

    def get(self, key: str) -> Any:
        """A value, or None."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: str, value: object) -> None:
        """Keep a value; the one that was not used for longest goes."""
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)


class Kept(Cache):
    """The cache of :mod:`rnnlint.checking.cache`, without a folder."""

    _keeps = True

    def __init__(self) -> None:
        super().__init__(None)
        self._summaries = Recent(_MOST)
        self._entries = Recent(_RESULTS)
        # nobody sees a drawing in an editor but in a hover, which makes its own
        self.typing = Manner(drawn=False, memory=Memory())
        """For versions of what somebody types."""
        self.trying = Manner(drawn=False)
        """For texts that are open nowhere."""

    def summary(self, digest: str) -> Summary | None:
        """As it was kept, and not made again of what is written of it."""
        found: Summary | None = self._summaries.get(digest)
        return found

    def keep_summary(self, digest: str, summary: Summary) -> None:
        """Keep what is known of a file of this content."""
        self._summaries.put(digest, summary)

    def _read(self, key: str) -> Any:
        return self._entries.get(key)

    def _write(self, key: str, data: object) -> None:
        self._entries.put(key, data)
