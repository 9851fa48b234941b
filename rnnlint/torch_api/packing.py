"""Packing and padding: ``torch.nn.utils.rnn``.

https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html and its neighbours.
"""

from __future__ import annotations

from dataclasses import replace

from rnnlint.axes import notes, results
from rnnlint.axes import order as ordering
from rnnlint.axes.states import Given, Raises, States, Unknown, shape
from rnnlint.events import Lengths, PackedRead, Packing
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.lengths import PADDED, astray, even, lengths_of
from rnnlint.torch_api.recurrent import read_as_tensor
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.sorting import sorted_of
from rnnlint.values.domain import Formless, Free, Items, Lit, Packed, ResultOf, Tensor, Value


@operation("torch.nn.utils.rnn.pack_padded_sequence", "input lengths batch_first enforce_sorted", rank="any")
def pack(ctx: Context, a: Args) -> Value:
    """A PackedSequence of ``input``, (T, N, *) or (N, T, *) with ``batch_first``."""
    batch_first = ctx.flag(a["batch_first"], force=True) if "batch_first" in a else False
    tensor = ctx.tensor(a["input"]) if "input" in a else Unknown("no input")
    lengths = a.named.get("lengths", Unknown("no lengths"))
    if isinstance(tensor, Formless):
        ctx.rank(tensor, 3)
    if isinstance(lengths, Formless):
        unsorted = sorted_of(lengths)
        if unsorted is not None:
            ctx.rank(unsorted, 1)
    if not isinstance(tensor, Tensor) or batch_first is None:
        return Packed(None, batch_first)
    ctx.use(tensor, "input")
    states: States | None = tensor.states
    if batch_first and len(shape(tensor.states)) > 1:
        turned = ordering.transpose(tensor.states, 0, 1)
        states = None if isinstance(turned, Unknown | Raises) else turned
    if states is None or len(shape(states)) < 2:
        return Packed(states, batch_first)
    found = _said(ctx, a, lengths, states, batch_first)
    falling = found.falling is True or ("enforce_sorted" not in a)
    return Packed(states, batch_first, None, even(ctx, lengths, found), falling)


def _said(ctx: Context, a: Args, lengths: Value, states: States, batch_first: bool) -> Lengths:
    sort = ctx.flag(a["enforce_sorted"]) if "enforce_sorted" in a else True
    found = lengths_of(ctx, lengths, states)
    if lengths in ctx.checked:
        found = replace(found, falling=True)
    elif sort:
        ctx.checked.add(lengths)
    samples = shape(states)[1]
    ctx.emit(Packing(batch_first, astray(lengths, states), found, sort is True, samples, ctx.site))
    return found


@operation("torch.nn.utils.rnn.pack_sequence", "sequences enforce_sorted", rank="any")
def pack_sequence(ctx: Context, a: Args) -> Value:
    """A PackedSequence of a list of tensors."""
    return Packed(None, None)


@operation("torch.nn.utils.rnn.pad_sequence", "sequences batch_first padding_value padding_side", rank="any")
def pad_sequence(ctx: Context, a: Args) -> Value:
    """Sequences of different lengths as one tensor, (T, N, *) or (N, T, *) with ``batch_first``."""
    ctx.use(a.named.get("sequences", Lit(None)), "elsewhere")
    batch_first = ctx.flag(a["batch_first"], force=True) if "batch_first" in a else False
    side = a.named.get("padding_side", Lit("right"))
    return ctx.tensor(Free("pad_sequence(...)", ctx.occurrence(), (PADDED, Lit(batch_first), side)))


@operation("torch.nn.utils.rnn.pad_packed_sequence", "sequence batch_first padding_value total_length", rank="any")
def pad(ctx: Context, a: Args) -> Value:
    """``(output, lengths)``; output (T, N, *), or (N, T, *) with ``batch_first``."""
    source = a.named.get("sequence", Unknown("no sequence"))
    batch_first = ctx.flag(a["batch_first"], force=True) if "batch_first" in a else False
    key = ("last valid", "lengths of", ctx.occurrence())
    if isinstance(source, Items) and isinstance(source.tag, ResultOf):
        return read_as_tensor(ctx, source, "pad_packed_sequence")
    if not isinstance(source, Packed) or source.states is None or batch_first is None:
        ctx.use(source, "elsewhere")
        return Items((Unknown("what was packed is not known"), Unknown("lengths")))
    states: States | None = source.states
    total = ctx.integer(a["total_length"]) if "total_length" in a else None
    if total is not None and states is not None:
        ctx.equate(total, shape(states)[0])
    if batch_first and states is not None:
        turned = ordering.transpose(states, 0, 1)
        states = None if isinstance(turned, Unknown | Raises) else turned
    if states is None:
        return Items((Unknown("what was packed is not known"), Unknown("lengths")))
    samples = shape(states)[0 if batch_first else 1]
    lengths = results.given(Given(("lengths", "falling" if source.falling else "", key), (samples,)))
    if source.batch_first and not batch_first:
        states = notes.noted(states, notes.TURNED, ctx.site)
    return Items((ctx.settle(states), ctx.settle(lengths)))


@operation("torch.nn.utils.rnn.PackedSequence", "data batch_sizes sorted_indices unsorted_indices", rank="any")
def packed_sequence(ctx: Context, a: Args) -> Value:
    """A PackedSequence made of its fields: other data, packed like another one."""
    ctx.use(a.named.get("data", Lit(None)), "elsewhere")
    return Packed(None, None)


def packed_method(ctx: Context, value: Packed, name: str) -> Value:
    """A method of a PackedSequence."""
    if name in ("to", "cuda", "cpu", "float", "double", "half", "pin_memory"):
        return value
    if name in ("size", "dim", "view", "reshape", "transpose", "permute", "unsqueeze", "squeeze", "mean", "sum"):
        ctx.emit(PackedRead(name, ctx.site))
        raise TorchRaises("AttributeError", f"'PackedSequence' object has no attribute '{name}'")
    return Unknown(f"{name} of a PackedSequence")
