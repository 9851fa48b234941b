"""Everything that a rule can say by a named template is said of some program, and nothing in braces is left in it."""

from __future__ import annotations

import importlib
import pkgutil
import re
from contextlib import nullcontext
from functools import cache

import pytest

import rnnlint.rules
from rnnlint.linter import lint
from rnnlint.rules.template import Template
from tests.rules.expectations import fixtures, linted


def templates() -> dict[str, Template]:
    """Every template by where it stands."""
    names = [info.name for info in pkgutil.iter_modules(rnnlint.rules.__path__)]
    modules = {name: importlib.import_module(f"rnnlint.rules.{name}") for name in names}
    return {
        f"{name}.{key}": value
        for name, module in modules.items()
        for key, value in vars(module).items()
        if isinstance(value, Template)
    }


TEMPLATES = templates()

BEGIN = """\
import torch
from torch import nn
x = torch.randn(4, 7, 3)
gru, lstm = nn.GRU(3, 5, 2, batch_first=True), nn.LSTM(3, 5, 2, batch_first=True)
h, c = torch.zeros(2, 4, 5), torch.zeros(2, 4, 5)
"""
NOT_MARKED = {"rnn504.NO_FLAG", "rnn504.NO_PARAMETER", "rnn504.MISSPELT"}  # a run ends where a module is not built
NOTHING_TO_WRITE = {"rnn504.NO_PARAMETER"}  # no parameter is called like it

# what no fixture of a rule has
PROGRAMS = {
    "handed.NO_PAIR": "lstm(x, (h, c, h))",
    "handed.CELL_TWICE": "_, (end, cell) = lstm(x, (h, c))\nlstm(x, (cell, cell))",
    "rnn504.NO_PARAMETER": "nn.GRU(3, 5, qqq=1)",
    "rnn302.NO_SUCH_INDEX": "_, state = lstm(x, (h, c))\nstate[:, -1]",
    "rnn303.JOINED": "torch.cat(gru(torch.randn(2, 2, 3), h[:, :2]))",
}


@cache
def messages() -> frozenset[str]:
    """What is said of the fixtures and of the programs above."""
    reports = [linted(path) for path in (*fixtures("rules"), *fixtures("claims"))]
    reports += [lint(BEGIN + line) for line in PROGRAMS.values()]
    return frozenset(finding.message for report in reports for finding in report.findings)


def pattern(text: str) -> re.Pattern[str]:
    """Messages of a template: its fields stand for anything, and what has no room is left out."""
    sentence = re.sub(r"\\\{\w+\\\}", ".+", re.escape(text.removeprefix("{expr}: ")))
    return re.compile(rf"(?:.+: )?{sentence}(?: \(when .+\))?")


def test_there_are_some() -> None:
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_is_said_of_some_program(name: str) -> None:
    template = TEMPLATES[name]
    said = pattern(f"{template.what}; {template.advice}" if template.advice else template.what)
    assert any(said.fullmatch(message) for message in messages())


@pytest.mark.parametrize("name", PROGRAMS)
def test_torch_raises_where_it_says_so(name: str) -> None:
    says = "torch raises" in TEMPLATES[name].what
    with pytest.raises((RuntimeError, TypeError)) if says else nullcontext():
        exec(BEGIN + PROGRAMS[name], {})


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_says_what_is_wrong_and_what_to_write(name: str) -> None:
    template = TEMPLATES[name]
    for text in filter(None, (template.what, template.brief)):
        assert text.startswith("{expr}: ")
    assert template.advice or name in NOTHING_TO_WRITE
    assert template.advice or template.help
    fields = [set(re.findall(r"\{(\w+)\}", text)) for text in (template.what, template.brief)]
    assert fields[1] <= fields[0]
    assert template.raises or "torch raises" not in template.what or name in NOT_MARKED


def test_filling_in_leaves_what_all_rules_have() -> None:
    template = Template("{expr}: {what}", "use {h_n}", "{what}").filled(what="{output}[-1] of {n}", n="x")
    assert (template.what, template.advice) == ("{expr}: {output}[-1] of x", "use {h_n}")
    assert template.brief == "{output}[-1] of x"
