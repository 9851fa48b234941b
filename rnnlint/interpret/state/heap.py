"""Names and heap cells, and how they meet again after a branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rnnlint.axes.states import Unknown
from rnnlint.values.domain import Cell, DictCell, ListCell, ObjectCell, Value, either, identical


class Heap(dict[int, Cell]):
    """The cells on one path of a run.

    A name outside a function (``global``, a closure) can hold a cell that was made on another path than the one at
    hand, as branches do not see outside: it holds what it was made with.  ``made`` says that of every cell of a run,
    and is shared by all heaps of it.
    """

    __slots__ = ("made",)

    def __init__(self, cells: Mapping[int, Cell] | None = None, made: dict[int, Cell] | None = None) -> None:
        super().__init__(cells or {})
        self.made = {} if made is None else made

    def __missing__(self, cell: int) -> Cell:
        return self.made[cell]

    def copy(self) -> Heap:
        return Heap(self, self.made)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The names of one function and the heap, at one moment."""

    names: dict[str, Value]
    heap: Heap


def join(snapshots: Sequence[Snapshot]) -> Snapshot:
    """What holds whichever of the paths was taken."""
    first, *others = snapshots
    names, heap = dict(first.names), first.heap.copy()
    for other in others:
        for name, value in other.names.items():
            known = names.get(name)
            if known is value:
                continue
            if known is None:
                names[name] = value
            elif not identical(known, value):
                names[name] = either((known, value))
        for key, cell in other.heap.items():
            mine = heap.get(key)
            if mine is cell:
                continue
            if mine is None:
                heap[key] = cell
            elif mine != cell:
                heap[key] = join_cells(mine, cell)
    return Snapshot(names, heap)


def unchanged(before: Snapshot, after: Snapshot) -> bool:
    """Whether everything that was there before is as it was; what has come to be since does not count."""
    return all(_same(value, after.names.get(name)) for name, value in before.names.items()) and all(
        cell is after.heap.get(key) or cell == after.heap.get(key) for key, cell in before.heap.items()
    )


def _same(a: Value, b: Value | None) -> bool:
    return a is b or (b is not None and identical(a, b))


def join_cells(a: Cell, b: Cell) -> Cell:
    """A heap cell that is one of two."""
    if isinstance(a, ListCell) and isinstance(b, ListCell):
        return _join_lists(a, b)
    if isinstance(a, DictCell) and isinstance(b, DictCell):
        mine, theirs = dict(a.items), dict(b.items)
        keys = [*mine, *(key for key in theirs if key not in mine)]
        items = tuple((key, either(tuple(d[key] for d in (mine, theirs) if key in d))) for key in keys)
        return DictCell(items, a.open or b.open or set(mine) != set(theirs))
    if isinstance(a, ObjectCell) and isinstance(b, ObjectCell) and a.cls == b.cls:
        attrs = dict(a.attrs)
        for name, value in b.attrs.items():
            attrs[name] = either((attrs[name], value)) if name in attrs else value
        return ObjectCell(a.cls, attrs, a.base)
    return a


def _join_lists(a: ListCell, b: ListCell) -> ListCell:
    if len(a.items) == len(b.items) and a.rest is None and b.rest is None:
        return ListCell(tuple(either(pair) for pair in zip(a.items, b.items, strict=True)))
    every = (*a.items, *b.items, *(cell.rest for cell in (a, b) if cell.rest is not None))
    lasts = tuple(last for last in map(_last, (a, b)) if last is not None)
    return ListCell(
        (), either(every) if every else Unknown("an empty list"), either(lasts) if len(lasts) == 2 else None
    )


def _last(cell: ListCell) -> Value | None:
    return cell.items[-1] if cell.rest is None and cell.items else cell.last
