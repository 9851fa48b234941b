"""Attributes of values: read, and set."""

from __future__ import annotations

from dataclasses import replace

from rnnlint.axes.states import Unknown
from rnnlint.interpret.python import (
    attribute_dicts,
    distributions,
    documents,
    open_options,
    own_attributes,
    project_files,
    standard_library,
    type_of,
)
from rnnlint.interpret.python.classes import bound, lineage
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.misreads import misread
from rnnlint.torch_api.modules import layers
from rnnlint.torch_api.names import qualified
from rnnlint.torch_api.tensors.attributes import TENSOR_ATTRIBUTES
from rnnlint.torch_api.tensors.attributes import attribute as attribute_of_tensor
from rnnlint.values.domain import (
    Bound,
    Class,
    Distribution,
    Either,
    File,
    Formless,
    Free,
    Function,
    Items,
    Layer,
    Lit,
    Packed,
    PaddedPair,
    PairOf,
    Recurrent,
    RecurrentCell,
    Ref,
    ResultOf,
    Super,
    Tensor,
    Torch,
    Value,
)
from rnnlint.values.heap_cells import DictCell, ObjectCell
from rnnlint.values.roots import opened, part
from rnnlint.values.uses import Use


def attribute(run: Run, value: Value, name: str) -> Value:
    """``value.name``."""
    told = type_of.class_of(run, value, name) if name in ("__class__", "__name__") else None
    if told is not None:
        return told
    if isinstance(value, Ref):  # as most are whose attributes are no tensors
        return _of_object(run, value, name)
    match value:
        case Either():
            return run.one_of(value, lambda one: attribute(run, one, name))
        case Torch() if name == "__dict__":
            return Bound(value, name)
        case Torch(prefix):
            return qualified(f"{prefix}.{name}")
        case Free(key, owner):
            # of a package that is imported it is a part: ``torchtext.data``
            if name in TENSOR_ATTRIBUTES and not isinstance(owner, ir.Import):
                return attribute_of_tensor(run, run.facts.tensor(value), name)
            standard = standard_library.member(value, name)
            if standard is not None:
                return standard
            parent = documents.attribute(value, name)
            if parent is not None:
                return parent
            known = open_options.stored(run, name, run.made.frees[f"{key}.{name}", owner])
            if known is not None:
                return known
            return part(value, f"{key}.{name}") if value.form is not None else run.made.frees[f"{key}.{name}", owner]
        case Formless(unsure=True) if name not in TENSOR_ATTRIBUTES:
            return attribute(run, opened(value), name)
        case Tensor() | Formless() | Packed():
            return attribute_of_tensor(run, value, name)
        case Items(_, PairOf() | ResultOf() | PaddedPair()) if name in TENSOR_ATTRIBUTES:
            return misread(run, value, name)
        case Items((first, second), None) if name in ("values", "indices"):  # what max, sort and their like return
            return first if name == "values" else second
    return member(run, value, name)


def member(run: Run, value: Value, name: str) -> Value:
    """``value.name`` for what is neither a tensor nor free."""
    match value:
        case Ref():
            return _of_object(run, value, name)
        case Class():
            return _of_class(run, value, name) or run.lost(f"{name} of a class")
        case File():
            return project_files.attribute(run, value, name)
        case Distribution():
            return distributions.attribute(run, value, name)
        case Recurrent() | RecurrentCell() | Layer():
            return layers.attribute(value, name)
        case Items() | Lit() | Super():
            return Bound(value, name)
    return Unknown(value.reason if isinstance(value, Unknown) else f"{name} of something that is not followed")


def _of_object(run: Run, receiver: Ref, name: str) -> Value:
    """``receiver.name``."""
    heap = run.heap
    if isinstance(heap.look(receiver.cell), ObjectCell):
        own = heap.attribute(receiver.cell, name)
        if own is not None:
            return own
    cell = heap[receiver.cell]
    held = attribute_dicts.item(run, cell, name) if isinstance(cell, DictCell) else None
    if held is not None:
        return held
    if not isinstance(cell, ObjectCell) or name == "__dict__":
        return Bound(receiver, name)
    for owner, info in lineage(run.state.classes, cell.cls):
        if name in info.names:
            return _inherited(run, receiver, info.names[name], owner)
    if cell.base is not None:
        return layers.attribute(cell.base, name)
    if name == "training":  # nn.Module sets it, and both answers are right: dropout and sampling ask for it
        return Unknown("whether the model is training")
    if name in own_attributes.only_built(run, cell.cls):
        raise TorchRaises("AttributeError", f"'{getattr(cell.cls.node, 'name', '')}' object has no attribute '{name}'")
    return run.facts.parameter(own_attributes.unstored(run, cell.cls, name), None, _node(cell.cls))


def _node(cls: Class) -> ir.Node:
    assert isinstance(cls.node, ir.Node)
    return cls.node


def _of_class(run: Run, cls: Class, name: str) -> Value | None:
    """``Class.name``."""
    for owner, info in lineage(run.state.classes, cls):
        if name in info.names:
            value = info.names[name]
            made_by = isinstance(value, Function) and "classmethod" in _decorators(value)
            return bound(value, owner, cls) if made_by and isinstance(value, Function) else value
    return None


def _decorators(function: Function) -> set[str]:
    """The last words of what decorates a function."""
    decorators = function.node.decorators if isinstance(function.node, ir.FunctionDef) else ()
    return {*map(ir.last_name, decorators)}


def _inherited(run: Run, receiver: Ref, value: Value, owner: Class) -> Value:
    if not isinstance(value, Function):
        return value
    names = _decorators(value)
    if "staticmethod" in names:
        return value
    if "classmethod" in names:
        cell = run.containers.object(receiver)
        return bound(value, owner, owner if cell is None else cell.cls)
    if names & {"property", "cached_property"}:
        return run.enter(bound(value, owner, receiver), (), {})
    return bound(value, owner, receiver)


def _set_in_class(run: Run, cls: Class, name: str, value: Value) -> None:
    """``Config.layers = 2``: of a constant that the class binds; where paths have parted, it is open which it is."""
    info = run.state.classes.get(cls.node)
    if info is None or not isinstance(cls.node, ir.ClassDef) or not isinstance(info.names.get(name), (Lit, Free)):
        return
    path = run.here.path
    sure = isinstance(value, Lit) and not path.arms and not path.loops
    held = value if sure else run.made.frees[f"{cls.node.name}.{name}", "global"]
    run.state.define(cls.node, replace(info, names={**info.names, name: held}))


def set_attribute(run: Run, receiver: Value, name: str, value: Value) -> None:
    """``receiver.name = value``."""
    if not isinstance(receiver, Ref):
        run.rounds.write(receiver)
        run.use(value, Use.HANDED if isinstance(receiver, Free) else Use.ELSEWHERE)
        if isinstance(receiver, Class):
            _set_in_class(run, receiver, name, value)
        if isinstance(receiver, Free):
            open_options.store(run, name, run.made.frees[f"{receiver.key}.{name}", receiver.owner], value)
        return
    cell = run.heap[receiver.cell]
    if isinstance(cell, ObjectCell) and name == "__dict__":
        for key, one in attribute_dicts.update_attributes(run, (value,), {}).items():
            set_attribute(run, receiver, key, one)
    elif isinstance(cell, ObjectCell):
        if not cell.record:
            run.use(value, Use.ATTRIBUTE)
        run.store(cell.cls, name)
        run.containers.put(receiver, ObjectCell(cell.cls, {**cell.attrs, name: value}, cell.base, cell.record))
    elif isinstance(cell, DictCell):  # whose keys are attributes as well
        run.use(value, Use.ATTRIBUTE)
        run.containers.put(receiver, replace(cell, items=tuple({**dict(cell.items), name: value}.items())))
