"""Every operator makes the mistake it is named after, and leaves the rest of the program as it is."""

from __future__ import annotations

import ast

import pytest

from oracle.mutation.operators import OPERATORS
from oracle.mutation.source import mutants, parsed

BY_NAME = {operator.name: operator for operator in OPERATORS}

MADE = [
    ("flip-batch-first", "r = nn.GRU(8, 5, batch_first=True)", "r = nn.GRU(8, 5, batch_first=False)"),
    ("flip-batch-first", "r = nn.GRU(8, 5)", "r = nn.GRU(8, 5, batch_first=True)"),
    ("flip-bidirectional", "r = LSTM(8, 5, bidirectional=True)", "r = LSTM(8, 5, bidirectional=False)"),
    ("one-more-layer", "r = nn.GRU(8, 5)", "r = nn.GRU(8, 5, num_layers=2)"),
    ("one-more-layer", "r = nn.GRU(8, 5, 1)", "r = nn.GRU(8, 5, 2)"),
    ("other-end", "y = h[-1]", "y = h[0]"),
    ("other-end", "y = out[:, 0]", "y = out[:, -1]"),
    ("entry-beside", "y = h[-1]", "y = h[-2]"),
    ("other-axis-indexed", "y = out[:, -1]", "y = out[-1]"),
    ("other-axis-indexed", "y = out[-1]", "y = out[:, -1]"),
    ("other-axis-selected", "y = out.select(1, -1)", "y = out.select(0, -1)"),
    ("other-half", "y = out[:, :H]", "y = out[:, H:]"),
    ("other-half", "y = out[..., H:]", "y = out[..., :H]"),
    ("no-index", "y = rnn(x)[0]", "y = rnn(x)"),
    ("no-transpose", "y = torch.transpose(h, 0, 1)", "y = h"),
    ("no-transpose", "y = h.permute(1, 0, 2).flatten(1)", "y = h.flatten(1)"),
    ("reshape-as-transpose", "y = h.transpose(0, 1)", "y = h.reshape(h.size(1), h.size(0), -1)"),
    ("axes-exchanged", "y = h.view(L, D, N, H)", "y = h.view(D, L, N, H)"),
    ("bare-squeeze", "y = h.squeeze(0)", "y = h.squeeze()"),
    ("bare-squeeze", "y = torch.squeeze(h, dim=0)", "y = torch.squeeze(h)"),
    ("no-squeeze", "y = h.squeeze(0)", "y = h"),
    ("other-of-pair", "_, (h, c) = rnn(x)", "_, (c, h) = rnn(x)"),
    ("other-of-pair", "h = pair[0]", "h = pair[1]"),
    ("unpacked-otherwise", "_, (h, _) = rnn(x)", "(_, h) = rnn(x)"),
    ("unpacked-otherwise", "out, h = rnn(x)", "(out, (h, _)) = rnn(x)"),
    ("joined-along-0", "y = torch.cat((a, b), dim=1)", "y = torch.cat((a, b), dim=0)"),
    ("joined-along-0", "y = torch.cat((a, b), -1)", "y = torch.cat((a, b))"),
    ("one-operand", "y = torch.cat((a, b), 1)", "y = a"),
    ("one-operand", "y = a + b", "y = b"),
    ("operands-exchanged", "y = torch.cat((a, b), 1)", "y = torch.cat((b, a), 1)"),
    ("no-pooling", "y = out.mean(1)", "y = out"),
    ("other-axis-pooled", "y = out.mean(1)", "y = out.mean(0)"),
    ("other-axis-pooled", "y = torch.max(out, dim=0)", "y = torch.max(out, dim=1)"),
    ("packing-flag", "p = pad_packed_sequence(x, batch_first=True)", "p = pad_packed_sequence(x, batch_first=False)"),
    ("sorting-enforced", "p = pack_padded_sequence(x, n, enforce_sorted=False)", "p = pack_padded_sequence(x, n)"),
    ("not-restored", "y = out[restore]", "y = out"),
    ("not-restored", "y = h.index_select(1, restore)", "y = h"),
]  # fmt: skip


def made(name: str, line: str) -> list[str]:
    text = f"import torch\nfrom torch import nn\n{line}\nlast = 1\n"
    found = [mutant.text for mutant in mutants(parsed(text), BY_NAME[name])]
    assert all(one.startswith("import torch\nfrom torch import nn\n") and one.endswith("\nlast = 1\n") for one in found)
    return [one.splitlines()[2] for one in found]


@pytest.mark.parametrize(("name", "line", "mutant"), MADE)
def test_makes_the_mistake(name: str, line: str, mutant: str) -> None:
    wanted = ast.dump(ast.parse(mutant))
    assert wanted in [ast.dump(ast.parse(one)) for one in made(name, line)]


def test_every_operator_is_tried() -> None:
    assert {name for name, _, _ in MADE} == set(BY_NAME)


@pytest.mark.parametrize("name", BY_NAME)
def test_nothing_to_change_gives_no_mutant(name: str) -> None:
    assert made(name, "y = f(x)") == []


def test_lines_keep_their_numbers() -> None:
    text = "import torch\ny = torch.cat(\n    (a, b),\n    dim=1,\n)\nlast = 1\n"
    for mutant in mutants(parsed(text), BY_NAME["joined-along-0"]):
        assert mutant.text.splitlines()[5] == "last = 1"
        assert mutant.line == 2
