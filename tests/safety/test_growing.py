"""Values are bounded in size: what doubles in every line costs no more in the eighteenth line than in the ninth."""

from __future__ import annotations

import ast
import tracemalloc

import pytest

from rnnlint.interpret.state.limits import LIMITS
from rnnlint.linter import lint
from rnnlint.values.compound import nesting, weight
from rnnlint.values.domain import Either, Free, Items, Lit
from tests.safety.growing import SHAPES, program
from tests.safety.hostile import HEAD
from tests.safety.work import work

FEW, MANY = 9, 18


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_lines_are_not_many_times_the_work(shape: str) -> None:
    ast.parse(program(shape, MANY))
    work(program(shape, 1))  # what is imported and cached with the first file
    (small, _), (large, report) = work(program(shape, FEW)), work(program(shape, MANY))
    assert large < 5 * small, f"{small:,} and {large:,}"  # 512 times where each line doubles it
    assert not report.internal
    assert report.not_analysed is None
    text = program(shape, MANY).splitlines()
    assert ("RNN102", len(text)) in {(finding.code, finding.line) for finding in report.findings}


@pytest.mark.parametrize("shape", ["strings", "strings repeated", "bytes", "tuples", "lists added", "attributes"])
def test_memory(shape: str) -> None:
    """Counted where Python asks for it; 18 doublings of 10,000 letters are 2.6 GB."""
    lint(program(shape, 1))
    tracemalloc.start()
    try:
        lint(program(shape, MANY))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * 2**20


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ("tuples", f"a value of more than {LIMITS.weight:,} parts"),
    ],
)
def test_the_reason_is_kept(shape: str, reason: str) -> None:
    assert reason in {one.reason for one in lint(program(shape, MANY)).unknown}


def test_depth_has_a_bound_of_its_own() -> None:
    text = HEAD + "s = rnn(x)\n" + "s = (s, 1)\n" * 3 * LIMITS.nesting
    report = lint(text)
    assert not report.internal
    assert f"a value nested more than {LIMITS.nesting} deep" in {one.reason for one in report.unknown}


def test_what_is_too_large_counts_as_used() -> None:
    """Its tensors go where nobody sees them: nothing is said of what was never read."""
    model = """\
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        _, (h_n, _) = self.rnn(x)
        s = (h_n[-1], h_n[-2])
{lines}
        return self.fc(h_n[-1]), s
"""
    codes = [
        {finding.code for finding in lint(model.format(lines="        s = (s, s)\n" * lines)).findings}
        for lines in (0, 2, MANY)
    ]
    assert codes[0] == codes[1] == codes[2]


def test_weight_and_hash_take_no_walk() -> None:
    """The meta-test: 200 doublings, which nobody could walk through."""
    value = Items((Lit(1), Free("n")))
    for _ in range(200):
        value = Items((value, value))
    found = weight(value), nesting(value), hash(value)  # asserted apart: pytest would print the value
    assert found[0] > 2**200
    assert found[1] == 202
    assert found[2] == hash(Items((value.items[0], value.items[1])))
    assert weight(Either((Lit(1), Lit(2)))) == 3
    assert weight(Lit(1)) == 1


LONG = {  # more steps than one run may take, each of its elements counted
    "list": "[7, 5, " + "1, " * 30_000 + "]",
    "tuple": "(7, 5, " + "(1, 'a'), " * 8_000 + ")",
}


@pytest.mark.parametrize("kind", LONG)
def test_a_long_literal_is_folded(kind: str) -> None:
    """What stands at its beginning is known, and what stands after it is analysed."""
    text = HEAD + f"sizes = {LONG[kind]}\ny = nn.GRU(3, sizes[1])(x)[0]\nnn.Linear(8, 2)(y)\n"
    report = lint(text)
    assert not [one for one in report.unknown if "steps" in one.reason]
    assert [finding.code for finding in report.findings] == ["RNN501"]


def test_a_long_dict_is_folded() -> None:
    entries = ", ".join(f"'k{number}': {number + 1}" for number in range(8_000))
    text = HEAD + f"sizes = {{{entries}}}\ny = nn.GRU(3, sizes['k6'])(x)[0]\nnn.Linear(8, 2)(y)\n"
    report = lint(text)
    assert not [one for one in report.unknown if "steps" in one.reason]
    assert [finding.code for finding in report.findings] == ["RNN501"]


@pytest.mark.parametrize("count", [244, 1_000])
def test_many_elif_are_analysed(count: int) -> None:
    """Each is nested in the one before, for Python; a mistake in one of the last is found, and one after them."""
    wrong = "rnn(x)[0][:, -1]"
    branches = "".join(f"    elif kind == {i}:\n        out = x\n" for i in range(1, count))
    text = f"{HEAD}\n\ndef f(x, kind):\n    if kind == 0:\n        out = x\n{branches}"
    text += f"    elif kind:\n        return {wrong}\n    return out\n\n\ndef g(x):\n    return {wrong}\n"
    report = lint(text)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if wrong in line]
    assert report.not_analysed is None
    assert not report.internal
    assert [(finding.code, finding.line) for finding in report.findings] == [("RNN102", line) for line in lines]


def test_too_many_elif_are_said() -> None:
    """Python's own parser gives up on some 3,000."""
    assert lint(f"{HEAD}\nif x:\n    pass\n{'elif x: pass' * 20_000}").not_analysed is not None


def test_a_long_line_of_bases_is_followed_to_a_bound() -> None:
    """Work grows with the number of classes, not with its square; what is near is inherited, what is far is unknown."""

    def classes(count: int) -> str:
        lines = "".join(
            f"class C{i}(C{i - 1}):\n    def f{i}(self, x):\n        return self(x)\n\n" for i in range(1, count)
        )
        return program("tuples", 1).replace("class Last", "class C0", 1) + "\n" + lines

    (few, _), (many, report) = work(classes(100)), work(classes(400))
    assert many < 6 * few, f"{few:,} and {many:,}"
    assert "RNN102" in {finding.code for finding in report.findings}
