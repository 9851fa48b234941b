"""What was recorded of a file, found again by the answers that it was given."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Any, NamedTuple

from rnnlint.interpret.state.here import Moment, Path
from rnnlint.interpret.state.journal import Account, Deed, OrNone, Question, Questions
from rnnlint.source import program as ir
from rnnlint.values.heap_cells import Cell


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
        self.borrowings: dict[Hashable, int] = {}
        self.repeating = False
        self._path: Path | None = None
        self._borrowed: tuple[Hashable, ...] | None = None
        self._way = self._borrowing = 0

    def way(self, path: Path, borrowed: tuple[Hashable, ...]) -> int:
        """All of where a run is but the round of the loops around, as a number.

        ``borrowed`` says what a name can be that the file does not bind.
        """
        if borrowed is not self._borrowed:
            # a number, since it says something of each file, and would be hashed with every place
            self._borrowing = self.borrowings.setdefault(borrowed, len(self.borrowings))
            self._borrowed, self._path = borrowed, None
        if path is not self._path:
            calls = tuple((call.function, call.place, call.owner and call.owner.node) for call in path.calls)
            loops = tuple(loop.node for loop in path.loops)
            how = (path.tries > 0, path.deciding, path.forcing, self._borrowing)
            key = (calls, path.depth, path.arms, path.iteration, loops, how)
            self._path, self._way = path, self.ways.setdefault(key, len(self.ways))
        return self._way

    def keep(self, key: Hashable, way: Way | None, replay: Replay) -> None:
        """Keep what was recorded where the answers it was given lead to."""
        asked = tuple(replay.asked.items())
        if way is None:
            # what is recorded inside of what is recorded may be the same place: a function that calls itself
            self.places.setdefault(key, Choice(asked, replay))
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


def same(one: object, other: object) -> bool:
    """Whether two answers are one to whoever goes on with them: fields that equality passes over count too.

    (``Lit`` compares equal whatever its origins, an arrangement whatever its marks; ``True`` is no ``1``.)
    """
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other):
        return kind is OrNone and (other is None or same(one.answer, other))  # type: ignore[attr-defined]
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
