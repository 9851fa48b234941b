"""What a tensor that no RNN returned is: the keys of :class:`~rnnlint.axes.states.Given`.

A parameter is known by its :class:`~rnnlint.values.domain.Free`; what a view put together from pieces that are not
known is a :class:`~rnnlint.axes.states.Viewed`, for the algebra asks; everything else is here.  Two tensors of one key
and one shape are the same tensor, so what is not the same each time it is made says where it was made.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable
from dataclasses import field

from rnnlint.axes.states import Block, Kind, States, Viewed
from rnnlint.frozen import dataclass
from rnnlint.values.forms import Padding


class Memory(enum.Enum):
    """What is in memory that the program itself has asked for."""

    CONSTANT = "constant"  # zeros, ones, one number
    NOISE = "noise"  # randn, rand, nn.init.*_
    DRAWN = "drawn"  # whole numbers by chance (randint): lengths or words, no state
    RAW = "raw"  # whatever lay there (torch.empty, torch.Tensor(n, m))
    MIXED = "mixed"  # computed with something else, or written to
    LEARNED = "learned"  # an nn.Parameter
    KEPT = "kept"  # a registered buffer: it is saved with the model

    __hash__ = object.__hash__  # members are single objects; enum's own hash is slow Python


@dataclass(frozen=True, slots=True)
class Fresh:
    """What the program has made from nothing; ``key`` is the place, the iteration and the calls that led there.

    ``calls`` are the places of these calls, outermost first; ``in_model`` says whether it was made in a method of a
    module, thus whenever the model runs.
    """

    memory: Memory
    key: Hashable
    site: Hashable = field(compare=False)
    calls: tuple[Hashable, ...] = field(default=(), compare=False)
    in_model: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class StateOfCell:
    """The state that an ``nn.GRUCell`` and its like return: ``kind`` is hidden or (of an LSTMCell) cell."""

    module: Hashable
    cell: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class FromOutside:
    """The ``number``-th tensor that an audited model was handed, or made of what is not followed.

    ``learned``: it is an nn.Parameter.
    """

    number: int
    learned: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the program where a tensor belongs."""


@dataclass(frozen=True, slots=True)
class Counting:
    """``arange(size)``: in the order in which it came; in another one, it is the index of a sort."""

    size: int


@dataclass(frozen=True, slots=True)
class Constants:
    """A vector of numbers that stand in the file."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Truths:
    """A vector of truths that stand in the file: as an index, it picks the positions ``true``."""

    true: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LastValid:
    """``lengths - 1``: as an index of steps, each sample's own last one.

    ``of`` is the key of the lengths, or the place of a view that is all that is known of them.
    """

    of: Hashable


@dataclass(frozen=True, slots=True)
class MaskOf:
    """Where a comparison of a tensor with a number holds."""

    states: States


@dataclass(frozen=True, slots=True)
class Negative:
    """``-vector``: what sorts it sorts the vector the other way round."""

    vector: Block


@dataclass(frozen=True, slots=True)
class Made:
    """What an operation makes anew each time; ``at`` is the place, the iteration and the calls that led there."""

    at: Hashable

    @property
    def place(self) -> Hashable:
        """Where it is made, in whichever iteration and call."""
        return self.at[0] if isinstance(self.at, tuple) else self.at


@dataclass(frozen=True, slots=True)
class Filled(Made):
    """One number everywhere (``torch.full``)."""

    number: int


@dataclass(frozen=True, slots=True)
class Array(Made):
    """A flat array of numpy, of open length."""


@dataclass(frozen=True, slots=True)
class Numbers(Made):
    """A vector of numbers that a loop has put into a list, such as lengths."""


@dataclass(frozen=True, slots=True)
class Compared(Made):
    """Where a comparison of two tensors holds; ``of`` is where these were made (``torch_api.batches.lengths``)."""

    of: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class LoopPart(Made):
    """A part of a tensor between bounds along ``axis`` that a loop moves, or that the file leaves open."""

    axis: int


@dataclass(frozen=True, slots=True)
class SortedAlong(Made):
    """A tensor of several axes, sorted along one of them."""


@dataclass(frozen=True, slots=True)
class UnpackedLengths(Made):
    """The lengths that ``pad_packed_sequence`` returns; ``falling`` where they are known to fall."""

    falling: bool


@dataclass(frozen=True, slots=True)
class PaddedBatch(Made):
    """What ``pad_sequence`` returns of sequences whose lengths are known."""

    padding: Padding


@dataclass(frozen=True, slots=True)
class PackedList(Made):
    """What ``pack_sequence`` packs, padded."""


@dataclass(frozen=True, slots=True)
class Repacked(Made):
    """Other features, packed like another PackedSequence."""


@dataclass(frozen=True, slots=True)
class Chosen(Made):
    """Indices of the largest elements of a tensor (``scores``), or drawn by their weights; ``of`` are its sources."""

    of: frozenset[Hashable]
    scores: States | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Windows(Made):
    """What a convolution or a pooling makes: samples, channels, and what the windows ran along.

    ``padding``: how the steps that they ran along were padded; windows over nothing else are padding as well.
    """

    padding: Padding | None = None
    channels: bool = False
    """Whether the second axis are channels that a convolution has made."""


@dataclass(frozen=True, slots=True)
class Unfolded(Made):
    """Windows over a sequence that no RNN has made, more than are told apart."""


@dataclass(frozen=True, slots=True)
class OneWindow(Made):
    """What a pooling made of states by a ``size`` that the file leaves open, where there were ``steps`` steps."""

    size: int
    steps: int


@dataclass(frozen=True, slots=True)
class Rounds(Made):
    """What a loop has made, one tensor a round, put together; ``padding``: how the samples of each were padded."""

    padding: Padding | None = None


@dataclass(frozen=True, slots=True)
class JoinedInputs(Made):
    """The part at a ``place`` of a ``cat`` of inputs, of which no shape is known."""

    place: int


@dataclass(frozen=True, slots=True)
class Operand(Made):
    """The operand at a ``place`` of a product, of which only its rank is known, made to fit the other one."""

    place: int


def occurrence_of(key: Hashable) -> Hashable:
    """Where what a key stands for was made; None where that is not known, or where it is the same each time."""
    match key:
        # LastValid among them: of lengths that are not known its place is all there is
        case Made(at=at) | Viewed(at=at) | Fresh(key=at) | LastValid(of=at):
            return at
    return None


@dataclass(frozen=True, slots=True)
class Sorting:
    """The permutation that sorts a vector, in an :data:`~rnnlint.axes.states.Order`; None where the way is open.

    ``at`` is a place where it is sorted.
    """

    vector: Block
    descending: bool | None
    at: Hashable = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PackingOrder:
    """The permutation that torch sorted a batch by when it packed it, and that was lost since."""

    at: Hashable
