"""A program whose expressions at some places tell what they are while it runs."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Sequence

from oracle.fixes.mending import Span

PROBE = "__probe__"
"""What a program calls at such a place: with the number of the place, how far out the expression is, and its value."""

_TENSORS = (ast.Subscript, ast.Call, ast.BinOp, ast.Attribute, ast.Name, ast.IfExp, ast.UnaryOp)
"""What can be a tensor, and stand in a call wherever it stands now."""


def around(text: str, spans: Sequence[Span]) -> ast.Module:
    """The tree of a text with a probe around every expression that each span is in.

    It is told as well whether that is an index into the expression within.
    """
    tree = ast.parse(text)
    places = _Places(text)
    chosen: dict[ast.AST, list[tuple[int, int]]] = {}
    more: dict[ast.AST, list[ast.expr]] = {}
    for number, span in enumerate(spans):
        nodes = [
            one for one in ast.walk(tree) if isinstance(one, _TENSORS) and _is_read(one) and places.hold(one, span)
        ]
        # ast.walk goes from the outside in
        nodes.reverse()
        for level, node in enumerate(nodes):
            chosen.setdefault(node, []).append((number, level))
            if isinstance(node, ast.Subscript):
                more[node] = [ast.Constant(level > 0 and node.value is nodes[level - 1])]
    _Around(chosen, more).visit(tree)
    return ast.fix_missing_locations(tree)


def targets(text: str, spans: Sequence[Span]) -> ast.Module:
    """The tree of a text with a probe behind every assignment in whose targets a span is: of what these hold then."""
    tree = ast.parse(text)
    places = _Places(text)
    for parent in ast.walk(tree):
        for block in _blocks(parent):
            for at, statement in reversed(list(enumerate(block))):
                if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                    (target,) = statement.targets
                    told = [number for number, span in enumerate(spans) if places.hold(target, span)]
                    block[at + 1 : at + 1] = [ast.Expr(_probe(number, 0, _as_read(target))) for number in told]
    return ast.fix_missing_locations(tree)


def arguments(text: str, spans: Sequence[Span]) -> ast.Module:
    """The tree of a text with a probe around every call with a keyword in which a span is.

    It is told of the name and the value of that argument as well.
    """
    tree = ast.parse(text)
    places = _Places(text)
    chosen: dict[ast.AST, list[tuple[int, int]]] = {}
    given: dict[ast.AST, list[ast.expr]] = {}
    for node in ast.walk(tree):
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            for number, span in enumerate(spans):
                if keyword.arg is not None and places.hold(keyword, span):
                    chosen.setdefault(node, []).append((number, 0))
                    given[node] = [ast.Constant(keyword.arg), copy.deepcopy(keyword.value)]
    _Around(chosen, given).visit(tree)
    return ast.fix_missing_locations(tree)


class _Places:
    """Where nodes of a text's tree stand."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")

    def hold(self, node: ast.expr | ast.keyword, span: Span) -> bool:
        """Whether a span is in a node."""
        end_line = node.end_lineno or node.lineno
        start = node.lineno, self._characters(node.lineno, node.col_offset)
        return start <= span[0] and span[1] <= (end_line, self._characters(end_line, node.end_col_offset or 0))

    def _characters(self, line: int, column: int) -> int:
        """A column that Python's tree counts in bytes."""
        return len(self._lines[line - 1].encode()[:column].decode())


def _blocks(node: ast.AST) -> Iterable[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _is_read(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _as_read(target: ast.expr) -> ast.expr:
    read = copy.deepcopy(target)
    for node in ast.walk(read):
        if hasattr(node, "ctx"):
            node.ctx = ast.Load()
    return read


def _probe(number: int, level: int, *values: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(PROBE, ast.Load()), [ast.Constant(number), ast.Constant(level), *values], [])


class _Around(ast.NodeTransformer):
    """Puts probes around nodes, by their numbers and levels, which are told ``more`` than the value."""

    def __init__(self, chosen: dict[ast.AST, list[tuple[int, int]]], more: dict[ast.AST, list[ast.expr]]) -> None:
        self._chosen, self._more = chosen, more

    def generic_visit(self, node: ast.AST) -> ast.AST:
        told, more = self._chosen.get(node, ()), self._more.get(node, [])
        found: ast.AST = super().generic_visit(node)
        for number, level in told:
            assert isinstance(found, ast.expr)
            found = ast.copy_location(_probe(number, level, found, *more), node)
        return found
