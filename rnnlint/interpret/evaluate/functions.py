"""Functions of the file: entered, their parameters bound, and what they return."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rnnlint.axes.states import Block, Given, shape
from rnnlint.interpret.evaluate.dispatch import evaluate, execute
from rnnlint.interpret.python import entry_points, open_options
from rnnlint.interpret.state import replay
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.here import Entered
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.source import program as ir
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.names import GRAPHLESS
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Free, Function, Items, Lit, Ref, Tensor, Value
from rnnlint.values.heap_cells import DictCell
from rnnlint.values.walk import in_memory, tensors, walk

_NO_TENSORS = (Lit, Items, Ref)  # None, a pair, a list: what is handed over beside a tensor has no shape to share


def enter(run: Run, function: Function, args: Arguments, keywords: Keywords) -> Value:
    """Run a function of the file on arguments."""
    node = function.node
    assert isinstance(node, (ir.FunctionDef, ir.Lambda))
    path = run.here.path
    # a function that calls itself is followed once more: what it hands on to itself is then known
    if path.depth >= LIMITS.depth or [entered.function for entered in path.calls].count(node) >= 2:
        run.use_all(args, keywords)
        return run.lost("a call too deep to be followed")
    if function.receiver is not None:
        args = (function.receiver, *args)
    if _too_many(node.params, args):
        # Python refuses the call: what is called is one of several things here, and this is not the one that was meant
        run.use_all(args, keywords)
        return run.lost("a call with more arguments than the function takes")
    if isinstance(node, ir.FunctionDef) and not node.decorators and _missing(node.params, args, keywords):
        # likewise; what a decorator makes of a function may take fewer
        run.use_all(args, keywords)
        return run.lost("a call without an argument that the function needs")
    # first, since binding evaluates defaults: what is lost of the operands is said inside
    run.losses.operands.clear()
    outer, run.losses.operands = run.losses.operands, []
    frame = Frame({}, function.scope, node, function.owner, function.receiver)
    _bind(run, frame, node.params, args, keywords)
    for name, value in frame.names.items():
        run.names.bind(node, name, node, value)
        if isinstance(value, Tensor):
            if not _own_parameter(value, node):
                run.fitting.hand(node, name, shape(value.states))
        elif isinstance(value, _NO_TENSORS):
            run.fitting.hand(node, name, ())
    site = run.site
    run.entered(node, function.receiver)
    owner = frame.owner if frame.receiver is not None else None
    entered = Entered(node, site.node, owner, tuple(frame.names.values()))
    here = run.here
    standing = here.statement, here.written
    here.path = path.into(entered)
    if isinstance(node, ir.FunctionDef) and any(drops_graph(run, frame, decorator) for decorator in node.decorators):
        here.path = here.path._replace(graphless=True)
    try:
        return replay.once(run, frame, partial(_run_body, run, frame, node))
    finally:
        here.path = path
        run.losses.operands = outer
        here.resume(site)
        here.statement, here.written = standing


def drops_graph(run: Run, frame: Frame, around: ir.Expr) -> bool:
    """Whether what is computed inside has no graph: of a ``with``, or of a decorator."""
    func = around.func if isinstance(around, ir.Call) else around
    if not isinstance(func, (ir.Name, ir.Attribute)):
        return False
    return evaluate(run, frame, func) in GRAPHLESS


def _own_parameter(value: Tensor, node: ir.Node) -> bool:
    """Whether a tensor is the function's own free parameter: nobody handed it in."""
    source = value.states.source if isinstance(value.states, Block) else None
    return isinstance(source, Given) and isinstance(source.key, Free) and source.key.owner == node


def _run_body(run: Run, frame: Frame, function: ir.FunctionDef | ir.Lambda) -> Value:
    """What a function body returns."""
    if isinstance(function, ir.Lambda):
        return evaluate(run, frame, function.body)
    if function.yields:  # run whole where it is called, and met as the list of what it yields
        frame.yielded = run.containers.new_list(())
    alive = execute(run, frame, function.body)
    ends = [snapshot for _, snapshot in frame.returns]
    values = [value for value, _ in frame.returns]
    if alive:
        ends.append(run.state.snapshot(frame))
        values.append(NONE)
    if not ends:
        raise TorchRaises("", "the function always raises")
    run.heap.meet([end.heap for end in ends])
    for one in (inner for value in values for inner in walk(value) if isinstance(inner, Ref)):
        # who is given a list or a dict may read what is in it; no name may lead to it any more (unused_states)
        for states in tensors(one, in_memory(run.heap)):
            run.fresh_tensors.touch(states)
    return frame.yielded if frame.yielded is not None else either(tuple(values))


def _too_many(params: Sequence[ir.Parameter], args: Arguments) -> bool:
    kinds = [param.kind for param in params]
    return "*" not in kinds and len(args) > kinds.count("")


def _missing(params: Sequence[ir.Parameter], args: Arguments, keywords: Keywords) -> bool:
    if "*" in keywords or "**" in keywords:
        return False
    places = [param for param in params if param.kind == ""]
    needed = [param.name for param in places[len(args) :] if param.default is None]
    return any(name not in keywords for name in needed)


def _bind(run: Run, frame: Frame, params: Sequence[ir.Parameter], args: Arguments, keywords: Keywords) -> None:
    left = dict(keywords)
    position = 0
    for param in params:
        if param.kind == "*":
            open_ = "**" in keywords and position == len(args)
            others = Free(param.name, frame.function) if open_ else Items(args[position:])
            frame.names[param.name] = left.pop("*") if "*" in left else others
            position = len(args)
        elif param.kind == "**":
            items = tuple((name, value) for name, value in left.items() if name != "**")
            more = left.get("**")
            rest = None if more is None else open_options.rest_of(run, more)
            frame.names[param.name] = run.containers.new_cell(DictCell(items, more is not None, rest))
        elif param.kind == "" and position < len(args):
            frame.names[param.name] = args[position]
            position += 1
        elif param.name in left:
            frame.names[param.name] = left.pop(param.name)
        elif (entry := entry_points.given(run, frame.function, frame.scope, param)) is not None:
            frame.names[param.name] = entry
        elif param.default is not None:
            default = evaluate(run, Frame({}, frame.scope), param.default)
            if "**" in keywords and isinstance(default, Lit):
                default = run.facts.parameter(run.made.frees[param.name, frame.function], default, param.default)
            frame.names[param.name] = default
        else:
            frame.names[param.name] = run.made.frees[param.name, frame.function]
