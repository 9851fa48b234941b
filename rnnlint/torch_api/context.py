"""What an operation may ask of the run it is part of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NoReturn, Protocol, TypeVar

from rnnlint.axes.states import Block, Call, Given, Order, Result, Source, States, Unknown
from rnnlint.events import Event, Evidence, Handed, Site
from rnnlint.values.domain import Formless, Free, Layer, Lit, Packed, Recurrent, RecurrentCell, SizeOf, Tensor, Value
from rnnlint.values.facts import Fact
from rnnlint.values.origins import Memory
from rnnlint.values.uses import Use

S = TypeVar("S", Call, Given)

NEW = "a new tensor of unknown shape"  # why a value is not known that is made of nothing: no state is lost with it
LOSS = "a loss"  # why a value is not known that holds no states any more, whatever went into it


class TorchRaises(Exception):
    """The analysed program certainly raises here."""

    def __init__(self, error: str, text: str) -> None:
        super().__init__(f"{error}: {text}")
        self.error = error
        self.text = text

    def again(self) -> TorchRaises:
        """The same, to be kept or raised once more: without the frames that it has come through, which hold all of a
        run, and one that holds the exception itself would hold it until Python looks for circles."""
        return TorchRaises(self.error, self.text)


class Need(Exception):
    """A fact the run cannot go on without: the run is repeated once for each option, the declared one first."""

    def __init__(self, fact: Fact, options: tuple[object, ...]) -> None:
        super().__init__(fact)
        self.fact = fact
        self.options = options


class Here(Protocol):
    """Where the program is."""

    @property
    def caught(self) -> bool:
        """Whether the program stands in a ``try`` that goes on where torch raises."""

    @property
    def repeated(self) -> bool:
        """Whether the program stands in a loop of which not every round is run."""

    def spelling(self) -> tuple[tuple[str | None, str | None], ...]:
        """How the arguments of the call at this place are written: (keyword, name or last attribute) each."""


class Facts(Protocol):
    """What is assumed of what the file leaves open, and what follows from it.  Raises Need where that is not enough.

    ``left`` are the parameters that the call site at hand leaves at their defaults.
    """

    left: frozenset[Free]

    def default(self, value: Value) -> Lit | None:
        """The default that an open value is declared with, where it is read elsewhere."""

    def settings(self, value: Value | None) -> frozenset[Free]:
        """The options and values of files that a number is, if it is their declared default; no parameters."""

    def integer(self, value: Value | None) -> int | None:
        """The number a value is; a generic one for a value the file leaves open, None for what is no number."""

    def literal(self, value: Value | None) -> Lit | None:
        """The number a value is, with its origins."""

    def number(self, value: int) -> Lit:
        """An extent as a number of the program, with the origins of that extent."""

    def flag(self, value: Value, force: bool = False) -> bool | None:
        """The truth of a value; with ``force``, both are explored where the file leaves it open."""

    def layers(self, value: Value) -> Lit | None:
        """A number of layers, explored where the file leaves it open."""

    def rate(self, value: Value) -> Value:
        """A rate, explored where the file declares it 0: another one cannot take effect."""

    def tell_apart(self, value: Value, option: str) -> bool:
        """An option of a module is one of several constants: their choice is explored.  Whether it is open still."""

    def generic(self, key: Hashable) -> int:
        """The generic extent that stands for an unknown size; the same key gives the same extent."""

    def open(self, number: int) -> bool:
        """Whether an extent stands for a size that the file leaves open."""

    def note(self, number: Lit) -> None:
        """Remember where a computed number comes from."""

    def free_of(self, number: int) -> frozenset[Hashable]:
        """The open sizes an extent depends on."""

    def certain(self, size: int, parts: tuple[int, ...]) -> bool:
        """Whether a size and the sum of some, which differ here, differ in every program."""

    def declared_numbers(self, sizes: tuple[int, ...]) -> bool:
        """Whether sizes are numbers that the program has as it declares itself, with no open one in any."""

    def certainly(self, sizes: tuple[int, ...], extents: tuple[int, ...]) -> bool:
        """Whether sizes that do not fit extents here never do."""

    def tensor(self, value: Value) -> Tensor | Formless | Unknown:
        """A value that must be a tensor here."""

    def rank(self, tensor: Formless, rank: int) -> NoReturn:
        """The rank a formless tensor must have: the run is repeated with it."""

    def size_of(self, value: SizeOf, axis: int) -> Lit:
        """One extent of a formless tensor."""

    def axis_of(self, tensor: Formless, size: int) -> int | None:
        """Which extent of a formless tensor a size is, if it is one."""


class Fitting(Protocol):
    """Sizes that the program takes to fit: an open one among them is what makes them fit.  Raises Need."""

    def unify(self, sizes: tuple[int, ...], states: States) -> None:
        """Sizes of a view that do not fit: an open size among them may equal one of the tensor's own."""

    def taken_apart(self, extent: int, sizes: tuple[int, ...], own: tuple[int, ...]) -> None:
        """An open extent of a tensor of shape ``own`` is divided into sizes of other tensors: it is their product."""

    def written_down(self, sizes: tuple[int, ...], states: States, mixes: bool) -> None:
        """Sizes of a view that ``mixes`` axes, or not: an open extent is what all calls of the file make it there."""

    def fill(self, extent: int, size: int) -> None:
        """The innermost extent, and the innermost size of a view with -1: an open extent must be that size."""

    def one_wide(self, extent: int, certain: bool = True) -> None:
        """An open extent that the program takes to be 1, or may take to be that."""

    def parted(self, extent: int, sizes: tuple[int, ...]) -> None:
        """An open extent that is taken apart into these sizes is all of them.  May raise Need."""

    def same(self, one: int, other: int) -> None:
        """Two open extents that torch takes together only if they are equal: they are.  May raise Need."""

    def not_widened(self, extents: Sequence[int]) -> None:
        """Of these, those are one that something of unknown shape may have widened."""

    def may_widen(self, value: Value) -> bool:
        """Whether an open value may be a tensor that is wider than what it is added to or multiplied with."""

    def can_be_one(self, extent: int) -> bool:
        """Whether an open extent can be 1: a multiple of a size never is."""

    def is_shape(self, value: Value) -> bool:
        """Whether an open value is taken to be a whole shape, where a size would do as well."""

    def is_size(self, value: Value) -> bool:
        """Whether an open value is handed to a layer as one of its sizes, where a list would do as well."""

    def equate(self, size: int, extent: int) -> None:
        """An open size that must be ``extent``."""


class Containers(Protocol):
    """Lists, tuples and dicts."""

    def elements(self, value: Value) -> tuple[Value, ...] | None:
        """The elements of a list or tuple or the keys of a dict, if all are known."""

    def values_of(self, value: Value) -> tuple[Value, ...] | None:
        """The elements of a list or tuple, the values of a dict, if all are known."""

    def collected(self, value: Value) -> Value | None:
        """What a loop has appended to a list that was empty before it."""

    def ended_with(self, value: Value) -> Value | None:
        """What a loop has appended to a list in its last round, where that is known."""

    def counted(self, value: Value) -> int | None:
        """How many items a list of open length has, where that is known all the same."""

    def common(self, value: Value) -> Value | None:
        """What every element of a list of open length is, where that is one value."""

    def element(self, value: Value) -> Value:
        """One element of a sequence, whichever."""

    def new_list(self, items: tuple[Value, ...], rest: Value | None = None, last: Value | None = None) -> Value: ...

    def new_dict(self) -> Value: ...


class Calls(Protocol):
    """The recurrent modules that were built and called."""

    def note_built(self, module: Value, place: Hashable) -> None:
        """A recurrent module (or cell) was built at a place, or is Unknown."""

    def module(self, call: Call) -> Recurrent | None:
        """The module whose call this was."""

    def modules(self, states: States) -> tuple[tuple[Call, Recurrent], ...]:
        """The modules whose calls made the states."""

    def cell_of(self, states: States) -> RecurrentCell | None:
        """The cell whose result a tensor is, if one's it is."""

    def goes_on(self, states: States) -> bool:
        """Whether states were made by a call that was handed a state from outside, or that of another call."""

    def note_packed(self, call: Call, place: Hashable) -> None:
        """What a call was made on was packed at a place."""

    def note_harmless(self, call: Call) -> None:
        """What a call was made on was filled up by features, or by steps that stand in front."""

    def note_alone(self, call: Call) -> None:
        """A call starts from the state of one sample."""

    def remember_cell(self, source: Given, cell: RecurrentCell) -> None:
        """A recurrent cell was called; its state is ``source``."""

    def padded_again(self, states: States) -> None:
        """What a recurrent call returned, taken for a tensor, is given to ``pad_packed_sequence``."""


class Rounds(Protocol):
    """What recurrent modules are handed in loops."""

    def call(self, module: Recurrent | RecurrentCell, inputs: Value, state: Value, made: Call | Given) -> None:
        """A recurrent module was called with inputs and a state, and returned what ``made`` stands for."""


class Layouts(Protocol):
    """What the program shows of the axes of tensors that no RNN returned."""

    def show(self, key: Hashable, axis: int, evidence: Evidence) -> None:
        """The program shows what an axis of the given tensor ``key`` is."""

    def join_rounds(self, states: States, axis: int, why: str) -> None:
        """What a loop makes each time round is joined along an axis to what it made before."""

    def shown(self, key: Hashable, axis: int) -> Evidence | None:
        """What has been shown of an axis of the given tensor ``key``, if it is one thing."""

    def counted(self, size: int) -> bool:
        """Whether a condition of the program has compared an open size with 1."""

    def one_by_one(self, call: Call) -> bool:
        """Whether a call is made anew for each document of a batch: its sentences are steps of what reads those."""

    def recur(self, source: Source) -> None:
        """A state is handed back to the call that made it: what that call makes are the steps of a loop."""

    def go_on(self, call: Call, source: States) -> None:
        """A call of one sample goes on, with another input, from the state that it returned in the round before."""

    def recurs(self, states: States) -> bool:
        """Whether a tensor is made of states that a loop hands from step to step."""

    def look(self, states: States) -> None:
        """The program asks for the shape of a tensor as a whole, or for its rank."""

    def measure(self, states: States) -> None:
        """The program asks for extents of a tensor."""

    def view(self, states: States) -> None:
        """A tensor gets the axes that the program writes down, whichever it has."""

    def restored(self, states: States) -> None:
        """A tensor gets the axes back that a squeeze without an axis may have taken."""

    def lay_below(self, states: States, viewed: bool = False) -> States:
        """``states``, which lie below each other along the samples, ``viewed`` so or joined, with a mark of it."""


class Batches(Protocol):
    """Batches that are sorted by length."""

    @property
    def unseen(self) -> bool:
        """Whether something was sorted that is not followed."""

    def falling(self, lengths: Value) -> bool:
        """Whether torch has already found that lengths fall."""

    def check(self, lengths: Value) -> None:
        """Torch has found that lengths fall."""

    def permuted(self, states: States, order: Order) -> None:
        """Something was indexed by the index of a sort."""

    def sorting(self) -> None:
        """Something that is not followed was sorted."""


class FreshTensors(Protocol):
    """The tensors that the program makes itself."""

    def overwrite(self, states: States, memory: Memory) -> None:
        """What the program has made itself is overwritten in place."""

    def memory(self, source: Source) -> Memory | None:
        """What is in a tensor that the program has made itself; None for any other."""

    def filled(self, source: Given) -> Site | None:
        """Where what a tensor of the program's own holds was written into it; None for what it was made with."""


class Trace(Protocol):
    """What has happened."""

    def rebuild(self, packed: Packed) -> None:
        """A PackedSequence is made of the fields of another one."""

    def meant(self, states: States) -> None:
        """A tensor is read with its three axes: who takes ``state[-1]`` for the last layer's state counts on two."""

    def meant_as_state(self, states: States) -> None:
        """A tensor is treated as the state it is: who takes ``rnn(x)[-1]`` for the last step does otherwise."""


class Context(Protocol):
    """The run, as operations see it."""

    @property
    def here(self) -> Here: ...

    @property
    def facts(self) -> Facts: ...

    @property
    def fitting(self) -> Fitting: ...

    @property
    def containers(self) -> Containers: ...

    @property
    def calls(self) -> Calls: ...

    @property
    def rounds(self) -> Rounds: ...

    @property
    def layouts(self) -> Layouts: ...

    @property
    def batches(self) -> Batches: ...

    @property
    def fresh_tensors(self) -> FreshTensors: ...

    @property
    def trace(self) -> Trace: ...

    @property
    def site(self) -> Site:
        """Where the program is."""

    def emit(self, event: Event) -> None: ...

    def use(self, value: Value, how: Use, taker: Recurrent | Layer | None = None) -> None:
        """All tensors inside ``value`` reach a use; ``taker`` is the module that takes them."""

    def settle(self, result: Result) -> Value:
        """The value of an operation on arrangements, marked with this place; raises TorchRaises where torch raises."""

    def each(self, values: tuple[Value, ...], operate: Callable[[tuple[Value, ...]], Value]) -> Value:
        """An operation, once for every combination of what the values may be."""

    def fresh(self, memory: Memory, shape: tuple[int, ...]) -> Given:
        """A tensor that is made here, from nothing."""

    def the_source(self, source: S) -> S:
        """A source, as the object that stood for it before: the same in another round of a loop, or in another run."""

    def given(self, key: Hashable, shape: tuple[int, ...]) -> Block:
        """A tensor that no RNN has returned, of its own."""

    def remember(
        self, call: Call, module: Recurrent, carried: bool, source: States | None = None, handed: bool = False
    ) -> None:
        """A recurrent module was called on a known ``source``.  Its state comes from outside (``carried``), or may."""

    def hand(self, event: Handed) -> None:
        """An initial state is handed to a recurrent module or cell, or none is."""

    def occurrence(self) -> Hashable:
        """This place, in this iteration and this chain of calls."""

    @property
    def in_forward(self) -> bool:
        """Whether the ``forward`` of a module is run, and nothing is built in it."""
