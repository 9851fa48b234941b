"""The start page: its pictures are those of the gallery, its program and its table what torch does."""

from __future__ import annotations

import contextlib
import io
import re

import pytest
import torch
from torch import nn

from rnnlint.showing.answer import compared
from rnnlint.showing.question import BadInput, Question
from tools.gallery.__main__ import DOCS, PAGE
from tools.gallery.readings import SIZES

TEXT = (DOCS / "index.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.*)` \| `(.*)` \| (.*)\| (.*) \|$", TEXT, re.MULTILINE)
ASKED = [
    (first, second, both, said.strip())
    for first, second, *answers in ROWS
    for both, said in enumerate(answers)
    if said.strip()
]


def test_every_picture_says_in_words_what_the_gallery_says() -> None:
    known = set(PAGE.read_text(encoding="utf-8").splitlines())
    images = re.findall(r"^!\[.*$", TEXT, re.MULTILINE)
    assert len(images) >= 8
    assert set(images) <= known, "the pictures of docs/gallery.md, with the words that they have there"


def test_the_program_prints_what_stands_beside_it() -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(program, {})
    assert out.getvalue().split() == re.findall(r"  # (True|False)", program)


def test_the_table_is_read() -> None:
    assert len(ROWS) == TEXT.count("\n| `")
    assert {said for *_, said in ASKED} == {"yes", "no", "IndexError"}


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize(("first", "second", "both", "said"), ASKED)
def test_on_torch(first: str, second: str, both: int, said: str, cell: str, layers: int) -> None:
    options = {"batch_first": True, "bidirectional": bool(both)}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = getattr(nn, cell)(SIZES["I"], SIZES["H"], layers, **options)
        output, state = module(torch.randn(SIZES["N"], SIZES["T"], SIZES["I"]))
    names = SIZES | {"L": layers, "D": 1 + both, "torch": torch, "output": output}
    names["h_n"] = state[0] if isinstance(state, tuple) else state
    if said == "IndexError":
        with pytest.raises(IndexError):
            eval(first, {}, names)
    else:
        assert torch.equal(eval(first, {}, names), eval(second, {}, names)) is (said == "yes")


@pytest.mark.parametrize(("first", "second", "both", "said"), ASKED)
def test_rnnlint_says_the_same(first: str, second: str, both: int, said: str) -> None:
    question = Question(bidirectional=bool(both), batch_first=True, sizes=SIZES)
    if said == "IndexError":
        with pytest.raises(BadInput, match="torch raises IndexError"):
            compared(question, first, second)
    else:
        assert compared(question, first, second).equal is (said == "yes")
