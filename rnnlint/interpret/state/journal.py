"""What a call has asked and done, written down while it is run, so that it need not be run again.

A run keeps one :class:`Journal`, which all its parts share.  While a function of the file is run, ``now`` is the
:class:`Recording` of that call.  Whoever answers a question out of what changes in a run (a cell of the heap, a name
outside the function, an assumption, of which call a tensor is) notes question and answer with :meth:`Journal.asked`;
whoever changes what can be asked for notes how it was before with :meth:`Journal.changes`; and whoever only keeps
account for the end of the run notes the deed itself with :meth:`Journal.did`.  What becomes of that is
``interpret.state.replay``.
"""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias

from rnnlint.axes.states import Given, Source
from rnnlint.events import Event, Site, Used
from rnnlint.interpret.state.here import Here, Moment
from rnnlint.source import program as ir


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
"""The answer where there is nothing under a key."""


class Ask(str, Enum):
    """What can be asked of a run, and so what the key is; ``replay.ANSWERS`` says who answers.

    (Members are strings since those are hashed quickest.)
    """

    RECEIVER = "receiver"
    """Whose method the function at hand is, and which parameters a call site leaves at their defaults."""
    CELL = "cell"
    """What a cell of the heap holds that is no object: by its number."""
    OBJECT = "object"
    """Of which class an object is, and which module of torch's: by the number of its cell."""
    ATTRIBUTE = "attribute"
    """What an object holds under a name: by number and name."""
    ATTRIBUTES = "attributes"
    """All that an object holds: by number."""
    INSTANCE = "instance"
    """How an object was built: by number."""
    LOCAL = "local"
    """What a name of the function at hand holds: by the name."""
    NAME = "name"
    """What a name outside the function holds: by scope and name."""
    CLASS = "class"
    """What a class binds: by its node."""
    FACT = "fact"
    DECLARED = "declared"
    """With which default a parameter is declared: by the parameter."""
    COMPUTED = "computed"
    """Where a computed number comes from: by the number."""
    HANDED = "handed"
    """The extents of the tensors that a parameter was handed: by function and name."""
    MODULE = "module"
    """The module of a recurrent call: by the call."""
    CELL_OF = "cell of"
    """The recurrent cell that returned a tensor: by what the tensor is made of."""
    CARRIED = "carried"
    """Whether the state of a call comes from outside: by the call."""
    INPUT = "input"
    """What a call was handed: by the call."""
    PACKED = "packed"
    """Whether any call so far was handed a PackedSequence."""
    SHOWN = "shown"
    """Which evidence there is about an axis: by tensor and axis."""
    RECURRING = "recurring"
    """Whether a state is handed back to the call that made it: by what it is made of."""
    LAID = "laid"
    """Whether states were laid below each other anywhere."""
    UNSEEN = "unseen"
    """Whether something that is not followed was sorted."""
    CHECKED = "checked"
    """Whether torch has found that lengths fall: by the lengths."""
    FILLED = "filled"
    """What was written into a tensor made here: by what it is made of."""
    BORN = "born"
    """In which arms of branches a tensor was made: by what it is made of."""
    RELEASED = "released"
    """Whether what an unknown value holds was used: by the value."""


class Question:
    """Something that is asked of a run: each is one object a file, so that what was asked is found by identity.

    ``cell`` is the number of the cell that it is about, 0 for none; ``local`` says whether it is about a name of the
    function at hand; ``changing`` what a change of the answer is.
    """

    __slots__ = ("ask", "cell", "changing", "key", "local")

    def __init__(self, ask: Ask, key: Any) -> None:
        self.changing = _CHANGING.get(ask, Changing.UNDONE)
        self.ask = ask
        self.key = key
        self.cell: int = key if ask in _OF_CELLS else key[0] if ask is Ask.ATTRIBUTE else 0
        self.local = ask is Ask.LOCAL


_OF_CELLS = frozenset({Ask.CELL, Ask.OBJECT, Ask.ATTRIBUTES, Ask.INSTANCE})


class Changing(Enum):
    """What a change is, and so what an answer depends on that is given after what is recorded has changed it."""

    UNDONE = "undone"
    """It holds until paths part or meet: then it is undone, and the answer that was there before shows again."""
    HOLDS = "holds"
    """It holds from then on: the answer is nobody else's."""
    ADDS = "adds"
    """It is added to what was there, on which the answer depends as before."""
    FIRST = "first"
    """It holds where there was no answer before."""


_CHANGING = {
    Ask.SHOWN: Changing.ADDS,
    Ask.HANDED: Changing.ADDS,
    Ask.DECLARED: Changing.FIRST,
    Ask.COMPUTED: Changing.FIRST,
    **dict.fromkeys(
        (
            Ask.MODULE, Ask.CELL_OF, Ask.CARRIED, Ask.INPUT, Ask.PACKED, Ask.RECURRING, Ask.LAID, Ask.UNSEEN,
            Ask.CHECKED, Ask.FILLED, Ask.BORN, Ask.RELEASED, Ask.INSTANCE,
        ),
        Changing.HOLDS,
    ),
}  # fmt: skip


class OrNone(NamedTuple):
    """An answer, or none: where there is none, what is recorded gives it itself."""

    answer: object


class Questions(dict[tuple[Ask, Hashable], Question]):
    """The questions of one file."""

    __slots__ = ()

    def __missing__(self, key: tuple[Ask, Hashable]) -> Question:
        question = self[key] = Question(*key)
        return question


Deed: TypeAlias = tuple[str, str, tuple[Any, ...], Moment]
"""A part of the run, the name of its method, what it was given, and where the run was."""


class Account:
    """What is kept account of while a run goes on and looked at when it is over: it only grows.

    (But for the events, of which the last can be taken back.)  What is recorded has an account of its own, within the
    one ``around``.
    """

    __slots__ = (
        "apart", "around", "bound", "completed", "entered", "events", "fed", "handed_on", "looked", "lost",
        "measured", "ones", "reached", "receivers", "touched", "used", "vague", "viewed", "widened",
    )  # fmt: skip

    def __init__(self, around: Account | None = None) -> None:
        self.around = around
        self.events: list[Event] = []
        self.used: list[Used] = []  # by whom the results of calls are used
        # names: by function and name, where, to what of a call's, and to what was made here
        self.bound: list[tuple[Hashable, str, ir.Node, Any, tuple[Given, ...]]] = []
        self.lost: list[tuple[str, Hashable]] = []  # what came of an RNN and is not known: why, and where
        self.receivers: dict[int, None] = {}  # objects whose methods were run
        self.reached: set[ir.Node] = set()
        self.entered: set[Hashable] = set()  # functions that were called
        self.touched: set[Given] = set()  # tensors that were used
        self.widened: dict[tuple[Given, tuple[int, ...]], Site] = {}  # learned tensors in another shape, and where
        self.fed: set[Source] = set()  # what went into recurrent calls
        self.handed_on: set[Hashable] = set()  # sorts whose index went where it is not followed
        self.looked: set[Hashable] = set()  # squeezes whose result is looked at
        self.measured: set[Hashable] = set()  # squeezes whose result is asked for its extents
        self.viewed: set[Hashable] = set()  # squeezes whose result is viewed with axes that are written down
        self.ones: set[int] = set()  # open sizes that a condition compares with 1
        self.vague: set[Hashable] = set()  # where one of several values that something is done to is not known
        self.completed: set[Hashable] = set()  # where a list of results was filled up
        self.apart: set[Hashable] = set()  # where states were laid below each other that were taken apart

    def add(self, other: Account) -> None:
        """What another has, this has too."""
        self.events += other.events
        self.used += other.used
        self.bound += other.bound
        self.lost += other.lost
        self.receivers.update(other.receivers)
        self.reached |= other.reached
        self.entered |= other.entered
        self.touched |= other.touched
        self.widened = {**other.widened, **self.widened}
        self.fed |= other.fed
        self.handed_on |= other.handed_on
        self.looked |= other.looked
        self.measured |= other.measured
        self.viewed |= other.viewed
        self.ones |= other.ones
        self.vague |= other.vague
        self.completed |= other.completed
        self.apart |= other.apart


class Recording:
    """One call, or one statement of a function, that is being run.

    ``frame`` are the names of the function that is called, or whose statement it is.  ``asked`` are the answers it
    depends on, each as it was when it began; ``before`` what was changed, as it was then.  ``made`` is the number of
    the last cell that was there when it began: what is made by the call itself is nobody's answer.  ``own`` is what was
    changed and has not been undone since.
    """

    __slots__ = ("asked", "before", "deeds", "frame", "left", "made", "own", "spoilt")

    def __init__(self, made: int, frame: object) -> None:
        self.frame = frame
        self.asked: dict[Question, object] = {}
        self.before: dict[Question, object] = {}
        self.own: set[Question] = set()
        self.deeds: list[Deed] = []
        self.made = made
        self.spoilt = False
        self.left = False  # by one path, and on another it raises

    def ask(self, question: Question, answer: object) -> None:
        """An answer was given.  What the call has changed itself, it has not asked; unless that was undone since, as it
        is for the other arm of a branch: then it counts as having asked what was before."""
        if question in self.own or question in self.asked:
            return
        self.ask_before(question, answer)

    def ask_before(self, question: Question, answer: object) -> None:
        """Something depends on the answer that there was when the call began."""
        if question in self.asked:
            return
        if question in self.before:
            before = self.before[question]
            first = question.changing is Changing.FIRST and before is None
            answer = OrNone(answer) if first else before
        self.asked[question] = answer

    def change(self, question: Question, before: object) -> None:
        """An answer changes; it was ``before`` until now."""
        if question not in self.before:
            self.before[question] = before
        if question.changing in (Changing.UNDONE, Changing.HOLDS):
            self.own.add(question)

    def undone(self) -> None:
        """Paths part or meet: names and cells may be what they were before."""
        if self.own:
            self.own = {question for question in self.own if question.changing is Changing.HOLDS}


class Journal:
    """The recording at hand, or None where nothing is written down, and the account that is kept."""

    __slots__ = ("_here", "account", "now", "questions")

    def __init__(self, here: Here) -> None:
        self._here = here
        self.now: Recording | None = None
        self.account = Account()
        self.questions = Questions()

    def asked(self, ask: Ask, key: Hashable, answer: object) -> None:
        """A question was answered."""
        now = self.now
        if now is not None:
            now.ask(self.questions[ask, key], answer)

    def changes(self, ask: Ask, key: Hashable, before: object) -> None:
        """The answer to a question changes; it was ``before`` until now."""
        now = self.now
        if now is not None:
            now.change(self.questions[ask, key], before)

    def changed(self, ask: Ask, key: Hashable) -> bool:
        """Whether what is recorded has changed the answer to a question already."""
        return self.now is not None and self.questions[ask, key] in self.now.before

    def undo(self) -> None:
        """Paths part or meet."""
        if self.now is not None:
            self.now.undone()

    def did(self, part: str, method: str, *given: Any) -> None:
        """A method of a part of the run keeps account of something that depends on where the run is."""
        now = self.now
        if now is not None:
            now.deeds.append((part, method, given, self._here.moment()))

    def spoil(self) -> None:
        """Something happens that cannot be done again by writing it down."""
        if self.now is not None:
            self.now.spoilt = True
