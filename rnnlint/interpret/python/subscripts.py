"""``value[...]`` for every kind of value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnlint.axes.reading import marking, notes
from rnnlint.axes.states import Note, Somewhere, Unknown, blocks
from rnnlint.events import PackedRead, Site
from rnnlint.interpret.python import lists, open_options, sequences, standard_library, tables, window_lengths
from rnnlint.interpret.state.run import Run
from rnnlint.torch_api.batches.lengths import cut_to_own
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.misreads import misread
from rnnlint.torch_api.operands import tensor_for_axis
from rnnlint.torch_api.tensors import attributes, collecting, indexing, loop_windows
from rnnlint.values.alternatives import either, whichever
from rnnlint.values.domain import (
    Along,
    Bound,
    Builtin,
    Chain,
    Either,
    Formless,
    Free,
    Items,
    Lit,
    Packed,
    PairOf,
    Ref,
    ResultOf,
    SizeOf,
    Tensor,
    Torch,
    Value,
)
from rnnlint.values.forms import Padding
from rnnlint.values.heap_cells import DictCell, ListCell, ObjectCell
from rnnlint.values.roots import opened, part


def subscript(run: Run, value: Value, items: tuple[indexing.Item, ...], is_tuple: bool) -> Value:
    """``value[items]``; an item that is one of several values is each of them in turn."""
    if Either in map(type, items):
        return run.each(items, lambda some: _subscript(run, value, some, is_tuple))
    return _subscript(run, value, items, is_tuple)


def _subscript(run: Run, value: Value, items: tuple[indexing.Item, ...], is_tuple: bool) -> Value:
    if not items or not isinstance(items[0], indexing.SliceOf):
        return _taken(run, value, items, is_tuple)
    length = window_lengths.length_of(run, value, items[0])
    if length is None:
        return _taken(run, window_lengths.uneven(run, value, items[0]), items, is_tuple)
    if isinstance(value, Tensor):
        part = loop_windows.part(run, value, items, length)
        return window_lengths.noted(run, _taken(run, value, items, is_tuple) if part is None else part)
    value = window_lengths.window(run, value, length)
    return value if isinstance(value, (Free, Ref)) and len(items) == 1 else _taken(run, value, items, is_tuple)


def _taken(run: Run, value: Value, items: tuple[indexing.Item, ...], is_tuple: bool) -> Value:
    only = items[0] if len(items) == 1 and not is_tuple else None
    match value:
        case Either():
            return run.one_of(value, lambda one: _subscript(run, one, items, is_tuple))
        case Formless(unsure=True) if isinstance(only, Lit) and only.value is not None:
            # states[i][0] is as often the first of a pair as a row: the number of its axes says nothing of states
            return _subscript(run, opened(value), items, is_tuple)
        case Tensor() | Formless():
            moved = loop_windows.part(run, value, items) if isinstance(value, Tensor) else None
            if moved is None and isinstance(value, Tensor):
                moved = loop_windows.between_open(run, value, items)
            return indexing.index(run, value, items) if moved is None else moved
        case Unknown() if Lit(None) in items:
            return indexing.index(run, tensor_for_axis(run, value), items)
        case Along():
            if only is not None:
                indexing.read(run, (only,))
            return _item_along(run, value, only)
        case Items():
            return _item_of_tuple(run, value, only)
        case Chain(modules):
            return _module_of_chain(run, modules, only)
        case Ref(cell):
            indexing.read(run, items)
            steps = None if only is None else collecting.steps_regained(run, value, 0)
            if steps is not None:
                return _item_along(run, Along(steps.states, 0), only)
            return _item_of_cell(run, value, run.heap[cell], only)
        case SizeOf() if isinstance(only, indexing.SliceOf):
            axes = _axes_of(run, only)
            return run.lost("part of an unknown shape") if axes is None else _sizes(run, value, axes)
        case SizeOf():
            position = run.facts.integer(only) if only is not None and not isinstance(only, indexing.SPECIAL) else None
            return run.lost("part of an unknown shape") if position is None else run.facts.size_of(value, position)
        case Packed():
            return _item_of_packed(run, value, only)
        case Bound(Torch() as module, "__dict__") if only is not None and not isinstance(only, indexing.SPECIAL):
            return run.call(Builtin("getattr"), (module, only), {})  # vars(nn)[kind]
        case Free(key):
            if isinstance(only, Lit) and isinstance(only.value, str):
                item = open_options.of_key(value, only.value)
                return open_options.stored(run, only.value, item) or item
            if isinstance(value.form, Padding) and isinstance(only, (Ref, Items)):  # columns of a table
                return part(value, f"{key}[...]")
            if run.facts.ranked(value):
                return indexing.index(run, run.facts.tensor(value), items)
            if isinstance(only, Lit) and only.value is not None:  # ``[None]`` makes an axis
                return part(value, f"{key}[{only.value!r}]")
            return indexing.index(run, Formless(value, unsure=True), items)
        case Lit(str() as text) if only is not None and run.facts.declared_as(value) is None:
            return _part_of_text(run, text, only)
        case Lit(str() | bytes()):
            return run.lost("part of a string")
        case Unknown() if only is not None and not isinstance(only, indexing.SPECIAL) and sequences.are_rows(value):
            indexing.read(run, items)
            return value  # a row of it
    return run.lost("an item of something that is not followed")


def _sizes(run: Run, value: SizeOf, axes: range) -> Value:
    return Items(tuple(run.facts.size_of(value, axis) for axis in axes))


def _axes_of(run: Run, part: indexing.SliceOf) -> range | None:
    """The axes that a slice of an unknown shape picks, where the rank does not matter; None where it does."""
    lower, upper = (None if bound is None else run.facts.integer(bound) for bound in (part.lower, part.upper))
    if (
        part.step is not None
        or (lower is None) is not (part.lower is None)
        or (upper is None) is not (part.upper is None)
    ):
        return None
    if upper is None:
        return range(lower, 0) if lower is not None and -_AXES <= lower < 0 else None
    return range(lower or 0, upper) if 0 <= (lower or 0) <= upper <= _AXES else None


_AXES = 8  # more than the tensors of any program here have: a larger bound is no number of axes


def _part_of_text(run: Run, text: str, only: indexing.Item) -> Value:
    letters = tuple(map(Lit, text[:_LETTERS]))
    if len(text) <= _LETTERS and isinstance(only, indexing.SliceOf):
        part = _slice(run, letters, only)
        if part is not None:
            return Lit("".join(str(letter.value) for letter in part if isinstance(letter, Lit)))
    return run.lost("part of a string")


_LETTERS = 200
"""Of a longer text no part is cut: no name of torch's is that long."""


def _item_along(run: Run, value: Along, only: indexing.Item | None) -> Value:
    if isinstance(only, indexing.SliceOf):
        written = (only.lower, only.upper, only.step)
        bounds = [None if part is None else run.facts.integer(part) for part in written]
        if any(part is not None and bound is None for part, bound in zip(written, bounds, strict=True)):
            return run.lost("a part of a sequence")
        sliced = sequences.sliced(run, value, *bounds)
        backwards = bounds[2] is not None and bounds[2] < 0
        if only.upper is None or backwards or not isinstance(sliced, Along):
            return sliced
        return Along(cut_to_own(run, value.states, sliced.states, {value.axis: only.upper}), value.axis, value.keep)
    position = None if only is None or isinstance(only, (*indexing.SPECIAL, Free)) else run.facts.integer(only)
    return sequences.taken_from(run, value, Somewhere.ANYWHERE if position is None else position)


def _position(run: Run, only: indexing.Item | None, length: int) -> int | None:
    if only is None or isinstance(only, indexing.SPECIAL):
        return None
    position = run.facts.integer(only)
    if position is None or isinstance(only, Free):
        return None
    if not -length <= position < length:
        raise TorchRaises("IndexError", "index out of range")
    return position


def _module_of_chain(run: Run, modules: tuple[Value, ...], only: indexing.Item | None) -> Value:
    """``nn.Sequential(...)[0]``, or several of its modules, which are a Sequential again."""
    if isinstance(only, indexing.SliceOf):
        part = _slice(run, modules, only)
        return run.lost("a part of a Sequential") if part is None else Chain(part)
    position = _position(run, only, len(modules))
    return run.lost("a module of a Sequential") if position is None else modules[position]


def _item_of_tuple(run: Run, value: Items, only: indexing.Item | None) -> Value:
    if isinstance(only, indexing.SliceOf):
        part = _slice(run, value.items, only)
        return run.lost("a part of a tuple") if part is None else Items(part)
    if only is None and value.tag is not None:
        return misread(run, value, "index")
    if _is_name(only):
        return run.lost("an item of a tuple by a name")
    length = len(value.items)
    number = None if only is None or isinstance(only, indexing.SPECIAL) else run.facts.integer(only)
    if isinstance(value.tag, (PairOf, ResultOf)) and number is not None and not isinstance(only, Free):
        if not -length <= number < length:
            return misread(run, value, "index", number)
        if number < 0:
            item = value.items[number]
            if number == -1:
                item = _noted(item, Note.CELLS if isinstance(value.tag, PairOf) else Note.LAST_OF_RESULT, run.site)
            return misread(run, value, "index", number, item)
        if isinstance(value.tag, ResultOf):  # which tells what [-1] of it is to be
            return misread(run, value, "index", number, value.items[number])
        return value.items[number]
    position = _position(run, _place_in(run, value.items, only), length)
    if position is not None:
        return _picked(run, value.items, position)
    return either(value.items) if value.items else run.lost("an item of an empty tuple")


_TAKING_APART = frozenset({"unbind", "split", "chunk", "tensor_split", "hsplit", "vsplit", "dsplit", "spread", "call"})
"""What makes all parts at once; ``[*x]`` and ``list(x)``, a call of a builtin, too."""


def _picked(run: Run, items: tuple[Value, ...], position: int) -> Value:
    """An item of a sequence: of a tensor that was taken apart whole, what is picked is picked here.

    So it is said where the number of parts is open as well, in another run: of one place.
    """
    item = items[position]
    if not isinstance(item, Tensor) or not any(_taken_apart(item)):
        return item
    others = {site for one in items if one is not item and isinstance(one, Tensor) for site in _taken_apart(one)}
    return Tensor(marking.picked_at(item.states, run.site, others.__contains__)) if others else item


def _taken_apart(item: Tensor) -> Iterator[Site]:
    """Where an item was narrowed together with others."""
    for block in blocks(item.states):
        for mark in block.marks:
            if isinstance(mark.site, Site) and mark.site.op in _TAKING_APART:
                yield mark.site


def _noted(value: Value, about: Note, site: Site) -> Value:
    """A state, or a pair of them, with a note on each."""
    if isinstance(value, Tensor):
        return Tensor(notes.noted_first(value.states, about, site))
    if isinstance(value, Items):
        return replace(value, items=tuple(_noted(item, about, site) for item in value.items))
    return value


def _place_in(run: Run, items: tuple[Value, ...], only: indexing.Item | None) -> indexing.Item | None:
    return tables.place_of(run, items, only) if isinstance(only, (Lit, Free)) else only


def _slice(run: Run, items: tuple[Value, ...], part: indexing.SliceOf) -> tuple[Value, ...] | None:
    bounds: list[int | None] = []
    for bound in (part.lower, part.upper, part.step):
        number = None if bound is None else run.facts.integer(bound)
        if (bound is not None and number is None) or (number == 0 and bound is part.step):
            return None
        bounds.append(number)
    return items[slice(*bounds)]


def _item_of_cell(run: Run, value: Ref, cell: object, only: indexing.Item | None) -> Value:
    match cell:
        case ListCell() if _is_name(only):
            return run.lost("an item of a list by a name")
        case ListCell(items, None):
            if isinstance(only, indexing.SliceOf):
                part = _slice(run, items, only)
                if part is None:
                    return run.lost("a part of a list")
                return run.containers.new_cell(ListCell(part, padding=cell.padding))
            position = _position(run, _place_in(run, items, only), len(items))
            if position is not None:
                return _picked(run, items, position)
            return either(items) if items else run.lost("an item of an empty list")
        case ListCell(items, rest, last, first=first) if rest is not None:
            if isinstance(only, indexing.SliceOf):
                bounds = _number(run, only.lower), _number(run, only.upper), _number(run, only.step)
                kept = lists.part_of(cell, bounds)
                return value if kept is cell else run.containers.new_cell(kept)
            position = None if not isinstance(only, Lit) else run.facts.integer(only)
            if position is not None and 0 <= position < len(items):
                return items[position]
            if first is not None and position == 0:
                return first
            if last is not None and only == Lit(-1):
                return last
            beyond = position is not None and position >= len(items)
            return rest if beyond or not items else whichever((*items, rest))
        case DictCell(pairs, open_, rest):
            known = dict(pairs)
            if isinstance(only, (Lit, Free)) and not open_:
                only = tables.key_of(run, known, only)
            if isinstance(only, Lit):
                if only.value in known:
                    return known[only.value]
                if rest is not None:
                    return open_options.of_key(rest, only.value)
                stored = run.containers.under_open_key(cell)
                if stored is not None:
                    return stored
                return run.lost("a key that is not known") if open_ or not known else _missing(only)
            stored = run.containers.under_open_key(cell)
            if stored is not None:
                return stored
            return either(tuple(known.values())) if known else run.lost("an item of an empty dict")
        case ObjectCell():
            fields = standard_library.fields_of(run, value)
            if fields is not None:
                return _item_of_tuple(run, Items(fields), only)
            if only is not None and not isinstance(only, indexing.SPECIAL):
                return run.call(Bound(value, "__getitem__"), (only,), {})
    return run.lost("an item of something that is not followed")


def _number(run: Run, bound: Value | None) -> int | Unknown | None:
    """A bound of a slice; None where there is none."""
    number = None if bound is None else run.facts.integer(bound)
    return Unknown("a bound that is not known") if bound is not None and number is None else number


def _is_name(only: indexing.Item | None) -> bool:
    """Whether an index is a text, which no list has an item for: it is not what it was taken for."""
    return isinstance(only, Lit) and isinstance(only.value, str)


def _missing(key: Lit) -> Value:
    raise TorchRaises("KeyError", repr(key.value))


def _item_of_packed(run: Run, value: Packed, only: indexing.Item | None) -> Value:
    """An item of the tuple that a PackedSequence is: one of its fields, or a slice of them."""
    fields = tuple(attributes.attribute(run, value, name) for name in attributes.PACKED_FIELDS)
    numbers: tuple[Value, ...] | None = None
    position = None if only is None or isinstance(only, indexing.SPECIAL) else run.facts.integer(only)
    if isinstance(only, indexing.SliceOf):
        numbers = _slice(run, tuple(map(Lit, range(len(fields)))), only)
    elif position is not None and -len(fields) <= position < len(fields):
        numbers = (Lit(position % len(fields)),)
    elif only is None or position is not None:
        run.emit(PackedRead("index", run.site, position, subject=value))
        raise TorchRaises("TypeError", "tuple indices must be integers or slices, not tuple")
    if numbers is None:
        return run.lost("a field of a PackedSequence")
    picked = [number.value for number in numbers if isinstance(number, Lit) and isinstance(number.value, int)]
    if value.call is not None:  # a field of what no RNN has made is asked for by number
        run.emit(PackedRead("index", run.site, position, packed=value, subject=value))
    return fields[picked[0]] if position is not None else Items(tuple(fields[number] for number in picked))
