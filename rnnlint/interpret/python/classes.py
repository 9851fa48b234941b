"""Classes of the file: their bases, and what they inherit."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

from rnnlint.interpret.state.frames import ClassInfo, is_module
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.run import Run
from rnnlint.values.domain import Class, Free, Function, Items, Torch, Value


def lineage(classes: Mapping[Hashable, ClassInfo], cls: Class) -> Iterator[tuple[Class, ClassInfo]]:
    """The class and those of its bases that the file defines, in order of lookup; of a long line only the nearest."""
    pending, seen = [cls], set[Hashable]()
    while pending and len(seen) < LIMITS.bases:
        current = pending.pop(0)
        if current.node in seen or current.node not in classes:
            continue
        seen.add(current.node)
        info = classes[current.node]
        yield current, info
        pending = [base for base in info.bases if isinstance(base, Class)] + pending


def class_member(run: Run, cls: Class, name: str) -> Value | None:
    """What a class of the file or the nearest of its bases binds under a name; None for none of them."""
    for _, info in lineage(run.state.classes, cls):
        if name in info.names:
            return info.names[name]
    return None


def method_of(run: Run, cls: Class, name: str) -> tuple[Function, Class] | None:
    """The function of that name that the class or a base of it defines, with which one does; None for none of them."""
    for owner, info in lineage(run.state.classes, cls):
        found = info.names.get(name)
        if isinstance(found, Function):
            return found, owner
    return None


def is_record(run: Run, cls: Class) -> bool:
    """Whether the names that a class annotates are the parameters it is built with: a dataclass, a named tuple."""
    return method_of(run, cls, "__init__") is None and any(info.fields for _, info in lineage(run.state.classes, cls))


_OF_RECORDS = frozenset(
    {"__init__", "__post_init__", "__repr__", "__str__", "__eq__", "__len__", "__iter__", "__getitem__"}
)


def only_holds(run: Run, cls: Class) -> bool:
    """Whether instances of a class are no more than what they hold: it is no module, and has no method that does
    anything later with what was stored."""
    if is_module(run.state.classes, cls):
        return False
    line = list(lineage(run.state.classes, cls))
    if any(isinstance(base, Free) and base.key.endswith("NamedTuple") for _, info in line for base in info.bases):
        return True  # a named tuple, whose items stay as they are whatever its methods do
    return all(name in _OF_RECORDS for _, info in line for name, one in info.names.items() if isinstance(one, Function))


def handed_on(run: Run, value: Value) -> Value:
    """What is handed on with a value: with a record its fields, as with a tuple its elements."""
    cell = run.containers.object(value)
    return Items(tuple(cell.attrs.values())) if cell is not None and is_record(run, cell.cls) else value


def torch_base(run: Run, cls: Class) -> str | None:
    """The torch class it derives from, if any."""
    for _, info in lineage(run.state.classes, cls):
        for base in info.bases:
            if isinstance(base, Torch):
                return base.name
    return None


def bound(function: Function, owner: Class, receiver: Value) -> Function:
    """A method, of an instance."""
    return Function(function.node, function.scope, receiver, owner)
