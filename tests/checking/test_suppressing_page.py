"""docs/suppressing.md: its programs, its changes and its baseline are what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rnnlint.checking.adding_noqa import with_noqa
from rnnlint.checking.baseline import Key, as_json, read
from rnnlint.checking.suppressions import silenced
from rnnlint.findings import Finding
from tests.hosts.running import ROOT

PAGE = (ROOT / "docs" / "suppressing.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def last_steps(text: str) -> list[Finding]:
    return [
        Finding(number, 0, "RNN102", "backward-last-step", "")
        for number, line in enumerate(text.split("\n"), 1)
        if "output[:, -1]" in line
    ]


@pytest.mark.parametrize("text", blocks("python"))
def test_what_is_reported_is_what_the_page_says(text: str) -> None:
    reported = [number for number, line in enumerate(text.split("\n"), 1) if "<- reported" in line]
    assert last_steps(text)
    assert [one.line for one in silenced(last_steps(text), text).kept] == reported


def test_each_line_of_the_whole_file_suppresses_it() -> None:
    (text,) = [text for text in blocks("python") if "flake8" in text]
    *comments, program = text.splitlines()
    for comment in comments:
        assert not silenced(last_steps(f"{comment}\n{program}"), f"{comment}\n{program}").kept


def test_comments_are_added_as_the_page_shows() -> None:
    (change,) = blocks("diff")
    lines = [line for line in change.splitlines() if not line.startswith("+")]
    before = "".join(f"{line[1:]}\n" for line in lines)
    after = "".join(f"{line[1:]}\n" for line in change.splitlines() if not line.startswith("-"))
    assert with_noqa(before, last_steps(before), "as in the paper").text == after


def test_the_baseline_is_one(tmp_path: Path) -> None:
    (text,) = blocks("json")
    (tmp_path / "known.json").write_text(text, encoding="utf-8")
    known = read(tmp_path / "known.json")
    assert known == {Key("src/tagger.py", "RNN102", "Tagger.forward", "output[:, -1]"): 1}
    assert as_json(known) == text
