"""The linter's verdict on drawn programs agrees with what the programs do when they are run."""

from __future__ import annotations

import functools
import random
from collections import Counter

import pytest
import torch

from oracle.programs import __main__ as command
from oracle.programs.__main__ import codes, main, programs
from oracle.programs.draw import Program, draw
from oracle.programs.facts import Fact
from oracle.programs.verdict import CODES, Expected, Truth, disagreement, truth_of

COUNT = 300
BATCH = 30


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


@functools.cache
def judged(number: int) -> tuple[Program, Truth]:
    """A program and its truth; several tests look at the same ones."""
    program = draw(random.Random(number))
    return program, truth_of(program)


@pytest.mark.parametrize("first", range(0, COUNT, BATCH))
def test_linter_agrees_with_the_run(first: int) -> None:
    wrong = []
    for number in range(first, first + BATCH):
        program, truth = judged(number)
        why = disagreement(truth, program.text, codes)
        if why:
            wrong.append(f"seed {number}: {why}\n{program.text}")
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="module")
def truths() -> list[tuple[Program, Truth]]:
    return [judged(number) for number in range(COUNT)]


def test_drawing_is_repeatable() -> None:
    assert draw(random.Random(7)) == draw(random.Random(7))
    assert len({program.text for _, program in programs(COUNT, 0)}) > COUNT * 0.95


def test_most_programs_run_and_are_decided(truths: list[tuple[Program, Truth]]) -> None:
    expected = Counter(truth.expected for _, truth in truths)
    assert expected[Expected.DROPPED] < COUNT * 0.1
    assert expected[Expected.FREE] < COUNT * 0.12
    assert expected[Expected.REPORT] > COUNT * 0.3
    assert expected[Expected.SILENCE] > COUNT * 0.3


def test_every_reported_fact_is_drawn(truths: list[tuple[Program, Truth]]) -> None:
    met = {fact for _, truth in truths for fact in truth.facts if truth.expected is Expected.REPORT}
    # A pair taken for one state seldom runs when it is joined; the truth of it has a test of its own.
    assert met >= set(CODES) - {Fact.CELL_JOINED}


STYLES = (
    "class", "helper", "base", "encoder", "script", "function", "RNN", "GRU", "LSTM", "literal", "constant",
    "parameter", "attribute", "config", "dataclass", "class as config", "kwargs", "hidden // 2", "num_directions",
    "call site", "call site decides", "open size", "embedding", "input permuted", "stacked layers", "initial state",
    "packed", "proj_size", ".forward(", "guard on the flag", "helper function", "Linear before the step", "dict result",
    "step of output", "halves of output", "both ends of output", "one half of output", "added halves", "attention",
    "pool", "all steps", "flattened steps", "view as transpose", "split off the half", "loop over steps", "lengths",
    "last of state", "first of state", "squeeze", "last two of state", "first two of state", "starred state",
    "cutting view of state", "all of state", "pooled state", "loop over state", "view of state", "strided state",
    "layers of state", "state read as batch first", "einops", "class from a dictionary", "class by getattr",
    "one of two classes", "width of both taken for one", "encoder returns a dict",
    "pair as state",
)  # fmt: skip


def test_every_style_is_drawn() -> None:
    met = Counter(style for _, program in programs(COUNT, 0) for style in program.styles)
    assert not set(STYLES) - set(met)


def test_right_and_wrong_come_in_every_kind_of_file(truths: list[tuple[Program, Truth]]) -> None:
    for shape in ("class", "helper", "base", "encoder", "script", "function"):
        expected = {truth.expected for program, truth in truths if shape in program.styles}
        assert expected >= {Expected.REPORT, Expected.SILENCE}, shape


def test_a_linter_that_says_nothing_disagrees(truths: list[tuple[Program, Truth]]) -> None:
    silent = [disagreement(truth, program.text, lambda _: []) for program, truth in truths]
    assert sum(map(bool, silent)) == sum(truth.expected is Expected.REPORT for _, truth in truths) > 0


def test_a_linter_that_reports_everything_disagrees(truths: list[tuple[Program, Truth]]) -> None:
    every = [f"RNN{number}" for number in (101, 102, 103, 104, 105, 106, 108, 110, 201, 202, 203, 206, 208, 302)]
    loud = [disagreement(truth, program.text, lambda _: every) for program, truth in truths]
    assert sum(map(bool, loud)) == sum(truth.expected is Expected.SILENCE for _, truth in truths) > 0


def test_a_report_under_another_rule_disagrees() -> None:
    truth = Truth(Expected.REPORT, frozenset({Fact.ONLY_LOWER_LAYER}), CODES[Fact.ONLY_LOWER_LAYER])
    assert not disagreement(truth, "", lambda _: ["RNN105"])
    assert "wanted one of RNN105" in disagreement(truth, "", lambda _: ["RNN504"])


def test_command_counts_and_passes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "disagreement", lambda *_: "")
    assert main(["--count", "12", "--seed", "3"]) == 0
    printed = capsys.readouterr().out
    assert "programs: 12;" in printed
    assert "disagreements: 0" in printed


def test_command_shows_disagreements_and_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "codes", lambda _: ["RNN999"])
    assert main(["--count", "12", "--show", "1"]) == 1
    printed = capsys.readouterr().out
    assert printed.count("-----") == 1
    assert "RNN999" in printed
    assert "import torch" in printed
