"""Sizes that a program takes to fit: an open one among them is what makes them fit."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from math import prod

from rnnlint.axes.operations import regroup
from rnnlint.axes.reading.meaning import cut
from rnnlint.axes.states import Block, Call, Given, Raises, States, Unknown, blocks, shape
from rnnlint.interpret.state.facts import Facts
from rnnlint.interpret.state.journal import Ask, Journal
from rnnlint.interpret.state.known import Known, Learned
from rnnlint.source import program as ir
from rnnlint.source.widths_handed import widths_handed
from rnnlint.torch_api.context import Need
from rnnlint.values.domain import Called, Free, Items, Lit, Tensor, Value
from rnnlint.values.facts import OPEN, Fact, FactKind, Widened
from rnnlint.values.forms import Arithmetic, OfTensor
from rnnlint.values.origins import Fresh
from rnnlint.values.roots import plain

_NONE: frozenset[tuple[int, ...]] = frozenset()


class Fitting:
    """What open sizes have to be.

    Raises :class:`~rnnlint.torch_api.context.Need` where one has to be something else than it is taken for.
    """

    def __init__(self, known: Known, learned: Learned, facts: Facts, journal: Journal) -> None:
        self._journal = journal
        self._known = known
        self._learned = learned
        self._sizes = known.sizes
        self._facts = facts

    def unify(self, sizes: tuple[int, ...], states: States) -> None:
        """Sizes of a view that do not fit: an open size in them must equal one of the tensor's own."""
        own = shape(states)
        mine = frozenset().union(*(self._facts.free_of(size) for size in own)) if own else frozenset()
        for size in sizes:
            foreign = [o for o in self._facts.free_of(size) if o not in mine and isinstance(o, Free) and plain(o)]
            if size < 0 or len(foreign) != 1 or self._sized(foreign[0]):
                continue
            if self._sizes.of(foreign[0]) != size:
                continue
            options = tuple(dict.fromkeys(extent for extent in (*_rests(own, sizes, size), *own) if extent > 1))
            fitting = {o: asked for o in options if _fits(own, asked := tuple(o if s == size else s for s in sizes))}
            # who writes a size that keeps all axes whole means that one
            whole = [o for o, asked in fitting.items() if not _cuts(states, asked)]
            if fitting:
                raise Need(Fact(FactKind.EXTENT, foreign[0]), tuple(whole or fitting))
        self._fit_axis(sizes, own)
        self._fit_rows(sizes, own)
        self._fit_samples(sizes, states)
        laid = any(len(block.axes[0]) > 1 for block in blocks(states) if block.axes)
        if laid and len(sizes) > 1 and sizes[-1] == -1:  # rows laid below each other; -1 is left for the features
            self._fit_axis((*sizes[:-1], own[-1]), own, to_open=True)

    def _fit_samples(self, sizes: tuple[int, ...], states: States) -> None:
        """A view of what an RNN has made names the length of another tensor's axis, and fits with as many samples: of
        these it has as many."""
        own = shape(states)
        calls = {block.source for block in blocks(states)}
        samples = {call.samples for call in calls if isinstance(call, Call)}
        mine = frozenset().union(*map(self._facts.free_of, own)) if own else frozenset()
        foreign = {size: keys for size in sizes if size > 0 and (keys := self._facts.free_of(size) - mine)}
        if len(calls) != 1 or len(samples) != 1 or len(foreign) != 1 or not samples <= {*own}:
            return
        (size, keys), many = next(iter(foreign.items())), next(iter(samples))
        key = next(iter(keys))
        if len(keys) != 1 or isinstance(key, Free) or self._sizes.of(key) != size or sizes.count(size) != 1:
            return
        asked = tuple(many if one == size and many is not None else one for one in sizes)
        # -1 that comes to one may as well be how many of something each sample is made of
        fits = many is not None and _fits(own, asked) and not (-1 in sizes and prod(own) == -prod(asked))
        if fits and many is not None and Fact(FactKind.SIZE, key) not in self._facts.assumptions:
            raise Need(Fact(FactKind.SIZE, key), (many,))

    def _fit_rows(self, sizes: tuple[int, ...], own: tuple[int, ...]) -> None:
        """The first axis of a tensor is taken apart into sizes of others (``lines, count``), and -1 is what is left.

        That is the features, or where these stand behind it, more of the rows.
        """
        while len(own) > 2 and own[0] == 1:  # a state of one layer is its rows
            own = own[1:]
        if -1 not in sizes or len(own) < 2:
            return
        place = sizes.index(-1)
        if place == len(sizes) - 1:
            self.taken_apart(own[0], sizes[:place], own)
        elif sizes[1 - len(own) :] == own[1:] and len(sizes) > len(own):
            rows = sizes[: 1 - len(own)]
            left = self._sizes.of(("rows", own[0], rows))
            self.taken_apart(own[0], tuple(left if size == -1 else size for size in rows), own)

    def taken_apart(self, extent: int, sizes: tuple[int, ...], own: tuple[int, ...]) -> None:
        keys, opened = list(self._facts.free_of(extent)), self._facts.free_of(prod(sizes))
        if len(keys) != 1 or isinstance(keys[0], Free) or self._sizes.of(keys[0]) != extent:
            return
        fact = Fact(FactKind.SIZE, keys[0])
        apart = opened.isdisjoint(frozenset().union(*map(self._facts.free_of, own)))
        if opened and apart and min(sizes) > 0 and fact not in self._facts.assumptions:
            raise Need(fact, (prod(sizes),))

    def _fit_axis(self, sizes: tuple[int, ...], own: tuple[int, ...], to_open: bool = False) -> None:
        """One open axis of a given tensor takes the extent with which a view without -1 fits; ``to_open``: only one
        that is left open as well, such as the batch of another tensor."""
        if -1 in sizes:
            return
        asked, total = prod(sizes), prod(own)
        asked_of = frozenset().union(*map(self._facts.free_of, sizes))
        open_axes = frozenset().union(*map(self._facts.free_of, own)) - asked_of
        for size, key in sorted(((self._sizes.of(key), key) for key in open_axes), key=lambda pair: pair[0]):
            if isinstance(key, Free) or Fact(FactKind.SIZE, key) in self._facts.assumptions or total % size:
                continue
            rest = total // size
            if not rest or asked % rest or (to_open and not self._facts.free_of(asked // rest)):
                continue
            if asked // rest > 1 and asked // rest in _runs(sizes):
                raise Need(Fact(FactKind.SIZE, key), (asked // rest,))

    def is_shape(self, value: Value) -> bool:
        return isinstance(value, Free) and Fact(FactKind.SHAPE, value) in self._facts.assumptions

    def is_size(self, value: Value) -> bool:
        if isinstance(value, Free) and isinstance(value.form, Arithmetic):  # hidden * 2, of which hidden is one
            operands = value.form.operands
            numbers = [one for one in operands if isinstance(one, Lit) and isinstance(one.value, (int, float))]
            others = [one for one in operands if one not in numbers]
            return bool(others) and all(map(self.is_size, others))
        owner = value.owner if isinstance(value, Free) and value.form is None else None
        return isinstance(owner, ir.FunctionDef) and value.key in widths_handed(owner)  # type: ignore[union-attr]

    def be_shapes(self, operands: Iterable[Value]) -> None:
        """What operands raise that were made of one open size: it is no size then, but a whole shape."""
        for one in operands:
            for size in _alone(one):
                for free in self._facts.free_of(size):
                    open_ = isinstance(free, Free) and plain(free) and self._sizes.of(free) == size
                    if isinstance(free, Free) and open_ and not self._sized(free) and not self.is_shape(free):
                        raise Need(Fact(FactKind.SHAPE, free), (True,))

    def written_down(self, sizes: tuple[int, ...], states: States, mixes: bool) -> None:
        keys = [key for extent in shape(states) for key in self._facts.free_of(extent) if extent == self._sizes.of(key)]
        for size in sizes:
            if size < 2 or self._facts.free_of(size):
                continue
            for key in keys:
                if Fact(FactKind.SIZE, key) not in self._facts.assumptions and self._handed(key) == size:
                    raise Need(Fact(FactKind.SIZE, key), (size,))
        # how many samples a script has of what a model takes may be as many as it has channels, by chance
        inner = [key for key in keys if isinstance(key, tuple) and key[1] != 0] if mixes else ()
        for key in inner:
            handed = self._handed(key)
            if handed is not None and Fact(FactKind.SIZE, key) not in self._facts.assumptions:
                raise Need(Fact(FactKind.SIZE, key), (handed,))

    def _handed(self, key: Hashable) -> int | None:
        """How long an axis of a parameter is in every call that the file makes; None where they differ."""
        match key:
            case (Free(name, owner, None), int() as axis):
                shapes = self.handed_so_far(owner, name)
                self._journal.asked(Ask.HANDED, (owner, name), shapes)
                extents = {extents[axis] if axis < len(extents) else None for extents in shapes}
                return extents.pop() if len(extents) == 1 else None
        return None

    def handed_so_far(self, function: Hashable, name: str) -> frozenset[tuple[int, ...]]:
        """The extents of the tensors that a parameter was handed, for who only compares: it is not asked."""
        known, learned = self._known.shapes.get(function), self._learned.shapes.get(function)
        before = _NONE if known is None else known.get(name, _NONE)
        return before if learned is None else before | learned.get(name, _NONE)

    def hand(self, function: Hashable, name: str, extents: tuple[int, ...]) -> None:
        """A parameter is handed a tensor of these extents, () for what is none."""
        if self._journal.now is not None:
            self._journal.did("fitting", "hand", function, name, extents)
            self._journal.changes(Ask.HANDED, (function, name), self.handed_so_far(function, name))
        named = self._learned.shapes.setdefault(function, {})
        before = named.get(name, _NONE)
        if extents not in before:
            named[name] = before | {extents}

    def fill(self, extent: int, size: int) -> None:
        # what every call of the file makes as long as something else does not end with these features: several axes do
        handed = all(self._handed(key) in (None, size) for key in self._facts.free_of(extent))
        if size > 0 and extent % size and not self._facts.free_of(size) and handed:
            self._be(extent, size)

    def one_wide(self, extent: int, certain: bool = True) -> None:
        # what every call of the file makes longer is not one, whatever the program hopes
        if all(self._handed(key) in (None, 1) for key in self._facts.free_of(extent)):
            self._be(extent, *((1,) if certain else (1, extent)))

    def not_widened(self, extents: Sequence[int]) -> None:
        for extent in extents:
            for key in self._facts.free_of(extent):
                if isinstance(key, Widened) and Fact(FactKind.SIZE, key) not in self._facts.assumptions:
                    raise Need(Fact(FactKind.SIZE, key), (1,))

    def _be(self, extent: int, *ways: int) -> None:
        """An open extent of a given tensor that can only be one of these."""
        keys = self._facts.free_of(extent)
        if len(keys) == 1 and not any(
            isinstance(key, Free) or Fact(FactKind.SIZE, key) in self._facts.assumptions for key in keys
        ):
            raise Need(Fact(FactKind.SIZE, next(iter(keys))), ways)

    def parted(self, extent: int, sizes: tuple[int, ...]) -> None:
        """An axis is taken apart into parts of these sizes, which are all of it."""
        if min(sizes, default=-1) >= 0 and not any(map(self._facts.free_of, sizes)):
            self._be(extent, sum(sizes))

    def same(self, one: int, other: int) -> None:
        for extent, wanted in ((one, other), (other, one)):
            keys = [key for key in self._facts.free_of(extent) if not isinstance(key, Free)]
            if len(keys) != 1 or one == other or not self._facts.free_of(wanted):
                continue
            fact = Fact(FactKind.SIZE, keys[0])
            if fact not in self._facts.assumptions and self._sizes.of(keys[0]) == extent:
                raise Need(fact, (wanted,))

    def can_be_one(self, extent: int) -> bool:
        made = self._sizes.made(extent)
        return made is None or made.distance != 0 or made.factor <= 1

    def may_widen(self, value: Value) -> bool:
        if not isinstance(value, Free):
            return False
        if not plain(value):
            operands = () if value.form is None else value.form.operands
            return isinstance(value.form, OfTensor) or any(map(self.may_widen, operands))
        owner = value.owner
        # options, and what a module is built of, are numbers for all that is known
        return isinstance(owner, Called) or (isinstance(owner, ir.FunctionDef) and owner.name != "__init__")

    def equate(self, size: int, extent: int) -> None:
        foreign = [origin for origin in self._facts.free_of(size) if isinstance(origin, Free) and plain(origin)]
        if len(foreign) == 1 and not self._sized(foreign[0]) and self._sizes.of(foreign[0]) == size:
            raise Need(Fact(FactKind.EXTENT, foreign[0]), (extent,))

    def _sized(self, free: Free) -> bool:
        return self._facts.number_of(free) is not OPEN


def _runs(sizes: tuple[int, ...]) -> frozenset[int]:
    """What sizes that stand next to each other make together: an axis is taken apart into such, not across them."""
    return frozenset(prod(sizes[i:j]) for i in range(len(sizes)) for j in range(i + 1, len(sizes) + 1))


def _rests(own: tuple[int, ...], sizes: tuple[int, ...], size: int) -> Iterator[int]:
    """What an axis leaves for one of the sizes of a view, where all others that it is taken apart into are known."""
    place = sizes.index(size)
    for first in range(place + 1):
        for end in range(place + 1, len(sizes) + 1):
            others = prod((*sizes[first:place], *sizes[place + 1 : end]))
            yield from (extent // others for extent in own if others > 1 and extent % others == 0)


def _cuts(states: States, sizes: tuple[int, ...]) -> bool:
    viewed = regroup.reshape(states, sizes)
    return isinstance(viewed, (Raises, Unknown)) or bool(cut(viewed))


def _alone(value: Value) -> tuple[int, ...]:
    """The one extent of a vector that the program has made, or of its shape."""
    match value:
        case Tensor(Block(source=Given(key=Fresh(), shape=(size,)))):
            return (size,)
        case Items((Lit(value=int() as size),), None):
            return (size,)
    return ()


def _fits(own: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    total, asked = 1, 1
    for extent in own:
        total *= extent
    for size in sizes:
        asked *= 1 if size == -1 else size
    return asked != 0 and (total % asked == 0 if -1 in sizes else total == asked)
