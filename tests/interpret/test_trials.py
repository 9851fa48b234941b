"""A class that a file only tries, where it is run by itself: other files build it otherwise."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint
from rnnlint.settings import Settings
from tests.rules.expectations import FIXTURES

EVERY = Settings(all_configurations=True)

CLASS = """import torch
from torch import nn

class Encoder(nn.Module):
    def __init__(self, width, n_layers=1):
        super().__init__()
        self.n_layers, self.width = n_layers, width
        self.gru = nn.GRU(8, width, n_layers, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.summary(self.gru(x)[1], x.size(0))

    def summary(self, h, batch):
        {body}

    def generate(self, x):
        _, h = self.gru(x)
        return h[0]

{tail}
"""
WRONG = "return h.transpose(0, 1).contiguous().view(self.n_layers, batch, 2 * self.width)[-1]"
RIGHT = "return torch.cat((h[-2], h[-1]), -1)"
TRIED = """if __name__ == "__main__":
    model = Encoder(16, n_layers=1)
    print(model(torch.randn(4, 7, 8)), model.generate(torch.randn(4, 7, 8)))
"""


def _found(body: str, tail: str, settings: Settings = EVERY) -> set[tuple[str, str]]:
    found = lint(CLASS.format(body=body, tail=tail), settings=settings).findings
    return {(one.code, one.message.partition(" (when ")[2].removesuffix(")")) for one in found if one.line < 15}


@pytest.mark.parametrize(
    "tail",
    [
        TRIED,
        TRIED.replace('__name__ == "__main__"', "'__main__' == __name__"),
        TRIED.replace("    print", "    if torch.cuda.is_available():\n        model.cuda()\n    print"),
        TRIED.replace("n_layers=", ""),
    ],
)
def test_any_other_number_of_layers_is_looked_at(tail: str) -> None:
    assert {code for code, _ in _found(WRONG, tail)} >= {"RNN203"}
    assert all(condition.startswith("n_layers=") for _, condition in _found(WRONG, tail))
    assert _found(WRONG, tail, Settings()) == set()
    assert _found(RIGHT, tail) == set()


@pytest.mark.parametrize(
    "tail",
    [
        "Encoder(16, n_layers=1)(torch.randn(4, 7, 8))",
        TRIED + "\nEncoder(5, n_layers=1)",
        "def main():\n    return Encoder(16, n_layers=1)(torch.randn(4, 7, 8))\n\nif __name__ == '__main__':\n"
        "    main()",
    ],
)
def test_what_a_program_builds_it_builds_so(tail: str) -> None:
    assert _found(WRONG, tail) == set()


def test_a_method_that_is_tried_is_looked_at_as_well() -> None:
    found = lint(CLASS.format(body=RIGHT, tail=TRIED), settings=EVERY).findings
    assert [(one.code, one.line, "n_layers=2" in one.message) for one in found] == [
        ("RNN104", 18, False),
        ("RNN105", 18, True),
    ]


@pytest.mark.parametrize("path", ["RNN102/one_by_one.py", "RNN506/alike.py"])
def test_of_what_is_tried_only_other_configurations_are_told(path: str) -> None:
    text = (FIXTURES / "rules" / path).read_text(encoding="utf-8")
    found, every = lint(text).findings, lint(text, settings=EVERY).findings
    assert {(one.line, one.column, one.code) for one in found} <= {(one.line, one.column, one.code) for one in every}
    assert all("(when " in one.message for one in every if one not in found)
