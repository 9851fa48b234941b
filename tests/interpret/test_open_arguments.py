"""Arguments that ``*args`` and ``**kwargs`` may give are open, not absent."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

HEAD = "import torch\nfrom torch import nn\n\n"
BASE = """
class Base(nn.Module):
    def __init__(self, channels, length=None, hidden=100, shuffle=True, bidirectional=False):
        super().__init__()
        if shuffle:
            assert length is not None
        self.rnn = nn.GRU(length if shuffle else channels, hidden, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(hidden, 2)

    def forward(self, x):
        output, state = self.rnn(x)
        return {returned}

class Model(Base):
    def __init__(self, {parameters}):
        super().__init__({arguments})
"""


def _codes(text: str) -> list[str]:
    return [finding.code for finding in lint(HEAD + text).findings]


@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [("*args, extra=1, **kwargs", "*args, **kwargs"), ("*args", "*args"), ("**kwargs", "**kwargs")],
)
def test_a_default_that_open_arguments_may_replace_is_not_taken_for_the_value(parameters: str, arguments: str) -> None:
    text = BASE.format(parameters=parameters, arguments=arguments, returned="self.head(output[:, -1])")
    assert _codes(text) == []


def test_what_the_call_gives_is_known_all_the_same() -> None:
    text = BASE.format(
        parameters="*args, **kwargs", arguments="*args, bidirectional=True, **kwargs", returned="output[:, -1]"
    )
    assert _codes(text) == ["RNN102"]


def test_a_list_that_is_known_is_no_open_argument() -> None:
    text = BASE.format(parameters="", arguments="*[4, 9, 8, True, True]", returned="output[:, -1]")
    assert _codes(text) == ["RNN102"]


def test_modules_nobody_can_count_are_not_an_empty_sequence() -> None:
    text = """
class Model(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.rnn = nn.GRU(4, 8, batch_first=True, bidirectional=True)
        self.rest = nn.Sequential(*[layer for layer in layers])

    def forward(self, x):
        output, _ = self.rnn(x)
        return self.rest(output)[:, -1]
"""
    assert _codes(text) == []
    assert _codes(text.replace("*[layer for layer in layers]", "nn.Dropout(0.1)")) == ["RNN102"]


@pytest.mark.parametrize(
    "built",
    [
        "nn.LSTM(3, 4, 1, True, False, 0.0, False, 0, None, None)",
        "nn.GRU(3, 4, 1, True, False, 0.0, False, 0, None, None)",
        "nn.RNN(3, 4, 1, 'tanh', True, False, 0.0, False, 0, None, None)",
        "nn.LSTMCell(3, 4, True, None, None)",
        "nn.RNNBase('RNN_TANH', 3, 4, 1, True, False, 0.0, False, 0, None, None)",
    ],
)
def test_every_argument_that_torch_takes_by_position(built: str) -> None:
    torch = pytest.importorskip("torch")
    assert eval(built, {"nn": torch.nn}).hidden_size == 4
    assert _codes(f"rnn = {built}\n") == []


MORE_THAN_IT_TAKES = """
class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 5)

    def forward(self, x, state):
        return self.rnn(x, state)[0]

x, y = torch.zeros(7, 4, 3), torch.zeros(7, 4, 3)
state = (torch.zeros(1, 4, 5), torch.zeros(1, 4, 5))
Plain()({given})
"""


def test_a_call_with_more_arguments_than_there_are_parameters_hands_over_none() -> None:
    assert _codes(MORE_THAN_IT_TAKES.format(given="x, y")) == ["RNN306"]
    assert _codes(MORE_THAN_IT_TAKES.format(given="x, y, state, state")) == []
