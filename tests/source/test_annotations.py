"""Which class an annotation names, as it is written or in a string."""

from __future__ import annotations

import ast

import pytest

from rnnlint.source import program as ir
from rnnlint.source.annotations import named_class, quoted_words


def named(annotation: str) -> str | None:
    match named_class(ast.parse(annotation, mode="eval").body):
        case ir.Name(id=name):
            return name
        case ir.Attribute(value=ir.Name(id=holder), attr=attr):
            return f"{holder}.{attr}"
    return None


@pytest.mark.parametrize("name", ["C", "conf.C"])
@pytest.mark.parametrize("form", ["{}", "Optional[{}]", "typing.Optional[{}]", "{} | None", "None | {}"])
def test_a_class_perhaps_beside_none(name: str, form: str) -> None:
    annotation = form.format(name)
    assert named(annotation) == named(repr(annotation)) == named(repr(f" {annotation} ")) == name
    assert named(form.format(repr(name))) == name


@pytest.mark.parametrize("annotation", ["C | D", "list[C]", "Union[C, D]", "C()", "a.b.C", "C |", "", "a class", "\0"])
def test_what_is_not_one_class(annotation: str) -> None:
    assert named(repr(annotation)) is None


def test_what_is_too_long_is_not_looked_at() -> None:
    assert named(repr("C" + " " * 100 + "| None")) is None


def test_words_of_strings() -> None:
    assert [*quoted_words(ast.parse("Optional['conf.C | 1']", mode="eval").body)] == ["conf", "C"]
