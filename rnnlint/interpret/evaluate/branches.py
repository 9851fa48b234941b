"""``if``, ``try``, ``match``: paths that part."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rnnlint.axes.states import Unknown
from rnnlint.interpret.evaluate import binding, probes, telling_apart
from rnnlint.interpret.evaluate.dispatch import evaluate, execute, statement, truth
from rnnlint.interpret.evaluate.narrowing import narrow, promise
from rnnlint.interpret.evaluate.paths import Fork, branch
from rnnlint.interpret.python import standard_library
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.loops import bound_in
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.domain import SizeOf, Tensor, Value
from rnnlint.values.walk import options


@statement(ir.If)
def _if(run: Run, frame: Frame, node: ir.If) -> bool:
    """An ``if`` with all its ``elif``: each is the other arm of the one before, and Python's stack has an end."""
    forks: list[Fork] = []
    alive, raised = False, None
    try:
        alive = execute(run, frame, _forked(run, frame, node, forks))
    except TorchRaises as error:
        raised = error.again()
    # from the innermost outwards: where the paths of an elif meet is where the other arm of the one before ends
    for fork in reversed(forks):
        fork.raised = raised or fork.raised
        fork.leave(run, frame, 1, alive)
        alive, raised = False, None
        try:
            alive = fork.close(run, frame)
            if alive and isinstance(fork.node, ir.If):
                telling_apart.name_truths(run, frame, fork.node)
        except TorchRaises as error:
            raised = error.again()
    if raised is not None:
        raise raised.again()
    return alive


def _forked(run: Run, frame: Frame, node: ir.If, forks: list[Fork]) -> ir.Block:
    """Run the bodies of an ``if`` and its ``elif`` whose conditions are open.

    Returns the block that is left to be run, in the innermost of the forks.
    """
    while True:
        decided = truth(run, frame, node.test, node.names, forcing=telling_apart.is_asked_for(run, node))
        if decided is True:
            narrow(run, frame, node.test, True)
            return node.body
        if decided is None:
            fork = Fork.here(run, frame, node, probes.asked_about(run, frame, node.test))
            fork.arm(run, frame, 0, partial(_taken, run, frame, node))
            fork.enter(run, frame, 1)
            forks.append(fork)
            if isinstance(node.body[-1], ir.Raise):
                promise(run, frame, node.test, False)
        narrow(run, frame, node.test, False)
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ir.If):
            return node.orelse
        node = node.orelse[0]
        run.spend_step()


def _taken(run: Run, frame: Frame, node: ir.If) -> bool:
    narrow(run, frame, node.test, True)
    return execute(run, frame, node.body)


@statement(ir.Try)
def _try(run: Run, frame: Frame, node: ir.Try) -> bool:
    said, raised, returned = run.trace.mark(), False, len(frame.returns)
    tries = run.here.path.tries + bool(node.handlers)

    def body() -> bool:
        nonlocal raised
        try:
            with run.here.within(tries=tries):
                alive = execute(run, frame, node.body)
        except TorchRaises:
            raised = True
            raise
        return alive and execute(run, frame, node.orelse)

    def handler(name: str | None, block: ir.Block) -> Callable[[], bool]:
        def go() -> bool:
            if name is not None:
                run.state.bind(frame, name, Unknown("an exception"))
            asked = probes.asked_about(run, frame, *block)
            _restored(run, frame, block)
            alive = execute(run, frame, block)
            # what raises here, in this very function, was tried: the handler goes on with it in another way
            if raised and (alive or len(frame.returns) > returned):
                run.trace.retract(said, partial(probes.answered, asked=asked))
            return alive

        return go

    if not node.handlers:
        alive = body()
    else:
        arms: list[Callable[[], bool]] = [body]
        arms += [handler(name, block) for name, block in node.handlers]
        alive = branch(run, frame, node, arms)
    return execute(run, frame, node.finalbody) and alive


def _restored(run: Run, frame: Frame, handler: ir.Block) -> None:
    """A handler binds the name of a tensor anew that a squeeze may have left too few axes: there it gets them back."""
    for name in frozenset(bound_in(handler)):
        value = run.state.lookup(frame, name)
        for option in options(value) if value is not None else ():
            if isinstance(option, Tensor):
                run.layouts.restored(option.states)


@statement(ir.Match)
def _match(run: Run, frame: Frame, node: ir.Match) -> bool:
    subject = evaluate(run, frame, node.subject)

    def arm(case: ir.Case) -> Callable[[], bool]:
        def go() -> bool:
            # how many axes a shape has is asked by several cases, and only one of them is right
            if case.target is not None and not isinstance(subject, SizeOf):
                binding.assign(run, frame, case.target, subject, node.subject)
            else:
                for name in case.names:
                    run.state.bind(frame, name, run.lost("what a pattern binds"))
            return execute(run, frame, case.body)

        return go

    fitting = [(case, _fits(run, case.target, subject)) for case in node.cases]
    possible = [case for case, fits in fitting if fits is not False]
    certain = next((n for n, case in enumerate(possible) if (case, True) in fitting and not case.guarded), None)
    arms = [arm(case) for case in possible[: None if certain is None else certain + 1]]
    return branch(run, frame, node, arms if certain is not None else [lambda: True, *arms])


def _fits(run: Run, target: ir.Expr | None, value: Value) -> bool | None:
    """Whether a value is as a pattern of names and sequences wants it; None where that is not known."""
    match target:
        case None:
            return None
        case ir.Display(items=items):
            # torch's tensors are no sequences to ``match``
            known = standard_library.fields_of(run, value) or run.containers.elements(value)
            if known is None:
                return False if isinstance(value, Tensor) else None
            stars = [place for place, item in enumerate(items) if isinstance(item, ir.Starred)]
            if len(items) - len(stars) > len(known) or (not stars and len(items) < len(known)):
                return False
            after = len(items) - stars[0] - 1 if stars else 0
            met = (*known[: stars[0]], *known[len(known) - after :]) if stars else known
            wanted = [item for item in items if not isinstance(item, ir.Starred)]
            inner = [_fits(run, item, part) for item, part in zip(wanted, met, strict=True)]
            return False if False in inner else None if None in inner else True
    return True
