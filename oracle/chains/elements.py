"""Tensors whose elements hold states, on torch's side, as rows of labels.

After a reduction or an elementwise combination an element holds a set of states.  Torch runs every operation on
numbers of elements, next to a table of the states behind each number; what is compared are the sets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import einops
import numpy as np
import torch
from torch import Tensor

from oracle.chains.arguments import Operation
from oracle.chains.operations import run
from oracle.chains.random_operations import COMBINING
from rnnlint.axes.form.factors import product
from rnnlint.axes.states import Role
from rnnlint.runtime.truth.realized import NONE, Numbers


class Held:
    """A tensor of torch's whose elements are numbers of rows in a table of states."""

    __slots__ = ("numbers", "table")

    def __init__(self, numbers: Tensor, table: Tensor) -> None:
        self.numbers = numbers
        self.table = table

    @classmethod
    def of(cls, held: Tensor) -> Held:
        """Every element holds its own label."""
        return cls(torch.arange(held.numel()).view(held.shape), held.reshape(-1, 1))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The tensor's shape."""
        return tuple(self.numbers.shape)

    def rows(self) -> Numbers:
        """The states of every element, row-major: (elements, members)."""
        found: Numbers = self.table[self.numbers.reshape(-1)].numpy()
        return found

    def done(self, operation: Operation) -> Held:
        """After an operation; raises what torch raises."""
        if operation.name not in COMBINING:
            return Held(run(self.numbers, operation), self.table)
        combined: Held = getattr(self, f"_{operation.name}")(*operation.arguments)
        return combined

    def _merged(self, moved: Tensor, sizes: Sequence[int]) -> Held:
        """New elements of shape ``sizes`` out of the rows of ``moved``."""
        table = self.table[moved].flatten(1)
        return Held(torch.arange(len(table)).view(tuple(sizes)), table)

    def _reduce(self, axes: tuple[int, ...] | None, keepdim: bool) -> Held:
        x = self.numbers
        out = x.sum() if axes is None and not keepdim else x.sum(axes or (), keepdim=keepdim)
        gone = [axis % max(x.dim(), 1) for axis in axes or range(x.dim())] if x.dim() else []
        return self._merged(self._apart(gone), out.shape)

    def _apart(self, gone: Sequence[int]) -> Tensor:
        """The numbers with the axes ``gone`` put together, last, and all others put together before them."""
        x = self.numbers
        kept = [axis for axis in range(x.dim()) if axis not in gone]
        sizes = [product(x.shape[axis] for axis in axes) for axes in (kept, gone)]
        return x.permute((*kept, *gone)).reshape(sizes)

    def _einreduce(self, pattern: str, known: Sequence[tuple[str, int]]) -> Held:
        tables: list[Tensor] = []

        def merge(x: Tensor, axes: Sequence[int]) -> Tensor:
            merged = Held(x, self.table)._reduce(tuple(axes), False)
            tables.append(merged.table)
            return merged.numbers

        out = einops.reduce(self.numbers, pattern, merge, **dict(known))
        return Held(out, tables[0] if tables else self.table)

    def _spread(self, axis: int) -> Held:
        out = self.numbers.cumsum(axis)
        if not self.numbers.numel() or not self.numbers.dim():
            return self
        whole = self._reduce((axis,), True)
        return Held(whole.numbers.expand(out.shape), whole.table)

    def _contract(self, features: int) -> Held:
        x = self.numbers
        # for what it raises; in float, because linear takes no whole numbers
        torch.nn.functional.linear(x.double(), torch.zeros(features, x.shape[-1] if x.dim() else 1).double())
        whole = self._reduce((-1,), True)
        return Held(whole.numbers.expand(*x.shape[:-1], features), whole.table)

    def _blend(self, *branches: Operation) -> Held:
        parts = [run(self.numbers, branch) for branch in branches]
        out = sum(parts, torch.tensor(0))
        rows = torch.stack([part.expand(out.shape).reshape(-1) for part in parts], 1)
        return self._merged(rows, out.shape)

    def _index_add(self, axis: int, entries: tuple[int, ...], branch: Operation) -> Held:
        x, source = self.numbers, run(self.numbers, branch)
        x.index_add(axis, torch.tensor(entries, dtype=torch.int64), source)  # for what it raises
        layers = [x]
        for number, place in enumerate(entries):
            layer = x.clone()
            if x.dim():
                layer.select(axis, place).copy_(source.select(axis, number))
            layers.append(layer)
        return self._merged(torch.stack([layer.reshape(-1) for layer in layers], 1), x.shape)

    def _matmul(self, *branches: Operation) -> Held:
        return self._product(torch.matmul, branches)

    def _bmm(self, *branches: Operation) -> Held:
        return self._product(torch.bmm, branches)

    def _mm(self, *branches: Operation) -> Held:
        return self._product(torch.mm, branches)

    def _mv(self, *branches: Operation) -> Held:
        return self._product(torch.mv, branches)

    def _einsum(self, equation: str, *branches: Operation) -> Held:
        return self._product(lambda *operands: torch.einsum(equation, *operands), branches)

    def _product(self, multiply: Callable[..., Tensor], branches: Sequence[Operation]) -> Held:
        """Torch says which elements of an operand a product reads: those that alone, among zeros, change it."""
        parts = [run(self.numbers, branch) for branch in branches]
        ones = [torch.ones(part.shape) for part in parts]
        out: Tensor = multiply(*ones)
        rows: list[Tensor] = []
        for place, part in enumerate(parts):
            single = torch.eye(part.numel()).view(part.numel(), *part.shape)
            reads = [multiply(*ones[:place], one, *ones[place + 1 :]).reshape(-1) != 0 for one in single]
            read = torch.stack(reads, 1) if reads else torch.zeros(out.numel(), 0, dtype=torch.bool)
            rows.append(part.reshape(-1).expand(read.shape)[read].view(out.numel(), int(read[:1].sum())))
        return self._merged(torch.cat(rows, 1), out.shape)


def sets(rows: Numbers) -> Numbers:
    """Rows as sets: sorted, without duplicates and NONE, filled up in front with NONE."""
    if not len(rows):
        return np.zeros((0, 0), dtype=np.int64)
    if rows.shape[1] < 2:
        return rows
    # twice: equal states side by side first, then what was struck out to the front
    rows = np.sort(rows, axis=1)
    rows[:, 1:][rows[:, 1:] == rows[:, :-1]] = NONE
    rows = np.sort(rows, axis=1)
    return rows[:, (rows != NONE).any(axis=0)]


# where ``labels.encode`` puts each coordinate: bits from the right, and the mask of its width (16 are the unit's)
_SHIFTS = {Role.LAYER: (45, 63), Role.DIRECTION: (44, 1), Role.STEP: (30, 16383), Role.SAMPLE: (16, 16383)}


def cut_roles(rows: Numbers, sizes: Sequence[int]) -> frozenset[Role]:
    """The roles whose coordinate changes along two or more axes of a tensor of single labels."""
    grid = rows.reshape(sizes)
    found = set()
    for role, (shift, mask) in _SHIFTS.items():
        here = grid >> shift & mask
        axes = [axis for axis, size in enumerate(sizes) if size > 1 and (here != here.take([0], axis=axis)).any()]
        if len(axes) > 1:
            found.add(role)
    return frozenset(found)
