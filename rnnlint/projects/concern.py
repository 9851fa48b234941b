"""Which names of which files have to do with recurrent modules: those that are defined with one, and what uses these.

A name is followed through the imports of the files that take it, and through what these define with it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from posixpath import basename
from typing import Protocol

from rnnlint.frozen import dataclass
from rnnlint.projects.imports import STAR, Import
from rnnlint.projects.modules import Modules, key_of
from rnnlint.projects.summary import Statement, Summary, looked_up_in


class Files(Protocol):
    """What is asked of files, by their paths; paths are written with slashes."""

    def text(self, path: str) -> str:
        """The text of a file, as a module."""

    def imports(self, path: str) -> Iterable[Import]:
        """Its imports, and perhaps what only looks like one."""

    def summary(self, path: str) -> Summary:
        """What its top level binds and mentions."""

    def builds(self, path: str) -> bool:
        """Whether it can build a recurrent module."""


FARTHEST = 24
"""Files that the names of one are followed to.  What more of them use is a library's: who uses that says little of how
it is built, and all of a project would be one analysis.  A convention."""

Origins = frozenset[str]
"""The files whose modules a name has to do with."""


@dataclass(slots=True)
class Concern:
    """``names`` of a file that have to do with recurrent modules, each with the files that these are built in.

    ``uses`` are the files that another one uses such names of, beside handing them on.  ``reached`` are the files that
    the names of one have come to.  ``unread`` are those that Python cannot read, and that take such names, or that what
    takes part takes names of; each with the analysed files that it says nothing of.
    """

    names: dict[str, dict[str, Origins]] = field(default_factory=dict)
    uses: dict[str, Origins] = field(default_factory=dict)
    reached: dict[str, set[str]] = field(default_factory=dict)
    unread: dict[str, set[str]] = field(default_factory=dict)

    def may_reach(self, path: str, origins: Origins) -> bool:
        """Whether names of any of the origins may come to a file."""
        every = (self.reached.get(origin, {origin}) for origin in origins)
        return any(path in reached or len(reached) < FARTHEST for reached in every)

    def reaching(self, path: str, origins: Origins) -> Origins:
        """Those of the origins whose names may come to a file: each to so many, the nearest first."""
        found = []
        for origin in sorted(origins):
            reached = self.reached.setdefault(origin, {origin})
            if path in reached or len(reached) < FARTHEST:
                reached.add(path)
                found.append(origin)
        return frozenset(found)


def concern(
    paths: Iterable[str],
    files: Files,
    modules: Modules,
) -> Concern:
    """The names that matter in all files; few of them are asked for more than their imports."""
    every = list(paths)
    found = Concern()
    pending = deque(path for path in every if files.builds(path))
    takers = _takers(every, files, modules) if pending else {}
    for path in pending:
        _look(path, files.summary(path), found, modules)
    waiting = set(pending)
    words = _Words(files)
    while pending:
        path = pending.popleft()
        waiting.discard(path)
        for keeper in _kept(path, files, found, modules):
            if keeper not in waiting:
                waiting.add(keeper)
                pending.append(keeper)
        hot = found.names.get(path, {})
        origins: Origins = frozenset().union(*hot.values())
        for taker, imports in takers.get(path, {}).items():
            if not files.builds(taker):
                # a name that is taken from here is imported, or stands behind the module's in the text
                whole = any(_is_whole(path, one) for one in imports)
                # all names of a module are handed on by a star import, to whoever takes them from there
                starred = taker in takers and any(one.name == STAR for one in imports)
                named = any(one.name in hot for one in imports) or starred or (whole and words.has(taker, hot))
                named = named or (whole and any(words.looks_up(taker, one.bound) for one in imports))
                # a package hands its modules on (``from . import encoder``): their names are those behind its own
                named = named or (whole and taker in takers and basename(taker) == "__init__.py")
                if not named or not found.may_reach(taker, origins):
                    continue
                if files.summary(taker).unreadable:
                    found.unread.setdefault(taker, set()).update(origins)
            if _look(taker, files.summary(taker), found, modules) and taker not in waiting:
                waiting.add(taker)
                pending.append(taker)
    return found


def _kept(path: str, files: Files, found: Concern, modules: Modules) -> Iterator[str]:
    """The files that keep what a file defines for others to look up: in a registry, by a decorator of theirs.

    The names of the tables have to do then with what is kept, and so has what looks something up in them.
    """
    summary = files.summary(path)
    here = found.names.get(path, {})
    for statement in summary.statements:
        origins = _used(path, statement, here)
        if not origins:
            continue
        for one in summary.imports:
            if one.bound not in statement.keep:
                continue
            for keeper, name in _named(path, one, statement.keep, files, modules):
                if keeper != path and _mark(keeper, name, origins, files.summary(keeper), found):
                    _look(keeper, files.summary(keeper), found, modules)
                    yield keeper


def _named(path: str, one: Import, words: frozenset[str], files: Files, modules: Modules) -> Iterator[tuple[str, str]]:
    """The names of other files that an import leads to, of those that are mentioned."""
    for target in targets(path, one, modules):
        bound = {name for each in files.summary(target).statements for name in each.binds}
        wanted = words if one.name in ("", STAR) or one.name not in bound else {one.name}
        yield from ((target, name) for name in sorted(bound & wanted))


def _mark(path: str, name: str, origins: Origins, summary: Summary, found: Concern) -> bool:
    """A table of a file, by its name or by that of a function that mentions it, keeps what is built elsewhere.

    Whether that is new.  What other decorators do with a class is nothing that anybody looks up.
    """
    tables = {bound for each in summary.statements if each.table for bound in each.binds}
    words = frozenset().union(*(each.words for each in summary.statements if each.definition and name in each.binds))
    here = found.names.setdefault(path, {})
    new = False
    for one in sorted(tables & (words | {name})):
        if not origins <= here.get(one, frozenset()):
            here[one] = here.get(one, frozenset()) | found.reaching(path, origins)
            new = True
    return new


def _takers(paths: list[str], files: Files, modules: Modules) -> dict[str, dict[str, list[Import]]]:
    """The files that import from each file, and how, as far as their text says; a package with its modules."""
    found: dict[str, dict[str, list[Import]]] = {}
    for path in paths:
        for one in files.imports(path):
            for target in targets(path, one, modules):
                if target != path:
                    found.setdefault(target, {}).setdefault(path, []).append(one)
    return found


def _is_whole(path: str, one: Import) -> bool:
    """Whether an import takes a module as a whole, or all of its names."""
    return one.name in ("", STAR) or key_of(path).rpartition("/")[2] == one.name


def targets(path: str, one: Import, modules: Modules) -> Iterator[str]:
    """The files that an import of a file runs: the module, and a module of that name in a package."""
    key = modules.target(path, one.module)
    if key is None:
        return
    found = modules.path(key)
    if found is not None:
        yield found
    inner = modules.inside(key, one.name) if one.name not in ("", STAR) else None
    within = None if inner is None else modules.path(inner)
    if within is not None:
        yield within


class _Words:
    """The words of texts, looked for once a file."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._found: dict[str, frozenset[str]] = {}

    def looks_up(self, path: str, name: str) -> bool:
        """Whether a file asks a module by a name that only a run knows: ``getattr(models, args.model)``."""
        text = self._files.text(path)
        return "getattr(" in text and looked_up_in(name) in self._files.summary(path).words

    def has(self, path: str, names: Mapping[str, object]) -> bool:
        """Whether a file mentions one of some names."""
        if path not in self._found:
            self._found[path] = frozenset(_WORD.findall(self._files.text(path)))
        return not self._found[path].isdisjoint(names)


_WORD = re.compile(r"\w+")


def _look(path: str, summary: Summary, found: Concern, modules: Modules) -> bool:
    """Look at what a file takes from others as far as they are known; whether that says anything new."""
    here = dict(found.names.get(path, {}))
    before = sum(map(len, here.values())), len(here)
    words = summary.words
    for one in summary.imports:
        for name, origins in _taken(path, one, found, modules):
            # a file that only hands names on (``from .encoder import *``) is none that they are followed to
            here[name] = here.get(name, frozenset()) | (found.reaching(path, origins) if name in words else origins)
            if looked_up_in(one.bound) in words:  # any of them may be what is asked for
                here[one.bound] = here.get(one.bound, frozenset()) | found.reaching(path, origins)
    here = {name: origins for name, origins in here.items() if origins}
    uses: Origins = frozenset()
    size = -1
    while size != (size := sum(map(len, here.values()))):
        for statement in summary.statements:
            used = _used(path, statement, here)
            uses |= used
            for name in _ordinary(statement.binds) if used else ():
                here[name] = here.get(name, frozenset()) | used
    found.names[path] = here
    if uses:
        found.uses[path] = uses
    return (sum(map(len, here.values())), len(here)) != before


def _ordinary(names: Iterable[str]) -> Iterator[str]:
    """Names that are imported by name: ``__all__`` and its like are each file's own."""
    return (name for name in names if not name.startswith("__"))


def _used(path: str, statement: Statement, here: Mapping[str, Origins]) -> Origins:
    own: Origins = frozenset({path}) if statement.holds else frozenset()
    return own.union(*(here[word] for word in statement.words & here.keys()))


def _taken(path: str, one: Import, found: Concern, modules: Modules) -> Iterator[tuple[str, Origins]]:
    """The names that matter of those that an import binds, or leads to as attributes of what it binds."""
    key = modules.target(path, one.module)
    if key is None:
        return
    target = modules.path(key)
    names = found.names.get(target, {}) if target is not None else {}
    if one.name in ("", STAR):
        yield from names.items()
    elif one.name in names:
        yield one.bound, names[one.name]
    else:
        inner = modules.inside(key, one.name)
        module = None if inner is None else modules.path(inner)
        there = found.names.get(module, {}) if module is not None else {}
        yield from there.items()
        if there and one.bound != one.name:  # by which others may take the module from here
            yield one.bound, frozenset().union(*there.values())
