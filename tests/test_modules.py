"""How many recurrent modules of a file were understood, and why the others were not."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint
from rnnlint.report import Modules

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import GRU as Gated, LSTM\n"
MODEL = """

class Model(nn.Module):
    def __init__(self, size, unidirectional=False, **options):
        super().__init__()
        self.rnn = {built}

    def forward(self, x):
        {body}
"""


def _modules(built: str, body: str = "return self.rnn(x)") -> Modules:
    return lint(HEAD + MODEL.format(built=built, body=body)).modules


@pytest.mark.parametrize(
    "built",
    [
        "nn.LSTM(4, 8)",
        "torch.nn.GRU(size, size, batch_first=True)",
        "Gated(4, 8)",
        "LSTM(4, 8, bidirectional=not unidirectional)",
        "nn.GRUCell(4, 8)",
        'nn.RNNBase("GRU", 4, 8)',
        'getattr(nn, "LSTM")(4, 8)',
        "nn.LSTM(4, 8, **options)",
    ],
)
def test_a_module_with_known_facts_whose_call_is_followed_is_understood(built: str) -> None:
    assert _modules(built) == Modules(1, 1)


@pytest.mark.parametrize(
    ("built", "body", "reason"),
    [
        ("nn.LSTM(4, 8)", "return x", "it is built, and no call of it was met"),
        ("nn.LSTM(4, 8, x[0])", "return self.rnn(x)", "the number of layers is not known"),
        ("nn.LSTM(4, 8) if False else None", "return x", "no run comes by where it is built"),
        ("nn.LSTM(4, 8)", "self.rnn(x).view(-1)", "every run that calls it raises"),
        ("nn.LSTM(4, 8, layers=2)", "return self.rnn(x)", "every run that builds it raises"),
    ],
)
def test_every_other_one_has_its_reason(built: str, body: str, reason: str) -> None:
    modules = lint(HEAD + "x = open('sizes').read().split()\n" + MODEL.format(built=built, body=body)).modules
    assert (modules.seen, modules.understood) == (1, 0)
    ((said, count),) = modules.unknown
    assert said.startswith(reason)
    assert count == 1


def test_what_only_shares_the_name_is_not_counted() -> None:
    text = "import torch\nfrom elsewhere import GRU\nclass LSTM:\n    pass\nLSTM()\nGRU()\nother.RNN()\n"
    assert lint(text).modules == Modules()


def test_a_subclass_counts_where_it_builds_its_base() -> None:
    text = HEAD + (
        "class Mine(nn.LSTM):\n"
        "    def __init__(self):\n"
        "        super().__init__(4, 8)\n"
        "    def forward(self, x):\n"
        "        return super().forward(x)\n"
    )
    assert lint(text).modules == Modules(1, 1)


def test_places_are_counted_not_configurations() -> None:
    text = HEAD + MODEL.format(built="nn.LSTM(4, 8, bidirectional=size)", body="return self.rnn(x)")
    text += "\n\ndef make():\n    return Model(4), Model(5), nn.GRU(2, 2)(torch.zeros(3, 3, 2))\n"
    assert lint(text).modules == Modules(2, 2)


def test_equal_modules_of_two_places_are_two() -> None:
    text = HEAD + (
        "class Model(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.first, self.second = nn.GRU(4, 8), nn.GRU(4, 8)\n"
        "        self.cells = [nn.GRUCell(4, 8), nn.GRUCell(4, 8)]\n"
        "    def forward(self, x, place):\n"
        "        rnn, cell = self.first if place > 1 else self.second, self.cells[place]\n"
        "        return rnn(x)[0], cell(x[0])\n"
    )
    assert lint(text).modules == Modules(4, 4)
