"""What is said of the keys: ``--show-settings``, the JSON schema, the page."""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.configuration import BadConfiguration, Configuration, Configurations
from rnnlint.configuration.choices import KEYS
from rnnlint.configuration.keys import Kind
from rnnlint.configuration.patterns import mistake
from rnnlint.configuration.reading import read
from rnnlint.configuration.shown import settings, toml
from tools.settings import PAGE, SCHEMA, page, schema

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
CODES = st.lists(st.sampled_from(["RNN", "RNN1", "RNN10", "RNN102", "RNN107", "ALL"]), max_size=3)
PATTERNS = TEXTS.filter(lambda text: not mistake(text))
VALUES = {
    Kind.CODES: CODES,
    Kind.PER_FILE: st.dictionaries(PATTERNS, CODES, max_size=3),
    Kind.PATTERNS: st.lists(PATTERNS, max_size=3),
    Kind.FORMATS: st.lists(TEXTS, max_size=2),
    Kind.SWITCH: st.booleans(),
    Kind.COUNT: st.integers(0, 99),
    Kind.PATH: st.from_regex(r"[a-z ]{1,5}(/[a-z.]{1,5})?", fullmatch=True),
}
TABLES = st.fixed_dictionaries({}, optional={key.name: VALUES[key.kind] for key in KEYS})


def written(folder: Path, table: dict[str, object]) -> Path:
    file = folder / "rnnlint.toml"
    file.write_text("".join(f"{name} = {toml(value)}\n" for name, value in table.items()), encoding="utf-8")
    return file


def choices(configuration: Configuration) -> dict[str, object]:
    return {key.field: getattr(configuration, key.field) for key in KEYS} | {"root": configuration.root}


@given(TABLES)
def test_what_is_shown_reads_as_the_same(tmp_path_factory: pytest.TempPathFactory, table: dict[str, object]) -> None:
    folder = tmp_path_factory.mktemp("shown")
    file = written(folder, table)
    first = read(file)
    file.write_text(settings(first), encoding="utf-8")
    second = read(file)
    assert choices(first) == choices(second)
    assert first.selection.codes(folder / "x.py") == second.selection.codes(folder / "x.py")


def test_who_has_set_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rnnlint.toml").write_text("extend-select = ['RNN107']\n", encoding="utf-8")
    lines = settings(Configurations({"jobs": ["2"], "cache": False, "select": ["RNN10"]}).of(Path("x.py"))).splitlines()
    assert lines[0] == "# rnnlint.toml"
    assert {
        'select = ["RNN10"]  # --select',
        "extend-select = []  # rnnlint.toml",  # which --select has forgotten
        "force-exclude = false  # default",
        "# baseline is not set",
        "cache = false  # --no-cache",
        "jobs = 2  # --jobs",
    } <= set(lines)
    assert lines[-1].startswith("# on: RNN101, RNN102, ")
    assert "RNN107" in lines[-1]
    assert "RNN110" not in lines[-1]


def test_every_key_is_a_field_and_the_rest_is_not() -> None:
    rest = {"root", "source", "said", "layers"}
    assert [key.field for key in KEYS] == [one.name for one in fields(Configuration) if one.name not in rest]


def test_the_schema_and_the_page_are_current() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema(), "python -m tools.settings"
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tools.settings"


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_the_example_of_a_key_can_be_written(tmp_path: Path, key: object) -> None:
    name, example = getattr(key, "name"), getattr(key, "example")  # noqa: B009 - parameters have no types
    (tmp_path / "rnnlint.toml").write_text(f"{name} = {example}\n", encoding="utf-8")
    assert read(tmp_path / "rnnlint.toml").where(name)


WRONG = st.one_of(
    st.integers(-2, 2), st.floats(0, 1), st.booleans(), TEXTS, st.just(""), st.lists(TEXTS | st.integers(), max_size=2),
    st.dictionaries(TEXTS, st.lists(TEXTS, max_size=1) | TEXTS, max_size=2),
    st.sampled_from([["RNN1"], ["R"], ["rnn1"]]),
)  # fmt: skip


@given(st.sampled_from([*(key.name for key in KEYS), "jbos"]), WRONG | CODES)
def test_an_editor_takes_what_is_read_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: object
) -> None:
    validator = jsonschema.Draft7Validator(json.loads(schema()))
    text = f"{name} = {value!r}\n" if isinstance(value, float) else f"{name} = {toml(value)}\n"
    folder = tmp_path_factory.mktemp("schema")
    (folder / "rnnlint.toml").write_text(text, encoding="utf-8")
    try:
        read(folder / "rnnlint.toml")
        taken = True
    except BadConfiguration as error:
        # that a pattern is of nothing but slashes, or has a bracket that is not closed, no schema says
        taken = ("pattern of nothing" in str(error) and "''" not in str(error)) or "is not closed" in str(error)
    whole = isinstance(value, float) and value.is_integer()  # 1.0 is an integer to JSON, and none to TOML
    assert taken is validator.is_valid({name: value}) or whole


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(schema()))


def blocks() -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", blocks())
def test_the_files_that_the_page_shows_are_read(tmp_path: Path, block: str) -> None:
    name = "pyproject.toml" if "[tool.rnnlint]" in block else "rnnlint.toml"
    (tmp_path / name).write_text(block, encoding="utf-8")
    assert Configurations().of(tmp_path / "x.py").said


def test_what_the_page_says_of_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    import argparse

    options = importlib.import_module("rnnlint.configuration.options")
    parser = argparse.ArgumentParser()
    options.add_options(parser)
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    shown = ["--extend-select RNN107", "--no-cache", "-j 4", "--per-file-ignores 'old.py:RNN1,RNN202 tests/*:RNN'"]
    assert all(one in text for one in shown)
    given_ = parser.parse_args(["--extend-select", "RNN107", "--no-cache", "-j", "4", "--per-file-ignores",
                                "old.py:RNN1,RNN202 tests/*:RNN"])  # fmt: skip
    found = Configurations(options.given(given_)).of(Path("x.py"))
    assert (found.extend_select, found.cache, found.jobs) == (("RNN107",), False, 4)
    assert [(one.pattern.text, one.codes) for one in found.per_file_ignores] == [
        ("old.py", ("RNN1", "RNN202")), ("tests/*", ("RNN",)),
    ]  # fmt: skip


def test_what_the_page_says_of_selection(tmp_path: Path) -> None:
    (tmp_path / "rnnlint.toml").write_text('select = ["RNN102"]\nignore = ["RNN1"]\n', encoding="utf-8")
    assert read(tmp_path / "rnnlint.toml").selection.codes() == ("RNN102", "RNN901")
