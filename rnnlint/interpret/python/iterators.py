"""What Python's builtins and itertools make of sequences: lists of the same items, or of what is made of each."""

from __future__ import annotations

from rnnlint.axes.operations import select
from rnnlint.axes.states import Unknown, shape
from rnnlint.interpret.python import lists, sequences, subscripts
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.torch_api.batches.sorting import sorted_of
from rnnlint.torch_api.tensors import indexing
from rnnlint.torch_api.tensors.indexing import LOOP
from rnnlint.torch_api.tensors.less_one import LAST_ROUND
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Along, Formless, Items, Lit, Partial, Ref, Tensor, Torch, Value
from rnnlint.values.heap_cells import ListCell
from rnnlint.values.uses import Use
from rnnlint.values.walk import options


def enumerated(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``enumerate(items)``: each with its number, where it counts from 0."""
    known = sequences.iteration(run, args[0])
    if known is None:
        first, last = sequences.first_element(run, args[0]), sequences.last_element(run, args[0])
        pair = Items((Unknown(LOOP), sequences.some_element(run, args[0])))
        begins = None if first is None else Items((args[1] if len(args) > 1 else Lit(0), first))
        ends = None if last is None else Items((_last_number(run, args, keywords), last))
        return run.containers.new_cell(ListCell((), pair, ends, first=begins))
    return run.containers.new_list(tuple(Items((Lit(i), item)) for i, item in enumerate(known)))


def _last_number(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """What ``enumerate`` comes to: one less than there are items."""
    count = sequences.counted(run, args[0])
    if count is None or len(args) > 1 or keywords:
        return Unknown(LOOP)
    number = run.facts.number(count)
    return Lit(count - 1, number.origins | {LAST_ROUND}) if isinstance(number, Lit) else Unknown(LOOP)


def zipped(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``zip(one, other)``: what stands at the same place in each."""
    columns = [sequences.iteration(run, value) for value in args]
    if all(column is not None for column in columns):
        return run.containers.new_list(tuple(Items(row) for row in zip(*columns, strict=False)))
    begins = [sequences.first_element(run, value) or sequences.some_element(run, value) for value in args]
    each = Items(tuple(sequences.some_element(run, value) for value in args))
    ends = [sequences.last_element(run, value) for value in args]
    counts = {sequences.counted(run, value) for value in args}
    last = tuple(end for end in ends if end is not None)
    whole = len(counts) == 1 and None not in counts and len(last) == len(ends)  # else one of them ends before
    return run.containers.new_cell(ListCell((), each, Items(last) if whole else None, first=Items(tuple(begins))))


def columns(run: Run, rows: Value | None) -> Value | None:
    """``zip(*rows)`` of any number of rows that are tuples of so many each: as many lists."""
    some = Unknown("no rows") if rows is None else sequences.some_element(run, rows)
    counts = {len(one.items) if isinstance(one, Items) and one.tag is None else 0 for one in options(some)}
    columns = sequences.parts(run, some, counts.pop(), False) if len(counts) == 1 and counts != {0} else None
    return (
        None if columns is None else run.containers.new_list(tuple(run.containers.new_list((), one) for one in columns))
    )


def backwards(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if isinstance(args[0], Tensor) and shape(args[0].states):  # torch returns a tensor
        return run.settle(select.flip(args[0].states, (0,)))
    known = sequences.iteration(run, args[0])
    if known is not None:
        return run.containers.new_list(tuple(reversed(known)))
    steps = sequences.along(run, args[0])
    if steps is not None:
        return iterator(run, (sequences.sliced(run, steps, None, None, -1),), {})
    # what comes last comes first, however many there are
    last = sequences.last_element(run, args[0], kept=True)
    some, before = sequences.some_element(run, args[0]), sequences.first_element(run, args[0])
    return run.containers.new_cell(ListCell(() if last is None else (last,), some, before, first=last))


def listed(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``list(items)``: another list of the same items."""
    known = sequences.iteration(run, args[0])
    if known is not None:
        return run.containers.new_list(known)
    axis = sequences.along(run, args[0])
    if axis is not None:
        return axis
    if isinstance(args[0], Formless) and sorted_of(args[0]) is not None:  # lengths that fall do so in a list, too
        return args[0]
    cell = run.heap[args[0].cell] if isinstance(args[0], Ref) else None
    if isinstance(cell, ListCell):
        return run.containers.new_cell(cell)
    return run.containers.new_list((), sequences.some_element(run, args[0]))


def iterator(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """A list that ``next`` takes the first item of."""
    axis = sequences.along(run, args[0])
    if axis is not None and sequences.iteration(run, axis) is None:
        first, some = sequences.taken_from(run, axis, 0), sequences.some_element(run, axis)
        return run.containers.new_cell(ListCell((first,), some, sequences.last_element(run, axis), whole=axis))
    return listed(run, args, keywords)


def taken(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """The first element of an iterator whose elements are known, which has one less from then on."""
    iterator = args[0]
    cell = run.heap[iterator.cell] if isinstance(iterator, Ref) else None
    if isinstance(iterator, Ref) and isinstance(cell, ListCell) and cell.items:
        run.containers.put(iterator, ListCell(cell.items[1:], cell.rest, cell.last))
        return cell.items[0]
    if isinstance(cell, ListCell) and cell.rest is None and len(args) > 1:
        return args[1]
    return sequences.some_element(run, iterator)


def mapped(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``map(function, items)``: what it makes of each, and of the last where that is known."""
    function, *iterables = args
    if not iterables:
        return run.lost("map() over nothing")
    rows = iterables[0] if len(iterables) == 1 else zipped(run, tuple(iterables), {})

    def made(item: Value) -> Value:
        several = item.items if len(iterables) > 1 and isinstance(item, Items) else (item,)
        return run.call(function, several, {})

    known = sequences.iteration(run, rows)
    if known is not None:
        return run.containers.new_list(tuple(map(made, known)))
    each, last = made(sequences.some_element(run, rows)), sequences.last_element(run, rows)
    if last is None:
        return run.containers.new_list((), each)
    ends = made(last)
    return run.containers.new_cell(ListCell((), either((each, ends)), ends, sequences.counted(run, rows)))


def reduced(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``reduce(function, items)``: of items that are not known one by one, the first, some, and the last."""
    if len(args) < 2:
        return run.lost("reduce() of nothing")
    function, items, *initial = args
    known = sequences.iteration(run, items)
    if known is None:
        last = sequences.last_element(run, items)
        if last is None or run.containers.elements(items) is not None:
            run.use(items, Use.ELSEWHERE)
            return run.lost("reduce() of what is not known")
        first = (sequences.taken_from(run, items, 0),) if isinstance(items, Along) else ()
        known = (*first, sequences.some_element(run, items), last)
    for item in known:
        initial = [run.call(function, (initial[0], item), {})] if initial else [item]
    return initial[0] if initial else run.lost("reduce() of nothing")


def filtered(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``filter(function, items)``: some of them."""
    if len(args) != 2:
        return run.lost("filter()")
    some = sequences.some_element(run, args[1])
    if args[0] != Lit(None):
        run.call(args[0], (some,), {})
    return run.containers.new_list((), some)


def accumulated(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``accumulate(items, function)``: what ``reduce`` makes of the first ones, each time of one more."""
    function = args[1] if len(args) > 1 else keywords.get("func")
    known = sequences.iteration(run, args[0])
    if function is None or len(args) > 2 or "initial" in keywords or known == ():
        run.use_all(args, keywords)
        return run.lost("accumulate() of what is not known")
    if known is None:
        last = sequences.last_element(run, args[0])
        some = sequences.some_element(run, args[0])
        met: Arguments = (some, some) if last is None else (some, some, last)
    else:
        met = known
    made = [met[0]]
    for item in met[1:]:
        made.append(run.call(function, (made[-1], item), {}))
    if known is not None:
        return run.containers.new_list(tuple(made))
    return run.containers.new_cell(ListCell((), either(tuple(made)), made[-1] if len(met) > 2 else None))


def chained(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``chain(one, other)``: the items of each, one after the other."""
    if len(args) == 1:
        return listed(run, args, {})
    known = [sequences.iteration(run, value) for value in args]
    if None not in known:
        return run.containers.new_list(tuple(item for items in known for item in items or ()))
    some = tuple(sequences.some_element(run, value) for value in args)
    return run.containers.new_list((), either(some), sequences.last_element(run, args[-1]))


def chained_from(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``chain.from_iterable(several)``: likewise."""
    known = sequences.iteration(run, args[0])
    if known:
        return chained(run, known, {})
    return run.containers.new_list((), sequences.some_element(run, sequences.some_element(run, args[0])))


def cut(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``islice(items, start, stop, step)``: the slice of a list."""
    items, bounds = listed(run, args[:1], {}), args[1:]
    written = [None if bound == Lit(None) else bound for bound in bounds]
    lower, upper, step = (None, written[0], None) if len(written) == 1 else (*written, None, None)[:3]
    return subscripts.subscript(run, items, (indexing.SliceOf(lower, upper, step),), False)


def deque(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """A list; of one that drops the oldest items it is not known how many there are, but where it takes all at once."""
    longest = args[1] if len(args) > 1 else keywords.get("maxlen", Lit(None))
    if longest == Lit(None) or not args:
        return listed(run, args, {}) if args else run.containers.new_list(())
    count = run.facts.integer(longest)
    parts = None if count is None or run.facts.open(count) else lists.parted(run, listed(run, args, {}), False, count)
    return run.containers.new_cell(ListCell((), Unknown("an item of a deque")) if parts is None else parts[1])


_ITEM = Torch("operator.itemgetter")


def item_of(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``itemgetter(index)``, and what it gives of something it is called with."""
    if len(args) == 1:
        return Partial(_ITEM, (Lit(None), *args), ())
    if len(args) == 3 and args[0] == Lit(None):
        return subscripts.subscript(run, args[2], (args[1],), False)
    run.use_all(args, keywords)
    return run.lost("items by several indices")
