"""The claims of a question-and-answer page about ``output`` and ``h_n``: each run on torch, with the result it has.

The verdicts of the linter stand in the same files as comments; ``tests/rules/test_fixtures.py`` checks them.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import torch

from rnnlint.linter import lint
from tests.hosts.running import flake8
from tests.rules.expectations import FIXTURES, expected, linted, reasons

CLAIMS = FIXTURES / "claims"
TRUTH: dict[str, object] = {
    "c01": False,
    "c02": True,
    "c03": True,
    "c04": False,
    "c05": False,
    "c06": True,
    "c07": False,
    "c08": IndexError,
    "c09": IndexError,
    "c10": True,
    "c11": True,
    "c12": AttributeError,
    "c13": TypeError,
    "c14": True,
    "c15": True,
}
# The same with the axes taken wrongly (c11), and a PackedSequence indexed like a tensor (c15).
OTHERWISE: dict[str, object] = {"c11": False, "c15": TypeError}
VERDICT = {
    "c01": {"RNN101"},
    "c04": {"RNN101"},
    "c05": {"RNN103"},
    "c07": {"RNN101"},
    "c08": {"RNN109"},
    "c09": {"RNN109"},
    "c11": {"RNN203"},
    "c12": {"RNN302"},
    "c13": {"RNN504"},
    "c15": {"RNN305"},
}
SEEN = {"GRU": "nn.GRU(", "LSTM": "nn.LSTM(", "RNN": "nn.RNN("}


@pytest.fixture(scope="module")
def results() -> dict[str, dict[str, object]]:
    """The claims of every file by name, run."""
    torch.manual_seed(0)
    found = {}
    for path in sorted(CLAIMS.glob("*.py")):
        with torch.no_grad():  # of the original sizes autograd would keep 1.6 GB, and no claim is about gradients
            names = runpy.run_path(str(path))
        found[path.stem] = {name: value for name, value in names.items() if name.startswith(("claim", "other"))}
    return found


@pytest.mark.parametrize("claim", TRUTH)
def test_result_on_torch(claim: str, results: dict[str, dict[str, object]]) -> None:
    values = {name: value for name, value in results[claim].items() if name.startswith("claim")}
    assert len(values) >= 3
    assert values == dict.fromkeys(values, TRUTH[claim])


@pytest.mark.parametrize("claim", OTHERWISE)
def test_result_of_the_other_way(claim: str, results: dict[str, dict[str, object]]) -> None:
    values = {name: value for name, value in results[claim].items() if name.startswith("other")}
    assert len(values) >= 6
    assert values == dict.fromkeys(values, OTHERWISE[claim])


def test_original_sizes(results: dict[str, dict[str, object]]) -> None:
    values = results["original_sizes"]
    assert len(values) == 9
    assert values == {name: TRUTH[f"c{int(name.removeprefix('claim_')):02}"] for name in values}


@pytest.mark.parametrize("claim", TRUTH)
def test_verdict(claim: str) -> None:
    text = (CLAIMS / f"{claim}.py").read_text(encoding="utf-8")
    verdicts = {want.code for want in expected(text)}
    assert verdicts == VERDICT.get(claim, set())
    assert {finding.code for finding in linted(CLAIMS / f"{claim}.py").findings} == verdicts
    assert len(expected(text)) + len(reasons(text)) >= 4


@pytest.mark.parametrize("claim", [claim for claim in TRUTH if claim not in ("c12", "c13")])
def test_every_cell_layout_and_form(claim: str) -> None:
    text = (CLAIMS / f"{claim}.py").read_text(encoding="utf-8")
    module_level = text.partition("\nclass ")[0]
    assert all(cell in module_level for cell in SEEN.values())
    assert all(any(f in line for line in module_level.splitlines()) for f in ("batch_first=True", "nn.GRU(3, 5"))
    assert {"batch_first" in line for line in module_level.splitlines() if "= nn." in line} == {True, False}
    assert "\nclass " in text


def test_c16_is_a_syntax_error_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "c16.py").write_text((CLAIMS / "c16.py.txt").read_text(encoding="utf-8"), encoding="utf-8")
    run = flake8("--isolated", "--select=E9,RNN", "c16.py", cwd=tmp_path)
    assert run.returncode == 1
    assert [line.split()[1] for line in run.stdout.splitlines()] == ["E999"]
    assert run.stderr == ""
    assert lint((tmp_path / "c16.py").read_text(encoding="utf-8")).findings == ()
