"""What the lengths of the samples of a batch are, and where padding comes from."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

from rnnlint.axes.reading import notes, sample_orders
from rnnlint.axes.states import (
    Block,
    Call,
    Given,
    Joined,
    Note,
    Own,
    Role,
    States,
    Unknown,
    blocks,
    extent,
    length,
    shape,
)
from rnnlint.events import Lengths
from rnnlint.torch_api.batches.sorting import is_ascending, is_descending
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import source_key
from rnnlint.values.domain import Along, Formless, Free, Lit, Tensor, Value
from rnnlint.values.forms import Moved, Padding, Side
from rnnlint.values.origins import (
    Compared,
    Constants,
    Filled,
    Fresh,
    MaskOf,
    Memory,
    PaddedBatch,
    Rounds,
    UnpackedLengths,
    Windows,
)
from rnnlint.values.roots import padding_in
from rnnlint.values.walk import options


def padding_of(states: States) -> str:
    """What shows that a tensor holds padding at the end of its samples; "" where nothing does."""
    found = [(padding, block) for block in blocks(states) if (padding := padded(block)) is not None]
    shown = [one.why for one, block in found if _side(one, block) is Side.RIGHT and not _of_features(one, block)]
    if shown:
        return shown[0]
    # not where words were pooled: of their padding nothing is known any more
    named = (block for block in blocks(states) if notes.note(block, Note.PADDING_NAMED) and not block.reduced)
    # nor where they are read from the last one on: what pads their end then stands in front
    named = (block for block in named if not any(factor.stride < 0 for axis in block.axes[:-1] for factor in axis))
    if not all(_even(block) for block in named):
        return PADDING_IDX
    # what another call has made of padded steps is padded as they were
    passed = (
        block.source.padding
        for block in blocks(states)
        if isinstance(block.source, Call)
        and any(
            factor.along is Role.STEP and factor.extent == block.source.steps for axis in block.axes for factor in axis
        )
    )
    return next(filter(None, passed), "")


_TURNED = {Side.RIGHT: Side.LEFT, Side.LEFT: Side.RIGHT}


def _side(padding: Padding, block: Block) -> Side:
    """On which side a batch is padded by now: turned round, what was its end stands in front."""
    steps = (0, 1) if padding.batch_first is None else (int(padding.batch_first),)
    return _TURNED.get(padding.side, padding.side) if any(_turned(block, axis) for axis in steps) else padding.side


def _turned(block: Block, axis: int) -> bool:
    """Whether an axis of what a block was made of runs the other way round."""
    return any(factor.along == Own(axis) and factor.stride < 0 for factors in block.axes for factor in factors)


WINDOW = Padding(None, Side.WINDOW, "windows of one length")
EVEN = Padding(None, Side.NOWHERE, "all of one length")
"""How a sample is padded, and a batch, of which it is known that all are of one length: not at all."""


def harmlessly_filled(states: States) -> bool:
    """Whether what was filled up stands behind no step: it is features, or in front of them all."""
    found = ((padding, block) for block in blocks(states) if (padding := padded(block)) is not None)
    return any(_of_features(padding, block) or _side(padding, block) is Side.LEFT for padding, block in found)


def _of_features(padding: Padding, block: Block) -> bool:
    """Whether what was filled up are the features, or what a layer has made its features of."""
    if padding.axis is None or not isinstance(block.source, Given) or not block.axes:
        return False
    own = Own(padding.axis % max(1, len(block.source.shape)))
    return any(factor.along == own for factor in (*block.axes[-1], *block.reduced))


PAD_SEQUENCE = "pad_sequence"
"""What shows that a batch is padded: it was made so."""
PADDING_IDX = "padding_idx"
"""What shows padding, but not on which side: an embedding that was told which row stands for it."""


def padded(block: Block) -> Padding | None:
    """How what a block holds was padded, if it was."""
    found: Padding | None = None
    match block.source.key:
        case PaddedBatch(padding=padding) | Windows(padding=padding) | Rounds(padding=padding):
            found = padding
        case Free() as free:
            found = padding_in(free)
    if found is not None:
        return found
    if notes.note(block, Note.EVEN) is not None:
        return EVEN
    window = notes.note(block, Note.WINDOW) is not None and len(block.axes) > 0
    return replace(WINDOW, length=extent(block.axes[0])) if window else None


def even_batch(states: States) -> bool:
    """Whether all samples of a batch are known to be of one length: it was made of such, or by a call that was."""
    return all(_even(block) for block in blocks(states))


def _even(block: Block) -> bool:
    if isinstance(block.source, Call):
        return block.source.even and not block.source.packed
    found = padded(block)
    return found is not None and found.side is Side.NOWHERE


def alike(ctx: Context, sequences: Value) -> bool:
    """Whether the sequences of a list, however many there are, are known to be of one length."""
    if isinstance(sequences, (Tensor, Along)):  # its rows
        rows = map(padded, blocks(sequences.states))
        return not ctx.calls.modules(sequences.states) and all(one is None or one.nowhere for one in rows)
    found: set[Padding | None] = set()
    for one in options(ctx.containers.element(sequences)):
        match one:
            case Formless(root):
                found.add(padding_in(root))
            case Free():
                found.add(padding_in(one))
            case Tensor(states) if not ctx.calls.modules(states):
                found |= set(map(padded, blocks(states)))
            case _:
                return False
    known = [padding for padding in found if padding is not None and padding.nowhere]
    return len(known) == len(found) and len({padding.length for padding in known}) == 1


def in_windows(ctx: Context, tensor: Tensor) -> Tensor:
    """A sequence that is taken apart into windows, none of which runs over its end, as a batch of them."""
    cut = notes.noted(tensor.states, Note.EVEN, ctx.site, lambda block: padded(block) is None)
    return Tensor(cut)


def lengths_in(ctx: Context, sequences: Value) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The lengths of a list of tensors, and the shape of one of their steps; None where they are not all known."""
    known = ctx.containers.elements(sequences)
    if not known or not all(isinstance(one, Tensor) and shape(one.states) for one in known):
        return None
    shapes = [shape(one.states) for one in known if isinstance(one, Tensor)]
    return tuple(one[0] for one in shapes), shapes[0][1:]


def lengths_of(ctx: Context, value: Value, states: States) -> Lengths:
    """What is known of lengths that are given with a time-major tensor."""
    steps, samples = shape(states)[:2]
    numbers = _numbers(ctx, value)
    each = None if numbers is not None else _each(ctx, value)
    found = {each} if numbers is None else set(numbers)
    full = found == {steps} and samples != 1 and (numbers is None or len(numbers) > 1)
    written = not ctx.facts.free_of(steps)  # a number that is no open size tells nothing of where it comes from
    falling = True if each is not None else _falling(ctx, value, numbers, full)
    return Lengths(falling, full, written, _moved(value, states))


def even(ctx: Context, value: Value, lengths: Lengths) -> bool:
    """Whether all samples are equally long: one is as long as itself."""
    same = lengths.full or _each(ctx, value) is not None or len(set(_numbers(ctx, value) or (0, 1))) == 1
    return same or counted(ctx, value) == 1


def counted(ctx: Context, value: Value) -> int | None:
    """How many lengths there are, and so samples, where that is known: of none it is known how long it is."""
    block = _tensor(value)
    if block is not None and not isinstance(value, Along):
        sizes = shape(block)
        return sizes[0] if len(sizes) == 1 and not ctx.facts.free_of(sizes[0]) else None
    known = ctx.containers.elements(value)
    return len(known) if known else None


def _tensor(value: Value) -> Block | None:
    states = value.states if isinstance(value, (Tensor, Along)) else None
    return states if isinstance(states, Block) else None


def _numbers(ctx: Context, value: Value) -> tuple[int, ...] | None:
    """The lengths, where they are all written down or all sizes."""
    block = _tensor(value)
    if block is not None:
        key = source_key(Tensor(block))
        return key.numbers if isinstance(key, Constants) and not block.orders else None
    known = ctx.containers.elements(value)
    if not known:
        return None
    numbers = tuple(ctx.facts.integer(item) if isinstance(item, Lit) else None for item in known)
    return None if None in numbers else numbers  # type: ignore[return-value]


def _each(ctx: Context, value: Value) -> int | None:
    """The number that every one of an open number of lengths is."""
    block = _tensor(value)
    if block is not None:
        key = source_key(Tensor(block))
        return key.number if isinstance(key, Filled) else None
    common = ctx.containers.common(value)
    return ctx.facts.integer(common) if isinstance(common, Lit) else None


def _falling(ctx: Context, value: Value, numbers: tuple[int, ...] | None, full: bool) -> bool | None:
    """Whether the lengths are known to fall, or not to; None where another file may have put them in order: what a
    function is handed, and what it counts in a batch, is as whoever made that batch has sorted it."""
    if full:
        return True
    if numbers is not None:
        return list(numbers) == sorted(numbers, reverse=True)
    if isinstance(value, Unknown) or ctx.batches.unseen:
        return None
    block = _tensor(value)
    if block is not None:
        key = source_key(Tensor(block))
        if is_descending(block) or (isinstance(key, UnpackedLengths) and key.falling):
            return True
        drawn = isinstance(key, Fresh) and key.memory is Memory.DRAWN
        return False if is_ascending(block) or (drawn and not block.orders) else None
    return None


def _moved(value: Value, states: States) -> bool:
    """Whether lengths are on the device of the model: they were put there, or made from what is packed."""
    if isinstance(value, Formless):
        return moved_of(value) is not None
    block = _tensor(value)
    if block is None or isinstance(value, Along):
        return False
    if notes.note(block, Note.ON_CPU):
        return False
    return notes.note(block, Note.ON_DEVICE) is not None or not made_where(block).isdisjoint(made_where(states))


def made_where(states: States) -> frozenset[Hashable]:
    """What a tensor was made of, however it was computed or counted, and whether that had been moved to the device by
    then: what shares any of it is on one device.  Nothing of what was put on the CPU since."""
    found: set[Hashable] = set()
    for block in blocks(states):
        key = block.source.key
        if notes.note(block, Note.ON_CPU):
            continue
        if isinstance(key, MaskOf):
            found |= made_where(key.states)
        elif isinstance(key, Compared):
            found |= key.of
        else:
            found.add((block.source, notes.note(block, Note.ON_DEVICE) is not None))
    return frozenset(found)


def _counted_along(block: Block, states: Block) -> Own | Role | None:
    """Along what of a tensor numbers run that were counted from it; None where they were not."""
    own, key = sample_orders.along(block, 0), source_key(Tensor(block))
    if isinstance(key, MaskOf) and isinstance(key.states, Block) and isinstance(own, Own):
        block, own = key.states, sample_orders.along(key.states, own.index)
    return own if block.source == states.source else None


def moved_of(value: Formless) -> Formless | None:
    """The tensor of unknown rank that was moved to a device to make this one."""
    form = value.root.form
    first = None if form is None else next(iter(form.operands), None)
    if not isinstance(first, Free):
        return None
    inner = Formless(first, value.change)
    return inner if isinstance(form, Moved) else moved_of(inner)


def astray(value: Value, states: States) -> bool:
    """Whether what stands first in a time-major tensor is known to be the samples.

    Known from an RNN's output, from ``pad_sequence``, from the axis along which the batch was sorted, or from the axes
    of the mask that the lengths were counted from.
    """
    # one position beside the samples is no steps: who gives a single sequence a batch axis has put it in
    if len(shape(states)) < 2 or shape(states)[1] == 1:
        return False
    if not isinstance(states, Block):
        return isinstance(states, Joined) and _in_another_order(states)
    first, second = sample_orders.along(states, 0), sample_orders.along(states, 1)
    if first is Role.SAMPLE:
        # what were samples before may be a sequence: the words of a sentence, each a sample of its letters; then
        # this axis has those of one sentence, and the next has other sentences, or nobody knows which
        return shape(states)[0] == _samples(states)
    if second is Role.STEP:
        return True
    made = padded(states)
    if made is not None and made.batch_first is not None:
        return first == Own(0 if made.batch_first else 1)
    block = _tensor(value)
    if block is None or len(block.axes) != 1:
        return False
    order = sample_orders.order_of(block, 0)
    if order and sample_orders.order_of(states, 0) == order and sample_orders.order_of(states, 1) != order:
        return True
    counted = _counted_along(block, states)
    return counted is not None and counted == first


def _in_another_order(states: Joined) -> bool:
    """Whether the rows that are joined are the samples of one call, as many as it had, each with its steps beside it:
    what an index of constants makes of a batch."""
    parts = [part for part in states.parts if isinstance(part, Block)]
    if states.axis != 0 or len(parts) < len(states.parts) or len({part.source for part in parts}) > 1:
        return False
    rows = all(
        {factor.along for factor in part.axes[0]} == {Role.SAMPLE}
        or (not part.axes[0] and any(role is Role.SAMPLE for role, _ in part.at))
        for part in parts
    )
    steps = all(sample_orders.along(part, 1) is Role.STEP for part in parts)
    return rows and steps and shape(states)[0] == _samples(parts[0])


def _samples(block: Block) -> int | None:
    """How many samples the call had that a block is read of; None for what no call returned."""
    return block.source.samples if isinstance(block.source, Call) else None


def pooled(ctx: Context, states: States, axes: tuple[int, ...] | None, largest: bool = False) -> States:
    """``states`` before a reduction (or a softmax) over ``axes``, None for all; noted where that takes in padding.

    ``largest``: only the largest is kept, which is no padding where that is least and no layer has made new features.
    """
    places = range(len(shape(states))) if axes is None else [axis % max(1, len(shape(states))) for axis in axes]

    def takes_padding(block: Block) -> bool:
        source = block.source
        if not isinstance(source, Call) or source.even:
            return False
        if notes.note(block, Note.MASKED) or notes.note(block, Note.OWN_LENGTH):
            return False
        if not source.packed and (not source.padding or source.samples == 1):  # of one sample nothing is shorter
            return False
        # of states that go on behind the end nothing is least
        if largest and source.packed and notes.note(block, Note.PADDING_LEAST) and not block.reduced:
            return False
        held = [factor for place in places if place < len(block.axes) for factor in block.axes[place]]
        return any(factor.along is Role.STEP and factor.extent == source.steps for factor in held)

    return notes.noted(states, Note.PADDING_POOLED, ctx.site, takes_padding, len(shape(states)))


def own_length(states: States, axis: int) -> bool:
    """Whether an axis are the steps of one sample, cut to its own length."""
    return all(
        [factor.along for factor in block.axes[axis]] == [Role.STEP] and notes.note(block, Note.OWN_LENGTH) is not None
        for block in blocks(states)
    )


def cut_to_own(ctx: Context, before: States, after: States, ends: Mapping[int, Value]) -> States:
    """What slices have left of a tensor that end so, by axis: noted where it is one sample, cut to its own length.

    A batch is cut as a whole, and shorter samples keep some padding.  What ends at a size of the steps is not cut.
    """

    def own(axis: int, end: Value) -> bool:
        steps = any(factor.along is Role.STEP for block in blocks(before) for factor in block.axes[axis])
        number = ctx.facts.integer(end) if steps else None
        open_ = frozenset() if number is None else ctx.facts.free_of(abs(number))
        # a number that is written down is the length of a sample as well as that of the batch
        return number is not None and (not open_ or not open_ <= ctx.facts.free_of(length(before, axis)))

    def one_sample(block: Block) -> bool:
        held = {factor.along for axis in (*block.axes, block.reduced) for factor in axis}
        return isinstance(block.source, Call) and Role.SAMPLE not in held and not block.tangles

    cut = any(own(axis, end) for axis, end in ends.items())
    return notes.noted(after, Note.OWN_LENGTH, ctx.site, one_sample) if cut else after
