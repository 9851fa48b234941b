"""Conditions and handlers that ask what a value is, in a way that is not followed.

``view = state.view(-1) if callable(getattr(state, "view", None)) else state[0]``: whoever asks first knows that it may
be a pair, and the arm that cannot go on is not taken.  Likewise ``try: state.detach()`` with a handler that reads the
state in another way.
"""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.events import Event, PackedRead, PaddedRead, PairRead, ResultRead
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.values.domain import Either, Items, Packed, PaddedPair, PairOf, Recurrent, Ref, ResultOf, Value

_PACKED = "packed"
_PADDED = "padded"


def asked_about(run: Run, frame: Frame, *nodes: ir.Node) -> frozenset[Hashable]:
    """The calls whose tuples, and the modules, that a condition or a handler mentions by name."""
    names = [name for node in nodes for name in _names(run, node)]
    receiver = frame.receiver
    if not isinstance(receiver, Ref) or run.containers.object(receiver) is None:
        receiver = None
    # whoever trains on packed batches and is asked for single sequences tells them apart by the mode of the model
    found: set[Hashable] = {_PACKED} if "training" in names else set()
    for name in names:
        value = run.state.lookup(frame, name)
        if value is not None:
            found |= _known_by(value)
        own = None if receiver is None else run.heap.attribute(receiver.cell, name)
        if own is not None:
            found |= _known_by(own)
    return frozenset(found)


def _names(run: Run, node: ir.Node) -> tuple[str, ...]:
    """The names and attributes in a node."""
    names = run.made.names.get(node)
    if names is None:
        names = run.made.names[node] = tuple(dict.fromkeys(filter(None, map(ir.last_name, walking.walk(node)))))
    return names


def _known_by(value: Value) -> set[Hashable]:
    match value:
        case Either(options):
            return set().union(*map(_known_by, options))
        case Items(_, PaddedPair()):
            return {_PADDED}
        case Items(_, PairOf(call) | ResultOf(call)):
            return {call}
        case Packed():
            return {_PACKED}
        case Recurrent():
            return {("module", value.site)}
    return set()


def answered(event: Event, asked: frozenset[Hashable]) -> bool:
    """Whether an event says that torch raises on something a condition has asked about."""
    match event:
        case PairRead() | ResultRead():
            module = () if event.module is None else (("module", event.module.site),)
            return event.result is None and not asked.isdisjoint((event.call, *module))
        case PackedRead():
            return _PACKED in asked
        case PaddedRead():
            return _PADDED in asked
    return False
