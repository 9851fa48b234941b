"""Files of data that a project's programs read: which of them are read, and what becomes of what cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rnnlint.source.data_names import LARGEST
from tests.checking.running import Check

MODEL = """
import torch.nn as nn

class Tagger(nn.Module):
    def __init__(self, size, layers):
        super().__init__()
        self.rnn = nn.GRU(8, size, layers)
        self.out = nn.Linear(size, 3)

    def forward(self, x):
        _, h = self.rnn(x)
        return self.out(h[0])
"""
TRAIN = """
import json
from model import Tagger

with open("config.json") as file:
    config = json.load(file)
model = Tagger(config["size"], config["layers"])
"""
TWO = json.dumps({"size": 16, "layers": 2})
ONE = json.dumps({"size": 16, "layers": 1})


def project(check: Check, folder: str = "", config: str | bytes | None = TWO, train: str = TRAIN) -> Path:
    check.write(f"{folder}model.py", MODEL)
    check.write(f"{folder}train.py", train)
    if config is not None:
        check.write(f"{folder}config.json", config)
    return check.folder / folder


def test_what_stands_in_a_file_is_what_is_declared(check: Check) -> None:
    project(check)
    (line,) = check("--no-cache").out.splitlines()
    assert line.startswith("model.py:12:25: RNN105 ")
    assert line.endswith("(when layers=2, the default at config.json:1)")
    project(check, config=ONE)
    assert check("--no-cache").out == ""
    assert check("--no-cache", "--all-configurations").found == [("model.py", 12, 25, "RNN105")]


def test_a_template_stands_for_the_file_that_everybody_makes_of_it(check: Check) -> None:
    folder = project(check)
    (folder / "config.json").rename(folder / "config.example.json")
    (line,) = check("--no-cache").out.splitlines()
    assert line.endswith("(when layers=2, the default at config.example.json:1)")


def test_a_file_is_named_where_a_finding_rests_on_it(check: Check) -> None:
    project(check)
    (found,) = json.loads(check("--output-format", "json").out)
    (place,) = [one for one in found["related"] if one["filename"] == "config.json"]
    assert place["location"] == {"row": 1, "column": 24}
    assert place["message"] == "layers=2 is the default here"


def test_what_has_changed_is_read_again(check: Check) -> None:
    project(check)
    assert check().status == 1
    assert check().status == 1
    project(check, config=ONE)
    assert check().status == 0
    (check.folder / "config.json").unlink()
    assert check().out == ""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"size": 16, "layers": 2', "it is no JSON"),
        (b"\xff\xfe", ""),
        (json.dumps([0] * 3000), "it holds more than 2,000 values"),
        ('{"size": 16, "layers": 2}' + " " * LARGEST, ""),
    ],
)
def test_what_cannot_be_read_is_open(check: Check, content: str | bytes, why: str) -> None:
    project(check, config=content)
    ran = check("--no-cache")
    assert (ran.out, ran.err, ran.status) == ("", "", 0)
    assert check("--no-cache", "--all-configurations").found == [("model.py", 12, 25, "RNN105")]
    if why:
        (line,) = check("--no-cache", "--show-unknown").out.splitlines()
        assert line.startswith(f"train.py:5:6: RNN900 not followed: config.json: {why}")


def test_nothing_is_read_beside_the_folders_that_were_named(check: Check) -> None:
    project(check, "inner/", config=None)
    check.write("config.json", TWO)
    assert check("--no-cache").status == 1
    assert check("--no-cache", "inner").status == 0
    assert check("--no-cache", "inner/model.py", "inner/train.py").status == 0


def test_a_link_leads_out_of_no_folder(check: Check) -> None:
    folder = project(check, "inner/", config=None)
    secret = check.write("secret.json", TWO)
    (folder / "config.json").symlink_to(secret)
    assert check("--no-cache", "inner").status == 0
    assert check("--no-cache").status == 1


def test_what_is_left_out_is_not_read(check: Check) -> None:
    project(check, train=TRAIN.replace("config.json", "conf/config.json"), config=None)
    check.write("conf/config.json", TWO)
    assert check("--no-cache").status == 1
    assert check("--no-cache", "--extend-exclude", "conf").status == 0
    assert check("--no-cache", "--extend-exclude", "config.json").status == 0


def test_each_file_for_itself_reads_nothing(check: Check) -> None:
    project(check)
    assert check("--no-cache", "--isolated-files").out == ""


def test_a_single_file_reads_its_own(check: Check) -> None:
    check.write("all.py", MODEL + TRAIN.replace("from model import Tagger\n", ""))
    check.write("config.json", TWO)
    assert check("--no-cache").found == [("all.py", 12, 25, "RNN105")]


@pytest.mark.parametrize(
    "path",
    [
        '"./config.json"',
        'Path(__file__).parent / "config.json"',
        'Path(__file__).resolve().parent.joinpath("config.json")',
        'os.path.join(os.path.dirname(os.path.abspath(__file__)), "config.json")',
        'os.path.join(os.getcwd(), "config.json")',
        'f"{os.path.dirname(__file__)}/config.json"',
        'os.environ["HOME"] + "/config.json"',
        'Path(".") / "config.json"',
        'str(Path("config.json"))',
        'f"{name}.json"',
        "parser.parse_args().config",
    ],
)
def test_paths_are_written_in_many_ways(check: Check, path: str) -> None:
    head = 'import os\nimport argparse\nfrom pathlib import Path\nname = "config"\nparser = argparse.ArgumentParser()\n'
    head += 'parser.add_argument("--config", default="config.json")\n'
    project(check, train=head + TRAIN.replace('"config.json"', path))
    assert check("--no-cache").found == [("model.py", 12, 25, "RNN105")]


@pytest.mark.parametrize(
    "load",
    [
        'json.load(open("config.json"))',
        'json.load(Path("config.json").open())',
        'json.loads(Path("config.json").read_text())',
        'json.loads(open("config.json").read())',
        'json.load(open("config.json"), object_hook=lambda d: SimpleNamespace(**d))',
        'edict(json.load(open("config.json")))',
        'OmegaConf.load("config.json")',
        'SimpleNamespace(**json.load(open("config.json")))',
        'argparse.Namespace(**json.load(open("config.json")))',
        'Config.read("config.json")',
        'read("config.json")',
    ],
)
def test_files_are_read_in_many_ways(check: Check, load: str) -> None:
    head = (
        "import argparse, json\nfrom pathlib import Path\nfrom types import SimpleNamespace\nfrom model import Tagger\n"
    )
    head += "from easydict import EasyDict as edict\nfrom omegaconf import OmegaConf\n"
    head += "def read(path):\n    with open(path) as file:\n        return SimpleNamespace(**json.load(file))\n"
    head += "class Config:\n    def __init__(self, size, layers):\n        self.size, self.layers = size, layers\n"
    head += "    @classmethod\n    def read(cls, path):\n        return cls(**json.load(open(path)))\n"
    project(check, train=f"{head}config = {load}\n" + "model = Tagger(config.size, config.layers)\n")
    assert check("--no-cache").found == [("model.py", 12, 25, "RNN105")]


@pytest.mark.parametrize("config", ['["lstm"]', "[]", "[2, 16]", '[{"size": 16, "layers": 2}]'])
def test_a_list_has_no_item_by_a_name(check: Check, config: str) -> None:
    project(check, config=config)
    assert check("--no-cache").out == ""
    project(check, config="[2, 16]", train=TRAIN.replace('"size"', "1").replace('"layers"', "0"))
    assert check("--no-cache").found == [("model.py", 12, 25, "RNN105")]
