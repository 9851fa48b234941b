"""The calls of a recurrent module in a loop, and whether each of them is handed one step."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from rnnlint.axes.states import Block, Call, Given, Own, Position, Somewhere
from rnnlint.events import Site
from rnnlint.frozen import dataclass
from rnnlint.interpret.state.here import Entered
from rnnlint.interpret.state.loops import Loops
from rnnlint.interpret.state.sizes import LEAST
from rnnlint.values.domain import Items, Recurrent, RecurrentCell, Value
from rnnlint.values.origins import Chosen
from rnnlint.values.walk import blocks_in


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a recurrent module inside loops."""

    module: Recurrent | RecurrentCell
    inputs: tuple[Block, ...]  # none where it is not known what they are
    state: Value
    loops: Loops
    made: Call | Given  # the call, or what the cell returned
    calls: tuple[Entered, ...]  # of the functions that led there
    bound: bool = False  # the innermost loop binds a name that its state is written with

    @property
    def handed_by(self) -> Site | None:
        """The call in the innermost loop's body that hands the state, or a half of it, to the function that passes it
        on to the module; None where the state comes from elsewhere, or where that is the module's own call."""
        parts = self.state.items if isinstance(self.state, Items) else ()
        handed = any(part in entered.given for entered in self._inside[:1] for part in (self.state, *parts))
        return self.led_by if handed else None

    @property
    def led_by(self) -> Site | None:
        """The call in the innermost loop's body that leads to the module's own; None where that stands there itself."""
        return Site(self._inside[0].place, "call") if self._inside else None

    @property
    def renewed(self) -> bool:
        """Whether layers make its state each time round: by what goes in, one that never changes looks the same."""
        return self.bound and any(block.reduced for block in blocks_in(self.state))

    @property
    def _inside(self) -> tuple[Entered, ...]:
        return self.calls[self.loops[-1].depth :]


def by_loop(calls: Mapping[Site, Sequence[Step]]) -> Iterator[tuple[Site, list[Step], bool]]:
    """The calls at each place, apart by the innermost loop that they are made in, and whether there are several."""
    for site, steps in calls.items():
        apart: dict[Hashable, list[Step]] = {}
        for step in steps:
            apart.setdefault(step.loops[-1].node, []).append(step)
        yield from ((site, one, len(apart) > 1) for one in apart.values())


def same(things: Sequence[object]) -> bool:
    """Whether things are all equal."""
    return all(thing == things[0] for thing in things)


def picked(calls: Sequence[Step]) -> bool:
    """Whether every call is handed another position of one tensor."""
    first = _positions(calls[0])
    for source, axis in first:
        places = [_positions(call).get((source, axis)) for call in calls]
        moves = Somewhere.ANYWHERE in places or len(set(places)) > 1
        if None not in places and moves and all(_one_step(call, axis) for call in calls):
            return True
    return False


def _positions(call: Step) -> dict[tuple[Given, int], Position]:
    """The axes of given tensors that stand still, and where."""
    found: dict[tuple[Given, int], Position] = {}
    for block in call.inputs:
        if isinstance(block.source, Given):
            still = dict(block.at)
            moving = {factor.along for factor in (*(f for axis in block.axes for f in axis), *block.reduced)}
            for axis in range(len(block.source.shape)):
                if Own(axis) not in moving:
                    found[block.source, axis] = still.get(Own(axis), 0)
    return found


def _one_step(call: Step, axis: int) -> bool:
    """Whether one position of an axis is one step, and no sample.  A single row of the first axis can be either."""
    if isinstance(call.made, Call):
        return call.made.steps == 1 and (axis > 0 or call.made.samples not in (None, 1))
    rows = call.made.shape[:-1]  # of a cell's state, which are those of its input
    return len(rows) == 1 and (axis > 0 or rows[0] != 1)


def fed_back(calls: Sequence[Step]) -> bool:
    """Whether every call is handed one step, and what the call before returned.

    Where that went through the index of its largest elements, one step after the other is drawn, and the first may be
    given as a tensor of an open length; but a module that reads both ways refines a whole sequence.
    """
    made_in = [call.made for call in calls if isinstance(call.made, Call)]
    steps = [call.steps for call in made_in]
    later = [block for call in calls if call.loops[-1].round > 0 for block in call.inputs]
    made = {call.made for call in calls}
    if all(count == 1 for count in steps) and any(block.source in made for block in later):
        return True
    drawn = [key.of for block in later if isinstance(key := block.source.key, Chosen)]
    one_by_one = all(call.steps == 1 or (call.steps >= LEAST and call.directions == 1) for call in made_in)
    return one_by_one and not all(map(made.isdisjoint, drawn))
