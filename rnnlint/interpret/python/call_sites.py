"""How the file builds its classes: what it gives them is remembered."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping

from rnnlint.interpret.python.classes import method_of
from rnnlint.interpret.state.known import CallSite, Handed, Holder
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.values.domain import Class, Free, Lit, Ref, Torch, Value
from rnnlint.values.heap_cells import DictCell, ObjectCell

_DEEPEST = 3
"""Objects in objects (``args.model.hidden``) that are looked into; a convention, and they can hold themselves."""


def call_site(run: Run, cls: Class, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> CallSite | None:
    """What is known of the arguments that a class is built with; None if it takes none."""
    node = _initialiser(run, cls)
    if node is None:
        return None
    names = [p.name for p in node.params[1:] if p.kind in ("", "keyword")]
    given = {**dict(zip(names, args, strict=False)), **{k: v for k, v in keywords.items() if k in names}}
    handed: list[tuple[str, Handed]] = []
    size = 1
    for name, value in sorted(given.items(), key=lambda pair: pair[0]):
        known = _known(run, value)
        if known is not None and size + _size(known) <= LIMITS.known:
            handed.append((name, known))
            size += _size(known)
    left = frozenset() if "**" in keywords else frozenset(names).difference(given)
    return CallSite(cls, tuple(handed), left, size)


def _size(known: Handed) -> int:
    match known:
        case CallSite():
            return known.size
        case Holder(held=held):
            return 1 + sum(_size(value) for _, value in held)
    return 1


def note(run: Run, site: CallSite) -> None:
    """The file builds the class of a call site this way."""
    run.meet(site)


def _initialiser(run: Run, cls: Class) -> ir.FunctionDef | None:
    found = method_of(run, cls, "__init__")
    return found[0].node if found is not None and isinstance(found[0].node, ir.FunctionDef) else None


def _known(run: Run, value: Value, depth: int = 0) -> Handed | None:
    match value:
        case Torch() | Class():
            return value
        case Lit():
            parameters = [origin for origin in value.origins if isinstance(origin, Free)]
            if not parameters:
                return value
            return parameters[0] if len(value.origins) == 1 and run.facts.declared(parameters[0]) else None
        case Ref(cell) if depth < _DEEPEST:
            instance = run.state.instance(cell)
            if instance is not None:
                return instance
            match run.heap[cell]:
                case ObjectCell(cls, base=None):
                    return Holder(cls, tuple(_held(run, run.heap.attributes(cell).items(), depth)))
                case DictCell(items, open_):
                    held = tuple(_held(run, items, depth))
                    return Holder(None, held, open_ or len(held) < len(items))
    return None


def _held(run: Run, items: Iterable[tuple[Hashable, Value]], depth: int) -> Iterator[tuple[Hashable, Handed]]:
    for key, value in items:
        known = _known(run, value, depth + 1)
        if known is not None:
            yield key, known
