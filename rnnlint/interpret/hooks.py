"""Methods that make what ``__init__`` leaves to them, called by whoever runs the model: modules (``setup``), and the
states that ``forward`` starts from (``init_hidden``)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from rnnlint.interpret.python.classes import bound, lineage, torch_base
from rnnlint.interpret.python.own_attributes import stored_by
from rnnlint.interpret.relevance import holds_recurrent
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.made_once import NONE, Hook
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.mentions import mentions_recurrent
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Class, Function, Ref, Tensor, Value
from rnnlint.values.heap_cells import ObjectCell
from rnnlint.values.origins import Fresh
from rnnlint.values.walk import leaves, sources


def left_to_others(run: Run, cls: Class) -> tuple[Hook, ...]:
    """The methods of a class that build recurrent modules and nobody calls: those that others call come first."""
    hooks = run.made.hooks.get(cls.node)
    if hooks is None:
        hooks = run.made.hooks[cls.node] = tuple(_hooks(run, cls))
    return hooks


def _hooks(run: Run, cls: Class) -> Collection[Hook]:
    """What ``forward`` or ``__init__`` calls is their affair, and what computes gradients is no such method."""
    building = _uncalled(_methods(run, cls))
    found: dict[str, Hook] = {}
    while True:
        more = [
            (name, method)
            for name, method in building.items()
            if name not in found and (mentions_recurrent(method[2].names) or method[2].names & found.keys())
        ]
        if not more:
            return found.values()
        for name, (function, owner, node) in more:
            own = frozenset(stored_by(node))
            inner = (hook.names for other, hook in found.items() if other in node.names)
            found[name] = Hook(function, owner, own, own.union(*inner))


_Methods: TypeAlias = dict[str, tuple[Function, Class, ir.FunctionDef]]


def _methods(run: Run, cls: Class) -> _Methods:
    methods: _Methods = {}
    for owner, info in lineage(run.state.classes, cls):
        for name, value in info.names.items():
            if isinstance(value, Function) and isinstance(value.node, ir.FunctionDef):
                methods.setdefault(name, (value, owner, value.node))
    return methods


def _uncalled(methods: _Methods) -> _Methods:
    """What neither ``__init__`` nor ``forward`` calls, and prepares the model for somebody."""
    called = frozenset[str]().union(*(methods[name][2].names for name in _RUN if name in methods))
    return {
        name: method
        for name, method in methods.items()
        # torch's own names: who computes gradients trains, which is no part of building
        if name not in _RUN and name not in called and not method[2].decorators and "backward" not in method[2].names
    }


_RUN = ("__init__", "forward")
"""What is run of a module without being asked for by its own code."""


def is_needed(run: Run, instance: Ref, hook: Hook) -> bool:
    """Whether something that a method would store is not there yet."""
    cell = run.containers.object(instance)
    return cell is not None and any(cell.attrs.get(name, NONE) == NONE for name in hook.own)


def set_up(run: Run, instance: Ref, hook: Hook, given: Mapping[str, Value]) -> None:
    """Run a method that builds modules; where it builds none, nothing has happened."""
    frame = Frame({}, 0)
    before = run.state.snapshot(frame)
    if not _run(run, instance, hook, given):
        run.state.restore(frame, before)
        return
    cell = run.containers.object(instance)
    attrs = {} if cell is None else cell.attrs
    if not any(name in attrs and holds_recurrent(run.heap, attrs[name]) for name in hook.names):
        run.state.restore(frame, before)


def _run(run: Run, instance: Ref, hook: Hook, given: Mapping[str, Value]) -> bool:
    """Run a method; whether torch does not raise in it."""
    try:
        run.enter(bound(hook.function, hook.owner, instance), (), given)
    except TorchRaises:
        return False
    return True


def starting(run: Run, cls: Class) -> tuple[Hook, ...]:
    """The methods of a module that nobody of its class calls, and that store what its ``forward`` reads."""
    found = run.made.starting.get(cls.node)
    if found is None:
        found = run.made.starting[cls.node] = tuple(_starting(run, cls))
    return found


def _starting(run: Run, cls: Class) -> Iterator[Hook]:
    if not (torch_base(run, cls) or "").startswith("torch.nn."):
        return
    methods = _methods(run, cls)
    read = methods["forward"][2].names if "forward" in methods else frozenset[str]()
    for function, owner, node in _uncalled(methods).values():
        own = frozenset(stored_by(node)) & read
        # who goes through data, or runs the model, trains or samples
        if own and "forward" not in node.names and not any(isinstance(one, _LOOPS) for one in walking.walk(node)):
            yield Hook(function, owner, own, own)


_LOOPS = (ir.For, ir.While)


def start(run: Run, instance: Ref, hook: Hook, given: Mapping[str, Value]) -> None:
    """Run a method that stores states: ``forward`` starts from these, or from the None that ``__init__`` has stored.

    Of all that it does, only tensors that are made there count.
    """
    frame = Frame({}, 0)
    before = run.state.snapshot(frame)
    old = run.containers.object(instance)
    new = run.containers.object(instance) if _run(run, instance, hook, given) else None
    run.state.restore(frame, before)
    if old is None or new is None:
        return
    made = {name: new.attrs[name] for name in sorted(hook.own) if name in new.attrs and _is_state(new.attrs[name])}
    left = {name: either((NONE, value)) if name in old.attrs else value for name, value in made.items()}
    if left:
        run.containers.put(instance, ObjectCell(old.cls, {**old.attrs, **left}, old.base, old.record))


def _is_state(value: Value) -> bool:
    """Whether a value is a tensor that the program has made from nothing, or a tuple of such."""
    every = list(leaves(value))
    return bool(every) and all(
        isinstance(one, Tensor) and any(isinstance(getattr(source, "key", None), Fresh) for source in sources(one))
        for one in every
    )
