"""Right programs that are written as hardly anybody writes them: nothing fails, and nothing else of the file is lost.

Each stands in a file with a mistake before it and one after it.  Whether torch takes an expression or refuses it is
asked of torch.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import cast

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence

from rnnlint.linter import lint
from rnnlint.torch_api import catalogue
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.registry import OPERATIONS, Args, bind
from rnnlint.values.domain import Lit

BEFORE = """\
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence


class First(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.rnn(x)[0][:, -1]


"""
AFTER = BEFORE[BEFORE.index("class First") :].replace("First", "Last")


def assert_the_others_are_found(program: str) -> None:
    text = f"{BEFORE}{program}\n\n{AFTER}"
    report = lint(text)
    assert report.not_analysed is None
    assert not report.internal
    lines = [number for number, line in enumerate(text.splitlines(), 1) if "[0][:, -1]" in line]
    assert len(lines) >= 2
    found = [finding.line for finding in report.findings if finding.code == "RNN102"]
    assert {lines[0], lines[-1]} <= set(found)


STATEMENTS = {
    "a global list rebound in a branch that returns": """
        gru, kept = nn.GRU(3, 4), []

        def f(x, first):
            global kept
            if first:
                kept = [gru(x)[0]]
                return None
            kept.append(x)
            return kept[0]
        """,
    "a global list rebound in a branch that raises": """
        gru, kept = nn.GRU(3, 4), []

        def f(x, first):
            global kept
            if first:
                kept = [gru(x)[0]]
                raise ValueError
            return kept[0]
        """,
    "a global object rebound in a loop": """
        model = None

        def f(xs):
            global model
            for x in xs:
                if x is None:
                    model = First()
                    break
            return model(xs), model.rnn(xs)
        """,
    "a global dict rebound in a try": """
        gru, kept = nn.GRU(3, 4), {}

        def f(x):
            global kept
            try:
                kept = {"output": gru(x)[0]}
                return kept
            except KeyError:
                return kept["output"]
        """,
    "a list of the function around rebound in one within": """
        gru = nn.GRU(3, 4)

        def f(x):
            kept = []

            def g(first):
                nonlocal kept
                if first:
                    kept = [gru(x)[0]]
                    return 1
                return 2

            g(x)
            return kept[0]
        """,
    "a slice that is deleted": """
        rows, table = [1, 2, 3], [[1], [2]]
        del rows[:], rows[1:2], table[0][:1], rows[::2]
    """,
    "one number after the other": """
        def f(x):
            first, *rest = nn.GRU(3, 4)(x)[1][0, 0].unbind(0)
            for number in torch.zeros(5).unbind():
                print(number)
            for number in nn.GRU(3, 4)(x)[1][0, 0]:
                print(number)
            return first, rest
        """,
    "all of a tensor is assigned": """
        def f(x):
            memory = torch.zeros(5, 4)
            memory[()] = nn.GRU(3, 4)(x)[1]
            return memory
        """,
    "cells that are handed all steps at once": """
        def f(x):
            cell, h = nn.GRUCell(3, 4), None
            for _ in range(5):
                h = cell(torch.zeros(5, 2, 3), h)
            return h
        """,
    "directions of an unbatched sequence along an axis that is not there": """
        class M(nn.Module):
            def __init__(self):
                super().__init__()
                self.gru = nn.GRU(3, 4, bidirectional=True)

            def forward(self, x):
                output, h_n = self.gru(x[0])
                return torch.cat((h_n[-2], h_n[-1]), dim=1)
        """,
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_programs(name: str) -> None:
    assert_the_others_are_found(textwrap.dedent(STATEMENTS[name]))


HUGE = "9" * 400
NAMES = (F, PackedSequence, nn, pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence, torch)

# What is written, and what torch (or Python) raises on it; "" for what runs.
EXPRESSIONS = {
    "h_n[0, 0].unbind()": "",
    "h_n[0, 0].unbind(-1)": "",
    "h_n[0].unbind(-1)": "",
    "h_n[0, 0, 0].squeeze(-1)": "",
    "h_n.sum().squeeze(0)": "",
    "h_n.sum().squeeze(1)": "IndexError",
    "torch.squeeze(h_n, [])": "",
    "h_n.squeeze(())": "",
    "torch.sum(a=h_n)": "",
    "torch.squeeze(a=h_n)": "",
    "torch.add(x1=h_n, x2=h_n)": "",
    "torch.mean(x=h_n, axis=1, keepdims=True)": "",
    "torch.cat((h_n[0, 0], h_n[1, 0]), dim=1)": "IndexError",
    "torch.cat((h_n[0, 0], h_n[1, 0]), dim=5)": "IndexError",
    "torch.cat((h_n[0, 0, 0], h_n[1, 0, 0]), dim=0)": "RuntimeError",
    f"range({HUGE})": "",
    f"range(0, {HUGE}, 2)[5]": "",
    f"[0] * {HUGE}": "OverflowError",
    f"[] * {HUGE}": "OverflowError",
    f"() * -{HUGE}": "OverflowError",
    f"float({HUGE})": "OverflowError",
    f"h_n[:{HUGE}]": "",
    "F.layer_norm()": "TypeError",
    "F.embedding()": "TypeError",
    "torch.argmax()": "TypeError",
    "torch.add()": "TypeError",
    "nn.GRUCell(3, 4)(torch.zeros(5, 2, 3))": "ValueError",
    "nn.LSTMCell(3, 4)(torch.zeros(()))": "ValueError",
    "pack_padded_sequence(x)": "TypeError",
    "pack_padded_sequence(torch.tensor([5, 3]), x)": "RuntimeError|IndexError",
    "pack_padded_sequence(torch.zeros(5), torch.tensor([5]))": "IndexError",
    "gru(pack_padded_sequence(h_n[0, 0], torch.tensor([4]), batch_first=True))": "IndexError",
    "PackedSequence(x, pack_padded_sequence(x, torch.tensor([5, 3]), batch_first=True).batch_sizes)": "",
}


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda text: text if len(text) < 60 else f"{text[:20]}...")
def test_expressions(expression: str) -> None:
    """What torch does with each is executed; the linter says nothing of it, and loses nothing."""
    function = f"""
        def f():
            gru = nn.GRU(3, 4, batch_first=True, bidirectional=True)
            x = torch.zeros(2, 5, 3)
            output, h_n = gru(x)
            return {expression}
        """
    wanted = EXPRESSIONS[expression]
    space: dict[str, object] = {"torch": torch, "nn": nn, "F": F, **{getattr(f, "__name__", ""): f for f in NAMES}}
    exec(textwrap.dedent(function), space)
    raised = _raised_by(cast(Callable[[], object], space["f"]))
    assert raised in wanted.split("|")
    assert_the_others_are_found(textwrap.dedent(function))


def _raised_by(run: Callable[[], object]) -> str:
    try:
        run()
    except Exception as error:
        return type(error).__name__
    return ""


def _of_torch(name: str) -> Callable[..., object] | None:
    """What torch has under a qualified name; None where it is registered for the method of that name only."""
    found: object = torch
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    return found if callable(found) else None


def test_an_operation_that_asks_for_an_argument_is_one_that_torch_asks_for() -> None:
    """``Args[...]`` says that torch raises where an argument is absent: so it does, for every function there is."""
    asked: list[str] = []
    assert catalogue.DEFINED_IN
    for name, op in OPERATIONS.items():
        if not name.startswith("torch."):
            continue
        try:
            op.run(cast(Context, None), bind(op, (), {}))
        except AttributeError:  # it asks the run something before it asks for an argument, or asks for none
            continue
        except TorchRaises as error:
            if "required argument" in error.text:
                asked.append(name)
                function = _of_torch(name)
                assert function is None or _raised_by(function) == "TypeError", name
    assert "torch.nn.functional.embedding" in asked
    with pytest.raises(TorchRaises, match="input"):
        Args({"other": Lit(1)})["input"]


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors is a no-op:UserWarning")
def test_a_layer_without_features() -> None:
    """What a view makes of no numbers is nothing that could be counted in rows."""
    text = (
        "from torch import nn\n\n\nclass Decoder(nn.Module):\n    def __init__(self):\n"
        "        self.start = nn.Linear(6, 2 & 20)\n"
        "        self.gru = nn.GRU(8, 20, num_layers=2, batch_first=True)\n"
        "        h_0 = self.start(code).view(2, x.size(0), 20)\n"
    )
    assert lint(text).internal == ()
    assert nn.Linear(6, 2 & 20)(torch.zeros(3, 6)).shape == (3, 0)
