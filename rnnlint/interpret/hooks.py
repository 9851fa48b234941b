"""Methods that build what ``__init__`` leaves to them (``setup``), called by whoever runs the model."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rnnlint.interpret.python.classes import bound, lineage
from rnnlint.interpret.python.own_attributes import stored_by
from rnnlint.interpret.relevance import holds_recurrent
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.made_once import NONE, Hook
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source.mentions import mentions_recurrent
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.domain import Class, Function, Ref, Value


def left_to_others(run: Run, cls: Class) -> tuple[Hook, ...]:
    """The methods of a class that build recurrent modules and nobody calls: those that others call come first."""
    hooks = run.made.hooks.get(cls.node)
    if hooks is None:
        hooks = run.made.hooks[cls.node] = tuple(_hooks(run, cls))
    return hooks


def _hooks(run: Run, cls: Class) -> Collection[Hook]:
    """What ``forward`` or ``__init__`` calls is their affair, and what computes gradients is no such method."""
    methods: dict[str, tuple[Function, Class, ir.FunctionDef]] = {}
    for owner, info in lineage(run.state.classes, cls):
        for name, value in info.names.items():
            if isinstance(value, Function) and isinstance(value.node, ir.FunctionDef):
                methods.setdefault(name, (value, owner, value.node))
    called = frozenset[str]().union(*(methods[name][2].names for name in _RUN if name in methods))
    building = {
        name: method
        for name, method in methods.items()
        # torch's own names: who computes gradients trains, which is no part of building
        if name not in _RUN and name not in called and not method[2].decorators and "backward" not in method[2].names
    }
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
    try:
        run.enter(bound(hook.function, hook.owner, instance), (), given)
    except TorchRaises:
        run.state.restore(frame, before)
        return
    cell = run.containers.object(instance)
    attrs = {} if cell is None else cell.attrs
    if not any(name in attrs and holds_recurrent(run.heap, attrs[name]) for name in hook.names):
        run.state.restore(frame, before)
