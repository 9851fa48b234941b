"""What a module's name leads to: as Python finds it when the program is run the way it is meant to be run."""

from __future__ import annotations

import pytest

from rnnlint.projects.modules import Modules, key_of


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("a.py", "a"),
        ("/x/models/encoder.py", "/x/models/encoder"),
        ("/x/models/__init__.py", "/x/models"),
        ("__init__.py", ""),
        ("/x/a.ipynb", "/x/a.ipynb"),
    ],
)
def test_keys(path: str, key: str) -> None:
    assert key_of(path) == key


@pytest.mark.parametrize(
    ("paths", "path", "module", "found"),
    [
        # a script beside its modules
        (["/p/train.py", "/p/model.py"], "/p/train.py", "model", "/p/model"),
        # from the top of the project
        (["/p/train.py", "/p/models/rnn.py"], "/p/train.py", "models.rnn", "/p/models/rnn"),
        (["/p/scripts/train.py", "/p/models/rnn.py"], "/p/scripts/train.py", "models.rnn", "/p/models/rnn"),
        # a package by its name, from inside
        (["/p/pkg/__init__.py", "/p/pkg/a.py", "/p/pkg/b.py"], "/p/pkg/a.py", "pkg.b", "/p/pkg/b"),
        (["/p/pkg/__init__.py", "/p/pkg/a.py"], "/p/pkg/a.py", "pkg", "/p/pkg"),
        # sources in a folder of their own
        (["/p/src/pkg/a.py", "/p/scripts/train.py"], "/p/scripts/train.py", "pkg.a", "/p/src/pkg/a"),
        # relative
        (["/p/pkg/a.py", "/p/pkg/b.py"], "/p/pkg/a.py", ".b", "/p/pkg/b"),
        (["/p/pkg/in/a.py", "/p/pkg/b.py"], "/p/pkg/in/a.py", "..b", "/p/pkg/b"),
        (["/p/pkg/__init__.py", "/p/pkg/b.py"], "/p/pkg/__init__.py", ".b", "/p/pkg/b"),
        (["/p/pkg/a.py"], "/p/pkg/a.py", ".", "/p/pkg"),
        (["/p/pkg/a.py", "/p/b.py"], "/p/pkg/a.py", ".b", None),
        # a module and a folder of one name: Python takes the package
        (["/p/m.py", "/p/m/__init__.py", "/p/t.py"], "/p/t.py", "m", "/p/m"),
        # two of one name: the one beside
        (["/p/a/net.py", "/p/b/net.py", "/p/a/t.py"], "/p/a/t.py", "net", "/p/a/net"),
        (["/p/b/net.py", "/p/a/t.py"], "/p/a/t.py", "net", None),
        # of a package's module, the one at the top is meant before the one beside it
        (["/p/pkg/__init__.py", "/p/pkg/utils.py", "/p/utils.py"], "/p/pkg/__init__.py", "utils", "/p/utils"),
        (["/p/pkg/__init__.py", "/p/pkg/utils.py"], "/p/pkg/__init__.py", "utils", "/p/pkg/utils"),
        # what is known by itself is no project's
        (["/p/torch/nn.py", "/p/a.py"], "/p/a.py", "torch.nn", None),
        (["/p/types.py", "/p/a.py"], "/p/a.py", "types", None),
        (["/p/json.py", "/p/a.py"], "/p/a.py", "json", None),
        (["/p/json.py", "/p/a.py"], "/p/a.py", ".json", "/p/json"),
        # a folder called as a module of the standard library's, which has no modules inside
        (["/p/code/model.py", "/p/a.py"], "/p/a.py", "code.model", "/p/code/model"),
        (["/p/a.py"], "/p/a.py", "pandas", None),
        (["/p/a.py"], "/p/a.py", "..................x", None),
    ],
)
def test_what_a_name_leads_to(paths: list[str], path: str, module: str, found: str | None) -> None:
    assert Modules(paths).target(path, module) == found


def test_a_folder_without_an_init_is_a_package_without_a_file() -> None:
    modules = Modules(["/p/models/rnn.py", "/p/train.py"])
    key = modules.target("/p/train.py", "models")
    assert key == "/p/models"
    assert modules.path(key) is None
    assert modules.inside(key, "rnn") == "/p/models/rnn"
    assert modules.inside(key, "cnn") is None
