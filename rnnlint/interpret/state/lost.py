"""What of a recurrent module is lost to the analysis, why, and where.

A value that is not known may be anything, and mostly nobody cares.  It is told where something that came of a recurrent
module went into it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from rnnlint.axes.reading.marking import viewed_below
from rnnlint.axes.states import Unknown
from rnnlint.interpret.state.heap import Heap
from rnnlint.interpret.state.here import Here
from rnnlint.interpret.state.journal import Journal
from rnnlint.interpret.state.recurrent_calls import RecurrentCalls
from rnnlint.source import program as ir
from rnnlint.torch_api.context import LOSS
from rnnlint.values.domain import (
    Along,
    Bound,
    Builtin,
    Chain,
    Class,
    Distribution,
    Either,
    Formless,
    Free,
    Function,
    Items,
    Layer,
    Lit,
    Packed,
    Recurrent,
    RecurrentCell,
    Ref,
    SizeOf,
    Super,
    Tensor,
    Torch,
    Value,
)
from rnnlint.values.heap_cells import ObjectCell
from rnnlint.values.walk import held, parts, walk

_APART = (Ref, Recurrent, RecurrentCell, Chain)  # in a list: lists in it are not looked into, nor what was built
_HOLDING = (Unknown, Items, Either, Chain, Bound, Ref, Distribution)  # what others may be in; most values hold none
# neither came of a recurrent module nor can hold anything that did: most operands, without another look at them
_NEITHER = frozenset({Lit, Free, Formless, SizeOf, Torch, Builtin, Class, Function, Layer, Super})


class Losses:
    """``operands`` are those of the operation that is being run: what it loses is one of them."""

    def __init__(
        self,
        heap: Heap,
        here: Here,
        calls: RecurrentCalls,
        journal: Journal,
        unknowns: Mapping[tuple[str, bool], Unknown],
    ) -> None:
        self._journal = journal
        self._unknowns = unknowns
        self.operands: list[Value] = []
        self._heap = heap
        self._here = here
        self._calls = calls

    def lost(self, reason: str) -> Unknown:
        """A value that is not known.  Where something that came of a recurrent module went into it, that is kept."""
        for operand in self.operands:
            if type(operand) not in _NEITHER and self._of_recurrent(operand):
                self.note(reason)
                self._part(self.operands)
                return self._unknowns[reason, True]
        return self._unknowns[reason, False]

    def passed_on(self, value: Value, operands: Sequence[Value], node: ir.Node) -> Value:
        """What an operation made of its operands: not known, it carries on that one of them came of an RNN.

        Where that one has met another that is not known, it is lost to the reason of that other, and here.
        """
        kind = type(value)
        if kind is Items or kind is Either:
            parts: tuple[Value, ...] = value.items if isinstance(value, Items) else value.options  # type: ignore[union-attr]
            if not any(isinstance(part, Unknown) and not part.recurrent for part in parts):
                return value
            each = tuple(self.passed_on(part, operands, node) if isinstance(part, Unknown) else part for part in parts)
            return Items(each, value.tag) if isinstance(value, Items) else Either(each)
        if not isinstance(value, Unknown) or value.recurrent or value.reason == LOSS:
            return value
        for operand in operands:
            if type(operand) not in _NEITHER and self._of_recurrent(operand):
                break
        else:
            return value
        self._part(operands)
        reasons = [reason for operand in operands for reason in self._reasons(operand)]
        if reasons:
            self.lose(node, value.reason if value.reason in reasons else reasons[0])
        return Unknown(value.reason, value.held, recurrent=True) if value.held else self._unknowns[value.reason, True]

    def _part(self, operands: Sequence[Value]) -> None:
        """What a view has laid below each other goes into what is not followed, after which it may come apart."""
        for operand in operands:
            if isinstance(operand, Tensor):
                self._journal.account.apart |= viewed_below(operand.states)

    def note(self, reason: str) -> None:
        """Something of a recurrent module is lost here."""
        self.lose(self._here.site.node, reason)

    def lose(self, node: Hashable, reason: str) -> None:
        """Something of a recurrent module is lost at a node."""
        self._journal.account.lost.append((reason, node))

    @property
    def why(self) -> Mapping[tuple[str, Hashable], int]:
        """For what reason and where something was lost, and how often."""
        return Counter(self._journal.account.lost)

    def _of_recurrent(self, value: object) -> bool:
        """Whether a value came of a recurrent module, or is one.

        Modules in a list do not count: it is what holds their parameters.
        """
        kind = type(value)
        if kind in _NEITHER or (isinstance(value, Ref) and isinstance(self._heap[value.cell], ObjectCell)):
            return False
        if kind not in _HOLDING or (isinstance(value, Unknown) and not value.held):
            return self._is_of_recurrent(value)
        return any(map(self._is_of_recurrent, self._inside(value, held=True)))

    def _is_of_recurrent(self, value: object) -> bool:
        if isinstance(value, Unknown):
            return value.recurrent
        if isinstance(value, (Tensor, Along)):
            return self._calls.made(value.states)
        if isinstance(value, Packed):
            return value.call is not None or (value.states is not None and self._calls.made(value.states))
        return isinstance(value, (Recurrent, RecurrentCell))

    def _reasons(self, value: Value) -> Iterator[str]:
        """Why a value, or one in it, is not known, where nothing of an RNN was lost with it."""
        if type(value) not in _HOLDING or (isinstance(value, Ref) and isinstance(self._heap[value.cell], ObjectCell)):
            return
        for part in self._inside(value, held=False):
            if isinstance(part, Unknown) and not part.recurrent:
                yield part.reason

    def _inside(self, value: object, held: bool) -> Iterable[object]:
        """A value and those in it, each once, in order.

        With ``held``, also what an unknown value can be, and what a method is of.  Modules in a list are left out.
        """
        return walk(value, self._all if held else self._shown)  # type: ignore[arg-type]

    def _shown(self, value: Value) -> Sequence[Value]:
        if isinstance(value, Ref):
            cell = self._heap[value.cell]
            return () if isinstance(cell, ObjectCell) else [one for one in held(cell) if not isinstance(one, _APART)]
        return parts(value)

    def _all(self, value: Value) -> Sequence[Value]:
        match value:
            case Chain(modules):
                return modules
            case Unknown(held=options):
                return options  # type: ignore[return-value]
            case Bound(receiver):
                return (receiver,)
        return self._shown(value)
