"""Places and values of a file that its runs make again and again, each made once.

Whoever asks for one of them again is given the very same object: that takes no time to make, and what compares it with
what there was before (a lookup, a replay) finds by identity that it is the same.
"""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.axes.states import Unknown
from rnnlint.frozen import dataclass
from rnnlint.interpret.state.here import Sites
from rnnlint.source import program as ir
from rnnlint.values.domain import NOWHERE, Class, Free, Function, Lit, Ref

NONE, TRUE, FALSE = Lit(None), Lit(True), Lit(False)
"""Constants that come from nowhere in particular."""


class Literals(dict[ir.Constant, Lit]):
    """What constants are; a number comes from the place where it is written."""

    __slots__ = ()

    def __missing__(self, node: ir.Constant) -> Lit:
        value = self[node] = Lit(node.value, frozenset({node}) if type(node.value) is int else NOWHERE)
        return value


class Assigned(dict[ir.Assign, Lit]):
    """What a constant is once it is assigned: it comes from the statement."""

    __slots__ = ()

    def __missing__(self, node: ir.Assign) -> Lit:
        assert isinstance(node.value, ir.Constant)
        value = self[node] = Lit(node.value.value, frozenset({node}))
        return value


class Frees(dict["tuple[str, Hashable]", Free]):
    """Free values, by their name and owner."""

    __slots__ = ()

    def __missing__(self, key: tuple[str, Hashable]) -> Free:
        value = self[key] = Free(*key)
        return value


class Refs(dict[int, Ref]):
    """What holds a cell of the heap, by its number."""

    __slots__ = ()

    def __missing__(self, cell: int) -> Ref:
        value = self[cell] = Ref(cell)
        return value


class Unknowns(dict["tuple[str, bool]", Unknown]):
    """What is not known and holds nothing: why, and whether it came of a recurrent module."""

    __slots__ = ()

    def __missing__(self, key: tuple[str, bool]) -> Unknown:
        reason, recurrent = key
        value = self[key] = Unknown(reason, recurrent=recurrent)
        return value


@dataclass(frozen=True, slots=True)
class Hook:
    """A method that prepares an object and is called by nobody of its class: ``own`` are the attributes that it stores,
    ``names`` those as well that the methods store which it calls."""

    function: Function
    owner: Class
    own: frozenset[str]
    names: frozenset[str]


class MadeOnce:
    """What one file has made so far."""

    __slots__ = (
        "assigned",
        "frees",
        "hooks",
        "literals",
        "measured",
        "names",
        "only_built",
        "refs",
        "sites",
        "starting",
        "unknowns",
        "unstored",
    )

    def __init__(self) -> None:
        self.sites = Sites()
        self.literals = Literals()
        self.assigned = Assigned()
        self.frees = Frees()
        self.refs = Refs()
        self.unknowns = Unknowns()
        self.unstored: dict[tuple[Hashable, str], Free] = {}  # attributes that nothing stores, by the class and name
        self.hooks: dict[Hashable, tuple[Hook, ...]] = {}  # by the class
        self.starting: dict[Hashable, tuple[Hook, ...]] = {}  # likewise, of those that store states
        self.only_built: dict[Hashable, frozenset[str]] = {}  # attributes that only __init__ stores, by the class
        self.measured: dict[ir.Node, frozenset[str]] = {}  # names that a function asks for their size
        self.names: dict[ir.Node, tuple[str, ...]] = {}  # that a condition or a handler mentions
