"""How the file builds its classes: what it gives them is remembered."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping

from rnnlint.interpret.python.classes import method_of
from rnnlint.interpret.state.known import CallSite, Handed, Holder, Row
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.values.domain import (
    Chain,
    Class,
    File,
    Free,
    Function,
    Items,
    Layer,
    Lit,
    Partial,
    Recurrent,
    RecurrentCell,
    Ref,
    Torch,
    Value,
)
from rnnlint.values.heap_cells import DictCell, ListCell, ObjectCell
from rnnlint.values.walk import in_memory, walk

_DEEPEST = 3
"""Objects in objects (``args.model.hidden``) that are looked into; a convention, and they can hold themselves."""


def call_site(run: Run, cls: Class, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> CallSite | None:
    """What is known of the arguments that a class is built with; None if it takes none."""
    node = _initialiser(run, cls)
    if node is None:
        return None
    names = [p.name for p in node.params[1:] if p.kind in ("", "keyword")]
    given = {**dict(zip(names, args, strict=False)), **{k: v for k, v in keywords.items() if k in names}}
    into = in_memory(run.heap)
    modules = any(_is_module(run, one) for value in given.values() for one in walk(value, into))
    handed: list[tuple[str, Handed]] = []
    size = 1
    for name, value in sorted(given.items(), key=lambda pair: pair[0]):
        known = _known(run, value, modules)
        if known is not None and size + _size(known) <= LIMITS.known:
            handed.append((name, known))
            size += _size(known)
    through = tuple(call.place for call in run.here.path.calls)
    others = _others(run, node, names, keywords, modules)
    if others is not None and size + _size(others) <= LIMITS.known:
        handed.append(("**", others))
        size += _size(others)
    left = frozenset() if "**" in keywords else frozenset(names).difference(given)
    settings = frozenset(name for name, known in handed if isinstance(known, Free) and _is_setting(run, known))
    return CallSite(cls, tuple(handed), left, size, modules, run.site.node, through, settings=settings)


def _is_setting(run: Run, free: Free) -> bool:
    """Whether an open value is no parameter of a function, or one that is left at its default or given a setting."""
    return not isinstance(free.owner, ir.FunctionDef) or free in run.facts.left


def _others(
    run: Run, node: ir.FunctionDef, names: list[str], keywords: Mapping[str, Value], modules: bool
) -> Holder | None:
    """What is given beside the parameters, where there is one for the rest; None where there is none, or nothing is."""
    more = [(name, value) for name, value in keywords.items() if name not in names and name != "**"]
    if not more or all(param.kind != "**" for param in node.params):
        return None
    return Holder(None, tuple(_held(run, more, modules, 1)), "**" in keywords)


def _is_module(run: Run, value: Value) -> bool:
    """Whether a value is a module of torch's, or an object that is built with one."""
    if isinstance(value, Ref):
        built = run.state.instance(value.cell)
        return built is not None and built.modules
    return isinstance(value, (Recurrent, RecurrentCell, Layer, Chain))


def _size(known: Handed) -> int:
    match known:
        case CallSite():
            return known.size
        case Holder(held=held):
            return 1 + sum(_size(value) for _, value in held)
        case Row(items):
            return 1 + sum(map(_size, items))
    return 1


def note(run: Run, site: CallSite) -> None:
    """The file builds the class of a call site this way."""
    run.meet(site)


def _initialiser(run: Run, cls: Class) -> ir.FunctionDef | None:
    found = method_of(run, cls, "__init__")
    return found[0].node if found is not None and isinstance(found[0].node, ir.FunctionDef) else None


def _known(run: Run, value: Value, modules: bool, depth: int = 0) -> Handed | None:
    """What is known of an argument; beside ``modules``, whose sizes may be its own, open values are handed on too."""
    match value:
        case Torch() | Class() | File() | Recurrent() | RecurrentCell():
            return value
        case Function(node=ir.FunctionDef() | ir.Lambda(), receiver=None, owner=None):
            return value if run.state.scopes[value.scope][1] is None else None  # what it reads stands in the file
        case Partial(function, given):
            plain = all(isinstance(one, (Lit, Torch, Class)) for one in given)
            return value if plain and _known(run, function, modules, depth) is function else None
        case Free():
            default = None if modules else run.facts.declared(value)
            # a text may have been made a number of since, which is the same open value
            return value if modules or (default is not None and type(default[0].value) is int) else None
        case Lit():
            parameters = [origin for origin in value.origins if isinstance(origin, Free)]
            if modules or not parameters:
                return value
            return parameters[0] if len(value.origins) == 1 and run.facts.declared(parameters[0]) else None
        case Layer(facts=facts):
            return value if all(_is_plain(one) for _, one in facts) else None
        case Chain(items):
            known = [_known(run, one, modules, depth) for one in items]
            return value if all(one is as_known for one, as_known in zip(items, known, strict=True)) else None
        case Items(items, None) if modules:
            return _row(run, items, True, depth)
        case Ref(cell) if depth < _DEEPEST:
            return _held_by(run, cell, modules, depth)
    return None


def _is_plain(value: Value) -> bool:
    return all(map(_is_plain, value.items)) if isinstance(value, Items) else isinstance(value, (Lit, Free))


def _row(run: Run, items: tuple[Value, ...], is_tuple: bool, depth: int) -> Row | None:
    known = [_known(run, one, True, depth + 1) for one in items]
    every = tuple(one for one in known if one is not None)
    return Row(every, is_tuple) if len(every) == len(items) else None


def _held_by(run: Run, cell: int, modules: bool, depth: int) -> Handed | None:
    instance = run.state.instance(cell)
    if instance is not None:
        return instance
    match run.heap[cell]:
        case ObjectCell(cls, base=None):
            return Holder(cls, tuple(_held(run, run.heap.attributes(cell).items(), modules, depth)))
        case DictCell(items, open_, rest):
            held = tuple(_held(run, items, modules, depth))
            # a key that is left out was set in the file: it is not what the rest holds
            return Holder(None, held, open_ or len(held) < len(items), rest if len(held) == len(items) else None)
        case ListCell(items, None) if modules:
            return _row(run, items, False, depth)
    return None


def _held(
    run: Run, items: Iterable[tuple[Hashable, Value]], modules: bool, depth: int
) -> Iterator[tuple[Hashable, Handed]]:
    for key, value in items:
        known = _known(run, value, modules, depth + 1)
        if known is not None:
            yield key, known
