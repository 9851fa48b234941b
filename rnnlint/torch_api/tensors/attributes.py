"""Attributes of tensors and of packed sequences that are no methods."""

from __future__ import annotations

from rnnlint.axes.operations import axis_order
from rnnlint.axes.reading import marking
from rnnlint.axes.states import Unknown, shape
from rnnlint.torch_api.context import Context
from rnnlint.values.domain import Formless, Free, Items, Lit, Packed, SizeOf, Tensor, Value

TENSOR_ATTRIBUTES = frozenset({"shape", "T", "mT", "H", "mH", "data", "grad", "ndim", "device", "dtype", "real"})
PACKED_FIELDS = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")


def attribute(ctx: Context, value: Value, name: str) -> Value:
    """``tensor.name`` for what is no method."""
    if isinstance(value, Packed):
        return Free(name, value) if name in PACKED_FIELDS else Unknown(f"{name} of a PackedSequence")
    if isinstance(value, Formless):
        if name == "shape":
            return SizeOf(value)
        if name in ("T", "mT"):
            return Formless(value.root, value.change)
        return value if name in ("data", "real") else Unknown(f"{name} of a tensor")
    if not isinstance(value, Tensor):
        return Unknown(f"{name} of something that is not followed")
    states = value.states
    if name in ("shape", "ndim"):
        ctx.layouts.look(states)
    match name:
        case "shape":
            return Items(tuple(map(ctx.facts.number, shape(states))))
        case "ndim":
            return Lit(len(shape(states)))
        case "T" | "H":
            return ctx.settle(axis_order.permute(states, tuple(reversed(range(len(shape(states)))))))
        case "mT" | "mH":
            return ctx.settle(axis_order.transpose(states, -2, -1))
        case "data":
            return Tensor(marking.detached(states))
        case "real":
            return value
    return Unknown(f"{name} of a tensor")
