"""``full``: frames as compilers draw them."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlint.diagnostics import Checked, Diagnostic, Place, Related
from rnnlint.output.catalogue import Format, rendered
from rnnlint.output.styles import Look
from tests.output.samples import CHECKED, DRAWN, NOTEBOOK, NOTHING, SOURCE, TAGGER, checks, place


def full(*diagnostics: Diagnostic, width: int = 120) -> str:
    return rendered(Format.FULL, Checked(diagnostics), Look(width=width))


def at(line: int, column: int, end_line: int, end_column: int, *source: str) -> Diagnostic:
    """A finding at a place, with nothing else to say."""
    return Diagnostic(Place("model.py", 0, line, column, end_line, end_column, source), "RNN101", "name", "message")


def frame(*diagnostics: Diagnostic, width: int = 120) -> str:
    """What is drawn between the place and the notes."""
    return full(*diagnostics, width=width).split("|\n", 1)[1].rpartition("  = page")[0]


def test_secondary_places_in_one_frame() -> None:
    assert (
        full(TAGGER)
        == """\
RNN102 the backward half (features 64:128) has read only the last step
 --> models/tagger.py:7:26 in Tagger.forward
  |
3 |         self.lstm = nn.LSTM(64, 64, batch_first=True, bidirectional=True)
  |                                     ----------------  ------------------ two directions: bidirectional=True
  |                                     |
  |                                     steps are axis 1: batch_first=True
...
6 |         output, _ = self.lstm(tokens)
  |                     ----------------- output comes from here
7 |         return self.head(output[:, -1])
  |                          ^^^^^^^^^^^^^
  |
  = read:   the backward states of the last step, which have read that step alone
  = wanted: the backward states that have read the whole sequence
  = help:   unpack and use torch.cat((h_n[-2], h_n[-1]), -1)
  = page:   rnnlint rule RNN102

"""
    )


def test_a_drawing_stands_below_what_it_is_of() -> None:
    """In six lines at most, also of many rows, in ASCII where there is no more."""
    notes = full(DRAWN).partition("  = read:")[2]
    assert (
        notes
        == """\
   the backward states of the last step, which have read that step alone
  = wanted: the backward states that have read the whole sequence
  = drawn:  read    each sample  → ■■■■■  ← ▪▪▪▪■
            wanted  each sample  → ■■■■■  ← ■■■■■
            ■ read, ▪ through the layers below, □ not read, of 5 steps (open sizes made up)
  = help:   unpack and use torch.cat((h_n[-2], h_n[-1]), -1)
  = page:   rnnlint rule RNN102

"""
    )
    assert notes.isascii() is False
    plain = rendered(Format.FULL, Checked((DRAWN,)), Look(unicode=False))
    assert plain.isascii()
    assert "wanted  each sample  -> #####  <- #####" in plain
    bare = dataclasses.replace(DRAWN, wanted="", help="", read="")
    assert full(bare).endswith("made up)\n  = page:  rnnlint rule RNN102\n\n")


def test_other_cells_and_other_files_have_frames_of_their_own() -> None:
    assert (
        full(NOTEBOOK)
        == """\
RNN102 the backward half has read only the last step
 --> train.ipynb:cell 3:7:26
  |
7 |         return self.head(output[:, -1])
  |                          ^^^^^^^^^^^^^
  |
 --> train.ipynb:cell 2:3:55
  |
3 |         self.lstm = nn.LSTM(64, 64, batch_first=True, bidirectional=True)
  |                                                       ------------------ two directions: bidirectional=True
  |
 --> conf/sizes.py:3:33
  |
3 |         self.lstm = nn.LSTM(64, 64, batch_first=True, bidirectional=True)
  |                                 -- 64 units
  |
  = page: rnnlint rule RNN102

"""
    )


def test_in_a_narrow_terminal() -> None:
    assert (
        full(TAGGER, width=70)
        == """\
RNN102 the backward half (features 64:128) has read only the last step
 --> models/tagger.py:7:26 in Tagger.forward
  |
3 | self.lstm = nn.LSTM(64, 64, batch_first=True, bidirectional=True)
  |                             ----------------  ------------------
  |                             |                 |
  |                             |                 two directions:
  |                             |                 bidirectional=True
  |                             steps are axis 1: batch_first=True
...
6 | output, _ = self.lstm(tokens)
  |             ----------------- output comes from here
7 | return self.head(output[:, -1])
  |                  ^^^^^^^^^^^^^
  |
  = read:   the backward states of the last step, which have read that
            step alone
  = wanted: the backward states that have read the whole sequence
  = help:   unpack and use torch.cat((h_n[-2], h_n[-1]), -1)
  = page:   rnnlint rule RNN102

"""
    )


def test_nothing_found_is_nothing_said() -> None:
    assert rendered(Format.FULL, NOTHING) == ""


def test_an_expression_of_several_lines_is_marked_on_each() -> None:
    assert (
        frame(at(9, 8, 12, 7, "    x = torch.cat(  # '#'", "        ('#',  # a", "", "    b))  # both"))
        == """\
 9 |     x = torch.cat(  # '#'
   |         ^^^^^^^^^^
10 |         ('#',  # a
   |         ^^^^^
11 |
12 |     b))  # both
   |     ^^^
   |
 """
    )


def test_of_a_long_expression_its_beginning_and_end_are_shown() -> None:
    source = ["x = torch.cat((", *(f"    part{n}," for n in range(20)), "), dim=1)"]
    assert (
        frame(at(1, 4, 22, 9, *source))
        == """\
 1 | x = torch.cat((
   |     ^^^^^^^^^^^
 2 |     part0,
   |     ^^^^^^
...
22 | ), dim=1)
   | ^^^^^^^^^
   |
 """
    )


def test_a_long_comment_moves_nothing() -> None:
    said = frame(at(1, 4, 1, 5, f"    x = '#'  # {'a' * 200}"), width=60)
    assert said.startswith("1 |     x = '#'  # aaa")
    assert "aaa ...\n  |     ^\n" in said


def test_brackets_that_close_are_not_shown() -> None:
    assert (
        frame(at(1, 4, 3, 1, "x = f(", "    y", ")"))
        == """\
1 | x = f(
  |     ^^
2 |     y
  |     ^
  |
"""
    )


def test_of_what_a_finding_rests_on_the_first_line_is_shown() -> None:
    place = Place("model.py", 0, 1, 4, 3, 1, ("r = nn.GRU(", "    8, 8", ")"))
    one = dataclasses.replace(at(5, 0, 5, 1, "x"), related=(Related(place, "built here"),))
    assert (
        frame(one)
        == """\
1 | r = nn.GRU(
  |     ------- built here
...
5 | x
  | ^
  |
"""
    )


def test_what_is_said_of_one_place_is_said_at_once() -> None:
    where = place("nn.LSTM", "bidirectional=True")
    twice = dataclasses.replace(TAGGER, related=(Related(where, "one"), Related(where, "two"), Related(where, "one")))
    assert "------------------ one; two\n" in full(twice)


def test_a_place_whose_lines_are_not_known_is_named() -> None:
    beside = Related(Place("train.py", 0, 41, 8, 41, 30), "built here")
    said = full(dataclasses.replace(at(1, 0, 1, 1), related=(beside,)))
    assert (
        said
        == """\
RNN101 message
 --> model.py:1:1
  |
  = see:  train.py:41:9: built here
  = page: rnnlint rule RNN101

"""
    )


def test_the_message_stands_without_what_the_help_says() -> None:
    one = dataclasses.replace(at(1, 0, 1, 1, "x"), message="all wrong; write y", help="write y")
    assert full(one).startswith("RNN101 all wrong\n")
    sometimes = dataclasses.replace(one, message="all wrong; write y (when z=1)")
    assert full(sometimes).startswith("RNN101 all wrong (when z=1)\n")
    assert full(dataclasses.replace(one, help="write z")).startswith("RNN101 all wrong; write y\n")


def test_what_could_drive_the_terminal_is_spelled_out() -> None:
    one = Diagnostic(
        Place("\x1b]0;x\x07.py", 0, 1, 0, 1, 3, ("a\x1b[2Jb",)),
        "RNN101",
        "name",
        "\x1b[31mred\u202e",
        help="\x08",
        related=(Related(Place("b.py", 0, 1, 0, 1, 1, ("x",)), "\r\n"),),
        qualified="f\x9b",
    )
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", full(one))


def test_in_colours_it_says_the_same() -> None:
    coloured = rendered(Format.FULL, CHECKED, Look(colour=True))
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == rendered(Format.FULL, CHECKED)
    assert coloured.startswith("\x1b[1;31mRNN900\x1b[0m \x1b[1mtorch.stft is not followed\x1b[0m\n\x1b[1;34m -->")


@given(checks, st.integers(1, 140))
@settings(max_examples=settings().max_examples // 3)
def test_every_finding_is_shown_whatever_is_in_it(checked: Checked, width: int) -> None:
    said = rendered(Format.FULL, checked, Look(width=width))
    assert len(re.findall(r"^ *= page: ", said, re.MULTILINE)) == len(checked.diagnostics)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", said)


@pytest.mark.parametrize("line", range(1, 1 + len(SOURCE.splitlines())))
def test_each_line_is_shown_once(line: int) -> None:
    here = Place("a.py", 0, line, 0, line, 1, (SOURCE.splitlines()[line - 1],))
    one = dataclasses.replace(at(1, 0, 1, 1, SOURCE.splitlines()[0]), place=here, related=(Related(here, "this"),))
    assert len(re.findall(r"^\d \|", full(one), re.MULTILINE)) == 1
