"""What the audited run does to tensors, told to the analysis as the interpreter would tell it.

Each function of torch that the program calls is run for real, and its arguments' values are handed to the same
operation of ``torch_api``: so the events are those of the static side, and so are the rules that judge them.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any

from torch import Tensor, nn
from torch.overrides import resolve_name

from rnnlint.axes.states import Given, blocks
from rnnlint.events import Discarded, Unpacked
from rnnlint.interpret import calls, operators, subscripts
from rnnlint.interpret.loops import Loop
from rnnlint.interpret.run import Run
from rnnlint.interpret.world import Base, OutOfBudget, World
from rnnlint.linter import INTERNAL
from rnnlint.runtime.auditing import spelled, structure
from rnnlint.runtime.auditing.carried import DISAGREE, Carried
from rnnlint.runtime.auditing.places import Place, here
from rnnlint.runtime.auditing.record import Embedded, Padded, Recurrence
from rnnlint.runtime.auditing.shadows import Shadows, tensors_in
from rnnlint.runtime.auditing.tuples import Watched
from rnnlint.torch_api import indexing, layers, modules, packing, recurrent
from rnnlint.torch_api.context import Need, TorchRaises
from rnnlint.values import domain
from rnnlint.values.domain import Items, Lit, Packed, Recurrent, RecurrentCell, Torch, Value

NOWHERE = Place("<unknown>", 0)
_BACKWARD = "backward"  # stands for the loops in which gradients are computed

_ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "div": "/", "true_divide": "/", "floor_divide": "//", "matmul": "@"}
_REFLECTED = {"__radd__": "+", "__rsub__": "-", "__rmul__": "*", "__rdiv__": "/", "__rtruediv__": "/"}
_SPELLED = frozenset({"view", "reshape", "split", "select"})  # rules ask how their numbers are written
_COMPARISONS = {"__eq__": "==", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_OVERWRITING = frozenset(
    {"copy_", "set_", "index_copy_", "index_fill_", "scatter_", "scatter_add_", "index_add_", "index_put_"}
)
_ABOUT = """requires_grad is_cuda is_leaf device dtype layout grad_fn grad ndim is_sparse is_quantized names _version
itemsize nbytes is_nested is_meta is_mkldnn _base _backward_hooks output_nr"""
_FACTS = frozenset(_ABOUT.split())  # what a tensor tells of itself that is no use of it


class _Run(Run):
    """A run whose arguments are spelled as the source says where a call is made; ``models`` are being called."""

    models = 0

    @property
    def in_model(self) -> bool:
        return self.models > 0

    @property
    def in_forward(self) -> bool:
        return self.models > 0

    def spelling(self) -> tuple[tuple[str | None, str | None], ...]:
        return spelled.arguments(self.site.node) if isinstance(self.site.node, Place) else ()


class Watch:
    """One audited run: every tensor's value, and the events."""

    def __init__(self, names: Mapping[nn.Module, str] | None = None) -> None:
        self.run = _Run(World(), Base(), {})
        self.shadows = Shadows(self.run)
        self.labels = Carried()
        self.recurrences: list[Recurrence] = []
        self.padded: list[Padded] = []
        self.embedded: list[Embedded] = []
        self.not_followed: dict[str, str] = {}
        self._names = dict(names or {})
        self._occurrences = count()
        self._turns: Counter[tuple[Place | None, int]] = Counter()  # how often a place was come by
        self._backwards = 0  # how often gradients were computed
        self.run.steps.backward.add((_BACKWARD, ()))
        self.listener: Any = None  # the profile function that tells of calls
        self.paused = 0  # how many reasons there are to follow nothing just now

    # --- places ------------------------------------------------------------------------------------------------------

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Inside, nothing is followed, and nobody told of calls: Python takes ten times as long while it tells."""
        self.paused += 1
        told = self.listener is not None and sys.getprofile() is self.listener
        if told:
            sys.setprofile(None)
        try:
            yield
        finally:
            if told:
                sys.setprofile(self.listener)
            self.paused -= 1

    def name(self, module: nn.Module) -> str:
        """The module's qualified name in the audited model."""
        return self._names.get(module, "")

    def at(self, place: Place | None, op: str, bounds: tuple[tuple[Lit | None, ...], ...] = ()) -> None:
        self.run.path = (next(self._occurrences),)
        self.run.at(place or NOWHERE, op, bounds)  # type: ignore[arg-type]

    # --- what happens ------------------------------------------------------------------------------------------------

    def function(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A function of torch is called."""
        if self.paused:
            return func(*args, **kwargs)
        name = _name(func)
        if name in _FACTS or (not name.startswith("torch.") and next(tensors_in((args, kwargs)), None) is None):
            return func(*args, **kwargs)
        place = here()
        with self.pause():
            values, keywords = self._values(args, kwargs)
            try:
                result = func(*args, **kwargs)
            except Exception:
                self._follow(lambda: self._function(name, place, args, values, keywords))
                raise
            value = self._follow(lambda: self._function(name, place, args, values, keywords))
            self._overwritten(name, args, kwargs)
            self.shadows.attach(result, value)
            self.labels.moved(name, func, args, kwargs, result)
            self._check(result)
        return result

    def layer(self, module: nn.Module, call: Callable[[], Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A layer of torch is called."""
        place = here()
        with self.pause():
            values, keywords = self._values(args, kwargs)
            every = (*values, *keywords.values())
            self.at(place, "call")
            kind = self._layer(module)
            value = self._follow(lambda: self.run.each(every, lambda some: layers.apply(self.run, kind, some)))
            result = call()
            self.shadows.attach(result, value)
            if isinstance(module, nn.Embedding) and module.padding_idx is not None and isinstance(args[0], Tensor):
                self.embedded.append(Embedded(result, args[0], module.padding_idx, place))
        return result

    def unfollowed(self, why: str, name: str, call: Callable[[], Any], given: tuple[Any, ...]) -> Any:
        """Code is called that cannot be looked into: what goes in is read, what comes out is not known."""
        self.not_followed[name] = why
        place = here()
        with self.pause():
            self.at(place, "call")
            for tensor in tensors_in(given):
                self.run.use(self.shadows.value(tensor), "elsewhere")
            result = call()
            for tensor in tensors_in(result):
                self.shadows.set(tensor, self.run.lost(why))
        return result

    def told(self, thing: object, op: str, other: object) -> None:
        """A tuple that torch returned is indexed, unpacked, added to a tensor, or asked for an attribute."""
        if self.paused:
            return
        place = here()
        with self.pause():
            value = self.shadows.value(thing)
            if op == "unpack":
                self._unpacked(place, value)
            elif op == "index":
                items = tuple(self.shadows.item(one) for one in (other if isinstance(other, tuple) else (other,)))
                self.at(place, "index", spelled.bounds(place, items))
                self._follow(lambda: subscripts.subscript(self.run, value, items, isinstance(other, tuple)))
            elif op == "arithmetic":
                self.at(place, op)
                self._follow(lambda: operators.binary(self.run, "+", value, self.shadows.value(other)))
            else:
                self.at(place, op)
                self._follow(lambda: self._missing(value, op))

    def returned(self, result: object, place: Place) -> None:
        """The program hands a result out."""
        with self.pause():
            self.at(place, "return")
            for tensor in tensors_in(result):
                self.run.use(self.shadows.value(tensor), "return")

    def kept(self, value: object) -> None:
        """Something becomes an attribute of a module."""
        place = here()
        with self.pause():
            self.at(place, "attribute")
            for tensor in tensors_in(value):
                self.run.use(self.shadows.value(tensor), "attribute")

    # --- recurrent modules -------------------------------------------------------------------------------------------

    def recurrent(
        self, module: nn.RNNBase, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """A recurrent module is called; its results are told apart from here on."""
        place = here()
        with self.pause():
            values, keywords = self._values(args, kwargs)
            self.at(place, "call")
            kind = self._recurrent(module)
            with self._looping(place):
                value = self._follow(lambda: recurrent.call(self.run, kind, values, keywords))
            record, args, kwargs = Recurrence.begun(self.name(module), module, args, kwargs, place)
            record, result = self._gated(record, forward(module, *args, **kwargs))
            self.recurrences.append(record.returned(result))
            self.shadows.attach(result, value)
            self.labels.begin(module, result)
            self._check(result)
            return self._watched(result, value)

    def cell(
        self, module: nn.RNNCellBase, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """A recurrent cell is called."""
        place = here()
        with self.pause():
            values, keywords = self._values(args, kwargs)
            self.at(place, "call")
            key = ("module", id(module))
            kind = RecurrentCell(type(module).__name__, Lit(module.hidden_size), Lit(module.input_size), key)
            with self._looping(place):
                value = self._follow(lambda: recurrent.call_cell(self.run, kind, values, keywords))
            record, args, kwargs = Recurrence.begun(self.name(module), module, args, kwargs, place)
            record, result = self._gated(record, forward(module, *args, **kwargs))
            self.recurrences.append(record.returned(result))
            self.shadows.attach(result, value)
        return result

    def _gated(self, call: Recurrence, result: Any) -> tuple[Recurrence, Any]:
        return structure.gated(call, result) if structure.is_large(call) else (call, result)

    @contextmanager
    def _looping(self, place: Place | None) -> Iterator[None]:
        """A place that is come by again is in a loop; so is all that comes after gradients were computed."""
        turn = self._turns[place, self._backwards]
        self._turns[place, self._backwards] += 1
        self.run.loops = (Loop(_BACKWARD, frozenset(), self._backwards), Loop(place, frozenset(), turn))
        try:
            yield
        finally:
            self.run.loops = ()

    def constructed(self, cell: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A recurrent module is built."""
        place = here()
        with self.pause():
            values, keywords = self._values(args, kwargs)
            self.at(place, "call")
            self._follow(lambda: recurrent.construct(self.run, cell, values, keywords))

    def packed(self, name: str, given: Mapping[str, Any], place: Place | None, result: object) -> None:
        """A function of torch.nn.utils.rnn was called with the given parameters."""
        with self.pause():
            self.at(place, "call")
            keywords = {key: self.shadows.value(one) for key, one in given.items()}
            value = self._follow(lambda: calls.call(self.run, Torch(f"torch.nn.utils.rnn.{name}"), (), keywords))
            self.shadows.attach(result, value)
            if name == "pad_packed_sequence" and isinstance(result, tuple):
                self.padded.append(Padded(result[0], result[1], bool(given["batch_first"]), place))

    # --- values ------------------------------------------------------------------------------------------------------

    def _values(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Value, ...], dict[str, Value]]:
        return tuple(map(self.shadows.value, args)), {key: self.shadows.value(one) for key, one in kwargs.items()}

    def _follow(self, operate: Callable[[], Value]) -> Value:
        """The value of an operation; what the analysis takes for impossible is not known."""
        try:
            return operate()
        except TorchRaises as error:
            return self.run.lost(f"{error}")
        except (Need, OutOfBudget):
            return self.run.lost("a fact that the run does not show")
        except Exception as error:  # a mistake of ours must not look like one of the model's
            return self.run.lost(f"{INTERNAL}: {type(error).__name__}: {error}")

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
            self.at(place, "index", spelled.bounds(place, items))
            return subscripts.subscript(self.run, values[0], items, isinstance(args[1], tuple))
        if name == "torch.Tensor.unbind" and place is not None and spelled.targets(place) is not None:
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
            numbers = spelled.numbers(place, values[1:])
            self.at(place, last, tuple((self.run.literal(number),) for number in numbers))
            return calls.method(self.run, values[0], last, numbers, keywords)
        if method:
            return calls.method(self.run, values[0], last, values[1:], keywords)
        return calls.call(self.run, Torch(name), values, keywords)

    def _assigned(self, receiver: Value, value: Value) -> Value:
        if isinstance(value, Items | Packed):
            return layers.apply(self.run, domain.Layer("other", "assignment"), (value,))
        self.run.use(value, "elsewhere")
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
                self.run.use(self.shadows.value(sharing), "elsewhere")
                self.shadows.set(sharing, self.run.lost("a tensor that was overwritten"))

    def _unpacked(self, place: Place | None, value: Value) -> None:
        names = None if place is None else spelled.targets(place)
        if names is None:
            return
        self.at(place, "unpack")
        module: Recurrent | RecurrentCell | None = None
        if isinstance(value, domain.Tensor):
            module = next((m for _, m in self.run.modules(value.states)), self.run.cell_of(value.states))
        elif isinstance(value, Items) and value.tag is not None:
            module = self.run.module(value.tag.call)
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
        return Watched.of(tuple(parts), value, self.told)

    def _layer(self, module: nn.Module) -> domain.Layer:
        known = {
            name: Lit(getattr(module, name)) for name in _PARAMETERS if isinstance(getattr(module, name, None), int)
        }
        shape = getattr(module, "normalized_shape", ())
        if isinstance(shape, tuple) and shape:
            known["normalized_shape"] = Lit(shape[-1])
        built = modules.construct(self.run, f"torch.nn.{type(module).__name__}", (), known)
        return built if isinstance(built, domain.Layer) else domain.Layer("other", type(module).__name__)

    def _recurrent(self, module: nn.RNNBase) -> Recurrent:
        key: Hashable = ("module", id(module))
        return Recurrent(
            "RNN" if module.mode.startswith("RNN") else module.mode,
            Lit(module.num_layers, frozenset({spelled.layers_of(module.num_layers)})),
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
