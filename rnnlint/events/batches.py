"""What was done to batches of sequences: packed, sorted, put into another order."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.axes.states import Order, States
from rnnlint.events.calls import Used
from rnnlint.events.sites import Site
from rnnlint.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Lengths:
    """What is known of the lengths given to packing.

    ``falling``: they are sorted with the longest first; None where that is not known either way.  ``full``: each is
    the padded length itself; ``written``: as numbers that stand there.  ``moved``: they are on the device of the model.
    """

    falling: bool | None = None
    full: bool = False
    written: bool = False
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Packing:
    """``pack_padded_sequence``.  ``astray``: what it takes for the samples is known to be the steps; ``sort``: it
    checks that the lengths fall, as it stands there and not because its caller says so, and nothing catches what it
    raises."""

    batch_first: bool
    astray: bool
    lengths: Lengths
    sort: bool
    samples: int | None
    site: Site


@dataclass(frozen=True, slots=True)
class Reordered:
    """``before`` was indexed along ``axis`` by the index of a sort; ``order`` is what that does."""

    before: States
    axis: int
    order: Order
    site: Site


@dataclass(frozen=True, slots=True)
class Sorted:
    """At the end of a run: a batch was sorted, and packed in that order.

    ``uses`` is everything of the calls on it that reached a use; ``shared`` when the sort's index went to something
    else as well: labels were indexed by it, or it was returned or handed on.
    """

    sort: Hashable
    uses: tuple[Used, ...]
    shared: bool
