"""Where it is said what a finding depends on: arguments, call sites, defaults, the class that inherits."""

from __future__ import annotations

import pytest

from rnnlint.findings import Finding
from rnnlint.linter import lint
from rnnlint.settings import Settings

BEGIN = """\
import torch
from functools import partial
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
"""

TAGGER = """\
class Tagger(nn.Module):
    def __init__(self, width, both{default}):
        super().__init__()
        self.rnn = nn.GRU(8, width, 1, batch_first=True, bidirectional=both)
        self.fc = nn.LazyLinear(3)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])
"""


def finding(text: str, code: str, *, everywhere: bool = False) -> Finding:
    """The one finding of a rule in a program."""
    report = lint(BEGIN + text, settings=Settings(all_configurations=everywhere))
    assert report.internal == ()
    (found,) = (one for one in report.findings if one.code == code)
    return found


def said(found: Finding, text: str) -> dict[str, str]:
    """What a finding says of other places, by what stands there."""
    lines = (BEGIN + text).splitlines()
    return {lines[one.line - 1][one.column : one.end_column]: one.message for one in found.related}


@pytest.mark.parametrize(
    ("built", "argument"),
    [
        ("Tagger(16, both=True)", "both=True"),
        ("Tagger(16, True)", "True"),
        ("Tagger(both=True, width=16)", "both=True"),
    ],
)
def test_a_call_site_gives_the_argument(built: str, argument: str) -> None:
    text = TAGGER.format(default="=False") + f"model = {built}\n"
    found = finding(text, "RNN102")
    assert said(found, text)[argument] == "both=True is given here"
    assert said(found, text)["bidirectional=both"] == "two directions: bidirectional=both, True here"
    assert ("bidirectional", "True") in found.facts


def test_a_default_that_the_condition_names() -> None:
    text = TAGGER.format(default="=True")
    found = finding(text, "RNN102")
    assert said(found, text)["True"] == "both=True is the default here"
    assert found.facts[-1] == ("both", "True")


def test_a_default_that_is_another() -> None:
    text = TAGGER.format(default="=False")
    found = finding(text, "RNN102", everywhere=True)
    assert said(found, text)["False"] == "the default here is False"
    assert found.facts == (("bidirectional", "True"), ("batch_first", "True"), ("both", "True"))


def test_the_class_that_inherits() -> None:
    text = """\
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(8, 16, batch_first=True)
    def forward(self, x):
        out, _ = self.rnn(x)
        return out[:, -1]
class Both(Base):  # the heir
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(8, 16, batch_first=True, bidirectional=True)
"""
    found = finding(text, "RNN102")
    assert said(found, text)["class Both(Base):"] == "Both inherits this"
    assert found.facts[-1] == ("class", "Both")
    assert found.qualified == "Base.forward"


SQUEEZED = """\
class Encoder(nn.Module):
    def __init__(self{parameter}):
        super().__init__()
        self.rnn = {built}
    def forward(self, x):
        _, state = self.rnn(x)
        return state.squeeze()
"""


ONE_WAY = "one direction: bidirectional is"


@pytest.mark.parametrize(
    ("built", "argument", "message"),
    [
        ("nn.GRU(3, 5)", "nn.GRU(3, 5)", f"one layer: num_layers is left at 1, {ONE_WAY} left at False"),
        ("nn.GRU(3, 5, 2)", "2", "two layers: num_layers=2"),
        ("nn.GRU(3, 5, num_layers = 12)", "num_layers = 12", "12 layers: num_layers=12"),
        ("partial(nn.GRU, num_layers=2)(3, 5)", "", f"two layers: num_layers is 2, {ONE_WAY} False"),
        ("nn.GRU(3, 5, *[2])", "", f"two layers: num_layers is 2, {ONE_WAY} False"),
    ],
)
def test_the_argument_that_says_so(built: str, argument: str, message: str) -> None:
    """Or the whole call, where none does."""
    text = SQUEEZED.format(parameter="", built=built)
    assert said(finding(text, "RNN207"), text)[argument or built] == message


def test_what_the_file_leaves_open_is_no_fact() -> None:
    """The finding holds with any number of layers, and with one direction or two."""
    text = SQUEEZED.format(parameter=", layers, both", built="nn.GRU(3, 5, layers, bidirectional=both)")
    found = finding(text, "RNN207")
    assert found.facts == ()
    assert "the nn.GRU is built here" in said(found, text).values()


def test_where_a_batch_is_packed() -> None:
    text = """\
rnn, fc = nn.GRU(3, 5, batch_first=True), nn.Linear(5, 2)
def score(x, lengths):
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    out, _ = rnn(packed)
    out, _ = pad_packed_sequence(out, batch_first=True)
    return fc(out[:, -1])
"""
    found = finding(text, "RNN401")
    packed = "pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
    assert said(found, text)[packed] == "the batch is packed here"
    assert said(found, text)["fc(out[:, -1])"] == "fc takes it here"


def test_help_is_in_the_names_of_the_program() -> None:
    text = TAGGER.format(default="=True").replace("out, _ =", "out, last =")
    assert finding(text, "RNN102").help == "use torch.cat((last[-2], last[-1]), -1)"


def test_a_place_in_an_f_string() -> None:
    text = """\
rnn, fc = nn.GRU(3, 5, bidirectional=True), nn.Linear(10, 2)
out, _ = rnn(torch.randn(7, 4, 3))
print(f"scores: {fc(out[-1])}")
"""
    found = finding(text, "RNN102")
    assert (found.expression, found.qualified) == ("out[-1]", "")
    assert said(found, text)["fc(out[-1])"] == "fc takes it here"


@pytest.mark.parametrize("deep", [50, 3_000])
def test_a_long_chain_of_elif(deep: int) -> None:
    arms = "".join(f"    elif n == {number}:\n        pass\n" for number in range(deep))
    text = f"""\
rnn, fc = nn.GRU(3, 5, bidirectional=True), nn.Linear(10, 2)
def score(x, n):
    out, _ = rnn(x)
    if n == -1:
        pass
{arms}    return fc(out[-1])
"""
    report = lint(BEGIN + text)
    assert report.internal == ()
    if report.not_analysed is None and report.findings:
        assert report.findings[0].qualified == "score"


def test_a_list_that_nobody_looks_into() -> None:
    """What lists hold is not kept until findings are explained."""
    text = "rnn = nn.LSTM(3, 5)\nh = torch.zeros(1, 4, 5)\nrnn(torch.randn(7, 4, 3), ([h, h], h, h))\n"
    found = finding(text, "RNN306")
    assert found.read == "tuple {a list, dict or object; constants (1, 4, 5); constants (1, 4, 5)}"
