"""Operations that take a tensor apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from rnnlint.axes.operations import combine, select
from rnnlint.axes.reading import notes
from rnnlint.axes.states import Note, Raises, Result, Role, States, Unknown, blocks, shape
from rnnlint.events import Parted
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.misreads import known_as_state
from rnnlint.torch_api.operands import integers, tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import loop_windows
from rnnlint.torch_api.tensors.feature_cuts import meet_at, told
from rnnlint.values.domain import Along, Formless, Free, Items, Lit, Tensor, Value
from rnnlint.values.origins import Fresh
from rnnlint.values.uses import Use

ONLY_MOVES = True  # every element of what these return is one they were given (see torch_api.catalogue.moving)

Parts: TypeAlias = tuple[Result, ...] | Raises | Unknown


def _several(ctx: Context, parts: Parts) -> Value:
    if isinstance(parts, Raises):
        raise TorchRaises(parts.error, parts.text)
    if isinstance(parts, Unknown):
        return parts
    return Items(tuple(ctx.settle(part) for part in parts))


def _say_parted(ctx: Context, states: States, axis: int, parts: Parts) -> None:
    """The last axis was divided into pieces of it."""
    rank = len(shape(states))
    if isinstance(parts, (Raises, Unknown)) or axis not in (rank - 1, -1):
        return
    widths = [0 if isinstance(part, (Raises, Unknown)) else shape(part)[-1] for part in parts]
    cuts = tuple(sum(widths[: i + 1]) for i in range(len(widths) - 1))
    if 0 not in widths and cuts and all(told(ctx, cut, shape(states)[-1]) for cut in cuts):
        ctx.emit(Parted(states, cuts, ctx.site, ctx.calls.modules(states)))


def _divide(ctx: Context, a: Args, divide: Callable[[States, int], Parts], pieces: bool = True) -> Value:
    """``pieces``: the parts have the axis still; positions do not."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.facts.integer(a["dim"]) if "dim" in a else 0
    if not isinstance(tensor, Tensor) or axis is None:
        return untold(ctx, tensor)
    parts = divide(tensor.states, axis)
    if pieces:
        _say_parted(ctx, tensor.states, axis, parts)
    if isinstance(parts, Raises):
        return untold(ctx, tensor, "a split that fits in some programs only")
    return _several(ctx, parts)


@operation(
    "chunk unsafe_chunk",
    "input chunks dim",
    rank=None,
    tries="""
        x, 2, -1
        x, 2
        x, 3, dim=1
    """,
)
def chunk(ctx: Context, a: Args) -> Value:
    """Equal parts."""
    count = ctx.facts.integer(a.get("chunks"))
    if count is None:
        return untold(ctx, a["input"])
    whole = _of_unknown_rank(ctx, a, count) or _each_position(ctx, a, count)
    return whole or _divide(ctx, a, lambda states, axis: _halved(ctx, states, axis, combine.chunk(states, count, axis)))


def _halved(ctx: Context, states: States, axis: int, parts: Parts) -> Parts:
    """The parts of an axis; where they are the halves of the layers, that is noted."""
    if isinstance(parts, (Raises, Unknown)) or len(parts) != 2:
        return parts
    if not any(factor.along is Role.LAYER for block in blocks(states) for factor in block.axes[axis]):
        return parts
    return tuple(
        part if isinstance(part, (Raises, Unknown)) else notes.noted_first(part, Note.HALF_OF_LAYERS, ctx.site)
        for part in parts
    )


def _of_unknown_rank(ctx: Context, a: Args, count: int) -> Value | None:
    """``count`` parts of a tensor of unknown rank, which have its rank; None for one that is known."""
    tensor = tensor_of(ctx, a.get("input"))
    if not isinstance(tensor, Formless) or not 0 < count <= _MANY:
        return None
    return Items((Formless(tensor.root, tensor.change),) * count)


@operation(
    "split split_with_sizes unsafe_split unsafe_split_with_sizes",
    "input|tensor sizes|split_sizes|split_size|split_size_or_sections dim",
    tries="""
        split unsafe_split: x, 3, -1
        split unsafe_split: x, 1
        split split_with_sizes unsafe_split_with_sizes: x, [2, 4], dim=2
    """,
)
def split(ctx: Context, a: Args) -> Value:
    """Parts of given sizes."""
    written = a.get("sizes")
    if isinstance(written, (Lit, Free)):
        size: int | tuple[int, ...] | None = ctx.facts.integer(written)
    else:
        size = None if written is None else integers(ctx, (written,))
    if size is None:
        return untold(ctx, a["input"])
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.facts.integer(a["dim"]) if "dim" in a else 0
    if isinstance(tensor, Formless) and isinstance(size, int):
        return ctx.containers.new_list((), Formless(tensor.root, tensor.change))
    unranked = None if isinstance(size, int) else _of_unknown_rank(ctx, a, len(size))
    if unranked is not None:
        return unranked
    pieces = _pieces(ctx, tensor, size, axis) if isinstance(tensor, Tensor) and axis is not None else None
    if pieces is not None:
        return pieces
    if size == 1 and isinstance(tensor, Tensor) and axis is not None:
        place = _many(tensor.states, axis)
        if place is not None:
            return Along(tensor.states, place, keep=True)
    if isinstance(tensor, Tensor) and axis in (-1, len(shape(tensor.states)) - 1):
        meet_at(ctx, tensor.states, (size,) if isinstance(size, int) else size[:1])
    return _divide(ctx, a, lambda states, axis: combine.split(states, size, axis))


def _pieces(ctx: Context, tensor: Tensor, size: int | tuple[int, ...], axis: int) -> Value | None:
    """Parts of given sizes of an axis whose length is open; None where they can be told one by one.

    Of one size there are as many as nobody knows: of the steps of an RNN, the last ones end where these end.
    """
    place = _many(tensor.states, axis)
    total = 0 if place is None else shape(tensor.states)[place]
    if place is None or not ctx.facts.free_of(total):
        return None
    if isinstance(size, tuple):  # with any other length they would not fit
        ctx.fitting.parted(total, size)
        return None
    if size <= 1 or -(-total // size) <= _MANY:
        return None
    if not ctx.calls.modules(tensor.states):
        if any(isinstance(block.source.key, Fresh) for block in blocks(tensor.states)):
            return None
        ctx.use(tensor, Use.ELSEWHERE)
        return ctx.containers.new_list((), loop_windows.cut(ctx, tensor, place))
    if any([factor.along for factor in block.axes[place]] != [Role.STEP] for block in blocks(tensor.states)):
        return None
    rest = Unknown("one of an open number of parts", (tensor,), recurrent=True)
    last = ctx.settle(select.narrow(tensor.states, place, total - size, total))
    return ctx.containers.new_list((), rest, last)


_MANY = 64
"""Positions of an axis of which each becomes a tensor of its own; a longer axis stays one thing that is walked along.
As in ``interpret.state.limits.elements``, which bounds the list that they would stand in."""


def _many(states: States, axis: int) -> int | None:
    """The axis, counted from the front, if it is too long to be taken apart."""
    extents = shape(states)
    place = axis % len(extents) if -len(extents) <= axis < len(extents) else None
    return place if place is not None and extents[place] > _MANY else None


@operation(
    "tensor_split",
    "input sections|indices_or_sections|indices dim",
    tries="""
        x, 2, 2
        x, (1, 3), dim=1
    """,
)
def tensor_split(ctx: Context, a: Args) -> Value:
    """Parts at given places."""
    written = a.get("sections")
    if isinstance(written, (Lit, Free)):
        sections: int | tuple[int, ...] | None = ctx.facts.integer(written)
    else:
        sections = None if written is None else integers(ctx, (written,))
    if sections is None:
        return untold(ctx, a["input"])
    whole = _of_unknown_rank(ctx, a, sections if isinstance(sections, int) else len(sections) + 1)
    if whole is None and isinstance(sections, int):
        whole = _each_position(ctx, a, sections)
    if whole is not None:
        return whole

    def parts_along(states: States, axis: int) -> Parts:
        parts = combine.tensor_split(states, sections, axis)
        return _halved(ctx, states, axis, parts) if isinstance(sections, int) else parts

    return _divide(ctx, a, parts_along)


def _each_position(ctx: Context, a: Args, count: int) -> Along | None:
    """As many parts as an axis that is too long to be taken apart has positions: each is one of them."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.facts.integer(a["dim"]) if "dim" in a else 0
    place = _many(tensor.states, axis) if isinstance(tensor, Tensor) and axis is not None else None
    if not isinstance(tensor, Tensor) or place is None or shape(tensor.states)[place] != count:
        return None
    return Along(tensor.states, place, keep=True)


@operation(
    "hsplit vsplit dsplit",
    "input sections|indices_or_sections|indices",
    tries="""
        hsplit: m, 2
        hsplit: v, (1, 2)
        vsplit: m, 2
        vsplit: x, (1,)
        dsplit: x, 3
    """,
)
def split_at(ctx: Context, a: Args) -> Value:
    """Parts at given places of axis 1 (``hsplit``; 0 of a vector), 0 (``vsplit``) or 2 (``dsplit``)."""
    tensor = tensor_of(ctx, a.get("input"))
    flat = isinstance(tensor, Tensor) and len(shape(tensor.states)) == 1
    axis = {"hsplit": 0 if flat else 1, "vsplit": 0, "dsplit": 2}[a.op]
    return tensor_split(ctx, Args({**a.named, "dim": Lit(axis)}, op=a.op))


@operation(
    "unbind",
    "input dim",
    tries="""
        x
        x, 1
        v
    """,
)
def unbind(ctx: Context, a: Args) -> Value:
    """The tensors along an axis."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.facts.integer(a["dim"]) if "dim" in a else 0
    if axis in (0, -3):
        known_as_state(ctx, tensor)
    if isinstance(tensor, Tensor) and axis is not None:
        place = _many(tensor.states, axis)
        if place is not None:
            return Along(tensor.states, place)
    if isinstance(tensor, Formless):
        return ctx.containers.new_list((), Formless(tensor.root, tensor.change - 1))
    return _divide(ctx, a, lambda states, axis: combine.unbind(states, axis), pieces=False)
