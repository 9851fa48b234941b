"""What a program computes: everything that modules of torch are fed and return while it runs, on fixed weights."""

from __future__ import annotations

import contextlib
import functools
import io
import linecache
import math
import os
import random
import re
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

RECURRENT = (nn.RNNBase, nn.RNNCellBase)
# what a rewrite may put in between, because it passes on what it gets
_PASSING = (nn.Dropout, nn.Identity, nn.LayerNorm, nn.Sequential, nn.ModuleList, nn.ModuleDict)
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE)
_LONGEST = 60  # seconds, for a program that takes hundredths of one
_HIDDEN = re.compile(r"(?m)^#run ?")

Drive: TypeAlias = Callable[[dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a module: what it was fed and what it returned, tensor by tensor."""

    module: str
    tensors: tuple[Tensor, ...]


@dataclass(slots=True)
class Ran:
    """``calls`` of torch's modules and the results of outermost ones, in order; ``names`` are the file's tensors.

    ``raised`` is the kind of exception that the program ended with, None for none.
    """

    calls: list[Call] = field(default_factory=list)
    names: Mapping[str, tuple[Tensor, ...]] = field(default_factory=dict)
    result: tuple[Tensor, ...] = ()
    raised: str | None = None

    @property
    def tells(self) -> bool:
        """Whether a recurrent module has been run."""
        return any(call.module in ("RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell") for call in self.calls)


def executable(text: str) -> str:
    """The text with what stands behind ``#run`` at the start of a line: what is run and not linted."""
    return _HIDDEN.sub("", text)


@functools.cache
def dies(text: str) -> bool:
    """Whether the whole process ends with the program: torch does not check what a cell is handed as a state."""
    if "Cell(" not in text:
        return False
    # a copy of this process has torch already, which takes a new one seconds
    child = os.fork()
    if child == 0:
        _end_with(executable(text))
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) in _CRASHES


def _end_with(code: str) -> None:
    """Runs a text, says nothing of it and ends this process."""
    try:
        signal.alarm(_LONGEST)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        # threads of torch's are not copied, and are waited for
        torch.set_num_threads(1)
        exec(compile(code, "<program>", "exec"), {"__name__": "__main__"})
    finally:
        os._exit(0)


def run(text: str, drive: Drive | None = None, seed: int = 0) -> Ran:
    """Runs a text as ``__main__``, then ``drive`` on its names; dropout and layer norms are off."""
    ran = Ran()
    code = executable(text)
    linecache.cache["<variation>"] = (len(code), None, code.splitlines(keepends=True), "<variation>")
    scope: dict[str, Any] = {"__name__": "__main__"}
    _seeded(seed)
    with _watched(ran.calls), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), _no_arguments():
        warnings.simplefilter("ignore")
        try:
            exec(compile(code, "<variation>", "exec"), scope)
            if drive is not None:
                ran.result = tuple(_tensors(drive(scope)))
        except (Exception, SystemExit) as error:
            ran.raised = type(error).__name__
    ran.names = {
        name: (value.detach().clone(),) for name, value in scope.items() if isinstance(value, Tensor) and name != "_"
    }
    return ran


def _seeded(seed: int) -> None:
    torch.manual_seed(seed)
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)


@contextlib.contextmanager
def _no_arguments() -> Iterator[None]:
    with mock.patch.object(sys, "argv", ["program"]), contextlib.redirect_stderr(io.StringIO()):
        yield


@contextlib.contextmanager
def _watched(calls: list[Call]) -> Iterator[None]:
    real = nn.Module.__call__
    depth = 0

    def called(module: nn.Module, *given: object, **named: object) -> object:
        nonlocal depth
        depth += 1
        before = tuple(_tensors([given, named]))
        try:
            result = real(module, *given, **named)
        finally:
            depth -= 1
        torchs = isinstance(module, RECURRENT) or type(module).__module__.startswith("torch.nn")
        told = depth == 0 or torchs
        if told and not isinstance(module, _PASSING):
            # what the file's own module is fed is its own affair: a rewrite may give it more
            fed = before if torchs else ()
            calls.append(Call(_kind(module), (*fed, *_tensors(result))))
        return result

    functional = mock.patch.multiple(nn.functional, dropout=_same, layer_norm=_not_normed)
    with mock.patch.object(nn.Module, "__call__", called), functional:
        yield


def _same(given: Tensor, *_: object, **__: object) -> Tensor:
    if not isinstance(given, Tensor):
        raise TypeError(f"dropout(): argument 'input' must be Tensor, not {type(given).__name__}")
    return given


def _not_normed(given: Tensor, normalized_shape: Sequence[int], *_: object, **__: object) -> Tensor:
    """Each row by itself is other numbers, of the same states; what torch refuses is refused."""
    if tuple(given.shape[-len(normalized_shape) :]) != tuple(normalized_shape):
        raise RuntimeError(f"Given normalized_shape={[*normalized_shape]}, got input of size {[*given.shape]}")
    return given


def _kind(module: nn.Module) -> str:
    """torch's name of a module, whatever a class of the file that inherits it is called; "" for others."""
    ours = (one.__name__ for one in type(module).__mro__ if one.__module__.startswith("torch.nn"))
    name = next(ours)
    return "" if name == "Module" else name


def _tensors(value: object) -> Iterator[Tensor]:
    if isinstance(value, PackedSequence):
        yield from _tensors([value.data, value.batch_sizes])
    elif isinstance(value, Tensor):
        yield value.detach().clone()
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _tensors(one)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def difference(one: Ran, other: Ran, *, exact: bool = False) -> str:
    """Where the second run differs from the first; "" where it has the same values, to the last bit if asked."""
    equal = _identical if exact else _close
    if one.raised != other.raised:
        return f"ends with {other.raised}, not {one.raised}"
    if [call.module for call in one.calls] != [call.module for call in other.calls]:
        return "other modules are called"
    for number, (call, again) in enumerate(zip(one.calls, other.calls, strict=True)):
        if not _alike(call.tensors, again.tensors, equal):
            return f"call {number}, of {call.module or 'the model'}, has other values"
    if not _alike(one.result, other.result, equal):
        return "the result has other values"
    for name, tensors in one.names.items():
        if name in other.names and not _alike(tensors, other.names[name], equal):
            return f"{name} has other values"
    return ""


def _alike(some: tuple[Tensor, ...], others: tuple[Tensor, ...], equal: Callable[[Tensor, Tensor], bool]) -> bool:
    pairs = zip(some, others, strict=False)
    return len(some) == len(others) and all(
        one.shape == other.shape and one.dtype == other.dtype and equal(one, other) for one, other in pairs
    )


def _identical(one: Tensor, other: Tensor) -> bool:
    # what is no number is the same where it is none in both
    return bool(((one == other) | ((one != one) & (other != other))).all())


def _close(one: Tensor, other: Tensor) -> bool:
    if not one.is_floating_point():
        return bool((one == other).all())
    return math.prod(one.shape) == 0 or torch.allclose(one, other, rtol=1e-5, atol=1e-6, equal_nan=True)
