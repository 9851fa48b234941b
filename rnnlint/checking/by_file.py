"""What is said of a file with its project in view, for a host that goes from file to file.

It is what ``rnnlint check FILE`` says.  A project is read once, and each group of its files analysed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from rnnlint.checking.discovery import shown
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.sources import Source, Unreadable, in_hand, read, read_any
from rnnlint.checking.surroundings import files_of, project_of
from rnnlint.configuration import BadConfiguration, Configuration, Configurations
from rnnlint.failures import Internal
from rnnlint.linter import lint
from rnnlint.report import NOTHING, Report
from rnnlint.settings import Settings
from rnnlint.source.prefilter import gets_by_name, mentions_rnn

if TYPE_CHECKING:
    from rnnlint.checking.lazily import Lazily


class ByFile:
    """The projects that files are in, each as it was when the first of its files was asked for."""

    def __init__(self, configurations: Configurations) -> None:
        self._nearest = Nearest(configurations)
        try:
            self._base = configurations.of(Path.cwd())
        except BadConfiguration:  # which is said of the files that it is for
            self._base = Configuration(cache=False)
        self._projects: dict[str, _Project] = {}
        self._failed: dict[str, Internal] = {}

    def report(self, path: str, text: str, settings: Settings) -> Report:
        """What is said of a file, by its absolute path; its text is what the host has in hand.

        By itself, under ``settings``, it is looked at where it is in no project, or its configuration has that so.
        Never raises for anything that files can hold.
        """
        folder = project_of(path, self._nearest)
        if folder is None:
            return lint(text, path, settings)
        if folder not in self._failed:
            try:
                return self._project(folder).report(path, text)
            except Exception as error:  # a mistake of ours must not take what is found without the project
                self._failed[folder] = Internal.of("the project around it", error)
        alone = lint(text, path, settings)
        return replace(alone, internal=(*alone.internal, self._failed[folder]))

    def _project(self, folder: str) -> _Project:
        if folder not in self._projects:
            files = files_of([folder], self._nearest)
            roots = () if files is None else (folder,)
            self._projects[folder] = _Project(files or (), roots, self._nearest, self._base)
        return self._projects[folder]


class _Project:
    """The files of a project as they are on disk; ``folders`` are those in which data may be read."""

    def __init__(self, paths: Iterable[str], folders: tuple[str, ...], nearest: Nearest, base: Configuration) -> None:
        self._folders, self._nearest, self._base = folders, nearest, base
        self._seeds: dict[str, Source] = {}
        self._others: dict[str, None] = {}
        for path in paths:
            # what cannot be read is not said of what nobody has asked for
            with suppress(Unreadable):
                source = read(path, shown(path))
                if source is None:
                    self._others[path] = None
                else:
                    self._seeds[path] = source
        self._as_on_disk: Lazily | None = None

    def report(self, path: str, text: str) -> Report:
        """What is said of a file, with this text in the place of its own."""
        builds = mentions_rnn(text) or gets_by_name(text)
        if not self._seeds and not builds:
            return NOTHING
        if self._text(path) == text:
            self._as_on_disk = self._as_on_disk or self._analysis(self._seeds, self._others)
            return self._as_on_disk.report(path)
        source = {path: in_hand(text, shown(path))}
        seeds = {one: other for one, other in self._seeds.items() if one != path}
        others = [one for one in self._others if one != path]
        if builds:
            return self._analysis(seeds | source, others).report(path)
        return self._analysis(seeds, [*others, path], source).report(path)

    def _text(self, path: str) -> str | None:
        """The text of one of the files."""
        if path in self._seeds:
            return self._seeds[path].text
        with suppress(Unreadable):
            return read_any(path, shown(path)).text if path in self._others else None
        return None

    def _analysis(
        self, seeds: Mapping[str, Source], others: Iterable[str], known: Mapping[str, Source] = MappingProxyType({})
    ) -> Lazily:
        # imported for who has something to be analysed: most of what is linted has not
        from rnnlint.checking.cache import Cache
        from rnnlint.checking.data_files import DataFiles
        from rnnlint.checking.lazily import Lazily
        from rnnlint.checking.modules import Files

        cache = Cache(self._base.cache_folder if self._base.cache else None)
        data = DataFiles(self._folders, self._nearest.excludes)
        by_settings: dict[Settings, dict[str, Source]] = {}
        for path, source in seeds.items():
            configuration = self._nearest.of(path)
            if configuration is not None and not configuration.isolated_files:
                by_settings.setdefault(configuration.settings, {})[path] = source
        files = {settings: Files(some, others, data, cache, known) for settings, some in by_settings.items()}
        return Lazily(files, cache)
