"""The ranking of what is not followed counts files, and names lines as they are in a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import unfollowed

PROGRAM = """\
import torch
from torch import nn
rnn = nn.GRU(3, 5)
output, h = rnn(torch.rand(7, 2, 3))
one = torch.fft.fft(output)
two = torch.fft.fft(h)
"""
OTHER = "import torch\nfrom torch import nn\nout, _ = nn.GRU(3, 5)(torch.rand(7, 2, 3))\nx = torch.svd(out)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(PROGRAM + "three = torch.svd(h)\n", encoding="utf-8")
    cells = [{"cell_type": "markdown", "source": ["#"]}, {"cell_type": "code", "source": [OTHER]}]
    (tmp_path / "b.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (tmp_path / "c.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / "d.txt").write_text(PROGRAM, encoding="utf-8")
    return tmp_path


def test_reasons_are_ranked_by_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert unfollowed.main([str(folder)]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "3 files",
        "    2 torch.svd is not followed",
        "    1 torch.fft.fft is not followed",
    ]
    assert said.err.startswith(f"left out: {folder / 'c.ipynb'}: ")
    assert unfollowed.main([str(folder), "--most", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_where_a_reason_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unfollowed.main([str(folder), "--where", "svd"])
    assert capsys.readouterr().out.splitlines() == [
        f"{folder / 'a.py'}:7: torch.svd is not followed",
        f"{folder / 'b.ipynb'}:cell1:line4: torch.svd is not followed",
    ]
