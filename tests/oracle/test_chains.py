"""The axis algebra against torch: drawn chains of operations, element by element."""

from __future__ import annotations

import functools
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.chains.arguments import Operation
from oracle.chains.chain import Setting, Tally, compare, draw_setting, drawn, replayed, shortened, tally, torch_labels
from oracle.chains.elements import Held, cut_roles, sets
from oracle.chains.random_operations import draw
from rnnlint.axes.operations import combine
from rnnlint.axes.operations.indexing import Picks
from rnnlint.axes.states import Block, Factor, Role, Somewhere
from rnnlint.runtime.truth.realized import realized
from tests.oracle.kept import KEPT

# torch says once a process which kernel it takes, and that .mT of a tensor without axes will go
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

SEED = 20_240_601
COUNT = 1000
BATCH = 50


@functools.cache
def tallied(first: int) -> Tally:
    return tally(range(first, first + BATCH))


@pytest.mark.parametrize("first", range(SEED, SEED + COUNT, BATCH))
def test_drawn_chains_agree(first: int) -> None:
    found = tallied(first)
    assert not found.disagreements, "\n".join(found.repros())


def test_chains_end_in_every_way() -> None:
    found = Tally()
    for first in range(SEED, SEED + COUNT, BATCH):
        found.add(tallied(first))
    print("\n".join(found.lines()))
    assert found.ends["unknown"] <= COUNT * 0.05
    assert found.ends["exact"] >= COUNT * 0.5
    assert found.ends["raises"] >= COUNT * 0.05
    assert found.cut >= COUNT * 0.05


@pytest.mark.parametrize("name", KEPT)
def test_what_has_disagreed_once_agrees(name: str) -> None:
    setting, chain = KEPT[name]
    verdict = replayed(setting, chain)
    assert verdict.end != "disagreement", verdict
    assert verdict.chain == tuple(chain), "the chain is run to its end"


def test_what_is_printed_of_a_chain_can_be_pasted() -> None:
    names = {"Setting": Setting, "Operation": Operation, "Picks": Picks, "Somewhere": Somewhere}
    for seed in range(200):
        setting, verdict = drawn(seed)
        printed = Tally(disagreements=[(seed, setting, verdict)]).repros()
        ((again, chain),) = eval(f"[{printed[1]}]", names)
        assert (again, tuple(chain)) == (setting, verdict.chain)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_chains_drawn_and_shrunk_by_hypothesis_agree(random: Random, length: int) -> None:
    setting = draw_setting(random)

    def following(number: int, sizes: tuple[int, ...], members: int) -> Operation | None:
        return draw(random, sizes, members) if number < length else None

    verdict = compare(setting, following)
    assert verdict.end != "disagreement", (verdict, setting)


EXAMPLE = Setting("GRU", 2, 2, 3, 4, 2, 0, False, "h_n")


def test_a_wrong_arrangement_is_noticed() -> None:
    """The comparison itself can fail: another stride, another start, a set with one state too few."""
    held = Held.of(torch_labels(EXAMPLE))
    right = EXAMPLE.states()
    assert (sets(held.rows()) == sets(realized(right))).all()
    stack = (Factor(Role.LAYER, 2), Factor(Role.DIRECTION, 2, -1))
    backwards = Block(right.source, right.kind, (stack, *right.axes[1:]), (*right.at, (Role.DIRECTION, 1)))
    swapped = Block(right.source, right.kind, right.axes, ((Role.STEP, 0),))
    for wrong in (backwards, swapped):
        assert (sets(held.rows()) != sets(realized(wrong))).any()
    reduced = held.done(Operation("reduce", ((0,), False)))
    less = combine.reduce(right, 0)
    assert isinstance(less, Block)
    assert (sets(reduced.rows()) == sets(realized(less))).all()
    fewer = Block(less.source, less.kind, less.axes, less.at, less.reduced[:1])
    assert sets(reduced.rows()).shape != sets(realized(fewer)).shape


def test_a_chain_replays_and_shortens() -> None:
    chain = [Operation("transpose", (0, 1)), Operation("select", (0, 9)), Operation("reshape", ((4, -1),))]
    verdict = replayed(EXAMPLE, chain)
    assert (verdict.end, verdict.reason, verdict.cut) == ("raises", "IndexError", True)
    assert shortened(EXAMPLE, chain)[1].end == "raises"


def test_cut_roles_are_read_off_the_labels() -> None:
    held = Held.of(torch_labels(EXAMPLE))
    assert cut_roles(held.rows(), held.sizes) == frozenset()
    scrambled = held.done(Operation("reshape", ((3, 8),)))
    assert cut_roles(scrambled.rows(), scrambled.sizes) == {Role.LAYER, Role.DIRECTION, Role.STEP, Role.SAMPLE}
