"""A program's text, and the text with one expression in place of another."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed program; ``modules`` are the names its imports bind."""

    text: str
    tree: ast.Module
    modules: frozenset[str]


Rewrite: TypeAlias = Callable[[ast.expr, frozenset[str]], Iterator[ast.expr]]


@dataclass(frozen=True, slots=True)
class Operator:
    """A kind of mistake: ``rewrite`` gives what could be written by mistake in place of one expression."""

    name: str
    mistake: str
    rewrite: Rewrite


@dataclass(frozen=True, slots=True)
class Mutant:
    """``text`` is the whole program with ``after`` in place of ``before``, which stood at ``line`` (from 1)."""

    operator: str
    line: int
    before: str
    after: str
    text: str


def parsed(text: str) -> Source:
    """Raises SyntaxError."""
    tree = ast.parse(text)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    bound = {(name.asname or name.name).split(".")[0] for node in imports for name in node.names}
    return Source(text, tree, frozenset(bound))


def mutants(source: Source, operator: Operator) -> Iterator[Mutant]:
    """Every mutant, in the order of the text; none twice."""
    seen = {source.text}
    places = [node for node in ast.walk(source.tree) if isinstance(node, ast.expr)]
    for node in sorted(places, key=lambda node: (node.lineno, node.col_offset)):
        for new in operator.rewrite(node, source.modules):
            after = _written(new)
            text = _spliced(source.text, node, after)
            if text not in seen:
                seen.add(text)
                yield Mutant(operator.name, node.lineno, ast.unparse(node), after, text)


def _written(new: ast.expr) -> str:
    text = ast.unparse(new)
    closed = isinstance(new, ast.Name | ast.Call | ast.Subscript | ast.Attribute | ast.Constant | ast.Tuple | ast.List)
    return text if closed or isinstance(new, ast.Slice | ast.UnaryOp) else f"({text})"


def _spliced(text: str, node: ast.expr, after: str) -> str:
    """Columns of the tree count bytes."""
    lines = text.encode().splitlines(keepends=True)
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    first, last = lines[node.lineno - 1], lines[node.end_lineno - 1]
    # Lines keep their numbers, so that what is said of the others can be compared.
    kept = b"\n" * (node.end_lineno - node.lineno) if last[node.end_col_offset :].strip() == b"" else b""
    changed = first[: node.col_offset] + after.encode() + kept + last[node.end_col_offset :]
    return b"".join([*lines[: node.lineno - 1], changed, *lines[node.end_lineno :]]).decode()
