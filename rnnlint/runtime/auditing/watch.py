"""What the audited run does to tensors, told to the analysis as the interpreter would tell it.

Each function of torch that the program calls is run for real, and its arguments' values are handed to the same
operation of ``torch_api``: so the events are those of the static side, and so are the rules that judge them.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from itertools import count
from threading import get_ident
from typing import Any, TypeVar

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.overrides import resolve_name

from rnnlint.axes.states import Given, Unknown, blocks
from rnnlint.events import Discarded, Event, Unpacked
from rnnlint.interpret.python import calls, operators, subscripts
from rnnlint.interpret.state.ending import events_of
from rnnlint.interpret.state.frames import Base
from rnnlint.interpret.state.here import Here
from rnnlint.interpret.state.known import Known
from rnnlint.interpret.state.loops import Loop
from rnnlint.interpret.state.lost import Losses
from rnnlint.interpret.state.run import Arguments, Keywords, OutOfBudget, Ports, Run
from rnnlint.runtime.auditing import source_text, structure
from rnnlint.runtime.auditing.coverage import Tally
from rnnlint.runtime.auditing.moved_labels import DISAGREE, Carried
from rnnlint.runtime.auditing.places import Place, here
from rnnlint.runtime.auditing.record import Embedded, Padded, Recurrence
from rnnlint.runtime.auditing.shadows import Shadows, tensors_in
from rnnlint.runtime.auditing.tuples import Watched, watched
from rnnlint.torch_api.batches import packing
from rnnlint.torch_api.context import Need, TorchRaises
from rnnlint.torch_api.modules import constructors, layers, recurrent
from rnnlint.torch_api.tensors import indexing
from rnnlint.values import domain
from rnnlint.values.domain import Function, Items, Lit, Packed, Recurrent, RecurrentCell, Torch, Value
from rnnlint.values.layer_kinds import LayerKind
from rnnlint.values.uses import Use

T = TypeVar("T")
NOWHERE = Place("<unknown>", 0)
FAILED = Unknown("an internal error of rnnlint")
_LOST: Value = FAILED
_BACKWARD = "backward"  # stands for the loops in which gradients are computed

_ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "div": "/", "true_divide": "/", "floor_divide": "//", "matmul": "@"}
_REFLECTED = {"__radd__": "+", "__rsub__": "-", "__rmul__": "*", "__rdiv__": "/", "__rtruediv__": "/"}
_SPELLED = frozenset({"view", "reshape", "split", "select"})  # rules ask how their numbers are written
_COMPARISONS = {"__eq__": "==", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_OVERWRITING = frozenset(
    {"copy_", "set_", "index_copy_", "index_fill_", "scatter_", "scatter_add_", "index_add_", "index_put_", "put_"}
    | {"scatter_reduce_", "index_reduce_", "masked_scatter_"}
)
_ABOUT = """requires_grad is_cuda is_leaf device dtype layout grad_fn grad ndim is_sparse is_quantized names _version
itemsize nbytes is_nested is_meta is_mkldnn _base _backward_hooks output_nr"""
_FACTS = frozenset(_ABOUT.split())  # what a tensor tells of itself that is no use of it


class _Here(Here):
    """A place whose arguments are spelled as the source says where a call is made."""

    def spelling(self) -> tuple[tuple[str | None, str | None], ...]:
        return source_text.arguments(self.site.node) if isinstance(self.site.node, Place) else ()


class _Losses(Losses):
    """Kept whatever has gone into them: what an audit sees are the tensors of the model, and nothing else."""

    def lost(self, reason: str) -> Unknown:
        self.note(reason)
        return Unknown(reason)


def _no_function(run: Run, _: Function, args: Arguments, keywords: Keywords) -> Value:
    """Python runs the functions of the model; what arrives here are calls of torch's."""
    run.use_all(args, keywords)
    return run.lost("a function of the program")


class _Run(Run):
    """A run of what torch is told to do; ``models`` are being called."""

    here_type = _Here
    losses_type = _Losses
    models = 0

    @property
    def in_model(self) -> bool:
        return self.models > 0

    @property
    def in_forward(self) -> bool:
        return self.models > 0


class Watch:
    """One audited run: every tensor's value, and the events.

    What it is told comes from inside the user's program, and nothing of its own may be raised there: a mistake in the
    analysis costs what is known of the values concerned, and is kept in ``run.learned.failures``.

    ``gently``: nothing is handed to the program but what torch made.
    """

    def __init__(self, names: Mapping[nn.Module, str] | None = None, *, gently: bool = False) -> None:
        self.run = _Run(Known(), Base(), {}, Ports(_no_function, calls.call))
        self.events: tuple[Event, ...] = ()  # once the run is over
        self.shadows = Shadows(self.run)
        self.labels = Carried()
        self.tally = Tally(self.run, self.shadows)
        self.recurrences: list[Recurrence] = []
        self.padded: list[Padded] = []
        self.embedded: list[Embedded] = []
        self.not_followed: dict[str, str] = {}
        self._names = dict(names or {})
        self._occurrences = count()
        self._turns: Counter[tuple[Place | None, int]] = Counter()  # how often a place was come by
        self._backwards = 0  # how often gradients were computed
        self.run.rounds.backward.add((_BACKWARD, ()))
        self._picked: list[tuple[Tensor, Packed]] = []  # whose fields were asked for by number, by their batch sizes
        self._refused: int | None = None  # the events there were, if the analysis says that what came last raises
        self.listener: Any = None  # the profile function that tells of calls
        self.gently = gently
        self._thread = get_ident()
        self._pauses = 0  # how many reasons there are to follow nothing just now

    # --- places ------------------------------------------------------------------------------------------------------

    @property
    def paused(self) -> bool:
        """Whether nothing is followed just now: there is a reason, or it is another thread that asks."""
        return self._pauses > 0 or get_ident() != self._thread

    def hold(self) -> None:
        """From here on, nothing is followed."""
        self._pauses += 1

    def release(self) -> None:
        """What the last :meth:`hold` began is over."""
        self._pauses -= 1

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Inside, nothing is followed, and nobody told of calls: Python takes ten times as long while it tells."""
        self.hold()
        told = self.listener is not None and sys.getprofile() is self.listener
        if told:
            sys.setprofile(None)
        try:
            yield
        finally:
            if told:
                sys.setprofile(self.listener)
            self.release()

    def elsewhere(self, module: nn.Module) -> None:
        """A module is called in a thread that is not watched."""
        if get_ident() != self._thread and module in self._names:
            self.not_followed[self.name(module) or type(module).__name__] = "it was called in another thread"

    # --- what may go wrong -------------------------------------------------------------------------------------------

    def ours(self, what: str, place: Place | None, work: Callable[[], T], otherwise: T, concerned: object = None) -> T:
        """What our own work returns; if it fails, nothing is known any more of the tensors ``concerned``."""
        try:
            return work()
        except Exception as error:
            self.run.learned.failures.note(what, place, error)
        lost = self.run.lost(FAILED.reason)
        with suppress(Exception):
            for tensor in tensors_in(concerned):
                value = self.shadows.get(tensor)
                if value is not None:  # whatever it was read for: nothing may be said to be never used
                    self.run.use(value, Use.ELSEWHERE)
                self.shadows.set(tensor, lost)
        return otherwise

    def ended(self) -> None:
        """The run is over, however it ended."""
        self.events = self.ours("the end of the run", None, lambda: events_of(self.run), tuple(self.run.trace.events))

    def name(self, module: nn.Module) -> str:
        """The module's qualified name in the audited model."""
        return self._names.get(module, "")

    def at(self, place: Place | None, op: str, bounds: tuple[tuple[Lit | None, ...], ...] = ()) -> None:
        self.run.here.path = self.run.here.path._replace(iteration=(next(self._occurrences),))
        self.run.at(place or NOWHERE, op, bounds)  # type: ignore[arg-type]

    # --- what happens ------------------------------------------------------------------------------------------------

    def function(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A function of torch is called."""
        if self.paused:
            return func(*args, **kwargs)
        name = self.ours("the name of a function", None, lambda: _name(func), "")
        if name in _FACTS or (not name.startswith("torch.") and not self._any_tensor(args, kwargs)):
            return func(*args, **kwargs)
        place = self._here()
        with self.pause():
            values, keywords = self._values(args, kwargs)
            concerned = self._concerned((args, kwargs))
            try:
                result = func(*args, **kwargs)
            except Exception:
                self._follow(lambda: self._function(name, place, args, values, keywords))
                self._contradict(raised=True, place=place)
                raise
            value = self._follow(lambda: self._function(name, place, args, values, keywords))
            self._contradict()

            def seen() -> None:
                self._overwritten(name, args, kwargs)
                self.shadows.attach(result, value)
                self.labels.moved(name, func, args, kwargs, result)
                self._check(result)
                if concerned:
                    self.tally.operation(name, place, args[0] if name == "torch.Tensor.__setitem__" else result)

            self.ours(name, place, seen, None, (args, kwargs, result))
        return result

    def padding(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The part of ``pad_packed_sequence`` that is not written in Python is called."""
        result = func(*args, **kwargs)
        if self.gently:
            return result
        return self.ours("pad_packed_sequence", None, lambda: structure.gated_padding(args, result), result)

    def layer(self, module: nn.Module, call: Callable[[], Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A layer of torch is called."""
        place = self._here()
        name = type(module).__name__

        def handed() -> Value:
            values, keywords = self._values(args, kwargs)
            every = (*values, *keywords.values())
            self.at(place, "call")
            kind = self._layer(module)
            return self._follow(lambda: self.run.each(every, lambda some: layers.apply(self.run, kind, some)))

        def seen() -> None:
            self.shadows.attach(result, value)
            if concerned:
                self.tally.operation(f"nn.{name}", place, result)
            taken = args[0] if args else kwargs.get("input")
            if isinstance(module, nn.Embedding) and module.padding_idx is not None and isinstance(taken, Tensor):
                self.embedded.append(Embedded(result, taken, module.padding_idx, place))

        with self.pause():
            value = self.ours(name, place, handed, _LOST, (args, kwargs))
            concerned = self._concerned((args, kwargs))
            self.ours(name, place, lambda: self.tally.layered((args, kwargs)), None)
            with self._trying(place):
                result = call()
            self.ours(name, place, seen, None, result)
        return result

    def unfollowed(self, why: str, name: str, call: Callable[[], Any], given: tuple[Any, ...]) -> Any:
        """Code is called that cannot be looked into: what goes in is read, what comes out is not known."""
        self.not_followed[name] = why
        place = self._here()

        def handed() -> None:
            self.at(place, "call")
            for tensor in tensors_in(given):
                self.run.use(self.shadows.value(tensor), Use.ELSEWHERE)

        def seen() -> None:
            for tensor in tensors_in(result):
                self.shadows.set(tensor, self.run.lost(why))
            if concerned:
                self.tally.operation(name, place, result)

        with self.pause():
            self.ours(name, place, handed, None, given)
            concerned = self._concerned(given)
            result = call()
            self.ours(name, place, seen, None, result)
        return result

    def same(self, given: tuple[Any, ...], result: object) -> None:
        """Tensors were handed through: the results are the arguments, under other names."""
        if isinstance(result, tuple) and not self.paused:
            for before, after in zip(given, result, strict=False):
                known = self.shadows.get(before) if isinstance(before, Tensor) else None
                if known is not None and isinstance(after, Tensor):
                    self.shadows.set(after, known)
                    self.labels.same(before, after)

    def told(self, thing: object, op: str, other: object) -> None:
        """A tuple that torch returned is indexed, unpacked, added to a tensor, or asked for an attribute."""
        if self.paused:
            return
        place = self._here()
        with self.pause():
            self.ours(f"a tuple's {op}", place, lambda: self._told(place, thing, op, other), None, thing)

    def _told(self, place: Place | None, thing: object, op: str, other: object) -> None:
        value = self.shadows.value(thing)
        if op == "index" and isinstance(thing, PackedSequence) and isinstance(value, Packed):
            self._picked.append((thing.batch_sizes, value))
        if op == "unpack":
            self._unpacked(place, value)
        elif op == "index":
            items = tuple(self.shadows.item(one) for one in (other if isinstance(other, tuple) else (other,)))
            self.at(place, "index", source_text.bounds(place, items))
            item = self._follow(lambda: subscripts.subscript(self.run, value, items, isinstance(other, tuple)))
            if isinstance(thing, Watched) and isinstance(other, int) and -len(thing) <= other < len(thing):
                part = tuple.__getitem__(thing, other)
                if isinstance(part, Tensor) and isinstance(item, domain.Tensor):
                    self.shadows.set(part, item)  # the same states, and how they were asked for
        elif op == "arithmetic":
            self.at(place, op)
            self._follow(lambda: operators.binary(self.run, "+", value, self.shadows.value(other)))
        elif place is None or not (place.asks or place.tried):  # a program that asks first knows what it has
            self.at(place, op)
            self._follow(lambda: self._missing(value, op))

    def rebuilt(self, sizes: object) -> None:
        """A PackedSequence is made with these batch sizes."""
        for known, packed in self._picked:
            if known is sizes:
                self.ours("a PackedSequence", None, partial(self.run.trace.rebuild, packed), None)

    def returned(self, result: object, place: Place) -> None:
        """The program hands a result out."""
        with self.pause():
            self.ours("a return", place, lambda: self._used(result, place, Use.RETURN), None, result)

    def kept(self, value: object) -> None:
        """Something becomes an attribute of a module."""
        place = self._here()
        with self.pause():
            self.ours("an attribute", place, lambda: self._used(value, place, Use.ATTRIBUTE), None, value)

    def _used(self, value: object, place: Place | None, how: Use) -> None:
        self.at(place, how.value)
        for tensor in tensors_in(value):
            self.run.use(self.shadows.value(tensor), how)

    # --- recurrent modules -------------------------------------------------------------------------------------------

    def recurrent(
        self, module: nn.RNNBase, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """A recurrent module is called; its results are told apart from here on."""

        def handed(values: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
            return recurrent.call(self.run, self._recurrent(module), values, keywords)

        def seen(result: Any, value: Value) -> Any:
            self.labels.begin(module, result)
            self._check(result)
            return self._watched(result, value)

        return self._recurred(module, forward, args, kwargs, handed, seen)

    def cell(
        self, module: nn.RNNCellBase, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """A recurrent cell is called."""

        def handed(values: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
            key = ("module", id(module))
            kind = RecurrentCell(type(module).__name__, Lit(module.hidden_size), Lit(module.input_size), key)
            return recurrent.call_cell(self.run, kind, values, keywords)

        return self._recurred(module, forward, args, kwargs, handed, lambda result, _: result)

    def _recurred(
        self,
        module: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        handed: Callable[[tuple[Value, ...], dict[str, Value]], Value],
        seen: Callable[[Any, Value], Any],
    ) -> Any:
        place = self._here()
        name = type(module).__name__

        def follow() -> Value:
            values, keywords = self._entering(args, kwargs)
            self.at(place, "call")
            with self._looping(place):
                return self._follow(lambda: handed(values, keywords))

        def begin() -> tuple[Recurrence | None, tuple[Any, ...], dict[str, Any]]:
            return Recurrence.begun(self.name(module), module, args, kwargs, place, traced=not self.gently)

        unrecorded: tuple[Recurrence | None, tuple[Any, ...], dict[str, Any]] = (None, args, kwargs)

        def attach() -> Any:
            if record is not None:
                self.recurrences.append(record.returned(result))
            self.shadows.attach(result, value)
            handing = seen(result, value)
            self.tally.called(f"nn.{_kind(module)}", place, result)
            return handing

        with self.pause():
            value = self.ours(name, place, follow, _LOST, (args, kwargs))
            record, given, named = self.ours(name, place, begin, unrecorded)
            with self._trying(place):
                result = forward(module, *given, **named)
            if record is not None and not self.gently:
                record, result = self.ours(name, place, partial(self._gated, record, result), (record, result))
            return self.ours(name, place, attach, result, result)

    def _gated(self, call: Recurrence, result: Any) -> tuple[Recurrence, Any]:
        return structure.gated(call, result) if structure.is_large(call) else (call, result)

    @contextmanager
    def _looping(self, place: Place | None) -> Iterator[None]:
        """A place that is come by again is in a loop; so is all that comes after gradients were computed."""
        turn = self._turns[place, self._backwards]
        self._turns[place, self._backwards] += 1
        loops = (Loop(_BACKWARD, frozenset(), self._backwards), Loop(place, frozenset(), turn))
        with self.run.here.within(loops=loops):
            yield

    def constructed(self, cell: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A recurrent module is built."""
        place = self._here()

        def built() -> None:
            values, keywords = self._values(args, kwargs)
            self.at(place, "call")
            self._follow(lambda: recurrent.construct(self.run, cell, values, keywords))

        with self.pause():
            self.ours(cell, place, built, None)

    def packed(self, name: str, given: Mapping[str, Any], place: Place | None, result: object) -> None:
        """A function of torch.nn.utils.rnn was called with the given parameters."""

        def seen() -> None:
            self.at(place, "call")
            keywords = {key: self.shadows.value(one) for key, one in given.items()}
            value = self._follow(lambda: calls.call(self.run, Torch(f"torch.nn.utils.rnn.{name}"), (), keywords))
            self.shadows.attach(result, value)
            if name == "pad_packed_sequence" and isinstance(result, tuple):
                self.padded.append(Padded(result[0], result[1], bool(given["batch_first"]), place))

        with self.pause():
            self.ours(name, place, seen, None, (dict(given), result))

    # --- values ------------------------------------------------------------------------------------------------------

    def _here(self) -> Place | None:
        return self.ours("a place", None, here, None)

    def _concerned(self, given: object) -> bool:
        return self.ours("the look for recurrent results", None, lambda: self.tally.concerned(given), False)

    def _any_tensor(self, *things: object) -> bool:
        return self.ours("the search for tensors", None, lambda: next(tensors_in(things), None) is not None, True)

    def _values(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Value, ...], dict[str, Value]]:
        def value(thing: object) -> Value:
            return self.ours("a value", None, lambda: self.shadows.value(thing), _LOST, thing)

        return tuple(map(value, args)), {key: value(one) for key, one in kwargs.items()}

    def _entering(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Value, ...], dict[str, Value]]:
        """The arguments of a recurrent call: it makes states of its own also from what is not known."""
        values, keywords = self._values(args, kwargs)
        if args and isinstance(args[0], Tensor):
            return (self.shadows.entering(args[0]), *values[1:]), keywords
        if isinstance(kwargs.get("input"), Tensor):
            keywords["input"] = self.shadows.entering(kwargs["input"])
        return values, keywords

    @contextmanager
    def _trying(self, place: Place | None) -> Iterator[None]:
        """Inside, torch does what was followed before."""
        try:
            yield
        except Exception:
            self._contradict(raised=True, place=place)
            raise
        self._contradict()

    def _contradict(self, raised: bool = False, place: Place | None = None) -> None:
        """What was followed last does not raise, or what it raises is caught there, where the analysis says it does."""

        def withdraw() -> None:
            if self._refused is not None and (not raised or (place is not None and place.tried)):
                self.run.trace.withdraw(self._refused, of_kind=raised)

        self.ours("what torch does not raise on", place, withdraw, None)
        self._refused = None

    def _follow(self, operate: Callable[[], Value]) -> Value:
        """The value of an operation; what the analysis takes for impossible is not known."""
        said, self._refused = len(self.run.trace.events), None
        try:
            return operate()
        except TorchRaises as error:
            self._refused = said
            return self.run.lost(f"{error}")
        except (Need, OutOfBudget):
            return self.run.lost("a fact that the run does not show")
        except Exception as error:  # a mistake of ours must not look like one of the model's
            site = self.run.site
            place = site.node if isinstance(site.node, Place) else None
            self.run.learned.failures.note(f"the analysis of {site.op}", place, error)
            return self.run.lost(FAILED.reason)

    def _check(self, result: object) -> None:
        """What the labels contradict is not known."""
        for tensor in tensors_in(result, depth=2):
            value = self.shadows.get(tensor)
            if isinstance(value, domain.Tensor) and not self.labels.agree(tensor, value.states):
                self.shadows.set(tensor, self.run.lost(DISAGREE))

    def _function(
        self,
        name: str,
        place: Place | None,
        args: tuple[Any, ...],
        values: tuple[Value, ...],
        keywords: dict[str, Value],
    ) -> Value:
        head, _, last = name.rpartition(".")
        method = head.endswith("torch.Tensor")
        if name == "torch.Tensor.__getitem__":
            written = args[1] if isinstance(args[1], tuple) else (args[1],)
            items = tuple(map(self.shadows.item, written))
            self.at(place, "index", source_text.bounds(place, items))
            return subscripts.subscript(self.run, values[0], items, isinstance(args[1], tuple))
        if name == "torch.Tensor.unbind" and place is not None and source_text.targets(place) is not None:
            self._unpacked(place, values[0])
        self.at(place, last)
        if name == "torch.Tensor.__setitem__":
            return self._assigned(values[0], values[2])
        if last in _ARITHMETIC and method and len(values) > 1:
            self.at(place, "arithmetic")
            return operators.binary(self.run, _ARITHMETIC[last], values[0], values[1])
        if last in _REFLECTED and method:
            self.at(place, "arithmetic")
            return operators.binary(self.run, _REFLECTED[last], values[1], values[0])
        if last in _COMPARISONS and method:
            self.at(place, "comparison")
            return operators.comparison(self.run, _COMPARISONS[last], values[0], values[1])
        if last == "__get__":
            return indexing.attribute(self.run, values[0], head.rpartition(".")[2])
        if last == "detach" and place is not None and place.is_statement:
            self.run.emit(Discarded(last, values[0], self.run.site))
        if last == "backward" and keywords.get("retain_graph") != Lit(True):
            self._backwards += 1
        if method and last in _SPELLED:
            numbers = source_text.numbers(place, values[1:])
            self.at(place, last, tuple((self.run.facts.literal(number),) for number in numbers))
            return calls.method(self.run, values[0], last, numbers, keywords)
        if method:
            return calls.method(self.run, values[0], last, values[1:], keywords)
        return calls.call(self.run, Torch(name), values, keywords)

    def _assigned(self, receiver: Value, value: Value) -> Value:
        if isinstance(value, Items | Packed):
            return layers.apply(self.run, domain.Layer(LayerKind.OTHER, "assignment"), (value,))
        self.run.use(value, Use.ELSEWHERE)
        return receiver

    def _overwritten(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Elements were replaced: what the tensors that share them hold is not known any more."""
        last = name.rpartition(".")[2]
        out = kwargs.get("out")
        if last == "__setitem__":
            assigned = self.shadows.get(args[2]) if isinstance(args[2], Tensor) else None
            gone = args[:1] if assigned is None or _of_call(assigned) else ()
            gone = gone if isinstance(args[2], Tensor) else ()
        else:
            gone = args[:1] if last in _OVERWRITING else tuple(tensors_in(out))
        for tensor in gone:
            for sharing in list(self.shadows.sharing(tensor)):
                self.run.use(self.shadows.value(sharing), Use.ELSEWHERE)
                self.shadows.set(sharing, self.run.lost("a tensor that was overwritten"))

    def _unpacked(self, place: Place | None, value: Value) -> None:
        names = None if place is None else source_text.targets(place)
        if names is None:
            return
        self.at(place, "unpack")
        module: Recurrent | RecurrentCell | None = None
        if isinstance(value, domain.Tensor):
            module = next((m for _, m in self.run.calls.modules(value.states)), self.run.calls.cell_of(value.states))
        elif isinstance(value, Items) and value.tag is not None:
            module = self.run.calls.module(value.tag.call)
        self.run.emit(Unpacked(value, names, module, self.run.site))

    def _missing(self, value: Value, name: str) -> Value:
        if isinstance(value, Packed):
            return packing.packed_method(self.run, value, name)
        return calls.method(self.run, value, name, (), {})

    def _watched(self, result: Any, value: Value) -> Any:
        """A call's tuple of results that says how it is read."""
        if not isinstance(value, Items):
            return result
        parts = [
            self._watched(part, its) if isinstance(part, tuple) and isinstance(its, Items) else part
            for part, its in zip(result, value.items, strict=True)
        ]
        return tuple(parts) if self.gently else watched(tuple(parts), value, self.told)

    def _layer(self, module: nn.Module) -> domain.Layer:
        known = {
            name: Lit(getattr(module, name)) for name in _PARAMETERS if isinstance(getattr(module, name, None), int)
        }
        shape = getattr(module, "normalized_shape", ())
        if isinstance(shape, tuple) and shape:
            known["normalized_shape"] = Lit(shape[-1])
        built = constructors.construct(self.run, f"torch.nn.{type(module).__name__}", (), known)
        return built if isinstance(built, domain.Layer) else domain.Layer(LayerKind.OTHER, type(module).__name__)

    def _recurrent(self, module: nn.RNNBase) -> Recurrent:
        key: Hashable = ("module", id(module))
        return Recurrent(
            "RNN" if module.mode.startswith("RNN") else module.mode,
            Lit(module.num_layers, frozenset({source_text.layers_of(module.num_layers)})),
            2 if module.bidirectional else 1,
            module.batch_first,
            Lit(module.hidden_size),
            Lit(module.proj_size) if module.proj_size else None,
            Lit(module.input_size),
            key,
        )


_SAID = """in_features out_features num_embeddings embedding_dim dim start_dim end_dim in_channels out_channels
kernel_size output_size stride padding dilation num_features num_channels in1_features in2_features embed_dim
normalized_shape"""
_PARAMETERS = tuple(_SAID.split())  # of torch's layers, kept by their names


def _kind(module: nn.Module) -> str:
    """What torch calls the kind of a recurrent module or cell."""
    if isinstance(module, nn.RNNBase):
        return "RNN" if module.mode.startswith("RNN") else module.mode
    return type(module).__name__


def _of_call(value: Value) -> bool:
    """Whether a value holds states, or may."""
    if isinstance(value, domain.Tensor):
        return any(not isinstance(block.source, Given) for block in blocks(value.states))
    return True


@lru_cache(maxsize=4096)
def _name(func: Callable[..., Any]) -> str:
    """The qualified name of a function of torch, as ``torch_api`` registers it."""
    name: str = resolve_name(func) or getattr(func, "__name__", "")
    name = name.replace("torch.functional.", "torch.")
    head, _, last = name.rpartition(".")
    return head.rpartition(".")[2] if last == "__get__" and head.rpartition(".")[2] in _FACTS else name
