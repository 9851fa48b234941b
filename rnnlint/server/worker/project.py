"""A project as an editor has it: the files on disk, and in the place of some of them what is open."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from rnnlint.checking.data_files import DataFiles
from rnnlint.checking.discovery import shown
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.lazily import Lazily
from rnnlint.checking.modules import Files
from rnnlint.checking.sources import Source, Unreadable, in_hand, read, read_any
from rnnlint.checking.surroundings import files_of
from rnnlint.checking.watching import State, state_of
from rnnlint.manner import Manner
from rnnlint.projects.imports import Import, imports_in
from rnnlint.server.worker.kept import Kept
from rnnlint.settings import Settings
from rnnlint.source.prefilter import gets_by_name, mentions_rnn

_ROOM = 64_000_000
"""Characters of the files of a project that are kept in memory; with more, those that name no recurrent module are read
whenever somebody asks for their imports.  Ten times what the largest projects that build models have."""


class Project:
    """The files of a folder, read when :meth:`refresh` is called first, and again where they have changed.

    ``folder`` is None for what is in no project: each open file by itself.
    """

    def __init__(self, folder: str | None, kept: Kept) -> None:
        self._folder, self._kept = folder, kept
        self._state: State = {}
        self._seeds: dict[str, Source] = {}
        self._others: dict[str, Source | None] = {}  # None for what there is no room for
        self._imports: dict[str, tuple[Import, ...]] = {}
        self._data = DataFiles((), lambda *_: True)
        self._connected: dict[Settings, tuple[Files, list[tuple[str, tuple[Import, ...]]]]] = {}
        self._last: tuple[Mapping[str, str], Lazily] | None = None

    def refresh(self, nearest: Nearest) -> None:
        """Look at the disk."""
        self._last, self._connected = None, {}
        if self._folder is None:
            return
        paths = files_of([self._folder], nearest) or ()
        self._data = DataFiles([self._folder] if paths else [], nearest.excludes)
        state = state_of(paths)
        before, seeds, others = self._state, self._seeds, self._others
        self._state, self._seeds, self._others = state, {}, {}
        room = _ROOM
        for path in paths:
            known = path in before and before[path] == state[path]
            # what cannot be read is not said of what nobody has asked for
            with suppress(Unreadable):
                seed = seeds.get(path) if known else read(path, shown(path))
                if seed is not None:
                    self._seeds[path] = seed
                elif not known or path in others:
                    there = others.get(path) if known else None
                    if there is None and room > 0:
                        there = read_any(path, shown(path))
                    room -= 0 if there is None else len(there.text)
                    self._others[path] = there if room > 0 else None
        texts = {one.text for one in (*self._seeds.values(), *self._others.values()) if one is not None}
        self._imports = {text: found for text, found in self._imports.items() if text in texts}

    def analysis(self, opened: Mapping[str, str], nearest: Nearest) -> Lazily:
        """The groups of the project, where files have these texts; those of the last time where nothing has changed."""
        if self._last is None or self._last[0] != opened:
            self._last = dict(opened), self._analysis(opened, nearest, self._kept.typing)
        return self._last[1]

    def tried(self, opened: Mapping[str, str], nearest: Nearest) -> Lazily:
        """The groups of the project if files had these texts; what the next analysis begins with stays as it is."""
        connected = dict(self._connected)
        try:
            return self._analysis(opened, nearest, self._kept.trying)
        finally:
            self._connected = connected

    def _analysis(self, opened: Mapping[str, str], nearest: Nearest, manner: Manner) -> Lazily:
        seeds = {path: one for path, one in self._seeds.items() if path not in opened}
        others = dict.fromkeys(path for path in self._others if path not in opened)
        known = {path: one for path, one in self._others.items() if one is not None and path not in opened}
        for path, text in opened.items():
            source = in_hand(text, shown(path))
            if mentions_rnn(text) or gets_by_name(text):
                seeds[path] = source
            else:
                known[path] = source
                others[path] = None
        by_settings: dict[Settings, dict[str, Source]] = {}
        for path, source in seeds.items():
            configuration = nearest.of(path)
            if configuration is not None:
                by_settings.setdefault(configuration.settings, {})[path] = source
        typed = frozenset(opened.values())
        files: dict[Settings, Files] = {}
        for settings, some in by_settings.items():
            one = Files(some, others, self._data, self._kept, known, lambda text: self._importing(text, typed))
            imports = [(path, self._importing(text, typed)) for path, text in sorted(opened.items())]
            before = self._connected.get(settings)
            # to find what connects a thousand files takes longer than to analyse one, and few keys change an import
            if before is not None and before[1] == imports and before[0].paths == one.paths:
                one.connected_as(before[0])
            self._connected[settings] = one, imports
            files[settings] = one
        return Lazily(files, self._kept, manner)

    def _importing(self, text: str, typed: frozenset[str]) -> tuple[Import, ...]:
        """The imports of a text, once for each file on disk: of what is typed there are too many versions."""
        found = self._imports.get(text)
        if found is None:
            found = tuple(imports_in(text))
            if text not in typed:
                self._imports[text] = found
        return found
