"""The tensors at the places of a program that a fix has written, in a run on labels.

Every expression around such a place is handed to a probe when it has been evaluated; of those that stand in each other
the innermost that holds states is what the fix has put there.
"""

from __future__ import annotations

import ast
import contextlib
import enum
import io
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from oracle.fixes.mending import Span
from oracle.mutation.drawn import RAISED_BY_MUTANTS
from oracle.programs.truth import Influence, Leaf, influence_of, influenced
from oracle.variations.running import Drive, executable

_PROBE = "__probe__"
_TENSORS = (ast.Subscript, ast.Call, ast.BinOp, ast.Attribute, ast.Name, ast.IfExp, ast.UnaryOp)
"""What can be a tensor, and stand in a call wherever it stands now."""


class Thing(enum.Enum):
    """What is looked for at a place, from the inside out."""

    STATES = "a tensor that holds states"
    NUMBERS = "a tensor"
    TRUTH = "whether something is so"
    RETURNED = "what a call returns"


@dataclass(frozen=True, slots=True)
class Held:
    """What stood at a place once: ``influence`` of the recurrent calls whose states are in it.

    ``states`` are the labels of each element (kind, layer, direction, step, sample, unit), where the value is a reading
    of one call and nothing else; ``lengths`` are those of that call's samples, where it is of one call.  ``value`` is
    the tensor, and ``handed`` what the call got for a state: the labels of each tensor in the call before, None for one
    that is none of its states.
    """

    shape: tuple[int, ...]
    influence: tuple[Influence, ...]
    states: Tensor | None = None
    lengths: tuple[int, ...] = ()
    is_true: bool = False
    value: Tensor = field(default_factory=lambda: torch.empty(0))
    handed: tuple[Tensor | None, ...] = ()


@dataclass(slots=True)
class _Probe:
    """What is told of one place, from the inside out; which kind of ``thing`` is looked for."""

    leaves: list[Leaf]
    thing: Thing
    held: list[Held] = field(default_factory=list)
    _level: int = -1
    _found: bool = False

    def __call__(self, level: int, value: object) -> object:
        # what is evaluated again begins from the inside
        if level <= self._level:
            self._found = False
        self._level = level
        one = None if self._found else self._what(value)
        if one is not None:
            self.held.append(one)
            self._found = True
        return value

    def _what(self, value: object) -> Held | None:
        if self.thing is Thing.RETURNED and isinstance(value, tuple) and value:  # the output first
            value = value[0]
        if self.thing is Thing.TRUTH:
            if isinstance(value, Tensor) and value.dtype is torch.bool:
                return Held(tuple(value.shape), (), is_true=bool(value.all()))
            return Held((), (), is_true=value) if isinstance(value, bool) else None
        if not isinstance(value, Tensor) or not value.is_floating_point() or not value.dim():
            return None
        if self.thing is Thing.NUMBERS:
            return Held(tuple(value.shape), (), value=value.detach())
        return _held(value, self.leaves)


def probed(text: str, spans: Sequence[Span], drive: Drive | None, thing: Thing = Thing.STATES) -> list[list[Held]]:
    """What of a kind the program holds at each span while it runs, as far as it runs."""
    tree, count = _with_probes(executable(text), spans)
    torch.manual_seed(0)
    with influenced() as leaves, warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        probes = [_Probe(leaves, thing) for _ in range(count)]

        def told(number: int, level: int, value: object) -> object:
            return probes[number](level, value)

        scope: dict[str, object] = {"__name__": "__main__", _PROBE: told}
        with contextlib.suppress(*RAISED_BY_MUTANTS, SystemExit):
            exec(compile(tree, "<mended>", "exec"), scope)
            if drive is not None:
                drive(scope)
    return [probe.held for probe in probes]


def _with_probes(text: str, spans: Sequence[Span]) -> tuple[ast.Module, int]:
    """The tree of a text with a probe around every expression that each span is in."""
    tree = ast.parse(text)
    lines = text.split("\n")

    def around(node: ast.expr, span: Span) -> bool:
        start = node.lineno, _characters(lines, node.lineno, node.col_offset)
        end_line = node.end_lineno or node.lineno
        return start <= span[0] and span[1] <= (end_line, _characters(lines, end_line, node.end_col_offset or 0))

    chosen: dict[ast.expr, list[tuple[int, int]]] = {}
    for number, span in enumerate(spans):
        nodes = [one for one in ast.walk(tree) if isinstance(one, _TENSORS) and _is_read(one) and around(one, span)]
        # ast.walk goes from the outside in
        for level, node in enumerate(reversed(nodes)):
            chosen.setdefault(node, []).append((number, level))
    return ast.fix_missing_locations(_Wrapping(chosen).visit(tree)), len(spans)


def _characters(lines: Sequence[str], line: int, column: int) -> int:
    """A column that Python's tree counts in bytes."""
    return len(lines[line - 1].encode()[:column].decode())


def _is_read(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


class _Wrapping(ast.NodeTransformer):
    def __init__(self, chosen: dict[ast.expr, list[tuple[int, int]]]) -> None:
        self._chosen = chosen

    def generic_visit(self, node: ast.AST) -> ast.AST:
        told = self._chosen.get(node, []) if isinstance(node, ast.expr) else []
        found: ast.AST = super().generic_visit(node)
        for number, level in told:
            assert isinstance(found, ast.expr)
            arguments: list[ast.expr] = [ast.Constant(number), ast.Constant(level), found]
            found = ast.copy_location(ast.Call(ast.Name(_PROBE, ast.Load()), arguments, []), node)
        return found


def _held(value: Tensor, leaves: list[Leaf]) -> Held | None:
    """What a tensor holds of the calls made so far; None where that is nothing."""
    shape = tuple(value.shape)
    for number, leaf in enumerate(leaves):
        states = _states(value, leaf)
        if states is not None:
            handed = tuple(_states(one, leaves[number - 1]) if number else None for one in leaf.start)
            return Held(shape, (_influence(states, value, leaf),), states, leaf.lengths, handed=handed)
    if not value.requires_grad:
        return None
    every = influence_of(value, leaves)
    found = tuple(one for one in every if bool(one.mask.any()))
    of = [leaf for leaf, one in zip(leaves, every, strict=True) if bool(one.mask.any())]
    lengths = of[0].lengths if len(of) == 1 else ()
    return Held(shape, found, lengths=lengths, value=value.detach()) if found else None


def _states(value: Tensor, leaf: Leaf) -> Tensor | None:
    """The labels of a tensor that is nothing but states of one call, (*shape, 6); None for any other."""
    if not value.numel():
        return None
    known, order = leaf.values.detach().flatten().sort()
    given = value.detach().to(known.dtype).contiguous()
    place = torch.searchsorted(known, given).clamp(max=len(known) - 1)
    if not torch.equal(known[place], given):
        return None
    return torch.stack(torch.unravel_index(order[place], leaf.values.shape), -1)


def _influence(states: Tensor, value: Tensor, leaf: Leaf) -> Influence:
    """The influence of a call on a tensor that holds just these states of it."""
    lead = tuple(value.shape[:-1])
    rows = states.reshape(-1, value.shape[-1], states.shape[-1])
    mask = torch.zeros(len(rows), *leaf.values.shape, dtype=torch.bool)
    for number, row in enumerate(rows):
        mask[number].index_put_(row.unbind(-1), torch.tensor(True))
    return Influence(leaf.extents, lead, mask, leaf.given, leaf.values.detach(), leaf.start)


def every(several: Iterable[list[Held]], holds: Callable[[Held], str]) -> str:
    """The first complaint about what was held anywhere; "" where there is none."""
    return next((why for one in several for held in one if (why := holds(held))), "")
