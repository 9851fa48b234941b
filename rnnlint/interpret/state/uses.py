"""What becomes of tensors: every use is told to those who keep account of it."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.axes.states import States, Unknown
from rnnlint.interpret.state.fresh_tensors import FreshTensors
from rnnlint.interpret.state.heap import Heap
from rnnlint.interpret.state.here import Here
from rnnlint.interpret.state.recurrent_calls import RecurrentCalls
from rnnlint.interpret.state.sorted_batches import SortedBatches
from rnnlint.interpret.state.trace import Trace
from rnnlint.values.domain import Along, Cell, DictCell, Either, Items, ListCell, Packed, Recurrent, Ref, Tensor, Value


class Uses:
    """Where the tensors inside values go."""

    def __init__(
        self,
        heap: Heap,
        here: Here,
        trace: Trace,
        calls: RecurrentCalls,
        fresh: FreshTensors,
        batches: SortedBatches,
    ) -> None:
        self._heap = heap
        self._here = here
        self._trace = trace
        self._calls = calls
        self._fresh = fresh
        self._batches = batches
        self._released: set[Unknown] = set()

    def use(self, value: Value, how: str, taker: Recurrent | None = None) -> None:
        """All tensors inside a value reach a use; ``taker`` is the module that takes them as its initial state."""
        pending: list[Value] = [value]
        seen: set[object] = set()  # containers can hold each other, and hold one thing many times
        while pending:
            match part := pending.pop():
                case Tensor(states):
                    self._use_states(states, how, taker)
                case Along(states):
                    self._use_states(states, "elsewhere")
                case Items(items) | Either(items) if id(part) not in seen:
                    seen.add(id(part))
                    pending += reversed(items)
                case Packed(states) if states is not None:
                    self._use_states(states, "input" if how == "input" else "elsewhere")
                case Ref(cell) if part not in seen:
                    seen.add(part)
                    pending += reversed([item for item in _held(self._heap[cell]) if not isinstance(item, Ref)])
                case Unknown():
                    self.release(part)

    def release(self, value: Unknown | Either) -> None:
        """Something that is not known is read: any of the values that it holds may be used, nobody sees how."""
        for option in value.options if isinstance(value, Either) else (value,):
            if isinstance(option, Unknown) and option.held and option not in self._released:
                self._released.add(option)
                for held in option.held:
                    self.use(held, "elsewhere")  # type: ignore[arg-type]

    def read(self, operands: Sequence[Value], result: Value) -> None:
        """An operation has read tensors: those that are not in its result went into it."""
        self._fresh.read(operands, result)

    def _use_states(self, states: States, how: str, taker: Recurrent | None = None) -> None:
        if how not in ("attribute", "result"):  # who stores a tensor or hands it on has not read it
            self._fresh.touch(states)
        self._batches.hand_on(states)
        if how in ("input", "initial state"):
            self._batches.feed(states)
        modules = self._calls.modules(states)
        if modules or how == "input":
            self._trace.emit(self._calls.note_used(states, how, self._here.site, modules, taker))


def _held(cell: Cell) -> tuple[Value, ...]:
    """What a list or a dict holds."""
    if isinstance(cell, ListCell):
        return cell.items if cell.rest is None else (*cell.items, cell.rest)
    return tuple(item for _, item in cell.items) if isinstance(cell, DictCell) else ()
