"""The pictures of the rules' pages: made of the examples, up to date, and of what the programs do on torch."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from rnnlint.checking.rule_command import pages
from rnnlint.drawing.terminal import Ink
from rnnlint.rules import registry
from rnnlint.showing.examples import drawn
from tools.rule_pages import FOLDER, PICTURES, WITHOUT, pictures, reason

DRAWN = {code: drawn(rule) for code, rule in registry().items()}
BOTH = {code for code, one in DRAWN.items() if one.read and one.wanted}


def test_which_rules_have_one() -> None:
    """About directions, layers, steps and samples; the others say nothing that a picture of the tensor would show."""
    first = {"RNN102", "RNN103", "RNN104", "RNN105", "RNN107", "RNN110"}
    assert first | {"RNN201", "RNN202", "RNN203", "RNN205", "RNN206", "RNN208", "RNN401"} == BOTH
    # of these the repair hands on nothing in the place of what is read
    assert {code for code, one in DRAWN.items() if one.read and not one.wanted} == {"RNN106", "RNN108"}


def test_every_other_page_has_a_reason() -> None:
    """In the index of the rules; and no reason is left of a rule that is drawn by now."""
    rules = registry().values()
    assert all(reason(rule) for rule in rules if not DRAWN[rule.code].read)
    assert all(rule.code not in WITHOUT for rule in rules if DRAWN[rule.code].read)


def test_the_files_are_up_to_date() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in (FOLDER / PICTURES).iterdir()}
    assert found == pictures(), "run python -m tools.rule_pages"
    for text in found.values():
        ElementTree.fromstring(text)


def strips(code: str, wanted: bool) -> set[tuple[int, int, tuple[tuple[int, int], ...]]]:
    """Direction, number of steps, and what was read, of all states of a picture."""
    one = DRAWN[code].wanted if wanted else DRAWN[code].read
    assert one is not None
    parts = [part for cell in one.picture.cells for part in cell.parts]
    return {(part.direction, part.strip.steps, part.strip.own) for part in parts if part.strip}


@pytest.mark.parametrize(
    ("code", "read", "wanted"),
    [
        ("RNN102", {(0, 7, ((0, 7),)), (1, 7, ((6, 7),))}, {(0, 7, ((0, 7),)), (1, 7, ((0, 7),))}),
        ("RNN103", {(0, 7, ((0, 1),)), (1, 7, ((0, 7),))}, {(0, 7, ((0, 7),)), (1, 7, ((0, 7),))}),
        ("RNN110", {(0, 7, ((0, 1),))}, {(0, 7, ((0, 7),))}),
    ],
)
def test_what_is_wrong_can_be_seen_in_the_strips(code: str, read: object, wanted: object) -> None:
    assert strips(code, wanted=False) == read
    assert strips(code, wanted=True) == wanted


def test_samples_are_cut_in_one_picture_and_not_in_the_other() -> None:
    for wanted in (False, True):
        one = DRAWN["RNN203"].wanted if wanted else DRAWN["RNN203"].read
        assert one is not None
        rows: dict[int, set[int]] = {}
        for cell in one.picture.cells:
            rows.setdefault(cell.index[0], set()).add(cell.parts[0].samples[0].start)
        assert all(len(samples) == 1 for samples in rows.values()) is wanted


def test_in_a_terminal() -> None:
    text = pages("RNN102", "text", Ink(unicode=False))
    rows = [line.split() for line in text.splitlines() if "n0" in line]
    assert ["0", "n0", "->", "#######", "n0", "<-", "......#"] in rows
    assert ["0", "n0", "->", "#######", "n0", "<-", "#######"] in rows
    assert "```text\noutput[:, -1] is (sample, direction*unit[fwd|bwd])" in pages("RNN102", "markdown")
    assert "\x1b" not in pages("RNN102", "markdown", Ink(colour=True))
