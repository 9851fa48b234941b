"""Lists, tuples, dicts and comprehensions."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.axes.states import Unknown
from rnnlint.interpret.evaluate import binding
from rnnlint.interpret.evaluate.dispatch import evaluate, expression, meets_classes
from rnnlint.interpret.python import filling, measured, open_options, sequences
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.loops import Loop, targets
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Builtin, Free, Items, Lit, Ref, Value
from rnnlint.values.forms import Padding
from rnnlint.values.heap_cells import DictCell, ListCell


def _items(run: Run, frame: Frame, nodes: tuple[ir.Expr, ...]) -> tuple[tuple[Value, ...], Value | None]:
    """The elements of a display, and the join of those whose number is unknown, or that are constants beyond number."""
    found: list[Value] = []
    rest: list[Value] = []
    for number, node in enumerate(nodes):
        if number >= LIMITS.length and _of_constants(node):
            rest = rest or [Unknown("one of many constants")]
        elif isinstance(node, ir.Starred):
            value = evaluate(run, frame, node.value)
            run.at(node, "spread", subject=value)
            known = sequences.iteration(run, value)
            if known is None:
                rest.append(sequences.some_element(run, value))
            else:
                found += known
        else:
            found.append(evaluate(run, frame, node))
    return tuple(found), either(tuple(rest)) if rest else None


def _of_constants(node: ir.Expr | None) -> bool:
    """Whether nothing happens in an expression: evaluating many such costs steps for nothing."""
    return isinstance(node, ir.Constant) or (isinstance(node, ir.Display) and all(map(_of_constants, node.items)))


@expression(ir.Display)
def _display(run: Run, frame: Frame, node: ir.Display) -> Value:
    match node.items:
        case (ir.Starred(value=inner),) if node.kind in ("tuple", "list"):  # tuple(inner), list(inner)
            value = evaluate(run, frame, inner)
            run.at(node, "spread", subject=value)
            return run.call(Builtin(node.kind), (value,), {})
    items, rest = _items(run, frame, node.items)
    if rest is None:
        return Items(items) if node.kind == "tuple" else run.containers.new_list(items)
    first = node.items[: LIMITS.length]
    known = () if any(isinstance(one, ir.Starred) for one in first) else items[: len(first)]
    return run.containers.new_list(known, either((*items[len(known) :], rest)))


@expression(ir.DictDisplay)
def _dict(run: Run, frame: Frame, node: ir.DictDisplay) -> Value:
    pairs: dict[Hashable, Value] = {}
    open_ = False
    rest: Free | None = None
    others: list[Value] = []
    for number, (key, item) in enumerate(node.items):
        if number >= LIMITS.length and isinstance(key, ir.Constant) and _of_constants(item):
            open_ = True
            continue
        value = evaluate(run, frame, item)
        if key is None:
            known = run.heap[value.cell] if isinstance(value, Ref) else None
            if not isinstance(known, DictCell) or known.open:
                run.at(item, "display", subject=value)
                given = open_options.rest_of(run, value)
                rest = None if open_ else given  # of several, nobody knows which it is
                pairs = open_options.defaults_under(run, pairs, given)
                open_ = True
            if isinstance(known, DictCell):
                pairs.update(known.items)
                others += [] if known.others is None else [known.others]
            continue
        name = evaluate(run, frame, key)
        if isinstance(name, Lit):
            pairs[name.value] = value
        else:
            open_ = True
            others.append(value)
    return run.containers.new_cell(DictCell(tuple(pairs.items()), open_, rest, _joined(others)))


def _joined(values: list[Value]) -> Value | None:
    return either(tuple(values)) if values else None


@expression(ir.Starred)
def _starred(run: Run, frame: Frame, node: ir.Starred) -> Value:
    return evaluate(run, frame, node.value)


@expression(ir.Comprehension)
def _comprehension(run: Run, frame: Frame, node: ir.Comprehension) -> Value:
    inner = frame.copy()
    found: list[Value] = []
    over: list[Value] = []
    known = _generate(run, inner, node, node.generators, found, over)
    if node.kind == "dict":
        pairs = [item.items for item in found if isinstance(item, Items)]
        others = [value for key, value in pairs if not isinstance(key, Lit)]
        return run.containers.new_cell(DictCell(tuple(_pairs(found)), not known, others=_joined(others)))
    padding = _filled(run, node, over)
    if known:
        return run.containers.new_cell(ListCell(tuple(found), padding=padding))
    last = found[-1] if len(found) == 2 and len(node.generators) == 1 and not node.generators[0].tests else None
    rest = either(tuple(found)) if found else Unknown("an empty list")
    whole = len(node.generators) == 1 and not node.generators[0].tests and node.kind != "set"
    count = sequences.counted(run, over[0]) if whole and over else None
    return run.containers.new_cell(ListCell((), rest, last, count, padding))


def _filled(run: Run, node: ir.Comprehension, over: list[Value]) -> Padding | None:
    """How a list is filled up that is made of each element of another."""
    first = node.generators[0]
    if node.kind == "set" or len(node.generators) > 1 or first.tests or not over:
        return None
    named = {part.id for part in walking.walk(node.element) if isinstance(part, ir.Name)}
    return filling.made_over(run, over[0], constant=named.isdisjoint(targets(first.target)))


def _pairs(found: list[Value]) -> list[tuple[object, Value]]:
    pairs = [item.items for item in found if isinstance(item, Items)]
    return list({key.value: value for key, value in pairs if isinstance(key, Lit)}.items())


def _generate(
    run: Run,
    frame: Frame,
    node: ir.Comprehension,
    generators: tuple[ir.Generator, ...],
    found: list[Value],
    over: list[Value],
) -> bool:
    """Collect the elements, and ``over`` what they were made; whether each was seen just once, in order."""
    if not generators:
        element = evaluate(run, frame, node.element)
        found.append(element if node.value is None else Items((element, evaluate(run, frame, node.value))))
        return True
    first, *others = generators
    iterable = measured.tensor(run, evaluate(run, frame, first.iter))
    run.at(first.iter, "iterate", subject=iterable)
    over.append(iterable)
    items = sequences.iteration(run, iterable)
    known = items is not None
    kept = isinstance(node.element, ir.Name) and targets(first.target) == {node.element.id}
    last = None if items is not None or others else sequences.last_element(run, iterable, kept)
    met: tuple[Value, ...] = (sequences.some_element(run, iterable),) if items is None else items
    if last is not None:
        met = (*met, last)
    outer = run.here.path
    for index, item in enumerate(met):
        loop = Loop(first.iter, targets(first.target), index, len(outer.calls))
        with run.here.inside(outer.around((*outer.iteration, index), (*outer.loops, loop))):
            binding.assign(run, frame, first.target, item, first.iter)
            # ``next(cls for name, cls in KINDS.items() if name == kind)``
            force = bool(first.tests) and meets_classes(run, frame)
            truths = [run.facts.flag(evaluate(run, frame, test), force) for test in first.tests]
            if False in truths:
                continue
            known = _generate(run, frame, node, tuple(others), found, over) and known and None not in truths
    return known
