"""Pictures read back and compared with torch: ``python -m oracle.pictures --count 2000 --seed 0``.

A reading is drawn (the chains of :mod:`oracle.chains`), its picture is made and written as JSON, and that text alone
is read: of every cell, every element that it stands for must hold, by torch's labels, the states that the cell shows,
and every tick must be what autograd says that a state depends on.  The same is asked of the smaller picture that a
finding carries, as it is carried.  Exit status 1 where a picture lies.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn

from oracle.chains import chain
from oracle.chains.chain import Ended, Setting
from rnnlint.drawing.as_json import as_json
from rnnlint.drawing.carried import Drawing, carried, written
from rnnlint.drawing.picture import BESIDE_A_FINDING, TOO_MANY, picture
from rnnlint.runtime.truth import labels
from rnnlint.runtime.truth.influence import alive, influence

State = tuple[int, int, int, int, int, int]
"""Kind, layer, direction, step, sample, unit."""

_KINDS = {"hidden": labels.HIDDEN, "cell": labels.CELL}


@dataclass(frozen=True, slots=True)
class Module:
    """The module whose states a picture shows, and the steps it was called on; ``lengths`` of a packed batch's samples.

    What is behind a sample's length holds nothing.
    """

    cell: str
    directions: int
    steps: int
    lengths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What torch shows of a tensor: its ``shape``, and the labels that each element holds, in row-major order.

    ``modules`` are those of the picture's sources, by their numbers.
    """

    shape: tuple[int, ...]
    held: Sequence[Collection[int]]
    modules: Sequence[Module]

    def lies(self, drawn: dict[str, Any]) -> Iterator[str]:
        """What a picture says that is not so, by its JSON."""
        if tuple(drawn["shape"]) != self.shape:
            yield f"shape {drawn['shape']}, torch: {self.shape}"
            return
        given = {number for number, source in enumerate(drawn["sources"]) if source["kind"] == "given"}
        for cell in drawn["cells"]:
            if cell["note"] != TOO_MANY:
                parts = [part for part in cell["parts"] if part["call"] not in given]
                yield from (f"cell {cell['index']}: {lie}" for lie in self._of(cell["place"], parts))

    def _of(self, bands: Sequence[Sequence[int]], parts: Sequence[dict[str, Any]]) -> Iterator[str]:
        if any(isinstance(part["steps"], str) for part in parts):
            yield "steps that are not known"
            return
        shown = {state for part in parts for state in _but_units(part)}
        units = {unit for part in parts for unit in _positions(part["units"])}
        met: set[int] = set()
        for place in product(*(range(*band) for band in bands)):
            number = 0
            for at, size in zip(place, self.shape, strict=True):
                number = number * size + at
            states = [_state(int(label)) for label in self.held[number] if label]
            if {state[:5] for state in states} != shown:
                yield f"{place} holds {sorted({state[:5] for state in states})}, drawn {sorted(shown)}"
                return
            met |= {state[5] for state in states}
        if met != units:
            yield f"units {sorted(met)}, drawn {sorted(units)}"
        for part in parts:
            yield from self._ticks(part, self.modules[part["call"]])

    def _ticks(self, part: dict[str, Any], module: Module) -> Iterator[str]:
        """Each tick against autograd: what the states depend on, and what they do in a stack without layers below."""
        whole: set[int] = set()
        own: set[int] = set()
        for _, layer, direction, step, sample in _but_units(part):
            steps = module.lengths[sample] if sample < len(module.lengths) else module.steps
            if direction >= module.directions or step >= steps:
                yield f"a state after step {step} of {steps}, direction {direction} of {module.directions}"
                return
            whole |= depends(module.cell, layer, module.directions, steps)[direction][step]
            own |= depends(module.cell, 0, module.directions, steps)[direction][step]
        ticks = [_tick(part["strip"], step) for step in range(module.steps)]
        expected = ["own" if step in own else "below" if step in whole else "no" for step in range(len(ticks))]
        if ticks != expected or part["strip"]["steps"] != module.steps:
            yield f"ticks {ticks}, autograd: {expected}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading that was drawn, its picture as JSON, and the labels that torch says each element holds."""

    setting: Setting
    end: Ended
    text: str

    def lies(self) -> Iterator[str]:
        """What the picture says that is not so."""
        setting, held = self.setting, self.end.held
        rows = [frozenset(map(int, row)) for row in held.rows()]
        truth = Truth(tuple(held.sizes), rows, [Module(setting.cell, setting.directions, setting.steps)])
        yield from truth.lies(json.loads(self.text))


def _tick(strip: dict[str, Any], step: int) -> str:
    for name in ("own", "below"):
        if any(start <= step < stop for start, stop in strip[name]):
            return name
    return "no"


def _positions(runs: Sequence[Sequence[int]]) -> Iterator[int]:
    for start, count, step in runs:
        yield from range(start, start + count * step, step)


def _but_units(part: dict[str, Any]) -> Iterator[tuple[int, int, int, int, int]]:
    places = (_positions(part[name]) for name in ("layers", "steps", "samples"))
    for layer, step, sample in product(*places):
        yield _KINDS[part["kind"]], layer, part["direction"], step, sample


@cache  # a tensor holds each state of its batch many times
def _state(label: int) -> State:
    found = labels.decode(label)
    return tuple(map(int, found))  # type: ignore[return-value]


@cache
def depends(cell: str, layer: int, directions: int, steps: int) -> list[list[frozenset[int]]]:
    """By autograd, for each direction and step, the steps that the hidden state of a layer depends on.

    The first layer has none below it: its states depend on what their own recurrence has read.  The cell state of a
    step depends on what the hidden state does, which is made of it.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module: nn.Module = getattr(nn, cell)(2, 2, layer + 1, bidirectional=directions == 2).double()
        x = torch.rand(steps, 1, 2, dtype=torch.float64, requires_grad=True)
        output: Tensor = alive(module)(x)[0]
    found = influence(output, x, 0, None if x.dim() == 2 else 1)[..., 0]  # (T, N, D*H, T)
    return [
        [
            frozenset(found[step, 0, direction * 2 : direction * 2 + 2].any(0).nonzero().flatten().tolist())
            for step in range(steps)
        ]
        for direction in range(directions)
    ]


def reading(seed: int, *, beside_a_finding: bool = False) -> Reading | None:
    """The reading of a seed; None where the algebra does not know it.  Drawn for a page, or as a finding carries it."""
    setting, following = chain.drawing(seed)
    end = chain.ended(setting, following)
    if not isinstance(end, Ended):
        return None
    if not beside_a_finding:
        return Reading(setting, end, json.dumps(as_json(picture(end.states))))
    text = written(Drawing((picture(end.states, room=BESIDE_A_FINDING),)))
    (read,) = carried(text).read or (None,)
    return None if read is None else Reading(setting, end, json.dumps(as_json(read)))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m oracle.pictures", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="readings that are drawn")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", category=UserWarning)
    counted: Counter[str] = Counter()
    seed = options.seed << 32
    while counted["readings"] < options.count:
        found = reading(seed)
        if found is not None:
            counted["readings"] += 1
            _count(found, counted, seed)
            small = reading(seed, beside_a_finding=True)
            counted["carried"] += small is not None
            if small is not None:
                _count(small, counted, seed)
        seed += 1
    print(", ".join(f"{count} {name}" for name, count in counted.items()), f"and {counted['lies']} lies")
    return 1 if counted["lies"] else 0


def _count(found: Reading, counted: Counter[str], seed: int) -> None:
    """Count what a reading's picture shows, and print where it lies."""
    cells = json.loads(found.text)["cells"]
    counted["cells"] += len(cells)
    counted["cells with too many states"] += sum(cell["note"] == TOO_MANY for cell in cells)
    counted["strips"] += sum(len(cell["parts"]) for cell in cells)
    for lie in found.lies():
        counted["lies"] += 1
        print(f"seed {seed}: {lie}")
        print(f"  ({found.setting!r}, [{', '.join(map(repr, found.end.done))}]),")


if __name__ == "__main__":
    sys.exit(main())
