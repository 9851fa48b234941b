"""Packing and padding: ``torch.nn.utils.rnn``.

https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from rnnlint.axes.operations import axis_order
from rnnlint.axes.reading import notes, sample_orders
from rnnlint.axes.states import Note, Order, Raises, Role, States, Unknown, shape
from rnnlint.events import Evidence, Lengths, PackedRead, Packing
from rnnlint.torch_api.batches import layout
from rnnlint.torch_api.batches.lengths import alike, astray, counted, even, lengths_in, lengths_of
from rnnlint.torch_api.batches.sorting import counting, sorted_of
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.misreads import read_as_tensor
from rnnlint.torch_api.operands import source_key
from rnnlint.torch_api.registry import Args, operation
from rnnlint.values.domain import Along, Called, Formless, Free, Items, Lit, Packed, PaddedPair, ResultOf, Tensor, Value
from rnnlint.values.forms import Padding, Side
from rnnlint.values.origins import PackedList, PackingOrder, PaddedBatch, Repacked, UnpackedLengths
from rnnlint.values.uses import Use


@operation(
    "torch.nn.utils.rnn.pack_padded_sequence",
    "input lengths batch_first enforce_sorted",
    rank="any",
    tries="""
        x, lengths, batch_first=True
        x, [5, 3], True
        x, lengths, True, False
    """,
    refuses="""
        v, lengths -> IndexError
        x, None -> TypeError
    """,
)
def pack(ctx: Context, a: Args) -> Value:
    """A PackedSequence of ``input``, (T, N, *) or (N, T, *) with ``batch_first``."""
    batch_first = ctx.facts.flag(a["batch_first"], force=True) if "batch_first" in a else False
    tensor = ctx.facts.tensor(a["input"]) if "input" in a else Unknown("no input")
    lengths = a["lengths"]
    if lengths == Lit(None):  # before any rank is asked for: whoever has no lengths does not come by here
        raise TorchRaises("TypeError", "'NoneType' object cannot be interpreted as an integer")
    if isinstance(tensor, Formless):
        ctx.facts.rank(tensor, 3)
    if isinstance(lengths, Formless):
        ctx.facts.rank(sorted_of(lengths) or lengths, 1)
    if not isinstance(tensor, Tensor) or batch_first is None:
        return Packed(None, batch_first, at=ctx.site.node, samples=counted(ctx, lengths))
    if not batch_first:  # whoever padded it in the other layout knows
        tensor = Tensor(notes.instead(tensor.states, Note.OTHER_LAYOUT, Note.READ_SO))
    ctx.use(tensor, Use.INPUT)
    if len(shape(tensor.states)) < 2:
        raise TorchRaises("IndexError", "Dimension out of range: a padded tensor has samples and steps")
    for axis, role in enumerate(_rows(batch_first)):
        layout.show(ctx, tensor.states, axis, role, "pack_padded_sequence", packs=True)
    states: States | None = tensor.states
    if batch_first:
        turned = axis_order.transpose(tensor.states, 0, 1)
        states = None if isinstance(turned, (Unknown, Raises)) else turned
    if states is None:
        return Packed(states, batch_first, at=ctx.site.node)
    at = ctx.site.node
    found = _said(ctx, a, lengths, states, batch_first)
    falling = found.falling is True or ("enforce_sorted" not in a)
    order = _order_beside(states, lengths)
    return Packed(states, batch_first, None, even(ctx, lengths, found), falling, _sorts(ctx, a), order, at)


def _order_beside(states: States, lengths: Value) -> Order:
    """The order of the samples of what nobody has followed since they were sorted: that of their lengths."""
    key = source_key(Tensor(states))
    foreign = isinstance(key, Free) and isinstance(key.owner, Called) and not sample_orders.order_of(states, 1)
    # a list that ``tolist`` has made, too
    known = lengths.states if foreign and isinstance(lengths, (Tensor, Along)) else None
    return () if known is None or len(shape(known)) != 1 else sample_orders.order_of(known, 0)


def _rows(batch_first: bool) -> tuple[Role, Role]:
    """What the first two axes of a padded tensor are."""
    return (Role.SAMPLE, Role.STEP) if batch_first else (Role.STEP, Role.SAMPLE)


def _show(ctx: Context, padded: Hashable, batch_first: bool) -> None:
    """What ``pad_sequence`` returns has the layout it was asked for."""
    for axis, role in enumerate(_rows(batch_first)):
        ctx.layouts.show(padded, axis, Evidence(role, "pad_sequence", ctx.site))


def _said(ctx: Context, a: Args, lengths: Value, states: States, batch_first: bool) -> Lengths:
    sort = ctx.facts.flag(a["enforce_sorted"]) if "enforce_sorted" in a else True
    found = lengths_of(ctx, lengths, states)
    if ctx.batches.falling(lengths):
        found = replace(found, falling=True)
    elif sort:
        ctx.batches.check(lengths)
    samples = shape(states)[1]
    sort = sort is True and not ctx.here.caught and _left(ctx)
    ctx.emit(Packing(batch_first, astray(lengths, states), found, sort, samples, ctx.site))
    return found


def _left(ctx: Context) -> bool:
    """Whether ``enforce_sorted`` is left out or written as a constant; what has a name, somebody else decides."""
    written = enumerate(ctx.here.spelling())
    # its fourth argument: pack_padded_sequence(input, lengths, batch_first, enforce_sorted)
    return all(name is None for place, (keyword, name) in written if (keyword or place) in ("enforce_sorted", 3))


@operation("torch.nn.utils.rnn.pack_sequence", "sequences enforce_sorted", rank="any", tries="[x[0], x[1]]")
def pack_sequence(ctx: Context, a: Args) -> Value:
    """A PackedSequence of a list of tensors."""
    found = lengths_in(ctx, a.named.get("sequences", Lit(None)))
    if found is None:
        return Packed(None, None, sorts=_sorts(ctx, a), at=ctx.site.node)
    lengths, rest = found
    states = ctx.given(PackedList(ctx.occurrence()), (max(lengths), len(lengths), *rest))
    alike = len(set(lengths)) == 1
    return Packed(states, None, None, alike, _falls(lengths), _sorts(ctx, a), at=ctx.site.node)


def _falls(lengths: tuple[int, ...]) -> bool:
    return list(lengths) == sorted(lengths, reverse=True)


def _sorts(ctx: Context, a: Args) -> bool:
    return "enforce_sorted" in a and ctx.facts.flag(a["enforce_sorted"]) is False


@operation(
    "torch.nn.utils.rnn.pad_sequence",
    "sequences batch_first padding_value padding_side",
    rank="any",
    tries="""
        [x[0], x[1]], batch_first=True
        [x[0], x[1]]
    """,
)
def pad_sequence(ctx: Context, a: Args) -> Value:
    """Sequences of different lengths as one tensor, (T, N, *) or (N, T, *) with ``batch_first``."""
    # what they hold goes on to whoever reads the batch, which is made of copies
    ctx.use(a.named.get("sequences", Lit(None)), Use.ARITHMETIC)
    batch_first = ctx.facts.flag(a["batch_first"], force=True) if "batch_first" in a else False
    sequences = a.named.get("sequences", Lit(None))
    side = Side.LEFT if a.named.get("padding_side") == Lit("left") else Side.RIGHT
    # no padding at all: one is as long as itself
    if len(ctx.containers.elements(sequences) or ()) == 1 or alike(ctx, sequences):
        side = Side.NOWHERE
    found = lengths_in(ctx, sequences)
    if found is None or batch_first is None:
        padded = Free("pad_sequence(...)", ctx.occurrence(), Padding(batch_first, side))
        if batch_first is not None:
            _show(ctx, padded, batch_first)
        return ctx.facts.tensor(padded)
    lengths, rest = found
    if len(set(lengths)) == 1:
        side = Side.NOWHERE
    rows = (len(lengths), max(lengths)) if batch_first else (max(lengths), len(lengths))
    key = PaddedBatch(ctx.occurrence(), Padding(batch_first, side))
    _show(ctx, key, batch_first)
    return ctx.settle(ctx.given(key, (*rows, *rest)))


@operation(
    "torch.nn.utils.rnn.pad_packed_sequence",
    "sequence batch_first padding_value total_length",
    rank="any",
    tries="""
        pack_padded_sequence(x, lengths, True), True
        pack_padded_sequence(x, lengths, True)
    """,
    refuses="both -> AttributeError",
)
def pad(ctx: Context, a: Args) -> Value:
    """``(output, lengths)``; output (T, N, *), or (N, T, *) with ``batch_first``."""
    source = a.named.get("sequence", Unknown("no sequence"))
    batch_first = ctx.facts.flag(a["batch_first"], force=True) if "batch_first" in a else False
    if isinstance(source, Items) and isinstance(source.tag, ResultOf):
        return read_as_tensor(ctx, source, "pad_packed_sequence")
    if isinstance(source, Tensor):
        ctx.calls.padded_again(source.states)
    if not isinstance(source, Packed) or source.states is None or batch_first is None:
        ctx.use(source, Use.ELSEWHERE)
        return Items((Unknown("what was packed is not known"), Unknown("lengths")), PaddedPair())
    states: States | None = source.states
    total = ctx.facts.integer(a["total_length"]) if "total_length" in a else None
    if total is not None and states is not None:
        ctx.fitting.equate(total, shape(states)[0])
    if batch_first and states is not None:
        turned = axis_order.transpose(states, 0, 1)
        states = None if isinstance(turned, (Unknown, Raises)) else turned
    if states is None:
        return Items((Unknown("what was packed is not known"), Unknown("lengths")), PaddedPair())
    samples = shape(states)[0 if batch_first else 1]
    lengths = ctx.given(UnpackedLengths(ctx.occurrence(), source.falling), (samples,))
    if source.batch_first and not batch_first:
        states = notes.noted(states, Note.OTHER_LAYOUT, ctx.site)
    module = None if source.call is None else ctx.calls.module(source.call)
    if _below_states(a.get("padding_value")) or (module is not None and module.rectified):
        states = notes.noted_first(states, Note.PADDING_LEAST, None)
    return Items((ctx.settle(states), ctx.settle(lengths)), PaddedPair())


def _below_states(filler: Value | None) -> bool:
    """Whether what stands behind the last step is below every state, which tanh and the gates keep within -1 and 1.

    A value that is not known was given on purpose.
    """
    number = filler.value if isinstance(filler, Lit) else None
    return filler is not None and not (isinstance(number, (int, float)) and number > -1)


@operation(
    "torch.nn.utils.rnn.PackedSequence",
    "data batch_sizes sorted_indices unsorted_indices",
    rank="any",
    tries="pack_padded_sequence(x, lengths, True).data, pack_padded_sequence(x, lengths, True).batch_sizes",
)
def packed_sequence(ctx: Context, a: Args) -> Value:
    """Other data, packed like another PackedSequence, whose ``batch_sizes`` are given.

    Without its ``unsorted_indices``, nothing restores the order of samples that torch sorted.
    """
    ctx.use(a.named.get("data", Lit(None)), Use.ELSEWHERE)
    sizes = a.named.get("batch_sizes")
    like = sizes.owner if isinstance(sizes, Free) and sizes.key == "batch_sizes" else None
    if not isinstance(like, Packed):
        return Packed(None, None)
    ctx.trace.rebuild(like)
    order = like.order
    if like.sorts and a.get("unsorted_indices") is None:
        order = ((PackingOrder(ctx.occurrence()), 1),)
        ctx.batches.permuted(counting(1), order)
    states = None if like.states is None else _repacked(ctx, like.states)
    return replace(like, states=states, call=None, sorts=like.sorts and not order, order=order, at=ctx.site.node)


def _repacked(ctx: Context, states: States) -> States:
    """A time-major tensor of other features, in the order of another."""
    sizes = (*shape(states)[:2], ctx.facts.generic(("features", ctx.occurrence())))
    made = ctx.given(Repacked(ctx.occurrence()), sizes)
    return sample_orders.reordered(made, 1, sample_orders.order_of(states, 1))


_METHODS = "size dim view reshape transpose permute unsqueeze squeeze mean sum detach contiguous"
_OF_TENSORS = frozenset(_METHODS.split())


def missing(name: str) -> bool:
    """Whether a tensor has the method and a PackedSequence does not."""
    return name in _OF_TENSORS


def packed_method(ctx: Context, value: Packed, name: str) -> Value:
    """A method of a PackedSequence."""
    if name in ("to", "cuda", "cpu", "float", "double", "half", "pin_memory"):
        return value
    if missing(name):
        ctx.emit(PackedRead(name, ctx.site, subject=value))
        raise TorchRaises("AttributeError", f"'PackedSequence' object has no attribute '{name}'")
    return Unknown(f"{name} of a PackedSequence")
