"""What is filled up to one length, so that a batch of it holds padding: lists, arrays, and what is made of them.

A list keeps that it was (``ListCell.padding``), an open value in its form, and a tensor in its source.  Which numbers
fill something up is told by how they are counted: as many as are missing of a length (``n - len(x)``).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

from rnnlint.axes.reading import sample_orders
from rnnlint.axes.states import Block, Own, Role, Unknown, blocks, shape
from rnnlint.events import Evidence
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.source import program as ir
from rnnlint.torch_api.batches.lengths import padded
from rnnlint.torch_api.operands import source_key
from rnnlint.torch_api.tensors import indexing
from rnnlint.values.alternatives import TABLE, either
from rnnlint.values.domain import Along, Called, Either, Formless, Free, Items, Lit, Ref, Tensor, Value
from rnnlint.values.forms import Arithmetic, Padding, Side
from rnnlint.values.heap_cells import ListCell
from rnnlint.values.origins import Fresh, PaddedBatch
from rnnlint.values.roots import padding_in
from rnnlint.values.walk import options

LENGTH = Unknown("a length that is not known")
MISSING = Unknown("how many are missing of a length")
LISTS, ROWS, _TABLE = "lists filled up", "rows filled up", "a table that is filled up by rows"
_MOST = 8
"""Items of a list that are looked at: what fills up one does so with all.  A convention."""


def difference(run: Run, left: Value, right: Value) -> Value | None:
    """``n - len(x)`` where nobody knows the length; None for any other difference, that of two such lengths too."""
    length = right == LENGTH or (isinstance(left, Unknown) and _open_size(run, right))
    return MISSING if length and left != LENGTH else None


def is_missing(run: Run, value: Value) -> bool:
    """Whether a number is how many are missing of an open length."""
    match value:
        case Unknown():
            return value == MISSING
        # less than nothing, for what stands in for the length
        case Lit(int() as number):
            return number < 1 and bool(run.facts.free_of(number))
        case Free(form=Arithmetic("-", _, right)):
            return _open_size(run, right)
    return False


def _open_size(run: Run, value: Value) -> bool:
    return isinstance(value, Lit) and type(value.value) is int and run.facts.open(value.value)


def filler(run: Run, items: tuple[Value, ...]) -> Ref:
    """``[c] * (n - len(x))``."""
    each = either(items) if items else Unknown("an empty list")
    return run.containers.new_cell(ListCell((), each, padding=_WHOLE))


_LISTED, _WHOLE = Padding(None, Side.RIGHT, LISTS, axis=0), Padding(None, Side.WHOLE, LISTS)


def fills(run: Run, value: Value) -> bool:
    """Whether a value is nothing but what fills up another: as much as is missing of a length."""
    match value:
        case Free():
            padding = padding_in(value)
        case Formless(root):
            padding = padding_in(root)
        # zeros of a size that is less than nothing for what stands in for the length (torch_api.tensors.making)
        case Tensor(states):
            return any(key[:1] == ("some",) for size in shape(states) for key in _keys(run, size))
        case _:
            cell = _list(run, value)
            padding = None if cell is None else cell.padding
    return padding is not None and padding.side is Side.WHOLE


def _keys(run: Run, size: int) -> Iterator[tuple[Hashable, ...]]:
    return (key for key in run.facts.free_of(size) if isinstance(key, tuple))


def beside(run: Run, first: Value, last: Value) -> Padding | None:
    """How what stands one behind the other is filled up, if it is."""
    ends = fills(run, first), fills(run, last)
    if ends[1]:
        return _WHOLE if ends[0] else _LISTED
    if ends[0]:
        return replace(_LISTED, side=Side.LEFT)
    sides = [None if cell is None else cell.padding for cell in (_list(run, last), _list(run, first))]
    constant = [run.containers.elements(value) is not None for value in (last, first)]
    # what is of one length stays so beside what is, or what is written down
    if all(one or _nowhere(padding) for one, padding in zip(constant, sides, strict=True)):
        kept = next(filter(_nowhere, sides), None)
        return None if kept is None else replace(kept, length=None)
    return next((padding for padding in sides if padding is not None and not _nowhere(padding)), None)


def _nowhere(padding: Padding | None) -> bool:
    return padding is not None and padding.nowhere


def completes(run: Run, value: Value) -> None:
    """More is put behind a list.  If it holds what recurrent modules have returned, none of them reads that: it is no
    padding, whatever the text shows."""
    site = run.site.node
    if not any(place is site for _, place in run.known.text.batches.shows):
        return
    cell = _list(run, value)
    held = () if cell is None else (*cell.items[:_MOST], *(() if cell.rest is None else (cell.rest,)))
    if any(run.calls.made(one.states) for item in (value, *held) for one in options(item) if isinstance(one, _STATES)):
        run.journal.account.completed.add(site)


_STATES = (Tensor, Along)


def sum_of(run: Run, left: Value, right: Value) -> Value | None:
    """``left + right``, one of which is filled up; None where neither is."""
    padding = beside(run, left, right)
    if padding is None:
        return None
    some = either((run.containers.element(left), run.containers.element(right)))
    return run.containers.new_cell(ListCell((), some, padding=padding))


def _list(run: Run, value: Value) -> ListCell | None:
    cell = run.heap[value.cell] if isinstance(value, Ref) else None
    return cell if isinstance(cell, ListCell) else None


def made_over(run: Run, over: Value, constant: bool) -> Padding | None:
    """How a list is filled up that is made of each element of another; ``constant``: the same of whichever."""
    cell = _list(run, over)
    if cell is not None and cell.padding is not None:
        return cell.padding if constant or cell.padding.side is not Side.WHOLE else None
    return padding_in(over) if isinstance(over, Free) else None


def fill(run: Run, value: Value) -> None:
    """A list was filled up by a loop."""
    cell = _list(run, value)
    if isinstance(value, Ref) and cell is not None:
        run.containers.put(value, replace(cell, padding=_LISTED if _nowhere(cell.padding) else cell.padding or _LISTED))


_DEEPEST = 3  # a batch holds samples, these hold rows; what holds itself twice, line by line, has a million parts


def padding_of(run: Run, value: Value, deepest: int = _DEEPEST) -> Padding | None:
    """How a value is padded, or what it holds, so many lists deep; None where nothing shows that it is."""
    match value:
        case Free():
            return padding_in(value)
        case Formless(root):
            return padding_in(root)
        case Tensor(states):
            every = [_as_it_lies(found, block) if (found := padded(block)) else None for block in blocks(states)]
            return _of_all(every)
        case Either(items):
            return _first(run, items, deepest)
        case Items(items):
            return _held(_first(run, items, deepest))
        case Ref():
            cell = _list(run, value)
            if cell is not None:
                held = cell.items if cell.rest is None else (*cell.items[:_MOST], cell.rest)
                return cell.padding or _held(_first(run, held, deepest))
    return None


def _held(padding: Padding | None) -> Padding | None:
    return None if padding is None else padding.inside()


def _as_it_lies(padding: Padding, block: Block) -> Padding:
    """How a tensor is padded that may have been turned round since."""
    if padding.batch_first is None:
        return padding
    lying = [sample_orders.along(block, axis) for axis in range(min(2, len(block.axes)))]
    if lying == [Own(0), Own(1)]:
        return padding
    return replace(padding, batch_first=None if lying != [Own(1), Own(0)] else not padding.batch_first)


def _first(run: Run, values: tuple[Value, ...], deepest: int) -> Padding | None:
    return _of_all([padding_of(run, one, deepest - 1) for one in values[:_MOST]]) if deepest else None


def _of_all(found: Sequence[Padding | None]) -> Padding | None:
    """How one of several is padded, and all of them where that is nowhere."""
    shown = (padding for padding in found if padding is not None and not _nowhere(padding))
    alike = found and all(map(_nowhere, found)) and len(set(found)) == 1
    return next(shown, found[0] if alike else None)


def batched(padding: Padding | None) -> Padding | None:
    """How a batch is padded of samples that are: a row of it is filled up at its end."""
    if padding is None or padding.side is Side.WHOLE:
        return None
    side = _OF_BATCHES.get(padding.side)
    return padding if side is None else replace(padding, side=side, length=None)


_OF_BATCHES = {Side.ROW: Side.RIGHT, Side.WINDOW: Side.NOWHERE}


def converted(run: Run, name: str, args: Arguments, keywords: Keywords) -> Value | None:
    """A tensor or an array of what is padded, or padded here; None for what is not, and what says so itself."""
    module, _, last = name.rpartition(".")
    data = args[0] if args else next((keywords[one] for one in _DATA if one in keywords), None)
    if data is None or (isinstance(data, Tensor) and run.calls.made(data.states)):
        return None
    padding: Padding | None = None
    if last in _MAKING and MISSING in (run.containers.elements(data) or args):
        padding = _WHOLE
    elif last == "pad":
        widths = keywords.get("pad_width", keywords.get("pad", args[1] if len(args) > 1 else None))
        padding = None if widths is None else _around(run, module, widths)
    elif last in _JOINING:
        padding = _put_together(run, data, _dim(run, last, args, keywords))
    # of a tensor it is followed how its axes lie
    elif name in _KEEPING and not any(isinstance(one, (Tensor, Formless)) for one in options(data)):
        padding = padding_of(run, data)
        padding = batched(padding) if last in _BATCHING or _of_rows(run, data) else padding
        if padding is not None and last in _BATCHING and _dim(run, last, args, keywords) != 0:
            padding = replace(padding, axis=None)
    # of tensors that are known it is followed what becomes of them, and that all are of one length goes with them
    if padding is None or (_nowhere(padding) and isinstance(run.containers.element(data), Tensor)):
        return None
    made = Free(f"{last}(...)", run.occurrence(), padding)
    # a table as it was filled up; of what a loader has put together, rows are one axis further in
    if any(isinstance(one, Free) and not isinstance(one.owner, ir.Node) for one in options(data)):
        _show(run, made, padding)
    return made if module == "numpy" else run.facts.tensor(made)


def _show(run: Run, made: Hashable, padding: Padding) -> None:
    """What is filled up row by row has its samples along one axis, and their steps along the other."""
    if padding.batch_first is not None:
        for axis, role in enumerate((Role.SAMPLE, Role.STEP) if padding.batch_first else (Role.STEP, Role.SAMPLE)):
            why = _TABLE if padding.why == ROWS else padding.why
            run.layouts.show(made, axis, Evidence(role, why, run.site))


def _dim(run: Run, name: str, args: Arguments, keywords: Keywords) -> int | None:
    """Along which axis several are put together."""
    given = keywords.get("dim", keywords.get("axis", args[1] if len(args) > 1 else None))
    return run.facts.integer(given) if given is not None else 0 if name != "hstack" else None


def _put_together(run: Run, parts: Value, dim: int | None) -> Padding | None:
    """How several tensors or arrays are padded that are put together; None where a recurrent module made one."""
    known = run.containers.elements(parts)
    if known and any(isinstance(one, Tensor) and run.calls.made(one.states) for one in known):
        return None
    padding = beside(run, known[0], known[-1]) if known else None
    if padding is not None and padding.axis is not None:
        return replace(padding, axis=dim)
    found = padding or padding_of(run, parts)
    return None if found is None else replace(found, axis=None)


def _of_rows(run: Run, data: Value) -> bool:
    """Whether a list holds what is filled up, and is not itself."""
    cell = _list(run, data)
    return cell is not None and cell.padding is None


def _around(run: Run, module: str, widths: Value) -> Padding | None:
    """``np.pad(x, (0, n - len(x)))``, ``F.pad(x, (0, 0, 0, n - len(x)))``: one width is open, the others nothing."""
    every: list[Value] = []
    for one in run.containers.elements(widths) or ():
        every += run.containers.elements(one) or (one,)
    open_ = [place for place, width in enumerate(every) if width != Lit(0)]
    if len(open_) != 1 or len(every) % 2 or not is_missing(run, every[open_[0]]):
        return None
    side = Side.RIGHT if open_[0] % 2 else Side.LEFT
    if module == "numpy":  # one pair is for every axis
        return Padding(None, side, "np.pad", axis=open_[0] // 2 if len(every) > 2 else None)
    return Padding(None, side, "F.pad", axis=-1 - open_[0] // 2)


_MAKING = frozenset({"zeros", "ones", "full"})
_JOINING = frozenset({"cat", "concat", "concatenate", "hstack"})
_BATCHING = frozenset({"stack", "vstack"})
_NAMES = """numpy.array numpy.asarray numpy.stack numpy.vstack torch.tensor torch.as_tensor
torch.Tensor torch.FloatTensor torch.DoubleTensor torch.LongTensor torch.IntTensor torch.cuda.FloatTensor
torch.cuda.LongTensor torch.from_numpy torch.stack torch.vstack torch.autograd.Variable"""
_KEEPING = frozenset(_NAMES.split())
_DATA = ("data", "object", "a", "arrays", "tensors", "ndarray")


def method(run: Run, receiver: Free, name: str) -> Value | None:
    """What a method returns that keeps the steps of an array; None for what is not padded, and for other methods."""
    padding = padding_in(receiver) if name in _SAME else None
    if padding is None:
        return None
    return Free(f"{receiver.key}.{name}()", Called(receiver.owner, run.site.node), padding)


_SAME = frozenset({"astype", "copy", "tolist"})
"""Methods of arrays; those that tensors have as well are followed as theirs."""


def rows(run: Run, receiver: Value, keys: tuple[indexing.Item, ...]) -> Value | None:
    """What a table becomes into which rows of unequal length are written: ``table[i, :len(row)] = row``.

    ``padded[:len(row)] = row`` fills up one row.
    """
    places = [place for place, key in enumerate(keys[:2]) if _own_length(run, receiver, place, key)]
    if len(places) != 1 or (len(keys) > 1 and isinstance(keys[1 - places[0]], indexing.SPECIAL)):
        return None
    padding = Padding(None, Side.ROW, ROWS, axis=0)
    if len(keys) > 1:
        padding = Padding(places[0] == 1, Side.RIGHT, ROWS, axis=places[0])
    known = padding_of(run, receiver)
    if known is not None and not _nowhere(known):
        return receiver
    if isinstance(receiver, Unknown):  # an array of numpy's, mostly
        return Free(TABLE, run.occurrence(), padding)
    # what somebody has handed in stays what it is, whatever is written into it
    if not isinstance(receiver, Tensor) or not isinstance(source_key(receiver), Fresh):
        return None
    sizes = shape(receiver.states)
    if len(keys) > 1 and (len(sizes) < 2 or sizes[1 - places[0]] == 1):
        return None
    table = PaddedBatch(run.occurrence(), padding)
    if len(keys) > 1:
        _show(run, table, padding)
    return run.settle(run.given(table, sizes))


def _own_length(run: Run, receiver: Value, axis: int, key: indexing.Item) -> bool:
    """Whether a slice goes up to a length, which is another for each row."""
    if not isinstance(key, indexing.SliceOf) or key.lower not in (None, Lit(0)) or key.step is not None:
        return False
    upper = key.upper
    if isinstance(upper, (Tensor, Formless)):  # a number out of a tensor of lengths
        return True
    sizes = shape(receiver.states) if isinstance(receiver, Tensor) else ()
    whole = isinstance(upper, Lit) and upper.value in sizes
    return upper == LENGTH or (upper is not None and not whole and _open_size(run, upper))
