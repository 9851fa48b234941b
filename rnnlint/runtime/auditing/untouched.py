"""Running a model without leaving a trace.

What is put back, also when the model raises: everything that can be reached from the model through modules, lists,
dicts, sets, deques, tuples and, one object deep, through the attributes of other objects it holds; and the settings
of torch that a model can change in passing.  Contents are put back into the objects that held them, so identities
stay; tensors get back their values, shape, storage, gradient, ``requires_grad`` and hooks.

The price is a copy of every storage the model holds, on its device, and one comparison of each afterwards.  Version
counters are not enough to find what changed, since writing through ``.data`` does not raise them.

Not put back: globals and class attributes of the user's own, the version counters of tensors that were written to,
files, and the random state of a device that was first used meanwhile.
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

# Puts one thing back; says what could not be put back.
Restore = Callable[[], str | None]

# Objects that hold attributes but no state of a model.
_NOT_FOLLOWED = (
    type,
    types.ModuleType,
    types.FunctionType,
    types.MethodType,
    functools.partial,
    enum.Enum,
    weakref.ReferenceType,
)


class NotRestored(RuntimeError):
    """Something the model changed has no way back; the text names it.  All else has been put back."""


@contextlib.contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Whatever the block does to ``model`` and to torch's settings is undone when it is left, or raises.

    Raises :class:`NotRestored` where torch offers no way back: a tensor that already had a history of its own
    (``grad_fn``) and was written to in place.
    """
    # The caller's function modes, and tensor subclasses, shall not see what is done here.
    with torch._C.DisableTorchFunction():
        restores = [*_settings(), *_held(model)]
    try:
        yield
    finally:
        with torch._C.DisableTorchFunction():
            # Settings last: nothing above depends on them, and putting tensors back could change them.
            lost = [left for restore in reversed(restores) if (left := restore()) is not None]
        if lost:
            raise NotRestored("; ".join(lost))


def _held(model: nn.Module) -> Iterator[Restore]:
    """One restore for everything reachable from the model, in the order met."""
    waiting: list[tuple[object, bool]] = [(model, False)]
    waiting += [(hooks, False) for name, hooks in vars(module_globals).items() if name.startswith("_global_")]
    known: set[int] = set()
    storages: set[int] = set()
    while waiting:
        held, inside = waiting.pop()
        if id(held) in known:
            continue
        known.add(id(held))
        if isinstance(held, weakref.ProxyTypes):
            continue
        yield from _restores(held, storages)
        yield _alive(held)  # an id must not be given away while the walk goes on
        waiting += [(child, inside or deeper) for child, deeper in _children(held, inside)]


def _alive(held: object) -> Restore:
    return functools.partial(_nothing, held)


def _nothing(_: object) -> None:
    return None


def _children(held: object, inside: bool) -> Iterator[tuple[object, bool]]:
    """What to look at next, and whether that lies inside an object that is no module."""
    match held:
        case nn.Module():
            yield vars(held), False
            if isinstance(held, torch.jit.ScriptModule):
                yield from ((value, False) for value in _scripted(held).values())
                yield from ((part, False) for part in (*held.parameters(), *held.buffers(), *held.children()))
        case Tensor():
            yield vars(held), False
            yield held._backward_hooks, False
            yield getattr(held, "_post_accumulate_grad_hooks", None), False
            if held.is_leaf or held.retains_grad:
                yield held.grad, False
        case dict():
            yield from ((value, False) for value in held.values())
        case list() | tuple() | set() | frozenset() | deque():
            yield from ((value, False) for value in held)
        case _ if not inside and not isinstance(held, _NOT_FOLLOWED) and type(getattr(held, "__dict__", None)) is dict:
            yield vars(held), True
        case _:
            pass


def _restores(held: object, storages: set[int]) -> Iterator[Restore]:
    match held:
        case nn.Module():
            yield functools.partial(_restore_class, held, type(held))
            if isinstance(held, torch.jit.ScriptModule):
                yield functools.partial(_restore_scripted, held, _scripted(held))
        case Tensor():
            yield from _of_tensor(held, storages)
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


# Settings of torch


def _settings() -> Iterator[Restore]:
    yield from _random()
    yield functools.partial(_call, torch.set_grad_enabled, torch.is_grad_enabled())
    yield functools.partial(_call, torch.set_default_dtype, torch.get_default_dtype())
    yield functools.partial(
        torch.use_deterministic_algorithms,
        torch.are_deterministic_algorithms_enabled(),
        warn_only=torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    for name in ("enabled", "benchmark", "deterministic"):
        yield functools.partial(setattr, torch.backends.cudnn, name, getattr(torch.backends.cudnn, name))
    anomalies = torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()
    yield functools.partial(_call, torch.autograd.set_detect_anomaly, *anomalies)
    yield from _autocast()


def _random() -> Iterator[Restore]:
    yield functools.partial(_call, torch.set_rng_state, torch.get_rng_state())
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        yield functools.partial(_call, torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all())
    if torch.backends.mps.is_available():
        yield functools.partial(_call, torch.mps.set_rng_state, torch.mps.get_rng_state())
    yield functools.partial(_call, random.setstate, random.getstate())
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        yield functools.partial(_call, numpy.random.set_state, numpy.random.get_state())


def _autocast() -> Iterator[Restore]:
    yield functools.partial(_call, torch.set_autocast_cache_enabled, torch.is_autocast_cache_enabled())
    if not hasattr(torch, "get_autocast_dtype"):  # torch < 2.4 has one pair of functions a device
        yield functools.partial(_call, torch.set_autocast_enabled, torch.is_autocast_enabled())
        yield functools.partial(_call, torch.set_autocast_cpu_enabled, torch.is_autocast_cpu_enabled())
        return
    for device in ("cpu", "cuda"):
        yield functools.partial(_call, torch.set_autocast_enabled, device, torch.is_autocast_enabled(device))
        yield functools.partial(_call, torch.set_autocast_dtype, device, torch.get_autocast_dtype(device))
