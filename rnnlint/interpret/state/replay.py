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

import dataclasses
from collections.abc import Callable, Hashable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from rnnlint.axes.states import Given, Unknown
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.heap import what
from rnnlint.interpret.state.here import Moment, Path
from rnnlint.interpret.state.journal import ABSENT, Account, Ask, Deed, Question, Questions, Recording
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.domain import Bound, Chain, Either, Function, Items, Ref, Super
from rnnlint.values.facts import OPEN
from rnnlint.values.heap_cells import Cell, ObjectCell
from rnnlint.values.origins import Fresh
from rnnlint.values.walk import held, sources

V = TypeVar("V")

WORTH = 8
"""Times that something is recorded for one that it is replayed, before it is only run.  Recording costs about a fifth
of running; in the labelled files 4 of 5 recordings are replayed, and what was not replayed by then hardly ever is."""


class Replay(NamedTuple):
    """What has become of something that was run."""

    asked: Mapping[Question, object]
    deeds: tuple[Deed, ...]
    account: Account
    written: tuple[tuple[int, str | None, object], ...]
    """Cell, attribute (None: all of it) and content; names of the function as of no cell, 0."""
    made: tuple[tuple[int, Cell], ...]  # the cells that it made and others can come by
    first: int  # the number of the last cell before it began
    cells: int  # how many it made
    value: Any  # what it gave, or TorchRaises
    path: Path
    end: Moment  # where the run was when it was over


class Choice:
    """What was recorded of one place, as far as it was asked the same.

    Since a run does the same as long as it is told the same, all that was recorded here asks the same question next:
    the first of ``rest``, questions with the only answers that were given to them so far, at whose end stands what was
    recorded; or ``question``, whose answers lead on in several ways.
    """

    __slots__ = ("answers", "known", "question", "replay", "rest")

    def __init__(self, rest: tuple[tuple[Question, object], ...], replay: Replay | None) -> None:
        self.rest = rest
        self.replay = replay
        self.question: Question | None = None
        self.answers: list[tuple[object, Choice]] = []
        self.known: dict[int, Choice] = {}  # by the identity of an answer, which ``answers`` keeps alive

    def lead(self, answer: object) -> Choice | None:
        """Where an answer to the question leads; None where nobody was told that."""
        found = self.known.get(id(answer))
        if found is None:
            for known, choice in self.answers:
                if same(known, answer):
                    self._add(answer, choice)
                    return choice
        return found

    def part(self, place: int) -> None:
        """The question at a place of ``rest`` is answered in another way: from there on there are two."""
        question, answer = self.rest[place]
        others = Choice(self.rest[place + 1 :], self.replay)
        others.question, others.answers, others.known = self.question, self.answers, self.known
        self.question, self.answers, self.known = question, [], {}
        self.rest, self.replay = self.rest[:place], None
        self._add(answer, others)

    def add(self, answer: object, rest: tuple[tuple[Question, object], ...], replay: Replay) -> None:
        """Another answer to the question, and what was recorded after it."""
        self._add(answer, Choice(rest, replay))

    def _add(self, answer: object, choice: Choice) -> None:
        self.answers.append((answer, choice))
        self.known[id(answer)] = choice


class Way(NamedTuple):
    """How far the answers of a run lead among what was recorded.

    ``asked`` questions were answered as before; then one was not, at ``place`` of the rest of ``choice`` or, where that
    is -1, its own; or none was left, and ``replay`` was recorded.
    """

    choice: Choice
    asked: int
    place: int
    replay: Replay | None


class Replays:
    """What was recorded of one file.  ``repeating``: the function at hand is run several times."""

    def __init__(self) -> None:
        self.places: dict[Hashable, Choice] = {}
        self.calling: dict[ir.Node, bool] = {}  # whether something is called in a statement
        self.tallies: dict[Hashable, list[int]] = {}  # of what, how often it was recorded and replayed
        self.questions = Questions()
        self.ways: dict[Hashable, int] = {}
        self.repeating = False
        self._path: Path | None = None
        self._way = 0

    def active(self, run: Run) -> bool:
        """Whether what is run now may be run again: what is run once is not written down."""
        return self.repeating or bool(run.here.path.loops)

    def way(self, run: Run) -> int:
        """All of where a run is but the round of the loops around, as a number."""
        path = run.here.path
        if path is not self._path:
            calls = tuple((call.function, call.place, call.owner and call.owner.node) for call in path.calls)
            loops = tuple(loop.node for loop in path.loops)
            how = (path.tries > 0, path.deciding, path.forcing, run.state.borrows, *run.state.star_modules)
            key = (calls, path.depth, path.arms, path.iteration, loops, how)
            self._path, self._way = path, self.ways.setdefault(key, len(self.ways))
        return self._way


def once(run: Run, frame: Frame, go: Callable[[], V]) -> V:
    """The value of a call, which is run only where nothing is recorded that says what it would do."""
    replays = run.replays
    if replays is None or not replays.active(run):
        return go()
    return _shared(run, replays, (frame.function, frame.scope, frame.owner), frame, go)


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
        if isinstance(node, _COMPOUND):
            _compared(run.journal.now)
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
                now.ask(question, before)


def _can_repeat(run: Run, replays: Replays, frame: Frame, node: ir.Statement | ir.Expr) -> bool:
    """Whether it is worth while to write down what is done: something is called, and nobody else sees the names."""
    if not replays.active(run) or frame.own is not None or frame.is_class or frame.function is None:
        return False
    calls = replays.calling.get(node)
    if calls is None:
        calls = replays.calling[node] = any(isinstance(inner, ir.Call) for inner in walking.walk(node))
    return calls


def _shared(run: Run, replays: Replays, of: Hashable, frame: Frame, go: Callable[[], V]) -> V:
    key = (of, replays.way(run))
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
        _keep(replays, key, way, replay)
    if isinstance(result, (TorchRaises, _Left)):
        raise result
    return result


# --- is it the same? -------------------------------------------------------------------------------------------------


def _way(run: Run, choice: Choice, frame: Frame) -> Way:
    """How far the answers that this run would be given lead."""
    asked = 0
    names = frame.names
    while True:
        for place, (question, before) in enumerate(choice.rest):
            answer = (
                names.get(question.key, ABSENT) if question.local else _ANSWERS[question.ask](run, frame, question.key)
            )
            if answer is not before:
                if not same(before, answer):
                    return Way(choice, asked + place, place, None)
                if question.local:
                    names[question.key] = before  # type: ignore[assignment]  # the same, and found by identity next time
        asked += len(choice.rest)
        question_ = choice.question
        if question_ is None:
            return Way(choice, asked, -1, choice.replay)
        answer = (
            names.get(question_.key, ABSENT) if question_.local else _ANSWERS[question_.ask](run, frame, question_.key)
        )
        found = choice.lead(answer)
        if found is None:
            return Way(choice, asked, -1, None)
        asked += 1
        choice = found


def _keep(replays: Replays, key: Hashable, way: Way | None, replay: Replay) -> None:
    """Keep what was recorded where the answers it was given lead to."""
    asked = tuple(replay.asked.items())
    if way is None:
        # what is recorded inside of what is recorded may be the same place: a function that calls itself
        replays.places.setdefault(key, Choice(asked, replay))
        return
    choice, number, place, _ = way
    if choice.replay is not None and place < 0:
        if len(asked) == number:  # the same again, which has made cells of other numbers
            choice.replay = replay
        return
    if place >= 0:
        # unless it was parted already, by what was recorded inside of this
        if len(choice.rest) <= place or number >= len(asked) or choice.rest[place][0] is not asked[number][0]:
            return
        choice.part(place)
    if number < len(asked) and choice.question is asked[number][0] and id(asked[number][1]) not in choice.known:
        choice.add(asked[number][1], asked[number + 1 :], replay)


def _receiver(run: Run, frame: Frame) -> object:
    return (frame.receiver, run.facts.left) if run.facts.left else frame.receiver


def _cell(run: Run, _: Frame, cell: int) -> object:
    content = run.heap.find(cell)
    return None if isinstance(content, ObjectCell) else content


def _object(run: Run, _: Frame, cell: int) -> object:
    content = run.heap.find(cell)
    return what(content) if isinstance(content, ObjectCell) else None


def _attribute(run: Run, _: Frame, key: tuple[int, str]) -> object:
    content = run.heap.find(key[0])
    return content.attrs.get(key[1], ABSENT) if isinstance(content, ObjectCell) else None


def _attributes(run: Run, _: Frame, cell: int) -> object:
    content = run.heap.find(cell)
    return content.attrs if isinstance(content, ObjectCell) else None


def _name(run: Run, _: Frame, key: tuple[int, str]) -> object:
    if key[0] >= len(run.state.scopes):
        return None
    found = run.state.around(*key)
    return ABSENT if found is None else found


_ANSWERS: dict[Ask, Callable[[Run, Frame, Any], object]] = {
    Ask.RECEIVER: lambda run, frame, _: _receiver(run, frame),
    Ask.CELL: _cell,
    Ask.OBJECT: _object,
    Ask.ATTRIBUTE: _attribute,
    Ask.ATTRIBUTES: _attributes,
    Ask.INSTANCE: lambda run, _, cell: run.state.instances.get(cell),
    Ask.NAME: _name,
    Ask.CLASS: lambda run, _, node: run.state.classes.get(node),
    Ask.FACT: lambda run, _, fact: run.facts.assumptions.peek(fact),
    Ask.DECLARED: lambda run, _, free: run.facts.declared_so_far(free),
    Ask.COMPUTED: lambda run, _, number: run.facts.computed_so_far(number),
    Ask.HANDED: lambda run, _, key: run.fitting.handed_so_far(*key),
    Ask.MODULE: lambda run, _, call: run.calls.answer(Ask.MODULE, call),
    Ask.CELL_OF: lambda run, _, source: run.calls.answer(Ask.CELL_OF, source),
    Ask.CARRIED: lambda run, _, call: run.calls.answer(Ask.CARRIED, call),
    Ask.INPUT: lambda run, _, call: run.calls.answer(Ask.INPUT, call),
    Ask.PACKED: lambda run, _, __: run.calls.answer(Ask.PACKED, None),
    Ask.SHOWN: lambda run, _, key: run.layouts.known_of(*key),
    Ask.RECURRING: lambda run, _, source: source in run.layouts.recurring,
    Ask.LAID: lambda run, _, __: run.layouts.laid,
    Ask.UNSEEN: lambda run, _, __: run.batches.unseen_sort,
    Ask.CHECKED: lambda run, _, lengths: lengths in run.batches.checked,
    Ask.FILLED: lambda run, _, source: run.fresh_tensors.answer(Ask.FILLED, source),
    Ask.BORN: lambda run, _, source: run.fresh_tensors.answer(Ask.BORN, source),
    Ask.RELEASED: lambda run, _, option: run.uses.is_released(option),
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
    fields = _FIELDS.get(kind) or _fields(kind)
    if fields is _WHOLE:
        return one == other
    if fields is _EACH:
        if len(one) != len(other):  # type: ignore[arg-type]
            return False
        return all(map(same, one, other))  # type: ignore[call-overload]
    if fields is _KEYED:
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())  # type: ignore[attr-defined, index]
    for name in fields:
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine is not theirs and not same(mine, theirs):
            return False
    return True


_Fields = tuple[str, ...]
_WHOLE: _Fields = ("a whole",)
_EACH: _Fields = ("each",)
_KEYED: _Fields = ("keyed",)
_FIELDS: dict[type, _Fields] = {}


def _fields(kind: type) -> _Fields:
    """What an answer of this type is made of; a place of the program and what holds nothing are compared as a whole."""
    if issubclass(kind, tuple):
        found = _EACH
    elif issubclass(kind, dict):
        found = _KEYED
    elif not dataclasses.is_dataclass(kind) or issubclass(kind, (ir.Node, Enum)):
        found = _WHOLE
    else:
        found = tuple(field.name for field in dataclasses.fields(kind) if field.init)
    _FIELDS[kind] = found
    return found


# --- recorded --------------------------------------------------------------------------------------------------------


def _record(run: Run, go: Callable[[], V], frame: Frame) -> tuple[V | TorchRaises | _Left, Replay | None]:
    """Run it: what it gives or raises, and what was recorded where that can be done again."""
    journal, heap, path = run.journal, run.heap, run.here.path
    around, account, scopes = journal.now, journal.account, len(run.state.scopes)
    journal.now = recording = Recording(heap.count, frame)
    journal.account = mine = Account(account)
    recording.ask(journal.questions[Ask.RECEIVER, None], _receiver(run, frame))
    result: Any = None
    try:
        result = go()
    except (TorchRaises, _Left) as error:
        result = error
    finally:  # what ends a run leaves its account behind
        journal.now, journal.account = around, account
        account.add(mine)
    replay = None
    if not recording.spoilt and not isinstance(result, _Left) and len(run.state.scopes) == scopes:
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
    made, mine, known, local = around.made, around.asked, around.before, around.frame is frame
    for question, answer in asked.items():
        if question not in mine and question.cell <= made and (local or not question.local):
            mine[question] = known.get(question, answer)
    for question, answer in before.items():
        if question not in known and question.cell <= made and (local or not question.local):
            known[question] = answer


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
            recording.ask(question, before)  # it is as it was, perhaps since it was written as it was
        else:
            yield question.cell, name, now


def _reachable(run: Run, recording: Recording, mine: Account, roots: list[object]) -> Iterator[tuple[int, Cell]]:
    """The cells that were made and others can come by: through the value, or what was changed.

    What was made from nothing and stands in a list may be read from there (``unused_states``), and so may the
    attributes of an object whose methods were run.
    """
    first, last = recording.made, run.heap.count
    if first == last:
        return
    pending = [*roots, *map(Ref, mine.receivers)]
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
        raise TorchRaises(replay.value.error, replay.value.text)
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
            heap[cell] = ObjectCell(old.cls, {**old.attrs, name: content}, old.base)  # type: ignore[dict-item]
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
