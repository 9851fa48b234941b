"""Facts the file may leave open: truths, numbers, choices, ranks and sizes, under a set of assumptions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import prod
from typing import NoReturn

from rnnlint.axes import results as layout
from rnnlint.axes.states import Block, Given, Kind, States, Unknown, shape
from rnnlint.interpret.python.arithmetic import compute
from rnnlint.interpret.state.heap import Heap
from rnnlint.interpret.state.sizes import LEAST
from rnnlint.interpret.state.world import World
from rnnlint.source import program as ir
from rnnlint.torch_api.context import Need, TorchRaises
from rnnlint.values.domain import (
    DictCell,
    Either,
    Formless,
    Free,
    Items,
    ListCell,
    Lit,
    Packed,
    Ref,
    SizeOf,
    Tensor,
    Value,
    base,
)
from rnnlint.values.forms import Arithmetic, Equal, Not, OfTensor
from rnnlint.values.origins import Number

Assumptions = Mapping[Hashable, object]


class Facts:
    """What is assumed in one run, and what follows from it.

    Raises :class:`~rnnlint.torch_api.context.Need` where the run cannot go on without a fact that is open.
    """

    def __init__(self, world: World, assumptions: Assumptions, heap: Heap) -> None:
        self.world = world
        self.assumptions = assumptions
        self.heap = heap
        self.forcing = False  # a condition is evaluated on which depends what module is built

    def integer(self, value: Value | None) -> int | None:
        match value:
            case Lit(bool()):
                return int(value.value)  # type: ignore[arg-type]
            case Lit(int() as number):
                return number
            case Lit(float() as number) if number.is_integer():
                return int(number)
            case Free():
                return self._open_number(value)
            case Tensor(Block(source=Given()) as states) if not states.axes:
                return self.world.sizes.of(Free("item()", states))
        return None

    def _open_number(self, value: Free) -> int | None:
        for key in (("int", value), ("equal", value)):
            if key in self.assumptions:
                assumed = self.assumptions[key]
                return assumed if isinstance(assumed, int) else None
        if value.form is None:
            return self.world.sizes.of(value)
        form = value.form
        if not isinstance(form, Arithmetic):
            return None
        op, left, right = form.op, form.left, form.right
        operands = self.integer(left), self.integer(right)
        if operands[0] is None or operands[1] is None:
            return None
        result = compute(op, operands[0], operands[1])
        if isinstance(result, float) and result == result // 1:
            result = int(result)
        if not isinstance(result, int):
            return None
        origins = frozenset().union(*(self.origins(side) for side in (left, right)))
        self.world.sizes.note(Lit(result, origins))
        return result

    def origins(self, value: Value | None) -> frozenset[Hashable]:
        """Where a number comes from."""
        if isinstance(value, Lit):
            return value.origins
        if isinstance(value, Free):
            if value.form is None:
                return frozenset({value})
            return frozenset().union(*map(self.origins, value.form.operands))
        return frozenset()

    def literal(self, value: Value | None) -> Lit | None:
        """A number with its origins."""
        number = self.integer(value)
        return None if number is None else Lit(number, self.origins(value))

    def flag(self, value: Value, force: bool = False) -> bool | None:
        match value:
            case Lit():
                declared = self._declared(value)
                if declared is not None and isinstance(value.value, bool):
                    return self._assumed(("truth", declared), (value.value, not value.value), force)
                if any(isinstance(origin, Free) for origin in value.origins) and type(value.value) in (int, float):
                    return None if declared is None or ("int", declared) not in self.assumptions else bool(value.value)
                return bool(value.value)
            case Free(form=None):
                return self._assumed(("truth", value), (False, True), force)
            case Free(form=Not(negated)):
                truth = self.flag(negated, force)
                return None if truth is None else not truth
            case Free(form=Equal(compared, constant)):
                return self.equals(compared, constant, force)
            case Items(items):
                return bool(items)
            case Ref(cell):
                content = self.heap[cell]
                if isinstance(content, ListCell):
                    return None if content.rest is not None else bool(content.items)
                if isinstance(content, DictCell):
                    return None if content.open else bool(content.items)
                return True
            case Either(options):
                answers = {self.flag(option, force) for option in options}
                return answers.pop() if len(answers) == 1 else None
            case Unknown() | Tensor() | Formless() | Free():
                return None
        return True

    def _declared(self, value: Lit) -> Free | None:
        """The parameter whose declared default a literal is."""
        for origin in value.origins:
            if isinstance(origin, Free) and origin in self.world.declared and len(value.origins) == 1:
                return origin
        return None

    def _assumed(self, key: Hashable, options: tuple[object, ...], force: bool) -> bool | None:
        """An open truth: explored both ways where a module is built from it (``force``), else both at once."""
        if key in self.assumptions:
            return bool(self.assumptions[key])
        if force or self.forcing:
            raise Need(key, options)
        return None

    def is_none(self, value: Value) -> bool | None:
        match value:
            case Lit(None):
                return True
            case Free(form=None):
                return self._assumed(("is None", value), (False, True), False)
            case Either(options):
                answers = {self.is_none(option) for option in options}
                return answers.pop() if len(answers) == 1 else None
            case Unknown():
                return None
        return False

    def within(self, value: Value, text: str) -> bool | None:
        """``value in text`` for a constant text that steers the program."""
        free = value if isinstance(value, Free) else self._declared(value) if isinstance(value, Lit) else None
        default = isinstance(value, Lit) and isinstance(value.value, str) and value.value in text
        if free is not None:
            return self._assumed(("in", free, text), (default, not default), False)
        return default if isinstance(value, Lit) and isinstance(value.value, str) else None

    def equals(self, value: Value, other: Lit, force: bool = False) -> bool | None:
        """``value == other`` for a constant that steers the program; with ``force``, both are explored."""
        free = value if isinstance(value, Free) else self._declared(value) if isinstance(value, Lit) else None
        if free is not None and isinstance(other.value, str):
            if ("choice", free) in self.assumptions:
                return self.assumptions["choice", free] == other.value
            default = value.value == other.value if isinstance(value, Lit) else False
            return self._assumed(("==", free, other.value), (default, not default), force)
        if isinstance(value, Lit) and type(value.value) is type(other.value):
            if self._both_open(value, other):
                return True if value.value == other.value else None
            frees = [origin for origin in value.origins | other.origins if isinstance(origin, Free)]
            if value.origins != other.origins and any(("int", free) not in self.assumptions for free in frees):
                if self.forcing and frees == [self._declared(value)] and type(value.value) is int:
                    another = 3 - value.value if value.value in (1, 2) else value.value + 1
                    options = (value.value, other.value if other.value != value.value else another)
                    raise Need(("int", frees[0]), options)
                return None if type(value.value) in (int, float) else value.value == other.value
            return value.value == other.value
        return None

    def _both_open(self, one: Lit, other: Lit) -> bool:
        """Whether two numbers come from different sizes that the file leaves open: they may well be the same."""
        opened = [{o for o in number.origins if not isinstance(o, ir.Node | Free)} for number in (one, other)]
        return bool(opened[0] and opened[1]) and opened[0] != opened[1]

    def layers(self, value: Value) -> Lit | None:
        declared = self._declared(value) if isinstance(value, Lit) else None
        free = value if isinstance(value, Free) and value.form is None else declared
        if free is not None and ("int", free) not in self.assumptions:
            first = (value.value,) if isinstance(value, Lit) else ()
            raise Need(("int", free), (*first, *(n for n in (1, 2, 3) if n not in first)))
        return self.literal(value)

    def choice(self, value: Value, options: tuple[str, ...]) -> str | None:
        if isinstance(value, Lit):
            declared = self._declared(value)
            if declared is None or value.value not in options:
                return value.value if value.value in options else None
            first: tuple[object, ...] = (value.value,)
        elif isinstance(value, Free) and value.form is None:
            declared, first = value, ()
        else:
            return None
        if ("choice", declared) in self.assumptions:
            chosen = self.assumptions["choice", declared]
            return chosen if isinstance(chosen, str) else None
        ordered = (*first, *(option for option in options if option not in first))
        agreed = [o for o in ordered if self.assumptions.get(("==", declared, o)) is True]
        open_ = [o for o in ordered if self.assumptions.get(("==", declared, o)) is not False]
        raise Need(("choice", declared), tuple(agreed or open_ or ordered))

    def parameter(self, free: Free, default: Lit | None, node: ir.Node) -> Value:
        """What a parameter holds when no call site says it."""
        for key in (("int", free), ("equal", free)):
            if key in self.assumptions:
                return Lit(self.assumptions[key], frozenset({free}))  # type: ignore[arg-type]
        if ("packed", free) in self.assumptions:
            return Packed(None, None)
        if ("rank", free) in self.assumptions:
            return self._ranked(free)
        if default is None or default.value is None:
            return free
        self.world.declared.setdefault(free, (default, node))
        for fact in (("truth", free), ("choice", free)):
            if fact in self.assumptions:
                return Lit(self.assumptions[fact], frozenset({free}))  # type: ignore[arg-type]
        return Lit(default.value, frozenset({free}))

    def _ranked(self, free: Free) -> Tensor:
        rank = self.assumptions["rank", free]
        assert isinstance(rank, int)
        sizes = tuple(self.world.sizes.of((free, axis), frozenset({(free, axis)})) for axis in range(rank))
        sizes = tuple(self._alias((free, axis), size) for axis, size in enumerate(sizes))
        return Tensor(layout.given(Given(free, sizes)))

    def _alias(self, key: Hashable, size: int) -> int:
        aliased = self.assumptions.get(("size", key), size)
        return aliased if isinstance(aliased, int) else size

    def generic(self, key: Hashable) -> int:
        return self._alias(key, self.world.sizes.of(key))

    def number(self, value: int) -> Lit:
        return Lit(value, self.world.sizes.origins(value))

    def open(self, number: int) -> bool:
        return number >= LEAST

    def free_of(self, number: int) -> frozenset[Hashable]:
        return frozenset(o for o in self.world.sizes.origins(number) if not isinstance(o, ir.Node))

    def certain(self, size: int, parts: tuple[int, ...]) -> bool:
        opened = frozenset().union(*map(self.free_of, parts))
        return self.free_of(size) == opened and self.world.sizes.differ(size, sum(parts))

    def certainly(self, sizes: tuple[int, ...], extents: tuple[int, ...]) -> bool:
        asked, own = (frozenset().union(*map(self.free_of, numbers)) for numbers in (sizes, extents))
        return asked == own

    def tensor(self, value: Value) -> Tensor | Formless | Unknown:
        match value:
            case Tensor() | Formless() | Unknown():
                return value
            case Free():
                return self._ranked(value) if ("rank", value) in self.assumptions else Formless(value)
            case Lit(int() | float()):
                return Tensor(Block(Given(Number(), ()), Kind.GIVEN, ()))
        return Unknown(f"a {type(value).__name__.lower()} is no tensor")

    def rank(self, tensor: Formless, rank: int) -> NoReturn:
        root = tensor.root
        if isinstance(root.form, OfTensor):
            tensor = Formless(base(root), tensor.change)
        needed = rank - tensor.change
        if needed < 0 or ("rank", tensor.root) in self.assumptions:
            raise TorchRaises("RuntimeError", f"a tensor of {needed} dimensions")
        raise Need(("rank", tensor.root), (needed,))

    def unify(self, sizes: tuple[int, ...], states: States) -> None:
        """Sizes of a view that do not fit: an open size in them must equal one of the tensor's own."""
        own = shape(states)
        mine = frozenset().union(*(self.free_of(size) for size in own)) if own else frozenset()
        for size in sizes:
            foreign = [o for o in self.free_of(size) if o not in mine and isinstance(o, Free) and o.form is None]
            if size < 0 or len(foreign) != 1 or self._sized(foreign[0]):
                continue
            if self.world.sizes.of(foreign[0]) != size:
                continue
            options = tuple(dict.fromkeys(extent for extent in own if extent > 1))
            fitting = tuple(o for o in options if _fits(own, tuple(o if s == size else s for s in sizes)))
            if fitting:
                raise Need(("equal", foreign[0]), fitting)
        self._fit_axis(sizes, own)

    def _fit_axis(self, sizes: tuple[int, ...], own: tuple[int, ...]) -> None:
        """One open axis of a given tensor takes the extent with which a view without -1 fits."""
        if -1 in sizes:
            return
        asked, total = prod(sizes), prod(own)
        asked_of = frozenset().union(*map(self.free_of, sizes))
        open_axes = frozenset().union(*map(self.free_of, own)) - asked_of
        for size, key in sorted(((self.world.sizes.of(key), key) for key in open_axes), key=lambda pair: pair[0]):
            if isinstance(key, Free) or ("size", key) in self.assumptions or total % size:
                continue
            rest = total // size
            if rest and asked % rest == 0 and asked // rest > 1 and asked // rest in _runs(sizes):
                raise Need(("size", key), (asked // rest,))

    def written_down(self, sizes: tuple[int, ...], states: States) -> None:
        keys = [key for extent in shape(states) for key in self.free_of(extent) if extent == self.world.sizes.of(key)]
        for size in sizes:
            if size < 2 or self.free_of(size):
                continue
            for key in keys:
                if ("size", key) not in self.assumptions and self._handed(key) == size:
                    raise Need(("size", key), (size,))

    def _handed(self, key: Hashable) -> int | None:
        """How long an axis of a parameter is in every call that the file makes; None where they differ."""
        match key:
            case (Free(name, owner, None), int() as axis):
                shapes = self.world.shapes.get(owner, {}).get(name, set())
                extents = {extents[axis] if axis < len(extents) else None for extents in shapes}
                return extents.pop() if len(extents) == 1 else None
        return None

    def fill(self, extent: int, size: int) -> None:
        if size > 0 and extent % size and not self.free_of(size):
            self._be(extent, size)

    def one_wide(self, extent: int) -> None:
        self._be(extent, 1)

    def _be(self, extent: int, size: int) -> None:
        """An open extent of a given tensor that can only be ``size``."""
        keys = self.free_of(extent)
        if len(keys) == 1 and not any(isinstance(key, Free) or ("size", key) in self.assumptions for key in keys):
            raise Need(("size", next(iter(keys))), (size,))

    def same(self, one: int, other: int) -> None:
        for extent, wanted in ((one, other), (other, one)):
            keys = [key for key in self.free_of(extent) if not isinstance(key, Free)]
            if len(keys) != 1 or one == other or not self.free_of(wanted) or ("size", keys[0]) in self.assumptions:
                continue
            if self.world.sizes.of(keys[0]) == extent:
                raise Need(("size", keys[0]), (wanted,))

    def equate(self, size: int, extent: int) -> None:
        foreign = [origin for origin in self.free_of(size) if isinstance(origin, Free) and origin.form is None]
        if len(foreign) == 1 and not self._sized(foreign[0]) and self.world.sizes.of(foreign[0]) == size:
            raise Need(("equal", foreign[0]), (extent,))

    def _sized(self, free: Free) -> bool:
        return ("int", free) in self.assumptions or ("equal", free) in self.assumptions

    def axis_of(self, tensor: Formless, size: int) -> int | None:
        for origin in self.world.sizes.origins(size):
            match origin:
                case (root, change, int() as axis) if root == tensor.root and change == tensor.change:
                    return axis
        return None

    def size_of(self, value: SizeOf, axis: int) -> Lit:
        """One extent of a formless tensor's shape."""
        key = (value.of.root, value.of.change, axis)
        return Lit(self.generic(key), frozenset({key}))


def _runs(sizes: tuple[int, ...]) -> frozenset[int]:
    """What sizes that stand next to each other make together: an axis is taken apart into such, not across them."""
    return frozenset(prod(sizes[i:j]) for i in range(len(sizes)) for j in range(i + 1, len(sizes) + 1))


def _fits(own: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    total, asked = 1, 1
    for extent in own:
        total *= extent
    for size in sizes:
        asked *= 1 if size == -1 else size
    return asked != 0 and (total % asked == 0 if -1 in sizes else total == asked)
