"""Operations that reorder or regroup axes."""

from __future__ import annotations

from math import prod

from rnnlint.axes.operations import axis_order, regroup, select
from rnnlint.axes.reading import marking, notes
from rnnlint.axes.states import (
    Block,
    Call,
    Factor,
    Note,
    Raises,
    Result,
    Role,
    States,
    Unknown,
    Viewed,
    blocks,
    shape,
)
from rnnlint.events import Squeezed
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.misreads import known_as_state
from rnnlint.torch_api.operands import (
    axes_of,
    integers,
    may_be_given,
    may_be_one,
    rows_along,
    source_key,
    tensor_for_axis,
    tensor_of,
    untold,
)
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import joining, products, unknown_rank
from rnnlint.torch_api.tensors.indexing import along_samples
from rnnlint.torch_api.tensors.less_one import is_last_valid
from rnnlint.values.domain import Formless, SizeOf, Tensor, Value
from rnnlint.values.origins import LastValid, OneWindow, Windows

ONLY_MOVES = True  # every element of what these return is one they were given (see torch_api.catalogue.moving)


@operation(
    "transpose swapaxes swapdims",
    "input dim0|axis0 dim1|axis1",
    rank=0,
    tries="""
        x, 0, 1
        x, -1, 0
    """,
    refuses="x, 0, 7 -> IndexError",
)
def transpose(ctx: Context, a: Args) -> Value:
    """Swap two axes."""
    tensor, axes = tensor_of(ctx, a.get("input")), axes_of(ctx, a, "dim0", "dim1")
    if not isinstance(tensor, Tensor) or axes is None:
        return untold(ctx, tensor)
    if len(shape(tensor.states)) == 3:
        ctx.trace.meant(tensor.states)
    return ctx.settle(axis_order.transpose(tensor.states, *axes))


@operation(
    "permute",
    "input *dims",
    rank="any",
    tries="""
        permute: x, (1, 0, 2)
        Tensor.permute: x, 2, 0, 1
        permute: x, dims=(1, 0, 2)
    """,
    refuses="""
        x, (0, 1) -> RuntimeError
        x, (0, 1, 1) -> RuntimeError
        x, (0, 1, 7) -> IndexError
    """,
)
def permute(ctx: Context, a: Args) -> Value:
    """Reorder the axes; their number is the rank."""
    dims = integers(ctx, a.rest or ((a["dims"],) if "dims" in a else ()))
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless) and dims is not None:
        ctx.facts.rank(tensor, len(dims))
    if not isinstance(tensor, Tensor) or dims is None:
        return untold(ctx, tensor)
    if len(dims) == 3:
        ctx.trace.meant(tensor.states)
    return ctx.settle(axis_order.permute(tensor.states, dims))


@operation(
    "movedim moveaxis",
    "input source destination",
    rank=0,
    tries="""
        x, 0, 1
        x, (0, 1), (1, 0)
    """,
    refuses="""
        x, 0, 7 -> IndexError
        x, (0, 1), (0,) -> RuntimeError
        x, (0, 0), (0, 1) -> RuntimeError
    """,
)
def movedim(ctx: Context, a: Args) -> Value:
    """Move axes to other places."""
    tensor = tensor_of(ctx, a.get("input"))
    places = [integers(ctx, (a[name],)) if name in a else None for name in ("source", "destination")]
    if not isinstance(tensor, Tensor) or places[0] is None or places[1] is None:
        return untold(ctx, tensor)
    return ctx.settle(axis_order.movedim(tensor.states, places[0], places[1]))


@operation("t", "input", rank="any", tries="m", refuses="x -> RuntimeError")
def t(ctx: Context, a: Args) -> Value:
    """Transpose a matrix."""
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless):
        ctx.facts.rank(tensor, 2)
    return ctx.settle(axis_order.t(tensor.states)) if isinstance(tensor, Tensor) else tensor


@operation(
    "reshape Tensor.view",
    "input *shape|size",
    rank="any",
    tries="""
        reshape Tensor.view: x, (2, 30)
        Tensor.reshape Tensor.view: x, 2, -1
        reshape: x, shape=(10, 6)
        reshape Tensor.view: x, (2, 5, 2, 3)
    """,
    refuses="""
        x, (7, -1) -> RuntimeError
        x, (-1, -1) -> RuntimeError
        x, (59,) -> RuntimeError
    """,
)
def reshape(ctx: Context, a: Args) -> Value:
    """Regroup in row-major order; one size may be -1."""
    tensor = tensor_of(ctx, a.get("input"))
    written = a.rest or ((a["shape"],) if "shape" in a else ())
    if len(written) == 1 and isinstance(written[0], SizeOf):
        return untold(ctx, tensor)
    sizes = integers(ctx, written) or (unknown_rank.open_sizes(ctx, written) if isinstance(tensor, Unknown) else None)
    if sizes is None:
        return untold(ctx, tensor, "a view whose sizes are not known")
    known_as_state(ctx, tensor)
    if isinstance(tensor, Unknown) and 1 in sizes and may_be_given(tensor):
        made = tuple(ctx.facts.generic(("rest", ctx.occurrence())) if size == -1 else size for size in sizes)
        return ctx.settle(ctx.given(Viewed(ctx.occurrence()), made))
    if isinstance(tensor, Formless):
        unknown_rank.rank_by_view(ctx, tensor, sizes)
        fresh = tuple(ctx.facts.generic(("rest", ctx.occurrence(), tensor)) if size == -1 else size for size in sizes)
        rows = unknown_rank.rows(ctx, tensor, sizes)
        if rows is not None:
            return reshaped(ctx, rows.states, sizes)
        if is_last_valid(tensor.root):
            return ctx.settle(ctx.given(LastValid(ctx.occurrence()), fresh))
        return unknown_rank.regrouped(ctx, tensor, fresh, unknown_rank.kept(ctx, tensor, sizes))
    if not isinstance(tensor, Tensor):
        return tensor
    if sizes[:1] == (-1,) and len(sizes) > 1 and shape(tensor.states)[-1:] == (prod(sizes[1:]),):
        ctx.layouts.restored(tensor.states)  # whatever axes are left, the first one is the rows of the features again
    ctx.layouts.view(tensor.states)
    tensor = Tensor(notes.without(tensor.states, Note.SQUEEZED))
    result = joining.rows_of_a_state(ctx, tensor.states, reshaped(ctx, tensor.states, sizes))
    return _laid_inside(ctx, result) if _layers_inside(ctx, tensor.states, written) else result


def _laid_inside(ctx: Context, made: Value) -> Value:
    """What is made of a state whose layers are taken for the inner of two axes, noted as that."""
    return Tensor(notes.noted_first(made.states, Note.LAYERS_INSIDE, ctx.site)) if isinstance(made, Tensor) else made


def _layers_inside(ctx: Context, states: States, written: tuple[Value, ...]) -> bool:
    """Whether sizes take the first axis of a state for directions x layers: it is layers x directions.

    The number of layers is told by where it comes from, for two layers are as many as two directions.
    """
    values = (ctx.containers.elements(written[0]) or ()) if len(written) == 1 else written
    if len(values) < 2 or not isinstance(states, Block) or not isinstance(states.source, Call):
        return False
    call, module = states.source, ctx.calls.module(states.source)
    stack = (Factor(Role.LAYER, call.layers), Factor(Role.DIRECTION, 2))
    layers = ctx.facts.literal(values[1])
    if module is None or call.layers == 1 or not states.axes or states.axes[0] != stack or layers is None:
        return False
    named = bool(layers.origins) and layers.origins <= module.layers.origins
    return named and layers.value == call.layers and ctx.facts.integer(values[0]) == 2


def reshaped(ctx: Context, states: States, sizes: tuple[int, ...]) -> Value:
    """The elements in these ``sizes``, of which one may be -1, in row-major order.

    Raises TorchRaises where they never fit, and Need where an open size is what makes them fit.
    """
    if products.regrouped(ctx, states, sizes):
        return untold(ctx, Tensor(states), "a view of an axis that is not known")
    given, result = not ctx.calls.modules(states), regroup.reshape(states, sizes)
    mixes = given and isinstance(result, Block) and bool(result.tangles)
    ctx.fitting.written_down(sizes, states, mixes)
    if -1 in sizes[:-1] and shape(states) and given and _ends_with_features(states, sizes):
        ctx.fitting.fill(shape(states)[-1], sizes[-1])
    if not regroup.merges(shape(states), sizes):
        ctx.fitting.not_widened(shape(states))
    if isinstance(result, Raises):
        ctx.fitting.unify(sizes, states)
        if not ctx.facts.certainly(sizes, shape(states)):
            lost = untold(ctx, Tensor(states), "a view that fits in some programs only")
            # where it fits, it has the sizes it is asked for; what it reads of an input is nobody's question
            plain = given and min(sizes, default=0) > 0
            return ctx.settle(ctx.given(Viewed(ctx.occurrence()), sizes)) if plain else lost
    return ctx.settle(marking.samples_inside(result, ctx.site))


def _ends_with_features(states: States, sizes: tuple[int, ...]) -> bool:
    """Whether the last axis of a view may be the last one as it was: not where its length is asked for in another
    place, nor of what windows ran along, unless that was made features by a ``flatten``."""
    alone = isinstance(states, Block) and len(states.axes[-1]) == 1
    return shape(states)[-1] not in sizes and not (alone and isinstance(source_key(Tensor(states)), Windows))


@operation("Tensor.view_as Tensor.reshape_as", "input other", rank="any", tries="x, y", refuses="x, m -> RuntimeError")
def reshape_as(ctx: Context, a: Args) -> Value:
    """Regroup to another tensor's shape."""
    tensor, other = tensor_of(ctx, a.get("input")), tensor_of(ctx, a.get("other"))
    if not isinstance(tensor, Tensor) or not isinstance(other, Tensor):
        return untold(ctx, tensor)
    return reshaped(ctx, tensor.states, shape(other.states))


@operation(
    "flatten ravel",
    "input start_dim end_dim",
    rank="any",
    tries="""
        x
        flatten: x, 1
        flatten: x, 0, 1
        flatten: x, start_dim=1
    """,
    refuses="""
        flatten: x, 7 -> IndexError
        flatten: x, 2, 1 -> RuntimeError
    """,
)
def flatten(ctx: Context, a: Args) -> Value:
    """Merge a range of axes."""
    tensor = tensor_of(ctx, a.get("input"))
    known_as_state(ctx, tensor)
    start = ctx.facts.integer(a["start_dim"]) if "start_dim" in a else 0
    end = ctx.facts.integer(a["end_dim"]) if "end_dim" in a else -1
    if isinstance(tensor, Formless) and start is not None and start >= 0 and end == -1:
        return unknown_rank.flattened(ctx, tensor, start)
    if not isinstance(tensor, Tensor) or start is None or end is None:
        return untold(ctx, tensor)
    merged = ctx.settle(marking.samples_inside(regroup.flatten(tensor.states, start, end), ctx.site))
    return joining.rows_of_a_state(ctx, tensor.states, merged)


@operation(
    "unflatten",
    "input dim sizes",
    rank="any",
    tries="""
        x, -1, (2, 3)
        x, 2, (-1, 3)
    """,
    refuses="""
        x, 7, (2, 3) -> IndexError
        x, 2, (4, 2) -> RuntimeError
        x, 2, (-1, -1) -> RuntimeError
    """,
)
def unflatten(ctx: Context, a: Args) -> Value:
    """Split an axis."""
    tensor, axis = tensor_of(ctx, a.get("input")), ctx.facts.integer(a.get("dim"))
    sizes = integers(ctx, (a["sizes"],)) if "sizes" in a else None
    known_as_state(ctx, tensor)
    if not isinstance(tensor, Tensor) or axis is None or sizes is None:
        return untold(ctx, tensor)
    ctx.fitting.not_widened(shape(tensor.states))
    result = regroup.unflatten(tensor.states, axis, sizes)
    extents = shape(tensor.states)
    if isinstance(result, Raises) and -len(extents) <= axis < len(extents):
        ctx.fitting.taken_apart(extents[axis], sizes, extents)
    if isinstance(result, Raises) and not ctx.facts.certainly(sizes, shape(tensor.states)):
        return untold(ctx, tensor, "a view that fits in some programs only")
    inside = axis in (0, -len(extents)) and _layers_inside(ctx, tensor.states, (a["sizes"],))
    return _laid_inside(ctx, ctx.settle(result)) if inside else ctx.settle(result)


@operation(
    "torch.atleast_1d torch.atleast_2d torch.atleast_3d",
    "input|tensors",
    rank=None,
    tries="""
        s
        v
        m
        x
    """,
)
def atleast(ctx: Context, a: Args) -> Value:
    """New axes of extent 1 until there are enough: around a vector, behind a matrix."""
    tensor, wanted = tensor_of(ctx, a.get("input")), int(a.op[-2])
    result: Result = tensor.states if isinstance(tensor, Tensor) else Unknown("a tensor of unknown shape")
    if isinstance(tensor, Tensor) and len(shape(tensor.states)) == wanted:  # what has lost one gets it back
        ctx.layouts.view(tensor.states)
        result = notes.without(tensor.states, Note.SQUEEZED)
    while not isinstance(result, (Raises, Unknown)) and len(shape(result)) < wanted:
        result = regroup.unsqueeze(result, 2 if len(shape(result)) == 2 else 0)
    return ctx.settle(result) if isinstance(tensor, Tensor) else untold(ctx, tensor)


@operation(
    "unsqueeze",
    "input dim",
    rank=1,
    tries="""
        x, 1
        x, -1
    """,
    refuses="x, 7 -> IndexError",
)
def unsqueeze(ctx: Context, a: Args) -> Value:
    """A new axis of extent 1."""
    axis = ctx.facts.integer(a.get("dim"))
    tensor = tensor_for_axis(ctx, a.get("input")) if axis == 0 else tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless):
        return Formless(tensor.root, tensor.change + 1)
    if not isinstance(tensor, Tensor) or axis is None:
        return untold(ctx, tensor)
    return ctx.settle(regroup.unsqueeze(tensor.states, axis))


@operation(
    "squeeze",
    "input dim",
    rank="any",
    tries="""
        one
        one, 1
        x, 1
        one, dim=1
    """,
    refuses="""
        x, 7 -> IndexError
        x, (0, 0) -> RuntimeError
    """,
)
def squeeze(ctx: Context, a: Args) -> Value:
    """Drop axes of extent 1: the named ones, or all."""
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless):
        return Formless(tensor.root, tensor.change - 1) if "dim" in a else Unknown("squeeze() of an unknown shape")
    axes = integers(ctx, (a["dim"],)) if "dim" in a else None
    if not isinstance(tensor, Tensor) or ("dim" in a and axes is None):
        return untold(ctx, tensor)
    extents = shape(tensor.states)
    rank = len(extents)
    if axes and 0 in (axes[0], axes[0] + rank):
        known_as_state(ctx, tensor)
    if isinstance(made := source_key(tensor), OneWindow) and (axes is None or axes in ((-1,), (rank - 1,))):
        ctx.fitting.equate(made.size, made.steps)
    for axis in axes or ():
        if -rank <= axis < rank and may_be_one(tensor.states, axis):
            # one where it comes by here, and not always
            if len(axes or ()) == 1 and ctx.layouts.counted(extents[axis]):
                return ctx.settle(select.select(tensor.states, axis, 0))
            # a module that starts from nothing would read one step and no other: then it may as well be a slip
            steps = all([factor.along for factor in block.axes[axis]] == [Role.STEP] for block in blocks(tensor.states))
            ctx.fitting.one_wide(extents[axis], not steps or ctx.calls.goes_on(tensor.states))
    if axes is None and not ctx.calls.modules(tensor.states) and any(map(ctx.facts.free_of, extents)):
        return untold(ctx, tensor, "squeeze() of open sizes")
    if axes is not None or 1 not in extents:  # who leaves the axis to torch may mean another one, which is 1 as well
        gone = range(rank) if axes is None else axes
        ctx.fitting.not_widened([extents[axis] for axis in gone if -rank <= axis < rank])
    result = regroup.squeeze(tensor.states, axes)
    # the last two: nothing was asked for, or there is nothing to lose
    if isinstance(result, (Raises, Unknown)) or axes == () or not extents:
        return ctx.settle(result)
    looked = tuple(extents[axis] for axis in axes) if axes is not None else extents
    open_ = [size != 1 and bool(ctx.facts.free_of(size)) and ctx.fitting.can_be_one(size) for size in extents]
    left_open = tuple(axis for axis, may_go in enumerate(open_) if may_go)
    ctx.emit(Squeezed(tensor.states, axes[0] if axes else None, looked, ctx.site, left_open))
    # features are as many as their layer has: of them, nobody loses an axis by a batch of one
    if axes is None and any(rows_along(tensor.states, axis) for axis in left_open):
        # how many axes there were: without any that is sure to go, one that may go is meant to
        result = notes.noted_first(result, Note.SQUEEZED, ctx.site, 0 if 1 in extents else len(extents))
    elif any(-len(extents) <= axis < len(extents) and along_samples(tensor.states, axis) for axis in axes or ()):
        result = notes.noted_first(result, Note.SAID_ONE, ctx.site)
    elif axes and looked[0] != 1:  # RNN208 asks what becomes of the axis
        result = notes.noted_first(result, Note.LEFT_AS_IT_WAS, ctx.site)
    return ctx.settle(result)
