"""The names that are written in the nodes of Python's tree."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


class Mentioned:
    """Collects the names mentioned while a node is lowered."""

    def __init__(self) -> None:
        self._open: list[set[str]] = []

    def add(self, name: str) -> None:
        """Note a name, for all the nodes that are being lowered."""
        if self._open:
            self._open[-1].add(name)

    def during(self, lower: Callable[[], _T]) -> tuple[_T, frozenset[str]]:
        """What a step of lowering returns, and the names mentioned in it.

        What is inside is mentioned outside as well; also where it raises, so that one file leaves nothing to
        the next.
        """
        self._open.append(set())
        try:
            result = lower()
        finally:
            found = self._open.pop()
            if self._open:
                self._open[-1] |= found
        return result, frozenset(found)


def bound(pattern: ast.pattern) -> tuple[str, ...]:
    """The names a match pattern binds."""
    names: list[str] = []
    for node in ast.walk(pattern):
        # the three patterns that bind: ``_`` has no name in Python's tree
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name is not None:
            names.append(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest is not None:
            names.append(node.rest)
    return tuple(names)
