"""The heap of a run, written through one function with an undo log, and how paths meet again after a branch.

A snapshot is a position in a tree of versions, each of which knows the cells that were written since the one before.
Going back to a snapshot undoes what was written on the way from it, and a join looks at the cells that were written on
one of the paths that meet; neither looks at the others, of which there are fifty times as many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from rnnlint.axes.states import Unknown
from rnnlint.frozen import dataclass
from rnnlint.values.alternatives import either, identical
from rnnlint.values.domain import Value
from rnnlint.values.heap_cells import Cell, DictCell, ListCell, ObjectCell

Written = dict[int, tuple[Cell | None, Cell]]
"""What stood in a cell before and after; None where there was no such cell."""


class Version:
    """The heap at one moment, as what was ``written`` since the ``parent``."""

    __slots__ = ("depth", "parent", "written")

    def __init__(self, parent: Version | None, written: Written) -> None:
        self.parent = parent
        self.written = written
        self.depth: int = 0 if parent is None else parent.depth + 1


class Heap(dict[int, Cell]):
    """The cells on the path of a run that is taken.

    A name outside a function (``global``, a closure) can hold a cell that was made on another path than the one at
    hand, as branches do not see outside: it holds what it was made with, which is kept of every cell of the run.
    """

    __slots__ = ("_count", "_last", "_made", "_since")

    def __init__(self, cells: Mapping[int, Cell] | None = None) -> None:
        super().__init__(cells or {})
        self._made: dict[int, Cell] = dict(cells._made) if isinstance(cells, Heap) else {}
        self._count = max(self._made, default=0)
        self._last = Version(None, {})
        self._since: Written = {}  # what was written since the last version

    def __missing__(self, cell: int) -> Cell:
        return self._made[cell]

    def __setitem__(self, cell: int, content: Cell) -> None:
        """Everything that changes the heap comes by here."""
        since = self._since.get(cell)
        self._since[cell] = (self.get(cell) if since is None else since[0], content)
        dict.__setitem__(self, cell, content)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a heap is written cell by cell, and what was written is only undone")

    update = pop = popitem = clear = setdefault = __delitem__ = __ior__ = _refuse

    def make(self, content: Cell) -> int:
        """A new cell.  Its number is never used again: what one arm of a branch made must not be taken for what the
        other made."""
        self._count += 1
        self._made[self._count] = content
        self[self._count] = content
        return self._count

    def version(self) -> Version:
        """The heap as it is now, to come back to."""
        if self._since:
            self._last = Version(self._last, self._since)
            self._since = {}
        return self._last

    def back(self, version: Version) -> None:
        """The heap is what it was at a moment of this run."""
        here = self.version()
        redone: list[Version] = []
        while here is not version:
            if here.depth >= version.depth:
                self._undo(here)
                here = _parent(here)
            else:
                redone.append(version)
                version = _parent(version)
        for later in reversed(redone):
            for cell, (_, after) in later.written.items():
                dict.__setitem__(self, cell, after)
        self._last = redone[0] if redone else here

    def _undo(self, version: Version) -> None:
        for cell, (before, _) in version.written.items():
            if before is None:
                dict.__delitem__(self, cell)
            else:
                dict.__setitem__(self, cell, before)

    def meet(self, versions: Sequence[Version]) -> None:
        """The heap is what holds whichever of the paths was taken."""
        first, *others = dict.fromkeys(versions)
        self.back(first)
        if not others:
            return
        for cell, (mine, *contents) in _contents([first, *others]):
            joined = mine
            for content in contents:
                if joined is None:
                    joined = content
                elif content is not None and content is not joined and content != joined:
                    joined = join_cells(joined, content)
            if joined is not None and joined is not mine:
                self[cell] = joined


def _parent(version: Version) -> Version:
    assert version.parent is not None, "versions of two heaps"
    return version.parent


def _contents(versions: Sequence[Version]) -> Iterator[tuple[int, list[Cell | None]]]:
    """What stands in the cells that were written on one of the ways to versions, in each of these."""
    above = _common(versions)
    ways = [_way(version, above) for version in versions]
    before: dict[int, Cell | None] = {}
    for way in ways:
        for cell, (first, _) in way.items():
            before.setdefault(cell, first)
    for cell, start in before.items():
        yield cell, [way[cell][1] if cell in way else start for way in ways]


def _common(versions: Sequence[Version]) -> Version:
    """The last version that all others come of."""
    one, *others = versions
    for other in others:
        while one is not other:
            if one.depth >= other.depth:
                one = _parent(one)
            else:
                other = _parent(other)
    return one


def _way(version: Version, above: Version) -> Written:
    """What was written on the way from one version to another."""
    found: Written = {}
    while version is not above:
        for cell, (before, after) in version.written.items():
            found[cell] = (before, found[cell][1] if cell in found else after)
        version = _parent(version)
    return found


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The names of one function and the heap, at one moment."""

    names: dict[str, Value]
    heap: Version


def join_names(snapshots: Sequence[Snapshot]) -> dict[str, Value]:
    """What a function's names hold whichever of the paths was taken."""
    first, *others = snapshots
    names = dict(first.names)
    for other in others:
        for name, value in other.names.items():
            known = names.get(name)
            if known is value:
                continue
            if known is None:
                names[name] = value
            elif not identical(known, value):
                names[name] = either((known, value))
    return names


def unchanged(before: Snapshot, after: Snapshot) -> bool:
    """Whether everything that was there before is as it was; what has come to be since does not count."""
    if not all(_same(value, after.names.get(name)) for name, value in before.names.items()):
        return False
    if before.heap is after.heap:
        return True
    return all(old is None or old is new or old == new for _, (old, new) in _contents([before.heap, after.heap]))


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
