"""Lists, dicts and objects of one run: the cells of its heap, and what they hold.

Values are bounded in size where they are made: what an expression is (``expressions.evaluate``) and what is put into a
cell pass :meth:`Containers.bounded`.
"""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.interpret.state.facts import Assumptions, Facts
from rnnlint.interpret.state.heap import Heap
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.world import World
from rnnlint.values.domain import (
    Cell,
    DictCell,
    Either,
    Free,
    Items,
    ListCell,
    Lit,
    ObjectCell,
    Recurrent,
    Ref,
    Value,
    either,
    nesting,
    weight,
)
from rnnlint.values.uses import Use


class Containers(Facts):
    """What is assumed in one run, and the heap it works on."""

    def __init__(self, world: World, assumptions: Assumptions, heap: Heap) -> None:
        super().__init__(world, assumptions, heap)
        self._cells = max(heap.made, default=0)

    def new_cell(self, cell: Cell) -> Ref:
        self._cells += 1  # never reused: what one arm of a branch made must not be taken for what the other made
        self.heap[self._cells] = self.heap.made[self._cells] = self._limited(cell)
        return Ref(self._cells)

    def put(self, ref: Ref, cell: Cell) -> None:
        """A list, dict or object changes."""
        self.heap[ref.cell] = self._limited(cell)

    def _limited(self, cell: Cell) -> Cell:
        """The cell without what is too large: of a long list the first elements are told apart, of a long dict too."""
        match cell:
            case ListCell(items, rest, last):
                items = tuple(map(self.bounded, items))
                rest = None if rest is None else self.bounded(rest)
                if len(items) <= LIMITS.length:
                    return ListCell(items, rest, last)
                last = items[-1] if rest is None else last
                others = (*items[LIMITS.elements :], *(() if rest is None else (rest,)))
                return ListCell(items[: LIMITS.elements], self.bounded(either(others)), last)
            case DictCell(pairs, open_):
                kept = tuple((key, self.bounded(value)) for key, value in pairs[: LIMITS.length])
                for _, value in pairs[LIMITS.length :]:
                    self.use(value, Use.ELSEWHERE)
                return DictCell(kept, open_ or len(kept) < len(pairs))
        return cell

    def bounded(self, value: Value) -> Value:
        """The value, unless it is too large to be walked through: then it is not known, and may be used anywhere."""
        if isinstance(value, Lit) or (weight(value) <= LIMITS.weight and nesting(value) <= LIMITS.nesting):
            return value
        self.use(value, Use.ELSEWHERE)
        large = weight(value) > LIMITS.weight
        what = f"of more than {LIMITS.weight:,} parts" if large else f"nested more than {LIMITS.nesting} deep"
        return self.lost(f"a value {what}")

    def use(self, value: Value, how: Use, taker: Recurrent | None = None) -> None:
        """All tensors inside ``value`` reach a use."""
        raise NotImplementedError

    def lost(self, reason: str) -> Unknown:
        """A value that is not known; the reason is kept."""
        raise NotImplementedError

    def new_list(self, items: tuple[Value, ...], rest: Value | None = None) -> Ref:
        return self.new_cell(ListCell(items, rest))

    def new_dict(self) -> Ref:
        return self.new_cell(DictCell(()))

    def collected(self, value: Value) -> Value | None:
        content = self.heap[value.cell] if isinstance(value, Ref) else None
        return content.rest if isinstance(content, ListCell) and not content.items else None

    def values_of(self, value: Value) -> tuple[Value, ...] | None:
        content = self.heap[value.cell] if isinstance(value, Ref) else None
        if isinstance(content, DictCell):
            return None if content.open else tuple(item for _, item in content.items)
        return self.elements(value)

    def elements(self, value: Value) -> tuple[Value, ...] | None:
        match value:
            case Items(items):
                return items
            case Ref(cell):
                content = self.heap[cell]
                if isinstance(content, ListCell) and content.rest is None:
                    return content.items
                if isinstance(content, DictCell) and not content.open:
                    return tuple(Lit(key) for key, _ in content.items)  # type: ignore[arg-type]
        return None

    def common(self, value: Value) -> Value | None:
        content = self.heap[value.cell] if isinstance(value, Ref) else None
        if not isinstance(content, ListCell) or content.rest is None:
            return None
        every = either((*content.items, content.rest))
        return every if isinstance(every, Lit) else None

    def element(self, value: Value) -> Value:
        known = self.elements(value)
        if known is not None:
            return either(known) if known else Unknown("an empty sequence")
        if isinstance(value, Ref):
            content = self.heap[value.cell]
            if isinstance(content, ListCell) and content.rest is not None:
                return either((*content.items, content.rest))
        if isinstance(value, Either):
            return either(tuple(self.element(option) for option in value.options))
        if isinstance(value, Free):
            return Free(f"{value.key}[...]", value.owner)
        return Unknown("an element of something that is not followed")

    def object(self, value: Value) -> ObjectCell | None:
        if isinstance(value, Ref):
            cell = self.heap[value.cell]
            if isinstance(cell, ObjectCell):
                return cell
        return None
