"""A layer built for more features: the ``Linear`` that takes what is written wider, by what the runs have shown."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property

from rnnlint.axes.states import Role, States, blocks, shape
from rnnlint.events import Used
from rnnlint.fixing.tree import Tree
from rnnlint.fixing.unwritable import Unwritable
from rnnlint.frozen import dataclass
from rnnlint.interpret.outcomes import Outcome
from rnnlint.rules.repairs import Wider
from rnnlint.source import program as ir
from rnnlint.values.domain import Layer, Lit
from rnnlint.values.layer_kinds import LayerFact, LayerKind
from rnnlint.values.uses import Use

_HANDS_ON = frozenset({Use.RETURN, Use.RESULT, Use.COMPARISON})
"""Uses that hand a tensor on, or look at it: what takes it stands in another run, or nothing does."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A use in a run, by its number."""

    run: int
    used: Used


class Takers:
    """What takes the tensors of a program, in every run; it is looked through once, where a fix asks for it."""

    def __init__(self, runs: Sequence[Outcome]) -> None:
        self._runs = runs

    @cached_property
    def _uses(self) -> list[Taken]:
        every = ((number, event) for number, run in enumerate(self._runs) for event in run.events)
        return [Taken(number, event) for number, event in every if isinstance(event, Used)]

    @cached_property
    def _by_place(self) -> dict[Hashable, list[Taken]]:
        found: dict[Hashable, list[Taken]] = {}
        for one in self._uses:
            for node in _made_at(one.used.states):
                found.setdefault(node, []).append(one)
        return found

    @cached_property
    def _fed_at(self) -> dict[Hashable, set[Hashable]]:
        found: dict[Hashable, set[Hashable]] = {}
        for one in self._uses:
            if isinstance(one.used.taker, Layer):
                found.setdefault(one.used.taker.site, set()).add(one.used.site.node)
        return found

    def built(self, change: Wider) -> list[ir.Node]:
        """Where each ``Linear`` is built that has to be as wide as what is written at a place.

        Raises Unwritable where anything else takes that, or where one is as wide as neither.
        """
        taken = self._by_place.get(change.site.node, [])
        linear = [one for one in taken if _linear(one.used) is not None]
        runs = {one.run for one in linear}
        for one in taken:
            # who hands it on in another run may be who is called in this one
            if _linear(one.used) is None and (one.used.how not in _HANDS_ON or one.run in runs):
                raise Unwritable("something else takes it as wide as it is")
        if not linear:
            raise Unwritable("it is not seen what takes it")
        found: dict[Hashable, ir.Node] = {}
        for one in linear:
            layer = _linear(one.used)
            if layer is not None and _has_to_grow(layer, shape(one.used.states)[-1], change):
                assert isinstance(layer.site, ir.Node)
                found[layer.site] = layer.site
        return list(found.values())

    def fed_at(self, layer: Hashable) -> set[Hashable]:
        """Where a layer is fed with what is followed, by where it is built."""
        return self._fed_at.get(layer, set())


def _linear(used: Used) -> Layer | None:
    """The ``Linear`` whose features are the last axis of what is used."""
    taker = used.taker
    fits = isinstance(taker, Layer) and taker.kind is LayerKind.LINEAR and isinstance(taker.site, ir.Node)
    return taker if fits and isinstance(taker, Layer) else None


def _has_to_grow(layer: Layer, width: int, change: Wider) -> bool:
    """Whether a layer is built for what is there now."""
    built = layer.fact(LayerFact.IN)
    if built is None:  # it is as wide as what comes first
        return False
    # what is no number here is the same one in every program that runs, since just that arrives
    given = built.value if isinstance(built, Lit) else width
    if given == change.wanted:
        return False
    if given != change.width or width != change.width:
        raise Unwritable("it is built for another width")
    return True


def _made_at(states: States) -> set[Hashable]:
    """The places where something was done to all that a tensor holds, as far as its features are the RNN's own."""
    places: set[Hashable] | None = None
    for block in blocks(states):
        made: set[Hashable] = set()
        # what a layer has made of it is as wide as that layer says
        if block.axes and any(factor.along is Role.UNIT for factor in block.axes[-1]):
            made = {getattr(mark.site, "node", None) for mark in block.marks}
        places = made if places is None else places & made
    return (places or set()) - {None}


def fed_elsewhere(layer: ast.AST, fed: Sequence[ast.AST], tree: Tree) -> bool:
    """Whether a layer is called somewhere with something else, or whether that cannot be seen."""
    statement = tree.statement(layer)
    if not tree.once(layer) or statement is None:
        return True
    if any(isinstance(one, ast.Call) and one in fed for one in tree.around(layer)):  # built and called in one go
        return False
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return True
    if not isinstance(statement.targets[0], (ast.Name, ast.Attribute)):
        return True
    return any(call not in fed for call in _calls(statement.targets[0], tree))


def _calls(target: ast.expr, tree: Tree) -> Iterator[ast.Call]:
    """The calls of what an assignment has bound; of an attribute of ``self``, those that may be of another's too."""
    if isinstance(target, ast.Name):
        scope = tree.scope(target)
        for call in tree.calls:
            inside = scope is None or any(one is scope for one in tree.around(call))
            if isinstance(call.func, ast.Name) and call.func.id == target.id and inside:
                yield call
    elif isinstance(target, ast.Attribute):
        own = tree.class_of(target) if _is_self(target.value) else None
        for call in tree.calls:
            function = call.func
            if isinstance(function, ast.Attribute) and function.attr == target.attr:
                # what another class calls so is its own, unless one is made of the other
                other = tree.class_of(call) if _is_self(function.value) else None
                if own is None or other is None or other is own or _related(own, other, tree):
                    yield call


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _related(one: ast.ClassDef, other: ast.ClassDef, tree: Tree) -> bool:
    """Whether one of two classes may be made of the other, by names of this file."""
    return other.name in tree.bases(one) or one.name in tree.bases(other)
