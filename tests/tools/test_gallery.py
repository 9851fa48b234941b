"""The gallery against torch: each reading is run, its picture read back, each pair of readings compared.

What stands where is known from the labels, which elements go into a result from autograd, and how far a state has read
from autograd as well; the pictures are those of docs/gallery.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from oracle.pictures import depends
from rnnlint.runtime.truth import labels
from rnnlint.runtime.truth.influence import alive
from tests.drawing.test_svg import read_back
from tools.gallery import drawn, page
from tools.gallery.__main__ import DOCS, PAGE
from tools.gallery.readings import SECTIONS, Section

CELLS = ("LSTM", "GRU", "RNN")
KINDS = {labels.HIDDEN: "hidden", labels.CELL: "cell"}
TEXT = PAGE.read_text(encoding="utf-8")
EVERY = [
    pytest.param(section, layout, cell, id=f"{section.name}-{'batch-first' if layout else 'time-major'}-{cell}")
    for section in SECTIONS
    for layout in drawn.LAYOUTS
    for cell in CELLS
]


@dataclass(frozen=True)
class Shown:
    """A reading as the page shows it: in both layouts, which are the same, its pictures."""

    batch_first: str
    time_major: str
    equals: tuple[str, ...]
    pictures: tuple[str, ...]


def shown_of(section: Section) -> list[Shown]:
    """The rows of a section of docs/gallery.md, with the pictures below."""
    (text,) = re.findall(rf"^## {re.escape(section.title)}\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    table, *below = re.split("^### .*$", text, flags=re.MULTILINE)
    rows = re.findall(r"^\| \[.*?\]\(#.*?\) \| `(.*?)` \| `(.*?)` \| (.*?) \| .*? \|$", table, re.MULTILINE)
    return [
        Shown(first, second, tuple(re.findall("`(.*?)`", equals)), tuple(re.findall(r"^!\[.*\]\((.*)\)$", one, re.M)))
        for (first, second, equals), one in zip(rows, below, strict=True)
    ]


class Run:
    """A module of a section on torch: its results, and the label of every state in them."""

    def __init__(self, section: Section, batch_first: bool, cell: str) -> None:
        question = section.question(batch_first, cell)
        self.question, self.names = question, question.names
        sizes = question.sizes
        shape = (sizes["N"], sizes["T"]) if batch_first else (sizes["T"], sizes["N"])
        x = torch.rand(*shape, sizes["I"], dtype=torch.float64, generator=torch.Generator().manual_seed(1))
        with torch.random.fork_rng():
            torch.manual_seed(0)
            real = alive(self._module(nn).double())
        self.results = {name: one.detach() for name, one in self._run(real, x).items()}
        self.labels = self._run(self._module(labels), torch.zeros(*shape, sizes["I"]))

    def _module(self, home: Any) -> Any:
        question, sizes = self.question, self.question.sizes
        options = {"batch_first": question.batch_first, "bidirectional": question.bidirectional}
        return getattr(home, question.cell)(sizes["I"], sizes["H"], question.layers, **options)

    def _run(self, module: Any, x: Tensor) -> dict[str, Tensor]:
        question = self.question
        given: Any = x
        if question.packed:
            given = pack_padded_sequence(x, torch.tensor(question.lengths), question.batch_first)
        output, state = module(given)
        if question.packed:
            output, _ = pad_packed_sequence(output, question.batch_first)
        states = state if isinstance(state, tuple) else (state,)
        return dict(zip(("output", "h_n", "c_n"), (output, *states), strict=False))

    def held(self, expression: str, results: Mapping[str, Tensor]) -> Tensor:
        """An expression of the gallery, run by Python."""
        names = {**self.names, "lengths": torch.tensor(self.question.lengths), "torch": torch}
        value = eval(expression, {}, {**names, **results})
        assert isinstance(value, Tensor)
        return value

    def states(self, expression: str) -> tuple[Tensor, list[set[labels.Label]]]:
        """Its value, and which states go into each of its elements, row-major: what has a gradient, by its label."""
        leaves = {name: one.clone().requires_grad_() for name, one in self.results.items()}
        value = self.held(expression, leaves)
        rows = value.reshape(-1)
        picks = torch.eye(len(rows), dtype=rows.dtype)
        # None for what no element depends on, of which torch's types say nothing
        gradients: Any = torch.autograd.grad(
            rows, list(leaves.values()), picks, allow_unused=True, is_grads_batched=True
        )
        found: list[set[labels.Label]] = [set() for _ in rows]
        for name, gradient in zip(leaves, gradients, strict=True):
            if gradient is None:
                continue
            at = self.labels[name].reshape(-1)
            for row, element in gradient.reshape(len(rows), -1).nonzero().tolist():
                # 0 is padding, no state
                if at[element]:
                    found[row].add(labels.Label(*map(int, labels.decode(int(at[element])))))
        return value.detach(), found


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of kernels that are slower than others
        yield


def positions(words: str) -> list[int]:
    """``0:5:2,7`` as numbers."""
    found: list[int] = []
    for run in words.split(","):
        bounds = [int(one) for one in run.split(":")]
        found += [bounds[0]] if len(bounds) == 1 else range(*bounds)
    return found


def shown(part: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    """The states of a part, but for their units."""
    sets = (positions(part[name]) for name in ("layers", "steps", "samples"))
    return {(part["kind"], layer, int(part["direction"]), step, sample) for layer, step, sample in product(*sets)}


def lies(run: Run, expression: str, text: str) -> list[str]:
    """What a picture of an expression says that torch does not."""
    value, found = run.states(expression)
    (shape,) = re.findall(r' data-shape="([0-9x]*)"', text)
    if shape != "x".join(map(str, value.shape)):
        return [f"shape {shape}, torch: {tuple(value.shape)}"]
    said, seen = [], 0
    for place, parts in read_back(text).items():
        bands = [range(*map(int, band.split(":"))) for band in place.split(",")]
        here = [found[_number(at, value.shape)] for at in product(*bands)]
        seen += len(here)
        states = set().union(*map(shown, parts))
        units = {unit for part in parts for unit in positions(part["units"])}
        if any({(KINDS[int(one.kind)], *one[1:5]) for one in each} != states for each in here):
            said.append(f"{place}: drawn {states}, torch: {here}")
        if {one.unit for each in here for one in each} != units:
            said.append(f"{place}: units {units}")
        said += [f"{place}: {wrong}" for part in parts for wrong in _ticks(run, part)]
    return said + ([] if seen == value.numel() else [f"{seen} of {value.numel()} elements are drawn"])


def _number(place: tuple[int, ...], sizes: torch.Size) -> int:
    number = 0
    for at, size in zip(place, sizes, strict=True):
        number = number * size + at
    return number


def _ticks(run: Run, part: Mapping[str, Any]) -> list[str]:
    """The strip of a part against what its states depend on, by autograd; behind a sample's end there is nothing."""
    question = run.question
    (sample,) = positions(part["samples"])
    end = question.lengths[sample] if question.packed else question.sizes["T"]
    own: set[int] = set()
    whole: set[int] = set()
    for _, layer, direction, step, _ in shown(part):
        # the first layer has none below: what it depends on is what its own recurrence has read
        own |= depends(question.cell, 0, question.directions, end)[direction][step]
        whole |= depends(question.cell, layer, question.directions, end)[direction][step]
    expected = [
        (step, "own" if step in own else "below" if step in whole else "no") for step in range(question.sizes["T"])
    ]
    return [] if part["ticks"] == expected else [f"ticks {part['ticks']}, autograd: {expected}"]


@pytest.mark.parametrize(("section", "batch_first", "cell"), EVERY)
def test_on_torch(section: Section, batch_first: bool, cell: str) -> None:
    """Every picture shows what is there, and two readings are called the same exactly where torch.equal says so."""
    run = Run(section, batch_first, cell)
    readings = [one for one in shown_of(section) if cell == "LSTM" or "c_n" not in one.batch_first]
    values = {}
    for one in readings:
        expression = one.batch_first if batch_first else one.time_major
        name = one.pictures[0 if batch_first else -1]
        assert lies(run, expression, (DOCS / name).read_text(encoding="utf-8")) == [], expression
        values[one.batch_first] = run.held(expression, run.results)
    for first, second in permutations(readings, 2):
        said = second.batch_first in first.equals
        assert said is torch.equal(values[first.batch_first], values[second.batch_first]), (first, second)


@pytest.mark.parametrize(
    ("name", "true", "lie"),
    [
        ("last-step", 'data-read="own"', 'data-read="no"'),
        ("last-step", 'data-steps="3"', 'data-steps="2"'),
        ("last-step", 'data-samples="1"', 'data-samples="2"'),
        ("last-step", 'data-direction="1"', 'data-direction="0"'),
        ("last-step", 'data-units="0:5"', 'data-units="0:4"'),
        ("last-step", 'data-shape="3x10"', 'data-shape="10x3"'),
        ("all-of-hn", 'data-kind="hidden"', 'data-kind="cell"'),
        ("mean-over-the-steps", 'data-steps="0:4"', 'data-steps="0:3"'),
    ],
)
def test_a_lie_is_noticed(name: str, true: str, lie: str) -> None:
    section = next(one for one in SECTIONS if one.name == "both-directions")
    picture = f"{drawn.PICTURES}/{section.name}/{name}.svg"
    (one,) = (one for one in shown_of(section) if picture in one.pictures)
    text = (DOCS / picture).read_text(encoding="utf-8")
    run = Run(section, True, "LSTM")
    assert lies(run, one.batch_first, text) == []
    assert true in text
    assert lies(run, one.batch_first, text.replace(true, lie, 1))


def test_every_reading_is_on_the_page() -> None:
    for section in SECTIONS:
        rows = [(one.batch_first, one.time_major) for one in shown_of(section)]
        assert rows == [(one.batch_first, one.time_major) for one in section.readings]


def test_the_files_are_up_to_date() -> None:
    assert page.page() == TEXT, "run python -m tools.gallery"
    found = {
        path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8")
        for path in (DOCS / drawn.PICTURES).rglob("*.svg")
    }
    assert found == drawn.pictures(), "run python -m tools.gallery"


def test_every_reading_has_its_own_name() -> None:
    for section in SECTIONS:
        names = [one.name for one in section.readings]
        assert len(set(names)) == len(names)
        for layout in drawn.LAYOUTS:
            expressions = [one.expression(layout) for one in section.readings]
            assert len(set(expressions)) == len(expressions)
