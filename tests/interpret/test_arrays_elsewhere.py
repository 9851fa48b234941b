"""Tables and arrays of other packages become tensors: pandas, scikit-learn, which need not be installed."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

SCRIPT = """
import pandas as pd
import torch
from sklearn.preprocessing import MinMaxScaler
from torch import nn
from torch.autograd import Variable


class Net(nn.Module):
    def __init__(self, size, hidden):
        super().__init__()
        self.lstm = nn.LSTM(size, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, x):
        start = torch.zeros(1, x.size(0), 64)
        _, (h_n, _) = self.lstm(x, (start, start))
        return self.fc(h_n[-1])


table = pd.read_csv("weather.csv")
scaled = MinMaxScaler().fit_transform(table)
rows = {rows}
x = {x}
print(Net(14, 64)(x))
"""
ONE_STEP = "torch.reshape(rows, (rows.shape[0], 1, rows.shape[1]))"
LATER = "torch.reshape(rows, (rows.shape[0] // 12, 12, rows.shape[1]))"


def found(rows: str, x: str) -> list[str]:
    """What is said of rows that become ``x``."""
    return [one.code for one in lint(SCRIPT.format(rows=rows, x=x)).findings]


@pytest.mark.parametrize(
    "rows",
    [
        "torch.Tensor(table.values)",
        "torch.Tensor(table.to_numpy())",
        "Variable(torch.Tensor(table.iloc[:, 2:-1].to_numpy()))",
        "torch.tensor(table.iloc[:, 2:-1].to_numpy(), dtype=torch.float32)",
        "torch.FloatTensor(scaled)",
        "torch.Tensor(scaled[:200, :])",
        "torch.Tensor(unknown(table)[0])",
    ],
)
def test_one_step_of_each_row(rows: str) -> None:
    assert found(rows, ONE_STEP) == ["RNN209"]
    assert found(rows, "rows.reshape(rows.shape[0], 1, rows.shape[1])") == ["RNN209"]
    assert found(rows, LATER) == []


def test_what_may_be_a_size_is_one() -> None:
    assert found("torch.Tensor(len(table), 1, 14)", "rows") == []
    assert found("torch.Tensor(unknown(table), 12, 14)", "rows") == []
