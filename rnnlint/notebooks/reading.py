"""A notebook as one module: its code cells in order, and what of it stands where.

Cells are counted from 1, cells of every kind, as ruff and ty count them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from enum import Enum
from itertools import accumulate

from rnnlint.cells import is_part_of, is_word_of
from rnnlint.frozen import dataclass
from rnnlint.notebooks.cell_texts import CellText, cell_texts
from rnnlint.notebooks.ipython import Row, other_cell, python_rows

LINE_END = re.compile(r"\r\n|\r|\n")  # those of Python: more characters end a line for ``str.splitlines``


class Why(Enum):
    """For what reason a code cell is no part of the module."""

    MAGIC = "a cell magic hands it to something else"
    LANGUAGE = "it is in another language"
    SYNTAX = "it is not Python"
    NO_TEXT = "it has no text"


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A cell that is no part of the module, and why; ``line`` of it where that is known, else 0.

    ``names_rnn``: a recurrent module is named in it.
    """

    cell: int
    line: int
    why: Why
    reason: str
    names_rnn: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a cell.  Cells and lines count from 1, columns from 0; ``file_line`` is that of the JSON."""

    cell: int
    line: int
    column: int
    file_line: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """Where a line of the module stands: its column ``c`` is column ``c + shift`` of the cell's line.

    ``file_line`` is the line of the notebook's JSON in which it is written.
    """

    cell: int
    line: int
    shift: int
    file_line: int = 0


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook as one module.

    ``text`` always parses; its lines end with ``\\n``, and ``lines`` has one for each.  ``cells`` are the lines of the
    code cells it is made of, as they stand there, by their numbers.  ``taken_out`` are the other code cells.
    ``not_analysed`` is why a whole notebook is not (its kernel runs R), and empty if it is.
    """

    text: str
    lines: tuple[Line, ...]
    cells: Mapping[int, tuple[str, ...]]
    taken_out: tuple[TakenOut, ...]
    not_analysed: str = ""

    def spot(self, line: int, column: int = 0) -> Spot:
        """Where a place of the module stands; below its last line (and in an empty one) that is the last one."""
        if not self.lines:
            return Spot(1, 1, 0)
        at = self.lines[min(max(line, 1), len(self.lines)) - 1]
        # what stands in place of a magic may be longer than it
        return Spot(at.cell, at.line, min(column + at.shift, len(self.cells[at.cell][at.line - 1])), at.file_line)

    def source(self, cell: int, line: int, end_line: int) -> tuple[str, ...]:
        """Lines of a cell, as they stand there, without their ends."""
        return self.cells.get(cell, ())[line - 1 : end_line]


def read(text: str) -> Notebook:
    """The notebook that is written in a text.  Raises NotANotebook.

    Nothing of a notebook is lost for a cell that is not Python, and none of its outputs are kept.
    """
    texts = cell_texts(text)
    if not _is_python(texts.language):
        return Notebook("", (), {}, (), f"its cells are in {texts.language}, not in Python")
    module: list[str] = []
    lines: list[Line] = []
    cells: dict[int, tuple[str, ...]] = {}
    taken_out = []
    file_lines = _FileLines(text)
    for number, cell in enumerate(texts.cells, start=1):
        if cell.kind not in ("code", "") or (cell.source and not cell.source.pieces):
            continue
        read_cell = _python_of(number, cell)
        if isinstance(read_cell, TakenOut):
            taken_out.append(read_cell)
            continue
        cells[number], rows = read_cell
        module += (row.text for row in rows)
        written = file_lines.of_cell(cell)
        lines += (Line(number, line, row.shift, written[line - 1]) for line, row in enumerate(rows, start=1))
    return Notebook("".join(line + "\n" for line in module), tuple(lines), cells, tuple(taken_out))


class _FileLines:
    """In which lines of a notebook's JSON the lines of its cells are written; for cells in their order."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line = text, 0, 1

    def of_cell(self, cell: CellText) -> list[int]:
        """One for each line of the cell."""
        if cell.source is None or not cell.source.pieces:
            return []
        pieces = cell.source.pieces
        rows = [self._of(piece.start) for piece in pieces]
        ends = list(accumulate(len(piece.value) for piece in pieces))
        starts = (0, *(end.end() for end in LINE_END.finditer(cell.source.text)))
        return [rows[min(bisect_right(ends, start), len(rows) - 1)] for start in starts]

    def _of(self, offset: int) -> int:
        if offset < self._at:  # a name that is there twice, of which the first value counts
            self._at, self._line = 0, 1
        self._line += self._text.count("\n", self._at, offset)
        self._at = offset
        return self._line


def _python_of(number: int, cell: CellText) -> tuple[tuple[str, ...], list[Row]] | TakenOut:
    """The lines of a code cell, and what they are in the module; or why it has no part in it."""
    if cell.source is None:
        return TakenOut(number, 0, Why.NO_TEXT, Why.NO_TEXT.value)
    if not _is_python(cell.language):
        return TakenOut(number, 0, Why.LANGUAGE, f"it is in {cell.language}")
    lines = LINE_END.split(cell.source.text)
    magic = other_cell(lines)
    if magic:
        return TakenOut(number, 1, Why.MAGIC, magic)
    rows, wrong = python_rows(lines)
    if wrong:
        names = is_part_of(cell.source.text) and is_word_of(cell.source.text)
        return TakenOut(number, min(wrong[0], len(lines)), Why.SYNTAX, wrong[1], names)
    return tuple(lines), rows


def _is_python(language: str) -> bool:
    """Whether a language is Python, by the name kernels have for it; one that is not named is."""
    return not language or language.lower().startswith(("python", "ipython", "pyspark"))
