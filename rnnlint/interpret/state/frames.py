"""The activations of a program's functions, its classes, and the state in which a run begins and works."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from rnnlint.axes.states import Given
from rnnlint.frozen import dataclass
from rnnlint.interpret.state.fresh_tensors import Filling
from rnnlint.interpret.state.heap import FOREIGN, Heap, Snapshot, join_names
from rnnlint.interpret.state.journal import ABSENT, Ask, Journal
from rnnlint.interpret.state.known import CallSite
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Class, Free, Function, Torch, Value
from rnnlint.values.heap_cells import DictCell


@dataclass(slots=True, eq=False)
class Frame:
    """One activation: its names, the scope around it, and where its paths have ended."""

    names: dict[str, Value]
    scope: int  # of the names around
    function: Hashable = None
    owner: Class | None = None  # the class whose method this is
    receiver: Value | None = None
    is_class: bool = False
    own: int | None = None  # its names as a scope, once a function was defined in it
    copied: Frame | None = None  # the activation whose names these were, of a comprehension
    yielded: Value | None = None  # the list of what a generator has yielded
    outer: set[str] = field(default_factory=set)  # names that are bound outside it
    returns: list[tuple[Value, Snapshot]] = field(default_factory=list)
    breaks: list[Snapshot] = field(default_factory=list)
    continues: list[Snapshot] = field(default_factory=list)

    def copy(self) -> Frame:
        """An activation with the same names, of which no other sees what it binds: that of a comprehension."""
        return Frame(dict(self.names), self.scope, self.function, self.owner, self.receiver, copied=self.copied or self)


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
                # what tests a model is none (unittest's, and what others make of it), and neither is a tuple
                case Free(key) if not key.endswith(("TestCase", "NamedTuple")):
                    return True
    return False


Scope = tuple[dict[str, Value], int | None]
"""Names, and the number of the scope around them: None around the names of a file."""


@dataclass(frozen=True, slots=True)
class Borrowed:
    """What a file takes from elsewhere without naming it: by a star import, or since it is pasted into what imports.

    ``anywhere``: names that another file or cell binds, nobody knows which; ``stars`` are modules of torch's.
    """

    anywhere: bool = False
    stars: tuple[Value, ...] = ()


@dataclass(slots=True)
class Base:
    """The state of the program once the top level of its files has run; every other run starts from a copy."""

    heap: Heap = field(default_factory=lambda: Heap({FOREIGN: DictCell(())}))
    classes: dict[Hashable, ClassInfo] = field(default_factory=dict)
    scopes: tuple[Scope, ...] = ()  # of the files, and of activations that are over, seen by closures
    files: Mapping[str, int] = field(default_factory=dict)  # the scope of each file, by its key
    borrowed: Mapping[int, Borrowed] = field(default_factory=dict)  # by the scope of the file
    instances: dict[int, CallSite] = field(default_factory=dict)  # how the instances on the heap were built
    filled: Mapping[Given, Filling] = field(default_factory=dict)  # what was written into the tensors that these hold

    def names_of(self, key: str) -> Mapping[str, Value]:
        """What a file binds, as far as it has been run."""
        return self.scopes[self.files[key]][0] if key in self.files else {}

    def names(self) -> Iterator[tuple[str, Value]]:
        """What all files bind."""
        return (pair for key in self.files for pair in self.names_of(key).items())

    def definitions(self, keys: Iterable[str]) -> Iterator[tuple[str, str, Value]]:
        """The functions and classes that these files define and bind at their top level, each with its file's key."""
        for key in keys:
            for name, value in self.names_of(key).items():
                if isinstance(value, (Function, Class)) and _file_of(self.scopes, value.scope) == self.files[key]:
                    yield key, name, value


class Classes(dict[Hashable, ClassInfo]):
    """The classes of the file, by their nodes; what one binds is asked for as ``classes[node]``."""

    __slots__ = ("_journal",)

    def __init__(self, classes: Mapping[Hashable, ClassInfo], journal: Journal) -> None:
        super().__init__(classes)
        self._journal = journal

    def __getitem__(self, node: Hashable) -> ClassInfo:
        info = super().__getitem__(node)
        self._journal.asked(Ask.CLASS, node, info)
        return info


class State:
    """What the analysed program has bound, built and stored on the path that is taken."""

    def __init__(self, base: Base, journal: Journal) -> None:
        self._journal = journal
        self.before: Mapping[int, object] = base.heap  # before anything was run
        self.heap = Heap(base.heap, journal)
        self.scopes: list[Scope] = _apart(base.scopes)
        self.files = dict(base.files)
        self._borrowed = dict(base.borrowed)
        self.borrowed: tuple[Hashable, ...] = tuple(self._borrowed.items())  # all of it, to tell runs apart
        self.classes = Classes(base.classes, journal)
        self.instances = dict(base.instances)

    def base(self, filled: Mapping[Given, Filling]) -> Base:
        """The state for others to start from, where tensors are ``filled`` so."""
        classes, instances = dict(self.classes), dict(self.instances)
        scopes = tuple(_apart(self.scopes))
        return Base(Heap(self.heap), classes, scopes, dict(self.files), dict(self._borrowed), instances, dict(filled))

    # --- files -------------------------------------------------------------------------------------------------------

    def open(self, key: str, borrows: bool) -> int:
        """A file begins to run: the number of its scope."""
        number = self.files[key] = len(self.scopes)
        self.scopes.append(({}, None))
        self._borrows(number, Borrowed(borrows))
        return number

    def take(self, frame: Frame, star: Value | None) -> None:
        """The file takes all names of a module of torch's; or of one that is not known."""
        self._journal.spoil()  # what a name can be is another question from here on
        number = _file_of(self.scopes, frame.scope)
        known = self._borrowed.get(number, _NOTHING)
        more = replace(known, anywhere=True) if star is None else replace(known, stars=(*known.stars, star))
        self._borrows(number, more)

    def take_as(self, frame: Frame, key: str) -> None:
        """The file takes what another one of the project takes from elsewhere."""
        borrowed = self._borrowed.get(self.files[key], _NOTHING)
        if borrowed != _NOTHING:
            self._journal.spoil()
            number = _file_of(self.scopes, frame.scope)
            known = self._borrowed.get(number, _NOTHING)
            self._borrows(number, Borrowed(known.anywhere or borrowed.anywhere, (*known.stars, *borrowed.stars)))

    def _borrows(self, number: int, borrowed: Borrowed) -> None:
        self._borrowed[number] = borrowed
        self.borrowed = tuple(self._borrowed.items())

    def borrowed_by(self, frame: Frame) -> Borrowed:
        """What the file of an activation takes from elsewhere."""
        return self._borrowed.get(_file_of(self.scopes, frame.scope), _NOTHING)

    def names_of(self, key: str) -> Mapping[str, Value] | None:
        """What a file binds; None where it has not been run."""
        return self.scopes[self.files[key]][0] if key in self.files else None

    def of_file(self, key: str, name: str) -> Value | None:
        """What a name of another file holds, where that has been run."""
        number = self.files.get(key)
        if number is None:
            return None
        value = self.scopes[number][0].get(name)
        self._journal.asked(Ask.NAME, (number, name), ABSENT if value is None else value)
        return value

    def file_of(self, frame: Frame) -> str | None:
        """The key of the file whose function or top level an activation is of."""
        number = _file_of(self.scopes, frame.scope)
        return next((key for key, scope in self.files.items() if scope == number), None)

    # --- names -------------------------------------------------------------------------------------------------------

    def scope_of(self, frame: Frame) -> int:
        """The scope that functions defined in the frame see."""
        if frame.is_class:
            return frame.scope
        if frame.own is None:
            self._journal.spoil()  # another run has other scopes under its numbers
            frame.own = len(self.scopes)
            self.scopes.append((frame.names, frame.scope))
        return frame.own

    def lookup(self, frame: Frame, name: str) -> Value | None:
        """What a name holds, in the frame or around it."""
        value = frame.names.get(name)
        if value is not None:
            if self._journal.now is not None:
                self.found(frame, name, value)
            return value
        self._absent(frame, name)
        value = self.around(frame.scope, name)
        self._journal.asked(Ask.NAME, (frame.scope, name), ABSENT if value is None else value)
        return value

    def found(self, frame: Frame, name: str, value: Value) -> None:
        """A name of a function was found to hold a value."""
        now = self._journal.now
        if now is not None and now.frame is not None:
            copied = frame.copied
            if now.frame is frame or (copied is not None and now.frame is copied and copied.names.get(name) is value):
                now.ask(self._journal.questions[Ask.LOCAL, name], value)

    def _absent(self, frame: Frame, name: str) -> None:
        """A function has no name of its own, or none yet."""
        now = self._journal.now
        if now is not None and now.frame is not None and now.frame in (frame, frame.copied):
            now.ask(self._journal.questions[Ask.LOCAL, name], ABSENT)

    def bind(self, frame: Frame, name: str, value: Value) -> None:
        """A name of a function holds a value."""
        if self._journal.now is not None:
            self._changes(frame, name)
        frame.names[name] = value

    def unbind(self, frame: Frame, name: str) -> None:
        """A name of a function holds nothing any more."""
        self._changes(frame, name)
        frame.names.pop(name, None)

    def _changes(self, frame: Frame, name: str) -> None:
        now = self._journal.now
        if now is not None and now.frame is frame:
            now.change(self._journal.questions[Ask.LOCAL, name], frame.names.get(name, ABSENT))

    def around(self, scope: int | None, name: str) -> Value | None:
        """What a name holds in a scope or around it."""
        while scope is not None:
            names, scope = self.scopes[scope]
            if name in names:
                return names[name]
        return None

    def build(self, cell: int, site: CallSite) -> None:
        """An instance is built as a call site says."""
        self._journal.did("state", "build", cell, site)
        self._journal.changes(Ask.INSTANCE, cell, self.instances.get(cell))
        self.instances[cell] = site

    def instance(self, cell: int) -> CallSite | None:
        """How an instance was built."""
        site = self.instances.get(cell)
        self._journal.asked(Ask.INSTANCE, cell, site)
        return site

    def define(self, node: Hashable, info: ClassInfo) -> None:
        """A class of the file is made."""
        self._journal.spoil()  # what it binds may see the names of the call at hand
        self.classes[node] = info

    def bind_outside(self, frame: Frame, name: str, value: Value) -> None:
        """Bind a name in the scope around that has it; what it was stays possible, as branches do not see outside."""
        self._journal.spoil()
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
        self._journal.undo()  # names are what they were, whether or not anything was written to the heap
        self.heap.back(snapshot.heap)
        _replace(frame.names, snapshot.names)

    def join(self, frame: Frame, snapshots: Sequence[Snapshot]) -> None:
        """Everything is what holds whichever of the paths was taken."""
        self._journal.undo()
        names = join_names(snapshots)
        self.heap.meet([snapshot.heap for snapshot in snapshots])
        _replace(frame.names, names)


_NOTHING = Borrowed()


def _file_of(scopes: Sequence[Scope], scope: int) -> int:
    """The scope of the file that a scope is in."""
    around = scopes[scope][1]
    while around is not None:
        scope, around = around, scopes[around][1]
    return scope


def _apart(scopes: Iterable[Scope]) -> list[Scope]:
    """The same scopes, of which those of files may be changed: no other run sees what ``global`` binds there."""
    return [(dict(names), None) if around is None else (names, around) for names, around in scopes]


def _replace(names: dict[str, Value], others: Mapping[str, Value]) -> None:
    """In place: closures see the same dict."""
    names.clear()
    names.update(others)
