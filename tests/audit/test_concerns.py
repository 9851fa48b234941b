"""The page of concerns: one section for each, with a model that raises it, and only that waived it passes."""

from __future__ import annotations

import linecache
import re
import sys

import pytest
import torch

from rnnlint.rules import registry
from rnnlint.runtime import audit
from rnnlint.runtime.auditing.checks import CONCERNS, Concern
from rnnlint.runtime.auditing.checks.catalogue import PAGE
from rnnlint.runtime.auditing.report import Report
from tests.hosts.running import ROOT

TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
HEAD = """\
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
"""
EXAMPLES = {
    name: (program, said)
    for name, program, said in re.findall(
        r"^## ([\w-]+)\n.*?^```python\n(.*?)^```\n.*?^```text\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE
    )
}


def reported(name: str, program: str, *allow: str) -> Report:
    """Of a program that makes ``model`` and ``inputs``; places in it are numbered from its own first line."""
    linecache.cache[name] = (len(program), None, program.splitlines(keepends=True), name)
    torch.manual_seed(0)
    names: dict[str, object] = {"__name__": name}
    exec(HEAD, names)
    exec(compile(program, name, "exec"), names)
    inputs = names["inputs"]
    return audit(names["model"], *(inputs if isinstance(inputs, tuple) else (inputs,)), allow=allow)


def shown(name: str, program: str) -> str:
    """What the page shows: the concern alone."""
    said = "".join(f"{one}\n" for one in reported(name, program).concerns if one.name == name)
    return said.replace(f"{name}:", "model.py:", 1)


def masked(text: str) -> str:
    """Without what is drawn, or computed of it."""
    return re.sub(r"(result(\[\d+\])+ is )?-?\d+\.\d+", "NUMBER", text)


def test_every_concern_has_a_section() -> None:
    assert list(EXAMPLES) == list(CONCERNS)
    for one in CONCERNS.values():
        assert f"| [{one.name}](#{one.name}) | {one.meaning} |" in TEXT


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str) -> None:
    program, said = EXAMPLES[name]
    if sys.version_info < (3, 11):
        said = re.sub(r"(model\.py:\d+):\d+", r"\1", said)  # Python 3.10 knows no columns
    assert masked(said) == masked(shown(name, program))
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_name_waives_it_and_no_other_does(name: str) -> None:
    program, _ = EXAMPLES[name]
    whole = reported(name, program)
    waived = reported(name, program, name)
    assert name not in {one.name for one in waived.concerns}
    assert {one.what.name for one in waived.waived} == {name}
    assert len(waived.concerns) + len(waived.waived) == len(whole.concerns)
    assert not whole.ok


def test_names_are_words_joined_by_hyphens_and_no_names_of_rules() -> None:
    for name in CONCERNS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", name)
    assert not set(CONCERNS) & {rule.name for rule in registry().values()}


def test_a_concern_that_has_no_page_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        Concern("never-heard-of", "text")
