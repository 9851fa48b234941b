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
from rnnlint.interpret.state.here import Here
from rnnlint.interpret.state.journal import ABSENT, Ask, Journal
from rnnlint.values.alternatives import either, identical, rather
from rnnlint.values.domain import Value
from rnnlint.values.forms import Padding
from rnnlint.values.heap_cells import Cell, DictCell, ListCell, ObjectCell

FOREIGN = -1
"""The cell of what the program has stored on objects that it does not show, by what it would read there otherwise."""

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

    ``heap[cell]`` asks what a list or dict holds, and of an object only what it is: what it holds under a name is
    asked for by :meth:`attribute`, so that a call depends on the attributes that it reads and on no others.
    """

    __slots__ = ("_journal", "_last", "_made", "_since", "count")

    def __init__(self, cells: Mapping[int, Cell] | None = None, journal: Journal | None = None) -> None:
        super().__init__(cells or {})
        self._journal = journal or Journal(Here())
        self._made: dict[int, Cell] = dict(cells._made) if isinstance(cells, Heap) else {}
        self.count: int = cells.count if isinstance(cells, Heap) else 0  # the number of the last cell that was made
        self._last = Version(None, {})
        self._since: Written = {}  # what was written since the last version

    # --- asked -------------------------------------------------------------------------------------------------------

    def __getitem__(self, cell: int) -> Cell:
        content = self.look(cell)
        now = self._journal.now
        if now is not None and cell <= now.made:
            if isinstance(content, ObjectCell):
                now.ask(self._journal.questions[Ask.OBJECT, cell], what(content))
            else:
                now.ask(self._journal.questions[Ask.CELL, cell], content)
        return content

    def look(self, cell: int) -> Cell:
        """What a cell holds, for who only compares: it is not asked."""
        content = self.get(cell)
        return self._made[cell] if content is None else content

    def find(self, cell: int) -> Cell | None:
        """As :meth:`look`, of a number that need not have been given to a cell: a call that was replayed leaves out
        what nobody can come by."""
        content = self.get(cell)
        return self._made.get(cell) if content is None else content

    def attribute(self, cell: int, name: str) -> Value | None:
        """What an object holds under a name; None for nothing."""
        content = self.look(cell)
        assert isinstance(content, ObjectCell)
        value = content.attrs.get(name)
        now = self._journal.now
        if now is not None and cell <= now.made:
            now.ask(self._journal.questions[Ask.ATTRIBUTE, (cell, name)], ABSENT if value is None else value)
        return value

    def attributes(self, cell: int) -> Mapping[str, Value]:
        """All that an object holds."""
        content = self.look(cell)
        assert isinstance(content, ObjectCell)
        now = self._journal.now
        if now is not None and cell <= now.made:
            now.ask(self._journal.questions[Ask.ATTRIBUTES, cell], content.attrs)
        return content.attrs

    # --- written -----------------------------------------------------------------------------------------------------

    def __setitem__(self, cell: int, content: Cell) -> None:
        """Everything that changes the heap comes by here."""
        now = self._journal.now
        if now is not None and cell <= now.made:
            self._changes(cell, content)
        since = self._since.get(cell)
        self._since[cell] = (self.get(cell) if since is None else since[0], content)
        dict.__setitem__(self, cell, content)

    def _changes(self, cell: int, content: Cell) -> None:
        """What a call changes that was there before it."""
        changes, old = self._journal.changes, self.look(cell)
        if not isinstance(old, ObjectCell) or not isinstance(content, ObjectCell):
            changes(Ask.CELL, cell, old)
            return
        if old.base is not content.base or old.cls is not content.cls:
            self._journal.spoil()
        changes(Ask.ATTRIBUTES, cell, old.attrs)
        for name, value in content.attrs.items():
            before = old.attrs.get(name, ABSENT)
            if value is not before:
                changes(Ask.ATTRIBUTE, (cell, name), before)

    def compared(self, cell: int, contents: Sequence[Cell | None]) -> None:
        """What a call makes of a cell depends on what was there before it: these are compared."""
        now = self._journal.now
        if now is None or cell > now.made:
            return
        names = {name: None for one in contents if isinstance(one, ObjectCell) for name in one.attrs}
        for key in ((Ask.CELL, cell), *((Ask.ATTRIBUTE, (cell, name)) for name in names)):
            question = self._journal.questions[key]
            if question in now.before:
                now.ask_before(question, now.before[question])

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a heap is written cell by cell, and what was written is only undone")

    update = pop = popitem = clear = setdefault = __delitem__ = __ior__ = _refuse

    def make(self, content: Cell) -> int:
        """A new cell.  Its number is never used again: what one arm of a branch made must not be taken for what the
        other made."""
        self.count += 1
        self._made[self.count] = content
        self[self.count] = content
        return self.count

    def make_again(self, cell: int, content: Cell) -> None:
        """A cell that a call has made, under the number it has."""
        self._made[cell] = content
        self[cell] = content

    def version(self) -> Version:
        """The heap as it is now, to come back to."""
        if self._since:
            self._last = Version(self._last, self._since)
            self._since = {}
        return self._last

    def back(self, version: Version) -> None:
        """The heap is what it was at a moment of this run."""
        here = self.version()
        if here is version:
            return
        self._journal.undo()
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
            self.compared(cell, (mine, *contents))
            joined = mine
            for content in contents:
                if joined is None:
                    joined = content
                elif content is not None and content is not joined and content != joined:
                    joined = join_cells(joined, content)
            if joined is not None and joined is not mine:
                self[cell] = joined


def what(cell: ObjectCell) -> object:
    """What an object is: its class, and the module of torch's that it is as well."""
    return cell.cls if cell.base is None else (cell.cls, cell.base)


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
            else:
                names[name] = rather(known, value) if identical(known, value) else either((known, value))
    return names


def unchanged(heap: Heap, before: Snapshot, after: Snapshot) -> bool:
    """Whether everything that was there before is as it was; what has come to be since does not count."""
    if not all(_same(value, after.names.get(name)) for name, value in before.names.items()):
        return False
    if before.heap is after.heap:
        return True
    for cell, (old, new) in _contents([before.heap, after.heap]):
        heap.compared(cell, (old, new))
        if not (old is None or old is new or old == new):
            return False
    return True


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
        rest = a.rest if a.rest == b.rest and set(mine) == set(theirs) else None
        others = tuple(one for one in (a.others, b.others) if one is not None)
        joined = either(others) if others else None
        return DictCell(items, a.open or b.open or set(mine) != set(theirs), rest, joined)
    if isinstance(a, ObjectCell) and isinstance(b, ObjectCell) and a.cls == b.cls:
        attrs = dict(a.attrs)
        for name, value in b.attrs.items():
            attrs[name] = either((attrs[name], value)) if name in attrs else value
        return ObjectCell(a.cls, attrs, a.base, a.record)
    return a


def _join_lists(a: ListCell, b: ListCell) -> ListCell:
    padding = _join_paddings(a.padding, b.padding)
    if len(a.items) == len(b.items) and a.rest is None and b.rest is None:
        items = tuple(either(pair) for pair in zip(a.items, b.items, strict=True))
        return ListCell(items, padding=padding)
    every = (*a.items, *b.items, *(cell.rest for cell in (a, b) if cell.rest is not None))
    lasts = tuple(last for last in map(_last, (a, b)) if last is not None)
    rest = either(every) if every else Unknown("an empty list")
    return ListCell((), rest, either(lasts) if len(lasts) == 2 else None, None, padding)


def _join_paddings(one: Padding | None, other: Padding | None) -> Padding | None:
    """Filled up on one of the paths, there is padding in it; of one length is what is so on both."""
    if one == other:
        return one
    return next((padding for padding in (one, other) if padding and not padding.nowhere), None)


def _last(cell: ListCell) -> Value | None:
    return cell.items[-1] if cell.rest is None and cell.items else cell.last
