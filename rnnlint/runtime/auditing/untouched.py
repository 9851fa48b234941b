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
import types
import weakref
from collections import deque
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.modules import module as module_globals

from rnnlint.runtime.auditing.restoring import OTHERS, cells_of, of_others, restores_of, scripted_attributes, slots_of
from rnnlint.runtime.auditing.settings import Restore, settings

_DEEP = 3  # objects that are followed one inside the other; what lies deeper is seldom the model's own (a trainer's)

# What holds nothing that could change; most of what lies in a vocabulary.
_ATOMS = frozenset({int, float, bool, str, bytes, complex, type(None), torch.Size, torch.dtype, torch.device})

# Objects that hold attributes but no state of a model.
_NOT_FOLLOWED = (types.ModuleType, types.BuiltinFunctionType, enum.Enum, weakref.ReferenceType)
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
    # ``_global_``: how torch calls the tables of hooks that run for every module
    waiting += [(hooks, 0) for name, hooks in vars(module_globals).items() if name.startswith("_global_")]
    known: set[int] = set()
    storages: set[int] = set()
    while waiting:
        # the last first: order does not matter for what is reached, and a list pops from its end at once
        held, depth = waiting.pop()
        if type(held) in _ATOMS or id(held) in known:
            continue
        known.add(id(held))
        if isinstance(held, weakref.ProxyTypes):
            continue
        try:
            restores, children = list(restores_of(held, storages)), list(_children(held, depth))
        except Exception as error:  # whatever an object of the user's raises
            said = f"a {type(held).__name__} cannot be copied ({type(error).__name__}: {error})".splitlines()[0]
            restores, children = [functools.partial(_say, said)], []
        # before what it holds: undone in reverse, so that parts are put back before the whole that holds them
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
            yield from ((value, depth) for _, value in slots_of(held))
            yield from ((kind, depth) for kind in type(held).__mro__)
            if isinstance(held, torch.jit.ScriptModule):
                yield from ((value, depth) for value in scripted_attributes(held).values())
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
        case types.FunctionType() if not of_others(held.__module__):
            yield from ((cell.cell_contents, depth) for cell in cells_of(held))
            yield held.__defaults__, depth
            yield held.__kwdefaults__, depth
            yield vars(held), depth
        case types.MethodType():
            yield held.__self__, depth
            yield held.__func__, depth
        case functools.partial():
            yield from ((part, depth) for part in (held.func, held.args, held.keywords))
        case type():
            if not of_others(held.__module__):
                # not what its methods close over: that is the program's around the class
                yield from ((one, depth) for one in vars(held).values() if not isinstance(one, types.FunctionType))
        case types.FunctionType():
            pass
        case _ if depth < _DEEP and _is_record(held):
            if type(getattr(held, "__dict__", None)) is dict:
                yield vars(held), depth + 1
            yield from ((value, depth + 1) for _, value in slots_of(held))
        case _:
            pass


def _is_record(held: object) -> bool:
    """Whether an object can hold state of a model."""
    package = type(held).__module__.partition(".")[0]
    followed = package not in OTHERS or package in _OF_TORCH or package in _RECORDS
    return followed and not isinstance(held, _NOT_FOLLOWED)
