"""What the page says of a reading against torch: labels for the states, autograd for what reaches an element.

The module's results are replaced by numbers of which autograd knows where they came from, so that a mean is followed as
well as a transpose; torch's labels say which state stood where.  Strips are held against the gradients of real modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import torch
from torch import Tensor

from oracle.pictures import depends
from rnnlint.runtime.shown import evaluated
from rnnlint.runtime.truth import labels
from rnnlint.showing.question import Question, read
from tools.explorer.walking import Said

_KINDS = {"hidden": labels.HIDDEN, "cell": labels.CELL}


def differences(one: Said) -> Iterator[str]:
    """Where the page and torch do not agree about a reading."""
    question = one.question
    known = _labelled(one.module["cell"], question.layers, question.directions, question.batch_first, *_sizes(question))
    leaves = {name: torch.rand(held.shape, dtype=torch.float64, requires_grad=True) for name, held in known.items()}
    # a maximum reads what a mean does, but has a gradient for one of them alone
    tree = read(one.expression.replace(".amax(", ".mean("), question)
    value = evaluated(tree.body, {**question.names, **leaves})
    assert isinstance(value, Tensor)
    if tuple(value.shape) != one.shape:
        yield f"{one}: shape {one.shape}, torch: {tuple(value.shape)}"
        return
    held = [_states(element, leaves, known) for element in value.reshape(-1)]
    for cell in one.said["cells"]:
        shown = {state for part in cell["parts"] for state in _but_units(part)}
        units = {unit for part in cell["parts"] for unit in part["unit"]}
        met: set[int] = set()
        for place in product(*(range(*band) for band in cell["place"])):
            number = 0
            for at, size in zip(place, one.shape, strict=True):
                number = number * size + at
            if {state[:5] for state in held[number]} != shown:
                yield f"{one}: {place} shows {sorted(shown)}, torch: {sorted(held[number])}"
            met |= {state[5] for state in held[number]}
        if met != units:
            yield f"{one}: {cell['place']} shows units {sorted(units)}, torch: {sorted(met)}"
        yield from (f"{one}: {said}" for part in cell["parts"] for said in _ticks(part, question))


def _sizes(question: Question) -> tuple[int, int, int]:
    return question.sizes["N"], question.sizes["T"], question.sizes["H"]


@cache
def _labelled(
    cell: str, layers: int, directions: int, batch_first: bool, samples: int, steps: int, units: int
) -> dict[str, Tensor]:
    """The labels of what a module returns."""
    module = getattr(labels, cell)(2, units, layers, bidirectional=directions == 2, batch_first=batch_first)
    sizes = (samples, steps) if batch_first else (steps, samples)
    output, state = module(torch.zeros(*sizes, 2))
    h_n, c_n = state if isinstance(state, tuple) else (state, None)
    return {"output": output, "h_n": h_n, **({"c_n": c_n} if c_n is not None else {})}


def _states(element: Tensor, leaves: dict[str, Tensor], known: dict[str, Tensor]) -> list[tuple[int, ...]]:
    """The states that go into an element: kind, layer, direction, step, sample, unit."""
    gradients = torch.autograd.grad(element, list(leaves.values()), retain_graph=True, allow_unused=True)
    return [
        tuple(map(int, labels.decode(label)))
        for name, gradient in zip(leaves, gradients, strict=True)
        if gradient is not None
        for label in known[name][gradient != 0].tolist()
    ]


def _but_units(part: dict[str, Any]) -> Iterator[tuple[int, ...]]:
    for layer, step, sample in product(part["layer"], part["step"], part["sample"]):
        yield _KINDS[part["kind"]], layer, part["direction"], step, sample


def _ticks(part: dict[str, Any], question: Question) -> Iterator[str]:
    """Each tick against autograd: what the states depend on, and what they do in a stack without layers below."""
    whole: set[int] = set()
    own: set[int] = set()
    steps = question.sizes["T"]
    for _, layer, direction, step, _ in _but_units(part):
        whole |= depends(question.cell, layer, question.directions, steps)[direction][step]
        own |= depends(question.cell, 0, question.directions, steps)[direction][step]
    expected = ["own" if step in own else "below" if step in whole else "no" for step in range(steps)]
    if part["strip"] != expected:
        yield f"ticks {part['strip']}, autograd: {expected}"
