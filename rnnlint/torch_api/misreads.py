"""Tuples and PackedSequences that stand where a tensor belongs."""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.events import PackedRead, PaddedRead, PairRead, ResultRead
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.values.domain import Items, Packed, PaddedPair, PairOf, ResultOf, Value
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
