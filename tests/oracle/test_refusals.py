"""What is said to raise, and is no operation of the registry: subscripts, tuples, layers, recurrent calls.

(Operations have their refusals beside their registration: tests/oracle/test_names.py.)  Torch raises on all of these,
though it may be another exception: no rule asks for its type.
"""

from __future__ import annotations

import pytest

from rnnlint.axes.states import Unknown
from rnnlint.torch_api import catalogue
from rnnlint.torch_api.registry import OPERATIONS
from tests.oracle import names

SUBSCRIPTS = """
x[7]
x[-3]
x[0, 0, 0, 0]
x[:, :, :, 0]
x[..., 7]
x[None, 7]
x[[0, 7]]
x[::-1]
x[::0]
s[0]
lengths[2]
"""
ARITHMETIC = """
x + y[:, :0]
x * y[:, :0]
2 * x - y[:0]
"""
TUPLES = """
both[2]
both[-3]
both[:, -1]
both.sum()
both.shape
packed.size()
packed.transpose(0, 1)
packed[7]
packed[:, -1]
"""
LAYERS = """
nn.Linear(5, 4)(x)
nn.Linear(6, 4)(s)
nn.Linear(6, 4)(both)
nn.Linear(6, 4)(packed)
nn.Embedding(3, 4)(both)
nn.BatchNorm1d(6)(x)
nn.BatchNorm1d(3)(v)
nn.BatchNorm2d(6)(x)
nn.BatchNorm3d(6)(x)
nn.LayerNorm(5)(x)
nn.LayerNorm((5, 5))(x)
nn.RMSNorm(5)(x)
nn.GroupNorm(2, 4)(x)
nn.Bilinear(5, 6, 3)(m, m)
nn.Bilinear(6, 5, 3)(m, m)
nn.MultiheadAttention(4, 2, batch_first=True)(x, x, x)
nn.TransformerEncoderLayer(4, 2)(x)
nn.Conv1d(6, 4, 1)(x)
nn.Conv1d(5, 4, 1)(v)
nn.Conv2d(3, 4, 1)(x)
nn.Conv2d(2, 4, 1)(m)
nn.Conv3d(2, 4, 1)(x)
nn.ConvTranspose1d(6, 4, 1)(x)
nn.MaxPool1d(2)(v)
nn.MaxPool1d(2)(x.unsqueeze(0))
nn.MaxPool2d(2)(m)
nn.MaxPool3d(2)(x)
nn.AvgPool1d(2)(v)
nn.AvgPool2d(2)(m)
nn.AvgPool3d(2)(x)
nn.LPPool1d(2, 2)(x.unsqueeze(0))
nn.LPPool2d(2, 2)(m)
nn.FractionalMaxPool2d(2, 2)(m)
nn.AdaptiveAvgPool1d(2)(v)
nn.AdaptiveMaxPool2d(2)(m)
nn.Softmax(7)(x)
nn.Flatten(7)(x)
"""
RECURRENT = """
nn.GRU(5, 3, batch_first=True)(x)
nn.LSTM(5, 3)(m)
nn.GRU(3, 3)(v)
nn.GRU(6, 3)(x.unsqueeze(0))
nn.GRU(6, 3)(both)
nn.RNN(6, 3)(x, h)
nn.GRU(6, 3, batch_first=True)(x, h)
nn.GRU(6, 3, batch_first=True)(x, x[:1, :, :3])
nn.GRU(6, 3, 2, batch_first=True, bidirectional=True)(x, (h, h))
nn.LSTM(6, 3, 2, batch_first=True, bidirectional=True)(x, h)
nn.LSTM(6, 3, 2, batch_first=True, bidirectional=True)(x, (h[:2], h))
nn.LSTM(6, 3, 2, batch_first=True, bidirectional=True)(x, (h, h, h))
nn.LSTM(6, 3, 2, batch_first=True, bidirectional=True)(x, ((h, h), h))
nn.GRU(6, 3, bach_first=True)
nn.GRUCell(5, 3)(m)
nn.GRUCell(6, 3)(x)
nn.RNNCell(6, 3)(x)
nn.LSTMCell(6, 3)(x)
nn.GRUCell(6, 3)(m, m[:, :4])
nn.GRUCell(6, 3)(m, h)
nn.LSTMCell(6, 3)(m, h[0])
nn.LSTMCell(6, 3)(m, (h[0], h))
"""
TAKEN = """
x[1]
x[-2]
x[..., 5]
x[[0, 1]]
x + y[:, :1]
both[1]
nn.Linear(6, 4)(x)
nn.BatchNorm1d(5)(x)
nn.LayerNorm((5, 6))(x)
nn.GroupNorm(5, 5)(x)
nn.Bilinear(6, 6, 3)(m, m)
nn.MultiheadAttention(6, 2, batch_first=True)(x, x, x)
nn.Conv1d(5, 4, 1)(x)
nn.Conv2d(2, 4, 1)(x)
nn.MaxPool1d(2)(m)
nn.MaxPool2d(2)(x)
nn.Softmax(-1)(x)
nn.Flatten(-1)(x)
nn.GRU(6, 3, batch_first=True)(x)
nn.GRU(6, 3)(m)
nn.GRU(6, 3, 2, batch_first=True, bidirectional=True)(x, h)
nn.LSTM(6, 3, 2, batch_first=True, bidirectional=True)(x, (h, h))
nn.GRUCell(6, 3)(m)
nn.GRUCell(6, 3)(m[0])
nn.GRUCell(6, 3)(m, h[0])
nn.LSTMCell(6, 3)(m, (h[0], h[0]))
"""


def as_held(expression: str) -> str:
    """The states the analysis and torch are asked about are double, and so are the modules."""
    head, bracket, rest = expression.partition(")(")
    return f"{head}).double()({rest}" if bracket and head.startswith("nn.") else expression


def _lines(*texts: str) -> list[str]:
    return [line for text in texts for line in text.split("\n") if line]


@pytest.mark.parametrize("expression", _lines(SUBSCRIPTS, ARITHMETIC, TUPLES, LAYERS, RECURRENT))
def test_torch_refuses(expression: str) -> None:
    answer = names.answered(as_held(expression))
    assert isinstance(answer, str), answer
    with pytest.raises((RuntimeError, IndexError, ValueError, TypeError, AttributeError, AssertionError)):
        names.ran(as_held(expression))


@pytest.mark.parametrize("expression", _lines(TAKEN))
def test_torch_takes(expression: str) -> None:
    assert not isinstance(names.answered(as_held(expression)), str)
    names.ran(as_held(expression))


def _of_tensors() -> list[str]:
    """Operations whose first argument is a tensor, and the call that they take."""
    assert catalogue.DEFINED_IN
    found = []
    for name, operation in OPERATIONS.items():
        if operation.parameters[0].partition("|")[0] == "input" and operation.tries:
            before = "(x" if name.startswith("Tensor.") else f"{name}(x"
            called = names.called(name, operation.tries[0].arguments)
            rest = called.removeprefix(before)
            found += [f"{before[:-1]}both{rest}"] if called != rest and rest[:1] in (",", ")") else []
    return found


def test_no_operation_takes_the_tuple_of_a_call() -> None:
    expressions = _of_tensors()
    assert len(expressions) > 400
    for expression in expressions:
        answer = names.answered(expression)
        if isinstance(answer, str):
            with pytest.raises((TypeError, AttributeError, ValueError)):
                names.ran(expression)
        else:
            assert isinstance(answer, Unknown), expression
