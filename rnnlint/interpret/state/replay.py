"""A call of a function that was run before is not run again where everything it asked is answered as it was then.

What a call asks and does is written down while it is run (``interpret.state.journal``).  Another one, of the same
function, called from the same places with the same arguments, in this run or another of the file, would ask the same
questions; where all are answered alike it would do the same, so what was done is done again: what it has said is said,
what it has kept account of is kept again (in the round of the loops at hand), what it has changed is changed, and its
value is its value.  Whoever looks at a run cannot tell which calls were replayed; ``tests/interpret/test_replay.py``
runs programs both ways.

A class with many settings builds many instances that differ in one of them, a training loop runs the model in every
round, a run that needs to know something begins again: nearly all of their calls are repetitions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterator
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from rnnlint.axes.states import Given
from rnnlint.events import Event
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.here import Moment, Path
from rnnlint.interpret.state.journal import ABSENT, Ask, Deed, Question, Recording
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.domain import Bound, Chain, Class, Either, Function, Items, Ref, Super, Unknown, Value
from rnnlint.values.heap_cells import Cell, ObjectCell
from rnnlint.values.origins import Fresh
from rnnlint.values.walk import held, sources

MOST_TRIED = 24
"""Recordings of one call that are tried, the latest first: a call that differs from so many differs from most."""

_GATHERED = (
    ("fresh_tensors", "touched"),
    ("batches", "fed"),
    ("batches", "handed_on"),
    ("layouts", "looked"),
    ("layouts", "ones"),
    ("layouts", "apart"),
)
"""Sets of a run that only grow and are looked at when it is over: what a call adds to them is kept as a whole."""


class Replay(NamedTuple):
    """What a call has asked, and what became of it."""

    arguments: tuple[object, ...]
    asked: tuple[tuple[Question, object], ...]
    before: tuple[tuple[Question, object], ...]
    deeds: tuple[Deed, ...]
    events: tuple[Event, ...]
    reached: frozenset[ir.Node]
    gathered: tuple[tuple[str, str, frozenset[Any]], ...]
    written: tuple[tuple[int, str | None, object], ...]  # cell, attribute (None: all of it), content
    made: tuple[tuple[int, Cell], ...]  # the cells that can still be reached
    first: int  # the number of the last cell before it began
    count: int  # of cells that it made
    value: Any  # what it gave, or TorchRaises
    path: Path
    end: Moment  # where the run was when it was over


class Replays:
    """The calls of one file that were recorded, by function and place."""

    def __init__(self) -> None:
        self.calls: dict[Hashable, list[Replay]] = {}
        self.calling: dict[ir.Node, bool] = {}  # whether something is called in a statement
        self.replayed = self.recorded = 0


def once(run: Run, frame: Frame, go: Callable[[], Value]) -> Value:
    """The value of a call, which is run only where nothing is recorded that says what it would do."""
    if run.replays is None or run.watched:
        return go()
    what = (frame.function, frame.scope, frame.owner, *frame.names)
    arguments = (*frame.names.values(), frame.receiver, run.facts.left)
    return _shared(run, run.replays, what, arguments, None, go)


def statement(run: Run, frame: Frame, node: ir.Statement, go: Callable[[Run, Frame, Any], bool]) -> bool:
    """Whether a path reaches the end of a statement; one that calls something is run only where it has to be."""
    replays = run.replays
    if replays is None or isinstance(node, ir.Return) or not _can_repeat(run, replays, frame, node):
        return go(run, frame, node)
    left = len(frame.returns), len(frame.breaks), len(frame.continues)

    def run_it() -> bool:
        alive = go(run, frame, node)
        if left != (len(frame.returns), len(frame.breaks), len(frame.continues)):
            raise _Left(alive)
        if isinstance(node, COMPOUND):
            _compared(run.journal.now)
        return alive

    arguments = (frame.receiver, run.facts.left)
    try:
        return bool(_shared(run, replays, node, arguments, frame, run_it))
    except _Left as left_:
        return left_.alive


def value(run: Run, frame: Frame, node: ir.Expr, go: Callable[[], Value]) -> Value:
    """The value of an expression that a function returns."""
    replays = run.replays
    if replays is None or not _can_repeat(run, replays, frame, node):
        return go()
    return _shared(run, replays, node, (frame.receiver, run.facts.left), frame, go)


class _Left(Exception):
    """A path has left the block at hand: where it goes on is no part of the statement, which is not kept."""

    def __init__(self, alive: bool) -> None:
        super().__init__()
        self.alive = alive


COMPOUND = (ir.If, ir.For, ir.While, ir.With, ir.Try, ir.Match)


def _compared(now: Recording | None) -> None:
    """Where paths meet, what a name holds depends on what it held before."""
    if now is not None:
        for question, before in now.before.items():
            if question[0] is Ask.LOCAL:
                now.ask(question, before)


def _can_repeat(run: Run, replays: Replays, frame: Frame, node: ir.Statement | ir.Expr) -> bool:
    """Whether it is worth while to write down what is done: something is called, and nobody else sees the names."""
    if frame.own is not None or frame.is_class or frame.copied is not None or frame.function is None or run.watched:
        return False
    calls = replays.calling.get(node)
    if calls is None:
        calls = replays.calling[node] = any(isinstance(inner, ir.Call) for inner in walking.walk(node))
    return calls


V = TypeVar("V")


def _shared(
    run: Run, replays: Replays, what: Hashable, arguments: tuple[object, ...], frame: Frame | None, go: Callable[[], V]
) -> V:
    recorded = replays.calls.setdefault((what, *_place(run)), [])
    for replay in reversed(recorded[-MOST_TRIED:]):
        if _fits(run, replay, arguments, frame):
            replays.replayed += 1
            return _again(run, replay, frame)
    replays.recorded += 1
    return _record(run, arguments, go, recorded, frame)


def _place(run: Run) -> tuple[Hashable, ...]:
    """All of where the program is but the round of the loops around."""
    path = run.here.path
    loops = tuple(loop.node for loop in path.loops)
    way = (path.calls, path.depth, path.arms, path.iteration, path.tries > 0, path.deciding, path.forcing, loops)
    return (*way, run.state.borrows, *run.state.star_modules)


# --- is it the same call? --------------------------------------------------------------------------------------------


def _fits(run: Run, replay: Replay, arguments: tuple[object, ...], frame: Frame | None) -> bool:
    if not all(map(same, replay.arguments, arguments)):
        return False
    if replay.made and replay.first != run.heap.count:
        return False
    for (ask, key), answer in replay.asked:
        if ask is Ask.LOCAL:
            assert frame is not None
            now: object = frame.names.get(key, ABSENT)  # type: ignore[call-overload]
        else:
            now = ANSWERS[ask](run, key)
        if now is not answer and not same(answer, now):
            return False
    return True


def _cell(run: Run, cell: int) -> object:
    content = run.heap.look(cell)
    return None if isinstance(content, ObjectCell) else content


def _object(run: Run, cell: int) -> object:
    content = run.heap.look(cell)
    return (content.cls, content.base) if isinstance(content, ObjectCell) else None


def _attribute(run: Run, key: tuple[int, str]) -> object:
    content = run.heap.look(key[0])
    return content.attrs.get(key[1], ABSENT) if isinstance(content, ObjectCell) else None


def _attributes(run: Run, cell: int) -> object:
    content = run.heap.look(cell)
    return content.attrs if isinstance(content, ObjectCell) else None


def _name(run: Run, key: tuple[int, str]) -> object:
    if key[0] >= len(run.state.scopes):
        return None
    value = run.state.around(*key)
    return ABSENT if value is None else value


ANSWERS: dict[Ask, Callable[[Run, Any], object]] = {
    Ask.CELL: _cell,
    Ask.OBJECT: _object,
    Ask.ATTRIBUTE: _attribute,
    Ask.ATTRIBUTES: _attributes,
    Ask.INSTANCE: lambda run, cell: run.state.instances.get(cell),
    Ask.NAME: _name,
    Ask.CLASS: lambda run, node: run.state.classes.get(node),
    Ask.FACT: lambda run, fact: run.facts.assumptions.peek(fact),
    Ask.DECLARED: lambda run, free: run.facts.declared_so_far(free),
    Ask.COMPUTED: lambda run, number: run.facts.computed_so_far(number),
    Ask.HANDED: lambda run, key: run.fitting.handed_so_far(*key),
    Ask.MODULE: lambda run, call: run.calls.answer(Ask.MODULE, call),
    Ask.CELL_OF: lambda run, source: run.calls.answer(Ask.CELL_OF, source),
    Ask.CARRIED: lambda run, call: run.calls.answer(Ask.CARRIED, call),
    Ask.INPUT: lambda run, call: run.calls.answer(Ask.INPUT, call),
    Ask.PACKED: lambda run, _: run.calls.answer(Ask.PACKED, None),
    Ask.SHOWN: lambda run, key: run.layouts.known_of(*key),
    Ask.RECURRING: lambda run, source: source in run.layouts.recurring,
    Ask.LAID: lambda run, _: run.layouts.laid,
    Ask.UNSEEN: lambda run, _: run.batches.unseen_sort,
    Ask.CHECKED: lambda run, lengths: lengths in run.batches.checked,
    Ask.FILLED: lambda run, source: run.fresh_tensors.answer(Ask.FILLED, source),
    Ask.BORN: lambda run, source: run.fresh_tensors.answer(Ask.BORN, source),
    Ask.RELEASED: lambda run, option: run.uses.is_released(option),
}
"""Who answers a question, without it being asked."""


def same(one: object, other: object) -> bool:
    """Whether two answers are one to whoever goes on with them: fields that equality passes over count too.

    (``Lit`` compares equal whatever its origins, an arrangement whatever its marks; ``True`` is no ``1``.)
    """
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other):
        return False
    if issubclass(kind, tuple):
        return len(one) == len(other) and all(map(same, one, other))  # type: ignore[arg-type, call-overload]
    if kind is dict:
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())  # type: ignore[attr-defined, index]
    fields = _fields(kind)
    if fields is None:
        return one == other
    return all(same(getattr(one, name), getattr(other, name)) for name in fields)


_FIELDS: dict[type, tuple[str, ...] | None] = {}


def _fields(kind: type) -> tuple[str, ...] | None:
    """What an answer of this type is made of; None for what is compared as a whole, as a place of the program is."""
    if kind not in _FIELDS:
        whole = not dataclasses.is_dataclass(kind) or issubclass(kind, (ir.Node, Enum))
        _FIELDS[kind] = None if whole else tuple(field.name for field in dataclasses.fields(kind))
    return _FIELDS[kind]


# --- recorded --------------------------------------------------------------------------------------------------------


def _record(
    run: Run, arguments: tuple[object, ...], go: Callable[[], V], recorded: list[Replay], frame: Frame | None
) -> V:
    journal, heap, path = run.journal, run.heap, run.here.path
    around, recording = journal.now, Recording(heap.count, frame)
    scopes = len(run.state.scopes)
    outside = [_swap(run, part, name, set()) for part, name in _GATHERED]
    run.trace.begin()
    journal.now = recording
    value: V | TorchRaises | None = None
    left = False
    try:
        value = go()
        return value
    except _Left as error:
        left = True
        value = error  # type: ignore[assignment]
        raise
    except TorchRaises as error:
        value = error
        raise
    finally:
        journal.now = around
        events, reached = run.trace.end()
        gathered = []
        for (part, name), before in zip(_GATHERED, outside, strict=True):
            inside = _swap(run, part, name, before)
            before |= inside
            if inside:
                gathered.append((part, name, frozenset(inside)))
        if value is not None:
            if not recording.spoilt and not left and len(run.state.scopes) == scopes:
                written = tuple(_written(run, recording, frame))
                recorded.append(
                    Replay(
                        arguments,
                        tuple(recording.asked.items()),
                        tuple(recording.before.items()),
                        tuple(recording.deeds),
                        tuple(events),
                        frozenset(reached),
                        tuple(gathered),
                        written,
                        tuple(_reachable(run, recording, value, [content for _, _, content in written])),
                        recording.made,
                        heap.count - recording.made,
                        value,
                        path,
                        run.here.moment(),
                    )
                )
            if around is not None:
                _hand_over(around, recording)


def _swap(run: Run, part: str, name: str, others: set[Any]) -> set[Any]:
    owner = getattr(run, part)
    before: set[Any] = getattr(owner, name)
    setattr(owner, name, others)
    return before


def _hand_over(around: Recording, inner: Recording) -> None:
    """What a call has asked and done, the one around it has asked and done too."""
    around.spoilt = around.spoilt or inner.spoilt
    local = around.frame is inner.frame
    _absorb(around, inner.asked.items(), inner.before.items(), local)
    around.deeds += inner.deeds


_OF_CELLS = frozenset({Ask.CELL, Ask.OBJECT, Ask.ATTRIBUTES, Ask.INSTANCE})


def _absorb(around: Recording, asked: Any, before: Any, local: bool) -> None:
    made, known = around.made, around.before
    for question, answer in asked:
        ask, key = question
        if ask in _OF_CELLS:
            if key > made:
                continue
        elif (ask is Ask.ATTRIBUTE and key[0] > made) or (ask is Ask.LOCAL and not local):
            continue
        around.asked.setdefault(question, known.get(question, answer))
    for question, answer in before:
        ask, key = question
        if (ask in _OF_CELLS and key > made) or (ask is Ask.ATTRIBUTE and key[0] > made):
            continue
        if ask is Ask.LOCAL and not local:
            continue
        known.setdefault(question, answer)


def _written(run: Run, recording: Recording, frame: Frame | None) -> Iterator[tuple[int, str | None, object]]:
    """What was changed of the cells that were there before, and of the names of the function (as of no cell, 0)."""
    for question, before in recording.before.items():
        ask, key = question
        if ask is Ask.LOCAL:
            assert frame is not None
            now: object = frame.names.get(key, ABSENT)  # type: ignore[call-overload]
            if now is not before:
                yield 0, key, now  # type: ignore[misc]
                continue
            recording.ask(question, before)
            continue
        if ask is Ask.CELL:
            assert isinstance(key, int)
            now = run.heap.look(key)
            if now is not before:
                yield key, None, now
                continue
        elif ask is Ask.ATTRIBUTE:
            cell, name = key  # type: ignore[misc]
            content = run.heap.look(cell)
            assert isinstance(content, ObjectCell)
            now = content.attrs.get(name, ABSENT)
            if now is not before:
                yield cell, name, now
                continue
        else:
            continue
        recording.ask(question, before)  # it is as it was, perhaps since it was written as it was


def _reachable(
    run: Run, recording: Recording, value: object, written: list[object]
) -> Iterator[tuple[int, Cell]]:
    """The cells that the call has made and others can come by: through its value, or what it has changed."""
    if run.heap.count == recording.made:
        return
    # what was made from nothing and stands in a list may be read from there (``unused_states``), and so may the
    # attributes of an object whose methods were run
    pending: list[object] = [*written, value, *_receivers(recording)]
    pending += (Ref(cell) for cell in range(recording.made + 1, run.heap.count + 1) if _holds_fresh(run, cell))
    seen: set[int] = set()
    entered: set[int] = set()
    while pending:
        one = pending.pop()
        if isinstance(one, Ref):
            if one.cell > recording.made and one.cell not in seen:
                seen.add(one.cell)
                pending += held(run.heap.look(one.cell))
            continue
        inner = _inside(one)
        if inner and id(one) not in entered:
            entered.add(id(one))
            pending += inner
    for cell in sorted(seen):
        yield cell, run.heap.look(cell)


def _inside(value: object) -> tuple[object, ...]:
    """The values in a value, whatever it does with them."""
    match value:
        case Items(several) | Either(several) | Chain(several) | Unknown(held=several):
            return tuple(several)
        case Bound(receiver) | Function(receiver=receiver) | Super(receiver):
            return (receiver,)
    return held(value)  # type: ignore[arg-type]


def _receivers(recording: Recording) -> Iterator[object]:
    return (given[1] for part, method, given, _ in recording.deeds if method == "entered" and not part)


def _holds_fresh(run: Run, cell: int) -> bool:
    """Whether a cell that was made holds a tensor that the program has made from nothing."""
    content = run.heap.find(cell)
    return content is not None and any(
        isinstance(source, Given) and isinstance(source.key, Fresh)
        for value in held(content)
        for source in sources(value, along=True)
    )


# --- done again ------------------------------------------------------------------------------------------------------


def _again(run: Run, replay: Replay, frame: Frame | None) -> Any:
    here, heap, journal = run.here, run.heap, run.journal
    run.spend_step()
    moment = here.moment()
    paths = _Rounds(replay.path, moment.path)
    if journal.now is not None:
        _absorb(journal.now, replay.asked, (), journal.now.frame is frame)
    for (ask, key), _ in replay.asked:
        if ask is Ask.FACT:
            run.facts.assumptions.of(key)  # type: ignore[arg-type]
    try:
        for part, method, given, at in replay.deeds:
            here.return_to(paths.moved(at))
            getattr(getattr(run, part) if part else run, method)(*given)
    finally:
        here.return_to(replay.end._replace(path=moment.path))
    run.trace.events += replay.events
    run.trace.reached |= replay.reached
    for part, name, inside in replay.gathered:
        getattr(getattr(run, part), name).update(inside)
    for cell, name, content in replay.written:
        if not cell:
            assert frame is not None
            assert name is not None
            if content is ABSENT:
                run.state.unbind(frame, name)
            else:
                run.state.bind(frame, name, content)  # type: ignore[arg-type]
            continue
        old = heap.look(cell)
        if name is None:
            heap[cell] = content  # type: ignore[assignment]
        else:
            assert isinstance(old, ObjectCell)
            heap[cell] = ObjectCell(old.cls, {**old.attrs, name: content}, old.base)  # type: ignore[dict-item]
    for cell, content in replay.made:
        heap.make_again(cell, content)
    heap.count += replay.count
    if isinstance(replay.value, TorchRaises):
        raise TorchRaises(replay.value.error, replay.value.text)
    return replay.value


class _Rounds:
    """From the loops around a recorded call to those around the call at hand, which differ in their rounds."""

    def __init__(self, recorded: Path, here: Path) -> None:
        self._now = None if recorded.loops == here.loops else dict(zip(recorded.loops, here.loops, strict=True))
        self._moved: dict[int, Path] = {}

    def moved(self, moment: Moment) -> Moment:
        """Where a recorded moment would be here."""
        if self._now is None:
            return moment
        path = self._moved.get(id(moment.path))
        if path is None:
            loops = tuple(self._now.get(loop, loop) for loop in moment.path.loops)
            path = self._moved[id(moment.path)] = moment.path._replace(loops=loops)
        return moment._replace(path=path)
