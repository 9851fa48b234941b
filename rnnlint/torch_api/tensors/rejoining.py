"""The tensors along an axis put together again."""

from __future__ import annotations

from rnnlint.axes.operations import axis_order, regroup
from rnnlint.axes.states import Raises, Result, Unknown, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import untold
from rnnlint.values.domain import Along, Tensor, Value


def rejoined(ctx: Context, source: Along, axis: int, op: str) -> Value:
    """``cat`` or ``stack`` of the tensors along an axis, which are too many to be joined one by one."""
    if op == "stack" and not source.keep:
        return ctx.settle(axis_order.movedim(source.states, source.axis, axis))
    rank = len(shape(source.states)) - (not source.keep)  # of each of them
    if op != "cat" or not -rank <= axis < rank:
        return untold(ctx, Tensor(source.states), f"{op} of the tensors along an axis")
    place = axis % rank
    if source.keep and place == source.axis:
        return Tensor(source.states)
    return ctx.settle(_one_behind_the_other(source, place))


def _one_behind_the_other(source: Along, place: int) -> Result:
    """``cat`` along an axis that each of them has: it then holds theirs inside, and outside the one they lay along."""
    inner = place - (source.keep and place > source.axis)
    moved = axis_order.movedim(source.states, source.axis, inner)
    laid = moved if isinstance(moved, (Raises, Unknown)) else regroup.flatten(moved, inner, inner + 1)
    if not source.keep or isinstance(laid, (Raises, Unknown)):
        return laid
    return regroup.unsqueeze(laid, source.axis)
