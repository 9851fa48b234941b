"""Joins along an axis that their name says: ``hstack`` and its like."""

from __future__ import annotations

from rnnlint.axes.states import shape
from rnnlint.torch_api.context import Context
from rnnlint.values.domain import Along, Items, Tensor, Value
from rnnlint.values.walk import options

_FIXED = {"hstack": (2, 1), "column_stack": (2, 1), "vstack": (2, 0), "dstack": (3, 2)}
"""Which axis each of these joins along, of tensors that have so many axes or more: it is there already."""


def same_cat(ctx: Context, source: Value, op: str) -> int | None:
    """The axis along which ``cat`` joins the same; None where nothing tells that, and for ``cat`` and ``stack``."""
    if op not in _FIXED or isinstance(source, Tensor) or (isinstance(source, Items) and source.tag is not None):
        return None
    items = ctx.containers.elements(source)
    if isinstance(source, Along):
        ranks = {len(shape(source.states)) - (not source.keep)}
    elif items:
        tensors = [ctx.facts.tensor(way) for item in items for way in options(item) if not isinstance(way, Items)]
        known = all(isinstance(tensor, Tensor) for tensor in tensors)
        # what is said of rows has its own words; beside what is open, a vector is a row or a column to all but hstack
        if op == "vstack" if known else op != "hstack":
            return None
        ranks = {len(shape(tensor.states)) for tensor in tensors if isinstance(tensor, Tensor)}
    else:
        each = ctx.containers.collected(source)
        ranks = {len(shape(way.states)) for way in options(each) if isinstance(way, Tensor)} if each else set()
    least, axis = _FIXED[op]
    return axis if len(ranks) == 1 and min(ranks) >= least else None
