"""What is left out where folders are searched, as the nearest configuration has it."""

from __future__ import annotations

import os
from pathlib import Path

from rnnlint.configuration import BadConfiguration, Configuration, Configurations
from rnnlint.configuration.choices import CACHE

_SPECIAL = frozenset("*?[{")


class Nearest:
    """The configuration of each file, found once a folder; and the complaints about those that cannot be used."""

    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations
        self._found: dict[str, Configuration | None] = {}
        self._left_out: dict[int, _LeftOut] = {}
        self.complaints: dict[str, None] = {}

    def of(self, path: str) -> Configuration | None:
        """The configuration for a file or folder by its absolute path; None where there is one that is wrong."""
        folder = os.path.dirname(path)
        if folder not in self._found:
            try:
                self._found[folder] = self._configurations.of(Path(folder))
            except BadConfiguration as wrong:
                self.complaints[str(wrong)] = None
                self._found[folder] = None
        return self._found[folder]

    def excludes(self, path: str, named: bool) -> bool:
        """Whether a file or folder is left out, by itself; of what is named, also by a folder it is in."""
        configuration = self.of(path)
        if configuration is None:
            return False  # its files are refused, and so is each folder in it
        if named:
            return configuration.force_exclude and configuration.excludes(Path(path))
        left_out = self._left_out.get(id(configuration))
        if left_out is None:
            left_out = self._left_out[id(configuration)] = _LeftOut(configuration)
        return left_out.has(path)


class _LeftOut:
    """The patterns of a configuration; most of them are names, of which many are looked up and not searched for."""

    def __init__(self, configuration: Configuration) -> None:
        every = (*configuration.exclude, *configuration.extend_exclude)
        named = [one for one in every if one.is_name]
        self._names = {text for one in named if _SPECIAL.isdisjoint(text := one.text.rstrip("/"))}
        self._like = [one for one in named if one.text.rstrip("/") not in self._names]
        self._paths = [one for one in every if not one.is_name]

    def has(self, path: str) -> bool:
        name = os.path.basename(path)
        # another user's cache may be closed to everybody else
        if name == CACHE or name in self._names or any(pattern.covers_name(name) for pattern in self._like):
            return True
        return bool(self._paths) and any(pattern.matches(Path(path)) for pattern in self._paths)
