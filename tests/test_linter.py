"""The face of the linter without a host: conditions, configurations, reasons, and what must never happen."""

from __future__ import annotations

import pytest

from rnnlint import judge
from rnnlint.linter import lint
from rnnlint.report import INTERNAL, Report, Unfollowed
from rnnlint.settings import Settings

MODEL = """\
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, hidden=8, bidirectional={default}):
        super().__init__()
        self.rnn = nn.GRU(4, hidden, batch_first=True, bidirectional=bidirectional)
        self.fc = nn.Linear(hidden * (2 if bidirectional else 1), 2)

    def forward(self, x):
        output, _ = self.rnn(x)
        return self.fc(output[:, -1])
"""


def _codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


class TestConfigurations:
    def test_the_declared_default_is_named_with_its_line(self) -> None:
        (finding,) = lint(MODEL.format(default=True)).findings
        assert (finding.code, finding.line, finding.column) == ("RNN102", 13, 23)
        assert finding.message.endswith("(when bidirectional=True, the default at line 6)")

    def test_what_holds_in_another_configuration_is_silent(self) -> None:
        assert lint(MODEL.format(default=False)).findings == ()

    def test_unless_all_are_asked_for(self) -> None:
        report = lint(MODEL.format(default=False), settings=Settings(all_configurations=True))
        assert _codes(report) == ["RNN102"]
        assert report.findings[0].message.endswith("(when bidirectional=True)")

    @pytest.mark.parametrize(("argument", "expected"), [("True", ["RNN102"]), ("False", [])])
    def test_a_call_site_replaces_the_default(self, argument: str, expected: list[str]) -> None:
        text = MODEL.format(default=not expected) + f"\n\nmodel = Model(8, {argument})\n"
        assert _codes(lint(text)) == expected

    def test_a_literal_needs_no_condition(self) -> None:
        text = MODEL.format(default=True).replace("bidirectional=bidirectional", "bidirectional=True")
        text = text.replace("(2 if bidirectional else 1)", "2")
        (finding,) = lint(text).findings
        assert "when" not in finding.message

    def test_an_arm_written_for_a_flag_is_judged_in_it(self) -> None:
        text = MODEL.format(default=False).replace(
            "        return self.fc(output[:, -1])\n",
            "        if self.rnn.bidirectional:\n"
            "            return self.fc(output[:, -1])\n"
            "        return self.fc(output[:, -1])  # right here\n",
        )
        assert [(finding.code, finding.line) for finding in lint(text).findings] == [("RNN102", 14)]


def test_reasons_are_kept() -> None:
    report = lint("import torch\nlayer = torch.nn.GRU(1, 1)\nvalue = torch.stft(layer(torch.rand(2, 3, 1))[0])\n")
    assert report.findings == ()
    assert report.unknown == (Unfollowed(3, 8, "torch.stft is not followed"),)


FOLLOWED = """\
import logging
import torch
from torch import nn
from lib import read, score

vocabulary = set()
for word in read("words"):
    vocabulary.add(word)
print(len(vocabulary), set(vocabulary))
spectrum = torch.stft(read("sound"))
gru = nn.GRU(4, 8)
for name, weight in gru.named_parameters():
    print(name, weight)
output, h_n = gru(read("features"))
print(output, h_n.shape)
logging.info(output)
{line}
"""


@pytest.mark.parametrize(
    "line",
    [
        "torch.stft(spectrum)",
        "read(spectrum)",
        "print(set(vocabulary), set())",
        "print(output.device, float(output.sum()), output.size(0))",
        "gru.flatten_parameters(); state = gru.state_dict()",
        "optimizer = torch.optim.Adam(gru.parameters())",
        "loss = nn.functional.cross_entropy(h_n[-1], read('targets')) * 2; loss.backward()",
    ],
)
def test_what_no_result_went_into_is_not_said(line: str) -> None:
    assert lint(FOLLOWED.format(line=line)).unknown == ()


@pytest.mark.parametrize(
    ("line", "reasons"),
    [
        ("y = torch.stft(output)", [(17, 4, "torch.stft is not followed", 1)]),
        ("y = torch.stft(gru)", [(17, 4, "torch.stft is not followed", 1)]),
        ("y = score(h_n[-1].mean(0))", [(17, 4, "score() is not in this file", 1)]),
        ("y = [score(h_n), score(output)]", [(17, 5, "score() is not in this file", 2)]),
        ("y = score.of(output)", [(17, 4, "score.of() is not in this file", 1)]),
        ("y = torch.cat((output, spectrum))", [(17, 4, "torch.stft is not followed", 1)]),
        (
            "y = torch.stft(output)\nz = torch.istft(y, 3)\nprint(z)",
            [(17, 4, "torch.stft is not followed", 1), (18, 4, "torch.istft is not followed", 1)],
        ),
        ("def inner(x):\n    return torch.stft(x)\ny = inner(output)", [(18, 11, "torch.stft is not followed", 1)]),
        ("y = [torch.stft(x) for x in (h_n[0], spectrum)]", [(17, 5, "torch.stft is not followed", 1)]),
    ],
)
def test_what_a_result_went_into_is_said_with_its_line(line: str, reasons: list[tuple[int, int, str, int]]) -> None:
    found = lint(FOLLOWED.format(line=line)).unknown
    assert [(one.line, one.column, one.reason, one.count) for one in found] == reasons


def test_a_file_without_a_module_is_not_looked_into() -> None:
    assert lint("def broken(:  # torch\n") == Report()


def test_a_file_that_cannot_be_parsed_says_so_in_one_line() -> None:
    report = lint("import torch\nrnn = torch.nn.GRU(1,\n")
    assert report.not_analysed
    assert "\n" not in report.not_analysed


def test_a_mistake_of_ours_becomes_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*programs: object) -> None:
        raise KeyError(programs and "planted\nin two lines")

    monkeypatch.setattr(judge, "explore_all", fail)
    report = lint("import torch\nrnn = torch.nn.GRU(1, 1)\n")
    assert report.not_analysed is not None
    assert report.not_analysed.startswith(INTERNAL)
    assert "\n" not in report.not_analysed


def test_messages_name_no_generic_size() -> None:
    text = MODEL.format(default=True).replace("hidden=8", "hidden").replace("hidden, batch", "hidden // 2, batch")
    text = text.replace("hidden * (2 if bidirectional else 1)", "hidden")
    (finding,) = lint(text).findings
    assert "H:2*H" in finding.message


@pytest.mark.parametrize("literal", ["b'é'", "'\\N{nonsense}'", "'\ud800'"])
def test_a_literal_that_python_refuses_is_said(literal: str) -> None:
    report = lint(f"import torch\nrnn = torch.nn.GRU(1, 1)\nx = {literal}\n")
    assert (report.not_analysed or "").startswith("Python cannot parse it: ")


@pytest.mark.parametrize(
    "body",
    [
        "def outer(size):\n    def inner(x):\n        return rnn(x)[0] * size\n    return inner\n\n\n"
        "step = outer(2)\n\n\ndef later(x):\n    return step(x)\n",
        "pair = ()\nfor index in range(len(text)):\n    pair[index]\n",
    ],
    ids=["a closure made at the top level", "an item of an empty tuple"],
)
def test_programs_that_once_broke_the_interpreter(body: str) -> None:
    text = "import torch\n\nrnn = torch.nn.GRU(2, 3)\ntext = input()\n" + body
    assert lint(text).not_analysed is None


def test_an_end_joined_with_something_unknown_is_not_judged() -> None:
    text = (
        "import torch\nfrom elsewhere import Locked, extra\n\n"
        "rnn = torch.nn.GRU(2, 3, bidirectional=True)\nlocked = Locked()\n\n\n"
        "def ends(x):\n    output, _ = rnn(x)\n    output_or_so = locked(output)\n"
        "    return torch.cat([output[0], output_or_so[-1]], 1)\n\n\n"
        "def summary(x, more):\n    output, _ = rnn(x)\n    return torch.cat([output[-1], more], 1)\n"
    )
    assert [(finding.code, finding.line) for finding in lint(text).findings] == [("RNN102", 16)]


TWO_LAYERS = """
import torch
from torch import nn

def read(x, depth=2):
    gru = nn.GRU(3, 5, depth, bidirectional=True)
    _, h_n = gru(x)
    states = h_n.view({}, x.size(1), 5)
    return torch.cat((states[0, -1], states[1, -1]), -1)
"""


@pytest.mark.parametrize(("sizes", "codes"), [("2, depth", {"RNN106"}), ("2, 2", {"RNN104"})])
def test_two_layers_are_told_from_two_directions_by_where_the_number_comes_from(sizes: str, codes: set[str]) -> None:
    assert {finding.code for finding in lint(TWO_LAYERS.format(sizes)).findings} == codes


READ = """\
import torch
from torch import nn

output, h_n = nn.GRU(3, 5)(torch.randn(7, 4, 3))
print(output, "shape {}".format(output.shape))
print("%s" % h_n, f"{output}", str(h_n))
names = set()
said = "{} and {}".format(output, h_n)
ends = set(h_n)
"""


def test_what_is_only_read_is_not_lost() -> None:
    assert lint(READ).unknown == (Unfollowed(9, 7, "set()"),)
