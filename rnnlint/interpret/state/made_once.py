"""Places and values of a file that its runs make again and again, each made once.

Whoever asks for one of them again is given the very same object: that takes no time to make, and what compares it with
what there was before (a lookup, a replay) finds by identity that it is the same.
"""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.interpret.state.here import Sites
from rnnlint.source import program as ir
from rnnlint.values.domain import NOWHERE, Free, Lit


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


class MadeOnce:
    """What one file has made so far."""

    __slots__ = ("assigned", "frees", "literals", "names", "sites")

    def __init__(self) -> None:
        self.sites = Sites()
        self.literals = Literals()
        self.assigned = Assigned()
        self.frees = Frees()
        self.names: dict[ir.Node, tuple[str, ...]] = {}  # that a condition or a handler mentions
