"""One run of a function in one configuration: names, heap, assumptions, and what happens."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import prod
from typing import NoReturn

from rnnlint.axes import meaning
from rnnlint.axes import results as layout
from rnnlint.axes.states import Block, Call, Given, Raises, Result, States, Unknown, blocks, shape
from rnnlint.events import Event, Read, Site, Used
from rnnlint.interpret.arithmetic import compute
from rnnlint.interpret.limits import LIMITS
from rnnlint.interpret.memory import Snapshot
from rnnlint.interpret.sizes import Sizes
from rnnlint.source import program as ir
from rnnlint.torch_api.context import Need, TorchRaises
from rnnlint.values.domain import (
    Along,
    Cell,
    Class,
    DictCell,
    Either,
    Formless,
    Free,
    Items,
    ListCell,
    Lit,
    ObjectCell,
    Packed,
    Recurrent,
    RecurrentCell,
    Ref,
    SizeOf,
    Tensor,
    Value,
    either,
)

Assumptions = Mapping[Hashable, object]


class OutOfBudget(Exception):
    """The run has done all it may do."""


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


@dataclass(frozen=True, slots=True)
class CallSite:
    """An instantiation of a class of the file: its arguments, as far as they are constants."""

    cls: Class
    args: tuple[tuple[str, Lit], ...]
    open_args: frozenset[str]  # passed, but not a constant


@dataclass(slots=True)
class World:
    """What all runs of one file share."""

    sizes: Sizes = field(default_factory=Sizes)
    declared: dict[Free, tuple[Lit, ir.Node]] = field(default_factory=dict)
    steps: int = 0
    allowance: int = 0  # steps that may have been taken when the exploration at hand ends
    call_sites: dict[CallSite, None] = field(default_factory=dict)
    entered: set[Hashable] = field(default_factory=set)
    facts: dict[Hashable, object] = field(default_factory=dict)  # what could only be one thing, once it was asked for
    shapes: dict[Hashable, dict[str, set[tuple[int, ...]]]] = field(
        default_factory=dict
    )  # of tensors handed to functions


@dataclass(slots=True)
class Base:
    """The state of the module once its top level has run; every other run starts from a copy."""

    names: dict[str, Value] = field(default_factory=dict)
    heap: dict[int, Cell] = field(default_factory=dict)
    classes: dict[Hashable, ClassInfo] = field(default_factory=dict)
    star_import: bool = False
    star_modules: tuple[Value, ...] = ()


class Run:
    """A :class:`rnnlint.torch_api.context.Context`."""

    def __init__(self, world: World, base: Base, assumptions: Assumptions) -> None:
        self.world = world
        self.assumptions = assumptions
        self.heap = dict(base.heap)
        self.scopes: list[tuple[dict[str, Value], int | None]] = [(dict(base.names), None)]
        self.classes = dict(base.classes)
        self.star_import = base.star_import
        self.star_modules = list(base.star_modules)
        self.events: list[Event] = []
        self.reached: set[ir.Node] = set()
        self.unknown: dict[str, int] = {}
        self.budget = self._allowed = max(0, min(LIMITS.steps, world.allowance - world.steps))
        self.depth = 0
        self.path: tuple[int, ...] = ()
        self.forcing = False  # a condition is evaluated on which depends what module is built
        self.stack: list[tuple[Hashable, Hashable]] = []  # functions being run, and where each was called
        self.written: ir.Call | None = None  # the call being made, if its arguments are spelled out
        self._place: tuple[ir.Node | None, str, tuple[tuple[Lit | None, ...], ...]] = (None, "", ())
        self._site: Site | None = None
        self._cells = max(self.heap, default=0)
        self._modules: dict[Call, Recurrent] = {}
        self._call_sites: dict[Call, Site] = {}
        self._carried: set[object] = set()
        self._uses: dict[Call, list[Used]] = {}
        self._made_by: dict[object, RecurrentCell] = {}

    # --- budget, place, memory ---------------------------------------------------------------------------------------

    def account(self) -> None:
        """The run is over, however it ended: its steps count for the file."""
        self.world.steps += self._allowed - self.budget

    @property
    def site(self) -> Site:
        if self._site is None:
            self._site = Site(*self._place)
        return self._site

    def at(
        self, node: ir.Node, op: str, bounds: tuple[tuple[Lit | None, ...], ...] = (), subject: Value | None = None
    ) -> None:
        """From here on, what happens happens at this node.

        A node whose ``subject`` is not known does not count as reached: it can speak neither for a finding nor against.
        """
        self._place = (node, op, bounds)
        self._site = None  # made when it is asked for: most places are passed without a word
        if not isinstance(subject, Unknown | Free):
            self.reached.add(node)

    def resume(self, site: Site) -> None:
        """Back to a place, after something inside it."""
        self._site = site

    def module(self, call: Call) -> Recurrent | None:
        return self._modules.get(call)

    def cell_of(self, states: States) -> RecurrentCell | None:
        """The nn.GRUCell or nn.RNNCell whose result a tensor is."""
        return next((self._made_by[block.source] for block in blocks(states) if block.source in self._made_by), None)

    def remember_cell(self, source: Given, cell: RecurrentCell) -> None:
        self._made_by[source] = cell

    def new_cell(self, cell: Cell) -> Ref:
        self._cells += 1  # never reused: what one arm of a branch made must not be taken for what the other made
        self.heap[self._cells] = cell
        return Ref(self._cells)

    def scope_of(self, frame: Frame) -> int:
        """The scope that functions defined in the frame see."""
        if frame.is_class:
            return frame.scope
        if frame.own is None:
            frame.own = len(self.scopes)
            self.scopes.append((frame.names, frame.scope))
        return frame.own

    def lookup(self, frame: Frame, name: str) -> Value | None:
        if name in frame.names:
            return frame.names[name]
        scope: int | None = frame.scope
        while scope is not None:
            names, scope = self.scopes[scope]
            if name in names:
                return names[name]
        return None

    def snapshot(self, frame: Frame) -> Snapshot:
        return Snapshot(dict(frame.names), dict(self.heap))

    def restore(self, frame: Frame, snapshot: Snapshot) -> None:
        frame.names.clear()
        frame.names.update(snapshot.names)
        self.heap = dict(snapshot.heap)

    def lost(self, reason: str) -> Unknown:
        """A value that is not known; the reason is kept."""
        self.unknown[reason] = self.unknown.get(reason, 0) + 1
        return Unknown(reason)

    # --- events ------------------------------------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def remember(self, call: Call, module: Recurrent, carried: bool) -> None:
        self._modules[call] = module
        self._call_sites.setdefault(call, self.site)
        if carried:
            self._carried.add(call)

    def modules(self, states: States) -> tuple[tuple[Call, Recurrent], ...]:
        found: dict[Call, Recurrent] = {}
        for block in blocks(states):
            if isinstance(block.source, Call) and block.source in self._modules:
                found[block.source] = self._modules[block.source]
        return tuple(found.items())

    def use(self, value: Value, how: str) -> None:
        match value:
            case Tensor(states):
                self._use_states(states, how)
            case Along(states):
                self._use_states(states, "elsewhere")
            case Items(items) | Either(items):
                for item in items:
                    self.use(item, how)
            case Packed(states) if states is not None:
                self._use_states(states, "input" if how == "input" else "elsewhere")
            case Ref(cell):
                self._use_cell(self.heap[cell], how)

    def _use_cell(self, cell: Cell, how: str) -> None:
        if isinstance(cell, ListCell):
            for item in (*cell.items, *(() if cell.rest is None else (cell.rest,))):
                if not isinstance(item, Ref):
                    self.use(item, how)
        elif isinstance(cell, DictCell):
            for _, item in cell.items:
                if not isinstance(item, Ref):
                    self.use(item, how)

    def _use_states(self, states: States, how: str) -> None:
        modules = self.modules(states)
        if not modules and how != "input":
            return
        event = Used(states, how, self.site, modules, self._carried_in(states))
        self.events.append(event)
        for call, _ in modules:
            self._uses.setdefault(call, []).append(event)

    def _carried_in(self, states: States) -> frozenset[Call]:
        return frozenset(block.source for block in blocks(states) if block.source in self._carried)  # type: ignore[misc]

    def finish(self) -> None:
        """The run is over: say for every call what became of it."""
        for call, uses in self._uses.items():
            final = tuple(replace(used, carried=self._carried_in(used.states)) for used in uses)
            self.events.append(Read(call, self._modules[call], final, self._call_sites[call]))

    # --- facts the file may leave open -------------------------------------------------------------------------------

    def integer(self, value: Value | None) -> int | None:
        match value:
            case Lit(bool()):
                return int(value.value)  # type: ignore[arg-type]
            case Lit(int() as number):
                return number
            case Lit(float() as number) if number == int(number):
                return int(number)
            case Free():
                return self._open_number(value)
        return None

    def _open_number(self, value: Free) -> int | None:
        for key in (("int", value), ("equal", value)):
            if key in self.assumptions:
                assumed = self.assumptions[key]
                return assumed if isinstance(assumed, int) else None
        if value.form is None:
            return self.world.sizes.of(value)
        op, left, right = value.form
        operands = self.integer(left), self.integer(right)
        if operands[0] is None or operands[1] is None:
            return None
        result = compute(op, operands[0], operands[1])
        if isinstance(result, float) and result == result // 1:
            result = int(result)
        if not isinstance(result, int):
            return None
        origins = frozenset().union(*(self.origins(side) for side in (left, right)))
        self.world.sizes.note(Lit(result, origins))
        return result

    def origins(self, value: Value | None) -> frozenset[Hashable]:
        """Where a number comes from."""
        if isinstance(value, Lit):
            return value.origins
        if isinstance(value, Free):
            if value.form is None:
                return frozenset({value})
            return self.origins(value.form[1]) | self.origins(value.form[2])
        return frozenset()

    def literal(self, value: Value | None) -> Lit | None:
        """A number with its origins."""
        number = self.integer(value)
        return None if number is None else Lit(number, self.origins(value))

    def flag(self, value: Value, force: bool = False) -> bool | None:
        match value:
            case Lit():
                declared = self._declared(value)
                if declared is not None and isinstance(value.value, bool):
                    return self._assumed(("truth", declared), (value.value, not value.value), force)
                if any(isinstance(origin, Free) for origin in value.origins) and type(value.value) in (int, float):
                    return None if declared is None or ("int", declared) not in self.assumptions else bool(value.value)
                return bool(value.value)
            case Free(form=None):
                return self._assumed(("truth", value), (False, True), force)
            case Items(items):
                return bool(items)
            case Ref(cell):
                content = self.heap[cell]
                if isinstance(content, ListCell):
                    return None if content.rest is not None else bool(content.items)
                if isinstance(content, DictCell):
                    return None if content.open else bool(content.items)
                return True
            case Either(options):
                answers = {self.flag(option, force) for option in options}
                return answers.pop() if len(answers) == 1 else None
            case Unknown() | Tensor() | Formless() | Free():
                return None
        return True

    def _declared(self, value: Lit) -> Free | None:
        """The parameter whose declared default a literal is."""
        for origin in value.origins:
            if isinstance(origin, Free) and origin in self.world.declared and len(value.origins) == 1:
                return origin
        return None

    def _assumed(self, key: Hashable, options: tuple[object, ...], force: bool) -> bool | None:
        """An open truth: explored both ways where a module is built from it (``force``), else both at once."""
        if key in self.assumptions:
            return bool(self.assumptions[key])
        if force or self.forcing:
            raise Need(key, options)
        return None

    def is_none(self, value: Value) -> bool | None:
        match value:
            case Lit(None):
                return True
            case Free(form=None):
                return self._assumed(("is None", value), (False, True), False)
            case Either(options):
                answers = {self.is_none(option) for option in options}
                return answers.pop() if len(answers) == 1 else None
            case Unknown():
                return None
        return False

    def within(self, value: Value, text: str) -> bool | None:
        """``value in text`` for a constant text that steers the program."""
        free = value if isinstance(value, Free) else self._declared(value) if isinstance(value, Lit) else None
        default = isinstance(value, Lit) and isinstance(value.value, str) and value.value in text
        if free is not None:
            return self._assumed(("in", free, text), (default, not default), False)
        return default if isinstance(value, Lit) and isinstance(value.value, str) else None

    def equals(self, value: Value, other: Lit) -> bool | None:
        """``value == other`` for a constant that steers the program."""
        free = value if isinstance(value, Free) else self._declared(value) if isinstance(value, Lit) else None
        if free is not None and isinstance(other.value, str):
            if ("choice", free) in self.assumptions:
                return self.assumptions["choice", free] == other.value
            default = value.value == other.value if isinstance(value, Lit) else False
            return self._assumed(("==", free, other.value), (default, not default), False)
        if isinstance(value, Lit) and type(value.value) is type(other.value):
            frees = [origin for origin in value.origins | other.origins if isinstance(origin, Free)]
            if value.origins != other.origins and any(("int", free) not in self.assumptions for free in frees):
                return None if type(value.value) in (int, float) else value.value == other.value
            return value.value == other.value
        return None

    def layers(self, value: Value) -> Lit | None:
        declared = self._declared(value) if isinstance(value, Lit) else None
        free = value if isinstance(value, Free) and value.form is None else declared
        if free is not None and ("int", free) not in self.assumptions:
            first = (value.value,) if isinstance(value, Lit) else ()
            raise Need(("int", free), (*first, *(n for n in (1, 2, 3) if n not in first)))
        return self.literal(value)

    def choice(self, value: Value, options: tuple[str, ...]) -> str | None:
        if isinstance(value, Lit):
            declared = self._declared(value)
            if declared is None or value.value not in options:
                return value.value if value.value in options else None
            first: tuple[object, ...] = (value.value,)
        elif isinstance(value, Free) and value.form is None:
            declared, first = value, ()
        else:
            return None
        if ("choice", declared) in self.assumptions:
            chosen = self.assumptions["choice", declared]
            return chosen if isinstance(chosen, str) else None
        ordered = (*first, *(option for option in options if option not in first))
        agreed = [o for o in ordered if self.assumptions.get(("==", declared, o)) is True]
        open_ = [o for o in ordered if self.assumptions.get(("==", declared, o)) is not False]
        raise Need(("choice", declared), tuple(agreed or open_ or ordered))

    def parameter(self, free: Free, default: Lit | None, node: ir.Node) -> Value:
        """What a parameter holds when no call site says it."""
        for key in (("int", free), ("equal", free)):
            if key in self.assumptions:
                return Lit(self.assumptions[key], frozenset({free}))  # type: ignore[arg-type]
        if ("rank", free) in self.assumptions:
            return self._ranked(free)
        if default is None or default.value is None:
            return free
        self.world.declared.setdefault(free, (default, node))
        for fact in (("truth", free), ("choice", free)):
            if fact in self.assumptions:
                return Lit(self.assumptions[fact], frozenset({free}))  # type: ignore[arg-type]
        return Lit(default.value, frozenset({free}))

    def _ranked(self, free: Free) -> Tensor:
        rank = self.assumptions["rank", free]
        assert isinstance(rank, int)
        sizes = tuple(self.world.sizes.of((free, axis), frozenset({(free, axis)})) for axis in range(rank))
        sizes = tuple(self._alias((free, axis), size) for axis, size in enumerate(sizes))
        return Tensor(layout.given(Given(free, sizes)))

    def _alias(self, key: Hashable, size: int) -> int:
        aliased = self.assumptions.get(("size", key), size)
        return aliased if isinstance(aliased, int) else size

    def generic(self, key: Hashable) -> int:
        return self._alias(key, self.world.sizes.of(key))

    def number(self, value: int) -> Lit:
        return Lit(value, self.world.sizes.origins(value))

    def free_of(self, number: int) -> frozenset[Hashable]:
        return frozenset(o for o in self.world.sizes.origins(number) if not isinstance(o, ir.Node))

    def certain(self, a: int, b: int) -> bool:
        return self.free_of(a) == self.free_of(b)

    def certainly(self, sizes: tuple[int, ...], extents: tuple[int, ...]) -> bool:
        asked, own = (frozenset().union(*map(self.free_of, numbers)) for numbers in (sizes, extents))
        return asked == own

    # --- tensors -----------------------------------------------------------------------------------------------------

    def tensor(self, value: Value) -> Tensor | Formless | Unknown:
        match value:
            case Tensor() | Formless() | Unknown():
                return value
            case Free():
                return self._ranked(value) if ("rank", value) in self.assumptions else Formless(value)
            case Lit(int() | float()):
                return Tensor(Block(Given("number", ()), layout.given(Given("", ())).kind, ()))
        return Unknown(f"a {type(value).__name__.lower()} is no tensor")

    def rank(self, tensor: Formless, rank: int) -> NoReturn:
        needed = rank - tensor.change
        if needed < 0 or ("rank", tensor.root) in self.assumptions:
            raise TorchRaises("RuntimeError", f"a tensor of {needed} dimensions")
        raise Need(("rank", tensor.root), (needed,))

    def settle(self, result: Result) -> Value:
        match result:
            case Raises(error, text):
                raise TorchRaises(error, text)
            case Unknown(reason):
                return self.lost(reason)
        return Tensor(meaning.mark(result, self.site))

    def unify(self, sizes: tuple[int, ...], states: States) -> None:
        """Sizes of a view that do not fit: an open size in them must equal one of the tensor's own."""
        own = shape(states)
        mine = frozenset().union(*(self.free_of(size) for size in own)) if own else frozenset()
        for size in sizes:
            foreign = [o for o in self.free_of(size) if o not in mine and isinstance(o, Free) and o.form is None]
            if size < 0 or len(foreign) != 1 or self._sized(foreign[0]):
                continue
            if self.world.sizes.of(foreign[0]) != size:
                continue
            options = tuple(dict.fromkeys(extent for extent in own if extent > 1))
            fitting = tuple(o for o in options if _fits(own, tuple(o if s == size else s for s in sizes)))
            if fitting:
                raise Need(("equal", foreign[0]), fitting)
        self._fit_axis(sizes, own)

    def _fit_axis(self, sizes: tuple[int, ...], own: tuple[int, ...]) -> None:
        """One open axis of a given tensor takes the extent with which a view without -1 fits."""
        if -1 in sizes:
            return
        asked, total = prod(sizes), prod(own)
        asked_of = frozenset().union(*map(self.free_of, sizes))
        open_axes = frozenset().union(*map(self.free_of, own)) - asked_of
        for size, key in sorted(((self.world.sizes.of(key), key) for key in open_axes), key=lambda pair: pair[0]):
            if isinstance(key, Free) or ("size", key) in self.assumptions or total % size:
                continue
            rest = total // size
            if rest and asked % rest == 0 and asked // rest > 1:
                raise Need(("size", key), (asked // rest,))

    def equate(self, size: int, extent: int) -> None:
        foreign = [origin for origin in self.free_of(size) if isinstance(origin, Free) and origin.form is None]
        if len(foreign) == 1 and not self._sized(foreign[0]) and self.world.sizes.of(foreign[0]) == size:
            raise Need(("equal", foreign[0]), (extent,))

    def _sized(self, free: Free) -> bool:
        return ("int", free) in self.assumptions or ("equal", free) in self.assumptions

    def each(self, values: tuple[Value, ...], operate: Callable[[tuple[Value, ...]], Value]) -> Value:
        for index, value in enumerate(values):
            if isinstance(value, Either):
                if len(value.options) > LIMITS.options:
                    for operand in values:
                        self.use(operand, "elsewhere")
                    return self.lost("too many possibilities meet in an operation")
                return self.one_of(value.options, partial(self._with_option, values, index, operate))
        return operate(values)

    def _with_option(
        self, values: tuple[Value, ...], index: int, operate: Callable[[tuple[Value, ...]], Value], option: Value
    ) -> Value:
        return self.each((*values[:index], option, *values[index + 1 :]), operate)

    def one_of(self, options: Sequence[Value], operate: Callable[[Value], Value]) -> Value:
        """An operation on one of several values; those on which it raises are not what the program meets."""
        results: list[Value] = []
        raised: TorchRaises | None = None
        site, said = self.site, len(self.events)
        wrong: list[Event] = []
        for option in options:
            self._site, before = site, len(self.events)
            try:
                results.append(operate(option))
            except TorchRaises as error:
                raised = error
                wrong += self.events[before:]
                del self.events[before:]
        if not results and raised is not None:
            self.events[said:] = wrong
            raise raised
        return either(tuple(results))

    def occurrence(self) -> Hashable:
        return (self.site.node, self.path, tuple(place for _, place in self.stack))

    def spelling(self) -> tuple[tuple[str | None, str | None], ...]:
        if self.written is None:
            return ()
        return tuple((a.keyword, _written_name(a.value)) for a in self.written.args)

    # --- containers --------------------------------------------------------------------------------------------------

    def new_list(self, items: tuple[Value, ...], rest: Value | None = None) -> Ref:
        return self.new_cell(ListCell(items, rest))

    def new_dict(self) -> Ref:
        return self.new_cell(DictCell(()))

    def values_of(self, value: Value) -> tuple[Value, ...] | None:
        content = self.heap[value.cell] if isinstance(value, Ref) else None
        if isinstance(content, DictCell):
            return None if content.open else tuple(item for _, item in content.items)
        return self.elements(value)

    def elements(self, value: Value) -> tuple[Value, ...] | None:
        match value:
            case Items(items):
                return items
            case Ref(cell):
                content = self.heap[cell]
                if isinstance(content, ListCell) and content.rest is None:
                    return content.items
                if isinstance(content, DictCell) and not content.open:
                    return tuple(Lit(key) for key, _ in content.items)  # type: ignore[arg-type]
        return None

    def element(self, value: Value) -> Value:
        known = self.elements(value)
        if known is not None:
            return either(known) if known else Unknown("an empty sequence")
        if isinstance(value, Ref):
            content = self.heap[value.cell]
            if isinstance(content, ListCell) and content.rest is not None:
                return either((*content.items, content.rest))
        if isinstance(value, Either):
            return either(tuple(self.element(option) for option in value.options))
        if isinstance(value, Free):
            return Free(f"{value.key}[...]", value.owner)
        return Unknown("an element of something that is not followed")

    def axis_of(self, tensor: Formless, size: int) -> int | None:
        for origin in self.world.sizes.origins(size):
            match origin:
                case (root, change, int() as axis) if root == tensor.root and change == tensor.change:
                    return axis
        return None

    def object(self, value: Value) -> ObjectCell | None:
        if isinstance(value, Ref):
            cell = self.heap[value.cell]
            if isinstance(cell, ObjectCell):
                return cell
        return None

    def size_of(self, value: SizeOf, axis: int) -> Lit:
        """One extent of a formless tensor's shape."""
        key = (value.of.root, value.of.change, axis)
        return Lit(self.generic(key), frozenset({key}))


def _written_name(node: ir.Expr) -> str | None:
    return node.id if isinstance(node, ir.Name) else node.attr if isinstance(node, ir.Attribute) else None


def _fits(own: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    total, asked = 1, 1
    for extent in own:
        total *= extent
    for size in sizes:
        asked *= 1 if size == -1 else size
    return asked != 0 and (total % asked == 0 if -1 in sizes else total == asked)
