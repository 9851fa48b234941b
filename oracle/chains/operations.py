"""Tensor operations in pairs: what torch runs and what the axis algebra says.

An :class:`Operation` is a name and literal arguments, so that a chain can be printed, pasted and run again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import einops
import torch
from torch import Tensor

from oracle.chains.arguments import Operation, Sizes
from rnnlint.axes.operations import axis_order, combine, patterns, placing, products, regroup, select
from rnnlint.axes.operations.indexing import Picks
from rnnlint.axes.states import Raises, Result, States, Unknown


@dataclass(frozen=True, slots=True)
class Pair:
    """One operation on both sides; ``run`` is None where the caller keeps what is put together."""

    run: Callable[..., Tensor] | None
    answer: Callable[..., Result]


def _bracket(item: Any) -> Any:
    if not isinstance(item, Picks):
        return item
    if item.counting is not None:
        return torch.arange(item.shape[item.counting]).view(item.shape)
    return torch.tensor(item.values, dtype=torch.int64).view(item.shape)


def _run_index(x: Tensor, *items: Any) -> Tensor:
    return x[tuple(map(_bracket, items))]


def _answer_index(states: States, *items: Any) -> Result:
    return select.index(states, items)


def _run_index_select(x: Tensor, axis: int, entries: Sizes) -> Tensor:
    return x.index_select(axis, torch.tensor(entries))


def _answer_index_select(states: States, axis: int, entries: Sizes) -> Result:
    return select.index_select(states, axis, entries, len(entries))


def _gather_index(axis: int, sizes: Sizes, entries: Sizes) -> Tensor:
    index = torch.tensor(entries, dtype=torch.int64)
    if not sizes:
        return index.view(())
    spread = [1] * len(sizes)
    spread[axis] = -1
    return index.view(spread).expand(sizes).contiguous()


def _run_take_along(x: Tensor, axis: int, sizes: Sizes, entries: Sizes) -> Tensor:
    return torch.take_along_dim(x, _gather_index(axis, sizes, entries), axis)


def _run_branches(x: Tensor, branches: Sequence[Operation]) -> list[Tensor]:
    return [run(x, branch) for branch in branches]


def _answer_branches(states: States, branches: Sequence[Operation]) -> list[States] | Raises | Unknown:
    out: list[States] = []
    for branch in branches:
        one = answer(states, branch)
        if isinstance(one, Raises | Unknown):
            return one
        out.append(one)
    return out


def _joined(join: Callable[[list[States]], Result]) -> Callable[..., Result]:
    def answered(states: States, *branches: Operation) -> Result:
        parts = _answer_branches(states, branches)
        return parts if isinstance(parts, Raises | Unknown) else join(parts)

    return answered


def _along(join: Callable[[list[States], int], Result]) -> Callable[..., Result]:
    def answered(states: States, axis: int, *branches: Operation) -> Result:
        parts = _answer_branches(states, branches)
        return parts if isinstance(parts, Raises | Unknown) else join(parts, axis)

    return answered


def _answer_einsum(states: States, equation: str, *branches: Operation) -> Result:
    parts = _answer_branches(states, branches)
    return parts if isinstance(parts, Raises | Unknown) else products.einsum(equation, *parts)


# What becomes of the pieces: one is picked, or all are joined again, in order or reversed, or stacked.
def _run_pieces(x: Tensor, way: str, how: Any, axis: int, number: int, then: str, place: int) -> Tensor:
    pieces: list[Tensor] = list(getattr(x, way)(how, axis) if how is not None else x.unbind(axis))
    if not pieces:
        return x
    if then == "pick":
        return pieces[number % len(pieces)]
    if then == "stack":
        return torch.stack(pieces, place)
    return torch.cat(pieces if then == "cat" else pieces[::-1], place)


def _answer_pieces(states: States, way: str, how: Any, axis: int, number: int, then: str, place: int) -> Result:
    made: combine.Parts
    if way == "unbind":
        made = combine.unbind(states, axis)
    elif way == "split":
        made = combine.split(states, how, axis)
    elif way == "chunk":
        made = combine.chunk(states, how, axis)
    else:
        made = combine.tensor_split(states, how, axis)
    if isinstance(made, Raises | Unknown):
        return made
    if not made:
        return states
    pieces: list[States] = []
    for piece in made:
        if isinstance(piece, Unknown):
            return piece
        pieces.append(piece)
    if then == "pick":
        return pieces[number % len(pieces)]
    if then == "stack":
        return combine.stack(pieces, place)
    return combine.cat(pieces if then == "cat" else pieces[::-1], place)


def _run_rearrange(x: Tensor, pattern: str, known: Sequence[tuple[str, int]]) -> Tensor:
    return einops.rearrange(x, pattern, **dict(known))


def _run_einrepeat(x: Tensor, pattern: str, known: Sequence[tuple[str, int]]) -> Tensor:
    repeated: Tensor = einops.repeat(x, pattern, **dict(known))
    return repeated


def _run_narrow(x: Tensor, axis: int, *bounds: int | None) -> Tensor:
    if not x.dim():
        return x[slice(*bounds)]
    return x.transpose(0, axis)[slice(*bounds)].transpose(0, axis)


def _run_squeeze(x: Tensor, axes: int | Sizes | None) -> Tensor:
    return x.squeeze() if axes is None else x.squeeze(axes)


def _named(function: Callable[..., Result]) -> Callable[..., Result]:
    def answered(states: States, pattern: str, known: Sequence[tuple[str, int]]) -> Result:
        return function(states, pattern, **dict(known))

    return answered


def _run_gather(x: Tensor, axis: int, sizes: Sizes, entries: Sizes) -> Tensor:
    return x.gather(axis, _gather_index(axis, sizes, entries))


def _run_index_copy(x: Tensor, axis: int, entries: Sizes, branch: Operation) -> Tensor:
    return x.index_copy(axis, torch.tensor(entries, dtype=torch.int64), run(x, branch))


def _run_scatter(x: Tensor, axis: int, entries: Sizes, branch: Operation) -> Tensor:
    source = run(x, branch)
    return x.scatter(axis, _gather_index(axis, tuple(source.shape), entries), source)


def _placed(place: Callable[[States, int, Sizes, States], Result]) -> Callable[..., Result]:
    def answered(states: States, axis: int, entries: Sizes, branch: Operation) -> Result:
        source = answer(states, branch)
        return source if isinstance(source, Raises | Unknown) else place(states, axis, entries, source)

    return answered


def _run_reverse(x: Tensor) -> Tensor:
    return x.permute(tuple(range(x.dim()))[::-1])


def _run_cat(x: Tensor, axis: int, *branches: Operation) -> Tensor:
    return torch.cat(_run_branches(x, branches), axis)


def _run_stack(x: Tensor, axis: int, *branches: Operation) -> Tensor:
    return torch.stack(_run_branches(x, branches), axis)


def _run_joined(join: Callable[[list[Tensor]], Tensor]) -> Callable[..., Tensor]:
    def ran(x: Tensor, *branches: Operation) -> Tensor:
        return join(_run_branches(x, branches))

    return ran


PAIRS: dict[str, Pair] = {
    "identity": Pair(lambda x: x, lambda states: states),
    "select": Pair(torch.select, select.select),
    "narrow": Pair(_run_narrow, select.narrow),
    "length_of": Pair(torch.narrow, select.length_of),
    "index": Pair(_run_index, _answer_index),
    "index_select": Pair(_run_index_select, _answer_index_select),
    "gather": Pair(_run_gather, select.gather),
    "take_along_dim": Pair(_run_take_along, select.take_along_dim),
    "diagonal": Pair(torch.diagonal, placing.diagonal),
    "windows": Pair(lambda x, axis, size, step: x.unfold(axis, size, step), placing.windows),
    "index_copy": Pair(_run_index_copy, _placed(placing.index_copy)),
    "scatter": Pair(_run_scatter, _placed(placing.scatter)),
    "index_add": Pair(None, _placed(placing.index_add)),
    "flip": Pair(torch.flip, select.flip),
    "roll": Pair(torch.roll, select.roll),
    "transpose": Pair(torch.transpose, axis_order.transpose),
    "permute": Pair(torch.permute, axis_order.permute),
    "movedim": Pair(torch.movedim, axis_order.movedim),
    "t": Pair(torch.t, axis_order.t),
    "mT": Pair(lambda x: x.mT, axis_order.mt),
    "T": Pair(_run_reverse, axis_order.reverse),
    "reshape": Pair(torch.reshape, regroup.reshape),
    "flatten": Pair(torch.flatten, regroup.flatten),
    "unflatten": Pair(torch.unflatten, regroup.unflatten),
    "unsqueeze": Pair(torch.unsqueeze, regroup.unsqueeze),
    "squeeze": Pair(_run_squeeze, regroup.squeeze),
    "expand": Pair(lambda x, sizes: x.expand(sizes), combine.expand),
    "repeat": Pair(lambda x, counts: x.repeat(counts), combine.repeat),
    "repeat_interleave": Pair(torch.repeat_interleave, combine.repeat_interleave),
    "cat": Pair(_run_cat, _along(combine.cat)),
    "stack": Pair(_run_stack, _along(combine.stack)),
    "hstack": Pair(_run_joined(torch.hstack), _joined(combine.hstack)),
    "vstack": Pair(_run_joined(torch.vstack), _joined(combine.vstack)),
    "dstack": Pair(_run_joined(torch.dstack), _joined(combine.dstack)),
    "pieces": Pair(_run_pieces, _answer_pieces),
    "rearrange": Pair(_run_rearrange, _named(patterns.rearrange)),
    "einrepeat": Pair(_run_einrepeat, _named(patterns.einrepeat)),
    "reduce": Pair(None, combine.reduce),
    "einreduce": Pair(None, _named(patterns.einreduce)),
    "spread": Pair(None, combine.spread),
    "contract": Pair(None, combine.contract),
    "blend": Pair(None, _joined(combine.blend)),
    "matmul": Pair(None, _joined(lambda parts: products.matmul(*parts))),
    "bmm": Pair(None, _joined(lambda parts: products.bmm(*parts))),
    "mm": Pair(None, _joined(lambda parts: products.mm(*parts))),
    "mv": Pair(None, _joined(lambda parts: products.mv(*parts))),
    "einsum": Pair(None, _answer_einsum),
}


def run(x: Tensor, operation: Operation) -> Tensor:
    """What torch makes of it; not for operations that combine."""
    function = PAIRS[operation.name].run
    assert function is not None
    return function(x, *operation.arguments)


def answer(states: States, operation: Operation) -> Result:
    """What the algebra makes of it."""
    return PAIRS[operation.name].answer(states, *operation.arguments)
