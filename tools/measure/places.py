"""Places as labels name them, and files and notebooks as modules that can be linted."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rnnlint import notebooks

Place = tuple[int, int]  # cell (0 for a plain file) and line


@dataclass(frozen=True, slots=True)
class Module:
    """The text to lint and, for each of its lines, the place a label would name."""

    text: str
    places: tuple[Place, ...]
    statements: dict[Place, frozenset[Place]]

    def around(self, place: Place) -> frozenset[Place]:
        """Every place of the simple statement that ``place`` is in."""
        return self.statements.get(place, frozenset({place}))


def written(place: Place, path: str) -> str:
    """A place as the labels write it."""
    cell, line = place
    return f"cell{cell}:line{line}" if path.endswith(".ipynb") else str(line)


def parsed_place(text: str) -> Place:
    """``17`` or ``cell2:line101``."""
    notebook = re.fullmatch(r"cell(\d+):line(\d+)", text)
    return (int(notebook[1]), int(notebook[2])) if notebook else (0, int(text))


def read_module(path: Path) -> Module:
    """A Python file or notebook as one module."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    if path.suffix == ".ipynb":
        notebook = notebooks.read(text)
        text = notebook.text
        # labels count cells from 0; below the last line is what ends the text
        places = tuple((at.cell - 1, at.line) for at in map(notebook.spot, range(1, len(notebook.lines) + 2)))
    else:
        places = tuple((0, line) for line in range(1, len(text.split("\n")) + 1))
    statements = {}
    for first, last in _simple_statements(text):
        whole = frozenset(places[first - 1 : last])
        statements.update(dict.fromkeys(whole, whole))
    return Module(text, places, statements)


def _simple_statements(text: str) -> Iterator[tuple[int, int]]:
    """First and last line of each simple statement and of each compound statement's header."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        last = (body[0].lineno - 1 if body else node.end_lineno) or node.lineno
        yield node.lineno, max(last, node.lineno)
