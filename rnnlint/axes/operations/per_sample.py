"""An axis whose positions were taken one by one, in a loop, and laid side by side again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnlint.axes.form.normal import settle
from rnnlint.axes.states import Block, Call, Factor, Position, Role, Somewhere, States, blocks, shape


def sample_wise(states: States) -> bool:
    """Whether every part is what one sample gives, a sample that is not known: the variable of a loop chose it."""
    return all(dict(block.at).get(Role.SAMPLE) is Somewhere.ANYWHERE for block in blocks(states))


def samples_regained(states: States, axis: int) -> Block | None:
    """The rows of all samples along a new axis before ``axis``, from the row of one; None where that is not one block.

    The order of the samples is taken to be that in which they came, which a loop over them keeps.
    """
    return _regained(states, axis, Role.SAMPLE)


def steps_regained(states: States, axis: int) -> Block | None:
    """All steps along a new axis before ``axis``, from one of them; None where that is not one block."""
    return _regained(states, axis, Role.STEP)


def _regained(states: States, axis: int, role: Role) -> Block | None:
    if not isinstance(states, Block) or not isinstance(states.source, Call):
        return None
    count = states.source.samples if role is Role.SAMPLE else states.source.steps
    at = dict(states.at)
    # positions that still move were never taken one by one; the loop must have chosen all of what is laid together
    moving = any(factor.along is role for held in (*states.axes, states.reduced) for factor in held)
    chosen = role in at if role is Role.SAMPLE else at.get(role) is Somewhere.ANYWHERE
    if count in (None, 1) or not chosen or moving or states.tangles or not 0 <= axis <= len(shape(states)):
        return None
    del at[role]
    rows = (Factor(role, count),)
    marks = tuple(mark for mark in states.marks if mark.about is not role)
    return settle(replace(states, marks=marks), (*states.axes[:axis], rows, *states.axes[axis:]), at)


def whichever(several: Sequence[States]) -> list[States]:
    """What one of several tensors is, nobody knows which: of several steps of one call, some one."""
    places: dict[Call, set[Position]] = {}
    for one in several:
        step = _step(one)
        if step is not None and isinstance(one, Block) and isinstance(one.source, Call):
            places.setdefault(one.source, set()).add(step)
    mixed = {source for source, met in places.items() if len(met) > 1}

    def one_of_them(states: States) -> States:
        if not isinstance(states, Block) or states.source not in mixed or not isinstance(_step(states), int):
            return states
        return settle(states, states.axes, {**dict(states.at), Role.STEP: Somewhere.ANYWHERE})

    return [one_of_them(one) for one in several]


def _step(states: States) -> Position | None:
    """The one step that a block holds; None for one of several steps."""
    if not isinstance(states, Block) or states.tangles:
        return None
    moving = any(factor.along is Role.STEP for held in (*states.axes, states.reduced) for factor in held)
    return None if moving else dict(states.at).get(Role.STEP, 0)
