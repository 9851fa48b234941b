"""Which files of data are read, by their names and sizes."""

from __future__ import annotations

ENDINGS = (".json", ".yaml", ".yml")

LARGEST = 256_000
"""Bytes: what is larger holds no settings.  A convention."""
