"""What is met in sequences: elements one by one, the last one, any one, and the parts of an unpacking."""

from __future__ import annotations

from rnnlint.axes.operations import combine, regroup, select
from rnnlint.axes.states import Block, Position, Somewhere, States, Unknown, marked, shape
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
from rnnlint.values.uses import OUTSIDE


def iteration(run: Run, value: Value) -> tuple[Value, ...] | None:
    """The elements a loop meets, if they are known and few; None for anything else."""
    known = _elements(run, value)
    if known is not None:
        return known if len(known) <= LIMITS.unroll else None
    axis = along(run, value)
    if axis is not None and shape(axis.states)[axis.axis] <= LIMITS.unroll:
        return tuple(taken_from(run, axis, i) for i in range(shape(axis.states)[axis.axis]))
    return None


def along(run: Run, value: Value) -> Along | None:
    """The tensors along an axis that a tensor, a list, or an iterator over all of them holds; None for others.

    A list of so few that each is told apart, and yet more than a loop meets one by one, may be such a list as well.
    """
    match value:
        case Along():
            return value
        case Tensor(states) if shape(states):
            if len(shape(states)) == 3:
                run.trace.meant_as_state(states)  # row by row, by layers and directions
            return Along(states, 0)
        case Free():  # an entry of a batch, say, that the program uses as a tensor elsewhere
            tensor = run.facts.tensor(value)
            return along(run, tensor) if isinstance(tensor, Tensor) else None
        case Ref(cell):
            content = run.heap[cell]
            if isinstance(content, ListCell) and content.whole is not None:
                return content.whole
    known = run.containers.elements(value)
    return _regained(known) if known is not None and len(known) > LIMITS.unroll else None


def _regained(items: tuple[Value, ...]) -> Along | None:
    """The axis of which many tensors are the positions, one after the other."""
    several = [one.states for one in items if isinstance(one, Tensor) and isinstance(one.states, Block)]
    if len(several) < len(items) or len({(one.source, len(one.axes)) for one in several}) > 1:
        return None
    whole = combine.stack(several, 0)
    if isinstance(whole, Block):
        return Along(_unpicked(whole, 0), 0)
    narrow = [axis for axis, size in enumerate(shape(several[0])) if size == 1]
    joined = ((axis, combine.cat(several, axis)) for axis in narrow)  # x.split(1)
    return next((Along(_unpicked(one, axis), axis, keep=True) for axis, one in joined if isinstance(one, Block)), None)


def _unpicked(whole: Block, axis: int) -> Block:
    """A tensor that was taken apart along an axis, and put together again: none of its positions has been picked."""
    roles = {factor.along for factor in whole.axes[axis]}
    return marked(whole, tuple([mark for mark in whole.marks if mark.about not in roles]))


def counted(run: Run, value: Value) -> int | None:
    """How many elements a loop over something meets, where that is known though there are more than are told apart."""
    if isinstance(value, Free) and run.facts.ranked(value):
        value = run.facts.tensor(value)
    axis = along(run, value)
    return run.containers.counted(value) if axis is None else shape(axis.states)[axis.axis]


def _elements(run: Run, value: Value) -> tuple[Value, ...] | None:
    known = run.containers.elements(value)
    return standard_library.fields_of(run, value) if known is None else known


def last_element(run: Run, value: Value, kept: bool = False) -> Value | None:
    """What a loop meets the last time, where that is known; of samples only if they are ``kept`` as they are."""
    axis = along(run, value)
    if axis is not None:
        every = not kept and indexing.along_samples(axis.states, axis.axis)
        return None if every else taken_from(run, axis, -1)
    content = run.heap[value.cell] if isinstance(value, Ref) else None
    return content.last if isinstance(content, ListCell) else None


def first_element(run: Run, value: Value) -> Value | None:
    """What a loop meets the first time, where that is known; no sample, as of :func:`last_element`."""
    axis = along(run, value)
    if axis is not None:
        return None if indexing.along_samples(axis.states, axis.axis) else taken_from(run, axis, 0)
    content = run.heap[value.cell] if isinstance(value, Ref) else None
    return (*content.items, content.first)[0] if isinstance(content, ListCell) else None


def some_element(run: Run, value: Value) -> Value:
    """What a loop meets each time, for an iterable of unknown length."""
    axis = along(run, value)
    if axis is not None:
        return taken_from(run, axis, Somewhere.ANYWHERE)
    match value:
        case Tensor():
            return run.lost("a number")
        case Formless(root, change):
            return Formless(root, change - 1, unsure=value.unsure)
    return value if are_rows(value) else run.containers.element(value)


def are_rows(value: Value) -> bool:
    """Whether something holds the numbers of tensors by rows: who goes through them goes on with what they hold."""
    if not isinstance(value, Unknown) or value.reason not in OUTSIDE:
        return False
    return bool(value.held) and all(isinstance(one, Tensor) and len(shape(one.states)) > 1 for one in value.held)


def taken_apart(run: Run, value: Value) -> None:
    """A state, or a pair of them, is unpacked as what it is."""
    for state in value.items if isinstance(value, Items) and isinstance(value.tag, PairOf) else (value,):
        if isinstance(state, Tensor):
            run.trace.meant_as_state(state.states)


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


def open_parts(run: Run, value: Value, before: int, after: int) -> tuple[Value, ...] | None:
    """What ``a, *b, c = value`` binds of tensors along an axis too long to be listed: ``b`` is one value.

    ``before`` and ``after`` are the numbers of names around the starred one.
    """
    axis = along(run, value)
    if axis is None or shape(axis.states)[axis.axis] <= LIMITS.elements:
        return None
    middle = sliced(run, axis, before or None, -after or None, None)
    front = [taken_from(run, axis, place) for place in range(before)]
    return (*front, middle, *(taken_from(run, axis, place) for place in range(-after, 0)))


def sliced(run: Run, value: Along, lower: int | None, upper: int | None, step: int | None) -> Value:
    """``list(...)[lower:upper:step]`` of the tensors along an axis, backwards too, as a tensor cannot be sliced."""
    size = shape(value.states)[value.axis]
    if step is None or step >= 0:
        part = select.narrow(value.states, value.axis, lower, upper, step)
    else:
        start, stop, step = slice(lower, upper, step).indices(size)
        count = max(0, -((start - stop) // step))
        end = start + (count - 1) * step
        part = select.narrow(value.states, value.axis, end, start + 1, -step) if count else Unknown("nothing of it")
        part = select.flip(part, (value.axis,)) if isinstance(part, States) else part
    return Along(part, value.axis, value.keep) if isinstance(part, States) else run.lost("a part of a sequence")


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
