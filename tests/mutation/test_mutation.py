"""What the linter says of right programs with one mistake each, against what the labels say of their runs."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from oracle.mutation import __main__ as command
from oracle.mutation.__main__ import cases, cases_of_file, main
from oracle.mutation.drawn import Reading, judged, right_reading
from oracle.mutation.operators import OPERATORS
from oracle.mutation.page import rewritten, sections
from oracle.mutation.source import Mutant, mutants, parsed
from oracle.programs.draw import Program, draw
from tests.rules.expectations import FIXTURES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutation.md"
FILES = [FIXTURES / "rules" / name for name in ("RNN103/model.py", "RNN110/model.py", "RNN206/model.py")]

RIGHT = """
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        out, h_n = self.rnn(x)
        return self.fc(torch.cat((h_n[-2], h_n[-1]), dim=1))
"""


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


def reading(before: str, after: str, codes: frozenset[str] = frozenset()) -> tuple[Reading, bool]:
    """How a mutant of RIGHT is classed, and whether a linter that gives these codes disagrees."""
    right = right_reading(Program(RIGHT, "Model()(torch.randn(5, 7, 3))", singles=("Model()(torch.randn(1, 7, 3))",)))
    assert right is not None
    text = RIGHT.replace(before, after)
    assert text != RIGHT
    verdict = judged(right, Mutant("by hand", 1, before, after, text), lambda _: codes, frozenset({"RNN104", "RNN207"}))
    return verdict.reading, bool(verdict.why)


class TestTruth:
    def test_exchanged_directions_reach_a_linear_alike(self) -> None:
        assert reading("(h_n[-2], h_n[-1])", "(h_n[-1], h_n[-2])") == (Reading.SAME, False)
        assert reading("(h_n[-2], h_n[-1])", "(h_n[-1], h_n[-2])", frozenset({"RNN104"})) == (Reading.SAME, True)

    def test_what_is_missed_and_what_is_found(self) -> None:
        assert reading("h_n[-2], h_n[-1]", "h_n[-1], h_n[-1]") == (Reading.WRONG, True)
        assert reading("h_n[-2], h_n[-1]", "h_n[-1], h_n[-1]", frozenset({"RNN104"})) == (Reading.WRONG, False)
        assert reading("h_n[-2], h_n[-1]", "h_n[-1], h_n[-1]", frozenset({"RNN503"})) == (Reading.WRONG, True)

    def test_a_width_that_does_not_fit_raises(self) -> None:
        assert reading("dim=1", "dim=0") == (Reading.RAISES, False)

    def test_a_mean_over_steps_is_right_as_well(self) -> None:
        pooled = "out.mean(1)"
        assert reading("torch.cat((h_n[-2], h_n[-1]), dim=1)", pooled) == (Reading.RIGHT, False)
        assert reading("torch.cat((h_n[-2], h_n[-1]), dim=1)", pooled, frozenset({"RNN104"})) == (Reading.RIGHT, True)

    def test_one_sample_shows_a_squeeze(self) -> None:
        assert reading("dim=1))", "dim=1).squeeze())") == (Reading.WRONG, True)
        assert reading("dim=1))", "dim=1).squeeze())", frozenset({"RNN207"})) == (Reading.WRONG, False)

    def test_cut_input_is_seen(self) -> None:
        assert reading("self.rnn(x)", "self.rnn(x.reshape(7, 5, 3).transpose(0, 1))") == (Reading.WRONG, True)

    def test_every_step_is_another_shape(self) -> None:
        assert reading("torch.cat((h_n[-2], h_n[-1]), dim=1)", "out") == (Reading.FREE, False)


def test_linter_agrees_with_the_runs() -> None:
    found = list(cases(24, 0))
    assert [f"{case.origin} {case.mutant.after}: {case.verdict.why}" for case in found if case.verdict.why] == []
    assert {case.verdict.reading for case in found} == set(Reading)
    wrong = [case for case in found if case.verdict.reading is Reading.WRONG]
    assert len(wrong) > 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_linter_agrees_on_right_classes_of_fixtures(path: Path) -> None:
    assert [f"{case.mutant.after}: {case.verdict.why}" for case in cases_of_file(path) if case.verdict.why] == []


def test_mutants_are_not_the_program_and_differ() -> None:
    source = parsed(draw(random.Random(3)).text)
    for operator in OPERATORS:
        texts = [mutant.text for mutant in mutants(source, operator)]
        assert source.text not in texts
        assert len(set(texts)) == len(texts)


def test_command_prints_a_table_and_what_is_missed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["--count", "3"]) == 0
    assert capsys.readouterr().out.endswith("disagreements: 0\n")
    monkeypatch.setattr(command, "codes", lambda _: frozenset[str]())
    assert main(["--count", "3", "--operator", "other-end"]) == 1
    printed = capsys.readouterr().out
    assert "other-end: " in printed
    assert "said nothing, wanted one of" in printed


def test_the_page_shows_what_the_command_prints() -> None:
    """Of the shortest run; of the longer ones, that their rows add up."""
    shown = sections(PAGE.read_text(encoding="utf-8"))
    assert len(shown) == 4
    assert shown["--count 12"].startswith("\n".join(command.table(command.counted(cases(12, 0)))))
    for text in shown.values():
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
        assert [row[0] for row in rows[1:-1]] == [operator.name for operator in OPERATORS]
        numbers = [[int(cell) for cell in row[1:]] for row in rows[1:]]
        assert [sum(column) for column in zip(*numbers[:-1], strict=True)] == numbers[-1]
        assert all(sum(row[1:]) == row[0] for row in numbers)


def test_a_page_is_written_from_what_its_sections_say() -> None:
    page = "before\n<!-- run: --count 3 -->\nold\n<!-- end -->\nafter\n"
    new = rewritten(page, lambda arguments: " ".join(["ran", *arguments]))
    assert new == "before\n<!-- run: --count 3 -->\n\nran --count 3\n\n<!-- end -->\nafter\n"
    assert rewritten(new, lambda arguments: " ".join(["ran", *arguments])) == new
    assert sections(new) == {"--count 3": "ran --count 3"}
