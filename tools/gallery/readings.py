"""The expressions of the gallery: how ``output``, ``h_n`` and ``c_n`` are read, of every kind of module and batch.

An expression is spelled for both layouts.  What it holds, which others hold the same and what rules say of it stands
nowhere here: the project's own answer is asked, and the tests hold it against torch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rnnlint.showing.question import Question

SIZES = {"N": 3, "T": 4, "H": 5, "I": 2}
"""All different, and few enough that every element of every reading is drawn."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading in words, and as it is written with ``batch_first=True`` and without."""

    words: str
    batch_first: str
    time_major: str

    def expression(self, batch_first: bool) -> str:
        """As it is written in one of the layouts."""
        return self.batch_first if batch_first else self.time_major

    @property
    def name(self) -> str:
        """For the file of its picture."""
        return re.sub("[^a-z0-9]+", "-", self.words.lower().replace("`", "").replace("_n", "n"))


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of module and batch."""

    title: str
    layers: int
    bidirectional: bool
    packed: bool

    def question(self, batch_first: bool, cell: str = "LSTM") -> Question:
        """The module and what it is given."""
        return Question(cell, self.layers, self.bidirectional, batch_first, self.packed, sizes=SIZES)

    @property
    def name(self) -> str:
        """For the folder of its pictures."""
        return self.title.lower().replace(",", "").replace(" ", "-")

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What is read of it."""
        return tuple(_readings(self))


SECTIONS = tuple(
    Section(", ".join(filter(None, (direction, depth, "packed" if packed else ""))), layers, bidirectional, packed)
    for packed in (False, True)
    for layers, depth in ((1, ""), (2, "two layers"))
    for bidirectional, direction in ((False, "One direction"), (True, "Both directions"))
)


def _readings(section: Section) -> Iterator[Reading]:
    yield _both("all of `output`", "output")
    if section.bidirectional and not section.packed:
        yield _both("forward half of `output`", "output[..., :H]")
        yield _both("backward half of `output`", "output[..., H:]")
    yield from _steps(section)
    yield from _states(section)
    yield from _cells(section)


def _both(words: str, expression: str) -> Reading:
    """A reading that both layouts write alike."""
    return Reading(words, expression, expression)


def _steps(section: Section) -> Iterator[Reading]:
    yield Reading("last step", "output[:, -1]", "output[-1]")
    if section.bidirectional:
        yield Reading("forward half of the last step", "output[:, -1, :H]", "output[-1, :, :H]")
        yield Reading("backward half of the last step", "output[:, -1, H:]", "output[-1, :, H:]")
    yield Reading("first step", "output[:, 0]", "output[0]")
    if section.bidirectional:
        yield Reading("forward half of the first step", "output[:, 0, :H]", "output[0, :, :H]")
        yield Reading("backward half of the first step", "output[:, 0, H:]", "output[0, :, H:]")
    if section.packed:
        last = ("output[torch.arange(N), lengths - 1]", "output[lengths - 1, torch.arange(N)]")
        yield Reading("every sample's last step", *last)
        if section.bidirectional:
            yield Reading("forward half of every sample's last step", *(f"{one}[:, :H]" for one in last))
    else:
        yield Reading("last step, its axis kept", "output[:, -1:].transpose(0, 1)", "output[-1:]")
        yield Reading("last sample", "output[-1]", "output[:, -1]")
    if section.bidirectional:
        first, last = ("output[:, 0, H:]", "output[:, -1, :H]"), ("output[0, :, H:]", "output[-1, :, :H]")
        joined = (f"torch.cat(({forward}, {backward}), -1)" for backward, forward in (first, last))
        yield Reading("the ends of both halves", *joined)
    yield Reading("mean over the steps", "output.mean(1)", "output.mean(0)")


def _states(section: Section) -> Iterator[Reading]:
    yield _both("all of `h_n`", "h_n")
    rows = section.layers * (2 if section.bidirectional else 1)
    top = 2 if section.bidirectional else 1
    for row in range(rows):
        # the rows of the last layer as one counts them, from the end, the others from the start
        number = row - rows if row >= rows - top else row
        yield _both(_row(section, row), f"h_n[{number}]")
    if section.bidirectional:
        yield _both("final states of the last layer", "torch.cat((h_n[-2], h_n[-1]), -1)")
    if section.packed:
        return  # of h_n, packing changes nothing but when a sample ends
    if section.bidirectional:
        yield _both("final states of the last layer, backward first", "torch.cat((h_n[-1], h_n[-2]), -1)")
        yield _both(
            "final states of the last layer, by view", "h_n.view(L, D, N, H)[-1].transpose(0, 1).reshape(N, -1)"
        )
    if rows > 1:
        yield _both("all rows of `h_n` beside each other", "h_n.transpose(0, 1).reshape(N, -1)")
        yield _both("`h_n` viewed as samples", "h_n.view(N, -1)")
    yield _both("last sample of `h_n`", "h_n[:, -1]")


def _row(section: Section, row: int) -> str:
    """A row of ``h_n`` in words."""
    layer, direction = divmod(row, 2) if section.bidirectional else (row, 0)
    which = ("forward ", "backward ")[direction] if section.bidirectional else ""
    of = "" if section.layers == 1 else " of the last layer" if layer == section.layers - 1 else f" of layer {layer}"
    return f"{which}final state{of}"


def _cells(section: Section) -> Iterator[Reading]:
    if not section.packed:
        yield _both("all of `c_n`", "c_n")
    yield _both("last row of `c_n`", "c_n[-1]")
    if section.bidirectional:
        yield _both("final cell states of the last layer", "torch.cat((c_n[-2], c_n[-1]), -1)")
