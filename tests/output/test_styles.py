"""When there are colours, and how wide a line may be."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from rnnlint.output.styles import Look, Style, look_of, wants_colour


@pytest.mark.parametrize(
    ("terminal", "environment", "wanted"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": "0"}, False),
        (True, {"NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, True),
        (False, {"FORCE_COLOR": ""}, False),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (False, {"CLICOLOR_FORCE": "1"}, True),
        (False, {"CLICOLOR_FORCE": "0"}, False),
        (True, {"CLICOLOR": "0"}, False),
        (True, {"CLICOLOR": "1"}, True),
        (False, {"CLICOLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        (True, {"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, True),
    ],
)
def test_wants_colour(terminal: bool, environment: dict[str, str], wanted: bool) -> None:
    assert wants_colour(terminal, environment) is wanted


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_look_of_a_terminal_and_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    assert look_of(_Terminal(), {}) == Look(colour=True, width=72)
    with (tmp_path / "out").open("w", encoding="utf-8") as file:
        assert look_of(file, {}) == Look(colour=False, width=120)


def test_blanks_have_no_colour() -> None:
    look = Look(colour=True)
    assert (look.paint("x", Style.STRONG), look.paint("  ", Style.STRONG), look.paint("", Style.STRONG)) == (
        "\x1b[1mx\x1b[0m",
        "  ",
        "",
    )
