"""What a recurrent module is built with, is called on, is handed as a state, and what becomes of what it returns."""

from __future__ import annotations

import enum

from rnnlint.asking import Asked
from rnnlint.axes.states import Call, Given, Kind, Role, States
from rnnlint.events.sites import Site
from rnnlint.frozen import dataclass
from rnnlint.values.domain import Free, Layer, Lit, Recurrent, RecurrentCell, Value
from rnnlint.values.origins import Memory
from rnnlint.values.uses import Use


@dataclass(frozen=True, slots=True)
class Used(Asked):
    """Tensors reached a use.

    ``modules`` gives for every call the module that was called, ``carried`` holds the calls
    that were handed a state from outside, ``misfed`` those whose input is in the other layout, ``optional`` those in
    place of which another arm of the program calls the module on what it has packed.  ``taker`` is the module that
    takes them: as its initial state or input, or as what a ``Linear`` or a norm works on.
    """

    states: States
    how: Use
    site: Site
    modules: tuple[tuple[Call, Recurrent], ...] = ()
    carried: frozenset[Call] = frozenset()
    misfed: frozenset[Call] = frozenset()
    optional: frozenset[Call] = frozenset()
    taker: Recurrent | Layer | None = None

    def module(self, call: Call) -> Recurrent | None:
        """The module that made a call; None for a call of something else, or one that is not among these states."""
        return dict(self.modules).get(call)


@dataclass(frozen=True, slots=True)
class Read(Asked):
    """At the end of a run: everything of one call that reached a use, in order.

    ``ignored`` are the parameters that the function which makes the call never reads; ``carried``: the call was handed
    a state from outside.  ``padding`` is what shows that the file pads its batches, "" where nothing does; ``left``:
    it pads something in front; ``misread``: its (h_n, c_n) was treated like a tensor somewhere; ``optional``: in place
    of this call another arm of the program calls the module on what it has packed; ``declared``: the module has as
    many layers as a default in the file says; ``apart``: of an LSTM, which of the uses never come together, being in
    different arms of the program, by their places.
    """

    call: Call
    module: Recurrent
    uses: tuple[Used, ...]
    site: Site  # the call
    ignored: tuple[str, ...] = ()
    carried: bool = False
    padding: str = ""
    misread: bool = False
    left: bool = False
    optional: bool = False
    declared: bool = False
    apart: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Ended:
    """At the end of a run: what was read of every call."""

    reads: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the program itself shows an axis of a tensor to be: samples, or steps.

    ``why`` names what shows it; ``packs`` says that it is how the tensor is packed, ``moving`` that it is made of one
    position of a later axis, along which a loop moves.
    """

    role: Role
    why: str
    site: Site
    packs: bool = False
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """At the end of a run: a recurrent module was called.

    ``source`` is its input, where that is known and not packed; ``carried``: it was handed a state from outside;
    ``contrary``: what shows that the axis it takes for steps holds samples or channels, or the one for samples steps;
    ``channels``: which of these two holds the channels of a convolution, if one does.  ``continued``: the
    state it returns goes on to a next call, as far as the program shows: it is returned, stored or handed on as it is,
    or another call of the module is handed a state from outside.  ``grows``: in another round of a loop the same call
    is handed a sequence of another length.
    """

    call: Call
    module: Recurrent
    source: States | None
    carried: bool
    contrary: Evidence | None
    site: Site
    continued: bool = False
    channels: int | None = None
    grows: bool = False


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
class Handed(Asked):
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
class Argument:
    """One argument of a constructor, and the parameter it lands in (None: there is no such parameter)."""

    parameter: str | None
    value: Value
    keyword: str | None = None  # as written
    name: str | None = None  # the name or attribute it was written with, if it is one


@dataclass(frozen=True, slots=True)
class Constructed:
    """A recurrent module (or cell) is built; ``complete`` when the file shows every argument.

    ``left`` are the parameters around that a call site of the file leaves at their defaults; ``settings``, the options
    of a program, or values of its files, that decide the number of layers and are left at theirs.
    """

    cell: str
    arguments: tuple[Argument, ...]
    parameters: tuple[str, ...]  # of the constructor, in order
    site: Site
    complete: bool = True
    left: frozenset[Free] = frozenset()
    settings: frozenset[Free] = frozenset()

    @property
    def one_layer(self) -> bool:
        """Whether it has one layer for certain: written, left out, or of what is left at its default."""
        layers = next((argument.value for argument in self.arguments if argument.parameter == "num_layers"), _ONE)
        # **options may say how many layers there are (fixtures/rules/RNN503/model.py)
        if not self.complete or not isinstance(layers, Lit) or layers.value != 1:
            return False
        return defaults_in(layers) <= self.left | self.settings


_ONE = Lit(1)


def defaults_in(number: Value) -> frozenset[Free]:
    """What a number is the default of."""
    origins = number.origins if isinstance(number, Lit) else frozenset()
    return frozenset(origin for origin in origins if isinstance(origin, Free))


@dataclass(frozen=True, slots=True)
class Unpassed:
    """At the end of a run: an initial state was built for the call of a module that was handed none.

    ``attribute`` is the name it was stored under and is never read by in the file, None for one that was only built;
    ``memory`` is what it holds.  ``handed``: the call has another state, and this was stored from outside its class.
    ``fits``: its shape is the one that the call takes; else the state that the call returns took its name over.
    ``parameter``: nothing was built, but the function that makes the call is handed it under this name.
    ``call`` is where that call is made.
    """

    module: Recurrent | RecurrentCell
    attribute: str | None
    memory: Memory | None
    site: Site
    call: Site
    handed: bool = False
    fits: bool = True
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Stepped:
    """A loop hands a recurrent module one step after the other, without a state, or (``given``) with the same one.

    ``half`` is set where it is one half of a pair that is the same, beside another that the call has returned: the loop
    has both, and hands on one of them.  ``at`` is the call in the loop's body that leads to the module's, where it is
    that one which has to hand on the state.  ``loop`` is where the loop stands.
    """

    module: Recurrent | RecurrentCell
    given: bool
    site: Site
    loop: Site
    half: Kind | None = None
    at: Site | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A recurrent module is handed the state it returned in the round before of a loop with a ``backward`` in it, with
    the graph that made it.  ``loop`` is where that loop stands."""

    module: Recurrent | RecurrentCell
    site: Site
    loop: Site


@dataclass(frozen=True, slots=True)
class Resumed:
    """A loop hands a bidirectional module, for one part of its input, the state that it returned for another part.

    The backward direction's is among it.  ``site`` is the call in the loop that leads to the module's, ``loop`` where
    the loop stands.
    """

    module: Recurrent
    site: Site
    loop: Site
