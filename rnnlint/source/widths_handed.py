"""Names that a function hands to layers as their sizes: what they hold is a number, and no list."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rnnlint.cells import CELLS, LAYERS
from rnnlint.source import program as ir
from rnnlint.source import walking

_SIZED = frozenset({"Linear", "Bilinear", "Embedding", "BatchNorm1d", "Conv1d", "Conv2d", *CELLS, *LAYERS})
"""Modules of torch that are built with numbers; a norm of layers takes whole shapes as well."""


@lru_cache(1024)  # a node holds its file, and a server sees many
def widths_handed(function: ir.FunctionDef) -> frozenset[str]:
    """The names, and those of attributes, that are handed to layers alone or in arithmetic."""
    calls = (node for node in walking.walk(function.body) if isinstance(node, ir.Call))
    sized = (call for call in calls if ir.last_name(call.func) in _SIZED)
    return frozenset(name for call in sized for argument in call.args for name in _counted(argument.value))


def _counted(node: ir.Expr) -> Iterator[str]:
    match node:
        case ir.Name(id=name) | ir.Attribute(value=ir.Name(), attr=name):
            yield name
        case ir.Binary(left=left, right=right):
            yield from _counted(left)
            yield from _counted(right)
