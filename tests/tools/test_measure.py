"""The measurement on a made-up corpus: what counts as found, missed, false, judged, and what the command answers."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tools.measure import page
from tools.measure.__main__ import FIFTH, FOURTH, HERE, LATEST, SECOND, SETS, SIXTH, THIRD, UNSEEN, main
from tools.measure.fetch import fetch
from tools.measure.figures import Share
from tools.measure.findings import JUDGED_COLUMNS, VERDICTS, location, read_judged
from tools.measure.labels import (
    COLUMNS,
    CORRECTED_COLUMNS,
    MISSED_COLUMNS,
    File,
    key_of,
    read_labels,
    read_notes,
)
from tools.tsv import rows

ROOT = Path(__file__).resolve().parents[2]
LAST = """\
import torch
m = torch.nn.LSTM(4, 8, bidirectional=True)
output, _ = m(torch.rand(5, 3, 4))
y = torch.nn.Linear(16, 2)(
    output[-1]
)
"""
EITHER = """\
import torch
class Model(torch.nn.Module):
    def __init__(self, both=False):
        super().__init__()
        self.rnn = torch.nn.GRU(4, 8, bidirectional=both)
    def forward(self, x):
        output, _ = self.rnn(x)
        return output[-1]
"""


def _label(**cells: str) -> dict[str, str]:
    given = {
        "repo": "a/b", "commit": "c0", "path": "last.py", "line": "5", "verdict": "bug",
        "slug": "last-step-of-bidirectional", "scope": "file", "code": "RNN102", "conditional": "no", "reason": "half",
    }  # fmt: skip
    return {**dict.fromkeys(COLUMNS, ""), **given, **cells}


def _write(path: Path, columns: tuple[str, ...], lines: list[dict[str, str]]) -> None:
    path.write_text("\n".join("\t".join(cells) for cells in (columns, *([row[c] for c in columns] for row in lines))))


class World:
    """A corpus of one repository, and the lists about it, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder, folder / "corpus"
        self.put("last.py", LAST)
        self.labels(_label())
        self.list("corrected", CORRECTED_COLUMNS)
        self.list("judged", JUDGED_COLUMNS)
        self.list("missed", MISSED_COLUMNS)

    def put(self, path: str, text: str) -> None:
        place = location(self.files, ("a/b", "c0", path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def labels(self, *lines: dict[str, str]) -> None:
        _write(self.folder / "labels.tsv", COLUMNS, list(lines))

    def list(self, name: str, columns: tuple[str, ...], *lines: tuple[str, ...]) -> None:
        found = [dict(zip(columns, ("a/b", "c0", *line), strict=True)) for line in lines]
        _write(self.folder / f"{name}.tsv", columns, found)

    def corrected(self, change: str, line: str = "5", slug: str = "last-step-of-bidirectional") -> None:
        self.list("corrected", CORRECTED_COLUMNS, ("last.py", line, slug, change, "because"))

    def judged(self, *lines: tuple[str, ...]) -> None:
        self.list("judged", JUDGED_COLUMNS, *lines)

    def run(self, *more: str) -> int:
        lists = [part for name in ("labels", "corrected", "judged", "missed") for part in (f"--{name}", self._of(name))]
        return main([*more, "--files", str(self.files), *lists])

    def _of(self, name: str) -> str:
        return str(self.folder / f"{name}.tsv")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def _line(out: str, start: str) -> list[str]:
    """The cells of the first line of a printed table that starts so."""
    found = next(line for line in out.splitlines() if line.strip().startswith(start))
    return [cell.strip() for cell in found.strip().split("  ") if cell.strip()]


class TestRecall:
    def test_a_found_row(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        assert world.run() == 0
        out = capsys.readouterr().out
        assert _line(out, "recall, bug")[2:5] == ["1/1 = 100.0 %", "1/1 = 100.0 %", "yes"]
        assert _line(out, "RNN102")[1:5] == ["1/1", "-", "1", "0"]

    def test_in_another_line_of_the_same_statement(self, world: World) -> None:
        world.labels(_label(line="4"))
        assert world.run() == 0

    def test_not_in_another_statement(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.labels(_label(line="3"))
        assert world.run() == 1
        out = capsys.readouterr().out
        assert _line(out, "recall, bug")[2:5] == ["0/1 = 0.0 %", "0/1 = 0.0 %", "no"]
        assert "Missed, and no reason is written down:\n" in out
        assert "Not yet judged:\n" in out

    def test_where_the_label_says_it_should_stand(self, world: World) -> None:
        world.labels(_label(line="2", report_line="5"))
        assert world.run() == 0

    def test_by_the_second_code(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.labels(_label(code="RNN110", code2="RNN102"))
        assert world.run() == 0
        assert _line(capsys.readouterr().out, "RNN110")[1] == "1/1"

    def test_a_code_from_the_slug(self, world: World) -> None:
        world.labels(_label(code=""))
        assert world.run() == 0

    @pytest.mark.parametrize("cells", [{"scope": "project"}, {"scope": "runtime"}, {"code": "none", "code2": "RNN201"}])
    def test_what_is_not_demanded_is_not_missed(self, world: World, cells: dict[str, str]) -> None:
        world.labels(_label(), _label(line="3", **cells))
        assert world.run() == 0

    def test_a_conditional_row_is_asked_of_all_configurations(
        self, world: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        world.put("either.py", EITHER)
        world.labels(_label(path="either.py", line="8", conditional="yes"))
        assert world.run() == 0
        out = capsys.readouterr().out
        assert "0 findings in the declared configurations, 1 in all of them" in out
        assert _line(out, "recall, conditional, bug")[2] == "1/1 = 100.0 %"
        assert _line(out, "recall, bug")[2] == "0/0"

    def test_a_row_that_only_all_configurations_find_is_missed_otherwise(self, world: World) -> None:
        world.put("either.py", EITHER)
        world.labels(_label(path="either.py", line="8"))
        assert world.run() == 1

    def test_an_explained_miss(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.labels(_label(), _label(line="3"))
        world.list("missed", MISSED_COLUMNS, ("last.py", "3", "last-step-of-bidirectional", "nobody looks there"))
        assert world.run() == 0
        assert "nobody looks there" in capsys.readouterr().out

    def test_a_found_row_that_is_explained_as_missed(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.list("missed", MISSED_COLUMNS, ("last.py", "5", "last-step-of-bidirectional", "it was missed once"))
        assert world.run() == 1
        assert "Explained as missed, and found:\n" in capsys.readouterr().out


class TestPrecision:
    def test_a_finding_on_a_row_that_is_ok(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.labels(_label(verdict="ok"))
        assert world.run() == 0
        out = capsys.readouterr().out
        assert _line(out, "false alarms on labelled lines")[2:5] == ["1/1 = 100.0 %", "1/1 = 100.0 %", "no"]
        assert _line(out, "RNN102")[3:] == ["0", "1", "0", "0", "0", "0 %", "0 %"]

    def test_a_row_that_is_wrong_for_another_reason_judges_nothing(self, world: World) -> None:
        world.labels(_label(code="none", slug="bare-squeeze", verdict="suspicious"))
        assert world.run() == 1
        world.judged(("last.py", "5", "RNN102", "true", "the backward half has read one step"))
        assert world.run() == 0

    @pytest.mark.parametrize(("verdict", "precision"), [("true", "100 %"), ("arguable", "100 %"), ("false", "0 %")])
    def test_a_judged_finding(
        self, world: World, verdict: str, precision: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        world.labels(_label(line="1", verdict="ok"))
        world.judged(("last.py", "5", "RNN102", verdict, "as it is"))
        assert world.run() == 0
        line = _line(capsys.readouterr().out, "RNN102")
        assert line[5:8] == [str(int(verdict == one)) for one in VERDICTS]
        assert line[8] == precision

    def test_a_finding_nobody_has_judged(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.labels(_label(line="1", verdict="ok"))
        out = world.folder / "out.tsv"
        assert world.run("--out", str(out)) == 1
        assert "Not yet judged:\n" in capsys.readouterr().out
        cells = out.read_text().splitlines()[1].split("\t")
        assert cells[:6] == ["a/b", "c0", "last.py", "5", "RNN102", ""]
        (world.folder / "judged.tsv").write_text(out.read_text())
        assert world.run() == 2, "a list with a verdict missing is refused"

    def test_a_judged_finding_that_is_gone(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.judged(("last.py", "2", "RNN503", "true", "once"))
        assert world.run() == 1
        assert "Judged, and gone:\n" in capsys.readouterr().out

    def test_a_file_that_cannot_be_analysed_is_no_silence(
        self, world: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        world.put("last.py", "import torch\ntorch.nn.LSTM(4, 8\n")
        world.labels(_label(verdict="ok", line="1"))
        world.run()
        assert "RNN900" in capsys.readouterr().out


class TestCorrected:
    def test_both_figures(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.labels(_label(), _label(line="3"))
        world.corrected("code=none", line="3")
        assert world.run() == 0
        assert _line(capsys.readouterr().out, "recall, bug")[2:5] == ["1/2 = 50.0 %", "1/1 = 100.0 %", "yes"]

    def test_a_row_that_is_ok_after_all(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.corrected("verdict=ok; code=RNN201")
        assert world.run() == 0
        assert _line(capsys.readouterr().out, "false alarms on")[2:5] == ["0/1 = 0.0 %", "1/1 = 100.0 %", "no"]

    def test_the_same_mistake_twice(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.labels(_label(), _label(line="3", report_line="5"))
        world.corrected("twice", line="3")
        assert world.run() == 0
        assert _line(capsys.readouterr().out, "recall, bug")[2:4] == ["2/2 = 100.0 %", "1/1 = 100.0 %"]

    def test_rows_of_other_labels_are_left_alone(self, world: World) -> None:
        world.list("corrected", CORRECTED_COLUMNS, ("elsewhere.py", "5", "bare-squeeze", "code=none", "because"))
        world.judged(("elsewhere.py", "5", "RNN102", "true", "as it is"))
        world.list("missed", MISSED_COLUMNS, ("elsewhere.py", "5", "bare-squeeze", "as it is"))
        assert world.run() == 0


class TestNotebooks:
    def test_cells_are_one_module(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        first, second = LAST.split("output,")
        cells = [
            {"cell_type": "markdown", "source": ["# a title"]},
            {"cell_type": "code", "source": ["%matplotlib inline\n", *first.splitlines(keepends=True)]},
            {"cell_type": "code", "source": f"output,{second}"},
        ]
        world.put("last.ipynb", json.dumps({"cells": cells}))
        world.labels(_label(path="last.ipynb", line="cell2:line3"))
        assert world.run() == 0
        assert "1 findings in the declared" in capsys.readouterr().out


class TestBadInput:
    def test_a_file_that_is_not_there(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.labels(_label(path="other.py"))
        assert world.run() == 2
        assert "other.py: not there" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("change", "line", "why"),
        [
            ("code=none", "9", "no label stands at line 9"),
            ("code", "5", "a change is"),
            ("code=104", "5", "a change is"),
            ("line=4", "5", "a change is"),
        ],
    )
    def test_a_correction(
        self, world: World, change: str, line: str, why: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        world.corrected(change, line=line)
        assert world.run() == 2
        assert why in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            (("last.py", "x", "RNN102", "true", "why"), "line is 17"),
            (("last.py", "5", "F401", "true", "why"), "code is one like"),
            (("last.py", "5", "RNN102", "maybe", "why"), "verdict is one of"),
            (("last.py", "5", "RNN102", "true", " "), "there is no reason"),
        ],
    )
    def test_a_verdict(self, world: World, line: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]) -> None:
        world.judged(line)
        assert world.run() == 2
        assert why in capsys.readouterr().err

    def test_a_list_of_another_form(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        (world.folder / "judged.tsv").write_text("a\tb\n")
        assert world.run() == 2
        assert "the first line is" in capsys.readouterr().err


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_files_are_fetched(tmp_path: Path) -> None:
    published = tmp_path / "remote" / "a" / "b"
    published.mkdir(parents=True)
    _git(published, "init", "--quiet")
    (published / "last.py").write_text(LAST)
    _git(published, "add", ".")
    _git(published, "commit", "--quiet", "-m", "as it was")
    commit = _git(published, "rev-parse", "HEAD")
    (published / "last.py").write_text("1\n")
    _git(published, "commit", "--quiet", "-am", "as it is")
    files = [("a/b", commit, "last.py"), ("a/b", commit, "other.py"), ("a/c", commit, "last.py")]
    said = list(fetch(tmp_path / "corpus", files, str(tmp_path / "remote")))
    assert location(tmp_path / "corpus", files[0]).read_text() == LAST
    assert [line.partition(": ")[0] for line in said] == ["a/b other.py", f"a/c {commit}"]


def test_a_share_of_none_has_an_interval_from_zero() -> None:
    """Rounding does not make its lower end less than nothing, which would be written with a minus."""
    assert [Share(0, whole).interval.partition(" ")[0] for whole in range(1, 40)] == ["0"] * 39


def test_the_sets_can_be_read_and_hold_no_code() -> None:
    """Every list is read as the command reads it; no file is in two sets."""
    files: list[File] = []
    for folder in sorted(SETS.iterdir()):
        labels = read_labels(folder / "labels.tsv")
        assert labels
        assert {cells["expr"] for cells in labels} == {""}, "places are kept, never what stands there"
        here = list(dict.fromkeys(key_of(cells)[:3] for cells in labels))
        read_notes(folder / "corrected.tsv", labels, CORRECTED_COLUMNS)
        read_notes(folder / "missed.tsv", labels, MISSED_COLUMNS)
        read_judged(folder / "judged.tsv", here)
        files += here
    assert len(set(files)) == len(files)


@pytest.mark.parametrize("of", [None, UNSEEN, SECOND, THIRD, FOURTH, FIFTH, SIXTH, LATEST])
class TestThePage:
    """What docs/measured.md says can be compared with the lists, though not with the corpus."""

    text = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")

    def section(self, of: str | None, title: str) -> list[list[str]]:
        """The lines of a table below its header, among the figures of a set."""
        figures = self.text.partition(page.begin(of))[2].partition(page.END)[0]
        body = figures.partition(f"### {title}\n")[2].partition("\n#")[0]
        lines = [line for line in body.splitlines() if line.startswith("|")]
        return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]

    @pytest.mark.parametrize(
        ("title", "name", "columns", "last"),
        [
            ("Corrected labels", "corrected", CORRECTED_COLUMNS, ("slug", "change", "reason")),
            ("Findings on lines without a label", "judged", JUDGED_COLUMNS, ("verdict", "reason")),
            ("Misses, as corrected", "missed", MISSED_COLUMNS, ("reason",)),
        ],
    )
    def test_it_has_every_row_of_a_list(
        self, of: str | None, title: str, name: str, columns: tuple[str, ...], last: tuple[str, ...]
    ) -> None:
        folder = SETS / of if of else HERE
        listed = [
            [f"{cells['repository']} {cells['path']}", *(cells[column] for column in last)]
            for _, cells in rows(folder / f"{name}.tsv", columns)
        ]
        shown = [
            [re.sub(r":cell\d+$", "", line[0].rpartition(":")[0]), *line[-len(last) :]]
            for line in self.section(of, title)
        ]
        plain = [[cell.replace("\\", "") for cell in line] for line in shown]
        assert sorted(plain) == sorted(listed)

    def test_its_verdicts_are_those_of_the_list(self, of: str | None) -> None:
        """All are listed, those of the declared configurations counted by rule."""
        total = next(line for line in self.section(of, "By rule, as corrected") if line[0] == "all")
        listed = [line[2] for line in self.section(of, "Findings on lines without a label") if line[1] == "declared"]
        assert [int(count) for count in total[5:8]] == [listed.count(verdict) for verdict in VERDICTS]

    def test_its_lines_add_up(self, of: str | None) -> None:
        *codes, total = self.section(of, "By rule, as corrected")
        for column in (1, 2):
            parts = [line[column].split("/") for line in codes if line[column] != "-"]
            assert "/".join(str(sum(int(part[place]) for part in parts)) for place in (0, 1)) == total[column]
        for column in range(3, 8):
            assert sum(int(line[column]) for line in codes) == int(total[column])
        totals = {line[0]: line for line in self.section(of, "Totals")}
        declared = [totals[f"recall, {verdict}"][3].split(" ")[0].split("/") for verdict in ("bug", "suspicious")]
        assert "/".join(str(sum(int(part[place]) for part in declared)) for place in (0, 1)) == total[1]

    def test_nothing_is_left_open(self, of: str | None) -> None:
        assert "not yet explained" not in self.text.partition(page.begin(of))[2].partition(page.END)[0]
