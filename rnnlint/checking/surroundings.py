"""The rest of the project around files that are named: what decides how their classes are built may stand there."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

from rnnlint.checking.discovery import discovered
from rnnlint.checking.excluding import Nearest

_MOST = 20_000
"""Files of a project that are looked through for the sake of a few of its files; with more these stand for themselves.
The largest projects that build models have some thousands."""


def around(files: Iterable[str], folders: Collection[str], nearest: Nearest) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The other files of the projects that some files are in, and the folders of these projects.

    ``files`` were named by themselves, or are in ``folders`` that were.
    """
    named = (path for path in files if not any(_is_below(path, one) for one in folders))
    roots = dict.fromkeys(root for path in named if (root := project_of(path, nearest)) is not None)
    found = files_of(tuple(roots), nearest)
    known = set(files)
    return ((), ()) if found is None else (tuple(path for path in found if path not in known), tuple(roots))


def files_of(roots: Collection[str], nearest: Nearest) -> tuple[str, ...] | None:
    """The files of projects, by their folders; None where these are too many."""
    found = discovered(list(roots), nearest.excludes).files if roots else ()
    return found if len(found) <= _MOST else None


def project_of(path: str, nearest: Nearest) -> str | None:
    """The folder of the project that a file is in; None where it is in none, or is to be looked at by itself."""
    configuration = nearest.of(path)
    if configuration is None or configuration.isolated_files:
        return None
    return str(configuration.root) if configuration.source is not None else _repository(os.path.dirname(path))


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)


def _repository(folder: str) -> str | None:
    """The folder of the repository that one is in."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder
