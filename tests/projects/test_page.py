"""What docs/projects.md shows is what happens."""

from __future__ import annotations

import re

import pytest

from rnnlint.checking import surroundings
from rnnlint.cli import main
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.projects import concern, plan
from tests.hosts.running import ROOT

PAGE = (ROOT / "docs" / "projects.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ rnnlint (.*?)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("command", "said"), SHOWN)
def test_transcript(
    command: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main([*command.split(), "--no-cache"]) == 1
    assert capsys.readouterr().out == said


def test_something_is_shown() -> None:
    assert SHOWN


def test_the_bounds_are_these() -> None:
    rows = re.findall(r"^\| ([\d,]+) (?:further )?files ", PAGE, re.MULTILINE)
    bounds = [plan._MOST, plan._MOST_HELPERS, concern.FARTHEST, surroundings._MOST]
    assert [int(row.replace(",", "")) for row in rows] == bounds
    steps = re.findall(r"^\| ([\d,]+) steps of a file that builds no module", PAGE, re.MULTILINE)
    assert steps == [f"{LIMITS.guest:,}"]
    times, more = plan._LARGEST_HELP
    assert f"no longer than {('', 'once', 'twice')[times]} what they help and {more:,} characters" in PAGE
