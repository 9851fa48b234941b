"""The unit of analysis: a group of files, which is asked as a whole.

What is said of a group depends on the texts of its files and on the settings, and on nothing else: so groups can be
analysed anywhere, and what was said of one can be kept.
"""

from __future__ import annotations

from rnnlint.checking.sources import Source
from rnnlint.frozen import dataclass
from rnnlint.settings import Settings


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a group, by its absolute path, with slashes.

    ``statements``: the numbers of those of its top level that it helps the others with; None where it is analysed.
    A ``guest`` builds no recurrent module, and uses what others build; one by itself is one that cannot be read.
    ``refused``: why it is not even text.
    """

    path: str
    source: Source
    statements: tuple[int, ...] | None = None
    guest: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are analysed together, each behind those that it imports, and under which settings.

    No two groups analyse the same file.  ``data`` are the files of data that they may read.

    ``decides``: of a file that cannot be read, the files whose modules it may build, or hand names to.
    """

    files: tuple[Member, ...]
    settings: Settings
    data: tuple[Member, ...] = ()
    decides: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """How much there is to be analysed, in characters."""
        return sum(len(one.source.text) for one in self.files)
