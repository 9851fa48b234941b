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


TORN = "from model import Net\nnet = Net(both=True\n"


@pytest.mark.parametrize("arguments", [[], ["model.py", "train.py"], ["train.py"], ["--select=RNN900"]])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (TORN, "Python cannot parse it: '(' was never closed (line 2)"),
        ("import model\nprint 'begin'\nnet = model.Net(both=True)\n", "Python cannot parse it: Missing parentheses"),
        (TRAIN.encode() + b"# \xff\n", "cannot be decoded: byte 45 is not utf-8"),
        ("# coding: no-such\r\nfrom model import Net\r\n", "cannot be decoded: unknown encoding: no-such"),
        (f"{TRAIN}x = {'-' * 100_000}1\n", "it is nested too deeply"),
    ],
)
def test_a_call_site_that_nobody_can_read_is_named(
    check: Check, content: str | bytes, why: str, arguments: list[str]
) -> None:
    check.write("model.py", MODEL)
    check.write("train.py", content)
    check.write("pyproject.toml", "[tool.rnnlint]\n")
    for _ in range(2):  # the second time from the cache
        ran = check(*arguments)
        if why.startswith("it is") and "--select=RNN900" in arguments:
            assert (ran.status, ran.found, ran.err) == (1, [("train.py", 1, 1, "RNN900")], "")
        else:
            assert (ran.status, ran.found, ran.err.count("\n")) == (2, [], 1)
            assert ran.err.startswith(f"rnnlint check: train.py: {why}")


def test_a_call_site_that_nobody_can_read_is_named_to_who_asks_for_the_model(check: Check) -> None:
    check.write("model.py", f"import config\n{MODEL}net = Net(both=config.BOTH)\n")
    check.write("other.py", MODEL)
    check.write("train.py", TORN)
    check.write("config.py", "BOTH = )\n")
    check.write("pyproject.toml", "[tool.rnnlint]\n")
    for _ in range(2):  # the second time from the cache
        ran = check("model.py")
        assert (ran.status, ran.out, ran.refused) == (2, "", ["config.py", "train.py"])
        ran = check("other.py")
        assert (ran.status, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.py", "print 'of no model'\n"),
        ("train.py", "import data\nprint data.read()\n"),
        ("train.py", b"from data import read\n# \xff\n"),
        ("train.py", "from torch import nn\nfrom model import width\nprint width\n"),
        ("test_model.py", TORN),
        ("tests/model.py", TORN),
        ("train.py", "class Net: pass\nprint Net()\n"),
    ],
)
def test_what_nobody_can_read_and_has_to_do_with_no_model_is_not_named(
    check: Check, name: str, content: str | bytes
) -> None:
    check.write("model.py", f"width = 8\n{MODEL}")
    check.write("data.py", "def read(): pass\n")
    check.write(name, content)
    ran = check("--no-cache")
    assert (ran.status, ran.err) == (0, "")


@pytest.mark.parametrize("imported", ["import config\n", "from config import BOTH\n", "from config import *\n"])
@pytest.mark.parametrize(
    ("content", "why"),
    [("BOTH = True)\n", "Python cannot parse it: unmatched ')' (line 1)"), (b"BOTH = 1 # \xff\n", "cannot be decoded")],
)
def test_a_file_of_constants_that_nobody_can_read_is_named(
    check: Check, content: str | bytes, why: str, imported: str
) -> None:
    which = "config.BOTH" if imported == "import config\n" else "BOTH"
    check.write("model.py", f"{imported}{MODEL}\nnet = Net(both={which})\n")
    check.write("config.py", "BOTH = True\n")
    assert [row[3] for row in check().found] == ["RNN102"]
    check.write("config.py", content)
    for _ in range(2):  # the second time from the cache
        ran = check()
        assert (ran.status, ran.found, ran.err.count("\n")) == (2, [], 1)
        assert ran.err.startswith(f"rnnlint check: config.py: {why}")


def test_a_file_that_nothing_is_taken_from_need_not_be_read(check: Check) -> None:
    check.write("model.py", f"import config\nfrom config import log\n{MODEL}")
    check.write("config.py", "log = )\n")
    ran = check()
    assert (ran.status, ran.err) == (0, "")


@pytest.mark.parametrize("package", ["from . import model\n", "from nets import model\n", "import nets.model\n"])
def test_a_module_that_a_package_hands_on(check: Check, package: str) -> None:
    check.write("nets/model.py", MODEL)
    check.write("nets/__init__.py", package)
    check.write("train.py", "import nets\nnet = nets.model.Net(both=False)\n")
    assert check().found == []
    check.write("train.py", "import nets\nnet = nets.model.Net(both=True)\n")
    assert [row[3] for row in check().found] == ["RNN102"]


@pytest.mark.parametrize("both", [True, False])
def test_constants_of_a_module_that_a_package_hands_on(check: Check, both: bool) -> None:
    check.write("model.py", f"import conf\n{MODEL}\nnet = Net(both=conf.values.BOTH)\n")
    check.write("conf/__init__.py", "from . import values\n")
    check.write("conf/values.py", f"BOTH = {both}\n")
    assert len(check().found) == both


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("annotation", ["Config", '"Config"'])
def test_a_class_that_is_imported_for_annotations_alone(check: Check, annotation: str, both: bool) -> None:
    imports = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from settings import Config\n"
    model = MODEL.replace("both=False", f"config: {annotation}").replace("=both", "=config.both")
    check.write("model.py", imports + model)
    check.write("settings.py", f"class Config:\n    both: bool = {both}\n")
    assert len(check().found) == both


@pytest.mark.parametrize(
    ("taken", "which", "package"),
    [
        ("from conf import BOTH\n", "BOTH", "from .values import BOTH\n"),
        ("from conf import BOTH\n", "BOTH", "from .values import *\n"),
        ("from conf import *\n", "BOTH", "from .values import *\n"),
        ("import conf\n", "conf.BOTH", "from .values import BOTH\n"),
        ("import conf\n", "conf.values.BOTH", "from . import values\n"),
    ],
)
def test_a_file_whose_names_a_package_hands_on_is_named_too(check: Check, taken: str, which: str, package: str) -> None:
    check.write("model.py", f"{taken}{MODEL}\nnet = Net(both={which})\n")
    check.write("conf/__init__.py", package)
    check.write("conf/values.py", "BOTH = True\n")
    assert [row[3] for row in check().found] == ["RNN102"]
    check.write("conf/values.py", "BOTH = True)\n")
    for _ in range(2):  # the second time from the cache
        ran = check()
        assert (ran.status, ran.found, ran.err.count("\n")) == (2, [], 1)
        assert ran.err.startswith("rnnlint check: conf/values.py: Python cannot parse it")


@pytest.mark.parametrize("package", ["from .values import log\nBOTH = True\n", "from .values import *\nBOTH = True\n"])
def test_a_file_that_a_package_takes_other_names_from_need_not_be_read(check: Check, package: str) -> None:
    check.write("model.py", f"from conf import BOTH\n{MODEL}\nnet = Net(both=BOTH)\n")
    check.write("conf/__init__.py", package)
    check.write("conf/values.py", "log = )\n")
    ran = check()
    assert (ran.status, ran.err) == (1, "")
