"""``# noqa`` for a finding, as edits of an open file."""

from __future__ import annotations

from rnnlint.checking.adding_noqa import NotAdded, with_noqa
from rnnlint.frozen import dataclass
from rnnlint.notebooks import Edit as ModuleEdit
from rnnlint.notebooks import Notebook, changes, read
from rnnlint.server.worker.workspace import Workspace

Edit = tuple[int, int, int, int, str]
"""First line and column, last line and column (lines from 1, columns from 0 in characters), and what comes there."""


@dataclass(frozen=True, slots=True)
class _Placed:
    line: int
    end_line: int
    code: str
    name: str


def edits(workspace: Workspace, path: str, cell: int, finding: dict[str, object]) -> list[Edit]:
    """What has to be written for a finding to be silenced; nothing where no comment fits.

    ``cell`` is that of a notebook, in which lines count and edits are, 0 for another file.
    """
    text = workspace.text(path)
    if text is None:
        return []
    notebook = read(text) if path.endswith(".ipynb") else None
    module = text if notebook is None else notebook.text
    first, last = int(str(finding["line"])), int(str(finding["end_line"]))
    lines = [_line_of(notebook, cell, line) for line in (first, last)]
    if None in lines:
        return []
    placed = _Placed(lines[0] or 1, lines[1] or 1, str(finding["code"]), str(finding["name"]))
    try:
        changed = changes(module, with_noqa(module, [placed]).text)
    except (NotAdded, ValueError):
        return []
    if notebook is None:
        return [(one.line, one.column, one.end_line, one.end_column, one.new) for one in changed]
    rows = module.split("\n")
    every = [_in_cell(notebook, one, rows[one.line - 1]) for one in changed]
    return [one for one in every if one is not None] if None not in every else []


def _line_of(notebook: Notebook | None, cell: int, line: int) -> int | None:
    """The line of the module for one of a cell; None where it is no part of that."""
    if notebook is None:
        return line
    places = ((number, at) for number, at in enumerate(notebook.lines, start=1))
    return next((number for number, at in places if (at.cell, at.line) == (cell, line)), None)


def _in_cell(notebook: Notebook, edit: ModuleEdit, row: str) -> Edit | None:
    """An edit of the module (of which ``row`` is the line) in its cell; None where IPython's own would be changed."""
    at = notebook.lines[edit.line - 1]
    column, end = edit.column + at.shift, edit.end_column + at.shift
    if notebook.cells[at.cell][at.line - 1][column:] != row[edit.column :]:
        return None
    return at.line, column, at.line, end, edit.new
