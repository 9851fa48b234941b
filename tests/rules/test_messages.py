"""The words of the messages: the program's own names, advice that can be applied, excerpts cut between tokens."""

from __future__ import annotations

import re

import pytest
import torch

from rnnlint.linter import lint
from rnnlint.source.excerpt import excerpt
from tests.rules.expectations import fixtures, linted

BEGIN = """\
import torch
from torch import nn
x = torch.randn(4, 7, 3)
fc = nn.Linear(10, 2)
half = nn.Linear(5, 2)
gru = nn.GRU(3, 5, batch_first=True, bidirectional=True)
lstm = nn.LSTM(3, 5, batch_first=True, bidirectional=True)
deep = nn.GRU(3, 5, 2, batch_first=True)
"""

FORWARD, BACKWARD = "gru(x)[1][-2]", "gru(x)[1][-1]"
BOTH = f"torch.cat(({FORWARD}, {BACKWARD}), -1)"

ADVICE = {
    "a name for the state": ("out, hid = gru(x); y = 0\nfc(out[:, -1])", "torch.cat((hid[-2], hid[-1]), -1)", BOTH),
    "none": ("out, _ = gru(x)\nfc(out[:, -1])", "torch.cat((h_n[-2], h_n[-1]), -1)", None),
    "not unpacked": ("fc(gru(x)[0][:, -1])", "torch.cat((h_n[-2], h_n[-1]), -1)", None),
    "all of the result": ("both = gru(x)\nfc(both[0][:, -1])", "torch.cat((both[1][-2], both[1][-1]), -1)", BOTH),
    "a pair": (
        "out, state = lstm(x)\nfc(out[:, -1])",
        "torch.cat((state[0][-2], state[0][-1]), -1)",
        BOTH.replace("gru(x)[1]", "lstm(x)[1][0]"),
    ),
    "a pair, unpacked later": (
        "out, state = lstm(x)\nh, c = state\nfc(out[:, -1])",
        "torch.cat((h[-2], h[-1]), -1)",
        BOTH.replace("gru(x)[1]", "lstm(x)[1][0]"),
    ),
    "the cell state": (
        "out, (h, c) = lstm(x)\nhalf(c[-1])",
        "torch.cat((c[-2], c[-1]), -1)",
        BOTH.replace("gru(x)[1]", "lstm(x)[1][1]"),
    ),
    "a name that is another thing by then": (
        "out, hid = gru(x)\nhid = 3\nfc(out[:, -1])",
        "torch.cat((h_n[-2], h_n[-1]), -1)",
        None,
    ),
    "a name that becomes another thing later": (
        "out, hid = gru(x)\nfc(out[:, -1])\nkept = hid\nhid = 3",
        "torch.cat((hid[-2], hid[-1]), -1)",
        BOTH,
    ),
    "an attribute": (
        "out, gru.last = gru(x)\nfc(out[:, -1])",
        "torch.cat((gru.last[-2], gru.last[-1]), -1)",
        BOTH,
    ),
    "the name of a parameter": (
        "def read(steps, ends):\n    return fc(steps[:, -1])\nread(*gru(x))",
        "torch.cat((ends[-2], ends[-1]), -1)",
        None,
    ),
    "the output": ("seen, _ = gru(x)\nhalf(seen[:, -1, 5:])", "seen[:, 0, 5:]", BACKWARD),
    "one direction": ("seen, ends = deep(x)\nhalf(ends[0])", "ends[-1]", "deep(x)[1][-1]"),
    "a squeeze of two layers": ("_, ends = deep(x)\nhalf(ends.squeeze())", "leave the squeeze out", None),
}


def advised(line: str) -> str:
    """What the last message of a program says to use."""
    text = BEGIN.replace("randn(4", "randn(size") if "squeeze" in line else BEGIN  # of a batch that may be one
    messages = [finding.message for finding in lint(f"{text}{line}\n").findings if finding.code != "RNN304"]
    assert len(messages) == 1, messages
    return messages[0].rpartition("; ")[2].removeprefix("unpack and ").removeprefix("use ")


@pytest.mark.parametrize("name", ADVICE)
def test_advice_is_in_the_programs_own_names_and_right(name: str) -> None:
    line, advice, meant = ADVICE[name]
    assert advised(line) == advice
    if meant is not None:
        torch.manual_seed(0)
        names: dict[str, object] = {}
        exec(f"{BEGIN}{line.partition('hid = 3')[0]}", names)
        assert torch.equal(eval(advice, names), eval(meant, names))


def test_where_nothing_is_named_it_says_what_to_do_first() -> None:
    unnamed, named = (lint(f"{BEGIN}{ADVICE[name][0]}\n").findings for name in ("none", "a name for the state"))
    assert "; unpack and use torch.cat((h_n[-2]" in unnamed[0].message
    assert "; use torch.cat((hid[-2]" in named[0].message


EXCERPTS = {
    "torch.cat((h[-2], h[-1]), 1)": "torch.cat((h[-2],...",
    "torch.cat(  # joined\n    (h[-2], h[-1]),\n    1,\n)": "torch.cat((h[-2],...",
    "self.first_head(output)": "self.first_head(...",
    "x[:, -1]": "x[:, -1]",
    "f(\n    'a # b',\n)": "f('a # b',)",
    "call('a long string that does not fit')": "call(...",
    "(\n    first\n    .second(x)\n)": "(first.second(x))",
    "much_too_long_a_name.x": "",
}


@pytest.mark.parametrize("code", EXCERPTS)
def test_an_excerpt_is_cut_between_tokens_and_has_no_comments(code: str) -> None:
    assert excerpt(code, 20) == EXCERPTS[code]


@pytest.mark.parametrize("limit", range(1, 60))
def test_an_excerpt_fits_and_begins_like_the_code(limit: int) -> None:
    code = "self.decode(torch.cat([states[-2], states[-1]], dim=-1), 12345.678, 'text with spaces')"
    shown = excerpt(code, limit)
    assert len(shown) <= limit
    kept = shown.removesuffix("...")
    rest = code[len(kept) :]
    assert code.startswith(kept)
    assert not (kept[-1:].isalnum() and re.match(r"\w", rest)), "inside a name"


def test_every_message_of_the_fixtures_fits_on_a_line() -> None:
    messages = [
        finding.message
        for path in (*fixtures("rules"), *fixtures("claims"), *fixtures("constructs"), *fixtures("demo"))
        for finding in linted(path).findings
    ]
    assert len(messages) > 300
    for message in messages:
        assert len("RNN101 " + message) <= 120, message
        assert not re.search(r"\{(expr|line|use|output|h_n|c_n)", message), message
        assert "#" not in message, message
