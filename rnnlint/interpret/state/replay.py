"""What was run before is not run again where everything it asked is answered as it was then.

What a call of a function, or a statement of one, asks and does is written down while it is run
(``interpret.state.journal``).  Another run of it, at the same place, in this run or another of the file, asks the same
questions; where all are answered alike it would do the same, so what was done is done again: what it has said is said,
what it has kept account of is kept again (in the round of the loops at hand), what it has changed is changed, and its
value is its value.  Whoever looks at a run cannot tell what of it was replayed; ``tests/interpret/test_replay.py`` runs
programs both ways.

A class with many settings builds many instances that differ in one of them, a training loop runs the model in every
round, a run that needs to know something begins again: nearly all that they do are repetitions.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, TypeVar

from rnnlint.axes.states import Given, Unknown
from rnnlint.interpret.state.answers import answer, receiver
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.here import Path
from rnnlint.interpret.state.journal import ABSENT, Account, Ask, Question, Recording
from rnnlint.interpret.state.recorded import Choice, Replay, Replays, Way, same
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.domain import Bound, Chain, Distribution, Either, Function, Items, Layer, Partial, Ref, Super
from rnnlint.values.facts import OPEN
from rnnlint.values.heap_cells import Cell, ObjectCell
from rnnlint.values.origins import Fresh
from rnnlint.values.walk import held, sources

V = TypeVar("V")

WORTH = 4
"""Times that something is recorded for one that it is replayed, before it is only run: recording costs a fifth of
running, and more than that is saved where one of four is replayed.  8 and 2 made the labelled files slower."""


def once(run: Run, frame: Frame, go: Callable[[], V]) -> V:
    """The value of a call, which is run only where nothing is recorded that says what it would do."""
    replays = run.replays
    if replays is None or not _active(replays, run):
        return go()
    return _shared(run, replays, (frame.function, frame.scope, frame.owner), frame, go)


def statement(run: Run, frame: Frame, node: ir.Statement, go: Callable[[Run, Frame, Any], bool]) -> bool:
    """Whether a path reaches the end of a statement; one that calls something is run only where it has to be."""
    replays = run.replays
    if replays is None or isinstance(node, ir.Return) or not _can_repeat(run, replays, frame, node):
        return go(run, frame, node)
    left = len(frame.returns), len(frame.breaks), len(frame.continues)

    def run_it() -> bool:
        try:
            alive = go(run, frame, node)
        except TorchRaises:
            if run.journal.now is not None:
                run.journal.now.left = left != (len(frame.returns), len(frame.breaks), len(frame.continues))
            raise
        if isinstance(node, _COMPOUND):
            _compared(run.journal.now)
        if left != (len(frame.returns), len(frame.breaks), len(frame.continues)):
            raise _Left(alive)
        return alive

    try:
        return _shared(run, replays, node, frame, run_it)
    except _Left as error:
        return error.alive


def value(run: Run, frame: Frame, node: ir.Expr, go: Callable[[], V]) -> V:
    """The value of an expression that a function returns."""
    replays = run.replays
    if replays is None or not _can_repeat(run, replays, frame, node):
        return go()
    return _shared(run, replays, node, frame, go)


class _Left(Exception):
    """A path has left the block at hand: where it goes on is no part of the statement, which is not kept."""

    def __init__(self, alive: bool) -> None:
        super().__init__()
        self.alive = alive


_COMPOUND = (ir.If, ir.For, ir.While, ir.With, ir.Try, ir.Match)


def _compared(now: Recording | None) -> None:
    """Where paths meet, what a name holds depends on what it held before."""
    if now is not None:
        for question, before in now.before.items():
            if question.local:
                now.ask_before(question, before)


def _active(replays: Replays, run: Run) -> bool:
    """Whether what is run now may be run again: what is run once is not written down."""
    return replays.repeating or bool(run.here.path.loops)


def _can_repeat(run: Run, replays: Replays, frame: Frame, node: ir.Statement | ir.Expr) -> bool:
    """Whether it is worth while to write down what is done: something is called, and nobody else sees the names."""
    if not _active(replays, run) or frame.own is not None or frame.is_class or frame.function is None:
        return False
    calls = replays.calling.get(node)
    if calls is None:
        calls = replays.calling[node] = _calls(node)
    return calls


def _calls(node: ir.Statement | ir.Expr) -> bool:
    """Whether something is called in a statement, or paths part there."""
    if isinstance(node, (ir.Assign, ir.Evaluate)) and isinstance(node.value, ir.Call):  # as most do
        return True
    return isinstance(node, _COMPOUND) or any(isinstance(inner, ir.Call) for inner in walking.walk(node))


def _shared(run: Run, replays: Replays, of: Hashable, frame: Frame, go: Callable[[], V]) -> V:
    key = (of, replays.way(run.here.path, run.state.borrowed))
    tally = replays.tallies.setdefault(of, [0, 0])
    if tally[0] > WORTH and tally[0] > WORTH * tally[1]:
        return go()
    known = replays.places.get(key)
    way = None if known is None else _way(run, known, frame)
    if way is not None and way.replay is not None:
        before = way.replay
        if not before.made or before.first == run.heap.count:
            tally[1] += 1
            return _again(run, before, frame)  # type: ignore[no-any-return]
    tally[0] += 1
    result, replay = _record(run, go, frame)
    if replay is not None:
        replays.keep(key, way, replay)
    if isinstance(result, TorchRaises):
        raise result.again()
    if isinstance(result, _Left):
        raise _Left(result.alive)
    return result


# --- is it the same? -------------------------------------------------------------------------------------------------


def _way(run: Run, choice: Choice, frame: Frame) -> Way:
    """How far the answers that this run would be given lead."""
    asked = 0
    while True:
        for place, (question, before) in enumerate(choice.rest):
            now = answer(run, frame, question)
            if now is not before:
                if not same(before, now):
                    return Way(choice, asked + place, place, None)
                if question.local:
                    frame.names[question.key] = before  # type: ignore[assignment]  # to be found by identity next time
        asked += len(choice.rest)
        if choice.question is None:
            return Way(choice, asked, -1, choice.replay)
        found = choice.lead(answer(run, frame, choice.question))
        if found is None:
            return Way(choice, asked, -1, None)
        asked += 1
        choice = found


# --- recorded --------------------------------------------------------------------------------------------------------


def _record(run: Run, go: Callable[[], V], frame: Frame) -> tuple[V | TorchRaises | _Left, Replay | None]:
    """Run it: what it gives or raises, and what was recorded where that can be done again."""
    journal, heap, path = run.journal, run.heap, run.here.path
    around, account, scopes = journal.now, journal.account, len(run.state.scopes)
    journal.now = recording = Recording(heap.count, frame)
    journal.account = mine = Account(account)
    recording.ask(journal.questions[Ask.RECEIVER, None], receiver(run, frame))
    result: Any = None
    try:
        result = go()
    except TorchRaises as error:
        result = error.again()
    except _Left as error:
        result = _Left(error.alive)  # without its frames, as the other
    finally:  # what ends a run leaves its account behind
        journal.now, journal.account = around, account
        account.add(mine)
    replay = None
    if not (recording.spoilt or recording.left or isinstance(result, _Left)) and len(run.state.scopes) == scopes:
        written = tuple(_written(run, recording, frame))
        made = tuple(_reachable(run, recording, mine, [result, *(content for _, _, content in written)]))
        mine.around = None
        cells = heap.count - recording.made
        deeds, end = tuple(recording.deeds), run.here.moment()
        replay = Replay(recording.asked, deeds, mine, written, made, recording.made, cells, result, path, end)
    if around is not None:
        around.spoilt = around.spoilt or recording.spoilt
        _absorb(around, recording.asked, recording.before, frame)
        around.deeds += recording.deeds
    return result, replay


def _absorb(
    around: Recording, asked: Mapping[Question, object], before: Mapping[Question, object], frame: Frame
) -> None:
    """What was asked and changed, what is around has asked and changed too."""
    made, local = around.made, around.frame is frame
    for question, told in asked.items():
        if question.cell <= made and (local or not question.local):
            around.ask(question, told)
    for question, told in before.items():
        if question.cell <= made and (local or not question.local):
            around.change(question, told)


def _written(run: Run, recording: Recording, frame: Frame) -> Iterator[tuple[int, str | None, object]]:
    """What was changed of the cells that were there before, and of the names of the function (as of no cell, 0)."""
    for question, before in recording.before.items():
        name: str | None = None
        if question.local:
            now: object = frame.names.get(question.key, ABSENT)
            name = question.key
        elif question.ask is Ask.CELL:
            now = run.heap.look(question.key)
        elif question.ask is Ask.ATTRIBUTE:
            content = run.heap.look(question.cell)
            assert isinstance(content, ObjectCell)
            name = question.key[1]
            now = content.attrs.get(name, ABSENT)
        else:
            continue
        if now is before:
            recording.ask_before(question, before)  # it is as it was, perhaps since it was written as it was
        else:
            yield question.cell, name, now


def _reachable(run: Run, recording: Recording, mine: Account, roots: list[object]) -> Iterator[tuple[int, Cell]]:
    """The cells that were made and others can come by: through the value, or what was changed.

    What was made from nothing and stands in a list may be read from there (``unused_states``), and so may the
    attributes of an object whose methods were run, and what something is kept account of.
    """
    first, last = recording.made, run.heap.count
    if first == last:
        return
    pending = [*roots, *map(Ref, mine.receivers), *(one for _, _, given, _ in recording.deeds for one in given)]
    pending += (Ref(cell) for cell in range(first + 1, last + 1) if _holds_fresh(run, cell))
    seen: set[int] = set()
    entered: set[int] = set()
    while pending:
        one = pending.pop()
        if isinstance(one, Ref):
            if one.cell > first and one.cell not in seen:
                seen.add(one.cell)
                pending += held(run.heap.look(one.cell))
            continue
        inner = _inside(one)
        if inner and id(one) not in entered:
            entered.add(id(one))
            pending += inner
    for cell in sorted(seen):
        yield cell, run.heap.look(cell)


def _inside(one: object) -> tuple[object, ...]:
    """The values in a value, whatever it does with them."""
    match one:
        case Items(several) | Either(several) | Chain(several) | Unknown(held=several):
            return tuple(several)
        case Bound(receiver) | Function(receiver=receiver) | Super(receiver):
            return (receiver,)
        case Layer(facts=facts) | Distribution(given=facts):
            return tuple(value for _, value in facts)
        case Partial(function, args):
            return (function, *args)
    return held(one)  # type: ignore[arg-type]


def _holds_fresh(run: Run, cell: int) -> bool:
    """Whether a cell that was made holds a tensor that the program has made from nothing."""
    content = run.heap.find(cell)
    return content is not None and any(
        isinstance(source, Given) and isinstance(source.key, Fresh)
        for one in held(content)
        for source in sources(one, along=True)
    )


# --- done again ------------------------------------------------------------------------------------------------------


def _again(run: Run, replay: Replay, frame: Frame) -> Any:
    run.spend_step()
    here, journal = run.here, run.journal
    if journal.now is not None:
        _absorb(journal.now, replay.asked, {}, frame)
    run.facts.assumptions.read.update(
        question.key for question, answer in replay.asked.items() if question.ask is Ask.FACT and answer is not OPEN
    )
    path = here.path
    moved = _moved(replay.path, path)
    for part, method, given, (place, site, at, written) in replay.deeds:
        here.return_to((place, site, moved(at), written))
        getattr(getattr(run, part) if part else run, method)(*given)
    place, site, _, written = replay.end
    here.return_to((place, site, path, written))
    journal.account.add(replay.account)
    _write(run, replay, frame)
    run.heap.count += replay.cells
    if isinstance(replay.value, TorchRaises):
        raise replay.value.again()
    return replay.value


def _write(run: Run, replay: Replay, frame: Frame) -> None:
    heap = run.heap
    for cell, name, content in replay.written:
        if not cell:
            assert name is not None
            if content is ABSENT:
                run.state.unbind(frame, name)
            else:
                run.state.bind(frame, name, content)  # type: ignore[arg-type]
        elif name is None:
            heap[cell] = content  # type: ignore[assignment]
        else:
            old = heap.look(cell)
            assert isinstance(old, ObjectCell)
            heap[cell] = ObjectCell(old.cls, {**old.attrs, name: content}, old.base, old.record)  # type: ignore[dict-item]
    for cell, made in replay.made:
        heap.make_again(cell, made)


def _moved(recorded: Path, here: Path) -> Callable[[Path], Path]:
    """From paths inside what was recorded to those it would have here, where the loops around are in other rounds."""
    if recorded.loops == here.loops:
        return lambda path: path
    now = dict(zip(recorded.loops, here.loops, strict=True))
    found: dict[int, Path] = {}

    def moved(path: Path) -> Path:
        if id(path) not in found:
            found[id(path)] = path._replace(loops=tuple(now.get(loop, loop) for loop in path.loops))
        return found[id(path)]

    return moved
