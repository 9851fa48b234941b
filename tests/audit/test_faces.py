"""The pytest fixture, the command line, and what both say where something is missing or wrong."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlint import cli
from rnnlint.runtime.auditing.project import Project
from tests.hosts.running import ROOT, python

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


Audit = Callable[..., tuple[int, str, str]]


@pytest.fixture
def audit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Audit:
    """The command, run in a folder: its status, and what it prints to both streams."""

    def run(*arguments: str, folder: Path = ROOT) -> tuple[int, str, str]:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
        for name in ("models", "broken"):  # of an earlier test's folder
            sys.modules.pop(name, None)
        return cli.main(["audit", *arguments]), *capsys.readouterr()

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models.py").write_text(FACTORIES, encoding="utf-8")
    (tmp_path / "broken.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    return tmp_path


STEPS = [
    tuple(step.partition("\n")[::2])
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for step in re.split(r"^\$ rnnlint audit ", block, flags=re.MULTILINE)[1:]
]


def masked(text: str) -> str:
    """Without what is drawn, and without the columns that Python 3.10 does not know."""
    text = re.sub(r"result(\[\d+\])+ is -?\d+\.\d+, then -?\d+\.\d+", "NUMBERS", text)
    return text if sys.version_info >= (3, 11) else re.sub(r"(\.py:\d+):\d+", r"\1", text)


@pytest.mark.parametrize(("command", "shown"), STEPS, ids=[command for command, _ in STEPS])
def test_the_page_shows_what_is_printed(command: str, shown: str, audit: Audit) -> None:
    status, out, err = audit(*shlex.split(command))
    assert (masked(out), err) == (masked(shown), "")
    assert status == (2 if "the model raised" in shown else 1)


def test_the_page_has_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["audit", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE))


def test_the_page_has_every_key(audit: Audit) -> None:
    targets = ["tagger:classifier", "forecaster:forecaster", "forecaster:too_wide"]
    arguments = [*(f"fixtures.audit.{one}" for one in targets), "--allow", "random-evaluation"]
    status, out, _ = audit(*arguments, "--output-format", "json")
    assert status == 2
    found = json.loads(out)
    for name in keys(found):
        assert re.search(rf"^\|.*`{name}`", PAGE, re.MULTILINE), name
    for block in ("concerns", "waived", "error", "unfollowed"):
        assert block in keys(found)


def test_the_table_on_the_page_is_read(tmp_path: Path) -> None:
    (table,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    assert Project.around(tmp_path / "tests").allowed.concerns == {"random-evaluation"}


def keys(found: object) -> set[str]:
    """The keys of what docs/audit.md describes; those of a drawing are docs/output.md's."""
    if isinstance(found, dict):
        return set(found) | {key for name, one in found.items() if name != "drawing" for key in keys(one)}
    return {key for one in found for key in keys(one)} if isinstance(found, list) else set()


def test_nothing_found(folder: Path, audit: Audit) -> None:
    assert audit("models:right", folder=folder) == (0, "rnnlint audit: 0 findings, 0 concerns\n", "")


def test_as_a_program(folder: Path) -> None:
    done = python("-m", "rnnlint", "audit", "models:right", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "rnnlint audit: 0 findings, 0 concerns\n", "")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("models", "'models' is not of the form package.module:factory"),
        (":right", "':right' is not of the form package.module:factory"),
        ("nowhere:right", "cannot import nowhere: ModuleNotFoundError: No module named 'nowhere'"),
        ("models:left", "models has no function left"),
        ("models:number", "models has no function number"),
        ("models:no_tuple", "models:no_tuple returned a Right, not a tuple of a model and its inputs"),
        ("models:no_model", "models:no_model: audit takes a model and its inputs, and a int is no nn.Module"),
    ],
)
def test_bad_input_is_one_line(folder: Path, audit: Audit, target: str, said: str) -> None:
    assert audit(target, folder=folder) == (2, "", f"rnnlint audit: {said}\n")


def test_inputs_of_the_wrong_shape(folder: Path, audit: Audit) -> None:
    status, out, err = audit("models:wrong_shape", folder=folder)
    assert (status, err) == (2, "")
    said, frame = out.splitlines()[-2:]
    assert said.startswith("the model raised RuntimeError: input.size(-1) must be equal to")
    shown = "self.rnn(x)" if sys.version_info >= (3, 11) else "return self.rnn(x)[1][-1]"  # 3.10 knows no columns
    assert frame == f"  models.py:11 in forward: {shown}"
