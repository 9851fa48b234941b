"""What would mend a finding, as data that knows no syntax: which places of the program are written otherwise.

A rule says it when it speaks; which characters that changes is found once a finding is certain
(:mod:`rnnlint.fixing`), and where it cannot be written there, there is no fix.  Texts have ``{output}``, ``{h_n}`` and
``{c_n}`` for what the call returns, ``{torch}`` for what the file calls torch, and ``{expr}`` for what is written at
the place now.
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
    """

    site: Site
    text: str
    reads: Block | None = None


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
class Before:
    """A statement stands before the one that a place is in."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class Instead:
    """The simple statement that a place is in is written as ``text``; "" takes it away."""

    site: Site
    text: str


Change: TypeAlias = Written | Index | Given | Before | Instead


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes that go together, after all of which the finding is mended.

    ``call`` is the one whose results the texts name.  ``safe``: what the program computes cannot change by it, or the
    program could not run before.  ``certain``: nothing else can have been meant; what is not is shown and never
    applied.  ``title`` says in the imperative what is done, where the advice of the hit does not.
    """

    changes: tuple[Change, ...]
    call: Call | None = None
    safe: bool = False
    certain: bool = True
    title: str = ""
