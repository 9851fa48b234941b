"""Where paths part and meet: branches, and loops over something unknown."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial

from rnnlint.interpret.evaluate import probes
from rnnlint.interpret.evaluate.dispatch import execute
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.heap import Snapshot, unchanged
from rnnlint.interpret.state.here import Arms
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.context import TorchRaises


@dataclass(slots=True)
class Fork:
    """A place where paths part: where they all begin, and how those that have been run have ended.

    ``node`` parts them; ``asked`` is what the condition that chooses the arm asks about (see ``evaluate.probes``).
    """

    before: Snapshot
    ended: tuple[int, int, int]
    said: int  # the mark since which the arms speak
    node: ir.Node
    arms: Arms
    asked: frozenset[Hashable] = frozenset()
    ends: list[Snapshot] = field(default_factory=list)
    left: list[int] = field(default_factory=list)  # the arms without an end
    raised: TorchRaises | None = None

    @classmethod
    def here(cls, run: Run, frame: Frame, node: ir.Node, asked: frozenset[Hashable] = frozenset()) -> Fork:
        """Paths part where the run is."""
        return cls(run.state.snapshot(frame), _ended(frame), run.trace.mark(), node, run.here.path.arms, asked)

    def enter(self, run: Run, frame: Frame, number: int) -> None:
        """Begin with an arm."""
        run.state.restore(frame, self.before)
        # not by a ``with``: of a long chain of elif each arm is entered before the one before it is left
        run.here.path = run.here.path.along((*self.arms, (self.node, number)))

    def arm(self, run: Run, frame: Frame, number: int, go: Callable[[], bool]) -> None:
        """Run an arm."""
        self.enter(run, frame, number)
        alive = False
        try:
            alive = go()
        except TorchRaises as error:
            self.raised = error.again()
        self.leave(run, frame, number, alive)

    def leave(self, run: Run, frame: Frame, number: int, alive: bool) -> None:
        """An arm is over; ``alive``: a path reaches its end."""
        if alive:
            self.ends.append(run.state.snapshot(frame))
        else:
            self.left.append(number)

    def close(self, run: Run, frame: Frame) -> bool:
        """Go on with what holds after any of the arms; False when none has an end.  Raises where all do."""
        run.here.path = run.here.path.along(self.arms)
        if self.raised is not None:
            if not self.ends and self.ended == _ended(frame):
                raise self.raised.again()
            run.trace.retract(self.said, partial(probes.answered, asked=self.asked))
        if not self.ends:
            return False
        for number in self.left:
            run.alternatives.leave((*self.arms, (self.node, number)))
        run.state.join(frame, self.ends)
        return True


def _ended(frame: Frame) -> tuple[int, int, int]:
    """How many paths have left the block that is run."""
    return len(frame.returns), len(frame.breaks), len(frame.continues)


def branch(run: Run, frame: Frame, node: ir.Node, arms: list[Callable[[], bool]]) -> bool:
    """Run every arm from the same start; go on with what holds after any of them."""
    fork = Fork.here(run, frame, node)
    for number, arm in enumerate(arms):
        fork.arm(run, frame, number, arm)
    return fork.close(run, frame)


def repeat(
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
    states = [run.state.snapshot(frame)]
    leaving: list[Snapshot] = [] if at_least_once else [states[0]]
    for number in range(LIMITS.rounds):
        said = run.trace.mark()
        run.here.turn(number)
        try:
            alive = body()
        except TorchRaises:
            if len(states) == 1 and not frame.breaks and not frame.continues:
                frame.breaks, frame.continues = outer
                raise
            run.trace.retract(said)
            alive = False
        ends = [*frame.continues, *([run.state.snapshot(frame)] if alive else [])]
        frame.continues = []
        if not ends:  # nor does it come to the last time round
            last = None
            break
        leaving += ends if exits else []
        run.state.join(frame, [states[-1], *ends])
        after = run.state.snapshot(frame)
        if unchanged(run.heap, states[-1], after):  # another round would begin as this one did, and do the same
            break
        states.append(after)
    if last is not None:
        run.here.turn(LIMITS.rounds)
        run.state.restore(frame, states[-1])
        alive = last()
        leaving = [*frame.continues, *([run.state.snapshot(frame)] if alive else [])]
    ends = [*leaving, *frame.breaks]
    frame.breaks, frame.continues = outer
    if not ends:
        return False
    run.state.join(frame, ends)
    return execute(run, frame, orelse)
