"""One run of a function in one configuration: what it is made of, and the few things that concern several parts.

A run is given what is ``known``, which it does not change, and where to start (``Base``).  It leaves behind what it has
``learned`` and what its parts have kept: the events of its ``trace`` above all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, ClassVar, TypeVar

from rnnlint.axes import results
from rnnlint.axes.states import Block, Call, Given, Raises, Result, States, Unknown
from rnnlint.events import Called, Event, Handed, Site
from rnnlint.frozen import dataclass
from rnnlint.interpret.state.alternatives import Alternatives
from rnnlint.interpret.state.assumptions import Assumptions
from rnnlint.interpret.state.containers import Containers
from rnnlint.interpret.state.evidence import Layouts
from rnnlint.interpret.state.facts import Facts
from rnnlint.interpret.state.fitting import Fitting
from rnnlint.interpret.state.frames import Base, State, is_module
from rnnlint.interpret.state.fresh_tensors import FreshTensors
from rnnlint.interpret.state.here import Bounds, Here
from rnnlint.interpret.state.journal import Journal
from rnnlint.interpret.state.known import CallSite, Known, Learned
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.lost import Losses
from rnnlint.interpret.state.made_once import MadeOnce
from rnnlint.interpret.state.naming import Names
from rnnlint.interpret.state.recurrent_calls import RecurrentCalls
from rnnlint.interpret.state.rounds import Rounds
from rnnlint.interpret.state.sorted_batches import SortedBatches
from rnnlint.interpret.state.trace import Trace
from rnnlint.interpret.state.uses import Uses
from rnnlint.source import program as ir
from rnnlint.torch_api.context import Need, TorchRaises
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Class, Either, Formless, Free, Function, Layer, Lit, Recurrent, Ref, Value
from rnnlint.values.facts import Fact
from rnnlint.values.origins import Fresh, Memory
from rnnlint.values.uses import Use
from rnnlint.values.walk import goes_with

if TYPE_CHECKING:
    from rnnlint.interpret.state.recorded import Replays
    from rnnlint.torch_api.context import Context


class OutOfBudget(Exception):
    """The run has done all it may do."""


MEANT = (TorchRaises, Need, OutOfBudget, RecursionError, MemoryError)
"""What ends a run or sends it another way.  Any other exception inside the interpreter is a mistake of ours, and costs
the value or the statement at hand; but where Python's stack or memory is used up, going on would use up more."""

T = TypeVar("T")
S = TypeVar("S", Call, Given)

Arguments = tuple[Value, ...]
Keywords = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Ports:
    """The two ways from what values do back to what runs the program: this package's circle is closed here.

    ``enter`` runs a function of the file on arguments, ``call`` calls any value.
    """

    enter: Callable[[Run, Function, Arguments, Keywords], Value]
    call: Callable[[Run, Value, Arguments, Keywords], Value]


class Run:
    """A :class:`rnnlint.torch_api.context.Context`: what operations ask of it is said there."""

    # the parts that an audit has of its own
    here_type: ClassVar[type[Here]] = Here
    losses_type: ClassVar[type[Losses]] = Losses

    def __init__(
        self,
        known: Known,
        base: Base,
        assumptions: Mapping[Fact, object],
        ports: Ports,
        budget: int = LIMITS.steps,
        made: MadeOnce | None = None,
    ) -> None:
        self.known = known
        self.made = MadeOnce() if made is None else made
        self.learned = Learned()
        self._ports = ports
        self.budget = self._allowed = budget  # steps it may take
        # the program
        self.here = self.here_type()
        self.here.sites = self.made.sites
        self.journal = journal = Journal(self.here)
        self.state = State(base, journal)
        self.heap = self.state.heap
        self.facts = Facts(known, self.learned, Assumptions(assumptions, journal), self.heap, self.here, journal)
        self.fitting = Fitting(known, self.learned, self.facts, journal)
        # what happens in it
        self.trace = Trace(journal)
        self.calls = RecurrentCalls(journal)
        self.alternatives = Alternatives(self.here, journal)
        self.rounds = Rounds(self.here, journal)
        self.layouts = Layouts(self.here, journal)
        self.batches = SortedBatches(journal, known.text.batches.sorts)
        self.fresh_tensors = FreshTensors(self.here, journal, dict(base.filled))
        self.names = Names(journal)
        self.losses = self.losses_type(self.heap, self.here, self.calls, journal, self.made.unknowns)
        told = self.trace, self.calls, self.fresh_tensors, self.batches
        self.uses = Uses(self.heap, self.here, *told, journal, self.alternatives)
        self.containers = Containers(self.heap, self.uses, self.losses, self.made.refs)
        self.ignored: tuple[str, ...] = ()  # parameters that the function which the run is of never reads
        self.replays: Replays | None = None  # what calls of the file were recorded; None: all are run
        self.watched: frozenset[ir.Node] = frozenset()  # whose values somebody asks for (see interpret.watching)
        self.seen: Callable[[ir.Node, Value], None]  # and who is told of them

    # --- where it is -------------------------------------------------------------------------------------------------

    def spend_step(self) -> None:
        """One more expression, statement or module of a chain.  Raises OutOfBudget where it is one too many."""
        self.budget -= 1
        if self.budget < 0:
            raise OutOfBudget

    def go_on(self, steps: int) -> None:
        """The run has done all it may do, and may take so many steps more."""
        self._allowed += steps - self.budget
        self.budget = steps

    @property
    def receivers(self) -> Collection[int]:
        """The objects whose methods were run, by their cells."""
        return self.journal.account.receivers

    @property
    def steps(self) -> int:
        """How many were taken."""
        return self._allowed - self.budget

    @property
    def site(self) -> Site:
        return self.here.site

    def at(self, node: ir.Node, op: str, bounds: Bounds = (), subject: Value | None = None) -> None:
        """From here on, what happens happens at this node.

        A node whose ``subject`` is not known does not count as reached: it can speak neither for a finding nor against,
        since nobody knows what would be said of what the subject is.  A tensor of an assumed rank is known.
        """
        self.here.at(node, op, bounds)
        kind = type(subject)
        if kind is not Unknown and (kind is not Free or self.facts.ranked(subject)):  # type: ignore[arg-type]
            self.journal.account.reached.add(node)

    def reach(self, node: Hashable) -> None:
        """The program comes by a node."""
        if isinstance(node, ir.Node):
            self.journal.account.reached.add(node)

    def occurrence(self) -> Hashable:
        return self.rounds.occurrence()

    @property
    def in_model(self) -> bool:
        """Whether a method of a module is run: what is made there is made whenever the model runs."""
        return any(is_module(self.state.classes, entered.owner) for entered in self.here.path.calls)

    @property
    def in_forward(self) -> bool:
        # torch's own names: what __init__ builds is built once, whatever else it calls
        functions = (entered.function for entered in self.here.path.calls)
        names = [node.name for node in functions if isinstance(node, ir.FunctionDef)]
        return self.in_model and "forward" in names and "__init__" not in names

    # --- what happens ------------------------------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        self.journal.account.events.append(event)

    def use(self, value: Value, how: Use, taker: Recurrent | Layer | None = None) -> None:
        self.uses.use(value, how, taker)

    def use_all(self, args: Arguments, keywords: Keywords, how: Use = Use.ELSEWHERE) -> None:
        """All that a call is given reaches a use."""
        for value in (*args, *keywords.values()):
            self.uses.use(value, how)

    def lost(self, reason: str) -> Unknown:
        """A value that is not known, for a reason that is told where something of an RNN went into it."""
        return self.losses.lost(reason)

    def remember(
        self, call: Call, module: Recurrent, carried: bool, source: States | None = None, handed: bool = False
    ) -> None:
        self.calls.remember(call, module, carried, source, self.here.site, self.here.path.depth <= 1)
        self.alternatives.remember(call)
        self.layouts.remember(Called(call, module, source, carried or handed, None, self.here.site))

    def hand(self, event: Handed) -> None:
        self.trace.emit(event)
        for source, _ in event.memory:
            if isinstance(source.key, Fresh) and isinstance(source.key.site, Site):
                self.reach(source.key.site.node)
        if event.state == Lit(None) and event.wanted:
            self.calls.unhand(event, self.here.places)

    def fresh(self, memory: Memory, shape: tuple[int, ...]) -> Given:
        return self.the_source(self.fresh_tensors.make(memory, shape, self.occurrence(), self.in_model))

    def store(self, cls: Class, name: str) -> None:
        """An attribute of a class's instance is assigned here."""
        self.journal.did("", "store", cls, name)
        self.learned.stored[cls, name] = self.here.site

    def meet(self, site: CallSite) -> None:
        """The file builds a class this way."""
        self.journal.did("", "meet", site)
        self.learned.call_sites.setdefault(site)

    def entered(self, function: Hashable, receiver: Value | None) -> None:
        """A function is run, of an object if it is a method."""
        self.journal.account.entered.add(function)
        if isinstance(receiver, Ref):
            self.journal.account.receivers[receiver.cell] = None

    # --- the ports ---------------------------------------------------------------------------------------------------

    def enter(self, function: Function, args: Arguments, keywords: Keywords) -> Value:
        """Run a function of the file."""
        return self._ports.enter(self, function, args, keywords)

    def call(self, function: Value, args: Arguments, keywords: Keywords) -> Value:
        """Call a value."""
        return self._ports.call(self, function, args, keywords)

    # --- values ------------------------------------------------------------------------------------------------------

    def settle(self, result: Result) -> Value:
        match result:
            case Raises(error, text):
                raise TorchRaises(error, text)
            case Unknown(reason):
                return self.lost(reason)
        tensor = self.known.tensors.marked(result, self.here.site)
        self.layouts.took_apart(tensor.states)
        return tensor

    def the_source(self, source: S) -> S:
        return self.known.tensors.source(source)

    def given(self, key: Hashable, shape: tuple[int, ...]) -> Block:
        return results.given(self.the_source(Given(key, shape)))

    def each(self, values: tuple[T, ...], operate: Callable[[tuple[T, ...]], Value]) -> Value:
        """An operation, once for every combination of what the values may be: the one way to distribute over them.

        What was computed of one of them goes with that one: of ``x`` and ``x.max()`` there are no more than of ``x``.
        (No decorator: what is asked of every value stays a test of its type, and takes no frame of Python's stack.)
        Options on which it raises are not what the program meets; where it raises on all, that is what happens, and
        TorchRaises comes through.  ``values.domain.either`` bounds the options of one value; where several have more
        combinations than ``limits.combinations``, the first options are put together, the second, and so on.
        """
        for place, value in enumerate(values):
            if isinstance(value, Either):
                return self._each_option(values, place, operate)
        return operate(values)

    def one_of(self, value: Value, operate: Callable[[Value], Value]) -> Value:
        """``each`` of one value."""
        return self.each((value,), lambda some: operate(some[0]))

    def each_pair(self, left: Value, right: Value, operate: Callable[[Value, Value], Value]) -> Value:
        """``each`` of two values, the options of the first outermost."""
        return self.each((left, right), lambda some: operate(some[0], some[1]))

    def each_with(self, value: Value, args: Arguments, operate: Callable[[Value, Arguments], Value]) -> Value:
        """``each`` of one value, with arguments of which those that were computed of it go with it; others stay."""
        along = [isinstance(value, Either) and isinstance(arg, Either) and goes_with(arg, value) for arg in args]

        def of_one(some: Arguments) -> Value:
            told = iter(some[1:])
            return operate(some[0], tuple(next(told) if goes else arg for arg, goes in zip(args, along, strict=True)))

        return self.each((value, *(arg for arg, goes in zip(args, along, strict=True) if goes)), of_one)

    def _each_option(self, values: tuple[T, ...], place: int, operate: Callable[[tuple[T, ...]], Value]) -> Value:
        """An operation with each option of the value at ``place`` in its place."""
        results: list[Value] = []
        raised: TorchRaises | None = None
        site, before = self.here.site, self.trace.mark()
        wrong: list[Event] = []
        first, value, last = values[:place], values[place], values[place + 1 :]
        assert isinstance(value, Either)
        if any(isinstance(option, (Unknown, Free, Formless)) for option in value.options):
            self.journal.account.vague.add(site.node)
        together = _combinations(value, last) > LIMITS.combinations
        along = [isinstance(other, Either) and (together or goes_with(other, value)) for other in last]
        for number, option in enumerate(value.options):
            self.here.resume(site)  # an option's own call has moved it, and the next stands where this one stood
            mark = self.trace.mark()
            others = (
                other.options[min(number, len(other.options) - 1)] if goes and isinstance(other, Either) else other
                for other, goes in zip(last, along, strict=True)
            )
            try:
                results.append(self.each((*first, option, *others), operate))  # type: ignore[arg-type]
            except TorchRaises as error:
                raised = error.again()
                # what was said on the way to an error stays only if there is no other way
                wrong += self.trace.take_back(mark)
        if not results and raised is not None:
            self.trace.take_back(before)
            self.trace.events.extend(wrong)
            raise raised.again()
        return either(tuple(results))


def _combinations(first: Either, others: Sequence[object]) -> int:
    """How many there are of what each may be; what goes with the first adds none."""
    apart = (one for one in others if isinstance(one, Either) and not goes_with(one, first))
    return len(first.options) * prod([len(one.options) for one in apart])


if TYPE_CHECKING:

    def _is_context(run: Run) -> Context:
        return run
