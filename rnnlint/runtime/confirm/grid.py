"""The configurations that claims are tried on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to build and call a recurrent module.

    ``hidden`` is the constructor's hidden_size, ``proj`` its proj_size.  ``samples`` is 1 for unbatched input.
    """

    cell: str
    nonlinearity: str
    layers: int
    directions: int
    batch_first: bool
    batched: bool
    packed: bool
    samples: int
    steps: int
    inputs: int
    hidden: int
    proj: int

    @property
    def units(self) -> int:
        """The units of a hidden state."""
        return self.proj or self.hidden

    @property
    def volume(self) -> int:
        """The numbers in the hidden states of one layer in one direction."""
        return self.samples * self.steps * self.hidden

    @property
    def lengths(self) -> tuple[int, ...]:
        """The samples' numbers of steps; unsorted, with the longest not first, where they are packed."""
        if not self.packed:
            return (self.steps,) * self.samples
        # in turn: about half, all, one, all but one; so one sample reads as short, and one as long, as there is
        some = ((self.steps + 1) // 2, self.steps, 1, max(1, self.steps - 1))
        return tuple(some[sample % 4] for sample in range(self.samples)) if self.samples > 1 else (self.steps,)

    @property
    def weight(self) -> tuple[int, ...]:
        """What makes one configuration simpler than another, the most telling first; no two have the same."""
        turns = self.layers * self.directions
        sizes = (self.volume, self.samples, self.steps, self.inputs, self.layers)
        cell = CELLS.index((self.cell, "proj" if self.proj else self.nonlinearity))
        return (turns, self.packed, bool(self.proj), *sizes, cell, self.batched, self.batch_first)

    def names(self) -> dict[str, object]:
        """What ``where`` of a claim speaks of."""
        return {
            "L": self.layers,
            "D": self.directions,
            "T": self.steps,
            "N": self.samples,
            "H": self.units,
            "C": self.hidden,
            "I": self.inputs,
            "cell": self.cell,
            "nonlinearity": self.nonlinearity,
            "proj": self.proj,
            "batch_first": self.batch_first,
            "batched": self.batched,
            "packed": self.packed,
        }

    def meets(self, where: str) -> bool:
        """Whether ``where``, an expression over :meth:`names`, holds."""
        return bool(eval(_compiled(where), {"__builtins__": {}, **self.names()}))


@cache
def _compiled(expression: str) -> CodeType:
    return compile(expression.strip(), "<where>", "eval")


CELLS = (("RNN", "tanh"), ("RNN", "relu"), ("GRU", ""), ("LSTM", ""), ("LSTM", "proj"))

# (batch_first, batched, packed)
CALLS = (
    (False, True, False),
    (True, True, False),
    (False, False, False),
    (True, False, False),
    (False, True, True),
    (True, True, True),
)


# Small, because each is run for every claim; each meets a misreading that equal sizes or sizes of one would hide.
def _sizes(rows: int) -> tuple[tuple[int, int, int, int], ...]:
    """(N, T, H, I), where ``h_n`` has ``rows`` rows; in the last no two axes have the same size."""
    return (
        (1, 1, 1, 1),
        (3, 3, 3, 3),
        (rows, 4, 2, 3),  # as many samples as rows
        (1, 5, 3, 2),
        (3, 1, 2, 4),
        (2, 3, 1, 1),
        (5, 7, 8, 10),  # rows is 1, 2, 3, 4 or 6
    )


_WIDER = 3  # hidden_size beyond proj_size, which must be smaller


@cache
def full() -> tuple[Configuration, ...]:
    """Every configuration, the simplest first."""
    return _sorted(configuration for structure in _structures() for configuration in structure)


@cache
def quick() -> tuple[Configuration, ...]:
    """Every structure in two of its sizes, in turn, so that each size meets every cell, layout and number of layers."""
    chosen = []
    for number, structure in enumerate(_structures()):
        count = len(structure)
        chosen += [structure[number % count], structure[(number + count // 2) % count]]
    return _sorted(chosen)


def spread(items: Sequence[Item], count: int) -> tuple[Item, ...]:
    """At most ``count`` of ``items``, evenly spaced: the first, and of several the last."""
    if len(items) <= count:
        return tuple(items)
    return tuple(items[round(place * (len(items) - 1) / max(1, count - 1))] for place in range(count))


def _structures() -> Iterator[tuple[Configuration, ...]]:
    """The configurations of each structure: a cell, layers, directions and a way of calling, in all sizes."""
    for cell, variant in CELLS:
        # 3, because with two layers the one below the last is also the first
        for layers in (1, 2, 3):
            for directions in (1, 2):
                for batch_first, batched, packed in CALLS:
                    proj = variant == "proj"
                    nonlinearity = "" if proj else variant
                    found = {
                        Configuration(
                            cell,
                            nonlinearity,
                            layers,
                            directions,
                            batch_first,
                            batched,
                            packed,
                            samples if batched else 1,
                            steps,
                            inputs,
                            units + _WIDER if proj else units,
                            units if proj else 0,
                        ): None
                        for samples, steps, units, inputs in _sizes(layers * directions)
                    }
                    yield tuple(found)


def _sorted(configurations: Iterator[Configuration] | list[Configuration]) -> tuple[Configuration, ...]:
    return tuple(sorted(dict.fromkeys(configurations), key=lambda one: one.weight))
