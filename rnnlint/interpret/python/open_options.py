"""Settings that are read by name from what the file does not show: ``kwargs.get("hidden", 64)``, ``config["cell"]``."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from rnnlint.interpret.state.heap import FOREIGN
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.modules.constructors import RECURRENT
from rnnlint.values.domain import Free, Lit, Recurrent, RecurrentCell, Ref, Value
from rnnlint.values.heap_cells import DictCell
from rnnlint.values.roots import part


def of_key(rest: Free, key: object) -> Free:
    """What an open dict holds under a key: the same wherever it is read."""
    return part(rest, f"{rest.key}[{key!r}]")


def rest_of(run: Run, value: Value) -> Free | None:
    """What the keys of a dict are read from that it does not show; None for none, and where nobody can name it."""
    if isinstance(value, Free):
        return value
    cell = run.heap[value.cell] if isinstance(value, Ref) else None
    return cell.rest if isinstance(cell, DictCell) and cell.open else None


def store(run: Run, name: str, free: Free, value: Value) -> None:
    """The program stores a value on an object that it does not show, under a name: it is what is read there from now on
    in the place of ``free``."""
    if name in run.known.text.stores:
        cell = run.heap[FOREIGN]
        assert isinstance(cell, DictCell)
        run.containers.put(run.made.refs[FOREIGN], DictCell(tuple({**dict(cell.items), free: value}.items())))


def stored(run: Run, name: str, free: Free) -> Value | None:
    """What the program has stored in the place of ``free``; None for nothing."""
    if name not in run.known.text.stores:
        return None
    cell = run.heap[FOREIGN]
    return dict(cell.items).get(free) if isinstance(cell, DictCell) and cell.items else None


def or_default(run: Run, name: str, option: Free, default: Value | None) -> Value:
    """A setting under a name, where it is read with a default: the default is what the file declares.

    A number stays open: the same setting may be read elsewhere without its default, and is one size.
    """
    node = run.site.node
    known = stored(run, name, option)
    if known is not None:
        return known
    if default is None or not isinstance(node, ir.Node):
        return option
    if isinstance(default, (Recurrent, RecurrentCell)) or default in RECURRENT:
        run.facts.declare(option, Lit(None), node)
        return option if run.facts.flag(option, force=True) else default
    if not isinstance(default, Lit):
        return option
    if type(default.value) in (int, float):
        run.facts.declare(option, default, node)
        return run.facts.parameter(option, None, node)
    return run.facts.parameter(option, default, node)


def defaults_under(run: Run, pairs: Mapping[Hashable, Value], rest: Free | None) -> dict[Hashable, Value]:
    """What a dict holds into which ``rest`` is put: under its keys are the defaults of what ``rest`` may give.

    (``{**defaults, **given}``, ``defaults.update(given)``.)
    """
    node = run.site.node
    if rest is None or not isinstance(node, ir.Node):
        return dict(pairs)
    return {
        key: run.facts.parameter(of_key(rest, key), value, node)
        if isinstance(value, Lit) and value.value is not None and isinstance(key, str)
        else value
        for key, value in pairs.items()
    }
