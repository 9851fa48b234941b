"""The plugin reads ``[tool.rnnlint]`` where flake8's own options say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from flake8.main.cli import main

from tests.hosts.running import FIRST_STEP, MISREAD, ROOT, flake8, rows
from tests.hosts.test_flake8 import FLAG

OFF = (ROOT / "fixtures" / "rules" / "RNN107" / "model.py").read_text(encoding="utf-8")
FILES = {"model.py": MISREAD, "first.py": FIRST_STEP, "flag.py": FLAG, "off.py": OFF}
DEFAULT = {("model.py", "RNN102"), ("first.py", "RNN110")}
FLAGGED, TURNED_ON = ("flag.py", "RNN102"), ("off.py", "RNN107")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["flake8"])
    (tmp_path / "src").mkdir()
    for name, text in FILES.items():
        (tmp_path / "src" / name).write_text(text, encoding="utf-8")
    return tmp_path


def found(capsys: pytest.CaptureFixture[str]) -> set[tuple[str, str]]:
    """What flake8 finds of ours here, in this process, since a process for each takes ten times as long."""
    main(["--jobs=1", "."])
    said = capsys.readouterr()
    assert said.err == ""
    return {(name, code) for name, _, _, code in rows(said.out) if code.startswith("RNN")}


@pytest.mark.parametrize(
    ("table", "own", "expected"),
    [
        ("", "", DEFAULT),
        ("all-configurations = true\nextend-select = ['RNN107']", "", {*DEFAULT, FLAGGED, TURNED_ON}),
        ("ignore = ['RNN102']\nexclude = ['first.py']", "", set()),
        ("select = ['RNN11', 'RNN2']", "", {("first.py", "RNN110")}),
        ("per-file-ignores = {'src/m*.py' = ['RNN1'], '!src' = ['RNN']}", "", {("first.py", "RNN110")}),
        ("jobs = 4\ncache = false\noutput-format = 'json'\nbaseline = 'x.json'", "", DEFAULT),
        # flake8's own options win
        ("all-configurations = true", "rnnlint-all-configurations = false", DEFAULT),
        ("ignore = ['RNN102', 'RNN110']", "extend-select = RNN102", {("model.py", "RNN102")}),
        ("ignore = ['RNN102']", "select = E,F,RNN", {("first.py", "RNN110")}),
        ("extend-select = ['RNN107']", "extend-ignore = RNN107,RNN110", {("model.py", "RNN102")}),
        ("extend-select = ['RNN107']", "select = E,F", set()),
        ("select = ['RNN2']", "per-file-ignores = src/first.py:RNN110\nselect = RNN1", {("model.py", "RNN102")}),
    ],
)
def test_where_flake8_says_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], table: str, own: str, expected: set[tuple[str, str]]
) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.rnnlint]\n{table}\n", encoding="utf-8")
    (folder / ".flake8").write_text(f"[flake8]\n{own}\n", encoding="utf-8")
    assert found(capsys) == expected


def test_a_run_that_reads_no_configuration_reads_none(folder: Path) -> None:
    (folder / "rnnlint.toml").write_text("ignore = ['RNN']\n", encoding="utf-8")
    run = flake8("--isolated", "--jobs=1", ".", cwd=folder)
    assert {(name, code) for name, _, _, code in rows(run.stdout) if code.startswith("RNN")} == DEFAULT
    assert flake8("--select=RNN", ".", cwd=folder).stdout == ""


def test_the_nearest_above_each_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "rnnlint.toml").write_text("ignore = ['RNN102']\n", encoding="utf-8")
    (folder / "src" / "rnnlint.toml").write_text("ignore = ['RNN110']\n", encoding="utf-8")
    (folder / "above.py").write_text(MISREAD, encoding="utf-8")
    assert found(capsys) == {("model.py", "RNN102")}


def test_what_is_wrong_with_it_is_said_and_loses_nothing(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.rnnlint]\nignroe = ['RNN102']\n", encoding="utf-8")
    run = flake8("--jobs=1", ".", cwd=folder)
    assert run.stderr == "rnnlint: pyproject.toml: unknown key 'ignroe': did you mean 'ignore'?\n"
    assert {(name, code) for name, _, _, code in rows(run.stdout) if code.startswith("RNN")} == DEFAULT


def test_nothing_is_read_for_files_that_mention_no_rnn(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("import torch\n", encoding="utf-8")
    (tmp_path / "rnnlint.toml").write_text("no TOML\n", encoding="utf-8")
    run = flake8("--jobs=1", "--select=RNN", ".", cwd=tmp_path)
    assert (run.stdout, run.stderr) == ("", "")


def test_standard_input_has_the_configuration_of_its_name(folder: Path) -> None:
    (folder / "rnnlint.toml").write_text("per-file-ignores = {'src/model.py' = ['RNN']}\n", encoding="utf-8")
    text = (folder / "src" / "model.py").read_text(encoding="utf-8")
    for name, expected in (("src/model.py", ""), ("src/other.py", "src/other.py:12:26: RNN102")):
        run = flake8("--select=RNN", f"--stdin-display-name={name}", "-", cwd=folder, given=text)
        assert run.stdout.startswith(expected)
        assert bool(run.stdout) is bool(expected)
