"""Tables in files: columns by name, tabs between, one row a line; and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


class BadInput(Exception):
    """A list, or an argument, that cannot be used; the text says where and why."""


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a TSV by column, each with where it stands.  Raises BadInput."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: {error}") from error
    if tuple(lines[0].split("\t")) != columns:
        raise BadInput(f"{path}: the first line is {' '.join(columns)}, with tabs between")
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if not line:
            continue
        if len(cells) != len(columns):
            raise BadInput(f"{path}, line {number}: {len(cells)} columns in place of {len(columns)}")
        yield f"{path}, line {number}", dict(zip(columns, cells, strict=True))
