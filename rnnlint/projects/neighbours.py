"""The files that imports connect with some: no others can have a part in what is said of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rnnlint.projects.concern import targets
from rnnlint.projects.imports import Import
from rnnlint.projects.modules import Modules


class Neighbours:
    """Which of some paths the imports of each file connect, one way or the other."""

    def __init__(self, paths: Iterable[str], imports: Callable[[str], Iterable[Import]]) -> None:
        every = list(paths)
        modules = Modules(every)
        self._beside: dict[str, set[str]] = {path: set() for path in every}
        for path in every:
            for one in imports(path):
                for target in targets(path, one, modules):
                    self._beside[path].add(target)
                    self._beside[target].add(path)

    def of(self, begin: Iterable[str]) -> frozenset[str]:
        """The paths that are connected with those to ``begin`` with, these included."""
        found = set(begin) & self._beside.keys()
        pending = list(found)
        while pending:
            more = self._beside[pending.pop()] - found
            found |= more
            pending += more
        return frozenset(found)
