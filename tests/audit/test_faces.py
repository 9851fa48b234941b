"""The pytest fixture, the command line, and what both say where something is missing or wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")

FACTORIES = """
import torch
from torch import nn

class Right(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True)

    def forward(self, x):
        return self.rnn(x)[1][-1]

def right():
    return Right(), torch.randn(4, 7, 3)

def wrong_shape():
    return Right(), torch.randn(4, 7, 9)

def raises():
    raise ValueError("no weights\\nhere")

def no_tuple():
    return Right()

def no_model():
    return 3, torch.randn(4, 7, 3)

number = 3
"""


def audit(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rnnlint", "audit", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models.py").write_text(FACTORIES, encoding="utf-8")
    (tmp_path / "broken.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    return tmp_path


def test_the_page_shows_what_is_printed() -> None:
    command, shown = re.findall(r"```console\n\$ rnnlint audit ([^\n]*)\n(.*?)```", PAGE, re.DOTALL)[0]
    done = audit(command)
    assert (done.returncode, done.stdout, done.stderr) == (1, shown, "")


def test_nothing_found(folder: Path) -> None:
    done = audit("models:right", folder=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "rnnlint audit: 0 findings, 0 concerns\n", "")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("models", "'models' is not of the form package.module:factory"),
        (":right", "':right' is not of the form package.module:factory"),
        ("nowhere:right", "cannot import nowhere: ModuleNotFoundError: No module named 'nowhere'"),
        ("broken:right", "cannot import broken: ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("models:left", "models has no function left"),
        ("models:number", "models has no function number"),
        ("models:raises", "models:raises raised ValueError: no weights"),
        ("models:no_tuple", "models:no_tuple returned a Right, not a tuple of a model and its inputs"),
        ("models:no_model", "models:no_model: audit takes a model and its inputs, and a int is no nn.Module"),
    ],
)
def test_bad_input_is_one_line(folder: Path, target: str, said: str) -> None:
    done = audit(target, folder=folder)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"rnnlint audit: {said}\n")


def test_inputs_of_the_wrong_shape(folder: Path) -> None:
    done = audit("models:wrong_shape", folder=folder)
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines()[-1].startswith("the model raised RuntimeError: input.size(-1) must be equal to")


def test_the_fixture(folder: Path) -> None:
    (folder / "test_models.py").write_text(
        """
import torch
from models import Right
from torch import nn

class Last(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 5, bidirectional=True)

    def forward(self, x):
        return self.rnn(x)[0][-1]

def test_right(rnn_audit):
    assert rnn_audit(Right(), torch.randn(4, 7, 3)).ok

def test_wrong(rnn_audit):
    rnn_audit(Last(), torch.randn(7, 4, 3))
""",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "test_models.py:12:16: RNN102 the backward half (features 5:10)" in done.stdout
    assert "Traceback" not in done.stdout
