"""Whether what a rule says of a place is reported: the table of all cases.

A row has the runs of one function and what is made of them.  A run is written as what it assumed of the flags of the
program ("a", "not b"; the declared configuration is marked with "declared"), and what happened in it:

- ``says``: it comes by the place, and the rule says there what it looks for;
- ``silent``: it comes by, and the rule says nothing;
- ``failed``: it comes by, and the rule failed there;
- ``passes``: it does not come by;
- ``raises`` beside one of these: torch raises in it;
- ``warns``: as ``says``, where what the rule says is that torch raises.

A verdict is written with its condition, which is what the message has in brackets: "always", "always when a",
"declared when a", "sometimes when a" (reported where all configurations are asked for), "sometimes" where no condition
tells its runs apart (never reported), "never".
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pytest

from rnnlint.events import Site
from rnnlint.holding import (
    Always,
    Case,
    Declared,
    Never,
    Runs,
    Sometimes,
    Time,
    coming_by,
    holds,
    shown,
    standing,
    throughout,
)
from rnnlint.rules import registry
from rnnlint.rules.rule import Hit, Rule
from rnnlint.settings import Settings
from rnnlint.values.domain import Free
from rnnlint.values.facts import Fact, FactKind

PLACE = Site("the place", "the place")
EVERY = Settings(all_configurations=True)
FLAGS = {name: Free(name, "the function") for name in "abcdef"}


@dataclass(frozen=True, eq=False)
class Run:
    text: str
    assumptions: Mapping[Fact, object]
    reached: frozenset[Hashable]
    raises: str
    declared: bool


def run(text: str) -> Run:
    """A run as the table writes it: ``declared a, not b: says, raises``."""
    assumed, _, happened = text.partition(":")
    did = {word.strip() for word in happened.split(",")}
    declared = assumed.startswith("declared")
    flags = [flag.strip() for flag in assumed.removeprefix("declared").split(",") if flag.strip()]
    facts: dict[Fact, object] = {
        Fact(FactKind.TRUTH, FLAGS[flag.removeprefix("not ")]): not flag.startswith("not ") for flag in flags
    }
    reached = frozenset[Hashable]() if "passes" in did else frozenset[Hashable]({PLACE.node})
    return Run(happened, facts, reached, "it does" if "raises" in did else "", declared)


def cases_of(runs: list[Run]) -> list[Case[Run]]:
    hit = {"says": Hit(PLACE, "said"), "warns": Hit(PLACE, "torch raises", raises=True)}
    return [Case(one, hit[word]) for one in runs for word in hit if word in one.text]


def sorted_by_place(runs: list[Run]) -> Runs[Run]:
    spoke = {case.run for case in cases_of(runs)}
    return coming_by(runs, PLACE.node, spoke, {one for one in runs if "failed" in one.text})


def verdict(runs: list[Run], *, every: bool) -> str:
    """What is made of runs, as the table writes it."""
    found = holds(cases_of(runs), sorted_by_place(runs), tuple(FLAGS.values()), raising_too=every)
    report = shown(found, EVERY)
    assert shown(found, Settings()) == (None if isinstance(found, Sometimes) else report)  # the other settings
    facts = () if report is None else report.condition
    said = [
        ("" if report.case.run.assumptions[fact] else "not ") + fact.about.key
        for fact in facts
        if report is not None and isinstance(fact.about, Free)
    ]
    return type(found).__name__.lower() + (f" when {' and '.join(said)}" if said else "")


TABLE = {
    # --- every run that comes by says it ---
    "one run": (["declared: says"], "always"),
    "both ways of a flag": (["declared a: says", "not a: says"], "always"),
    "the only runs that come by are not declared": (["declared a: passes", "not a: says"], "always when not a"),
    "a guard before the place, also with other flags": (
        ["declared a, b: says", "a, not b: says", "not a: passes"],
        "always when a",
    ),
    "what passes by and raises is no guard": (["declared a: says", "not a: passes, raises"], "always"),
    "which runs pass is told by no flag": (["declared: says", ": passes"], "always"),
    # --- runs in which torch raises ---
    "who does not say it raises": (["declared a: says", "not a: silent, raises"], "always"),
    "who says it raises, and another does not say it": (["declared a: silent", "not a: says, raises"], "never"),
    "who says it raises, and another says it": (["declared a: says", "not a: says, raises"], "always"),
    "the declared one raises, and says it": (["declared a: says, raises", "not a: says"], "always"),
    "the declared one raises, and is the only one that says it": (
        ["declared a: says, raises", "not a: silent"],
        "declared when a",
    ),
    "the declared one raises and is silent": (["declared a: silent, raises", "not a: says"], "sometimes when not a"),
    "one declared one raises, another ends well": (
        ["declared a: says, raises", "declared not a: silent"],
        "never",
    ),
    "all raise": (["declared a: says, raises", "not a: says, raises"], "always"),
    "all raise, of which none is declared": (["a: says, raises", "not a: silent, raises"], "sometimes when a"),
    # --- the declared one says it, another that comes by does not ---
    "the declared one alone": (["declared a: says", "not a: silent"], "declared when a"),
    "the declared one and one more": (
        ["declared a, b: says", "a, not b: says", "not a: silent"],
        "declared when a",
    ),
    "two flags are needed": (
        ["declared a, b: says", "a, not b: silent", "not a, b: silent"],
        "declared when a and b",
    ),
    "no flag tells them apart": (["declared: says", ": silent"], "declared"),
    "more flags are needed than anybody reads": (
        [
            "declared a, b, c, d, e: says",
            *(": silent" if not name else f"not {name}: silent" for name in ["a", "b", "c", "d", "e"]),
        ],
        "declared",
    ),
    "a flag that leads past the place counts too": (
        ["declared a, b: says", "a, not b: silent", "not a, b: passes"],
        "declared when a and b",
    ),
    "every declared one says it": (
        ["declared a, b: says", "declared a, not b: says", "not a: silent"],
        "declared when a",
    ),
    # --- only others say it ---
    "not the declared one": (["declared a: silent", "not a: says"], "sometimes when not a"),
    "one of two declared ones": (["declared a: says", "declared not a: silent"], "sometimes when a"),
    "none that comes by is declared": (["a: says", "not a: silent", "declared b: passes"], "sometimes when a"),
    "the one that needs the fewest facts": (
        ["declared a, b, e: silent", "not a, b, e: says", "not a, not b, e: silent", "not e: says"],
        "sometimes when not e",
    ),
    "not the declared one, and no flag tells them apart": (["declared: silent", ": says"], "sometimes"),
    # --- none says it ---
    "none": (["declared: silent"], "never"),
    "none comes by": (["declared: passes"], "never"),
    # --- runs in which the rule failed speak neither for it nor against it ---
    "it failed where it would not hold, for all we know": (["declared a: says", "not a: failed"], "always"),
    "it failed in the declared one": (
        ["declared a: failed", "not a, b: says", "not a, not b: silent"],
        "sometimes when b",
    ),
    "it said it, and failed later": (["declared a: says, failed", "not a: silent"], "declared when a"),
    "it failed in all": (["declared: failed"], "never"),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    runs, expected = TABLE[name]
    assert verdict([run(text) for text in runs], every=False) == expected


# where what a rule says is that torch raises, such runs count once all configurations are asked for
WARNINGS = {
    "the declared one warns": (["declared a: warns, raises", "not a: silent"], "declared when a", "declared when a"),
    "another one warns": (["declared a: silent", "not a: warns, raises"], "never", "sometimes when not a"),
    "another one says something else": (["declared a: silent", "not a: says, raises"], "never", "never"),
    "one of two declared ones warns": (
        ["declared a: warns, raises", "declared not a: silent"],
        "never",
        "sometimes when a",
    ),
    "all that come by warn": (["declared a: passes", "not a: warns, raises"], "always when not a", "always when not a"),
    "another warns beside the declared one": (
        ["declared a: says", "not a, b: warns, raises", "not a, not b: silent"],
        "declared when a",
        "declared when a",
    ),
}


@pytest.mark.parametrize("name", WARNINGS)
@pytest.mark.parametrize("every", [False, True])
def test_what_torch_raises(name: str, every: bool) -> None:
    runs, *expected = WARNINGS[name]
    assert verdict([run(text) for text in runs], every=every) == expected[every]


class TestComingBy:
    def test_every_run_is_in_one_place_at_most(self) -> None:
        texts = [text for runs, _ in TABLE.values() for text in runs]
        runs = [run(text) for text in texts]
        found = sorted_by_place(runs)
        parts = [*found.reaching, *found.raising, *found.passing]
        assert len(set(parts)) == len(parts)
        left = [one.text for one in runs if one not in parts]
        assert all("failed" in text or ("passes" in text and "raises" in text) for text in left)

    def test_who_spoke_came_by_whatever_it_noted(self) -> None:
        one = run("declared a: passes")
        assert coming_by([one], PLACE.node, {one}) == Runs((one,))

    def test_runs_that_are_alike_are_two(self) -> None:
        one, other = run("declared a: says"), run("declared a: silent")
        found = holds([Case(one, Hit(PLACE, ""))], coming_by([one, other], PLACE.node))
        assert isinstance(found, Sometimes)
        assert found.others == (other,)

    def test_a_run_that_was_not_made_may_be_another(self) -> None:
        """A bound was reached before it: what it would have said nobody knows."""
        one, other = run("a, b: says"), run("declared not a: silent")
        runs = coming_by([one, other], PLACE.node)
        cases = [Case(one, Hit(PLACE, ""))]
        conditions = {}
        for left in ("a, not b:", "a:", "not a:"):
            report = shown(holds(cases, runs, unmade=[run(left)]), EVERY)
            conditions[left] = None if report is None else [fact.about for fact in report.condition]
        assert conditions == {"a, not b:": [FLAGS["a"], FLAGS["b"]], "a:": None, "not a:": [FLAGS["a"]]}


def test_the_words_are_those_of_the_declared_run() -> None:
    other, declared = run("not a: says"), run("declared a: says")
    cases = [Case(other, Hit(PLACE, "of the other")), Case(declared, Hit(PLACE, "of the declared one"))]
    found = holds(cases, coming_by([other, declared], PLACE.node))
    assert isinstance(found, Always)
    assert found.case.hit.message == "of the declared one"
    declared_only = holds(cases[1:], coming_by([other, declared], PLACE.node))
    assert isinstance(declared_only, Declared)
    assert isinstance(holds([], coming_by([other], PLACE.node)), Never)


class TestThroughout:
    """A rule that asks for all is believed only if it says so each time that its place is come by."""

    times = (Time(), Time())

    @staticmethod
    def rule(*, everywhere: bool) -> Rule:
        return next(rule for rule in registry().values() if rule.everywhere is everywhere)

    @pytest.mark.parametrize(
        ("said", "everywhere", "expected"),
        [(1, False, True), (1, True, False), (2, False, True), (2, True, True)],
    )
    def test_it_asks_for_all(self, said: int, everywhere: bool, expected: bool) -> None:
        cases = [Case(time, Hit(PLACE, "")) for time in self.times[:said]]
        assert throughout(self.rule(everywhere=everywhere), cases, self.times) is expected

    def test_what_was_said_at_no_time_that_counts(self) -> None:
        assert not throughout(self.rule(everywhere=True), [Case(Time(), Hit(PLACE, ""))], ())


def test_what_follows_from_something_said_is_not_said() -> None:
    @dataclass(frozen=True)
    class Said:
        rule: Rule
        hit: Hit

    first, second, *_ = registry().values()
    other = Site("another place", "another place")
    cause = Said(first, Hit(PLACE, "the cause"))
    follows = Said(second, Hit(other, "what follows", follows=(PLACE,)))
    unless = Said(second, Hit(other, "the same thing", unless=((first.code, PLACE),)))
    assert list(standing([cause, follows, unless])) == [cause]
    assert list(standing([follows, unless])) == [follows, unless]
