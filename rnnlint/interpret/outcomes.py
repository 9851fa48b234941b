"""What running a function in every configuration has shown: run by run, function by function, of a file."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import field, replace

from rnnlint.axes.states import Call
from rnnlint.events import Event, Packing, Read
from rnnlint.failures import Failure
from rnnlint.frozen import dataclass
from rnnlint.interpret.state.evidence import Doubts
from rnnlint.interpret.state.frames import Base
from rnnlint.interpret.state.known import CallSite
from rnnlint.interpret.state.naming import Binding
from rnnlint.interpret.state.sizes import Sizes
from rnnlint.interpret.watching import Seen
from rnnlint.source import program as ir
from rnnlint.source.batches import Batches
from rnnlint.torch_api.batches.lengths import PAD_SEQUENCE, PADDING_IDX
from rnnlint.values.domain import Free, Lit, Recurrent
from rnnlint.values.facts import Fact, FactKind


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One run: what was assumed, what happened, where it came by, and whether it certainly raises.

    Two runs are two, however alike they are: they compare by identity.
    """

    assumptions: dict[Fact, object]
    events: tuple[Event, ...]
    reached: frozenset[ir.Node]
    raises: str
    declared: bool  # every assumption is the declared default, where one is declared
    unknown: tuple[tuple[str, Hashable], ...]  # why something that came of a recurrent module was lost, and where
    built: Mapping[Hashable, str]  # recurrent modules, by where; the reason, for those that are not known
    called: frozenset[Hashable]  # recurrent modules, by where they were built
    names: Mapping[tuple[Hashable, str], list[Binding]] = field(default_factory=dict)  # of what recurrent calls return
    modules: Mapping[Call, Recurrent] = field(default_factory=dict)  # whose call each one was
    packed_at: Mapping[Call, Hashable] = field(default_factory=dict)  # where that was packed on which it was made
    stands: Mapping[Call, tuple[Hashable, Hashable]] = field(default_factory=dict)  # the function of a call, and where
    optional: Collection[Call] = ()  # calls in place of which another arm packs
    sites: tuple[CallSite, ...] = ()  # how the objects are built whose methods were run, where that was followed
    vague: Collection[Hashable] = ()  # places where one of several values is not known
    completed: Collection[Hashable] = ()  # places where a list of what recurrent modules returned was filled up
    seen: tuple[Seen, ...] = ()  # what the nodes were that were watched
    harmless: Collection[Call] = ()  # calls on what was filled up by features, or by steps in front
    cut: bool = False  # it came to no end: what it does not say it may have said


@dataclass(frozen=True, slots=True)
class Unmade:
    """A run that was not made, since a bound was reached: what it would have assumed, as far as that was known."""

    assumptions: Mapping[Fact, object]


@dataclass(slots=True)
class Exploration:
    """All runs of one function (or of the top level of a file, which ``file`` names).

    ``known`` are places that others have looked at; ``heir`` is the class that inherits the method, if it does.
    ``where`` is what is run, None for the top level.  ``tried``: of a class that the file only tries, as it declares
    itself; of what others have looked at it tells in which other configurations it is wrong.
    """

    name: str
    known: frozenset[ir.Node] = frozenset()
    heir: ir.ClassDef | None = None
    where: Hashable = None
    outcomes: list[Outcome] = field(default_factory=list)
    file: str = ""
    bound: str = ""  # the one that was reached, so that not every configuration was run to its end
    unmade: list[Unmade] = field(default_factory=list)  # the runs that are left because of that
    tried: bool = False

    def looks_at(self, node: object) -> bool:
        """Whether there may be something to say here of a place."""
        return self.tried or node not in self.known


@dataclass(frozen=True, slots=True)
class Explored:
    """A file, run."""

    explorations: tuple[Exploration, ...]
    declared: dict[Free, tuple[Lit, ir.Node]]
    base: Base  # once the top level has run
    failures: tuple[Failure, ...] = ()  # mistakes of the interpreter's own
    sizes: Sizes = field(default_factory=Sizes)  # what stands for the sizes that are open


def left_open(exploration: Exploration, node: Hashable, declared: Collection[object]) -> bool:
    """Whether a function comes by a place with numbers that nobody declares: it speaks neither for nor against another.

    A script that builds a model again, with what was stored when it was trained, does not say how that was.
    """
    runs = [one.assumptions for one in exploration.outcomes if one.declared]
    coming = [one.assumptions for one in exploration.outcomes if node in one.reached]
    numbers = {fact: value for one in coming for fact, value in one.items() if fact.kind is FactKind.NUMBER}
    # what has a default has one value in the declared runs, and another where another call site declares it
    return any(
        fact.about not in declared or any(one.get(fact, value) != value for one in runs)
        for fact, value in numbers.items()
    )


def settle(explorations: list[Exploration], batches: Batches) -> None:
    """What all runs of a file together tell of each; ``batches`` is what its text shows of them."""
    settle_lengths(explorations)
    settle_packing(explorations)
    settle_even(explorations)
    settle_filled(explorations, batches)
    settle_padding(explorations)


def settle_filled(explorations: list[Exploration], batches: Batches) -> None:
    """Where all that a file fills up are lists of results, it pads no batch: nothing of that is read by an RNN."""
    outcomes = [outcome for exploration in explorations for outcome in exploration.outcomes]
    results = {place for outcome in outcomes for place in outcome.completed}
    shows = [words for words, place in batches.shows if place not in results]
    if len(shows) == len(batches.shows):
        return
    words = shows[0] if shows else ""
    for exploration in explorations:
        exploration.outcomes = [
            replace(outcome, events=tuple(_padded_as(event, words) for event in outcome.events))
            for outcome in exploration.outcomes
        ]


def _padded_as(event: Event, words: str) -> Event:
    return replace(event, padding=words) if isinstance(event, Read) and event.padding else event


def settle_lengths(explorations: list[Exploration]) -> None:
    """Where a packing is also reached with lengths that are not the padded length, that one only stands in for them."""
    outcomes = [outcome for exploration in explorations for outcome in exploration.outcomes]
    packings = [event for outcome in outcomes for event in outcome.events if isinstance(event, Packing)]
    known = {event.site.node for event in packings if not event.lengths.full}
    if not any(event.lengths.full and event.site.node in known for event in packings):
        return
    for exploration in explorations:
        exploration.outcomes = [
            replace(outcome, events=tuple(_stood_in(event, known) for event in outcome.events))
            for outcome in exploration.outcomes
        ]


def _stood_in(event: Event, known: set[Hashable]) -> Event:
    if isinstance(event, Packing) and event.site.node in known:
        return replace(event, lengths=replace(event.lengths, full=False))
    return event


def settle_packing(explorations: list[Exploration]) -> None:
    """Where a function packs for one of its callers, another that has no lengths for it knows why.

    That is no word about a batch that is seen to be padded.  Nor does it count where the function is run by itself, on
    whatever it may be given: that it can be given lengths does not say that anybody does.
    """
    packing: dict[tuple[Hashable, Hashable], list[set[Hashable]]] = {}  # modules by function: what is not packed beside
    for exploration in explorations:
        for outcome in exploration.outcomes:
            for call, module in outcome.modules.items():
                function, _ = outcome.stands[call]
                if call.packed and function is not exploration.where:
                    packing.setdefault((module.site, function), []).append(_unpacked(outcome, module, function))
    if packing:
        for exploration in explorations:
            exploration.outcomes = [_with_packing(outcome, packing) for outcome in exploration.outcomes]


def settle_padding(explorations: list[Exploration]) -> None:
    """Where it is seen which modules the padded batches of a file come to, they come to no other.

    That a file pads somewhere is said of every call only where nothing shows for which.
    """
    every = [
        (call, module) for one in explorations for outcome in one.outcomes for call, module in outcome.modules.items()
    ]
    shown = {module.site for call, module in every if call.padding not in ("", PADDING_IDX)}
    # what a file fills up is behind no last step, where it is seen to be features, or to stand in front
    harmless = {
        outcome.modules[call].site
        for one in explorations
        for outcome in one.outcomes
        for call in outcome.harmless
        if call in outcome.modules
    }
    if not (shown or harmless) or all(module.site in shown for _, module in every):
        return
    for exploration in explorations:
        exploration.outcomes = [_elsewhere(outcome, shown, harmless - shown) for outcome in exploration.outcomes]


def settle_even(explorations: list[Exploration]) -> None:
    """Where all batches that are seen to come to a module are of samples of one length, the others are taken for such.

    That an embedding was told which of its rows stands for padding says nothing then: there is none.
    """
    every = [
        (call, module) for one in explorations for outcome in one.outcomes for call, module in outcome.modules.items()
    ]
    even = {module.site for call, module in every if call.even and not call.packed}
    even -= {module.site for call, module in every if call.padding not in ("", PADDING_IDX)}
    for exploration in explorations if even else ():
        exploration.outcomes = [_with_even(outcome, even) for outcome in exploration.outcomes]


def _with_even(outcome: Outcome, even: Collection[Hashable]) -> Outcome:
    calls = {call for call, module in outcome.modules.items() if call.padding and module.site in even}
    return _doubted(outcome, calls)


def _doubted(outcome: Outcome, optional: Collection[Call]) -> Outcome:
    if not optional:
        return outcome
    doubts = Doubts(optional=optional)
    return replace(outcome, events=tuple(doubts.of(event) for event in outcome.events))


def _elsewhere(outcome: Outcome, shown: Collection[Hashable], harmless: Collection[Hashable]) -> Outcome:
    """``harmless`` are modules to which what an embedding knows of padding does no harm either."""
    events = tuple(
        replace(event, padding="", left=event.left or event.module.site in harmless)
        if isinstance(event, Read) and event.module is not None and event.module.site not in shown
        else event
        for event in outcome.events
    )
    return replace(outcome, events=events)


def _unpacked(outcome: Outcome, module: Recurrent, function: Hashable) -> set[Hashable]:
    """Where a function calls a module on what it has not packed, in a run, and in no arm beside one that packs."""
    return {
        outcome.stands[call][1]
        for call, other in outcome.modules.items()
        if not call.packed
        and call not in outcome.optional
        and other.site == module.site
        and outcome.stands[call][0] is function
    }


def _with_packing(outcome: Outcome, packing: Mapping[tuple[Hashable, Hashable], list[set[Hashable]]]) -> Outcome:
    optional: set[Call] = set()
    for call, module in outcome.modules.items():
        function, node = outcome.stands[call]
        beside = packing.get((module.site, function), ())
        if not call.packed and call.padding != PAD_SEQUENCE and any(node not in others for others in beside):
            optional.add(call)
    return _doubted(outcome, optional)
