"""The bounds on the work for one file: they hold, they are said when they are reached, and the rest is still judged."""

from __future__ import annotations

import pytest

from rnnlint.interpret.explore import explore
from rnnlint.interpret.limits import LIMITS
from rnnlint.linter import lint
from rnnlint.source.parse import NotAnalysed, parse

MODEL = """\
from torch import nn


class Model(nn.Module):
    def __init__(self, {parameters}):
        super().__init__()
        self.rnns = nn.ModuleList([{modules}])

    def forward(self, x):
        return [rnn(x)[0][:, -1] for rnn in self.rnns]


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(40, 2)

    def forward(self, x):
        return self.fc(self.gru(x)[0][:, -1])
"""


def model(flags: int) -> str:
    """A model of as many modules, each bidirectional or not by a parameter of its own."""
    names = [f"b{number}" for number in range(flags)]
    modules = [f"nn.GRU(8, 20, batch_first=True, bidirectional={name})" for name in names]
    return MODEL.format(parameters=", ".join(names), modules=", ".join(modules))


def runs(text: str) -> dict[str, int]:
    """How often each function of a file is run."""
    parsed = parse(text)
    assert not isinstance(parsed, NotAnalysed)
    found: dict[str, int] = {}
    for exploration in explore(parsed.program).explorations:
        found[exploration.name] = found.get(exploration.name, 0) + len(exploration.outcomes)
    return found


@pytest.mark.parametrize("flags", [1, 3, 5])
def test_every_configuration_within_the_bound_is_run(flags: int) -> None:
    assert runs(model(flags))["Model.forward"] == 2**flags
    assert not lint(model(flags)).unknown


@pytest.mark.parametrize("flags", [6, 7, 12, 40])
def test_the_bound_on_configurations_is_kept_and_said(flags: int) -> None:
    assert runs(model(flags))["Model.forward"] <= LIMITS.configurations
    report = lint(model(flags))
    assert f"Model in more than {LIMITS.configurations} configurations" in {one.reason for one in report.unknown}
    assert [(finding.line, finding.code) for finding in report.findings] == [(20, "RNN102")]


def test_the_bound_on_one_run_is_said() -> None:
    text = "from torch import nn\n\n\ndef steps(x):\n    gru = nn.GRU(8, 20)\n" + "    x = x + 1\n" * LIMITS.steps
    reasons = {one.reason: one.line for one in lint(text + MODEL[MODEL.index("\n\nclass Plain") :]).unknown}
    assert reasons[f"steps beyond {LIMITS.steps:,} steps of one run"] == 4, "where the function begins"


def test_the_bound_on_the_top_level_is_said() -> None:
    modules = "\n".join(f"r{n} = nn.GRU(8, 20, bidirectional=config.b{n})\nprint(r{n}(x))" for n in range(4))
    found = lint(f"from torch import nn\nimport config\n\nx = config.x\n{modules}\n").unknown
    reasons = {one.reason: one.line for one in found}
    assert reasons[f"the top level in more than {LIMITS.module_configurations} configurations"] == 1
