"""What is filled up to one length, so that a batch of it holds padding: lists, arrays, and what is made of them.

A list keeps that it was (``ListCell.padding``), an open value in its form, and a tensor in its source.  Which numbers
fill something up is told by how they are counted: as many as are missing of a length (``n - len(x)``).
"""

from __future__ import annotations

from dataclasses import replace

from rnnlint.axes.states import Block, Given, Unknown, blocks, shape
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.torch_api.tensors import indexing
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Called, Either, Formless, Free, Items, Lit, Ref, Tensor, Value
from rnnlint.values.forms import Arithmetic, Padding
from rnnlint.values.heap_cells import ListCell
from rnnlint.values.origins import PaddedBatch
from rnnlint.values.roots import padding_in

LENGTH = Unknown("a length that is not known")
MISSING = Unknown("how many are missing of a length")
LISTS, ROWS = "lists filled up", "rows filled up"
_MOST = 8
"""Items of a list that are looked at: what fills up one does so with all.  A convention."""


def difference(run: Run, left: Value, right: Value) -> Value | None:
    """``n - len(x)`` where nobody knows the length; None for any other difference, which is a number as well as any."""
    length = right == LENGTH or (isinstance(left, Unknown) and _open_size(run, right))
    return MISSING if length else None


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
    return run.containers.new_cell(ListCell((), each, padding=_LISTED, filler=True))


_LISTED = Padding(None, Lit("right"), LISTS)


def joined(run: Run, left: Value, right: Value) -> Padding | None:
    """How ``left + right`` is filled up, if it is."""
    first, second = _list(run, left), _list(run, right)
    if second is not None and second.padding is not None:
        return second.padding
    if first is None or first.padding is None:
        return None
    return replace(first.padding, side=Lit("left")) if first.filler else first.padding


def sum_of(run: Run, left: Value, right: Value) -> Value | None:
    """``left + right``, one of which is filled up; None where neither is."""
    padding = joined(run, left, right)
    if padding is None:
        return None
    first, second = _list(run, left), _list(run, right)
    only = first is not None and second is not None and first.filler and second.filler
    some = either((run.containers.element(left), run.containers.element(right)))
    return run.containers.new_cell(ListCell((), some, padding=padding, filler=only))


def _list(run: Run, value: Value) -> ListCell | None:
    cell = run.heap[value.cell] if isinstance(value, Ref) else None
    return cell if isinstance(cell, ListCell) else None


def made_over(run: Run, over: Value, constant: bool) -> tuple[Padding | None, bool]:
    """How a list is filled up that is made of each element of another, and whether it does nothing but fill up.

    ``constant``: of whichever elements, the same.
    """
    cell = _list(run, over)
    if cell is not None and cell.filler:
        return (cell.padding, True) if constant else (None, False)
    if isinstance(over, Free):
        return padding_in(over), False
    return (None if cell is None else cell.padding), False


def fills(run: Run, over: Value) -> bool:
    """Whether a loop is run once for each that is missing of a length."""
    cell = _list(run, over)
    return cell is not None and cell.filler


def fill(run: Run, value: Value) -> None:
    """A list was filled up by a loop."""
    cell = _list(run, value)
    if isinstance(value, Ref) and cell is not None:
        run.containers.put(value, replace(cell, padding=cell.padding or _LISTED))


def padding_of(run: Run, value: Value) -> Padding | None:
    """How a value is padded, or what it holds; None where nothing shows that it is."""
    match value:
        case Free():
            return padding_in(value)
        case Formless(root):
            return padding_in(root)
        case Tensor(states):
            return next((found for block in blocks(states) if (found := _of_block(block)) is not None), None)
        case Either(items) | Items(items):
            return _first(run, items)
        case Ref():
            cell = _list(run, value)
            if cell is None or cell.filler:
                return None
            held = cell.items if cell.rest is None else (*cell.items[:_MOST], cell.rest)
            return cell.padding or _first(run, held)
    return None


def _first(run: Run, values: tuple[Value, ...]) -> Padding | None:
    found = (padding_of(run, one) for one in values[:_MOST])
    return next((padding for padding in found if padding is not None), None)


def _of_block(block: Block) -> Padding | None:
    match block.source.key:
        case PaddedBatch(padding=padding):
            return padding
        case Free() as free:
            return padding_in(free)
    return None


def converted(run: Run, name: str, args: Arguments, keywords: Keywords) -> Value | None:
    """A tensor or an array of what is padded; None for what is not, and where the tensor says so itself."""
    if name not in _KEEPING:
        return None
    data = args[0] if args else next((keywords[one] for one in _DATA if one in keywords), None)
    if data is None or isinstance(data, (Tensor, Formless)):
        return None
    padding = padding_of(run, data)
    if padding is None:
        return None
    made = Free(f"{name.rpartition('.')[2]}(...)", run.occurrence(), padding)
    return made if name.startswith("numpy.") else run.facts.tensor(made)


_NAMES = """numpy.array numpy.asarray numpy.stack numpy.vstack numpy.concatenate torch.tensor torch.as_tensor
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
    """What a table becomes into which rows of unequal length are written: ``table[i, :len(row)] = row``."""
    places = [place for place, key in enumerate(keys[:2]) if _own_length(run, receiver, place, key)]
    if len(keys) < 2 or len(places) != 1 or isinstance(keys[1 - places[0]], indexing.SPECIAL):
        return None
    padding = Padding(places[0] == 1, Lit("right"), ROWS)
    if isinstance(receiver, Tensor):
        if _of_block_or_none(receiver) is not None:
            return receiver
        sizes = shape(receiver.states)
        if run.calls.made(receiver.states) or len(sizes) < 2 or sizes[1 - places[0]] == 1:
            return None
        return run.settle(run.given(PaddedBatch(run.occurrence(), padding), sizes))
    if isinstance(receiver, Free) and padding_in(receiver) is not None:
        return receiver
    return Free("a table", run.occurrence(), padding) if isinstance(receiver, (Unknown, Free, Formless)) else None


def _of_block_or_none(tensor: Tensor) -> Padding | None:
    states = tensor.states
    return _of_block(states) if isinstance(states, Block) and isinstance(states.source, Given) else None


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
