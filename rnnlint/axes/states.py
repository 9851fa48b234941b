"""Tensors as arrangements of states.

A *state* is one number an RNN computes: one unit of the hidden or the cell state of one sample, at one layer, in one
direction, after one step.  ``output``, ``h_n`` and ``c_n`` only differ in which states they hold and along which axis
each role runs.  The values here say exactly that, and every operation of this package maps arrangements to
arrangements.

Everything is a frozen value.  No cost depends on an extent: an axis of 10**9 units is one :class:`Factor`.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable, Sequence
from dataclasses import field
from typing import TypeAlias

from rnnlint.asking import Asked
from rnnlint.frozen import dataclass


class Role(enum.Enum):
    """What a coordinate of a state says; the order is the one in which roles are named to a reader."""

    LAYER = "layer"
    DIRECTION = "direction"
    SAMPLE = "sample"
    STEP = "step"
    UNIT = "unit"

    __hash__ = object.__hash__  # members are single objects; enum's own hash is slow Python


ROLES = tuple(Role)


@dataclass(frozen=True, slots=True)
class Own:
    """The ``index``-th axis of a tensor that is no RNN's result (an input, a weight): a meaning of its own."""

    index: int


@dataclass(frozen=True, slots=True)
class Wire:
    """One digit of the shape side of a :class:`Tangle`; ``tangle`` is its index in ``Block.tangles``."""

    tangle: int
    digit: int


# What a factor moves along: a role of the state, an axis of a given tensor, a digit of a tangle,
# or nothing at all (features made by a layer, broadcast copies): then all its elements read the same states.
Along: TypeAlias = Role | Own | Wire | None


@dataclass(frozen=True, slots=True)
class Factor:
    """``extent`` elements (never 1), each ``stride`` further along ``along`` than the one before it."""

    along: Along
    extent: int
    stride: int = 1


class Somewhere(enum.Enum):
    """Positions that are no constant.

    ``FINAL``: the step after which a direction has read everything, the last for the forward and the first for the
    backward direction (``h_n`` and ``c_n`` hold it, per https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html).
    ``LAST_VALID``: each sample's own last step, ``lengths - 1``.  ``ANYWHERE``: one position, not known which.
    """

    FINAL = "final"
    LAST_VALID = "last valid"
    ANYWHERE = "anywhere"

    __hash__ = object.__hash__  # members are single objects; enum's own hash is slow Python
    __repr__ = enum.Enum.__str__  # so that what holds one can be pasted from what was printed


Position: TypeAlias = int | Somewhere

Order: TypeAlias = tuple[tuple[Hashable, int], ...]
"""In which order the positions of an axis stand: permutations applied one after the other, each with exponent 1, or -1
for its inverse.  ``()`` is the order in which they came."""


@dataclass(frozen=True, slots=True)
class Call(Asked):
    """One call of a recurrent module: the extents of everything it returns.

    ``units`` is the width of one direction of ``output`` and of ``h_n`` (``proj_size`` if there is one),
    ``cell_units`` the width of ``c_n``.  ``steps`` is the padded length where the input was packed.
    ``samples`` is None for unbatched input.  Where they stand for several axes of the program, laid together before the
    call, ``merged`` holds the strides at which one of these ends and the next outer one begins.  ``key`` tells calls
    apart.

    ``packed``: its input was a PackedSequence; ``even``: its samples are all equally long, so that nothing was cut off
    or filled up.  ``padding`` says what shows that an input that was not packed holds padding.  ``order`` is the order
    of its samples.
    """

    key: Hashable
    layers: int
    directions: int
    samples: int | None
    steps: int
    units: int
    cell_units: int
    packed: bool = False
    merged: tuple[int, ...] = ()
    even: bool = False
    padding: str = ""
    order: Order = ()

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            # of the fields in which the calls of a program differ: equal ones agree in these too
            return self.keep(hash((self.key, self.layers, self.directions, self.samples, self.steps, self.units)))


@dataclass(frozen=True, slots=True)
class Viewed:
    """Key of what a view made, whatever it was made of: every axis that is one wide was asked for.

    ``at`` is where, and when.
    """

    at: Hashable


@dataclass(frozen=True, slots=True)
class Selector:
    """Key of what is 1 (or true) at one position of its ``axis`` and 0 elsewhere: a product with it picks that one."""

    position: Position
    axis: int


@dataclass(frozen=True, slots=True)
class Diagonal:
    """Key of what has ones along its diagonal: a row of it picks the position that it stands at."""


@dataclass(frozen=True, slots=True)
class Given(Asked):
    """A tensor that no RNN returned, known only by its shape.

    ``key`` tells such tensors apart, and says what made one (see ``rnnlint.values.origins``).
    """

    key: Hashable
    shape: tuple[int, ...]

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.key, self.shape)))


Source: TypeAlias = Call | Given


class Kind(enum.Enum):
    """Which of the two states of an RNN a block holds, or that it holds none: a tensor of another origin."""

    HIDDEN = "hidden"
    CELL = "cell"
    GIVEN = "given"

    __hash__ = object.__hash__  # members are single objects; enum's own hash is slow Python


Axis: TypeAlias = tuple[Factor, ...]  # outermost first; () is an axis of extent 1


@dataclass(frozen=True, slots=True)
class Tangle:
    """A stretch of row-major order whose digits and whose shape have no common boundary.

    ``shape`` are the extents a reshape asked for, ``digits`` the factors that were there, both outermost first, with
    equal products.  The wires 0..len(shape)-1 count the shape; the digits follow from the position they add up to.
    """

    shape: tuple[int, ...]
    digits: tuple[Factor, ...]


class Note(enum.Enum):
    """What a mark can be about besides a role: where a tensor comes from, or what was done to it there."""

    OUTPUT = "output"  # it is (made of) the ``output`` of a call; no site
    STATE = "state"  # it is (made of) the ``h_n`` or the ``c_n`` of a call; no site
    MADE = "made"  # here it got the form it has
    CUT = "cut"  # a view took pieces of several roles together
    DETACHED = "detached"  # it is without the graph that made it
    SQUEEZED = (
        "squeezed"  # ``squeeze()`` where an extent is open; ``extent``: how many axes there were if none was one wide
    )
    LEFT_AS_IT_WAS = "left as it was"  # layers or directions were squeezed, and are more than one
    SAID_ONE = "said to be one"  # its samples were squeezed by number: where it comes by there, there is one
    DIFFERENCE = "difference"  # something was subtracted: an error, no longer what the RNN has made
    GAP = "gap"  # one reading of a call was subtracted from another
    AXIS_OF_ONE = "axis of one"  # an axis of one was put into a given tensor; ``extent``: how many it has
    BACKWARD_FIRST = "backward first"  # the backward direction was laid before the forward one
    LAYERS_INSIDE = "layers inside"  # a view laid the layers inside the directions
    HALF_OF_LAYERS = "half of the layers"  # one of two halves of the layer axis was taken
    PAIRED = "paired"  # h_n and c_n were made one tensor
    COLLECTED = "collected"  # what a loop has made each time round was put together
    LAID_BELOW = "laid below"  # states were laid below each other along the samples; ``extent``: 1 by a view
    CELLS = "cells"  # c_n was taken by [-1]
    LAST_OF_RESULT = "last of a result"  # a state was taken by [-1] of all that a call returned
    SAMPLES_POOLED = (
        "samples pooled"  # all samples were added up, so that none stands alone; ``extent``: the steps then
    )
    SAMPLES_NORMALISED = "samples normalised"  # all samples share a softmax, likewise
    ONE_STEP_NORMALISED = "one step normalised"  # the same of one step, whose features stay apart: not of these
    SAMPLES_INSIDE = "samples inside"  # a view laid the samples into the features of every step
    SAMPLES_CROSSED = "samples crossed"  # a product weighed each sample's steps with what belongs to every other one
    SAMPLES_ATTENDED = "samples attended"  # an attention took the samples for the steps, and each reads all of them
    WINDOW = "window"  # a part that is as long as every other of its kind: put together, none of them is filled up
    EVEN = "even"  # a batch of such
    PADDING_NAMED = "padding named"  # an embedding was told which of its rows stands for padding
    ONE_STEP = (
        "one step"  # multiplied by 1 at one step, by 0 at others; ``extent``: which one, -1 each sample's own last
    )
    ONE_NUMBER = "one number"  # each element is the same whole number; ``extent``: which
    ONE_TRUTH = "one truth"  # each element is False (``extent`` 0), or each is True
    MASKED = "masked"  # multiplied by a mask, filled where one holds: padding no longer counts
    JOINED_BY_LOST = "joined by lost"  # something of an RNN that is not known was added: what it holds besides is open
    OWN_LENGTH = "own length"  # one sample, cut where its own length ends: none of its steps is padding
    PADDING_LEAST = "padding least"  # no state is smaller than what stands behind the last step: no maximum is that
    PADDING_POOLED = (
        "padding pooled"  # reduced, or normalised by a softmax, over steps that hold padding; ``extent``: the axes then
    )
    OTHER_LAYOUT = "other layout"  # padded again in the other layout than it was packed in
    READ_SO = "read so"  # and then packed, or handed to an RNN, in that layout
    ON_DEVICE = "on device"  # moved to the device of the model
    ON_CPU = "on cpu"  # moved to the CPU

    __hash__ = object.__hash__  # members are single objects; enum's own hash is slow Python


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a role was (last) narrowed: ``extent`` elements of it are left, ``site`` is the caller's own token.

    About other things than roles it is a note (see ``axes.reading.notes``).
    """

    about: Role | Note
    extent: int
    site: Hashable


class Shaped(Asked):
    """An arrangement: its shape is found once (see ``shape``), since every operation asks for it."""

    __slots__ = ("_shape",)
    _shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block(Shaped):
    """States of one source in an affine arrangement.

    The element at some index reads the states whose coordinates are ``at`` plus, for each factor met on the way,
    stride times its digit of the index; factors in ``reduced`` take all their values at once (a mean over steps, the
    features a Linear adds up).  Coordinates absent from ``at`` start at 0.  ``orders`` are the orders of what runs
    along its axes, where that is not the one in which it came (see ``axes.orders``).
    """

    source: Source
    kind: Kind
    axes: tuple[Axis, ...]
    at: tuple[tuple[Role | Own | Wire, Position], ...] = ()
    reduced: tuple[Factor, ...] = ()
    tangles: tuple[Tangle, ...] = ()
    marks: tuple[Mark, ...] = field(default=(), compare=False)
    orders: tuple[tuple[Role | Own, Order], ...] = ()


@dataclass(frozen=True, slots=True)
class Joined(Shaped):
    """Arrangements laid one after the other along ``axis`` (what ``cat`` makes); at least two parts."""

    axis: int
    parts: tuple[States, ...]


@dataclass(frozen=True, slots=True)
class Blended(Shaped):
    """Arrangements of one shape whose elements are combined place by place (arithmetic); at least two parts."""

    parts: tuple[States, ...]


States: TypeAlias = Block | Joined | Blended


@dataclass(frozen=True, slots=True)
class Raises:
    """torch raises here: the exception's type and the part of its text that matters."""

    error: str
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not known, and why.  Absorbs everything that is done to it.

    ``held`` are values that it can be, where they were too many to be followed: what reads it may use any of them.
    ``recurrent``: something that came of a recurrent module went into it, which is lost with it.  ``count``: what is
    known of a number all the same (``values.sums.Counted``).
    """

    reason: str
    held: tuple[Hashable, ...] = ()
    recurrent: bool = field(default=False, compare=False)
    count: Hashable = field(default=None, compare=False)


Result: TypeAlias = States | Raises | Unknown


def extent(axis: Axis) -> int:
    """Number of elements along an axis of a block."""
    if not axis:
        return 1
    if len(axis) == 1:  # as most are
        return axis[0].extent
    count = 1
    for factor in axis:
        count *= factor.extent
    return count


def shape(states: States) -> tuple[int, ...]:
    """The shape torch reports."""
    found: tuple[int, ...] | None = getattr(states, "_shape", None)
    if found is None:
        if isinstance(states, Block):
            found = tuple([axis[0].extent if len(axis) == 1 else extent(axis) for axis in states.axes])
        else:
            found = shape(states.parts[0])
            if isinstance(states, Joined):
                axis = states.axis
                total = found[axis]
                for part in states.parts[1:]:
                    total += length(part, axis)
                found = (*found[:axis], total, *found[axis + 1 :])
        object.__setattr__(states, "_shape", found)
    return found


def length(states: States, axis: int) -> int:
    """``shape(states)[axis]``, without the others."""
    if isinstance(states, Block):
        return extent(states.axes[axis])
    if isinstance(states, Joined) and states.axis == axis:
        total = 0
        for part in states.parts:
            total += length(part, axis)
        return total
    return length(states.parts[0], axis)


def blocks(states: States) -> Sequence[Block]:
    """Every block of an arrangement, in the order of its parts."""
    if isinstance(states, Block):
        return (states,)
    found: list[Block] = []
    for part in states.parts:
        if isinstance(part, Block):
            found.append(part)
        else:
            found += blocks(part)
    return found


def marked(block: Block, marks: tuple[Mark, ...]) -> Block:
    """The block with other marks."""
    # by hand and not with replace(), which takes three times as long: every operation marks what it has made
    return Block(block.source, block.kind, block.axes, block.at, block.reduced, block.tangles, marks, block.orders)
