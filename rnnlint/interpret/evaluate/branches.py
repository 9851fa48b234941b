"""``if``, ``try``, ``match``: paths that part."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rnnlint.axes.states import Unknown
from rnnlint.interpret.evaluate import binding, probes
from rnnlint.interpret.evaluate.dispatch import evaluate, execute, statement, truth
from rnnlint.interpret.evaluate.paths import Fork, branch
from rnnlint.interpret.python import sequences
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.context import TorchRaises


@statement(ir.If)
def _if(run: Run, frame: Frame, node: ir.If) -> bool:
    """An ``if`` with all its ``elif``: each is the other arm of the one before, and Python's stack has an end."""
    forks: list[Fork] = []
    alive, raised = False, None
    try:
        alive = execute(run, frame, _forked(run, frame, node, forks))
    except TorchRaises as error:
        raised = error
    # from the innermost outwards: where the paths of an elif meet is where the other arm of the one before ends
    for fork in reversed(forks):
        fork.raised = raised or fork.raised
        if alive:
            fork.ends.append(run.state.snapshot(frame))
        alive, raised = False, None
        try:
            alive = fork.close(run, frame)
        except TorchRaises as error:
            raised = error
    if raised is not None:
        raise raised
    return alive


def _forked(run: Run, frame: Frame, node: ir.If, forks: list[Fork]) -> ir.Block:
    """Run the bodies of an ``if`` and its ``elif`` whose conditions are open.

    Returns the block that is left to be run, in the innermost of the forks.
    """
    while True:
        decided = truth(run, frame, node.test, node.names)
        if decided is True:
            binding.narrow(run, frame, node.test, True)
            return node.body
        if decided is None:
            fork = Fork.here(run, frame, probes.asked_about(run, frame, node.test))
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
        alive = branch(run, frame, arms)
    return execute(run, frame, node.finalbody) and alive


@statement(ir.Match)
def _match(run: Run, frame: Frame, node: ir.Match) -> bool:
    subject = evaluate(run, frame, node.subject)

    def arm(names: tuple[str, ...], body: ir.Block) -> Callable[[], bool]:
        def go() -> bool:
            for name in names:
                run.state.bind(frame, name, sequences.some_element(run, subject))
            return execute(run, frame, body)

        return go

    return branch(run, frame, [lambda: True, *(arm(names, body) for names, body in node.cases)])
