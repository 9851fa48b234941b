"""What is known of a file before a run, and what one run adds to it.

A run changes nothing that others see.  It is given what is ``Known`` and keeps for itself what it has ``Learned``;
the exploration adds that to what the next run is given, in one place (``explore``).  So what a run says depends on what
was run before it only where this page says so:

- ``shapes``: of what the file hands to a function, a run of the function by itself takes the rank;
- ``entered``: a method that another one calls has been run on what it is handed, and is not run by itself;
- ``call_sites``: a class is built as the file's own call sites build it, once these were met;
- ``declared``: a default counts as declared from the first run on that met it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import TypeAlias, TypeVar

from rnnlint.events import Site
from rnnlint.failures import Failures
from rnnlint.frozen import dataclass
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.sizes import Sizes
from rnnlint.interpret.state.tensors import Tensors
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.attributes_read import attributes_read
from rnnlint.source.batches import Batches
from rnnlint.source.links import NO_LINKS, Links
from rnnlint.source.other_cells import OtherCells, other_cells
from rnnlint.source.trials import Trials, trials
from rnnlint.values.domain import (
    Chain,
    Class,
    File,
    Free,
    Function,
    Layer,
    Lit,
    Origins,
    Partial,
    Recurrent,
    RecurrentCell,
    Torch,
)
from rnnlint.values.facts import Fact

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Holder:
    """An object (a dict, if ``cls`` is None) and what is known of what it holds.

    ``open`` if a dict may hold more, which is read from ``rest``, where that has a name.
    """

    cls: Class | None
    held: tuple[tuple[Hashable, Handed], ...]
    open: bool = False
    rest: Free | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A list or tuple of which every element is known."""

    items: tuple[Handed, ...]
    is_tuple: bool


@dataclass(frozen=True, slots=True)
class CallSite:
    """An instantiation of a class of the file: its arguments, as far as they are known.

    ``left`` are the parameters that it leaves at their defaults, ``settings`` those that it gives an option's value, or
    one of a file; ``size`` counts what is known, in depth.  ``through`` are the places of the calls of functions
    around it, the outermost first.

    Where ``modules`` of torch's are among them, these were built in one configuration of the function around, of which
    ``place`` is the call: the class is run in that configuration too.  It is what was ``assumed``; ``declared`` says
    whether that is the declared one.  Open values are then handed on as they are.
    """

    cls: Class
    args: tuple[tuple[str, Handed], ...]
    left: frozenset[str]
    size: int = field(compare=False)
    modules: bool = False
    place: Hashable = field(default=None, compare=False)
    through: tuple[Hashable, ...] = field(default=(), compare=False)
    assumed: Mapping[Fact, object] = field(default_factory=dict, compare=False)
    declared: bool = field(default=True, compare=False)
    settings: frozenset[str] = frozenset()
    supposed: bool = field(default=False, compare=False)  # by nobody in the file: nothing else fits (interpret.wiring)


# What a call site says of an argument wherever it is handed on: a constant, a name of torch's, a class, a file of the
# project, an object that holds such, an instance that was built at a call site itself, a module of torch's, and a
# parameter of the function
# around, whose default is then the declared one.
Handed: TypeAlias = (
    Lit
    | Torch
    | Class
    | Function
    | Partial
    | File
    | Free
    | Holder
    | Row
    | CallSite
    | Recurrent
    | RecurrentCell
    | Layer
    | Chain
)

Declared: TypeAlias = Mapping[Free, tuple[Lit, ir.Node]]
"""Parameters with a constant default, and where it stands; in the order in which they were met."""
Shapes: TypeAlias = Mapping[Hashable, Mapping[str, frozenset[tuple[int, ...]]]]
"""Of the tensors that the file hands to its functions, by function and parameter; () for what is no tensor."""
Stored: TypeAlias = Mapping[tuple[Class, str], Site]
"""Where an attribute of a class's instances was last assigned."""

_MOST_SITES = 40 * LIMITS.call_sites
"""Call sites that are kept of a file: those of 40 classes, as many as are looked at of each.  A convention: all runs
that follow carry them."""


@dataclass(frozen=True)
class Text:
    """What the texts of a program's files say without being run."""

    program: ir.Block = ()
    batches: Batches = field(default_factory=Batches)
    stores: frozenset[str] = frozenset()  # the attributes and keys that it assigns, but for those of self
    links: Links = NO_LINKS

    @cached_property
    def attributes_read(self) -> frozenset[str]:
        """The names of the attributes that the file reads anywhere."""
        return attributes_read(self.program)

    @cached_property
    def other_cells(self) -> OtherCells:
        """Which module it builds where a text is none of those that it is compared with."""
        return other_cells(self.program)

    @cached_property
    def trials(self) -> Trials:
        """What it does only where it is run by itself."""
        return trials(self.program)

    @cached_property
    def flags(self) -> frozenset[str]:
        """The names of what is handed to a module as ``bidirectional=``: of these it is asked whether, not how many."""
        found: set[str] = set()
        for node in walking.walk(self.program):
            for argument in node.args if isinstance(node, ir.Call) else ():
                match argument:
                    case ir.Argument(ir.Name(id=name) | ir.Attribute(attr=name), "bidirectional"):
                        found.add(name)
        return frozenset(found)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The names by which the file may ask for what something holds: texts, attributes, and parameters."""
        found: set[str] = set()
        for node in walking.walk(self.program):
            match node:
                case ir.Constant(value=str() as text):
                    found.add(text)
                case ir.Attribute(attr=name):
                    found.add(name)
                case ir.FunctionDef(params=params):
                    found.update(param.name for param in params)
        return frozenset(found)

    @cached_property
    def _calls(self) -> Mapping[str, tuple[ir.Call, ...]]:
        found: dict[str, list[ir.Call]] = {}
        for node in walking.walk(self.program):
            if isinstance(node, ir.Call) and isinstance(node.func, ir.Attribute):
                found.setdefault(node.func.attr, []).append(node)
        return {name: tuple(calls) for name, calls in found.items()}

    def calls_of(self, method: str) -> tuple[ir.Call, ...]:
        """The calls of methods of that name, whatever they are methods of; most files are never asked."""
        return self._calls.get(method, ())

    def reads(self, attribute: str) -> bool:
        """Whether the file reads an attribute of a name anywhere; most files are never asked."""
        return attribute in self.attributes_read


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file.  ``sizes`` number the open sizes: who asks first says nothing but which number it is.

    ``every``: all configurations are asked for, also such as only say more of what is built, and run no other way.
    """

    text: Text = field(default_factory=Text)
    every: bool = False
    sizes: Sizes = field(default_factory=Sizes)
    tensors: Tensors = field(default_factory=Tensors)
    declared: Declared = field(default_factory=dict)
    facts: Mapping[Fact, object] = field(default_factory=dict)  # what could only be one thing, once it was asked for
    computed: Mapping[int, Origins] = field(default_factory=dict)  # numbers, and where they come from
    shapes: Shapes = field(default_factory=dict)
    stored: Stored = field(default_factory=dict)
    entered: frozenset[Hashable] = frozenset()  # functions that were called
    call_sites: Mapping[CallSite, None] = field(default_factory=dict)  # as they were met
    steps: int = 0

    def and_(self, learned: Learned) -> Known:
        """What is known after a run as well."""
        # most runs learn nothing that is new: then the very same mappings are handed on
        sites = self.call_sites
        if learned.call_sites:
            sites = {**sites, **learned.call_sites}
            if len(sites) > _MOST_SITES:
                sites = dict.fromkeys(list(sites)[:_MOST_SITES])
        return Known(  # by hand and not with replace(), which takes three times as long: it is done after every run
            text=self.text,
            every=self.every,
            sizes=self.sizes,
            tensors=self.tensors,
            declared=_more(self.declared, learned.declared),
            facts=self.facts,
            computed=_more(self.computed, learned.computed),
            shapes=_more_shapes(self.shapes, learned.shapes),
            stored={**self.stored, **learned.stored} if learned.stored else self.stored,
            entered=self.entered if learned.entered <= self.entered else self.entered | learned.entered,
            call_sites=sites,
            steps=self.steps + learned.steps,
        )

    def assuming(self, fact: Fact, answer: object) -> Known:
        """The same, with a fact that can only be one thing."""
        return replace(self, facts={**self.facts, fact: answer})


def _more_shapes(known: Shapes, learned: Shapes) -> Shapes:
    """The shapes of both; of functions of which nothing is new, the very same mappings."""
    merged: dict[Hashable, Mapping[str, frozenset[tuple[int, ...]]]] | None = None
    for node, more in learned.items():
        named = known.get(node, {})
        if all(extents <= named.get(name, frozenset()) for name, extents in more.items()):
            continue
        merged = dict(known) if merged is None else merged
        merged[node] = {**named, **{name: named.get(name, frozenset()) | extents for name, extents in more.items()}}
    return known if merged is None else merged


def _more(known: Mapping[K, V], learned: Mapping[K, V]) -> Mapping[K, V]:
    """What was known first stays as it is, and in its place."""
    new = {key: value for key, value in learned.items() if key not in known} if learned else None
    return {**known, **new} if new else known


@dataclass(slots=True)
class Learned:
    """What one run adds to what is known, by the names of ``Known``."""

    declared: dict[Free, tuple[Lit, ir.Node]] = field(default_factory=dict)
    computed: dict[int, Origins] = field(default_factory=dict)
    shapes: dict[Hashable, dict[str, frozenset[tuple[int, ...]]]] = field(default_factory=dict)
    stored: dict[tuple[Class, str], Site] = field(default_factory=dict)
    entered: set[Hashable] = field(default_factory=set)
    call_sites: dict[CallSite, None] = field(default_factory=dict)
    failures: Failures = field(default_factory=Failures)
    steps: int = 0
