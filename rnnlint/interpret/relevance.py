"""Which functions, classes and methods of a file can meet a recurrent module: only those are run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rnnlint.interpret.python.classes import lineage
from rnnlint.interpret.state.frames import Base
from rnnlint.source import program as ir
from rnnlint.source.mentions import mentions_packing, mentions_recurrent
from rnnlint.values.domain import (
    Chain,
    Class,
    Either,
    Function,
    Items,
    Partial,
    Recurrent,
    RecurrentCell,
    Ref,
    Torch,
    Value,
)
from rnnlint.values.heap_cells import Cell, ObjectCell
from rnnlint.values.walk import in_memory, walk


def concerned_names(base: Base) -> set[str]:
    """The names of the file's functions and classes that mention a recurrent module, or another of these names."""
    mentions = {
        name: value.node.names
        for name, value in base.names.items()
        if isinstance(value, (Function, Class)) and isinstance(value.node, (ir.FunctionDef, ir.ClassDef))
    }
    found = {name for name, names in mentions.items() if _may_meet(names)}
    found |= {name for name, value in base.names.items() if _recurrent(base, value, found)}
    while True:
        more = {name for name, names in mentions.items() if name not in found and names & found}
        if not more:
            return found
        found |= more


def _may_meet(names: frozenset[str]) -> bool:
    """Whether what mentions these names may build a recurrent module, or pack: in ``getattr(nn, ...)`` the name may be
    put together anywhere."""
    return mentions_recurrent(names) or mentions_packing(names) or {"getattr", "nn"} <= names


def _recurrent(base: Base, value: Value, concerned: set[str]) -> bool:
    """Whether a value holds a recurrent module, the name of one, or an instance of a class that is concerned."""
    into = in_memory(base.heap)
    # most names hold what holds nothing: that is looked at without a walk
    through = isinstance(value, (Ref, Chain, Items, Either, Partial))
    inside = (
        walk(value, lambda inner: inner.items if isinstance(inner, Chain) else into(inner)) if through else (value,)
    )
    for one in inside:
        match one:
            case Torch(name) if mentions_recurrent((name,)):
                return True
            case Recurrent() | RecurrentCell():
                return True
            case Ref(cell):
                content = base.heap[cell]
                cls = content.cls.node if isinstance(content, ObjectCell) else None
                if isinstance(cls, ir.ClassDef) and cls.name in concerned:
                    return True
    return False


def holds_recurrent(heap: Mapping[int, Cell], value: Value) -> bool:
    """Whether a value is a recurrent module, or a list or dict that has one in it."""
    into = in_memory(heap)
    inside = walk(value, lambda inner: inner.items if isinstance(inner, Chain) else into(inner))
    return any(isinstance(one, (Recurrent, RecurrentCell)) for one in inside)


def methods(
    base: Base, cls: Class, instances: Iterable[tuple[Base, Value | None]], concerned: set[str]
) -> list[tuple[str, Function, Class]]:
    """The methods of a class that can meet a recurrent module, each with the class that defines it.

    They meet one through an attribute of an instance, another method, or a name of the file.  Of each instance, the
    program's state is given with it.
    """
    owners: dict[str, Class] = {}
    defined: dict[str, Function] = {}
    for owner, info in lineage(base.classes, cls):
        for name, value in info.names.items():
            if isinstance(value, Function) and isinstance(value.node, ir.FunctionDef) and name not in owners:
                owners[name], defined[name] = owner, value
    defined.pop("__init__", None)
    found = set(concerned)
    for state, instance in instances:
        cell = state.heap[instance.cell] if isinstance(instance, Ref) else None
        if isinstance(cell, ObjectCell):
            found |= {name for name, value in cell.attrs.items() if _recurrent(state, value, concerned)}
            found |= {"super", "self"} if cell.base is not None else set()
    mentions = {
        name: function.node.names for name, function in defined.items() if isinstance(function.node, ir.FunctionDef)
    }
    met: set[str] = set()
    while True:
        more = {
            name
            for name, names in mentions.items()
            if name not in met and (mentions_recurrent(names) or names & (found | met))
        }
        if not more:
            break
        met |= more
    found_in = [(name, defined[name], owners[name]) for name in defined if name in met]
    # forward first: it hands the others what they are given, and a helper that it has entered is not run alone
    return sorted(found_in, key=lambda row: row[0] != "forward")
