"""A run is a function of what is known: the same twice, changing nothing, and depending on the facts it has read."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from copy import copy
from dataclasses import fields
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from rnnlint.interpret import explore as exploring
from rnnlint.interpret.evaluate.dispatch import EVALUATORS, EXECUTORS
from rnnlint.interpret.explore import PORTS, Body, explore
from rnnlint.interpret.outcomes import Exploration, Outcome
from rnnlint.interpret.starts import Start
from rnnlint.interpret.state.known import Known, Learned
from rnnlint.interpret.state.run import Run
from rnnlint.linter import lint
from rnnlint.settings import Settings
from rnnlint.source import program as ir
from rnnlint.source.parse import Parsed, parse
from rnnlint.torch_api.context import Need
from rnnlint.values.domain import Value
from rnnlint.values.facts import Fact

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "fixtures").glob("rules/*/*.py"))
FIXTURES = sorted((ROOT / "fixtures").glob("constructs/*.py")) + RULES[::8]  # every run is made three times
DEFINITIONS = (ast.FunctionDef, ast.ClassDef)
EVERY = Settings(all_configurations=True)

End = Need | tuple[Outcome, Value | None]


def same(one: End, other: End) -> bool:
    if isinstance(one, Need) or isinstance(other, Need):
        return (
            isinstance(one, Need) and isinstance(other, Need) and (one.fact, one.options) == (other.fact, other.options)
        )
    left, right = one[0], other[0]
    apart = {"assumptions"}  # of which a run may have fewer
    return all(getattr(left, f.name) == getattr(right, f.name) for f in fields(Outcome) if f.name not in apart)


def again(
    run: Run, start: Start, exploration: Exploration, body: Body, facts: Mapping[Fact, object]
) -> tuple[Run, End]:
    """The same run once more, on its own, with as many steps to take, under other assumptions."""
    another = Run(run.known, start.base, facts, PORTS, run.budget + run.steps)
    return another, RUN(another, start, copy(exploration), body)


RUN = exploring._run


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_run_says_the_same_twice_and_whatever_it_has_not_asked_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = 0

    def tried(run: Run, start: Start, exploration: Exploration, body: Body) -> End:
        nonlocal runs
        runs += 1
        # these two only remember: who asks first changes nothing that is answered
        names = [field.name for field in fields(Known) if field.name not in ("sizes", "tensors")]
        before = {name: copy(getattr(run.known, name)) for name in names}
        facts = {**run.known.facts, **start.assumptions}
        end = RUN(run, start, exploration, body)
        another, ended = again(run, start, exploration, body, facts)
        assert same(end, ended)
        for field in fields(Learned):
            if field.name != "failures":
                assert getattr(run.learned, field.name) == getattr(another.learned, field.name), field.name
        assert all(getattr(run.known, name) == value for name, value in before.items())
        read = run.facts.assumptions.read
        if len(read) < len(facts):
            fewer, ended = again(run, start, exploration, body, {fact: facts[fact] for fact in read})
            assert same(end, ended), facts.keys() - read
            assert fewer.facts.assumptions.read == read
        return end

    monkeypatch.setattr(exploring, "_run", tried)
    parsed = parse(path.read_text(encoding="utf-8"))
    assert isinstance(parsed, Parsed)
    explore(parsed.program, replay=False)  # each run by itself: what was replayed took fewer steps
    assert runs


def shuffled(text: str, random: Random) -> str:
    """The file with the functions and classes of its top level in another order, bases before what inherits them."""
    body = ast.parse(text).body
    lines = text.splitlines()
    free = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    mixed = random.sample(free, len(free))
    placed: list[ast.stmt] = []
    names = {node.name for node in free}
    while mixed:
        done = {node.name for node in placed if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        for node in mixed:
            asked = [*(node.bases if isinstance(node, ast.ClassDef) else ()), *node.decorator_list]
            if all(not isinstance(one, ast.Name) or one.id in done or one.id not in names for one in asked):
                break
        mixed.remove(node)
        placed.append(node)
    order = iter(placed)
    parts = [next(order) if node in free else node for node in body]
    return "\n".join("\n".join(lines[first(part) - 1 : part.end_lineno]) + "\n" for part in parts)


def runs_something(node: ast.stmt) -> bool:
    """Whether a statement of the top level calls what stands there."""
    return not isinstance(node, DEFINITIONS) and any(isinstance(part, ast.Call) for part in ast.walk(node))


def first(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    return min([node.lineno, *(one.lineno for one in decorators)])


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_the_order_of_functions_and_classes_does_not_matter(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    body = ast.parse(text).body
    defined = [place for place, node in enumerate(body) if isinstance(node, DEFINITIONS)]
    if len(defined) < 2 or any(runs_something(node) for node in body[: defined[-1]]):
        pytest.skip("what it runs depends on the order")

    def said(text: str) -> list[tuple[str, str]]:
        lines = text.splitlines()
        return sorted((found.code, lines[found.line - 1].strip()) for found in lint(text, "file.py", EVERY).findings)

    wanted = said(text)
    for seed in range(2):
        assert said(shuffled(text, Random(seed))) == wanted, seed


def test_every_kind_of_node_is_run() -> None:
    inside = {ir.Slice}  # stands in the brackets of a subscript only
    assert {*get_args(ir.Expr)} - inside == EVALUATORS.keys()
    assert {*get_args(ir.Statement)} == EXECUTORS.keys()
