"""Instances of the file's classes: built, called, and asked for what their bases do."""

from __future__ import annotations

from collections.abc import Callable

from rnnlint.interpret.python import attribute_dicts, attributes, call_sites, methods, open_names, standard_library
from rnnlint.interpret.python.classes import bound, class_member, lineage, method_of, only_holds, torch_base
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.source import program as ir
from rnnlint.torch_api.modules import constructors
from rnnlint.torch_api.operands import renewed
from rnnlint.values.domain import Builtin, Class, Free, Function, Items, Lit, Ref, Super, Tensor, Torch, Value
from rnnlint.values.heap_cells import DictCell, ObjectCell
from rnnlint.values.origins import Memory
from rnnlint.values.uses import Use


def instantiate(run: Run, cls: Class, args: Arguments, keywords: Keywords, say: bool = True) -> Value:
    """``Class(...)``; with ``say`` it counts as a place where the file builds the class."""
    as_dict = attribute_dicts.instance(run, cls, args, keywords)
    if as_dict is not None:
        return as_dict
    site = call_sites.call_site(run, cls, args, keywords) if say else None
    if site is not None:
        call_sites.note(run, site)
    base = torch_base(run, cls)
    initialiser = method_of(run, cls, "__init__")
    if initialiser is None and base is not None and base in constructors.CONSTRUCTORS:
        built = constructors.construct(run, base, args, keywords)
        if built is not None and method_of(run, cls, "forward") is None:
            return built
        return run.containers.new_cell(ObjectCell(cls, {}, built))
    receiver = run.containers.new_cell(ObjectCell(cls, {}, record=only_holds(run, cls)))
    if site is not None:
        run.state.build(receiver.cell, site)
    if initialiser is not None:
        function, owner = initialiser
        run.enter(bound(function, owner, receiver), args, keywords)
    else:
        _record(run, cls, receiver, args, keywords)
    return receiver


def initialise(run: Run, cls: Class, receiver: Value, args: Arguments, keywords: Keywords) -> Value:
    """``Base.__init__(self, ...)``."""
    found = method_of(run, cls, "__init__")
    if found is not None:
        run.enter(bound(*found, receiver), args, keywords)
    return NONE


def _record(run: Run, cls: Class, receiver: Ref, args: Arguments, keywords: Keywords) -> None:
    """A dataclass or named tuple: its annotated names are its parameters."""
    names = [name for _, info in reversed(list(lineage(run.state.classes, cls))) for name in info.fields]
    attrs: dict[str, Value] = {}
    for index, name in enumerate(names):
        if index < len(args):
            attrs[name] = args[index]
        elif name in keywords:
            attrs[name] = keywords[name]
        else:
            attrs[name] = _default(run, cls, name)
    record = only_holds(run, cls)
    if not record:
        for value in attrs.values():
            run.use(value, Use.ATTRIBUTE)
    run.containers.put(receiver, ObjectCell(cls, attrs, record=record))
    after = method_of(run, cls, "__post_init__")
    if after is not None:
        run.enter(bound(*after, receiver), (), {})


def _default(run: Run, cls: Class, name: str) -> Value:
    """What a field holds that nobody gives."""
    default = class_member(run, cls, name)
    factory = standard_library.factory_of(default)
    if factory is not None:
        return run.call(factory, (), {})
    if isinstance(default, (Ref, Items, Class, Torch)):
        return default
    free = Free(name, cls.node)
    declared = default if isinstance(default, Lit) else None
    return run.facts.parameter(free, declared, cls.node) if isinstance(cls.node, ir.Node) else free


def call(run: Run, receiver: Ref, args: Arguments, keywords: Keywords) -> Value:
    """Call an instance (its ``forward`` or ``__call__``), or what stands in a container."""
    cell = run.heap[receiver.cell]
    if not isinstance(cell, ObjectCell):
        run.use_all(args, keywords)
        return run.lost("a call of a container")
    for name in ("forward", "__call__"):
        found = method_of(run, cell.cls, name)
        if found is not None:
            return run.enter(bound(*found, receiver), args, keywords)
    if cell.base is not None:
        return run.call(cell.base, args, keywords)
    run.use_all(args, keywords, Use.LAYER)
    return run.lost("a forward that the file does not show")


def call_super(run: Run, value: Super, name: str, args: Arguments, keywords: Keywords) -> Value:
    """``super().name(...)``."""
    for owner, info in lineage(run.state.classes, value.above):
        found = info.names.get(name)
        if owner != value.above and isinstance(found, Function):
            return run.enter(bound(found, owner, value.receiver), args, keywords)
    cell = run.containers.object(value.receiver)
    if cell is None or not isinstance(value.receiver, Ref):
        return run.lost("super() outside a method")
    if name == "__init__":
        base = torch_base(run, cell.cls)
        if base in constructors.CONSTRUCTORS:
            built = constructors.construct(run, base, args, keywords)
            run.containers.put(value.receiver, ObjectCell(cell.cls, cell.attrs, built, cell.record))
        return NONE
    if name in ("forward", "__call__") and cell.base is not None:
        return run.call(cell.base, args, keywords)
    run.use_all(args, keywords)
    return run.lost(f"super().{name}")


def call_dict(run: Run, one: Ref | Torch, name: str, args: Arguments, keywords: Keywords) -> Value:
    """``one.__dict__.name(...)``."""
    if isinstance(one, Torch):  # of a module: what it has under a name
        get = name in ("get", "__getitem__")
        return run.call(Builtin("getattr"), (one, *args), {}) if get else run.lost("the members of a module")
    if name == "update":
        for key, value in attribute_dicts.update_attributes(run, args, keywords).items():
            attributes.set_attribute(run, one, key, value)
        return NONE
    held = run.containers.new_cell(DictCell(tuple(run.heap.attributes(one.cell).items())))
    return methods.container_method(run, held, name, args, keywords)


def _register(run: Run, receiver: Ref, args: tuple[Value, ...]) -> Value:
    if len(args) >= 2 and isinstance(args[0], Lit) and isinstance(args[0].value, str):
        attributes.set_attribute(run, receiver, args[0].value, args[1])
    elif len(args) >= 2:
        open_names.store(run, receiver, args[1])
    return NONE


def _attribute(run: Run, receiver: Ref, args: tuple[Value, ...]) -> Value:
    if args and isinstance(args[0], Lit) and isinstance(args[0].value, str):
        return attributes.attribute(run, receiver, args[0].value)
    return open_names.held(run, receiver) or run.lost("an attribute by a name that is not known")


def _register_buffer(run: Run, receiver: Ref, args: tuple[Value, ...]) -> Value:
    if len(args) >= 2 and isinstance(args[1], Tensor):
        args = (args[0], renewed(run, args[1], Memory.KEPT), *args[2:])
    return _register(run, receiver, args)


def _parameters(run: Run, receiver: Ref, args: tuple[Value, ...]) -> Value:
    # nobody knows which comes first; it is asked for what stands beside it: its device, its type, new_zeros
    return Free("parameters()", run.site.node)


def _children(run: Run, receiver: Ref, args: tuple[Value, ...]) -> Value:
    return run.lost("the modules inside a module")


MODULE_METHODS: dict[str, Callable[[Run, Ref, tuple[Value, ...]], Value]] = {
    "register_buffer": _register_buffer,
    "register_parameter": _register,
    "add_module": _register,
    "register_module": _register,
    "__getattr__": _attribute,
    "children": _children,
    "modules": _children,
    "parameters": _parameters,
    "named_parameters": _children,
    "apply": lambda run, receiver, args: receiver,
}
