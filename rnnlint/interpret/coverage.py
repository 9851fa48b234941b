"""What became of the recurrent modules a file builds: which were understood, and why the others were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import field

from rnnlint.axes.operations import combine
from rnnlint.axes.states import Raises, shape
from rnnlint.events import Joining, Used
from rnnlint.frozen import dataclass
from rnnlint.interpret.outcomes import Explored, Outcome
from rnnlint.source import program as ir
from rnnlint.torch_api.modules.constructors import RECURRENT
from rnnlint.torch_api.names import by_convention, qualified
from rnnlint.values.domain import Layer, Lit, Torch, Value
from rnnlint.values.layer_kinds import LayerFact, LayerKind
from rnnlint.values.walk import options

NOT_REACHED = "no run comes by where it is built"
NOT_CALLED = "it is built, and no call of it was met"
BOUND = "a bound on the work for one file was reached before it was called"


@dataclass(frozen=True, slots=True)
class Fate:
    """A place where a recurrent module is built; it is understood if there is no ``reason`` why not.

    ``raising`` is in how many declared configurations the program raises after it was called, or what is
    joined or fed does not fit: that may be so by the number that stands for an open size, but then it was before, too.
    """

    site: ir.Node
    reason: str
    raising: int = 0


def fates(programs: Sequence[ir.Program], explored: Explored) -> tuple[Fate, ...]:
    """One fate for every place of the files where a module of torch's is built.

    Places are the calls that say so (``nn.LSTM(...)``) and those that a run found to build one
    (``getattr(nn, kind)(...)``, ``super().__init__(...)`` of a subclass).  A module is understood if in at least one
    configuration in which the program does not raise all its facts were known and a call of it was followed.
    """
    met = _Met()
    for exploration in explored.explorations:
        for outcome in exploration.outcomes:
            met.note(outcome)
    built = {site: None for site in met.built if isinstance(site, ir.Node)}
    named = {
        call: None
        for program in programs
        for call in program.constructions
        if call not in built and _is_torchs(call, explored.base.names_of(program.key))
    }
    cut = any(exploration.bound for exploration in explored.explorations)
    return tuple(Fate(site, met.reason(site, cut), met.raising[site]) for site in (*built, *named))


@dataclass(slots=True)
class _Met:
    """What the runs of a file have met: modules by where they are built, places by what the runs that raise raise."""

    built: dict[Hashable, set[str]] = field(default_factory=dict)  # with the reasons why not, "" where it is known
    called: set[Hashable] = field(default_factory=set)
    raised_after_call: dict[Hashable, str] = field(default_factory=dict)
    raised_after: dict[Hashable, str] = field(default_factory=dict)
    raising: Counter[Hashable] = field(default_factory=Counter)

    def note(self, outcome: Outcome) -> None:
        for site, reason in outcome.built.items():
            self.built.setdefault(site, set()).add(reason)
        if outcome.declared and (outcome.raises or any(map(_misfits, outcome.events))):
            self.raising.update(outcome.called)
        if not outcome.raises:
            self.called |= outcome.called
            return
        raises = outcome.raises.removeprefix(": ")  # a function that always raises names no error of torch
        self.raised_after_call.update(dict.fromkeys(outcome.called, raises))
        self.raised_after.update(dict.fromkeys(outcome.reached, raises))

    def reason(self, site: ir.Node, cut: bool) -> str:
        """Why a module is not understood, "" if it is."""
        # from what says most to what says least: a call that came through settles it, whatever other runs do
        if site in self.called:
            return ""
        if site in self.raised_after_call:
            return f"every run that calls it raises: {self.raised_after_call[site]}"
        reasons = self.built.get(site, set())
        if reasons and "" not in reasons:
            return min(reasons)
        if cut:
            return BOUND
        if reasons:
            return NOT_CALLED
        raises = self.raised_after.get(site)
        return NOT_REACHED if raises is None else f"every run that builds it raises: {raises}"


def _misfits(event: object) -> bool:
    """Whether an event joins tensors whose shapes do not fit, or feeds a Linear what it is not built for."""
    match event:
        case Joining(single=False):
            join = _JOINS.get(event.op)
            return join is not None and isinstance(join(event.parts, event.axis), Raises)
        case Used(taker=Layer(kind=LayerKind.LINEAR) as layer):
            taken = layer.fact(LayerFact.IN)
            return isinstance(taken, Lit) and taken.value != shape(event.states)[-1]
    return False


_JOINS = {"cat": combine.cat, "stack": combine.stack}


def _is_torchs(call: ir.Call, bound: Mapping[str, Value]) -> bool:
    """Whether what a call names that no run has reached is torch's, by what the file's top level has ``bound``."""
    names = list(_dotted(call.func))
    if not names:
        return False
    first = bound.get(names[0], by_convention(names[0]))
    roots = () if first is None else options(first)
    return any(qualified(".".join((root.name, *names[1:]))) in RECURRENT for root in roots if isinstance(root, Torch))


def _dotted(node: ir.Expr) -> Iterator[str]:
    """The names of ``a.b.c``, nothing for anything else."""
    match node:
        case ir.Name(id=name):
            yield name
        case ir.Attribute(value=value, attr=name):
            head = tuple(_dotted(value))
            yield from (*head, name) if head else ()
