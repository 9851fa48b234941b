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

        Raises Unwritable where anything else takes that, or may be taken in its place, or where one is as wide as
        neither.
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
        self._same_in_every_arm(linear, change)
        found: dict[Hashable, ir.Node] = {}
        for one in linear:
            layer = _linear(one.used)
            if layer is not None and _has_to_grow(layer, shape(one.used.states)[-1], change):
                assert isinstance(layer.site, ir.Node)
                found[layer.site] = layer.site
        return list(found.values())

    @cached_property
    def _at_call(self) -> dict[Hashable, list[Used]]:
        found: dict[Hashable, list[Used]] = {}
        for one in self._uses:
            if _linear(one.used) is not None:
                found.setdefault(one.used.site.node, []).append(one.used)
        return found

    def _same_in_every_arm(self, linear: Sequence[Taken], change: Wider) -> None:
        """Raises Unwritable where a call that takes what is at a place takes something else of its width in another
        arm, or another run."""
        ours = {id(one.used) for one in linear}
        for node in {one.used.site.node: None for one in linear}:
            for other in self._at_call[node]:
                if id(other) not in ours and shape(other.states)[-1:] == (change.width,):
                    raise Unwritable("something else of that width feeds the layer there")

    def calls(self, change: Wider) -> list[Hashable]:
        """Where the layers are called that take what is at a place."""
        taken = self._by_place.get(change.site.node, [])
        return list({one.used.site.node: None for one in taken if _linear(one.used) is not None})

    def fed_at(self, layer: Hashable) -> set[Hashable]:
        """Where a layer is fed with what is followed, by where it is built."""
        return self._fed_at.get(layer, set())


def _linear(used: Used) -> Layer | None:
    """The ``Linear`` whose features are the last axis of what is used."""
    match used.taker:
        case Layer(kind=LayerKind.LINEAR, site=ir.Node()) as taker:
            return taker
    return None


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


_HARMLESS = frozenset(
    {"bias", "parameters", "named_parameters", "train", "eval", "to", "cuda", "requires_grad_", "out_features"}
)
"""What may be read of a layer, however many features it takes."""


def fed_elsewhere(layer: ast.AST, fed: Sequence[ast.AST], tree: Tree) -> bool:
    """Whether a layer is used for something else than the calls in ``fed``, or whether that cannot be seen."""
    statement = tree.statement(layer)
    if not tree.once(layer) or statement is None:
        return True
    if any(isinstance(one, ast.Call) and one in fed for one in tree.around(layer)):  # built and called in one go
        return False
    match statement:
        case (
            ast.Assign(targets=[ast.Name() | ast.Attribute() as target])
            | ast.AnnAssign(target=ast.Name() | ast.Attribute() as target)
        ):
            return any(not _is_fed(one, fed, tree) for one in _read(target, tree))
    return True


def _is_fed(node: ast.expr, fed: Sequence[ast.AST], tree: Tree) -> bool:
    """Whether a layer is read to be called with what is known, or where its width does not matter."""
    around = list(tree.around(node))
    match around[0]:
        case ast.Call() as call if call.func is node:
            return call in fed
        case ast.Subscript() | ast.For() | ast.comprehension():  # a list of layers, each of which is called
            return True
        case ast.Attribute(attr=attr):
            return attr in _HARMLESS or (attr == "weight" and any(_draws(one) for one in around))
    return False


def _draws(node: ast.AST) -> bool:
    """Whether a call gives a weight its first numbers: nn.init.xavier_uniform_, and methods called so."""
    name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
    return name.endswith("_") and name != "copy_"


def _read(target: ast.expr, tree: Tree) -> Iterator[ast.expr]:
    """Where what an assignment has bound is read; of an attribute of ``self``, what may be another's as well."""
    if isinstance(target, ast.Name):
        scope = tree.scope(target)
        for name in tree.loads:
            inside = scope is None or any(one is scope for one in tree.around(name))
            if isinstance(name, ast.Name) and name.id == target.id and inside:
                yield name
    elif isinstance(target, ast.Attribute):
        own = tree.class_of(target) if _is_self(target.value) else None
        for one in tree.loads:
            if isinstance(one, ast.Attribute) and one.attr == target.attr:
                # what another class calls so is its own, unless one is made of the other
                other = tree.class_of(one) if _is_self(one.value) else None
                if own is None or other is None or other is own or _related(own, other, tree):
                    yield one


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _related(one: ast.ClassDef, other: ast.ClassDef, tree: Tree) -> bool:
    """Whether one of two classes may be made of the other, by names of this file."""
    return other.name in tree.bases(one) or one.name in tree.bases(other)
