"""Tensors of numbers that the program writes down, or has in a list."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from rnnlint.axes.operations import regroup
from rnnlint.axes.states import Unknown, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import OF_VALUES, integers, source_key, tensor_for_axis, truths
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import computing, drawn_numbers, less_one, same_number
from rnnlint.torch_api.tensors.devices import device_of, put_on
from rnnlint.torch_api.tensors.making import filled, new
from rnnlint.values.domain import Along, Called, Formless, Free, Items, Lit, Ref, Tensor, Torch, Value
from rnnlint.values.forms import Arithmetic, NumberOf
from rnnlint.values.origins import Array, Constants, LastValid, Memory, Numbers
from rnnlint.values.uses import Use
from rnnlint.values.walk import options

_MOST_LISTS = 8


@operation(
    "torch.Tensor torch.FloatTensor torch.DoubleTensor torch.cuda.FloatTensor",
    "*sizes",
    rank="any",
    tries="""
        Tensor FloatTensor DoubleTensor: 2, 3
        Tensor FloatTensor DoubleTensor: [1, 2]
    """,
)
def legacy(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape; of the elements of a list, if it is called with one."""
    if len(a.rest) > 1 or (a.rest and isinstance(a.rest[0], Lit)):
        return new(ctx, integers(ctx, a.rest), Memory.RAW)
    only = a.rest[0] if a.rest else Lit(None)
    if ctx.fitting.is_size(only):
        return new(ctx, integers(ctx, a.rest), Memory.RAW)
    handed = isinstance(only, Free) and only.form is None and not isinstance(only.owner, (Called, str, type(None)))
    if isinstance(only, Free) and ((handed and only.key.isidentifier()) or _is_array(only)):
        return ctx.facts.tensor(only)  # a list that was handed over
    if isinstance(only, (Tensor, Formless)):
        return only
    if isinstance(only, Items) and only.items and all(isinstance(item, Lit) for item in only.items):
        # of a torch.Size it has that shape, of a tuple of the program's own these elements; a size is mostly open
        if any(isinstance(item, Lit) and item.origins for item in only.items):
            return new(ctx, integers(ctx, only.items), Memory.RAW)
        return Unknown("a tensor of a shape, or of numbers")
    drawn = drawn_numbers.of_lists(ctx, only)
    if drawn is not None:
        return drawn
    sizes = _nested(ctx, only)
    if sizes:
        return new(ctx, sizes, Memory.CONSTANT)
    numbers = _numbers(ctx, only)
    if numbers is not None:
        return numbers
    for value in a.rest:
        ctx.use(value, Use.ELSEWHERE)
    return Unknown(OF_VALUES)


def _is_array(value: Free) -> bool:
    """Whether an open value is all that a table or an estimator of another package has, which is no size."""
    return value.form is None and value.key.rpartition(".")[2] in ARRAYS


ARRAYS = frozenset({"values", "to_numpy()", "toarray()", "transform()", "fit_transform()"})
"""The last names of arrays of pandas, scipy and scikit-learn."""


@operation(
    "Tensor.new_tensor",
    "input data",
    rank="any",
    tries="""
        x, [1, 2]
        x, [[1, 2], [3, 4]]
    """,
)
@operation(
    "torch.tensor torch.LongTensor torch.IntTensor torch.BoolTensor",
    "data dtype device",
    rank="any",
    tries="""
        tensor LongTensor IntTensor: [1, 2]
        BoolTensor: [True, False]
        tensor: [[1, 2], [3, 4]]
        tensor: [1, 2], device="cpu"
    """,
)
def constants(ctx: Context, a: Args) -> Value:
    """A tensor of constants, on the device that is named."""
    made = _constants(ctx, a)
    if a.op == "BoolTensor" or a.get("dtype") == Torch("torch.bool") or _all_truths(ctx, a.get("data")):
        made = truths(ctx, made)
    told = isinstance(made, (Tensor, Formless)) and "device" in a
    return put_on(ctx, made, device_of(a["device"])) if told else made  # type: ignore[arg-type]


@operation("torch.as_tensor", "data dtype device", rank="any", tries="[1, 2]")
def as_tensor(ctx: Context, a: Args) -> Value:
    """A tensor of what a list holds, and any tensor as it is."""
    known = ctx.containers.elements(a["data"]) if "data" in a else None
    listed = known is not None or isinstance(a.get("data"), Ref)
    return constants(ctx, a) if listed else computing.same(ctx, Args({**a.named, "input": a["data"]}, op=a.op))


def _all_truths(ctx: Context, data: Value | None) -> bool:
    """Whether a list holds truths, and nothing else."""
    known = None if data is None else ctx.containers.elements(data)
    return bool(known) and all(isinstance(item, Lit) and isinstance(item.value, bool) for item in known or ())


def _constants(ctx: Context, a: Args) -> Value:
    array = of_array(ctx, a["data"]) if "data" in a else None
    if array is not None:
        return array
    drawn = drawn_numbers.of_lists(ctx, a.get("data"))
    if drawn is not None:
        return drawn
    known = ctx.containers.elements(a["data"]) if "data" in a else None
    numbers = None if known is None else tuple(ctx.facts.integer(v) if isinstance(v, Lit) else None for v in known)
    data = a.named.get("data")
    number = ctx.facts.integer(data) if isinstance(data, Lit) and type(data.value) is int else None
    if number is not None:
        return ctx.settle(same_number.made(ctx.given(Constants((number,)), ()), number))
    if isinstance(data, Along):
        return Tensor(data.states)
    if isinstance(data, (Tensor, Formless, Free)):
        return ctx.facts.tensor(data)
    common = None if numbers else ctx.containers.common(a["data"]) if "data" in a else None
    each = ctx.facts.integer(common) if isinstance(common, Lit) else None
    if each is not None and not less_one.is_less_one(ctx, common):  # type: ignore[arg-type]  # it is a Lit
        # ``[x] * n``; of a list by a comprehension, each is what the same expression gives, and one is seen to be last
        same = each if "data" in a and ctx.containers.counted(a["data"]) is not None else None
        same = None if "data" in a and ctx.containers.ended_with(a["data"]) is not None else same
        vector = filled(ctx, each, (_count(ctx, a["data"]),))
        return ctx.settle(same_number.made(vector, same))
    open_ = None if data is None else _numbers(ctx, data)
    if open_ is not None:
        return open_
    sizes = _nested(ctx, a["data"]) if known else None
    if sizes is not None and len(sizes) > 1:
        return new(ctx, sizes, Memory.CONSTANT)
    if not numbers or None in numbers:
        ctx.use(a.named.get("data", Lit(None)), Use.ELSEWHERE)
        unknown = Unknown(OF_VALUES)
        return _rows(ctx, unknown, _lists_of_one(ctx, data))
    each = numbers[0] if len(set(numbers)) == 1 else None
    vector = ctx.given(Constants(tuple(n for n in numbers if n is not None)), (len(numbers),))
    return ctx.settle(same_number.made(vector, each))


def of_array(ctx: Context, array: Value) -> Value | None:
    """A tensor of an array of numbers, of which only that is known; None for anything else."""
    if array not in (less_one.ARRAY, less_one.ARRAY_LESS_ONE):
        return None
    lengths = Free("an array", ctx.occurrence())
    if array == less_one.ARRAY:
        return ctx.facts.tensor(lengths)
    return ctx.facts.tensor(Free(f"{lengths.key} - 1", lengths.owner, Arithmetic("-", lengths, Lit(1))))


def _lists_of_one(ctx: Context, data: Value | None) -> int:
    """How many lists of one element each stand around what is known of no more: two of ``[[word]]``."""
    lists, known = 0, None if data is None else ctx.containers.elements(data)
    while known is not None and len(known) == 1 and lists < _MOST_LISTS:  # a list can hold itself
        lists, known = lists + 1, ctx.containers.elements(known[0])
    return lists


def _rows(ctx: Context, inside: Unknown, lists: int) -> Value:
    """A tensor whose first axes hold the one thing that lists of one element hold, whatever its rank is."""
    value: Value = tensor_for_axis(ctx, inside) if lists else inside
    if isinstance(value, Formless):
        return Formless(value.root, value.change + lists)
    for _ in range(lists):
        value = ctx.settle(regroup.unsqueeze(value.states, 0)) if isinstance(value, Tensor) else value
    return value


def _numbers(ctx: Context, data: Value) -> Value | None:
    """A list of numbers which the file leaves open, one a round of a loop; None for anything else.

    What code that is not followed returns may be a list itself.
    """
    each, known = ctx.containers.collected(data), ctx.containers.elements(data)
    found = [way for item in known or () for way in options(item)] if each is None else options(each)
    if not found or not all(_is_number(ctx, way) for way in found) or not _open(ctx, found):
        return None
    count = _count(ctx, data) if known is None else len(known)
    numbers: Hashable = Numbers(ctx.occurrence())
    each_less_one = all(less_one.is_less_one(ctx, way) for way in found)  # ``[n - 1 for n in lengths]``
    return ctx.settle(ctx.given(LastValid(numbers) if each_less_one else numbers, (count,)))


def _count(ctx: Context, data: Value) -> int:
    """How many elements a list of an open number of them has: as many as what it was made of, where that is known."""
    return ctx.containers.counted(data) or ctx.facts.generic(("count", ctx.occurrence()))


def _is_number(ctx: Context, value: Value) -> bool:
    """Whether what stands in a list may be taken for a number."""
    if isinstance(value, Free):
        return not isinstance(value.owner, Called) or isinstance(value.form, NumberOf)
    if isinstance(value, Tensor):  # ``for n in lengths``
        return not shape(value.states) and not ctx.calls.modules(value.states)
    return less_one.length_of(value) is not None or (isinstance(value, Lit) and type(value.value) is int)


def _open(ctx: Context, found: Sequence[Value]) -> bool:
    """Whether one of several numbers, or a size among them, is left open by the file."""
    numbers = [ctx.facts.integer(way) if isinstance(way, Lit) else None for way in found]
    return any(number is None or ctx.facts.free_of(number) for number in numbers)


def _nested(ctx: Context, value: Value) -> tuple[int, ...] | None:
    """The shape of nested lists of numbers, and of arrays."""
    if isinstance(value, Lit):
        return ()
    if isinstance(value, Tensor) and isinstance(source_key(value), Array):
        return shape(value.states)
    known = ctx.containers.elements(value)
    shapes = [_nested(ctx, item) for item in known or ()]
    first = shapes[0] if shapes else None
    return None if first is None or any(one != first for one in shapes) else (len(shapes), *first)
