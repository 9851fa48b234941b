"""What becomes of tensors: every use is told to those who keep account of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from rnnlint.axes.states import States, Unknown
from rnnlint.interpret.state.alternatives import Alternatives
from rnnlint.interpret.state.fresh_tensors import FreshTensors
from rnnlint.interpret.state.heap import Heap
from rnnlint.interpret.state.here import Here
from rnnlint.interpret.state.journal import Ask, Journal
from rnnlint.interpret.state.recurrent_calls import RecurrentCalls
from rnnlint.interpret.state.sorted_batches import SortedBatches
from rnnlint.interpret.state.trace import Trace
from rnnlint.values.domain import Along, Distribution, Either, Items, Layer, Packed, Recurrent, Ref, Tensor, Value
from rnnlint.values.heap_cells import ObjectCell
from rnnlint.values.uses import HANDED_ON, OUTSIDE, Use
from rnnlint.values.walk import held, parts, walk

_REACHED = frozenset({Tensor, Along, Packed, Unknown, Items, Either, Ref, Distribution})
"""What has to do with tensors, or can hold something that has; any other value is used for nothing."""


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
        journal: Journal,
        alternatives: Alternatives,
    ) -> None:
        self._alternatives = alternatives
        self._journal = journal
        self._heap = heap
        self._here = here
        self._trace = trace
        self._calls = calls
        self._fresh = fresh
        self._batches = batches
        self._released: set[Unknown] = set()
        self._looking: int | None = None  # how deep in calls something is computed only to be shown

    @contextlib.contextmanager
    def looking(self) -> Iterator[None]:
        """What is computed here goes to ``print`` and its like: whoever looks at numbers does not use them up.

        Functions that are called here do what they do anywhere.
        """
        before, self._looking = self._looking, self._here.path.depth
        try:
            yield
        finally:
            self._looking = before

    def _only_shown(self, how: Use) -> bool:
        return self._looking is not None and how is Use.ELSEWHERE and self._looking == self._here.path.depth

    def use(self, value: Value, how: Use, taker: Recurrent | Layer | None = None) -> None:
        """All tensors inside a value reach a use; ``taker`` is the module that takes them."""
        if self._only_shown(how):
            return
        if isinstance(value, Tensor):  # as most are
            self._use_states(value.states, how, taker)
            return
        if type(value) not in _REACHED:
            return
        for part in walk(value, self._into):
            match part:
                case Tensor(states):
                    self._use_states(states, how, taker)
                case Along(states):
                    self._use_states(states, how if how is Use.HANDED else Use.ELSEWHERE)
                case Packed(states) if states is not None:
                    self._use_states(states, Use.INPUT if how is Use.INPUT else Use.ELSEWHERE)
                case Unknown(reason):
                    self.release(part)
                    if part.held and reason in OUTSIDE and how in HANDED_ON:
                        self._hand_on(part, how, taker)

    def _into(self, value: Value) -> tuple[Value, ...]:
        """Lists, dicts and records are entered; what other objects hold was used where it was stored."""
        if isinstance(value, Ref):
            cell = self._heap[value.cell]
            return () if isinstance(cell, ObjectCell) and not cell.record else held(cell)
        return parts(value)

    def _hand_on(self, numbers: Unknown, how: Use, taker: Recurrent | Layer | None) -> None:
        """The numbers of a tensor go on to somebody: so does what it holds."""
        for one in numbers.held:
            if isinstance(one, Tensor):
                self._use_states(one.states, how, taker)

    def release(self, value: Unknown | Either) -> None:
        """Something that is not known is read: any of the values that it holds may be used, nobody sees how."""
        if self._only_shown(Use.ELSEWHERE):
            return
        for option in value.options if isinstance(value, Either) else (value,):
            if isinstance(option, Unknown) and option.held and not self.released(option):
                self.note_released(option)
                for held in option.held:
                    self.use(held, Use.ELSEWHERE)  # type: ignore[arg-type]

    def released(self, option: Unknown) -> bool:
        """Whether what an unknown value holds was used."""
        known = self.is_released(option)
        self._journal.asked(Ask.RELEASED, option, known)
        return known

    def is_released(self, option: Unknown) -> bool:
        """As :meth:`released`, for who only compares: it is not asked."""
        return option in self._released

    def note_released(self, option: Unknown) -> None:
        """What an unknown value holds is used."""
        self._journal.did("uses", "note_released", option)
        self._journal.changes(Ask.RELEASED, option, option in self._released)
        self._released.add(option)

    def read(self, operands: Sequence[Value], result: Value) -> None:
        """An operation has read tensors: those that are not in its result went into it."""
        self._fresh.read(operands, result)

    def _use_states(self, states: States, how: Use, taker: Recurrent | Layer | None = None) -> None:
        if how is not Use.ATTRIBUTE and how is not Use.RESULT:  # who stores a tensor or hands it on has not read it
            self._fresh.touch(states)
        self._batches.hand_on(states)
        if how is Use.INPUT or how is Use.INITIAL_STATE:
            self._batches.feed(states)
        if how is Use.INITIAL_STATE:
            self._trace.meant_as_state(states)
        modules = self._calls.modules(states)
        if modules or how is Use.INPUT:
            event = self._calls.note_used(states, how, self._here.site, modules, taker)
            self._trace.emit(event)
            if self._here.path.arms and modules:
                self._alternatives.use(event)
