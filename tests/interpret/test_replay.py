"""Replays: what was run before is not run again, and nobody who looks at a run can tell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.axes import results
from rnnlint.axes.reading import marking
from rnnlint.axes.states import Given
from rnnlint.events import Site
from rnnlint.interpret.evaluate import dispatch
from rnnlint.interpret.explore import explore
from rnnlint.interpret.state.here import Path as Way
from rnnlint.interpret.state.journal import Account, Ask, Question
from rnnlint.interpret.state.recorded import Choice, Replay, Replays, same
from rnnlint.interpret.state.recorded import Way as Led
from rnnlint.linter import lint
from rnnlint.source import program as ir
from rnnlint.source.parse import Parsed, parse
from rnnlint.values.domain import Items, Lit, Ref, Tensor
from rnnlint.values.heap_cells import ListCell
from tests.interpret.both_ways import both, bounded, difference, programs

ROOT = Path(__file__).parents[2]
# a part, as in test_sparing.py: ``python -m tests.interpret.both_ways`` compares as many as one likes
FILES = [*programs(60, 0, []), *list(programs(0, 0, [ROOT / "fixtures"]))[1::3]]

MODEL = """
import torch
from torch import nn

class Model(nn.Module):
    def __init__(self, hidden, layers, both, kind="lstm"):
        super().__init__()
        cell = nn.LSTM if kind == "lstm" else nn.GRU
        self.rnn = cell(8, hidden, layers, batch_first=True, bidirectional=both)
        self.body = nn.Linear(8, 8)

    def prepare(self, x):
        x = torch.relu(self.body(x))
        x = torch.tanh(self.body(x)) + torch.sigmoid(self.body(x))
        return torch.dropout(self.body(x), 0.1, self.training)

    def forward(self, x):
        for step in range(9):
            x = self.prepare(x)
        output, state = self.rnn(x)
        return output[-1]
"""


@pytest.mark.parametrize("text", [text for _, text in FILES], ids=[name.removeprefix(str(ROOT)) for name, _ in FILES])
def test_runs_are_the_same_with_replays_and_without(text: str) -> None:
    explored = both(text)
    assert explored is not None
    if bounded(explored[0]) or bounded(explored[1]):
        pytest.skip("bounds are in work, of which replays do less")
    assert difference(*explored) == ""
    assert not explored[0].failures


PROGRAMS: Mapping[str, str] = {
    "a list that a layer was built with": """
        class Norm(nn.Module):
            def __init__(self, bins, frames):
                super().__init__()
                self.norm = nn.LayerNorm([bins, frames])
            def forward(self, x):
                return self.norm(x)
        class Spectra(nn.Module):
            def __init__(self, bins, frames, both=False):
                super().__init__()
                self.norm = Norm(bins, frames)
                self.lstm = nn.LSTM(bins, 8, bidirectional=both)
            def forward(self, x):
                return self.lstm(self.norm(x))[0]
        """,
    "a list that a function is handed in advance": """
        import functools
        def shaped(sizes, x):
            return x.view(sizes[0], sizes[1], 8)
        class Shape(nn.Module):
            def __init__(self, batch, steps):
                super().__init__()
                self.shape = functools.partial(shaped, [batch, steps])
            def forward(self, x):
                return self.shape(x)
        class Shaped(nn.Module):
            def __init__(self, batch, steps, both=False):
                super().__init__()
                self.shape = Shape(batch, steps)
                self.lstm = nn.LSTM(8, 8, bidirectional=both)
            def forward(self, x):
                return self.shape(self.lstm(self.shape(x))[0])
        """,
    "a list that grows in every round": """
        def run(model, xs):
            kept = []
            for x in xs:
                out, h = model(x)
                kept.append(out[:, -1])
            return torch.cat(kept)
        run(nn.GRU(3, 4, bidirectional=True), load())
        """,
    "an attribute that a round leaves to the next": """
        class Stateful(nn.Module):
            def __init__(self):
                super().__init__()
                self.cell, self.h = nn.GRUCell(3, 4), None
            def step(self, x):
                self.h = self.cell(x, self.h)
                return self.h
            def forward(self, xs):
                for x in xs:
                    out = self.step(x)
                return out
        """,
    "one function from two places, one of which catches": """
        def last(rnn, x):
            out, h = rnn(x)
            return out[-1] if h is None else h[-1]
        def f(x, flag):
            a = last(nn.GRU(3, 4, batch_first=True), x)
            try:
                b = last(nn.LSTM(3, 4), x)
            except TypeError:
                b = None
            return a, b
        """,
    "arms that write what both read": """
        class Both(nn.Module):
            def __init__(self, two=False, kind="gru"):
                super().__init__()
                self.rnn = nn.GRU(3, 4, bidirectional=two) if kind == "gru" else nn.LSTM(3, 4, bidirectional=two)
            def keep(self, x):
                self.last = x
                return self.last
            def forward(self, x, mode):
                out, h = self.rnn(x)
                if mode:
                    y = self.keep(out[-1])
                else:
                    y = self.keep(out[0])
                z = self.last + y
                return self.keep(z)
        """,
    "a parameter that one arm binds and the other returns": """
        def first(x, y):
            if random() > 0.5:
                y = 3
            else:
                return y
        class Chosen(nn.Module):
            def __init__(self, kind="LSTM", first=False):
                super().__init__()
                self.rnn = getattr(nn, kind)(4, 4, batch_first=first)
            def forward(self, x):
                out, h = self.rnn(z)
                return first(z, out)
        """,
    "a parameter that is bound where a path leaves": """
        def last(out, flag):
            if flag:
                out = 3
                if random() > 0.5:
                    return 3
            return out[-1]
        class Chosen(nn.Module):
            def __init__(self, kind="LSTM", first=False):
                super().__init__()
                self.rnn = getattr(nn, kind)(4, 4, batch_first=first)
            def forward(self, x, flag):
                out, h = self.rnn(z)
                return last(z, flag), last(out, flag), last(out, flag)
        """,
    "a path that leaves a statement in which another raises": """
        class Chosen(nn.Module):
            def __init__(self, kind="LSTM"):
                super().__init__()
                self.acc = []
                self.rnn = getattr(nn, kind)(3, 4, batch_first=True)
            def one(self, x):
                try:
                    raise ValueError
                except Exception:
                    while self.kind == "LSTM":
                        return x
                    else:
                        return self.acc[0]
                    match x:
                        case _:
                            return self.rnn(x)[0]
            def forward(self, x):
                out, h = self.rnn(self.one(x))
                return self.one(out)[-1]
        """,
    "a function that calls itself, and a closure": """
        def outer(x, n):
            rnn = nn.GRU(3, 4, bidirectional=True)
            def inner(y, n):
                out, h = rnn(y)
                return out[-1] if n == 0 else inner(out, n - 1)
            return [inner(x, n) for _ in range(3)]
        """,
    "what is made in a function and handed out": """
        class Pair:
            def __init__(self, a, b):
                self.a, self.b = a, b
        def make(rnn, x):
            out, h = rnn(x)
            return Pair(out, [h])
        def f(x):
            rnn = nn.GRU(3, 4, 2)
            pairs = [make(rnn, x), make(rnn, x)]
            for x in load():
                pair = make(rnn, x)
                pair.b.append(pair.a[-1])
                pairs.append(pair)
            return pairs[-1].b[0][-1] + pair.b[-1]
        """,
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_what_calls_leave_behind_is_left_behind_by_replays(text: str) -> None:
    explored = both("import torch\nfrom torch import nn\n" + dedent(text))
    assert explored is not None
    assert difference(*explored) == ""
    assert any(outcome.events for one in explored[0].explorations for outcome in one.outcomes)


def test_rounds_and_configurations_are_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = parse(MODEL)
    assert isinstance(parsed, Parsed)
    calls = 0
    evaluate = dispatch.EVALUATORS[ir.Call]

    def counted(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        return evaluate(*given)

    monkeypatch.setitem(dispatch.EVALUATORS, ir.Call, counted)
    explore(parsed.program, replay=False)
    without, calls = calls, 0
    explore(parsed.program, replay=True)
    assert 2 * calls < without


def test_all_is_run_where_the_environment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [finding.code for finding in lint(MODEL).findings] == ["RNN201"]
    monkeypatch.setattr(Replays, "keep", None)  # nothing can be kept now, which is told as a mistake of ours
    assert lint(MODEL).internal
    monkeypatch.setenv("RNNLINT_REPLAY", "0")
    report = lint(MODEL)
    assert [finding.code for finding in report.findings] == ["RNN201"]
    assert not report.internal


def test_sameness_sees_what_equality_passes_over() -> None:
    here, there = Site(ir.Dots.__new__(ir.Dots)), Site(ir.Dots.__new__(ir.Dots))
    states = results.given(Given("x", (2, 3)))
    marked = marking.laid_below(states, here)
    assert states == marked
    assert not same(Tensor(states), Tensor(marked))
    assert not same(Tensor(marked), Tensor(marking.laid_below(states, there)))
    assert same(Tensor(marked), Tensor(marking.laid_below(states, here)))
    assert Lit(1, frozenset({here})) == Lit(1)
    assert not same(Lit(1, frozenset({here})), Lit(1))
    assert not same(Lit(True), Lit(1))
    assert not same(Items((Lit(True),)), Items((Lit(1),)))
    assert not same(ListCell((Lit(1),)), ListCell((Lit(1), Lit(1))))
    assert same(ListCell((Ref(1),)), ListCell((Ref(1),)))
    assert not same({"a": Lit(1)}, {"b": Lit(1)})


QUESTIONS = [Question(Ask.COMPUTED, number) for number in range(6)]


def recorded(asked: Mapping[Question, object], value: object) -> Replay:
    return Replay(asked, (), Account(), (), (), 0, 0, value, Way(), ((None, "", ()), None, Way(), None))


def asked_by(program: Mapping[tuple[object, ...], int], world: tuple[int, ...]) -> dict[Question, object]:
    """What a program asks that asks next whatever it likes, by all the answers so far."""
    asked: dict[Question, object] = {}
    while True:
        following = program.get(tuple(asked.values()))
        if following is None or QUESTIONS[following] in asked:
            return asked
        asked[QUESTIONS[following]] = world[following]


def led(choice: Choice, world: tuple[int, ...]) -> Led:
    """As ``replay._way``, in a world that answers by number."""
    count = 0
    while True:
        for place, (question, before) in enumerate(choice.rest):
            if world[question.key] != before:
                return Led(choice, count + place, place, None)
        count += len(choice.rest)
        if choice.question is None:
            return Led(choice, count, -1, choice.replay)
        found = choice.lead(world[choice.question.key])
        if found is None:
            return Led(choice, count, -1, None)
        count, choice = count + 1, found


WORLDS = st.lists(st.tuples(*[st.integers(0, 2)] * len(QUESTIONS)), min_size=1, max_size=12)
ASKING = st.dictionaries(st.lists(st.integers(0, 2), max_size=4).map(tuple), st.integers(0, 5), max_size=40)


@given(ASKING, WORLDS)
def test_what_was_recorded_is_found_by_its_answers_and_by_no_others(
    program: dict[tuple[object, ...], int], worlds: list[tuple[int, ...]]
) -> None:
    replays = Replays()
    kept: dict[tuple[object, ...], object] = {}
    for world in worlds:
        asked = asked_by(program, world)
        known = replays.places.get("here")
        way = None if known is None else led(known, world)
        told = tuple(asked.values())
        if way is not None and way.replay is not None:
            assert way.replay.value == kept[told]
        else:
            assert told not in kept
            kept[told] = world
            replays.keep("here", way, recorded(asked, world))
