"""The places where torch lets an observer in, opened for the time of one run and closed again."""

from __future__ import annotations

import contextlib
import cProfile
import sys
from collections.abc import Callable, Iterator
from functools import partial, wraps
from types import CodeType, FrameType
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.modules._functions import BackwardHookFunction
from torch.nn.utils import rnn as utils
from torch.overrides import TorchFunctionMode, resolve_name

from rnnlint import cells
from rnnlint.runtime.auditing import recurrent_calls
from rnnlint.runtime.auditing.places import here, place_of
from rnnlint.runtime.auditing.tuples import Watched, watched_packs, watched_tuples
from rnnlint.runtime.auditing.watch import Watch

_RECURRENT: tuple[type[nn.Module], ...] = tuple(getattr(nn, name) for name in cells.LAYERS)
_CELLS: tuple[type[nn.Module], ...] = tuple(getattr(nn, name) for name in cells.CELLS)
_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
_REBUILDING = utils.PackedSequence.__new__.__code__
_PACKING = ("pack_padded_sequence", "pad_packed_sequence", "pack_sequence", "pad_sequence")


@contextlib.contextmanager
def observed(watch: Watch, entries: frozenset[CodeType] = frozenset()) -> Iterator[None]:
    """Inside, what the program does is told to ``watch``.

    ``entries`` are the functions whose results count as handed out; of nested calls, the outermost.
    """
    with contextlib.ExitStack() as stack:
        # patched first and undone last, so that what the others leave behind meets no half of it
        stack.enter_context(_patched(watch))
        stack.enter_context(watched_tuples())
        if not watch.gently:
            stack.enter_context(watched_packs(watch.told))
        stack.enter_context(_profiled(watch, _Returns(watch, entries)))
        # last, because opening the others calls functions of torch too (``_asked_for_single_indices``), which are none
        # of the program's
        stack.enter_context(_Functions(watch))
        try:
            yield
        except AttributeError as error:
            watch.refused(error)
            raise


class _Functions(TorchFunctionMode):
    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__name__", "") == "_pad_packed_sequence":  # inside the function of that name without the dash
            return self._watch.padding(func, args, kwargs or {})
        return self._watch.function(func, args, kwargs or {})


@contextlib.contextmanager
def _patched(watch: Watch) -> Iterator[None]:
    resolve_name(torch.cat)  # torch makes its table of names once: from itself as it is, not as patched
    with contextlib.ExitStack() as patches:

        def replace(owner: object, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
            real = getattr(owner, name)
            # a program that asks for the signature of a module's forward shall see torch's
            patches.enter_context(mock.patch.object(owner, name, wraps(real)(make(real))))

        for tell, kinds in ((recurrent_calls.module_called, _RECURRENT), (recurrent_calls.cell_called, _CELLS)):
            for kind in kinds:
                replace(kind, "forward", partial(_forward, watch, tell))
                replace(kind, "__init__", partial(_building, watch, kind.__name__))
        replace(nn.Module, "__call__", partial(_calling, watch))
        replace(nn.Module, "__setattr__", partial(_setting, watch))
        # the usual ones: torch refuses a single tensor as early in hstack and the like, and what they raise is not
        # followed
        for name in () if watch.gently else ("cat", "concat", "concatenate", "stack"):
            replace(torch, name, partial(_joining, watch))
        replace(BackwardHookFunction, "apply", partial(_handing_through, watch))
        if not _asked_for_single_indices():
            for name in ("__getitem__", "__setitem__"):
                replace(Tensor, name, partial(_indexing, watch))
        for script in (torch.jit.ScriptModule, torch.jit.ScriptFunction):
            replace(script, "__call__", partial(_scripted, watch))
        yield


def _forward(watch: Watch, tell: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
    def forward(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        if watch.paused:
            watch.elsewhere(self)
            return real(self, *args, **kwargs)
        return tell(watch, self, real, args, kwargs)

    return forward


def _building(watch: Watch, cell: str, real: Callable[..., None]) -> Callable[..., None]:
    def __init__(self: nn.Module, *args: Any, **kwargs: Any) -> None:
        if watch.paused:
            return real(self, *args, **kwargs)
        recurrent_calls.constructed(watch, cell, args, kwargs)
        with watch.pause():
            return real(self, *args, **kwargs)

    return __init__


def _calling(watch: Watch, real: Callable[..., Any]) -> Callable[..., Any]:
    def __call__(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        def call() -> Any:
            return real(self, *args, **kwargs)

        if watch.paused:
            return call()
        # a module of the user's may answer anything when it is asked what it is
        why = watch.ours("the kind of a module", None, lambda: unfollowed(self), None)
        if why is not None:
            return watch.unfollowed(why, watch.name(self) or type(self).__name__, call, (args, kwargs))
        if watch.ours("the kind of a module", None, lambda: _is_layer(self), False):
            return watch.layer(self, call, args, kwargs)
        # counted, because modules are called inside modules, and each may raise
        watch.run.models += 1
        try:
            return call()
        finally:
            watch.run.models -= 1

    return __call__


def _scripted(watch: Watch, real: Callable[..., Any]) -> Callable[..., Any]:
    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        def call() -> Any:
            return real(self, *args, **kwargs)

        if watch.paused:
            return call()
        name = watch.ours("a name", None, lambda: _name_of_script(self), "a script")
        return watch.unfollowed("it is scripted", name, call, (args, kwargs))

    return __call__


def _name_of_script(script: Any) -> str:
    return str(getattr(script, "name", None) or getattr(script, "original_name", type(script).__name__))


def _joining(watch: Watch, real: Callable[..., Any]) -> Callable[..., Any]:
    """torch refuses a single tensor, or a tuple with another in it, before it asks anybody."""

    def join(*args: Any, **kwargs: Any) -> Any:
        first = args[0] if args else None
        refused = isinstance(first, Tensor) or (
            isinstance(first, Watched) and any(isinstance(part, tuple) for part in tuple.__iter__(first))
        )
        return watch.function(real, args, kwargs) if refused else real(*args, **kwargs)

    return join


def _handing_through(watch: Watch, real: Callable[..., Any]) -> Callable[..., Any]:
    """Full backward hooks hand every tensor that goes into a module, and comes out of it, through a function."""

    def apply(*tensors: Any) -> Any:
        result = real(*tensors)
        watch.same(tensors, result)
        return result

    return apply


def _asked_for_single_indices() -> bool:
    """Whether torch asks a mode about ``x[0]``, as it does about ``x[:, 0]``; before 2.4 it does not."""
    asked = []

    class Mode(TorchFunctionMode):
        def __torch_function__(
            self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            asked.append(func)
            return func(*args, **(kwargs or {}))

    tensor = torch.zeros(1)
    with Mode():
        tensor[0]
    return bool(asked)


def _indexing(watch: Watch, real: Callable[..., Any]) -> Callable[..., Any]:
    def indexed(self: Tensor, *args: Any) -> Any:
        return real(self, *args) if watch.paused else watch.function(real, (self, *args), {})

    return indexed


def _setting(watch: Watch, real: Callable[..., None]) -> Callable[..., None]:
    def __setattr__(self: nn.Module, name: str, value: Any) -> None:
        if not watch.paused and not isinstance(value, (nn.Module, nn.Parameter)):
            # told before it is kept, because a module's own __setattr__ may raise, and the use was meant all the same
            watch.kept(value)
        real(self, name, value)

    return __setattr__


def unfollowed(module: nn.Module) -> str | None:
    """Why a module cannot be looked into, None if it can."""
    if isinstance(module, torch.jit.ScriptModule):
        return "it is scripted"
    if not hasattr(getattr(torch, "compiler", None), "set_stance") and _is_compiled(
        module
    ):  # torch 2.6 runs it as it is written
        return "it is compiled"
    # by the module's name, because torch.ao.nn.quantized must not be imported for this, and was torch.nn.quantized
    # before
    if "quantized" in type(module).__module__ and type(module).__module__.startswith("torch."):
        return "it is quantized"
    return None


def _is_compiled(module: nn.Module) -> bool:
    # by name, because the class is dynamo's, which takes seconds to import
    return getattr(module, "_compiled_call_impl", None) is not None or type(module).__name__ == "OptimizedModule"


def _is_layer(module: nn.Module) -> bool:
    # by where the class is written, because a subclass of a layer can do anything in its forward
    own = type(module).__module__.startswith("torch.nn.modules.")
    return own and not isinstance(module, (*_RECURRENT, *_CELLS, *_CONTAINERS))


# --- functions of torch that are written in Python and call others ---------------------------------------------------


class _Returns:
    """A profile function: what functions are given, and what they return.

    Names imported from ``torch.nn.utils.rnn`` are bound already, so replacing them there would not do.
    """

    def __init__(self, watch: Watch, entries: frozenset[CodeType]) -> None:
        self._watch = watch
        self._entries = entries
        self._packing = {getattr(utils, name).__code__: name for name in _PACKING}
        self._open: list[tuple[FrameType, dict[str, Any] | None]] = []

    def __call__(self, frame: FrameType, event: str, result: object) -> None:
        # what is raised here would be raised in the program, and nobody told of anything any more
        if event == "call":
            self._watch.ours("the look at a call", None, lambda: self._called(frame), None)
        # only of the innermost call that is waited for: returns of all others are told as well
        elif event == "return" and self._open and self._open[-1][0] is frame:
            self._watch.ours("the look at a result", None, lambda: self._returned(frame, result), None, result)

    def _called(self, frame: FrameType) -> None:
        code = frame.f_code
        if code in self._packing and not self._watch.paused:
            self._open.append((frame, dict(frame.f_locals)))
            # until it returns: what these functions call inside is told as the one call they are
            self._watch.hold()
        elif code is _REBUILDING and not self._watch.paused:
            self._watch.rebuilt(frame.f_locals.get("batch_sizes"))
        elif code in self._entries and not self._open:
            self._open.append((frame, None))

    def _returned(self, frame: FrameType, result: object) -> None:
        _, given = self._open.pop()
        if given is not None:
            self._watch.release()
            if result is not None:  # None where it raised
                recurrent_calls.packed(self._watch, self._packing[frame.f_code], given, here(), result)
        elif result is not None:
            self._watch.returned(result, place_of(frame))


@contextlib.contextmanager
def _profiled(watch: Watch, profile: _Returns) -> Iterator[None]:
    before: Any = sys.getprofile()
    watch.listener = profile
    sys.setprofile(profile)
    try:
        yield
    finally:
        if isinstance(before, cProfile.Profile):  # not callable: it is switched on in a way of its own
            sys.setprofile(None)
            before.enable()
        else:
            sys.setprofile(before)
