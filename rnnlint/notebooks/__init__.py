"""Notebooks: the code cells of an ``.ipynb`` as one module, back from its lines to cells, and edits of cells.

notebook = read(text)  # raises NotANotebook
notebook.text  # to be linted; "" where notebook.not_analysed says why
notebook.spot(line, column)  # of the module: the cell, the line and column in it
replaced(text, changes(notebook.text, changed))  # the notebook's JSON, with lines of the module changed
"""

from __future__ import annotations

from rnnlint.notebooks.cell_texts import NotANotebook
from rnnlint.notebooks.editing import Edit, changes, replaced
from rnnlint.notebooks.reading import Line, Notebook, Spot, TakenOut, Why, read

__all__ = ["Edit", "Line", "NotANotebook", "Notebook", "Spot", "TakenOut", "Why", "changes", "read", "replaced"]
