"""The values that fixtures pin (``# axes: x = ...``): what is said of them, and what torch has there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from oracle.chains.elements import sets
from rnnlint.axes.operations import select
from rnnlint.axes.states import Raises, Unknown, shape
from rnnlint.runtime.truth.realized import realized
from rnnlint.values import domain
from tests.interpret.pinned import Key, Returned, analysed, disagreement, on_torch
from tests.rules.expectations import FIXTURES, fixtures, named
from tools.pins import pins, renewed, said

PINNED = [
    path for path in [*fixtures("constructs"), *fixtures("rules")] if "# axes:" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("path", PINNED, ids=named)
def test_is_said_as_it_is_pinned(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    today = said(text)
    pinned: dict[Key, list[str]] = {}
    for pin in pins(text):
        pinned.setdefault((pin.line, pin.subject), []).append(pin.text)
    assert {key: today.get(key) for key in pinned} == pinned
    assert renewed(text) == text


_STATES = re.compile(r"\(.*\) of (output|h_n|c_n|the hidden states)\b")
_NOT_COMPARED = re.compile("some one|in another order")  # where nobody knows which states they are


def checked(text: str) -> set[Key]:
    """The pinned values of which torch shows the states that the analysis knows; fails where it shows others."""
    every = pins(text)
    known = analysed(text, every)
    compared: set[Key] = set()
    met: set[Key] = set()

    def look(key: Key, real: object, states: Returned) -> None:
        met.add(key)
        differs: list[str] = []
        for value in known.get(key, []):  # where a place is come by several times, one of its values is meant
            why, states_compared = disagreement(value, real, states)
            if not why:
                compared.update({key} if states_compared else ())
                return
            differs.append(why)
        assert not differs, f"line {key[0]}, {key[1]}: {differs[0]}"

    torch.manual_seed(0)
    on_torch(text, {(pin.line, pin.subject) for pin in every}, look)
    assert met == {(pin.line, pin.subject) for pin in every}  # or a pin would be about nothing that runs
    return compared


@pytest.mark.parametrize("path", PINNED, ids=named)
def test_torch_has_the_states_that_are_pinned(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    compared = checked(text)
    said = {(pin.line, pin.subject): pin.text for pin in pins(text)}
    left = [text for key, text in said.items() if key not in compared and _STATES.match(text)]
    if path.name == "restored.py":  # labels count the samples as a call was handed them: it got them sorted
        left = [text for text in left if "of self.gru" not in text]
    assert [text for text in left if not _NOT_COMPARED.search(text)] == []


def test_many_are_pinned() -> None:
    states = [pin for path in PINNED for pin in pins(path.read_text(encoding="utf-8")) if _STATES.match(pin.text)]
    assert len(states) >= 80


def test_a_wrong_value_is_found() -> None:
    """Every pinned value, turned round along an axis, reads other states: torch must be seen to disagree."""
    text = (FIXTURES / "constructs/values.py").read_text(encoding="utf-8")
    known = analysed(text, pins(text))
    turned = 0

    def look(key: Key, real: object, states: Returned) -> None:
        nonlocal turned
        for value in known[key]:
            if not isinstance(value, domain.Tensor) or not disagreement(value, real, states)[1]:
                continue
            for axis in range(len(shape(value.states))):
                other = select.flip(value.states, [axis])
                assert not isinstance(other, Raises | Unknown)
                if (sets(realized(other)) != sets(realized(value.states))).any():
                    turned += 1
                    assert disagreement(domain.Tensor(other), real, states)[0], (key, axis)

    on_torch(text, {(pin.line, pin.subject) for pin in pins(text)}, look)
    assert turned > 60


def test_a_pin_without_a_text_gets_one() -> None:
    text = "from torch import nn, rand\n\nout, _ = nn.GRU(3, 5)(rand(4, 2, 3))  # axes: out\nlast = out[-1]\n"
    assert renewed(text) == (
        "from torch import nn, rand\n\n# axes: out = (step, sample, unit) of output of nn.GRU(3, 5)\n"
        "out, _ = nn.GRU(3, 5)(rand(4, 2, 3))\nlast = out[-1]\n"
    )
    wrong = renewed(text).replace("(step, sample", "(sample, step")
    assert said(wrong) != {(4, "out"): [pin.text for pin in pins(wrong)]}
