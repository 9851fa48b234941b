"""Which files of data a text names, and where they are looked for."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import dirname

import pytest

from rnnlint.projects.data_files import named_by, names_in

CHOSEN = [f"{folder}{{}}{end}" for folder in ("", "config/", "configs/", "conf/") for end in (".json", ".yaml", ".yml")]


class Disk:
    def __init__(self, *paths: str) -> None:
        self._paths = paths

    def is_there(self, path: str) -> bool:
        return path in self._paths

    def names(self, folder: str) -> Iterable[str]:
        below = (path[len(folder) + 1 :] for path in self._paths if path.startswith(f"{folder}/"))
        return sorted({path.partition("/")[0] for path in below})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('open("a.json")', ["a.json"]),
        ("open('configs/a.yml')", ["configs/a.yml"]),
        ('"./a.yaml", "../b.json"', ["./a.yaml", "../b.json"]),
        ('folder + "/a.json"', ["a.json"]),
        ('f"{folder}/a.json"', ["a.json"]),
        ("f\"{a['b']}/{c}/conf/{d}.json\"", ["conf/{}.json"]),
        ('f"{name}.json", "%s.yaml" % name', ["{}.json", "{}.yaml"]),
        ('name.endswith((".json", ".yaml"))', []),
        ('"""a\nb.json"""', []),
        ('"a.json", "a.json"', ["a.json"]),
        ('"model.jsonl", "a.yaml.py"', []),
        ('@hydra.main(config_path="conf", config_name="main")', ["conf/**", "main.yaml"]),
        ('main(config_path="conf")', []),
        ('p.add_argument("-c", "--model-config", required=True)', [*CHOSEN]),
        ('p.add_argument("--layers", help="as in config"), p.config', []),
    ],
)
def test_names_in_a_text(text: str, names: list[str]) -> None:
    assert names_in(text) == names


def test_names_are_looked_for_in_the_folders_of_files_and_above() -> None:
    disk = Disk("/p/a.json", "/p/src/b.json", "/p/other/c.json", "/p/src/net/d.json", "/e.json")
    names = ["a.json", "b.json", "c.json", "d.json", "../e.json"]
    assert named_by([("/p/src/train.py", names)], disk) == ["/e.json", "/p/a.json", "/p/src/b.json"]


@pytest.mark.parametrize("beside", ["a.example.json", "a_template.json", "a-dist.json"])
def test_what_is_not_there_may_have_a_template_beside_it(beside: str) -> None:
    assert named_by([("/p/train.py", ["a.json"])], Disk(f"/p/{beside}")) == [f"/p/{beside}"]
    assert named_by([("/p/train.py", ["a.json"])], Disk(f"/p/{beside}", "/p/a.json")) == ["/p/a.json"]


def test_one_of_a_folder_may_be_chosen() -> None:
    disk = Disk("/p/conf/a.yaml", "/p/conf/b.yaml", "/p/conf/c.json", "/p/conf/deep/d.yaml", "/p/conf/.hidden.yaml")
    assert named_by([("/p/train.py", ["conf/{}.yaml"])], disk) == ["/p/conf/a.yaml", "/p/conf/b.yaml"]


def test_hydra_reads_a_whole_folder() -> None:
    disk = Disk(
        "/p/conf/a.yaml", "/p/conf/model/b.yaml", "/p/conf/x.txt", "/p/conf/a/b/c/d.yaml", "/p/conf/a/b/c/d/e.yaml"
    )
    found = named_by([("/p/train.py", ["conf/**"])], disk)
    assert found == ["/p/conf/a.yaml", "/p/conf/a/b/c/d.yaml", "/p/conf/model/b.yaml"]


def test_no_more_are_read_than_one_reads() -> None:
    disk = Disk(*(f"/p/{number}.json" for number in range(100)))
    assert len(named_by([("/p/a.py", [f"{number}.json" for number in range(100)])], disk)) == 48
    assert len(named_by([("/p/a.py", ["{}.json"])], disk)) == 12
    assert dirname(named_by([("/p/a.py", ["{}.json"])], disk)[0]) == "/p"
