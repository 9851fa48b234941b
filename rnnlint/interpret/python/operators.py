"""Arithmetic and comparisons."""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.events import Compared
from rnnlint.interpret.python import filling, texts, window_lengths
from rnnlint.interpret.state import arithmetic
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.made_once import FALSE, TRUE
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.misreads import misread
from rnnlint.torch_api.tensors import collecting, elementwise, indexing, less_one, selecting
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Builtin, Either, Formless, Free, Items, Lit, Tensor, Torch, Value
from rnnlint.values.forms import Arithmetic, Equal, Not
from rnnlint.values.heap_cells import ListCell
from rnnlint.values.uses import Use


def binary(run: Run, op: str, left: Value, right: Value) -> Value:
    """``left op right``."""
    if op == "*":
        # where two tensors are compared the truths are open: a mask that is reckoned with, not one of two numbers
        left, right = _mask_beside(left, right), _mask_beside(right, left)
    if isinstance(left, Either) or isinstance(right, Either):
        return run.each_pair(left, right, lambda one, other: binary(run, op, one, other))
    if op == "%" and isinstance(left, Lit) and isinstance(left.value, str):
        return texts.written_into(run, left, left.value, right)
    if isinstance(left, Lit) and isinstance(right, Lit):
        return _arithmetic(run, op, left, right)
    op, left, right = elementwise.taken_away(op, left, right)
    if op == "-" and left == less_one.ARRAY and right == Lit(1):
        return less_one.ARRAY_LESS_ONE
    if _counts(left, right) or _counts(right, left):
        strided = Unknown(indexing.STRIDED) in (left, right) or op not in ("+", "-")
        reason = indexing.STRIDED if strided else indexing.COUNTED
        return Unknown(reason, count=window_lengths.reckoned(run, op, left, right))
    for side in (left, right):
        if isinstance(side, Items) and side.tag is not None and _numeric(left, right):
            return misread(run, side, "arithmetic")
    if isinstance(left, (Tensor, Formless)) or isinstance(right, (Tensor, Formless)):
        return elementwise.arithmetic(run, op, left, right)
    if (isinstance(left, Free) and isinstance(right, (Free, Lit))) or (
        isinstance(left, Lit) and isinstance(right, Free)
    ):
        return Free(f"{_shown(left)} {op} {_shown(right)}", None, Arithmetic(op, left, right))
    return _sequences(run, op, left, right)


def _mask_beside(side: Value, other: Value) -> Value:
    """One side of a product, as what is not followed where it is an open truth beside a tensor."""
    tensor = isinstance(other, Tensor) or (
        isinstance(other, Either) and all(isinstance(one, Tensor) for one in other.options)
    )
    return Unknown("the truths of a comparison") if tensor and side == _UNDECIDED else side


def _counts(side: Value, other: Value) -> bool:
    """Whether the variable of a loop is reckoned with, and a number."""
    number = isinstance(other, Free) or (isinstance(other, Lit) and type(other.value) is int)
    return of_loop(side) and (number or of_loop(other))


def of_loop(value: Value) -> bool:
    """Whether a value is the variable of a loop, or a number made of it."""
    return isinstance(value, Unknown) and value.reason in indexing.OF_LOOPS


def _numeric(left: Value, right: Value) -> bool:
    return any(isinstance(side, (Tensor, Formless)) for side in (left, right))


def _shown(value: Value) -> str:
    return value.key if isinstance(value, Free) else str(value.value) if isinstance(value, Lit) else "..."


def _arithmetic(run: Run, op: str, left: Lit, right: Lit) -> Value:
    result = arithmetic.compute(op, left.value, right.value)
    if result is None:
        return run.lost("arithmetic whose result is too large or no number")
    own = frozenset({run.site.node}) if isinstance(result, str) else frozenset()  # a text of two is neither of them
    number = Lit(result, left.origins | right.origins | own)
    run.facts.note(number)
    return number


def _sequences(run: Run, op: str, left: Value, right: Value) -> Value:
    missing = filling.difference(run, left, right) if op == "-" else None
    if missing is not None:
        return missing
    if Unknown in (type(left), type(right)) and (known := window_lengths.reckoned(run, op, left, right)) is not None:
        return Unknown("a number made of a length that is not known", count=known)
    if op == "+":
        filling.completes(run, left)
        rows = collecting.lists_joined(run, left, right)
        if rows is not None:
            return rows
        filled = filling.sum_of(run, left, right)
        if filled is not None:
            return filled
        sides = run.containers.elements(left), run.containers.elements(right)
        if sides[0] is not None and sides[1] is not None:
            items = (*sides[0], *sides[1])
            return Items(items) if isinstance(left, Items) else run.containers.new_list(items)
    sequence, count = (left, right) if isinstance(right, (Lit, Free, Unknown)) else (right, left)
    items_of = run.containers.elements(sequence) if op == "*" else None
    if items_of is not None and filling.is_missing(run, count):
        return filling.filler(run, items_of)
    number = run.facts.integer(count)
    if items_of is not None and number is not None:
        if len(items_of) * max(number, 0) > LIMITS.elements:
            each = either(items_of) if items_of else None
            return run.containers.new_cell(ListCell((), each, None, len(items_of) * number if items_of else None))
        repeated = items_of * number if items_of and number > 0 else ()  # Python refuses what is no ssize_t
        return Items(repeated) if isinstance(sequence, Items) else run.containers.new_list(repeated)
    for side in (left, right):
        run.use(side, Use.ELSEWHERE)
    return run.lost("arithmetic on something that is not followed")


def negation(run: Run, value: Value) -> Value:
    """``not value``; of what the file leaves open, a value that can still be decided where a module depends on it."""
    truth = run.facts.flag(value)
    if truth is not None:
        return _known(not truth)
    return Free(f"not {_shown(value)}", None, Not(value)) if isinstance(value, (Free, Lit)) else undecided()


def undecided() -> Value:
    """A truth that is open: both are met, but no run is made of either alone."""
    return _UNDECIDED


_UNDECIDED = Either((TRUE, FALSE))


def _known(truth: bool) -> Lit:
    return TRUE if truth else FALSE


def comparison(run: Run, op: str, left: Value, right: Value) -> Value:
    """``left op right`` for a comparison."""
    if isinstance(left, Either) or isinstance(right, Either):
        return run.each_pair(left, right, lambda one, other: comparison(run, op, one, other))
    for side, other in ((left, right), (right, left)):
        to_one = isinstance(side, Lit) and isinstance(other, Lit) and other.value == 1
        asked = side.value if to_one else None  # type: ignore[union-attr]
        if type(asked) is int and run.facts.free_of(asked):
            run.layouts.count(asked)
    one = selecting.equal(run, left, right) if op == "==" else None
    if one is not None:
        return one
    truth: bool | None = None
    if (op in ("is", "is not") and isinstance(right, Lit) and right.value is None) or (
        op in ("==", "!=") and isinstance(right, Lit) and right.value is None
    ):
        truth = run.facts.is_none(left)
    elif op not in ("is", "is not", "in", "not in") and _elementwise(left, right):
        return elementwise.mask(run, left, right)
    elif op in ("==", "!=", "is", "is not") and (isinstance(left, Lit) or isinstance(right, Lit)):
        # of two that are known, that is asked about which stands for what the file leaves open
        asks = not isinstance(right, Lit) or (
            isinstance(left, Lit) and run.facts.declared_as(right) and not left.origins
        )
        value, constant = (right, left) if asks else (left, right)
        assert isinstance(constant, Lit)
        truth = run.facts.equals(value, constant) if isinstance(value, (Lit, Free)) else None
        if truth is None and isinstance(value, (Lit, Free)) and isinstance(constant.value, str):
            same = Free(f"{_shown(value)} == {constant.value!r}", None, Equal(value, constant))
            return same if op in ("==", "is") else negation(run, same)
    elif op in ("==", "!=") and isinstance(left, Tensor) and isinstance(right, Tensor):
        return compared(run, left, right, whole=False)
    elif op in ("==", "!=", "is", "is not") and _classes(left, right):
        truth = left == right
    elif isinstance(left, Lit) and isinstance(right, Lit) and op in ("<", "<=", ">", ">="):
        truth = _ordered(run, op, left, right)
        return undecided() if truth is None else _known(truth)
    elif op in ("in", "not in"):
        truth = _contains(run, left, right)
        return undecided() if truth is None else _known(truth is (op == "in"))
    else:
        for side in (left, right):
            run.use(side, Use.COMPARISON)
    return undecided() if truth is None else _known(truth is (op in ("==", "is")))


def _classes(left: Value, right: Value) -> bool:
    """Whether two classes are compared that are known by their names."""
    return isinstance(left, (Torch, Builtin)) and isinstance(right, (Torch, Builtin))


def _elementwise(left: Value, right: Value) -> bool:
    """Whether a comparison is one of a tensor, place by place (two tensors of known shape are compared elsewhere)."""
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        return False
    known = (Tensor, Formless, Lit, Free)
    return isinstance(left, known) and isinstance(right, known) and _numeric(left, right)


def _ordered(run: Run, op: str, left: Lit, right: Lit) -> bool | None:
    open_ = [o for o in left.origins | right.origins if not isinstance(o, ir.Node)]
    if any(not run.facts.counted(origin) for origin in open_):
        return None
    return arithmetic.compare(op, left.value, right.value)


def _contains(run: Run, left: Value, right: Value) -> bool | None:
    if isinstance(right, Lit) and isinstance(right.value, str):
        return run.facts.within(left, right.value)
    items = run.containers.elements(right)
    if items is not None and all(_classes(left, item) for item in items):
        return left in items
    if items is None or not isinstance(left, (Lit, Free)):
        return None
    answers = [run.facts.equals(left, item) if isinstance(item, Lit) else None for item in items]
    return True if True in answers else None if None in answers else False


def compared(run: Run, left: Tensor, right: Tensor, whole: bool) -> Value:
    """Two tensors are compared; the answer is one truth (``whole``) or a tensor of them."""
    modules = dict(run.calls.modules(left.states)) | dict(run.calls.modules(right.states))
    run.emit(Compared(left.states, right.states, whole, run.site, tuple(modules.items())))
    for side in (left, right):
        run.use(side, Use.COMPARISON)
    return undecided() if whole else Unknown("the truths of a comparison")
