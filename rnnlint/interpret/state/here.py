"""Where a run is: at which place of the program, and on which path it has come there."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from types import TracebackType
from typing import Any, NamedTuple

from rnnlint.events import Site
from rnnlint.interpret.state.loops import Loops
from rnnlint.source import program as ir
from rnnlint.values.domain import Class, Lit

Bounds = tuple[tuple[Lit | None, ...], ...]


class Entered(NamedTuple):
    """A function that is being run: where it was called, and the class whose method it is (None for none)."""

    function: Hashable
    place: Hashable
    owner: Class | None


class Path(NamedTuple):
    """The way to where the run is.  Entered with ``Here.within``, so that it cannot be left half way.

    (A named tuple, since another one is made at every turn of the way, and those are made four times as fast.)
    """

    calls: tuple[Entered, ...] = ()  # of functions, outermost first
    depth: int = 0  # of calls, and of the bodies of classes, whose functions are no outermost ones
    arms: tuple[int, ...] = ()  # of branches on what is not known
    iteration: tuple[int, ...] = ()  # of loops that are run element by element, outermost first
    loops: Loops = ()
    tries: int = 0  # how many ``try`` with handlers stand around
    deciding: bool = False  # a condition is evaluated
    forcing: bool = False  # on which depends what module is built: what is open in it is explored


Moment = tuple["tuple[ir.Node | None, str, Bounds]", "Site | None", Path, "ir.Call | None"]
"""A place, as a site if it was asked for, the path to it, and the call that is made there."""


class Here:
    """The place at hand.  ``written`` is the call that is made there, if its arguments are spelled out, ``statement``
    the last expression that stands as a statement of its own."""

    __slots__ = ("_place", "_site", "path", "statement", "written")

    def __init__(self) -> None:
        self.path = Path()
        self.written: ir.Call | None = None
        self.statement: ir.Expr | None = None
        self._place: tuple[ir.Node | None, str, Bounds] = (None, "", ())
        self._site: Site | None = None

    @property
    def site(self) -> Site:
        """The place.  It is made when it is asked for: most are passed without a word."""
        if self._site is None:
            self._site = Site(*self._place)
        return self._site

    def at(self, node: ir.Node, op: str, bounds: Bounds = ()) -> None:
        """What happens from here on happens at this node."""
        self._place = (node, op, bounds)
        self._site = None

    def moment(self) -> Moment:
        """Where the run is, to go back there."""
        return self._place, self._site, self.path, self.written

    def return_to(self, moment: Moment) -> None:
        """The run is where it was at a moment."""
        self._place, self._site, self.path, self.written = moment

    def resume(self, site: Site) -> None:
        """Back to a place, after something inside it."""
        self._site = site

    def within(self, **changes: Any) -> _Within:
        """A ``with`` inside of which the path has other fields; whatever happens there, it is the same after it."""
        return _Within(self, self.path._replace(**changes))

    @property
    def places(self) -> tuple[Hashable, ...]:
        """Where the calls stand that led here, outermost first."""
        return tuple(entered.place for entered in self.path.calls)

    @property
    def function(self) -> Hashable:
        """The call of a function that is being run, by the function and its place; None at the top level."""
        return self.path.calls[-1][:2] if self.path.calls else None

    @property
    def caught(self) -> bool:
        """Whether the program stands in a ``try`` that goes on where torch raises."""
        return self.path.tries > 0

    def turn(self, number: int) -> None:
        """The innermost loop goes round for the ``number``-th time."""
        *outer, loop = self.path.loops
        self.path = self.path._replace(loops=(*outer, replace(loop, round=number)))

    def spelling(self) -> tuple[tuple[str | None, str | None], ...]:
        """How the arguments of the call at this place are written: (keyword, name or last attribute) each."""
        if self.written is None:
            return ()
        return tuple((argument.keyword, _written_name(argument.value)) for argument in self.written.args)


def _written_name(node: ir.Expr) -> str | None:
    return node.id if isinstance(node, ir.Name) else node.attr if isinstance(node, ir.Attribute) else None


class _Within:
    __slots__ = ("_here", "_inside", "_outside")

    def __init__(self, here: Here, inside: Path) -> None:
        self._here, self._inside, self._outside = here, inside, here.path

    def __enter__(self) -> None:
        self._here.path = self._inside

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._here.path = self._outside
