"""What is open, and what is said of it: as ``rnnlint check`` says it, with open files in the place of those on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rnnlint.checking.baseline import BadBaseline
from rnnlint.checking.discovery import shown
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.inputs import Input, input_of
from rnnlint.checking.known import Baselines
from rnnlint.checking.lazily import Lazily
from rnnlint.checking.plan import Done
from rnnlint.checking.results import FileResult
from rnnlint.checking.said import FileSaid, Texts
from rnnlint.checking.sources import in_hand
from rnnlint.checking.surroundings import project_of
from rnnlint.checking.watching import State, state_of
from rnnlint.configuration import Configurations
from rnnlint.configuration.reading import OWN, SHARED
from rnnlint.diagnostics import Checked, Diagnostic, Refused
from rnnlint.frozen import dataclass
from rnnlint.server.worker.kept import Kept
from rnnlint.server.worker.project import Project


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an open file, and what is wrong with what configures it, each in a line that names the file."""

    diagnostics: tuple[Diagnostic, ...] = ()
    refused: tuple[Refused, ...] = ()
    complaints: tuple[str, ...] = ()


class Workspace:
    """Files by their absolute paths.  ``alone`` are those that no file on disk belongs to: looked at by themselves."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._opened: dict[str, str] = {}
        self._alone: set[str] = set()
        self._projects: dict[str | None, Project] = {}
        self._stale: set[str | None] = set()
        self._configured: State = {}
        self._nearest = Nearest(Configurations())

    def open(self, path: str, text: str, *, alone: bool = False) -> None:
        """A file has this text from now on, whatever is on disk."""
        self._opened[path] = text
        (self._alone.add if alone else self._alone.discard)(path)

    def close(self, path: str) -> None:
        """A file is what it is on disk."""
        self._opened.pop(path, None)
        self._alone.discard(path)

    def refresh(self) -> None:
        """Files on disk may have changed."""
        self._stale = set(self._projects)

    def text(self, path: str) -> str | None:
        """The text of an open file."""
        return self._opened.get(path)

    def check(self, path: str) -> Said:
        """What is said of an open file; nothing of one that is excluded, or that is open no more."""
        nearest = self._configurations(path)
        configuration = nearest.of(path)
        if configuration is None:
            return Said(complaints=tuple(nearest.complaints))
        text = self._opened.get(path)
        if text is None or (path not in self._alone and _is_excluded(path, nearest)):
            return Said()
        source = in_hand(text, shown(path))
        said = FileSaid(Input(source, path, configuration), self.analysis(path).result(path))
        texts = Texts(self._open_files(nearest, self._opened), nearest)
        reported = said.reported(True, texts.of)
        try:
            new = Baselines.of(reported, {path}, nearest, configuration.baseline, update=False).new
        except BadBaseline as wrong:
            return Said(tuple(one.diagnostic for one in reported), tuple(said.refused()), (str(wrong),))
        return Said(tuple(one.diagnostic for one in new), tuple(said.refused()))

    def done(self, path: str, instead: Mapping[str, str]) -> Done:
        """What is said of an open file, and of the files that are analysed with it, with other texts of some.

        Of a file that helps others as well it is not asked what they say of it.  Raises BadBaseline.
        """
        nearest = self._configurations(path)
        opened = {**self._opened, **instead}
        analysis = self.analysis(path, instead)
        inputs = [one for each in _analysed_with(path, analysis) if (one := _input(each, opened, nearest)) is not None]
        files = [FileSaid(one, analysis.result(one.path)) for one in inputs]
        texts = Texts([*self._open_files(nearest, opened), *files], nearest)
        every = [one for file in files for one in file.reported(True, texts.of)]
        refused = tuple(sorted({why for one in files for why in one.refused()}))
        configuration = nearest.of(path)
        base = None if configuration is None else configuration.baseline
        baselines = Baselines.of(every, {one.path for one in inputs}, nearest, base, update=False)
        checked = Checked(tuple(one.diagnostic for one in baselines.new), refused, len(inputs))
        return Done(checked, baselines.new, (), baselines, tuple(files))

    def analysis(self, path: str, instead: Mapping[str, str] | None = None) -> Lazily:
        """The groups of the project that an open file is in; with other texts of some, which are open nowhere."""
        nearest = self._configurations(path)
        folder = None if path in self._alone else project_of(path, nearest)
        if folder not in self._projects:
            self._projects[folder] = Project(folder, self._kept)
            self._stale.add(folder)
        project = self._projects[folder]
        if folder in self._stale:
            project.refresh(nearest)
            self._stale.discard(folder)
        opened = dict(self._of_project(path, folder, nearest))
        return project.tried({**opened, **instead}, nearest) if instead else project.analysis(opened, nearest)

    def _of_project(self, path: str, folder: str | None, nearest: Nearest) -> Iterator[tuple[str, str]]:
        """The open files of a project with their texts; of none the one that is asked for."""
        for one, text in self._opened.items():
            if one == path or (folder is not None and one not in self._alone and project_of(one, nearest) == folder):
                yield one, text

    def _open_files(self, nearest: Nearest, opened: Mapping[str, str]) -> Iterable[FileSaid]:
        for path in opened:
            one = None if path.endswith(".ipynb") else _input(path, opened, nearest)
            if one is not None:
                yield FileSaid(one, FileResult())

    def _configurations(self, path: str) -> Nearest:
        """The configurations, read again where one that may be about a file has changed."""
        now = state_of(_configuring(path))
        known = self._configured
        if any(one in known and known[one] != state for one, state in now.items()):
            self._nearest = Nearest(Configurations())
            self._configured = {}
            self.refresh()
        self._configured |= now
        return self._nearest


def _input(path: str, opened: Mapping[str, str], nearest: Nearest) -> Input | None:
    """A file as it is open, or lies on the disk."""
    if path not in opened:
        return input_of(path, nearest)
    configuration = nearest.of(path)
    return None if configuration is None else Input(in_hand(opened[path], shown(path)), path, configuration)


def _analysed_with(path: str, analysis: Lazily) -> list[str]:
    """A file, and those that are analysed with it and have no part in anything else."""
    groups = analysis.groups(path)
    known = {id(group) for group in groups}
    members = (os.path.normpath(one.path) for group in groups for one in group.files if one.statements is None)
    beside = (one for one in members if all(id(group) in known for group in analysis.groups(one)))
    return list(dict.fromkeys([path, *beside]))


def _configuring(path: str) -> Iterator[str]:
    """The files that may be the configuration of a file."""
    for folder in Path(path).parents:
        yield from (os.path.join(folder, name) for name in (*OWN, SHARED))


def _is_excluded(path: str, nearest: Nearest) -> bool:
    """Whether a file, or a folder of its project that it is in, is left out where folders are searched.

    An editor opens what is clicked on: unlike on a command line, that names nothing.
    """
    configuration = nearest.of(path)
    root = "" if configuration is None else str(configuration.root)
    while path != root and os.path.dirname(path) != path:
        if nearest.excludes(path, False):
            return True
        path = os.path.dirname(path)
    return False


def as_data(said: Said) -> Mapping[str, object]:
    """What is said, as JSON can write it."""
    return {
        "diagnostics": [_diagnostic(one) for one in said.diagnostics],
        "refused": [[one.path, one.reason] for one in said.refused],
        "complaints": list(said.complaints),
    }


def _diagnostic(one: Diagnostic) -> dict[str, object]:
    fields = ("code", "name", "message", "help", "read", "wanted", "qualified", "key")
    return {
        **{name: getattr(one, name) for name in fields},
        "facts": [list(pair) for pair in one.facts],
        "fixes": [
            {"title": fix.title, "applicability": fix.applicability.value, "note": fix.note} for fix in one.fixes
        ],
        "place": _place(one.place),
        "related": [{"place": _place(other.place), "message": other.message} for other in one.related],
    }


def _place(place: object) -> dict[str, object]:
    names = ("path", "cell", "line", "column", "end_line", "end_column", "source")
    found = {name: getattr(place, name) for name in names}
    return {**found, "path": os.path.abspath(str(found["path"])), "source": list(found["source"])}
