"""The labels that the algebra says the elements of a tensor hold.

What the audit holds torch's labels against, so it needs torch and numpy, and nothing that only tests have.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rnnlint.axes.form.factors import product
from rnnlint.axes.states import Blended, Block, Call, Kind, Position, Role, Somewhere, States, Wire, shape
from rnnlint.runtime.truth import labels

NONE = np.int64(0)  # no state: a place that is empty, or filled up

Numbers = npt.NDArray[np.int64]


def realized(states: States, lengths: Sequence[int] = ()) -> Numbers:
    """The labels that the algebra says every element holds, row-major: (elements, members), filled up with NONE.

    Nothing of the algebra is used but the meaning of its values; ``lengths`` are those of a packed call's samples.
    """
    if isinstance(states, Block):
        return _realized_block(states, lengths)
    parts = [realized(part, lengths) for part in states.parts]
    if isinstance(states, Blended):
        return np.concatenate(parts, axis=1)
    members = max(part.shape[1] for part in parts)
    grids = [
        np.pad(part, ((0, 0), (0, members - part.shape[1]))).reshape(*shape(one), members)
        for one, part in zip(states.parts, parts, strict=True)
    ]
    return np.concatenate(grids, axis=states.axis).reshape(-1, members)


def _realized_block(block: Block, lengths: Sequence[int]) -> Numbers:
    call = block.source
    assert isinstance(call, Call)
    axes = [factor for axis in block.axes for factor in axis]
    factors = [*axes, *block.reduced]
    elements, members = product(f.extent for f in axes), product(f.extent for f in block.reduced)
    if elements * members == 0:
        return np.zeros((elements, members), dtype=np.int64)
    start = dict(block.at)
    digits: list[Numbers] = []
    inner = elements * members
    places = np.arange(inner, dtype=np.int64)
    for factor in factors:
        # row-major: the first factor changes slowest
        inner //= factor.extent
        digits.append(places // inner % factor.extent)
    known: dict[Role | Wire, Numbers | Position] = {}

    def value(along: Role | Wire) -> Numbers | Position:
        if along in known:
            return known[along]
        at = start.get(along, 0)
        if not isinstance(at, int):
            return at
        total: Numbers | int = at
        for factor, digit in zip(factors, digits, strict=True):
            if factor.along == along:
                total = total + factor.stride * digit
        for number, tangle in enumerate(block.tangles):
            weight = product(tangle.shape)
            for factor in tangle.digits:
                weight //= factor.extent
                if factor.along == along:
                    total = total + factor.stride * (position(number) // weight % factor.extent)
        known[along] = total
        return total

    def position(number: int) -> Numbers | int:
        total: Numbers | int = 0
        for digit, size in enumerate(block.tangles[number].shape):
            here = value(Wire(number, digit))
            assert not isinstance(here, Somewhere)
            total = total * size + here
        return total

    layer, direction, sample, step, unit = (
        value(role) for role in (Role.LAYER, Role.DIRECTION, Role.SAMPLE, Role.STEP, Role.UNIT)
    )
    last: Numbers | int = call.steps - 1
    # of a packed call each sample ends at its own step
    if lengths:
        last = np.asarray(lengths, dtype=np.int64)[np.asarray(sample, dtype=np.int64)] - 1
    if step is Somewhere.FINAL:
        step = np.where(np.asarray(direction) == 0, last, 0)
    elif step is Somewhere.LAST_VALID:
        step = last
    kind = labels.CELL if block.kind is Kind.CELL else labels.HIDDEN
    label = labels.encode(kind, layer, direction, step, sample, unit)  # type: ignore[type-var]
    return np.broadcast_to(np.asarray(label, dtype=np.int64), (elements * members,)).reshape(elements, members)
