"""Tables from which a recurrent module is taken by a name, a flag or a number that the file leaves open.

Which entry is taken and what the program asks of the key later are one fact: in a run that takes ``"gru"`` of
``KINDS[kind]``, ``kind`` is ``"gru"``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from rnnlint.interpret.state import choosing
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source.mentions import mentioned_in, mentions_recurrent
from rnnlint.values.alternatives import MOST_OPTIONS
from rnnlint.values.domain import Bound, Class, Free, Function, Lit, Recurrent, RecurrentCell, Ref, Torch, Value
from rnnlint.values.forms import Equal, Not
from rnnlint.values.walk import held, parts, walk


def key_of(run: Run, table: Mapping[Hashable, Value], key: Value, otherwise: Value | None = None) -> Value:
    """The key by which a table is read, decided in this run where it decides about a recurrent module.

    ``otherwise`` is taken where the table has no such key.  Of a text of which it is only known that it is no key, the
    key is given back.  Raises Need where each entry is to have a run.
    """
    if not _open(key) or not _deciding(run, [*table.values(), *([] if otherwise is None else [otherwise])]):
        return key
    kinds = {*map(type, table)}
    if kinds == {str}:
        return _text(run, tuple(map(str, table)), key, otherwise is not None)
    if kinds == {bool}:
        return _flag(run, key)
    return _number(run, [one for one in table if isinstance(one, int)], key) if kinds == {int} else key


def recurrent_in(run: Run, table: Mapping[str, Value]) -> Mapping[Hashable, Value]:
    """The entries that are recurrent modules, or classes of them: what else an object has is no choice beside these."""
    kinds = (Recurrent, RecurrentCell)
    return {key: one for key, one in table.items() if isinstance(one, kinds) or is_recurrent_class(one)}


def is_recurrent_class(value: Value | None) -> bool:
    """Whether a value is a class of torch's recurrent modules."""
    return isinstance(value, Torch) and mentions_recurrent((value.name,))


def place_of(run: Run, items: Sequence[Value], key: Value) -> Value:
    """The same of the index of a list or tuple: ``[nn.LSTM, nn.GRU][kind == "gru"]``."""
    if not _open(key) or not _deciding(run, items):
        return key
    truth = isinstance(key, Lit) and isinstance(key.value, bool)
    if truth or (isinstance(key, Free) and isinstance(key.form, (Equal, Not))):
        return _flag(run, key)
    return _number(run, range(len(items)), key)


def _open(key: Value) -> bool:
    """Whether a key is left to whoever builds the class, so that there is a fact to be assumed."""
    return isinstance(key, Free) or (isinstance(key, Lit) and bool(key.origins))


def _text(run: Run, keys: tuple[str, ...], key: Value, otherwise: bool) -> Value:
    if not otherwise:
        chosen = choosing.text(run.facts, key, keys) if len(keys) <= MOST_OPTIONS else None
        return key if chosen is None else Lit(chosen)
    if not isinstance(key, (Free, Lit)):
        return key
    taken = [one for one in keys if run.facts.equals(key, Lit(one), force=True)]
    return Lit(taken[0]) if taken else _NO_KEY


_NO_KEY = Lit(None)
"""What no table of texts has."""


def _flag(run: Run, key: Value) -> Value:
    truth = run.facts.flag(key, force=True)
    return key if truth is None else Lit(truth)


def _number(run: Run, numbers: Sequence[int], key: Value) -> Value:
    number = choosing.number(run.facts, key, numbers) if len(numbers) <= MOST_OPTIONS else None
    return key if number is None else Lit(number)


def _deciding(run: Run, entries: Sequence[Value]) -> bool:
    """Whether it decides about a recurrent module which of several values is taken: equal ones are no choice."""
    modules = [one for one in entries if isinstance(one, (Recurrent, RecurrentCell))]
    if len(modules) == len(entries):
        return any(replace(one, site=None) != replace(modules[0], site=None) for one in modules[1:])
    return len(entries) > 1 and any(_recurrent(run, entry) for entry in entries)


def _recurrent(run: Run, value: Value) -> bool:
    """Whether a value is, holds or may build a recurrent module."""

    def into(one: Value) -> Sequence[Value]:
        match one:
            case Ref(cell) if run.containers.object(one) is not None:
                return tuple(run.heap.attributes(cell).values())
            case Ref(cell):
                return held(run.heap[cell])
            case Bound(receiver):
                return (receiver,)
        return parts(one)

    for one in walk(value, into):
        match one:
            case Recurrent() | RecurrentCell():
                return True
            case Torch() if is_recurrent_class(one):
                return True
            case Class(node=ir.ClassDef() as node) if mentions_recurrent((node.name, *node.names)):
                return True
            case Function(node=ir.FunctionDef() as node) if mentions_recurrent((node.name, *node.names)):
                return True
            case Function(node=ir.Lambda() as node) if mentions_recurrent(mentioned_in(node)):
                return True
    return False
