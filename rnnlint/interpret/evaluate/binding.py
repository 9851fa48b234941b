"""Assignment to targets of every form, and what a condition tells of a name."""

from __future__ import annotations

from dataclasses import replace

from rnnlint.axes.operations import regroup
from rnnlint.axes.states import Unknown, shape
from rnnlint.events import Unpacked
from rnnlint.interpret.evaluate.dispatch import evaluate
from rnnlint.interpret.evaluate.subscript_expressions import index_item
from rnnlint.interpret.python import attributes, filling, lists, open_options, sequences
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.context import NEW, TorchRaises
from rnnlint.torch_api.misreads import misread
from rnnlint.torch_api.tensors import collecting, elementwise, indexing, less_one, storing, written_in_rounds
from rnnlint.values.alternatives import either
from rnnlint.values.domain import (
    Along,
    Bound,
    Either,
    Formless,
    Free,
    Items,
    Lit,
    Packed,
    Ref,
    Tensor,
    Value,
)
from rnnlint.values.heap_cells import DictCell, ListCell
from rnnlint.values.origins import Memory
from rnnlint.values.uses import Use


def assign(run: Run, frame: Frame, target: ir.Expr, value: Value, source: ir.Expr) -> None:
    """Bind ``value`` to a target of any form."""
    if isinstance(target, (ir.Name, ir.Attribute)) and is_truth(value):
        name = ir.last_name(target)
        if run.facts.apart([name]):
            value = run.made.frees[name, target]
    match target:
        case ir.Name(id=name):
            run.state.bind(frame, name, value)
            run.names.bind(frame.function, name, target, value)
            if name in frame.outer:
                run.state.bind_outside(frame, name, value)
        case ir.Display(items=targets):
            _unpack(run, frame, target, targets, value, source)
        case ir.Attribute(value=holder, attr=name):
            receiver = evaluate(run, frame, holder)
            run.at(target, "attribute")
            if isinstance(holder, ir.Name):
                run.names.bind(frame.function, f"{holder.id}.{name}", target, value)
            attributes.set_attribute(run, receiver, name, value)
        case ir.Subscript(value=holder, items=items):
            receiver = evaluate(run, frame, holder)
            keys = tuple(index_item(run, frame, item) for item in items)
            run.at(source, "assign", subject=value)
            changed = _set_item(run, receiver, keys, value)
            if isinstance(holder, ir.Attribute) and holder.attr == "data":  # the same elements, without their history
                holder = holder.value
            named = isinstance(holder, ir.Name) or changed == receiver  # a mask leaves what the tensor reads
            if changed is not None and (named or filling.padding_of(run, changed)):
                hold(run, frame, holder, changed)
        case ir.Starred(value=inner):
            assign(run, frame, inner, value, source)


def is_truth(value: Value) -> bool:
    """Whether a value is true or false, and nobody knows which."""
    return (
        isinstance(value, Either)
        and len(value.options) == 2
        and all(isinstance(option, Lit) and type(option.value) is bool for option in value.options)
    )


def hold(run: Run, frame: Frame, holder: ir.Expr, value: Value) -> None:
    """What was changed in place is another value from then on, for the name or attribute that holds it."""
    if isinstance(holder, ir.Name):
        run.state.bind(frame, holder.id, value)
    elif isinstance(holder, ir.Attribute):
        attributes.set_attribute(run, evaluate(run, frame, holder.value), holder.attr, value)


def _set_item(run: Run, receiver: Value, keys: tuple[indexing.Item, ...], value: Value) -> Value | None:
    """``receiver[keys] = value``; what the receiver is now, where that is another value."""
    if isinstance(receiver, Bound) and receiver.name == "__dict__" and len(keys) == 1 and isinstance(keys[0], Lit):
        attributes.set_attribute(run, receiver.receiver, str(keys[0].value), value)
        return None
    only = keys[0] if len(keys) == 1 else None
    if isinstance(receiver, Either) and all(isinstance(one, _CHANGED_WHOLE) for one in receiver.options):
        return either(tuple([_set_item(run, one, keys, value) or one for one in receiver.options]))
    if isinstance(receiver, Along):
        made = lists.listed(run, receiver)
        _set_item(run, made, keys, value)
        return made
    if isinstance(receiver, Ref):
        cell = run.heap[receiver.cell]
        if isinstance(cell, DictCell) and isinstance(only, Lit):
            pairs = tuple({**dict(cell.items), only.value: value}.items())
            run.containers.put(receiver, replace(cell, items=pairs))
            return None
        if isinstance(cell, DictCell):
            others = value if cell.others is None else either((cell.others, value))
            run.containers.put(receiver, DictCell(cell.items, True, others=others))
            run.use(value, Use.ELSEWHERE)
            return None
        if isinstance(cell, ListCell):
            run.containers.put(receiver, lists.with_item(run, cell, only, value))
            return None
    if isinstance(value, Items) and value.tag is not None and isinstance(receiver, (Tensor, Formless, Free)):
        misread(run, value, "assign")
    if isinstance(receiver, Free) and len(keys) == 1 and isinstance(keys[0], Lit) and isinstance(keys[0].value, str):
        open_options.store(run, keys[0].value, open_options.of_key(receiver, keys[0].value), value)
    run.rounds.write(receiver)
    written = storing.stored(run, receiver, keys, value) if isinstance(receiver, Tensor) else None
    if isinstance(receiver, Tensor):
        run.fresh_tensors.overwrite(receiver.states, Memory.MIXED)
    filled = filling.rows(run, receiver, keys)
    if filled is not None:
        run.use(value, Use.ELSEWHERE)
        return filled
    if isinstance(value, Tensor) and (receiver == Unknown(NEW) or not _holds_states(run, receiver)):
        scattered = indexing.scattered(run, value, keys)
        if scattered is not None:
            return scattered
    rows = _rows(run, receiver, keys, value) or _one_a_round(run, receiver, keys, value)
    if rows is not None:
        return rows
    indexing.read(run, keys)
    if isinstance(receiver, Tensor) and isinstance(value, Tensor) and _holds_states(run, receiver):
        put = storing.put_in(run, receiver, keys, value) if _holds_states(run, value) else None
        if put is not None:
            return put
    # as an attribute that is set of what is not in this file
    run.use(value, Use.HANDED if isinstance(receiver, Free) else Use.ELSEWHERE)
    if written is not None:
        return written
    if isinstance(receiver, Tensor) and not _holds_states(run, value):
        return elementwise.masked(run, receiver)
    return None


_CHANGED_WHOLE = (Tensor, Formless, Free, Unknown)
"""What is another value once something is stored in it."""


def _rows(run: Run, receiver: Value, keys: tuple[indexing.Item, ...], value: Value) -> Value | None:
    """What a tensor becomes in which a loop over the samples stores what it has read of each, row by row."""
    if not keys:  # t[()]: all of it
        return None
    first, *others = keys
    if not isinstance(value, Tensor) or not isinstance(receiver, Tensor) or _holds_states(run, receiver):
        return None
    whole = all(other == indexing.SliceOf(None, None, None) for other in others)
    row = shape(receiver.states)[1:]
    around = len(row) - len(shape(value.states))
    if isinstance(first, indexing.SPECIAL) or not whole or around < 0 or any(size != 1 for size in row[:around]):
        return None
    rows = collecting.rows_regained(value, 0, wide=False)
    if rows is None:
        return None
    return run.settle(regroup.reshape(rows.states, (shape(rows.states)[0], *row[:around], *shape(value.states))))


def _one_a_round(run: Run, receiver: Value, keys: tuple[indexing.Item, ...], value: Value) -> Value | None:
    """What a tensor becomes into which a loop writes at each position of an axis what it has made there."""
    if not isinstance(receiver, Tensor) or not isinstance(value, Tensor) or len(shape(receiver.states)) < len(keys):
        return None
    if not _holds_states(run, value) or run.layouts.recurs(value.states):
        return None
    turns: dict[int, bool] = {}
    for place, key in enumerate(keys):
        last = isinstance(key, Lit) and less_one.LAST_ROUND in key.origins
        if last or key in (Unknown(indexing.LOOP), Unknown(indexing.STRIDED)):
            turns[place] = last
        elif key != indexing.SliceOf(None, None, None):
            return None
    return written_in_rounds.written(run, receiver, turns, value) if turns else None


def _holds_states(run: Run, value: Value) -> bool:
    return isinstance(value, Tensor) and bool(run.calls.modules(value.states))


def _names_of(targets: tuple[ir.Expr, ...]) -> tuple[object, ...]:
    names: list[object] = []
    for target in targets:
        match target:
            case ir.Name(id=name):
                names.append(name)
            case ir.Starred(value=ir.Name(id=name)):
                names.append(f"*{name}")
            case ir.Display(items=inner):
                names.append(_names_of(inner))
            case ir.Attribute(attr=name):
                names.append(name)
            case _:
                names.append("?")
    return tuple(names)


def _unpack(
    run: Run, frame: Frame, target: ir.Display, targets: tuple[ir.Expr, ...], value: Value, source: ir.Expr
) -> None:
    run.at(target, "unpack")
    if isinstance(value, Either):
        options = [option for option in value.options if _fits(option, targets)]
        value = either(tuple(options)) if options else value
    if isinstance(value, (Tensor, Packed, Items)):
        module = sequences.returned_by(run, value)
        if module is not None or not isinstance(value, Items) or value.tag is not None:
            run.emit(Unpacked(value, _names_of(targets), module, run.site))
    sequences.taken_apart(run, value)
    star = next((i for i, t in enumerate(targets) if isinstance(t, ir.Starred)), None)
    parts = None if star is None else sequences.open_parts(run, value, star, len(targets) - star - 1)
    if parts is not None:
        star = None  # it has its value
    else:
        parts = sequences.parts(run, value, len(targets), star is not None)
    if parts is None:
        if isinstance(value, (Tensor, Items, Packed)):
            run.fitting.be_shapes((value,))
            raise TorchRaises("ValueError", "not enough values to unpack")
        for inner in targets:
            assign(run, frame, inner, sequences.some_element(run, value), source)
        return
    if star is not None:
        after = len(targets) - star - 1
        middle = run.containers.new_list(parts[star : len(parts) - after])
        parts = (*parts[:star], middle, *parts[len(parts) - after :])
    for inner, part in zip(targets, parts, strict=True):
        assign(run, frame, inner, part, source)


def _fits(value: Value, targets: tuple[ir.Expr, ...]) -> bool:
    return not isinstance(value, Lit) and not (isinstance(value, Items) and len(value.items) != len(targets))
