"""Operations that make axes longer: copies of what is there, and constants around it."""

from __future__ import annotations

from rnnlint.axes import results
from rnnlint.axes.operations import combine, regroup, select
from rnnlint.axes.operations.checks import broadcast
from rnnlint.axes.reading import notes
from rnnlint.axes.states import Block, Note, Raises, Result, States, Unknown, Viewed, blocks, shape
from rnnlint.events import Site
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import if_certain, integers, source_key, tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import unknown_rank
from rnnlint.torch_api.tensors.less_one import is_last_valid
from rnnlint.values.domain import Formless, Items, Lit, Tensor, Value
from rnnlint.values.origins import Fresh, LastValid, Memory
from rnnlint.values.uses import Use

ONLY_MOVES = True  # but for pad: see torch_api.catalogue.moving


@operation(
    "broadcast_to Tensor.expand",
    "input *sizes|size|shape",
    rank="any",
    tries="""
        broadcast_to expand: one, (2, 5, 6)
        expand: one, 2, 5, 6
        expand: one, -1, 5, -1
        broadcast_to: one, size=(2, 5, 6)
    """,
    refuses="""
        x, (2, 6, 6) -> RuntimeError
        x, (5, 6) -> RuntimeError
        x, (-1, 2, 5, 6) -> RuntimeError
    """,
)
def expand(ctx: Context, a: Args) -> Value:
    """Copies along axes of extent 1, without copying."""
    tensor, sizes = tensor_of(ctx, a.get("input")), integers(ctx, a.rest or ((a["sizes"],) if "sizes" in a else ()))
    if isinstance(tensor, Formless):
        return untold(ctx, tensor) if sizes is None else unknown_rank.expanded(ctx, tensor, sizes)
    if not isinstance(tensor, Tensor) or sizes is None:
        return untold(ctx, tensor)
    if -1 not in sizes[:-1]:
        tensor = _restored(ctx, tensor, len(sizes))
    return _expanded(ctx, tensor, sizes)


@operation(
    "torch.broadcast_tensors",
    "*tensors",
    rank="any",
    tries="""
        x, one
        v, m[:, :3]
    """,
    refuses="x, y[:, :3] -> RuntimeError",
)
def broadcast_tensors(ctx: Context, a: Args) -> Value:
    """Several tensors, copied along axes of extent 1 to one shape."""
    known = [one for one in map(ctx.facts.tensor, a.rest) if isinstance(one, Tensor)]
    if len(known) != len(a.rest) or not known:
        for one in a.rest:
            ctx.use(one, Use.ELSEWHERE)
        return Unknown("tensors of unknown shapes, made alike")
    common = broadcast(*(shape(one.states) for one in known))
    if isinstance(common, Raises):
        return if_certain(ctx, common, known[0])
    return Items(tuple(ctx.settle(combine.expand(one.states, common)) for one in known))


@operation(
    "torch.meshgrid",
    "*tensors **",
    rank="any",
    tries="""
        v, m[0]
        v, m[0], v, indexing='ij'
        v, m[0], indexing='xy'
    """,
)
def meshgrid(ctx: Context, a: Args) -> Value:
    """Vectors, each along its own axis of a grid; the first two trade places in ``'xy'``."""
    given = a.rest if len(a.rest) != 1 else ctx.containers.elements(a.rest[0]) or a.rest
    vectors = [one for one in map(ctx.facts.tensor, given) if isinstance(one, Tensor) and len(shape(one.states)) == 1]
    indexing = a.named.get("indexing", Lit("ij"))
    if len(vectors) != len(given) or not vectors or not isinstance(indexing, Lit):
        for one in given:
            ctx.use(one, Use.ELSEWHERE)
        return Unknown("a grid of what is not known")
    order = list(range(len(vectors)))
    if indexing.value == "xy" and len(order) > 1:
        order[:2] = [1, 0]
    sizes = [shape(vectors[place].states)[0] for place in order]
    return Items(tuple(_along_axis(ctx, one, order.index(place), sizes) for place, one in enumerate(vectors)))


def _along_axis(ctx: Context, vector: Tensor, axis: int, sizes: list[int]) -> Value:
    """A vector along one axis of a grid, copied along all others."""
    states: Result = vector.states
    for place in range(len(sizes)):
        if place != axis and not isinstance(states, (Raises, Unknown)):
            states = regroup.unsqueeze(states, place)
    return ctx.settle(states if isinstance(states, (Raises, Unknown)) else combine.expand(states, sizes))


@operation("Tensor.expand_as", "input other", rank="any", tries="one, x", refuses="x, m -> RuntimeError")
def expand_as(ctx: Context, a: Args) -> Value:
    """Copies along axes of extent 1, to another tensor's shape."""
    tensor, other = tensor_of(ctx, a.get("input")), tensor_of(ctx, a.get("other"))
    if isinstance(tensor, Formless) and isinstance(other, Tensor):
        return unknown_rank.expanded(ctx, tensor, shape(other.states))
    if not isinstance(tensor, Tensor) or not isinstance(other, Tensor):
        return untold(ctx, tensor)
    if not any(notes.note(block, Note.SQUEEZED) for block in blocks(other.states)):
        tensor = _restored(ctx, tensor, len(shape(other.states)))
    return _expanded(ctx, tensor, shape(other.states))


def _expanded(ctx: Context, tensor: Tensor, sizes: tuple[int, ...]) -> Value:
    """Copies along axes of extent 1; what no RNN returned has, where it fits, the sizes that it is asked for.

    So the samples of lengths are as many as those they are spread over, however that is written, and ``lengths - 1``
    is what it was.
    """
    result, own = combine.expand(tensor.states, sizes), shape(tensor.states)
    key = source_key(tensor)
    if not isinstance(result, Raises) or key is None or isinstance(key, Fresh) or len(own) != len(sizes):
        return if_certain(ctx, result, tensor)
    differ = [old for old, new in zip(own, sizes, strict=True) if new not in (-1, old) and old != 1]
    if not all(map(ctx.facts.free_of, differ)) or min(sizes) < -1:
        return if_certain(ctx, result, tensor)
    ctx.use(tensor, Use.ELSEWHERE)
    made = key if isinstance(key, LastValid) else Viewed(ctx.occurrence())
    return ctx.settle(ctx.given(made, tuple(old if new == -1 else new for old, new in zip(own, sizes, strict=True))))


def _restored(ctx: Context, tensor: Tensor, rank: int) -> Tensor:
    """A tensor that is expanded to sizes which are all written down: what a squeeze may have taken, it gets back.

    Not where an axis was put behind the first since, which counts on that being there.
    """
    if rank != len(shape(tensor.states)) or any(map(_widened_behind, blocks(tensor.states))):
        return tensor
    ctx.layouts.view(tensor.states)
    return Tensor(notes.without(tensor.states, Note.SQUEEZED))


def _widened_behind(block: Block) -> bool:
    made = notes.note(block, Note.MADE)
    by_number = made is not None and isinstance(made.site, Site) and made.site.op == "unsqueeze"
    return by_number and any(len(axis) == 0 for axis in block.axes[1:])


@operation(
    "tile",
    "input *sizes|dims|reps",
    rank="any",
    tries="""
        x, (2, 1)
        x, (1,)
        x, (1, 2, 1)
        x, dims=(2,)
        v, (2, 1)
        Tensor.tile: x, 2, 1
    """,
    refuses="x, (-1,) -> RuntimeError",
)
@operation(
    "Tensor.repeat",
    "input *sizes|repeats|size",
    rank="any",
    tries="""
        x, 1, 2, 1
        x, (1, 2, 1)
        v, 2, 1
    """,
    refuses="""
        x, 2 -> RuntimeError
        x, 1, -1, 1 -> RuntimeError
    """,
)
def repeat(ctx: Context, a: Args) -> Value:
    """Copies laid one after the other."""
    tensor, counts = tensor_of(ctx, a.get("input")), integers(ctx, a.rest or ((a["sizes"],) if "sizes" in a else ()))
    if isinstance(tensor, Formless) and is_last_valid(tensor.root):
        return tensor
    if isinstance(tensor, Formless) and counts and a.op == "repeat":  # tile takes any number of counts
        ctx.facts.rank(tensor, len(counts))
    if not isinstance(tensor, Tensor) or counts is None:
        return untold(ctx, tensor)
    if a.op == "tile":
        counts = (*(1,) * (len(shape(tensor.states)) - len(counts)), *counts)
    own = shape(tensor.states)
    ctx.fitting.not_widened([size for size, count in zip(own[::-1], counts[::-1], strict=False) if count != 1])
    return ctx.settle(combine.repeat(tensor.states, counts))


@operation(
    "torch.nn.functional.pad",
    "input pad mode value",
    rank=0,
    tries="""
        x, (0, 0, 1, 2)
        x, (0, 2)
        x, [1, 0, 0, 0, 0, 1], value=1.0
        x, (0, 0, -1, 0)
        ? x, (1, 1), 'reflect'
    """,
    refuses="x, (-9, 0) -> RuntimeError",
)
def pad(ctx: Context, a: Args) -> Value:
    """Constants before and after what runs along the last axes; fewer than none takes positions away."""
    tensor, widths = tensor_of(ctx, a.get("input")), integers(ctx, (a["pad"],)) if "pad" in a else None
    constant = a.named.get("mode", Lit("constant")) == Lit("constant")
    if not isinstance(tensor, Tensor) or widths is None or not constant or len(widths) % 2:
        return untold(ctx, tensor)
    return padded(ctx, tensor, widths)


def padded(ctx: Context, tensor: Tensor, widths: tuple[int, ...]) -> Value:
    """Constants around the last axes: before and after the last one, the one before it, ..."""
    result: Result = tensor.states
    for place, (before, after) in enumerate(zip(widths[::2], widths[1::2], strict=True)):
        axis = len(shape(tensor.states)) - 1 - place
        if axis < 0:
            return untold(ctx, tensor)
        result = _padded(ctx, result, axis, before, after)
    return if_certain(ctx, result, tensor)


def _padded(ctx: Context, states: Result, axis: int, before: int, after: int) -> Result:
    if isinstance(states, (Raises, Unknown)):
        return states
    sizes = shape(states)
    if sizes[axis] + min(before, 0) + min(after, 0) < 0:
        return Raises("RuntimeError", "narrow(): length must be non-negative.")
    kept = select.narrow(states, axis, max(0, -before), sizes[axis] - max(0, -after))
    if isinstance(kept, (Raises, Unknown)):
        return kept
    parts: list[States] = [kept]
    for width, place in ((before, 0), (after, len(parts))):
        if width > 0:
            empty = results.given(ctx.fresh(Memory.CONSTANT, (*sizes[:axis], width, *sizes[axis + 1 :])))
            ctx.use(Tensor(empty), Use.ELSEWHERE)  # at its place here, and no state that a call waits for
            parts.insert(place if place == 0 else len(parts), empty)
    return kept if len(parts) == 1 else combine.cat(parts, axis)


@operation(
    "repeat_interleave",
    "input repeats dim",
    rank=0,
    tries="""
        x, 2, 0
        x, 2, dim=1
        v, 2
    """,
    refuses="""
        x, -1 -> RuntimeError
        x, 2, 7 -> IndexError
    """,
)
def repeat_interleave(ctx: Context, a: Args) -> Value:
    """Every element repeated in place."""
    tensor, count = tensor_of(ctx, a.get("input")), ctx.facts.integer(a.get("repeats"))
    if not isinstance(tensor, Tensor) or count is None:
        return untold(ctx, tensor)
    return ctx.settle(combine.repeat_interleave(tensor.states, count, ctx.facts.integer(a.get("dim"))))
