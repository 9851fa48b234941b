"""What is said of values that the program leaves open: never more than is known, and never a mistake of ours."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint
from rnnlint.reveal import revealed

HEAD = """\
import torch
from torch import nn
from torch.nn.utils.rnn import pad_packed_sequence
from rnnlint import reveal_axes

gru = nn.GRU(3, 5)


def run(x, packed, n, size=None, f=None, **others):
    output, h = gru(x)
    options = {"k": n}
"""
EITHER = "one of {True; False}"
NOT_KNOWN = "unknown: an argument of a tensor operation is not known"
ANY_NUMBER = "list {any number of unknown: the variable of a loop}"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("pad_packed_sequence(packed)", "tuple {unknown: what was packed is not known; unknown: lengths}"),
        ("f(x).chunk(n)", NOT_KNOWN),
        ("h.add(1).chunk(f.relu())", NOT_KNOWN),
        ("torch.atleast_2d(f(x))", NOT_KNOWN),
        ("f.relu().imag", "unknown: imag of a tensor"),
        ("output[n - 1, torch.arange(x.size(1))]", "(sample, unit) of output of gru, step: last valid"),
        ("output[torch.rsub(n, 1), torch.arange(x.size(1))]", "unknown: an index by a tensor of unknown shape"),
        ("output[n, torch.arange(x.size(1))]", "unknown: an index that is not known"),
        ("output[n, torch.arange(len(n))]", "(sample, unit) of output of gru, step: some one"),
        ("output[:, :, [True, False, True, False, False]]", "(step, sample, unit[:3:2]) of output of gru"),
        ("torch.cat([])", "unknown: cat of tensors that are not all known"),
        ("output.imag", "unknown: imag of a tensor"),
        ("not n", "not n, which this file does not determine"),
        ("not output", EITHER),
        ("isinstance(f, torch.Tensor)", EITHER),
        ("isinstance(f, (int, torch.Tensor))", EITHER),
        ("isinstance(options, dict)", "True"),
        ("issubclass(nn.GRU, nn.Module)", EITHER),
        ("issubclass(nn.GRU, (int, nn.GRU))", "True"),
        ("list(range(1, 2, 0))", ANY_NUMBER),  # which Python refuses
        ("list(range(n))", ANY_NUMBER),
        ("type(f)", "unknown: type()"),
        ("int(f)", "f, which this file does not determine"),
        ("options.get('k')", "n, which this file does not determine"),
        ("options.get('l', 3)", "3"),
        ("others.get('l', 3)", "others['l'], which this file does not determine"),
        ("nn.GRU(n, 4).input_size", "n"),
        ("(lambda y, pair=(1, 2): pair)(x, **others)", "tuple {1; 2}"),
        ("(lambda y, one=2: one)(x, **others)", "2 (one)"),
        ("n == None", EITHER),
        ("output == None", "False"),
        ("nn.Bilinear(5, 5, 2)(output)", "unknown: new features of tensors that are not known"),
    ],
)
def test_an_open_value(expression: str, value: str) -> None:
    text = f"{HEAD}    reveal_axes({expression})\n"
    assert [one.text for one in revealed(text)] == [value]
    assert lint(text).internal == ()


def test_what_is_waited_for_is_what_comes() -> None:
    text = f"""{HEAD}    return output


async def later(x):
    output, h = gru(x)
    reveal_axes(await one(output))


async def one(output):
    return output
"""
    assert [one.text for one in revealed(text)] == ["(step, sample, unit) of output of gru"]
