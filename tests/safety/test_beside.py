"""A hostile file never costs another file its findings: flake8 goes on."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.hosts.running import FINDING, MISREAD, flake8, flake8_here, python, rows
from tests.safety import hostile

# flake8 whose pyflakes passes over every file: pyflakes itself overflows on deep ones and ends the run.
WITHOUT_PYFLAKES = """
import sys
import pyflakes.checker
pyflakes.checker.Checker.__init__ = lambda self, *args, **kwargs: setattr(self, "messages", [])
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""

# Before 3.12 a null byte is a ValueError of Python's parser, with which flake8 itself ends.
NOT_PYTHON = {
    name: text for name, text in hostile.NOT_PYTHON.items() if name != "null byte" or sys.version_info >= (3, 12)
}

NAMED_IN_THE_DESIGN = {
    **{name: NOT_PYTHON[name] for name in ("missing comma", "5,000 nested parentheses")},
    **{name: hostile.PYTHON[name] for name in ("a literal of 1 MB", "a size that is no number", "while True")},
    **{name: hostile.PYTHON[name] for name in ("a function that calls itself", "a class that holds itself")},
    "CR only": MISREAD.replace("\n", "\r"),
}


def write(folder: Path, texts: dict[str, str]) -> list[str]:
    """The texts as files, between two files with a finding each; their names."""
    named = {"aaa.py": MISREAD, "zzz.py": MISREAD}
    named |= {f"{re.sub(r'[^a-z0-9]+', '_', name)}.py": text for name, text in texts.items()}
    for name, text in named.items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    return sorted(named)


def neighbours(output: str) -> list[tuple[str, int, int, str]]:
    return [row for row in rows(output) if row[0] in ("aaa.py", "zzz.py")]


BOTH = [("aaa.py", *FINDING), ("zzz.py", *FINDING)]


@pytest.mark.parametrize("name", NAMED_IN_THE_DESIGN)
def test_one_at_a_time(tmp_path: Path, name: str) -> None:
    files = write(tmp_path, {name: NAMED_IN_THE_DESIGN[name]})
    run = flake8_here("--isolated", "--jobs=1", "--select=RNN,E9", *files, cwd=tmp_path)
    assert run.stderr == ""
    assert neighbours(run.stdout) == BOTH


@pytest.mark.parametrize("name", hostile.TOO_DEEP_FOR_PYFLAKES)
def test_one_at_a_time_where_pyflakes_would_overflow(tmp_path: Path, name: str) -> None:
    files = write(tmp_path, {name: hostile.TOO_DEEP_FOR_PYFLAKES[name]})
    run = python(
        "-c", WITHOUT_PYFLAKES, "--isolated", "--jobs=1", "--select=RNN,E9", "--extend-select=RNN900", *files,
        cwd=tmp_path,
    )  # fmt: skip
    assert run.stderr == ""
    assert neighbours(run.stdout) == BOTH


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_at_once(tmp_path: Path, jobs: int) -> None:
    """With two processes only what is short: what a long file costs is the same in each."""
    texts = {name: text for name, text in (NOT_PYTHON | hostile.PYTHON).items() if jobs == 1 or len(text) < 5_000}
    files = write(tmp_path, texts)
    run = flake8("--isolated", f"--jobs={jobs}", "--select=RNN,E999", *files, cwd=tmp_path)
    assert run.stderr == ""
    assert neighbours(run.stdout) == BOTH
    refused = {row[0] for row in rows(run.stdout) if row[3] == "E999"}
    assert len(refused) == len(NOT_PYTHON.keys() & texts), "flake8 itself says what is no Python"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (MISREAD.encode("utf-8-sig"), 12),
        (b"# -*- coding: latin-1 -*-\n" + MISREAD.replace("Tagger", "N\xe4me").encode("latin-1"), 13),
        (MISREAD.replace("\n", "\r\n").encode(), 12),
        (MISREAD.replace("\n", "\r").encode(), 12),
        (b"\xef\xbb\xbf# coding: utf-8\r\n" + MISREAD.replace("\n", "\r\n").encode(), 13),
    ],
    ids=["BOM", "latin-1", "CRLF", "CR", "BOM and cookie"],
)
def test_bytes(tmp_path: Path, data: bytes, line: int) -> None:
    (tmp_path / "model.py").write_bytes(data)
    run = flake8_here("--isolated", "--select=RNN,E9", "model.py", cwd=tmp_path)
    assert run.stderr == ""
    assert rows(run.stdout) == [("model.py", line, FINDING[1], "RNN102")]
