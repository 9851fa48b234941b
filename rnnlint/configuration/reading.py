"""From a file to its configuration: the nearest above it that has one."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnlint.configuration.choices import KEYS, SKIPPED, BadConfiguration, Configuration
from rnnlint.configuration.keys import Kind
from rnnlint.configuration.patterns import Pattern
from rnnlint.configuration.selection import Layer
from rnnlint.configuration.values import from_options, from_toml
from rnnlint.named_files import content_of
from rnnlint.settings import guess

OWN = (".rnnlint.toml", "rnnlint.toml")  # before pyproject.toml in a folder, and in this order: as ruff has it
SHARED = "pyproject.toml"
_TABLE = "tool.rnnlint"
_AUDIT = "audit"  # a table in it, which rnnlint/runtime/auditing/project.py reads
# [tool.rnnlint], tool.rnnlint.jobs, or a line of [tool]; a requirement ("rnnlint==1.0") is none
_NAMED = re.compile(rb"""tool[^\n]*rnnlint|^\s*["']?rnnlint["']?\s*(?:\.|=(?!=))""", re.MULTILINE)
_BY_FIELD = {key.field: key for key in KEYS}
_CHOSEN = ("extend_select", "ignore", "extend_ignore")
_ADDED = (*_CHOSEN, "extend_exclude")  # on a command line, to what the file has


class Configurations:
    """The configurations of a run: found for each file, each file of them read once.

    ``options`` is what a command line has set: a key's field, and its value if it is a switch, else the texts that
    were given (:func:`rnnlint.configuration.values.from_options`); None for what was not.  It is laid over each of
    them: ``extend-`` adds, all else replaces.  ``file`` is read in place of all others, as ``--config`` has it, its
    patterns and paths counting from the current folder.  ``isolated``: no file is read.

    Raises BadConfiguration, here for the options and ``file``.
    """

    def __init__(
        self, options: Mapping[str, object] | None = None, *, file: Path | None = None, isolated: bool = False
    ) -> None:
        self._here = Path.cwd()
        self._given = {name: value for name, value in (options or {}).items() if value is not None}
        self._found: dict[Path, Configuration] = {}
        self._nowhere = self._over(Configuration(root=self._here, exclude=_skipped(self._here)))
        self._only = isolated or file is not None
        if file is not None:
            self._nowhere = self._over(read(file, base=self._here))

    def of(self, path: Path) -> Configuration:
        """The configuration of a file, or of a folder that is searched; it need not exist (``--stdin-filename``).

        Raises BadConfiguration.
        """
        whole = Path(os.path.abspath(self._here / path))  # noqa: PTH100 - what ".." leads back is not above
        folder = os.path.isdir(whole)  # noqa: PTH112 - which is False, not an error, where nobody may look
        return self._of_folder(whole if folder else whole.parent)

    def _of_folder(self, folder: Path) -> Configuration:
        if self._only:
            return self._nowhere
        asked, found = [], self._nowhere
        for one in (folder, *folder.parents):
            if one in self._found:
                found = self._found[one]
                break
            asked.append(one)
            here = _in_folder(one)
            if here is not None:
                found = self._over(here)
                break
        self._found |= dict.fromkeys(asked, found)
        return found

    def _over(self, configuration: Configuration) -> Configuration:
        """With the options of the command line."""
        if not self._given:
            return configuration
        values: dict[str, Any] = {}
        for name, given in self._given.items():
            key = _BY_FIELD[name]
            values[name] = given if key.kind is Kind.SWITCH else from_options(key, _texts(given), self._here)
        layer = _layer(values)
        said = dict(configuration.said) | {_BY_FIELD[name].name: _option(name, value) for name, value in values.items()}
        forgotten = _CHOSEN if "select" in values else ()  # it replaces all that the file selects and ignores
        before = {name: () if name in forgotten else getattr(configuration, name) for name in _ADDED}
        values = dict.fromkeys(forgotten, ()) | {
            name: before[name] + value if name in _ADDED else value for name, value in values.items()
        }
        layers = (*configuration.layers, *([layer] if layer else ()))
        return replace(configuration, **values, said=tuple(said.items()), layers=layers)


def read(file: Path, base: Path | None = None) -> Configuration:
    """What a file says; ``base`` is the folder its patterns and paths count from, its own unless given.

    A pyproject.toml without the table, or with no more in it than ``[tool.rnnlint.audit]``, says nothing.  Raises
    BadConfiguration.
    """
    base = file.parent if base is None else base
    table = _table(file)
    return Configuration(root=base, exclude=_skipped(base)) if table is None else _from_table(table, file, base)


def _in_folder(folder: Path) -> Configuration | None:
    """What a file in a folder says, None where no file there is about rnnlint."""
    for name in (*OWN, SHARED):
        file = folder / name
        if os.path.isfile(file):  # noqa: PTH113 - the same
            table = _table(file)
            if table is not None:
                return _from_table(table, file, folder)
    return None


def _table(file: Path) -> Mapping[str, object] | None:
    """The table of keys in a file; None for a pyproject.toml that is not about rnnlint."""
    shared = file.name == SHARED
    try:
        data = content_of(file)
    except OSError as error:
        raise BadConfiguration(f"{shown(file)}: cannot be read: {error.strerror or error}") from None
    if shared and not _NAMED.search(data):
        return None  # what else is in it, and whether it is TOML, is for others to say
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        whole: Mapping[str, object] = tomllib.loads(data.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(f"{shown(file)}: no TOML: {error}") from None
    except UnicodeDecodeError:
        raise BadConfiguration(f"{shown(file)}: no TOML: it is not UTF-8") from None
    except RecursionError:
        raise BadConfiguration(f"{shown(file)}: no TOML: it is nested too deeply") from None
    if not shared:
        return whole
    tool = whole.get("tool")
    table = tool.get("rnnlint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise BadConfiguration(f"{shown(file)}: {_TABLE}: a table is wanted")
    # what is said to the audit alone says nothing here
    return {name: value for name, value in table.items() if name != _AUDIT} or None if table else table


def _from_table(table: Mapping[str, object], file: Path, base: Path) -> Configuration:
    where, names = shown(file), {key.name: key for key in KEYS}
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in names:
            raise BadConfiguration(f"{where}: {_stranger(name, file)}")
        values[names[name].field] = from_toml(names[name], value, base, where)
    layer = _layer(values)
    return replace(
        Configuration(root=base, source=file, exclude=_skipped(base)),
        **values,
        said=tuple((name, where) for name in table),
        layers=(layer,) if layer else (),
    )


def _stranger(name: str, file: Path) -> str:
    if name == "tool" and file.name != SHARED:
        return f"its keys stand at the top, without [{_TABLE}]"
    if name == _AUDIT:
        return f"what the audit waives is read from {SHARED}: [{_TABLE}.{_AUDIT}]"
    return f"unknown key {name!r}{guess(name, [key.name for key in KEYS])}"


def _layer(values: Mapping[str, Any]) -> Layer | None:
    """What one place says of codes; None where that is nothing."""
    ignore = (*values.get("ignore", ()), *values.get("extend_ignore", ()))
    layer = Layer(values.get("select"), tuple(values.get("extend_select", ())), ignore)
    return None if layer == Layer() else layer


def _skipped(base: Path) -> tuple[Pattern, ...]:
    """What is skipped by default, below a folder."""
    return tuple(Pattern(text, base) for text in SKIPPED)


def _texts(given: object) -> list[str]:
    """What an option was given, once for each time."""
    return list(map(str, given)) if isinstance(given, (list, tuple)) else [str(given)]


def _option(name: str, value: object) -> str:
    spelled = _BY_FIELD[name].name
    return f"--no-{spelled}" if value is False else f"--{spelled}"


def shown(path: Path) -> str:
    """A path as it is named to a user: from the current folder, where it lies below."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
