"""What became of the recurrent modules a file builds: which were understood, and why the others were not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnnlint.interpret.explore import Explored, Outcome
from rnnlint.source import program as ir
from rnnlint.torch_api.modules import RECURRENT
from rnnlint.torch_api.names import by_convention, qualified
from rnnlint.values.domain import Either, Torch, Value

NOT_REACHED = "no run comes by where it is built"
NOT_CALLED = "it is built, and no call of it was met"
BOUND = "a bound on the work for one file was reached before it was called"


@dataclass(frozen=True, slots=True)
class Fate:
    """A place where a recurrent module is built; it is understood if there is no ``reason`` why not."""

    site: ir.Node
    reason: str


def fates(program: ir.Program, explored: Explored) -> tuple[Fate, ...]:
    """One fate for every place of the file where a module of torch's is built.

    Places are the calls that say so (``nn.LSTM(...)``) and those that a run found to build one
    (``getattr(nn, kind)(...)``, ``super().__init__(...)`` of a subclass).  A module is understood if in at least one
    configuration in which the program does not raise all its facts were known and a call of it was followed.
    """
    outcomes = [outcome for exploration in explored.explorations for outcome in exploration.outcomes]
    met = {site: None for outcome in outcomes for site in outcome.built if isinstance(site, ir.Node)}
    named = {call: None for call in program.constructions if call not in met and _is_torchs(call, explored)}
    cut = explored.exhausted or any(exploration.cut_short for exploration in explored.explorations)
    return tuple(Fate(site, _reason(site, outcomes, cut)) for site in (*met, *named))


def _reason(site: ir.Node, outcomes: list[Outcome], cut: bool) -> str:
    if any(site in outcome.called and not outcome.raises for outcome in outcomes):
        return ""
    raises = next((outcome.raises for outcome in outcomes if site in outcome.called), "").removeprefix(": ")
    if raises:
        return f"every run that calls it raises: {raises}"
    built = [outcome.built[site] for outcome in outcomes if site in outcome.built]
    if built and all(built):
        return built[0]
    if cut:
        return BOUND
    if built:
        return NOT_CALLED
    raises = next((outcome.raises for outcome in outcomes if site in outcome.reached and outcome.raises), "")
    return f"every run that builds it raises: {raises.removeprefix(': ')}" if raises else NOT_REACHED


def _is_torchs(call: ir.Call, explored: Explored) -> bool:
    """Whether what a call names that no run has reached is torch's, by what the file's top level binds."""
    names = list(_dotted(call.func))
    if not names:
        return False
    first = explored.base.names.get(names[0], by_convention(names[0]))
    return any(
        qualified(".".join((root.name, *names[1:]))) in RECURRENT for root in _options(first) if isinstance(root, Torch)
    )


def _options(value: Value | None) -> Iterable[Value]:
    if value is None:
        return ()
    return value.options if isinstance(value, Either) else (value,)


def _dotted(node: ir.Expr) -> Iterator[str]:
    """The names of ``a.b.c``, nothing for anything else."""
    match node:
        case ir.Name(id=name):
            yield name
        case ir.Attribute(value=value, attr=name):
            head = tuple(_dotted(value))
            yield from (*head, name) if head else ()
