"""Under which condition a finding holds: the smallest set of facts that tells its runs from all others, and its words.

A run stands for all configurations that agree with what it assumed, and together the runs stand for all there are.  So
facts of one run make a finding hold exactly when every run in which it does not hold has assumed one of them otherwise.
A run that never asked for a fact is one in which both answers come to the same: it is not told apart by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Protocol

from rnnlint.values.domain import Free, Lit
from rnnlint.values.facts import ANOTHER_RATE, Fact, FactKind, same_text

Condition = tuple[Fact, ...]
"""What is assumed, as keys of an outcome's assumptions; none where nothing is, or nothing tells the runs apart."""

_MOST_FACTS = 4
"""More are no condition that anybody reads, and trying sets of them takes ever longer: of a dozen facts, which 40 runs
can well differ in (interpret.state.limits), there are 495 sets of four."""


class Assuming(Protocol):
    """A run, as far as its assumptions go."""

    @property
    def assumptions(self) -> Mapping[Fact, object]:
        """What it assumed, by the fact."""


def chosen(outcome: Assuming) -> dict[Fact, object]:
    """What was assumed of the program's configuration."""
    return {fact: value for fact, value in outcome.assumptions.items() if fact.kind.steers}


def makes_it_hold(
    case: Assuming, others: Sequence[Assuming], passing_by: Sequence[Assuming], first: Sequence[Free]
) -> Condition | None:
    """The fewest facts of ``case`` with which no run agrees in which it does not hold; None where there are none such.

    ``others`` come by the place, ``passing_by`` do not: those are told apart that differ in any fact, since what leads
    past a place need not be one.  Of as many facts those that come first in ``first``, the parameters in the
    order of their declaration.
    """
    facts = chosen(case)
    elsewhere = [there for there in map(chosen, passing_by) if _differing(facts, there)]
    return _fewest(facts, [*map(chosen, others), *elsewhere], first)


def leads_there(held: Sequence[Assuming], passing_by: Sequence[Assuming], first: Sequence[Free]) -> Condition | None:
    """The same of what is assumed in all runs that reach a place, against those that do not: the guards before it."""
    facts = chosen(held[0])
    shared = {key: value for key, value in facts.items() if all(one.assumptions.get(key) == value for one in held)}
    return _fewest(shared, list(map(chosen, passing_by)), first)


def _differing(facts: Mapping[Fact, object], other: Mapping[Fact, object]) -> list[Fact]:
    """The facts of which a run has assumed otherwise; one that it never asked for makes no difference to it."""
    return [key for key, value in facts.items() if _assumed(other, key, value) != value]


def _assumed(other: Mapping[Fact, object], key: Fact, otherwise: object) -> object:
    """What a run has assumed of a fact, also by having assumed which string it is that the fact is about."""
    if key in other or key.kind not in (FactKind.SAME, FactKind.WITHIN):
        return other.get(key, otherwise)
    for known, value in other.items():
        chosen = known.kind is FactKind.CHOICE
        if known.about == key.about and (chosen or (known.kind is FactKind.SAME and value)):
            string = value if chosen else known.asked
            return same_text(string, key.asked) if key.kind is FactKind.SAME else str(string) in key.asked
    return otherwise


def _fewest(
    facts: Mapping[Fact, object], others: Sequence[Mapping[Fact, object]], first: Sequence[Free]
) -> Condition | None:
    number: dict[object, int] = {free: place for place, free in enumerate(first)}
    # facts about no parameter of the file come first: they are about the class that is built
    ordered = sorted(facts, key=lambda fact: number.get(fact.about, len(first)) if isinstance(fact.about, Free) else 0)
    differing = [set(_differing(facts, other)) for other in others]
    apart = {key: frozenset(place for place, keys in enumerate(differing) if key in keys) for key in ordered}
    telling = [key for key in ordered if apart[key]]
    for count in range(min(len(telling), _MOST_FACTS) + 1):
        for keys in combinations(telling, count):
            if len(frozenset().union(*(apart[key] for key in keys))) == len(others):
                return keys
    return None


def spelled(
    condition: Condition,
    assumptions: Mapping[Fact, object],
    declared: Mapping[Free, tuple[Lit, object]],
    places: Mapping[Free, str],
) -> Iterator[str]:
    """The condition in words, at its fullest first.

    ``assumptions`` say what is assumed of each fact of it, ``declared`` has the parameters' defaults, ``places`` where
    they are declared (``line 12``).
    """
    full: list[str] = []
    short: list[str] = []
    for fact in condition:
        value, free = assumptions[fact], fact.about
        default = declared.get(free) if isinstance(free, Free) and free in places else None
        said = fact_said(fact, value, None if default is None else default[0])
        short.append(said)
        if isinstance(free, Free) and default is not None and is_default(default[0].value, fact, value):
            said = f"{said}, the default at {places[free]}"
        full.append(said)
    yield _when(full)
    yield _when(short)
    for count in range(len(short) - 1, 0, -1):  # what there is no room for is still said to be there
        yield _when([*short[:count], f"{len(short) - count} more"])
    yield ""


def _when(facts: Sequence[str]) -> str:
    *most, last = facts
    return f" (when {', '.join(most)} and {last})" if most else f" (when {last})"


def fact_said(fact: Fact, value: object, default: Lit | None) -> str:
    """What is assumed of a fact, in words; ``default`` is that of its parameter, where one is declared."""
    name = fact.about.key if isinstance(fact.about, Free) else str(fact.about)
    if fact.kind is FactKind.TRUTH and value is False and default is not None and default.value is None:
        return f"{name} is None"
    match fact.kind:
        case FactKind.HEIR:
            return f"built as {name}"
        case FactKind.MODULE:
            return f"{name}=nn.{value}"
        case FactKind.WITHIN:
            return f"{name} {'in' if value else 'not in'} {fact.asked!r}"
        case FactKind.NONE:
            return f"{name} is {'' if value else 'not '}None"
        case FactKind.SAME:
            return f"{name} {'==' if value else '!='} {fact.asked!r}"
        case FactKind.NUMBER if value == ANOTHER_RATE:
            return f"{name} is not 0"
    return f"{name}={value!r}"


def fact_pair(fact: Fact, value: object) -> tuple[str, str]:
    """What is assumed of a fact, as a name and a value."""
    name = fact.about.key if isinstance(fact.about, Free) else str(fact.about)
    match fact.kind:
        case FactKind.HEIR:
            return "class", name
        case FactKind.MODULE:
            return name, f"nn.{value}"
        case FactKind.WITHIN:
            return name, f"{'' if value else 'not '}in {fact.asked!r}"
        case FactKind.NONE:
            return name, "None" if value else "not None"
        case FactKind.SAME:
            return name, f"{'' if value else 'not '}{fact.asked!r}"
        case FactKind.NUMBER if value == ANOTHER_RATE:
            return name, "not 0"
    return name, repr(value)


def is_default(default: object, fact: Fact, value: object) -> bool:
    """Whether a parameter's default is what a condition says of it."""
    match fact.kind:
        case FactKind.SAME:
            return (default == fact.asked) is value
        case FactKind.WITHIN:
            return isinstance(default, str) and (default in fact.asked) is value
        case FactKind.NONE | FactKind.TRUTH if default is None:
            return value is (fact.kind is FactKind.NONE)
    return default == value or (fact.kind is FactKind.CHOICE and same_text(value, default))
