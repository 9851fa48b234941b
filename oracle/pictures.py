"""Pictures read back and compared with torch: ``python -m oracle.pictures --count 2000 --seed 0``.

A reading is drawn (the chains of :mod:`oracle.chains`), its picture is made and written as JSON, and that text alone
is read: of every cell, every element that it stands for must hold, by torch's labels, the states that the cell shows,
and every tick must be what autograd says that a state depends on.  Exit status 1 where a picture lies.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn

from oracle.chains import chain
from oracle.chains.chain import Ended, Setting
from rnnlint.drawing.as_json import as_json
from rnnlint.drawing.picture import TOO_MANY, picture
from rnnlint.runtime.truth import labels
from rnnlint.runtime.truth.influence import alive, influence

State = tuple[int, int, int, int, int, int]
"""Kind, layer, direction, step, sample, unit."""

_KINDS = {"hidden": labels.HIDDEN, "cell": labels.CELL}


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading that was drawn, its picture as JSON, and the labels that torch says each element holds."""

    setting: Setting
    end: Ended
    text: str

    def lies(self) -> Iterator[str]:
        """What the picture says that is not so."""
        drawn = json.loads(self.text)
        if tuple(drawn["shape"]) != self.end.held.sizes:
            yield f"shape {drawn['shape']}, torch: {self.end.held.sizes}"
            return
        rows = self.end.held.rows()
        for cell in drawn["cells"]:
            if cell["note"] == TOO_MANY:
                continue
            yield from (f"cell {cell['index']}: {lie}" for lie in self._of(cell, rows))

    def _of(self, cell: dict[str, Any], rows: Any) -> Iterator[str]:
        sizes = self.end.held.sizes
        shown = {state for part in cell["parts"] for state in _but_units(part)}
        units = {unit for part in cell["parts"] for unit in _positions(part["units"])}
        met: set[int] = set()
        for place in product(*(range(*band) for band in cell["place"])):
            number = 0
            for at, size in zip(place, sizes, strict=True):
                number = number * size + at
            states = [_state(int(label)) for label in rows[number] if label]
            if {state[:5] for state in states} != shown:
                yield f"{place} holds {sorted({state[:5] for state in states})}, drawn {sorted(shown)}"
                return
            met |= {state[5] for state in states}
        if met != units:
            yield f"units {sorted(met)}, drawn {sorted(units)}"
        for part in cell["parts"]:
            yield from self._ticks(part)

    def _ticks(self, part: dict[str, Any]) -> Iterator[str]:
        """Each tick against autograd: what the states depend on, and what they do in a stack without layers below."""
        strip = part["strip"]
        setting = self.setting
        whole: set[int] = set()
        own: set[int] = set()
        for _, layer, direction, step, _ in _but_units(part):
            whole |= depends(setting.cell, layer, setting.directions, setting.steps)[direction][step]
            own |= depends(setting.cell, 0, setting.directions, setting.steps)[direction][step]
        ticks = [_tick(strip, step) for step in range(self.setting.steps)]
        expected = ["own" if step in own else "below" if step in whole else "no" for step in range(len(ticks))]
        if ticks != expected:
            yield f"ticks {ticks}, autograd: {expected}"


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


def reading(seed: int) -> Reading | None:
    """The reading of a seed; None where the algebra does not know it."""
    setting, following = chain.drawing(seed)
    end = chain.ended(setting, following)
    if not isinstance(end, Ended):
        return None
    return Reading(setting, end, json.dumps(as_json(picture(end.states))))


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
            cells = json.loads(found.text)["cells"]
            counted["cells"] += len(cells)
            counted["cells with too many states"] += sum(cell["note"] == TOO_MANY for cell in cells)
            counted["strips"] += sum(len(cell["parts"]) for cell in cells)
            for lie in found.lies():
                counted["lies"] += 1
                print(f"seed {seed}: {lie}")
                print(f"  ({found.setting!r}, [{', '.join(map(repr, found.end.done))}]),")
        seed += 1
    print(", ".join(f"{count} {name}" for name, count in counted.items()), f"and {counted['lies']} lies")
    return 1 if counted["lies"] else 0


if __name__ == "__main__":
    sys.exit(main())
