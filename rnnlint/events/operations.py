"""What was done to a tensor of states: taken apart, joined, compared, reduced, given to a layer."""

from __future__ import annotations

from dataclasses import field

from rnnlint.axes.states import Call, States
from rnnlint.events.sites import Site
from rnnlint.frozen import dataclass
from rnnlint.values.domain import Lit, Recurrent, RecurrentCell, Value


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
class Joining:
    """``cat`` or ``stack`` of states.  ``explicit`` when ``dim`` was given, ``single`` when one tensor was passed where
    a sequence of tensors belongs.  ``undone`` says that the program takes apart afterwards what lies below each other.
    ``modules`` gives for every call the module that was called.  A ``view`` joins as well what it lays below each
    other: ``parts`` are two of these rows, ``made`` is what it makes of all.  ``op`` is ``add`` where two parts become
    one of their shape (``+``, the larger of two), along no axis.
    """

    op: str
    parts: tuple[States, ...]
    axis: int
    explicit: bool
    single: bool
    site: Site
    undone: bool = False
    modules: tuple[tuple[Call, Recurrent], ...] = ()
    made: States | None = None


@dataclass(frozen=True, slots=True)
class VectorsJoined:
    """``cat`` of vectors; ``raises`` where it is along an axis that vectors have not."""

    parts: tuple[States, ...]
    site: Site
    raises: bool


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
    afterwards how many axes are left, ``known`` that it goes on with all entries of an axis that is left.
    """

    before: States
    axis: int | None
    extents: tuple[int, ...]
    site: Site
    open: tuple[int, ...] = ()
    repaired: bool = False
    known: bool = False


@dataclass(frozen=True, slots=True)
class Reduced:
    """An axis (or all) is reduced, or shares a softmax; ``repaired`` as in :class:`Squeezed`."""

    before: States
    site: Site
    repaired: bool = False


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
