"""What stands in the brackets of ``value[...]``."""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.interpret.evaluate.dispatch import evaluate, expression
from rnnlint.interpret.python import subscripts
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.tensors import indexing
from rnnlint.values.domain import Along, Lit, Value


@expression(ir.Subscript)
def _subscript(run: Run, frame: Frame, node: ir.Subscript) -> Value:
    value = evaluate(run, frame, node.value)
    items = tuple([index_item(run, frame, item) for item in node.items])
    # one of several tensors takes a single number, where a tensor takes one an axis
    op = "item" if isinstance(value, Along) else "index"
    run.at(node, op, tuple([_bounds(run, item) for item in items]), value)
    return subscripts.subscript(run, value, items, node.is_tuple)


def index_item(run: Run, frame: Frame, item: ir.Expr) -> indexing.Item:
    """One of the items between the commas; ``t : t + 1`` for the counter of a loop is one position, open which."""
    if isinstance(item, ir.Slice):
        one = _takes_one(item)
        if one is not None and evaluate(run, frame, one) == Unknown(indexing.LOOP):
            return indexing.ONE
        parts = (item.lower, item.upper, item.step)
        return indexing.SliceOf(*[None if part is None else evaluate(run, frame, part) for part in parts])
    if isinstance(item, ir.Dots):
        return indexing.DOTS
    return evaluate(run, frame, item)


def _takes_one(item: ir.Slice) -> ir.Name | None:
    """The name of a slice that is written ``t : t + 1``, or ``t - 1 : t``; None for any other."""
    match item:
        case ir.Slice(
            lower=ir.Name(id=lower) as counter,
            upper=ir.Binary(op="+", left=ir.Name(id=upper), right=ir.Constant(value=1))
            | ir.Binary(op="+", left=ir.Constant(value=1), right=ir.Name(id=upper)),
            step=None,
        ):
            return counter if lower == upper else None
        case ir.Slice(
            lower=ir.Binary(op="-", left=ir.Name(id=lower), right=ir.Constant(value=1)),
            upper=ir.Name(id=upper) as counter,
            step=None,
        ):
            return counter if lower == upper else None
    return None


def _bounds(run: Run, item: indexing.Item) -> tuple[Lit | None, ...]:
    if isinstance(item, indexing.SliceOf):
        return tuple(run.facts.literal(part) for part in (item.lower, item.upper, item.step))
    return (None,) if isinstance(item, (indexing.Dots, indexing.One)) else (run.facts.literal(item),)
