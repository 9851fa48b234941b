"""``rnnlint audit --diff``: the linter's fixes, of what the audit has found."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rnnlint import cli

MODEL = """\
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, both=True):
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=both)
        self.head = nn.Linear(10, 2)

    def forward(self, x):
        output, h_n = self.rnn(x)
        return self.head(output[:, -1])

    def unused(self, x):
        output, h_n = self.rnn(x)
        return self.head(output[:, -1])


def made():
    return Model(), torch.randn(4, 7, 3)
"""


def audit(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *options: str
) -> tuple[int, str, str]:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    name = f"audited_{len(text)}"
    (folder / f"{name}.py").write_text(text)
    monkeypatch.delitem(sys.modules, name, raising=False)
    status = cli.main(["audit", f"{name}:made", "--select", "RNN", *options])
    out, err = capsys.readouterr()
    return status, out.replace(name, "model"), err.replace(name, "model")


def test_the_line_that_was_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, _ = audit(MODEL, tmp_path, capsys, monkeypatch, "--diff")
    assert status == 1
    assert "--- model.py\n+++ model.py\n@@ -10,7 +10,7 @@\n" in out
    # the same in a method that nobody called is the linter's business
    assert [line for line in out.splitlines() if line.startswith(("-  ", "+  "))] == [
        "-        return self.head(output[:, -1])",
        "+        return self.head(torch.cat((h_n[-2], h_n[-1]), -1))",
    ]
    assert "note: the linter" not in out


def test_what_the_linter_does_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = MODEL.replace("nn.GRU", "getattr(nn, bytes([71, 82, 85]).decode())").replace(
        "both=True", "both=bool(len('x'))"
    )
    status, out, _ = audit(hidden, tmp_path, capsys, monkeypatch, "--diff")
    assert status == 1
    assert "@@" not in out
    assert "note: the linter has no fix for 1 of 1 findings, without the configuration that runs\n" in out


def test_nothing_found_nothing_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = MODEL.replace("output[:, -1]", "torch.cat((h_n[-2], h_n[-1]), -1)")
    status, out, _ = audit(right, tmp_path, capsys, monkeypatch, "--diff")
    assert (status, "@@" in out, "note: the linter" in out) == (0, False, False)


def test_no_json(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    status, out, err = audit(MODEL, tmp_path, capsys, monkeypatch, "--diff", "--output-format", "json")
    assert (status, out, err) == (2, "", "rnnlint audit: --diff is text, and goes into no JSON\n")
