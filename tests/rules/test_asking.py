"""What is asked of an event is asked once, and what is seen at once is what a longer look says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from rnnlint.asking import once
from rnnlint.axes.operations import regroup
from rnnlint.axes.states import Block, Call, Raises, States, Unknown, blocks, shape
from rnnlint.events import Constructed, Site, Used
from rnnlint.failures import Failures
from rnnlint.rules import hits, registry, views
from rnnlint.rules.hits import Hearing
from rnnlint.rules.rule import Hit
from rnnlint.values.uses import Use
from tests.safety.anything import states

EVENT = Constructed("GRU", (), (), Site("here"))


def heard(hearing: Hearing, event: Constructed) -> list[tuple[str, str | None]]:
    return [(rule.code, None if hit is None else hit.message) for rule, hit in hearing.of((event,))]


def planted(monkeypatch: pytest.MonkeyPatch, *, fails: bool) -> list[object]:
    """One rule about modules that are built; what it was asked of."""
    asked: list[object] = []

    def check(event: Constructed) -> Iterator[Hit]:
        asked.append(event)
        yield Hit(event.site, "said")
        if fails:
            raise KeyError("planted")

    rule = replace(registry()["RNN503"], check=check)
    monkeypatch.setattr(hits, "_checks", lambda: {Constructed: [rule]})
    return asked


@pytest.mark.parametrize(("fails", "said"), [(False, "said"), (True, None)])
def test_an_event_of_several_runs_is_asked_once(monkeypatch: pytest.MonkeyPatch, fails: bool, said: str | None) -> None:
    asked = planted(monkeypatch, fails=fails)
    hearing = Hearing(Failures())
    assert heard(hearing, EVENT) == heard(hearing, EVENT) == [("RNN503", said)]
    assert asked == [EVENT]
    assert len(hearing.failures.kept) == fails


def test_one_that_is_only_equal_is_asked_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that are equal can differ in their marks, by which rules tell where something was picked."""
    asked = planted(monkeypatch, fails=False)
    hearing = Hearing(Failures())
    other = replace(EVENT)
    assert other == EVENT
    assert heard(hearing, EVENT) == heard(hearing, other)
    assert [id(event) for event in asked] == [id(EVENT), id(other)]


def test_an_answer_is_kept_with_the_event_and_not_with_its_copies() -> None:
    asked: list[Use] = []

    @once
    def how(used: Used) -> Use:
        asked.append(used.how)
        return used.how

    used = Used(states(Random(0)), Use.LAYER, Site("here"))
    before = hash(used)
    assert how(used) is how(used) is Use.LAYER
    assert how(replace(used, how=Use.RETURN)) is Use.RETURN
    assert asked == [Use.LAYER, Use.RETURN]
    assert (hash(used), used) == (before, replace(used))


def test_what_is_seen_at_once_is_what_a_longer_look_says(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(0)
    drawn = [block for _ in range(2_000) for block in blocks(viewed(random)) if isinstance(block.source, Call)]
    drawn = [block for block in drawn if all(factor.extent for axis in block.axes for factor in axis)]

    def said() -> list[tuple[bool, bool]]:
        return [(views.mixes_samples(block), views.mixes_layers(block)) for block in drawn]

    seen = [views.unmixed(block) for block in drawn]
    short = said()
    monkeypatch.setattr(views, "unmixed", never)
    assert said() == short
    # and both kinds were drawn, or this has compared nothing
    assert 0 < sum(seen) < len(drawn)
    assert any(samples or layers for samples, layers in short)


def viewed(random: Random) -> States:
    """States, half of them in a view of the same sizes in another order, as who forgets to transpose writes it."""
    value = states(random)
    sizes = list(shape(value))
    random.shuffle(sizes)
    view = regroup.reshape(value, tuple(sizes)) if random.random() < 0.5 else value
    return value if isinstance(view, (Raises, Unknown)) else view


def never(_: Block) -> bool:
    return False
