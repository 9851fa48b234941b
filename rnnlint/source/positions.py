"""Where the nodes of a tree stand in a text, and what is written there."""

from __future__ import annotations

import ast
import keyword
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import field

from rnnlint.frozen import dataclass
from rnnlint.source.formatted import fields

_LINE_END = re.compile(r"\r\n?|\n")
# What may stand between two tokens inside of brackets.  Each alternative matches in one way only, as there is nothing
# else at the end of a comment: tried again, a line of "#####" would be 2**5 of them
_GAP = r"(?:\s|\\(?=[\r\n])|\#[^\r\n]*(?=[\r\n]|\Z))*"
_SPACE = re.compile(_GAP)
_CLOSED = re.compile(rf"{_GAP}\)")
_OPENED = re.compile(rf"{_GAP}\(")
_TOKEN = re.compile(r"""(?P<comment>\#.*)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|.""")  # of one line
_WORD = re.compile(r"\w+\Z")
# those after which a bracket calls nothing
_KEYWORDS = frozenset(keyword.kwlist) - {"None", "True", "False"}


@dataclass(frozen=True, slots=True)
class Span:
    """Lines count from 1, columns from 0 and in characters."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(slots=True)
class Places:
    """The places of the nodes of a text's tree, looked at as they are asked for."""

    text: str
    strings: tuple[ast.JoinedStr, ...] = ()  # whose parts are not where Python's tree says
    _starts: list[int] = field(default_factory=list)
    _within: dict[ast.AST, ast.JoinedStr] = field(default_factory=dict)
    _parts: dict[ast.AST, tuple[int, int]] = field(default_factory=dict)  # offsets, of those asked for by now

    def span(self, node: ast.expr | ast.stmt | ast.pattern) -> Span:
        """Where a node stands, without brackets around it: a tuple's and a generator's are not part of it."""
        start, end = self._inside(node)
        return Span(*self._at(start), *self._at(end))

    def named(self, span: Span, keyword: str) -> Span:
        """Where an argument stands that is given by name, by where its value does."""
        start = self._lines()[span.line - 1] + span.column
        found = re.compile(rf"\b{re.escape(keyword)}{_GAP}={_GAP}[(\s]*\Z").search(
            self.text, max(0, start - 200), start
        )
        return span if found is None else Span(*self._at(found.start()), span.end_line, span.end_column)

    def line_of(self, span: Span) -> Span:
        """What there is of a place on its first line, without a comment behind it."""
        start = self._lines()[span.line - 1] + span.column
        found = _LINE_END.search(self.text, start)
        end = self._without_comment(len(self.text) if found is None else found.start())
        return Span(span.line, span.column, span.line, span.column + len(self.text[start:end].rstrip()))

    def code(self, node: ast.expr | ast.stmt | ast.pattern) -> str:
        """What is written there, with the brackets around it that are not those of a call."""
        start, end = self.outer(node)
        return self.text[start:end]

    def outer(self, node: ast.expr | ast.stmt | ast.pattern) -> tuple[int, int]:
        """The offsets of a node in the text, with the brackets around it that are not those of a call."""
        start, end = self._inside(node)
        while True:
            closed = _CLOSED.match(self.text, end)
            opened = self._opened(start) if closed else None
            if closed is None or opened is None:
                return start, end
            start, end = opened, closed.end()

    def offset(self, line: int, column: int) -> int:
        """The offset of a place in the text, counted in characters as those of spans are."""
        return self._lines()[line - 1] + column

    def between(self, start: int, end: int) -> Span:
        """The place of a stretch of the text, by its offsets."""
        return Span(*self._at(start), *self._at(end))

    def _range(self, node: ast.expr | ast.stmt | ast.pattern) -> tuple[int, int]:
        """The offsets of a node as Python has them: with the brackets of a tuple or a generator."""
        string = self._string(node)
        if string is not None:
            if node not in self._parts:
                self._parts.update(self._in_string(string))
            if node in self._parts:
                return self._parts[node]
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def _string(self, node: ast.AST) -> ast.JoinedStr | None:
        """The outermost of the strings that a node is in."""
        if self.strings and not self._within:
            for string in self.strings:
                for part in string.values:
                    for inner in ast.walk(part):
                        self._within.setdefault(inner, string)
        return self._within.get(node)

    def _in_string(self, string: ast.JoinedStr) -> Iterator[tuple[ast.AST, tuple[int, int]]]:
        """The offsets of what stands in the braces of a string, each parsed by itself."""
        start, end = self._range(string)
        within = Places(self.text[start:end])
        values = [part.value for part in string.values if isinstance(part, ast.FormattedValue)]
        for value, (line, column, length) in zip(values, fields(within.text)):  # noqa: B905 - none where unreadable
            first = within._lines()[line - 1] + column
            code = f"({within.text[first : first + length]})"
            again = ast.parse(code, mode="eval").body
            nested = tuple(node for node in ast.walk(again) if isinstance(node, ast.JoinedStr))
            alone = Places(code, nested)
            for old, new in zip(ast.walk(value), ast.walk(again), strict=True):
                if isinstance(new, ast.expr):
                    left, right = alone._range(new)
                    # the bracket around is ours; Python takes it for that of a tuple
                    ours = new is again and isinstance(new, ast.Tuple)
                    yield old, (start + first + left - 1 + ours, start + first + right - 1 - ours)

    def _offset(self, line: int, column: int) -> int:
        """The offset of a column, which Python counts in bytes of UTF-8."""
        starts = self._lines()
        start = starts[line - 1]
        # as many characters have at least as many bytes
        before = self.text[start : start + column]
        return start + (column if before.isascii() else len(before.encode()[:column].decode(errors="ignore")))

    def _lines(self) -> list[int]:
        if not self._starts:
            self._starts += (0, *(end.end() for end in _LINE_END.finditer(self.text)))
        return self._starts

    def _at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines(), offset)
        return line, offset - self._lines()[line - 1]

    def _inside(self, node: ast.expr | ast.stmt | ast.pattern) -> tuple[int, int]:
        start, end = self._range(node)
        if isinstance(node, ast.GeneratorExp) or (isinstance(node, ast.Tuple) and self._has_brackets(node, start)):
            return _SPACE.match(self.text, start + 1).end(), self._before(end - 1)  # type: ignore[union-attr]
        return start, end

    def _has_brackets(self, node: ast.Tuple, start: int) -> bool:
        """Whether the first bracket of a tuple is its own, and not that of its first element: ``(a), b``."""
        if not self.text.startswith("(", start):
            return False
        if not node.elts:
            return True
        first, last = self._range(node.elts[0])
        opened = closed = 0
        while match := _OPENED.match(self.text, start, first):
            opened, start = opened + 1, match.end()
        while match := _CLOSED.match(self.text, last):
            closed, last = closed + 1, match.end()
            if last >= self._range(node)[1]:  # (a,) has its comma before, (*a) is none
                break
        return opened > closed

    def _opened(self, start: int) -> int | None:
        """The offset of the bracket before an expression, None where there is none or it is that of a call."""
        bracket = self._before(start)
        if bracket == 0 or self.text[bracket - 1] != "(":
            return None
        behind = self._before(bracket - 1)
        word = _WORD.search(self.text, max(0, behind - 50), behind)  # longer than every keyword
        if word:
            return bracket - 1 if word.group() in _KEYWORDS else None
        return None if behind and self.text[behind - 1] in ")]}\"'" else bracket - 1

    def _before(self, end: int) -> int:
        """The end of the last token before an offset."""
        text = self.text
        while end:
            character = text[end - 1]
            if character in "\r\n":
                end = self._without_comment(end - 1)
                if end and text[end - 1] == "\\":
                    end -= 1
            elif character.isspace():
                end -= 1
            else:
                break
        return end

    def _without_comment(self, end: int) -> int:
        """The end of what a line holds before its comment."""
        start = max(self.text.rfind("\n", 0, end), self.text.rfind("\r", 0, end)) + 1
        tokens = _TOKEN.finditer(self.text, start, end)
        return next((token.start() for token in tokens if token.lastgroup == "comment"), end)
