"""``[tool.rnnlint.audit]`` of a project's pyproject.toml: what the command and the fixture waive and ask for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rnnlint.runtime.auditing.names import Names, UnknownNameError
from rnnlint.settings import guess

TABLE = "[tool.rnnlint.audit]"
_KEYS = ("allow", "select")


class BadProjectError(ValueError):
    """A pyproject.toml says something that cannot be meant; the text is one line."""


@dataclass(frozen=True, slots=True)
class Project:
    """``allowed`` is waived; with ``selected``, nothing else is asked for."""

    allowed: Names = field(default_factory=Names)
    selected: Names | None = None

    @classmethod
    def around(cls, folder: Path) -> Project:
        """Of the nearest pyproject.toml in ``folder`` and above.  Raises :class:`BadProjectError`."""
        for one in (folder, *folder.parents):
            if (one / "pyproject.toml").is_file():
                return cls.of(one / "pyproject.toml")
        return cls()

    @classmethod
    def of(cls, path: Path) -> Project:
        """Of one file.  Raises :class:`BadProjectError`."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadProjectError(f"cannot read {path}: {error}") from error
        if "rnnlint" not in text:
            return cls()  # nothing in it is ours, so that nothing has to be able to parse it
        table = _table(_parsed(text, path), path)
        for key in table:
            if key not in _KEYS:
                raise BadProjectError(f"{path}: unknown key {key!r} in {TABLE}{guess(key, _KEYS)}")
        try:
            chosen = {key: Names.of(_list(value, key, path), f"{key} of {TABLE}") for key, value in table.items()}
        except UnknownNameError as error:
            raise BadProjectError(f"{path}: {error}") from error
        return cls(chosen.get("allow", Names()), chosen.get("select"))


def _list(value: object, key: str, path: Path) -> list[str]:
    if not isinstance(value, list):
        raise BadProjectError(f"{path}: {key} of {TABLE} is not a list of names")
    return value


def _table(whole: object, path: Path) -> Mapping[str, object]:
    for key in ("tool", "rnnlint", "audit"):
        if not isinstance(whole, dict):
            raise BadProjectError(f"{path}: {TABLE} is not a table")
        whole = whole.get(key, {})
    if not isinstance(whole, dict):
        raise BadProjectError(f"{path}: {TABLE} is not a table")
    return whole


def _parsed(text: str, path: Path) -> object:
    try:
        if sys.version_info >= (3, 11):
            import tomllib
        else:
            import tomli as tomllib
    except ModuleNotFoundError:
        raise BadProjectError(f"{path}: reading {TABLE} needs tomli on Python 3.10: pip install tomli") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProjectError(f"{path} is not valid TOML: {error}") from error
