"""What is asked of one of several values is asked of each."""

from __future__ import annotations

import pytest

from rnnlint.events import PackedRead
from rnnlint.interpret.explore import PORTS
from rnnlint.interpret.python import operators, subscripts, type_of
from rnnlint.interpret.state.frames import Base
from rnnlint.interpret.state.known import Known
from rnnlint.interpret.state.run import Run
from rnnlint.linter import lint
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.domain import Builtin, Either, Items, Lit, Value

ONE_OR_TWO = Either((Lit(1), Lit(2)))
TEN_OR_TWENTY = Either((Lit(10), Lit(20)))


@pytest.fixture
def run() -> Run:
    made = Run(Known(), Base(), {}, PORTS)
    made.at("node", "op")  # type: ignore[arg-type]
    return made


def test_every_combination_the_first_name_outermost(run: Run) -> None:
    sums = Either((Lit(11), Lit(21), Lit(12), Lit(22)))
    assert operators.binary(run, "+", ONE_OR_TWO, TEN_OR_TWENTY) == sums


def test_of_values_and_of_what_they_are_indexed_with(run: Run) -> None:
    pairs = Either((Items((Lit("a"), Lit("b"))), Items((Lit("c"), Lit("d")))))
    every = Either((Lit("a"), Lit("c"), Lit("b"), Lit("d")))  # the index outermost
    assert subscripts.subscript(run, pairs, (Either((Lit(0), Lit(1))),), False) == every


def test_a_truth_that_all_options_share_is_one(run: Run) -> None:
    ints = (ONE_OR_TWO, Builtin("int"))
    assert type_of.is_instance(run, ints, {}) == Lit(True)
    assert type_of.is_instance(run, (Either((Lit(1), Lit("text"))), Builtin("int")), {}) == Either(
        (Lit(True), Lit(False))
    )


def _refusing(run: Run, value: Value, refused: tuple[Value, ...]) -> Value:
    """Says that it was asked of a number, and raises on those that are refused."""
    if isinstance(value, Either):
        return run.one_of(value, lambda one: _refusing(run, one, refused))
    assert isinstance(value, Lit)
    run.emit(PackedRead("index", run.site, int(value.value)))  # type: ignore[arg-type]
    if value in refused:
        raise TorchRaises("ValueError", "refused")
    return value


def _said(run: Run) -> list[int | None]:
    return [event.index for event in run.trace.events if isinstance(event, PackedRead)]


def test_an_option_that_raises_is_not_what_the_program_meets(run: Run) -> None:
    assert _refusing(run, ONE_OR_TWO, (Lit(1),)) == Lit(2)
    assert _said(run) == [2]


def test_what_raises_on_every_option_raises(run: Run) -> None:
    with pytest.raises(TorchRaises, match="refused"):
        _refusing(run, ONE_OR_TWO, (Lit(1), Lit(2)))
    assert _said(run) == [1, 2]


@pytest.mark.parametrize(
    "made", ["Conv1d(4, -1, 3)(x)", "Linear(4, -1)(x)", "Embedding(5, -1)(x)", "LSTM(4, -1)(x)[0]"]
)
def test_a_width_that_its_caller_has_to_replace_is_no_mistake_of_ours(made: str) -> None:
    """``channels=-1`` in a signature: torch raises on it, so nobody runs it (espnet)."""
    text = f"import torch\nfrom torch import nn\nx = torch.randn(2, 3, 4)\nnn.GRU(4, 3)(nn.{made}.view(2, 3, 4))\n"
    assert lint(text).internal == ()
