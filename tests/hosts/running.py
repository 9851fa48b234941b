"""Running flake8 as a user does: a process of its own, in a folder of its own."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HANG = 300  # seconds; far beyond any run, so that a hang fails the test instead of stopping the suite

MISREAD = """\
import torch.nn as nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 16, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 2)

    def forward(self, x):
        output, _ = self.rnn(x)
        return self.head(output[:, -1])
"""
# The same class, read at the first step, which README turns off.
FIRST_STEP = MISREAD.replace(", bidirectional=True", "").replace("32", "16").replace("[:, -1]", "[:, 0]")
FINDING = (12, 26, "RNN102")  # of MISREAD: line and column from 1, as flake8 prints them

RIGHT = MISREAD.replace("output, _ = self.rnn(x)", "_, (h_n, _) = self.rnn(x)").replace(
    "output[:, -1]", "torch.cat((h_n[-2], h_n[-1]), dim=-1)"
)


def readme(language: str) -> list[str]:
    """The blocks of README in a language, in their order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def python(*args: str, cwd: Path, given: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """This interpreter, with this environment and ``env``, and ``given`` on standard input."""
    return subprocess.run(
        [sys.executable, *args],
        cwd=cwd,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | env,
        input=given,
        capture_output=True,
        encoding="utf-8",
        timeout=HANG,
        check=False,
    )


def flake8(*args: str, cwd: Path, given: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """``flake8 args`` in ``cwd``."""
    return python("-m", "flake8", *args, cwd=cwd, given=given, **env)


def flake8_here(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What :func:`flake8` gives, from its ``main`` in this process, which takes a tenth of what another process does.

    For tests of many options; of each kind of answer one is asked of a process.
    """
    from flake8.main.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(cwd)
        patch.setattr("sys.argv", ["flake8", *args])  # the plugin looks there for --isolated
        patch.setattr("sys.stdout", out)
        patch.setattr("sys.stderr", err)
        try:
            status: object = main(["--jobs=1", *args])
        except SystemExit as ended:  # argparse refuses something
            status = ended.code
    assert isinstance(status, int)
    said = []
    for stream in (out, err):
        stream.seek(0)
        said.append(stream.read())
    return subprocess.CompletedProcess(args, status, *said)


def rows(output: str) -> list[tuple[str, int, int, str]]:
    """(file name, line, column, code) of each line flake8 printed, in its order."""
    found = []
    for line in output.splitlines():
        path, row, column, message = line.split(":", 3)
        found.append((Path(path).name, int(row), int(column), message.split()[0]))
    return found


def codes(output: str) -> list[str]:
    return [row[3] for row in rows(output)]
