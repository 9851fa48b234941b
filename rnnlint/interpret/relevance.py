"""Which functions, classes and methods of a file can meet a recurrent module: only those are run.

They have to mention one, or what does, by any name that has a module's in it.  Where it is known which functions and
classes hold something that there is something to say about (``holders``, nodes of Python's tree), they have to be one
of these as well, or to mention one: a function that only names a module of another file meets none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from rnnlint.cells import EVERY
from rnnlint.frozen import dataclass
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

Holders: TypeAlias = frozenset[ast.AST] | None


@dataclass(slots=True)
class Concerned:
    """Names of the file's functions and classes.

    ``mentioning`` are those that mention a recurrent module; ``names``, those of them that can meet one.
    """

    mentioning: set[str]
    names: set[str]
    holders: Holders

    def also(self, names: Sequence[str]) -> None:
        """These are concerned as well."""
        self.mentioning.update(names)
        self.names.update(names)


def concerned(base: Base, holders: Holders = None) -> Concerned:
    """The functions and classes of a file that can meet a recurrent module, once its top level has run."""
    nodes = [
        (name, value.node)
        for name, value in base.names()
        if isinstance(value, (Function, Class)) and isinstance(value.node, (ir.FunctionDef, ir.ClassDef))
    ]
    begin = {name for name, node in nodes if _may_meet(node.names)}
    begin |= {name for name, value in base.names() if _recurrent(base, value, begin)}
    found = begin | _mentioning(nodes, begin)
    if holders is None:
        return Concerned(found, set(found), None)
    begin = {name for name, node in nodes if node.syntax in holders}
    # torch's own names are told wherever they stand
    others = ((name, value) for name, value in base.names() if name not in EVERY)
    begin |= {name for name, value in others if _recurrent(base, value, begin)}
    return Concerned(found, found & (begin | _mentioning(nodes, begin)), holders)


def holders_of(programs: Sequence[ir.Program]) -> Holders:
    """What stands in the files that concerns an RNN; None where nobody has looked for it in one of them."""
    found: set[ast.AST] = set()
    for program in programs:
        if program.holders is None:
            return None
        found |= program.holders
    return frozenset(found)


def _mentioning(nodes: Iterable[tuple[str, ir.FunctionDef | ir.ClassDef]], names: set[str]) -> set[str]:
    """Those that mention one of some names, or one that does."""
    found: set[str] = set()
    pending = list(nodes)
    while True:
        more = {name for name, node in pending if node.names & (names | found)} - found
        if not more:
            return found
        found |= more
        pending = [(name, node) for name, node in pending if name not in found]


def _may_meet(names: frozenset[str]) -> bool:
    """Whether what mentions these names may build a recurrent module, or pack: in ``getattr(nn, ...)`` the name may be
    put together anywhere, and in ``vars(nn)[...]``."""
    by_name = "nn" in names and not names.isdisjoint(("getattr", "vars", "__dict__"))
    by_name = by_name or "eval" in names
    return mentions_recurrent(names) or mentions_packing(names) or by_name


def _recurrent(base: Base, value: Value, names: set[str]) -> bool:
    """Whether a value holds a recurrent module, the name of one, or an instance of a class of these names.

    What an instance holds counts as well: a wrapper that is handed a module mentions none.
    """
    into = in_memory(base.heap)

    def inner(one: Value) -> Sequence[Value]:
        if isinstance(one, Ref):
            cell = base.heap[one.cell]
            if isinstance(cell, ObjectCell):
                return tuple(cell.attrs.values())
        return one.items if isinstance(one, Chain) else into(one)

    # most names hold what holds nothing: that is looked at without a walk
    for one in walk(value, inner) if isinstance(value, (Ref, Chain, Items, Either, Partial)) else (value,):
        match one:
            case Torch(name) if mentions_recurrent((name,)):
                return True
            case Recurrent() | RecurrentCell():
                return True
            case Ref(cell):
                content = base.heap[cell]
                cls = content.cls.node if isinstance(content, ObjectCell) else None
                if isinstance(cls, ir.ClassDef) and cls.name in names:
                    return True
    return False


def holds_recurrent(heap: Mapping[int, Cell], value: Value) -> bool:
    """Whether a value is a recurrent module, or a list or dict that has one in it."""
    into = in_memory(heap)
    inside = walk(value, lambda inner: inner.items if isinstance(inner, Chain) else into(inner))
    return any(isinstance(one, (Recurrent, RecurrentCell)) for one in inside)


def methods(
    base: Base, cls: Class, instances: Iterable[tuple[Base, Value | None]], of: Concerned
) -> list[tuple[str, Function, Class]]:
    """The methods of a class that pack or can meet a recurrent module, each with the class that defines it.

    They meet one through an attribute of an instance, another method, or a name of the file.  Of each instance, the
    program's state is given with it.
    """
    owners: dict[str, Class] = {}
    defined: dict[str, Function] = {}
    stored: dict[str, Value] = {}
    for owner, info in lineage(base.classes, cls):
        for name, value in info.names.items():
            if not isinstance(value, Function):
                stored.setdefault(name, value)
            elif isinstance(value.node, ir.FunctionDef) and name not in owners:
                owners[name], defined[name] = owner, value
    defined.pop("__init__", None)
    nodes = [(name, one.node) for name, one in defined.items() if isinstance(one.node, ir.FunctionDef)]
    states = list(instances)
    # a function of the file may be handed the object, and call its module or a method that does: finish(self, x)
    around = [*nodes, *_functions(base)]
    # one that packs need not meet a module: that may be a class of another file
    begin = {name for name, node in nodes if mentions_recurrent(node.names) or mentions_packing(node.names)}
    met = begin | _mentioning(around, begin | of.mentioning | _attributes(states, of.mentioning))
    if of.holders is not None:
        begin = {name for name, node in nodes if node.syntax in of.holders}
        # what a class stores is asked for by its name
        others = {name for name, value in stored.items() if _recurrent(base, value, of.names)}
        met &= begin | _mentioning(around, begin | others | of.names | _attributes(states, of.names))
    found_in = [(name, defined[name], owners[name]) for name in defined if name in met]
    # forward first: it hands the others what they are given, and a helper that it has entered is not run alone
    return sorted(found_in, key=lambda row: row[0] != "forward")


def _functions(base: Base) -> Iterator[tuple[str, ir.FunctionDef]]:
    for name, value in base.names():
        if isinstance(value, Function) and isinstance(value.node, ir.FunctionDef):
            yield name, value.node


def _attributes(instances: Iterable[tuple[Base, Value | None]], names: set[str]) -> set[str]:
    """The attributes of instances that hold a recurrent module, and the names of what is one itself."""
    found: set[str] = set()
    for state, instance in instances:
        cell = state.heap[instance.cell] if isinstance(instance, Ref) else None
        if isinstance(cell, ObjectCell):
            unknown = ((name, value) for name, value in cell.attrs.items() if name not in found)
            found |= {name for name, value in unknown if _recurrent(state, value, names)}
            found |= {"super", "self"} if cell.base is not None else set()
    return found | _ASKING if found else found


_ASKING = {"getattr", "__getattr__"}
"""What gives an attribute by a name that is put together."""
