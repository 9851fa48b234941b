"""Where a run is: at which place of the program, and on which path it has come there."""

from __future__ import annotations

from collections.abc import Hashable
from types import TracebackType
from typing import Any, NamedTuple

from rnnlint.events import Site
from rnnlint.interpret.state.loops import Loop, Loops
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.values.domain import Class, Lit, Value

Bounds = tuple[tuple[Lit | None, ...], ...]
Arms = tuple[tuple[Hashable, int], ...]
"""Arms of branches, outermost first: the statement or expression that parts the paths, and the number of the arm."""


class Entered(NamedTuple):
    """A function that is being run: where it was called, the class whose method it is (or None), and with what."""

    function: Hashable
    place: Hashable
    owner: Class | None
    given: tuple[Value, ...] = ()


class Path(NamedTuple):
    """The way to where the run is.  Entered with ``Here.within``, so that it cannot be left half way.

    (A named tuple, since another one is made at every turn of the way, and those are made four times as fast; and the
    turns that are taken most have methods of their own, since ``_replace`` takes five times as long.)
    """

    calls: tuple[Entered, ...] = ()  # of functions, outermost first
    depth: int = 0  # of calls, and of the bodies of classes, whose functions are no outermost ones
    arms: Arms = ()  # of branches on what is not known
    iteration: tuple[int, ...] = ()  # of loops that are run element by element, outermost first
    loops: Loops = ()
    tries: int = 0  # how many ``try`` with handlers stand around
    deciding: bool = False  # a condition is evaluated
    forcing: bool = False  # on which depends what module is built: what is open in it is explored
    graphless: bool = False  # ``torch.no_grad()`` stands around

    def of_condition(self, forcing: bool) -> Path:
        """Inside a condition."""
        calls, depth, arms, iteration, loops, tries, _, _, graphless = self
        return Path(calls, depth, arms, iteration, loops, tries, True, forcing, graphless)

    def into(self, entered: Entered) -> Path:
        """Inside a function that is called."""
        calls, depth, arms, iteration, loops, tries, deciding, forcing, graphless = self
        return Path((*calls, entered), depth + 1, arms, iteration, loops, tries, deciding, forcing, graphless)

    def along(self, arms: Arms) -> Path:
        """In these arms of branches."""
        calls, depth, _, iteration, loops, tries, deciding, forcing, graphless = self
        return Path(calls, depth, arms, iteration, loops, tries, deciding, forcing, graphless)

    def around(self, iteration: tuple[int, ...], loops: Loops) -> Path:
        """In these loops, and at these of their elements."""
        calls, depth, arms, _, _, tries, deciding, forcing, graphless = self
        return Path(calls, depth, arms, iteration, loops, tries, deciding, forcing, graphless)


Moment = tuple["tuple[ir.Node | None, str, Bounds]", "Site | None", Path, "ir.Call | None"]
"""A place, as a site if it was asked for, the path to it, and the call that is made there."""


class Sites(dict["tuple[ir.Node | None, str]", Site]):
    """The places of a file, each once: as what is asked for again is found, by identity."""

    __slots__ = ()

    def __missing__(self, key: tuple[ir.Node | None, str]) -> Site:
        site = self[key] = Site(*key)
        return site


class Here:
    """The place at hand.  ``written`` is the call that is made there, if its arguments are spelled out, ``statement``
    the last assignment, or expression that stands as a statement of its own."""

    __slots__ = ("_calls", "_place", "_places", "_site", "path", "sites", "statement", "written")

    def __init__(self) -> None:
        self.sites = Sites()
        self.path = Path()
        self.written: ir.Call | None = None
        self.statement: ir.Expr | ir.Assign | None = None
        self._place: tuple[ir.Node | None, str, Bounds] = (None, "", ())
        self._site: Site | None = None
        self._calls: tuple[Entered, ...] = ()
        self._places: tuple[Hashable, ...] = ()

    @property
    def site(self) -> Site:
        """The place.  It is made when it is asked for: most are passed without a word."""
        site = self._site
        if site is None:
            node, op, bounds = self._place
            site = self._site = Site(node, op, bounds) if bounds else self.sites[node, op]
        return site

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

    def inside(self, path: Path) -> _Within:
        """Likewise, of a path that is made already."""
        return _Within(self, path)

    @property
    def places(self) -> tuple[Hashable, ...]:
        """Where the calls stand that led here, outermost first."""
        calls = self.path.calls
        if calls is not self._calls:  # every path on from there has the same
            self._calls, self._places = calls, tuple([entered.place for entered in calls])
        return self._places

    @property
    def function(self) -> Hashable:
        """The call of a function that is being run, by the function and its place; None at the top level."""
        return self.path.calls[-1][:2] if self.path.calls else None

    @property
    def caught(self) -> bool:
        """Whether the program stands in a ``try`` that goes on where torch raises."""
        return self.path.tries > 0

    @property
    def repeated(self) -> bool:
        """Whether the program stands in a loop of which not every round is run."""
        return len(self.path.loops) > len(self.path.iteration)

    def turn(self, number: int) -> None:
        """The innermost loop goes round for the ``number``-th time."""
        *outer, loop = self.path.loops
        self.path = self.path.around(self.path.iteration, (*outer, Loop(loop.node, loop.bound, number, loop.depth)))

    def spelling(self) -> tuple[tuple[str | None, str | None], ...]:
        """How the arguments of the call at this place are written: (keyword, name or last attribute) each."""
        if self.written is None:
            return ()
        return tuple((argument.keyword, ir.last_name(argument.value) or None) for argument in self.written.args)

    def second_names(self) -> frozenset[str]:
        """The names in the second argument of the call at this place, which a module takes its state from."""
        args = () if self.written is None else self.written.args
        second = [one for place, one in enumerate(args) if one.keyword == "hx" or (place == 1 and one.keyword is None)]
        return frozenset(ir.last_name(part) for one in second for part in walking.walk(one.value))

    def mentioned(self, keyword: str) -> frozenset[str]:
        """The names and attributes in one argument of the call at this place, or in all where it has no keyword."""
        if self.written is None:
            return frozenset()
        named = [argument for argument in self.written.args if argument.keyword == keyword] or self.written.args
        names = {ir.last_name(part) for argument in named for part in walking.walk(argument.value)}
        return frozenset(names - {"", "self"})


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
