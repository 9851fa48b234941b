"""One run of a function in one configuration: names, heap, assumptions, and what happens."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from rnnlint.axes import results
from rnnlint.axes.reading import meaning
from rnnlint.axes.states import Block, Call, Given, Kind, Note, Order, Raises, Result, Source, States, Unknown, blocks
from rnnlint.events import (
    Called,
    Ended,
    Event,
    Evidence,
    Handed,
    Joining,
    PackedRead,
    PairRead,
    Read,
    ResultRead,
    Site,
    Sorted,
    Squeezed,
    Unfit,
    Used,
)
from rnnlint.interpret.state.containers import Containers
from rnnlint.interpret.state.evidence import Layouts, completed, doubted, in_doubt
from rnnlint.interpret.state.facts import Assumptions
from rnnlint.interpret.state.fresh_tensors import Made
from rnnlint.interpret.state.heap import Heap, Snapshot
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.loops import Loops, Step, Steps, sources
from rnnlint.interpret.state.naming import Names
from rnnlint.interpret.state.sorted_batches import Sorts
from rnnlint.interpret.state.world import Base, Frame, OutOfBudget, World, is_module
from rnnlint.source import program as ir
from rnnlint.torch_api.context import LOSS, Need, TorchRaises
from rnnlint.values.domain import (
    Along,
    Bound,
    Cell,
    Chain,
    Class,
    DictCell,
    Either,
    Free,
    Items,
    ListCell,
    Lit,
    Packed,
    Recurrent,
    RecurrentCell,
    Ref,
    Tensor,
    Value,
    either,
)
from rnnlint.values.origins import Fresh, Memory
from rnnlint.values.uses import Use

_BUILT = (Recurrent, RecurrentCell, Chain)
_HOLDING = (Unknown, Items, Either, Chain, Bound, Ref)  # what other values may be in; most values hold none
_ON = frozenset({Use.RETURN, Use.RESULT, Use.ATTRIBUTE, Use.INITIAL_STATE, Use.ELSEWHERE})


class Run(Containers):
    """A :class:`rnnlint.torch_api.context.Context`."""

    def __init__(self, world: World, base: Base, assumptions: Assumptions) -> None:
        super().__init__(world, assumptions, Heap(base.heap, dict(base.heap.made)))
        self.scopes: list[tuple[dict[str, Value], int | None]] = [(dict(base.names), None), *base.scopes]
        self.classes = dict(base.classes)
        self.start: Mapping[int, Cell] = base.heap
        self.instances = dict(base.instances)
        self.borrows = base.borrows
        self.star_modules = list(base.star_modules)
        self.events: list[Event] = []
        self.reached: set[ir.Node] = set()
        self.operands: list[Value] = []  # of the operation that is being run
        self.unknown: dict[tuple[str, Hashable], int] = {}  # why something that came of an RNN was lost, and where
        self.budget = self._allowed = max(0, min(LIMITS.steps, world.allowance - world.steps))
        self.depth = 0
        self.path: tuple[int, ...] = ()
        self.stack: list[tuple[Hashable, Hashable]] = []  # functions being run, and where each was called
        self.written: ir.Call | None = None  # the call being made, if its arguments are spelled out
        self.statement: ir.Expr | None = None  # the last expression that stands as a statement of its own
        self.loops: Loops = ()
        self.steps = Steps()
        self._place: tuple[ir.Node | None, str, tuple[tuple[Lit | None, ...], ...]] = (None, "", ())
        self._site: Site | None = None
        self._modules: dict[Call, Recurrent] = {}
        self._inputs: dict[Call, States] = {}
        self._call_sites: dict[Call, Site] = {}
        self._carried: set[object] = set()
        self._uses: dict[Call, list[Used]] = {}
        self.modules_built: dict[Hashable, str] = {}  # where, and why not, if it could not be
        self.called: set[Hashable] = set()  # the modules built at these places were
        self._made_by: dict[object, RecurrentCell] = {}
        self._released: set[Unknown] = set()
        self._outermost: set[Call] = set()  # calls made in the function that the run is of
        self.ignored: tuple[str, ...] = ()  # parameters that the function never reads
        self._used: list[Used] = []
        self._sorts = Sorts(world.batches.sorts)
        self.checked: set[Value] = set()
        self.left: frozenset[Free] = frozenset()
        self._layouts = Layouts()
        self.deciding = False  # a condition is evaluated
        self.receivers: dict[int, None] = {}  # the objects whose methods were run
        self.owners: list[Class | None] = []  # the classes whose methods are being run
        self.arms: tuple[int, ...] = ()  # of branches on what is not known
        self.trying = 0  # how many ``try`` with handlers stand around
        self.unhanded: list[tuple[Handed, tuple[Hashable, ...]]] = []  # calls without a state, and those that led there
        self.made = Made()
        self.names = Names()
        self._laid = False  # whether states were laid below each other
        self._apart: set[Hashable] = set()  # the places where that was done, if they stand apart again

    # --- budget, place, memory ---------------------------------------------------------------------------------------

    def account(self) -> None:
        """The run is over, however it ended: its steps count for the file."""
        self.world.steps += self._allowed - self.budget

    def spend_step(self) -> None:
        """One more expression, statement or module of a chain.  Raises OutOfBudget where it is one too many."""
        self.budget -= 1
        if self.budget < 0:
            raise OutOfBudget

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

    @property
    def places(self) -> tuple[Hashable, ...]:
        """Where the calls stand that led here, outermost first."""
        return tuple(place for _, place in self.stack)

    def module(self, call: Call) -> Recurrent | None:
        return self._modules.get(call)

    def padded_again(self, states: States) -> None:
        """What a recurrent call returned is padded: a parameter that was its input as it stands is a PackedSequence.

        Not where the program packs as well, in another arm: it is that call's result which is padded.
        """
        if any(call.packed for call in self._modules):
            return
        for block in blocks(states):
            given = self._inputs.get(block.source) if isinstance(block.source, Call) else None
            if isinstance(given, Block) and isinstance(given.source, Given) and isinstance(given.source.key, Free):
                free = given.source.key
                if isinstance(free.owner, ir.FunctionDef) and given == results.given(given.source):
                    raise Need(("packed", free), (True,))

    def cell_of(self, states: States) -> RecurrentCell | None:
        """The nn.GRUCell or nn.RNNCell whose result a tensor is."""
        return next((self._made_by[block.source] for block in blocks(states) if block.source in self._made_by), None)

    @property
    def in_model(self) -> bool:
        """Whether a method of a module is run: what is made there is made whenever the model runs."""
        return any(is_module(self.classes, owner) for owner in self.owners)

    @property
    def in_forward(self) -> bool:
        """Whether the ``forward`` of a module is run, and nothing is built in it."""
        names = [node.name for node, _ in self.stack if isinstance(node, ir.FunctionDef)]
        return self.in_model and "forward" in names and "__init__" not in names

    def fresh(self, memory: Memory, shape: tuple[int, ...]) -> Given:
        made = Given(Fresh(memory, self.occurrence(), self.site, self.places, self.in_model), shape)
        self.made.born[made] = self.arms
        return made

    def overwrite(self, states: States, memory: Memory) -> None:
        self.made.overwrite(states, memory, self.arms, self.site)

    def memory(self, source: Source) -> Memory | None:
        return self.made.memory(source)

    def filled(self, source: Given) -> Site | None:
        return self.made.filled(source)

    def hand(self, event: Handed) -> None:
        self.events.append(event)
        sites = [source.key.site for source, _ in event.memory if isinstance(source.key, Fresh)]
        self.reached |= {site.node for site in sites if isinstance(site, Site) and isinstance(site.node, ir.Node)}
        if event.state == Lit(None) and event.wanted:
            self.unhanded.append((event, self.places))

    def remember_cell(self, source: Given, cell: RecurrentCell) -> None:
        self._made_by[source] = cell
        self.called.add(cell.site)

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

    def bind_outside(self, frame: Frame, name: str, value: Value) -> None:
        """Bind a name in the scope around that has it; what it was stays possible, as branches do not see outside."""
        scope: int | None = frame.scope
        while scope is not None:
            names, scope = self.scopes[scope]
            if name in names:
                names[name] = either((names[name], value))
                return

    def snapshot(self, frame: Frame) -> Snapshot:
        return Snapshot(dict(frame.names), self.heap.copy())

    def restore(self, frame: Frame, snapshot: Snapshot) -> None:
        frame.names.clear()
        frame.names.update(snapshot.names)
        self.heap = snapshot.heap.copy()

    # --- what is lost ----------------------------------------------------------------------------------------------

    def lost(self, reason: str) -> Unknown:
        """A value that is not known.  Where something that came of a recurrent module went into it, that is kept."""
        if not any(map(self._of_recurrent, self.operands)):
            return Unknown(reason)
        self._lost_at(self.site.node, reason)
        return Unknown(reason, recurrent=True)

    def unfollowed(self, reason: str) -> None:
        """The same of an operation that is not followed, and has a value all the same."""
        self.lost(reason)

    def passed_on(self, value: Value, operands: Sequence[Value], node: ir.Node) -> Value:
        """What an operation made of its operands: not known, it carries on that one of them came of an RNN.

        Where that one has met another that is not known, it is lost to the reason of that other, and here.
        """
        if isinstance(value, Items | Either):
            parts = value.items if isinstance(value, Items) else value.options
            if not any(isinstance(part, Unknown) and not part.recurrent for part in parts):
                return value
            each = tuple(self.passed_on(part, operands, node) if isinstance(part, Unknown) else part for part in parts)
            return replace(value, items=each) if isinstance(value, Items) else Either(each)
        if not isinstance(value, Unknown) or value.recurrent or value.reason == LOSS:
            return value
        if not any(map(self._of_recurrent, operands)):
            return value
        reasons = [reason for operand in operands for reason in self._reasons(operand)]
        if reasons:
            self._lost_at(node, value.reason if value.reason in reasons else reasons[0])
        return replace(value, recurrent=True)

    def _lost_at(self, node: Hashable, reason: str) -> None:
        key = reason, node
        self.unknown[key] = self.unknown.get(key, 0) + 1

    def _of_recurrent(self, value: object) -> bool:
        """Whether a value came of a recurrent module, or is one.

        Modules in a list do not count: it is what holds their parameters.
        """
        if isinstance(value, _HOLDING):
            return any(map(self._is_of_recurrent, self._inside(value, held=True)))
        return self._is_of_recurrent(value)

    def _is_of_recurrent(self, value: object) -> bool:
        match value:
            case Tensor(states) | Along(states):
                return any(isinstance(block.source, Call) or block.source in self._made_by for block in blocks(states))
            case Packed(states, call=call):
                return call is not None or (states is not None and self._is_of_recurrent(Tensor(states)))
            case Unknown():
                return value.recurrent
        return isinstance(value, Recurrent | RecurrentCell)

    def _reasons(self, value: Value) -> Iterator[str]:
        """Why a value, or one in it, is not known, where nothing of an RNN was lost with it."""
        for part in self._inside(value, held=False) if isinstance(value, _HOLDING) else ():
            if isinstance(part, Unknown) and not part.recurrent:
                yield part.reason

    def _inside(self, value: object, held: bool) -> Iterator[object]:
        """A value and those in it, each once, in order: what holds another twice, eighteen times over, is no tree.

        With ``held``, also what an unknown value can be, and what a method is of.  Modules in a list are left out.
        """
        pending = [value]
        seen: set[object] = set()
        while pending:
            one = pending.pop()
            key = one if isinstance(one, Ref) else id(one)
            if key in seen:
                continue
            seen.add(key)
            yield one
            parts: tuple[object, ...] = ()
            match one:
                case Items(items) | Either(items):
                    parts = items
                case Chain(items) if held:
                    parts = items
                case Unknown(held=options) if held:
                    parts = options
                case Bound(receiver) if held:
                    parts = (receiver,)
                case Ref(cell):
                    parts = tuple(part for part in self._parts(self.heap[cell]) if not isinstance(part, _BUILT))
            pending += reversed(parts)

    def _parts(self, cell: Cell) -> tuple[Value, ...]:
        """What a list or a dict holds; lists in it are not looked into."""
        match cell:
            case ListCell(items, rest):
                parts: tuple[Value, ...] = items if rest is None else (*items, rest)
            case DictCell(pairs):
                parts = tuple(part for _, part in pairs)
            case _:
                return ()
        return tuple(part for part in parts if not isinstance(part, Ref))

    # --- orders ----------------------------------------------------------------------------------------------------

    def permuted(self, states: States, order: Order) -> None:
        self._sorts.permuted(states, order)

    def sorting(self) -> None:
        self._sorts.unseen = True

    @property
    def sorted_unseen(self) -> bool:
        return self._sorts.unseen

    @property
    def caught(self) -> bool:
        return self.trying > 0

    # --- events ------------------------------------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def built(self, module: Value) -> None:
        self.modules_built[self.site.node] = module.reason if isinstance(module, Unknown) else ""

    def retract(self, start: int, answered: Callable[[Event], bool] = lambda _: False) -> None:
        """Some path does not raise: that another has modules that do not fit together says that it is not taken.

        So does what a condition on the way has asked about, and ``answered`` says of which events that holds.
        """
        self.events[start:] = [
            event for event in self.events[start:] if not isinstance(event, Unfit) and not answered(event)
        ]

    def withdraw(self, start: int, of_kind: bool = False) -> None:
        """What was said since ``start`` is not so: torch did not raise.  What was used, was used all the same.

        ``of_kind``: only that a tuple is no tensor, or a state of the wrong kind, since the program has tried it and
        goes on with what it can be instead.  That an index never fits stays wrong, caught or not.
        """
        kind = (PairRead, ResultRead, PackedRead, Handed)
        self.events[start:] = [
            event
            for event in self.events[start:]
            if isinstance(event, Used | Read | Ended | Sorted) or (of_kind and not isinstance(event, kind))
        ]

    def rebuild(self, packed: Packed) -> None:
        """A PackedSequence is made of another one's fields: they were asked for by number for that."""
        self.events = [event for event in self.events if not isinstance(event, PackedRead) or event.packed != packed]

    def remember(
        self, call: Call, module: Recurrent, carried: bool, source: States | None = None, handed: bool = False
    ) -> None:
        self.called.add(module.site)
        self._modules[call] = module
        if source is not None:
            self._inputs[call] = source
        self._call_sites.setdefault(call, self.site)
        if self.depth <= 1:
            self._outermost.add(call)
        if carried:
            self._carried.add(call)
        self._layouts.remember(Called(call, module, source, carried or handed, None, self.site), self._function)

    @property
    def _function(self) -> Hashable:
        return self.stack[-1] if self.stack else None

    def show(self, key: Hashable, axis: int, evidence: Evidence) -> None:
        self._layouts.show(key, axis, evidence, self._function)

    def shown(self, key: Hashable, axis: int) -> Evidence | None:
        return self._layouts.shown(key, axis, self._function)

    def one_by_one(self, call: Call) -> bool:
        return self._layouts.one_by_one(call)

    def recur(self, source: Source) -> None:
        self._layouts.recurring.add(source)

    def recurs(self, states: States) -> bool:
        return self._layouts.recurs(states)

    def looked(self, states: States) -> None:
        if self.deciding:
            self.restored(states)

    def restored(self, states: States) -> None:
        marks = (mark for block in blocks(states) for mark in block.marks)
        self._layouts.looked |= {
            mark.site.node for mark in marks if mark.about is Note.SQUEEZED and isinstance(mark.site, Site)
        }

    def meant(self, states: States) -> None:
        sites = {mark.site for block in blocks(states) for mark in block.marks if mark.about is Note.CELLS}
        for place, event in enumerate(self.events) if sites else ():
            if isinstance(event, PairRead) and event.index == -1 and event.site in sites:
                self.events[place] = replace(event, meant=True)

    def counted(self, size: int) -> None:
        """A condition asks whether a size that the file leaves open is one."""
        if self.deciding and self.free_of(size):
            self._layouts.ones.add(size)

    def modules(self, states: States) -> tuple[tuple[Call, Recurrent], ...]:
        found: dict[Call, Recurrent] = {}
        for block in blocks(states):
            if isinstance(block.source, Call) and block.source in self._modules:
                found[block.source] = self._modules[block.source]
        return tuple(found.items())

    def step(self, module: Recurrent | RecurrentCell, inputs: Value, state: Value, made: Call | Given) -> None:
        self.steps.hand(state, module, self.loops, made, self.site, self.places)
        if not self.loops or not self.spelling() or not isinstance(inputs, Tensor):
            self.steps.elsewhere.add(self.site.node)
            return
        self.steps.calls.setdefault(self.site, []).append(Step(module, inputs.states, state, self.loops, made))

    def turn(self, number: int) -> None:
        """The innermost loop goes round for the ``number``-th time."""
        *outer, loop = self.loops
        self.loops = (*outer, replace(loop, round=number))

    def write(self, value: Value) -> None:
        """Something is written into a tensor."""
        self.steps.overwritten.update(sources(value))

    def use(self, value: Value, how: Use, taker: Recurrent | None = None) -> None:
        pending: list[Value] = [value]
        seen: set[object] = set()  # containers can hold each other, and hold one thing many times
        while pending:
            match part := pending.pop():
                case Tensor(states):
                    self._use_states(states, how, taker)
                case Along(states):
                    self._use_states(states, Use.ELSEWHERE)
                case Items(items) | Either(items) if id(part) not in seen:
                    seen.add(id(part))
                    pending += reversed(items)
                case Packed(states) if states is not None:
                    self._use_states(states, Use.INPUT if how is Use.INPUT else Use.ELSEWHERE)
                case Ref(cell) if part not in seen:
                    seen.add(part)
                    pending += reversed([item for item in _held(self.heap[cell]) if not isinstance(item, Ref)])
                case Unknown():
                    self.release(part)

    def release(self, value: Unknown | Either) -> None:
        """Something that is not known is read: any of the values that it holds may be used, nobody sees how."""
        for option in value.options if isinstance(value, Either) else (value,):
            if isinstance(option, Unknown) and option.held and option not in self._released:
                self._released.add(option)
                for held in option.held:
                    self.use(held, Use.ELSEWHERE)  # type: ignore[arg-type]

    def spend(self, operands: Sequence[Value], result: Value) -> None:
        """An operation has read tensors: those that are not in its result went into it."""
        self.made.spend(operands, result)

    def _use_states(self, states: States, how: Use, taker: Recurrent | None = None) -> None:
        if how not in (Use.ATTRIBUTE, Use.RESULT):
            self.made.touch(states)
        modules = self.modules(states)
        self._sorts.hand_on(states)
        if how in (Use.INPUT, Use.INITIAL_STATE):
            self._sorts.feed(states)
        if not modules and how is not Use.INPUT:
            return
        event = Used(states, how, self.site, modules, self._carried_in(states), taker=taker)
        self.events.append(event)
        self._used.append(event)
        for call, _ in modules:
            self._uses.setdefault(call, []).append(event)

    def _carried_in(self, states: States) -> frozenset[Call]:
        return frozenset(block.source for block in blocks(states) if block.source in self._carried)  # type: ignore[misc]

    def finish(self, cut: bool = False) -> None:
        """The run is over: say for every call what became of it.

        Of a run that was ``cut`` short nobody knows what would have come: everything that a call returned may have been
        used, every squeeze looked at, every sort undone.
        """
        misread = {event.call for event in self.events if isinstance(event, PairRead)}
        calls = self._layouts.judged(self._going_on)
        misfed = in_doubt(calls)
        if cut:  # what was left out may look at how many axes are left, and take apart what was joined
            squeezes = {event.site.node for event in self.events if isinstance(event, Squeezed)}
            joins: set[Hashable] = {event.site for event in self.events if isinstance(event, Joining)}
            self.events = completed(self.events, misfed, squeezes, joins)
            for call, module in self._modules.items():
                self._uses.setdefault(call, []).extend(self._anything_of(call, module))
        else:
            looked = self._layouts.looked | {
                event.site.node
                for event in self.events
                if isinstance(event, Squeezed) and self._layouts.asked_for(event)
            }
            self.events = [*completed(self.events, misfed, looked, self._apart), *calls]
        reads: list[Read] = []
        for call, uses in self._uses.items():
            final = tuple(replace(doubted(used, misfed), carried=self._carried_in(used.states)) for used in uses)
            site, outermost, carried = self._call_sites[call], call in self._outermost, call in self._carried
            ignored = self.ignored if outermost else ()
            padding = self.world.batches.padding
            reads.append(Read(call, self._modules[call], final, site, ignored, carried, padding, call in misread))
        self.events += [*reads, Ended(tuple(reads))]
        if cut:
            return
        self.events += self._sorts.events(self._uses, self._used)
        self.events += self.steps.events()
        self.events += self.steps.kept()

    def _anything_of(self, call: Call, module: Recurrent) -> Iterator[Used]:
        """Uses of all that a call returns, of which nobody sees how."""
        kinds = (Kind.HIDDEN, Kind.CELL) if module.cell == "LSTM" else (Kind.HIDDEN,)
        for states in (results.output_of(call, module.batch_first), *(results.state_of(call, kind) for kind in kinds)):
            yield Used(states, Use.ELSEWHERE, self._call_sites[call], ((call, module),))

    def _going_on(self, call: Call) -> Iterator[Used]:
        """The uses after which another call can be handed what was used."""
        for used in self._uses.get(call, ()):
            place = used.site.node
            if used.how is Use.ATTRIBUTE and isinstance(place, ir.Attribute) and not self.world.reads(place.attr):
                continue
            if used.how in _ON:
                yield used

    # --- values -------------------------------------------------------------------------------------------------------

    def settle(self, result: Result) -> Value:
        match result:
            case Raises(error, text):
                raise TorchRaises(error, text)
            case Unknown(reason):
                return self.lost(reason)
        states = meaning.mark(result, self.site)
        if self._laid:
            self._apart |= meaning.taken_apart(states)
        return Tensor(states)

    def lay_below(self, states: States) -> States:
        """States were laid below each other along the samples, here; what takes them apart is looked out for."""
        self._laid = True
        return meaning.laid_below(states, self.site)

    def each(self, values: tuple[Value, ...], operate: Callable[[tuple[Value, ...]], Value]) -> Value:
        for index, value in enumerate(values):
            if isinstance(value, Either):
                if len(value.options) > LIMITS.options:
                    for operand in values:
                        self.use(operand, Use.ELSEWHERE)
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
        key = (self.site.node, self.path, self.places)
        if self.loops:
            self.steps.made[key] = self.loops
        return key

    def spelling(self) -> tuple[tuple[str | None, str | None], ...]:
        if self.written is None:
            return ()
        return tuple((a.keyword, _written_name(a.value)) for a in self.written.args)


def _written_name(node: ir.Expr) -> str | None:
    return node.id if isinstance(node, ir.Name) else node.attr if isinstance(node, ir.Attribute) else None


def _held(cell: Cell) -> tuple[Value, ...]:
    """What a list or a dict holds."""
    if isinstance(cell, ListCell):
        return cell.items if cell.rest is None else (*cell.items, cell.rest)
    return tuple(item for _, item in cell.items) if isinstance(cell, DictCell) else ()
