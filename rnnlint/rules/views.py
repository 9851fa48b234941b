"""What a view has done to the axes of states: samples, layers or steps that it has mixed."""

from __future__ import annotations

from rnnlint.axes.reading.meaning import cut, interleaved
from rnnlint.axes.states import (
    Along,
    Axis,
    Block,
    Factor,
    Note,
    Role,
    Wire,
    extent,
)
from rnnlint.rules.readings import call_of, place


def unmixed(block: Block) -> bool:
    """Whether it is seen at once that no view has mixed samples, layers or steps in a block.

    That is so of most: without tangles, samples and steps are mixed only with what they share an axis with, and layers
    are cut only where they move along two axes, of which all that was reduced is one.
    """
    if block.tangles:
        return False
    layers = samples = 0
    for axis in (*block.axes, block.reduced) if block.reduced else block.axes:
        found = False
        for factor in axis:
            if factor.along is Role.LAYER:
                found = True
            elif len(axis) > 1 and (factor.along is Role.SAMPLE or factor.along is Role.STEP):
                return False
            samples += factor.along is Role.SAMPLE
        layers += found
    return layers < 2 and samples < 2


def mixes_samples(block: Block) -> bool:
    """Whether a view has left pieces of different samples in one row.

    A batch that was merged before the call and is taken apart again mixes nothing, whatever stands inside the samples;
    neither do samples on axes of their own, with or without steps inside, nor windows of the steps of one sample, nor
    steps that are dealt out to more samples.
    """
    if unmixed(block) or _deals(block) or _gathers(block):
        return False
    if _regroups(block):
        return True
    pieces = cut(block)
    # no tangle, and yet pieces: what picking leaves of samples that were cut before, which a mark remembers
    if not block.tangles and not pieces & {Role.SAMPLE, Role.STEP}:
        return place(block, Note.CUT) is not None and interleaved(block)
    apart = Role.SAMPLE in pieces and not call_of(block).merged
    alongs = [_followed(axis, block) for axis in block.axes]
    return any(
        _outermost(along) is not Role.SAMPLE or (apart and not set(along) <= {Role.SAMPLE, Role.STEP})
        for along in alongs
        if Role.SAMPLE in along
    )


def _regroups(block: Block) -> bool:
    """Whether a batch that was merged is taken apart where none of what was merged begins: words of other texts."""
    return any(
        factor.along is Role.SAMPLE and any(factor.stride % seam and seam % factor.stride for seam in seams)
        for seams in (call_of(block).merged,)
        for axis in (*block.axes, block.reduced)
        for factor in axis
    )


def _deals(block: Block) -> bool:
    """Whether a program lays slices of the steps beside each other as samples, all samples whole: of a dilated RNN."""
    made = place(block, Note.CUT)
    rows = [axis for axis in block.axes if any(factor.along is Role.SAMPLE for factor in axis)]
    # torch's names for one operation; a view lays nothing beside each other
    if made is None or made.op not in _JOINS or block.tangles or len(rows) != 1:
        return False
    *outer, inner = rows[0]
    return inner == Factor(Role.SAMPLE, call_of(block).samples or 1) and all(one.along is Role.STEP for one in outer)


_JOINS = frozenset({"cat", "concat", "concatenate"})


def _gathers(block: Block) -> bool:
    """Whether the samples of a call stand apart as the axes did of which they were made."""
    call = call_of(block)
    # 1 and all of them: where the innermost axis begins and the outermost one ends
    seams = {1, call.samples, *call.merged}
    samples = [[factor for factor in axis if factor.along is Role.SAMPLE] for axis in block.axes]
    return (
        bool(call.merged)
        and not block.tangles
        and all(
            factor.stride in seams and factor.stride * factor.extent in seams for axis in samples for factor in axis
        )
        and any(axis and list(whole) == axis for axis, whole in zip(samples, block.axes, strict=True))
    )


def _outermost(alongs: list[Along]) -> Along:
    """What an axis starts with; None where it comes back to it inside something else."""
    first = alongs[0]
    run = next((place for place, along in enumerate(alongs) if along != first), len(alongs))
    return None if first in alongs[run:] else first


def transposes_steps(block: Block) -> bool:
    """Whether a view of steps x features has the shape of its transpose, or of heads x steps x features."""
    return _heads_before_steps(block) or any(
        any(digit.along is Role.STEP for digit in tangle.digits)
        and any(
            tangle.shape == (extent(tangle.digits[place:]), extent(tangle.digits[:place]))
            for place in range(1, len(tangle.digits))
        )
        for tangle in block.tangles
    )


def _heads_before_steps(block: Block) -> bool:
    """Whether an axis is as long as there are steps and holds pieces of them, each with pieces of the features, while
    the steps are dealt out along another axis: of a length that the file leaves open, heads divide the steps."""
    for axis in block.axes:
        first, rest = (axis[0], axis[1:]) if axis else (None, ())
        if first is None or first.along is not Role.STEP or not rest or not {one.along for one in rest} <= _FEATURES:
            continue
        steps, others = call_of(block).steps, [other for other in block.axes if other is not axis]
        dealt = Factor(Role.STEP, extent(rest), first.extent)
        if first.stride == 1 and first.extent * extent(rest) == steps and any(dealt in other for other in others):
            return any(one.along in _FEATURES for other in others for one in other)
    return False


_FEATURES = frozenset({Role.DIRECTION, Role.UNIT, None})


def mixes_layers(block: Block) -> bool:
    """Whether a view has cut through the layers."""
    if unmixed(block):
        return False
    tangled = {factor.along for tangle in block.tangles for factor in tangle.digits}
    return Role.LAYER in tangled or Role.LAYER in cut(block)


def _followed(axis: Axis, block: Block) -> list[Along]:
    """What an axis moves along, outermost first; a piece of a tangle moves along all that is tangled, and nothing."""
    found: list[Along] = []
    for factor in axis:
        if isinstance(factor.along, Wire):
            found += [None, *(digit.along for digit in block.tangles[factor.along.tangle].digits)]
        else:
            found.append(factor.along)
    return found
