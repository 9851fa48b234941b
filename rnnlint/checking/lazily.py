"""The groups of a project, each planned and analysed when the first of its files is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rnnlint.checking.analysis import add, planned
from rnnlint.checking.cache import Cache
from rnnlint.checking.discovery import shown
from rnnlint.checking.groups import analysed
from rnnlint.checking.members import Group
from rnnlint.checking.modules import Files, slashed
from rnnlint.checking.results import FileResult, decoded
from rnnlint.report import Report
from rnnlint.settings import Settings

if TYPE_CHECKING:
    from rnnlint.manner import Manner


class Lazily:
    """``files`` are those of a project, by the settings they are analysed under; in which ``manner``."""

    def __init__(self, files: Mapping[Settings, Files], cache: Cache, manner: Manner | None = None) -> None:
        self._files, self._cache, self._manner = files, cache, manner
        self._groups: dict[tuple[Settings, str], list[Group]] = {}
        self._results: dict[int, Sequence[FileResult]] = {}  # by the group, each of which is kept

    def report(self, path: str) -> Report:
        """What is said of a file, by its absolute path."""
        result = self.result(path)
        return Report(not_analysed=result.refused) if result.refused else result.report

    def result(self, path: str) -> FileResult:
        """The same, with what a notebook's lines are those of, and why a file could not be read."""
        found: dict[str, FileResult] = {}
        for group in self.groups(path):
            add(found, group, self._said(group))
        return found.get(shown(path), FileResult())

    def groups(self, path: str) -> list[Group]:
        """The groups that a file has a part in, by its absolute path."""
        return [group for settings in self._files for group in self._with(slashed(path), settings)]

    def _with(self, path: str, settings: Settings) -> list[Group]:
        """The groups that a file has a part in."""
        if (settings, path) not in self._groups:
            near = self._files[settings].around([path])
            self._groups[settings, path] = []
            self._groups |= {(settings, one): [] for one in near.paths}
            for group in planned(near, near.sources(), settings):
                for member in group.files:
                    self._groups[settings, member.path].append(group)
        return self._groups[settings, path]

    def _said(self, group: Group) -> Sequence[FileResult]:
        if id(group) not in self._results:
            kept = self._cache.results(group)
            if kept is None:
                found = analysed(group, self._manner)
                self._cache.keep(group, found)
                kept = [decoded(one) for one in found]
            self._results[id(group)] = kept
        return self._results[id(group)]
