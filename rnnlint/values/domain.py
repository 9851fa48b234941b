"""The values of the analysed program.

Frozen, and equal exactly when nothing that is done to them can tell them apart; lists and objects, which change, live
in a heap and are held by :class:`Ref`.  :class:`~rnnlint.axes.states.Unknown` is a value too, and absorbs.

A value that holds others knows how large it is (:func:`weight`, :func:`nesting`) and what it hashes to, each found once
when it is made or asked for: ``s = (s, s)``, written n times, is n values, and 2**n to whoever walks through them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import field
from typing import TypeAlias

from rnnlint.axes.states import Call, Order, States, Unknown
from rnnlint.frozen import dataclass
from rnnlint.values.compound import Arranged, Compound
from rnnlint.values.forms import Form
from rnnlint.values.layer_kinds import LayerFact, LayerKind

Origins: TypeAlias = frozenset[Hashable]
NOWHERE: Origins = frozenset()


@dataclass(frozen=True, slots=True)
class Lit:
    """A constant of the program.

    ``origins`` are the places and parameters it comes from: two numbers that share their origins are the same number
    on purpose, not by chance.
    """

    value: int | float | complex | str | bytes | bool | None
    origins: Origins = field(default=NOWHERE, compare=False)


_LETTERS = 8  # of a name that weigh as much as a value: names of arithmetic are put together of those of its operands


@dataclass(frozen=True, slots=True)
class Called(Compound):
    """Owner of what a free value returns where it is called: its own owner, and the place."""

    owner: Hashable
    place: Hashable

    def __post_init__(self) -> None:
        self.measure((self.owner,))

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.owner, self.place)))


@dataclass(frozen=True, slots=True)
class Free(Compound):
    """A value the file does not determine: a parameter, an attribute of a configuration object, an imported name.

    ``key`` names it to the reader (``bidirectional``, ``args.hidden``) and is the same wherever the value goes;
    ``owner`` tells equally named ones apart.  ``form`` says how it was made of other values, where it was.
    """

    key: str
    owner: Hashable = None
    form: Form | None = None

    def __post_init__(self) -> None:
        # the name counts, since a += a + a ... spells all its operands: what is cheap to hold may be long to write
        name = len(self.key) // _LETTERS
        self.measure((self.owner,) if self.form is None else (self.owner, *self.form.operands), name)

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.key, self.owner, self.form)))


@dataclass(frozen=True, slots=True)
class Tensor(Arranged):
    """A tensor whose arrangement is known."""

    states: States


@dataclass(frozen=True, slots=True)
class Along(Arranged):
    """The tensors along an axis, in order, where they are too many to be listed; ``keep`` keeps the axis."""

    states: States
    axis: int
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Formless(Compound):
    """A tensor of unknown rank: the free value ``root`` after operations that changed its rank by ``change``.

    ``width`` is the extent of its last axis, where a layer has just made it.  ``unsure`` says that it may be no tensor
    at all: an item or a slice of what may be a list, which nothing has used as a tensor since.
    """

    root: Free
    change: int = 0
    width: int | None = None
    unsure: bool = False

    def __post_init__(self) -> None:
        self.measure((self.root,))

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.root, self.change, self.width, self.unsure)))


@dataclass(frozen=True, slots=True)
class SizeOf:
    """``x.shape`` of a formless tensor."""

    of: Formless


@dataclass(frozen=True, slots=True)
class ResultOf:
    """Tag of the tuple a recurrent call returns."""

    call: Call
    cell: str
    site: Hashable = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PairOf:
    """Tag of the pair (h_n, c_n) an LSTM returns."""

    call: Call
    cell: str


@dataclass(frozen=True, slots=True)
class PaddedPair:
    """Tag of the pair (padded, lengths) that ``pad_packed_sequence`` returns."""


@dataclass(frozen=True, slots=True)
class Items(Compound):
    """A tuple; ``tag`` tells the tuples torch returns from those the program builds."""

    items: tuple[Value, ...]
    tag: ResultOf | PairOf | PaddedPair | None = None

    def __post_init__(self) -> None:
        self.measure(self.items)

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.items, self.tag)))


@dataclass(frozen=True, slots=True)
class Packed(Arranged):
    """A PackedSequence; ``states`` is what padding it again gives in time-major layout, if known.

    ``even``: all its samples are equally long; ``falling``: their lengths are known to fall; ``sorts``: torch sorted
    them, and will restore their order by the indices it keeps.  ``order`` is theirs where those indices were lost.
    ``at`` is where they were packed.  ``samples`` is how many there are by their lengths, where ``states`` is None.
    """

    states: States | None
    batch_first: bool | None = None  # of the call that packed it, also in what an RNN made of it
    call: Call | None = None
    even: bool = False
    falling: bool = False
    sorts: bool = False
    order: Order = ()
    at: Hashable = field(default=None, compare=False)
    samples: int | None = None


@dataclass(frozen=True, slots=True)
class Recurrent:
    """An ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``, built at ``site``; numbers keep their origins.

    ``rectified``: an ``nn.RNN`` with ``nonlinearity="relu"``, none of whose states is below 0.  ``either_layout``: the
    file leaves ``batch_first`` to whoever builds it, and declares no default.
    """

    cell: str
    layers: Lit
    directions: int
    batch_first: bool
    hidden: Lit
    projection: Lit | None
    inputs: Lit | None
    site: Hashable
    rectified: bool = False
    either_layout: bool = False

    @property
    def name(self) -> str:
        """As torch documents it: ``nn.LSTM``."""
        return f"nn.{self.cell}"


@dataclass(frozen=True, slots=True)
class RecurrentCell:
    """An ``nn.RNNCell``, ``nn.GRUCell`` or ``nn.LSTMCell``, built at ``site``."""

    cell: str
    hidden: Lit
    inputs: Lit | None
    site: Hashable


@dataclass(frozen=True, slots=True)
class Layer(Compound):
    """A module without a recurrence, and the arguments it was built with."""

    kind: LayerKind
    name: str
    facts: tuple[tuple[LayerFact, Value], ...] = ()
    site: Hashable = field(default=None, compare=False)

    def __post_init__(self) -> None:
        self.measure(value for _, value in self.facts)

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.kind, self.name, self.facts)))

    def fact(self, name: LayerFact) -> Value | None:
        """The argument it was built with; None for one that is not kept for its kind, or was not given."""
        return dict(self.facts).get(name)


@dataclass(frozen=True, slots=True)
class Chain(Compound):
    """``nn.Sequential``: modules applied one after the other."""

    items: tuple[Value, ...]

    def __post_init__(self) -> None:
        self.measure(self.items)

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.items,)))


@dataclass(frozen=True, slots=True)
class Torch:
    """Something of torch, under its qualified name (``torch.nn.LSTM``)."""

    name: str


@dataclass(frozen=True, slots=True)
class Bound(Compound):
    """A method fetched from a value: ``x.view``."""

    receiver: Value
    name: str

    def __post_init__(self) -> None:
        self.measure((self.receiver,))

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.receiver, self.name)))


@dataclass(frozen=True, slots=True)
class Function(Compound):
    """A function of the file: ``node`` is its definition, ``scope`` the names around it.

    A bound method has its ``receiver`` and the class that defines it.
    """

    node: Hashable
    scope: int
    receiver: Value | None = None
    owner: Class | None = None

    def __post_init__(self) -> None:
        self.measure((self.receiver,))

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.node, self.scope, self.receiver, self.owner)))


@dataclass(frozen=True, slots=True)
class Partial(Compound):
    """``partial(function, ...)``: called with these ``args`` before its own, the last of them by their ``names``."""

    function: Value
    args: tuple[Value, ...]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        self.measure((self.function, *self.args))


@dataclass(frozen=True, slots=True)
class Distribution(Compound):
    """One of ``torch.distributions``, by the name of its class and what it was built of, by torch's names of that."""

    name: str
    given: tuple[tuple[str, Value], ...]

    def __post_init__(self) -> None:
        self.measure(value for _, value in self.given)

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.name, self.given)))


@dataclass(frozen=True, slots=True)
class File:
    """A file of the project as a module, or a folder of it as a package: ``key`` is its path without the ending."""

    key: str


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the file."""

    node: Hashable
    scope: int


@dataclass(frozen=True, slots=True)
class Super(Compound):
    """``super()`` inside a method."""

    receiver: Value
    above: Class

    def __post_init__(self) -> None:
        self.measure((self.receiver,))


@dataclass(frozen=True, slots=True)
class Builtin:
    """A function or type of Python's own, under its name: ``len``, ``range``."""

    name: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A list, dict or object: a cell of the heap."""

    cell: int


@dataclass(frozen=True, slots=True)
class Either(Compound):
    """One of several values, depending on what is not known (data, an unknown condition)."""

    options: tuple[Value, ...]

    def __post_init__(self) -> None:
        self.measure(self.options)

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            return self.keep(hash((self.options,)))


Value: TypeAlias = (
    Lit | Free | Tensor | Along | Formless | SizeOf | Items | Packed | Recurrent | RecurrentCell | Layer | Chain | Torch
    | Bound | Function | Partial | Distribution | File | Class | Super | Builtin | Ref | Either | Unknown
)  # fmt: skip
