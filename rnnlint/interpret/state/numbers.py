"""Which numbers are those that the file may leave open: parameters, their defaults, extents, under assumptions."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.axes.states import Block, Given
from rnnlint.interpret.state.arithmetic import compute
from rnnlint.interpret.state.assumptions import Assumptions
from rnnlint.interpret.state.heap import Heap
from rnnlint.interpret.state.here import Here
from rnnlint.interpret.state.journal import Ask, Journal
from rnnlint.interpret.state.known import Known, Learned
from rnnlint.interpret.state.sizes import LEAST
from rnnlint.source import program as ir
from rnnlint.values.domain import Free, Lit, Origins, Tensor, Value
from rnnlint.values.facts import OPEN, Fact, FactKind
from rnnlint.values.forms import Arithmetic
from rnnlint.values.roots import plain


class Numbers:
    """The numbers of one run, under what is assumed in it; what operations ask is said in ``torch_api.context``."""

    def __init__(
        self, known: Known, learned: Learned, assumptions: Assumptions, heap: Heap, here: Here, journal: Journal
    ) -> None:
        self._journal = journal
        self.assumptions = assumptions
        self.left: frozenset[Free] = frozenset()  # the parameters that the call site at hand leaves at their defaults
        self._known = known
        self._learned = learned
        self._sizes = known.sizes
        self._heap = heap
        self._here = here

    def integer(self, value: Value | None) -> int | None:
        if isinstance(value, Lit):
            number = value.value
            if isinstance(number, int):
                return int(number)  # of a bool as well
            return int(number) if isinstance(number, float) and number.is_integer() else None
        if isinstance(value, Free):
            return self._open_number(value)
        if isinstance(value, Tensor):
            states = value.states
            if isinstance(states, Block) and not states.axes and isinstance(states.source, Given):
                return self._sizes.of(Free("item()", states))
        return None

    def number_of(self, free: Free) -> object:
        """What a number is assumed to be that the file leaves open; OPEN where nothing is assumed."""
        if self.assumptions.nothing_of(free):
            return OPEN
        assumed = self.assumptions.of(Fact(FactKind.NUMBER, free))
        return self.assumptions.of(Fact(FactKind.EXTENT, free)) if assumed is OPEN else assumed

    def counted(self, free: Hashable) -> bool:
        """Whether it is assumed which number a parameter is, or whether a flag is true: ``1 + int(bidirectional)``."""
        if self.assumptions.nothing_of(free):
            return False
        return Fact(FactKind.NUMBER, free) in self.assumptions or self.is_flag(free)

    def is_flag(self, free: Hashable) -> bool:
        """Whether it is assumed that a parameter is true, or not, of which nothing else is asked: of another that is
        true, such as a number of layers, this says only that it is not 0."""
        flag = isinstance(free, Free) and free.key in self._known.text.flags
        return flag and Fact(FactKind.TRUTH, free) in self.assumptions

    def ranked(self, free: Free) -> bool:
        """Whether it is assumed how many axes a tensor has that the file leaves open."""
        return not self.assumptions.nothing_of(free) and Fact(FactKind.RANK, free) in self.assumptions

    def declared(self, free: Free) -> tuple[Lit, ir.Node] | None:
        """The default that a parameter is declared with, and where it stands."""
        found = self.declared_so_far(free)
        self._journal.asked(Ask.DECLARED, free, found)
        return found

    def settings(self, value: Value | None) -> frozenset[Free]:
        """The open values whose defaults a number is made of, where no parameter of a function is among them."""
        opened = {one for one in self.origins(value) if isinstance(one, Free)} if isinstance(value, Lit) else set()
        stays = all(self.default(one) == value and not isinstance(one.owner, ir.FunctionDef) for one in opened)
        return frozenset(opened) if stays else frozenset()

    def is_default(self, number: Lit) -> bool:
        """Whether a number is what the file declares for the one open value that it stands for."""
        only = next(iter(number.origins)) if len(number.origins) == 1 else None
        found = self.declared_so_far(only) if isinstance(only, Free) else None
        return found is not None and found[0].value == number.value

    def default(self, value: Value) -> Lit | None:
        found = self.declared(value) if isinstance(value, Free) else None
        return None if found is None else found[0]

    def declared_so_far(self, free: Free) -> tuple[Lit, ir.Node] | None:
        """As :meth:`declared`, for who only compares: it is not asked."""
        return self._known.declared.get(free) or self._learned.declared.get(free)

    def declare(self, free: Free, default: Lit, node: ir.Node) -> None:
        """A parameter is declared with a default, which stands at a node."""
        if not self._journal.changed(Ask.DECLARED, free):
            self._journal.did("facts", "declare", free, default, node)
            self._journal.changes(Ask.DECLARED, free, self.declared_so_far(free))
        if free not in self._known.declared:
            self._learned.declared.setdefault(free, (default, node))

    def note(self, number: Lit) -> None:
        """Remember where a computed number was first met; not what counts up in a loop: every 2 would be that, and so
        would the number of directions."""
        opened = [origin for origin in number.origins if not isinstance(origin, ir.Node)]
        if type(number.value) is not int or not number.origins or (opened and all(map(self.is_flag, opened))):
            return
        sized = any(not isinstance(origin, Free) for origin in opened)
        if self.open(abs(number.value)) or not sized or any(isinstance(origin, Free) for origin in number.origins):
            if not self._journal.changed(Ask.COMPUTED, number.value):
                self._journal.did("facts", "note", number)
                self._journal.changes(Ask.COMPUTED, number.value, self.computed_so_far(number.value))
            if number.value not in self._known.computed:
                self._learned.computed.setdefault(number.value, number.origins)

    def computed_so_far(self, number: int) -> Origins | None:
        """Where a number comes from that was noted, for who only compares: it is not asked."""
        return self._known.computed.get(number) or self._learned.computed.get(number)

    def origins_of(self, number: int) -> Origins:
        """Where an extent comes from: what was noted, or the open sizes it is a multiple of."""
        noted = self.computed_so_far(number)
        self._journal.asked(Ask.COMPUTED, number, noted)
        return self._sizes.origins(number) if noted is None else noted

    def _open_number(self, value: Free) -> int | None:
        assumed = self.number_of(value)
        if assumed is not OPEN:
            return assumed if isinstance(assumed, int) else None
        if plain(value):
            return self._sizes.of(value)
        form = value.form
        if not isinstance(form, Arithmetic):
            return None
        op, left, right = form.op, form.left, form.right
        operands = self.integer(left), self.integer(right)
        if operands[0] is None or operands[1] is None:
            return None
        result = self.integer(Lit(compute(op, operands[0], operands[1])))
        if result is None:
            return None
        self.note(Lit(result, self.origins(left) | self.origins(right)))
        return result

    def origins(self, value: Value | None) -> frozenset[Hashable]:
        """Where a number comes from."""
        if isinstance(value, Lit):
            return value.origins
        if isinstance(value, Free):
            if value.form is None or plain(value):
                return frozenset({value})
            return frozenset().union(*map(self.origins, value.form.operands))
        return frozenset()

    def literal(self, value: Value | None) -> Lit | None:
        """A number with its origins."""
        if isinstance(value, Lit) and type(value.value) is int:
            return value
        number = self.integer(value)
        return None if number is None else Lit(number, self.origins(value))

    def _alias(self, key: Hashable, size: int) -> int:
        if self.assumptions.nothing_of(key):
            return size
        aliased = self.assumptions.of(Fact(FactKind.SIZE, key))
        return aliased if isinstance(aliased, int) else size

    def generic(self, key: Hashable) -> int:
        return self._alias(key, self._sizes.of(key))

    def number(self, value: int) -> Lit:
        return Lit(value, self.origins_of(value))

    def open(self, number: int) -> bool:
        return number >= LEAST

    def free_of(self, number: int) -> frozenset[Hashable]:
        return frozenset(o for o in self.origins_of(number) if not isinstance(o, ir.Node))

    def certain(self, size: int, parts: tuple[int, ...]) -> bool:
        opened = frozenset().union(*map(self.free_of, parts))
        # a number that is assumed in this run is no open one, whatever was computed with it in another
        apart = any(Fact(FactKind.NUMBER, one) not in self.assumptions for one in self.free_of(size) ^ opened)
        if apart or not self._sizes.differ(size, sum(parts)):
            return False
        return not self._extent_among(opened)

    def _extent_among(self, opened: frozenset[Hashable]) -> bool:
        """Whether a parameter is taken to be an extent: what was computed of it before a view made it equal to that is
        another number than what is now."""
        return any(Fact(FactKind.EXTENT, free) in self.assumptions for free in opened if isinstance(free, Free))

    def declared_numbers(self, sizes: tuple[int, ...]) -> bool:
        return not any(map(self.open, sizes)) and not self._extent_among(frozenset().union(*map(self.free_of, sizes)))

    def certainly(self, sizes: tuple[int, ...], extents: tuple[int, ...]) -> bool:
        asked, own = (frozenset().union(*map(self.free_of, numbers)) for numbers in (sizes, extents))
        return asked == own
