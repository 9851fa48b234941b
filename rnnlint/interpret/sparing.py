"""Configurations that need not be run, since nothing would be said in them that could be reported."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import field
from itertools import combinations
from typing import TypeAlias

from rnnlint.events import Event
from rnnlint.frozen import dataclass
from rnnlint.interpret.outcomes import Outcome
from rnnlint.values.facts import Fact, FactKind

Speaks: TypeAlias = Callable[[Iterable[Event]], bool]
"""Whether anything is said of what has happened in a run."""

Assumed: TypeAlias = Mapping[Fact, object]


@dataclass(frozen=True, slots=True, eq=False)
class _Done:
    """A run: what it assumed, and where it came by, what it lost, built and called."""

    assumed: Assumed
    way: Hashable


@dataclass(slots=True)
class Sparing:
    """The runs of one function so far, and which of those that are left would show nothing else.

    What is reported of the declared configuration holds in all runs that come by its place, or in the declared ones.
    So of a place that was come by, while nothing is said of it, no other run can say what would be reported: they are
    there to come by other places.  A fact is *idle* where two runs that differ in nothing else went the same way.
    While nothing is said, a configuration is spared where one is known that differs from it in an idle fact only: what
    changes nothing by itself is not tried in all combinations.  Once something is said, or raised, all are run, since
    they tell whether it holds in them and on what it depends.

    ``speaks`` is None where no run is to be spared: all configurations are asked for, or what begins where these end
    has to tell whether they differ.
    """

    speaks: Speaks | None
    quiet: bool = True
    done: list[_Done] = field(default_factory=list)
    known: list[Assumed] = field(default_factory=list)  # what was done, and what was spared for that

    def note(self, outcome: Outcome, settled: Assumed) -> None:
        """A run is over; ``settled`` are facts that could only be one thing, in which no two runs differ."""
        if self.speaks is None or not self.quiet:
            return
        self.quiet = not (outcome.raises or outcome.cut or self.speaks(outcome.events))
        way = outcome.reached, frozenset(outcome.unknown), outcome.called, frozenset(outcome.built.items())
        self.done.append(_Done(_chosen(outcome.assumptions, settled), way))
        self.known.append(self.done[-1].assumed)

    def spares(self, assumptions: Assumed, settled: Assumed) -> bool:
        """Whether a configuration need not be run."""
        if not self.quiet or len(self.done) < 2:  # it takes two runs to see that a fact is idle
            return False
        assumed = _chosen(assumptions, settled)
        spared = any(
            one.get(fact, value) != value and _agree(assumed, one, fact) and self._idle(fact, value, one[fact])
            for fact, value in assumed.items()
            for one in self.known
        )
        if spared:
            self.known.append(assumed)
        return spared

    def _idle(self, fact: Fact, value: object, other: object) -> bool:
        """Whether it makes no difference which of two values a fact has."""
        # of a number that made none between one and two (layers, say) it is taken that three make none
        values = {value, other} if fact.kind is not FactKind.NUMBER else None
        runs = [one for one in self.done if values is None or one.assumed.get(fact) in values]
        return any(_alike(one, two, fact) for one, two in combinations(runs, 2))


def _chosen(assumptions: Assumed, settled: Assumed) -> Assumed:
    return {fact: value for fact, value in assumptions.items() if fact not in settled}


def _agree(assumed: Assumed, other: Assumed, but: Fact) -> bool:
    """Whether a run is one of those of a configuration, but for one fact."""
    return all(fact == but or (fact in other and other[fact] == value) for fact, value in assumed.items())


def _alike(one: _Done, two: _Done, but: Fact) -> bool:
    """Whether two runs that differ in one fact only went the same way."""
    return (
        one.way == two.way
        and one.assumed.keys() == two.assumed.keys()
        and one.assumed.get(but) != two.assumed.get(but)
        and _agree(one.assumed, two.assumed, but)
    )
