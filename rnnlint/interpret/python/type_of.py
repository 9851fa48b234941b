"""What Python answers about what a value is: ``type``, ``isinstance``, ``hasattr``."""

from __future__ import annotations

from rnnlint.axes.states import Block, Call, Own, Unknown
from rnnlint.interpret.python import classes
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.torch_api.batches import packing
from rnnlint.torch_api.catalogue import find
from rnnlint.torch_api.operands import source_key
from rnnlint.torch_api.tensors.attributes import PACKED_FIELDS, TENSOR_ATTRIBUTES
from rnnlint.values.domain import (
    Builtin,
    Class,
    Either,
    Formless,
    Free,
    Items,
    Lit,
    Packed,
    Recurrent,
    RecurrentCell,
    Ref,
    Tensor,
    Torch,
    Value,
)
from rnnlint.values.heap_cells import DictCell, ListCell, ObjectCell
from rnnlint.values.roots import plain

_TYPES: dict[str, tuple[type, ...]] = {
    "tuple": (Items,),
    "list": (ListCell,),
    "dict": (DictCell,),
    "torch.Tensor": (Tensor, Formless),
    "torch.nn.utils.rnn.PackedSequence": (Packed,),
    "torch.nn.LSTM": (Recurrent,),
    "torch.nn.GRU": (Recurrent,),
    "torch.nn.RNN": (Recurrent,),
    "torch.nn.RNNBase": (Recurrent,),
}


def is_instance(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``isinstance(value, types)``: a truth, or either of both."""
    return _instance(run, args[0], args[1] if len(args) > 1 else Unknown("no type"))


def _instance(run: Run, value: Value, types: Value) -> Value:
    if isinstance(value, Either):
        return run.one_of(value, lambda one: _instance(run, one, types))
    if isinstance(types, Items):
        answers = [_instance(run, value, option) for option in types.items]
        if Lit(True) in answers:
            return Lit(True)
        return Lit(False) if answers and all(answer == Lit(False) for answer in answers) else _either_truth()
    answer = _is_a(run, value, types)
    return _either_truth() if answer is None else Lit(answer)


def is_subclass(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``issubclass(one, several)`` of torch's classes and Python's; a truth, or either of both."""
    one, several = args[0], args[1] if len(args) > 1 else Unknown("no type")
    options = several.items if isinstance(several, Items) else (several,)
    if not isinstance(one, Torch) or not all(isinstance(option, (Torch, Builtin)) for option in options):
        return _either_truth()
    base = one.name in ("torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN") and Torch("torch.nn.RNNBase") in options
    if one in options or base or Builtin("object") in options:
        return Lit(True)
    return _either_truth() if Torch("torch.nn.Module") in options else Lit(False)


def _either_truth() -> Value:
    return _EITHER_TRUTH


_EITHER_TRUTH = Either((Lit(True), Lit(False)))


def _is_a(run: Run, value: Value, cls: Value) -> bool | None:
    if isinstance(value, (Unknown, Free)) or (isinstance(value, Formless) and value.unsure):
        return None
    if isinstance(cls, Class):
        cell = run.containers.object(value)
        return False if cell is None else cls in [found for found, _ in classes.lineage(run.state.classes, cell.cls)]
    name = cls.name if isinstance(cls, (Torch, Builtin)) else ""
    if name in ("int", "float", "str", "bool"):
        kinds = {"int": int, "float": float, "str": str, "bool": bool}
        return isinstance(value, Lit) and isinstance(value.value, kinds[name])
    content: object = run.heap[value.cell] if isinstance(value, Ref) else value
    if name not in _TYPES:
        # a constant of the program is no instance of a class of torch's
        return False if isinstance(cls, Torch) and isinstance(content, (Lit, ListCell, DictCell)) else None
    if isinstance(content, ObjectCell):
        return None
    if name in SEQUENCES and own_parameter(run, value) is not None:
        return None  # it is a tensor where the program takes it for one, and what it asks here is whether it does
    if isinstance(content, Recurrent):
        return name in (f"torch.nn.{content.cell}", "torch.nn.RNNBase")
    return isinstance(content, _TYPES[name])


SEQUENCES = ("tuple", "list")


def own_parameter(run: Run, value: Value) -> Free | None:
    """The parameter that a value is as it was handed in, or an item of it, of which nobody says what it is."""
    if not isinstance(value, Tensor):
        return value if isinstance(value, Free) and plain(value) else None
    free = source_key(value)
    if not isinstance(free, Free) or not isinstance(value.states, Block) or isinstance(value.states.source, Call):
        return None
    if run.facts.tensor(free) == value:
        return free
    moving = [factor.along for axis in value.states.axes for factor in axis]
    picked = [along for along, _ in value.states.at]
    own = [along.index for along in (*picked, *moving) if isinstance(along, Own)]
    # of its first axes one position each, and the others in order: no operation but an index
    whole = len(picked) + len(value.states.axes) == len(value.states.source.shape)
    item = bool(picked) and not value.states.reduced and own == sorted(own) and whole
    return Free(f"{free.key}[...]", free.owner) if item else None


def is_tensor(run: Run, value: Value) -> Value:
    """``torch.is_tensor(value)``."""
    return _instance(run, value, Torch("torch.Tensor"))


def has_attribute(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``hasattr(value, "name")``: a truth, or either of both."""
    if len(args) != 2 or not isinstance(args[1], Lit) or not isinstance(args[1].value, str):
        return _either_truth()
    return _has(run, args[0], args[1].value)


def _has(run: Run, value: Value, name: str) -> Value:
    if isinstance(value, Either):
        return run.one_of(value, lambda one: _has(run, one, name))
    answer = has(run, value, name)
    return _either_truth() if answer is None else Lit(answer)


_CONTAINERS: dict[type, object] = {Items: (), ListCell: [], DictCell: {}}


def has(run: Run, value: Value, name: str) -> bool | None:
    """Whether a value has an attribute; None where that is not known."""
    if isinstance(value, Ref) and run.containers.object(value) is not None:
        return None if run.heap.attribute(value.cell, name) is None else True
    content: object = run.heap[value.cell] if isinstance(value, Ref) else value
    of_tensors = name in TENSOR_ATTRIBUTES or find(f"Tensor.{name}") is not None
    match content:
        case Items() | ListCell() | DictCell():
            return hasattr(_CONTAINERS[type(content)], name)
        case Lit(constant):
            return hasattr(constant, name)
        case Tensor() if of_tensors:
            return True
        case Packed() if name in PACKED_FIELDS:
            return True
        case Packed() if of_tensors and packing.missing(name):
            return False
    return None


def type_of(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``type(value)``."""
    return _type(run, args[0])


def _type(run: Run, value: Value) -> Value:
    if isinstance(value, Either):
        return run.one_of(value, lambda one: _type(run, one))
    cell = run.containers.object(value)
    if cell is not None:
        return cell.cls
    content: object = run.heap[value.cell] if isinstance(value, Ref) else value
    match content:
        case Recurrent() | RecurrentCell():
            return Torch(f"torch.nn.{content.cell}")
        case Tensor():
            return Torch("torch.Tensor")
        case Packed():
            return Torch("torch.nn.utils.rnn.PackedSequence")
        case Items() if content.tag is not None:  # one of the program's own may be a namedtuple
            return Builtin("tuple")
        case ListCell():
            return Builtin("list")
        case DictCell():
            return Builtin("dict")
    return Unknown("type()")


def class_of(run: Run, value: Value, name: str) -> Value | None:
    """``value.__class__``, and the ``__name__`` of a class; None for any other attribute, and where it is not known."""
    if name == "__class__":
        return _type(run, value)
    if name == "__name__" and isinstance(value, (Torch, Builtin)):
        return Lit(value.name.rpartition(".")[2])
    return None
