"""Expressions to values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnlint.axes import regroup, select
from rnnlint.axes.states import Position, Somewhere, States, Unknown, shape
from rnnlint.events import Compared, PackedRead, PairRead, ResultRead, Unpacked
from rnnlint.interpret import arithmetic, builtins, calls
from rnnlint.interpret.limits import LIMITS
from rnnlint.interpret.memory import Snapshot, join
from rnnlint.interpret.run import Frame, OutOfBudget, Run
from rnnlint.source import program as ir
from rnnlint.torch_api import indexing
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.names import by_convention, qualified
from rnnlint.values.domain import (
    Along,
    Builtin,
    DictCell,
    Either,
    Formless,
    Free,
    Function,
    Items,
    ListCell,
    Lit,
    ObjectCell,
    Packed,
    PairOf,
    Recurrent,
    RecurrentCell,
    Ref,
    ResultOf,
    SizeOf,
    Tensor,
    Torch,
    Value,
    either,
)


def evaluate(run: Run, frame: Frame, node: ir.Expr) -> Value:
    """The value of an expression.  Raises TorchRaises where the program certainly raises."""
    run.budget -= 1
    if run.budget < 0:
        raise OutOfBudget
    return _EXPRESSIONS[type(node)](run, frame, node)


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
    if run.star_import:
        found = by_convention(node.id)
        if found is not None:
            return found
    return Free(node.id, "global")


def _attribute(run: Run, frame: Frame, node: ir.Attribute) -> Value:
    value = evaluate(run, frame, node.value)
    run.at(node, "attribute")
    return attribute(run, value, node.attr)


def attribute(run: Run, value: Value, name: str) -> Value:
    """``value.name``."""
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
            return misread(run, value, name)
    return calls.member(run, value, name)


def misread(run: Run, value: Value, op: str, index: int | None = None, result: Value | None = None) -> Value:
    """A tuple that torch returned is treated like a tensor; without a ``result`` torch raises."""
    assert isinstance(value, Items)
    match value.tag:
        case PairOf(call):
            run.emit(PairRead(call, run.module(call), op, run.site, index, result))
        case ResultOf(call):
            run.emit(ResultRead(call, run.module(call), op, run.site, index, result))
    if result is None:
        raise TorchRaises("AttributeError", f"'tuple' object has no attribute '{op}'")
    return result


# --- subscripts ------------------------------------------------------------------------------------------------------


def _subscript(run: Run, frame: Frame, node: ir.Subscript) -> Value:
    value = evaluate(run, frame, node.value)
    items = tuple(_index_item(run, frame, item) for item in node.items)
    run.at(node, "index", tuple(_bounds(run, item) for item in items), value)
    return subscript(run, value, items, node.is_tuple)


def _index_item(run: Run, frame: Frame, item: ir.Expr) -> indexing.Item:
    if isinstance(item, ir.Slice):
        parts = (item.lower, item.upper, item.step)
        return indexing.SliceOf(*(None if part is None else evaluate(run, frame, part) for part in parts))
    if isinstance(item, ir.Dots):
        return indexing.DOTS
    return evaluate(run, frame, item)


def _bounds(run: Run, item: indexing.Item) -> tuple[Lit | None, ...]:
    if isinstance(item, indexing.SliceOf):
        return tuple(run.literal(part) for part in (item.lower, item.upper, item.step))
    return (None,) if isinstance(item, indexing.Dots) else (run.literal(item),)


def subscript(run: Run, value: Value, items: tuple[indexing.Item, ...], is_tuple: bool) -> Value:
    """``value[items]``."""
    only = items[0] if len(items) == 1 and not is_tuple else None
    match value:
        case Either(options):
            return run.one_of(options, lambda option: subscript(run, option, items, is_tuple))
        case Tensor() | Formless():
            return indexing.index(run, value, items)
        case Along():
            return _item_along(run, value, only)
        case Items():
            return _item_of_tuple(run, value, only)
        case Ref(cell):
            return _item_of_cell(run, value, run.heap[cell], only)
        case SizeOf():
            position = run.integer(only) if only is not None and not isinstance(only, indexing.SPECIAL) else None
            return run.lost("part of an unknown shape") if position is None else run.size_of(value, position)
        case Packed():
            return _item_of_packed(run, only)
        case Free(key, owner):
            if isinstance(only, Lit) and isinstance(only.value, str):
                return Free(f"{key}[{only.value!r}]", owner)
            if ("rank", value) in run.assumptions or is_tuple or isinstance(only, indexing.SPECIAL):
                return indexing.index(run, run.tensor(value), items)
            if isinstance(only, Lit):
                return Free(f"{key}[{only.value!r}]", owner)
            return indexing.index(run, run.tensor(value), items)
        case Lit(str() | bytes()):
            return run.lost("part of a string")
    return run.lost("an item of something that is not followed")


def _item_along(run: Run, value: Along, only: indexing.Item | None) -> Value:
    if isinstance(only, indexing.SliceOf):
        bounds = [None if part is None else run.integer(part) for part in (only.lower, only.upper, only.step)]
        part = select.narrow(value.states, value.axis, *bounds)
        return Along(part, value.axis, value.keep) if isinstance(part, States) else run.lost("a part of a sequence")
    position = None if only is None or isinstance(only, (*indexing.SPECIAL, Free)) else run.integer(only)
    return taken_from(run, value, Somewhere.ANYWHERE if position is None else position)


def taken_from(run: Run, value: Along, position: Position) -> Value:
    """One of the tensors along an axis."""
    one = run.settle(select.select(value.states, value.axis, position))
    if not value.keep or not isinstance(one, Tensor):
        return one
    return run.settle(regroup.unsqueeze(one.states, value.axis))


def _position(run: Run, only: indexing.Item | None, length: int) -> int | None:
    if only is None or isinstance(only, indexing.SPECIAL):
        return None
    position = run.integer(only)
    if position is None or isinstance(only, Free):
        return None
    if not -length <= position < length:
        raise TorchRaises("IndexError", "index out of range")
    return position


def _item_of_tuple(run: Run, value: Items, only: indexing.Item | None) -> Value:
    if isinstance(only, indexing.SliceOf):
        part = _slice(run, value.items, only)
        return run.lost("a part of a tuple") if part is None else Items(part)
    if only is None and isinstance(value.tag, PairOf | ResultOf):
        return misread(run, value, "index")
    length = len(value.items)
    number = None if only is None or isinstance(only, indexing.SPECIAL) else run.integer(only)
    if isinstance(value.tag, PairOf | ResultOf) and number is not None and not isinstance(only, Free):
        if not -length <= number < length:
            return misread(run, value, "index", number)
        if number < 0 and isinstance(value.tag, PairOf | ResultOf):
            return misread(run, value, "index", number, value.items[number])
        return value.items[number]
    position = _position(run, only, length)
    return either(value.items) if position is None and value.items else value.items[position or 0]


def _slice(run: Run, items: tuple[Value, ...], part: indexing.SliceOf) -> tuple[Value, ...] | None:
    bounds: list[int | None] = []
    for bound in (part.lower, part.upper, part.step):
        number = None if bound is None else run.integer(bound)
        if (bound is not None and number is None) or (number == 0 and bound is part.step):
            return None
        bounds.append(number)
    return items[slice(*bounds)]


def _item_of_cell(run: Run, value: Ref, cell: object, only: indexing.Item | None) -> Value:
    match cell:
        case ListCell(items, None):
            if isinstance(only, indexing.SliceOf):
                part = _slice(run, items, only)
                return run.lost("a part of a list") if part is None else run.new_list(part)
            position = _position(run, only, len(items))
            if position is not None:
                return items[position]
            return either(items) if items else run.lost("an item of an empty list")
        case ListCell(items, rest, last) if rest is not None:
            if isinstance(only, indexing.SliceOf):
                return value
            return last if last is not None and only == Lit(-1) else either((*items, rest))
        case DictCell(pairs, open_):
            known = dict(pairs)
            if isinstance(only, Lit):
                if only.value in known:
                    return known[only.value]
                return run.lost("a key that is not known") if open_ or not known else _missing(only)
            return either(tuple(known.values())) if known else run.lost("an item of an empty dict")
        case ObjectCell():
            if only is not None and not isinstance(only, indexing.SPECIAL):
                return calls.method(run, value, "__getitem__", (only,), {})
    return run.lost("an item of something that is not followed")


def _missing(key: Lit) -> Value:
    raise TorchRaises("KeyError", repr(key.value))


def _item_of_packed(run: Run, only: indexing.Item | None) -> Value:
    position = None if only is None or isinstance(only, indexing.SPECIAL) else run.integer(only)
    run.emit(PackedRead("index", run.site, position))
    if only is None or isinstance(only, indexing.SliceOf) or (position is not None and not -4 <= position < 4):
        raise TorchRaises("TypeError", "tuple indices must be integers or slices, not tuple")
    return run.lost("a field of a PackedSequence")


# --- displays --------------------------------------------------------------------------------------------------------


def _items(run: Run, frame: Frame, nodes: tuple[ir.Expr, ...]) -> tuple[tuple[Value, ...], Value | None]:
    """The elements of a display, and the join of those whose number is unknown."""
    found: list[Value] = []
    rest: list[Value] = []
    for node in nodes:
        if isinstance(node, ir.Starred):
            value = evaluate(run, frame, node.value)
            known = iteration(run, value)
            if known is None:
                rest.append(some_element(run, value))
            else:
                found += known
        else:
            found.append(evaluate(run, frame, node))
    return tuple(found), either(tuple(rest)) if rest else None


def _display(run: Run, frame: Frame, node: ir.Display) -> Value:
    items, rest = _items(run, frame, node.items)
    if node.kind == "tuple" and rest is None:
        return Items(items)
    if rest is not None:
        return run.new_list((), either((*items, rest)))
    return run.new_list(items)


def _dict(run: Run, frame: Frame, node: ir.DictDisplay) -> Value:
    pairs: dict[object, Value] = {}
    open_ = False
    for key, item in node.items:
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
    run.at(first.iter, "iterate")
    items = iteration(run, iterable)
    known, path = items is not None, run.path
    last = None if items is not None or others else last_element(run, iterable)
    met: tuple[Value, ...] = (some_element(run, iterable),) if items is None else items
    if last is not None:
        met = (*met, last)
    for index, item in enumerate(met):
        run.path = (*path, index)
        assign(run, frame, first.target, item, first.iter)
        truths = [run.flag(evaluate(run, frame, test)) for test in first.tests]
        if False in truths:
            continue
        known = _generate(run, frame, node, tuple(others), found) and known and None not in truths
    run.path = path
    return known


# --- operators -------------------------------------------------------------------------------------------------------


def _binary(run: Run, frame: Frame, node: ir.Binary) -> Value:
    left, right = evaluate(run, frame, node.left), evaluate(run, frame, node.right)
    run.at(node, "arithmetic")
    return binary(run, node.op, left, right)


def augmented(run: Run, frame: Frame, node: ir.AugAssign) -> Value:
    """The new value of ``target op= value``."""
    left, right = evaluate(run, frame, node.target), evaluate(run, frame, node.value)
    run.at(node, "arithmetic")
    if isinstance(left, Ref) and node.op == "+" and isinstance(run.heap[left.cell], ListCell):
        calls.method(run, left, "extend", (right,), {})
        return left
    return binary(run, node.op, left, right)


def binary(run: Run, op: str, left: Value, right: Value) -> Value:
    """``left op right``."""
    if isinstance(left, Either):
        return run.one_of(left.options, lambda option: binary(run, op, option, right))
    if isinstance(right, Either):
        return run.one_of(right.options, lambda option: binary(run, op, left, option))
    if isinstance(left, Lit) and isinstance(right, Lit):
        return _arithmetic(run, op, left, right)
    for side in (left, right):
        if isinstance(side, Items) and isinstance(side.tag, PairOf | ResultOf) and _numeric(left, right):
            return misread(run, side, "arithmetic")
    if isinstance(left, Tensor | Formless) or isinstance(right, Tensor | Formless):
        return indexing.arithmetic(run, op, left, right)
    if (isinstance(left, Free) and isinstance(right, Free | Lit)) or (
        isinstance(left, Lit) and isinstance(right, Free)
    ):
        return Free(f"{_shown(left)} {op} {_shown(right)}", None, (op, left, right))
    return _sequences(run, op, left, right)


def _numeric(left: Value, right: Value) -> bool:
    return any(isinstance(side, Tensor | Formless) for side in (left, right))


def _shown(value: Value) -> str:
    return value.key if isinstance(value, Free) else str(value.value) if isinstance(value, Lit) else "..."


def _arithmetic(run: Run, op: str, left: Lit, right: Lit) -> Value:
    result = arithmetic.compute(op, left.value, right.value)
    if result is None:
        return run.lost("arithmetic whose result is too large or no number")
    number = Lit(result, left.origins | right.origins)
    run.world.sizes.note(number)
    return number


def _sequences(run: Run, op: str, left: Value, right: Value) -> Value:
    if op == "+":
        sides = run.elements(left), run.elements(right)
        if sides[0] is not None and sides[1] is not None:
            items = (*sides[0], *sides[1])
            return Items(items) if isinstance(left, Items) else run.new_list(items)
    sequence, count = (left, right) if isinstance(right, Lit | Free) else (right, left)
    items_of = run.elements(sequence) if op == "*" else None
    number = run.integer(count)
    if items_of is not None and number is not None:
        if len(items_of) * max(number, 0) > LIMITS.elements:
            return run.new_list((), either(items_of)) if items_of else run.new_list(())
        repeated = items_of * number
        return Items(repeated) if isinstance(sequence, Items) else run.new_list(repeated)
    for side in (left, right):
        run.use(side, "elsewhere")
    return run.lost("arithmetic on something that is not followed")


def _unary(run: Run, frame: Frame, node: ir.Unary) -> Value:
    value = evaluate(run, frame, node.operand)
    run.at(node, "arithmetic")
    if node.op == "not":
        truth = run.flag(value)
        return Either((Lit(True), Lit(False))) if truth is None else Lit(not truth)
    match value:
        case Lit(int() | float() as number) if node.op in "-+":
            return Lit(-number if node.op == "-" else number, value.origins)
        case Free() if node.op == "-":
            return Free(f"-{value.key}", None, ("-", Lit(0), value))
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
    narrow(run, frame, node.left, not decided)
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
        answer = comparison(run, op, left, right)
        left = right
    return answer if len(node.rest) == 1 or answer == Lit(False) else _undecided()


def _undecided() -> Value:
    return Either((Lit(True), Lit(False)))


def comparison(run: Run, op: str, left: Value, right: Value) -> Value:
    """``left op right`` for a comparison."""
    if isinstance(left, Either):
        return run.one_of(left.options, lambda option: comparison(run, op, option, right))
    if isinstance(right, Either):
        return run.one_of(right.options, lambda option: comparison(run, op, left, option))
    truth: bool | None = None
    if (op in ("is", "is not") and isinstance(right, Lit) and right.value is None) or (
        op in ("==", "!=") and isinstance(right, Lit) and right.value is None
    ):
        truth = run.is_none(left)
    elif op in ("==", "!=", "is", "is not") and (isinstance(left, Lit) or isinstance(right, Lit)):
        value, constant = (left, right) if isinstance(right, Lit) else (right, left)
        assert isinstance(constant, Lit)
        truth = run.equals(value, constant) if isinstance(value, Lit | Free) else None
    elif op in ("==", "!=") and isinstance(left, Tensor) and isinstance(right, Tensor):
        return compared(run, left, right, whole=False)
    elif op in ("==", "!=", "is", "is not") and isinstance(left, Torch) and isinstance(right, Torch):
        truth = left == right
    elif isinstance(left, Lit) and isinstance(right, Lit) and op in ("<", "<=", ">", ">="):
        truth = _ordered(run, op, left, right)
        return _undecided() if truth is None else Lit(truth)
    elif op in ("in", "not in"):
        truth = _contains(run, left, right)
        return _undecided() if truth is None else Lit(truth is (op == "in"))
    else:
        for side in (left, right):
            run.use(side, "comparison")
    return _undecided() if truth is None else Lit(truth is (op in ("==", "is")))


def _ordered(run: Run, op: str, left: Lit, right: Lit) -> bool | None:
    open_ = [o for o in left.origins | right.origins if not isinstance(o, ir.Node)]
    if any(("int", origin) not in run.assumptions for origin in open_):
        return None
    return arithmetic.compare(op, left.value, right.value)


def _contains(run: Run, left: Value, right: Value) -> bool | None:
    if isinstance(right, Lit) and isinstance(right.value, str):
        return run.within(left, right.value)
    items = run.elements(right)
    if items is None or not isinstance(left, Lit | Free):
        return None
    answers = [run.equals(left, item) if isinstance(item, Lit) else None for item in items]
    return True if True in answers else None if None in answers else False


def compared(run: Run, left: Tensor, right: Tensor, whole: bool) -> Value:
    """Two tensors are compared; the answer is one truth (``whole``) or a tensor of them."""
    modules = dict(run.modules(left.states)) | dict(run.modules(right.states))
    run.emit(Compared(left.states, right.states, whole, run.site, tuple(modules.items())))
    for side in (left, right):
        run.use(side, "comparison")
    return _undecided() if whole else Unknown("the truths of a comparison")


def truth(run: Run, frame: Frame, test: ir.Expr, names: frozenset[str]) -> bool | None:
    """The truth of a condition; where a recurrent module depends on it, an open one is explored both ways."""
    outer, run.forcing = run.forcing, run.forcing or builds(names)
    try:
        return run.flag(evaluate(run, frame, test))
    finally:
        run.forcing = outer


def builds(names: frozenset[str]) -> bool:
    """Whether names mention a recurrent module."""
    return any("LSTM" in name or "GRU" in name or "RNN" in name for name in names)


def _conditional(run: Run, frame: Frame, node: ir.Conditional) -> Value:
    truth_ = truth(run, frame, node.test, node.names)
    if truth_ is not None:
        return evaluate(run, frame, node.body if truth_ else node.orelse)
    before = run.snapshot(frame)
    results: list[Value] = []
    ends: list[Snapshot] = []
    raised: TorchRaises | None = None
    for outcome, arm in ((True, node.body), (False, node.orelse)):
        run.restore(frame, before)
        narrow(run, frame, node.test, outcome)
        try:
            results.append(evaluate(run, frame, arm))
            ends.append(run.snapshot(frame))
        except TorchRaises as error:
            raised = error
    if not results and raised is not None:
        raise raised
    run.restore(frame, join(ends))
    return either(tuple(results))


def _lambda(run: Run, frame: Frame, node: ir.Lambda) -> Value:
    return Function(node, run.scope_of(frame))


def _walrus(run: Run, frame: Frame, node: ir.Walrus) -> Value:
    value = evaluate(run, frame, node.value)
    assign(run, frame, node.target, value, node.value)
    return value


def _other(run: Run, frame: Frame, node: ir.Other) -> Value:
    for operand in node.operands:
        value = evaluate(run, frame, operand)
        run.at(operand, node.what)
        run.use(value, "return" if node.what == "yield" else "elsewhere")
    if node.what == "await" and node.operands:
        return value
    return Unknown(node.what)


def _call(run: Run, frame: Frame, node: ir.Call) -> Value:
    return calls.evaluate_call(run, frame, node)


def _dots(run: Run, frame: Frame, node: ir.Dots) -> Value:
    return Unknown("...")


# --- iteration and assignment ----------------------------------------------------------------------------------------


def iteration(run: Run, value: Value) -> tuple[Value, ...] | None:
    """The elements a loop meets, if they are known and few; None for anything else."""
    known = run.elements(value)
    if known is not None:
        return known if len(known) <= LIMITS.unroll else None
    if isinstance(value, Tensor) and shape(value.states):
        value = Along(value.states, 0)
    if isinstance(value, Along) and shape(value.states)[value.axis] <= LIMITS.unroll:
        return tuple(taken_from(run, value, i) for i in range(shape(value.states)[value.axis]))
    return None


def last_element(run: Run, value: Value) -> Value | None:
    """What a loop meets the last time, where that is known."""
    if isinstance(value, Tensor) and shape(value.states):
        value = Along(value.states, 0)
    if isinstance(value, Along):
        return taken_from(run, value, -1)
    content = run.heap[value.cell] if isinstance(value, Ref) else None
    return content.last if isinstance(content, ListCell) else None


def some_element(run: Run, value: Value) -> Value:
    """What a loop meets each time, for an iterable of unknown length."""
    match value:
        case Tensor(states):
            return run.settle(select.select(states, 0, Somewhere.ANYWHERE)) if shape(states) else run.lost("a number")
        case Along():
            return taken_from(run, value, Somewhere.ANYWHERE)
        case Formless(root, change):
            return Formless(root, change - 1)
    return run.element(value)


def assign(run: Run, frame: Frame, target: ir.Expr, value: Value, source: ir.Expr) -> None:
    """Bind ``value`` to a target of any form."""
    match target:
        case ir.Name(id=name):
            frame.names[name] = value
        case ir.Display(items=targets):
            _unpack(run, frame, target, targets, value, source)
        case ir.Attribute(value=holder, attr=name):
            receiver = evaluate(run, frame, holder)
            run.at(target, "attribute")
            calls.set_attribute(run, receiver, name, value)
        case ir.Subscript(value=holder, items=items):
            receiver = evaluate(run, frame, holder)
            keys = tuple(_index_item(run, frame, item) for item in items)
            run.at(source, "assign", subject=value)
            _set_item(run, receiver, keys, value)
        case ir.Starred(value=inner):
            assign(run, frame, inner, value, source)


def _set_item(run: Run, receiver: Value, keys: tuple[indexing.Item, ...], value: Value) -> None:
    if isinstance(receiver, Ref):
        cell = run.heap[receiver.cell]
        only = keys[0] if len(keys) == 1 else None
        if isinstance(cell, DictCell) and isinstance(only, Lit):
            run.heap[receiver.cell] = DictCell(tuple({**dict(cell.items), only.value: value}.items()), cell.open)
            return
        if isinstance(cell, DictCell):
            run.heap[receiver.cell] = DictCell(cell.items, True)
            return
        if isinstance(cell, ListCell):
            run.heap[receiver.cell] = ListCell((), either((*cell.items, *((cell.rest,) if cell.rest else ()), value)))
            return
    if (
        isinstance(value, Items)
        and isinstance(value.tag, PairOf | ResultOf)
        and isinstance(receiver, Tensor | Formless | Free)
    ):
        misread(run, value, "assign")
    run.use(value, "elsewhere")


def _names_of(targets: tuple[ir.Expr, ...]) -> tuple[object, ...]:
    names: list[object] = []
    for target in targets:
        match target:
            case ir.Name(id=name):
                names.append(name)
            case ir.Starred(value=ir.Name(id=name)):
                names.append(f"*{name}")
            case ir.Display(items=inner):
                names.append(_names_of(inner))
            case ir.Attribute(attr=name):
                names.append(name)
            case _:
                names.append("?")
    return tuple(names)


def _unpack(
    run: Run, frame: Frame, target: ir.Display, targets: tuple[ir.Expr, ...], value: Value, source: ir.Expr
) -> None:
    run.at(target, "unpack")
    if isinstance(value, Either):
        options = [option for option in value.options if _fits(option, targets)]
        value = either(tuple(options)) if options else value
    if isinstance(value, Tensor | Packed) or (isinstance(value, Items) and value.tag is not None):
        module: Recurrent | RecurrentCell | None = None
        if isinstance(value, Tensor):
            module = next((m for _, m in run.modules(value.states)), run.cell_of(value.states))
        elif isinstance(value, Items) and value.tag is not None:
            module = run.module(value.tag.call)
        run.emit(Unpacked(value, _names_of(targets), module, run.site))
    parts = _parts(run, value, len(targets), any(isinstance(t, ir.Starred) for t in targets))
    if parts is None:
        if isinstance(value, Tensor | Items | Packed):
            raise TorchRaises("ValueError", "not enough values to unpack")
        for inner in targets:
            assign(run, frame, inner, some_element(run, value), source)
        return
    star = next((i for i, t in enumerate(targets) if isinstance(t, ir.Starred)), None)
    if star is not None:
        after = len(targets) - star - 1
        middle = run.new_list(parts[star : len(parts) - after])
        parts = (*parts[:star], middle, *parts[len(parts) - after :])
    for inner, part in zip(targets, parts, strict=True):
        assign(run, frame, inner, part, source)


def _fits(value: Value, targets: tuple[ir.Expr, ...]) -> bool:
    return not isinstance(value, Lit) and not (isinstance(value, Items) and len(value.items) != len(targets))


def _parts(run: Run, value: Value, count: int, starred: bool) -> tuple[Value, ...] | None:
    """The values an unpacking meets, None where their number does not fit or is not known."""
    match value:
        case Tensor(states):
            extents = shape(states)
            if starred and extents and count - 1 <= extents[0] <= LIMITS.elements:
                return tuple(run.settle(select.select(states, 0, i)) for i in range(extents[0]))
            if not extents or starred or (extents[0] != count and not run.free_of(extents[0])):
                return None
            return tuple(run.settle(select.select(states, 0, i)) for i in range(count))
        case SizeOf(of):
            if not starred:
                run.rank(of, count)
            return None
        case Packed():
            if count != 4:
                return None
            return (run.lost("a field of a PackedSequence"),) * 4
        case Free(key, owner):
            return tuple(Free(f"{key}[{i}]", owner) for i in range(count)) if not starred else None
        case Formless(root, change):
            return tuple(Formless(root, change - 1) for _ in range(count))
        case Either(options):
            each = [_parts(run, option, count, starred) for option in options]
            columns = [parts for parts in each if parts is not None and len(parts) == count]
            return tuple(either(column) for column in zip(*columns, strict=True)) if len(columns) == len(each) else None
    known = run.elements(value)
    if known is None:
        return None
    if starred:
        return known if len(known) >= count - 1 else None
    if len(known) == count:
        return known
    if isinstance(value, Ref):
        raise TorchRaises("ValueError", "not enough values to unpack")
    return None


# --- narrowing -------------------------------------------------------------------------------------------------------


def narrow(run: Run, frame: Frame, test: ir.Expr, outcome: bool) -> None:
    """Drop the possibilities of a name or attribute that contradict the outcome of a test on it."""
    if isinstance(test, ir.Unary) and test.op == "not":
        narrow(run, frame, test.operand, not outcome)
        return
    if isinstance(test, ir.Boolean):
        if outcome is (test.op == "and"):
            narrow(run, frame, test.left, outcome)
            narrow(run, frame, test.right, outcome)
        return
    subject = _subject(test)
    if subject is None:
        return
    value = evaluate(run, frame, subject)
    if not isinstance(value, Either):
        return
    kept: list[Value] = []
    for option in value.options:
        inner = Frame(dict(frame.names), frame.scope, frame.function, frame.owner, frame.receiver)
        if isinstance(subject, ir.Name):
            inner.names[subject.id] = option
            truth = run.flag(evaluate(run, inner, test))
        else:
            truth = None
        if truth is None or truth is outcome:
            kept.append(option)
    if kept and len(kept) < len(value.options):
        assign(run, frame, subject, either(tuple(kept)), subject)


def _subject(test: ir.Expr) -> ir.Expr | None:
    """The name that a test of the forms ``x``, ``x is None``, ``x == c``, ``isinstance(x, T)`` is about."""
    match test:
        case ir.Name():
            return test
        case ir.Compare(left=ir.Name() as name):
            return name
        case ir.Call(
            func=ir.Name(id="isinstance" | "hasattr" | "callable"), args=(ir.Argument(value=ir.Name() as name), *_)
        ):
            return name
    return None


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
