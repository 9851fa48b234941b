"""What the interpreter (and, with labels, the runtime) reports of a program: what was done to states, and where.

Rules are predicates over one event.  A site is the place where something happens, an opaque token that the host can
turn into a line; a finding stands at a site.  An ``axis`` is one of the states beside it, counted from 0 (where there
are none, as in a state of one unit that was picked, it is 0 and names nothing).
"""

from __future__ import annotations

import enum
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeAlias

from rnnlint.axes.states import Call, Given, Order, Role, States
from rnnlint.values.domain import Free, Lit, Packed, Recurrent, RecurrentCell, Value
from rnnlint.values.origins import Memory
from rnnlint.values.uses import Use


@dataclass(frozen=True, slots=True)
class Site:
    """A place, with what was done there.

    ``op`` is the operation (``index``, ``view``, ``cat``, ``call``, ...); ``bounds`` are, for an index, the numbers its
    slices and indices were written with, one tuple an item: (lower, upper, step) or (index,), None for what is not a
    known number.
    """

    node: Hashable
    op: str = ""
    bounds: tuple[tuple[Lit | None, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Used:
    """Tensors reached a use.

    ``modules`` gives for every call the module that was called, ``carried`` holds the calls
    that were handed a state from outside, ``misfed`` those whose input is in the other layout.  ``taker`` is the module
    that an initial state is handed to.
    """

    states: States
    how: Use
    site: Site
    modules: tuple[tuple[Call, Recurrent], ...] = ()
    carried: frozenset[Call] = frozenset()
    misfed: frozenset[Call] = frozenset()
    taker: Recurrent | None = None

    def module(self, call: Call) -> Recurrent | None:
        return dict(self.modules).get(call)


@dataclass(frozen=True, slots=True)
class Read:
    """At the end of a run: everything of one call that reached a use, in order.

    ``ignored`` are the parameters that the function which makes the call never reads; ``carried``: the call was handed
    a state from outside.  ``padding`` is what shows that the file pads its batches, "" where nothing does; ``misread``:
    its (h_n, c_n) was treated like a tensor somewhere.
    """

    call: Call
    module: Recurrent
    uses: tuple[Used, ...]
    site: Site  # the call
    ignored: tuple[str, ...] = ()
    carried: bool = False
    padding: str = ""
    misread: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """At the end of a run: what was read of every call."""

    reads: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the program itself shows an axis of a tensor to be: samples, or steps.  ``why`` names what shows it."""

    role: Role
    why: str
    site: Site


@dataclass(frozen=True, slots=True)
class Called:
    """At the end of a run: a recurrent module was called.

    ``source`` is its input, where that is known and not packed; ``carried``: it was handed a state from outside;
    ``contrary``: what shows that the axis it takes for steps holds samples, or the other way round.  ``continued``: the
    state it returns goes on to a next call, as far as the program shows: it is returned, stored or handed on as it is,
    or another call of the module is handed a state from outside.
    """

    call: Call
    module: Recurrent
    source: States | None
    carried: bool
    contrary: Evidence | None
    site: Site
    continued: bool = False


class Wrong(enum.Enum):
    """What is wrong with the shape of an initial state."""

    RANK = "rank"  # the number of axes
    SAMPLES_FIRST = "samples first"  # it has the samples where the layers belong, as with batch_first
    STEPS = "sized by the steps"  # it has as many samples as the input has steps
    ROWS = "rows"  # the extent of layers x directions
    SAMPLES = "samples"  # the number of samples
    UNITS = "units"  # the width


@dataclass(frozen=True, slots=True)
class Misfit:
    """An initial state that torch does not take: ``states``, item ``place`` of it, should have the shape ``wanted``."""

    states: States
    place: int
    wanted: tuple[int, ...]
    what: Wrong


@dataclass(frozen=True, slots=True)
class Handed:
    """What a recurrent module (or cell) is handed as initial state; the literal None where it is handed nothing.

    ``call`` is the call, None for a cell; ``wanted`` are the shapes of the tensors it takes.  ``memory`` says what is
    in the tensors of it that the program has made itself, ``written`` where that was written into one that was made
    with something else, ``modules`` gives the modules of the calls that its other tensors come from.  ``misfit`` is set
    where whatever it can be is of the wrong shape.
    """

    module: Recurrent | RecurrentCell
    call: Call | None
    source: Value
    state: Value
    wanted: tuple[tuple[int, ...], ...]
    memory: tuple[tuple[Given, Memory], ...]
    modules: tuple[tuple[Call, Recurrent], ...]
    misfit: Misfit | None
    site: Site
    written: tuple[tuple[Given, Site], ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Two tensors were compared, asserted equal, or one was put in the place of the other.  ``whole`` when the
    comparison asks for one answer (``torch.equal``, ``allclose``, ``assert (a == b).all()``)."""

    left: States
    right: States
    whole: bool
    site: Site
    modules: tuple[tuple[Call, Recurrent], ...] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a constructor, and the parameter it lands in (None: there is no such parameter)."""

    parameter: str | None
    value: Value
    keyword: str | None = None  # as written
    name: str | None = None  # the name or attribute it was written with, if it is one


@dataclass(frozen=True, slots=True)
class Constructed:
    """A recurrent module (or cell) is built; ``complete`` when the file shows every argument.

    ``left`` are the parameters around that a call site of the file leaves at their defaults.
    """

    cell: str
    arguments: tuple[Argument, ...]
    parameters: tuple[str, ...]  # of the constructor, in order
    site: Site
    complete: bool = True
    left: frozenset[Free] = frozenset()


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
class ResultRead:
    """The whole result of a recurrent call is treated like a tensor, likewise."""

    call: Call
    module: Recurrent | None
    op: str
    site: Site
    index: int | None = None
    result: Value | None = None


@dataclass(frozen=True, slots=True)
class PackedRead:
    """A PackedSequence is treated like a tensor, likewise; ``packed`` is the one whose fields an index or a slice
    picks, None where it picks none."""

    op: str
    site: Site
    index: int | None = None
    count: int | None = None  # names it was unpacked into
    packed: Packed | None = None


@dataclass(frozen=True, slots=True)
class Joining:
    """``cat`` or ``stack`` of states.  ``explicit`` when ``dim`` was given, ``single`` when one tensor was passed where
    a sequence of tensors belongs.  ``undone`` says that the program takes apart afterwards what lies below each other.
    """

    op: str
    parts: tuple[States, ...]
    axis: int
    explicit: bool
    single: bool
    site: Site
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Indexed:
    """``before[...]`` of a tensor; ``after`` is None where torch raises, ``error`` says what."""

    before: States
    after: States | None
    site: Site
    error: str = ""


@dataclass(frozen=True, slots=True)
class Parted:
    """``split``, ``chunk`` or a slice took the features apart at ``cuts`` (positions along the last axis)."""

    before: States
    cuts: tuple[int, ...]
    site: Site
    modules: tuple[tuple[Call, Recurrent], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Squeezed:
    """``squeeze`` of an axis (None: no axis given), and the extents the squeezed axes have in fact.

    ``open`` are the axes wider than 1 whose extent the file leaves open; ``repaired`` says that the program looks
    afterwards how many axes are left.
    """

    before: States
    axis: int | None
    extents: tuple[int, ...]
    site: Site
    open: tuple[int, ...] = ()
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Reduced:
    """An axis (or all) is reduced, or shares a softmax."""

    before: States
    site: Site


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


@dataclass(frozen=True, slots=True)
class Unpassed:
    """At the end of a run: an initial state was built for the call of a module that was handed none.

    ``attribute`` is the name it was stored under and is never read by in the file, None for one that was only built.
    """

    module: Recurrent | RecurrentCell
    attribute: str | None
    site: Site


@dataclass(frozen=True, slots=True)
class Discarded:
    """A method of ``subject`` was called as a statement of its own: what it returns is thrown away."""

    method: str
    subject: Value
    site: Site


@dataclass(frozen=True, slots=True)
class Unfit:
    """A module that takes ``width`` features along ``axis`` is given states that certainly have another number there,
    so torch raises.  ``built`` is where the module is built; ``cell`` is the cell that returned them, if one did."""

    module: str
    states: States
    axis: int
    width: Lit
    built: Site
    site: Site
    modules: tuple[tuple[Call, Recurrent], ...] = ()
    cell: RecurrentCell | None = None


@dataclass(frozen=True, slots=True)
class Stepped:
    """A loop hands a recurrent module one step after the other, without a state, or (``given``) with the same one."""

    module: Recurrent | RecurrentCell
    given: bool
    site: Site


@dataclass(frozen=True, slots=True)
class Kept:
    """A recurrent module is handed the state it returned in the round before of a loop with a ``backward`` in it, with
    the graph that made it."""

    module: Recurrent | RecurrentCell
    site: Site


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
    | PairRead
    | ResultRead
    | PackedRead
    | Joining
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
)
