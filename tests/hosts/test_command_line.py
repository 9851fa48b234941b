"""``rnnlint`` itself, before any command: what somebody meets who types it for the first time."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

from rnnlint import cli
from tests.hosts.running import python

LINTING = "rnnlint check ."


def run(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit status, standard output and standard error."""
    try:
        status = cli.main(arguments)
    except SystemExit as end:
        status = int(str(end.code))
    out, err = capsys.readouterr()
    return status, out, err


def test_help_lists_the_commands_and_says_how_to_lint(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(["--help"], capsys)
    assert (status, err) == (0, "")
    for name, command in cli.COMMANDS.items():
        assert re.search(rf"^    {name}\b", out, re.MULTILINE)
        assert command.help in " ".join(out.split())
    assert f"To lint the current folder: {LINTING} " in out


def test_nothing_at_all_is_answered_by_the_help_and_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    _, helped, _ = run(["--help"], capsys)
    assert run([], capsys) == (2, "", helped)


def test_nothing_at_all_from_a_shell(tmp_path: Path) -> None:
    alone = python("-m", "rnnlint", cwd=tmp_path)
    assert (alone.returncode, alone.stdout) == (2, "")
    assert LINTING in alone.stderr


@pytest.mark.parametrize(
    ("given", "where"), [(["."], "."), (["model.py"], "model.py"), ([".", "--select=RNN"], "."), (["lint", "."], ".")]
)
def test_a_path_in_the_place_of_a_command(
    given: list[str], where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").touch()
    status, out, err = run(given, capsys)
    assert (status, out) == (2, "")
    assert err == (
        f"rnnlint: no command '{given[0]}' (there are {', '.join(cli.COMMANDS)}); to lint: rnnlint check {where}\n"
    )


def test_an_option_that_is_none_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(["--verson"], capsys)
    assert (status, out) == (2, "")
    assert err.startswith("rnnlint: ")
    assert err.count("\n") == 1


def test_the_version_names_what_it_runs_on(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(["--version"], capsys)
    assert (status, err) == (0, "")
    for name in ("rnnlint", "flake8", "libcst"):
        assert f"{name} {version(name)}" in out
    assert f"(Python {platform.python_version()}, " in out
    assert "torch" in out
