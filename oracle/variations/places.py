"""Where a line of a program is in the rewritten one, and which findings stayed.

Every line, and every head of a block, gets a number in a comment before it is rewritten.  A rewrite that moves the
line moves its number; what it writes anew has none.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import libcst as cst

_MARK = re.compile(r"#@(\d+)\s*$")


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A finding: its code, and the number of its line; None for a line that a rewrite has written."""

    code: str
    place: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of the findings of a program: codes of those kept, lost and new."""

    kept: tuple[str, ...]
    lost: tuple[Found, ...]
    new: tuple[Found, ...]


class _Marking(cst.CSTTransformer):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def _marked(self, white: cst.TrailingWhitespace) -> cst.TrailingWhitespace:
        self.count += 1
        said = f"{white.comment.value} #@{self.count}" if white.comment else f"#@{self.count}"
        space = white.whitespace if white.comment else cst.SimpleWhitespace("  ")
        return white.with_changes(comment=cst.Comment(said), whitespace=space)

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        return updated_node.with_changes(trailing_whitespace=self._marked(updated_node.trailing_whitespace))

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        return updated_node.with_changes(header=self._marked(updated_node.header))

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.SimpleStatementSuite:
        return updated_node.with_changes(trailing_whitespace=self._marked(updated_node.trailing_whitespace))


def marked(text: str) -> cst.Module:
    """The program with a number at the end of every line that is a statement.  Raises cst.ParserSyntaxError."""
    return cst.parse_module(text).visit(_Marking())


def unmarked(text: str) -> str:
    """The program without the numbers."""
    return re.sub(r"(?m)\s*#@\d+[ \t]*$", "", text)


def numbers(text: str) -> dict[int, int]:
    """The number of every line of a program's text that is part of a statement with one."""
    lines = text.splitlines()
    own = {row: int(match[1]) for row, line in enumerate(lines, 1) if (match := _MARK.search(line))}
    found: dict[int, int] = dict(own)
    # the smallest statement around a line comes last
    spans = sorted(_spans(ast.parse(text)), key=lambda span: span[0] - span[1])
    for first, last in spans:
        if last in own:
            found |= dict.fromkeys(range(first, last + 1), own[last])
    return found | own


def _spans(tree: ast.Module) -> Iterable[tuple[int, int]]:
    """First and last line of every statement; of the head alone, where it has a block."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.stmt) and not isinstance(body, list):
            yield node.lineno, node.end_lineno or node.lineno
        elif isinstance(node, ast.stmt) and body:
            yield node.lineno, max(node.lineno, min(one.lineno for one in body) - 1)


def findings(text: str, said: Iterable[tuple[int, str]]) -> Counter[Found]:
    """What is said of lines of a numbered program, by their numbers."""
    of_line = numbers(text)
    return Counter(Found(code, of_line.get(line)) for line, code in said)


def compared(before: Counter[Found], after: Counter[Found], shared: bool = False) -> Compared:
    """A finding is kept where its line has one of the same code, or a line that the rewrite has written has it.

    Where such a line is ``shared``, it has those of several lines.
    """
    kept: list[str] = []
    lost: list[Found] = []
    left = Counter(after)
    # those on lines of their own first, so that none of them is taken for one that has moved
    for one in sorted(before.elements(), key=lambda found: (found.code, found.place or 0)):
        if left[one] > 0:
            left[one] -= 1
            kept.append(one.code)
        else:
            lost.append(one)
    for one in list(lost):
        moved = Found(one.code, None)
        if left[moved] > 0 or (shared and after[moved] > 0):
            left[moved] = max(0, left[moved] - 1)
            kept.append(one.code)
            lost.remove(one)
    return Compared(tuple(kept), tuple(lost), tuple(sorted(left.elements(), key=lambda found: found.code)))
