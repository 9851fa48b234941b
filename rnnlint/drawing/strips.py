"""Which steps of the input a state has read.

A state of the forward direction after step t has read the steps 0 to t, one of the backward direction the steps t to
the last.  That is its own recurrence.  In a stack of bidirectional layers there is more: the layer below hands it, at
every step, both of its directions, which together have read everything.  So a step counts as read by a state's own
recurrence, as reaching it only through the layers below, or as not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnlint.axes.states import Call, Given, Role, Somewhere
from rnnlint.drawing.held import Held, Setting
from rnnlint.drawing.positions import Run, Runs, listed, size
from rnnlint.frozen import dataclass

Stretch = tuple[int, int]
"""Steps from the first number on, before the second one."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Of ``steps`` steps, those read: by a state's ``own`` recurrence, and through the layers ``below`` alone.

    Stretches are rising and apart.  ``certain`` is False where it is not known which they are.
    """

    steps: int
    own: tuple[Stretch, ...]
    below: tuple[Stretch, ...] = ()
    certain: bool = True

    def read(self, step: int) -> str:
        """``own``, ``below`` or ``no``; ``unknown`` where nobody knows."""
        if not self.certain:
            return "unknown"
        if any(start <= step < stop for start, stop in self.own):
            return "own"
        return "below" if any(start <= step < stop for start, stop in self.below) else "no"

    def count(self) -> int:
        """How many steps a state's own recurrence has read."""
        return sum(stop - start for start, stop in self.own)


def by_length(held: Held, setting: Setting) -> Iterator[Held | None]:
    """What is held, sample by sample where these are of unequal length; None for what is behind a sample's end.

    Without lengths there is one answer: as if every sample were as long as the longest.  A call that was not packed has
    read what is behind a sample's end as well.
    """
    source = held.source
    by_sample = isinstance(source, Call) and (source.packed or held.steps is Somewhere.LAST_VALID)
    if not by_sample or not setting.lengths:
        yield held
        return
    for sample in listed(held.samples):
        last = setting.lengths[sample] - 1
        alone = replace(held, samples=(Run(sample),))
        if held.steps is Somewhere.LAST_VALID:
            yield replace(alone, steps=(Run(last),))
        elif isinstance(held.steps, Somewhere):
            yield alone
        else:
            kept = _up_to(held.steps, last)
            if size(kept) < size(held.steps):
                yield None
            if kept:
                yield replace(alone, steps=kept)


def _up_to(steps: Runs, last: int) -> Runs:
    kept = (Run(run.start, (min(run.last, last) - run.start) // run.step + 1, run.step) for run in steps)
    return tuple(run if run.count > 1 else Run(run.start) for run in kept if run.count > 0)


def strip(held: Held, setting: Setting) -> Strip | None:
    """The steps that what is held has read; None for what has no steps.  ``held`` is one that `by_length` yields."""
    source = held.source
    if isinstance(source, Given):
        return _of_input(source, held, setting)
    end = source.steps
    if source.packed and setting.lengths:
        (sample,) = listed(held.samples)
        end = setting.lengths[sample]
    if isinstance(held.steps, Somewhere):
        if held.steps is Somewhere.ANYWHERE:
            return Strip(source.steps, (), certain=False)
        first = last = end - 1
    else:
        first, last = min(run.start for run in held.steps), max(run.last for run in held.steps)
    own = (0, last + 1) if held.direction == 0 else (first, end)
    stacked = source.directions == 2 and max(run.last for run in held.layers) > 0
    below = [(0, own[0]), (own[1], end)] if stacked else []
    return Strip(source.steps, (own,), tuple(one for one in below if one[0] < one[1]))


def _of_input(source: Given, held: Held, setting: Setting) -> Strip | None:
    """Of an input every element is a number of its own step."""
    roles = setting.axes.get(source, ())
    if Role.STEP not in roles:
        return None
    steps = source.shape[roles.index(Role.STEP)]
    if isinstance(held.steps, Somewhere):
        return Strip(steps, (), certain=False)
    found: list[Stretch] = []
    for run in held.steps:
        pieces = [(run.start, run.last + 1)] if run.step == 1 else [(one, one + 1) for one in listed((run,))]
        found += pieces
    return Strip(steps, tuple(_joined(found)))


def _joined(stretches: list[Stretch]) -> Iterator[Stretch]:
    rising = sorted(stretches)
    start, stop = rising[0]
    for first, last in rising[1:]:
        if first > stop:
            yield start, stop
            start = first
        stop = max(stop, last)
    yield start, stop
