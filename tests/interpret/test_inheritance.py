"""Methods that a class inherits from another class of the file are run with what the subclass builds."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

TEXT = """\
import torch
from torch import nn

class Base(nn.Module):
    kind = None
    def __init__(self, size, bidirectional=False):
        super().__init__()
        self.rnn = self.kind(size, 8, batch_first=True, bidirectional=bidirectional)
        self.fc = nn.Linear(16 if bidirectional else 8, 2)

    def pooled(self, output):
        return output.mean(1)

    def forward(self, x):
        output, _ = self.rnn(x)
        return self.fc(self.pooled(output))

class Model(Base):
"""
LAST = "    def pooled(self, output):\n        return output[:, -1]\n"
BOTH = "    def __init__(self, size, bidirectional=True):\n        super().__init__(size, bidirectional)\n"


@pytest.mark.parametrize(
    ("kind", "body", "codes"),
    [
        ("nn.GRU", LAST, []),
        ("nn.GRU", LAST + BOTH, ["RNN102"]),
        ("None", LAST + BOTH + "    kind = nn.LSTM\n", ["RNN102"]),
        ("nn.GRU", BOTH, []),
    ],
)
def test_a_subclass_with_its_own_modules_or_its_own_helper(kind: str, body: str, codes: list[str]) -> None:
    report = lint(TEXT.replace("kind = None", f"kind = {kind}") + body)
    assert [finding.code for finding in report.findings] == codes
    assert report.modules.understood == 1


def test_a_class_that_is_handed_the_module_to_build() -> None:
    text = """\
from torch import nn

class Encoder(nn.Module):
    def __init__(self, size, kind="gru", bidirectional=False):
        super().__init__()
        self.states = kind(size, 8, batch_first=True, bidirectional=bidirectional)

    def forward(self, x):
        return self.states(x)[0][:, -1]

class Model(nn.Module):
    KINDS = {"gru": nn.GRU, "lstm": nn.LSTM}

    def __init__(self, kind="gru"):
        super().__init__()
        self.encoder = Encoder(4, Model.KINDS[kind], bidirectional=True)
"""
    report = lint(text)
    assert [(finding.code, finding.line) for finding in report.findings] == [("RNN102", 9)]
    assert report.modules.understood == 1


def test_a_class_that_is_handed_instances_and_mentions_no_recurrent_module() -> None:
    text = """\
from torch import nn

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.states = nn.GRU(4, 8, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.states(x)

class Model(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.fc = nn.Linear(16, 2)

    def forward(self, x):
        states, _ = self.encoder(x)
        return self.fc(states[:, -1])

model = Model(Encoder())
"""
    report = lint(text)
    assert [(finding.code, finding.line) for finding in report.findings] == [("RNN102", 19)]


@pytest.mark.parametrize("test", ["type(state) == tuple", "type(state) is tuple", "isinstance(state, tuple)"])
def test_what_a_state_is_can_be_asked_by_its_type(test: str) -> None:
    text = f"""\
from torch import nn

class Model(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn = getattr(nn, kind)(4, 8)

    def forward(self, x):
        output, state = self.rnn(x)
        if {test}:
            state = state[0]
        return state[-1]
"""
    assert lint(text).findings == ()
    lost = text.replace("state = state[0]", "pass").replace("getattr(nn, kind)", "nn.LSTM")
    assert [finding.code for finding in lint(lost).findings] == ["RNN302"]


@pytest.mark.parametrize(("default", "codes"), [(False, []), (True, ["RNN102"])])
def test_what_a_run_assumes_is_not_what_the_file_builds(default: bool, codes: list[str]) -> None:
    text = f"""\
from torch import nn

class Encoder(nn.Module):
    def __init__(self, size, bidirectional):
        super().__init__()
        self.rnn = nn.GRU(size, 8, batch_first=True, bidirectional=bidirectional)

    def forward(self, x):
        return self.rnn(x)[0][:, -1]

class Model(nn.Module):
    def __init__(self, bidirectional={default}):
        super().__init__()
        self.encoder = Encoder(4, bidirectional)
"""
    assert [finding.code for finding in lint(text).findings] == codes
