"""How the file builds its classes: what it gives them is remembered, and given again when they are run."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping

from rnnlint.interpret.evaluate import expressions
from rnnlint.interpret.python import objects
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.run import Run
from rnnlint.interpret.state.world import CallSite, Frame, Holder, Known
from rnnlint.source import program as ir
from rnnlint.values.domain import Class, DictCell, Free, Function, Lit, ObjectCell, Ref, Torch, Value

_DEEPEST = 3  # objects in objects


def call_site(run: Run, cls: Class, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> CallSite | None:
    """What is known of the arguments that a class is built with; None if it takes none."""
    node = _initialiser(run, cls)
    if node is None:
        return None
    names = [p.name for p in node.params[1:] if p.kind in ("", "keyword")]
    given = {**dict(zip(names, args, strict=False)), **{k: v for k, v in keywords.items() if k in names}}
    handed: list[tuple[str, Known]] = []
    size = 1
    for name, value in sorted(given.items(), key=lambda pair: pair[0]):
        known = _known(run, value)
        if known is not None and size + _size(known) <= LIMITS.known:
            handed.append((name, known))
            size += _size(known)
    left = frozenset() if "**" in keywords else frozenset(names).difference(given)
    return CallSite(cls, tuple(handed), left, size)


def _size(known: Known) -> int:
    match known:
        case CallSite():
            return known.size
        case Holder(held=held):
            return 1 + sum(_size(value) for _, value in held)
    return 1


def note(run: Run, site: CallSite) -> None:
    """The file builds the class of a call site this way."""
    if len(run.world.call_sites) < 40 * LIMITS.call_sites:
        run.world.call_sites.setdefault(site)


def _initialiser(run: Run, cls: Class) -> ir.FunctionDef | None:
    found = objects.method_of(run, cls, "__init__")
    return found[0].node if found is not None and isinstance(found[0].node, ir.FunctionDef) else None


def _known(run: Run, value: Value, depth: int = 0) -> Known | None:
    match value:
        case Torch() | Class():
            return value
        case Lit():
            parameters = [origin for origin in value.origins if isinstance(origin, Free)]
            if not parameters:
                return value
            return parameters[0] if len(value.origins) == 1 and parameters[0] in run.world.declared else None
        case Ref(cell) if depth < _DEEPEST:
            if cell in run.instances:
                return run.instances[cell]
            match run.heap[cell]:
                case ObjectCell(cls, attrs, None):
                    return Holder(cls, tuple(_held(run, attrs.items(), depth)))
                case DictCell(items, open_):
                    held = tuple(_held(run, items, depth))
                    return Holder(None, held, open_ or len(held) < len(items))
    return None


def _held(run: Run, items: Iterable[tuple[Hashable, Value]], depth: int) -> Iterator[tuple[Hashable, Known]]:
    for key, value in items:
        known = _known(run, value, depth + 1)
        if known is not None:
            yield key, known


def _again(run: Run, known: Known) -> Value:
    """What a call site gives, in another run."""
    match known:
        case Free():
            return run.parameter(known, *run.world.declared[known])
        case CallSite(cls):
            return built(run, cls, known)
        case Holder(None, held, open_):
            return run.new_cell(DictCell(tuple((key, _again(run, value)) for key, value in held), open_))
        case Holder(Class() as cls, held):
            attrs = {str(key): _again(run, value) for key, value in held}
            if objects.is_record(run, cls):
                return objects.instantiate(run, cls, (), attrs, say=False)
            return run.new_cell(ObjectCell(cls, attrs))
    assert isinstance(known, Lit | Torch | Class)
    return known


def built(run: Run, cls: Class, site: CallSite | None) -> Value:
    """An instance, as a call site builds it or as the class declares itself."""
    found = objects.method_of(run, cls, "__init__")
    given: dict[str, Value] = {}
    if found is not None:
        function, _ = found
        assert isinstance(function.node, ir.FunctionDef)
        said = dict(site.args) if site is not None else {}
        for param in function.node.params[1:]:
            if param.kind not in ("", "keyword"):
                continue
            known = said.get(param.name)
            if isinstance(known, Free):
                given[param.name] = run.parameter(Free(param.name, function.node), *run.world.declared[known])
            else:
                given[param.name] = as_declared(run, function, param) if known is None else _again(run, known)
                if site is not None and param.name in site.left:
                    run.left |= {Free(param.name, function.node)}
        given |= open_rest(function)
    return objects.instantiate(run, cls, (), given, say=False)


def as_declared(run: Run, function: Function, param: ir.Parameter) -> Value:
    """A parameter that nobody gives: its default, or what the class of the file holds that it is annotated with."""
    assert isinstance(function.node, ir.Node)
    frame = Frame({}, function.scope)
    default = None
    if param.default is not None:
        value = expressions.evaluate(run, frame, param.default)
        default = value if isinstance(value, Lit) else None
    elif isinstance(param.annotation, ir.Name):
        annotated = run.lookup(frame, param.annotation.id)
        if isinstance(annotated, Class) and objects.is_record(run, annotated):
            return objects.instantiate(run, annotated, (), {}, say=False)
    return run.parameter(Free(param.name, function.node), default, param.default or function.node)


def open_rest(function: Function) -> dict[str, Value]:
    """What else is handed to a function with ``*args`` or ``**kwargs``: nobody knows."""
    node = function.node
    assert isinstance(node, ir.FunctionDef)
    return {param.kind: Free(param.name, node) for param in node.params if param.kind in ("*", "**")}
