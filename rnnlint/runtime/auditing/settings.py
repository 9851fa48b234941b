"""The settings of torch that a model can change in passing, and how they are put back."""

from __future__ import annotations

import functools
import random
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import torch

Restore = Callable[[], str | None]
"""Puts one thing back; says what could not be put back."""


def settings() -> Iterator[Restore]:
    """One restore for every setting, and for the state of every generator of random numbers that is in use.

    A setting is only written to where it has changed: some cannot be set again, and asking for deterministic
    algorithms imports torch's compiler, which takes a second.
    """
    for read, write in _SETTINGS:
        if (before := _read(read)) is not None:
            yield functools.partial(_restore, read, write, before)
    yield from _autocast()
    yield from _random()


def _read(read: Callable[[], Any]) -> Any:
    """A setting in a tuple; None where this version of torch has none, or will not say."""
    try:
        return (read(),)
    except (AttributeError, RuntimeError):
        return None


def _restore(read: Callable[[], Any], write: Callable[[Any], object], before: tuple[Any]) -> None:
    if _read(read) != before:
        write(before[0])


def _default_device() -> torch.device | None:
    kept: Any = torch._GLOBAL_DEVICE_CONTEXT
    # torch 2.0 keeps the context itself there, later versions one for every thread
    context = getattr(kept, "device_context", None) if isinstance(kept, threading.local) else kept
    return None if context is None else context.device


def _deterministic() -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def _set_deterministic(before: tuple[bool, bool]) -> None:
    torch._C._set_deterministic_algorithms(before[0], warn_only=before[1])
    compiler: Any = sys.modules.get("torch._inductor.config")  # torch's own function sets it there too
    if compiler is not None and hasattr(compiler, "deterministic"):
        compiler.deterministic = before[0]


def _set_anomalies(before: tuple[bool, bool]) -> None:
    torch.autograd.set_detect_anomaly(*before)


def _attribute(owner: Any, name: str) -> tuple[Callable[[], Any], Callable[[Any], object]]:
    return functools.partial(getattr, owner, name), functools.partial(setattr, owner, name)


_SETTINGS: list[tuple[Callable[[], Any], Callable[[Any], object]]] = [
    (torch.is_grad_enabled, torch.set_grad_enabled),
    (torch.get_default_dtype, torch.set_default_dtype),
    (_default_device, torch.set_default_device),
    (_deterministic, _set_deterministic),
    (lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()), _set_anomalies),
    (torch.get_num_threads, torch.set_num_threads),
    (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    (lambda: torch._C._is_multithreading_enabled(), lambda before: torch._C._set_multithreading_enabled(before)),
    (torch.is_warn_always_enabled, torch.set_warn_always),
    *(
        _attribute(owner, name)
        for owner, names in (
            (torch.backends.cudnn, ("enabled", "benchmark", "deterministic", "benchmark_limit", "allow_tf32")),
            (torch.backends.cuda.matmul, ("allow_tf32", "allow_fp16_reduced_precision_reduction")),
        )
        for name in names
    ),
]


def _call(function: Callable[..., object], *arguments: object) -> None:
    function(*arguments)


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
