"""docs/check.md: its transcripts are what happens, its list of options is complete."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlint.checking import arguments, sources
from rnnlint.configuration.choices import KEYS
from rnnlint.output.formats import Format
from tests.hosts.running import HANG, ROOT

PAGE = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
STEPS = [
    [step.partition("\n")[::2] for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One in which only the fixtures are, and git knows them."""
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    script = tmp_path / "bin" / "rnnlint"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rnnlint "$@"\n')
    script.chmod(0o755)
    git = tmp_path / "bin" / "git"  # which lists what it finds in the repository
    git.write_text(f'#!/bin/sh\n[ "$1" = ls-files ] && cd "{ROOT}"\nexec "{_git()}" "$@"\n')
    git.chmod(0o755)
    return tmp_path


def _git() -> str:
    return subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("steps", STEPS)
def test_transcript(steps: list[tuple[str, str]], folder: Path) -> None:
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    for command, output in steps:
        run = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=HANG,
            check=False,
        )
        assert run.stdout == output


def test_the_limits_are_those_of_the_page() -> None:
    largest = (
        f"{sources._LARGEST // 1_000_000} MB, or as a notebook more than {sources._LARGEST_NOTEBOOK // 1_000_000} MB"
    )
    assert largest in " ".join(PAGE.split())


def test_the_help_names_the_formats() -> None:
    parser = argparse.ArgumentParser()
    arguments.add(parser)
    text = " ".join(parser.format_help().split())
    assert [form.value for form in Format if f"{form.value} (" not in text] == []


def test_every_option_is_on_a_page() -> None:
    parser = argparse.ArgumentParser()
    arguments.add(parser)
    of_configuration = {f"--{key.name}" for key in KEYS} | {f"--no-{key.name}" for key in KEYS}
    options = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
    pages = PAGE + (ROOT / "docs" / "suppressing.md").read_text(encoding="utf-8")
    assert {option for option in options - of_configuration - {"--help"} if option not in pages} == set()
