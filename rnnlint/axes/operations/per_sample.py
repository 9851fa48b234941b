"""An axis whose positions were taken one by one, in a loop, and laid side by side again."""

from __future__ import annotations

from dataclasses import replace

from rnnlint.axes.form.normal import settle
from rnnlint.axes.states import Block, Call, Factor, Role, Somewhere, States, blocks, shape


def sample_wise(states: States) -> bool:
    """Whether every part is what one sample gives, a sample that is not known: the variable of a loop chose it."""
    return all(dict(block.at).get(Role.SAMPLE) is Somewhere.ANYWHERE for block in blocks(states))


def samples_regained(states: States, axis: int) -> Block | None:
    """The rows of all samples along a new axis before ``axis``, from the row of one; None where that is not one block.

    The order of the samples is taken to be that in which they came, which a loop over them keeps.
    """
    if not isinstance(states, Block) or not isinstance(states.source, Call) or states.source.samples is None:
        return None
    at = dict(states.at)
    # samples that still move were never taken one by one; the loop must have chosen all of what is laid together
    moving = any(factor.along is Role.SAMPLE for held in (*states.axes, states.reduced) for factor in held)
    if Role.SAMPLE not in at or moving or states.tangles or not 0 <= axis <= len(shape(states)):
        return None
    del at[Role.SAMPLE]
    rows = (Factor(Role.SAMPLE, states.source.samples),)
    marks = tuple(mark for mark in states.marks if mark.about is not Role.SAMPLE)
    return settle(replace(states, marks=marks), (*states.axes[:axis], rows, *states.axes[axis:]), at)
