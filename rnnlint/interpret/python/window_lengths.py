"""Windows over a sequence that are all of one length, since a loop takes them from where none runs over its end.

``[t[i : i + n] for i in range(len(t) - n + 1)]``: what pads these pads nothing.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from itertools import product

from rnnlint.axes.reading import notes
from rnnlint.axes.states import Note, Unknown, shape
from rnnlint.interpret.python import filling
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.batches.lengths import WINDOW
from rnnlint.torch_api.operands import may_be_given
from rnnlint.torch_api.tensors import indexing
from rnnlint.torch_api.tensors.less_one import LAST_ROUND
from rnnlint.values import sums
from rnnlint.values.domain import Formless, Free, Lit, Ref, SizeOf, Tensor, Value
from rnnlint.values.forms import Arithmetic, Padding
from rnnlint.values.heap_cells import ListCell
from rnnlint.values.roots import plain, some_part
from rnnlint.values.sums import Counted, Sum

_MOST = 3  # open sizes that a number is taken apart into: a length, a window, and how far ahead a target is
_FACTORS = range(-2, 3)
_REST = 100_000  # what is left of a number besides open sizes, of which each is above four millions (state.sizes)


def sum_of(run: Run, value: Value | None) -> Sum | None:
    """A number as a sum of open sizes; None for what is another number each time round a loop, and for what is none."""
    match value:
        case Lit(int() as number) if not isinstance(number, bool):
            return _of_number(run, number, value.origins)
        case Free(form=Arithmetic("+" | "-" as op, left, right)):
            sides = sum_of(run, left), sum_of(run, right)
            if sides[0] is None or sides[1] is None:
                return None
            return sums.plus(sides[0], sides[1], 1 if op == "+" else -1)
        case Free() if plain(value) and not some_part(value):
            return sums.of(value)
        case Unknown(count=Counted(by, None)):
            return by
    return None


def _of_number(run: Run, number: int, origins: frozenset[Hashable]) -> Sum | None:
    # a setting whose default is declared is that number
    opened = [one for one in origins if not isinstance(one, ir.Node) and one != LAST_ROUND]
    opened = [one for one in opened if not (isinstance(one, Free) and run.facts.declared(one))]
    sizes = {one: size for one in opened if run.facts.open(size := run.facts.generic(one))}
    if not sizes:
        return sums.of(None, number)
    if len(sizes) > _MOST:
        return None
    tried = (dict(zip(sizes, factors, strict=True)) for factors in product(_FACTORS, repeat=len(sizes)))
    rests = [(number - sum(times * sizes[one] for one, times in some.items()), some) for some in tried]
    rest, found = min(rests, key=lambda pair: abs(pair[0]))
    if abs(rest) > _REST:
        return None
    return frozenset((one, times) for one, times in (*found.items(), (None, rest)) if times)


def counting(run: Run, reason: str, bounds: tuple[Value, ...]) -> Unknown:
    """The number that a loop over ``range(*bounds)`` counts."""
    start, stop = (Lit(0), bounds[0]) if len(bounds) == 1 else bounds[:2]
    first, end = sum_of(run, start), sum_of(run, stop)
    down = len(bounds) > 2 and isinstance(bounds[2], Lit) and (run.facts.integer(bounds[2]) or 0) < 1
    if first is None or end is None or down:
        return Unknown(reason)
    return Unknown(reason, count=Counted(sums.NOTHING, run.site.node, first, sums.plus(end, sums.of(None), -1)))


def length_of_list(run: Run, value: Value) -> Value:
    """How long a list is that has more elements than are told apart."""
    count = run.containers.counted(value)
    if count is not None:
        return run.facts.number(count)
    owner = value.cell if isinstance(value, Ref) else run.site.node
    return replace(filling.LENGTH, count=Counted(sums.of(("length", owner))))


def reckoned(run: Run, op: str, left: Value, right: Value) -> Counted | None:
    """What is known of a sum or difference of numbers, one of which is not known."""
    first, second = _counted(run, left), _counted(run, right)
    if first is None or second is None or op not in ("+", "-") or (second.loop is not None and op == "-"):
        return None
    if first.loop is not None and second.loop is not None:
        return None
    by = sums.plus(first.by, second.by, 1 if op == "+" else -1)
    return replace(first if first.loop is not None else second, by=by)


def _counted(run: Run, value: Value) -> Counted | None:
    if isinstance(value, Unknown) and isinstance(value.count, Counted):
        return value.count
    found = sum_of(run, value)
    return None if found is None else Counted(found)


def length_of(run: Run, value: Value, item: indexing.Item) -> int | None:
    """How long a slice of something is that is a window as long each time round; None for any other."""
    if not isinstance(item, indexing.SliceOf) or item.step is not None or filling.padding_of(run, value) is not None:
        return None
    match item.lower, item.upper:
        case Unknown(count=Counted() as lower), Unknown(count=Counted() as upper) if lower.loop is not None:
            size, end = sums.plus(upper.by, lower.by, -1), sums.plus(upper.by, upper.last)
            alike = lower.loop == upper.loop and sums.no_less_than_nothing(sums.plus(lower.first, lower.by))
        case ((Lit() | Free() as first), (Lit() | Free() as last)) if _in_last_round(run, first, last):
            ends = sum_of(run, first), sum_of(run, last)
            if ends[0] is None or ends[1] is None:
                return None
            size, end, alike = sums.plus(ends[1], ends[0], -1), ends[1], True
        case _:
            return None
    fits = alike and sums.positive(size) and sums.within(end, _length(run, value))
    return sum(times * (1 if one is None else run.facts.generic(one)) for one, times in size) if fits else None


def _in_last_round(run: Run, *bounds: Value) -> bool:
    return all(LAST_ROUND in run.facts.origins(bound) for bound in bounds)


def _length(run: Run, value: Value) -> Sum | None:
    match value:
        case Tensor(states) if shape(states):
            return sum_of(run, run.facts.number(shape(states)[0]))
        case Formless():
            return sum_of(run, run.facts.size_of(SizeOf(value), 0))
        case Free():
            made = run.facts.tensor(value)
            return None if isinstance(made, Unknown) else _length(run, made)
        case Ref():
            return sum_of(run, length_of_list(run, value))
    return None


def window(run: Run, value: Value, length: int) -> Value:
    """Something of which windows of one length are taken, as one of them."""
    padding = replace(WINDOW, length=length)
    match value:
        case Free():
            return replace(value, key=f"{value.key}[...]", form=padding)
        case Formless(root):
            return replace(value, root=replace(root, key=f"{root.key}[...]", form=padding))
        case Ref():
            cell = run.heap[value.cell]
            if isinstance(cell, ListCell) and cell.rest is not None:
                return run.containers.new_cell(replace(cell, last=None, count=None, padding=padding))
        case Unknown() if may_be_given(value) and value.count is None:
            return Free("a window", run.occurrence(), padding)
    return value


def uneven(run: Run, value: Value, item: indexing.SliceOf) -> Value:
    """A window, or what it was, of which a part is taken that may be as long as it likes."""
    bounds = (item.lower, item.upper, item.step)
    if all(bound is None or sum_of(run, bound) is not None for bound in bounds):
        return value
    match value:
        case Free(form=Padding() as padding) if padding.nowhere:
            return replace(value, form=None)
        case Formless(Free(form=Padding() as padding) as root) if padding.nowhere:
            return replace(value, root=replace(root, form=None))
        case Ref():
            cell = run.heap[value.cell]
            if isinstance(cell, ListCell) and cell.padding is not None and cell.padding.nowhere:
                return run.containers.new_cell(replace(cell, last=None, count=None, padding=None))
    return value


def noted(run: Run, value: Value) -> Value:
    """A tensor that is a window as long as all others."""
    if not isinstance(value, Tensor) or run.calls.modules(value.states):
        return value
    return Tensor(notes.noted_first(value.states, Note.WINDOW, run.site))
