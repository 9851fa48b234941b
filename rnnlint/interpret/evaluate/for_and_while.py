"""Loops: over what is known, element by element; over anything else, until nothing changes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TypeGuard

from rnnlint.interpret.evaluate import binding
from rnnlint.interpret.evaluate.dispatch import evaluate, execute, statement
from rnnlint.interpret.evaluate.paths import repeat
from rnnlint.interpret.python import filling, lists, measured, operators, sequences
from rnnlint.interpret.state.emptying import emptying
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.loops import Loop, counting, left_at_once, names_bound, picks_by_target
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source.filling_loops import filled_up
from rnnlint.values.domain import Along, Builtin, Formless, Free, Lit, Ref, Tensor, Value


@statement(ir.For)
def _for(run: Run, frame: Frame, node: ir.For) -> bool:
    iterable = measured.tensor(run, evaluate(run, frame, node.iter))
    run.at(node.iter, "iterate", subject=iterable)
    known = sequences.iteration(run, iterable)
    with _looping(run, node):
        goes_on = _unknown(run, frame, node, iterable) if known is None else _unrolled(run, frame, node, known)
    if filling.fills(run, iterable):
        _fill(run, frame, filled_up(node))
    return goes_on


def _counted(run: Run, frame: Frame, node: ir.While) -> tuple[ir.For, Value] | None:
    """A ``while`` that counts, as a ``for`` over the numbers that it counts; None for any other."""
    counts = counting(node)
    start = None if counts is None else run.state.lookup(frame, counts.name)
    if counts is None or not _whole(start):
        return None
    match counts.bound:
        case ir.Call(func=ir.Name(id="len"), args=(argument,)):
            if not isinstance(evaluate(run, frame, argument.value), (Tensor, Formless)):
                return None  # what the loop may make longer
    bound = evaluate(run, frame, counts.bound)
    step = None if counts.step is None else evaluate(run, frame, counts.step)
    if not _whole(bound) or not (step is None or _counts_up(run, step)):
        return None
    run.at(node.test, "comparison")
    stop = operators.binary(run, "+", bound, Lit(counts.more)) if counts.more else bound
    by = (Lit(-1),) if counts.down else () if step is None else (step,)
    bounds = (stop,) if start == Lit(0) and not by else (start, stop, *by)
    return counts.loop, run.call(Builtin("range"), bounds, {})


def _emptied(run: Run, frame: Frame, node: ir.While) -> tuple[ir.For, Value] | None:
    """A ``while`` that empties a list, as a ``for`` over what it takes out; None for any other.

    The list has no more than what is left from then on: nothing in the loop looks at it.
    """
    empties = emptying(node)
    held = None if empties is None else run.state.lookup(frame, empties.name)
    # what a name around the function holds is others' as well
    if empties is None or held is None or frame.names.get(empties.name) is not held:
        return None
    run.at(empties.loop.iter, "iterate", subject=held)
    parts = lists.parted(run, held, empties.backwards, empties.left)
    if parts is None:
        return None
    taken, left = parts
    if isinstance(held, Ref):
        run.containers.put(held, left)
    else:
        run.state.bind(frame, empties.name, run.containers.new_cell(left))
    return empties.loop, taken


def _counts_up(run: Run, step: Value) -> bool:
    number = run.facts.integer(step) if _whole(step) else None
    return number is not None and number > 0


def _whole(value: Value | None) -> TypeGuard[Lit | Free]:
    """Whether a value may be a whole number: what 1 is added to is one, if it is open."""
    known = isinstance(value, Lit) and isinstance(value.value, int) and not isinstance(value.value, bool)
    return known or isinstance(value, Free)


def _fill(run: Run, frame: Frame, lists: tuple[ir.Expr, ...]) -> None:
    """A loop is over that has filled up these."""
    for one in lists:
        filling.fill(run, evaluate(run, frame, one))


def _looping(run: Run, node: ir.For | ir.While) -> AbstractContextManager[None]:
    """Inside, the loop is run."""
    path = run.here.path
    return run.here.inside(
        path.around(path.iteration, (*path.loops, Loop(node, names_bound(node), depth=len(path.calls))))
    )


def _unknown(run: Run, frame: Frame, node: ir.For, iterable: Value) -> bool:
    """A loop over something whose elements are not known."""

    def meet(item: Value) -> bool:
        run.rounds.meet(item)
        binding.assign(run, frame, node.target, item, node.iter)
        return execute(run, frame, node.body)

    if left_at_once(node):
        first = sequences.first_element(run, iterable)
        some = sequences.some_element(run, iterable) if first is None else first
        # an axis is never empty; how many numbers there are is not known
        entered = isinstance(iterable, (Tensor, Along))
        return repeat(run, frame, lambda: meet(some), node.orelse, at_least_once=entered)
    last = sequences.last_element(run, iterable)
    number = run.facts.integer(last) if isinstance(last, Lit) else None
    if number is not None and not run.facts.free_of(number + 1) and not picks_by_target(node):
        last = None  # ``for epoch in range(50)``: which epoch it is changes nothing
    return repeat(
        run,
        frame,
        lambda: meet(sequences.some_element(run, iterable)),
        node.orelse,
        last=None if last is None else lambda: meet(last),
    )


def _unrolled(run: Run, frame: Frame, node: ir.For, items: tuple[Value, ...]) -> bool:
    """A loop over known elements, one by one."""
    outer_breaks, frame.breaks = frame.breaks, []
    alive = True
    for index, item in enumerate(items):
        run.here.turn(index)
        outer_continues, frame.continues = frame.continues, []
        path = run.here.path
        with run.here.inside(path.around((*path.iteration, index), path.loops)):
            binding.assign(run, frame, node.target, item, node.iter)
            alive = execute(run, frame, node.body)
        ends = [*frame.continues, *([run.state.snapshot(frame)] if alive else [])]
        frame.continues = outer_continues
        if not ends:
            alive = False
            break
        run.state.join(frame, ends)
        alive = True
    breaks, frame.breaks = frame.breaks, outer_breaks
    if alive:
        alive = execute(run, frame, node.orelse)
    ends = [*breaks, *([run.state.snapshot(frame)] if alive else [])]
    if not ends:
        return False
    run.state.join(frame, ends)
    return True


@statement(ir.While)
def _while(run: Run, frame: Frame, node: ir.While) -> bool:
    counted = _counted(run, frame, node) or _emptied(run, frame, node)
    if counted is not None:
        loop, iterable = counted
        known = sequences.iteration(run, iterable)
        with _looping(run, node):
            goes_on = _unknown(run, frame, loop, iterable) if known is None else _unrolled(run, frame, loop, known)
        _fill(run, frame, filled_up(node))
        return goes_on
    endless = isinstance(node.test, ir.Constant) and bool(node.test.value)

    def once() -> bool:
        path = run.here.path
        with run.here.inside(path.of_condition(path.forcing)):
            evaluate(run, frame, node.test)
        return execute(run, frame, node.body)

    with _looping(run, node):
        goes_on = repeat(run, frame, once, node.orelse, at_least_once=endless, exits=not endless)
    _fill(run, frame, filled_up(node))
    return goes_on
