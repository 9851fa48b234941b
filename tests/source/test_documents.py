"""Files of data as programs: what stands in them, and where."""

from __future__ import annotations

import importlib.util
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.source import program as ir
from rnnlint.source.documents import content, read_document
from rnnlint.source.parse import NotAnalysed, Parsed

YAML = pytest.mark.skipif(importlib.util.find_spec("yaml") is None, reason="PyYAML is not installed")

Value = object


def value_of(node: ir.Expr) -> Value:
    match node:
        case ir.DictDisplay(items=items):
            return {value_of(key): value_of(value) for key, value in items if key is not None}
        case ir.Display(items=each):
            return [value_of(one) for one in each]
        case ir.Constant(value=value):
            return value
    return ...


def read(text: str, path: str) -> Value:
    parsed = read_document(text, path)
    assert isinstance(parsed, Parsed), parsed
    return value_of(content(parsed))


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(values, st.sampled_from([None, 2]))
def test_json_is_what_json_says(value: Value, indent: int | None) -> None:
    assert read(json.dumps(value, indent=indent), "a.json") == value
    assert read(json.dumps(value, ensure_ascii=False, indent=indent), "a.json") == value


def test_values_have_places() -> None:
    parsed = read_document('{\n  "é": "ü", "model": {"layers": 2}\n}\n', "a.json")
    assert isinstance(parsed, Parsed)
    (_, model) = dict_of(content(parsed))
    layers = dict_of(model)[0]
    span = parsed.span(layers)
    assert (span.line, span.column, span.end_column) == (2, 32, 33)


def dict_of(node: ir.Expr) -> list[ir.Expr]:
    assert isinstance(node, ir.DictDisplay)
    return [value for _, value in node.items]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "it is no JSON: Expecting property name"),
        ('{"a": 1,}', "it is no JSON"),
        ("", "it is no JSON"),
        ("[" * 50_000 + "]" * 50_000, "it is nested too deeply"),
        (json.dumps(list(range(5000))), "it holds more than 2,000 values"),
    ],
)
def test_what_is_not_read_has_a_reason(text: str, why: str) -> None:
    found = read_document(text, "a.json")
    assert isinstance(found, NotAnalysed)
    assert found.reason.startswith(why)


@YAML
def test_yaml_is_what_safe_load_says() -> None:
    text = """
defaults: &defaults
  layers: 2
  size: 1e-3
model:
  <<: *defaults
  bidirectional: yes
  kinds: [LSTM, 'GRU']
  when: 2020-01-01
  nothing: ~
"""
    defaults = {"layers": 2, "size": "1e-3"}
    model = {**defaults, "bidirectional": True, "kinds": ["LSTM", "GRU"], "when": ..., "nothing": None}
    assert read(text, "a.yaml") == {"defaults": defaults, "model": model}


@YAML
def test_values_of_yaml_have_places() -> None:
    parsed = read_document("model:\n  é: 'x'\n  layers: 12\n", "a.yml")
    assert isinstance(parsed, Parsed)
    span = parsed.span(dict_of(dict_of(content(parsed))[0])[1])
    assert (span.line, span.column, span.end_column) == (3, 10, 12)


NINE = ["a: &a [1]", *(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in ("ab", "bc", "cd", "de"))]
GROWING = "\n".join(NINE)


@YAML
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "it is no YAML"),
        ("a: b: c", "it is no YAML: mapping values are not allowed here (line 1)"),
        ("a: 1\n---\nb: 2\n", "it is no YAML"),
        (GROWING, "it holds more than 2,000 values"),
        ("a: \x00", "it is no YAML"),
    ],
)
def test_yaml_that_is_not_read_has_a_reason(text: str, why: str) -> None:
    found = read_document(text, "a.yaml")
    assert isinstance(found, NotAnalysed)
    assert found.reason.startswith(why)


@YAML
def test_nothing_that_yaml_names_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    tagged = ("!!python/object/apply:builtins.print [made]", "!env x", "!custom {d: 1}", "!custom [1]", "!!set {d}")
    for text in tagged:
        assert read(f"a: 1\nb: {text}\nc: [{text}, 1]\n", "a.yaml") == {"a": 1, "b": ..., "c": [..., 1]}
        assert read(f"{text}\n", "a.yaml") is ...
    assert read("--- !!map\na: !!seq [1]\nb: !!str 1\n", "a.yaml") == {"a": [1], "b": "1"}
    assert capsys.readouterr().out == ""


@YAML
def test_an_empty_file_is_an_empty_dict() -> None:
    assert read("", "a.yaml") == {}
