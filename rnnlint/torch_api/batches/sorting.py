"""Sorting a batch, and indexing by what a sort returns.

The index that a sort returns is ``arange`` in another order (see :mod:`rnnlint.axes.reading.sample_orders`), so that
indexing with it, inverting it by ``argsort`` and composing two of them are one operation.
"""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.axes import results
from rnnlint.axes.operations import combine
from rnnlint.axes.reading import sample_orders
from rnnlint.axes.states import Block, Given, Order, Own, Role, States, Unknown, shape
from rnnlint.events import Reordered
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import INDICES, indices_of, source_key, tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.values import forms
from rnnlint.values.domain import Along, Formless, Free, Items, Lit, Tensor, Value
from rnnlint.values.forms import InOrder, SortIndex
from rnnlint.values.origins import Compared, Counting, MaskOf, Negative, SortedAlong, Sorting
from rnnlint.values.roots import base
from rnnlint.values.uses import Use


def counting(size: int) -> States:
    """``0 .. size-1``."""
    return results.given(Given(Counting(size), (size,)))


def order_by(value: object) -> Order | None:
    """The order into which indexing by a value puts an axis; None for what is no index of a sort."""
    if isinstance(value, Along) and value.axis == 0:
        value = Tensor(value.states)
    if not isinstance(value, Tensor) or not isinstance(source_key(value), Counting) or len(shape(value.states)) != 1:
        return None
    return sample_orders.order_of(value.states, 0) or None


def spread_order(index: Value, axis: int) -> Order | None:
    """The order that an index of more axes (for ``gather``) says, all the same except along ``axis``."""
    if (
        not isinstance(source_key(index), Counting)
        or not isinstance(index, Tensor)
        or not isinstance(index.states, Block)
    ):
        return None
    places = [number for number in range(len(index.states.axes)) if sample_orders.along(index.states, number) == Own(0)]
    return sample_orders.order_of(index.states, axis) or None if places == [axis] else None


def unranked_index(value: object) -> bool:
    """Whether a value is the index of a sort of a tensor of unknown rank."""
    return isinstance(value, Formless) and isinstance(value.root.form, SortIndex)


def sorted_of(value: Formless) -> Formless | None:
    """The tensor of unknown rank of which a value is the sorted one."""
    made = isinstance(value.root.form, (InOrder, SortIndex, forms.Reordered))
    return Formless(base(value.root), value.change) if made else None


def unranked_sorted(tensor: Formless, index: Formless) -> Formless:
    """A tensor of unknown rank, indexed by the index of a sort of another one."""
    root = tensor.root
    return Formless(Free(root.key, root.owner, forms.Reordered(root, index.root)), tensor.change)


def reorder(ctx: Context, tensor: Tensor, axis: int, order: Order) -> Tensor:
    """``tensor`` indexed along an axis by the index of a sort."""
    before = tensor.states
    ctx.batches.permuted(before, order)
    ctx.emit(Reordered(before, axis, order, ctx.site))
    astray = _samples_elsewhere(before, axis, order)
    return Tensor(sample_orders.reordered(before, axis if astray is None else astray, order))


def _samples_elsewhere(states: States, axis: int, order: Order) -> int | None:
    """The axis of the samples whose order this undoes, where another axis was indexed: it counts as undone."""
    if not isinstance(states, Block) or not order:
        return None
    for number in range(len(states.axes)):
        known = sample_orders.order_of(states, number)
        if (
            number != axis
            and sample_orders.along(states, number) is Role.SAMPLE
            and known == sample_orders.inverse(order)
        ):
            return number
    return None


@operation(
    "sort",
    "input dim descending stable",
    rank=None,
    tries="""
        x, 1
        x
        lengths, 0, True
        lengths, descending=True
    """,
)
def sort(ctx: Context, a: Args) -> Value:
    """``(values, indices)``."""
    return _sorted(ctx, a, _descending(ctx, a.get("descending")))


@operation(
    "argsort",
    "input dim descending stable",
    rank=None,
    tries="""
        ? x, 1
        lengths, 0, True
        lengths, descending=True
    """,
)
def argsort(ctx: Context, a: Args) -> Value:
    """The indices alone."""
    both = _sorted(ctx, a, _descending(ctx, a.get("descending")))
    return both.items[1] if isinstance(both, Items) else both


@operation(
    "topk",
    "input k dim largest sorted",
    rank=None,
    tries="""
        x, 2
        x, 2, 1
        lengths, 2
    """,
)
def topk(ctx: Context, a: Args) -> Value:
    """``(values, indices)``; of all elements of a vector, a sort."""
    tensor, count = tensor_of(ctx, a.get("input")), ctx.facts.integer(a.get("k"))
    everything = (isinstance(tensor, Tensor) and shape(tensor.states) == (count,)) or (
        isinstance(tensor, Formless) and count is not None and ctx.facts.axis_of(tensor, count) == 0
    )
    if everything:
        return _sorted(ctx, a, _descending(ctx, a.get("largest") or Lit(True)))
    ctx.use(tensor, Use.ARITHMETIC)
    axis, sizes = ctx.facts.integer(a["dim"]) if "dim" in a else -1, _sizes(tensor)
    if count is None or axis is None or not -len(sizes) <= axis < len(sizes):
        return Items((Unknown("the largest elements"), INDICES))
    place = axis % len(sizes)
    indices = indices_of(ctx, tensor, (*sizes[:place], count, *sizes[place + 1 :]))
    # of features: each of the largest is what it is by all of them, as what a layer makes of them
    if isinstance(tensor, Tensor) and place == len(sizes) - 1:
        return Items((ctx.settle(combine.contract(tensor.states, count)), indices))
    return Items((Unknown("the largest elements"), indices))


def _sizes(tensor: Value) -> tuple[int, ...]:
    return shape(tensor.states) if isinstance(tensor, Tensor) else ()


def _descending(ctx: Context, value: Value | None) -> bool | None:
    return False if value is None else ctx.facts.flag(value)


def _sorted(ctx: Context, a: Args, descending: bool | None) -> Value:
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless):
        return Items(
            (
                _unranked(tensor, "sorted", InOrder(tensor.root, descending)),
                _unranked(tensor, "argsort", SortIndex(tensor.root, descending)),
            )
        )
    if not isinstance(tensor, Tensor) or not isinstance(tensor.states, Block):
        ctx.batches.sorting()
        return Items((untold(ctx, tensor, "what was sorted is not followed"), Unknown("an index that sorts")))
    if len(shape(tensor.states)) != 1 or not isinstance(tensor.states.source, Given):
        ctx.use(tensor, Use.ELSEWHERE)
        made = ctx.the_source(Given(SortedAlong(ctx.occurrence()), shape(tensor.states)))
        return Items((ctx.settle(results.given(made)), Unknown("an index along one of several axes")))
    order = _order(tensor, descending, ctx.site.node)
    ctx.batches.permuted(tensor.states, order)
    indices = sample_orders.reordered(counting(shape(tensor.states)[0]), 0, order)
    return Items((Tensor(sample_orders.reordered(tensor.states, 0, order)), Tensor(indices)))


def _order(tensor: Tensor, descending: bool | None, at: Hashable) -> Order:
    """The permutation that sorts a vector: what undoes it, for one that counts."""
    assert isinstance(tensor.states, Block)
    known = sample_orders.order_of(tensor.states, 0)
    if isinstance(source_key(tensor), Counting) and descending is False:
        return sample_orders.inverse(known)
    # whatever order it is in, sorting it leads to the same values: undo that order, then sort
    return sample_orders.followed_by(
        sample_orders.inverse(known), ((Sorting(sample_orders.plain(tensor.states), descending, at), 1),)
    )


def of_sort(sort: Hashable) -> Given | None:
    """What was given and is sorted by a permutation."""
    vector = sort.vector if isinstance(sort, Sorting) else None
    return origin(vector.source) if vector is not None and isinstance(vector.source, Given) else None


def origin(source: Given) -> Given | None:
    """What a tensor was made of by negation or comparison; None for one that only counts, or compares several."""
    match source.key:
        case Counting() | Compared():
            return None
        case Negative(Block(Given() as inner)) | MaskOf(Block(Given() as inner)):
            return origin(inner)
    return source


def is_descending(states: States) -> bool:
    """Whether a vector is known to be sorted with its largest element first."""
    return _is_sorted(states, True)


def is_ascending(states: States) -> bool:
    """Whether a vector is known to be sorted with its smallest element first."""
    return _is_sorted(states, False)


def _is_sorted(states: States, descending: bool) -> bool:
    if not isinstance(states, Block) or len(states.axes) != 1:
        return False
    plain, order = sample_orders.plain(states), sample_orders.order_of(states, 0)
    return order in (((Sorting(plain, descending), 1),), ((Sorting(negated(plain), not descending), 1),))


def negated(vector: Block) -> Block:
    """``-vector``: what sorts it sorts the vector the other way round."""
    return results.given(Given(Negative(vector), shape(vector)))


def _unranked(tensor: Formless, what: str, form: forms.Form) -> Formless:
    root = tensor.root
    return Formless(Free(f"{what} {root.key}", root.owner, form), tensor.change)
