"""The activations of a program's functions, its classes, and the state in which a run begins and works."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import field

from rnnlint.frozen import dataclass
from rnnlint.interpret.state.heap import Heap, Snapshot, join_names
from rnnlint.interpret.state.known import CallSite
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Class, Free, Torch, Value


@dataclass(slots=True)
class Frame:
    """One activation: its names, the scope around it, and where its paths have ended."""

    names: dict[str, Value]
    scope: int  # of the names around
    function: Hashable = None
    owner: Class | None = None  # the class whose method this is
    receiver: Value | None = None
    is_class: bool = False
    own: int | None = None  # its names as a scope, once a function was defined in it
    outer: set[str] = field(default_factory=set)  # names that are bound outside it
    returns: list[tuple[Value, Snapshot]] = field(default_factory=list)
    breaks: list[Snapshot] = field(default_factory=list)
    continues: list[Snapshot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """A class of the file, once its body has been run."""

    bases: tuple[Value, ...]
    names: Mapping[str, Value]
    decorators: tuple[Value, ...]
    fields: tuple[str, ...]  # names its body annotates, in order


def is_module(classes: Mapping[Hashable, ClassInfo], owner: Class | None) -> bool:
    """Whether a class is a module: it derives from one of torch's, or from a class that the file does not show."""
    pending, seen = [owner], set[Hashable]()
    while pending:
        cls = pending.pop()
        if cls is None or cls.node in seen or cls.node not in classes:
            continue
        seen.add(cls.node)
        for base in classes[cls.node].bases:
            match base:
                case Class():
                    pending.append(base)
                # nn.Module and its heirs; torch.utils.data.Dataset and torch.autograd.Function are no modules
                case Torch(name) if name.startswith("torch.nn."):
                    return True
                case Free(key) if not key.endswith(
                    "TestCase"
                ):  # what tests a model is none: unittest's, and what others make of it
                    return True
    return False


Scope = tuple[dict[str, Value], int | None]
"""Names, and the number of the scope around them."""


@dataclass(slots=True)
class Base:
    """The state of the module once its top level has run; every other run starts from a copy."""

    names: dict[str, Value] = field(default_factory=dict)
    heap: Heap = field(default_factory=Heap)
    classes: dict[Hashable, ClassInfo] = field(default_factory=dict)
    scopes: tuple[Scope, ...] = ()  # of activations that are over, seen by closures
    borrows: bool = False  # names from what another file or cell binds: by a star import, or it imports nothing
    star_modules: tuple[Value, ...] = ()
    instances: dict[int, CallSite] = field(default_factory=dict)  # how the instances on the heap were built


class State:
    """What the analysed program has bound, built and stored on the path that is taken."""

    def __init__(self, base: Base) -> None:
        self.before: Mapping[int, object] = base.heap  # before anything was run
        self.heap = Heap(base.heap)
        self.scopes: list[Scope] = [(dict(base.names), None), *base.scopes]
        self.classes = dict(base.classes)
        self.instances = dict(base.instances)
        self.borrows = base.borrows
        self.star_modules = list(base.star_modules)

    def base(self) -> Base:
        """The state for others to start from."""
        (names, _), *others = self.scopes
        classes, instances = dict(self.classes), dict(self.instances)
        return Base(
            dict(names), Heap(self.heap), classes, tuple(others), self.borrows, tuple(self.star_modules), instances
        )

    # --- names -------------------------------------------------------------------------------------------------------

    def scope_of(self, frame: Frame) -> int:
        """The scope that functions defined in the frame see."""
        if frame.is_class:
            return frame.scope
        if frame.own is None:
            frame.own = len(self.scopes)
            self.scopes.append((frame.names, frame.scope))
        return frame.own

    def lookup(self, frame: Frame, name: str) -> Value | None:
        """What a name holds, in the frame or around it."""
        if name in frame.names:
            return frame.names[name]
        scope: int | None = frame.scope
        while scope is not None:
            names, scope = self.scopes[scope]
            if name in names:
                return names[name]
        return None

    def bind_outside(self, frame: Frame, name: str, value: Value) -> None:
        """Bind a name in the scope around that has it; what it was stays possible, as branches do not see outside."""
        scope: int | None = frame.scope
        while scope is not None:
            names, scope = self.scopes[scope]
            if name in names:
                names[name] = either((names[name], value))
                return

    # --- paths -------------------------------------------------------------------------------------------------------

    def snapshot(self, frame: Frame) -> Snapshot:
        """The names of a function and the heap, to come back to."""
        return Snapshot(dict(frame.names), self.heap.version())

    def restore(self, frame: Frame, snapshot: Snapshot) -> None:
        """Everything is what it was at a snapshot."""
        self.heap.back(snapshot.heap)
        _replace(frame.names, snapshot.names)

    def join(self, frame: Frame, snapshots: Sequence[Snapshot]) -> None:
        """Everything is what holds whichever of the paths was taken."""
        names = join_names(snapshots)
        self.heap.meet([snapshot.heap for snapshot in snapshots])
        _replace(frame.names, names)


def _replace(names: dict[str, Value], others: Mapping[str, Value]) -> None:
    """In place: closures see the same dict."""
    names.clear()
    names.update(others)
