"""The line at the end, the statistics, and what could not be read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.diagnostics import Checked, Refused
from rnnlint.output.catalogue import Format
from rnnlint.output.styles import PLAIN
from rnnlint.output.summary import refusals, statistics, summary
from tests.output.samples import CHECKED, NOTEBOOK, NOTHING, TAGGER, UNKNOWN, words


@pytest.mark.parametrize(
    ("checked", "said"),
    [
        (CHECKED, "3 findings in 3 of 12 files; 2 could not be read.\n"),
        (NOTHING, "No findings in 3 files.\n"),
        (Checked((TAGGER,), files=1), "1 finding in 1 of 1 file.\n"),
        (Checked(refused=(Refused("a", "b"),)), "No findings in 0 files; 1 could not be read.\n"),
    ],
)
def test_summary(checked: Checked, said: str) -> None:
    assert summary(checked) == said


def test_statistics() -> None:
    many = Checked((*[TAGGER] * 10, NOTEBOOK, UNKNOWN))
    said = "11 RNN102 last-step-of-bidirectional\n 1 RNN900 not-analysed\n"
    assert statistics(many, Format.FULL, PLAIN) == statistics(many, Format.CONCISE, PLAIN) == said
    assert statistics(NOTHING, Format.FULL, PLAIN) == ""
    turned = Checked((TAGGER, UNKNOWN, UNKNOWN))
    assert statistics(turned, Format.FULL, PLAIN) == "2 RNN900 not-analysed\n1 RNN102 last-step-of-bidirectional\n"
    assert json.loads(statistics(many, Format.JSON, PLAIN)) == [
        {"code": "RNN102", "count": 11, "name": "last-step-of-bidirectional"},
        {"code": "RNN900", "count": 1, "name": "not-analysed"},
    ]
    assert statistics(many, Format.JSON_LINES, PLAIN).count("\n") == 2
    assert statistics(NOTHING, Format.JSON, PLAIN) == "[]\n"


def test_refusals() -> None:
    assert refusals(CHECKED) == (
        "rnnlint check: binary.py: source code cannot contain null bytes\n"
        "rnnlint check: gone.py: No such file or directory\n"
    )


def test_a_refusal_that_is_about_no_file() -> None:
    assert refusals(Checked(refused=(Refused("", "--files-from: nothing there"),))) == "--files-from: nothing there\n"


@given(st.lists(st.builds(Refused, words, words), max_size=3))
def test_a_line_for_each_that_could_not_be_read(refused: list[Refused]) -> None:
    checked = Checked(refused=tuple(refused))
    assert len(refusals(checked).splitlines()) == refusals(checked).count("\n") == len(checked.refused)
