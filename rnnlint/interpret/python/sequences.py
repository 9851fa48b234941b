"""What is met in sequences: elements one by one, the last one, any one, and the parts of an unpacking."""

from __future__ import annotations

from rnnlint.axes.operations import regroup, select
from rnnlint.axes.states import Position, Somewhere, Unknown, shape
from rnnlint.interpret.python import standard_library
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.run import Run
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.tensors import indexing
from rnnlint.values.alternatives import either
from rnnlint.values.domain import (
    Along,
    Either,
    Formless,
    Free,
    Items,
    Packed,
    PairOf,
    Recurrent,
    RecurrentCell,
    Ref,
    ResultOf,
    SizeOf,
    Tensor,
    Value,
)
from rnnlint.values.heap_cells import ListCell
from rnnlint.values.roots import opened, part


def iteration(run: Run, value: Value) -> tuple[Value, ...] | None:
    """The elements a loop meets, if they are known and few; None for anything else."""
    known = _elements(run, value)
    if known is not None:
        return known if len(known) <= LIMITS.unroll else None
    if isinstance(value, Tensor) and shape(value.states):
        value = Along(value.states, 0)
    if isinstance(value, Along) and shape(value.states)[value.axis] <= LIMITS.unroll:
        return tuple(taken_from(run, value, i) for i in range(shape(value.states)[value.axis]))
    return None


def _elements(run: Run, value: Value) -> tuple[Value, ...] | None:
    known = run.containers.elements(value)
    return standard_library.fields_of(run, value) if known is None else known


def last_element(run: Run, value: Value, kept: bool = False) -> Value | None:
    """What a loop meets the last time, where that is known; of samples only if they are ``kept`` as they are."""
    if isinstance(value, Tensor) and shape(value.states):
        value = Along(value.states, 0)
    if isinstance(value, Along):
        every = not kept and indexing.along_samples(value.states, value.axis)
        return None if every else taken_from(run, value, -1)
    content = run.heap[value.cell] if isinstance(value, Ref) else None
    return content.last if isinstance(content, ListCell) else None


def some_element(run: Run, value: Value) -> Value:
    """What a loop meets each time, for an iterable of unknown length."""
    match value:
        case Tensor(states):
            return run.settle(select.select(states, 0, Somewhere.ANYWHERE)) if shape(states) else run.lost("a number")
        case Along():
            return taken_from(run, value, Somewhere.ANYWHERE)
        case Formless(root, change):
            return Formless(root, change - 1, unsure=value.unsure)
    return run.containers.element(value)


def parts(run: Run, value: Value, count: int, starred: bool) -> tuple[Value, ...] | None:
    """The values an unpacking meets, None where their number does not fit or is not known."""
    match value:
        case Tensor(states):
            extents = shape(states)
            if starred and extents and count - 1 <= extents[0] <= LIMITS.elements:
                return tuple(run.settle(select.select(states, 0, i)) for i in range(extents[0]))
            if not extents or starred or (extents[0] != count and not run.facts.free_of(extents[0])):
                return None
            return tuple(run.settle(select.select(states, 0, i)) for i in range(count))
        case SizeOf(of):
            if not starred:
                run.facts.rank(of, count)
            return None
        case Packed():
            # torch's PackedSequence is a named tuple of four (torch_api.tensors.indexing), until 1.0 of two; who counts
            # on two mostly does so on the next line as well, which is worth being told together
            if count not in (2, 4):
                return None
            return (run.lost("a field of a PackedSequence"),) * count
        case Free(key):
            return tuple(part(value, f"{key}[{i}]") for i in range(count)) if not starred else None
        case Formless(unsure=True):
            return parts(run, opened(value), count, starred)
        case Formless(root, change):
            return tuple(Formless(root, change - 1) for _ in range(count))
        case Either(options):
            # by hand, since Run.each gives one value: here it is column by column, and all or nothing
            # what is not known has as many parts as are asked for, whatever they are
            each = [
                (option,) * count if isinstance(option, Unknown) and not starred else parts(run, option, count, starred)
                for option in options
            ]
            columns = [parts for parts in each if parts is not None and len(parts) == count]
            return tuple(either(column) for column in zip(*columns, strict=True)) if len(columns) == len(each) else None
    known = _elements(run, value)
    if known is None:
        return None
    if starred:
        return known if len(known) >= count - 1 else None
    if len(known) == count:
        return known
    if isinstance(value, Ref):
        raise TorchRaises("ValueError", "not enough values to unpack")
    return None


def returned_by(run: Run, value: Value) -> Recurrent | RecurrentCell | None:
    """The module that has returned a tensor or a tuple, None where none did."""
    match value:
        case Tensor(states):
            return next((m for _, m in run.calls.modules(states)), run.calls.cell_of(states))
        case Items(_, PairOf(call) | ResultOf(call)):
            return run.calls.module(call)
        case Items((Tensor(states), Tensor()), None):  # the pair of an LSTMCell has no tag
            return run.calls.cell_of(states)
    return None


def taken_from(run: Run, value: Along, position: Position) -> Value:
    """One of the tensors along an axis."""
    one = run.settle(select.select(value.states, value.axis, position))
    if not value.keep or not isinstance(one, Tensor):
        return one
    return run.settle(regroup.unsqueeze(one.states, value.axis))
