"""Places as labels name them, and files and notebooks as modules that can be linted."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
        lines = list(_notebook_lines(text))
        text = "\n".join(code for _, code in lines) + "\n"
        places = tuple(place for place, _ in lines)
    else:
        places = tuple((0, line) for line in range(1, len(text.split("\n")) + 1))
    statements = {}
    for first, last in _simple_statements(text):
        whole = frozenset(places[first - 1 : last])
        statements.update(dict.fromkeys(whole, whole))
    return Module(text, places, statements)


def _notebook_lines(text: str) -> Iterator[tuple[Place, str]]:
    """The lines of all code cells, each with its cell and line."""
    for index, cell in enumerate(json.loads(text)["cells"]):
        # counted all the same: labels count cells of every kind
        if cell["cell_type"] != "code":
            continue
        source = cell["source"]
        for line, code in enumerate(_python_of_cell(source if isinstance(source, str) else "".join(source)), start=1):
            yield (index, line), code


def _python_of_cell(text: str) -> list[str]:
    """The lines of a code cell, with IPython's own syntax turned into comments."""
    lines = text.split("\n")
    # most cells are Python as they stand, and a line that looks like a magic may be a modulo
    if _parses(text):
        return lines
    # %%time and the like run their cell as Python; others (%%bash, %%html) hold other languages
    if text.startswith("%%") and not re.match(r"%%(time|timeit|capture)\b", text):
        return [_commented(line) for line in lines]
    # ``%time f(x)``, ``!pip``, ``?f``, ``x = %time``, ``files = !ls``, ``f?``
    magic = re.compile(r"\s*([%!?]|[\w, ]+=\s*[%!])|.*\?\s*$")
    plain = [_commented(line) if magic.match(line) else line for line in lines]
    return plain if _parses("\n".join(plain)) else [_commented(line) for line in lines]


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _commented(line: str) -> str:
    """The line as a comment of the same length and indentation (magics are no Python)."""
    bare = line.lstrip()
    return line[: len(line) - len(bare)] + "#" + bare[1:] if bare else line


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
