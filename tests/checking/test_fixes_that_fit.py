"""Fixes that fit what follows: the one of several that holds, the layer behind a wider reading, what was cut off."""

from __future__ import annotations

import pytest

from rnnlint.checking.reaching import was_cut_off
from rnnlint.findings import Applicability, Edit, Finding, Fix
from tests.checking.running import Check

EVERY = ("--isolated", "--no-cache", "--select=ALL", "--fix", "--unsafe-fixes")
MODEL = """\
import torch
from torch import nn


class Reader(nn.Module):
    def __init__(self, hidden, classes):
        super().__init__()
        self.gru = nn.GRU(3, {built})
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear({width}, classes)

    def forward(self, x):
        output, h_n = self.gru(x)
{body}
"""
BOTH = "hidden, batch_first=True, bidirectional=True"


def model(body: str, built: str = BOTH, width: str = "hidden", more: str = "") -> str:
    """A model whose forward is these lines; ``more`` stands behind it."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return MODEL.format(built=built, width=width, body=lines) + more


@pytest.fixture
def mended(check: Check) -> Mended:
    return Mended(check)


class Mended:
    """What ``--fix --unsafe-fixes`` makes of a text, and what it says."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.out = self.err = ""

    def __call__(self, text: str) -> str:
        path = self.check.write("m.py", text)
        ran = self.check(*EVERY, "m.py")
        self.out, self.err = ran.out, ran.err
        return path.read_text()


CONVOLVED = """\
import torch
from torch import nn


class Convolved(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(8, 12, 3, padding=1)
        self.gru = nn.GRU(12, 16)

    def forward(self, x):
        x = self.conv(x).permute(0, 2, 1)
        output, h_n = self.gru(x)
        return {read}
"""


STARTED = """\
import torch
from torch import nn


class Reviews(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 16)
        self.fc = nn.Linear(16, 2)

    def forward(self, x):
        start = torch.zeros(1, x.size(1), 16)
        output, _ = self.gru(x, start)
        return self.fc(output[:, -1])


made = Reviews()(torch.zeros(64, 150, 8))
loss = nn.functional.cross_entropy(made, torch.zeros(64).long())
"""


class TestSeveral:
    @pytest.mark.parametrize(
        ("read", "new"),
        [("output[:, -1]", "nn.GRU(12, 16, batch_first=True)"), ("output[-1]", "self.gru(x.transpose(0, 1))")],
    )
    def test_what_is_read_shows_which_was_meant(self, mended: Mended, read: str, new: str) -> None:
        after = mended(CONVOLVED.format(read=read))
        assert (after.count(new), after.count("transpose(0, 1)") + after.count("batch_first")) == (1, 1)
        assert (mended.err, mended.out) == ("", "")

    def test_where_both_hold_none_is_made(self, mended: Mended) -> None:
        text = CONVOLVED.format(read="output")
        assert mended(text) == text
        assert "m.py:13: RNN204 is not fixed: 2 fixes hold, and nothing shows which is meant" in mended.err

    def test_only_with_those_that_change_numbers(self, check: Check) -> None:
        text = CONVOLVED.format(read="output[:, -1]")
        path = check.write("m.py", text)
        assert check("--isolated", "--no-cache", "--fix", "m.py").err == ""
        assert path.read_text() == text

    def test_a_flag_that_a_caller_gives_is_not_decided(self, mended: Mended) -> None:
        text = CONVOLVED.format(read="output[:, -1]").replace("(12, 16)", "(12, 16, batch_first=first)")
        text = text.replace("__init__(self)", "__init__(self, first=False)")
        assert mended(text) == text

    def test_what_stands_before_it_decides_nothing(self, mended: Mended) -> None:
        """The other fix needs another initial state: that is no sign that this one was meant."""
        assert mended(STARTED) == STARTED
        assert "m.py:14: RNN201 is not fixed: less of the file would be understood" in mended.err

    def test_rows_of_directions(self, mended: Mended) -> None:
        built = "hidden, layers, batch_first=True, bidirectional=True"
        paired = model("return self.fc(h_n[:layers] + h_n[layers:])", built).replace("classes)", "classes, layers)", 1)
        paired = paired.replace("(self, x)", "(self, x, layers)")
        # the number of layers is not that of the constructor: nobody says so
        assert mended(paired) == paired
        text = (
            "import torch\nfrom torch import nn\n\nlayers = 3\ngru = nn.GRU(3, 5, layers, bidirectional=True)\n"
            "decoder = nn.GRU(4, 5, layers)\n_, h_n = gru(torch.randn(7, 4, 3))\n"
        )
        alone = f"{text}decoded, _ = decoder(torch.randn(6, 4, 4), h_n[:layers])\n"
        assert "h_n.view(-1, 2, *h_n.shape[1:]).sum(1)" in mended(alone)
        both = f"{text}decoded, _ = decoder(torch.randn(6, 4, 4), h_n[:layers] + h_n[layers:])\n"
        assert "h_n[0::2] + h_n[1::2]" in mended(both)


class TestWider:
    @pytest.mark.parametrize(
        ("body", "new"),
        [
            ("return self.fc(h_n[-1])", "self.fc(torch.cat((h_n[-2], h_n[-1]), -1))"),
            ("return self.fc(torch.relu(self.drop(h_n[-1])))", "self.drop(torch.cat((h_n[-2], h_n[-1]), -1))"),
            ("last = torch.cat((h_n[-2], h_n[-1]))\nlast = self.drop(last)\nreturn self.fc(last)", "h_n[-1]), dim=-1)"),
            ("return self.fc(h_n.squeeze(0))", "self.fc(torch.cat((h_n[-2], h_n[-1]), -1))"),
            ("return self.fc(h_n[:, -1])", "self.fc(torch.cat((h_n[-2], h_n[-1]), -1))"),
        ],
    )
    def test_the_layer_behind_is_built_for_it(self, mended: Mended, body: str, new: str) -> None:
        after = mended(model(body))
        assert "nn.Linear(2 * hidden, classes)" in after, (mended.out, mended.err)
        assert new in after
        assert mended.out == ""

    @pytest.mark.parametrize(
        ("built", "wide"),
        [
            ("hidden + 0, classes", "2 * (hidden + 0), classes"),
            ("in_features=hidden, out_features=classes", "in_features=2 * hidden, out_features=classes"),
            ("hidden,  # states\n            classes", "2 * hidden,  # states\n            classes"),
        ],
    )
    def test_how_it_is_built(self, mended: Mended, built: str, wide: str) -> None:
        text = model("return self.fc(h_n[-1])").replace("nn.Linear(hidden, classes)", f"nn.Linear({built})")
        assert f"nn.Linear({wide})" in mended(text)

    def test_a_number(self, mended: Mended) -> None:
        text = model("return self.fc(h_n[-1])", "5, batch_first=True, bidirectional=True", "5")
        assert "nn.Linear(10, classes)" in mended(text)

    @pytest.mark.parametrize(
        ("body", "more"),
        [
            ("return self.fc(h_n[-1]) + self.fc(x.mean(1))", ""),  # something else feeds the layer
            ("last = h_n[-1]\nreturn self.fc(last), last", ""),  # a caller gets what is wider then
            ("return self.fc(h_n[-1])", "\n\nreader = Reader(5, 2)\nreader.fc(torch.randn(4, 5))"),
            ("return self.fc(h_n[-1])", "\n\nclass Other(Reader):\n    def head(self, x):\n        return self.fc(x)"),
            ("return self.fc(torch.cat((h_n[-1], x[:, 0]), 1))", ""),  # it takes more than the state
        ],
    )
    def test_where_something_else_feeds_it_there_is_none(self, mended: Mended, body: str, more: str) -> None:
        text = model(body, more=more)
        assert mended(text) == text

    def test_a_layer_of_another_class_may_be_called_the_same(self, mended: Mended) -> None:
        other = "\n\nclass Other(nn.Module):\n    def forward(self, x):\n        return self.fc(x)\n"
        assert "nn.Linear(2 * hidden, classes)" in mended(model("return self.fc(h_n[-1])", more=other))

    def test_a_half(self, mended: Mended) -> None:
        after = mended(
            model("return self.fc(output[:, -1, : hidden // 2])", width="hidden // 2").replace(
                "(self, x)", "(self, x, hidden)"
            )
        )  # the parameter of forward is another number, for all that is known
        assert "// 2" in after
        text = (
            "import torch\nfrom torch import nn\n\nhidden = 6\ngru = nn.GRU(3, hidden, bidirectional=True)\n"
            "output, _ = gru(torch.randn(7, 4, 3))\n"
            "logits = nn.Linear(hidden // 2, 2)(output[-1, :, 0 : hidden // 2])\n"
        )
        after = mended(text)
        assert "nn.Linear(2 * (hidden // 2), 2)(output[-1, :, 0 : hidden])" in after


class TestOtherAxes:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("output.mean(0)", "output.mean(1)"),
            ("torch.mean(output, dim=0)", "torch.mean(output, dim=1)"),
            ("torch.mean(output, 0)", "torch.mean(output, 1)"),
            ("output.sum(axis=0)", "output.sum(axis=1)"),
            ("output.max(0)[0]", "output.max(1)[0]"),
        ],
    )
    def test_what_is_pooled(self, mended: Mended, before: str, after: str) -> None:
        text = model(f"return self.fc({before})", width="2 * hidden")
        assert after in mended(text), (mended.out, mended.err)

    @pytest.mark.parametrize("written", ["dim=axis", "(0, 2)"])
    def test_what_is_no_number_stays(self, mended: Mended, written: str) -> None:
        text = model(f"axis = 0\nreturn self.fc(output.mean({written}))", width="2 * hidden")
        assert mended(text) == text


class TestInitialStates:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("torch.zeros(x.size(0), 2, hidden)", "torch.zeros(2, x.size(0), hidden)"),
            ("torch.zeros((1, x.size(0), hidden))", "torch.zeros((2, x.size(0), hidden))"),
            ("x.new_zeros(1, x.size(0), hidden)", "x.new_zeros(2, x.size(0), hidden)"),
            ("torch.zeros(2, x.size(1), hidden)", "torch.zeros(2, x.size(0), hidden)"),
            ("torch.zeros(2, x.shape[1], hidden)", "torch.zeros(2, x.shape[0], hidden)"),
        ],
    )
    def test_sizes(self, mended: Mended, before: str, after: str) -> None:
        text = model(f"h_0 = {before}\nreturn self.gru(x, h_0)[0]", "5, batch_first=True, bidirectional=True")
        text = text.replace("        output, h_n = self.gru(x)\n", "").replace(before, before.replace("hidden", "5"))
        assert after.replace("hidden", "5") in mended(text), (mended.out, mended.err)

    def test_a_view(self, mended: Mended) -> None:
        body = "h_0 = self.fc(code).view(2, x.size(0), 5)\nreturn self.gru(x, h_0)[0]"
        text = model(body, "5, batch_first=True, bidirectional=True", "6").replace("(self, x)", "(self, x, code)")
        text = text.replace("classes)\n\n", "10)\n\n").replace("        output, h_n = self.gru(x)\n", "")
        assert "self.fc(code).view(x.size(0), 2, 5).transpose(0, 1).contiguous()" in mended(text)


class TestLoops:
    LOOP = (
        "import torch\nfrom torch import nn\n\nrnn = nn.{cell}(3, 5)\nstate = None\n"
        "for batch in torch.randn(2, 7, 4, 3):\n    output, state = rnn(batch, state)\n"
        "    output.mean().backward()  # the gradients\n"
    )

    @pytest.mark.parametrize(
        ("cell", "line"),
        [("GRU", "state = state.detach()"), ("LSTM", "state = tuple(one.detach() for one in state)")],
    )
    def test_a_state_is_detached(self, mended: Mended, cell: str, line: str) -> None:
        text = self.LOOP.format(cell=cell)
        after = mended(text)
        assert after == f"{text}    {line}\n"
        exec(after, {})

    def test_two_names(self, mended: Mended) -> None:
        text = self.LOOP.format(cell="LSTM").replace("None", "torch.zeros(1, 4, 5), torch.zeros(1, 4, 5)")
        text = text.replace("state)", "(h, c))").replace("output, state", "output, (h, c)").replace("state", "h, c")
        after = mended(text)
        assert after == f"{text}    h, c = h.detach(), c.detach()\n"
        exec(after, {})


class TestInARow:
    def test_what_was_cut_off_says_nothing_against_a_fix(self, mended: Mended) -> None:
        text = model("last = h_n[-1]\nreturn self.fc(output[:, -1])", BOTH, "hidden").replace("GRU", "LSTM")
        text = text.replace("output, h_n =", "output, h_n, c_n =").replace("        last = h_n[-1]\n", "")
        after = mended(text)
        assert "output, (h_n, c_n) = self.gru(x)" in after
        assert "self.fc(torch.cat((h_n[-2], h_n[-1]), -1))" in after
        assert "nn.Linear(2 * hidden, classes)" in after
        assert (mended.out, mended.err) == ("", "")

    @pytest.mark.parametrize(
        ("ended", "then", "raises", "safe", "behind"),
        [
            (2, [4, 6], True, True, True),
            (2, [4], False, True, False),
            (2, [4], True, False, False),
            (4, [6], True, True, False),  # of two arms one was run
            (4, [7], True, True, False),  # the other arm has led there
            (2, [1], True, True, False),
            (2, [9], True, True, False),  # another function
        ],
    )
    def test_what_was_cut_off(self, ended: int, then: list[int], raises: bool, safe: bool, behind: bool) -> None:
        text = b"def f():\n    a()\n    if x:\n        b()\n    else:\n        c()\n    d()\ndef g():\n    e()\n"
        fix = Fix("", Applicability.SAFE if safe else Applicability.UNSAFE, ())
        finding = Finding(ended, 4, "RNN301", "", "", raises=raises)
        assert was_cut_off(text, [(finding, fix)], (), then) is behind

    def test_lines_that_were_put_in(self) -> None:
        text = b"def f():\n    new()\n    a()\n    b()\n"
        mended = [(Finding(2, 4, "RNN301", "", "", raises=True), Fix("", Applicability.SAFE, ()))]
        edits = (Edit(2, 0, 2, 0, "    new()\n"),)
        assert was_cut_off(text, mended, edits, [4])
        assert not was_cut_off(text, mended, edits, [3])
