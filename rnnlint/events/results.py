"""What torch returned is unpacked, or treated like a tensor that it is not."""

from __future__ import annotations

from rnnlint.axes.states import Call
from rnnlint.events.sites import Site
from rnnlint.frozen import dataclass
from rnnlint.values.domain import Packed, Recurrent, RecurrentCell, Value


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A value that torch returned is unpacked into ``names`` (nested tuples of names, "*x" for a starred one)."""

    value: Value
    names: tuple[object, ...]
    module: Recurrent | RecurrentCell | None
    site: Site


@dataclass(frozen=True, slots=True)
class PairRead:
    """The LSTM's (h_n, c_n) is treated like a tensor: ``op`` is "index", "arithmetic", "cat", "layer" or a method's
    name; ``index`` is the constant it is indexed with, or the axis of a "cat", ``result`` what that gives (None: torch
    raises).  ``meant``: what the program does with it afterwards shows that it knows what it has."""

    call: Call
    module: Recurrent | None
    op: str
    site: Site
    index: int | None = None
    result: Value | None = None
    meant: bool = False


@dataclass(frozen=True, slots=True)
class MadePairRead:
    """A pair of tensors that the program has made itself, one like the other, is asked for a tensor's method ``op``:
    Python raises.  ``made`` are the places where the two were made."""

    op: str
    site: Site
    made: tuple[Site, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultRead:
    """The whole result of a recurrent call is treated like a tensor, likewise; or a part of it is taken by its number,
    as of the tuple that it is."""

    call: Call
    module: Recurrent | None
    op: str
    site: Site
    index: int | None = None
    result: Value | None = None
    meant: bool = False


@dataclass(frozen=True, slots=True)
class PaddedRead:
    """The pair (padded, lengths) that ``pad_packed_sequence`` returns is treated like a tensor: torch raises.

    ``padded`` is its first part.
    """

    site: Site
    padded: Value | None = None


@dataclass(frozen=True, slots=True)
class PackedRead:
    """A PackedSequence is treated like a tensor, likewise; ``packed`` is the one whose fields an index or a slice
    picks, None where it picks none; ``subject`` is the one that is treated so."""

    op: str
    site: Site
    index: int | None = None
    count: int | None = None  # names it was unpacked into
    packed: Packed | None = None
    subject: Packed | None = None
