"""Which files of data are read, by their names and sizes."""

from __future__ import annotations

from collections.abc import Iterator

ENDINGS = (".json", ".yaml", ".yml")

LARGEST = 256_000
"""Bytes: what is larger holds no settings.  A convention."""

_TEMPLATES = ("template", "example", "sample", "dist", "default")


def templates(path: str) -> Iterator[str]:
    """The paths of what may stand beside a file in its place: it has secrets or paths, and everybody makes his own."""
    stem, dot, ending = path.rpartition(".")
    for word in _TEMPLATES:
        yield from (f"{stem}{mark}{word}{dot}{ending}" for mark in ".-_")
