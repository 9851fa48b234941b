"""Work grows with the size of a file, not faster."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from rnnlint.interpret.state.limits import LIMITS
from rnnlint.linter import lint
from tests.safety.hostile import HEAD, elif_branches, methods
from tests.safety.work import work
from tools.fuzz.verdicts import MOST_STEPS, judged

CLASS = """
class C{i}(nn.Module):
    def __init__(self, bidirectional=False):
        super().__init__()
        self.rnn = nn.GRU(3, 4, bidirectional=bidirectional)

    def forward(self, x):
        output, h_n = self.rnn(x)
        return output[-1]

"""


MODEL = """
class Model(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.rnn = nn.GRU(3, 4)

"""
OPTIONS = "import argparse\np = argparse.ArgumentParser()\n{}Model(p.parse_args())\n"


def flags(count: int) -> str:
    names = ", ".join(f"flag{i}=False" for i in range(count))
    steps = "".join(f"    if flag{i}:\n        y = y + {i}\n" for i in range(count))
    return HEAD + f"\n\ndef f(x, {names}):\n    y, _ = rnn(x)\n{steps}    return y\n"


def calls_in_a_row(count: int) -> str:
    """Each function calls the next one twice: without a budget, 2 ** count calls."""
    functions = "".join(f"def f{i}(x):\n    return f{i + 1}(f{i + 1}(x))\n\n\n" for i in range(count))
    return HEAD + f"\n\n{functions}def f{count}(x):\n    return rnn(x)[0]\n"


GROWING: dict[str, tuple[Callable[[int], str], int]] = {
    "statements": (lambda n: HEAD + "x = 1\n" * n, 200),
    "calls": (lambda n: HEAD + "y, _ = rnn(x)\nprint(y[:, -1])\n" * n, 20),
    "RNNs": (lambda n: HEAD + "".join(f"r{i} = nn.GRU({i + 1}, 4)\n" for i in range(n)), 100),
    "functions": (lambda n: HEAD + "".join(f"\n\ndef f{i}(x):\n    return rnn(x)[0][:, -1]\n" for i in range(n)), 15),
    "classes": (lambda n: HEAD + "".join(CLASS.format(i=i) for i in range(n)), 6),
    "methods": (methods, 40),
    "branches": (elif_branches, 20),
    "flags": (flags, 6),
    "elements": (lambda n: HEAD + "x = [" + "1, " * n + "]\n", 500),
    "entries": (lambda n: HEAD + "x = {" + ", ".join(f"'k{i}': {i}" for i in range(n)) + "}\n", 500),
    "arguments": (lambda n: HEAD + "rnn(" + "1, " * n + ")\n", 200),
    "loops": (lambda n: HEAD + "for i in range(9):\n    x, _ = rnn(x)\n" * n, 20),
    "dicts in dicts": (lambda n: HEAD + f"{MODEL}d = {{}}\n" + "d = {'a': d, 'b': d}\n" * n + "Model(d)\n", 10),
    "models in models": (lambda n: HEAD + f"{MODEL}m = 1\n" + "m = Model({'a': m, 'b': m})\n" * n, 10),
    "options": (
        lambda n: HEAD + MODEL + OPTIONS.format("".join(f"p.add_argument('--a{i}', default={i})\n" for i in range(n))),
        50,
    ),
    "text": (lambda n: HEAD + '"""' + "word\n" * n + '"""\n', 1000),
}


@pytest.mark.parametrize("family", GROWING)
def test_four_times_the_size_is_at_most_about_four_times_the_work(family: str) -> None:
    build, size = GROWING[family]
    lint(build(4 * size))  # what is imported, and the primes of its sizes, are kept from the first file on
    small, large = work(build(size))[0], work(build(4 * size))[0]
    assert small > 20
    assert large < 5 * small


def test_calls_that_double_are_cut_off() -> None:
    """Each of 80 functions calls the next one twice."""
    steps = judged(calls_in_a_row(80)).steps
    assert LIMITS.steps < steps <= MOST_STEPS


def test_a_quadratic_linter_would_be_seen() -> None:
    """The meta-test: work that grows with the square is counted as such."""

    def square(size: int) -> int:
        count = 0

        def called(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal count
            count += event == "call"

        def nothing() -> None: ...

        sys.setprofile(called)
        try:
            for _ in range(size * size):
                nothing()
        finally:
            sys.setprofile(None)
        return count

    assert square(40) > 5 * square(10)
