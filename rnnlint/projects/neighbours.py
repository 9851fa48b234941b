"""The files that imports connect with some: no others can have a part in what is said of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rnnlint.projects.concern import targets
from rnnlint.projects.imports import Import
from rnnlint.projects.modules import Modules


def neighbours(
    paths: Iterable[str], begin: Iterable[str], imports: Callable[[str], Iterable[Import]]
) -> frozenset[str]:
    """Those of the paths that are connected with those to ``begin`` with, these included."""
    every = list(paths)
    modules = Modules(every)
    beside: dict[str, set[str]] = {path: set() for path in every}
    for path in every:
        for one in imports(path):
            for target in targets(path, one, modules):
                beside[path].add(target)
                beside[target].add(path)
    found = set(begin) & beside.keys()
    pending = list(found)
    while pending:
        more = beside[pending.pop()] - found
        found |= more
        pending += more
    return frozenset(found)
