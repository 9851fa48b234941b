"""The files of a program, and which of them a node stands in."""

from __future__ import annotations

from collections.abc import Mapping

from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.parse import Parsed
from rnnlint.source.positions import Span


class Files:
    """Parsed files by their paths, asked for a node's place as each of them is."""

    def __init__(self, parsed: Mapping[str, Parsed]) -> None:
        self.parsed = dict(parsed)
        self._only = next(iter(parsed)) if len(parsed) == 1 else None
        self._nodes: dict[str, frozenset[ir.Node]] = {}
        self._paths: dict[ir.Node, str] = {}

    def path(self, node: ir.Node) -> str:
        """The file that a node stands in."""
        if self._only is not None:
            return self._only
        found = self._paths.get(node)
        if found is None:
            found = self._paths[node] = next((path for path in self.parsed if node in self._within(path)), "")
        return found

    def _within(self, path: str) -> frozenset[ir.Node]:
        """The nodes of a file, which are only gone through where there is something to say."""
        if path not in self._nodes:
            self._nodes[path] = frozenset(walking.walk(self.parsed[path].program.body))
        return self._nodes[path]

    def of(self, node: ir.Node) -> Parsed:
        """The parsed file that a node stands in."""
        return self.parsed[self.path(node)]

    def span(self, node: ir.Node) -> Span:
        """Where a node stands in its file."""
        return self.of(node).span(node)

    def span_of_argument(self, argument: ir.Argument) -> Span:
        """Where an argument of a call stands, with its name."""
        return self.of(argument.value).span_of_argument(argument)

    def head(self, node: ir.Node) -> Span:
        """Where a compound statement begins: the line with its first word."""
        return self.of(node).head(node)

    def line(self, node: ir.Node) -> int:
        """The line it begins on."""
        return self.span(node).line

    def text_of(self, node: ir.Node, limit: int = 60) -> str:
        """The source text of a node, as :func:`~rnnlint.source.excerpt.excerpt` shows it."""
        return self.of(node).text_of(node, limit)
