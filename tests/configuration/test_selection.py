"""Which codes are reported: by prefix, within one place and over several."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from flake8.style_guide import Decision, DecisionEngine
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.configuration.patterns import Pattern
from rnnlint.configuration.selection import Layer, PerFile, Selection, known_codes
from rnnlint.rules import registry

ON, OFF = "RNN102", "RNN107"
FILE = Path("/project/model.py")


def test_the_codes_are_those_of_the_rules() -> None:
    assert known_codes() == tuple(sorted(registry()))


@pytest.mark.parametrize("code", [ON, OFF, "RNN900", "RNN901"])
def test_what_is_on_by_default(code: str) -> None:
    assert Selection().takes(code, FILE) is registry()[code].on


@pytest.mark.parametrize(
    ("layer", "on", "off"),
    [
        (Layer(("RNN",)), True, False),
        (Layer(("RNN1",)), True, False),
        (Layer(("RNN10",)), True, True),
        (Layer((ON, OFF)), True, True),
        (Layer(("ALL",)), True, True),
        (Layer(("RNN2",)), False, False),
        (Layer(()), False, False),
        (Layer(extend=(OFF,)), True, True),
        (Layer(extend=("RNN1",)), True, False),
        (Layer(extend=("RNN2",)), True, False),
        (Layer(ignore=("RNN1",)), False, False),
        (Layer(ignore=("ALL",)), False, False),
        (Layer(("RNN102",), ignore=("RNN1",)), True, False),
        (Layer(("RNN1",), ignore=("RNN102",)), False, False),
        (Layer(("RNN102",), ignore=("RNN102",)), False, False),
        (Layer(("ALL",), ignore=("RNN107",)), True, False),
        (Layer(extend=("RNN107",), ignore=("ALL",)), False, True),
    ],
)
def test_within_one_place(layer: Layer, on: bool, off: bool) -> None:
    selection = Selection((layer,))
    assert (selection.takes(ON, FILE), selection.takes(OFF, FILE)) == (on, off)


@pytest.mark.parametrize(
    ("file", "line", "codes"),
    [
        # as ruff answers with F401 and E702 in their places
        (Layer((ON, "RNN110"), ignore=("RNN110",)), Layer(("RNN110",)), {"RNN110"}),
        (Layer((ON, "RNN110"), ignore=("RNN110",)), Layer(("RNN1",)), {ON, "RNN110"}),
        (Layer((ON, "RNN110"), ignore=("RNN110",)), Layer(ignore=("RNN1",)), set()),
        (Layer((ON, "RNN110"), ignore=("RNN110",)), Layer(extend=("RNN110",)), {ON, "RNN110"}),
        (Layer((ON, "RNN110"), ignore=("RNN110",)), Layer(extend=(ON,), ignore=("RNN",)), {ON}),
    ],
)
def test_a_command_line_over_a_file(file: Layer, line: Layer, codes: set[str]) -> None:
    taken = Selection((file, line)).codes(FILE)
    assert {code for code in (ON, "RNN110") if code in taken} == codes


def test_what_was_not_followed_is_shown_unless_something_speaks_against_it() -> None:
    shown = ("RNN900",)
    assert Selection(shown=shown).takes("RNN900")
    assert Selection((Layer(("RNN",)),), shown=shown).takes("RNN900")
    assert not Selection((Layer(("RNN1",)),), shown=shown).takes("RNN900")
    assert not Selection((Layer(ignore=("RNN900",)),), shown=shown).takes("RNN900")


def test_what_is_left_out_in_single_files_is_not_reported_there_however_it_is_selected() -> None:
    base = Path("/project")
    per_file = (
        PerFile(Pattern("tests/**", base), ("RNN1",)),
        PerFile(Pattern("old.py", base), (ON,)),
        PerFile(Pattern("!src/**", base), ("RNN2",)),
    )
    selection = Selection((Layer((ON, "RNN201"), ignore=("RNN901",)),), per_file)
    assert selection.codes(base / "src" / "new.py") == (ON, "RNN201")
    assert selection.codes(base / "new.py") == (ON,)
    assert selection.codes(base / "tests" / "deep" / "test_new.py") == ()
    assert selection.codes(base / "src" / "old.py") == ("RNN201",)
    assert selection.codes() == (ON, "RNN201")


def test_mistakes_of_our_own_are_said_unless_they_are_ignored() -> None:
    assert Selection((Layer((ON,)),)).codes() == (ON, "RNN901")
    assert Selection((Layer(()),)).takes("RNN901")
    for ignored in ("RNN901", "RNN9", "RNN", "ALL"):
        assert not Selection((Layer((ON,), ignore=(ignored,)),)).takes("RNN901")
    assert not Selection((Layer(ignore=("RNN9",)), Layer(extend=(ON,)))).takes("RNN901")


PREFIXES = st.lists(st.sampled_from(["ALL", "RNN", "RNN1", "RNN2", "RNN10", "RNN102", "RNN107", "RNN201"])).map(tuple)
LAYERS = st.builds(Layer, st.none() | PREFIXES, PREFIXES, PREFIXES)


@given(st.lists(LAYERS, max_size=3), LAYERS)
def test_the_last_select_forgets_what_was_before(before: list[Layer], last: Layer) -> None:
    whole = Selection((*before, last)).codes()
    assert whole == (Selection((last,)).codes() if last.select is not None else whole)


@given(LAYERS, st.permutations(range(4)))
def test_the_order_of_codes_does_not_matter(layer: Layer, order: list[int]) -> None:
    def mixed(codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(codes, key=lambda code: order[len(code) % 4]))

    other = Layer(None if layer.select is None else mixed(layer.select), mixed(layer.extend), mixed(layer.ignore))
    assert Selection((layer,)).codes() == Selection((other,)).codes()


OF_FLAKE8 = st.lists(st.sampled_from(["RNN", "RNN1", "RNN2", "RNN10", "RNN102", "RNN11", "RNN110"]), max_size=3).map(
    tuple
)


@given(st.none() | OF_FLAKE8, OF_FLAKE8, st.none() | OF_FLAKE8, OF_FLAKE8)
def test_flake8_decides_as_we_do(
    select: tuple[str, ...] | None, extend: tuple[str, ...], ignore: tuple[str, ...] | None, more: tuple[str, ...]
) -> None:
    """Of rules that are on by default, within one place."""
    options = argparse.Namespace(
        select=select, extend_select=extend, ignore=ignore, extend_ignore=more,
        extended_default_select=["RNN"], extended_default_ignore=[],
    )  # fmt: skip
    theirs, ours = DecisionEngine(options), Selection((Layer(select, extend, (*(ignore or ()), *more)),))
    for code in (ON, "RNN110", "RNN201"):
        assert (theirs.decision_for(code) is Decision.Selected) is ours.takes(code)
