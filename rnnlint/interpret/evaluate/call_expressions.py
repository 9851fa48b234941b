"""Call expressions: what is called, on what, and where."""

from __future__ import annotations

from contextlib import nullcontext

from rnnlint.axes.states import Unknown
from rnnlint.events import Discarded
from rnnlint.interpret.evaluate.dispatch import evaluate, expression
from rnnlint.interpret.python import calls, sequences
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.loops import around
from rnnlint.interpret.state.run import Arguments, Run
from rnnlint.source import program as ir
from rnnlint.source.mentions import mentions_recurrent
from rnnlint.values.domain import Either, Formless, Lit, Ref, Super, Tensor, Torch, Value
from rnnlint.values.heap_cells import DictCell
from rnnlint.values.uses import Use


@expression(ir.Call)
def _call(run: Run, frame: Frame, node: ir.Call) -> Value:
    """The value of a call expression."""
    if isinstance(node.func, ir.Name) and node.func.id == "super" and frame.owner is not None:
        return Super(frame.receiver if frame.receiver is not None else Unknown("self"), frame.owner)
    name = node.func.attr if isinstance(node.func, ir.Attribute) else None
    subject = evaluate(run, frame, node.func.value if isinstance(node.func, ir.Attribute) else node.func)
    args, keywords, known = _arguments(run, frame, node, _builds_recurrent(subject, name))
    bounds = tuple((run.facts.literal(value),) for value in args) if name in ("split", "select") else ()
    later = (
        name is not None and run.containers.object(subject) is not None
    )  # whether it is known is seen once it is fetched
    run.at(node, name or "call", bounds, Unknown("") if later else subject)
    run.here.written = node if known else None
    if name is not None and run.here.statement is node and isinstance(subject, (Tensor, Formless, Either)):
        run.emit(Discarded(name, subject, run.site))
        if name == "detach":
            run.rounds.write(subject)  # detach_() was meant, and RNN508 says so: for the rest it counts as that
    # autograd's own name, of a loss that is mostly not followed; without retain_graph what it went through is freed
    if name == "backward" and keywords.get("retain_graph", Lit(False)) == Lit(False):
        run.rounds.compute_gradients()
    loops = run.here.path.loops
    same = around(node.func, loops) if loops else loops
    with _AS_IT_IS if same == loops else run.here.within(loops=same):
        if name is None:
            return run.call(subject, args, keywords)
        result = calls.method(run, subject, name, args, keywords)
    if name.endswith("_") and not name.startswith("_") and isinstance(result, (Tensor, Formless, Either)):
        _in_place(run, frame, node.func, result)
    return result


def _in_place(run: Run, frame: Frame, func: ir.Expr, result: Value) -> None:
    """``x.masked_fill_(...)``, ``x.data.masked_fill_(...)``: the name holds the result."""
    holder = func.value if isinstance(func, ir.Attribute) else func
    if isinstance(holder, ir.Attribute) and holder.attr == "data":  # the same elements, without their history
        holder = holder.value
    if isinstance(holder, ir.Name) and holder.id in frame.names:
        run.state.bind(frame, holder.id, result)


def _builds_recurrent(subject: Value, name: str | None) -> bool:
    return isinstance(subject, Torch) and mentions_recurrent((name or subject.name,))


_AS_IT_IS = nullcontext()
_DECIDING = frozenset({"num_layers", "batch_first", "bidirectional"})
"""The arguments that decide how many axes and positions the results have; what others say is a size, or none of it."""


def _arguments(run: Run, frame: Frame, node: ir.Call, building: bool) -> tuple[Arguments, dict[str, Value], bool]:
    """Evaluated arguments, and whether all of them are known.

    The keyword ``**`` stands for what an open ``*args`` or ``**kwargs`` may give besides.
    Open conditions in what decides about the results of the module that is built (``building``) are explored.
    """
    args: list[Value] = []
    keywords: dict[str, Value] = {}
    rest = False
    for argument in node.args:
        deciding = building and argument.keyword in _DECIDING
        with run.here.within(forcing=True) if deciding else _AS_IT_IS:
            value = evaluate(run, frame, argument.value)
        if argument.star == "*":
            items = run.containers.elements(value) or sequences.iteration(run, value)
            if items is None:
                keywords.setdefault("**", value)
                rest = True
            args += items or ()
        elif argument.star == "**":
            cell = run.heap[value.cell] if isinstance(value, Ref) else None
            if isinstance(cell, DictCell):
                keywords.update((str(key), item) for key, item in cell.items)
            if not isinstance(cell, DictCell) or cell.open:
                keywords["**"] = value
        elif argument.keyword is not None:
            keywords[argument.keyword] = value
        elif rest:  # nobody knows where it lands
            run.use(value, Use.ELSEWHERE)
        else:
            args.append(value)
    return tuple(args), keywords, "**" not in keywords
