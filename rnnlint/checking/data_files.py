"""The files of data that may be read: those below the folders that were asked for, and no large ones."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rnnlint.checking.discovery import Excluded, shown
from rnnlint.checking.sources import Source, Unreadable, read_any
from rnnlint.source.data_names import LARGEST


class DataFiles:
    """``roots`` are folders, by their absolute paths.  Asked of paths that are written with slashes."""

    def __init__(self, roots: Sequence[str], excluded: Excluded) -> None:
        self._roots = [(os.path.normpath(root), os.path.realpath(root)) for root in roots]
        self._excluded = excluded
        self._may: dict[str, bool] = {}
        self._names: dict[str, list[str]] = {}
        self._read: dict[str, Source | None] = {}

    @property
    def roots(self) -> list[str]:
        """The folders, as paths that are written with slashes."""
        return [root.replace(os.sep, "/") for root, _ in self._roots]

    def is_there(self, path: str) -> bool:
        """Whether there is a file that may be read."""
        path = _native(path)
        if not self._is_open(os.path.dirname(path)):
            return False
        try:
            if not os.path.isfile(path) or os.path.getsize(path) > LARGEST:
                return False
        except OSError:
            return False
        # a link leads to nothing beside what was asked for
        really = os.path.realpath(path)
        return any(_below(really, root) for _, root in self._roots) and not self._excluded(path, False)

    def names(self, folder: str) -> list[str]:
        """The names of what stands in a folder, in order; none of one in which nothing may be read."""
        if folder not in self._names:
            try:
                self._names[folder] = sorted(os.listdir(folder)) if self._is_open(_native(folder)) else []
            except OSError:
                self._names[folder] = []
        return self._names[folder]

    def source(self, path: str) -> Source | None:
        """A file as it is read; None where it cannot be."""
        if path not in self._read:
            try:
                self._read[path] = read_any(_native(path), shown(_native(path)))
            except Unreadable:
                self._read[path] = None
        return self._read[path]

    def _is_open(self, folder: str) -> bool:
        """Whether a folder was asked for, or is in one that was, and no configuration leaves it out."""
        if folder not in self._may:
            roots = [root for root, _ in self._roots if _below(folder, root)]
            self._may[folder] = bool(roots) and (
                folder in roots or (self._is_open(os.path.dirname(folder)) and not self._excluded(folder, False))
            )
        return self._may[folder]


def _native(path: str) -> str:
    return path.replace("/", os.sep)


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)
