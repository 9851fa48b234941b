"""Expressions to values and statements to paths: every kind of node by the function that is registered for it.

Evaluation is recursive: an expression calls a function, whose body is statements, which hold expressions.  All that
goes round goes through the two functions here, so that the modules which say what each kind of node does import nothing
of each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rnnlint.axes.states import Block, Unknown
from rnnlint.interpret.python import tables
from rnnlint.interpret.state import replay
from rnnlint.interpret.state.containers import SMALL
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.loops import bound_in
from rnnlint.interpret.state.run import MEANT, OutOfBudget, Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.mentions import mentions_recurrent
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.domain import Either, Free, Items, Tensor, Value
from rnnlint.values.uses import Use

Evaluator = Callable[[Run, Frame, Any], Value]
Executor = Callable[[Run, Frame, Any], bool]
E = TypeVar("E", bound=Evaluator)
S = TypeVar("S", bound=Executor)

EVALUATORS: dict[type, Evaluator] = {}
EXECUTORS: dict[type, Executor] = {}

_INTERNAL = "an internal error of rnnlint"


def expression(kind: type[ir.Expr]) -> Callable[[E], E]:
    """What is decorated gives the value of this kind of expression."""

    def register(evaluator: E) -> E:
        EVALUATORS[kind] = evaluator
        return evaluator

    return register


def statement(kind: type[ir.Statement]) -> Callable[[S], S]:
    """What is decorated runs this kind of statement; it returns False where no path reaches its end."""

    def register(executor: S) -> S:
        EXECUTORS[kind] = executor
        return executor

    return register


def evaluate(run: Run, frame: Frame, node: ir.Expr) -> Value:
    """The value of an expression.  Raises TorchRaises where the program certainly raises."""
    run.budget -= 1  # as spend_step does, by hand: of all calls this is made most often
    if run.budget < 0:
        raise OutOfBudget
    kind = type(node)  # types are compared and not asked with isinstance: none that is met here has subclasses
    losses = run.losses
    if kind in _LEAVES and not run.watched:  # two of three expressions, and most of them need nothing else
        leaf = _named(run, frame, node.id) if kind is ir.Name else run.made.literals[node]  # type: ignore
        if leaf is not None:
            losses.operands.append(leaf)
            return leaf
    operands: list[Value] = []
    outer, losses.operands = losses.operands, operands
    try:
        value = EVALUATORS[kind](run, frame, node)
        if type(value) not in SMALL:
            value = run.containers.bounded(value)
    except TorchRaises:
        run.fitting.be_shapes(operands)
        raise
    except MEANT:
        raise
    except Exception as error:
        value = _without_value(run, frame, node, error)
    finally:
        losses.operands = outer
    made = type(value)
    if made is Unknown or made is Either or made is Items:
        if kind in _OPERATIONS:
            known = kind is ir.Attribute  # a fact about a tensor that is known says nothing of its states
            concerned = [one for one in operands if isinstance(one, Unknown)] if known else operands
            value = losses.passed_on(value, concerned, node)
        if isinstance(value, Unknown):
            if value.held:  # most hold nothing
                run.uses.release(value)
        elif made is Either:
            run.uses.release(value)  # type: ignore[arg-type]
    outer.append(value)
    if run.watched and node in run.watched:
        run.seen(node, value)
    return value


def _named(run: Run, frame: Frame, name: str) -> Value | None:
    """What a name holds, if it is bound to what is neither large nor holds anything: no more is to be done about it."""
    value = frame.names.get(name)
    if value is None:
        value = run.state.lookup(frame, name)
    elif run.journal.now is not None:
        run.state.found(frame, name, value)
    made = type(value)
    if made in SMALL:
        return value if made is not Unknown or not value.held else None  # type: ignore[union-attr]
    if made is Free:
        heavy, deep = value.size  # type: ignore[union-attr]
        return value if heavy <= LIMITS.weight and deep <= LIMITS.nesting else None
    if made is Tensor and type(value.states) is Block and not value.states.orders:  # type: ignore[union-attr]
        return value
    return None


_LEAVES = frozenset({ir.Name, ir.Constant})
_OPERATIONS = frozenset({ir.Attribute, ir.Call, ir.Subscript, ir.Binary, ir.Unary})
"""What makes one value of others; all else hands on what it is given."""


def _without_value(run: Run, frame: Frame, node: ir.Expr, error: Exception) -> Value:
    """A mistake of ours costs the value of the expression.

    Whatever the expression names may have been used in it: nothing may be said of what was never used.
    """
    failures = run.learned.failures
    run.journal.spoil()  # a mistake is told once for each time it is made
    failures.note(f"the analysis of {_KINDS.get(type(node), 'an expression')}", node, error)
    run.at(node, "call", subject=Unknown(""))
    for part in walking.walk(node):
        with failures.contained("the analysis of what is used", node):
            value = run.state.lookup(frame, part.id) if isinstance(part, ir.Name) else None
            if value is not None:
                run.use(value, Use.ELSEWHERE)
    return run.lost(_INTERNAL)


_KINDS = {ir.Call: "a call", ir.Subscript: "a subscript", ir.Binary: "an operation", ir.Attribute: "an attribute"}


def execute(run: Run, frame: Frame, body: ir.Block) -> bool:
    """Run statements; False when no path reaches their end."""
    for one in body:
        run.budget -= 1  # as spend_step does
        if run.budget < 0:
            raise OutOfBudget
        run.losses.operands = []
        standing = run.here.path, frame.breaks, frame.continues
        try:
            alive = replay.statement(run, frame, one, EXECUTORS[type(one)])
        except MEANT:
            raise
        except Exception as error:
            run.here.path, frame.breaks, frame.continues = standing
            alive = _without_names(run, frame, one, error)
        if not alive:
            return False
    return True


def _without_names(run: Run, frame: Frame, node: ir.Statement, error: Exception) -> bool:
    """A mistake of ours costs what the statement binds."""
    run.journal.spoil()
    run.learned.failures.note("the analysis of a statement", node, error)
    names = {*bound_in((node,))}
    if isinstance(node, (ir.FunctionDef, ir.ClassDef)):
        names.add(node.name)
    lost = run.lost(_INTERNAL)
    for name in sorted(names):
        run.state.bind(frame, name, lost)
    return True


def truth(run: Run, frame: Frame, test: ir.Expr, names: frozenset[str], forcing: bool = False) -> bool | None:
    """The truth of a condition.

    Where a recurrent module depends on it (by the ``names`` in what it decides, or by ``forcing``), an open one is
    explored both ways.
    """
    here = run.here
    outer = here.path
    forcing = forcing or outer.forcing or mentions_recurrent(names)
    here.path = outer.of_condition(forcing)
    try:
        value = evaluate(run, frame, test)
        answer = run.facts.flag(value)
        if answer is None and not forcing and meets_classes(run, frame):
            return run.facts.flag(value, force=True)
        return answer
    finally:
        here.path = outer


def meets_classes(run: Run, frame: Frame) -> bool:
    """Whether the loop that is run goes over classes of recurrent modules: its conditions choose among these."""
    path = run.here.path
    if not path.loops or path.loops[-1].depth != len(path.calls):
        return False
    own = sorted(path.loops[-1].bound & frame.names.keys())
    return any(tables.is_recurrent_class(run.state.lookup(frame, name)) for name in own)
