"""Events to hits, and hits to messages: what every host of the rules does with them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache

from rnnlint.events import Ended, Event, Sorted
from rnnlint.rules import registry
from rnnlint.rules.rule import Hit, Rule

_LONGEST = 120 - len("RNN101 ")  # characters of a message, so that the line a host prints of it has 120
_SHORTEST = 12  # characters of the text of the place in it


def hits(events: Iterable[Event]) -> Iterator[tuple[Rule, Hit]]:
    """What the rules say of events, in their order."""
    checks = _checks()
    for event in events:
        for rule in checks.get(type(event), ()):
            for hit in rule.check(event):
                yield rule, hit


def settled(events: Iterable[Event]) -> Iterator[tuple[Rule, Hit]]:
    """What the rules say of the events of one run, without what holds at some of the times a place is come by only,
    where a rule asks for all, and without what follows from something else that is said."""
    kept = list(events)
    said = list(hits(kept))
    at: dict[tuple[str, Hashable], int] = {}
    for rule, hit in said:
        at[rule.code, hit.site.node] = at.get((rule.code, hit.site.node), 0) + 1
    held = [
        (rule, hit)
        for rule, hit in said
        if not rule.everywhere or at[rule.code, hit.site.node] == _comings(kept, rule, hit.site.node)
    ]
    causes = {hit.site.node for _, hit in held}
    return ((rule, hit) for rule, hit in held if causes.isdisjoint(site.node for site in hit.follows))


def _comings(events: list[Event], rule: Rule, node: Hashable) -> int:
    concerned = [event for event in events if isinstance(event, rule.events)]
    return sum(not isinstance(event, Ended | Sorted) and event.site.node == node for event in concerned)


@cache
def _checks() -> dict[type, list[Rule]]:
    """The rules by the type of event they ask for."""
    found: dict[type, list[Rule]] = {}
    for rule in registry().values():
        for event in rule.events:
            found.setdefault(event, []).append(rule)
    return found


def message(hit: Hit, shown: Callable[[int], str], conditions: Iterable[str] = ("",), line: int = 0) -> str:
    """The hit's message with the text of its place, in at most 113 characters.

    ``shown`` gives that text in as many characters as there is room for; ``conditions`` are what the hit depends on,
    the fullest wording first; ``line`` is that of the second place.
    """
    texts = hit.message, hit.brief or hit.message
    full, brief = (text.replace("{line}", str(line)) if line else text.replace(" of line {line}", "") for text in texts)
    for condition in conditions:
        for template in (full, brief):
            room = _LONGEST - len(template.replace("{expr}", "")) - len(condition)
            if room >= _SHORTEST:
                return template.replace("{expr}", shown(room)) + condition
        bare = brief.removeprefix("{expr}: ")
        if "{expr}" not in bare and len(bare) + len(condition) <= _LONGEST:
            return bare + condition
    return full.replace("{expr}", shown(_SHORTEST))
