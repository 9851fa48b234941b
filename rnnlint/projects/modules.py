"""What a module's name leads to among the files of a project."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from posixpath import dirname

_SOURCES = "src"  # the folder that setuptools, hatchling and others look for packages in
_FOLLOWED = frozenset({"torch", "einops", "numpy", "argparse", "math", "types"})
"""What is known by itself: a project's own module of the name would have to hide it."""


def key_of(path: str) -> str:
    """What a file is called among the modules of a project: its path without the ending; a package, that of its folder.

    What cannot be imported, such as a notebook, keeps its whole path.
    """
    stem = path.removesuffix(".py")
    return dirname(stem) if stem.endswith("/__init__") or stem == "__init__" else stem


class Modules:
    """The modules and packages of files, whose paths are written with slashes."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths: dict[str, str] = {}
        self._packages: set[str] = set()  # folders with an __init__.py
        self._folders: set[str] = set()
        self._known: dict[tuple[str, str], str | None] = {}
        self._roots_of: dict[str, tuple[str, ...]] = {}
        for path in sorted(paths):
            package = path.endswith("/__init__.py") or path == "__init__.py"
            key = key_of(path)
            # of a file and a folder of one name Python takes the folder
            if package or key not in self._paths:
                self._paths[key] = path
            if package:
                self._packages.add(key)
            folder = dirname(path)
            while folder not in self._folders:
                self._folders.add(folder)
                folder = dirname(folder)

    def path(self, key: str) -> str | None:
        """The file of a module, None for a folder without an ``__init__.py`` of its own."""
        return self._paths.get(key)

    def inside(self, key: str, name: str) -> str | None:
        """The key of a module in a package."""
        inner = f"{key}/{name}" if key else name
        return inner if self._is_there(inner) else None

    def target(self, path: str, module: str) -> str | None:
        """The key of what ``module`` names in a file; None for what is none of the project's."""
        folder = dirname(path)
        if (folder, module) not in self._known:
            self._known[folder, module] = self._target(folder, module)
        return self._known[folder, module]

    def _target(self, folder: str, module: str) -> str | None:
        name = module.lstrip(".")
        dots = len(module) - len(name)
        inner = name.replace(".", "/")
        if dots:
            for _ in range(dots - 1):
                folder = dirname(folder)
            key = f"{folder}/{inner}" if folder and inner else folder or inner
            return key if self._is_there(key) else None
        head, dot, _ = name.partition(".")
        if head in _FOLLOWED or (head in sys.stdlib_module_names and not dot):
            return None
        roots = self._roots_of.get(folder)
        if roots is None:
            roots = self._roots_of[folder] = tuple(self._roots(folder))
        for root in roots:
            key = f"{root}/{inner}" if root else inner
            if self._is_there(key):
                return key
        return None

    def _roots(self, folder: str) -> Iterator[str]:
        """The folders that Python may look in for the modules that a file imports, the likeliest first.

        These are the folder of a script and those above; a package is looked in last, since its modules are called by
        its name.
        """
        above = [folder]
        while (outer := dirname(above[-1])) != above[-1]:
            above.append(outer)
        for root in (*(one for one in above if one not in self._packages), *above):
            yield root
            yield f"{root}/{_SOURCES}" if root else _SOURCES

    def _is_there(self, key: str) -> bool:
        return key in self._paths or key in self._folders
