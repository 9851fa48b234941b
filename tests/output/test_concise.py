"""``concise`` is what flake8 prints, and nothing in a name or a message moves the cursor."""

from __future__ import annotations

from hypothesis import given

from rnnlint.diagnostics import Checked, Diagnostic, Place
from rnnlint.output.catalogue import Format, rendered
from rnnlint.output.styles import Look
from tests.output.samples import CHECKED, NOTHING, checks


def test_as_flake8_prints_it_in_the_order_of_files_and_lines() -> None:
    assert rendered(Format.CONCISE, CHECKED) == (
        "a b/größe.py:4:1: RNN900 torch.stft is not followed\n"
        "models/tagger.py:7:26: RNN102 the backward half (features 64:128) has read only the last step; "
        "unpack and use torch.cat((h_n[-2], h_n[-1]), -1)\n"
        "train.ipynb:cell 3:7:26: RNN102 the backward half has read only the last step\n"
    )


def test_nothing_found_is_nothing_said() -> None:
    assert rendered(Format.CONCISE, NOTHING) == ""


def test_in_colours() -> None:
    said = rendered(Format.CONCISE, Checked(CHECKED.diagnostics[1:2]), Look(colour=True))
    assert said == (
        "\x1b[1mtrain.ipynb\x1b[0m:cell 3:7:26: \x1b[1;31mRNN102\x1b[0m the backward half has read only the last step\n"
    )


def test_names_that_are_commands_of_the_terminal_are_spelled_out() -> None:
    one = Diagnostic(Place("\x1b[2J\u202e\udc80é.py", 0, 1, 0, 1, 1), "RNN102", "x", "a\nb\x00\x9bc")
    assert rendered(Format.CONCISE, Checked((one,))) == ("\\x1b[2J\\u202e\\udc80é.py:1:1: RNN102 a\\nb\\x00\\x9bc\n")


@given(checks)
def test_a_finding_a_line_whatever_is_in_it(checked: Checked) -> None:
    said = rendered(Format.CONCISE, checked)
    assert len(said.splitlines()) == said.count("\n") == len(checked.diagnostics)
    assert all(
        character.isprintable() or character in "\n\u00ad\u200c\u200d" or _blank(character) for character in said
    )


def _blank(character: str) -> bool:
    return character.isspace() or not character.isascii()
