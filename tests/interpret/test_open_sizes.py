"""Programs that run, and must not be taken for ones that certainly raise."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint
from rnnlint.report import Modules

MODEL = """\
import torch
from torch import nn

class Model(nn.Module):
    def __init__(self, body, kind, items, size=8):
        super().__init__()
        self.body, self.items, self.size = body, items, size
        self.register_buffer("mask", torch.zeros(5, 5).unsqueeze(0))
        self.table = nn.Parameter(torch.zeros(items, size))
        self.rnn = nn.GRU(size, size, bidirectional=kind == "bi")

    def forward(self, x):
{body}
"""
SQUEEZED = """
x = self.rnn(x.squeeze(1).transpose(0, 1))[0]
return x
"""
COMPARED = """
first, second = self.body(x), self.body(x)
if first.shape[0] != second.shape[0]:
    raise ValueError
return self.rnn(torch.cat((first, second)))
"""
BY_KEYWORD = """
rows = torch.reshape(self.body(x), shape=(-1, 4, self.size))
return self.rnn(torch.transpose(rows, 1, 0))
"""
STARRED = """
output, _ = self.rnn(x)
return output.reshape(*output.shape[:-1], 2, -1).permute(0, 2, 1, 3)
"""
MASKED = """
output, _ = self.rnn(x)
scores = torch.stack((output @ output.transpose(1, 2),) * 2, 1) + self.mask
return torch.softmax(torch.einsum("nhij->nhji", scores) + self.mask, dim=3)
"""
WEIGHTED = """
output, _ = self.rnn(x)
last = output[-1].unsqueeze(1)
weight = torch.softmax(last, dim=-1)[:, :, 0].unsqueeze(-1)
logits = torch.einsum("nth,kh->ntk", last, self.table)
plain = torch.nn.functional.linear(last, self.table)
return (logits * weight).view(-1, self.items) + plain.view(-1, self.items)
"""
RESET = """
output, state = self.rnn(self.body(x), (1.0 - torch.ones(4)).view(1, 4, 1) * self.body(x))
return output
"""


@pytest.mark.parametrize("body", [SQUEEZED, COMPARED, BY_KEYWORD, STARRED, MASKED, WEIGHTED, RESET])
def test_the_call_is_followed(body: str) -> None:
    text = MODEL.format(body="".join(f"        {line}\n" for line in body.splitlines()))
    report = lint(text)
    assert report.modules == Modules(1, 1)
    assert report.findings == ()


def test_they_run() -> None:
    torch = pytest.importorskip("torch")
    inputs = {
        SQUEEZED: (3, 1, 5, 8),
        COMPARED: (2, 5, 8),
        BY_KEYWORD: (3, 4, 8),
        STARRED: (5, 3, 8),
        MASKED: (3, 5, 8),
        WEIGHTED: (3, 5, 8),
        RESET: (1, 4, 8),
    }
    for body, sizes in inputs.items():
        namespace: dict[str, object] = {}
        exec(MODEL.format(body="".join(f"        {line}\n" for line in body.splitlines())), namespace)
        model = namespace["Model"]
        assert callable(model)
        model(torch.nn.Identity(), "uni", 6)(torch.zeros(sizes))


def test_a_batch_is_no_odd_fraction_of_the_sizes_of_a_view() -> None:
    text = """\
from torch import nn

class Block(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body
        self.rnn = nn.GRU(8, 8, batch_first=True, bidirectional=True)
        self.linear = nn.Linear(5, 16)

    def forward(self, x):
        n, _, t, q = x.shape
        output, _ = self.rnn(self.body(x))
        return self.linear(output.transpose(1, 2)).view(n, t, 4, q)
"""
    report = lint(text)
    assert report.findings == ()
    assert report.modules == Modules(1, 1)


def test_half_of_a_parameter_is_the_same_before_and_after_a_view_fits() -> None:
    text = """\
import torch
from torch import nn

class Tagger(nn.Module):
    def __init__(self, hidden, tags):
        super().__init__()
        self.hidden, self.tags = hidden, tags
        self.rnn = nn.GRU(8, hidden // 2, bidirectional=True, batch_first=True)
        self.linear = nn.Linear(hidden, tags)

    def forward(self, x):
        output, _ = self.rnn(x, torch.zeros(2, x.size(0), self.hidden // 2))
        return self.linear(output).view(output.size(0), output.size(1), self.hidden)
"""
    assert lint(text).findings == ()


SPELLED = """\
import torch
from torch import nn

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.letters, self.words = nn.Embedding(30, 5), nn.Embedding(9, 6)
        self.spell = nn.GRU(5, 7, batch_first=True)
        self.read = nn.GRU(13, 8, batch_first=True, bidirectional={both})
        self.fc = nn.LazyLinear(2)

    def forward(self, words, letters, longest):
        count = letters.size(1)
        _, spelled = self.spell(self.letters(letters.view(-1, longest)))
        rows = torch.cat([self.words(words), spelled.view(-1, count, 7)], dim=-1)
        output, _ = self.read(rows)
        return self.fc(output[:, -1])
"""


@pytest.mark.parametrize(("both", "codes"), [(True, ["RNN102"]), (False, [])])
def test_rows_of_a_state_are_laid_out_as_the_words_of_a_text(both: bool, codes: list[str]) -> None:
    report = lint(SPELLED.format(both=both))
    assert [finding.code for finding in report.findings] == codes
    assert not [one.reason for one in report.unknown]
