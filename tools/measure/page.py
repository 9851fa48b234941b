"""The figures in docs/measured.md: everything between the markers is written, never typed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tools.measure.tables import Table
from tools.tsv import BadInput

BEGIN = "<!-- figures: written by python -m tools.measure --page -->"
END = "<!-- end of the figures -->"


def begin(of: str | None) -> str:
    """The marker before the figures of a set, or of the labels that are handed to the command."""
    return f"<!-- figures: written by python -m tools.measure --set {of} --page -->" if of else BEGIN


def write(path: Path, summary: str, tables: Sequence[Table], begin_at: str = BEGIN) -> None:
    """Put a line and tables between the markers.  Raises BadInput where there are none."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: {error}") from error
    before, begin, rest = text.partition(begin_at)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BadInput(f"{path}: there is no {begin_at if not begin else END}")
    figures = "\n".join([f"{summary}\n", *(table.markdown() for table in tables)])
    path.write_text(f"{before}{begin_at}\n\n{figures}\n{END}{after}", encoding="utf-8")
