"""What the runs of one file share, and the activations of its functions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rnnlint.events import Site
from rnnlint.failures import Failures
from rnnlint.interpret.state.heap import Heap, Snapshot
from rnnlint.interpret.state.sizes import Sizes
from rnnlint.source import program as ir
from rnnlint.source.attributes_read import attributes_read
from rnnlint.source.batches import Batches
from rnnlint.torch_api.context import Need, TorchRaises
from rnnlint.values.domain import Class, Free, Lit, Torch, Value


class OutOfBudget(Exception):
    """The run has done all it may do."""


# What ends a run or sends it another way.  Any other exception inside the interpreter is a mistake of ours, and costs
# the value or the statement at hand; but where Python's stack or memory is used up, going on would use up more.
MEANT = (TorchRaises, Need, OutOfBudget, RecursionError, MemoryError)


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
                case Torch(name) if name.startswith("torch.nn."):
                    return True
                case Free(key) if not key.endswith("TestCase"):
                    return True
    return False


@dataclass(frozen=True, slots=True)
class Holder:
    """An object (a dict, if ``cls`` is None) and what is known of what it holds; ``open`` if a dict may hold more."""

    cls: Class | None
    held: tuple[tuple[Hashable, Known], ...]
    open: bool = False


@dataclass(frozen=True, slots=True)
class CallSite:
    """An instantiation of a class of the file: its arguments, as far as they are known.

    ``left`` are the parameters that it leaves at their defaults; ``size`` counts what is known, in depth.
    """

    cls: Class
    args: tuple[tuple[str, Known], ...]
    left: frozenset[str]
    size: int = field(compare=False)


# What a call site says of an argument wherever it is handed on: a constant, a name of torch's, a class, an object that
# holds such, an instance that was built at a call site itself, and a parameter of the function around, whose default
# is then the declared one.
Known: TypeAlias = Lit | Torch | Class | Free | Holder | CallSite


@dataclass(slots=True)
class World:
    """What all runs of one file share."""

    batches: Batches = field(default_factory=Batches)
    sizes: Sizes = field(default_factory=Sizes)
    declared: dict[Free, tuple[Lit, ir.Node]] = field(default_factory=dict)
    steps: int = 0
    allowance: int = 0  # steps that may have been taken when the exploration at hand ends
    call_sites: dict[CallSite, None] = field(default_factory=dict)
    entered: set[Hashable] = field(default_factory=set)
    facts: dict[Hashable, object] = field(default_factory=dict)  # what could only be one thing, once it was asked for
    built: dict[Hashable, set[tuple[bool, frozenset[tuple[object, ...]]]]] = field(
        default_factory=dict
    )  # recurrent modules, by the class whose instances hold them
    stored: dict[tuple[Class, str], Site] = field(default_factory=dict)  # where an attribute was last assigned
    read: frozenset[str] | None = None  # the attributes of ``reads``, once somebody has asked
    program: ir.Block = ()
    watched: frozenset[ir.Node] = frozenset()  # nodes of which the runs keep what they were
    failures: Failures = field(default_factory=Failures)
    shapes: dict[Hashable, dict[str, set[tuple[int, ...]]]] = field(
        default_factory=dict
    )  # of tensors handed to functions

    def reads(self, attribute: str) -> bool:
        """Whether the file reads an attribute of that name anywhere."""
        if self.read is None:
            self.read = attributes_read(self.program)
        return attribute in self.read


@dataclass(slots=True)
class Base:
    """The state of the module once its top level has run; every other run starts from a copy."""

    names: dict[str, Value] = field(default_factory=dict)
    heap: Heap = field(default_factory=Heap)
    classes: dict[Hashable, ClassInfo] = field(default_factory=dict)
    scopes: tuple[tuple[dict[str, Value], int | None], ...] = ()  # of activations that are over, seen by closures
    borrows: bool = False  # names from what another file or cell binds: by a star import, or it imports nothing
    star_modules: tuple[Value, ...] = ()
    instances: dict[int, CallSite] = field(default_factory=dict)  # how the instances on the heap were built
