"""With ``--rnnlint-follow-imports`` flake8 says of each file what ``rnnlint check`` says of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flake8.main.cli import main as flake8_here

from rnnlint import cli
from tests.hosts.running import ROOT, flake8, python

PROJECTS = ROOT / "fixtures" / "projects"
TWO = "two_entry_points"
FINDING = "model.py:12:24: RNN102 the backward half (features 32:64) has read only the last step"
OPTIONS = ("--select=RNN", "--rnnlint-follow-imports")

CALLER = """\
from model import Tagger


def main():
    return Tagger(3)


class Reader:
    def __init__(self):
        self.tagger = Tagger(3)

    def read(self, x):
        return self.tagger.encode(x)[:, -1]
"""
# what is wrong with it stands in the other file, which names a recurrent module
MODEL = """\
import torch.nn as nn


class Tagger(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.rnn = nn.LSTM(size, 4, batch_first=True, bidirectional=True)

    def encode(self, x):
        output, _ = self.rnn(x)
        return output
"""


def project(name: str, folder: Path) -> Path:
    """A copy of a test project, as a repository of its own."""
    shutil.copytree(PROJECTS / name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".rnnlint_cache"))
    (folder / ".git").mkdir()
    return folder


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["flake8"])
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """The lines of flake8, in this process."""
    flake8_here(["--jobs=1", *OPTIONS, *options])
    printed = capsys.readouterr()
    assert printed.err == ""
    return sorted(line.removeprefix("./") for line in printed.out.splitlines())


def checked(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    cli.main(["check", "--no-cache", "--output-format", "concise", *options])
    return sorted(capsys.readouterr().out.splitlines())


# every second: what is found in a project, tests/projects asks of all
@pytest.mark.parametrize("name", sorted(one.name for one in PROJECTS.iterdir())[::2])
def test_of_every_file_it_says_what_the_check_says(inside: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    project(name, inside)
    files = [path.relative_to(inside).as_posix() for path in sorted(inside.rglob("*.py"))]
    assert said(capsys, ".") == [line for line in checked(capsys) if line.partition(":")[0] in files]


@pytest.mark.parametrize("path", ["model.py", "train_large.py", "train_small.py"])
def test_of_one_file(inside: Path, capsys: pytest.CaptureFixture[str], path: str) -> None:
    project(TWO, inside)
    assert said(capsys, path) == checked(capsys, path)


def test_in_several_processes(tmp_path: Path) -> None:
    project(TWO, tmp_path)
    for jobs in (1, 2):
        run = flake8(*OPTIONS, f"--jobs={jobs}", ".", cwd=tmp_path)
        assert (run.stdout[2 : 2 + len(FINDING)], run.stdout.count("\n"), run.stderr) == (FINDING, 1, "")


def test_off_by_default_whatever_the_table_says(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(TWO, inside)
    (inside / "rnnlint.toml").write_text("isolated-files = false\n", encoding="utf-8")
    flake8_here(["--jobs=1", "--select=RNN", "."])
    assert capsys.readouterr().out == ""
    (inside / ".flake8").write_text("[flake8]\nrnnlint-follow-imports = true\n", encoding="utf-8")
    flake8_here(["--jobs=1", "--select=RNN", "."])
    assert FINDING in capsys.readouterr().out
    (inside / "rnnlint.toml").write_text("isolated-files = true\n", encoding="utf-8")
    assert said(capsys, ".") == checked(capsys) == []


def test_from_standard_input_the_text_in_hand_counts(tmp_path: Path) -> None:
    project(TWO, tmp_path)
    whole = (tmp_path / "model.py").read_text(encoding="utf-8")
    for shift, text in ((0, whole), (1, f"\n{whole}")):
        run = flake8(*OPTIONS, "--stdin-display-name=model.py", "-", cwd=tmp_path, given=text)
        line = FINDING.replace(":12:", f":{12 + shift}:")
        assert (run.stdout[: len(line)], run.stderr) == (line, "")
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
    for text, found in ((CALLER, "reading.py:13:16: RNN102"), (CALLER.replace("[:, -1]", ""), "")):
        run = flake8(*OPTIONS, "--stdin-display-name=reading.py", "-", cwd=tmp_path, given=text)
        assert (run.stdout[:24], run.stderr) == (found, "")


def test_without_a_configuration_and_from_a_folder_below(tmp_path: Path) -> None:
    folder = project("relative", tmp_path)
    (folder / "rnnlint.toml").write_text("ignore = ['RNN']\n", encoding="utf-8")
    run = flake8(*OPTIONS, "--isolated", ".", cwd=folder / "tagger" / "models")
    assert run.stdout.startswith("./sentence.py:16:24: RNN102"), run.stderr
    assert run.stdout.count("\n") == 1
    assert flake8(*OPTIONS, ".", cwd=folder).stdout == ""


def test_what_names_no_recurrent_module_has_its_findings_too(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inside / ".git").mkdir()
    (inside / "model.py").write_text(MODEL, encoding="utf-8")
    (inside / "reading.py").write_text(CALLER, encoding="utf-8")
    found = said(capsys, ".")
    assert [line.partition(" ")[0] for line in found] == ["reading.py:13:16:"]
    assert found == checked(capsys) == said(capsys, "reading.py")
    assert said(capsys, "model.py") == []


def test_a_second_run_takes_what_is_kept_and_analyses_nothing(inside: Path) -> None:
    project(TWO, inside)
    code = (
        f"import sys; from flake8.main.cli import main; main(['--jobs=1', *{OPTIONS!r}, '.']); "
        "print([name for name in ('rnnlint.judge', 'rnnlint.projects.linking') if name in sys.modules])"
    )
    first, second = (python("-c", code, cwd=inside).stdout.splitlines() for _ in range(2))
    assert first[:-1] == second[:-1]
    assert (len(first), first[-1], second[-1]) == (2, "['rnnlint.judge', 'rnnlint.projects.linking']", "[]")


def test_a_mistake_of_ours_is_said_and_costs_no_finding_of_the_file_alone(
    inside: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project(TWO, inside)

    def fails(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    shutil.copy(ROOT / "fixtures" / "demo" / "classifier.py", inside)
    alone = checked(capsys, "--isolated-files", "classifier.py")
    monkeypatch.setattr("rnnlint.checking.lazily.planned", fails)
    lines = said(capsys, ".")
    failed = [line for line in lines if "RNN901" in line and "ZeroDivisionError: on purpose" in line]
    assert [line.partition(":")[0] for line in failed] == sorted(one.name for one in inside.glob("*.py"))
    assert [line for line in lines if line not in failed] == alone != []


def test_where_nothing_of_torch_is_named_nothing_is_imported(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("import torch\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    code = (
        "import sys; from flake8.main.cli import main; main(['--jobs=1', *sys.argv[1:], '.']); "
        "print(*(name for name in sys.modules if name.startswith('rnnlint.')))"
    )
    with_it, without = (
        python("-c", code, *options, cwd=tmp_path).stdout.split() for options in (["--rnnlint-follow-imports"], [])
    )
    assert "rnnlint.checking.by_file" in with_it
    assert not {"rnnlint.checking.lazily", "rnnlint.rules", "rnnlint.judge"} & set(with_it)
    assert not any(name.startswith(("rnnlint.checking", "rnnlint.configuration")) for name in without)
