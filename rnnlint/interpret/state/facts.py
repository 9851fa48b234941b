"""Facts the file may leave open: truths, numbers, choices, ranks and sizes, under a set of assumptions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from rnnlint.axes.states import Given, Unknown
from rnnlint.interpret.state import spelled_texts
from rnnlint.interpret.state.numbers import Numbers
from rnnlint.source import program as ir
from rnnlint.torch_api.context import Need, TorchRaises
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Either, Formless, Free, Items, Lit, Packed, Ref, SizeOf, Tensor, Value
from rnnlint.values.facts import ANOTHER_RATE, EVERY_NAME, OPEN, Fact, FactKind, same_text
from rnnlint.values.forms import Equal, Not, OfTensor, Padding
from rnnlint.values.heap_cells import DictCell, ListCell
from rnnlint.values.origins import Number
from rnnlint.values.roots import axis_key, base, plain, surely


class Facts(Numbers):
    """What is assumed in one run, and what follows from it; what operations ask is said in ``torch_api.context``.

    Raises :class:`~rnnlint.torch_api.context.Need` where the run cannot go on without a fact that is open.
    """

    def flag(self, value: Value, force: bool = False) -> bool | None:
        if isinstance(value, Lit) and not value.origins:
            return bool(value.value)
        match value:
            case Lit():
                declared = self.declared_as(value)
                if declared is not None and isinstance(value.value, bool):
                    return self._assumed(Fact(FactKind.TRUTH, declared), (value.value, not value.value), force)
                if any(isinstance(origin, Free) for origin in value.origins) and type(value.value) in (int, float):
                    return None if declared is None else self._truth_of_number(value, declared, force)
                return bool(value.value)
            case Free(form=None | Padding()):
                default = self.default(value)
                first = default is not None and type(default.value) is bool and default.value
                return self._assumed(Fact(FactKind.TRUTH, value), (first, not first), force)
            case Free(form=Not(negated)):
                truth = self.flag(negated, force)
                return None if truth is None else not truth
            case Free(form=Equal(compared, constant)):
                return self.equals(compared, constant, force)
            case Items(items):
                return bool(items)
            case Ref(cell):
                content = self._heap[cell]
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

    def apart(self, names: Iterable[str]) -> bool:
        """Whether conditions that choose among constants for names are explored (``evaluate.telling_apart``)."""
        return any(Fact(FactKind.APART, name) in self.assumptions for name in (EVERY_NAME, *names))

    def tell_apart(self, value: Value, option: str) -> bool:
        if not isinstance(value, Either) or not all(isinstance(one, Lit) for one in value.options):
            return False
        # first the names that the module is built of: what has nothing to do with it is not to be run both ways
        for name in (*sorted(self._here.mentioned(option)), EVERY_NAME):
            if Fact(FactKind.APART, name) not in self.assumptions:
                raise Need(Fact(FactKind.APART, name), (True,))
        return True

    def _truth_of_number(self, value: Lit, declared: Free, force: bool) -> bool | None:
        """Whether a number is true whose default is declared: explored both ways where a module is built from it."""
        if not self.counted(declared):
            if (
                not (force or self._here.path.forcing)
                or type(value.value) is not int
                or value != self.default(declared)
            ):
                return None
            raise Need(Fact(FactKind.NUMBER, declared), (value.value, 0 if value.value else 1))
        return bool(value.value)

    def declared_as(self, value: Lit) -> Free | None:
        """The parameter whose declared default a literal is."""
        for origin in value.origins:
            if isinstance(origin, Free) and self.declared(origin) is not None and len(value.origins) == 1:
                return origin
        return None

    def _assumed(self, fact: Fact, options: tuple[object, ...], force: bool) -> bool | None:
        """An open truth: explored both ways where a module is built from it (``force``), else both at once."""
        answer = self.assumptions.of(fact)
        if answer is not OPEN:
            return bool(answer)
        if force or self._here.path.forcing:
            raise Need(fact, options)
        return bool(options[0]) if fact.about in self.assumptions.settled else None

    def is_none(self, value: Value) -> bool | None:
        """``value is None``; None where it is not known.  Of an open value it is explored only where a module is built.

        Raises Need there.
        """
        match value:
            case Lit(None):
                return True
            case Free(form=None | Padding()):
                default = self.default(value)
                options = (False, True) if default is None or default.value is not None else (True, False)
                return self._assumed(Fact(FactKind.NONE, value), options, False)
            case Either(options):
                answers = {self.is_none(option) for option in options}
                return answers.pop() if len(answers) == 1 else None
            case Unknown() | Formless(unsure=True):
                return None
        return False

    def within(self, value: Value, text: str) -> bool | None:
        """``value in text`` for a constant text that steers the program."""
        free = value if isinstance(value, Free) else self.declared_as(value) if isinstance(value, Lit) else None
        default = isinstance(value, Lit) and isinstance(value.value, str) and value.value in text
        if free is not None:
            chosen = self.assumptions.chosen(free)
            if isinstance(chosen, str):
                return chosen in text
            return self._assumed(Fact(FactKind.WITHIN, free, text), (default, not default), False)
        return default if isinstance(value, Lit) and isinstance(value.value, str) else None

    def equals(self, value: Value, other: Lit, force: bool = False) -> bool | None:
        """``value == other`` for a constant that steers the program; with ``force``, both are explored."""
        free = value if isinstance(value, Free) else self.declared_as(value) if isinstance(value, Lit) else None
        if free is not None and isinstance(other.value, str):
            chosen = self.assumptions.chosen(free)
            if chosen is not OPEN:
                return same_text(chosen, other.value)
            cells, forced = self._known.text.other_cells, force or self._here.path.forcing
            answer = spelled_texts.settled(self.assumptions, free, other.value, cells, forced)
            if answer is not OPEN:
                return bool(answer)
            declared = value if isinstance(value, Lit) else self.default(value)
            default = declared is not None and declared.value == other.value
            return self._assumed(Fact(FactKind.SAME, free, other.value), (default, not default), force)
        if isinstance(value, Lit) and type(value.value) is type(other.value):
            if self._both_open(value, other):
                return True if value.value == other.value else None
            frees = [origin for origin in value.origins | other.origins if isinstance(origin, Free)]
            if value.origins != other.origins and any(not self.counted(free) for free in frees):
                if self._here.path.forcing and frees == [self.declared_as(value)] and type(value.value) is int:
                    # where they agree, another number stands for all that differ: 1 and 2 for each other, since those
                    # are the counts (of layers, of directions) that programs ask for
                    another = 3 - value.value if value.value in (1, 2) else value.value + 1
                    options = (value.value, other.value if other.value != value.value else another)
                    raise Need(Fact(FactKind.NUMBER, frees[0]), options)
                return None if type(value.value) in (int, float) else value.value == other.value
            return value.value == other.value
        return None

    def _both_open(self, one: Lit, other: Lit) -> bool:
        """Whether two numbers come from different sizes that the file leaves open: they may well be the same."""
        opened = [{o for o in number.origins if not isinstance(o, (ir.Node, Free))} for number in (one, other)]
        return bool(opened[0] and opened[1]) and opened[0] != opened[1]

    def layers(self, value: Value) -> Lit | None:
        declared = self.declared_as(value) if isinstance(value, Lit) else None
        free = value if isinstance(value, Free) and plain(value) else declared
        if free is not None and not self.counted(free):
            default = value if isinstance(value, Lit) else self.default(free)
            first = (default.value,) if default is not None and type(default.value) is int else ()
            # with 1 the last layer is the first; 2 is as many as there are directions; 3 tells layers from directions
            raise Need(Fact(FactKind.NUMBER, free), (*first, *(n for n in (1, 2, 3) if n not in first)))
        return self.literal(value)

    def rate(self, value: Value) -> Value:
        if isinstance(value, Either):
            return either(tuple([self.rate(option) for option in value.options]))
        opened = {origin for origin in self.origins(value) if isinstance(origin, Free)}
        free = opened.pop() if len(opened) == 1 else None
        found = None if free is None else self.declared(free)
        # what is declared 0 may be any number in another configuration
        if free is None or found is None or type(found[0].value) not in (int, float) or found[0].value != 0:
            return value
        if self._known.every and not self.counted(free):
            raise Need(Fact(FactKind.NUMBER, free), (found[0].value, ANOTHER_RATE))
        return self.parameter(free, *found) if value == free else value

    def parameter(self, free: Free, default: Lit | None, node: ir.Node) -> Value:
        """What a parameter holds when no call site says it."""
        nothing = self.assumptions.nothing_of(free)
        if not nothing:
            assumed = self.number_of(free)
            if assumed is not OPEN:
                return Lit(assumed, frozenset({free}))  # type: ignore[arg-type]
            if Fact(FactKind.PACKED, free) in self.assumptions:
                return Packed(None, None)
            if Fact(FactKind.RANK, free) in self.assumptions:
                return self._ranked(free)
        if default is None:
            if nothing or not self.is_flag(free):
                return free
            return Lit(bool(self.assumptions.of(Fact(FactKind.TRUTH, free))), frozenset({free}))
        self.declare(free, default, node)
        if default.value is None:  # it stands for what the function builds itself where nobody gives it
            return free
        for kind in () if nothing else (FactKind.TRUTH, FactKind.CHOICE):
            answer = self.assumptions.of(Fact(kind, free))
            if answer is not OPEN:
                spelled = default.value if same_text(answer, default.value) else answer
                return Lit(spelled, frozenset({free}))  # type: ignore[arg-type]
        return Lit(default.value, frozenset({free}))

    def _ranked(self, free: Free) -> Tensor:
        rank = self.assumptions.of(Fact(FactKind.RANK, free))
        assert isinstance(rank, int)
        sizes = tuple(self._sizes.of((free, axis), frozenset({(free, axis)})) for axis in range(rank))
        sizes = tuple(self._alias((free, axis), size) for axis, size in enumerate(sizes))
        return self._known.tensors.given(Given(free, sizes))

    def tensor(self, value: Value) -> Tensor | Formless | Unknown:
        match value:
            case Formless(root, change) if self.ranked(root):  # a module was built of it, in no run that takes it so
                return self._ranked(root) if change == 0 else Unknown("a tensor of unknown rank that was changed")
            case Tensor() | Formless() | Unknown():
                return surely(value)
            case Free():
                return self._ranked(value) if Fact(FactKind.RANK, value) in self.assumptions else Formless(value)
            case Lit(int() | float()):
                return self._known.tensors.given(Given(Number(), ()))
        return Unknown(f"a {type(value).__name__.lower()} is no tensor")

    def rank(self, tensor: Formless, rank: int) -> NoReturn:
        root = tensor.root
        if isinstance(root.form, OfTensor):
            tensor = Formless(base(root), tensor.change)
        needed = rank - tensor.change
        if needed < 0 or Fact(FactKind.RANK, tensor.root) in self.assumptions:
            raise TorchRaises("RuntimeError", f"a tensor of {needed} dimensions")
        raise Need(Fact(FactKind.RANK, tensor.root), (needed,))

    def axis_of(self, tensor: Formless, size: int) -> int | None:
        for origin in self.origins_of(size):
            match origin:
                case (root, *change, int() as axis) if root == tensor.root and (change or [0]) == [tensor.change]:
                    return axis
        return None

    def size_of(self, value: SizeOf, axis: int) -> Lit:
        key = axis_key(value.of, axis)
        return Lit(self.generic(key), frozenset({key}))
