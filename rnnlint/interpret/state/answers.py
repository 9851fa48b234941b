"""Who answers the questions of ``interpret.state.journal``, without their being asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.heap import what
from rnnlint.interpret.state.journal import ABSENT, Ask, Question
from rnnlint.interpret.state.run import Run
from rnnlint.values.heap_cells import ObjectCell


def answer(run: Run, frame: Frame, question: Question) -> object:
    """The answer that a run gives at the moment; ``frame`` are the names of the function at hand."""
    if question.local:
        return frame.names.get(question.key, ABSENT)
    return _ANSWERS[question.ask](run, frame, question.key)


def receiver(run: Run, frame: Frame) -> object:
    """Whose method the function at hand is, and which parameters a call site leaves at their defaults."""
    left, settled = run.facts.left, run.facts.assumptions.settled
    return (frame.receiver, left, settled) if left or settled else frame.receiver


def _cell(run: Run, _: Frame, cell: int) -> object:
    content = run.heap.find(cell)
    return None if isinstance(content, ObjectCell) else content


def _object(run: Run, _: Frame, cell: int) -> object:
    content = run.heap.find(cell)
    return what(content) if isinstance(content, ObjectCell) else None


def _attribute(run: Run, _: Frame, key: tuple[int, str]) -> object:
    content = run.heap.find(key[0])
    return content.attrs.get(key[1], ABSENT) if isinstance(content, ObjectCell) else None


def _attributes(run: Run, _: Frame, cell: int) -> object:
    content = run.heap.find(cell)
    return content.attrs if isinstance(content, ObjectCell) else None


def _name(run: Run, _: Frame, key: tuple[int, str]) -> object:
    if key[0] >= len(run.state.scopes):
        return None
    found = run.state.around(*key)
    return ABSENT if found is None else found


_ANSWERS: dict[Ask, Callable[[Run, Frame, Any], object]] = {
    Ask.RECEIVER: lambda run, frame, _: receiver(run, frame),
    Ask.CELL: _cell,
    Ask.OBJECT: _object,
    Ask.ATTRIBUTE: _attribute,
    Ask.ATTRIBUTES: _attributes,
    Ask.INSTANCE: lambda run, _, cell: run.state.instances.get(cell),
    Ask.NAME: _name,
    Ask.CLASS: lambda run, _, node: run.state.classes.get(node),
    Ask.FACT: lambda run, _, fact: run.facts.assumptions.peek(fact),
    Ask.DECLARED: lambda run, _, free: run.facts.declared_so_far(free),
    Ask.COMPUTED: lambda run, _, number: run.facts.computed_so_far(number),
    Ask.HANDED: lambda run, _, key: run.fitting.handed_so_far(*key),
    Ask.MODULE: lambda run, _, call: run.calls.answer(Ask.MODULE, call),
    Ask.CELL_OF: lambda run, _, source: run.calls.answer(Ask.CELL_OF, source),
    Ask.CARRIED: lambda run, _, call: run.calls.answer(Ask.CARRIED, call),
    Ask.INPUT: lambda run, _, call: run.calls.answer(Ask.INPUT, call),
    Ask.PACKED: lambda run, _, __: run.calls.answer(Ask.PACKED, None),
    Ask.SHOWN: lambda run, _, key: run.layouts.known_of(*key),
    Ask.RECURRING: lambda run, _, source: source in run.layouts.recurring,
    Ask.LAID: lambda run, _, __: run.layouts.laid,
    Ask.UNSEEN: lambda run, _, __: run.batches.unseen_sort,
    Ask.CHECKED: lambda run, _, lengths: lengths in run.batches.checked,
    Ask.FILLED: lambda run, _, source: run.fresh_tensors.answer(Ask.FILLED, source),
    Ask.BORN: lambda run, _, source: run.fresh_tensors.answer(Ask.BORN, source),
    Ask.RELEASED: lambda run, _, option: run.uses.is_released(option),
}
"""Who answers a question, without it being asked."""
