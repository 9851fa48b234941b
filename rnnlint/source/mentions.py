"""Which names speak of a recurrent module, or of the batches it reads."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from collections.abc import Set as AbstractSet

from rnnlint.cells import is_part_of
from rnnlint.source import program as ir
from rnnlint.source import walking


def mentions_recurrent(names: Iterable[str]) -> bool:
    """Whether one of several names is, or holds, that of a recurrent module: ``nn.LSTM``, ``DPLSTM``, ``nn.RNNBase``.

    Names only say where it is worth looking: classes that wrap a module mostly have its name in theirs.
    """
    return any(map(is_part_of, names))


PACKING = frozenset({"pack_padded_sequence", "pack_sequence", "pad_packed_sequence"})
"""Functions of torch whose results are easily taken for tensors, whether or not a recurrent module is near."""


def mentions_packing(names: AbstractSet[str]) -> bool:
    """Whether one of several names is that of a function that packs a batch, or pads one again."""
    return not PACKING.isdisjoint(names)


def mentioned_in(function: Hashable) -> frozenset[str]:
    """The names and attributes in a function or a ``lambda``; none in anything else."""
    if isinstance(function, ir.FunctionDef):
        return function.names
    inside = walking.walk(function.body) if isinstance(function, ir.Lambda) else ()
    return frozenset(map(ir.last_name, inside)) - {""}


def names_recurrent(function: ir.Expr) -> bool:
    """Whether what is called has such a name."""
    return mentions_recurrent((ir.last_name(function),))
