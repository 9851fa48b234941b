"""Statements: paths, branches, loops."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rnnlint.axes.states import Unknown
from rnnlint.interpret.evaluate import binding, expressions, probes
from rnnlint.interpret.state.heap import Snapshot, join, unchanged
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.loops import Loop, bound_in, names_bound
from rnnlint.interpret.state.run import Run
from rnnlint.interpret.state.world import MEANT, ClassInfo, Frame, OutOfBudget
from rnnlint.source import program as ir
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.names import imported
from rnnlint.values.domain import Class, Free, Function, Lit, Value
from rnnlint.values.uses import Use


def execute(run: Run, frame: Frame, body: ir.Block) -> bool:
    """Run statements; False when no path reaches their end."""
    for statement in body:
        run.budget -= 1
        if run.budget < 0:
            raise OutOfBudget
        run.operands = []
        standing = run.arms, run.path, run.loops, run.depth, frame.breaks, frame.continues
        try:
            alive = _STATEMENTS[type(statement)](run, frame, statement)
        except MEANT:
            raise
        except Exception as error:
            run.arms, run.path, run.loops, run.depth, frame.breaks, frame.continues = standing
            alive = _failed(run, frame, statement, error)
        if not alive:
            return False
    return True


def _failed(run: Run, frame: Frame, statement: ir.Statement, error: Exception) -> bool:
    """A mistake of ours costs what the statement binds."""
    run.world.failures.note("the analysis of a statement", statement, error)
    names = {*bound_in((statement,))}
    if isinstance(statement, ir.FunctionDef | ir.ClassDef):
        names.add(statement.name)
    frame.names.update(dict.fromkeys(sorted(names), run.lost("an internal error of rnnlint")))
    return True


@dataclass(slots=True)
class _Fork:
    """A place where paths part: where they all begin, and how those that have been run have ended.

    ``asked`` is what the condition that chooses the arm asks about (see ``interpret.probes``).
    """

    before: Snapshot
    ended: tuple[int, int, int]
    said: int
    arms: tuple[int, ...]
    asked: frozenset[Hashable] = frozenset()
    ends: list[Snapshot] = field(default_factory=list)
    raised: TorchRaises | None = None

    @classmethod
    def here(cls, run: Run, frame: Frame, asked: frozenset[Hashable] = frozenset()) -> _Fork:
        return cls(run.snapshot(frame), _ended(frame), len(run.events), run.arms, asked)

    def enter(self, run: Run, frame: Frame, number: int) -> None:
        """Begin with an arm."""
        run.restore(frame, self.before)
        run.arms = (*self.arms, number)

    def arm(self, run: Run, frame: Frame, number: int, go: Callable[[], bool]) -> None:
        self.enter(run, frame, number)
        try:
            if go():
                self.ends.append(run.snapshot(frame))
        except TorchRaises as error:
            self.raised = error

    def close(self, run: Run, frame: Frame) -> bool:
        """Go on with what holds after any of the arms; False when none has an end.  Raises where all do."""
        run.arms = self.arms
        if self.raised is not None:
            if not self.ends and self.ended == _ended(frame):
                raise self.raised
            run.retract(self.said, partial(probes.answered, asked=self.asked))
        if not self.ends:
            return False
        run.restore(frame, join(self.ends))
        return True


def _ended(frame: Frame) -> tuple[int, int, int]:
    """How many paths have left the block that is run."""
    return len(frame.returns), len(frame.breaks), len(frame.continues)


def _branch(run: Run, frame: Frame, arms: list[Callable[[], bool]]) -> bool:
    """Run every arm from the same start; go on with what holds after any of them."""
    fork = _Fork.here(run, frame)
    for number, arm in enumerate(arms):
        fork.arm(run, frame, number, arm)
    return fork.close(run, frame)


def _assign(run: Run, frame: Frame, node: ir.Assign) -> bool:
    value = expressions.evaluate(run, frame, node.value)
    if isinstance(value, Lit) and isinstance(node.value, ir.Constant):
        value = Lit(value.value, frozenset({node}))
    for target in node.targets:
        binding.assign(run, frame, target, value, node.value)
    return True


def _declare(run: Run, frame: Frame, node: ir.Declare) -> bool:
    if node.value is not None:
        binding.assign(run, frame, node.target, expressions.evaluate(run, frame, node.value), node.value)
    return True


def _aug_assign(run: Run, frame: Frame, node: ir.AugAssign) -> bool:
    binding.assign(run, frame, node.target, expressions.augmented(run, frame, node), node.value)
    return True


def _evaluate(run: Run, frame: Frame, node: ir.Evaluate) -> bool:
    run.statement = node.value
    expressions.evaluate(run, frame, node.value)
    return True


def _return(run: Run, frame: Frame, node: ir.Return) -> bool:
    value: Value = Lit(None) if node.value is None else expressions.evaluate(run, frame, node.value)
    if node.value is not None:
        run.at(node.value, "return", subject=value)
    if run.depth <= 1:
        run.use(value, Use.RETURN if run.places == (None,) else Use.RESULT)
    frame.returns.append((value, run.snapshot(frame)))
    return False


def _raise(run: Run, frame: Frame, node: ir.Raise) -> bool:
    if node.value is not None:
        expressions.evaluate(run, frame, node.value)
    return False


def _assert(run: Run, frame: Frame, node: ir.Assert) -> bool:
    value = expressions.evaluate(run, frame, node.test)
    run.use(value, Use.COMPARISON)
    return True


def _delete(run: Run, frame: Frame, node: ir.Delete) -> bool:
    for target in node.targets:
        if isinstance(target, ir.Name):
            frame.names.pop(target.id, None)
    return True


def _jump(run: Run, frame: Frame, node: ir.Jump) -> bool:
    if node.kind == "break":
        frame.breaks.append(run.snapshot(frame))
    elif node.kind == "continue":
        frame.continues.append(run.snapshot(frame))
    return node.kind == "pass"


def _outer(run: Run, frame: Frame, node: ir.Outer) -> bool:
    frame.outer.update(node.names)
    return True


def _if(run: Run, frame: Frame, node: ir.If) -> bool:
    """An ``if`` with all its ``elif``: each is the other arm of the one before, and Python's stack has an end."""
    forks: list[_Fork] = []
    alive, raised = False, None
    try:
        alive = execute(run, frame, _forked(run, frame, node, forks))
    except TorchRaises as error:
        raised = error
    for fork in reversed(forks):
        fork.raised = raised or fork.raised
        if alive:
            fork.ends.append(run.snapshot(frame))
        alive, raised = False, None
        try:
            alive = fork.close(run, frame)
        except TorchRaises as error:
            raised = error
    if raised is not None:
        raise raised
    return alive


def _forked(run: Run, frame: Frame, node: ir.If, forks: list[_Fork]) -> ir.Block:
    """Run the bodies of an ``if`` and its ``elif`` whose conditions are open.

    Returns the block that is left to be run, in the innermost of the forks.
    """
    while True:
        truth = expressions.truth(run, frame, node.test, node.names)
        if truth is True:
            binding.narrow(run, frame, node.test, True)
            return node.body
        if truth is None:
            fork = _Fork.here(run, frame, probes.asked_about(run, frame, node.test))
            fork.arm(run, frame, 0, partial(_taken, run, frame, node))
            fork.enter(run, frame, 1)
            forks.append(fork)
        binding.narrow(run, frame, node.test, False)
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ir.If):
            return node.orelse
        node = node.orelse[0]
        run.spend_step()


def _taken(run: Run, frame: Frame, node: ir.If) -> bool:
    binding.narrow(run, frame, node.test, True)
    return execute(run, frame, node.body)


def _for(run: Run, frame: Frame, node: ir.For) -> bool:
    iterable = expressions.evaluate(run, frame, node.iter)
    run.at(node.iter, "iterate", subject=iterable)
    known = binding.iteration(run, iterable)
    outer, run.loops = run.loops, (*run.loops, Loop(node, names_bound(node)))
    try:
        return _looped(run, frame, node, iterable, known)
    finally:
        run.loops = outer


def _looped(run: Run, frame: Frame, node: ir.For, iterable: Value, known: tuple[Value, ...] | None) -> bool:
    if known is not None:
        return _unrolled(run, frame, node, known)

    def meet(item: Value) -> bool:
        binding.assign(run, frame, node.target, item, node.iter)
        return execute(run, frame, node.body)

    last = binding.last_element(run, iterable)
    return _repeat(
        run,
        frame,
        lambda: meet(binding.some_element(run, iterable)),
        node.orelse,
        last=None if last is None else lambda: meet(last),
    )


def _unrolled(run: Run, frame: Frame, node: ir.For, items: tuple[Value, ...]) -> bool:
    outer_breaks, frame.breaks = frame.breaks, []
    alive, path = True, run.path
    for index, item in enumerate(items):
        run.path = (*path, index)
        run.turn(index)
        outer_continues, frame.continues = frame.continues, []
        binding.assign(run, frame, node.target, item, node.iter)
        alive = execute(run, frame, node.body)
        ends = [*frame.continues, *([run.snapshot(frame)] if alive else [])]
        frame.continues = outer_continues
        if not ends:
            alive = False
            break
        run.restore(frame, join(ends))
        alive = True
    run.path = path
    breaks, frame.breaks = frame.breaks, outer_breaks
    if alive:
        alive = execute(run, frame, node.orelse)
    ends = [*breaks, *([run.snapshot(frame)] if alive else [])]
    if not ends:
        return False
    run.restore(frame, join(ends))
    return True


def _while(run: Run, frame: Frame, node: ir.While) -> bool:
    endless = isinstance(node.test, ir.Constant) and bool(node.test.value)

    def once() -> bool:
        expressions.evaluate(run, frame, node.test)
        return execute(run, frame, node.body)

    outer, run.loops = run.loops, (*run.loops, Loop(node, names_bound(node)))
    try:
        return _repeat(run, frame, once, node.orelse, at_least_once=endless, exits=not endless)
    finally:
        run.loops = outer


def _repeat(
    run: Run,
    frame: Frame,
    body: Callable[[], bool],
    orelse: ir.Block,
    at_least_once: bool = False,
    exits: bool = True,
    last: Callable[[], bool] | None = None,
) -> bool:
    """A loop over something unknown: its body, until nothing changes, then ``last`` for the last time round."""
    outer = frame.breaks, frame.continues
    frame.breaks, frame.continues = [], []
    states = [run.snapshot(frame)]
    leaving: list[Snapshot] = [] if at_least_once else [states[0]]
    for number in range(LIMITS.rounds):
        said = len(run.events)
        run.turn(number)
        try:
            alive = body()
        except TorchRaises:
            if len(states) == 1 and not frame.breaks and not frame.continues:
                frame.breaks, frame.continues = outer
                raise
            run.retract(said)
            alive = False
        ends = [*frame.continues, *([run.snapshot(frame)] if alive else [])]
        frame.continues = []
        if not ends:
            break
        leaving += ends if exits else []
        after = join([states[-1], *ends])
        if unchanged(states[-1], after):
            break
        states.append(after)
        run.restore(frame, after)
    if last is not None:
        run.turn(LIMITS.rounds)
        run.restore(frame, states[-1])
        alive = last()
        leaving = [*frame.continues, *([run.snapshot(frame)] if alive else [])]
    ends = [*leaving, *frame.breaks]
    frame.breaks, frame.continues = outer
    if not ends:
        return False
    run.restore(frame, join(ends))
    return execute(run, frame, orelse)


def _try(run: Run, frame: Frame, node: ir.Try) -> bool:
    before = run.snapshot(frame)
    said, raised, returned = len(run.events), False, len(frame.returns)

    def body() -> bool:
        nonlocal raised
        run.trying += bool(node.handlers)
        try:
            alive = execute(run, frame, node.body)
        except TorchRaises:
            raised = True
            raise
        finally:
            run.trying -= bool(node.handlers)
        return alive and execute(run, frame, node.orelse)

    def handler(name: str | None, block: ir.Block) -> Callable[[], bool]:
        def go() -> bool:
            if name is not None:
                frame.names[name] = Unknown("an exception")
            asked = probes.asked_about(run, frame, *block)
            alive = execute(run, frame, block)
            # what raises here, in this very function, was tried: the handler goes on with it in another way
            if raised and (alive or len(frame.returns) > returned):
                run.retract(said, partial(probes.answered, asked=asked))
            return alive

        return go

    if not node.handlers:
        alive = body()
    else:
        arms: list[Callable[[], bool]] = [body]
        arms += [handler(name, block) for name, block in node.handlers]
        run.restore(frame, before)
        alive = _branch(run, frame, arms)
    return execute(run, frame, node.finalbody) and alive


def _with(run: Run, frame: Frame, node: ir.With) -> bool:
    for item, target in node.items:
        value = expressions.evaluate(run, frame, item)
        if target is not None:
            binding.assign(run, frame, target, value, item)
    return execute(run, frame, node.body)


def _match(run: Run, frame: Frame, node: ir.Match) -> bool:
    subject = expressions.evaluate(run, frame, node.subject)

    def arm(names: tuple[str, ...], body: ir.Block) -> Callable[[], bool]:
        def go() -> bool:
            for name in names:
                frame.names[name] = binding.some_element(run, subject)
            return execute(run, frame, body)

        return go

    return _branch(run, frame, [lambda: True, *(arm(names, body) for names, body in node.cases)])


def _function(run: Run, frame: Frame, node: ir.FunctionDef) -> bool:
    for decorator in node.decorators:
        expressions.evaluate(run, frame, decorator)
    frame.names[node.name] = Function(node, run.scope_of(frame))
    return True


def _class(run: Run, frame: Frame, node: ir.ClassDef) -> bool:
    bases = tuple(expressions.evaluate(run, frame, base.value) for base in node.bases if base.keyword is None)
    decorators = tuple(expressions.evaluate(run, frame, decorator) for decorator in node.decorators)
    scope = run.scope_of(frame)
    inner = Frame({}, scope, node, is_class=True)
    run.depth += 1
    execute(run, inner, node.body)
    run.depth -= 1
    fields = tuple(s.target.id for s in node.body if isinstance(s, ir.Declare) and isinstance(s.target, ir.Name))
    run.classes[node] = ClassInfo(bases, inner.names, decorators, fields)
    frame.names[node.name] = Class(node, scope)
    return True


def _import(run: Run, frame: Frame, node: ir.Import) -> bool:
    for name, alias in node.names:
        if alias is None:
            head = name.partition(".")[0]
            frame.names[head] = imported(head, node)
        else:
            frame.names[alias] = imported(name, node)
    return True


def _import_from(run: Run, frame: Frame, node: ir.ImportFrom) -> bool:
    if node.names is None:
        star = imported(node.module, node)
        if isinstance(star, Free):
            run.borrows = True
        else:
            run.star_modules.append(star)
        return True
    for name, alias in node.names:
        frame.names[alias] = imported(f"{node.module}.{name}", node)
    return True


_STATEMENTS: dict[type, Callable[[Run, Frame, Any], bool]] = {
    ir.Assign: _assign,
    ir.Declare: _declare,
    ir.AugAssign: _aug_assign,
    ir.Evaluate: _evaluate,
    ir.Return: _return,
    ir.Raise: _raise,
    ir.Assert: _assert,
    ir.Delete: _delete,
    ir.Jump: _jump,
    ir.Outer: _outer,
    ir.If: _if,
    ir.For: _for,
    ir.While: _while,
    ir.Try: _try,
    ir.With: _with,
    ir.Match: _match,
    ir.FunctionDef: _function,
    ir.ClassDef: _class,
    ir.Import: _import,
    ir.ImportFrom: _import_from,
}
