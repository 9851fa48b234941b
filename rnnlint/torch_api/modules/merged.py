"""Of what the samples of a batch were made: sentences of documents, beams of samples."""

from __future__ import annotations

from rnnlint.axes.states import Call, Joined, Role, States, blocks, shape
from rnnlint.torch_api.context import Context
from rnnlint.values.domain import Items, Tensor, Value


def merged_samples(ctx: Context, states: States, axis: int, samples: int, state: Value) -> tuple[int, ...]:
    """The strides at which the axes end of which the samples were made that stand along an axis, none if of one.

    ``state`` is the initial state that is handed with them.  Taking them apart again mixes nothing.
    """
    return _merged(states, axis) or _of_state(state, samples) or _counted(ctx, samples)


def _merged(states: States, axis: int) -> tuple[int, ...]:
    """What the axis itself shows: a batch of sentences of words, or parts that stand beside each other."""
    seams: set[int] = set()
    if isinstance(states, Joined) and states.axis == axis:  # parts beside each other: so many samples of each
        extents = {shape(part)[axis] for part in states.parts}
        seams |= extents if len(extents) == 1 else set()
    for block in blocks(states):
        if len(block.axes) > axis and len(block.axes[axis]) > 1:
            stride = 1
            for factor in reversed(block.axes[axis]):
                call = block.source
                if isinstance(call, Call) and factor.along is Role.SAMPLE and factor.stride == 1:
                    seams |= {stride * seam for seam in call.merged if seam < factor.extent}
                stride *= factor.extent
                seams.add(stride)
    return tuple(sorted(seams))


def _of_state(state: Value, samples: int) -> tuple[int, ...]:
    """As :func:`_merged`, where the initial state shows it: every sample's was repeated, or goes on so."""
    given = first_of_pair(state)
    if given is None or len(shape(given)) != 3 or shape(given)[1] != samples:
        return ()
    before = (block.source.merged for block in blocks(given) if isinstance(block.source, Call))
    return _merged(given, 1) or next((seams for seams in before if seams and seams[-1] == samples), ())


def _counted(ctx: Context, samples: int) -> tuple[int, ...]:
    """As :func:`_merged`, of a batch that the program makes from nothing, with ``batch * beams`` rows.

    Which of the two is outermost, the number does not say.
    """
    opened = [size for size in map(ctx.facts.generic, ctx.facts.free_of(samples)) if size != samples]
    seams = {seam for size in opened if samples % size == 0 for seam in (size, samples // size)}
    return tuple(sorted({*seams, samples})) if seams else ()


def first_of_pair(state: Value) -> States | None:
    """The hidden state of an initial state; None where that is not known."""
    first = state.items[0] if isinstance(state, Items) and state.items else state
    return first.states if isinstance(first, Tensor) else None
