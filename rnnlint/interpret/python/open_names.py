"""Modules of an object under names that are not known: ``self.add_module(f"layer{i}", nn.GRU(8, 8))`` in a loop."""

from __future__ import annotations

from rnnlint.interpret.python import attributes
from rnnlint.interpret.python.classes import class_member
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Chain, Layer, Lit, Recurrent, RecurrentCell, Ref, Value
from rnnlint.values.walk import options

_ANY = "*"
"""The attribute that holds them, which no program can spell."""


def store(run: Run, receiver: Value, value: Value) -> None:
    """Such a module comes to an object; anything else under such a name is left alone.

    Of settings (``setattr(self, key, value)`` for each of a dict) the file asks by their own names.
    """
    if run.containers.object(receiver) is None or not all(_is_module(run, one) for one in options(value)):
        return
    before = held(run, receiver)
    attributes.set_attribute(run, receiver, _ANY, value if before is None else either((before, value)))


def held(run: Run, receiver: Value) -> Value | None:
    """What an object gives for such a name; None where it holds nothing under one."""
    if not isinstance(receiver, Ref) or run.containers.object(receiver) is None:
        return None
    return run.heap.attribute(receiver.cell, _ANY)


def put_together(run: Run, receiver: Value, name: Lit) -> Value | None:
    """What an object gives for a name that the program has put together, and under which it shows nothing stored."""
    cell = run.containers.object(receiver)
    made = any(isinstance(origin, ir.Node) for origin in name.origins)
    if cell is None or not made or name.value in cell.attrs or class_member(run, cell.cls, str(name.value)) is not None:
        return None
    return held(run, receiver)


def _is_module(run: Run, value: Value) -> bool:
    return isinstance(value, (Recurrent, RecurrentCell, Layer, Chain)) or run.containers.object(value) is not None
