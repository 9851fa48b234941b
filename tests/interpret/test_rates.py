"""A rate that is declared 0: nothing is to be dropped, and in a configuration with another nothing would be."""

from __future__ import annotations

import warnings

import pytest

from rnnlint.linter import lint
from rnnlint.settings import Settings

EVERY = Settings(all_configurations=True)

CLASS = """from torch import nn

class Model(nn.Module):
    def __init__(self, {parameters}):
        super().__init__()
        {setting}
        self.rnn = nn.GRU(8, 16, {built})
"""

OPTION = """import argparse
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default={default})
options = parser.parse_args([{given}])
{built}
"""


def _conditions(text: str, settings: Settings) -> list[str]:
    found = lint(text, settings=settings).findings
    assert all(one.code == "RNN503" for one in found)
    return [one.message.partition(" (when ")[2].removesuffix(")") for one in found]


@pytest.mark.parametrize(
    ("parameters", "setting", "built", "told"),
    [
        ("dropout=0.0", "pass", "dropout=dropout", "dropout is not 0"),
        ("dropout=0", "pass", "1, dropout=dropout", "dropout is not 0"),
        ("*, rate: float = 0.", "self.rate = rate", "num_layers=1, dropout=self.rate", "rate is not 0"),
        ("rate=0.", "self.count = 1", "self.count, bidirectional=True, dropout=float(rate)", "rate is not 0"),
        ("rate=0.0", "pass", "dropout=rate / 2", "rate is not 0"),
        ("rate=0.0", "rate = rate if rate > 0 else 0", "dropout=rate", "rate is not 0"),
        ("**kwargs", "rate = kwargs.get('rate', 0.0)", "dropout=rate", "kwargs['rate'] is not 0"),
        ("config", "pass", "dropout=getattr(config, 'rate', 0)", "config.rate is not 0"),
    ],
)
def test_another_rate_than_the_declared_one_does_nothing(parameters: str, setting: str, built: str, told: str) -> None:
    text = CLASS.format(parameters=parameters, setting=setting, built=built)
    assert _conditions(text, Settings()) == []
    assert _conditions(text, EVERY) == [told]
    assert _warned(text, parameters)


@pytest.mark.parametrize(
    ("parameters", "setting", "built"),
    [
        ("rate=0.0", "pass", "dropout=0"),
        ("rate=0.0", "rate = 0.0", "dropout=rate"),
        ("rate=0.0", "pass", "2, dropout=rate"),
        ("rate=0.0", "pass", "bidirectional=True"),
        ("rate=0.0", "self.count = 1", "self.count, dropout=rate if self.count > 1 else 0"),
        ("rate=0.0", "self.count = 1", "self.count, dropout=rate * (self.count > 1)"),
        ("rate=0.0", "count = 1\n        if count == 1:\n            rate = 0", "count, dropout=rate"),
    ],
)
def test_what_no_rate_makes_wrong(parameters: str, setting: str, built: str) -> None:
    text = CLASS.format(parameters=parameters, setting=setting, built=built)
    assert _conditions(text, EVERY) == []
    assert not _warned(text, parameters)


def test_a_number_of_layers_by_a_default_alone_is_not_certain() -> None:
    assert _conditions(CLASS.format(parameters="n=1, rate=0.0", setting="pass", built="n, dropout=rate"), EVERY) == []


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("Model()", ["rate is not 0"]),
        ("Model(0.0)", []),
        ("Model(rate=0)", []),
        ("Model(0.5)", [""]),
        ("Model(0.0), Model(0.5)", [""]),
    ],
)
def test_a_class_is_built_with_the_rate_of_its_call_site(call: str, told: list[str]) -> None:
    text = CLASS.format(parameters="rate=0.0", setting="pass", built="dropout=rate")
    assert _conditions(f"{text}\n{call}\n", EVERY) == told


def test_of_a_flag_beside_it_only_what_matters_is_named() -> None:
    text = CLASS.format(parameters="both=False, rate=0.0", setting="pass", built="bidirectional=both, dropout=rate")
    assert _conditions(text, EVERY) == ["rate is not 0"]


def test_an_option_of_a_command_line() -> None:
    built = "nn.LSTM(8, 16, dropout=options.rate)"
    text = OPTION.format(default="0.0", given="'--rate', '0.5'", built=built)
    assert _conditions(text, Settings()) == []
    assert _conditions(text, EVERY) == ["rate is not 0"]
    assert _warned(text, None)
    assert _conditions(OPTION.format(default="0.5", given="", built=built), Settings()) == [""]


def _warned(text: str, parameters: str | None) -> bool:
    """Whether torch says that a rate does nothing, where another is given than the program declares."""
    names: dict[str, object] = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(text, names)  # what stands above
        if parameters is not None:
            model, rate = names["Model"], parameters.lstrip("*, ").partition("=")[0].partition(":")[0]
            assert callable(model)
            if rate == "config":
                model(type("Config", (), {"rate": 0.5}))
            else:
                model(**{"rate" if rate == "kwargs" else rate: 0.5})
    return any("dropout option adds dropout" in str(one.message) for one in caught)
