"""What was said of a group is kept, by all that it depends on: a second run on an unchanged tree parses nothing.

A cache is no place where anything can go wrong: what cannot be read, or is not what was written, is not there; what
cannot be written is not kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from rnnlint.checking.members import Group
from rnnlint.checking.results import FileResult, Json, decoded
from rnnlint.projects.summary import Summary, from_data

FOLDER = ".rnnlint_cache"

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# what rnnlint keeps; it may be deleted at any time\n"
_DAY = 24 * 60 * 60  # seconds: so often one looks what is of use
_FORGOTTEN = 30 * _DAY  # as long as a branch may lie
_SHAPE = "1"  # of what is written: another number, and nothing written before is read


class Cache:
    """A folder of results.  With ``folder`` None nothing is kept but in ``memory``, which lives as long as a run."""

    def __init__(self, folder: Path | None, memory: dict[str, str] | None = None) -> None:
        self._folder = folder
        self._memory = memory

    def results(self, group: Group) -> list[FileResult] | None:
        """What was said of the files of a group, or None."""
        data = self._read(self._of_group(group))
        try:
            return None if data is None else [decoded(one) for one in data]
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def summary(self, digest: str) -> Summary | None:
        """What is known of the file of this content, or None."""
        try:
            return from_data(self._read(self._of_file(digest)))
        except (TypeError, ValueError):
            return None

    def keep_summary(self, digest: str, summary: Summary) -> None:
        """Keep what is known of a file of this content."""
        if self._folder is not None:
            self._write(self._of_file(digest), summary.as_data())

    def module(self, digest: str) -> str | None:
        """The module that the notebook of this content is, or None."""
        found = self._read(self._key("module", digest))
        return found if isinstance(found, str) else None

    def keep_module(self, digest: str, text: str) -> None:
        """Keep the module that a notebook of this content is: it takes as long as parsing it twice."""
        self._write(self._key("module", digest), text)

    def keep(self, group: Group, results: list[Json]) -> None:
        """Keep what was said; what a file was refused for may be another the next time."""
        if not any(one["refused"] or one["report"]["internal"] for one in results):
            self._write(self._of_group(group), results)

    def _of_group(self, group: Group) -> str:
        # what is said of several files may name them; of one it is the same wherever it is
        together = len(group.files) > 1 or bool(group.data)
        files = [
            (one.source.path if together else one.source.is_notebook, one.source.digest, one.statements)
            for one in (*group.files, *group.data)
        ]
        # YAML is read where somebody has installed what reads it
        yaml = any(one.path.endswith(_IN_YAML) for one in group.data) and _reads_yaml()
        return self._key("group", files, group.settings.all_configurations, yaml)

    def _of_file(self, digest: str) -> str:
        return self._key("file", digest)

    def _key(self, *about: object) -> str:
        if not self._keeps:
            return ""
        import hashlib

        # in memory there is one rnnlint on one Python, and what says which is four hundred files
        engine = self._engine if self._folder is not None else ""
        return hashlib.sha256(json.dumps([engine, *about]).encode()).hexdigest()

    @property
    def _keeps(self) -> bool:
        """Whether anything is kept, so that keys have to tell what is kept apart."""
        return self._folder is not None or self._memory is not None

    @cached_property
    def _engine(self) -> str:
        return _engine()

    def _path(self, key: str) -> Path | None:
        return self._folder and self._folder / key[:2] / key[2:]

    def _read(self, key: str) -> Any:
        if self._memory is not None and key in self._memory:
            return json.loads(self._memory[key])
        path = self._path(key)
        if path is None:
            return None
        try:
            digest, _, text = path.read_text(encoding="ascii").partition("\n")
            found = json.loads(text) if digest == _digest(key, text) else None
            if time.time() - path.stat().st_mtime > _DAY:
                os.utime(path)  # it is still of use
            return found
        except (OSError, ValueError, RecursionError):
            return None

    def _write(self, key: str, data: object) -> None:
        path = self._path(key)
        if self._memory is not None:
            self._memory[key] = json.dumps(data)
        if path is None or self._folder is None:
            return
        import tempfile

        text = json.dumps(data)
        try:
            _prepare(self._folder)
            _forget(self._folder)
            path.parent.mkdir(exist_ok=True)
            # another run may write the same: each its own file, put into place whole
            descriptor, name = tempfile.mkstemp(dir=path.parent)
        except (OSError, ValueError):
            self._folder = None  # it will not be otherwise for the next
            return
        try:
            with open(descriptor, "w", encoding="ascii") as file:
                file.write(f"{_digest(key, text)}\n{text}")
            os.replace(name, path)
        except OSError:
            self._folder = None
            with contextlib.suppress(OSError):
                os.unlink(name)


_IN_YAML = (".yaml", ".yml")


def _reads_yaml() -> bool:
    import importlib.util

    return importlib.util.find_spec("yaml") is not None


def _digest(key: str, text: str) -> str:
    import hashlib

    return hashlib.sha256(f"{key}\n{text}".encode()).hexdigest()


def _prepare(folder: Path) -> None:
    """Make the folder, and say to git and to whoever makes backups that nothing in it is worth keeping."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)  # another run may have come first
    (folder / ".gitignore").write_text("# made by rnnlint\n*\n", encoding="ascii")
    (folder / "CACHEDIR.TAG").write_text(_TAG, encoding="ascii")


def _forget(folder: Path) -> None:
    """Once a day, delete what nobody has asked for in a month: of contents that are gone, of other versions."""
    last = folder / "last-cleared"
    now = time.time()
    if last.exists() and now - last.stat().st_mtime < _DAY:
        return
    last.touch()
    for path in folder.glob("??/*"):
        with contextlib.suppress(OSError):
            if now - path.stat().st_mtime > _FORGOTTEN:
                path.unlink()


def _engine() -> str:
    """What says everything: rnnlint by the sources that run here, whatever version they call themselves, and Python."""
    import hashlib

    found = hashlib.sha256(f"{_SHAPE} {sys.version}".encode())
    package = Path(__file__).parents[1]
    for folder, folders, files in os.walk(package):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                found.update(f"\0{os.path.relpath(path, package)}\0".encode(errors="surrogateescape"))
                with open(path, "rb") as file:
                    found.update(file.read())
    return found.hexdigest()
