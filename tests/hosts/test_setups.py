"""The set-ups that README describes, each as a user has it.  What needs a package index is in test_pre_commit.py."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.hosts.repositories import Repository, copy_ours
from tests.hosts.running import FINDING, FIRST_STEP, HANG, MISREAD, ROOT, codes, flake8, flake8_here, python, readme

(SETTINGS,) = readme("ini")
_, RUFF = readme("toml")
ENTRY = "--select=RNN,E9"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(MISREAD, encoding="utf-8")
    (tmp_path / "first.py").write_text(FIRST_STEP, encoding="utf-8")
    return tmp_path


def found(folder: Path, *args: str) -> set[str]:
    run = flake8_here(*args, ".", cwd=folder)
    assert run.stderr == ""
    return set(codes(run.stdout))


@pytest.mark.parametrize("name", ["setup.cfg", "tox.ini", ".flake8"])
def test_a_project_with_a_select_of_its_own(folder: Path, name: str) -> None:
    assert {"RNN102", "RNN110"} <= found(folder)
    (folder / name).write_text("[flake8]\nselect = E,F\n", encoding="utf-8")
    assert found(folder) == set(), "or README would not have to say anything"
    (folder / name).write_text(SETTINGS, encoding="utf-8")
    assert found(folder) == {"RNN102", "RNN110"}
    (folder / name).write_text(f"{SETTINGS}extend-ignore = RNN110\n", encoding="utf-8")
    assert found(folder) == {"RNN102"}


def test_the_first_file_with_a_section_is_the_one(folder: Path) -> None:
    (folder / "below").mkdir()
    (folder / "below" / "model.py").write_text(MISREAD, encoding="utf-8")
    (folder / "below" / "setup.cfg").write_text("[metadata]\nname = x\n", encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.flake8]\nselect = ['E']\n", encoding="utf-8")
    assert found(folder / "below") == {"RNN102"}
    (folder / "tox.ini").write_text("[flake8]\nselect = E\n", encoding="utf-8")
    assert found(folder / "below") == set(), "the folder above, since nothing here has the section"
    (folder / "below" / ".flake8").write_text("[flake8]\nselect = RNN\n", encoding="utf-8")
    assert found(folder / "below") == {"RNN102"}
    (folder / "below" / "setup.cfg").write_text("[flake8]\nselect = E\n", encoding="utf-8")
    assert found(folder / "below") == set()


def test_ignore_turns_on_what_flake8_ignores(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MISREAD + "\n\nx = (1\n     + 2)\n", encoding="utf-8")
    assert found(tmp_path, "--isolated", "--extend-ignore=RNN102") == set()
    assert found(tmp_path, "--isolated", "--ignore=RNN102") == {"W503"}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("missing.py", None, "E902"), ("link.py", None, "E902"), ("broken.py", "def f(:\n", "E999")],
)
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, name: str, text: str | None, code: str) -> None:
    """What README, the hook and ``make demo`` select; RNN alone passes such a file in silence."""
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    if name == "link.py":
        (tmp_path / name).symlink_to("nowhere.py")
    run = flake8("--isolated", ENTRY, name, cwd=tmp_path)
    assert run.returncode == 1
    assert codes(run.stdout) == [code]
    silent = flake8("--isolated", "--select=RNN", name, cwd=tmp_path)
    assert (silent.returncode, silent.stdout) == (0, "")


def test_every_way_to_run_rnnlint_alone_selects_unreadable_files() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count(f"flake8 {ENTRY} .") == 1
    assert "--select=RNN " not in text


@pytest.mark.skipif(shutil.which("make") is None or os.name == "nt", reason="make is not installed")
@pytest.mark.parametrize(
    ("shown", "good"), [("fixtures/demo/classifier.py", True), ("fixtures/demo/classifier.py missing", False)]
)
def test_the_demo(tmp_path: Path, shown: str, good: bool) -> None:
    """Its environment stands in for the one it would make."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    (tmp_path / "bin" / "python").chmod(0o755)
    (tmp_path / ".ready").touch()
    command = ["make", "--no-print-directory", "demo", f"DEMO={tmp_path}", f"SHOWN={shown}"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=HANG, check=False)
    assert (run.returncode == 0) is good, run.stdout + run.stderr
    assert "fixtures/projects/notebook/explore.ipynb:cell 4:1:24" in run.stdout
    assert "fixtures/demo/classifier.py:20:26: RNN102" in run.stdout
    assert ("missing:0:1: E902 " in run.stdout) is not good
    assert (" findings, as expected" in run.stdout) is good


@pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is not installed")
def test_ruff_leaves_our_comments_where_it_is_told(tmp_path: Path) -> None:
    line, _, code = FINDING
    lines = MISREAD.splitlines()
    lines[line - 1] += f"  # noqa: {code}"
    (tmp_path / "model.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    check = ("-m", "ruff", "check", "--no-cache", "--select=RUF", "--output-format=concise", "model.py")
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    run = python(*check, cwd=tmp_path)
    assert run.returncode == 1
    assert f"[*] Invalid rule code in `# noqa`: {code}" in run.stdout
    assert "1 fixable" in run.stdout
    (tmp_path / "pyproject.toml").write_text(RUFF, encoding="utf-8")
    assert python(*check, cwd=tmp_path).returncode == 0


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling is not installed")
def test_what_is_installed_from_a_repository(tmp_path: Path) -> None:
    """README's lines for pip, of a repository on this disk and without what it requires."""
    (shell,) = readme("sh")
    lines = [line.partition("  #")[0] for line in shell.splitlines()]
    repository = Repository(tmp_path / "rnnlint", tmp_path / "home")
    copy_ours(repository)
    needs = [line.removeprefix("pip install ").strip('"') for line in lines]
    runtime = Requirement(needs.pop())
    assert (runtime.name, runtime.extras, runtime.url) == ("rnnlint", {"runtime"}, needs[1])
    for number, need in enumerate(needs):
        what = need.replace("https://github.com/OWNER/rnnlint", repository.folder.as_uri())
        there = tmp_path / str(number)
        options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(there))
        run = python("-m", "pip", "install", *options, what, cwd=repository.folder)
        assert run.returncode == 0, run.stderr
        assert (there / "rnnlint" / "cli.py").exists()
