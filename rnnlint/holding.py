"""Whether what a rule says of a place holds: in every run that comes by it, in the declared one, in some, or in none.

A run is the program once through, in one of the configurations it leaves open; ``Case`` is one in which the rule spoke.
This is the policy that users feel most, in three steps that know neither files nor syntax:

1. :func:`coming_by`: which runs say something about the place, by reaching it, and which by passing it by.
2. :func:`holds`: what these runs make of the cases.
3. :func:`shown`: whether that is reported, and under which condition.

The linter asks it of the runs of one function.  Of several functions that come by one place, and of several times that
the one run of an audit comes by, :func:`throughout` asks it again; what is left goes through :func:`standing`.
tests/test_holding.py has the table of all cases.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Generic, Protocol, TypeAlias, TypeVar

from rnnlint.conditions import Assuming, Condition, leads_there, makes_it_hold
from rnnlint.frozen import dataclass
from rnnlint.rules.rule import Hit, Rule
from rnnlint.settings import Settings
from rnnlint.values.domain import Free
from rnnlint.values.facts import Fact


class Run(Protocol):
    """One run of a function; two runs are two, whatever they have in common: they compare by identity."""

    @property
    def assumptions(self) -> Mapping[Fact, object]:
        """What it assumed of what the program leaves open."""

    @property
    def reached(self) -> Collection[Hashable]:
        """The places it came by."""

    @property
    def raises(self) -> str:
        """What torch certainly raises in it, "" for nothing."""

    @property
    def declared(self) -> bool:
        """Whether every assumption is the declared default, where one is declared."""


R = TypeVar("R", bound=Run)


@dataclass(frozen=True, slots=True)
class Case(Generic[R]):
    """A run in which a rule has said something of a place, and what."""

    run: R
    hit: Hit


@dataclass(frozen=True, slots=True)
class Runs(Generic[R]):
    """The runs of one function as one place sees them, in the order in which they were made.

    ``reaching`` come by and count.  ``raising`` come by and do not: in them torch raises, so nobody runs them.
    ``passing`` neither come by nor raise; that they pass is what a guard before the place does.
    """

    reaching: tuple[R, ...]
    raising: tuple[R, ...] = ()
    passing: tuple[R, ...] = ()


@dataclass(frozen=True, slots=True)
class Always(Generic[R]):
    """It holds in every run that counts; ``condition`` are the guards that lead to the place."""

    case: Case[R]
    condition: Condition = ()


@dataclass(frozen=True, slots=True)
class Declared(Generic[R]):
    """It holds in the declared configuration; ``condition`` is what tells that from those in which it does not."""

    case: Case[R]
    condition: Condition


@dataclass(frozen=True, slots=True)
class Sometimes(Generic[R]):
    """It holds in some runs, and not in the declared one.

    ``others`` are those that count in which it does not, and those that were not made: in them it may not.
    """

    cases: tuple[Case[R], ...]
    others: tuple[Assuming, ...]
    passing: tuple[R, ...]
    first: tuple[Free, ...]


@dataclass(frozen=True, slots=True)
class Never:
    """It holds in no run that counts."""


Verdict: TypeAlias = Always[R] | Declared[R] | Sometimes[R] | Never


@dataclass(frozen=True, slots=True)
class Shown(Generic[R]):
    """What is reported of a verdict: the case that says it, and the facts of its run that it depends on."""

    case: Case[R]
    condition: Condition


def coming_by(
    runs: Sequence[R], node: Hashable, spoke: Collection[R] = (), failed: Collection[R] = frozenset()
) -> Runs[R]:
    """The runs of a function by what they do at a place.

    ``spoke`` are those in which the rule said something there: these came by, whatever they noted of it.  ``failed``
    are those in which the rule failed: they speak neither for it nor against it, and are left out unless they spoke.
    A run that raises is one that nobody makes, so it does not count, unless it is the declared one and no declared one
    ends well (then the program is meant to run so, and raises), or no other comes by.
    """
    came = [run for run in runs if run in spoke or (node in run.reached and run not in failed)]
    passing = tuple(run for run in runs if node not in run.reached and run not in spoke and not run.raises)
    declared_raises = all(run.raises for run in came if run.declared)
    reaching = [run for run in came if not run.raises or (run.declared and declared_raises)] or came
    counted = set(reaching)
    return Runs(tuple(reaching), tuple(run for run in came if run not in counted), passing)


def holds(
    cases: Sequence[Case[R]],
    runs: Runs[R],
    first: Sequence[Free] = (),
    *,
    raising_too: bool = False,
    unmade: Sequence[Assuming] = (),
) -> Verdict[R]:
    """What the runs that come by a place make of what a rule says there.

    With ``raising_too`` a run in which torch raises counts after all where this is what the rule says of it.
    ``first`` are parameters in the order of their declaration, for conditions that name as many facts.  ``unmade`` are
    runs that a bound has left out.
    """
    counted = set(runs.reaching)
    if raising_too:
        counted |= {case.run for case in cases if case.hit.raises}.intersection(runs.raising)
    holding = tuple(case for case in cases if case.run in counted)
    if not holding:
        return Never()
    held = {case.run for case in holding}
    # the declared run is the one whose words are reported: it is the configuration that its author had in mind
    case = next((case for case in holding if case.run.declared), holding[0])
    others = tuple(run for run in runs.reaching if run not in held)
    if not others:
        return Always(case, leads_there([one.run for one in holding], runs.passing, first) or ())
    declared = [run for run in (*runs.reaching, *held) if run.declared]
    if declared and held.issuperset(declared):
        return Declared(case, makes_it_hold(case.run, others, runs.passing, first) or ())
    return Sometimes(holding, (*others, *unmade), runs.passing, tuple(first))


def shown(verdict: Verdict[R], settings: Settings) -> Shown[R] | None:
    """What is reported of a verdict; None for nothing.

    What holds sometimes is reported where all configurations are asked for, with the fewest facts that make it hold.
    Where the facts of no run do, nobody could say when to mind it.
    """
    match verdict:
        case Always(case, condition) | Declared(case, condition):
            return Shown(case, condition)
        case Sometimes(cases, others, passing, first) if settings.all_configurations:
            told = [(makes_it_hold(case.run, others, passing, first), case) for case in cases]
            certain = [Shown(case, facts) for facts, case in told if facts is not None]
            return min(certain, key=lambda one: len(one.condition), default=None)
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Time:
    """A place come by once: a run of which nothing is known but that.  It compares by identity."""

    assumptions: Mapping[Fact, object] = field(default_factory=dict)
    reached: Collection[Hashable] = ()
    raises: str = ""
    declared: bool = True


def throughout(rule: Rule, cases: Iterable[Case[Time]], times: Iterable[Time]) -> bool:
    """Whether a rule may say what it said at some of the ``times`` that a place is come by: one that asks for all only
    if it said so at each of them."""
    return not rule.everywhere or isinstance(holds(tuple(cases), Runs(tuple(times))), Always)


class Said(Protocol):
    """What a rule said."""

    @property
    def rule(self) -> Rule:
        """The rule."""

    @property
    def hit(self) -> Hit:
        """What it said."""


S = TypeVar("S", bound=Said)


def standing(said: Sequence[S]) -> Iterator[S]:
    """What is said and does not follow from something else that is."""
    told = {(one.rule.code, one.hit.site.node) for one in said}
    causes = {node for _, node in told}
    return (one for one in said if one.hit.stands(causes, told))
