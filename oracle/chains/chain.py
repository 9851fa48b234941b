"""Chains of operations on torch's labels and on the axis algebra, compared element by element.

``python -m oracle.chains --count 1000000 --seed 0`` draws that many chains and prints how many ended how, the
reasons of what was unknown, and every disagreement with the shortest chain that still shows it, as a line to paste into
``tests/oracle/kept.py``.  Exit status 1 if there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

import einops
import torch
from torch import Tensor, nn

from oracle.chains.arguments import Operation
from oracle.chains.elements import Held, cut_roles, sets
from oracle.chains.operations import answer
from oracle.chains.random_operations import draw
from rnnlint.axes import results
from rnnlint.axes.reading import meaning
from rnnlint.axes.states import Block, Call, Kind, Raises, Result, States, Unknown, shape
from rnnlint.runtime.truth import labels
from rnnlint.runtime.truth.realized import realized

LONGEST = 8  # operations: more than programs have between a call and its Linear
MODULES: dict[str, Callable[..., nn.Module]] = {"RNN": labels.RNN, "GRU": labels.GRU, "LSTM": labels.LSTM}


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
        # the names of torch's documentation: output, h_n, c_n
        if self.result == "output":
            return results.output_of(self.call(), self.batch_first)
        return results.state_of(self.call(), Kind.CELL if self.result == "c_n" else Kind.HIDDEN)


def draw_setting(rng: random.Random) -> Setting:
    """Any cell, layout and result; small extents."""
    cell = rng.choice(tuple(MODULES))
    # from 1 up, because an axis of one element is where squeezes and broadcasts differ; up to 6, so that extents
    # coincide by chance, as in a careless program
    hidden = rng.randint(1, 5)
    projected = rng.randint(1, hidden - 1) if cell == "LSTM" and hidden > 1 and rng.random() < 0.4 else 0
    samples = rng.randint(1, 6) if rng.random() < 0.85 else None
    result = rng.choice(("output", "h_n", "c_n") if cell == "LSTM" else ("output", "h_n"))
    return Setting(
        cell,
        rng.randint(1, 3),
        rng.randint(1, 2),
        samples,
        rng.randint(1, 6),
        hidden,
        projected,
        rng.random() < 0.5,
        result,
    )


# about as many as there are settings (32,760), each of which torch is asked for once
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
    hidden, cell = state if setting.cell == "LSTM" else (state, None)
    found: Tensor = {"output": output, "h_n": hidden, "c_n": cell}[setting.result]
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a chain ended: ``exact``, ``raises`` (on the way), ``unknown``, or ``disagreement``; and why."""

    end: str
    reason: str = ""
    cut: bool = False
    chain: tuple[Operation, ...] = ()


Next = Callable[[int, tuple[int, ...], int], "Operation | None"]


@dataclass(frozen=True, slots=True)
class Ended:
    """What a chain came to on the algebra and on torch, where neither gave up; ``raised`` is the first error."""

    states: States
    held: Held
    raised: str
    done: tuple[Operation, ...]


def compare(setting: Setting, following: Next) -> Verdict:
    """The verdict on a chain: whether the algebra and torch end with the same states."""
    end = ended(setting, following)
    return end if isinstance(end, Verdict) else _judged(end)


def ended(setting: Setting, following: Next) -> Ended | Verdict:
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
            error = _named(wrong, operation)
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
            # the first, because it is the one that a program would have stopped at
            raised = raised or error
            continue
        states, held = said, after
        # shapes before states, because states of another shape cannot be laid beside each other
        if shape(states) != held.sizes:
            return Verdict("disagreement", f"torch: {held.sizes}, algebra: {shape(states)}", chain=tuple(done))
    assert not isinstance(states, Raises | Unknown)
    return Ended(states, held, raised, tuple(done))


def _named(wrong: Exception, operation: Operation) -> str:
    """The type of an error; of several where kernels or versions of torch name the same mistake differently, one."""
    if any(text in str(wrong) for text in ("out of DATA bounds", "self indexing axis dim")):
        return "IndexError"  # the kernels of index_select
    if operation.name == "index_add" and "is out of bounds for dimension" in str(wrong):
        return "IndexError"  # as other kernels of index_add say
    if operation.name == "unflatten" and "tensor has no dimensions" in str(wrong):
        return "RuntimeError"  # IndexError before torch 2.8
    return type(wrong).__name__


def _judged(end: Ended) -> Verdict:
    states, held, raised, done = end.states, end.held, end.raised, end.done
    here, there = held.rows(), realized(states)
    mine, theirs = sets(here), sets(there)
    if mine.shape != theirs.shape or (mine != theirs).any():
        return Verdict("disagreement", "other states", chain=done)
    is_cut = False
    # where an element holds several states, no role is cut from the others by itself
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
    setting, following = drawing(seed)
    return setting, compare(setting, following)


def drawing(seed: int) -> tuple[Setting, Next]:
    """What a seed stands for: where its chain starts, and the operations that are drawn as it goes on."""
    rng = random.Random(seed)
    setting = draw_setting(rng)
    length = rng.randint(1, LONGEST)

    def following(number: int, sizes: tuple[int, ...], members: int) -> Operation | None:
        return draw(rng, sizes, members) if number < length else None

    return setting, following


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
            # any other disagreement will do: what is left shows a mistake, and is looked at by a person
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
        """How many chains were run."""
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
        return out

    def repros(self) -> list[str]:
        """Every disagreement, shortened, as Python: what is pasted into ``tests/oracle/kept.py`` stays what it is,
        whatever is drawn from its seed later."""
        out: list[str] = []
        for seed, setting, verdict in self.disagreements:
            out += [f"# seed {seed}: {verdict.reason}", f"({setting!r}, [{', '.join(map(repr, verdict.chain))}]),"]
        return out


def tally(seeds: Sequence[int]) -> Tally:
    """The chains of many seeds."""
    # the tensors are small, and other processes have chains of their own
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
    parser = argparse.ArgumentParser(prog="python -m oracle.chains", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args(arguments)
    began = time.monotonic()
    # so far apart that the seeds of two runs are different ones; 5000 a batch, so that counts are printed now and then
    first = options.seed << 32
    batches = [range(first + low, first + min(low + 5000, options.count)) for low in range(0, options.count, 5000)]
    total = Tally()
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(ProcessPoolExecutor(options.jobs)) if options.jobs > 1 else None
        for part in pool.map(tally, batches) if pool else map(tally, batches):
            total.add(part)
            print("\n".join([f"{total.count} chains", *part.repros()]), flush=True)
    print("\n".join(total.lines()))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if total.disagreements else 0
