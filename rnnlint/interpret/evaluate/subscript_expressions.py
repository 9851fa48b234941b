"""What stands in the brackets of ``value[...]``."""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.interpret.evaluate.dispatch import evaluate, expression
from rnnlint.interpret.python import subscripts
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.tensors import indexing
from rnnlint.values.domain import Along, Builtin, Formless, Lit, Tensor, Value


@expression(ir.Subscript)
def _subscript(run: Run, frame: Frame, node: ir.Subscript) -> Value:
    return _item_of(run, frame, node, evaluate(run, frame, node.value), node.items, node.is_tuple)


def got(run: Run, frame: Frame, node: ir.Call, value: Value) -> Value | None:
    """``value.__getitem__(item)`` of a tensor; None for what is no such call."""
    written = node.args[0].value if len(node.args) == 1 and not node.args[0].star else None
    if written is None or not isinstance(value, (Tensor, Formless)):
        return None
    if isinstance(written, ir.Display) and written.kind == "tuple":
        return _item_of(run, frame, node, value, written.items, True)
    return _item_of(run, frame, node, value, (written,), False)


def _item_of(
    run: Run, frame: Frame, node: ir.Expr, value: Value, written: tuple[ir.Expr, ...], is_tuple: bool
) -> Value:
    items = tuple([index_item(run, frame, item) for item in written])
    # one of several tensors takes a single number, where a tensor takes one an axis
    op = "item" if isinstance(value, Along) else "index"
    run.at(node, op, tuple([_bounds(run, item) for item in items]), value)
    return subscripts.subscript(run, value, items, is_tuple)


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
    if isinstance(item, ir.Call) and _makes_slice(run, frame, item):
        given = [evaluate(run, frame, one.value) for one in item.args]
        bounds = [None if one == NONE else one for one in given]
        # of one number it is where the slice ends
        return indexing.SliceOf(*(([None, *bounds] if len(bounds) == 1 else bounds) + [None, None])[:3])
    return evaluate(run, frame, item)


def _makes_slice(run: Run, frame: Frame, item: ir.Call) -> bool:
    """``x[slice(None), -1]``, which is ``x[:, -1]``."""
    plain = 1 <= len(item.args) <= 3 and not any(one.star or one.keyword for one in item.args)
    named = isinstance(item.func, ir.Name) and item.func.id == "slice"
    return plain and named and evaluate(run, frame, item.func) == Builtin("slice")


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
