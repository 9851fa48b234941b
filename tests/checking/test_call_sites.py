"""Which call sites count, wherever a project lies, and what is said of those that nobody can read."""

from __future__ import annotations

import subprocess

import pytest

from tests.checking.running import Check

MODEL = """
from torch import nn

class Net(nn.Module):
    def __init__(self, both=False):
        super().__init__()
        self.rnn = nn.LSTM(8, 16, batch_first=True, bidirectional=both)

    def forward(self, x):
        out, _ = self.rnn(x)
        return out[:, -1]
"""
TRAIN = "from model import Net\nnet = Net(both=True)\n"
FOUND = ("model.py", 11, 16, "RNN102")


@pytest.mark.parametrize("folder", ["test", "tests", "a/tests/b", "project"])
@pytest.mark.parametrize("arguments", [[], ["."], ["model.py"], ["model.py", "train.py"]])
def test_where_a_project_lies_says_nothing_of_it(
    check: Check, monkeypatch: pytest.MonkeyPatch, folder: str, arguments: list[str]
) -> None:
    check.write(f"{folder}/model.py", MODEL)
    check.write(f"{folder}/train.py", TRAIN)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    monkeypatch.chdir(check.folder / folder)
    assert check("--no-cache", *arguments).found == [FOUND]
    (check.folder / folder / "train.py").unlink()
    check.write(f"{folder}/tests/train.py", TRAIN)
    assert check("--no-cache", *(one for one in arguments if one != "train.py")).found == []


def test_folders_that_are_named_together_are_one_project(check: Check) -> None:
    check.write("src/model.py", MODEL)
    check.write("tests/train.py", "from src.model import Net\nnet = Net(both=True)\n")
    assert check("--no-cache", "src", "tests").found == []
