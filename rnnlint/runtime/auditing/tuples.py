"""The tuples that recurrent modules return, saying how they are read.

A tuple has no hooks, so the audited run is handed these in its place.  They are tuples in all that a program does with
them except ``type(x) is tuple``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, SupportsIndex
from unittest import mock

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnlint.values.domain import Items

Told = Callable[[object, str, object], None]
"""Called with the tuple, what is done to it ("index", "unpack", "arithmetic" or an attribute's name), and with what."""


class Watched(tuple):  # type: ignore[type-arg]
    """``(output, h_n)`` or ``(h_n, c_n)`` as a recurrent call returned it; ``value`` is what the analysis calls it."""

    value: Items
    told: Told

    @classmethod
    def of(cls, items: tuple[object, ...], value: Items, told: Told) -> Watched:
        made = cls(items)
        made.value = value
        made.told = told
        return made

    def __getitem__(self, index: Any) -> Any:
        self.told(self, "index", index)
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        self.told(self, "unpack", None)
        return super().__iter__()

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            self.told(self, name, None)
        raise AttributeError(f"'tuple' object has no attribute {name!r}")

    def _arithmetic(self, other: object) -> Any:
        if isinstance(other, Tensor):
            self.told(self, "arithmetic", other)
        return NotImplemented

    __sub__ = __mul__ = __truediv__ = __matmul__ = _arithmetic
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rmatmul__ = _arithmetic

    def __add__(self, other: Any) -> Any:
        return self._arithmetic(other) if isinstance(other, Tensor) else super().__add__(other)

    def __reduce__(self) -> tuple[type, tuple[tuple[object, ...]]]:
        return tuple, (tuple(tuple.__iter__(self)),)


Watched.__name__ = "tuple"  # what torch's messages call it


@contextlib.contextmanager
def watched_packs(told: Told) -> Iterator[None]:
    """Inside, every PackedSequence says how it is read, likewise."""

    def item(self: PackedSequence, index: SupportsIndex | slice) -> Any:
        told(self, "index", index)
        return tuple.__getitem__(self, index)

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
