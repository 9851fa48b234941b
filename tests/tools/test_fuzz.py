"""tools/fuzz: programs are the same for a seed, what goes wrong is seen and made small, and nothing goes wrong."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from rnnlint.interpret.evaluate import dispatch
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from tools.fuzz import __main__ as command
from tools.fuzz.mutate import program
from tools.fuzz.texts import texts
from tools.fuzz.verdicts import ANALYSED, CRASHED, INTERNAL, NOT_ANALYSED, SLOW, judged, smallest
from tools.fuzz.workers import Worker, verdicts

RIGHT = "import torch.nn as nn\n\nrnn = nn.GRU(3, 4)\nprint(rnn(x)[0][-1])\n"


def test_programs_are_the_same_for_a_seed_and_python() -> None:
    some = [program(7, index) for index in range(40)]
    assert some == [program(7, index) for index in range(40)]
    assert len({*some}) > 35
    assert some != [program(8, index) for index in range(40)]
    for text in some:
        ast.parse(text)
        assert "torch" in text


def test_texts_are_this_repositorys() -> None:
    assert len(texts()) > 150


def test_no_internal_error_in_a_sample() -> None:
    """The whole number is run by hand (docs/fuzzing.md)."""
    found = {index: judged(program(11, index)) for index in range(60)}
    assert {index: verdict for index, verdict in found.items() if verdict.state != ANALYSED} == {}
    assert max(verdict.steps for verdict in found.values()) > 100


def test_steps_are_counted_the_same_each_time() -> None:
    assert judged(RIGHT).steps == judged(RIGHT).steps > 10


def test_an_internal_error_is_seen_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(run: Run, frame: object, node: ir.Subscript) -> None:  # noqa: ARG001
        raise KeyError("planted")

    monkeypatch.setitem(dispatch.EVALUATORS, ir.Subscript, broken)
    verdict = judged(RIGHT)
    assert (verdict.state, verdict.kind) == (
        INTERNAL,
        "KeyError in evaluate in rnnlint/interpret/evaluate/dispatch.py",
    )
    long = RIGHT + "".join(f"y{number} = {number}\n" for number in range(50))
    small = smallest(long, lambda text: judged(text).kind == verdict.kind)
    assert small.count("\n") <= 3
    assert judged(small).kind == verdict.kind


def test_what_is_not_analysed_has_a_reason() -> None:
    verdict = judged(RIGHT + "x = (\n")
    assert verdict.state == NOT_ANALYSED
    assert "cannot parse" in verdict.kind


def test_a_process_that_ends_or_hangs_costs_its_program_only() -> None:
    worker = Worker(0, limit=60)
    try:
        os.kill(worker.process_id, 9)
        assert worker.judge(RIGHT).state == CRASHED
        assert worker.judge(RIGHT).state == ANALYSED
    finally:
        worker.stop()
    assert [verdict.state for _, verdict in verdicts(0, [0], 1, limit=0.0)] == [SLOW]


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--count", "3", "--seed", "1", "--limit", "120"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("3 programs of seed 1: 3 analysed, 0 not analysed, 0 internal error")
    assert lines[-2].startswith("most steps: ")
    assert lines[-1].startswith("slowest: ")
    assert command.main(["--seed", "1", "--show", "2"]) == 0
    assert capsys.readouterr().out == program(1, 2)


@pytest.mark.parametrize("arguments", [["--count", "0"], ["--count", "x"], ["--jobs", "-1"], ["--unknown"]])
def test_arguments_that_cannot_be_used(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_the_page_names_the_command_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "fuzzing.md").read_text(encoding="utf-8")
    assert "python -m tools.fuzz --count" in page
