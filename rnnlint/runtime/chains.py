"""Chains of operations on torch's labels and on the axis algebra, compared element by element.

``python -m rnnlint.runtime.chains --count 1000000 --seed 0`` draws that many chains and prints how many ended how, the
reasons of what was unknown, and every disagreement with the shortest chain that still shows it.  Exit status 1 if there
is one.

After a reduction or an elementwise combination an element holds a set of states.  Torch runs every operation on
numbers of elements, next to a table of the states behind each number; what is compared are the sets.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product as every

import einops
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rnnlint.axes import meaning, results
from rnnlint.axes.normal import product
from rnnlint.axes.states import (
    Blended,
    Block,
    Call,
    Factor,
    Joined,
    Kind,
    Position,
    Raises,
    Result,
    Role,
    Somewhere,
    States,
    Unknown,
    Wire,
    shape,
)
from rnnlint.runtime import labels
from rnnlint.runtime.operations import COMBINING, Operation, answer, draw, run

LONGEST = 8
NONE = np.int64(0)  # no state: a place that is empty, or filled up

Numbers = npt.NDArray[np.int64]

MODULES: dict[str, type[torch.nn.RNNBase]] = {"RNN": labels.RNN, "GRU": labels.GRU, "LSTM": labels.LSTM}


@dataclass(frozen=True, slots=True)
class Setting:
    """A recurrent call and which of its results a chain starts from."""

    cell: str
    layers: int
    directions: int
    samples: int | None
    steps: int
    hidden: int
    projected: int
    batch_first: bool
    result: str

    def call(self) -> Call:
        """The call as the algebra sees it."""
        units = self.projected or self.hidden
        return Call("chain", self.layers, self.directions, self.samples, self.steps, units, self.hidden)

    def states(self) -> Block:
        """The result as the algebra sees it."""
        if self.result == "output":
            return results.output_of(self.call(), self.batch_first)
        return results.state_of(self.call(), Kind.CELL if self.result == "c_n" else Kind.HIDDEN)


def draw_setting(rng: random.Random) -> Setting:
    """Any cell, layout and result; small extents."""
    cell = rng.choice(tuple(MODULES))
    hidden = rng.randint(1, 5)
    projected = rng.randint(1, hidden - 1) if cell == "LSTM" and hidden > 1 and rng.random() < 0.4 else 0
    samples = rng.randint(1, 6) if rng.random() < 0.85 else None
    result = rng.choice(("output", "h_n", "c_n") if cell == "LSTM" else ("output", "h_n"))
    return Setting(
        cell, rng.randint(1, 3), rng.randint(1, 2), samples, rng.randint(1, 6), hidden, projected, rng.random() < 0.5, result
    )


@lru_cache(maxsize=30_000)
def torch_labels(setting: Setting) -> Tensor:
    """The labels that the setting's result holds."""
    options = {"proj_size": setting.projected} if setting.projected else {}
    module = MODULES[setting.cell](
        2,
        setting.hidden,
        setting.layers,
        batch_first=setting.batch_first,
        bidirectional=setting.directions == 2,
        **options,
    )
    sizes = [setting.steps, 2]
    if setting.samples is not None:
        sizes.insert(0 if setting.batch_first else 1, setting.samples)
    output, state = module(torch.zeros(sizes))
    if setting.result == "output":
        return output
    if setting.cell == "LSTM":
        return state[1 if setting.result == "c_n" else 0]
    return state


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
        return tuple(self.numbers.shape)

    def rows(self) -> Numbers:
        """The states of every element, row-major: (elements, members)."""
        found: Numbers = self.table[self.numbers.reshape(-1)].numpy()
        return found

    def done(self, operation: Operation) -> Held:
        """After an operation; raises what torch raises."""
        if operation.name in COMBINING:
            return getattr(self, f"_{operation.name}")(*operation.arguments)
        return Held(run(self.numbers, operation), self.table)

    def _merged(self, moved: Tensor, sizes: Sequence[int]) -> Held:
        """New elements of shape ``sizes`` out of the rows of ``moved``."""
        table = self.table[moved].flatten(1)
        return Held(torch.arange(len(table)).view(tuple(sizes)), table)

    def _reduce(self, axes: tuple[int, ...] | None, keepdim: bool) -> Held:
        x = self.numbers
        out = x.sum() if axes is None and not keepdim else x.sum(axes or (), keepdim=keepdim)
        gone = [axis % max(x.dim(), 1) for axis in axes or range(x.dim())] if x.dim() else []
        kept = [axis for axis in range(x.dim()) if axis not in gone]
        return self._merged(x.permute((*kept, *gone)).reshape(out.numel(), product(x.shape[axis] for axis in gone)), out.shape)

    def _einreduce(self, pattern: str, known: Sequence[tuple[str, int]]) -> Held:
        tables: list[Tensor] = []

        def merge(x: Tensor, axes: Sequence[int]) -> Tensor:
            kept = [axis for axis in range(x.dim()) if axis not in axes]
            sizes = [x.shape[axis] for axis in kept]
            tables.append(self.table[x.permute((*kept, *axes)).reshape(product(sizes), product(x.shape[a] for a in axes))].flatten(1))
            return torch.arange(product(sizes)).view(sizes)

        out = einops.reduce(self.numbers, pattern, merge, **dict(known))  # type: ignore[arg-type]
        return Held(out, tables[0] if tables else self.table)

    def _spread(self, axis: int) -> Held:
        out = self.numbers.cumsum(axis)
        if not self.numbers.numel() or not self.numbers.dim():
            return self
        whole = self._reduce((axis,), True)
        return Held(whole.numbers.expand(out.shape), whole.table)

    def _contract(self, features: int) -> Held:
        x = self.numbers
        torch.nn.functional.linear(x.double(), torch.zeros(features, x.shape[-1] if x.dim() else 1).double())
        whole = self._reduce((-1,), True)
        return Held(whole.numbers.expand(*x.shape[:-1], features), whole.table)

    def _blend(self, *branches: Operation) -> Held:
        parts = torch.broadcast_tensors(*(run(self.numbers, branch) for branch in branches))
        sum(parts)
        rows = torch.stack([part.reshape(-1) for part in parts], 1)
        return self._merged(rows, parts[0].shape)


def realized(states: States, lengths: Sequence[int] = ()) -> Numbers:
    """The labels that the algebra says every element holds, row-major: (elements, members), filled up with NONE.

    Nothing of the algebra is used but the meaning of its values; ``lengths`` are those of a packed call's samples.
    """
    if isinstance(states, Block):
        return _realized_block(states, lengths)
    parts = [realized(part, lengths) for part in states.parts]
    if isinstance(states, Blended):
        return np.concatenate(parts, axis=1)
    members = max(part.shape[1] for part in parts)
    grids = [
        np.pad(part, ((0, 0), (0, members - part.shape[1]))).reshape(*shape(one), members)
        for one, part in zip(states.parts, parts, strict=True)
    ]
    return np.concatenate(grids, axis=states.axis).reshape(-1, members)


def _realized_block(block: Block, lengths: Sequence[int]) -> Numbers:
    call = block.source
    assert isinstance(call, Call)
    axes = [factor for axis in block.axes for factor in axis]
    factors = [*axes, *block.reduced]
    elements, members = product(f.extent for f in axes), product(f.extent for f in block.reduced)
    if elements * members == 0:
        return np.zeros((elements, members), dtype=np.int64)
    start = dict(block.at)
    digits: list[Numbers] = []
    inner = elements * members
    places = np.arange(inner, dtype=np.int64)
    for factor in factors:
        inner //= factor.extent
        digits.append(places // inner % factor.extent)
    known: dict[Role | Wire, Numbers | Position] = {}

    def value(along: Role | Wire) -> Numbers | Position:
        if along in known:
            return known[along]
        at = start.get(along, 0)
        if not isinstance(at, int):
            return at
        total: Numbers | int = at
        for factor, digit in zip(factors, digits, strict=True):
            if factor.along == along:
                total = total + factor.stride * digit
        for number, tangle in enumerate(block.tangles):
            weight = product(tangle.shape)
            for factor in tangle.digits:
                weight //= factor.extent
                if factor.along == along:
                    total = total + factor.stride * (position(number) // weight % factor.extent)
        known[along] = total
        return total

    def position(number: int) -> Numbers | int:
        total: Numbers | int = 0
        for digit, size in enumerate(block.tangles[number].shape):
            here = value(Wire(number, digit))
            assert not isinstance(here, Somewhere)
            total = total * size + here
        return total

    layer, direction, sample, step, unit = (
        value(role) for role in (Role.LAYER, Role.DIRECTION, Role.SAMPLE, Role.STEP, Role.UNIT)
    )
    last: Numbers | int = np.asarray(lengths)[sample] - 1 if lengths else call.steps - 1
    if step is Somewhere.FINAL:
        step = np.where(np.asarray(direction) == 0, last, 0)
    elif step is Somewhere.LAST_VALID:
        step = last
    kind = labels.CELL if block.kind is Kind.CELL else labels.HIDDEN
    label = labels.encode(kind, layer, direction, step, sample, unit)  # type: ignore[type-var]
    return np.broadcast_to(np.asarray(label, dtype=np.int64), (elements * members,)).reshape(elements, members)


def sets(rows: Numbers) -> Numbers:
    """Rows as sets: sorted, without duplicates and NONE, filled up in front with NONE."""
    if not len(rows):
        return np.zeros((0, 0), dtype=np.int64)
    if rows.shape[1] < 2:
        return rows
    rows = np.sort(rows, axis=1)
    rows[:, 1:][rows[:, 1:] == rows[:, :-1]] = NONE
    rows = np.sort(rows, axis=1)
    return rows[:, (rows != NONE).any(axis=0)]


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a chain ended: ``exact``, ``raises`` (on the way), ``unknown``, or ``disagreement``; and why."""

    end: str
    reason: str = ""
    cut: bool = False
    chain: tuple[Operation, ...] = ()


Next = Callable[[int, tuple[int, ...], int], "Operation | None"]


def compare(setting: Setting, following: Next) -> Verdict:
    """Run the operations that ``following`` (number so far, shape, members) gives, on torch and on the algebra.

    Where both raise the same error, the operation is left out and the chain goes on.
    """
    held = Held.of(torch_labels(setting))
    states: Result = setting.states()
    done: list[Operation] = []
    raised = ""
    while (operation := following(len(done), held.sizes, held.table.shape[1])) is not None:
        done.append(operation)
        error = ""
        after = held
        try:
            after = held.done(operation)
        except (RuntimeError, IndexError, ValueError, TypeError, einops.EinopsError) as wrong:
            # index_select has two kernels, which name the same mistake differently
            error = "IndexError" if "out of DATA bounds" in str(wrong) else type(wrong).__name__
        assert not isinstance(states, Raises | Unknown)
        try:
            said = answer(states, operation)
        except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as wrong:
            return Verdict("disagreement", f"the algebra fails: {wrong!r}", chain=tuple(done))
        if isinstance(said, Unknown):
            return Verdict("unknown", said.reason, chain=tuple(done))
        if isinstance(said, Raises) or error:
            text = said.error if isinstance(said, Raises) else "no error"
            if text != error:
                return Verdict("disagreement", f"torch: {error or 'no error'}, algebra: {text}", chain=tuple(done))
            raised = raised or error
            continue
        states, held = said, after
        if shape(states) != held.sizes:
            return Verdict("disagreement", f"torch: {held.sizes}, algebra: {shape(states)}", chain=tuple(done))
    assert not isinstance(states, Raises | Unknown)
    return _judged(states, held, raised, tuple(done))


def _judged(states: States, held: Held, raised: str, done: tuple[Operation, ...]) -> Verdict:
    here, there = held.rows(), realized(states)
    mine, theirs = sets(here), sets(there)
    if mine.shape != theirs.shape or (mine != theirs).any():
        return Verdict("disagreement", "other states", chain=done)
    is_cut = False
    if held.table.shape[1] == 1:
        said, shown = meaning.cut(states), cut_roles(here, held.sizes)
        if said != shown:
            return Verdict("disagreement", f"cut in torch: {_names(shown)}, algebra: {_names(said)}", chain=done)
        is_cut = bool(shown)
    return Verdict("raises" if raised else "exact", raised, is_cut, done)


def _names(roles: frozenset[object]) -> list[str]:
    return sorted(getattr(role, "value", str(role)) for role in roles)


def drawn(seed: int) -> tuple[Setting, Verdict]:
    """The chain of a seed."""
    rng = random.Random(seed)
    setting = draw_setting(rng)
    length = rng.randint(1, LONGEST)

    def following(number: int, sizes: tuple[int, ...], members: int) -> Operation | None:
        return draw(rng, sizes, members) if number < length else None

    return setting, compare(setting, following)


def replayed(setting: Setting, chain: Sequence[Operation]) -> Verdict:
    """A given chain."""
    return compare(setting, lambda number, _sizes, _members: chain[number] if number < len(chain) else None)


def shortened(setting: Setting, chain: Sequence[Operation]) -> tuple[Setting, Verdict]:
    """The shortest chain, got by leaving operations out, that still disagrees."""
    found = replayed(setting, chain)
    again = True
    while again:
        again = False
        for place in range(len(found.chain)):
            shorter = replayed(setting, [*found.chain[:place], *found.chain[place + 1 :]])
            if shorter.end == "disagreement":
                found, again = shorter, True
                break
    return setting, found


@dataclass(slots=True)
class Tally:
    """What many chains came to."""

    ends: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    disagreements: list[tuple[int, Setting, Verdict]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.ends.values())

    def add(self, other: Tally) -> None:
        """Another tally's chains as well."""
        self.ends += other.ends
        self.cut += other.cut
        self.reasons += other.reasons
        self.disagreements += other.disagreements

    def lines(self) -> list[str]:
        """The tally as text."""
        out = [f"chains        {self.count}"]
        out += [f"{end:<13} {self.ends[end]}" for end in ("exact", "raises", "unknown", "disagreement")]
        out.append(f"cut           {self.cut} (of exact and raises)")
        out += [f"  unknown {count}: {reason}" for reason, count in self.reasons.most_common()]
        for seed, setting, verdict in self.disagreements[:20]:
            out.append(f"seed {seed}: {verdict.reason}")
            out.append(f"  {setting}")
            out += [f"    {operation}" for operation in verdict.chain]
        return out


def tally(seeds: Sequence[int]) -> Tally:
    """The chains of many seeds."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", category=UserWarning)
    found = Tally()
    for seed in seeds:
        setting, verdict = drawn(seed)
        found.ends[verdict.end] += 1
        found.cut += verdict.cut
        if verdict.end == "unknown":
            found.reasons[verdict.reason] += 1
        if verdict.end == "disagreement":
            found.disagreements.append((seed, *shortened(setting, verdict.chain)))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m rnnlint.runtime.chains", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args(arguments)
    began = time.monotonic()
    first = options.seed << 32
    batches = [range(first + low, first + min(low + 5000, options.count)) for low in range(0, options.count, 5000)]
    total = Tally()
    if options.jobs > 1:
        with ProcessPoolExecutor(options.jobs) as pool:
            for part in pool.map(tally, batches):
                total.add(part)
    else:
        for batch in batches:
            total.add(tally(batch))
            if total.count % 100_000 == 0:
                print(f"{total.count} chains, {len(total.disagreements)} disagreements", flush=True)
    print("\n".join(total.lines()))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if total.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
