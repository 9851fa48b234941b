"""Literal calls of torch's functions, answered by the analysis and by torch: do the two agree?

Every operation is registered with calls that torch takes (``tries``).  A program of each is read by the interpreter,
and run by torch on tensors in which every element stands for one state: the shapes must be the same, and the elements
on which autograd finds that a result depends must be states that the analysis says it reads.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import einops
import numpy as np
import torch
from torch import Tensor, nn

from rnnlint.axes.states import Block, Call, Unknown, blocks, shape
from rnnlint.interpret.explore import explore
from rnnlint.interpret.state.sizes import LEAST
from rnnlint.runtime.truth import labels
from rnnlint.runtime.truth.influence import _gradients
from rnnlint.runtime.truth.realized import realized
from rnnlint.source.parse import NotAnalysed, parse
from rnnlint.values import domain
from rnnlint.values.domain import Value

SAMPLES, STEPS, LAYERS, DIRECTIONS, UNITS = 2, 5, 2, 2, 3
PACKING = "PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence"

IMPORTS = f"""\
import math

import einops
import numpy
import torch
from torch import nn
from torch.nn.utils.rnn import {PACKING}
"""

# what calls are made of: x and y (2, 5, 6) are outputs, h (4, 2, 3) final states, of two layers and two directions;
# both is what a call returns
STATES = f"""\
rnn = nn.GRU(4, {UNITS}, num_layers={LAYERS}, batch_first=True, bidirectional=True)
x, h = rnn(torch.rand({SAMPLES}, {STEPS}, 4))
both = rnn(torch.rand({SAMPLES}, {STEPS}, 4))
y, _ = both
"""
PARTS = """\
m = x[:, 1]
v = h[1, 0]
s = v[2]
one = x[:, :1]
w = torch.rand(6, 4, dtype=torch.float64)
i = torch.tensor([1, 0])
lengths = torch.tensor([5, 3])
packed = pack_padded_sequence(x, lengths, True)
mask = torch.arange(60).view(2, 5, 6) % 2 == 0
"""


def called(name: str, arguments: str) -> str:
    """A call of a function or method under its qualified name; of a method's arguments the first is the receiver."""
    if not name.startswith("Tensor."):
        return f"{name}({arguments})"
    receiver, rest = _first(arguments)
    return f"({receiver}).{name.removeprefix('Tensor.')}({rest})"


def _first(arguments: str) -> tuple[str, str]:
    depth = 0
    for place, character in enumerate(arguments):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and not depth:
            return arguments[:place], arguments[place + 1 :].strip()
    return arguments, ""


def _parts(expression: str) -> str:
    """The lines of :data:`PARTS` that make what an expression names: most calls are of the results themselves."""
    named, kept = set(re.findall(r"\w+", expression)), list[str]()
    for line in reversed(PARTS.splitlines(keepends=True)):
        name, _, made = line.partition(" = ")
        if name in named:
            named |= set(re.findall(r"\w+", made))
            kept.append(line)
    return "".join(reversed(kept))


def answered(expression: str) -> Value | str:
    """The value that the analysis gives an expression; what torch raises, if it says that torch does."""
    program = parse(f"{IMPORTS}\n{STATES}{_parts(expression)}result = {expression}\n")
    assert not isinstance(program, NotAnalysed)
    explored = explore(program.program)
    assert not explored.failures, explored.failures[0].trace
    outcome = explored.explorations[0].outcomes[0]
    return outcome.raises or explored.base.names_of("").get("result", Unknown("the name is not bound"))


@dataclass(frozen=True, slots=True)
class Ran:
    """What torch made of an expression, and the tensors it was made of, with the labels of their elements."""

    result: Any
    leaves: tuple[tuple[Tensor, np.ndarray[Any, np.dtype[np.int64]]], ...]


def ran(expression: str) -> Ran:
    """The expression, run.  Raises what torch raises."""
    torch.manual_seed(0)
    rows = labels.output_labels(LAYERS, DIRECTIONS, STEPS, SAMPLES, UNITS).transpose(0, 1)
    finals = labels.state_labels(labels.HIDDEN, LAYERS, DIRECTIONS, torch.full((SAMPLES,), STEPS), UNITS)
    leaves = [(torch.rand(held.shape, dtype=torch.float64) * 0.8 + 0.1, held) for held in (rows, rows, finals)]
    for leaf, _ in leaves:
        leaf.requires_grad_()
    # copies, so that what works in place may
    names: dict[str, Any] = {name: leaf.clone() for name, (leaf, _) in zip("xyh", leaves, strict=True)}
    names["both"] = (names["y"], names["h"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of deprecated names, which programs use all the same
        exec(f"{IMPORTS}\n{_parts(expression)}", names)
        exec(f"result = {expression}\n", names)
    return Ran(names["result"], tuple((leaf, held.reshape(-1).numpy()) for leaf, held in leaves))


def disagreement(answer: Value | str, run: Ran) -> str:
    """How the analysis contradicts torch; "" where it does not."""
    if isinstance(answer, str):
        return f"it says that torch raises {answer}"
    return _differs(answer, run.result, run)


def _differs(answer: Value, result: Any, run: Ran) -> str:
    if isinstance(result, np.ndarray):
        result = torch.from_numpy(result)
    match answer:
        case domain.Tensor(states):
            if not isinstance(result, Tensor):
                return f"a tensor, where torch gives a {type(result).__name__}"
            sizes = shape(states)
            same = len(sizes) == result.dim() and all(
                mine == its or mine >= LEAST for mine, its in zip(sizes, result.shape, strict=True)
            )
            if not same:
                return f"the shape {sizes}, where torch has {tuple(result.shape)}"
            return _reads_else(answer, result, run)
        case domain.Items(items):
            parts = tuple(result) if isinstance(result, tuple | list) else None
            if parts is None or len(parts) != len(items):
                return f"{len(items)} values, where torch gives {result!r}"
            return next(filter(None, (_differs(one, its, run) for one, its in zip(items, parts, strict=True))), "")
        case domain.Lit(value):
            held = result.item() if isinstance(result, Tensor) else result
            return "" if value == held else f"{value!r}, where torch gives {held!r}"
        case domain.Packed():
            return "" if isinstance(result, nn.utils.rnn.PackedSequence) else f"a pack, where torch gives {result!r}"
    return ""


def _reads_else(answer: domain.Tensor, result: Tensor, run: Ran) -> str:
    """Whether an element depends on a state that it is not said to read."""
    if not all(_placed(block) for block in blocks(answer.states)):
        return ""
    if max(shape(answer.states), default=0) >= LEAST or not result.requires_grad:
        return ""
    said = realized(answer.states)
    rows = result.reshape(-1)
    for leaf, held in run.leaves:
        try:
            gradients = _gradients(rows, leaf, 0, len(rows))
        except RuntimeError as error:
            if "is not implemented" not in str(error):
                raise
            return ""  # asinh_ and its kin have a shape, but no gradient
        if gradients is None:
            continue
        for place, row in enumerate(gradients.reshape(len(rows), -1).ne(0).numpy()):
            more = set(held[row]) - set(said[place])
            if more:
                return f"element {place} reads {labels.decode(int(min(more)))} as well"
    return ""


def _placed(block: Block) -> bool:
    """Whether it is known of every element which state of an unpacked call it is."""
    places = all(isinstance(at, int) or at.value == "final" for _, at in block.at)
    return isinstance(block.source, Call) and not block.source.packed and places


def of_torch(name: str) -> Callable[..., Any] | None:
    """What a qualified name is; None where this version of torch (or numpy, or einops) has no such thing."""
    roots: dict[str, Any] = {
        "torch": torch,
        "Tensor": Tensor,
        "numpy": np,
        "einops": einops,
        "math": math,
    }
    first, *rest = name.split(".")
    found = roots[first]
    for part in rest:
        found = getattr(found, part, None)
    return found if callable(found) else None
