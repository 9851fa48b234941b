"""Names, operators, conditions: expressions to values."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

from rnnlint.axes.states import Unknown
from rnnlint.interpret.evaluate import binding, probes, telling_apart
from rnnlint.interpret.evaluate.dispatch import evaluate, expression, truth
from rnnlint.interpret.evaluate.narrowing import narrow
from rnnlint.interpret.python import attributes, builtins, documents, operators
from rnnlint.interpret.python.texts import is_spelled
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.heap import Snapshot
from rnnlint.interpret.state.made_once import FALSE, TRUE
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.catalogue import find
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.modules.constructors import RECURRENT
from rnnlint.torch_api.names import by_convention, qualified
from rnnlint.torch_api.tensors import elementwise, indexing, selecting
from rnnlint.values.alternatives import either
from rnnlint.values.domain import (
    Bound,
    Builtin,
    Either,
    Formless,
    Free,
    Function,
    Lit,
    Recurrent,
    RecurrentCell,
    Ref,
    Tensor,
    Torch,
    Value,
)
from rnnlint.values.forms import Arithmetic
from rnnlint.values.heap_cells import ListCell
from rnnlint.values.uses import Use


@expression(ir.Constant)
def _constant(run: Run, frame: Frame, node: ir.Constant) -> Value:
    return run.made.literals[node]


@expression(ir.Dots)
def _dots(run: Run, frame: Frame, node: ir.Dots) -> Value:
    return Unknown("...")


@expression(ir.Name)
def _name(run: Run, frame: Frame, node: ir.Name) -> Value:
    value = run.state.lookup(frame, node.id)
    if value is not None:
        return value
    if node.id in builtins.NAMES:
        return Builtin(node.id)
    if node.id == "__name__":
        return Lit("__main__")
    own = documents.own_path(run, frame) if node.id == "__file__" else None
    if own is not None:
        return own
    borrowed = run.state.borrowed_by(frame)
    torchs = [module.name for module in borrowed.stars if isinstance(module, Torch)]
    for module in torchs:
        if node.id[:1].isupper():
            return qualified(f"{module}.{node.id}")
    # many packages have a ``stack``: a function is torch's where all stars are
    if not borrowed.anywhere and all(module.startswith("torch") for module in torchs):
        for module in reversed(torchs):
            if find(f"{module}.{node.id}") is not None:
                return qualified(f"{module}.{node.id}")
    # a module of torch's hands on the name torch as well, unless it says what a star takes (``__all__``)
    found = by_convention(node.id) if borrowed.anywhere or torchs else None
    return found or run.made.frees[node.id, "global"]


@expression(ir.Attribute)
def _attribute(run: Run, frame: Frame, node: ir.Attribute) -> Value:
    value = evaluate(run, frame, node.value)
    run.at(node, "attribute")
    return attributes.attribute(run, value, node.attr)


@expression(ir.Binary)
def _binary(run: Run, frame: Frame, node: ir.Binary) -> Value:
    left, right = evaluate(run, frame, node.left), evaluate(run, frame, node.right)
    _regain(run, node.left, left, right)
    _regain(run, node.right, right, left)
    run.at(node, "arithmetic")
    return operators.binary(run, node.op, left, right)


def augmented(run: Run, frame: Frame, node: ir.AugAssign) -> Value:
    """The new value of ``target op= value``."""
    left, right = evaluate(run, frame, node.target), evaluate(run, frame, node.value)
    _regain(run, node.value, right, left)
    run.at(node, "arithmetic")
    if isinstance(left, Ref) and node.op == "+" and isinstance(run.heap[left.cell], ListCell):
        run.call(Bound(left, "extend"), (right,), {})
        return left
    return operators.binary(run, node.op, left, right)


def _regain(run: Run, node: ir.Expr, value: Value, other: Value) -> None:
    """What a squeeze may have taken in front, an operand that has it gives back: torch broadcasts.

    Not where the squeezed tensor has a name: it may go elsewhere as well.
    """
    if isinstance(node, ir.Call) and isinstance(value, Tensor) and isinstance(other, Tensor):
        run.layouts.broadcast(value.states, node, other.states)


@expression(ir.Unary)
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
            return value if node.op == "+" else selecting.otherwise(run, value)
        case Unknown() if operators.of_loop(value):
            return Unknown(indexing.COUNTED)
    return run.lost("arithmetic on something that is not followed")


@expression(ir.Boolean)
def _boolean(run: Run, frame: Frame, node: ir.Boolean) -> Value:
    left = evaluate(run, frame, node.left)
    truth = run.facts.flag(left)
    decided = node.op == "or"
    if truth is not None:
        return left if truth is decided else evaluate(run, frame, node.right)
    before = run.state.snapshot(frame)
    narrow(run, frame, node.left, not decided)
    right = evaluate(run, frame, node.right)
    if _builds(right):  # ``given or nn.GRU(...)``: as the conditional expression, explored both ways
        run.facts.flag(left, force=True)
    run.state.join(frame, [before, run.state.snapshot(frame)])
    number = isinstance(right, Lit) and not isinstance(right.value, bool)  # ``hidden or 256`` is no truth
    if isinstance(right, (Lit, Either)) and not number and run.facts.flag(right) is decided:
        return TRUE if decided else FALSE  # a truth: which one it is asked as
    return either((left, right))


def _builds(value: Value) -> bool:
    """Whether a value is a recurrent module, or what builds one."""
    return isinstance(value, (Recurrent, RecurrentCell)) or value in RECURRENT


@expression(ir.Compare)
def _compare(run: Run, frame: Frame, node: ir.Compare) -> Value:
    left = evaluate(run, frame, node.left)
    answer: Value = TRUE
    for op, comparator in node.rest:
        right = evaluate(run, frame, comparator)
        run.at(node, "comparison")
        answer = operators.comparison(run, op, left, right)
        left = right
    return answer if len(node.rest) == 1 or answer == FALSE else operators.undecided()


def _counts_directions(node: ir.Conditional) -> bool:
    """Whether it is ``2 if bidirectional else 1``: what compares it with 2 later on must find it decided."""
    arms = [arm.value for arm in (node.body, node.orelse) if isinstance(arm, ir.Constant)]
    return arms in ([1, 2], [2, 1])


@expression(ir.Conditional)
def _conditional(run: Run, frame: Frame, node: ir.Conditional) -> Value:
    forcing = _counts_directions(node) or telling_apart.is_asked_for(run, node)
    decided = truth(run, frame, node.test, node.names, forcing=forcing)
    if decided is not None:
        return evaluate(run, frame, node.body if decided else node.orelse)
    before = run.state.snapshot(frame)
    results: list[Value] = []
    ends: list[Snapshot] = []
    raised: TorchRaises | None = None
    said, path = run.trace.mark(), run.here.path
    for number, (outcome, arm) in enumerate(((True, node.body), (False, node.orelse))):
        run.state.restore(frame, before)
        narrow(run, frame, node.test, outcome)
        try:
            with run.here.inside(path.along((*path.arms, (node, number)))):
                results.append(evaluate(run, frame, arm))
            ends.append(run.state.snapshot(frame))
        except TorchRaises as error:
            raised = error.again()
    if raised is not None:
        if not results:
            raise raised.again()
        run.trace.retract(said, partial(probes.answered, asked=probes.asked_about(run, frame, node.test)))
    run.state.join(frame, ends)
    return either(tuple(results))


@expression(ir.Lambda)
def _lambda(run: Run, frame: Frame, node: ir.Lambda) -> Value:
    return Function(node, run.state.scope_of(frame))


@expression(ir.Walrus)
def _walrus(run: Run, frame: Frame, node: ir.Walrus) -> Value:
    value = evaluate(run, frame, node.value)
    binding.assign(run, frame, node.target, value, node.value)
    return value


@expression(ir.Formatted)
def _formatted(run: Run, frame: Frame, node: ir.Formatted) -> Value:
    values = [evaluate(run, frame, part) for part in node.parts]
    texts = [value for value in values if isinstance(value, Lit) and is_spelled(run, value)]
    if len(texts) == len(values):
        # of several parts it is none of them, and no choice among what a parameter can be
        whole = frozenset[Hashable]({node}) if len(texts) > 1 else frozenset[Hashable]()
        origins = whole.union(*(value.origins for value in texts if isinstance(value.value, str)))
        return Lit("".join(str(value.value) for value in texts), origins)
    if len(values) == 1 and isinstance(values[0], Free):  # f"{kind}": the text that it is
        return values[0]
    path = documents.formatted(run, values)
    if path is not None:
        return path
    run.at(node, "a formatted string")
    for value in values:
        run.use(value, Use.ELSEWHERE)
    return Unknown("a formatted string")


_YIELDING = {"yield": "append", "yield from": "extend"}


@expression(ir.Other)
def _other(run: Run, frame: Frame, node: ir.Other) -> Value:
    for operand in node.operands:
        value = evaluate(run, frame, operand)
        run.at(operand, node.what)
        handed_on = node.what in _YIELDING and frame.yielded is not None and run.here.places != (None,)
        if handed_on and frame.yielded is not None:
            run.call(Bound(frame.yielded, _YIELDING[node.what]), (value,), {})
            run.at(operand, node.what)
        if handed_on and run.here.path.depth <= 1:  # as what a function returns that the top level calls
            run.use(value, Use.RESULT)
        elif not handed_on:
            run.use(value, Use.RETURN if node.what in _YIELDING else Use.ELSEWHERE)
    if node.what == "await" and node.operands:
        return value
    return Unknown(node.what)
