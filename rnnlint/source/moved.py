"""The tree of a text whose lines have moved, and nothing else: a blank line more, a comment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

Pairs = list[tuple[ast.AST, ast.AST]]
"""The nodes of a tree, each with the one that stands in its place in another."""


def pairs(old: ast.Module, new: ast.Module) -> Pairs | None:
    """The nodes of two trees that differ in their lines alone; None for other trees.

    Every line of the old one is one line of the new one, in the same order, and all columns are the same: so what
    compares lines, or asks what else stands on one, gets the same answers of both.
    """
    found: Pairs = []
    lines: dict[int, int] = {}
    pending: Pairs = [(old, new)]
    while pending:
        one, other = pending.pop()
        if type(one) is not type(other):
            return None
        found.append((one, other))
        for name in one._fields:
            mine, theirs = _several(one, name), _several(other, name)
            if len(mine) != len(theirs):
                return None
            for here, there in zip(mine, theirs, strict=True):
                if isinstance(here, ast.AST) and isinstance(there, ast.AST):
                    pending.append((here, there))
                # by what is written: 1 is no True, and 0.0 no -0.0
                elif type(here) is not type(there) or (here is not there and repr(here) != repr(there)):
                    return None
        for here, there in zip(_places(one), _places(other), strict=True):
            if here[1] != there[1] or lines.setdefault(here[0], there[0]) != there[0]:
                return None
    after = [lines[line] for line in sorted(lines)]
    return found if all(first < second for first, second in pairwise(after)) else None


def _several(node: ast.AST, name: str) -> list[object]:
    """What a node has under a name, one thing or a list of them: each field is always the one or the other."""
    found = getattr(node, name, None)
    return found if isinstance(found, list) else [found]


def _places(node: ast.AST) -> Iterator[tuple[int, int]]:
    """Line and column of where a node begins and ends; of what has no place, none."""
    if isinstance(node, (ast.expr, ast.stmt, ast.pattern, ast.arg, ast.keyword, ast.alias, ast.ExceptHandler)):
        yield node.lineno, node.col_offset
        yield node.end_lineno or 0, node.end_col_offset or 0


def move(several: Pairs) -> None:
    """Put the nodes of the old tree where those of the new one are."""
    for one, other in several:
        for name in one._attributes:
            setattr(one, name, getattr(other, name, None))
