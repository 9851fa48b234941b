"""Whole repositories, brought with git and compared: alone and with the project in view."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tools.measure.findings import Said, Where
from tools.measure.labels import as_row
from tools.projects import tables
from tools.projects.comparing import COLUMNS, Compared, cells_of, found, read_verdicts
from tools.projects.running import ALONE, Run
from tools.projects.running import run as run_tree
from tools.projects.trees import fetch, folder_of
from tools.tsv import BadInput

TREE = ("owner/name", "c0ffee")
FILE = (*TREE, "model.py")


def said(line: int, code: str = "RNN102") -> Said:
    return Said(Where(FILE, (0, line), code), frozenset({(0, line)}), f"line {line}")


def run(*lines: int, seconds: float = 1.0) -> Run:
    return Run(tuple(map(said, lines)), seconds, "", {})


def compared(alone: Run, together: Run) -> Compared:
    return Compared(TREE, alone, together, alone, together)


def label(line: int, verdict: str = "bug", conditional: str = "no") -> dict[str, str]:
    return {
        "repo": TREE[0], "commit": TREE[1], "path": "model.py", "line": str(line), "verdict": verdict,
        "slug": "last-step-of-bidirectional", "config": "", "expr": "", "scope": "project", "code": "", "code2": "",
        "report_line": "", "conditional": conditional, "reason": "because",
    }  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> tuple[Path, str]:
    folder = tmp_path / "clones" / "owner+name"
    for name, content in (
        ("model.py", b"import config\r\n"),
        ("pkg/a b.py", b"x = 1\n"),
        ("config.json", b"{}"),
        ("weights.bin", b"\0" * 10),
        ("data.json", b" " * 300_000),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "link.py").symlink_to("model.py")

    def git(*arguments: str) -> str:
        named = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        done = subprocess.run(
            ["git", "-C", str(folder), *named, *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "all")
    return tmp_path / "clones", git("rev-parse", "HEAD")


def test_brings_what_an_analysis_may_read_as_it_is(repository: tuple[Path, str], tmp_path: Path) -> None:
    clones, commit = repository
    trees = [("owner/name", commit)]
    assert list(fetch(tmp_path / "trees", trees, f"{clones}/{{}}")) == []
    folder = folder_of(tmp_path / "trees", trees[0])
    brought = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert brought == ["config.json", "model.py", "pkg/a b.py"]
    assert (folder / "model.py").read_bytes() == b"import config\r\n"


def test_says_what_cannot_be_had(tmp_path: Path) -> None:
    failed = list(fetch(tmp_path, [("owner/none", "c0ffee")], f"{tmp_path}/{{}}"))
    assert len(failed) == 1
    assert failed[0].startswith("owner/none c0ffee: ")


def test_new_and_gone_are_told_apart_and_counted() -> None:
    both = compared(run(1, 2, 2), run(2, 3))
    assert [(change, one.where.place[1]) for change, one in both.changes()] == [("new", 3), ("gone", 1), ("gone", 2)]


def test_rows_are_found_by_the_runs_that_speak_of_them() -> None:
    rows = [as_row(label(3)), as_row(label(4))]
    results = found([compared(run(1), run(3))], rows)
    assert [(one.alone, one.together) for one in results] == [(False, True), (False, False)]
    assert "0/2 = 0.0 %  1/2 = 50.0 %" in tables.rows(results).text()


def test_what_is_said_of_a_right_line_is_shown() -> None:
    shown = tables.on_right_lines([compared(run(), run(3))], [as_row(label(3, "ok"))])
    assert [line[1] for line in shown.lines] == ["RNN102"]


def test_costs_are_added_up() -> None:
    several = replace(run(seconds=3), joined=2)
    shown = tables.costs([compared(run(seconds=2), several), compared(run(seconds=2), run(seconds=2))])
    assert shown.lines[-3:] == (
        ("all in which no other file takes part (1)", "2.00", "2.00", "1.00"),
        ("all in which others do (1)", "2.00", "3.00", "1.50"),
        ("all (2)", "4.00", "5.00", "1.25"),
    )


def test_files_that_take_part_are_counted(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, TREE)
    folder.mkdir(parents=True)
    model = (
        "from torch import nn\n\n\nclass Model(nn.Module):\n    def __init__(self):\n        self.rnn = nn.GRU(2, 3)\n"
    )
    (folder / "model.py").write_text(model)
    (folder / "other.py").write_text("import torch\n")
    assert run_tree(tmp_path, TREE).joined == 0
    (folder / "train.py").write_text("from model import Model\n\nModel()\n")
    assert run_tree(tmp_path, TREE).joined == 2
    assert run_tree(tmp_path, TREE, ALONE).joined == 0


def test_a_list_of_verdicts_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "judged.tsv"
    line = ("owner/name", "c0ffee", "model.py", "3", "RNN102", "new", "true", "seen")
    path.write_text("\n".join("\t".join(cells) for cells in (COLUMNS, line)) + "\n", encoding="utf-8")
    judged = read_verdicts(path, [TREE])
    assert cells_of("new", said(3), judged) == line
    assert cells_of("gone", said(3), judged)[-2:] == ("", "line 3")
    assert read_verdicts(path, []) == {}


def test_a_verdict_needs_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "judged.tsv"
    line = ("owner/name", "c0ffee", "model.py", "3", "RNN102", "new", "true", " ")
    path.write_text("\n".join("\t".join(cells) for cells in (COLUMNS, line)) + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match="line 2"):
        read_verdicts(path, [TREE])
