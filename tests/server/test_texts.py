"""Texts as the protocol counts them, against the simplest way to say it: by what stands before a place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.server.texts import ENCODINGS, Columns, Text

TEXTS = st.text(st.sampled_from("ab\n\r\f\u2028\x85é漢😀\u0301"), max_size=30)
UNITS = {
    "utf-8": lambda text: len(text.encode("utf-8")),
    "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
    "utf-32": len,
}


def test_these_are_the_encodings_of_the_protocol() -> None:
    assert set(ENCODINGS) == set(UNITS)


@given(TEXTS, st.sampled_from(sorted(UNITS)), st.data())
def test_a_place_is_found_again(text: str, encoding: str, data: st.DataObject) -> None:
    """Every place between two characters, which no end of a line has in its midst."""
    at = data.draw(st.integers(0, len(text)))
    if text[at - 1 : at] == "\r" and text[at : at + 1] == "\n":
        at += 1
    lines = re.split(r"\r\n|\r|\n", text[:at])
    line, units = len(lines) - 1, UNITS[encoding](lines[-1])
    columns, whole = Columns(encoding), Text(text)
    place = whole.position(line, units, columns)
    assert (place.line, place.column) == (line, len(lines[-1]))
    assert columns.to_units(whole.line(line), place.column) == units


@given(TEXTS, TEXTS, st.sampled_from(sorted(UNITS)), st.data())
def test_a_change_is_what_it_says(text: str, new: str, encoding: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    places = []
    for at in (first, last):
        if text[at - 1 : at] == "\r" and text[at : at + 1] == "\n":
            return
        lines = re.split(r"\r\n|\r|\n", text[:at])
        places.append((len(lines) - 1, UNITS[encoding](lines[-1])))
    start, end = places
    assert Text(text).changed(start, end, new, Columns(encoding)).text == text[:first] + new + text[last:]


@given(TEXTS, st.integers(-3, 40), st.integers(-3, 40), st.sampled_from(sorted(UNITS)))
def test_no_place_is_outside(text: str, line: int, units: int, encoding: str) -> None:
    whole = Text(text)
    place = whole.position(line, units, Columns(encoding))
    assert 0 <= place.line < whole.count
    assert 0 <= place.column <= len(whole.line(place.line))


@given(TEXTS)
def test_python_has_the_same_lines(text: str) -> None:
    whole = Text(text)
    assert whole.for_python.split("\n") == [whole.line(number) for number in range(whole.count)]


@pytest.mark.parametrize(("encoding", "inside"), [("utf-16", 1), ("utf-8", 3)])
def test_a_place_inside_of_a_character_is_before_it(encoding: str, inside: int) -> None:
    assert Columns(encoding).to_characters("😀x", inside) == 0
