"""Where a subscript takes the features of a tensor apart."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.axes.states import Factor, Role, States, blocks, shape
from rnnlint.events import Parted
from rnnlint.torch_api.context import Context


def part_features(ctx: Context, states: States, parts: tuple[object, ...]) -> None:
    """Say where a slice of the last axis takes the features apart."""
    rank = len(shape(states))
    explicit = [part for part in parts if part is not None]
    if not explicit or not isinstance(explicit[-1], slice):
        return
    if len(explicit) != rank and Ellipsis not in explicit:
        return
    width = shape(states)[-1]
    meet_at(ctx, states, [bound for bound in (explicit[-1].start, explicit[-1].stop) if bound is not None])
    start, stop, step = explicit[-1].indices(width)
    cuts = tuple(cut for cut in (start, stop) if 0 < cut < width)
    if start == width and isinstance(explicit[-1].start, int):
        cuts = (explicit[-1].start,)  # past the end: nothing is left
    if cuts and step == 1 and all(told(ctx, cut, width) for cut in cuts):
        ctx.emit(Parted(states, cuts, ctx.site, ctx.calls.modules(states)))


def meet_at(ctx: Context, states: States, cuts: Sequence[int]) -> None:
    """A cut of both halves at an open size that the file does not tell is taken for where the directions meet.

    Raises Need.
    """
    for block in blocks(states):
        match block.axes[-1:]:
            case ((Factor(Role.DIRECTION, 2), Factor(Role.UNIT, units)),):
                for cut in cuts:
                    if not told(ctx, cut, 2 * units):
                        ctx.fitting.equate(cut, units)


def told(ctx: Context, cut: int, width: int) -> bool:
    """Whether the file says where a cut is: one at an open size that the width is not made of may be anywhere."""
    return not ctx.facts.open(cut) or ctx.facts.free_of(cut) <= ctx.facts.free_of(width)
