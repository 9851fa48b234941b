"""Configurations that are not run: nothing that is reported depends on it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from rnnlint.failures import Failures
from rnnlint.interpret.explore import explore_all
from rnnlint.linter import lint
from rnnlint.rules.hits import Hearing
from rnnlint.settings import Settings
from rnnlint.source.links import NO_LINKS
from rnnlint.source.parse import Parsed, parse
from tests.interpret.both_ways import programs

ROOT = Path(__file__).parents[2]
# a part: ``python -m tests.interpret.both_ways`` compares as many as one likes
FILES = [*programs(20, 7000, []), *list(programs(0, 0, [ROOT / "fixtures"]))[::6]]


@pytest.mark.parametrize("text", [text for _, text in FILES], ids=[name.removeprefix(str(ROOT)) for name, _ in FILES])
def test_the_same_is_reported_with_all_runs(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spared = lint(text)
    monkeypatch.setenv("RNNLINT_SPARE", "0")
    assert lint(text) == spared


HEAD = """
    from torch import nn

    class Model(nn.Module):
        def __init__(self, size, layers, both, kind):
            super().__init__()
            cell = nn.LSTM if kind == "lstm" else nn.GRU
            self.both = both
            self.rnn = cell(size, 8, layers, bidirectional=both, batch_first=True)

        def forward(self, x):
            output, state = self.rnn(x)
"""


def runs(body: str, *, spare: bool = True) -> int:
    """How often ``forward`` is run, in the twelve configurations of the class."""
    parsed = parse(dedent(HEAD) + "".join(f"        {line}\n" for line in body.splitlines()))
    assert isinstance(parsed, Parsed)
    speaks = Hearing(Failures()).speaks if spare else None
    explored = explore_all([parsed.program], NO_LINKS, speaks=speaks)
    return next(len(one.outcomes) for one in explored.explorations if one.name == "Model.forward")


def test_what_changes_nothing_is_not_tried_in_all_combinations() -> None:
    quiet = "return output.sum(1)"
    assert runs(quiet, spare=False) == 12
    # the first run, one with another number of layers, one with the other answer about the directions, and the cell
    assert runs(quiet) == 4


def test_where_something_is_said_all_are_run() -> None:
    assert runs("return output[-1]") == 12


def test_where_something_is_said_in_a_later_run_all_are_run() -> None:
    assert runs("return output[:, -1] if self.both else output.sum(1)") == 12


def test_all_configurations_are_run_where_they_are_asked_for() -> None:
    text = dedent(HEAD) + "        return state[-1] if self.both else output[:, -1]\n"
    every = lint(text, settings=Settings(all_configurations=True)).findings
    assert {finding.code for finding in every} == {"RNN104", "RNN302"}
    assert not lint(text).findings
