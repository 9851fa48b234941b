"""The values of the analysed program.

Frozen, and equal exactly when nothing that is done to them can tell them apart; lists and objects, which change, live
in a heap and are held by :class:`Ref`.  :class:`~rnnlint.axes.states.Unknown` is a value too, and absorbs.

A value that holds others knows how large it is (:func:`weight`, :func:`nesting`) and what it hashes to, each found once
when it is made or asked for: ``s = (s, s)``, written n times, is n values, and 2**n to whoever walks through them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rnnlint.axes.states import Call, Order, States, Unknown, blocks
from rnnlint.values.forms import Arithmetic, Form, OfTensor
from rnnlint.values.layer_kinds import LayerFact, LayerKind

Origins: TypeAlias = frozenset[Hashable]
NOWHERE: Origins = frozenset()


class Compound:
    """A value that holds others: ``size`` is how many there are in it and how deeply they are nested.

    Equal values have equal sizes, so comparing sizes first costs nothing and tells most values apart.
    """

    __slots__ = ("_hash", "size")

    size: tuple[int, int]
    _hash: int

    def measure(self, parts: Iterable[object], own: int = 1) -> None:
        """Say what it holds, once it is made; ``own`` is what it weighs without."""
        total, deepest = own, 0
        for part in parts:
            if isinstance(part, Compound):
                weight, depth = part.size
                total += weight
                if depth > deepest:
                    deepest = depth
            else:
                total += weight_of_leaf(part)
        object.__setattr__(self, "size", (total, deepest + 1))

    def hashed(self, *fields: object) -> int:
        """The hash of what it is made of, found once."""
        try:
            return self._hash
        except AttributeError:
            object.__setattr__(self, "_hash", hash(fields))
            return self._hash


def weight_of_leaf(value: object) -> int:
    """What a value without others in it weighs: 1, or the blocks of an arrangement and the words of their orders."""
    if isinstance(value, Tensor | Along):
        return arrangement(value.states)
    return arrangement(value.states) if isinstance(value, Packed) and value.states is not None else 1


def arrangement(states: States) -> int:
    """How large an arrangement is."""
    return sum(1 + sum(len(word) for _, word in block.orders) for block in blocks(states))


def weight(value: object) -> int:
    """How large a value is: what is in it counts as often as it stands there."""
    return value.size[0] if isinstance(value, Compound) else weight_of_leaf(value)


def nesting(value: object) -> int:
    """How deeply values stand in values."""
    return value.size[1] if isinstance(value, Compound) else 0


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
        return self.hashed(self.owner, self.place)


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
        operands = () if self.form is None else self.form.operands
        self.measure((self.owner, *operands), len(self.key) // _LETTERS)

    def __hash__(self) -> int:
        return self.hashed(self.key, self.owner, self.form)


def base(root: Free) -> Free:
    """The tensor that one of the same rank was made of."""
    while True:
        match root.form:
            case OfTensor(of=inner):
                root = inner
            case Arithmetic("+" | "-" | "*", Free() as inner, Lit()) | Arithmetic(
                "+" | "-" | "*", Lit(), Free() as inner
            ):
                root = inner
            case _:
                return root


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor whose arrangement is known."""

    states: States


@dataclass(frozen=True, slots=True)
class Along:
    """The tensors along an axis, in order, where they are too many to be listed; ``keep`` keeps the axis."""

    states: States
    axis: int
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Formless(Compound):
    """A tensor of unknown rank: the free value ``root`` after operations that changed its rank by ``change``.

    ``width`` is the extent of its last axis, where a layer has just made it.
    """

    root: Free
    change: int = 0
    width: int | None = None

    def __post_init__(self) -> None:
        self.measure((self.root,))

    def __hash__(self) -> int:
        return self.hashed(self.root, self.change, self.width)


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
class Items(Compound):
    """A tuple; ``tag`` tells the tuples torch returns from those the program builds."""

    items: tuple[Value, ...]
    tag: ResultOf | PairOf | None = None

    def __post_init__(self) -> None:
        self.measure(self.items)

    def __hash__(self) -> int:
        return self.hashed(self.items, self.tag)


@dataclass(frozen=True, slots=True)
class Packed:
    """A PackedSequence; ``states`` is what padding it again gives in time-major layout, if known.

    ``even``: all its samples are equally long; ``falling``: their lengths are known to fall; ``sorts``: torch sorted
    them, and will restore their order by the indices it keeps.  ``order`` is theirs where those indices were lost.
    """

    states: States | None
    batch_first: bool | None = None  # of the call that packed it, also in what an RNN made of it
    call: Call | None = None
    even: bool = False
    falling: bool = False
    sorts: bool = False
    order: Order = ()


@dataclass(frozen=True, slots=True)
class Recurrent:
    """An ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``, built at ``site``; numbers keep their origins."""

    cell: str
    layers: Lit
    directions: int
    batch_first: bool
    hidden: Lit
    projection: Lit | None
    inputs: Lit | None
    site: Hashable

    @property
    def name(self) -> str:
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
        return self.hashed(self.kind, self.name, self.facts)

    def fact(self, name: LayerFact) -> Value | None:
        return dict(self.facts).get(name)


@dataclass(frozen=True, slots=True)
class Chain(Compound):
    """``nn.Sequential``: modules applied one after the other."""

    items: tuple[Value, ...]

    def __post_init__(self) -> None:
        self.measure(self.items)

    def __hash__(self) -> int:
        return self.hashed(self.items)


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
        return self.hashed(self.receiver, self.name)


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
        return self.hashed(self.node, self.scope, self.receiver, self.owner)


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

    def __hash__(self) -> int:
        return self.hashed(self.receiver, self.above)


@dataclass(frozen=True, slots=True)
class Builtin:
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
        return self.hashed(self.options)


Value: TypeAlias = (
    Lit
    | Free
    | Tensor
    | Along
    | Formless
    | SizeOf
    | Items
    | Packed
    | Recurrent
    | RecurrentCell
    | Layer
    | Chain
    | Torch
    | Bound
    | Function
    | Class
    | Super
    | Builtin
    | Ref
    | Either
    | Unknown
)


@dataclass(frozen=True, slots=True)
class ListCell:
    """A list.

    ``rest`` is the join of what stands after the items, however many there are, None for a list known whole; ``last``
    is its last item, where that is known all the same.
    """

    items: tuple[Value, ...]
    rest: Value | None = None
    last: Value | None = None


@dataclass(frozen=True, slots=True)
class DictCell:
    """A dict with constant keys; ``open`` when it may hold more."""

    items: tuple[tuple[Hashable, Value], ...]
    open: bool = False


@dataclass(frozen=True, slots=True)
class ObjectCell:
    """An instance of a class of the file; ``base`` is the module it is when the class derives from a torch module."""

    cls: Class
    attrs: Mapping[str, Value]
    base: Value | None = None


@dataclass(frozen=True, slots=True)
class ParserCell:
    """An ``argparse.ArgumentParser``, by where it was made; its options by the names the program reads them under."""

    place: Hashable
    options: Mapping[str, Value]


Cell: TypeAlias = ListCell | DictCell | ObjectCell | ParserCell


def either(values: tuple[Value, ...], limit: int = 6) -> Value:
    """One of the values; more than ``limit`` different ones are unknown, and held."""
    if len(values) == 1:
        return values[0]
    options: list[Value] = []
    for number, value in enumerate(values):
        if len(options) > limit:  # the others are looked at for what they hold, not at each other
            return _too_many([*options, *values[number:]])
        for option in value.options if isinstance(value, Either) else (value,):
            for place, known in enumerate(options):
                if option is known:
                    break
                if isinstance(option, Unknown) and isinstance(known, Unknown) and option.reason == known.reason:
                    options[place] = _too_many([known, option])
                    break
                if identical(option, known):
                    break
            else:
                options.append(option)
    if len(options) == 1:
        return options[0]
    if len(options) > limit or all(isinstance(option, Unknown) for option in options):
        return _too_many(options)
    return Either(tuple(options))


def _too_many(options: list[Value]) -> Unknown:
    """Not known which of the values, with all in them that can hold states."""
    held: dict[Hashable, None] = {}
    pending, seen = list(reversed(options)), set[int]()
    while pending:
        option = pending.pop()
        if isinstance(option, Unknown):
            held.update(dict.fromkeys(option.held))
        elif isinstance(option, Tensor | Along | Packed | Ref):
            held[option] = None
        elif isinstance(option, Items | Either) and id(option) not in seen:
            seen.add(id(option))
            pending += reversed(option.items if isinstance(option, Items) else option.options)
    reasons = (option.reason for option in options if isinstance(option, Unknown))
    recurrent = any(isinstance(option, Unknown) and option.recurrent for option in options)
    return Unknown(next(reasons, "too many possibilities meet here"), tuple(held), recurrent)


def identical(a: Value, b: Value) -> bool:
    """Equality that tells ``True`` from ``1``."""
    if isinstance(a, Lit) and isinstance(b, Lit):
        return type(a.value) is type(b.value) and a.value == b.value
    if isinstance(a, Compound) and isinstance(b, Compound) and a.size != b.size:
        return False
    return a == b
