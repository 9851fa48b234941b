"""The tuples that recurrent modules return, saying how they are read.

A tuple has no hooks, so the audited run is handed these in its place.  They are tuples in all that a program does with
them except ``type(x) is tuple``: their type equals ``tuple``, hashes like it, and makes plain tuples when it is called.
So ``type(x) == tuple``, tables by type (``torch.utils._pytree``, ``copy``), ``type(x)(...)`` and pickling work, and
what is made of one is a plain tuple.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from numbers import Number
from typing import Any, SupportsIndex
from unittest import mock

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnlint.values.domain import Items

Told = Callable[[object, str, object], None]
"""Called with the tuple, what is done to it ("index", "unpack", "arithmetic" or an attribute's name), and with what."""

# What is known of the tuples that are alive, by their ids.  Not kept in the tuples: those of a program have no
# attributes, and a subclass of tuple can have neither slots nor weak references.
_KNOWN: dict[int, tuple[Items, Told]] = {}


class _LikeTuple(type):
    """The type of a type that passes for ``tuple``."""

    def __eq__(cls, other: object) -> bool:
        return other is tuple or other is cls

    def __hash__(cls) -> int:
        return hash(tuple)

    def __call__(cls, *items: Any) -> Any:
        # torch's full backward hooks take any subclass of tuple for a named one and hand over the items one by one.
        return tuple(items) if len(items) > 1 else tuple(*items)


class Watched(tuple[Any, ...], metaclass=_LikeTuple):
    """``(output, h_n)`` or ``(h_n, c_n)`` as a recurrent call returned it."""

    __slots__ = ()

    def __del__(self) -> None:
        _KNOWN.pop(id(self), None)

    def _tell(self, op: str, other: object) -> None:
        known = _KNOWN.get(id(self))
        if known is not None:
            known[1](self, op, other)

    def __getitem__(self, index: Any) -> Any:
        self._tell("index", index)
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        self._tell("unpack", None)
        return super().__iter__()

    def __getattr__(self, name: str) -> Any:
        # no names with a dash in front: pytrees, copy and pickle ask every object for some, and no reader takes a tuple
        # for another thing by them
        if not name.startswith("_"):
            self._tell(name, None)
        raise AttributeError(f"'tuple' object has no attribute {name!r}")

    def _arithmetic(self, other: object) -> Any:
        if isinstance(other, Tensor):
            self._tell("arithmetic", other)
        return NotImplemented

    __sub__ = __truediv__ = __matmul__ = _arithmetic
    __radd__ = __rsub__ = __rtruediv__ = __rmatmul__ = _arithmetic

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Tensor) and not other.dim():  # a tensor of one whole number repeats a tuple
            return super().__mul__(other)
        refused = self._arithmetic(other)
        plain: Any = super()
        return plain.__mul__(other) if isinstance(other, (Number, Tensor)) else refused

    __rmul__ = __mul__

    def __add__(self, other: Any) -> Any:
        refused = self._arithmetic(other)
        plain: Any = super()
        return plain.__add__(other) if isinstance(other, (tuple, list, Tensor)) else refused

    def __reduce__(self) -> tuple[type, tuple[tuple[object, ...]]]:
        return tuple, (tuple(tuple.__iter__(self)),)


Watched.__name__ = Watched.__qualname__ = "tuple"  # what torch's messages call it
Watched.__module__ = "builtins"


def watched(items: tuple[object, ...], value: Items, told: Told) -> Watched:
    """The items as a tuple that says how it is read; ``value`` is what the analysis calls it."""
    made = tuple.__new__(Watched, items)
    _KNOWN[id(made)] = value, told
    return made


def value_of(made: Watched) -> Items | None:
    """What the analysis calls a tuple, None where the run that made it is over."""
    known = _KNOWN.get(id(made))
    return None if known is None else known[0]


def known_as(made: Watched, value: Items) -> None:
    """A tuple is called something else by the analysis from here on."""
    known = _KNOWN.get(id(made))
    if known is not None:
        _KNOWN[id(made)] = value, known[1]


@contextlib.contextmanager
def watched_tuples() -> Iterator[None]:
    """When this is left, the tuples that are still alive say nothing any more."""
    before = set(_KNOWN)
    try:
        yield
    finally:
        for made in set(_KNOWN) - before:
            _KNOWN.pop(made, None)


@contextlib.contextmanager
def watched_packs(told: Told) -> Iterator[None]:
    """Inside, every PackedSequence says how it is read, likewise."""

    @functools.wraps(PackedSequence.__getitem__)
    def item(self: PackedSequence, index: SupportsIndex | slice) -> Any:
        told(self, "index", index)
        return tuple.__getitem__(self, index)

    @functools.wraps(PackedSequence.__iter__)
    def iterate(self: PackedSequence) -> Iterator[Any]:
        told(self, "unpack", None)
        return tuple.__iter__(self)

    def missing(self: PackedSequence, name: str) -> Any:
        if not name.startswith("_"):
            told(self, name, None)
        raise AttributeError(f"'PackedSequence' object has no attribute {name!r}")

    with contextlib.ExitStack() as patches:
        for name, function in (("__getitem__", item), ("__iter__", iterate), ("__getattr__", missing)):
            patches.enter_context(mock.patch.object(PackedSequence, name, function, create=True))
        yield
