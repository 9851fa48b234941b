"""What was explored is kept where only lines have moved, and nowhere else; what is said is the same either way."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rnnlint import manner
from rnnlint.linter import lint
from rnnlint.manner import Manner, Memory
from rnnlint.projects.analysis import lint_group
from rnnlint.projects.plan import Group, Member
from rnnlint.settings import Settings
from rnnlint.source.moved import Pairs, move
from tests.hosts.running import ROOT
from tests.rules.expectations import fixtures

TEXT = """\
import torch
from torch import nn

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        output, _ = self.rnn(x)
        return self.fc(output[:, -1])
"""
FILES = [path for path in fixtures("rules") if path.name == "script.py"][::4]


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number for each time that what was explored is kept: how many nodes were moved."""
    found: list[int] = []

    def counted(several: Pairs) -> None:
        found.append(len(several))
        move(several)

    monkeypatch.setattr(manner, "move", counted)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_same_is_said_of_lines_that_move(path: Path, moves: list[int]) -> None:
    drawn, text = random.Random(path.parent.name), path.read_text(encoding="utf-8")
    remembering = Manner(memory=Memory())
    lint(text, manner=remembering)
    for _ in range(2):
        lines = text.splitlines(keepends=True)
        lines.insert(drawn.randrange(len(lines)), drawn.choice(["\n", "# more\n", "    # noqa\n", "\n\n\n"]))
        text = "".join(lines)
        assert lint(text, manner=remembering) == lint(text)
    assert len(moves) >= 1


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("    def forward", "    # nothing\n\n    def forward", True),
        ("nn.Linear(8, 2)", "nn.Linear(8, 2)  # said", True),
        ("batch_first=True", "batch_first=False", False),
        ("output[:, -1]", "output[:, 1]", False),
        ("output[:, -1]", "output[:, -1.0]", False),
        ("bidirectional=True", "bidirectional=1", False),
        # the same tree: two statements on one line are not where they were, nor is one in brackets
        ("output, _ = self.rnn(x)\n        return", "output, _ = self.rnn(x); return", False),
        ("output, _ = self.rnn(x)", "output, _ = (self.rnn(x))", False),
        ("self.rnn(x)", "self.rnn(\n            x)", False),
        # what is looked for in the text may stand in a comment
        ("import torch\n", "import torch  # nn.GRU(3, 4)\n", True),
    ],
)
def test_what_counts_as_moved(old: str, new: str, kept: bool, moves: list[int]) -> None:
    remembering, after = Manner(memory=Memory()), TEXT.replace(old, new, 1)
    assert after != TEXT
    lint(TEXT, manner=remembering)
    assert lint(after, manner=remembering) == lint(after)
    assert bool(moves) is kept


def test_what_is_broken_off_is_not_kept(moves: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    class BrokenOff(BaseException):
        """As where the next key is pressed."""

    def half(several: Pairs) -> None:
        move(several[: len(several) // 2])
        raise BrokenOff

    remembering = Manner(memory=Memory())
    lint(TEXT, manner=remembering)
    with monkeypatch.context() as patched:
        patched.setattr(manner, "move", half)
        with pytest.raises(BrokenOff):
            lint("\n" + TEXT, manner=remembering)
    moves.clear()
    assert lint("\n\n" + TEXT, manner=remembering) == lint("\n\n" + TEXT)
    assert moves == []


def test_several_files(moves: list[int]) -> None:
    folder = ROOT / "fixtures" / "projects" / "two_entry_points"
    texts = {str(path): path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    group, names = Group(tuple(map(Member, texts))), {path: path for path in texts}
    remembering = Manner(memory=Memory())

    def said(how: Manner | None) -> object:
        return lint_group(group, texts.__getitem__, names, Settings(), how)

    assert said(remembering) == said(None)
    model = next(path for path in texts if path.endswith("model.py"))
    texts[model] = "# one line more\n" + texts[model]
    assert said(remembering) == said(None)
    assert len(moves) == 1
    train = next(path for path in texts if path.endswith("train_large.py"))
    texts[train] = texts[train].replace("True", "False")
    assert said(remembering) == said(None)
    assert len(moves) == 1


def test_what_is_not_drawn_is_otherwise_the_same() -> None:
    (drawn,), (plain,) = lint(TEXT).findings, lint(TEXT, manner=Manner(drawn=False)).findings
    assert drawn.drawing
    assert not plain.drawing
    assert drawn == plain or str(drawn).replace(drawn.drawing, "") == str(plain)
