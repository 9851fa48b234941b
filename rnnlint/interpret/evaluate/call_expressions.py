"""Call expressions: what is called, on what, and where."""

from __future__ import annotations

import contextlib

from rnnlint.axes.states import Unknown
from rnnlint.cells import is_part_of
from rnnlint.events import Discarded
from rnnlint.interpret.evaluate.binding import hold
from rnnlint.interpret.evaluate.dispatch import evaluate, expression
from rnnlint.interpret.evaluate.subscript_expressions import got
from rnnlint.interpret.python import calls, lists, open_options, sequences
from rnnlint.interpret.python.written_bounds import bounds_of
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.loops import around
from rnnlint.interpret.state.run import Arguments, Run
from rnnlint.source import program as ir
from rnnlint.torch_api.names import OF_ALL
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Along, Class, Either, Formless, Free, Lit, Ref, Super, Tensor, Torch, Value
from rnnlint.values.heap_cells import DictCell, ListCell, ObjectCell
from rnnlint.values.uses import Use


@expression(ir.Call)
def _call(run: Run, frame: Frame, node: ir.Call) -> Value:
    """The value of a call expression."""
    func = node.func
    if isinstance(func, ir.Attribute):
        name: str | None = func.attr
        subject = evaluate(run, frame, func.value)
        item = got(run, frame, node, subject) if name == "__getitem__" else None
        if item is not None:
            return item
    else:
        if isinstance(func, ir.Name) and func.id == "super" and frame.owner is not None:
            given = evaluate(run, frame, node.args[0].value) if node.args else None
            above = given if isinstance(given, Class) else frame.owner
            return Super(frame.receiver if frame.receiver is not None else Unknown("self"), above)
        name = None
        subject = evaluate(run, frame, func)
    with run.uses.looking() if calls.only_tells(subject, name) else _NOT_LOOKING:
        args, keywords, known = _arguments(run, frame, node, _builds_recurrent(subject, name))
    bounds = bounds_of(run, subject, name, args, keywords) if name is not None else ()
    # whether it is known is seen once it is fetched
    later = name is not None and isinstance(subject, Ref) and isinstance(run.heap.look(subject.cell), ObjectCell)
    run.at(node, name or "call", bounds, _FETCHED if later else subject)
    run.here.written = node if known else None
    if name is not None and run.here.statement is node and isinstance(subject, (Tensor, Formless, Either)):
        run.emit(Discarded(name, subject, run.site))
        if name == "detach":
            run.rounds.write(subject)  # detach_() was meant, and RNN508 says so: for the rest it counts as that
    # autograd's own name, of a loss that is mostly not followed; without retain_graph what it went through is freed
    if name == "backward" and keywords.get("retain_graph", Lit(False)) == Lit(False):
        run.rounds.compute_gradients()
    if name in lists.CHANGING and isinstance(subject, Along) and isinstance(func, ir.Attribute):
        result, changed = lists.method_of_steps(run, subject, name, args)
        hold(run, frame, func.value, changed)
        return result
    if args and _shuffles(subject, name):
        shuffled = lists.reordered(run, args[0])
        if shuffled is not None:
            hold(run, frame, node.args[0].value, shuffled)
    _of_all(run, node, subject, args, keywords)
    path = run.here.path
    if path.loops and len(same := around(func, path.loops)) < len(path.loops):
        with run.here.inside(path.around(path.iteration, same)):
            result = _called(run, subject, name, args, keywords)
    else:
        result = _called(run, subject, name, args, keywords)
    if name is None:
        return result
    if isinstance(result, Tensor):
        run.reach(node)  # of a view of what is not known it is known what it has made, and that is what is said of it
    # a module that an object holds may have such a name as well
    written_into = isinstance(subject, _HOLDING) and name[-1:] == "_" and name[:1] != "_"
    if written_into and isinstance(result, (Tensor, Formless, Either)):
        _in_place(run, frame, func, result)
    return result


def _of_all(run: Run, node: ir.Call, subject: Value, args: Arguments, keywords: dict[str, Value]) -> None:
    """``x.squeeze().argmax()``: whichever axes the squeeze has taken, it is the same.

    Not where the squeezed tensor has a name: it may go elsewhere as well.
    """
    if keywords or len(args) > 1:
        return
    func = node.func
    if isinstance(func, ir.Attribute) and func.attr in OF_ALL:
        taken, written = (subject, func.value) if not args else (args[0], node.args[0].value)
        if isinstance(taken, Tensor) and (not args or isinstance(subject, Torch)):
            run.layouts.take_all(taken.states, written)


_HOLDING = (Tensor, Formless, Either, Free, Unknown)
"""What may be a tensor, that a method of torch's writes into (``x.masked_fill_(...)``)."""


_NOT_LOOKING = contextlib.nullcontext()
_FETCHED = Unknown("")
"""What a method is looked up on: not known yet."""


_SHUFFLING = frozenset({"random.shuffle", "numpy.random.shuffle"})
"""What puts a list into another order, in place."""


def _shuffles(function: Value, name: str | None) -> bool:
    key = function.name if isinstance(function, Torch) else function.key if isinstance(function, Free) else ""
    return (key if name is None else f"{key}.{name}") in _SHUFFLING


def _called(run: Run, subject: Value, name: str | None, args: Arguments, keywords: dict[str, Value]) -> Value:
    return (
        calls.call(run, subject, args, keywords) if name is None else calls.method(run, subject, name, args, keywords)
    )


def _in_place(run: Run, frame: Frame, func: ir.Expr, result: Value) -> None:
    """``x.masked_fill_(...)``, ``x.data.masked_fill_(...)``: the name holds the result."""
    holder = func.value if isinstance(func, ir.Attribute) else func
    if isinstance(holder, ir.Attribute) and holder.attr == "data":  # the same elements, without their history
        holder = holder.value
    if isinstance(holder, ir.Name) and holder.id in frame.names:
        run.state.bind(frame, holder.id, result)


def _builds_recurrent(subject: Value, name: str | None) -> bool:
    return isinstance(subject, Torch) and is_part_of(name or subject.name)


_DECIDING = frozenset({"num_layers", "batch_first", "bidirectional"})
"""The arguments that decide how many axes and positions the results have; what others say is a size, or none of it."""


def _arguments(run: Run, frame: Frame, node: ir.Call, building: bool) -> tuple[Arguments, dict[str, Value], bool]:
    """Evaluated arguments, and whether all of them are known.

    The keyword ``**`` stands for what an open ``*args`` or ``**kwargs`` may give besides.
    Open conditions in what decides about the results of the module that is built (``building``) are explored.
    """
    args: list[Value] = []
    keywords: dict[str, Value] = {}
    after: list[Value] = []  # an open list among the arguments: nobody knows where they land
    rest = False
    for argument in node.args:
        if building and argument.keyword in _DECIDING:
            with run.here.within(forcing=True):
                value = evaluate(run, frame, argument.value)
        else:
            value = evaluate(run, frame, argument.value)
        if not argument.star:  # as most are
            if argument.keyword is not None:
                keywords[argument.keyword] = value
            elif rest:
                run.use(value, Use.ELSEWHERE)
                after.append(value)
            else:
                args.append(value)
        elif argument.star == "*":
            items = run.containers.elements(value) or sequences.iteration(run, value)
            if rest:
                run.use(value, Use.ELSEWHERE)
                after += items or (Unknown("another list of arguments"),)
            elif items is None:
                keywords["**"] = value
                rest = True
            else:
                args += items
        else:
            cell = run.heap[value.cell] if isinstance(value, Ref) else None
            if isinstance(cell, DictCell):
                keywords.update((str(key), item) for key, item in cell.items)
            if not isinstance(cell, DictCell) or cell.open:
                keywords["**"] = open_options.rest_of(run, value) or value
    if after and isinstance(first := keywords["**"], Ref):
        every = either((run.containers.element(first), *after))
        keywords["**"] = run.containers.new_cell(ListCell((), every, after[-1]))
    return tuple(args), keywords, "**" not in keywords
