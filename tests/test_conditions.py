"""Where a fact comes from, and what a finding that depends on it says: one program, its flag stated in every way."""

from __future__ import annotations

import re
from itertools import product

import pytest

from rnnlint.linter import lint
from rnnlint.report import Report
from rnnlint.settings import Settings

MODEL = """\
import torch
from torch import nn
{before}

class Model(nn.Module):
    {attribute}
    def __init__(self, hidden=8{parameters}):
        super().__init__()
        {stored}
        self.rnn = nn.GRU(4, hidden, batch_first=True, bidirectional={flag})

    def forward(self, x, pick=None):
        output, _ = self.rnn(x)
        return output[:, -1]
{after}
"""
EVERY = Settings(all_configurations=True)


def model(
    flag: str,
    parameters: str = "",
    *,
    before: str = "",
    attribute: str = "pass",
    stored: str = "pass",
    after: str = "",
) -> str:
    return MODEL.format(
        flag=flag, parameters=parameters, before=before, attribute=attribute, stored=stored, after=after
    )


def conditions(report: Report) -> list[str]:
    """What the findings say they depend on, "" for those that always hold."""
    assert {finding.code for finding in report.findings} <= {"RNN102"}
    found = [re.search(r" \((when .*)\)$", finding.message) for finding in report.findings]
    return [condition[1] if condition else "" for condition in found]


ALWAYS = {
    "a literal": model("True"),
    "arithmetic on literals": model("2 > 1"),
    "a constant of the module": model("BOTH", before="BOTH = True"),
    "an attribute of the class": model("self.both", attribute="both = True"),
    "an attribute set before": model("self.both", stored="self.both = True"),
    "a dict of the module": model("CONFIG['both']", before="CONFIG = {'both': True}"),
    "a call site": model("both", ", both=False", after="net = Model(8, True)"),
    "a call site, by keyword": model("both", ", both=False", after="net = Model(both=True)"),
    "one of two call sites": model("both", ", both=False", after="one, two = Model(both=True), Model(both=False)"),
    "a class that builds it": model(
        "both",
        ", both=False",
        after="class Outer(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.inner = Model(8, True)\n",
    ),
}
NEVER = {
    "a literal": model("False"),
    "a constant of the module": model("BOTH", before="BOTH = False"),
    "a call site": model("both", ", both=True", after="net = Model(8, False)"),
    "all call sites": model("both", ", both=True", after="one, two = Model(8, False), Model(16, both=False)"),
    "an attribute set before": model("self.both", ", both=True", stored="self.both = False"),
}


@pytest.mark.parametrize("name", ALWAYS)
def test_a_fact_that_is_certain_needs_no_condition(name: str) -> None:
    assert conditions(lint(ALWAYS[name])) == [""]


@pytest.mark.parametrize("name", NEVER)
def test_a_fact_that_is_certainly_otherwise_is_silent(name: str) -> None:
    assert lint(NEVER[name]).findings == ()
    assert lint(NEVER[name], settings=EVERY).findings == ()


class TestDefaults:
    def test_of_a_parameter(self) -> None:
        assert conditions(lint(model("both", ", both=True"))) == ["when both=True, the default at line 7"]

    def test_through_an_attribute(self) -> None:
        text = model("self.both", ", both=True", stored="self.both = both")
        assert conditions(lint(text)) == ["when both=True, the default at line 7"]

    def test_of_a_string(self) -> None:
        text = model("mode == 'both'", ", mode='both'")
        assert conditions(lint(text)) == ["when mode == 'both', the default at line 7"]

    def test_of_a_number(self) -> None:
        text = model("directions == 2", ", directions=2")
        assert conditions(lint(text)) == ["when directions=2, the default at line 7"]

    def test_otherwise_it_is_silent_unless_all_configurations_are_asked_for(self) -> None:
        text = model("both", ", both=False")
        assert lint(text).findings == ()
        assert conditions(lint(text, settings=EVERY)) == ["when both=True"]


class TestOpen:
    @pytest.mark.parametrize(
        ("flag", "parameters", "named"),
        [
            ("both", ", *, both", "both"),
            ("args.both", ", args=None", "args.both"),
            ("opts['both']", ", opts=None", "opts['both']"),
        ],
    )
    def test_what_nothing_declares_is_silent_unless_asked_for(self, flag: str, parameters: str, named: str) -> None:
        text = model(flag, parameters)
        assert lint(text).findings == ()
        assert conditions(lint(text, settings=EVERY)) == [f"when {named}=True"]


class TestGuards:
    def test_the_guard_is_named(self) -> None:
        text = model("both", ", both=False", stored="self.both = both").replace(
            "        return output[:, -1]\n",
            "        if self.both:\n            return output[:, -1]\n        return output.mean(1)\n",
        )
        assert conditions(lint(text)) == ["when both=True"]

    def test_a_guard_that_leads_elsewhere_is_silent(self) -> None:
        text = model("both", ", both=True", stored="self.both = both").replace(
            "        return output[:, -1]\n",
            "        if not self.both:\n            return output[:, -1]\n        return output.mean(1)\n",
        )
        assert lint(text).findings == ()


class TestSubclasses:
    def test_that_passes_another_value(self) -> None:
        heir = "class Both(Model):\n    def __init__(self):\n        super().__init__(8, both=True)\n"
        text = model("both", ", both=False", after=heir)
        assert conditions(lint(text)) == ["when built as Both"]

    def test_that_overrides_an_attribute(self) -> None:
        text = model("self.both", attribute="both = False", after="class Both(Model):\n    both = True\n")
        assert conditions(lint(text)) == ["when built as Both"]

    def test_that_overrides_a_method(self) -> None:
        text = model(
            "self.both()",
            attribute="def both(self): return False\n",
            after="class Both(Model):\n    def both(self): return True\n",
        )
        assert conditions(lint(text)) == ["when built as Both"]

    def test_with_a_reading_of_its_own(self) -> None:
        text = (
            model("True")
            .replace(
                "return output[:, -1]", "return self.read(output)\n\n    def read(self, output):\n        return 0"
            )
            .replace("{after}", "")
        )
        heir = "class Last(Model):\n    def read(self, output):\n        return output[:, -1]\n"
        assert lint(text).findings == ()
        assert conditions(lint(text + heir)) == [""]

    def test_that_changes_nothing(self) -> None:
        text = model("True", after="class Same(Model):\n    pass\n")
        assert conditions(lint(text)) == [""]
        assert lint(model("False", after="class Same(Model):\n    pass\n")).findings == ()


class TestModulesOtherThanThoseAskedFor:
    """What the file's own call site does not build is written for those who do."""

    TEXT = model(
        "True",
        ", kind='sum'",
        stored="self.gate = nn.GRU(4, 8, batch_first=True) if kind == 'gated' else None",
        after="net = Model(8, 'sum')",
    ).replace(
        "return output[:, -1]", "return self.read(x)\n\n    def read(self, x):\n        return self.gate(x)[:, -1]"
    )

    def test_are_looked_at_as_declared(self) -> None:
        assert [finding.code for finding in lint(self.TEXT).findings] == ["RNN303"]


PAIRS = """\
import torch
from torch import nn

class Encoder(nn.Module):
    def __init__(self, kind="gru"):
        super().__init__()
        self.kind = kind
        self.rnn = nn.GRU(4, 8) if kind == "gru" else nn.LSTM(4, 8)
        self.decoder = Decoder(kind)

    def forward(self, x):
        output, state = self.rnn(x)
        {forward}

class Decoder(nn.Module):
    def __init__(self, kind="gru"):
        super().__init__()
        self.rnn = nn.GRU(4, 8) if kind == "gru" else nn.LSTM(4, 8)

    def forward(self, x, state):
        return self.rnn(x, state)[0]
"""


class TestWhereTorchRaises:
    """A configuration in which torch raises is one nobody runs; it is named where all are asked for."""

    @pytest.mark.parametrize(
        ("forward", "code"),
        [
            ("return output, state.view(3, 8)", "RNN302"),
            ("return output, state[:, -1]", "RNN302"),
            ("return self.decoder(x, torch.zeros(1, 3, 8))", "RNN306"),
        ],
    )
    def test_it_is_said_of_the_other_cell(self, forward: str, code: str) -> None:
        text = PAIRS.format(forward=forward)
        assert code not in {finding.code for finding in lint(text).findings}
        said = [finding for finding in lint(text, settings=EVERY).findings if finding.code == code]
        assert [finding.message.partition(" (when ")[2] for finding in said] == ["kind != 'gru')"]

    def test_a_state_that_is_a_tensor_of_one_cell_and_a_list_of_the_other(self) -> None:
        """Run by itself, the decoder is handed neither for certain."""
        forward = "held = state if self.kind == 'gru' else [state[i] for i in range(2)]; return self.decoder(x, held)"
        assert lint(PAIRS.format(forward=forward), settings=EVERY).findings == ()


UNPACKED = """\
from torch import nn

class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        if c.cell == "lstm":
            self.rnn = nn.LSTM(4, 8, 2, bidirectional=True)
        elif c.cell == "gru":
            self.rnn = nn.GRU(4, 8, 2, bidirectional=True)

    def forward(self, x):
        {read}
"""


@pytest.mark.parametrize(
    ("read", "code", "condition"),
    [
        ("h = self.rnn(x)[1]; return h.view(4, -1)", "RNN302", "(when c.cell == 'lstm')"),
        # of any third one nothing is built, and the run raises
        ("output, (_, _) = self.rnn(x)", "RNN301", "(when c.cell != 'lstm')"),
    ],
)
def test_a_cell_on_which_torch_raises_is_said_where_all_curations_are_asked_for(
    read: str, code: str, condition: str
) -> None:
    text = UNPACKED.format(read=read)
    assert lint(text).findings == ()
    assert [(found.code, condition in found.message) for found in lint(text, settings=EVERY).findings] == [(code, True)]


SEVERAL = """\
import torch
from torch import nn

class Model(nn.Module):
    def __init__(self, {declared}):
        super().__init__()
        {stored}
        self.rnn = {built}
        self.head = nn.Linear(16, 2)

    def forward(self, x):
        output, h_n = self.rnn(x)
        {read}
        return output.mean()
"""
GATED = "nn.GRU(4, 8, layers, batch_first=batch_first, bidirectional=both)"
LAST = "return output[:, -1]"


def several(defaults: dict[str, object], read: str, built: str, after: str = "") -> str:
    """A model with parameters that have defaults; all that are not handed to the module are kept as attributes."""
    return (
        SEVERAL.format(
            declared=", ".join(f"{name}={value!r}" for name, value in defaults.items()),
            stored="; ".join(f"self.{name} = {name}" for name in defaults),
            built=built,
            read=read,
        )
        + after
    )


NEEDED: dict[str, tuple[dict[str, object], str, str, str, list[str]]] = {
    "one of three": (
        {"layers": 1, "both": True, "batch_first": False},
        LAST, GATED, "RNN201", ["batch_first=False"],
    ),
    "one of three, declared first": (
        {"both": True, "layers": 1, "batch_first": True},
        "return self.head(h_n[-1].repeat(1, 2))", GATED, "RNN104", ["both=True"],
    ),
    "two of three together": (
        {"layers": 1, "both": True, "batch_first": True},
        LAST, GATED, "RNN102", ["both=True", "batch_first=True"],
    ),
    "two of four together": (
        {"layers": 1, "bias": True, "batch_first": True, "both": True},
        LAST, GATED.replace("layers", "layers, bias"), "RNN102", ["batch_first=True", "both=True"],
    ),
    "two, and a guard that leads there": (
        {"layers": 1, "both": True, "batch_first": True, "gated": True},
        "if self.gated: " + LAST,
        GATED.replace("nn.GRU", "(nn.GRU if gated else nn.RNN)"), "RNN102",
        ["both=True", "batch_first=True", "gated=True"],
    ),
    "a guard, and one of the guarded": (
        {"layers": 2, "both": True, "batch_first": True},
        "if self.batch_first: " + LAST, GATED, "RNN102", ["both=True", "batch_first=True"],
    ),
    "two guards alone": (
        {"layers": 1, "both": True, "batch_first": True},
        "if self.both:\n            if self.batch_first: " + LAST, GATED, "RNN102", ["both=True", "batch_first=True"],
    ),
    "either of two does, so that both are needed for it not to": (
        {"layers": 1, "one": True, "other": False, "batch_first": True},
        LAST, GATED.replace("both", "one or other"), "RNN102", ["one=True", "batch_first=True"],
    ),
    "a number, beside two that do not matter": (
        {"both": False, "layers": 2, "batch_first": True},
        "return self.head(h_n[0].repeat(1, 2))", GATED, "RNN105", ["layers=2"],
    ),
}  # fmt: skip


def named(text: str, code: str) -> list[str] | None:
    """The facts that the finding names, None where there is none."""
    found = [finding.message for finding in lint(text).findings if finding.code == code]
    if not found:
        return None
    (message,) = found
    condition = re.search(r" \(when (.*)\)$", message)
    return re.split(", | and ", re.sub(r", the default at line \d+", "", condition[1])) if condition else []


class TestSeveralDefaults:
    @pytest.mark.parametrize("name", NEEDED)
    def test_the_fewest_that_make_it_hold_are_named(self, name: str) -> None:
        defaults, read, built, code, facts = NEEDED[name]
        assert named(several(defaults, read, built), code) == facts

    @pytest.mark.parametrize("name", NEEDED)
    def test_it_holds_with_them_whatever_else_is_given(self, name: str) -> None:
        defaults, read, built, code, facts = NEEDED[name]
        fixed = {fact.partition("=")[0] for fact in facts}
        free = {key: (1, 2) if key == "layers" else (True, False) for key in defaults if key not in fixed}
        for values in product(*free.values()):
            given = {**defaults, **dict(zip(free, values, strict=True))}
            call = f"net = Model(**{given!r})\nnet(torch.zeros(3, 5, 4))\n"
            assert named(several(defaults, read, built, call), code) is not None, given

    @pytest.mark.parametrize("name", NEEDED)
    def test_it_does_not_hold_without_one_of_them(self, name: str) -> None:
        defaults, read, built, code, facts = NEEDED[name]
        for fact in facts:
            key = fact.partition("=")[0]
            flipped: object = 3 - int(str(defaults[key])) if key == "layers" else not defaults[key]
            given = {**defaults, key: flipped}
            call = f"net = Model(**{given!r})\nnet(torch.zeros(3, 5, 4))\n"
            assert named(several(defaults, read, built, call), code) is None, given


TOGETHER = """\
import argparse
from torch import nn


class Encoder(nn.Module):
    def __init__(self, hidden, n_layers):
        super().__init__()
        self.rnn = nn.LSTM(hidden, hidden, n_layers)

    def forward(self, x):
        return self.rnn(x)


class Decoder(nn.Module):
    def __init__(self, hidden, depth):
        super().__init__()
        self.rnn = nn.LSTM(hidden, hidden, depth)

    def forward(self, x, state):
        return self.rnn(x, state)[0]


class Both(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x):
        output, state = self.encoder(x)
        return self.decoder(x, state)


parser = argparse.ArgumentParser()
parser.add_argument("--layers", type=int, default=2)
parser.add_argument("--depth", type=int, default=2)


def main():
    args = parser.parse_args()
    return Both(Encoder(8, args.layers), Decoder(8, {depth}))
"""


@pytest.mark.parametrize(("depth", "codes"), [("args.layers", []), ("args.depth", ["RNN502"])])
def test_an_option_is_one_thing_to_all_that_are_built_with_it(depth: str, codes: list[str]) -> None:
    text = TOGETHER.replace("{depth}", depth)
    assert [found.code for found in lint(text, settings=EVERY).findings] == codes


ONE_DIRECTION = """\
from torch import nn


class Told(nn.Module):
    def __init__(self, hidden, classes, {flag}):
        super().__init__()
        self.lstm = nn.LSTM(40, hidden, bidirectional={flag})
        self.classifier = nn.Linear(hidden * (2 if {flag} else 1), classes)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.classifier(h_n)
"""


@pytest.mark.parametrize(
    ("flag", "end"),
    [
        ("both", "give it both directions (when both=True)"),
        ("bidirectional", "give it both directions (when bidirectional=True)"),
    ],
)
def test_a_condition_is_kept_longest(flag: str, end: str) -> None:
    (found,) = lint(ONE_DIRECTION.replace("{flag}", flag), settings=EVERY).findings
    assert (found.code, found.help) == ("RNN501", "give it both directions")
    assert found.message.endswith(end)
    assert "self..." not in found.message
