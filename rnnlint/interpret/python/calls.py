"""Calls: functions and classes of the file, modules, torch's operations, Python's builtins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rnnlint.axes.states import Block, Given, Unknown, shape
from rnnlint.events import Discarded
from rnnlint.interpret.evaluate import binding, expressions, statements
from rnnlint.interpret.python import builtins, namespaces, objects, subscripts
from rnnlint.interpret.state.heap import join
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.loops import around
from rnnlint.interpret.state.run import Run
from rnnlint.interpret.state.world import Frame
from rnnlint.source import program as ir
from rnnlint.torch_api.batches import packing
from rnnlint.torch_api.catalogue import find
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.modules import constructors, layers, recurrent
from rnnlint.torch_api.names import qualified
from rnnlint.torch_api.registry import Operation, bind
from rnnlint.values.domain import (
    Bound,
    Builtin,
    Called,
    Chain,
    Class,
    DictCell,
    Either,
    Formless,
    Free,
    Function,
    Items,
    Layer,
    ListCell,
    Lit,
    ObjectCell,
    Packed,
    PairOf,
    ParserCell,
    Recurrent,
    RecurrentCell,
    Ref,
    ResultOf,
    Super,
    Tensor,
    Torch,
    Value,
    either,
)
from rnnlint.values.uses import Use

_MODULES = (Recurrent, RecurrentCell, Layer, Chain)

Arguments = tuple[Value, ...]
Keywords = Mapping[str, Value]

_NO_TENSORS = (Lit, Items, Ref)  # None, a pair, a list: what is handed over beside a tensor has no shape to share


def evaluate_call(run: Run, frame: Frame, node: ir.Call) -> Value:
    """The value of a call expression."""
    if isinstance(node.func, ir.Name) and node.func.id == "super" and frame.owner is not None:
        return Super(frame.receiver if frame.receiver is not None else Unknown("self"), frame.owner)
    name = node.func.attr if isinstance(node.func, ir.Attribute) else None
    subject = expressions.evaluate(run, frame, node.func.value if isinstance(node.func, ir.Attribute) else node.func)
    args, keywords, known = _arguments(run, frame, node, _builds_recurrent(subject, name))
    bounds = tuple((run.literal(value),) for value in args) if name in ("split", "select") else ()
    later = name is not None and run.object(subject) is not None  # whether it is known is seen once it is fetched
    run.at(node, name or "call", bounds, Unknown("") if later else subject)
    run.written = node if known else None
    if name is not None and run.statement is node and isinstance(subject, Tensor | Formless | Either):
        run.emit(Discarded(name, subject, run.site))
        if name == "detach":
            run.write(subject)  # what was meant
    if name == "backward" and keywords.get("retain_graph", Lit(False)) == Lit(False):
        run.steps.backward.update((loop.node, run.places) for loop in run.loops)
    outer, run.loops = run.loops, around(node.func, run.loops) if run.loops else ()
    try:
        if name is None:
            return call(run, subject, args, keywords)
        result = method(run, subject, name, args, keywords)
    finally:
        run.loops = outer
    if name.endswith("_") and not name.startswith("_") and isinstance(result, Tensor | Formless | Either):
        _in_place(frame, node.func, result)
    return result


def _in_place(frame: Frame, func: ir.Expr, result: Value) -> None:
    """``x.masked_fill_(...)``, ``x.data.masked_fill_(...)``: the name holds the result."""
    holder = func.value if isinstance(func, ir.Attribute) else func
    if isinstance(holder, ir.Attribute) and holder.attr == "data":
        holder = holder.value
    if isinstance(holder, ir.Name) and holder.id in frame.names:
        frame.names[holder.id] = result


def _builds_recurrent(subject: Value, name: str | None) -> bool:
    return isinstance(subject, Torch) and expressions.builds(frozenset({name or subject.name}))


_DECIDING = frozenset({"num_layers", "batch_first", "bidirectional"})


def _arguments(run: Run, frame: Frame, node: ir.Call, building: bool) -> tuple[Arguments, dict[str, Value], bool]:
    """Evaluated arguments, and whether all of them are known.

    The keyword ``**`` stands for what an open ``*args`` or ``**kwargs`` may give besides.
    Open conditions in what decides about the results of the module that is built (``building``) are explored.
    """
    args: list[Value] = []
    keywords: dict[str, Value] = {}
    rest = False
    for argument in node.args:
        outer, run.forcing = run.forcing, run.forcing or (building and argument.keyword in _DECIDING)
        try:
            value = expressions.evaluate(run, frame, argument.value)
        finally:
            run.forcing = outer
        if argument.star == "*":
            items = run.elements(value) or binding.iteration(run, value)
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


def call(run: Run, function: Value, args: Arguments, keywords: Keywords) -> Value:
    """Call a value."""
    match function:
        case Bound(receiver, name):
            return method(run, receiver, name, args, keywords)
        case Either(options):
            return run.one_of(options, lambda option: call(run, option, args, keywords))
        case Function(node=ir.FunctionDef() | ir.Lambda()):
            return enter(run, function, args, keywords)
        case Class():
            return objects.instantiate(run, function, args, keywords)
        case Torch(name):
            return _torch(run, name, args, keywords)
        case Builtin(name):
            return builtins.call(run, name, args, keywords)
        case Recurrent():
            return recurrent.call(run, function, args, keywords)
        case RecurrentCell():
            return recurrent.call_cell(run, function, args, keywords)
        case Layer():
            return run.each(args, lambda some: layers.apply(run, function, some))
        case Chain(items):
            return _chain(run, items, args)
        case Ref():
            return objects.call(run, function, args, keywords)
        case Free(key, owner):
            module = builtins.chosen_module(run, function, args, keywords)
            if module is not None:
                return call(run, module, args, keywords)
            layer = key.endswith("()") or key.startswith("self.")
            how = Use.LAYER if layer and key not in _TUPLES else Use.ELSEWHERE
            for value in (*args, *keywords.values()):
                run.use(value, how)
            run.unfollowed(f"{key}() is not in this file")
            return Free(f"{key}()", Called(owner, run.site.node))
    for value in (*args, *keywords.values()):
        run.use(value, Use.ELSEWHERE)
    return Unknown(function.reason if isinstance(function, Unknown) else "a call of something that is not followed")


_TUPLES = frozenset({"namedtuple()", "collections.namedtuple()"})
"""What holds its arguments, and does nothing to them."""


def _chain(run: Run, items: tuple[Value, ...], args: Arguments) -> Value:
    value: Value = args[0] if args else Unknown("no input")
    for item in items:
        run.spend_step()
        value = call(run, item, (value,), {})
    return value


_HANDED_BACK = frozenset(
    {
        "torch.compile",
        "torch.jit.script",
        "torch.nn.DataParallel",
        "torch.nn.parallel.DataParallel",
        "torch.nn.parallel.DistributedDataParallel",
        "torch.nn.utils.weight_norm",
        "torch.nn.utils.spectral_norm",
        "torch.nn.utils.remove_weight_norm",
        "torch.nn.utils.remove_spectral_norm",
        "torch.nn.utils.parametrizations.weight_norm",
        "torch.nn.utils.parametrizations.spectral_norm",
        "torch.nn.utils.parametrizations.orthogonal",
    }
)
"""What takes a module and gives one that computes the same from the same, with weights made or placed otherwise."""


def _torch(run: Run, name: str, args: Arguments, keywords: Keywords) -> Value:
    """Call something of torch under its qualified name."""
    head, _, last = name.rpartition(".")
    if name in _HANDED_BACK and args and (isinstance(args[0], _MODULES) or run.object(args[0]) is not None):
        return args[0]
    if head == "torch.nn" or name in constructors.CONSTRUCTORS:
        built = constructors.construct(run, name, args, keywords)
        if built is not None:
            return built
    if head == "torch.Tensor" and args:
        return method(run, args[0], last, args[1:], keywords)
    if name in namespaces.CALLS:
        return namespaces.CALLS[name](run, args, keywords)
    if name == "torch.is_tensor" and args:
        return builtins.is_tensor(run, args[0])
    op = find(name, f"torch.{last}") if head == "torch.nn.functional" else find(name)
    if op is None:
        if last in ("sort", "argsort", "lexsort"):
            run.sorting()
        for value in (*args, *keywords.values()):
            run.use(value, Use.LAYER if head in ("torch.nn", "torch.nn.functional") else Use.ELSEWHERE)
        return Free(f"{name}()", run.site.node) if head == "math" else run.lost(f"{name} is not followed")
    return operate(run, op, args, keywords)


def operate(run: Run, op: Operation, args: Arguments, keywords: Keywords) -> Value:
    """Run an operation of torch, once for each value its arguments may have."""
    if "**" in keywords:
        for value in (*args, *keywords.values()):
            run.use(value, Use.ELSEWHERE)
        return run.lost(f"{op.name} with arguments that are not known")
    names = tuple(keywords)
    count = len(args)

    def go(values: Arguments) -> Value:
        bound = bind(op, values[:count], dict(zip(names, values[count:], strict=True)))
        first = next(iter(values), None)
        if isinstance(first, Items) and isinstance(first.tag, PairOf | ResultOf) and not _takes_several(op):
            return subscripts.misread(run, first, op.name)
        if isinstance(first, Free | Formless) and op.rank is not None and isinstance(op.rank, int):
            tensor = run.tensor(first)
            if isinstance(tensor, Formless):
                return Formless(tensor.root, tensor.change + op.rank)
        result = op.run(run, bound)
        run.spend(values, result)
        return result

    return run.each((*args, *keywords.values()), go)


def _takes_several(op: Operation) -> bool:
    """Whether an operation takes a sequence of tensors in its first place; any other raises on the tuple of a call."""
    return op.parameters[0].partition("|")[0] in ("tensors", "sequences")


def method(run: Run, receiver: Value, name: str, args: Arguments, keywords: Keywords) -> Value:
    """``receiver.name(...)``."""
    if name.endswith("_"):
        run.write(receiver)
    match receiver:
        case Either(options):
            return run.one_of(options, lambda option: method(run, option, name, args, keywords))
        case Torch(prefix):
            return _qualified(run, prefix, name, args, keywords)
        case Tensor() | Formless() | Packed():
            return _tensor_method(run, receiver, name, args, keywords)
        case Free() if name == "sort" and (keywords.keys() & {"key", "reverse"}):
            run.sorting()
            return Lit(None)
        case Free(key, owner):
            if find(f"Tensor.{name}") and name not in _SHARED_WITH_OTHERS:
                return _tensor_method(run, run.tensor(receiver), name, args, keywords)
            for value in (*args, *keywords.values()):
                run.use(value, Use.LAYER if owner == "self" or key.endswith("()") else Use.ELSEWHERE)
            if name == "get" and args and isinstance(args[0], Lit) and isinstance(args[0].value, str):
                return Free(f"{key}[{args[0].value!r}]", owner)
            if run.site.node is not run.statement:  # what a logger returns is lost to nobody
                run.unfollowed(f"{key}.{name}() is not in this file")
            return Free(f"{key}.{name}()", Called(owner, run.site.node))
        case Items(_, PairOf() | ResultOf()) if find(f"Tensor.{name}"):
            return subscripts.misread(run, receiver, name)
        case Lit(bool()) if find(f"Tensor.{name}"):  # the answer of a comparison: what is compared are tensors
            return _tensor_method(run, run.tensor(Free("a mask", run.site.node)), name, args, keywords)
        case Lit():
            return builtins.text_method(run, receiver, name, args)
        case Items() | Ref():
            if isinstance(receiver, Items) or isinstance(run.heap[receiver.cell], ListCell | DictCell):
                return builtins.container_method(run, receiver, name, args, keywords)
            if isinstance(cell := run.heap[receiver.cell], ParserCell):
                return namespaces.parser_method(run, receiver, cell, name, args, keywords)
            return call_member(run, receiver, name, args, keywords)
        case Recurrent() | RecurrentCell() | Layer() | Chain():
            if name in ("forward", "__call__"):
                return call(run, receiver, args, keywords)
            if name == "_get_name" and isinstance(receiver, Recurrent | RecurrentCell):
                return Lit(receiver.cell)
            if name in layers.SAME_MODULE:
                return receiver
            run.operands.clear()  # what a method of a module returns, other than its forward, holds no states
            return Unknown(f"{name} of a module")
        case Super():
            return objects.call_super(run, receiver, name, args, keywords)
        case Class() if name == "__init__" and args:
            return objects.initialise(run, receiver, args[0], args[1:], keywords)
    return call_member(run, receiver, name, args, keywords)


_SHARED_WITH_OTHERS = frozenset({"split", "index", "get", "items", "keys", "values", "copy", "add", "remove", "format"})


def call_member(run: Run, receiver: Value, name: str, args: Arguments, keywords: Keywords) -> Value:
    """Fetch a member and call it."""
    site = run.site
    found = member(run, receiver, name)
    run.resume(site)
    if isinstance(site.node, ir.Node) and not isinstance(found, Unknown | Free):
        run.reached.add(site.node)
    if isinstance(found, Unknown) or (isinstance(found, Free) and isinstance(receiver, Ref)):
        if name in layers.SAME_MODULE and isinstance(receiver, Ref):
            return receiver
        if isinstance(receiver, Ref) and name in objects.MODULE_METHODS:
            return objects.MODULE_METHODS[name](run, receiver, args)
    return call(run, found, args, keywords)


def _qualified(run: Run, prefix: str, name: str, args: Arguments, keywords: Keywords) -> Value:
    return call(run, qualified(f"{prefix}.{name}"), args, keywords)


def _tensor_method(run: Run, receiver: Value, name: str, args: Arguments, keywords: Keywords) -> Value:
    if isinstance(receiver, Packed):
        return packing.packed_method(run, receiver, name)
    op = find(f"Tensor.{name}", f"Tensor.{name.rstrip('_')}")
    if op is None:
        for value in (receiver, *args, *keywords.values()):
            run.use(value, Use.ELSEWHERE)
        return run.lost(f"Tensor.{name} is not followed")
    return operate(run, op, (receiver, *args), keywords)


def member(run: Run, value: Value, name: str) -> Value:
    """``value.name`` for what is neither a tensor nor free."""
    match value:
        case Ref():
            return objects.member(run, value, name)
        case Class():
            return objects.class_member(run, value, name) or run.lost(f"{name} of a class")
        case Recurrent() | RecurrentCell() | Layer():
            return layers.attribute(value, name)
        case Items() | Lit() | Super():
            return Bound(value, name)
    return Unknown(value.reason if isinstance(value, Unknown) else f"{name} of something that is not followed")


def set_attribute(run: Run, receiver: Value, name: str, value: Value) -> None:
    """``receiver.name = value``."""
    if not isinstance(receiver, Ref):
        run.write(receiver)
        run.use(value, Use.ELSEWHERE)
        return
    cell = run.heap[receiver.cell]
    if isinstance(cell, ObjectCell):
        run.use(value, Use.ATTRIBUTE)
        run.world.stored[cell.cls, name] = run.site
        run.put(receiver, ObjectCell(cell.cls, {**cell.attrs, name: value}, cell.base))


# --- functions of the file -------------------------------------------------------------------------------------------


def enter(run: Run, function: Function, args: Arguments, keywords: Keywords, owner: Class | None = None) -> Value:
    """Run a function of the file on arguments."""
    node = function.node
    assert isinstance(node, ir.FunctionDef | ir.Lambda)
    if run.depth >= LIMITS.depth or sum(entered == node for entered, _ in run.stack) >= 2:
        for value in (*args, *keywords.values()):
            run.use(value, Use.ELSEWHERE)
        return run.lost("a call too deep to be followed")
    if function.receiver is not None:
        args = (function.receiver, *args)
        if isinstance(function.receiver, Ref):
            run.receivers[function.receiver.cell] = None
    run.operands.clear()  # what is lost of them is said inside
    outer, run.operands = run.operands, []
    frame = Frame({}, function.scope, node, owner or function.owner, function.receiver)
    _bind(run, frame, node.params, args, keywords)
    for name, value in frame.names.items():
        run.names.bind(node, name, node, value)
        if (isinstance(value, Tensor) and not _own_parameter(value, node)) or isinstance(value, _NO_TENSORS):
            extents = shape(value.states) if isinstance(value, Tensor) else ()
            run.world.shapes.setdefault(node, {}).setdefault(name, set()).add(extents)
    site = run.site
    run.depth += 1
    run.stack.append((node, site.node))
    run.owners.append(frame.owner if frame.receiver is not None else None)
    run.world.entered.add(node)
    try:
        if isinstance(node, ir.Lambda):
            return expressions.evaluate(run, frame, node.body)
        return run_body(run, frame, node.body)
    finally:
        run.depth -= 1
        run.stack.pop()
        run.owners.pop()
        run.operands = outer
        run.resume(site)


def _own_parameter(value: Tensor, node: ir.Node) -> bool:
    """Whether a tensor is the function's own free parameter: nobody handed it in."""
    source = value.states.source if isinstance(value.states, Block) else None
    return isinstance(source, Given) and isinstance(source.key, Free) and source.key.owner == node


def run_body(run: Run, frame: Frame, body: ir.Block) -> Value:
    """What a function body returns."""
    alive = statements.execute(run, frame, body)
    ends = [snapshot for _, snapshot in frame.returns]
    values = [value for value, _ in frame.returns]
    if alive:
        ends.append(run.snapshot(frame))
        values.append(Lit(None))
    if not ends:
        raise TorchRaises("", "the function always raises")
    if len(ends) > 1:
        run.heap = join(ends).heap
    elif not alive:
        run.heap = ends[0].heap.copy()
    return either(tuple(values))


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
            frame.names[param.name] = run.new_cell(DictCell(items, "**" in left))
        elif param.kind == "" and position < len(args):
            frame.names[param.name] = args[position]
            position += 1
        elif param.name in left:
            frame.names[param.name] = left.pop(param.name)
        elif param.default is not None:
            default = expressions.evaluate(run, Frame({}, frame.scope), param.default)
            if "**" in keywords and isinstance(default, Lit):
                default = run.parameter(Free(param.name, frame.function), default, param.default)
            frame.names[param.name] = default
        else:
            frame.names[param.name] = Free(param.name, frame.function)
