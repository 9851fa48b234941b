"""The files of a run as modules of a project: texts and summaries, each made when it is first asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import takewhile
from posixpath import dirname
from types import MappingProxyType

from rnnlint.checking.cache import Cache
from rnnlint.checking.data_files import DataFiles
from rnnlint.checking.discovery import shown
from rnnlint.checking.sources import Source, Unreadable, read_any, readable
from rnnlint.projects.data_files import named_by
from rnnlint.projects.imports import Import, imports_in
from rnnlint.projects.neighbours import Neighbours
from rnnlint.projects.summary import Summary, summarised


class Files:
    """``sources`` are files that may build a recurrent module, ``others`` may import them; by their absolute paths.

    ``data`` are files that they may read; ``known`` are others that have been read already.  ``importing`` is
    :func:`rnnlint.projects.imports.imports_in`, or what remembers its answers.

    Asked of paths that are written with slashes, as :class:`rnnlint.projects.concern.Files`.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        others: Iterable[str],
        data: DataFiles,
        cache: Cache,
        known: Mapping[str, Source] = MappingProxyType({}),
        importing: Callable[[str], Iterable[Import]] = imports_in,
    ) -> None:
        self._importing = importing
        self._sources: dict[str, Source | None] = {slashed(path): source for path, source in sources.items()}
        self._data = data
        self._cache = cache
        self._refused: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._summaries: dict[str, Summary] = {}
        self._neighbours: Neighbours | None = None
        self.seeds = frozenset(self._sources)
        self.paths = sorted({*self._sources, *map(slashed, others)})
        self._sources.update((slashed(path), source) for path, source in known.items())
        # the same for those that are looked at by themselves (``around``)
        self.root = _shared_folder([*data.roots, *map(dirname, self.paths)])

    def connected_as(self, other: Files) -> None:
        """Take what connects the files from another one, of the same paths and the same imports."""
        self._neighbours = other._neighbours

    def around(self, paths: Collection[str]) -> Files:
        """The files that something connects with some of them, so that no others need be parsed."""
        if self._neighbours is None:
            self._neighbours = Neighbours(self.paths, lambda path: self._importing(self.text(path)))
        near = self._neighbours.of(paths)
        found = copy(self)  # with the same texts and summaries, each made once
        found.paths, found.seeds, found._neighbours = sorted(near), self.seeds & near, None
        return found

    def sources(self) -> list[tuple[str, Source]]:
        """Those that may build a recurrent module, by their paths."""
        return [(path, source) for path in sorted(self.seeds) if (source := self.source(path)) is not None]

    def source(self, path: str) -> Source | None:
        """A file as it is read; None where it cannot be."""
        if path not in self._sources:
            try:
                self._sources[path] = read_any(path, shown(path.replace("/", os.sep)))
            except Unreadable as error:
                self._sources[path] = None
                self._refused[path] = str(error)
        return self._sources[path]

    def known_of(self, path: str) -> Source:
        """A file as far as it can be read."""
        return self.source(path) or Source(shown(path.replace("/", os.sep)), self.text(path), "")

    def refused(self, path: str) -> str:
        """Why a file cannot be read; "" for one that can."""
        return self._refused.get(path, "") if self.source(path) is None else ""

    def text(self, path: str) -> str:
        """The text of a module; of what is no text what can be read of it."""
        if path not in self._texts:
            source = self.source(path)
            self._texts[path] = readable(path.replace("/", os.sep)) if source is None else self._module_text(source)
        return self._texts[path]

    def _module_text(self, source: Source) -> str:
        if not source.is_notebook:
            return source.text
        kept = self._cache.module(source.digest)
        if kept is None:
            kept = module_text(source)
            self._cache.keep_module(source.digest, kept)
        return kept

    def imports(self, path: str) -> Iterable[Import]:
        """The imports of a module: by its text, so that what names no recurrent module is not parsed."""
        return self.summary(path).imports if path in self.seeds else self._importing(self.text(path))

    def summary(self, path: str) -> Summary:
        """What a module says to those who ask which files are analysed together."""
        found = self._summaries.get(path)
        if found is None:
            source = self.source(path)
            found = self._kept(source, path) if source is not None else Summary(unreadable=True)
            self._summaries[path] = found
        return found

    def _kept(self, source: Source, path: str) -> Summary:
        kept = self._cache.summary(source.digest)
        if kept is None:
            kept = summarised(self.text(path))
            self._cache.keep_summary(source.digest, kept)
        return kept

    def data_of(self, paths: Iterable[str]) -> Iterator[tuple[str, Source]]:
        """The files of data that some modules may read, by their paths."""
        for path in named_by(((path, self.summary(path).data) for path in paths), self._data):
            source = self._data.source(path)
            if source is not None:
                yield path, source

    def builds(self, path: str) -> bool:
        """Whether a module can build a recurrent one of torch's."""
        return path in self.seeds and self.summary(path).builds


def _shared_folder(folders: Sequence[str]) -> str:
    """The folder that all of some are in, or are."""
    parts = [folder.split("/") for folder in folders] or [[]]
    first, last = min(parts), max(parts)
    return "/".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))


def module_text(source: Source) -> str:
    """The text that is analysed: of a notebook its cells as one module, "" where it is none."""
    if not source.is_notebook:
        return source.text
    from rnnlint.notebooks import NotANotebook, read

    try:
        return read(source.text).text
    except NotANotebook:
        return ""


def slashed(path: str) -> str:
    """A path as modules are looked for by it."""
    return path.replace(os.sep, "/")
