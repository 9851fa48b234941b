"""The names that are written in libcst's nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import libcst as cst

_T = TypeVar("_T")


def dotted(node: cst.BaseExpression | cst.Attribute | cst.Name) -> str:
    """``a.b.c`` of a name or attribute chain, "" for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr.value}" if head else ""
    return ""


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


def alias(alias: cst.ImportAlias) -> str | None:
    """The name after ``as``; None where there is none."""
    return dotted(alias.asname.name) if alias.asname and isinstance(alias.asname.name, cst.Name) else None


def handler_name(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> str | None:
    """The name an exception is bound to; None where it is not kept."""
    name = handler.name.name if handler.name else None
    return name.value if isinstance(name, cst.Name) else None


def bound(pattern: cst.CSTNode) -> tuple[str, ...]:
    """The names a match pattern binds."""
    names: list[str] = []
    pending = [pattern]
    while pending:
        node = pending.pop()
        name = getattr(node, "name", None)
        # the two patterns that bind; ``_`` has no name in libcst
        if isinstance(node, (cst.MatchAs, cst.MatchStar)) and isinstance(name, cst.Name):
            names.append(name.value)
        pending += node.children
    return tuple(names)
