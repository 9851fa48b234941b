"""Expressions to values."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from rnnlint.axes.states import Unknown
from rnnlint.interpret.evaluate import binding, probes
from rnnlint.interpret.python import builtins, calls, operators, subscripts
from rnnlint.interpret.state.heap import Snapshot, join
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.loops import Loop, targets
from rnnlint.interpret.state.run import Run
from rnnlint.interpret.state.world import MEANT, Frame, OutOfBudget
from rnnlint.source import program as ir
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.names import by_convention, qualified
from rnnlint.torch_api.tensors import elementwise, indexing
from rnnlint.values.domain import (
    Builtin,
    DictCell,
    Either,
    Formless,
    Free,
    Function,
    Items,
    ListCell,
    Lit,
    Packed,
    PairOf,
    Ref,
    ResultOf,
    Tensor,
    Torch,
    Value,
    either,
)
from rnnlint.values.forms import Arithmetic
from rnnlint.values.uses import Use


def evaluate(run: Run, frame: Frame, node: ir.Expr) -> Value:
    """The value of an expression.  Raises TorchRaises where the program certainly raises."""
    run.budget -= 1
    if run.budget < 0:
        raise OutOfBudget
    operands: list[Value] = []
    outer, run.operands = run.operands, operands
    try:
        value = run.bounded(_EXPRESSIONS[type(node)](run, frame, node))
    except MEANT:
        raise
    except Exception as error:
        value = _failed(run, frame, node, error)
    finally:
        run.operands = outer
    if isinstance(value, Unknown | Either | Items) and type(node) in _OPERATIONS:
        known = isinstance(node, ir.Attribute)  # a fact about a tensor that is known says nothing of its states
        value = run.passed_on(value, [one for one in operands if isinstance(one, Unknown)] if known else operands, node)
    if isinstance(value, Unknown | Either):
        run.release(value)
    outer.append(value)
    return value


_OPERATIONS = frozenset({ir.Attribute, ir.Call, ir.Subscript, ir.Binary, ir.Unary})
"""What makes one value of others; all else hands on what it is given."""


def _failed(run: Run, frame: Frame, node: ir.Expr, error: Exception) -> Value:
    """A mistake of ours costs the value of the expression.

    Whatever the expression names may have been used in it: nothing may be said of what was never used.
    """
    run.world.failures.note(f"the analysis of {_KINDS.get(type(node), 'an expression')}", node, error)
    run.at(node, "call", subject=Unknown(""))
    for part in ir.walk(node):
        with run.world.failures.contained("the analysis of what is used", node):
            value = run.lookup(frame, part.id) if isinstance(part, ir.Name) else None
            if value is not None:
                run.use(value, Use.ELSEWHERE)
    return run.lost("an internal error of rnnlint")


_KINDS = {ir.Call: "a call", ir.Subscript: "a subscript", ir.Binary: "an operation", ir.Attribute: "an attribute"}


def _constant(run: Run, frame: Frame, node: ir.Constant) -> Value:
    return Lit(node.value, frozenset({node}) if type(node.value) is int else frozenset())


def _name(run: Run, frame: Frame, node: ir.Name) -> Value:
    value = run.lookup(frame, node.id)
    if value is not None:
        return value
    if node.id in builtins.NAMES:
        return Builtin(node.id)
    if node.id == "__name__":
        return Lit("__main__")
    for module in run.star_modules:
        if isinstance(module, Torch) and node.id[:1].isupper():
            return qualified(f"{module.name}.{node.id}")
    found = by_convention(node.id) if run.borrows else None
    return found or Free(node.id, "global")


def _attribute(run: Run, frame: Frame, node: ir.Attribute) -> Value:
    value = evaluate(run, frame, node.value)
    run.at(node, "attribute")
    return attribute(run, value, node.attr)


def attribute(run: Run, value: Value, name: str) -> Value:
    """``value.name``."""
    told = builtins.class_of(run, value, name) if name in ("__class__", "__name__") else None
    if told is not None:
        return told
    match value:
        case Either(options):
            return run.one_of(options, lambda option: attribute(run, option, name))
        case Torch(prefix):
            return qualified(f"{prefix}.{name}")
        case Free(key, owner):
            if name in indexing.TENSOR_ATTRIBUTES:
                return indexing.attribute(run, run.tensor(value), name)
            return Free(f"{key}.{name}", owner)
        case Tensor() | Formless() | Packed():
            return indexing.attribute(run, value, name)
        case Items(_, PairOf() | ResultOf()) if name in indexing.TENSOR_ATTRIBUTES:
            return subscripts.misread(run, value, name)
        case Items((first, second), None) if name in ("values", "indices"):  # what max, sort and their like return
            return first if name == "values" else second
    return calls.member(run, value, name)


def _subscript(run: Run, frame: Frame, node: ir.Subscript) -> Value:
    value = evaluate(run, frame, node.value)
    items = tuple(index_item(run, frame, item) for item in node.items)
    run.at(node, "index", tuple(_bounds(run, item) for item in items), value)
    return subscripts.subscript(run, value, items, node.is_tuple)


def index_item(run: Run, frame: Frame, item: ir.Expr) -> indexing.Item:
    if isinstance(item, ir.Slice):
        if _takes_one(item) and evaluate(run, frame, item.lower) == Unknown(indexing.LOOP):  # type: ignore[arg-type]
            return indexing.ONE
        parts = (item.lower, item.upper, item.step)
        return indexing.SliceOf(*(None if part is None else evaluate(run, frame, part) for part in parts))
    if isinstance(item, ir.Dots):
        return indexing.DOTS
    return evaluate(run, frame, item)


def _takes_one(item: ir.Slice) -> bool:
    """Whether a slice is written ``t : t + 1``."""
    match item:
        case ir.Slice(
            lower=ir.Name(id=lower),
            upper=ir.Binary(op="+", left=ir.Name(id=upper), right=ir.Constant(value=1)),
            step=None,
        ):
            return lower == upper
    return False


def _bounds(run: Run, item: indexing.Item) -> tuple[Lit | None, ...]:
    if isinstance(item, indexing.SliceOf):
        return tuple(run.literal(part) for part in (item.lower, item.upper, item.step))
    return (None,) if isinstance(item, indexing.Dots | indexing.One) else (run.literal(item),)


def _items(run: Run, frame: Frame, nodes: tuple[ir.Expr, ...]) -> tuple[tuple[Value, ...], Value | None]:
    """The elements of a display, and the join of those whose number is unknown, or that are constants beyond number."""
    found: list[Value] = []
    rest: list[Value] = []
    for number, node in enumerate(nodes):
        if number >= LIMITS.length and _of_constants(node):
            rest = rest or [Unknown("one of many constants")]
        elif isinstance(node, ir.Starred):
            value = evaluate(run, frame, node.value)
            known = binding.iteration(run, value)
            if known is None:
                rest.append(binding.some_element(run, value))
            else:
                found += known
        else:
            found.append(evaluate(run, frame, node))
    return tuple(found), either(tuple(rest)) if rest else None


def _of_constants(node: ir.Expr | None) -> bool:
    """Whether nothing happens in an expression: evaluating many such costs steps for nothing."""
    return isinstance(node, ir.Constant) or (isinstance(node, ir.Display) and all(map(_of_constants, node.items)))


def _display(run: Run, frame: Frame, node: ir.Display) -> Value:
    items, rest = _items(run, frame, node.items)
    if rest is None:
        return Items(items) if node.kind == "tuple" else run.new_list(items)
    first = node.items[: LIMITS.length]
    known = () if any(isinstance(one, ir.Starred) for one in first) else items[: len(first)]
    return run.new_list(known, either((*items[len(known) :], rest)))


def _dict(run: Run, frame: Frame, node: ir.DictDisplay) -> Value:
    pairs: dict[object, Value] = {}
    open_ = False
    for number, (key, item) in enumerate(node.items):
        if number >= LIMITS.length and isinstance(key, ir.Constant) and _of_constants(item):
            open_ = True
            continue
        value = evaluate(run, frame, item)
        if key is None:
            known = run.heap[value.cell] if isinstance(value, Ref) else None
            if isinstance(known, DictCell):
                pairs.update(known.items)
                open_ = open_ or known.open
            else:
                open_ = True
            continue
        name = evaluate(run, frame, key)
        if isinstance(name, Lit):
            pairs[name.value] = value
        else:
            open_ = True
    return run.new_cell(DictCell(tuple(pairs.items()), open_))


def _starred(run: Run, frame: Frame, node: ir.Starred) -> Value:
    return evaluate(run, frame, node.value)


def _comprehension(run: Run, frame: Frame, node: ir.Comprehension) -> Value:
    inner = Frame(dict(frame.names), frame.scope, frame.function, frame.owner, frame.receiver)
    found: list[Value] = []
    known = _generate(run, inner, node, node.generators, found)
    if node.kind == "dict":
        return run.new_cell(DictCell(tuple(_pairs(found)), not known))
    if known:
        return run.new_list(tuple(found))
    last = found[-1] if len(found) == 2 and len(node.generators) == 1 and not node.generators[0].tests else None
    return run.new_cell(ListCell((), either(tuple(found)) if found else Unknown("an empty list"), last))


def _pairs(found: list[Value]) -> list[tuple[object, Value]]:
    pairs = [item.items for item in found if isinstance(item, Items)]
    return list({key.value: value for key, value in pairs if isinstance(key, Lit)}.items())


def _generate(
    run: Run, frame: Frame, node: ir.Comprehension, generators: tuple[ir.Generator, ...], found: list[Value]
) -> bool:
    """Collect the elements; whether each was seen just once, in order."""
    if not generators:
        element = evaluate(run, frame, node.element)
        found.append(element if node.value is None else Items((element, evaluate(run, frame, node.value))))
        return True
    first, *others = generators
    iterable = evaluate(run, frame, first.iter)
    run.at(first.iter, "iterate", subject=iterable)
    items = binding.iteration(run, iterable)
    known, path = items is not None, run.path
    kept = isinstance(node.element, ir.Name) and targets(first.target) == {node.element.id}
    last = None if items is not None or others else binding.last_element(run, iterable, kept)
    met: tuple[Value, ...] = (binding.some_element(run, iterable),) if items is None else items
    if last is not None:
        met = (*met, last)
    outer = run.loops
    try:
        for index, item in enumerate(met):
            run.path = (*path, index)
            run.loops = (*outer, Loop(first.iter, targets(first.target), index))
            binding.assign(run, frame, first.target, item, first.iter)
            truths = [run.flag(evaluate(run, frame, test)) for test in first.tests]
            if False in truths:
                continue
            known = _generate(run, frame, node, tuple(others), found) and known and None not in truths
    finally:
        run.path, run.loops = path, outer
    return known


def _binary(run: Run, frame: Frame, node: ir.Binary) -> Value:
    left, right = evaluate(run, frame, node.left), evaluate(run, frame, node.right)
    run.at(node, "arithmetic")
    return operators.binary(run, node.op, left, right)


def augmented(run: Run, frame: Frame, node: ir.AugAssign) -> Value:
    """The new value of ``target op= value``."""
    left, right = evaluate(run, frame, node.target), evaluate(run, frame, node.value)
    run.at(node, "arithmetic")
    if isinstance(left, Ref) and node.op == "+" and isinstance(run.heap[left.cell], ListCell):
        calls.method(run, left, "extend", (right,), {})
        return left
    return operators.binary(run, node.op, left, right)


def _unary(run: Run, frame: Frame, node: ir.Unary) -> Value:
    value = evaluate(run, frame, node.operand)
    run.at(node, "arithmetic")
    if node.op == "not":
        return operators.negation(run, value)
    match value:
        case Lit(int() | float() as number) if node.op in "-+":
            return Lit(-number if node.op == "-" else number, value.origins)
        case Free() if node.op == "-":
            return Free(f"-{value.key}", None, Arithmetic("-", Lit(0), value))
        case Tensor() | Formless() if node.op == "-":
            return elementwise.negative(run, value)
        case Tensor() | Formless():
            return value
    return run.lost("arithmetic on something that is not followed")


def _boolean(run: Run, frame: Frame, node: ir.Boolean) -> Value:
    left = evaluate(run, frame, node.left)
    truth = run.flag(left)
    decided = node.op == "or"
    if truth is not None:
        return left if truth is decided else evaluate(run, frame, node.right)
    before = run.snapshot(frame)
    binding.narrow(run, frame, node.left, not decided)
    right = evaluate(run, frame, node.right)
    run.restore(frame, join([before, run.snapshot(frame)]))
    if run.flag(right) is decided:
        return Lit(decided)
    return either((left, right))


def _compare(run: Run, frame: Frame, node: ir.Compare) -> Value:
    left = evaluate(run, frame, node.left)
    answer: Value = Lit(True)
    for op, comparator in node.rest:
        right = evaluate(run, frame, comparator)
        run.at(node, "comparison")
        answer = operators.comparison(run, op, left, right)
        left = right
    return answer if len(node.rest) == 1 or answer == Lit(False) else operators.undecided()


def truth(run: Run, frame: Frame, test: ir.Expr, names: frozenset[str]) -> bool | None:
    """The truth of a condition; where a recurrent module depends on it, an open one is explored both ways."""
    outer = run.forcing, run.deciding
    run.forcing, run.deciding = run.forcing or builds(names), True
    try:
        return run.flag(evaluate(run, frame, test))
    finally:
        run.forcing, run.deciding = outer


def builds(names: frozenset[str]) -> bool:
    """Whether names mention a recurrent module."""
    return any("LSTM" in name or "GRU" in name or "RNN" in name for name in names)


def _counts_directions(node: ir.Conditional) -> bool:
    """Whether it is ``2 if bidirectional else 1``: what compares it with 2 later on must find it decided."""
    arms = [arm.value for arm in (node.body, node.orelse) if isinstance(arm, ir.Constant)]
    return arms in ([1, 2], [2, 1])


def _conditional(run: Run, frame: Frame, node: ir.Conditional) -> Value:
    outer, run.forcing = run.forcing, run.forcing or _counts_directions(node)
    try:
        decided = truth(run, frame, node.test, node.names)
    finally:
        run.forcing = outer
    if decided is not None:
        return evaluate(run, frame, node.body if decided else node.orelse)
    before = run.snapshot(frame)
    results: list[Value] = []
    ends: list[Snapshot] = []
    raised: TorchRaises | None = None
    said = len(run.events)
    for outcome, arm in ((True, node.body), (False, node.orelse)):
        run.restore(frame, before)
        binding.narrow(run, frame, node.test, outcome)
        try:
            results.append(evaluate(run, frame, arm))
            ends.append(run.snapshot(frame))
        except TorchRaises as error:
            raised = error
    if raised is not None:
        if not results:
            raise raised
        run.retract(said, partial(probes.answered, asked=probes.asked_about(run, frame, node.test)))
    run.restore(frame, join(ends))
    return either(tuple(results))


def _lambda(run: Run, frame: Frame, node: ir.Lambda) -> Value:
    return Function(node, run.scope_of(frame))


def _walrus(run: Run, frame: Frame, node: ir.Walrus) -> Value:
    value = evaluate(run, frame, node.value)
    binding.assign(run, frame, node.target, value, node.value)
    return value


def _other(run: Run, frame: Frame, node: ir.Other) -> Value:
    for operand in node.operands:
        value = evaluate(run, frame, operand)
        run.at(operand, node.what)
        run.use(value, Use.RETURN if node.what == "yield" else Use.ELSEWHERE)
    if node.what == "await" and node.operands:
        return value
    return Unknown(node.what)


def _call(run: Run, frame: Frame, node: ir.Call) -> Value:
    return calls.evaluate_call(run, frame, node)


def _dots(run: Run, frame: Frame, node: ir.Dots) -> Value:
    return Unknown("...")


_EXPRESSIONS: dict[type, Callable[[Run, Frame, Any], Value]] = {
    ir.Constant: _constant,
    ir.Dots: _dots,
    ir.Name: _name,
    ir.Attribute: _attribute,
    ir.Call: _call,
    ir.Subscript: _subscript,
    ir.Display: _display,
    ir.Starred: _starred,
    ir.DictDisplay: _dict,
    ir.Binary: _binary,
    ir.Unary: _unary,
    ir.Boolean: _boolean,
    ir.Compare: _compare,
    ir.Conditional: _conditional,
    ir.Lambda: _lambda,
    ir.Comprehension: _comprehension,
    ir.Walrus: _walrus,
    ir.Other: _other,
}
