"""What the analysis calls the objects of a run: tensors to arrangements, and back onto the results."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import count

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnlint.axes import results
from rnnlint.axes.states import Block, Given, Unknown, shape
from rnnlint.interpret.python import sequences
from rnnlint.interpret.state.run import Run
from rnnlint.runtime.auditing.tuples import Watched, value_of
from rnnlint.torch_api.tensors import indexing
from rnnlint.values import domain
from rnnlint.values.domain import Along, Items, Lit, Packed, Torch, Value
from rnnlint.values.heap_cells import DictCell
from rnnlint.values.origins import FromOutside

UNSEEN = "a tensor made by an operation that the audit does not see"
_DEEPEST = 12  # containers inside each other that are looked into


class Shadows:
    """The values of the tensors of one run.  Tensors are held weakly: the audit keeps none alive."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._values: dict[int, tuple[weakref.ref[Tensor], Value]] = {}
        self._packed: dict[int, tuple[weakref.ref[Tensor], Packed]] = {}  # by the packed data
        self._numbers = count()

    def get(self, tensor: Tensor) -> Value | None:
        """What is known of a tensor, None for one that was never met."""
        held, value = self._values.get(id(tensor), (None, None))
        return value if held is not None and held() is tensor else None

    def set(self, tensor: Tensor, value: Value) -> None:
        """From here on, ``value`` is what is known of a tensor; it goes when the tensor does."""
        self._values[id(tensor)] = (weakref.ref(tensor), value)

    def sharing(self, tensor: Tensor) -> Iterator[Tensor]:
        """The tensors with a value whose elements live where those of ``tensor`` do, itself included."""
        storage = _storage(tensor)
        for held, _ in list(self._values.values()):
            other = held()
            if other is tensor or (other is not None and storage is not None and _storage(other) == storage):
                yield other

    def value(self, thing: object, depth: int = _DEEPEST) -> Value:
        """An object of the program as a value of the analysis; a list can hold itself, so ``depth`` ends it."""
        if not depth:
            return Unknown(f"a {type(thing).__name__} that lies deep in others")
        match thing:
            case Tensor():
                return self._of_tensor(thing)
            case Watched() if (known := value_of(thing)) is not None:
                return known
            case PackedSequence():
                held, packed = self._packed.get(id(thing.data), (None, Packed(None)))
                return packed if held is not None and held() is thing.data else Packed(None)
            case torch.Size():
                return Items(tuple(Lit(int(size)) for size in thing))
            case tuple():
                return Items(tuple(self.value(one, depth - 1) for one in thing))
            case list():
                return self._run.containers.new_list(tuple(self.value(one, depth - 1) for one in thing))
            case dict():
                items = tuple((str(key), self.value(one, depth - 1)) for key, one in thing.items())
                return self._run.containers.new_cell(DictCell(items))
            case bool() | int() | float() | complex() | str() | bytes() | None:
                return Lit(thing)
            case torch.dtype() | torch.device() | torch.layout() | torch.memory_format():
                return Torch(str(thing))
        return Unknown(f"a {type(thing).__name__}")

    def entering(self, tensor: Tensor) -> Value:
        """The value of a tensor that a recurrent module reads; of one that is not known, its shape is."""
        value = self.value(tensor)
        return self._given(tensor) if isinstance(value, Unknown) and not tensor.is_nested else value

    def item(self, index: object) -> indexing.Item:
        """One item of a subscript."""
        if isinstance(index, slice):
            parts = (index.start, index.stop, index.step)
            return indexing.SliceOf(*(None if part is None else self.value(part) for part in parts))
        return indexing.DOTS if index is Ellipsis else self.value(index)

    def _of_tensor(self, tensor: Tensor) -> Value:
        known = self.get(tensor)
        if known is None:
            known = self._given(tensor) if tensor.grad_fn is None and not tensor.is_nested else Unknown(UNSEEN)
            self.set(tensor, known)
        return known

    def _given(self, tensor: Tensor) -> domain.Tensor:
        """A tensor that no RNN returned."""
        key = FromOutside(next(self._numbers), isinstance(tensor, torch.nn.Parameter))
        return domain.Tensor(results.given(Given(key, tuple(tensor.shape))))

    def attach(self, result: object, value: Value) -> None:
        """Remember what an operation's result is.  What does not have the shape it should is not known."""
        match result:
            case Tensor():
                value = _sized(value, tuple(result.shape))
                fits = not isinstance(value, domain.Tensor) or shape(value.states) == tuple(result.shape)
                if not fits or isinstance(value, (Items, Along)):
                    value = self._run.lost("a result that has another shape than expected")
                self.set(result, value)
            case PackedSequence():
                self.set(result.data, Unknown("a field of a PackedSequence"))
                if isinstance(value, Packed):
                    self._packed[id(result.data)] = (weakref.ref(result.data), value)
            case tuple() | list():
                for one, its in zip(result, self._each(value, len(result)), strict=True):
                    self.attach(one, its)

    def _each(self, value: Value, length: int) -> Iterable[Value]:
        if isinstance(value, Along) and shape(value.states)[value.axis] == length:
            return [sequences.taken_from(self._run, value, place) for place in range(length)]
        items = self._run.containers.elements(value)
        reason = value if isinstance(value, Unknown) else Unknown("part of a result that is not followed")
        return items if items is not None and len(items) == length else [reason] * length


def _storage(tensor: Tensor) -> int | None:
    """Which storage a tensor's elements live in; None where it has none of its own (sparse, wrapping others)."""
    try:
        address: int = tensor.untyped_storage()._cdata
    except (RuntimeError, NotImplementedError):
        return None
    return address


def _sized(value: Value, sizes: tuple[int, ...]) -> Value:
    """A tensor of its own in the size it has: the analysis may have left that open."""
    match value:
        case domain.Tensor(Block(source=Given(key, extents)) as block) if extents != sizes and len(extents) == len(
            sizes
        ):
            if block.axes == results.given(Given(key, extents)).axes:
                return domain.Tensor(replace(results.given(Given(key, sizes)), marks=block.marks))
    return value


# 4, because results nest a few times (a dataclass of tuples of tuples), and this is asked of the arguments of every
# function
def tensors_in(thing: object, depth: int = 4) -> Iterator[Tensor]:
    """Every tensor in a result: tuples, lists, dicts, packed sequences and plain objects are looked into."""
    match thing:
        case Tensor():
            yield thing
        case PackedSequence():
            yield thing.data
        case tuple() | list() | set() | frozenset():
            parts: Iterable[object] = tuple.__iter__(thing) if isinstance(thing, tuple) else thing
            for part in parts if depth else ():
                yield from tensors_in(part, depth - 1)
        case Mapping():
            for part in thing.values() if depth else ():
                yield from tensors_in(part, depth - 1)
        case _ if hasattr(thing, "__dict__") and not isinstance(thing, (type, torch.nn.Module)) and depth:
            for part in vars(thing).values():
                yield from tensors_in(part, depth - 1)
