"""The normal form of an arrangement, and the constructors that keep it.

Every operation builds its result here, so that equal readings mostly are equal values: factors that continue each other
are one factor, wires of a tangle that have come together again are its digits, parts of a ``cat`` that continue each
other are one block, and a final state is a state of ``output`` as soon as its direction is fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rnnlint.axes.form.factors import At, along_key, gathered, merged
from rnnlint.axes.form.untangling import untangled
from rnnlint.axes.states import (
    Along,
    Axis,
    Blended,
    Block,
    Call,
    Factor,
    Joined,
    Mark,
    Note,
    Own,
    Position,
    Role,
    Somewhere,
    States,
    Tangle,
    Unknown,
    Wire,
    blocks,
    extent,
    marked,
    shape,
)

MOST_PARTS = 64
"""The most parts, positions or pieces that are ever looked at one by one.

Chosen and not measured: what programs write out (layers, heads, a short loop) is less, and the parts of so many parts
are no more than ``reading.exact.FEW``.  tests/axes/test_limits.py has what is done with so many, and with one more.
"""


def final_step(call: Call, direction: Position) -> Position:
    """The step after which ``direction`` has read everything; FINAL while the direction is open."""
    # the backward direction ends with step 0, and so does either of a single step
    if call.steps == 1 or direction == 1:
        return 0
    if direction == 0:
        return Somewhere.LAST_VALID if call.packed else call.steps - 1
    return Somewhere.FINAL


def nothing(like: States, sizes: Sequence[int]) -> Block:
    """A tensor without elements, of shape ``sizes``."""
    # any block will do: where there are no elements nothing is read, and a tensor without elements must be one value
    # (tests/axes/test_limits.py, test_a_tensor_without_elements_is_one_thing)
    block = blocks(like)[0]
    return Block(block.source, block.kind, copies(sizes), marks=block.marks)


def copies(sizes: Sequence[int]) -> tuple[Axis, ...]:
    """Axes along which nothing moves."""
    return tuple((Factor(None, size),) if size != 1 else () for size in sizes)


def settle(
    like: Block,
    axes: Iterable[Iterable[Factor]],
    at: At,
    reduced: Iterable[Factor] | None = None,
    tangles: Sequence[Tangle] | None = None,
) -> Block:
    """A block of ``like``'s source in normal form."""
    # The order matters: axes first, since what has no elements needs nothing else; then the reduced factors, as a set;
    # then tangles, which may put digits back into both; then the step of a final state, which depends on whether a
    # direction still moves after all that; the start last, since every part before may move it.
    new = list(map(merged, axes))
    for axis in new:
        for factor in axis:
            if factor.extent == 0:
                return nothing(like, list(map(extent, new)))
    held = tuple(like.reduced if reduced is None else reduced)
    if held:
        for factor in held:
            if factor.extent == 0:
                wide = copies(list(map(extent, new)))
                return Block(like.source, like.kind, wide, reduced=(Factor(None, 0),), marks=like.marks)
        held = gathered(held, at)
    knots = like.tangles if tangles is None else tuple(tangles)
    if knots:
        new, held, knots = untangled(new, at, held, list(knots))
    source = like.source
    if not at:
        return Block(source, like.kind, tuple(new), (), held, knots, like.marks, like.orders)
    if isinstance(source, Call) and at.get(Role.STEP) is Somewhere.FINAL:
        still = source.steps == 1 or not _among(Role.DIRECTION, new, held, knots)
        # because only then one number says it: the two directions end at different steps, unless there is just one
        if still:
            at[Role.STEP] = final_step(source, at.get(Role.DIRECTION, 0))
    # 0 is what an absent coordinate means, so that it is never written: equal readings, equal values
    start = [item for item in at.items() if item[1] != 0]
    if len(start) > 1:
        start.sort(key=_place_key)
    return Block(source, like.kind, tuple(new), tuple(start), held, knots, like.marks, like.orders)


def _among(role: Role, axes: Iterable[Axis], reduced: Axis, tangles: Iterable[Tangle]) -> bool:
    """Whether anything moves along a role."""
    for group in (*axes, reduced, *(tangle.digits for tangle in tangles)):
        for factor in group:
            if factor.along is role:
                return True
    return False


def _place_key(item: tuple[Role | Own | Wire, Position]) -> tuple[int, int, int]:
    return along_key(item[0])


def join(axis: int, parts: Sequence[States | Unknown]) -> States | Unknown:
    """The parts one after the other along ``axis`` (their other extents agree)."""
    flat: list[States] = []
    for part in parts:
        if isinstance(part, Unknown):
            return part
        if isinstance(part, Joined) and part.axis == axis:
            flat.extend(part.parts)
        else:
            flat.append(part)
    sizes = [shape(part) for part in flat]
    total = (*sizes[0][:axis], sum(size[axis] for size in sizes), *sizes[0][axis + 1 :])
    if 0 in total:
        return nothing(flat[0], total)
    stack: list[States] = []
    for part, size in zip(flat, sizes, strict=True):
        # it adds nothing, and between two parts that continue each other it would keep them apart
        if size[axis] == 0:
            continue
        stack.append(part)
        # again after each fusion: a part that has grown may continue the one before it
        while len(stack) > 1 and (fused := _fused(stack[-2], stack[-1], axis)) is not None:
            stack[-2:] = [fused]
    if len(stack) == 1:
        return stack[0]
    # because every operation on it would be done once a part, and parts of parts multiply (tests/axes/test_limits.py,
    # test_side_by_side)
    if sum(1 for part in stack for _ in blocks(part)) > MOST_PARTS:
        return Unknown(f"more than {MOST_PARTS} parts side by side")
    return Joined(axis, tuple(stack))


def mix(parts: Sequence[States | Unknown]) -> States | Unknown:
    """The parts (of one shape) combined place by place; what is combined with itself stays itself."""
    flat: list[States] = []
    for part in parts:
        if isinstance(part, Unknown):
            return part
        for one in part.parts if isinstance(part, Blended) else (part,):
            if one not in flat:
                flat.append(one)
            elif isinstance(one, Block) and one.marks:
                _keep_pooled(flat, flat.index(one), one)
    if len(flat) == 1:
        return flat[0]
    if sum(1 for part in flat for _ in blocks(part)) > MOST_PARTS:
        return Unknown(f"more than {MOST_PARTS} arrangements combined")
    return Blended(tuple(flat))


def _keep_pooled(flat: list[States], place: int, other: Block) -> None:
    """A mean added to a maximum reads the same, and stands elsewhere: each has taken in padding where it stands."""
    first = flat[place]
    if isinstance(first, Block):
        more = [mark for mark in other.marks if mark.about is Note.PADDING_POOLED and mark not in first.marks]
        if more:
            flat[place] = marked(first, (*first.marks, *more))


def _fused(first: States, second: States, axis: int) -> States | None:
    """``first`` and ``second`` along ``axis`` as one arrangement, where they continue each other."""
    match first, second:
        case Block(), Block():
            return _fused_blocks(first, second, axis)
        case Joined(), Joined() if axis != first.axis == second.axis and len(first.parts) == len(second.parts):
            along = first.axis
            if any(shape(a)[along] != shape(b)[along] for a, b in zip(first.parts, second.parts, strict=True)):
                return None
        case Blended(), Blended() if len(first.parts) == len(second.parts):
            pass
        case _:
            return None
    pairs = [_fused(a, b, axis) for a, b in zip(first.parts, second.parts, strict=True)]
    whole = [pair for pair in pairs if pair is not None]
    if len(whole) < len(pairs):
        return None
    again = join(first.axis, whole) if isinstance(first, Joined) else mix(whole)
    return None if isinstance(again, Unknown) else again


def _moves(block: Block, role: Role) -> bool:
    return _among(role, block.axes, block.reduced, block.tangles)


def _ends(block: Block) -> bool:
    """Whether the block holds the final state of its one direction."""
    at = dict(block.at)
    source = block.source
    if not isinstance(source, Call) or _moves(block, Role.STEP) or _moves(block, Role.DIRECTION):
        return False
    direction = at.get(Role.DIRECTION, 0)
    return direction in (0, 1) and at.get(Role.STEP, 0) == final_step(source, direction)


def _fused_blocks(first: Block, second: Block, axis: int) -> Block | None:
    if first.source != second.source or first.kind is not second.kind or first.reduced != second.reduced:
        return None
    if first.tangles != second.tangles or first.orders != second.orders:
        return None
    if first.axes[:axis] != second.axes[:axis] or first.axes[axis + 1 :] != second.axes[axis + 1 :]:
        return None
    here, there = dict(first.at), dict(second.at)
    # two positions that are not known are not known to be next to each other, even where they are called the same
    if Somewhere.ANYWHERE in here.values() or Somewhere.ANYWHERE in there.values():
        return None
    apart = [key for key in {**here, **there} if here.get(key, 0) != there.get(key, 0)]
    # the one case where two coordinates differ at once: h_n[-2] beside h_n[-1], which read their last step each, are
    # the axis of directions again (tests/axes/test_laws.py, test_two_directions_put_together_are_one_axis)
    if len(apart) == 2 and Role.STEP in apart and Role.DIRECTION in apart and _ends(first) and _ends(second):
        here[Role.STEP] = Somewhere.FINAL
        apart = [Role.DIRECTION]
    if len(apart) > 1:
        return None
    along: Along = None
    distance = 0
    if apart:
        along = apart[0]
        start, end = here.get(along, 0), there.get(along, 0)
        if not isinstance(start, int) or not isinstance(end, int):
            return None
        distance = end - start
    joint = _continued(first.axes[axis], second.axes[axis], along, distance)
    if joint is None:
        return None
    axes = (*first.axes[:axis], joint, *first.axes[axis + 1 :])
    block = settle(first, axes, here)
    marks = _marks_of_both(first, second)
    return block if marks == first.marks else marked(block, marks)


def _marks_of_both(first: Block, second: Block) -> tuple[Mark, ...]:
    """The marks of two blocks that have become one: about each role one of each extent, the narrowest last.

    Of two that left as much of a role, the second block's stays: the first's is the less recent one.
    """
    extra = [mark for mark in second.marks if mark not in first.marks]
    if not extra:
        return first.marks
    notes = [mark for mark in (*first.marks, *extra) if not isinstance(mark.about, Role)]
    roles: dict[tuple[Role, int], Mark] = {}
    for mark in (*first.marks, *second.marks):
        if isinstance(mark.about, Role):
            roles[mark.about, mark.extent] = mark
    return (*notes, *sorted(roles.values(), key=lambda mark: -mark.extent))


def _continued(front: Axis, back: Axis, along: Along, distance: int) -> Axis | None:
    """One axis for ``front`` followed by ``back``, which starts ``distance`` further ``along``."""
    head = front[0] if front else None
    tail = back[0] if back else None
    if head is not None and head.along == along:
        # copies continue copies at any distance; all else has to start where the first one ends
        follows = along is None or distance == head.extent * head.stride
        if follows and front[1:] == back:
            return (Factor(along, head.extent + 1, head.stride), *back)
        if (
            follows
            and tail is not None
            and tail.along == along
            and tail.stride == head.stride
            and front[1:] == back[1:]
        ):
            return (Factor(along, head.extent + tail.extent, head.stride), *back[1:])
    if tail is not None and tail.along == along and back[1:] == front and (along is None or distance == tail.stride):
        return (Factor(along, tail.extent + 1, tail.stride), *front)
    # two equal stretches: they become a new outermost factor of extent 2
    if front == back:
        return (Factor(along, 2, distance if along is not None else 1), *front)
    return None
