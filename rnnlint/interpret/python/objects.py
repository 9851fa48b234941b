"""Instances of the file's classes, and the members they inherit."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping

from rnnlint.axes.states import Unknown
from rnnlint.interpret import call_sites
from rnnlint.interpret.python import calls
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.run import Run
from rnnlint.interpret.state.world import ClassInfo
from rnnlint.source import program as ir
from rnnlint.torch_api.modules import constructors, layers
from rnnlint.torch_api.operands import renewed
from rnnlint.values.domain import Bound, Class, Free, Function, Lit, ObjectCell, Ref, Super, Tensor, Torch, Value
from rnnlint.values.origins import Memory
from rnnlint.values.uses import Use


def lineage(classes: Mapping[Hashable, ClassInfo], cls: Class) -> Iterator[tuple[Class, ClassInfo]]:
    """The class and those of its bases that the file defines, in order of lookup; of a long line only the nearest."""
    pending, seen = [cls], set[Hashable]()
    while pending and len(seen) < LIMITS.bases:
        current = pending.pop(0)
        if current.node in seen or current.node not in classes:
            continue
        seen.add(current.node)
        info = classes[current.node]
        yield current, info
        pending = [base for base in info.bases if isinstance(base, Class)] + pending


def class_member(run: Run, cls: Class, name: str) -> Value | None:
    for _, info in lineage(run.classes, cls):
        if name in info.names:
            return info.names[name]
    return None


def method_of(run: Run, cls: Class, name: str) -> tuple[Function, Class] | None:
    for owner, info in lineage(run.classes, cls):
        found = info.names.get(name)
        if isinstance(found, Function):
            return found, owner
    return None


def is_record(run: Run, cls: Class) -> bool:
    """Whether the names that a class annotates are the parameters it is built with: a dataclass, a named tuple."""
    return method_of(run, cls, "__init__") is None and any(info.fields for _, info in lineage(run.classes, cls))


def torch_base(run: Run, cls: Class) -> str | None:
    """The torch class it derives from, if any."""
    for _, info in lineage(run.classes, cls):
        for base in info.bases:
            if isinstance(base, Torch):
                return base.name
    return None


def instantiate(
    run: Run, cls: Class, args: tuple[Value, ...], keywords: Mapping[str, Value], say: bool = True
) -> Value:
    """``Class(...)``; with ``say`` it counts as a place where the file builds the class."""
    site = call_sites.call_site(run, cls, args, keywords) if say else None
    if site is not None:
        call_sites.note(run, site)
    base = torch_base(run, cls)
    initialiser = method_of(run, cls, "__init__")
    if initialiser is None and base is not None and base in constructors.CONSTRUCTORS:
        built = constructors.construct(run, base, args, keywords)
        if built is not None and method_of(run, cls, "forward") is None:
            return built
        return run.new_cell(ObjectCell(cls, {}, built))
    receiver = run.new_cell(ObjectCell(cls, {}))
    if site is not None:
        run.instances[receiver.cell] = site
    if initialiser is not None:
        function, owner = initialiser
        calls.enter(run, _bound(function, owner, receiver), args, keywords)
    else:
        _record(run, cls, receiver, args, keywords)
    return receiver


def _bound(function: Function, owner: Class, receiver: Value) -> Function:
    return Function(function.node, function.scope, receiver, owner)


def initialise(run: Run, cls: Class, receiver: Value, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """``Base.__init__(self, ...)``."""
    found = method_of(run, cls, "__init__")
    if found is not None:
        calls.enter(run, _bound(*found, receiver), args, keywords)
    return Lit(None)


def _record(run: Run, cls: Class, receiver: Ref, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> None:
    """A dataclass or named tuple: its annotated names are its parameters."""
    names = [name for _, info in reversed(list(lineage(run.classes, cls))) for name in info.fields]
    attrs: dict[str, Value] = {}
    for index, name in enumerate(names):
        if index < len(args):
            attrs[name] = args[index]
        elif name in keywords:
            attrs[name] = keywords[name]
        else:
            default = class_member(run, cls, name)
            free = Free(name, cls.node)
            declared = default if isinstance(default, Lit) else None
            attrs[name] = run.parameter(free, declared, cls.node) if isinstance(cls.node, ir.Node) else free
    run.put(receiver, ObjectCell(cls, attrs))


def call(run: Run, receiver: Ref, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """Call an instance (its ``forward`` or ``__call__``), or what stands in a container."""
    cell = run.heap[receiver.cell]
    if not isinstance(cell, ObjectCell):
        for value in (*args, *keywords.values()):
            run.use(value, Use.ELSEWHERE)
        return run.lost("a call of a container")
    for name in ("forward", "__call__"):
        found = method_of(run, cell.cls, name)
        if found is not None:
            return calls.enter(run, _bound(*found, receiver), args, keywords)
    if cell.base is not None:
        return calls.call(run, cell.base, args, keywords)
    for value in (*args, *keywords.values()):
        run.use(value, Use.LAYER)
    return run.lost("a forward that the file does not show")


def call_super(run: Run, value: Super, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """``super().name(...)``."""
    for owner, info in lineage(run.classes, value.above):
        found = info.names.get(name)
        if owner != value.above and isinstance(found, Function):
            return calls.enter(run, _bound(found, owner, value.receiver), args, keywords)
    cell = run.object(value.receiver)
    if cell is None or not isinstance(value.receiver, Ref):
        return run.lost("super() outside a method")
    if name == "__init__":
        base = torch_base(run, cell.cls)
        if base in constructors.CONSTRUCTORS:
            built = constructors.construct(run, base, args, keywords)
            run.put(value.receiver, ObjectCell(cell.cls, cell.attrs, built))
        return Lit(None)
    if name in ("forward", "__call__") and cell.base is not None:
        return calls.call(run, cell.base, args, keywords)
    for argument in (*args, *keywords.values()):
        run.use(argument, Use.ELSEWHERE)
    return run.lost(f"super().{name}")


def member(run: Run, receiver: Ref, name: str) -> Value:
    """``receiver.name``."""
    cell = run.heap[receiver.cell]
    if not isinstance(cell, ObjectCell):
        return Bound(receiver, name)
    if name in cell.attrs:
        return cell.attrs[name]
    for owner, info in lineage(run.classes, cell.cls):
        if name in info.names:
            return _inherited(run, receiver, info.names[name], owner)
    if cell.base is not None:
        return layers.attribute(cell.base, name)
    if name == "training":
        return Unknown("whether the model is training")
    return run.parameter(Free(f"self.{name}", cell.cls.node), None, _node(cell.cls))


def _node(cls: Class) -> ir.Node:
    assert isinstance(cls.node, ir.Node)
    return cls.node


def _inherited(run: Run, receiver: Ref, value: Value, owner: Class) -> Value:
    if not isinstance(value, Function):
        return value
    decorators = value.node.decorators if isinstance(value.node, ir.FunctionDef) else ()
    names = {d.id if isinstance(d, ir.Name) else d.attr if isinstance(d, ir.Attribute) else "" for d in decorators}
    if "staticmethod" in names:
        return value
    if names & {"property", "cached_property"}:
        return calls.enter(run, _bound(value, owner, receiver), (), {})
    return _bound(value, owner, receiver)


def _register(run: Run, receiver: Ref, args: tuple[Value, ...]) -> Value:
    if len(args) >= 2 and isinstance(args[0], Lit) and isinstance(args[0].value, str):
        calls.set_attribute(run, receiver, args[0].value, args[1])
    return Lit(None)


def _register_buffer(run: Run, receiver: Ref, args: tuple[Value, ...]) -> Value:
    if len(args) >= 2 and isinstance(args[1], Tensor):
        args = (args[0], renewed(run, args[1], Memory.KEPT), *args[2:])
    return _register(run, receiver, args)


def _children(run: Run, receiver: Ref, args: tuple[Value, ...]) -> Value:
    return run.lost("the modules inside a module")


MODULE_METHODS: dict[str, Callable[[Run, Ref, tuple[Value, ...]], Value]] = {
    "register_buffer": _register_buffer,
    "register_parameter": _register,
    "add_module": _register,
    "register_module": _register,
    "children": _children,
    "modules": _children,
    "parameters": _children,
    "named_parameters": _children,
    "apply": lambda run, receiver, args: receiver,
}
