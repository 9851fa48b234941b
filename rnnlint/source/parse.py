"""Parsing, with Python's own parser."""

from __future__ import annotations

import ast
from dataclasses import replace

from rnnlint.frozen import dataclass
from rnnlint.report import UNREADABLE
from rnnlint.source import program as ir
from rnnlint.source.excerpt import excerpt
from rnnlint.source.gate import holders
from rnnlint.source.lower import lower
from rnnlint.source.positions import Places, Span
from rnnlint.source.tree import tree_of


@dataclass(frozen=True, slots=True)
class Parsed:
    """The program of a file's text, where its nodes stand in that, and Python's ``tree`` that it was lowered from."""

    program: ir.Program
    places: Places
    tree: ast.Module

    def span(self, node: ir.Node) -> Span:
        """Where a node stands."""
        return self.places.span(node.syntax)

    def span_of_argument(self, argument: ir.Argument) -> Span:
        """Where an argument of a call stands, with its name."""
        span = self.span(argument.value)
        return self.places.named(span, argument.keyword) if argument.keyword else span

    def head(self, node: ir.Node) -> Span:
        """Where a compound statement begins: the line with its first word."""
        return self.places.line_of(self.span(node))

    def line(self, node: ir.Node) -> int:
        """The line it begins on."""
        return self.span(node).line

    # 60, half a line of a message: the other half is for what is said of it
    def text_of(self, node: ir.Node, limit: int = 60) -> str:
        """The source text of a node, as :func:`~rnnlint.source.excerpt.excerpt` shows it."""
        return excerpt(self.places.code(node.syntax), limit)


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    """A file that Python cannot read, or that is nested too deeply, and why (one line)."""

    reason: str


def parse(text: str, tree: ast.Module | None = None) -> Parsed | NotAnalysed:
    """The program of a file's text, of which a host may have the tree already.

    Never raises for anything a file can hold.
    """
    try:
        tree = tree or tree_of(text)
        program = replace(lower(tree), holders=holders(text, tree))
        return Parsed(program, Places(text.removeprefix("\ufeff"), program.strings), tree)
    except SyntaxError as error:
        where = "" if error.lineno is None else f" (line {error.lineno})"  # of null bytes it says none
        return NotAnalysed(f"{UNREADABLE}: {error.msg}{where}")
    # of what is nested too deeply Python says so by either, depending on its version and on where it notices; and so
    # does lowering (tests/safety/test_lint.py, test_deep_texts_get_an_answer)
    except (RecursionError, MemoryError):
        return NotAnalysed("it is nested too deeply")
    except ValueError as error:  # of null bytes, before Python 3.12, and of lone surrogates
        return NotAnalysed(f"{UNREADABLE}: {error}")
