"""The drawings of a fixture's findings in the sizes of a run, and what torch has on the lines that they are about.

A drawing is made in sizes that are chosen; here these are the sizes of the run, so that what is drawn can be compared
element by element with what the fixture computes when its recurrent modules return labels (tests/interpret/pinned.py).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from oracle.pictures import Module, Truth
from rnnlint.axes.reading.text import Words
from rnnlint.axes.states import Call
from rnnlint.drawing.as_json import as_json
from rnnlint.drawing.resized import NoSize, resized_source
from rnnlint.explaining import drawings, small_sizes
from rnnlint.explaining.drawn_rules import DRAWN
from rnnlint.findings import Finding, Related
from rnnlint.interpret.state.sizes import Sizes
from rnnlint.linter import lint
from rnnlint.rules.grounds import Grounds
from tests.interpret.pinned import Key, Returned, on_torch, segment

_LARGEST = 3000  # elements of a tensor whose labels are read: of more the gradients take long

Place = tuple[int, int, str]
"""Line, column and code of a finding."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One call of a recurrent module: the module, and the sizes of everything that it returns."""

    module: Module
    layers: int
    samples: int
    units: int
    cell_units: int

    def sizes(self) -> tuple[int, ...]:
        """As :func:`rnnlint.explaining.small_sizes.sizes_of` has them."""
        return self.module.steps, self.samples, self.units, self.cell_units, self.layers


@dataclass(slots=True)
class Run:
    """What a fixture has on some of its lines when it is run: calls, tensors with each element's labels, lengths."""

    calls: list[Ran] = field(default_factory=list)
    tensors: list[tuple[tuple[int, ...], tuple[frozenset[int], ...]]] = field(default_factory=list)
    lengths: list[tuple[int, ...]] = field(default_factory=list)


def run(path: Path, findings: Sequence[Finding]) -> Run:
    """Run a fixture, and look at all that is read on the lines of its findings."""
    text, found = path.read_text(encoding="utf-8"), Run()
    places: list[Finding | Related] = [*findings, *(other for one in findings for other in one.related)]
    lines = {line for one in places for line in range(one.line, one.end_line + 1)}
    # a mask may have been made of the lengths above, where nothing is found
    read, named = _expressions(text, lines, ast.expr), _expressions(text, set(range(text.count("\n") + 1)), ast.Name)

    def look(key: Key, value: object, states: Returned) -> None:
        for one in _tensors(value):
            if not one.is_floating_point():
                _note_lengths(one, found)
            elif key in read and states.numbers and one.numel() <= _LARGEST:
                with torch.enable_grad():
                    row = tuple(one.shape), tuple(states.read(one, moved=not one.requires_grad))
                if any(row[1]) and row not in found.tensors:
                    found.tensors.append(row)

    torch.manual_seed(0)
    # that it ends as it says is asked by tests/rules/test_fixtures.py
    with _noting(found), suppress(Exception):
        on_torch(text, read | named, look, asserting=False)
    return found


def _note_lengths(one: Tensor, found: Run) -> None:
    if one.dim() == 1 and one.dtype is torch.int64 and one.numel() and int(one.min()) >= 0:
        # lengths, or the last steps of samples
        found.lengths += [tuple(one.tolist()), tuple((one + 1).tolist())]


def _tensors(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (tuple, list)) and not isinstance(value, PackedSequence):
        for one in value:
            yield from _tensors(one)


def _expressions(text: str, lines: set[int], kind: type[ast.expr]) -> set[Key]:
    """All of a kind that is read on some lines."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kind)]
    return {
        (node.lineno, segment(text, node))
        for node in nodes
        if lines & set(range(node.lineno, (node.end_lineno or 0) + 1))
    }


@contextmanager
def _noting(found: Run) -> Iterator[None]:
    """Inside, it is noted what recurrent modules are called on."""
    original: Callable[..., Any] = nn.RNNBase.__call__

    def call(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self, nn.RNNBase):
            ran = _ran(self, args[0] if args else kwargs["input"])
            if ran not in found.calls:
                found.calls.append(ran)
        return original(self, *args, **kwargs)

    with mock.patch.object(nn.RNNBase, "__call__", call):
        yield


def _ran(module: nn.RNNBase, given: Any) -> Ran:
    lengths: tuple[int, ...] = ()
    if isinstance(given, PackedSequence):
        lengths = tuple(pad_packed_sequence(given)[1].tolist())
        samples, steps = len(lengths), max(lengths)
    elif given.dim() == 2:
        samples, steps = 1, given.shape[0]
    else:
        samples, steps = (given.shape[0], given.shape[1]) if module.batch_first else (given.shape[1], given.shape[0])
    cell = next(name for name in ("LSTM", "GRU", "RNN") if module.mode.startswith(name))
    one = Module(cell, 2 if module.bidirectional else 1, steps, lengths)
    return Ran(one, module.num_layers, samples, module.proj_size or module.hidden_size, module.hidden_size)


@dataclass(frozen=True, slots=True)
class Candidate:
    """The pictures of a finding in the sizes of a run, as JSON, and the modules that their sources are calls of."""

    pictures: Sequence[dict[str, Any]]
    modules: Sequence[Sequence[Module]]

    def lies(self, number: int, found: Run) -> list[str]:
        """What one of the pictures says that is true of no tensor that torch has there: of the likest of them."""
        least: list[str] = []
        for shape, held in found.tensors:
            lies = list(Truth(shape, held, self.modules[number]).lies(self.pictures[number]))
            if not lies:
                return []
            if not least or (lies[0].startswith("shape"), len(lies)) < (least[0].startswith("shape"), len(least)):
                least = lies
        return least or ["torch has no states there"]


def candidates(path: Path, found: Run) -> dict[Place, list[Candidate]]:
    """The drawings of a fixture's findings, in the sizes of all calls that they may be of."""
    kept: list[list[Candidate]] = []

    def drawn(code: str, grounds: Grounds, sizes: Sizes, words: Words, named: drawings.Named) -> str:
        kept.append(list(_drawn(grounds, sizes, words, named, found)) if code in DRAWN else [])
        return str(len(kept) - 1)

    with mock.patch.object(drawings, "drawn", drawn):
        findings = lint(path.read_text(encoding="utf-8"), str(path)).findings
    return {(one.line, one.column, one.code): kept[int(one.drawing)] for one in findings if one.drawing}


def _drawn(grounds: Grounds, sizes: Sizes, words: Words, named: drawings.Named, found: Run) -> Iterator[Candidate]:
    read = drawings._several(drawings._arrives(grounds))
    calls = small_sizes.calls_of(read)
    for rans in product(found.calls, repeat=len(calls)):
        chosen = _chosen(sizes, calls, rans)
        for lengths in {one.module.lengths for one in rans} | set(found.lengths) if chosen is not None else ():
            if lengths and any(len(lengths) != one.samples or max(lengths) > one.module.steps for one in rans):
                continue
            with suppress(NoSize):
                sizing = small_sizes.Sizing(sizes, chosen or {})
                of = {resized_source(call, sizing.of): ran.module for call, ran in zip(calls, rans, strict=True)}
                pictures = drawings._drawn(read, [], sizing, words, named, _always(lengths)).read
                modules = [[of.get(source, rans[0].module) for source in one.sources] for one in pictures]
                yield Candidate([as_json(one) for one in pictures], modules)


def _always(lengths: tuple[int, ...]) -> drawings.LengthsOf:
    return lambda _: lengths


class _Known(dict[Hashable, int]):
    def __missing__(self, key: Hashable) -> int:
        raise NoSize


def _chosen(sizes: Sizes, calls: Sequence[Call], rans: Sequence[Ran]) -> _Known | None:
    """The open sizes as the run has them; None where the calls are not those of the run."""
    chosen = _Known()
    for call, ran in zip(calls, rans, strict=True):
        if call.directions != ran.module.directions or call.packed != bool(ran.module.lengths):
            return None
        for number, real in zip(small_sizes.sizes_of(call), ran.sizes(), strict=True):
            made = sizes.made(number)
            if made is None or len(made.keys) > 1 or (not made.keys and number != real):
                return None
            if made.keys:
                size = (real - made.distance) / made.factor
                if size.denominator != 1 or chosen.setdefault(made.keys[0], size.numerator) != size:
                    return None
    return chosen
