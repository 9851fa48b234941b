"""Names that nothing in a file binds: a cell of a notebook, an answer to be pasted."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

TEXT = """\
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 8, bidirectional=True)
        self.fc = nn.Linear(16, 2)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
        output, _ = pad_packed_sequence(self.rnn(packed, Variable(torch.zeros(2, x.size(1), 8)))[0])
        return self.fc(output[-1])
"""
LOCAL = """\
def pad_packed_sequence(packed):
    return packed.data.unsqueeze(0), None


"""


def test_a_file_that_imports_nothing_means_torch() -> None:
    assert {finding.code for finding in lint(TEXT).findings} == {"RNN401"}


@pytest.mark.parametrize("head", [LOCAL, "nn = modules = load()\n", "from mine import nn\n", "import torch\n" + LOCAL])
def test_what_the_file_binds_is_what_it_binds(head: str) -> None:
    assert lint(head + TEXT).findings == ()
