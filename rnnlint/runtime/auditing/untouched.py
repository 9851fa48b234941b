"""Running a model without leaving a trace.

What is put back, also when the model raises: everything that can be reached from the model through modules, lists,
dicts, sets, deques, tuples, the attributes and slots of other objects it holds (three objects deep), what the
functions it holds (hooks) close over, and the attributes of its own classes; and the settings of torch that a model can
change in passing (:mod:`rnnlint.runtime.auditing.settings`).  Contents are put back into the objects that held them, so
identities stay; tensors get back their values, shape, storage, gradient, ``requires_grad`` and hooks.

The price is a copy of every storage the model holds, on its device, and one comparison of each afterwards.  Version
counters are not enough to find what changed, since writing through ``.data`` does not raise them.

Not put back: globals, the version counters of tensors that were written to, iterators, files, and the random state of
a device that was first used meanwhile.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import random
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as module_globals

from rnnlint.runtime.auditing.settings import Restore, settings

_DEEP = 3  # objects that are followed one inside the other; what lies deeper is seldom the model's own (a trainer's)

# What holds nothing that could change; most of what lies in a vocabulary.
_ATOMS = frozenset({int, float, bool, str, bytes, complex, type(None), torch.Size, torch.dtype, torch.device})

# Objects that hold attributes but no state of a model.
_NOT_FOLLOWED = (types.ModuleType, types.BuiltinFunctionType, enum.Enum, weakref.ReferenceType)
_OTHERS = sys.stdlib_module_names | {"torch", "numpy", "rnnlint", "pytest", "_pytest", "pluggy"}  # packages
_RECORDS = frozenset({"collections", "types", "argparse"})  # of the standard library, for programs to keep things in
_OF_TORCH = frozenset({"torch", "numpy"})  # packages whose objects are followed, though not their code


class NotRestored(RuntimeError):
    """Something the model changed has no way back; the text names it.  All else has been put back."""


@contextlib.contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Whatever the block does to ``model`` and to torch's settings is undone when it is left.

    Raises :class:`NotRestored`, after all else has been put back, where there is no way back: for a tensor that already
    had a history of its own (``grad_fn``) and was written to in place, and for objects that refuse.  What the block
    itself raises goes before that.
    """
    # The caller's function modes, and tensor subclasses, shall not see what is done here.
    with torch._C.DisableTorchFunction():
        restores = [*settings(), *_held(model)]
    yield from _undoing(restores)


@contextlib.contextmanager
def put_back(*objects: object) -> Iterator[None]:
    """Likewise for any objects, without the settings."""
    with torch._C.DisableTorchFunction():
        restores = [*_held(*objects)] if objects else []
    yield from _undoing(restores)


def _undoing(restores: list[Restore]) -> Iterator[None]:
    raised = True
    try:
        yield
        raised = False
    finally:
        with torch._C.DisableTorchFunction():
            # Settings last: nothing above depends on them, and putting tensors back could change them.
            lost = [left for restore in reversed(restores) if (left := _attempted(restore)) is not None]
        if lost and not raised:
            raise NotRestored("; ".join(dict.fromkeys(lost)))


def _attempted(restore: Restore) -> str | None:
    """One object that refuses must not keep the others from being put back."""
    try:
        return restore()
    except Exception as error:  # whatever an object of the user's raises
        return f"{type(error).__name__}: {error}".splitlines()[0]


def _held(*roots: object) -> Iterator[Restore]:
    """One restore for everything reachable from the roots, in the order met."""
    waiting: list[tuple[object, int]] = [(root, 0) for root in roots]
    waiting += [(hooks, 0) for name, hooks in vars(module_globals).items() if name.startswith("_global_")]
    known: set[int] = set()
    storages: set[int] = set()
    while waiting:
        held, depth = waiting.pop()
        if type(held) in _ATOMS or id(held) in known:
            continue
        known.add(id(held))
        if isinstance(held, weakref.ProxyTypes):
            continue
        try:
            restores, children = list(_restores(held, storages)), list(_children(held, depth))
        except Exception as error:  # whatever an object of the user's raises
            said = f"a {type(held).__name__} cannot be copied ({type(error).__name__}: {error})".splitlines()[0]
            restores, children = [functools.partial(_say, said)], []
        yield from restores
        yield _alive(held)  # an id must not be given away while the walk goes on
        waiting += children


def _alive(held: object) -> Restore:
    return functools.partial(_nothing, held)


def _nothing(_: object) -> None:
    return None


def _say(text: str) -> str:
    return text


def _children(held: object, depth: int) -> Iterator[tuple[object, int]]:
    """What to look at next, and inside how many objects that are no modules it lies."""
    match held:
        case nn.Module():
            yield vars(held), depth
            yield from ((value, depth) for _, value in _slots(held))
            yield from ((kind, depth) for kind in type(held).__mro__)
            if isinstance(held, torch.jit.ScriptModule):
                yield from ((value, depth) for value in _scripted(held).values())
                yield from ((part, depth) for part in (*held.parameters(), *held.buffers(), *held.children()))
        case Tensor():
            yield vars(held), depth
            yield held._backward_hooks, depth
            yield getattr(held, "_post_accumulate_grad_hooks", None), depth
            if held.is_leaf or held.retains_grad:
                yield held.grad, depth
        case dict():
            yield from ((value, depth) for value in held.values())
        case list() | tuple() | set() | frozenset() | deque():
            yield from ((value, depth) for value in held)
        case types.FunctionType() if not _of_others(held.__module__):
            yield from ((cell.cell_contents, depth) for cell in _cells(held))
            yield held.__defaults__, depth
            yield held.__kwdefaults__, depth
            yield vars(held), depth
        case types.MethodType():
            yield held.__self__, depth
            yield held.__func__, depth
        case functools.partial():
            yield from ((part, depth) for part in (held.func, held.args, held.keywords))
        case type():
            if not _of_others(held.__module__):
                # not what its methods close over: that is the program's around the class
                yield from ((one, depth) for one in vars(held).values() if not isinstance(one, types.FunctionType))
        case types.FunctionType():
            pass
        case _ if depth < _DEEP and _is_record(held):
            if type(getattr(held, "__dict__", None)) is dict:
                yield vars(held), depth + 1
            yield from ((value, depth + 1) for _, value in _slots(held))
        case _:
            pass


def _of_others(module: object) -> bool:
    """Whether code belongs to torch, the standard library and the like."""
    return str(module).partition(".")[0] in _OTHERS


def _is_record(held: object) -> bool:
    """Whether an object can hold state of a model."""
    package = type(held).__module__.partition(".")[0]
    followed = package not in _OTHERS or package in _OF_TORCH or package in _RECORDS
    return followed and not isinstance(held, _NOT_FOLLOWED)


def _slots(held: object) -> list[tuple[types.MemberDescriptorType, Any]]:
    """What an object keeps in ``__slots__``, those that are set."""
    found = []
    for kind in type(held).__mro__:
        if "__slots__" in vars(kind) and not _of_others(kind.__module__):
            for slot in vars(kind).values():
                if isinstance(slot, types.MemberDescriptorType):
                    with contextlib.suppress(AttributeError):  # not set
                        found.append((slot, slot.__get__(held)))
    return found


def _cells(function: types.FunctionType) -> list[types.CellType]:
    """What a function closes over, as far as it is there already."""
    found = []
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # empty
            found.append((cell, cell.cell_contents))
    return [cell for cell, _ in found]


def _restores(held: object, storages: set[int]) -> Iterator[Restore]:
    slots = [] if isinstance(held, type) else _slots(held)
    if slots or any("__slots__" in vars(kind) for kind in type(held).__mro__[:-1]):
        yield functools.partial(_restore_slots, held, slots)
    match held:
        case nn.Module():
            yield functools.partial(_restore_class, held, type(held))
            if isinstance(held, torch.jit.ScriptModule):
                yield functools.partial(_restore_scripted, held, _scripted(held))
        case Tensor():
            yield from _of_tensor(held, storages)
        case type():
            if not _of_others(held.__module__):
                yield functools.partial(_restore_attributes, held, dict(vars(held)))
        case types.FunctionType():
            if not _of_others(held.__module__):
                for cell in _cells(held):
                    yield functools.partial(_restore_cell, cell, cell.cell_contents)
        case dict():
            yield functools.partial(_restore_dict, held, list(held.items()))
        case list() | deque():
            yield functools.partial(_restore_sequence, held, list(held))
        case set():
            yield functools.partial(_restore_set, held, set(held))
        case bytearray():
            yield functools.partial(_restore_bytes, held, bytes(held))
        case torch.Generator():
            yield functools.partial(_call, held.set_state, held.get_state())
        case random.Random():
            yield functools.partial(_call, held.setstate, held.getstate())
        case _:
            yield from _of_numpy(held)


def _call(function: Callable[..., object], *arguments: object) -> None:
    function(*arguments)


# Containers


def _same(now: list[Any], before: list[Any]) -> bool:
    return len(now) == len(before) and all(a is b for a, b in zip(now, before, strict=True))


def _restore_dict(held: dict[Any, Any], before: list[tuple[Any, Any]]) -> None:
    now = [part for item in held.items() for part in item]
    if not _same(now, [part for item in before for part in item]):
        held.clear()
        for key, value in before:
            held[key] = value


def _restore_sequence(held: list[Any] | deque[Any], before: list[Any]) -> None:
    if not _same(list(held), before):
        held.clear()
        held.extend(before)


def _restore_set(held: set[Any], before: set[Any]) -> None:
    if held != before:
        held.clear()
        held.update(before)


def _restore_bytes(held: bytearray, before: bytes) -> None:
    if held != before:
        held[:] = before


def _restore_slots(held: object, before: list[tuple[types.MemberDescriptorType, Any]]) -> None:
    kept = {id(slot): value for slot, value in before}
    for slot, value in _slots(held):
        if id(slot) not in kept:
            slot.__delete__(held)
        elif value is not kept[id(slot)]:
            slot.__set__(held, kept[id(slot)])
    now = {id(slot) for slot, _ in _slots(held)}
    for slot, value in before:
        if id(slot) not in now:
            slot.__set__(held, value)


def _restore_cell(cell: types.CellType, before: object) -> None:
    try:
        if cell.cell_contents is before:
            return
    except ValueError:  # emptied
        pass
    cell.cell_contents = before


def _restore_attributes(held: type, before: dict[str, Any]) -> None:
    """Of a class; what Python itself keeps there (documentation, caches of abstract classes) stays."""
    now = dict(vars(held))
    for name in {*before, *now}:
        if name.startswith(("__", "_abc_")):
            continue
        if name not in before:
            type.__delattr__(held, name)
        elif name not in now or now[name] is not before[name]:
            type.__setattr__(held, name, before[name])


def _restore_class(held: object, before: type) -> None:
    """Lazy modules and parametrized ones change their class."""
    if type(held) is not before:
        held.__class__ = before


def _scripted(module: torch.jit.ScriptModule) -> dict[str, Any]:
    """The attributes TorchScript keeps outside Python, ``training`` among them."""
    return {name: module._c.getattr(name) for name in module._concrete_type.get_attributes()}


def _restore_scripted(module: torch.jit.ScriptModule, before: dict[str, Any]) -> None:
    for name, value in before.items():
        module._c.setattr(name, value)


def _of_numpy(held: object) -> Iterator[Restore]:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return
    if isinstance(held, numpy.ndarray):
        yield functools.partial(_restore_array, held, held.copy())
    elif isinstance(held, numpy.random.Generator):
        yield functools.partial(setattr, held.bit_generator, "state", held.bit_generator.state)
    elif isinstance(held, numpy.random.RandomState):
        yield functools.partial(_call, held.set_state, held.get_state())


def _restore_array(held: Any, before: Any) -> None:
    if held.flags.writeable:
        held[...] = before


# Tensors


def _of_tensor(tensor: Tensor, storages: set[int]) -> Iterator[Restore]:
    yield functools.partial(_restore_hooks, tensor, "_backward_hooks", tensor._backward_hooks)
    if hasattr(tensor, "_post_accumulate_grad_hooks"):
        yield functools.partial(
            _restore_hooks, tensor, "_post_accumulate_grad_hooks", tensor._post_accumulate_grad_hooks
        )
    if tensor.is_leaf or tensor.retains_grad:
        yield functools.partial(_restore_grad, tensor, tensor.grad)
    yield functools.partial(_restore_class, tensor, type(tensor))
    yield functools.partial(_restore_tensor, tensor, tensor.data, tensor.requires_grad, tensor.grad_fn)
    if tensor.device.type == "meta":
        return
    try:
        storage = tensor.untyped_storage()
    except (RuntimeError, NotImplementedError):  # sparse, or a subclass that wraps other tensors
        yield functools.partial(_restore_opaque, tensor, tensor.detach().clone(), _version(tensor))
        return
    if storage._cdata not in storages and storage.nbytes():
        storages.add(storage._cdata)
        yield functools.partial(_restore_storage, storage, _bytes(storage).clone())


def _version(tensor: Tensor) -> int | None:
    """None where torch keeps no count (tensors made in inference mode)."""
    return None if tensor.is_inference() else tensor._version


def _restore_hooks(tensor: Tensor, name: str, before: object) -> None:
    if getattr(tensor, name) is not before:
        setattr(tensor, name, before)


def _restore_grad(tensor: Tensor, before: Tensor | None) -> None:
    if tensor.grad is not before:
        tensor.grad = before


def _restore_tensor(tensor: Tensor, alias: Tensor, requires_grad: bool, grad_fn: object) -> str | None:
    """``alias`` shares the storage the tensor had, and keeps its shape and strides."""
    lost = None
    if tensor.grad_fn is not grad_fn:
        if grad_fn is None and not tensor._is_view():
            tensor.detach_()
        else:
            lost = f"a tensor of shape {tuple(alias.shape)} was changed in place and cannot get its history back"
    if _form(tensor) != _form(alias):
        tensor.data = alias
    if tensor.requires_grad is not requires_grad and tensor.grad_fn is None:
        tensor.requires_grad_(requires_grad)
    return lost


def _form(tensor: Tensor) -> tuple[object, ...]:
    form: tuple[object, ...] = (tensor.shape, tensor.dtype, tensor.device, tensor.layout)
    if tensor.layout is not torch.strided:
        return form
    try:
        return (*form, tensor.stride(), tensor.storage_offset(), tensor.untyped_storage()._cdata)
    except (RuntimeError, NotImplementedError):
        return form


def _restore_opaque(tensor: Tensor, before: Tensor, version: int | None) -> None:
    if version is None or version != _version(tensor):
        with torch.no_grad():
            tensor.copy_(before)


def _bytes(storage: torch.UntypedStorage) -> Tensor:
    # eight at a time they are compared in a third of the time
    dtype = torch.uint8 if storage.nbytes() % 8 else torch.int64
    return torch.empty(0, dtype=dtype, device=storage.device).set_(storage)


def _restore_storage(storage: torch.UntypedStorage, before: Tensor) -> None:
    if storage.nbytes() != before.nbytes:
        storage.resize_(before.nbytes)
    now = _bytes(storage).view(before.dtype)
    if not torch.equal(now, before):
        now.copy_(before)
