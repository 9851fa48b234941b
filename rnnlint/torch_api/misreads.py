"""Tuples and PackedSequences that stand where a tensor belongs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from rnnlint.axes.states import Given, Unknown, blocks, shape
from rnnlint.events import MadePairRead, PackedRead, PaddedRead, PairRead, ResultRead, Site
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.values.domain import Formless, Free, Items, Packed, PaddedPair, PairOf, ResultOf, Tensor, Value
from rnnlint.values.origins import Fresh
from rnnlint.values.uses import Use


def misread(ctx: Context, value: Value, op: str, index: int | None = None, result: Value | None = None) -> Value:
    """A tuple that torch returned is treated like a tensor; without a ``result`` torch raises."""
    assert isinstance(value, Items)
    match value.tag:
        case PairOf(call):
            ctx.emit(PairRead(call, ctx.calls.module(call), op, ctx.site, index, result))
        case ResultOf(call):
            ctx.emit(ResultRead(call, ctx.calls.module(call), op, ctx.site, index, result))
        case PaddedPair():
            ctx.emit(PaddedRead(ctx.site, value.items[0]))
    if result is None:
        raise TorchRaises("AttributeError", f"'tuple' object has no attribute '{op}'")
    return result


def known_as_state(ctx: Context, value: Value) -> None:
    """The layers and directions of a state are taken for the axis that they are."""
    if isinstance(value, Tensor) and len(shape(value.states)) == 3:
        ctx.trace.meant_as_state(value.states)


def made_alike(first: Tensor, second: Tensor) -> bool:
    """Whether the program has made two tensors itself, both of one shape of three axes: an LSTM's first state."""
    fresh = all(one is not None for one in _fresh(first, second))
    return fresh and shape(first.states) == shape(second.states) and len(shape(first.states)) == 3


def pair_or_given(ctx: Context, op: str, options: Sequence[Value]) -> bool:
    """What is a pair that the program has made where nobody gives one (``if state is None``) is asked for a method of a
    tensor: say it, since it is that pair for sure on the way that makes it, whatever others give."""
    pairs = [one.items for one in options if isinstance(one, Items) and one.tag is None and len(one.items) == 2]
    given = [one for one in options if isinstance(one, (Free, Formless))]
    if len(pairs) != 1 or not given or len(given) + 1 != len(options) or ctx.here.caught:
        return False
    first, second = pairs[0]
    if not isinstance(first, Tensor) or not isinstance(second, Tensor) or not made_alike(first, second):
        return False
    _say_of_pair(ctx, op, first, second)
    return True


def _fresh(*tensors: Tensor) -> list[Fresh | None]:
    """How the program has made what is in tensors; None for what it has not."""
    sources = [block.source for one in tensors for block in blocks(one.states)]
    keys = [source.key if isinstance(source, Given) else None for source in sources]
    return [key if isinstance(key, Fresh) else None for key in keys]


def misread_pair(ctx: Context, op: str, first: Tensor, second: Tensor) -> NoReturn:
    """A pair that the program has made is asked for a method of a tensor: say it; Python raises."""
    if not ctx.here.caught:  # who tries it goes on with what it can be instead
        _say_of_pair(ctx, op, first, second)
    raise TorchRaises("AttributeError", f"'tuple' object has no attribute '{op}'")


def _say_of_pair(ctx: Context, op: str, first: Tensor, second: Tensor) -> None:
    sites = [one.site for one in _fresh(first, second) if one is not None]
    made = tuple(dict.fromkeys(site for site in sites if isinstance(site, Site)))
    ctx.emit(MadePairRead(op, ctx.site, made))


def read_as_tensor(ctx: Context, value: Items | Packed, op: str) -> Value:
    """A result, a pair or a PackedSequence stands where a tensor belongs: say it; torch raises."""
    if isinstance(value, Packed):
        ctx.emit(PackedRead(op, ctx.site, subject=value))
        raise TorchRaises("TypeError", "must be Tensor, not PackedSequence")
    match value.tag:
        case PairOf(made):
            ctx.emit(PairRead(made, ctx.calls.module(made), op, ctx.site))
        case ResultOf(made):
            ctx.emit(ResultRead(made, ctx.calls.module(made), op, ctx.site))
        case PaddedPair():
            ctx.emit(PaddedRead(ctx.site, value.items[0]))
        case _:
            ctx.use(value, Use.LAYER)
            return Unknown("a tuple where a tensor belongs")
    raise TorchRaises("TypeError", "must be Tensor, not tuple")
