"""Lists, dicts and objects of one run: the cells of its heap, and what they hold.

Values are bounded in size where they are made: what an expression is (``evaluate.dispatch``) and what is put into a
cell pass :meth:`Containers.bounded`.
"""

from __future__ import annotations

from collections.abc import Mapping

from rnnlint.axes.states import Block, Source, Unknown
from rnnlint.interpret.state.heap import Heap
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.lost import Losses
from rnnlint.interpret.state.uses import Uses
from rnnlint.values.alternatives import either, whichever
from rnnlint.values.compound import Arranged, Compound, weight
from rnnlint.values.domain import (
    Builtin,
    Class,
    Either,
    Free,
    Items,
    Lit,
    Recurrent,
    RecurrentCell,
    Ref,
    SizeOf,
    Tensor,
    Torch,
    Value,
)
from rnnlint.values.heap_cells import Cell, DictCell, ListCell, ObjectCell
from rnnlint.values.roots import part
from rnnlint.values.uses import Use
from rnnlint.values.walk import in_memory, options, sources

SMALL = frozenset({Lit, Ref, Unknown, Torch, Builtin, Class, SizeOf, Recurrent, RecurrentCell})
"""What holds no other value: most of what an expression is, found without another look at it."""


class Containers:
    """What stands on a heap.  What is too large for it may be used anywhere, and is lost."""

    def __init__(self, heap: Heap, uses: Uses, losses: Losses, refs: Mapping[int, Ref]) -> None:
        self.heap = heap
        self._refs = refs
        self._uses = uses
        self._losses = losses

    # --- written -----------------------------------------------------------------------------------------------------

    def new_cell(self, cell: Cell) -> Ref:
        """A list, dict or object is made."""
        return self._refs[self.heap.make(self._limited(cell))]

    def new_list(self, items: tuple[Value, ...], rest: Value | None = None, last: Value | None = None) -> Ref:
        """A list of ``items``, and of any number of what is ``rest``, of which the ``last`` may be known."""
        return self.new_cell(ListCell(items, rest, last))

    def new_dict(self) -> Ref:
        """An empty dict."""
        return self.new_cell(DictCell(()))

    def put(self, ref: Ref, cell: Cell) -> None:
        """A list, dict or object changes."""
        self.heap[ref.cell] = self._limited(cell)

    def _limited(self, cell: Cell) -> Cell:
        """The cell without what is too large: of a long list the first elements are told apart, of a long dict too."""
        if isinstance(cell, ObjectCell):  # by far the most: what is put into one is an expression, which is bounded
            return cell
        match cell:
            case ListCell(items, rest, last, count, padding, first, whole):
                items = tuple(map(self.bounded, items))
                rest = None if rest is None else self.bounded(rest)
                if len(items) <= LIMITS.length:
                    return ListCell(items, rest, last, count, padding, first, whole)
                last = items[-1] if rest is None else last
                others = (*items[LIMITS.elements :], *(() if rest is None else (rest,)))
                shown = self.bounded(either(others))
                return ListCell(items[: LIMITS.elements], shown, last, None, padding)
            case DictCell(pairs, open_, named, unnamed):
                unnamed = None if unnamed is None else self.bounded(unnamed)
                kept = tuple((key, self.bounded(value)) for key, value in pairs[: LIMITS.length])
                for _, value in pairs[LIMITS.length :]:
                    self._uses.use(value, Use.ELSEWHERE)
                if len(kept) < len(pairs):
                    return DictCell(kept, True, others=unnamed)
                return DictCell(kept, open_, named, unnamed)
        return cell

    def bounded(self, value: Value) -> Value:
        """The value, unless it is too large to be walked through: then it is not known, and may be used anywhere."""
        kind = type(value)
        if kind in SMALL or (kind is Tensor and isinstance(value.states, Block) and not value.states.orders):  # type: ignore[union-attr]
            return value
        if isinstance(value, Compound):
            heavy, deep = value.size
            if heavy <= LIMITS.weight and deep <= LIMITS.nesting:
                return value
        elif not isinstance(value, Arranged) or weight(value) <= LIMITS.weight:
            return value
        self._uses.use(value, Use.ELSEWHERE)
        large = weight(value) > LIMITS.weight
        what = f"of more than {LIMITS.weight:,} parts" if large else f"nested more than {LIMITS.nesting} deep"
        return self._losses.lost(f"a value {what}")

    # --- read --------------------------------------------------------------------------------------------------------

    def collected(self, value: Value) -> Value | None:
        """What a loop has appended to a list that was empty before it."""
        content = self.heap[value.cell] if isinstance(value, Ref) else None
        return content.rest if isinstance(content, ListCell) and not content.items else None

    def ended_with(self, value: Value) -> Value | None:
        """What a loop has appended to a list in its last round, where that is known."""
        content = self.heap[value.cell] if isinstance(value, Ref) else None
        return content.last if isinstance(content, ListCell) else None

    def counted(self, value: Value) -> int | None:
        """How many items a list of open length has, where that is known all the same."""
        content = self.heap[value.cell] if isinstance(value, Ref) else None
        return content.count if isinstance(content, ListCell) else None

    def values_of(self, value: Value) -> tuple[Value, ...] | None:
        """The elements of a list or tuple, the values of a dict, if all are known."""
        content = self.heap[value.cell] if isinstance(value, Ref) else None
        if isinstance(content, DictCell):
            return None if content.open else tuple(item for _, item in content.items)
        return self.elements(value)

    def elements(self, value: Value) -> tuple[Value, ...] | None:
        """The elements of a list or tuple or the keys of a dict, if all are known."""
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
        """What every element of a list of open length is, where that is one constant."""
        content = self.heap[value.cell] if isinstance(value, Ref) else None
        if not isinstance(content, ListCell) or content.rest is None:
            return None
        every = either((*content.items, content.rest))
        return every if isinstance(every, Lit) else None

    def element(self, value: Value) -> Value:
        """One element of a sequence, whichever."""
        known = self.elements(value)
        if known is not None:
            return either(known) if known else Unknown("an empty sequence")
        if isinstance(value, Ref):
            content = self.heap[value.cell]
            if isinstance(content, ListCell) and content.rest is not None:
                return whichever((*content.items, content.rest)) if content.items else content.rest
        if isinstance(value, Either):
            return either(tuple(self.element(option) for option in value.options))
        if isinstance(value, Free):
            return part(value, f"{value.key}[...]")
        return Unknown("an element of something that is not followed")

    def under_open_key(self, cell: DictCell) -> Value | None:
        """What is read of a dict under a key that is not known, or that it does not show; None for nothing.

        Of several readings of one call nobody knows which it is, and so how they go together.
        """
        if cell.others is None:
            return None
        every = options(either((*(value for _, value in cell.items), cell.others)))
        met: set[Source] = set()
        for one in every:
            made_of = set(sources(one, in_memory(self.heap), along=True))
            if made_of & met:
                self._uses.use(Either(every), Use.ELSEWHERE)
                return self._losses.lost("one of several readings, by a key that is not known")
            met |= made_of
        return either(every)

    def object(self, value: Value) -> ObjectCell | None:
        """What is known of an instance of the file's classes; None for anything else."""
        if isinstance(value, Ref):
            cell = self.heap[value.cell]
            if isinstance(cell, ObjectCell):
                return cell
        return None
