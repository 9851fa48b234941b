"""Events to hits, and hits to messages: what every host of the rules does with them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from rnnlint.events import Ended, Event, Sorted
from rnnlint.failures import Failures
from rnnlint.rules import registry
from rnnlint.rules.rule import Hit, Rule
from rnnlint.rules.words import RESULTS

_LONGEST = 120 - len("RNN101 ")  # characters of a message, so that the line a host prints of it has 120
_SHORTEST = 12  # characters of the text of the place in it


Says: TypeAlias = tuple[Rule, Hit | None]
"""A rule and what it says; None where it failed."""


@dataclass(slots=True)
class Hearing:
    """What the rules say of the events of one file.  Of an event that several of its runs share they are asked once.

    ``failures`` keeps what rules fail with.
    """

    failures: Failures
    # by identity: two that are equal may still differ in their marks, which do not count when states are compared; the
    # event is kept as well, so that no other is ever given its number
    _said: dict[int, tuple[Event, Sequence[Says]]] = field(default_factory=dict)

    def of(self, events: Iterable[Event]) -> Iterator[Says]:
        """What the rules say of events, in their order; None for a rule that failed on one.

        Of an event on which it fails a rule says nothing, even if it had begun to: half of what it says may be wrong.
        """
        checks, known = _checks(), self._said
        for event in events:
            found = known.get(id(event))
            if found is None:
                found = known[id(event)] = (event, self._heard(checks.get(type(event), ()), event))
            if found[1]:
                yield from found[1]

    def speaks(self, events: Iterable[Event]) -> bool:
        """Whether a rule says anything of events, or fails on one."""
        return next(self.of(events), None) is not None

    def _heard(self, rules: Iterable[Rule], event: Event) -> Sequence[Says]:
        heard: list[Says] = []
        for rule in rules:
            said: tuple[Hit | None, ...]
            try:
                said = tuple(rule.check(event))
            # whatever it is: a rule that fails must not take the others down (tests/safety/test_internal.py,
            # test_in_a_rule)
            except Exception as error:
                self.failures.note(rule.code, _where(event), error)
                said = (None,)
            if said:
                heard += ((rule, hit) for hit in said)
        return heard or ()


def _where(event: Event) -> Hashable:
    """The place an event is about; of those that sum a run up, the first that they speak of."""
    match event:
        case Ended(reads):
            return reads[0].site.node if reads else None
        case Sorted(_, uses):
            return uses[0].site.node if uses else None
    return event.site.node


def at(events: Iterable[Event], rule: Rule, node: Hashable) -> list[Event]:
    """The events that a rule asks for and that happened at a place; what sums a run up happens nowhere."""
    asked = rule.events
    found = (event for event in events if isinstance(event, asked) and not isinstance(event, (Ended, Sorted)))
    return [event for event in found if event.site.node == node]


def minds(rule: Rule, events: Iterable[Event], node: Hashable) -> bool:
    """Whether it counts for a rule what has happened at a place in a run, be it that nothing has that it asks for."""
    passed = [] if rule.passes is None else list(map(rule.passes, at(events, rule, node)))
    return not passed or not all(passed)


@cache
def _checks() -> dict[type, list[Rule]]:
    """The rules by the type of event they ask for."""
    found: dict[type, list[Rule]] = {}
    for rule in registry().values():
        for event in rule.events:
            found.setdefault(event, []).append(rule)
    return found


def message(
    hit: Hit,
    shown: Callable[[int], str],
    conditions: Iterable[str] = ("",),
    place: str = "",
    names: Mapping[str, str] | None = None,
) -> str:
    """The hit's message with the text of its place, in at most 113 characters.

    ``shown`` gives that text in as many characters as there is room for, "" where nothing of it is worth showing;
    ``conditions`` are what the hit depends on, the fullest wording first; ``place`` says where the second place is.
    ``names`` are the program's own for ``output``, ``h_n`` and ``c_n``; None where they are not known at all.
    What does not fit is left out in this order: the text of the place, the fuller wording, where defaults stand.
    """
    texts = [_named(_placed(text, place), names) for text in (hit.message, hit.briefly)]
    # the shortest a text gets: what is left out here a reader finds on the rule's page
    texts.append(texts[-1].replace("unpack and use", "use").replace("torch.cat(", "cat("))
    # the condition is kept longest: a finding that holds in one configuration only must say in which
    for condition in conditions:
        for text in texts:
            room = _LONGEST - len(text.replace("{expr}", "")) - len(condition)
            # fewer than _SHORTEST characters of an expression show nothing that the line and column do not
            excerpt = shown(room) if "{expr}" in text and room >= _SHORTEST else ""
            if excerpt:
                return text.replace("{expr}", excerpt) + condition
            bare = text.removeprefix("{expr}: ")
            # a text that names its place in the middle cannot do without; one that begins with it can
            if "{expr}" not in bare and len(bare) + len(condition) <= _LONGEST:
                return bare + condition
    return texts[-1].removeprefix("{expr}: ")


def help_of(hit: Hit, place: str = "", names: Mapping[str, str] | None = None) -> str:
    """What to do about a hit, whole, in the program's own names; "" where nothing can be said."""
    return _named(_placed(hit.help or hit.advice, place), names)


def _placed(text: str, place: str) -> str:
    return text.replace("line {line}", place) if place else text.replace(" of line {line}", "")


def _named(text: str, names: Mapping[str, str] | None) -> str:
    """A text in the program's own names, or in those of torch's documentation."""
    text = text.replace("{torch}", "torch")  # whatever the file calls it: that is how everybody calls it
    for result in RESULTS:
        # where the program has no name for a result, it must be unpacked before it can be used
        use = "use" if names is None or result in names else "unpack and use"
        text = text.replace(f"{{use:{result}}}", use).replace(f"{{{result}}}", (names or {}).get(result, result))
    return text
