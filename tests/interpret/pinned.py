"""The pinned values of a fixture, as the analysis knows them and as torch computes them.

The fixture is run with recurrent modules that return numbers of their own, each known by the label of the state that
stands there (:mod:`rnnlint.runtime.truth.labels`).  What a tensor reads is then seen: an element that is such a number
is that state, and what arithmetic made of several has a derivative by each of them.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from oracle.chains.elements import sets
from rnnlint.axes.states import Blended, Call, Somewhere, States, blocks, shape
from rnnlint.interpret.explore import explore
from rnnlint.interpret.watching import Seen
from rnnlint.reveal import expressions
from rnnlint.runtime.truth import labels
from rnnlint.runtime.truth.realized import NONE, realized
from rnnlint.source.parse import Parsed, parse
from rnnlint.values import domain
from tools.pins import Pin

Reads = list[frozenset[int]]
Key = tuple[int, str]


@dataclass(slots=True)
class Returned:
    """The states that recurrent modules have returned in a run, as numbers, and the label of each."""

    numbers: list[Tensor] = field(default_factory=list)
    named: list[Tensor] = field(default_factory=list)
    lengths: set[tuple[int, ...]] = field(default_factory=set)  # of the samples of packed calls
    names: dict[str, Any] = field(default_factory=dict)  # of the program

    def fresh(self, held: Tensor) -> Tensor:
        """Numbers in the place of labels."""
        numbers = (torch.rand(held.shape, dtype=torch.float64) + 0.5).requires_grad_()
        self.numbers.append(numbers)
        self.named.append(held.detach().reshape(-1).to(torch.int64))
        return numbers

    def read(self, tensor: Tensor, moved: bool) -> Reads:
        """The labels behind every element; of what was only ``moved``, those that it is."""
        if moved:
            pairs = zip(self.numbers, self.named, strict=True)
            known = {
                n: label for numbers, named in pairs for n, label in zip(_flat(numbers), named.tolist(), strict=True)
            }
            return [frozenset({known[n]} if n in known else ()) for n in _flat(tensor)]
        rows = tensor.reshape(-1)
        if not rows.requires_grad:
            return [frozenset()] * len(rows)
        picks = torch.eye(len(rows), dtype=rows.dtype)
        grads = torch.autograd.grad(
            rows, self.numbers, picks, retain_graph=True, allow_unused=True, is_grads_batched=True
        )
        found: list[set[int]] = [set() for _ in rows]
        for grad, named in zip(grads, self.named, strict=True):
            names = named.tolist()  # once: to ask a tensor for each of a hundred thousand takes most of a test's time
            for row, column in [] if grad is None else grad.reshape(len(rows), -1).nonzero().tolist():
                found[row].add(names[column])
        return [frozenset(one) for one in found]


def _flat(tensor: Tensor) -> list[float]:
    return tensor.detach().reshape(-1).tolist()


@contextlib.contextmanager
def numbered() -> Iterator[Returned]:
    """Inside, recurrent modules return numbers of their own, and nothing is dropped or cut off at zero."""
    states = Returned()
    forwards: dict[type[nn.Module], Callable[..., Any]] = {
        kind: kind.forward for kind in (labels._Labelled, labels._LabelledCell)
    }

    def numbers(kind: type[nn.Module]) -> Callable[..., Any]:
        def forward(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if args and isinstance(args[0], PackedSequence):
                states.lengths.add(tuple(pad_packed_sequence(args[0])[1].tolist()))
            return _swapped(forwards[kind](self, *args, **kwargs), states)

        return forward

    smooth = nn.functional.softplus  # as relu is, without its zeros
    outer = torch.get_default_dtype()
    with contextlib.ExitStack() as patches:
        patches.enter_context(labels.labelled(torch.float64))
        for kind in forwards:
            patches.enter_context(mock.patch.object(kind, "forward", numbers(kind)))
        for name, instead in (("dropout", lambda x, *_, **__: x), ("relu", lambda x, *_, **__: smooth(x))):
            patches.enter_context(mock.patch.object(nn.functional, name, instead))
        # the numbers are doubles, and a product of them with what a program has made float would raise
        patches.enter_context(mock.patch.object(Tensor, "float", Tensor.double))
        torch.set_default_dtype(torch.float64)
        try:
            yield states
        finally:
            torch.set_default_dtype(outer)


def _swapped(result: Any, states: Returned) -> Any:
    match result:
        case PackedSequence(data=data):
            return result._replace(data=states.fresh(data))
        case Tensor():
            return states.fresh(result)
        case tuple():
            return tuple(_swapped(one, states) for one in result)
    return result


@cache
def _rows(text: str) -> tuple[bytes, ...]:
    return tuple(text.encode().split(b"\n"))


def segment(text: str, node: ast.expr) -> str:
    """What stands at a node, as ``ast.get_source_segment`` says, which takes the text into its lines for each anew."""
    rows = list(_rows(text)[node.lineno - 1 : node.end_lineno])
    rows[-1] = rows[-1][: node.end_col_offset]
    rows[0] = rows[0][node.col_offset :]
    return b"\n".join(rows).decode()


class _Recorder(ast.NodeTransformer):
    """Puts what is pinned through a function that looks at it."""

    def __init__(self, text: str, wanted: set[Key]) -> None:
        bound = _bound_in(text)
        self.text = text
        self.names = {key for key in wanted if key[1] in bound.get(key[0], ())}
        self.read = wanted - self.names

    def visit(self, node: ast.AST) -> Any:
        said = segment(self.text, node) if isinstance(node, ast.expr) else ""
        key = (getattr(node, "lineno", 0), said)
        self.generic_visit(node)
        if said and key in self.read and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return ast.copy_location(_call(key, node), node)  # type: ignore[arg-type]
        names = [key for key in self.names if key[0] == getattr(node, "lineno", 0) and key[1] in _bound(node)]
        if names:
            after = [ast.Expr(_call(name, ast.parse(name[1], mode="eval").body)) for name in names]
            if isinstance(node, ast.For):
                node.body = [*after, *node.body]
                return node
            return [node, *after]
        return node


def _call(key: Key, value: ast.expr) -> ast.Call:
    return ast.Call(ast.Name("__pinned__", ast.Load()), [ast.parse(repr(key), mode="eval").body, value], [])


def _bound_in(text: str) -> dict[int, set[str]]:
    """What each line of a program binds."""
    found: dict[int, set[str]] = {}
    for node in ast.walk(ast.parse(text)):
        found.setdefault(getattr(node, "lineno", 0), set()).update(_bound(node))
    return found


def _bound(node: ast.AST) -> set[str]:
    targets = (
        node.targets
        if isinstance(node, ast.Assign)
        else [node.target]
        if isinstance(node, ast.For | ast.AugAssign)
        else []
    )
    return {
        ast.unparse(one) for target in targets for one in ast.walk(target) if isinstance(one, ast.Name | ast.Attribute)
    }


class _Unasserted(ast.NodeTransformer):
    """What is asserted is asked, and whatever the answer is, the program goes on."""

    def visit_Assert(self, node: ast.Assert) -> ast.Expr:
        return ast.copy_location(ast.Expr(node.test), node)


def on_torch(
    text: str, wanted: set[Key], look: Callable[[Key, object, Returned], None], *, asserting: bool = True
) -> None:
    """Run a fixture, and look at what is pinned when it is there.

    Labels are other numbers than torch's: what a fixture asserts of its numbers need not hold.
    """
    parsed: ast.AST = ast.parse(text) if asserting else _Unasserted().visit(ast.parse(text))
    tree = ast.fix_missing_locations(_Recorder(text, wanted).visit(parsed))
    with numbered() as states:

        def pinned(key: Key, value: object) -> object:
            look(key, value, states)
            return value

        states.names.update({"__name__": "__main__", "__pinned__": pinned})
        exec(compile(tree, "fixture", "exec"), states.names)


def analysed(text: str, wanted: Sequence[Pin]) -> dict[Key, list[domain.Value]]:
    """What the analysis knows of pinned values when the file runs as a program, in the order in which they are met."""
    parsed = parse(text)
    assert isinstance(parsed, Parsed)
    every = expressions(parsed.program)
    lines = {pin.line for pin in wanted}
    nodes = {node for node in every if parsed.line(node) in lines}
    found: dict[Key, list[domain.Value]] = {}
    names = _bound_in(text)
    bound = {(pin.line, pin.subject) for pin in wanted if pin.subject in names.get(pin.line, ())}
    top, *_ = explore(parsed.program, frozenset(nodes)).explorations
    for seen in [one for outcome in top.outcomes for one in outcome.seen]:
        name = seen.bound or parsed.text_of(seen.node, 1000)
        key = parsed.line(seen.node), name
        if bool(seen.bound) is (key in bound):
            found.setdefault(key, []).extend(_options(seen))
    return found


def _options(seen: Seen) -> tuple[domain.Value, ...]:
    return seen.value.options if isinstance(seen.value, domain.Either) else (seen.value,)


def disagreement(value: domain.Value, real: object, states: Returned) -> tuple[str, bool]:
    """How torch's value differs from what is known of it, "" where it does not; and whether states were compared."""
    match value:
        case domain.Tensor(held):
            if not isinstance(real, Tensor):
                return f"torch has a {type(real).__name__}", False
            if tuple(real.shape) != shape(held):
                return f"torch: {tuple(real.shape)}, analysis: {shape(held)}", False
            return _states_differ(held, real, states)
        case domain.Items(items):
            if not isinstance(real, tuple) or len(real) != len(items):
                return f"torch has a {type(real).__name__}", False
            each = [disagreement(one, its, states) for one, its in zip(items, real, strict=True)]
            return next((why for why, _ in each if why), ""), any(compared for _, compared in each)
        case domain.Lit(constant):
            return "" if constant == real else f"torch: {real!r}, analysis: {constant!r}", False
        case domain.Packed():
            return "" if isinstance(real, PackedSequence) else f"torch has a {type(real).__name__}", False
        case domain.Recurrent():
            same = isinstance(real, nn.RNNBase) and (
                (real.mode.startswith(value.cell), real.num_layers, real.bidirectional, real.batch_first)
                == (True, value.layers.value, value.directions == 2, value.batch_first)
            )
            return "" if same else f"torch has {real}", False
    return "", False


def _states_differ(held: States, real: Tensor, states: Returned) -> tuple[str, bool]:
    every = list(blocks(held))
    if not all(isinstance(block.source, Call) for block in every):
        return "", False
    if any(at is Somewhere.ANYWHERE for block in every for _, at in block.at) or any(one.orders for one in every):
        return "", False
    if any(isinstance(block.source, Call) and block.source.order for block in every):  # labels count as it was handed
        return "", False
    packed = any(isinstance(block.source, Call) and block.source.packed for block in every)
    lengths: tuple[int, ...] = ()
    if packed or any(at is Somewhere.LAST_VALID for block in every for _, at in block.at):
        known = states.lengths if packed else {tuple(states.names["lengths"].tolist())}
        if len(known) != 1:
            return "", False
        (lengths,) = known
    moved = not isinstance(held, Blended) and all(not block.reduced for block in every)
    rows = [frozenset(row) - {int(NONE)} for row in sets(realized(held, lengths)).tolist()]
    found = states.read(real, moved and _moved(real, states))
    wrong = [place for place, (here, there) in enumerate(zip(rows, found, strict=True)) if here != there]
    wrong = [place for place in wrong if not (packed and not found[place])]  # padding holds no state
    if not wrong:
        return "", True
    here, there = rows[wrong[0]], found[wrong[0]]
    return f"element {wrong[0]}: analysis {_read(here - there)}, torch {_read(there - here)} besides", True


def _moved(real: Tensor, states: Returned) -> bool:
    """Whether a tensor holds numbers of recurrent modules as they were returned."""
    known = {n for numbers in states.numbers for n in _flat(numbers)}
    return any(n in known for n in _flat(real))


def _read(some: frozenset[int]) -> list[labels.Label]:
    return [labels.decode(label) for label in sorted(some)[:2]]
