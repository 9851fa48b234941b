"""What would mend a finding, as data that knows no syntax: which places of the program are written otherwise.

A rule says it when it speaks; which characters that changes is found once a finding is certain
((:mod:`rnnlint.fixing`), and where it cannot be written there, there is no fix.  Texts have ``{output}``, ``{h_n}`` and
``{c_n}`` for what the call returns, ``{torch}`` for what the file calls torch, ``{expr}`` for what is written at the
place now, and, where that is the call of a method, ``{receiver}`` and ``{arguments}``.
"""

from __future__ import annotations

from typing import TypeAlias

from rnnlint.axes.states import Block, Call
from rnnlint.events import Site
from rnnlint.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """The expression at a place is written as ``text``.

    ``reads`` is what arrives of it at its use, where ``text`` gives (samples, features): what the place itself gives
    has the same axes, or one more where its index keeps the step (``output[:, -1:]``), or it is not written there.
    ``sizes``: of more of them than so many in the call at the place it is not written there.
    """

    site: Site
    text: str
    reads: Block | None = None
    sizes: int | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """The step that a subscript takes is ``text``: 0 or -1, by an index or by a slice of one step, as it is now."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class Given:
    """The argument of a call by its parameter's name is ``text``, whatever it was; "" takes it away.

    ``parameters`` are the parameters of what is called, in order, for an argument that is given by its place.
    """

    site: Site
    name: str
    text: str
    parameters: tuple[str, ...] = ()


TWICE = "2 * {argument}"
"""Twice what the argument is now."""


@dataclass(frozen=True, slots=True)
class Wider:
    """The ``Linear`` that takes what is at a place, ``width`` features, is built for as many as are ``wanted`` there.

    ``text`` is what its argument becomes.
    """

    site: Site
    width: int
    wanted: int
    text: str = TWICE


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The first two sizes that a call is given change places, and ``text`` is put behind the call."""

    site: Site
    text: str = ""


@dataclass(frozen=True, slots=True)
class Sized:
    """Of the sizes that a call is given the one at a ``place`` is ``text``; "" takes it of the tensor's other axis: 0
    in the place of 1, and the other way round."""

    site: Site
    place: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class OtherAxis:
    """What a call reduces, or normalises, is axis 1 in the place of 0, or the other way round."""

    site: Site
    text: str = ""


@dataclass(frozen=True, slots=True)
class Strided:
    """The first item of a subscript, a slice without a step, is ``text``."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """What a subscript takes is ``text``: all that stands in its brackets."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """The argument of a call under a keyword, or in a place among the ``parameters``, is given as ``text``'s."""

    site: Site
    was: str
    text: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """What is called at a place is another function of the same module: ``torch.zeros`` where ``torch.randn`` is."""

    site: Site
    text: str


ZEROS = "zeros"
"""What is called in the place of a function that draws numbers, of the same arguments."""


@dataclass(frozen=True, slots=True)
class First:
    """Of what a recurrent call returns, a pair, the first is taken, where the whole is bound or read.

    ``text`` is what the second is called where that is unpacked.
    """

    call: Call
    text: str = "_"


@dataclass(frozen=True, slots=True)
class Second:
    """Of what a recurrent call returns, (output, (h_n, c_n)), the name of the second is that of ``h_n``.

    ``text`` is what ``c_n`` is called.
    """

    call: Call
    text: str = "_"


@dataclass(frozen=True, slots=True)
class Target:
    """The assignment that a place is in has the target ``text``."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class Operands:
    """The two that are compared at a place, by an operator or a function, are these."""

    site: Site
    text: str
    right: str


@dataclass(frozen=True, slots=True)
class Bound:
    """The one bound that a slice of the last axis is written with is ``text``.

    ``halved``: half of what it should be, so that it may be written as that by two.
    """

    site: Site
    text: str
    halved: bool = False


@dataclass(frozen=True, slots=True)
class Swapped:
    """The argument of a call, a pair that is written there, has its parts the other way round."""

    site: Site
    text: str  # the parameter
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """Of two rows of a state that are indexed, ``i`` and ``i`` and something, the first is ``2 * i``, the ``other`` the
    one behind it."""

    site: Site
    other: Site
    text: str = ""


@dataclass(frozen=True, slots=True)
class Masked:
    """A mean, a maximum or a softmax over the steps leaves out the padding of a ``call`` on a packed batch.

    ``rank`` is the number of axes of what it is done to.
    """

    site: Site
    call: Call
    rank: int
    text: str = "{torch}"


@dataclass(frozen=True, slots=True)
class Carried:
    """The call at a place in a ``loop`` gets the state that it returned in the round before.

    ``pair``: that is two tensors; ``cell``: it is all that is returned.
    """

    site: Site
    loop: Site
    pair: bool
    cell: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Detached:
    """In a ``loop``, the state that the call at a place is handed is detached behind ``backward()``.

    ``pair``: that is two tensors.
    """

    site: Site
    loop: Site
    pair: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Instead:
    """The simple statement that a place is in is written as ``text``; "" takes it away."""

    site: Site
    text: str


Change: TypeAlias = (
    Written
    | Beside
    | Index
    | Bound
    | Given
    | Wider
    | Exchanged
    | Sized
    | OtherAxis
    | Strided
    | Items
    | Named
    | Swapped
    | Called
    | First
    | Second
    | Target
    | Operands
    | Carried
    | Detached
    | Masked
    | Instead
)


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes that go together, after all of which the finding is mended.

    ``call`` is the one whose results the texts name.  ``safe``: what the program computes cannot change by it, or the
    program could not run before.  ``certain``: nothing else can have been meant; what is not is shown and never
    applied.  ``title`` says in the imperative what is done, where the advice of the hit does not.  ``otherwise`` is
    what is said where this cannot be written.
    """

    changes: tuple[Change, ...]
    call: Call | None = None
    safe: bool = False
    certain: bool = True
    title: str = ""
    otherwise: Repair | None = None
