"""What a change has gained: the row, the table of docs/cost.md, the command, and what the page says of commands."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks import bench, page, steps
from benchmarks.files import ROOT, Source
from benchmarks.page import BEGIN, END, PAGE, Row, rows, table, with_row
from benchmarks.parses import Cost
from benchmarks.steps import Pair, compared, row
from tools.tsv import BadInput

LAST = """\
import torch
m = torch.nn.LSTM(4, 8, bidirectional=True)
y = torch.nn.Linear(16, 2)(m(torch.rand(5, 3, 4))[0][-1])
"""
EMPTY = f"# A page\n\n{BEGIN}\n{table([])}{END}\nand more\n"
DAY = datetime.date(2027, 1, 2)


def _pair(before: float, after: float, same: bool = True) -> Pair:
    return Pair(Cost("a.py", 600, 0.1, before), Cost("a.py", 600, 0.1, after), same)


def test_a_row_says_both_figures() -> None:
    found = row("one pass", [_pair(0.2, 0.1), _pair(0.4, 0.3)], DAY)
    assert (found.step, found.date, found.files, found.lines) == ("one pass", "2027-01-02", "2", "1,200")
    assert found.seconds == "0.60 to 0.40"
    assert found.summed == "3.00 to 2.00"
    assert found.median == "2.00 to 1.00"
    assert found.ninety_ninth == "4.00 to 3.00"
    assert found.findings == "the same"


def test_a_row_says_that_reports_differ() -> None:
    assert row("one", [_pair(1, 1), _pair(1, 1, same=False)], DAY).findings == "1 files differ"


def _row(step: str, seconds: str = "2.00 to 1.00") -> Row:
    return Row(step, "2027-01-02", "3.11", "2", "10", seconds, "a", "b", "c", "the same")


def test_rows_are_appended_and_replaced_by_their_step() -> None:
    first = with_row(EMPTY, _row("first"))
    both = with_row(first, _row("second"))
    assert [one.step for one in rows(both)] == ["first", "second"]
    again = with_row(both, _row("first", "3.00 to 1.00"))
    assert [(one.step, one.seconds) for one in rows(again)] == [
        ("first", "3.00 to 1.00"),
        ("second", "2.00 to 1.00"),
    ]
    assert again.startswith("# A page\n")
    assert again.endswith("\nand more\n")


def test_a_bar_in_a_name_does_not_make_a_column() -> None:
    assert rows(with_row(EMPTY, _row("a | b")))[0].step == "a / b"
    assert len(rows(with_row(with_row(EMPTY, _row("a | b")), _row("a | b")))) == 1


@pytest.mark.parametrize(
    "text", ["no table", BEGIN, EMPTY.replace("| step |", "| stop |"), EMPTY.replace(END, f"| a | b |\n{END}")]
)
def test_a_page_without_the_table_cannot_be_used(text: str) -> None:
    with pytest.raises(BadInput):
        with_row(text, _row("first"))


def test_a_change_of_what_is_said_is_seen(tmp_path: Path) -> None:
    """Two trees, one of which says nothing: each is linted with its own linter, and the reports are compared."""
    silent = tmp_path / "silent"
    shutil.copytree(ROOT / "rnnlint", silent / "rnnlint", ignore=shutil.ignore_patterns("__pycache__"))
    linter = silent / "rnnlint" / "linter.py"
    linter.write_text(
        linter.read_text() + "\n\nREAL = lint\n\n\ndef lint(*given):\n    REAL(*given)\n    return NOTHING\n"
    )
    first, second = compared([Source("last.py", LAST), Source("plain.py", "x = 1\n")], silent.resolve(), ROOT, 1)
    assert not first.same
    assert second.same
    assert first.before.parse == first.after.parse > 0
    assert min(first.before.lint, first.after.lint) > 0


def test_a_tree_without_a_linter_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"another rnnlint is imported there|has ended"):
        compared([Source("last.py", LAST)], tmp_path.resolve(), ROOT, 1)


def _repository() -> bool:
    return subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _repository(), reason="a base is a commit of the repository")
def test_the_command_writes_the_row_and_leaves_no_worktree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worktrees = ["git", "worktree", "list"]
    before = subprocess.run(worktrees, cwd=ROOT, capture_output=True, check=True).stdout
    where = tmp_path / "cost.md"
    where.write_text(EMPTY)
    arguments = ["--base", "HEAD", "--page", str(where), "--only", "fixtures/demo", "--rounds", "1"]
    status = steps.main([*arguments, "--step", "nothing"])
    assert status in (0, 1)  # what is not committed may have changed a report
    (written,) = rows(where.read_text())
    assert written.step == "nothing"
    assert int(written.files) > 0
    assert written.markdown in capsys.readouterr().out
    assert subprocess.run(worktrees, cwd=ROOT, capture_output=True, check=True).stdout == before


@pytest.mark.skipif(not _repository(), reason="likewise")
def test_a_commit_that_is_not_there_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert steps.main(["--base", "no-such-commit", "--only", "fixtures/demo"]) == 2
    assert "no-such-commit" in capsys.readouterr().err


class TestThePage:
    TEXT = PAGE.read_text(encoding="utf-8")

    def test_its_table_is_one(self) -> None:
        found = rows(self.TEXT)
        assert len({one.step for one in found}) == len(found)
        for one in found:
            datetime.date.fromisoformat(one.date)
            for figures in (one.seconds, one.summed, one.median, one.ninety_ninth):
                assert re.fullmatch(r"[\d.]+ to [\d.]+", figures), one.step
            assert int(one.files) > 0
            assert re.fullmatch(r"the same|\d+ files differ.*", one.findings), one.step

    def test_its_parts_are_those_of_the_benchmark(self) -> None:
        assert tuple(re.findall(r"^\| `(\w+)` \| ", self.TEXT, re.MULTILINE)) == bench.PARTS

    def test_every_option_it_names_is_taken(self, capsys: pytest.CaptureFixture[str]) -> None:
        taken = ""
        for command in (bench.main, steps.main):
            with pytest.raises(SystemExit):
                command(["--help"])
            taken += capsys.readouterr().out
        named = set(re.findall(r"--[a-z]+", re.sub(r"<!--.*?-->", "", self.TEXT)))
        assert named
        assert {option for option in named if option not in taken} == set()

    def test_every_module_and_page_it_names_is_there(self) -> None:
        for name in re.findall(r"python -m ([a-z_.]+[a-z])", self.TEXT):
            path = ROOT / name.replace(".", "/")
            assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), name
        for link in re.findall(r"\]\(([\w.-]+)\)", self.TEXT):
            assert (PAGE.parent / link).is_file(), link
        for name in re.findall(r"`((?:rnnlint|benchmarks)/[\w./]+)`", self.TEXT):
            assert (ROOT / name).is_file(), name

    def test_make_hands_its_options_on(self) -> None:
        assert "benchmarks.bench $(BENCH)" in (ROOT / "Makefile").read_text(encoding="utf-8")
        assert page.PAGE == ROOT / "docs" / "cost.md"
