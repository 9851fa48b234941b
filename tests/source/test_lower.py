"""A lowering keeps to itself what it collects."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from rnnlint.source import lower as lowering
from rnnlint.source import program as ir
from rnnlint.source.lower import lower

OUTER = ast.parse("def f(a):\n    one = nn.GRU(1)\n    await a\n    two = nn.GRU(b)\n")
INNER = ast.parse("def g(c):\n    three = nn.LSTM(d)\n")


def built(program: ir.Program) -> list[str]:
    return [call.func.attr for call in program.constructions if isinstance(call.func, ir.Attribute)]


def names(program: ir.Program) -> set[str]:
    (function,) = program.body
    assert isinstance(function, ir.FunctionDef)
    return set(function.names)


def test_one_within_another(monkeypatch: pytest.MonkeyPatch) -> None:
    inner: list[ir.Program] = []

    def waiting(lowering: object, node: ast.Await) -> ir.Expr:
        inner.append(lower(INNER))
        return usual(lowering, node)

    expected = names(lower(OUTER))
    usual: Callable[..., ir.Expr] = lowering._EXPRESSIONS[ast.Await]
    monkeypatch.setitem(lowering._EXPRESSIONS, ast.Await, waiting)
    outer = lower(OUTER)
    assert built(outer) == ["GRU", "GRU"]
    assert names(outer) == expected
    assert built(inner[0]) == ["LSTM"]
    assert names(inner[0]) == {"three", "nn", "LSTM", "d"}


def test_one_that_raises_midway_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> ir.Expr:
        raise RecursionError

    with monkeypatch.context() as planted:
        planted.setitem(lowering._EXPRESSIONS, ast.Await, fail)
        with pytest.raises(RecursionError):
            lower(OUTER)
    inner = lower(INNER)
    assert built(inner) == ["LSTM"]
    assert names(inner) == {"three", "nn", "LSTM", "d"}
