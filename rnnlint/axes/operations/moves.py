"""The moves all operations are made of, for arguments that are already known to be right.

Axes are counted from 0, positions lie inside, shapes multiply up: the public operations see to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rnnlint.axes.form.digits import divided
from rnnlint.axes.form.factors import At, move, product
from rnnlint.axes.form.normal import MOST_PARTS, copies, join, mix, nothing, settle
from rnnlint.axes.operations import per_sample
from rnnlint.axes.states import (
    Axis,
    Blended,
    Block,
    Call,
    Factor,
    Given,
    Joined,
    Kind,
    Own,
    Position,
    Role,
    Somewhere,
    States,
    Unknown,
    Wire,
    extent,
    shape,
)


def turned(states: States, dims: Sequence[int]) -> States:
    """The axes in the order ``dims``."""
    match states:
        case Block():
            return _placed(states, tuple([states.axes[dim] for dim in dims]))
        case Joined():
            return Joined(list(dims).index(states.axis), tuple(turned(part, dims) for part in states.parts))
        case Blended():
            return Blended(tuple(turned(part, dims) for part in states.parts))


def lifted(states: States, axis: int) -> States:
    """A new axis of extent 1 before ``axis``."""
    match states:
        case Block():
            return _placed(states, (*states.axes[:axis], (), *states.axes[axis:]))
        case Joined():
            place = states.axis + (axis <= states.axis)
            return Joined(place, tuple(lifted(part, axis) for part in states.parts))
        case Blended():
            return Blended(tuple(lifted(part, axis) for part in states.parts))


def _placed(block: Block, axes: tuple[Axis, ...]) -> Block:
    """The block with its own axes at other places, between axes of extent 1."""
    # in normal form whatever their places are: only tangles are numbered as they are met, and what has no elements is
    # written in one way
    if block.tangles or 0 in map(extent, axes):
        return settle(block, axes, dict(block.at))
    return Block(block.source, block.kind, axes, block.at, block.reduced, (), block.marks, block.orders)


def selected(states: States, axis: int, position: Position) -> States | Unknown:
    """One position of ``axis``, which disappears."""
    match states:
        case Block():
            at = dict(states.at)
            factors = states.axes[axis]
            if isinstance(position, int):
                # from the innermost: the digits of a row-major position come off its end
                for factor in reversed(factors):
                    position, digit = divmod(position, factor.extent)
                    move(at, factor, digit)
            else:
                _lose(states, factors, position, at)
            return settle(states, (*states.axes[:axis], *states.axes[axis + 1 :]), at)
        case Joined() if states.axis == axis:
            if not isinstance(position, int):
                return _one_of([selected(part, axis, position) for part in states.parts])
            for part in states.parts:
                size = shape(part)[axis]
                if position < size:
                    return selected(part, axis, position)
                position -= size
            raise IndexError(position)
        case Joined():
            return join(states.axis - (axis < states.axis), [selected(part, axis, position) for part in states.parts])
        case Blended():
            return mix([selected(part, axis, position) for part in states.parts])


def _one_of(several: Sequence[States | Unknown]) -> States | Unknown:
    """What an unknown one of several is, if they are the same but for which step they are."""
    found = per_sample.whichever([one for one in several if not isinstance(one, Unknown)])
    if len(found) == len(several) and all(one == found[0] for one in found):
        return found[0]
    return Unknown("one unknown position of an axis made of several parts")


def _lose(block: Block, factors: Axis, position: Somewhere, at: At) -> None:
    """Put the coordinates of ``factors`` at an unknown position; a whole axis keeps what is known of it."""
    for factor in factors:
        if factor.along is not None:
            at[factor.along] = Somewhere.ANYWHERE
    # only of all steps, in their order: lengths - 1 counts in these, and in a slice or a view it is just some position
    # (tests/axes/test_limits.py, test_each_samples_own_last_step)
    if len(factors) == 1 and position is Somewhere.LAST_VALID:
        factor = factors[0]
        if factor.along is not None and factor == Factor(factor.along, whole(block, factor.along)):
            start = dict(block.at).get(factor.along, 0)
            at[factor.along] = Somewhere.LAST_VALID if start == 0 else Somewhere.ANYWHERE


def lost(states: States, axis: int, count: int) -> States | Unknown:
    """``count`` unknown positions of ``axis``, one after the other."""
    sizes = shape(states)
    one = selected(states, axis, Somewhere.ANYWHERE)
    if isinstance(one, Unknown):
        return one
    return copied(lifted(one, axis), (*sizes[:axis], count, *sizes[axis + 1 :]))


def whole(block: Block, along: Role | Own | Wire) -> int:
    """How many values a coordinate of the block's source can have."""
    source = block.source
    if isinstance(along, Role):
        if not isinstance(source, Call):
            return 1
        # one by one and not by match, which looks up the members of an enum: asked for every role of every result
        if along is Role.UNIT:
            return source.cell_units if block.kind is Kind.CELL else source.units
        if along is Role.STEP:
            return source.steps
        if along is Role.SAMPLE:
            return source.samples or 1
        return source.directions if along is Role.DIRECTION else source.layers
    if isinstance(along, Wire):
        return block.tangles[along.tangle].shape[along.digit]
    return source.shape[along.index] if isinstance(source, Given) else 1


def wholes(source: Call, kind: Kind) -> tuple[int, int, int, int, int]:
    """``whole`` of every role of a call, in the order of ``ROLES``."""
    units = source.cell_units if kind is Kind.CELL else source.units
    return source.layers, source.directions, source.samples or 1, source.steps, units


def cut_out(states: States, axis: int, start: int, count: int, step: int = 1) -> States | Unknown:
    """``count`` positions of ``axis`` from ``start``, every ``step``-th (``step`` at least 1)."""
    sizes = shape(states)
    if count == 0 or 0 in sizes:
        return nothing(states, (*sizes[:axis], count, *sizes[axis + 1 :]))
    # before the step is looked at: all positions, in order, whatever the step is of one
    if count == sizes[axis]:
        return states
    # one position is a selection, which is known where a stretch that starts there would need tangles
    if count == 1:
        one = selected(states, axis, start)
        return one if isinstance(one, Unknown) else lifted(one, axis)
    match states:
        case Block():
            return _cut_block(states, axis, start, count, step)
        case Joined() if states.axis == axis:
            pieces: list[States | Unknown] = []
            offset = 0
            for part in states.parts:
                size = shape(part)[axis]
                low = max(0, -((start - offset) // step))
                high = min(count, -((start - offset - size) // step))
                if high > low:
                    pieces.append(cut_out(part, axis, start + low * step - offset, high - low, step))
                offset += size
            return join(axis, pieces)
        case Joined():
            return join(states.axis, [cut_out(part, axis, start, count, step) for part in states.parts])
        case Blended():
            return mix([cut_out(part, axis, start, count, step) for part in states.parts])


def _cut_block(block: Block, axis: int, start: int, count: int, step: int) -> States | Unknown:
    factors = block.axes[axis]
    if len(factors) == 1:
        at = dict(block.at)
        move(at, factors[0], start)
        only = Factor(factors[0].along, count, factors[0].stride * step)
        return settle(block, (*block.axes[:axis], (only,), *block.axes[axis + 1 :]), at)
    size = extent(factors)
    if step > 1:
        # every step-th position is a column of the axis laid out in rows of step, which has a normal form at any length
        if size % step == 0:
            sizes = shape(block)
            rows = grouped(block, (*sizes[:axis], size // step, step, *sizes[axis + 1 :]))
            column = rows if isinstance(rows, Unknown) else selected(rows, axis + 1, start % step)
            return column if isinstance(column, Unknown) else cut_out(column, axis, start // step, count)
        if count > MOST_PARTS:
            return Unknown("a stepped slice that meets the factors of its axis nowhere")
        return taken(block, axis, range(start, start + count * step, step))
    inner = extent(factors[1:])
    first, low = divmod(start, inner)
    last, high = divmod(start + count, inner)

    def rows_of(row: int, rows: int) -> Block:
        at = dict(block.at)
        move(at, factors[0], row)
        outer = Factor(factors[0].along, rows, factors[0].stride)
        return settle(block, (*block.axes[:axis], (outer, *factors[1:]), *block.axes[axis + 1 :]), at)

    # The three pieces of a stretch that begins and ends inside a row of the inner factors: the end of one row, whole
    # rows, the beginning of one. Inside one row there is nothing to take apart.
    if first == last or (last == first + 1 and high == 0):
        return cut_out(rows_of(first, 1), axis, low, count)
    pieces: list[States | Unknown] = []
    if low:
        pieces.append(cut_out(rows_of(first, 1), axis, low, inner - low))
        first += 1
    if last > first:
        pieces.append(rows_of(first, last - first))
    if high:
        pieces.append(cut_out(rows_of(last, 1), axis, 0, high))
    return join(axis, pieces)


def taken(states: States, axis: int, positions: Sequence[int]) -> States | Unknown:
    """The positions one after the other along ``axis``: a progression at any length, else at most MOST_PARTS."""
    count = len(positions)
    if count == 0:
        return cut_out(states, axis, 0, 0)
    if isinstance(positions, range) and count > 1:
        step = positions[1] - positions[0]
        # a progression is a slice, which has one form at any length; a short one is taken part by part, which finds the
        # same (tests/axes/test_limits.py, test_a_progression_is_taken_at_any_length)
        if count > MOST_PARTS and step > 0:
            return cut_out(states, axis, positions[0], count, step)
        if count > MOST_PARTS and step < 0:
            return reversed_along(cut_out(states, axis, positions[-1], count, -step), axis)
    if count > MOST_PARTS:
        return Unknown(f"more than {MOST_PARTS} positions one by one")
    ones = (selected(states, axis, position) for position in positions)
    return join(axis, [one if isinstance(one, Unknown) else lifted(one, axis) for one in ones])


def reversed_along(states: States | Unknown, axis: int) -> States | Unknown:
    """The positions of ``axis`` from the last to the first."""
    match states:
        case Unknown():
            return states
        case Block():
            at = dict(states.at)
            back: list[Factor] = []
            for factor in states.axes[axis]:
                move(at, factor, max(factor.extent - 1, 0))
                back.append(Factor(factor.along, factor.extent, -factor.stride))
            return settle(states, (*states.axes[:axis], tuple(back), *states.axes[axis + 1 :]), at)
        case Joined():
            parts = [reversed_along(part, axis) for part in states.parts]
            return join(states.axis, parts[::-1] if states.axis == axis else parts)
        case Blended():
            return mix([reversed_along(part, axis) for part in states.parts])


def folded(states: States, axis: int) -> States | Unknown:
    """All positions of ``axis`` at once; the axis disappears."""
    match states:
        case Block():
            rest = (*states.axes[:axis], *states.axes[axis + 1 :])
            return settle(states, rest, dict(states.at), (*states.reduced, *states.axes[axis]))
        case Joined() if states.axis == axis:
            return mix([folded(part, axis) for part in states.parts])
        case Joined():
            return join(states.axis - (axis < states.axis), [folded(part, axis) for part in states.parts])
        case Blended():
            return mix([folded(part, axis) for part in states.parts])


def read_by(states: States, axis: int, count: int) -> States | Unknown:
    """``count`` elements along ``axis``, each of which reads all positions that were there."""
    if isinstance(states, Block):
        wide = (Factor(None, count),) if count != 1 else ()
        axes = (*states.axes[:axis], wide, *states.axes[axis + 1 :])
        return settle(states, axes, dict(states.at), (*states.reduced, *states.axes[axis]))
    one = folded(states, axis)
    if isinstance(one, Unknown):
        return one
    sizes = shape(states)
    return copied(lifted(one, axis), (*sizes[:axis], count, *sizes[axis + 1 :]))


def copied(states: States, sizes: Sequence[int]) -> States | Unknown:
    """``expand``: axes of extent 1 become ``sizes`` copies; as many sizes as axes."""
    match states:
        case Block():
            if shape(states) == tuple(sizes):
                return states
            wide = copies(sizes)
            kept = [
                axis if extent(axis) == size else new for axis, new, size in zip(states.axes, wide, sizes, strict=True)
            ]
            return settle(states, kept, dict(states.at))
        case Joined():
            here = states.axis
            own = [(*sizes[:here], shape(part)[here], *sizes[here + 1 :]) for part in states.parts]
            return join(here, [copied(part, size) for part, size in zip(states.parts, own, strict=True)])
        case Blended():
            return mix([copied(part, sizes) for part in states.parts])


def grouped(states: States, target: Sequence[int]) -> States | Unknown:
    """``reshape`` to ``target``, which has as many elements."""
    sizes = tuple(target)
    if shape(states) == sizes:
        return states
    if 0 in sizes:
        return nothing(states, sizes)
    match states:
        case Block():
            return _grouped_block(states, sizes)
        case Joined():
            return _grouped_parts(states, sizes)
        case Blended():
            return mix([grouped(part, sizes) for part in states.parts])


def _grouped_block(block: Block, target: tuple[int, ...]) -> Block:
    line = settle(block, [[factor for axis in block.axes for factor in axis]], dict(block.at))
    axes, tangles = divided(line.axes[0], target, len(line.tangles))
    return settle(line, axes, dict(line.at), tangles=(*line.tangles, *tangles))


def _grouped_parts(states: Joined, target: tuple[int, ...]) -> States | Unknown:
    sizes = shape(states)
    place = states.axis
    before, after = product(sizes[:place]), product(sizes[place + 1 :])
    kept = _boundary(target, before)
    if kept is None:
        return _laid_out(states, target)
    head, rest = target[:kept], target[kept:]
    row = product(rest[1:])
    ends: list[int] = [0]
    for part in states.parts:
        ends.append(ends[-1] + shape(part)[place] * after)
    # every seam of the parts is one of rows: part by part, and no tangle crosses it
    if all(end % row == 0 for end in ends):
        counts = [(end - start) // row for start, end in pairwise(ends)]
        return join(kept, [grouped(p, (*head, n, *rest[1:])) for p, n in zip(states.parts, counts, strict=True)])
    lines = [grouped(part, (*head, shape(part)[place] * after)) for part in states.parts]
    line = join(kept, lines)
    if isinstance(line, Unknown):
        return line
    pieces: list[States | Unknown] = []
    group = 0
    while group < rest[0]:
        start = group * row
        end = next(end for end in ends if end > start)
        count = (end - start) // row
        piece = cut_out(line, kept, start, max(count, 1) * row)
        count = max(count, 1)
        if count > MOST_PARTS and isinstance(piece, Joined) and piece.axis == kept:
            # rows of one part that do not begin where its factors do: each of them would be put together anew
            return Unknown("a reshape across the seam of a concatenation")
        pieces.append(piece if isinstance(piece, Unknown) else grouped(piece, (*head, count, *rest[1:])))
        group += count
    return join(kept, pieces)


def _boundary(target: tuple[int, ...], before: int) -> int | None:
    """Index of the first axis of ``target`` wider than 1 after ``before`` elements; None where no axis starts there."""
    total = 1
    for place, size in enumerate(target):
        if total == before and size != 1:
            return place
        total *= size
    return None


def _laid_out(states: Joined, target: tuple[int, ...]) -> States | Unknown:
    """The parts of every outer position as parts of one line, then cut into ``target``.

    Of the outer positions those are left as they lie that ``target`` begins with.
    """
    sizes, place = shape(states), states.axis
    before = product(sizes[:place])
    rows = max(head for end in range(len(target)) if before % (head := product(target[:end])) == 0)
    inside = before // rows
    # because each outer position has all the parts once more (tests/axes/test_limits.py)
    if inside * len(states.parts) > MOST_PARTS:
        return Unknown("a reshape across the seam of a concatenation")
    flat = grouped(states, (rows, inside, *sizes[place:]))
    if isinstance(flat, Unknown):
        return flat
    lines: list[States | Unknown] = []
    for position in range(inside):
        one = selected(flat, 1, position)
        lines.append(one if isinstance(one, Unknown) else grouped(one, (rows, product(sizes[place:]))))
    line = join(1, lines)
    return line if isinstance(line, Unknown) else grouped(line, target)
