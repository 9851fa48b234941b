"""What the interpreter (and, with labels, the runtime) reports of a program: what was done to states, and where.

Rules are predicates over one event.  A site is the place where something happens, an opaque token that the host can
turn into a line; a finding stands at a site.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeAlias

from rnnlint.axes.states import Call, States
from rnnlint.values.domain import Lit, Recurrent, RecurrentCell, Value


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

    ``how``: "layer", "loss", "comparison", "return", "attribute", "initial state", "arithmetic", or "elsewhere" (handed
    to code that is not followed: read, but not judged), "input" (of a recurrent call).  ``modules`` gives for every
    call the module that was called, ``carried`` holds the calls that were handed a state from outside.
    """

    states: States
    how: str
    site: Site
    modules: tuple[tuple[Call, Recurrent], ...] = ()
    carried: frozenset[Call] = frozenset()

    def module(self, call: Call) -> Recurrent | None:
        return dict(self.modules).get(call)


@dataclass(frozen=True, slots=True)
class Read:
    """At the end of a run: everything of one call that reached a use, in order."""

    call: Call
    module: Recurrent
    uses: tuple[Used, ...]
    site: Site  # the call


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
    """A recurrent module (or cell) is built; ``complete`` when the file shows every argument."""

    cell: str
    arguments: tuple[Argument, ...]
    parameters: tuple[str, ...]  # of the constructor, in order
    site: Site
    complete: bool = True


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
    raises)."""

    call: Call
    module: Recurrent | None
    op: str
    site: Site
    index: int | None = None
    result: Value | None = None


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
    """A PackedSequence is treated like a tensor, likewise."""

    op: str
    site: Site
    index: int | None = None
    count: int | None = None  # names it was unpacked into


@dataclass(frozen=True, slots=True)
class Joining:
    """``cat`` or ``stack`` of states.  ``explicit`` when ``dim`` was given, ``single`` when one tensor was passed where
    a sequence of tensors belongs."""

    op: str
    parts: tuple[States, ...]
    axis: int
    explicit: bool
    single: bool
    site: Site


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
    """``squeeze`` of an axis (None: no axis given), and the extents the squeezed axes have in fact."""

    before: States
    axis: int | None
    extents: tuple[int, ...]
    site: Site


@dataclass(frozen=True, slots=True)
class Discarded:
    """A method of ``subject`` was called as a statement of its own: what it returns is thrown away."""

    method: str
    subject: Value
    site: Site


@dataclass(frozen=True, slots=True)
class Misfit:
    """A module that takes ``width`` features along ``axis`` is given states that certainly have another number there,
    so torch raises.  ``built`` is where the module is built."""

    module: str
    states: States
    axis: int
    width: Lit
    built: Site
    site: Site
    modules: tuple[tuple[Call, Recurrent], ...] = ()


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
    | Discarded
    | Misfit
    | Stepped
    | Kept
)
