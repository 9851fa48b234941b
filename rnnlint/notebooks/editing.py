"""Edits of a notebook: only the characters of its JSON change that stand for what is changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

from rnnlint.frozen import dataclass
from rnnlint.notebooks.cell_texts import CellText, Piece, Source, cell_texts
from rnnlint.notebooks.reading import LINE_END, Notebook, read

# one character of a string as JSON writes it; two escapes together where they are halves of one
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """``new`` in the place of a stretch of the module.  Lines count from 1, columns from 0; the end is excluded."""

    line: int
    column: int
    end_line: int
    end_column: int
    new: str


def changes(before: str, after: str) -> list[Edit]:
    """What makes one text of another with as many lines, a line at a time.  Raises ValueError for other numbers."""
    found = []
    for number, (old, new) in enumerate(zip(before.split("\n"), after.split("\n"), strict=True), start=1):
        if old != new:
            first = next(
                (at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
            )
            found.append(Edit(number, first, number, len(old), new[first:]))
    return found


def replaced(text: str, edits: Iterable[Edit]) -> str:
    """A notebook's text with edits of its module made; everything else stays as it is written.

    Raises NotANotebook, and ValueError for an edit that touches what is not the cells' own (a magic's place), that goes
    from one cell into another, or that overlaps another one.
    """
    notebook = read(text)
    cells = cell_texts(text).cells
    made: list[tuple[int, int, str]] = []
    for edit in edits:
        source, first, last = _stretch(notebook, cells, edit)
        made.append(_in_json(text, source, first, last, edit.new))
    made.sort(key=lambda one: one[:2])
    for (_, end, _), (start, _, _) in pairwise(made):
        if start < end:
            raise ValueError("two edits overlap")
    for start, end, new in reversed(made):
        text = text[:start] + new + text[end:]
    return text


def _stretch(notebook: Notebook, cells: Sequence[CellText], edit: Edit) -> tuple[Source, int, int]:
    """The source of the cell that is edited, and the characters of it that go."""
    module = notebook.text.split("\n")
    ends = ((edit.line, edit.column), (edit.end_line, edit.end_column))
    if ends[0] > ends[1]:
        raise ValueError(f"an edit that ends before it begins, at line {edit.line}")
    places = []
    for line, column in ends:
        if not (1 <= line <= len(notebook.lines) and 0 <= column <= len(module[line - 1])):
            raise ValueError(f"there is no column {column} in line {line} of the notebook's module")
        at = notebook.lines[line - 1]
        written = notebook.cells[at.cell][at.line - 1]
        if written[column + at.shift :] != module[line - 1][column:]:
            raise ValueError(f"line {at.line} of cell {at.cell} is IPython's: {written.strip()}")
        places.append((at.cell, at.line, column + at.shift))
    (cell, line, column), (other, end_line, end_column) = places
    if cell != other:
        raise ValueError(f"an edit that goes from cell {cell} into cell {other}")
    source = cells[cell - 1].source
    assert source is not None  # or the cell would be no part of the module
    return source, _from_start(source, line, column), _from_start(source, end_line, end_column)


def _from_start(source: Source, line: int, column: int) -> int:
    """How many characters stand before a place of a cell."""
    ends = [0, *(end.end() for end in LINE_END.finditer(source.text))]
    return ends[line - 1] + column


def _in_json(text: str, source: Source, first: int, last: int, new: str) -> tuple[int, int, str]:
    """Where the characters of a source that go stand in the notebook's text, and what comes there."""
    pieces = source.pieces
    begins = [0, *accumulate(len(piece.value) for piece in pieces)]
    # what ends where a string does belongs to that one, what begins there to the next
    one = next((at for at in range(len(pieces)) if first < begins[at + 1]), len(pieces) - 1)
    other = next((at for at in range(one, len(pieces)) if last <= begins[at + 1]), len(pieces) - 1)
    listed = source.opened >= 0
    if listed and not new and first < last and first == begins[one] and last == begins[other + 1]:
        if one > 0:  # whole lines go with their quotes and commas
            return pieces[one - 1].end, pieces[other].end, ""
        if other + 1 < len(pieces):
            return pieces[one].start, pieces[other + 1].start, ""
    start = _offset(text, pieces[one], first - begins[one])
    end = _offset(text, pieces[other], last - begins[other])
    if "\r\n" in source.text:
        new = new.replace("\n", "\r\n")
    lines = list(_lines(new)) if listed else [new]  # one string a line, as notebooks are written
    if len(lines) > 1 and not lines[-1] and last == begins[other + 1]:
        del lines[-1]
    return start, end, _between(text, source).join(_escaped(line, text) for line in lines)


def _between(text: str, source: Source) -> str:
    """What stands between two strings of a source, their quotes included."""
    pieces = source.pieces
    if len(pieces) > 1:
        return '"' + text[pieces[0].end : pieces[1].start] + '"'
    return '",' + (text[source.opened + 1 : pieces[0].start] or " ") + '"'


def _offset(text: str, piece: Piece, count: int) -> int:
    """Where in the text the character of a string stands before which there are ``count``."""
    at = piece.start + 1
    for _ in range(count):
        character = _CHARACTER.match(text, at)
        assert character is not None  # it takes any
        at = character.end()
    return at


def _lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends; the last has none."""
    at = 0
    for end in LINE_END.finditer(text):
        yield text[at : end.end()]
        at = end.end()
    yield text[at:]


def _escaped(new: str, text: str) -> str:
    """A text as it stands in a string of JSON, in a file that is ASCII as ASCII."""
    written = json.dumps(new, ensure_ascii=text.isascii())
    return written[1:-1]
