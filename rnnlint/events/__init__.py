"""What the interpreter (and, with labels, the runtime) reports of a program: what was done to states, and where.

Rules are predicates over one event.  A site is the place where something happens, an opaque token that the host can
turn into a line; a finding stands at a site.  An ``axis`` is one of the states beside it, counted from 0 (where there
are none, as in a state of one unit that was picked, it is 0 and names nothing).
"""

from __future__ import annotations

from typing import TypeAlias

from rnnlint.events.batches import Lengths, Packing, Reordered, Sorted
from rnnlint.events.calls import (
    Argument,
    Called,
    Constructed,
    Ended,
    Evidence,
    Handed,
    Kept,
    Misfit,
    Read,
    Resumed,
    Stepped,
    Unpassed,
    Used,
    Wrong,
)
from rnnlint.events.operations import (
    Compared,
    Discarded,
    Indexed,
    Joining,
    Parted,
    Reduced,
    Squeezed,
    Unfit,
    VectorsJoined,
)
from rnnlint.events.results import MadePairRead, PackedRead, PaddedRead, PairRead, ResultRead, Unpacked
from rnnlint.events.sites import Site

__all__ = [
    "Argument",
    "Called",
    "Compared",
    "Constructed",
    "Discarded",
    "Ended",
    "Event",
    "Evidence",
    "Handed",
    "Indexed",
    "Joining",
    "Kept",
    "Lengths",
    "MadePairRead",
    "Misfit",
    "PackedRead",
    "Packing",
    "PaddedRead",
    "PairRead",
    "Parted",
    "Read",
    "Reduced",
    "Reordered",
    "ResultRead",
    "Resumed",
    "Site",
    "Sorted",
    "Squeezed",
    "Stepped",
    "Unfit",
    "Unpacked",
    "Unpassed",
    "Used",
    "VectorsJoined",
    "Wrong",
]

Event: TypeAlias = (
    Used
    | Read
    | Ended
    | Called
    | Handed
    | Unpassed
    | Compared
    | Constructed
    | Unpacked
    | MadePairRead
    | PairRead
    | ResultRead
    | PackedRead
    | PaddedRead
    | Joining
    | VectorsJoined
    | Indexed
    | Parted
    | Squeezed
    | Packing
    | Reordered
    | Sorted
    | Reduced
    | Discarded
    | Unfit
    | Stepped
    | Kept
    | Resumed
)
