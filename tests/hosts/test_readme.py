"""What README shows is what happens: its transcripts are run, its tables and settings compared with the package."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from rnnlint.rules import registry
from rnnlint.settings import OPTIONS
from tests.hosts.running import HANG, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
STEPS = [
    tuple(step.partition("\n")[::2])
    for block in re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
]


def test_readme_shows_a_finding() -> None:
    assert any("flake8" in command and "RNN" in output for command, output in STEPS)


@pytest.mark.parametrize(("command", "output"), STEPS)
def test_transcript(command: str, output: str) -> None:
    # what is kept of an earlier run is that of an earlier rnnlint, whose version was the same
    command = command.replace("rnnlint check", "rnnlint check --no-cache")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    run = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        encoding="utf-8",
        timeout=HANG,
        check=False,
    )
    assert run.stdout + run.stderr == output


def test_every_option_is_in_the_table() -> None:
    for option in OPTIONS:
        assert f"| `--rnnlint-{option.name}` | {option.help}. |" in README


def test_every_code_exists() -> None:
    for code in re.findall(r"\bRNN\d+", README):
        assert any(known.startswith(code) for known in registry()), code


def test_the_hook_is_this_version() -> None:
    assert f"rev: v{version('rnnlint')}" in README
    assert "- id: rnnlint" in README
    assert "- id: rnnlint" in (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")


def test_every_make_target_exists() -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for target in re.findall(r"`make (\w+)`", README):
        assert target in targets
