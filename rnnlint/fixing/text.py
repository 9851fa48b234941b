"""A text by the characters of its nodes, and edits of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from rnnlint.findings import Edit
from rnnlint.frozen import dataclass
from rnnlint.source.positions import Places

_INDENT = re.compile(r"[ \t]*")
_REST = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")  # of a line, where nothing but a comment follows
_ENDS = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text, by offsets in characters; ``path`` is what edits of it say, "" for the finding's own file."""

    places: Places
    path: str = ""

    @property
    def whole(self) -> str:
        """All of it."""
        return self.places.text

    def code(self, node: ast.expr | ast.stmt) -> str:
        """What is written at a node, with brackets around it."""
        return self.places.code(node)

    def inner(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node stands, without brackets around it."""
        span = self.places.span(node)
        return self.places.offset(span.line, span.column), self.places.offset(span.end_line, span.end_column)

    def outer(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node stands, with brackets around it."""
        return self.places.outer(node)

    def edit(self, start: int, end: int, text: str) -> Edit:
        """The edit that writes a text in the place of a stretch."""
        span = self.places.between(start, end)
        return Edit(span.line, span.column, span.end_line, span.end_column, text, self.path)

    def replaced(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """The edit that writes a text in a node's place, within the brackets around it."""
        return self.edit(*self.inner(node), text)

    def behind(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """The edit that puts a text in behind a node, and behind the brackets around it."""
        end = self.outer(node)[1]
        return self.edit(end, end, text)

    def line_before(self, statement: ast.stmt, text: str) -> Edit | None:
        """The edit that puts a line in before a statement; None where something else stands before it on its line."""
        return self.lines_before(statement, [text])

    def lines_before(self, statement: ast.stmt, lines: Sequence[str]) -> Edit | None:
        """The edit that puts lines in, likewise."""
        start = self.inner(statement)[0]
        line = self.begin_of_line(start)
        indent, end = self.whole[line:start], self._end_of_line()
        return None if indent.strip(" \t") else self.edit(line, line, "".join(f"{indent}{one}{end}" for one in lines))

    def line_behind(self, statement: ast.stmt, text: str) -> Edit | None:
        """The edit that puts a line in behind a statement; None where something else stands on its lines."""
        start, end = self.inner(statement)
        indent = self.whole[self.begin_of_line(start) : start]
        rest = _REST.match(self.whole, end)
        if indent.strip(" \t") or rest is None:
            return None
        return self.edit(rest.end(), rest.end(), f"{self._end_of_line()}{indent}{text}")

    def after(self, edits: Sequence[Edit], node: ast.expr) -> str:
        """What is written at a node once edits within it are made."""
        start, end = self.inner(node)
        written = self.whole[start:end]
        for edit in sorted(edits, reverse=True):
            first = self.places.offset(edit.line, edit.column) - start
            last = self.places.offset(edit.end_line, edit.end_column) - start
            written = written[:first] + edit.text + written[last:]
        return " ".join(written.split())

    def begin_of_line(self, offset: int) -> int:
        """Where the line begins that a place is on."""
        return self.places.offset(self.places.between(offset, offset).line, 0)

    def _end_of_line(self) -> str:
        """How lines end that are put in: as the first one does."""
        found = _ENDS.search(self.whole)
        return found.group() if found else "\n"
