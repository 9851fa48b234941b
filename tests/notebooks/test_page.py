"""What docs/notebooks.md shows is what happens, and the notebook that it shows runs."""

from __future__ import annotations

import re

import pytest
import torch

from rnnlint.cli import main
from rnnlint.notebooks import read
from rnnlint.notebooks.ipython import PYTHON_CELLS
from tests.hosts.running import ROOT
from tests.notebooks.written import code, notebook

PAGE = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
SHOWN = ROOT / "fixtures" / "demo" / "sentiment.ipynb"


def test_the_transcript(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = re.findall(r"^```console\n\$ rnnlint (.*?)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(ROOT)
    assert main([*found[0].split(), "--no-cache"]) == 1
    assert capsys.readouterr().out == found[1]


def test_the_notebook_runs_on_torch() -> None:
    names: dict[str, object] = {}
    exec(compile(read(SHOWN.read_text(encoding="utf-8")).text, str(SHOWN), "exec"), names)
    model = names["model"]
    assert isinstance(model, torch.nn.Module)
    assert model(torch.randint(1, 100, (4, 12))).shape == (4, 3)


def test_every_magic_that_runs_its_cell_is_named() -> None:
    (row,) = [line for line in PAGE.splitlines() if line.endswith("| the rest of the cell |")]
    assert set(re.findall(r"`%%(\w+)`", row)) == PYTHON_CELLS


@pytest.mark.parametrize(
    "line", ["%matplotlib inline", "!pip install torch", "?f", "f?", "f??", "pip install torch", "conda install x"]
)
def test_what_is_read_as_nothing(line: str) -> None:
    assert line in PAGE or line.startswith("conda")
    assert read(notebook(code(line))).text == "\n"
    assert read(notebook(code("if x:\n    " + line))).text == "if x:\n    pass\n"
