"""Which files are analysed together, and what others help them with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rnnlint.projects.concern import FARTHEST
from rnnlint.projects.imports import Import, imports_in
from rnnlint.projects.plan import plan
from rnnlint.projects.summary import Summary, from_data, summarised

ENCODER = "from torch import nn\nclass Encoder(nn.Module):\n    def __init__(self):\n        self.rnn = nn.LSTM(2, 3)\n"


class Texts:
    """Files that stand here, and how often each of them was asked for its summary."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self.asked: set[str] = set()

    def text(self, path: str) -> str:
        return self.texts[path]

    def imports(self, path: str) -> Iterator[Import]:
        return imports_in(self.texts[path])

    def summary(self, path: str) -> Summary:
        self.asked.add(path)
        return summarised(self.texts[path])

    def builds(self, path: str) -> bool:
        return "LSTM" in self.texts[path] and self.summary(path).builds


def planned(**texts: str) -> list[list[str]]:
    """The groups, each file by its name; of one that helps, with the numbers of its statements."""
    files = Texts({f"/p/{name.replace('__', '/')}.py": text for name, text in texts.items()})
    return [
        [
            one.path.removeprefix("/p/").removesuffix(".py") + ("" if one.statements is None else f"{one.statements}")
            for one in group.members
        ]
        for group in plan(list(files.texts), files)
    ]


def test_who_uses_a_model_is_analysed_with_it() -> None:
    train = "from encoder import Encoder\nmodel = Encoder()\n"
    assert planned(encoder=ENCODER, train=train) == [["encoder", "train"]]


def test_a_model_of_a_class_under_another_name_is_analysed() -> None:
    renamed = (
        "from torch.nn import LSTM as Layer\nclass Encoder:\n    def __init__(self):\n        self.rnn = Layer(2, 3)\n"
    )
    assert planned(encoder=renamed) == [["encoder"]]
    assert planned(imported="from torch.nn import LSTM as Layer\n") == []


def test_two_models_that_nobody_joins_are_two_groups() -> None:
    assert planned(a=ENCODER, b=ENCODER, c="import os\n") == [["a"], ["b"]]


def test_two_models_that_one_program_builds_are_one_group() -> None:
    train = "import a, b\nmodel = a.Encoder(), b.Encoder()\n"
    assert planned(a=ENCODER, b=ENCODER, train=train) == [["a", "b", "train"]]


def test_who_only_mentions_the_module_has_no_part_in_it() -> None:
    assert planned(encoder=ENCODER, train="import encoder\nprint(encoder.__file__)\n") == [["encoder"]]


def test_through_what_hands_names_on() -> None:
    texts = {
        "/p/pkg/__init__.py": "from .encoder import Encoder\n",
        "/p/pkg/encoder.py": ENCODER,
        "/p/train.py": "from pkg import Encoder\nmodel = Encoder()\n",
    }
    (group,) = plan(list(texts), Texts(texts))
    assert [one.path for one in group.members] == ["/p/pkg/encoder.py", "/p/pkg/__init__.py", "/p/train.py"]
    assert [one.helps for one in group.members] == [False, True, False]


def test_a_helper_that_a_package_hands_on_with_all_of_a_module() -> None:
    texts = {
        "/p/encoder.py": ENCODER,
        "/p/tools/__init__.py": "import os\nfrom .reading import *\nfrom .drawing import *\n",
        "/p/tools/reading.py": "def read(path):\n    return path\n\ndef more(path):\n    return path\n",
        "/p/tools/drawing.py": "def draw(path):\n    return path\n",
        "/p/train.py": "import tools\nfrom encoder import Encoder\nmodel = Encoder(tools.read('x'))\n",
    }
    (group,) = plan(list(texts), Texts(texts))
    assert {one.path.removeprefix("/p/"): one.statements for one in group.members if one.helps} == {
        "tools/__init__.py": (1,),
        "tools/reading.py": (0,),
    }


@pytest.mark.parametrize(("asked", "together"), [("name", True), ("'other'", False)])
def test_a_module_that_is_asked_by_a_name_that_only_a_run_knows(asked: str, together: bool) -> None:
    train = f"import encoder\nmodel = getattr(encoder, {asked})()\n"
    assert planned(encoder=ENCODER, train=train) == ([["encoder", "train"]] if together else [["encoder"]])


def test_through_a_function_of_a_third_file() -> None:
    factory = "from encoder import Encoder\ndef build(kind):\n    return Encoder()\n"
    train = "import factory\nmodel = factory.build('lstm')\n"
    assert planned(encoder=ENCODER, factory=factory, train=train) == [["encoder", "factory", "train"]]


def test_a_constant_of_another_file_comes_with_its_statement_alone() -> None:
    config = "import os\nLAYERS = 2\nPATH = os.getcwd()\ndef unused(): ...\n"
    encoder = ENCODER.replace("3)", "3, LAYERS)").replace("from torch", "from config import LAYERS\nfrom torch")
    assert planned(config=config, encoder=encoder) == [["config(1,)", "encoder"]]


def test_what_changes_a_name_comes_with_it() -> None:
    config = "cfg = {}\nOTHER = 1\ncfg['layers'] = 2\ncfg.update(bidirectional=True)\n"
    encoder = ENCODER.replace("3)", "3, cfg['layers'])").replace("from torch", "from config import cfg\nfrom torch")
    assert planned(config=config, encoder=encoder) == [["config(0, 2, 3)", "encoder"]]


def test_a_registry_is_found_through_the_decorator() -> None:
    register = "def register(cls):\n    ALL[cls.__name__] = cls\n    return cls\n"
    registry = f"ALL = {{}}\n{register}def build(name):\n    return ALL[name]()\n"
    encoder = ENCODER.replace("class", "from registry import register\n@register\nclass")
    train = "import encoder\nfrom registry import build\nmodel = build('Encoder')\n"
    assert planned(registry=registry, encoder=encoder, train=train) == [["registry", "encoder", "train"]]


@pytest.mark.parametrize("name", ["test_encoder", "tests__run", "encoder_test", "conftest"])
def test_tests_build_a_model_in_all_the_ways_there_are_and_mean_none(name: str) -> None:
    assert planned(encoder=ENCODER, **{name: "from encoder import Encoder\nEncoder()\n"}) == [["encoder"]]


def test_a_circle_has_an_order() -> None:
    a = f"import b\n{ENCODER}def train():\n    return b.Decoder(Encoder())\n"
    b = f"import a\n{ENCODER.replace('Encoder', 'Decoder')}def run():\n    return a.Encoder()\n"
    assert planned(a=a, b=b) == [["b", "a"]]


def test_what_imports_itself_is_one_file() -> None:
    assert planned(encoder="import encoder\n" + ENCODER + "x = encoder.Encoder\n") == [["encoder"]]


def test_a_library_is_not_one_analysis_with_all_that_use_it() -> None:
    users = {f"user{number:03}": "from encoder import Encoder\nmodel = Encoder()\n" for number in range(3 * FARTHEST)}
    groups = planned(encoder=ENCODER, **users)
    assert groups[0][0] == "encoder"
    assert len(groups[0]) <= FARTHEST


@pytest.mark.parametrize("line", ["from encoder import *", "import encoder", "from . import encoder"])
@pytest.mark.parametrize("comment", ["", "# as Encoder does it\n"])
def test_who_imports_a_whole_module_and_uses_none_of_its_names_is_no_user(line: str, comment: str) -> None:
    others = {f"a{number:03}": f"{line}\n{comment}x = 1\n" for number in range(2 * FARTHEST)}
    groups = planned(encoder=ENCODER, **others, train="from encoder import Encoder\nmodel = Encoder()\n")
    assert groups == [["encoder", "train"]]


def test_who_hands_names_on_by_a_star_is_no_user() -> None:
    chain = {f"a{n:03}": f"from {f'a{n - 1:03}' if n else 'encoder'} import *\n" for n in range(2 * FARTHEST)}
    last = f"from a{2 * FARTHEST - 1:03} import Encoder\nmodel = Encoder()\n"
    groups = planned(encoder=ENCODER, **chain, train=last)
    assert "train" in groups[0]


def test_what_has_no_part_is_not_asked_for_a_summary() -> None:
    files = Texts({"/p/encoder.py": ENCODER, "/p/a.py": "import encoder\n", "/p/b.py": "from a import x\n"})
    plan(list(files.texts), files)
    assert files.asked == {"/p/encoder.py"}


def test_no_python_is_no_obstacle_and_named_where_it_takes_a_part() -> None:
    broken = "from encoder import Encoder\nEncoder(\n"
    assert planned(encoder=ENCODER, broken=broken) == [["encoder"], ["broken"]]
    assert planned(encoder=ENCODER, broken="Encoder(\n", test_broken=broken) == [["encoder"]]


@pytest.mark.parametrize("text", [ENCODER, "x = 1\nfrom a import *\n@f(y)\nclass C: ...\n", "(", ""])
def test_summaries_can_be_written_down(text: str) -> None:
    assert from_data(summarised(text).as_data()) == summarised(text)


@pytest.mark.parametrize("folder", ["test", "tests"])
def test_a_project_in_a_folder_for_tests_has_call_sites(folder: str) -> None:
    train = "from encoder import Encoder\nmodel = Encoder()\n"
    root = f"/{folder}/p"
    texts = Texts({f"{root}/encoder.py": ENCODER, f"{root}/tests/a.py": train, f"{root}/train.py": train})
    (group,) = plan(list(texts.texts), texts, root)
    assert [one.path for one in group.members] == [f"{root}/encoder.py", f"{root}/train.py"]
