"""How a place is spelled: ``model.py:20:26``, ``model.ipynb:cell 3:9:8``; lines, cells and columns count from 1."""

from __future__ import annotations

from rnnlint.diagnostics import Place
from rnnlint.output.visible import visible


def spelled(place: Place) -> str:
    """File, cell of a notebook, line, column."""
    return f"{visible(place.path)}:{within(place)}"


def line_in_file(place: Place) -> int:
    """The line for those who know files by their lines alone: of a notebook that of its JSON, or the first."""
    return (place.file_line or 1) if place.cell else place.line


def within(place: Place) -> str:
    """The same without the file."""
    cell = f"cell {place.cell}:" if place.cell else ""
    return f"{cell}{place.line}:{place.column + 1}"
