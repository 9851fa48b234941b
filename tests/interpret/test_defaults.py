"""Defaults that are no literal of the signature: of ``get``, of ``or``, of None, of what is merged into a dict."""

from __future__ import annotations

import pytest

from rnnlint.linter import lint

CLASS = """from torch import nn

class Model(nn.Module):
    def __init__(self, {parameters}):
        super().__init__()
        {setting}
        self.rnn = {rnn}
        self.fc = nn.Linear({width}, 3)

    def forward(self, x):
        output, _ = self.rnn(x)
        return self.fc(output[:, -1])
"""
BUILT = "nn.GRU(8, 16, batch_first=True, bidirectional=both)"


def _said(parameters: str, setting: str, rnn: str = BUILT, width: str = "2 * 16") -> list[tuple[str, str]]:
    text = CLASS.format(parameters=parameters, setting=setting, rnn=rnn, width=width)
    return [(one.code, one.message.partition("(when ")[2][:-1]) for one in lint(text).findings]


@pytest.mark.parametrize(
    ("parameters", "setting", "told"),
    [
        ("**kwargs", "both = kwargs.get('both', True)", "kwargs['both']=True"),
        ("**kwargs", "both = kwargs.pop('both', True)", "kwargs['both']=True"),
        ("cfg", "both = cfg.get('both', True)", "cfg['both']=True"),
        ("cfg", "both = getattr(cfg, 'both', True)", "cfg.both=True"),
        ("given", "both = {**{'both': True}, **given}['both']", "given['both']=True"),
        ("**given", "both = dict(dict(both=True), **given)['both']", "given['both']=True"),
    ],
)
def test_a_default_is_the_declared_one(parameters: str, setting: str, told: str) -> None:
    width = "(2 if both else 1) * 16"
    ((code, condition),) = _said(parameters, setting, width=width)
    assert code == "RNN102"
    assert condition.startswith(told)
    assert _said(parameters, setting.replace("True", "False"), width=width) == []


def test_the_same_setting_is_read_with_its_default_and_without() -> None:
    first = "both = kwargs['both'] if kwargs.get('both', True) else False"
    assert [code for code, _ in _said("**kwargs", first)] == ["RNN102"]


@pytest.mark.parametrize(
    ("parameters", "rnn", "told"),
    [
        ("rnn=None", "rnn or nn.GRU(8, 16, batch_first=True, bidirectional=True)", "rnn is None"),
        ("cls=None", "(cls or nn.GRU)(8, 16, batch_first=True, bidirectional=True)", "cls is None"),
        ("**kw", "kw.get('rnn') or nn.GRU(8, 16, batch_first=True, bidirectional=True)", "kw['rnn']=False"),
        ("**kw", "kw.get('cls', nn.GRU)(8, 16, batch_first=True, bidirectional=True)", "kw['cls'] is None"),
        ("rnn=None", "nn.GRU(8, 16, batch_first=True, bidirectional=True) if rnn is None else rnn", "rnn is None"),
    ],
)
def test_what_is_built_unless_it_is_given(parameters: str, rnn: str, told: str) -> None:
    ((code, condition),) = _said(parameters, "pass", rnn)
    assert code == "RNN102"
    assert condition.startswith(told)


def test_a_number_with_a_default_is_one_size_wherever_it_is_read() -> None:
    setting = "both, self.width = True, kwargs.get('hidden', 16)"
    rnn = "nn.GRU(8, kwargs['hidden'], batch_first=True, bidirectional=both)"
    assert _said("**kwargs", setting, rnn, "2 * self.width") == [("RNN102", "")]


def test_the_truth_of_what_may_be_a_module_is_a_truth() -> None:
    """``given or nn.GRU(...)`` is the module, and no constant."""
    assert _said("given", "both = bool(given or nn.GRU(3, 4))") == [("RNN102", "")]
