"""However a program chooses between one direction and two, the module that it builds with that is known."""

from __future__ import annotations

from textwrap import dedent

import pytest

from rnnlint.linter import lint
from rnnlint.settings import Settings

HEAD = """
from torch import nn
from utils import constant

class Model(nn.Module):
    def __init__(self, kind{kind}, two{two}):
        super().__init__()
{body}
        self.rnn = nn.GRU(4, 6, batch_first=True, bidirectional=both)
        self.fc = nn.Linear(6 * (2 if both else 1), 3)

    def forward(self, x):
        output, h = self.rnn(x)
        return self.fc(output[:, -1])
"""

CHOICES = {
    "an expression": "both = True if kind == 'both' else False",
    "of another file": "both = True if constant.kind == 'both' else False",
    "the other way round": "both = False if kind != 'both' else True",
    "a nested one": "both = (True if two else False) if kind == 'both' else False",
    "among several": "both = True if kind in ['two', 'both'] else False",
    "a comparison": "both = kind in ('two', 'both')",
    "a part of a text": "both = 'bo' in kind",
    "a table": "both = {'one': False, 'both': True}[kind]",
    "a table with a default": "both = {'one': False, 'both': True}.get(kind, False)",
    "arms": """
        if kind == 'both':
            both = True
        else:
            both = False
    """,
    "a default": """
        both = False
        if kind == 'both':
            both = True
    """,
    "elif": """
        if kind == 'one':
            both = False
        elif kind == 'both':
            both = True
        else:
            raise ValueError(kind)
    """,
    "a count": """
        if two:
            directions = 2
        else:
            directions = 1
        both = directions == 2
    """,
    "an attribute": """
        self.both = False
        if two:
            self.both = True
        both = self.both
    """,
    "a number": "both = two >= 2",
    "whether it is given": "both = two is not None",
}


def written(choice: str, kind: str = "", two: str = "") -> str:
    body = "".join(f"        {line}\n" for line in dedent(choice).strip().splitlines())
    return HEAD.format(body=body, kind=kind, two=two)


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_an_open_choice_is_explored_both_ways(choice: str) -> None:
    report = lint(written(choice), settings=Settings(all_configurations=True))
    assert [finding.code for finding in report.findings] == ["RNN102"]
    assert report.modules.understood == 1
    assert not lint(written(choice)).findings  # nobody declares that there are two


@pytest.mark.parametrize(
    "name", ["an expression", "a nested one", "a table", "arms", "a default", "elif", "an attribute"]
)
def test_a_declared_one_is_reported(name: str) -> None:
    text = written(CHOICES[name], "='both'", "=True")
    assert [finding.code for finding in lint(text).findings] == ["RNN102"]


def test_what_nothing_is_built_with_is_not_explored() -> None:
    logs = "\n".join(f"self.log{n} = True if log{n} == 'x' else False" for n in range(9))
    text = written(f"{logs}\nboth = True if kind == 'both' else False").replace(
        "two)", "two, " + ", ".join(f"log{n}" for n in range(9)) + ")"
    )
    report = lint(text, settings=Settings(all_configurations=True))
    assert [finding.code for finding in report.findings] == ["RNN102"]  # and no bound was reached


def test_what_is_right_in_each_is_silent() -> None:
    text = written(CHOICES["arms"]).replace("output[:, -1]", "output.mean(1)")
    assert not lint(text, settings=Settings(all_configurations=True)).findings


ASSERTED = """
from torch import nn

class One(nn.Module):
    def __init__(self, size, hidden, both=False):
        super().__init__()
        self.rnn = nn.GRU(size, hidden, batch_first=True, bidirectional=bool(both))

    def forward(self, x):
        return self.rnn(x)[0]

class Stacked(nn.Module):
    def __init__(self, n, both=True):
        super().__init__()
        assert CONDITION
        self.first, self.second = One(n, n, both=both), One(2 * n, n, both=both)

    def forward(self, x):
        return self.second(self.first(x))
"""


@pytest.mark.parametrize("condition", ["both", "both is True", "not (not both)", "self.training or both"])
def test_an_option_is_what_is_asserted(condition: str) -> None:
    """With one direction the second layer would be fed half of what it takes; who asserts that there are two knows."""
    report = lint(ASSERTED.replace("CONDITION", condition), settings=Settings(all_configurations=True))
    codes = [finding.code for finding in report.findings]
    assert codes == (["RNN501"] if "training" in condition else [])
    assert lint(ASSERTED.replace("CONDITION", condition)).modules.understood == 1
