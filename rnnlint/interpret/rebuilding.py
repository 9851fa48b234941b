"""Classes built again, as the file's own call sites build them or as they declare themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from rnnlint import cells
from rnnlint.interpret import building_sites, hooks
from rnnlint.interpret.evaluate.dispatch import evaluate
from rnnlint.interpret.python import entry_points, objects, project_files
from rnnlint.interpret.python.classes import is_record, lineage, method_of, only_holds, torch_base
from rnnlint.interpret.state import choosing
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.known import CallSite, Handed, Holder, Row
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
from rnnlint.values.facts import Fact, FactKind
from rnnlint.values.heap_cells import DictCell, ObjectCell

Shared: TypeAlias = dict[Free, Free]
"""Options that call sites hand on, each with the first parameter that it was handed to."""


def _again(run: Run, known: Handed, as_is: bool, shared: Shared) -> Value:
    """What a call site gives, in another run."""
    match known:
        case Free():
            declared = run.facts.declared(known)
            return known if declared is None else run.facts.parameter(known, *declared)
        case CallSite(cls):
            return built(run, cls, known, as_is, shared)
        case Holder(None, held, open_, rest):
            pairs = tuple((key, _again(run, value, as_is, shared)) for key, value in held)
            return run.containers.new_cell(DictCell(pairs, open_, rest))
        case Holder(Class() as cls, held):
            attrs = {str(key): _again(run, value, as_is, shared) for key, value in held}
            if is_record(run, cls):
                return objects.instantiate(run, cls, (), attrs, say=False)
            return run.containers.new_cell(ObjectCell(cls, attrs, record=only_holds(run, cls)))
        case Row(items, is_tuple):
            row = tuple(_again(run, one, as_is, shared) for one in items)
            return Items(row) if is_tuple else run.containers.new_list(row)
        case Lit() | Torch() | Class() | Function() | Partial() | File():
            return known
        case Recurrent() | RecurrentCell() | Layer() | Chain():
            return known
    raise TypeError(known)


def built(run: Run, cls: Class, site: CallSite | None, as_is: bool = False, shared: Shared | None = None) -> Value:
    """An instance, as a call site builds it or as the class declares itself.

    ``as_is``: the function around the call site has handed on open values as they are, as beside modules.  What several
    instances are handed that are built together is one thing to all of them, which ``shared`` remembers.
    """
    shared = {} if shared is None else shared
    found = method_of(run, cls, "__init__")
    given: dict[str, Value] = {}
    as_is = as_is or (site is not None and site.modules)
    if found is not None:
        function, _ = found
        assert isinstance(function.node, ir.FunctionDef)
        said = dict(site.args) if site is not None else {}
        for param in function.node.params[1:]:
            if param.kind not in ("", "keyword"):
                continue
            known = said.get(param.name)
            if isinstance(known, Free) and not as_is:
                own = run.made.frees[param.name, function.node]
                first = shared.setdefault(known, own)
                free = own if first.owner is function.node else first
                given[param.name] = run.facts.parameter(free, *_declared(run, known))
                if site is not None and param.name in site.settings:
                    run.facts.left |= {free}
            else:
                given[param.name] = (
                    as_declared(run, function, param) if known is None else _again(run, known, as_is, shared)
                )
                if site is not None and param.name in site.left:
                    run.facts.left |= {run.made.frees[param.name, function.node]}
        given |= open_rest(function)
        others = said.get("**")
        if isinstance(others, Holder):
            given |= {str(name): _again(run, value, as_is, shared) for name, value in others.held}
            if not others.open:
                given.pop("**", None)
    instance = objects.instantiate(run, cls, (), given, say=False)
    if isinstance(instance, Ref):
        for hook in hooks.left_to_others(run, cls):
            if hooks.is_needed(run, instance, hook):
                hooks.set_up(run, instance, hook, _nobody_gives(run, hook.function))
        for hook in hooks.starting(run, cls):
            if hooks.is_needed(run, instance, hook):
                hooks.start(run, instance, hook, _nobody_gives(run, hook.function))
    return instance


def settled(run: Run, site: CallSite) -> frozenset[Free]:
    """The flags that a call site leaves at their defaults beside a recurrent module that it hands on: an arm for
    another flag is for another module."""
    found: frozenset[Free] = frozenset()
    initialiser = method_of(run, site.cls, "__init__")
    if initialiser is not None and building_sites.settles(site):
        found = frozenset(run.made.frees[name, initialiser[0].node] for name in site.left)
    return found.union(*(settled(run, one) for _, value in site.args for one in _inside(value)))


def _inside(known: Handed) -> Iterator[CallSite]:
    """The call sites of the instances that are handed on."""
    match known:
        case CallSite():
            yield known
        case Holder(held=held):
            for _, value in held:
                yield from _inside(value)
        case Row(items):
            for value in items:
                yield from _inside(value)


def _nobody_gives(run: Run, function: Function) -> dict[str, Value]:
    """What a method is called with by nobody in the file."""
    assert isinstance(function.node, ir.FunctionDef)
    params = [param for param in function.node.params[1:] if param.kind in ("", "keyword")]
    return {param.name: as_declared(run, function, param) for param in params} | open_rest(function)


def as_declared(run: Run, function: Function, param: ir.Parameter) -> Value:
    """A parameter that nobody gives: its default, or what the class of the file holds that it is annotated with."""
    assert isinstance(function.node, ir.Node)
    entry = entry_points.given(run, function.node, function.scope, param)
    if entry is not None:
        return entry
    default = None
    if param.default is not None:
        value = evaluate(run, Frame({}, function.scope), param.default)
        if isinstance(value, Torch) and value.name.removeprefix("torch.nn.") in (*cells.LAYERS, *cells.CELLS):
            free = run.made.frees[param.name, function.node]
            kind = choosing.module(run.facts, free, value.name.removeprefix("torch.nn."), param.default)
            return Torch(f"torch.nn.{kind}")
        default = value if isinstance(value, Lit) else None
    elif param.annotation is not None:
        annotated = _annotated(run, function, param.annotation)
        if isinstance(annotated, Class) and is_record(run, annotated):
            return objects.instantiate(run, annotated, (), {}, say=False)
        if isinstance(annotated, Class) and _is_configuration(run, annotated):
            return built(run, annotated, None)
    return run.facts.parameter(run.made.frees[param.name, function.node], default, param.default or function.node)


def _annotated(run: Run, function: Function, annotation: ir.Expr) -> Value | None:
    """What a name is, or a member of a module."""
    frame = Frame({}, function.scope)
    if isinstance(annotation, ir.Name):
        return run.state.lookup(frame, annotation.id)
    holder = _annotated(run, function, annotation.value) if isinstance(annotation, ir.Attribute) else None
    return project_files.member(run, holder.key, annotation.attr) if isinstance(holder, File) else None  # type: ignore[union-attr]


def _is_configuration(run: Run, cls: Class) -> bool:
    """Whether a class holds settings: all that it is built with has a default, and it is no module."""
    found = method_of(run, cls, "__init__")
    if found is None or not isinstance(found[0].node, ir.FunctionDef) or torch_base(run, cls) is not None:
        return False
    bases = (base for _, info in lineage(run.state.classes, cls) for base in info.bases)
    return all(not isinstance(base, Free) or base.key.endswith(_OF_SETTINGS) for base in bases) and all(
        param.default is not None or param.kind in ("*", "**") for param in found[0].node.params[1:]
    )


_OF_SETTINGS = ("Config", "Configuration", "Settings")
"""What classes of settings derive from that other packages define."""


def open_rest(function: Function) -> dict[str, Value]:
    """What else is handed to a function with ``*args`` or ``**kwargs``: nobody knows."""
    node = function.node
    assert isinstance(node, ir.FunctionDef)
    return {param.kind: Free(param.name, node) for param in node.params if param.kind in ("*", "**")}


def _declared(run: Run, free: Free) -> tuple[Lit, ir.Node]:
    """The default of a parameter that a call site has handed on: only such are handed on that have one."""
    found = run.facts.declared(free)
    assert found is not None
    return found


def free_call(
    run: Run, function: Function, receiver: Ref | None, owner: Class | None, given: Mapping[str, CallSite]
) -> None:
    """Run a function whose arguments nobody gives, but for what some are supposed to be (``given``).

    Of tensors, their rank is what the file's own calls hand in.
    """
    node = function.node
    assert isinstance(node, ir.FunctionDef)
    assume_handed(run, node, owner)
    params = node.params[1:] if receiver is not None else node.params
    shared: Shared = {}
    args = {
        param.name: _again(run, given[param.name], False, shared)
        if param.name in given
        else as_declared(run, function, param)
        for param in params
        if param.kind in ("", "keyword")
    }
    run.ignored = tuple(param.name for param in params if param.name not in node.names)
    run.enter(Function(node, function.scope, receiver, owner), (), {**args, **open_rest(function)})


def assume_handed(run: Run, node: ir.FunctionDef, owner: Class | None) -> None:
    """Of the tensors that a function is handed, take for granted what the file's own calls hand in."""
    for name, shapes in run.known.shapes.get(node, {}).items():
        # calls that disagree about the rank, or hand in what is no tensor (the shape ()), show nothing
        if len({len(extents) for extents in shapes}) == 1 and shapes != {()}:
            free, rank = Free(name, node), len(next(iter(shapes)))
            facts: dict[Fact, object] = {Fact(FactKind.RANK, free): rank}
            ones = [axis for axis, extents in enumerate(zip(*shapes, strict=True)) if set(extents) == {1}]
            # those of a state are its rows, which are as many as the model that is called has layers
            ones = [axis for axis in ones if axis or rank != 3 or (_as_declared(run) and _built_alike(run, owner))]
            facts.update({Fact(FactKind.SIZE, (free, axis)): 1 for axis in ones})
            run.facts.assumptions.add(facts)


def _built_alike(run: Run, owner: Class | None) -> bool:
    """Whether the files build a class in one way only: what they hand to one of two models may not fit the other."""
    return owner is None or len({site for site in run.known.call_sites if site.cls == owner}) < 2


def _as_declared(run: Run) -> bool:
    """Whether every number that is assumed is the declared one: then the file's own calls may have built the model."""
    numbers = run.facts.assumptions.of_kind(FactKind.NUMBER).items()
    defaults = ((run.facts.default(fact.about), value) for fact, value in numbers if isinstance(fact.about, Free))
    return all(default is not None and default.value == value for default, value in defaults)
