"""Facts that a file leaves open, and that a run takes to be one thing."""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum
from typing import Final, NamedTuple

from rnnlint.frozen import dataclass


class FactKind(str, Enum):
    """What is asked, and so what the answer is.  (Members are strings since those are hashed quickest, and facts are
    keys.)"""

    NUMBER = "int"
    """Which number a parameter is: an int."""
    EXTENT = "equal"
    """Which extent a parameter is, of a tensor that it has to fit: an int."""
    TRUTH = "truth"
    """Whether it is true: a bool."""
    CHOICE = "choice"
    """Which of a few strings it is: a str."""
    MODULE = "module"
    """Which of torch's recurrent modules it is, where it is the class of one: its name in ``torch.nn``, a str."""
    SAME = "=="
    """Whether it is the string that was ``asked``: a bool."""
    STRING = "string"
    """Which string it is, where it was taken to be one that it is compared with (SAME): a str.  Never asked for."""
    WITHIN = "in"
    """Whether it is found in the string that was ``asked``: a bool."""
    NONE = "is None"
    """Whether it is None: a bool."""
    RANK = "rank"
    """How many axes the tensor has that it is: an int."""
    SIZE = "size"
    """Which extent an axis of a given tensor has: an int.  It is ``about`` a pair, of the tensor and the axis."""
    PACKED = "packed"
    """Whether it is a PackedSequence: True, since that is assumed only where nothing else goes on."""
    SHAPE = "shape"
    """Whether it is a whole shape where a size would do as well (``torch.randn(x)``): True, assumed as PACKED is."""
    APART = "apart"
    """Whether conditions that choose among constants are explored, as those that choose among modules are: True, once
    a module was to be built of one of several constants.  It is ``about`` the name that these are bound to, or
    EVERY_NAME."""
    HEIR = "class"
    """Whether it is as the class that inherits the method builds it: True.  It is ``about`` the name of the class."""

    @property
    def steers(self) -> bool:
        """Whether it is about the program's configuration, and not about sizes set equal to make it fit."""
        return self not in _FITTING


# what a run sets to get on with the text; a finding that needs one of these still holds for whoever runs the program,
# since torch raises otherwise
_FITTING = frozenset({
    FactKind.EXTENT, FactKind.RANK, FactKind.SIZE, FactKind.PACKED, FactKind.SHAPE, FactKind.APART, FactKind.HEIR,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Widened:
    """What the extent of an axis is known by that was one wide, and met what may be a tensor of unknown shape there."""

    at: Hashable
    axis: int


class Fact(NamedTuple):
    """A question about something that is left open: a parameter (``Free``), or an axis."""

    kind: FactKind
    about: Hashable
    asked: str = ""


ANOTHER_RATE: Final = 0.4999
"""The number (NUMBER) that a rate is which the program declares as 0, where it is another: one that nobody writes."""


EVERY_NAME: Final = "*"
"""What a fact is about that is about conditions whatever they bind."""


class _Open(Enum):
    OPEN = "open"


OPEN: Final = _Open.OPEN
"""The answer where nothing is assumed: no value of a program, and so told apart from None and False."""


def same_text(chosen: object, other: object) -> bool:
    """Whether a text that something is taken to be is another one; in whatever case, since programs respell it on its
    way (``KINDS[kind.lower()]``), and have no two kinds that differ in that."""
    if isinstance(chosen, str) and isinstance(other, str):
        return chosen == other or chosen.casefold() == other.casefold()
    return False
