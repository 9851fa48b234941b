"""Under which condition a finding holds: the smallest set of facts that tells its runs from all others, and its words.

A run stands for all configurations that agree with what it assumed, and together the runs stand for all there are.  So
facts of one run make a finding hold exactly when every run in which it does not hold has assumed one of them otherwise.
A run that never asked for a fact is one in which both answers come to the same: it is not told apart by it.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Protocol

from rnnlint.values.domain import Free, Lit

Condition = tuple[Hashable, ...]
"""What is assumed, as keys of an outcome's assumptions; none where nothing is, or nothing tells the runs apart."""

STEERING = frozenset({"int", "truth", "choice", "==", "in", "is None"})
"""Kinds of assumptions that are about the program's configuration, and not about sizes set equal to make it fit."""

_MOST_FACTS = 4  # more are no condition that anybody reads, and trying sets of them takes ever longer


class Assuming(Protocol):
    """A run, as far as its assumptions go."""

    @property
    def assumptions(self) -> Mapping[Hashable, object]:
        """What it assumed, by the key of the fact."""


def chosen(outcome: Assuming) -> dict[Hashable, object]:
    """What was assumed of the program's configuration."""
    return {key: value for key, value in outcome.assumptions.items() if isinstance(key, tuple) and key[0] in STEERING}


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


def _differing(facts: Mapping[Hashable, object], other: Mapping[Hashable, object]) -> list[Hashable]:
    """The facts of which a run has assumed otherwise; one that it never asked for makes no difference to it."""
    return [key for key, value in facts.items() if _assumed(other, key, value) != value]


def _assumed(other: Mapping[Hashable, object], key: Hashable, otherwise: object) -> object:
    """What a run has assumed of a fact, also by having assumed which string it is that the fact is about."""
    if key in other or not isinstance(key, tuple) or key[0] not in ("==", "in"):
        return other.get(key, otherwise)
    kind, free, text = key
    for known, value in other.items():
        if isinstance(known, tuple) and known[1] == free and (known[0] == "choice" or (known[0] == "==" and value)):
            string = value if known[0] == "choice" else known[2]
            return string == text if kind == "==" else str(string) in text
    return otherwise


def _fewest(
    facts: Mapping[Hashable, object], others: Sequence[Mapping[Hashable, object]], first: Sequence[Free]
) -> Condition | None:
    number = {free: place for place, free in enumerate(first)}
    ordered = sorted(facts, key=lambda key: min((number.get(part, len(first)) for part in _parts(key)), default=0))
    differing = [set(_differing(facts, other)) for other in others]
    apart = {key: frozenset(place for place, keys in enumerate(differing) if key in keys) for key in ordered}
    telling = [key for key in ordered if apart[key]]
    for count in range(min(len(telling), _MOST_FACTS) + 1):
        for keys in combinations(telling, count):
            if len(frozenset().union(*(apart[key] for key in keys))) == len(others):
                return keys
    return None


def _parts(key: Hashable) -> Iterator[Free]:
    return (part for part in (key if isinstance(key, tuple) else ()) if isinstance(part, Free))


def spelled(
    condition: Condition,
    assumptions: Mapping[Hashable, object],
    declared: Mapping[Free, tuple[Lit, object]],
    lines: Mapping[Free, int],
) -> Iterator[str]:
    """The condition in words, at its fullest first.

    ``assumptions`` say what is assumed of each fact of it, ``declared`` has the parameters' defaults, ``lines`` where
    they are declared.
    """
    full: list[str] = []
    short: list[str] = []
    for key in condition:
        assert isinstance(key, tuple)
        what, free, *rest = key
        value = assumptions[key]
        name = free.key if isinstance(free, Free) else str(free)
        said = {
            "class": f"built as {name}",
            "in": f"{name} {'in' if value else 'not in'} {rest and rest[0]!r}",
            "is None": f"{name} is {'' if value else 'not '}None",
            "==": f"{name} {'==' if value else '!='} {rest and rest[0]!r}",
        }.get(what, f"{name}={value!r}")
        short.append(said)
        default = declared.get(free) if isinstance(free, Free) else None
        if default is not None and free in lines and _is_default(default[0].value, what, value, rest):
            said = f"{said}, the default at line {lines[free]}"
        full.append(said)
    yield _when(full)
    yield _when(short)
    for count in range(len(short) - 1, 0, -1):  # what there is no room for is still said to be there
        yield _when([*short[:count], f"{len(short) - count} more"])
    yield ""


def _when(facts: Sequence[str]) -> str:
    *most, last = facts
    return f" (when {', '.join(most)} and {last})" if most else f" (when {last})"


def _is_default(default: object, what: object, value: object, rest: Collection[object]) -> bool:
    """Whether a parameter's default is what a condition says of it."""
    if what == "==":
        return all((default == other) is value for other in rest)
    if what == "in":
        return isinstance(default, str) and all((default in str(other)) is value for other in rest)
    return default == value
