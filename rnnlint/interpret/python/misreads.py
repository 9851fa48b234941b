"""Tuples that torch returned, taken for tensors."""

from __future__ import annotations

from rnnlint.events import PairRead, ResultRead
from rnnlint.interpret.state.run import Run
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.domain import Items, PairOf, ResultOf, Value


def misread(run: Run, value: Value, op: str, index: int | None = None, result: Value | None = None) -> Value:
    """A tuple that torch returned is treated like a tensor; without a ``result`` torch raises."""
    assert isinstance(value, Items)
    match value.tag:
        case PairOf(call):
            run.emit(PairRead(call, run.calls.module(call), op, run.site, index, result))
        case ResultOf(call):
            run.emit(ResultRead(call, run.calls.module(call), op, run.site, index, result))
    if result is None:
        raise TorchRaises("AttributeError", f"'tuple' object has no attribute '{op}'")
    return result
