"""Tuples and PackedSequences that stand where a tensor belongs."""

from __future__ import annotations

from typing import NoReturn

from rnnlint.axes.states import Given, Unknown, blocks, shape
from rnnlint.events import MadePairRead, PackedRead, PaddedRead, PairRead, ResultRead, Site
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.values.domain import Items, Packed, PaddedPair, PairOf, ResultOf, Tensor, Value
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


def made_alike(first: Tensor, second: Tensor) -> bool:
    """Whether the program has made two tensors itself, both of one shape of three axes: an LSTM's first state."""
    fresh = all(one is not None for one in _fresh(first, second))
    return fresh and shape(first.states) == shape(second.states) and len(shape(first.states)) == 3


def _fresh(*tensors: Tensor) -> list[Fresh | None]:
    """How the program has made what is in tensors; None for what it has not."""
    sources = [block.source for one in tensors for block in blocks(one.states)]
    keys = [source.key if isinstance(source, Given) else None for source in sources]
    return [key if isinstance(key, Fresh) else None for key in keys]


def misread_pair(ctx: Context, op: str, first: Tensor, second: Tensor) -> NoReturn:
    """A pair that the program has made is asked for a method of a tensor: say it; Python raises."""
    if not ctx.here.caught:  # who tries it goes on with what it can be instead
        sites = [one.site for one in _fresh(first, second) if one is not None]
        made = tuple(dict.fromkeys(site for site in sites if isinstance(site, Site)))
        ctx.emit(MadePairRead(op, ctx.site, made))
    raise TorchRaises("AttributeError", f"'tuple' object has no attribute '{op}'")


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
