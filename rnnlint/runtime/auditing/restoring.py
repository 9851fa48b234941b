"""What puts one object back as it was: its contents into the object itself, so that identities stay."""

from __future__ import annotations

import contextlib
import functools
import random
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from rnnlint.runtime.auditing.settings import Restore

OTHERS = sys.stdlib_module_names | {"torch", "numpy", "rnnlint", "pytest", "_pytest", "pluggy"}  # packages


def restores_of(held: object, storages: set[int]) -> Iterator[Restore]:
    """What puts one object back, not what it holds; ``storages`` are those that are copied already, and grows."""
    slots = [] if isinstance(held, type) else slots_of(held)
    # also where none is set yet: the model may set one, and that is to go again (test_slots)
    if slots or any("__slots__" in vars(kind) for kind in type(held).__mro__[:-1]):
        yield functools.partial(_restore_slots, held, slots)
    match held:
        case nn.Module():
            yield functools.partial(_restore_class, held, type(held))
            if isinstance(held, torch.jit.ScriptModule):
                yield functools.partial(_restore_scripted, held, scripted_attributes(held))
        case Tensor():
            yield from _of_tensor(held, storages)
        case type():
            if not of_others(held.__module__):
                yield functools.partial(_restore_attributes, held, dict(vars(held)))
        case types.FunctionType():
            if not of_others(held.__module__):
                for cell in cells_of(held):
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


def of_others(module: object) -> bool:
    """Whether code belongs to torch, the standard library and the like."""
    return str(module).partition(".")[0] in OTHERS


def slots_of(held: object) -> list[tuple[types.MemberDescriptorType, Any]]:
    """What an object keeps in ``__slots__``, those that are set."""
    found = []
    for kind in type(held).__mro__:
        if "__slots__" in vars(kind) and not of_others(kind.__module__):
            for slot in vars(kind).values():
                if isinstance(slot, types.MemberDescriptorType):
                    with contextlib.suppress(AttributeError):  # not set
                        found.append((slot, slot.__get__(held)))
    return found


def cells_of(function: types.FunctionType) -> list[types.CellType]:
    """What a function closes over, as far as it is there already."""
    found = []
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # empty
            found.append((cell, cell.cell_contents))
    return [cell for cell, _ in found]


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
    for slot, value in slots_of(held):
        if id(slot) not in kept:
            slot.__delete__(held)
        elif value is not kept[id(slot)]:
            slot.__set__(held, kept[id(slot)])
    now = {id(slot) for slot, _ in slots_of(held)}
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
        # ``_abc_``: what abc.ABCMeta keeps in a class, which changes by asking isinstance
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


def scripted_attributes(module: torch.jit.ScriptModule) -> dict[str, Any]:
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
    # a tensor there holds no numbers that could change
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
    size = before.numel() * before.element_size()  # a tensor has no nbytes before torch 2.1
    if storage.nbytes() != size:
        storage.resize_(size)
    now = _bytes(storage).view(before.dtype)
    if not torch.equal(now, before):
        now.copy_(before)
