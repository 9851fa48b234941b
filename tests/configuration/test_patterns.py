"""Which files a pattern is about."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.configuration.patterns import Pattern, mistake

BASE = Path("/home/build/project[1]")


@pytest.mark.parametrize(
    ("text", "path", "matches"),
    [
        ("build", "build", True),
        ("build", "build/lib/model.py", True),
        ("build", "src/build/model.py", True),
        ("build", "src/model.py", False),  # it is a folder above the project that has this name
        ("build/", "src/build/model.py", True),
        ("model.py", "src/model.py", True),
        ("model.py", "src/a_model.py", False),
        ("*_model.py", "src/a_model.py", True),
        ("src/*.py", "src/model.py", True),
        ("src/*.py", "src/deep/model.py", True),
        ("./src/*.py", "src/model.py", True),
        ("src/x/../*.py", "src/model.py", True),
        ("src", "src/model.py", True),
        ("src/deep", "src/deep/model.py", True),
        ("src/deep", "lib/src/deep/model.py", False),
        ("**/deep/*.py", "src/deep/model.py", True),
        ("**/deep/*.py", "deep/model.py", True),
        ("src/**/model.py", "src/model.py", True),
        ("src/**/model.py", "src/a/b/model.py", True),
        ("src/**", "src/a/b/model.py", True),
        ("**", "src/model.py", True),
        ("**/**/**/model.py", "src/model.py", True),
        ("*" * 60 + "z", "src/" + "a" * 200, False),
        ("tests/**.py", "tests/a/test_b.py", True),
        ("*.{py,ipynb}", "a.ipynb", True),
        ("*.{py,ipynb}", "a.txt", False),
        ("model?.py", "model1.py", True),
        ("model?.py", "model.py", False),
        ("model[12].py", "model1.py", True),
        ("model[!12].py", "model1.py", False),
        ("model[!12].py", "model3.py", True),
        ("model[^12].py", "model3.py", True),
        ("model[^12].py", "model1.py", False),
        ("model[]a].py", "model].py", True),
        ("model[].py", "model[].py", True),
        ("model[!].py", "model[!].py", True),
        ("model[!]a].py", "modelb.py", True),
        ("model[a&&b].py", "model&.py", True),
        ("model[1.py", "model[1.py", True),
        ("model[z-a].py", "modelb.py", False),
        ("model{1.py", "model{1.py", True),
        ("model+.py", "modell.py", False),
        ("MODEL.py", "model.py", False),
        ("/home/build/project[[]1]/src/*.py", "src/model.py", True),
    ],
)
def test_a_pattern(text: str, path: str, matches: bool) -> None:
    assert Pattern(text, BASE).matches(BASE / path) is matches


@given(st.text("ab[]!^-&|~{},*?/.\\", max_size=12), st.sampled_from(["a", "src/b.py", "a-b/[a]"]))
def test_any_text_is_a_pattern(text: str, path: str) -> None:
    Pattern(text, BASE).matches(BASE / path)


@given(st.text("ab.-_/", min_size=1, max_size=12).filter(lambda text: bool(text.strip("./"))))
def test_a_path_is_its_own_pattern(path: str) -> None:
    whole = Path(os.path.abspath(BASE / path.strip("/")))  # noqa: PTH100 - as configurations ask
    if BASE in whole.parents:
        assert Pattern(path.strip("/"), BASE).matches(whole)


def test_a_file_elsewhere() -> None:
    assert Pattern("venv", BASE).matches(Path("/home/build/other/venv/model.py"))
    assert not Pattern("build", BASE).matches(Path("/home/build/other/model.py"))
    assert Pattern("../other/*.py", BASE).matches(Path("/home/build/other/model.py"))


@pytest.mark.parametrize("text", ["a", "*.py", "[[]a", "[{]a", "[]]", "[!]a]", "{a,[b]}", "}", "]", "a{b,c}[d]"])
def test_what_is_no_mistake(text: str) -> None:
    assert mistake(text) == ""
