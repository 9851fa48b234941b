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
from typing import Any, Final, TypeAlias

from rnnlint.interpret.state.here import Here, Moment


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
"""The answer where there is nothing under a key."""


class Ask(str, Enum):
    """What can be asked of a run, and so what the key is; ``replay.ANSWERS`` says who answers.

    (Members are strings since those are hashed quickest.)
    """

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


Question: TypeAlias = tuple[Ask, Hashable]
Deed: TypeAlias = tuple[str, str, tuple[Any, ...], Moment]
"""A part of the run, the name of its method, what it was given, and where the run was."""


class Recording:
    """One call, or one statement of a function, that is being run.

    ``frame`` are the names of the function whose statement it is, None for a call: it begins with its arguments.
    ``asked`` are the answers it depends on, each as it was when the call began; ``before`` what was changed, as it was
    then.  ``made`` is the number of the last cell that was there when it began: what is made by the call itself is
    nobody's answer.
    """

    __slots__ = ("asked", "before", "deeds", "frame", "made", "spoilt")

    def __init__(self, made: int, frame: object) -> None:
        self.frame = frame
        self.asked: dict[Question, object] = {}
        self.before: dict[Question, object] = {}
        self.deeds: list[Deed] = []
        self.made = made
        self.spoilt = False

    def ask(self, question: Question, answer: object) -> None:
        """An answer was given.  Where the call has changed it itself, it counts as having asked what was before.

        (It need not depend on that; but what a branch has changed is undone for the other, and asked again.)
        """
        self.asked.setdefault(question, self.before.get(question, answer))


class Journal:
    """The recording of the call at hand, or None where nothing is written down."""

    __slots__ = ("_here", "now")

    def __init__(self, here: Here) -> None:
        self._here = here
        self.now: Recording | None = None

    def asked(self, ask: Ask, key: Hashable, answer: object) -> None:
        """A question was answered."""
        now = self.now
        if now is not None:
            now.ask((ask, key), answer)

    def changes(self, ask: Ask, key: Hashable, before: object) -> None:
        """The answer to a question changes; it was ``before`` until now."""
        now = self.now
        if now is not None:
            now.before.setdefault((ask, key), before)

    def did(self, part: str, method: str, *given: Any) -> None:
        """A method of a part of the run keeps account of something."""
        now = self.now
        if now is not None:
            now.deeds.append((part, method, given, self._here.moment()))

    def spoil(self) -> None:
        """Something happens that cannot be done again by writing it down."""
        if self.now is not None:
            self.now.spoilt = True
