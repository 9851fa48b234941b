"""What changes a list in place: its methods, ``del``, and what is stored at one of its places.

A list of an open number of items is known by its first ones, one of the others, and its last one.  A change that cannot
be followed leaves what may stand anywhere in it.  The tensors along an axis are such a list, but no cell of the heap:
what it is after a change is another value, which whoever holds the list holds from then on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from rnnlint.axes.operations import select
from rnnlint.axes.reading import notes
from rnnlint.axes.states import Blended, Block, Joined, Result, Unknown, marked
from rnnlint.interpret.python import filling, sequences
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Arguments, Run
from rnnlint.torch_api.tensors import collecting
from rnnlint.torch_api.tensors.indexing import LOOP, Item, SliceOf
from rnnlint.values.alternatives import either, whichever
from rnnlint.values.domain import Along, Builtin, Lit, Ref, Tensor, Value
from rnnlint.values.heap_cells import ListCell

_MIXING = frozenset({"remove", "sort"})
"""Those after which nobody knows what stands where."""

CHANGING = frozenset({"append", "extend", "insert", "reverse", "pop", "remove", "sort", "clear"})
"""The methods of lists that change them."""


def method(run: Run, receiver: Ref, cell: ListCell, name: str, args: Arguments) -> Value:
    """A method of a list."""
    if name == "copy":
        return run.containers.new_cell(replace(cell, last=None, count=None))
    if name == "__iadd__":
        name = "extend"
    if name not in CHANGING:
        return run.lost(f"{name} of a list")
    # what is put behind a list leaves what a loop has put into it as it is
    steps = None if name in ("append", "extend") else _steps_in(cell)
    kept = None if steps is None else _kept(run, steps, name, args)
    if kept is None:
        result, now = _changed(run, receiver, cell if steps is None else _ends(run, steps), name, args)
    else:
        result, now = kept[0], _collected(run, kept[1])
    run.containers.put(receiver, replace(now, padding=now.padding or cell.padding))
    return result


def method_of_steps(run: Run, receiver: Along, name: str, args: Arguments) -> tuple[Value, Value]:
    """A method that changes the list of the tensors along an axis: what it returns, and what the list is then."""
    kept = _kept(run, receiver, name, args)
    if kept is not None:
        return kept
    some = sequences.some_element(run, receiver)
    made = run.containers.new_list((), some) if name in _MIXING or name == "pop" else listed(run, receiver)
    cell = run.heap[made.cell]
    return (method(run, made, cell, name, args) if isinstance(cell, ListCell) else NONE), made


def _kept(run: Run, steps: Along, name: str, args: Arguments) -> tuple[Value, Along] | None:
    """The same, where it is the tensors along an axis again; None where it is another list."""
    if name == "reverse":
        turned = _along(steps, select.flip(steps.states, (steps.axis,)))
        return None if turned is None else (NONE, turned)
    if name == "pop" and not run.here.path.loops and (not args or args[0] in (Lit(0), Lit(-1))):
        first = bool(args) and args[0] == Lit(0)
        left = _along(steps, select.narrow(steps.states, steps.axis, *((1, None) if first else (None, -1))))
        return None if left is None else (sequences.taken_from(run, steps, 0 if first else -1), left)
    return None


def listed(run: Run, steps: Along) -> Ref:
    """The list of the tensors along an axis, on the heap: its first item, some, and its last."""
    return run.containers.new_cell(_ends(run, steps))


def _ends(run: Run, steps: Along) -> ListCell:
    known = sequences.iteration(run, steps)
    if known is not None:
        return ListCell(known)
    first, last = (_unnoticed(run, sequences.taken_from(run, steps, place)) for place in (0, -1))
    return ListCell((first,), either((sequences.some_element(run, steps), last)), last)


def _unnoticed(run: Run, item: Value) -> Value:
    """An item of a list that nobody has picked yet: where it is used is where that is seen."""
    if not isinstance(item, Tensor):
        return item
    here = run.site

    def unnoticed(block: Block) -> Block:
        return marked(block, tuple([mark for mark in block.marks if mark.site != here]))

    return Tensor(notes.each_block(item.states, unnoticed))


def _collected(run: Run, steps: Along) -> ListCell:
    """The tensors along an axis, as a loop would have collected them where it would, so that they are that again."""
    ends = _ends(run, steps)
    again = replace(ends, items=())
    return ends if ends.rest is None or _steps_in(again) != steps else again


def _steps_in(cell: ListCell) -> Along | None:
    """What a loop has put into a list, where that is what it made of every step, as tensors along an axis."""
    steps = None if cell.items else collecting.every_step(cell.rest, cell.last, 0)
    return None if steps is None else Along(steps.states, 0)


def _along(steps: Along, states: Result) -> Along | None:
    """The same list of other tensors."""
    return Along(states, steps.axis, steps.keep) if isinstance(states, (Block, Joined, Blended)) else None


def _told_apart(run: Run, cell: ListCell) -> ListCell:
    """A list with its first item apart from the others, where that is known."""
    steps = _steps_in(cell)
    return cell if steps is None else replace(_ends(run, steps), padding=cell.padding)


def _every(cell: ListCell, *more: Value) -> tuple[Value, ...]:
    return (*cell.items, *(() if cell.rest is None else (cell.rest,)), *more)


def _mixed(cell: ListCell, *more: Value) -> ListCell:
    """The same items, and ``more`` of them, in an order and a number that are not known."""
    every = _every(cell, *more)
    return ListCell((), whichever(every), padding=cell.padding) if every else replace(cell, last=None, count=None)


def _changed(run: Run, receiver: Ref, cell: ListCell, name: str, args: Arguments) -> tuple[Value, ListCell]:
    match name:
        case "append" if args:
            return NONE, _appended(cell, args[0])
        case "extend" if args:
            return NONE, _extended(run, receiver, cell, args[0])
        case "insert" if len(args) == 2:
            return NONE, _inserted(cell, args[0], args[1])
        case "reverse":
            return NONE, _reversed(cell)
        case "clear":
            return NONE, ListCell((), padding=cell.padding)
        case "pop":
            key = args[0] if args else Lit(-1)
            # a loop that is run a few times for all of its rounds takes one item after the other
            in_turn = bool(run.here.path.loops) and (bool(args) or cell.rest is not None)
            result, left = without(cell, Unknown(LOOP) if in_turn else key)
            return run.lost("pop of a list") if result is None else result, left
    return run.lost(f"{name} of a list"), _mixed(cell)


def _appended(cell: ListCell, value: Value) -> ListCell:
    if len(cell.items) >= LIMITS.elements:
        return ListCell((), either(_every(cell, value)), value, padding=cell.padding)
    if cell.rest is None:
        return ListCell((*cell.items, value), padding=cell.padding)
    return ListCell(cell.items, either((cell.rest, value)), value, padding=cell.padding)


def _extended(run: Run, receiver: Ref, cell: ListCell, values: Value) -> ListCell:
    padding = filling.beside(run, receiver, values)
    more = sequences.iteration(run, values)
    if more is None:
        return ListCell((), either(_every(cell, sequences.some_element(run, values))), padding=padding)
    if cell.rest is None:
        return ListCell((*cell.items, *more), padding=padding)
    return ListCell(cell.items, either((cell.rest, *more)), more[-1] if more else cell.last, padding=padding)


def _inserted(cell: ListCell, key: Value, value: Value) -> ListCell:
    place = _number(key)
    if place is None or (cell.rest is not None and not 0 <= place <= len(cell.items)):
        return _mixed(cell, value)
    items = list(cell.items)
    items.insert(place, value)
    return replace(cell, items=tuple(items), count=None, first=None)


def _reversed(cell: ListCell) -> ListCell:
    if cell.rest is None:
        return replace(cell, items=cell.items[::-1])
    first = cell.items[0] if cell.items else None
    some = whichever(_every(cell))
    if first is None or cell.last is None:
        return ListCell((), some, padding=cell.padding)
    return ListCell((cell.last,), either((some, first)), first, padding=cell.padding)


Bounds: TypeAlias = tuple[int | Unknown | None, int | Unknown | None, int | Unknown | None]


def part_of(cell: ListCell, bounds: Bounds) -> ListCell:
    """A slice of a list of an open number of items: the same one where that is all of it."""
    lower, upper, step = bounds
    if step == -1 and lower is None and upper is None:
        return _reversed(cell) if cell.items else replace(cell, last=cell.first, first=cell.last)
    if step not in (None, 1):
        return _mixed(cell)
    begins, goes_on = lower in (None, 0), upper is None
    if begins and goes_on:
        return cell
    some = whichever(_every(cell))
    first = (*cell.items, cell.first)[0] if begins else None
    if isinstance(lower, int) and lower > 0 and goes_on:
        return replace(cell, items=cell.items[lower:], first=None, count=None)
    return ListCell((), some, cell.last if goes_on else None, padding=cell.padding, first=first)


def without(cell: ListCell, key: Item | None) -> tuple[Value | None, ListCell]:
    """One of the items, and the list without it: ``pop``, ``del items[key]``."""
    place, count = _number(key), len(cell.items)
    if place is not None and (0 <= place < count or (cell.rest is None and -count <= place < 0)):
        place %= count
        items = (*cell.items[:place], *cell.items[place + 1 :])
        # of what is left nobody knows that it is all that a loop has made
        last = cell.last if items else None
        return cell.items[place], ListCell(items, cell.rest, last, padding=cell.padding)
    every = _every(cell)
    end = cell.last if place == -1 else cell.first if place == 0 else None
    if end is not None:
        return end, ListCell((), whichever(every), padding=cell.padding)
    return (whichever(every) if every else None), _mixed(cell)


def with_item(run: Run, cell: ListCell, key: Item | None, value: Value) -> ListCell:
    """The list in which one of the items, or a part of it, is another: ``items[key] = value``."""
    if isinstance(key, SliceOf):
        return _with_part(run, cell, key, value)
    number = _number(key)
    cell = cell if number is None else _told_apart(run, cell)
    count = len(cell.items)
    if number is not None and (0 <= number < count or (cell.rest is None and -count <= number < 0)):
        place = number % count
        return replace(cell, items=(*cell.items[:place], value, *cell.items[place + 1 :]), count=None, first=None)
    if number == -1 and cell.rest is not None and cell.items:
        return ListCell(cell.items, either((cell.rest, value)), value, padding=cell.padding)
    return _mixed(cell, value)


def _with_part(run: Run, cell: ListCell, part: SliceOf, value: Value) -> ListCell:
    more, cut = sequences.iteration(run, value), _slice(run, part)
    everything = cut is not None and (cut.start or 0) == 0 and cut.stop is None and cut.step in (None, 1)
    if cut is None or more is None or (cell.rest is not None and not everything):
        some = sequences.some_element(run, value)
        return ListCell((), some, padding=cell.padding) if everything else _mixed(cell, some)
    items = list(cell.items)
    try:
        items[cut] = more
    except ValueError:  # every k-th item, and not as many as these
        return _mixed(cell, *more)
    return ListCell(tuple(items), padding=cell.padding)


def delete(run: Run, held: Value, key: Item | None) -> Value | None:
    """``del held[key]`` of a list; what it is then, where that is another value."""
    if isinstance(held, Along):
        left = _left(run, held, key)
        if left is not None:
            return left
        held = made = listed(run, held)
    else:
        made = None
    cell = run.heap[held.cell] if isinstance(held, Ref) else None
    if isinstance(held, Ref) and isinstance(cell, ListCell):
        steps = _steps_in(cell)
        left = None if steps is None else _left(run, steps, key)
        cell = _told_apart(run, cell)
        now = _without_part(run, cell, key) if isinstance(key, SliceOf) else without(cell, key)[1]
        run.containers.put(held, now if left is None else replace(_ends(run, left), padding=cell.padding))
    return made


def _left(run: Run, steps: Along, key: Item | None) -> Along | None:
    """What is left of the tensors along an axis without those at one of its ends."""
    if not isinstance(key, SliceOf):
        place = _number(key)
        bounds = {0: (1, None), -1: (None, -1)}.get(1 if place is None else place)
    else:
        cut = _slice(run, key)
        if cut is None or cut.step not in (None, 1) or (cut.start is None) is (cut.stop is None):
            return None
        bounds = (cut.stop, None) if cut.start is None else (None, cut.start)
    return None if bounds is None else _along(steps, select.narrow(steps.states, steps.axis, *bounds))


def _without_part(run: Run, cell: ListCell, part: SliceOf) -> ListCell:
    cut = _slice(run, part)
    if cut is None or cell.rest is not None:
        return _mixed(cell)
    items = list(cell.items)
    del items[cut]
    return ListCell(tuple(items), padding=cell.padding)


def parted(run: Run, held: Value, backwards: bool, left: int) -> tuple[Value, ListCell] | None:
    """What is taken out of a list one by one until so many items are ``left``, in that order, and these; None for what
    is no list, or of which it is not known what is left."""
    cell = run.heap[held.cell] if isinstance(held, Ref) else None
    steps = held if isinstance(held, Along) else _steps_in(cell) if isinstance(cell, ListCell) else None
    if steps is None and not isinstance(cell, ListCell):
        return None
    known = sequences.iteration(run, held if steps is None else steps)
    taken: Value
    if known is not None:
        begin = left if backwards else 0
        taken = run.containers.new_list(known[begin : begin + max(0, len(known) - left)])
        rest = known[:left] if backwards else known[max(0, len(known) - left) :]
    elif steps is not None:
        lower, upper = (left or None, None) if backwards else (None, -left or None)
        taken = sequences.sliced(run, steps, lower, upper, None)
        rest = tuple(sequences.taken_from(run, steps, at if backwards else at - left) for at in range(left))
    elif left == 0 and isinstance(cell, ListCell):
        taken, rest = run.containers.new_cell(cell), ()
    else:
        return None
    return run.call(Builtin("reversed"), (taken,), {}) if backwards else taken, ListCell(rest)


def reordered(run: Run, value: Value) -> Value | None:
    """A list is put into another order, nobody knows which; what it is then, where that is another value."""
    if isinstance(value, Along):
        return run.containers.new_list((), sequences.some_element(run, value))
    cell = run.heap[value.cell] if isinstance(value, Ref) else None
    if isinstance(value, Ref) and isinstance(cell, ListCell):
        run.containers.put(value, _mixed(cell))
    return None


def _number(key: Item | None) -> int | None:
    """A place in a list that is written down."""
    number = key.value if isinstance(key, Lit) else None
    return number if type(number) is int else None


def _slice(run: Run, part: SliceOf) -> slice | None:
    bounds: list[int | None] = []
    for bound in (part.lower, part.upper, part.step):
        number = None if bound is None or bound == Lit(None) else _number(bound)
        if (bound not in (None, Lit(None)) and number is None) or (number == 0 and bound is part.step):
            return None
        if number is not None and run.facts.open(abs(number)):
            return None
        bounds.append(number)
    return slice(*bounds)
