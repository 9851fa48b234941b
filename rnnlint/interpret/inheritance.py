"""Which inherited methods are worth running again for a subclass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from rnnlint.interpret.python.classes import lineage
from rnnlint.interpret.state.frames import Base
from rnnlint.source import program as ir
from rnnlint.values.domain import Class, Function, Recurrent, RecurrentCell, Value
from rnnlint.values.heap_cells import Cell
from rnnlint.values.walk import held

# What is known of the recurrent modules of one configuration, and whether it is the declared one.
Built: TypeAlias = tuple[bool, frozenset[tuple[object, ...]]]


def says_more(base: Base, cls: Class, built: set[Built], known: Mapping[object, set[Built]]) -> bool:
    """Whether inherited methods can meet in ``cls`` what they did not meet in its bases.

    That is configurations with other recurrent modules than theirs (``known``), or a method that the class overrides.
    """
    (_, own), *bases = lineage(base.classes, cls)
    if not bases:
        return False
    if built != next((known[owner.node] for owner, _ in bases if owner.node in known), None):
        return True
    mentioned = [
        value.node.names
        for _, info in bases
        for value in info.names.values()
        if isinstance(value, Function) and isinstance(value.node, ir.FunctionDef)
    ]
    return any(name in names for name in own.names if name not in ("__init__", "forward") for names in mentioned)


def built_of(heap: Mapping[int, Cell]) -> frozenset[tuple[object, ...]]:
    """The recurrent modules in a program's memory, without their sizes."""
    return frozenset(_facts(value) for cell in heap.values() for value in held(cell) if _is_recurrent(value))


def _is_recurrent(value: Value) -> bool:
    return isinstance(value, (Recurrent, RecurrentCell))


def _facts(value: Value) -> tuple[object, ...]:
    match value:
        case Recurrent(cell=cell, layers=layers, directions=directions, batch_first=batch_first):
            return cell, layers.value, directions, batch_first
        case RecurrentCell(cell=cell):
            return (cell,)
    return ()
