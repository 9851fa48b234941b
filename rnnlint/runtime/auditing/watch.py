"""What the audited run does to tensors, told to the analysis as the interpreter would tell it.

Each function of torch that the program calls is run for real, and its arguments' values are handed to the same
operation of ``torch_api``: so the events are those of the static side, and so are the rules that judge them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnlint.interpret.python import operators, subscripts
from rnnlint.runtime.auditing import source_text, structure, torch_functions
from rnnlint.runtime.auditing.following import LOST, Following
from rnnlint.runtime.auditing.places import Place, raised_last
from rnnlint.runtime.auditing.record import Embedded
from rnnlint.runtime.auditing.shadows import tensors_in
from rnnlint.runtime.auditing.tuples import Watched, known_as
from rnnlint.torch_api.modules import constructors, layers
from rnnlint.torch_api.modules.attention import operands
from rnnlint.values import domain
from rnnlint.values.domain import Lit, Packed, Value
from rnnlint.values.layer_kinds import LayerKind
from rnnlint.values.uses import Use

_SAID = """in_features out_features num_embeddings embedding_dim padding_idx dim start_dim end_dim in_channels
out_channels kernel_size output_size stride padding dilation num_features num_channels in1_features
in2_features embed_dim normalized_shape batch_first"""
_PARAMETERS = tuple(_SAID.split())  # of torch's layers, kept by their names


class Watch(Following):
    """One audited run, as the places where torch lets an observer in tell of it."""

    def function(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A function of torch is called."""
        if self.paused:
            return func(*args, **kwargs)
        name = self.ours("the name of a function", None, lambda: torch_functions.name_of(func), "")
        # what has no name among torch's concerns us only for the tensors it is handed; torch's own may make one of
        # numbers
        if name in torch_functions.FACTS or (not name.startswith("torch.") and not self.any_tensor(args, kwargs)):
            return func(*args, **kwargs)
        place = self.place()
        with self.pause():
            # before it is run, because it may write to its arguments; what it means is asked once torch has done it or
            # refused, because only then it is known what the analysis may say of it (``contradict``)
            values, keywords = self.values(args, kwargs)
            concerned = self.concerned((args, kwargs))
            try:
                result = func(*args, **kwargs)
            except Exception:
                self.follow(lambda: torch_functions.meaning(self, name, place, args, values, keywords))
                self.contradict(raised=True, place=place)
                raise
            value = self.follow(lambda: torch_functions.meaning(self, name, place, args, values, keywords))
            self.contradict()

            def seen() -> None:
                # first what was overwritten is forgotten, then the result is known, because the result may be what was
                # written to; then labels move, which may take the knowledge back
                torch_functions.overwritten(self, name, args, kwargs)
                self.shadows.attach(result, value)
                self.labels.moved(name, func, args, kwargs, result)
                self.check(result)
                if concerned:
                    # which returns nothing, and changes what it is called on
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
        place = self.place()
        name = type(module).__name__

        def handed() -> Value:
            values, keywords = self.values(args, kwargs)
            self.at(place, "call")
            kind = self._layer(module)
            attends = kind.kind is LayerKind.ATTENTION
            every = (operands if attends else layers.operands)(values, keywords)
            return self.follow(lambda: self.run.each(every, lambda some: layers.apply(self.run, kind, some)))

        def seen() -> None:
            self.shadows.attach(result, value)
            if concerned:
                self.tally.operation(f"nn.{name}", place, result)
            taken = args[0] if args else kwargs.get("input")
            if isinstance(module, nn.Embedding) and module.padding_idx is not None and isinstance(taken, Tensor):
                self.embedded.append(Embedded(result, taken, module.padding_idx, place))

        with self.pause():
            # before it is called, because a layer may work in place (``inplace=True``)
            value = self.ours(name, place, handed, LOST, (args, kwargs))
            concerned = self.concerned((args, kwargs))
            self.ours(name, place, lambda: self.tally.layered((args, kwargs)), None)
            with self.trying(place):
                result = call()
            self.ours(name, place, seen, None, result)
        return result

    def unfollowed(self, why: str, name: str, call: Callable[[], Any], given: tuple[Any, ...]) -> Any:
        """Code is called that cannot be looked into: what goes in is read, what comes out is not known."""
        self.not_followed[name] = why
        place = self.place()

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
            # read before it is called: what goes in is known now, and may be written to there
            self.ours(name, place, handed, None, given)
            concerned = self.concerned(given)
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
        place = self.place()
        with self.pause():
            self.ours(f"a tuple's {op}", place, lambda: self._told(place, thing, op, other), None, thing)

    def _told(self, place: Place | None, thing: object, op: str, other: object) -> None:
        value = self.shadows.value(thing)
        # its fields by number: what is made of them with ``PackedSequence(...)`` is the same batch (see ``rebuilt``)
        if op == "index" and isinstance(thing, PackedSequence) and isinstance(value, Packed):
            self.picked.append((thing.batch_sizes, value))
        if op == "unpack":
            torch_functions.unpacked(self, place, value)
        elif op == "index":
            items = tuple(self.shadows.item(one) for one in (other if isinstance(other, tuple) else (other,)))
            self.at(place, "index", source_text.bounds(place, items))
            item = self.follow(lambda: subscripts.subscript(self.run, value, items, isinstance(other, tuple)))
            if isinstance(thing, Watched) and isinstance(other, int) and -len(thing) <= other < len(thing):
                part = tuple.__getitem__(thing, other)
                if isinstance(part, Tensor) and isinstance(item, domain.Tensor):
                    self.shadows.set(part, item)  # the same states, and how they were asked for
                elif isinstance(part, Watched) and isinstance(item, domain.Items):
                    known_as(part, item)  # likewise
                    for one, state in zip(tuple.__iter__(part), item.items, strict=True):
                        self.shadows.set(one, state)
        # ``+`` stands for all of them: torch refuses each, and a tuple has only ``+`` and ``*`` of its own (see
        # ``Watched``)
        elif op == "arithmetic":
            self.at(place, op)
            self.follow(lambda: operators.binary(self.run, "+", value, self.shadows.value(other)))
        elif place is None or not (place.asks or place.tried):  # a program that asks first knows what it has
            self.at(place, op)
            self.follow(lambda: torch_functions.missing(self, value, op))

    def refused(self, error: AttributeError) -> None:
        """The program ends since something has no such attribute: a tuple of its own, of which nobody tells before."""
        thing, name, place = error.obj, error.name, raised_last(error)
        if type(thing) is not tuple or name is None or place is None:  # a module that is handed one asks it itself
            return

        def asked() -> None:
            self.at(place, name)
            self.follow(lambda: torch_functions.missing(self, self.shadows.value(thing), name))

        with self.pause():
            self.ours("an attribute of a tuple", None, asked, None, thing)

    def rebuilt(self, sizes: object) -> None:
        """A PackedSequence is made with these batch sizes."""
        for known, packed in self.picked:
            if known is sizes:
                self.ours("a PackedSequence", None, partial(self.run.trace.rebuild, packed), None)

    def returned(self, result: object, place: Place) -> None:
        """The program hands a result out."""
        with self.pause():
            self.ours("a return", place, lambda: self._used(result, place, Use.RETURN), None, result)

    def kept(self, value: object) -> None:
        """Something becomes an attribute of a module."""
        place = self.place()
        with self.pause():
            self.ours("an attribute", place, lambda: self._used(value, place, Use.ATTRIBUTE), None, value)

    def _used(self, value: object, place: Place | None, how: Use) -> None:
        self.at(place, how.value)
        for tensor in tensors_in(value):
            self.run.use(self.shadows.value(tensor), how)

    def _layer(self, module: nn.Module) -> domain.Layer:
        known = {
            name: Lit(getattr(module, name)) for name in _PARAMETERS if isinstance(getattr(module, name, None), int)
        }
        # the only parameter that is a tuple: its last number is the width that the layer asks for
        shape = getattr(module, "normalized_shape", ())
        if isinstance(shape, tuple) and shape:
            known["normalized_shape"] = Lit(shape[-1])
        built = constructors.construct(self.run, f"torch.nn.{type(module).__name__}", (), known)
        return built if isinstance(built, domain.Layer) else domain.Layer(LayerKind.OTHER, type(module).__name__)
