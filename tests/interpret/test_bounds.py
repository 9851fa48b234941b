"""The bounds on the work for one file: they hold, they are said when they are reached, and the rest is still judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rnnlint.interpret.explore import explore
from rnnlint.interpret.state.limits import LIMITS
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


def test_configurations_that_repeat_each_other_are_run_beyond_the_bound_on_others() -> None:
    assert runs(model(6))["Model.forward"] == 64 > LIMITS.configurations
    assert not lint(model(6)).unknown


@pytest.mark.parametrize("flags", [8, 40])
def test_the_bound_on_configurations_is_kept_and_said(flags: int) -> None:
    found = runs(model(flags))["Model"]
    assert LIMITS.configurations <= found <= LIMITS.cheap_configurations
    report = lint(model(flags))
    assert f"Model in more than {found} configurations" in {one.reason for one in report.unknown}
    assert [(finding.line, finding.code) for finding in report.findings] == [(20, "RNN102")]


def test_the_bound_on_cheap_configurations_is_kept_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnlint.interpret.bounds.LIMITS", replace(LIMITS, cheap=LIMITS.exploration))
    assert runs(model(12))["Model"] == LIMITS.cheap_configurations
    reasons = {one.reason for one in lint(model(12)).unknown}
    assert f"Model in more than {LIMITS.cheap_configurations} configurations" in reasons


def test_the_bound_on_attempts_is_kept_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnlint.interpret.bounds.LIMITS", replace(LIMITS, attempts=5, cheap=0))
    assert "Model in more than 5 attempts at a configuration" in {one.reason for one in lint(model(5)).unknown}


def test_the_bound_on_one_run_is_said() -> None:
    text = "from torch import nn\n\n\ndef steps(x):\n    gru = nn.GRU(8, 20)\n" + "    x = x + 1\n" * LIMITS.steps
    reasons = {one.reason: one.line for one in lint(text + MODEL[MODEL.index("\n\nclass Plain") :]).unknown}
    assert reasons[f"steps beyond {LIMITS.steps:,} steps of one run"] == 4, "where the function begins"


def test_the_bound_on_the_top_level_is_said() -> None:
    modules = "\n".join(f"r{n} = nn.GRU(8, 20, bidirectional=config.b{n})\nprint(r{n}(x))" for n in range(4))
    found = lint(f"from torch import nn\nimport config\n\nx = config.x\n{modules}\n").unknown
    reasons = {one.reason: one.line for one in found}
    assert reasons[f"the top level in more than {LIMITS.module_configurations} configurations"] == 1


@pytest.mark.parametrize(
    ("first", "later", "codes"),
    [
        ("self.fc(h_n[-1])", "self.fc(h_n[-2])", []),  # both directions, the second after the bound
        ("self.wide(output[-1])", "0", ["RNN102"]),  # wrong, whatever comes after it
    ],
)
def test_of_a_run_that_is_cut_short_nothing_is_said_that_what_follows_could_undo(
    monkeypatch: pytest.MonkeyPatch, first: str, later: str, codes: list[str]
) -> None:
    monkeypatch.setattr("rnnlint.interpret.bounds.LIMITS", replace(LIMITS, steps=400))
    padding = "        y = x + 1\n" * 200
    text = (
        "from torch import nn\n\n\nclass Model(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.rnn = nn.GRU(4, 8, bidirectional=True)\n        self.fc = nn.Linear(8, 2)\n"
        "        self.wide = nn.Linear(16, 2)\n\n    def forward(self, x):\n        output, h_n = self.rnn(x)\n"
        f"        first = {first}\n{padding}        return first + {later}\n"
    )
    report = lint(text)
    assert [one for one in report.unknown if one.reason.startswith("Model.forward beyond")]
    assert [finding.code for finding in report.findings] == codes


def test_what_a_run_has_seen_before_it_began_again_counts_where_the_next_is_cut_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (
        "from torch import nn\n\n\ndef read(x, y):\n"
        "    gru, fc = nn.GRU(4, 8, batch_first=True, bidirectional=True), nn.Linear(16, 2)\n"
        + "    n = len(x) + 1\n" * 50
        + "    output, _ = gru(x)\n    first = fc(output[:, -1])\n    return first, gru(y), n\n"
    )

    def read(exploration: int) -> tuple[list[str], bool]:
        monkeypatch.setattr("rnnlint.interpret.explore.LIMITS", replace(LIMITS, exploration=exploration))
        report = lint(text)
        bound = any(one.reason.startswith("read beyond") for one in report.unknown)
        return [finding.code for finding in report.findings], bound

    enough = next(steps for steps in range(300, 2_000, 50) if not read(steps)[1])
    assert read(enough)[0] == ["RNN102"]
    # the last run comes to an end only with the steps it is given then; the one before it has come as far as y
    assert read(enough - 100) == (["RNN102"], True)


CLASS = """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, WIDTH, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * WIDTH, 3)

    def forward(self, x):
        output, _ = self.gru(x)
        return self.fc(output[:, -1])
"""
LONG = "grid = []\n" + "".join(f"{'    ' * n}for {name} in range(7):\n" for n, name in enumerate("abcde"))
LONG += "    " * 5 + "grid.append((a, b, c, d, e))\n"
ASKING = "from options import opts\n" + "".join(
    f"warm{n} = nn.LSTM(4, 8, opts.layers{n}, batch_first=opts.first{n}, bidirectional=opts.both{n})\n{LONG}"
    for n in range(2)
)


@pytest.mark.parametrize("before", [LONG, ASKING], ids=["long", "asking"])
def test_what_stands_below_a_long_top_level_is_known(before: str) -> None:
    text = f"from torch import nn\n{before}WIDTH = 12\n{CLASS}\nfor one in grid:\n    print(Model()(one))\n"
    assert [found.code for found in lint(text).findings] == ["RNN102"]


KINDS = """\
from torch import nn


class Model(nn.Module):
    def __init__(self, kind="gru"):
        super().__init__()
        self.kind = kind
        if kind == "gru":
            self.rnn = nn.GRU(8, 16)
        elif kind == "lstm":
            self.rnn = nn.LSTM(8, 16)
        else:
            self.rnn = nn.RNN(8, 16)

    def forward(self, x):
        if {test}:
            extra = nn.LSTM(16, 16)
        h = self.rnn(x)[1]
        return (h[0] if {test} else h)[-1]
"""


@pytest.mark.parametrize("test", ["self.kind == 'lstm'", "'lstm' in self.kind", "not self.kind != 'lstm'"])
def test_what_is_one_string_is_no_other(test: str) -> None:
    assert runs(KINDS.format(test=test))["Model.forward"] == 3
