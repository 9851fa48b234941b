"""No event makes a rule fail, whatever the rank of the states it is about."""

from __future__ import annotations

import dataclasses
import typing
from random import Random

import pytest

from rnnlint import events
from rnnlint.axes.states import shape
from rnnlint.rules import registry
from tests.safety.anything import Drawn, states

EVENTS: tuple[type[events.Event], ...] = typing.get_args(events.Event)
COUNT = 300  # of each type; `python -m tests.safety.test_every_event 100000` draws more


def failures(kind: type[events.Event], count: int, seed: int) -> list[str]:
    """What rules that ask for a type of event have raised on drawn ones."""
    drawn = Drawn(Random(seed))
    rules = [rule for rule in registry().values() if kind in rule.events]
    met: dict[str, None] = {}
    for _ in range(count):
        event = drawn.one(kind)
        for rule in rules:
            try:
                tuple(rule.check(event))
            except Exception as error:
                met[f"{rule.code}: {error!r} on {event!r}"] = None
    return list(met)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_rule_takes_every_event(kind: type[events.Event]) -> None:
    assert failures(kind, COUNT, seed=0) == []


def test_states_of_every_rank_are_drawn() -> None:
    random = Random(0)
    assert {len(shape(states(random))) for _ in range(500)} >= set(range(5))


def test_every_rule_of_the_interpreters_is_asked() -> None:
    """A rule for which no event is drawn would pass unseen."""
    asked = {rule.code for kind in EVENTS for rule in registry().values() if kind in rule.events}
    assert asked == {code for code in registry() if not code.startswith("RNN9")}
    assert all(dataclasses.is_dataclass(kind) for kind in EVENTS)


if __name__ == "__main__":
    import sys

    for kind in EVENTS:
        found = failures(kind, int(sys.argv[1]), seed=1)
        print(kind.__name__, len(found), *found[:3], sep="\n  ")
