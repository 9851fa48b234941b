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

# What is known of recurrent modules, beside their sizes; of those of one configuration, and whether it is the declared.
Modules: TypeAlias = frozenset[tuple[object, ...]]
Built: TypeAlias = tuple[bool, Modules]


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


def modules_of(heap: Mapping[int, Cell]) -> dict[int, Modules]:
    """The recurrent modules in the cells of a program's memory, by the identity of what these hold."""
    return {id(cell): _modules(cell) for cell in heap.values()}


def built_of(heap: Mapping[int, Cell], known: Mapping[int, Modules]) -> Modules:
    """The recurrent modules in a program's memory.

    ``known`` are those of cells that live as long as the file: most are these, and are not looked through for each
    configuration.
    """
    found: set[tuple[object, ...]] = set()
    for cell in heap.values():
        modules = known.get(id(cell))
        found |= _modules(cell) if modules is None else modules
    return frozenset(found)


def _modules(cell: Cell) -> Modules:
    return frozenset(_facts(value) for value in held(cell) if isinstance(value, (Recurrent, RecurrentCell)))


def _facts(value: Value) -> tuple[object, ...]:
    match value:
        case Recurrent(cell=cell, layers=layers, directions=directions, batch_first=batch_first):
            return cell, layers.value, directions, batch_first
        case RecurrentCell(cell=cell):
            return (cell,)
    return ()
