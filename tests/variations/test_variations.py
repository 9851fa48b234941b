"""Rewrites keep what a program computes, and what the linter says of it is compared place by place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch

from oracle.mutation.page import sections
from oracle.variations import __main__ as command
from oracle.variations.catalogue import REWRITES
from oracle.variations.judging import Checked, Program, varied
from oracle.variations.places import Compared, Found, compared, marked, numbers, unmarked
from oracle.variations.running import difference, run

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "variations.md"
PROGRAM = '''
import torch
import torch.nn as nn


class Model(nn.Module):
    """One mistake, right readings, and a bit of everything that is rewritten."""

    def __init__(self, width=4, hidden=6, both=True):
        super().__init__()
        width = width if width else 4
        self.lstm = nn.LSTM(width, hidden, num_layers=1, batch_first=True, bidirectional=both)
        self.gru = nn.GRU(width, hidden, 1, batch_first=True)
        self.fc = nn.Linear(2 * 2 * hidden, 3)
        self.scale = nn.Linear(2 * hidden if both else hidden, 2 * hidden)

    def forward(self, x):
        n = x.size(0)
        out, (h_n, c_n) = self.lstm(x)
        last = out[:, -1, :]
        both = torch.cat((h_n[-2], h_n[-1]), 1).view(n, -1)
        given = x.permute(1, 0, 2).transpose(0, 1)
        steps, hidden = self.gru(given)
        one, _ = self.gru(x)
        for t in range(2):
            last = last * 1.0
        if n > 1:
            last = self.scale(last + 0)
        else:
            last = self.scale(both)
        same = last + 0 * one.mean(1).repeat(1, 2)
        end = steps[:, -1]
        return self.fc(torch.cat([same, hidden[-1].unsqueeze(1).squeeze(1), end], dim=1) + 0 * both.repeat(1, 2))


y = Model()(torch.randn(3, 5, 4))
'''
EXAMPLE = Program("example", PROGRAM)
UNLINTED = Program("example", PROGRAM)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.name)
def test_a_rewrite_writes_another_program_with_the_same_values(
    rewrite: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oracle.variations.judging.said", lambda _: Counter[Found]())  # torch alone is asked here
    found = varied(UNLINTED, [rewrite])  # type: ignore[list-item]
    assert found is not None
    assert found.text.strip() != PROGRAM.strip()
    assert (found.checked, found.why) == (Checked.SAME, "")


def test_the_example_has_a_mistake_to_find() -> None:
    assert {one.code for one in EXAMPLE.before} == {"RNN102"}


def test_names_are_told_apart() -> None:
    assert len({one.name for one in REWRITES}) == len(REWRITES) >= 40
    assert all(one.where for one in REWRITES)


class TestPlaces:
    def test_marks_come_and_go(self) -> None:
        assert unmarked(marked(PROGRAM).code) == PROGRAM

    def test_every_line_of_a_statement_has_its_number(self) -> None:
        text = "x = f(\n    1,\n)  #@1\nif x:  #@3\n    y = 2  #@2\n"
        assert numbers(text) == {1: 1, 2: 1, 3: 1, 4: 3, 5: 2}

    @pytest.mark.parametrize(
        ("before", "after", "lost", "new"),
        [
            ([("A", 1)], [("A", 1)], 0, 0),
            ([("A", 1)], [("A", None)], 0, 0),  # on a line that the rewrite has written
            ([("A", 1)], [("A", 2)], 1, 1),  # the same code on another old line is no finding kept
            ([("A", 1)], [("B", 1)], 1, 1),
            ([("A", 1), ("A", 2)], [("A", 1)], 1, 0),
            ([("A", 1), ("A", 2)], [("A", 1), ("A", None)], 0, 0),
            ([], [("A", None)], 0, 1),
        ],
    )
    def test_compares_by_code_and_place(
        self, before: list[tuple[str, int]], after: list[tuple[str, int | None]], lost: int, new: int
    ) -> None:
        found = compared(Counter(Found(*one) for one in before), Counter(Found(*one) for one in after))
        assert (len(found.lost), len(found.new)) == (lost, new)
        assert len(found.kept) == len(before) - lost

    def test_a_shared_line_has_the_findings_of_several(self) -> None:
        before, after = Counter([Found("A", 1), Found("A", 2), Found("B", 3)]), Counter([Found("A", None)])
        assert [one.place for one in compared(before, after).lost] == [2, 3]
        assert compared(before, after, shared=True) == Compared(("A", "A"), (Found("B", 3),), ())


class TestTorch:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("out[:, -1, :]", "out[:, -2, :]"),
            ("both.repeat(1, 2)", "both.repeat(1, 2) + 1"),
            ("self.gru(x)\n", "self.gru(x.flip(0))\n"),
            ("return", "raise ValueError\n        return"),
        ],
    )
    def test_other_values_are_refused(self, old: str, new: str) -> None:
        assert difference(EXAMPLE.ran, run(PROGRAM.replace(old, new)))

    def test_what_runs_nothing_is_not_called_checked(self) -> None:
        silent = Program("silent", PROGRAM.replace("\ny = ", "\n# "))
        assert {one.checked for rewrite in REWRITES[:3] if (one := varied(silent, [rewrite]))} == {Checked.NOT_RUN}


def test_a_linter_that_says_nothing_loses_all(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program("example", PROGRAM)
    assert sum(program.before.values()) == 1
    monkeypatch.setattr("oracle.variations.judging.said", lambda _: Counter[Found]())
    found = varied(program, [REWRITES[0]])
    assert found is not None
    assert found.compared == Compared((), tuple(program.before), ())


def test_the_page_shows_what_the_command_prints() -> None:
    """Of the shortest run; of the longer ones, that their rows are rewrites there are."""
    shown = sections(PAGE.read_text(encoding="utf-8"))
    # by what it runs: one program
    shortest = next(arguments for arguments in shown if arguments.startswith("fixtures/rules/"))
    assert shown[shortest] == command.section(shortest.split())
    names = {one.name for one in REWRITES} | {"all"}
    for text in shown.values():
        rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
        assert set(rows[1:]) <= names
