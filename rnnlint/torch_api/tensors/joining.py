"""Operations that put tensors together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

from rnnlint.axes.operations import combine, select
from rnnlint.axes.reading import notes
from rnnlint.axes.states import Block, Call, Factor, Given, Joined, Note, Raises, Result, Role, States, Unknown, shape
from rnnlint.events import Joining, PairRead, ResultRead, VectorsJoined
from rnnlint.torch_api.batches.layout import show_lengthened
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.misreads import read_as_tensor
from rnnlint.torch_api.operands import align_samples, source_key, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import collecting, rejoining, sideways
from rnnlint.values.domain import (
    Along,
    Either,
    Formless,
    Free,
    Items,
    Lit,
    Packed,
    PaddedPair,
    PairOf,
    Tensor,
    Value,
)
from rnnlint.values.forms import Beside
from rnnlint.values.origins import Fresh, JoinedInputs, Made
from rnnlint.values.uses import Use
from rnnlint.values.walk import options

ONLY_MOVES = True  # every element of what these return is one they were given (see torch_api.catalogue.moving)


@operation(
    "torch.cat torch.concat torch.concatenate",
    "tensors|input dim|axis",
    rank="any",
    tries="""
        (x, y)
        (x, y), 1
        (h[2], h[3]), -1
        [x, y], dim=2
    """,
    refuses="""
        (x, y), 7 -> IndexError
        (x, m) -> RuntimeError
        (x, y[:, :2]) -> RuntimeError
        (s, s) -> RuntimeError
        x -> TypeError
        both, 1 -> RuntimeError
        (packed, x) -> TypeError
    """,
)
def cat(ctx: Context, a: Args) -> Value:
    """Join along an axis."""
    return _join(ctx, a, "cat", combine.cat)


@operation(
    "torch.stack",
    "tensors|input dim|axis",
    rank="any",
    tries="""
        (x, y)
        (x, y), 1
        (h[2], h[3]), dim=-1
    """,
    refuses="""
        (x, y), 7 -> IndexError
        (x, m) -> RuntimeError
        both, 1 -> RuntimeError
        (packed, x) -> TypeError
    """,
)
def stack(ctx: Context, a: Args) -> Value:
    """Join along a new axis."""
    return _join(ctx, a, "stack", combine.stack)


@operation(
    "torch.hstack",
    "tensors",
    rank="any",
    tries="""
        (m, m)
        (v, v)
        hstack: (x, y)
    """,
    refuses="""
        (x, m) -> RuntimeError
        (x, y[:, :2, :3]) -> RuntimeError
        (packed, x) -> TypeError
    """,
)
def hstack(ctx: Context, a: Args) -> Value:
    """Join along axis 1 (0 for vectors)."""
    return _join(ctx, a, "hstack", lambda parts, _: combine.hstack(parts))


@operation(
    "torch.column_stack",
    "tensors",
    rank="any",
    tries="""
        (v, v)
        (m, v[:2])
        (s, s)
        (x, y)
    """,
    refuses="""
        (m, v) -> RuntimeError
        (packed, x) -> TypeError
    """,
)
def column_stack(ctx: Context, a: Args) -> Value:
    """Join along axis 1; a vector is a column."""
    return _join(ctx, a, "column_stack", lambda parts, _: combine.column_stack(parts))


@operation(
    "torch.vstack torch.row_stack",
    "tensors",
    rank="any",
    tries="""
        (m, m)
        (v, v)
    """,
    refuses="""
        (m, v) -> RuntimeError
        (packed, x) -> TypeError
    """,
)
def vstack(ctx: Context, a: Args) -> Value:
    """Join along axis 0."""
    return _join(ctx, a, "vstack", lambda parts, _: combine.vstack(parts))


@operation(
    "torch.dstack",
    "tensors",
    rank="any",
    tries="""
        (x, y)
        (m, m)
        (v, v)
    """,
    refuses="""
        (x, y[:, :2]) -> RuntimeError
        (packed, x) -> TypeError
    """,
)
def dstack(ctx: Context, a: Args) -> Value:
    """Join along axis 2."""
    return _join(ctx, a, "dstack", lambda parts, _: combine.dstack(parts))


def _join(ctx: Context, a: Args, op: str, join: Callable[[tuple[States, ...], int], Result]) -> Value:
    source = a.named.get("tensors", Unknown("no tensors"))
    same = sideways.same_cat(ctx, source, op)
    if same is not None:
        return _join(ctx, Args({"tensors": source, "dim": Lit(same)}, op="cat"), "cat", combine.cat)
    axis = ctx.facts.integer(a["dim"]) if "dim" in a else 0
    if isinstance(source, Tensor):
        ctx.emit(Joining(op, (source.states,), axis or 0, "dim" in a, True, ctx.site))
        if op != "cat":
            return untold(ctx, source)
        raise TorchRaises("TypeError", "cat(): argument 'tensors' must be tuple of Tensors, not Tensor")
    if isinstance(source, Items) and source.tag is not None:
        pair = source.tag
        if isinstance(pair, PaddedPair) or any(isinstance(item, Items) for item in source.items):
            return read_as_tensor(ctx, source, op)
        event = PairRead if isinstance(pair, PairOf) else ResultRead
        ctx.emit(event(pair.call, ctx.calls.module(pair.call), op, ctx.site, axis, Unknown("joined")))
    if isinstance(source, Along) and axis is not None and op in ("cat", "stack"):
        return rejoining.rejoined(ctx, source, axis, op)
    items = ctx.containers.elements(source)
    if items is None or axis is None or not items:
        rounds = None if axis is None or op not in ("cat", "stack") else collecting.together(ctx, source, axis, op)
        if rounds is None or not all(
            isinstance(way, Tensor) and ctx.calls.modules(way.states) for way in options(rounds)
        ):
            ctx.use(source, Use.ELSEWHERE)
        return Unknown(collecting.NOT_ALL.format(op)) if rounds is None else rounds
    if any(isinstance(item, Either) for item in items):
        return ctx.each(items, lambda some: _joined(ctx, some, axis, op, join, "dim" in a))
    if op in ("cat", "stack"):
        _rank_beside(ctx, items)
    made = _joined(ctx, items, axis, op, join, "dim" in a)
    if isinstance(made, Tensor) and isinstance(source, Items) and isinstance(source.tag, PairOf):
        return Tensor(notes.noted_first(made.states, Note.PAIRED, ctx.site))
    return made


def _joined(
    ctx: Context,
    items: tuple[Value, ...],
    axis: int,
    op: str,
    join: Callable[[tuple[States, ...], int], Result],
    explicit: bool,
) -> Value:
    for item in items:
        if isinstance(item, (Items, Packed)):
            return read_as_tensor(ctx, item, op)
    tensors = [ctx.facts.tensor(item) for item in items]
    known = tuple(tensor.states for tensor in tensors if isinstance(tensor, Tensor))
    if op == "stack" and len(tensors) == 1 and isinstance(tensors[0], Formless):  # of one it is ``unsqueeze``
        return Formless(tensors[0].root, tensors[0].change + 1)
    if len(known) != len(tensors):
        # an unknown part may hold just what the others lack
        how = Use.ELSEWHERE if any(map(_may_hold_states, tensors)) else Use.ARITHMETIC
        for tensor in tensors:
            ctx.use(tensor, how)
        if op == "cat" and not any(map(ctx.calls.modules, known)):
            return _beside_open(ctx, tensors, axis)
        return Unknown(f"{op} with something that is not followed")
    ranks = [len(shape(part)) for part in known]
    rows = op == "vstack" and min(ranks, default=0) > 1  # vectors become rows, all else is joined along its first axis
    along = all(-rank <= axis < rank for rank in ranks)
    if op != "cat" or along:  # cat raises along an axis that is not there
        modules = dict.fromkeys(made for part in known for made in ctx.calls.modules(part))
        ctx.emit(Joining(op, known, axis, explicit or rows, False, ctx.site, modules=tuple(modules)))
        for part in known if modules else ():
            if isinstance(source_key(Tensor(part)), Fresh):  # zeros beside steps: no state that a call waits for
                ctx.use(Tensor(part), Use.ELSEWHERE)
    if op == "cat" and along and _join_rounds(ctx, known, axis % ranks[0]):
        return collecting.grown(ctx, known, axis % ranks[0])
    if op == "cat" and along:
        show_lengthened(ctx, known, axis % ranks[0])
    if op == "cat" and set(ranks) == {1}:
        ctx.emit(VectorsJoined(known, ctx.site, not along))
    if len({_direction(part) for part in known}) > 1:
        for part in known:  # both directions of c_n are put together: what [-1] gave is not taken for one of them
            ctx.trace.meant(part)
    result = join(known, axis)
    if isinstance(result, Raises):
        _align(ctx, known, axis, op)
        for part in known:
            ctx.fitting.not_widened(shape(part))
    if isinstance(result, Raises) and not _same_open(ctx, known):
        for tensor in tensors:
            ctx.use(tensor, Use.ARITHMETIC)
        return Unknown(f"{op} of tensors that fit in some programs only")
    made = ctx.settle(result)
    if isinstance(made, Tensor) and (op == "cat" or rows) and _laid_below(known, axis):
        return Tensor(ctx.layouts.lay_below(made.states))
    return made


def _join_rounds(ctx: Context, parts: Sequence[States], axis: int) -> bool:
    """What a loop makes each time round may be joined to what it made the time before.

    Returns whether as many features, or whatever runs along the axis, are added in rounds of which not each is run.
    """
    grows = any(collecting.grew(ctx, part) for part in parts)
    for before, part in permutations(parts, 2):
        held = before.parts if isinstance(before, Joined) and before.axis == axis else ()
        alike = [one for one in held if isinstance(one, Block) and isinstance(part, Block) and _alike(ctx, one, part)]
        if alike:
            ctx.layouts.join_rounds(part, axis, collecting.ROUNDS)
        same = isinstance(part, Block) and any(one.source == part.source for one in alike)
        grows = grows or (same and shape(part)[axis] > 1)
    return grows and ctx.here.repeated and not any(map(ctx.calls.modules, parts))


def _alike(ctx: Context, one: Block, other: Block) -> bool:
    """Whether two tensors are made in the same way, in one round of a loop and in the next."""
    if shape(one) != shape(other):
        return False
    if isinstance(one.source, Call) and isinstance(other.source, Call):
        made = ctx.calls.module(one.source)
        return made is not None and made == ctx.calls.module(other.source)
    mine, its = (part.source.key if isinstance(part.source, Given) else None for part in (one, other))
    same_place = isinstance(mine, Made) and isinstance(its, Made) and mine.place == its.place
    return one.source == other.source or (same_place and type(mine) is type(its))


def _direction(part: States) -> object:
    """The direction that was picked of all of a state."""
    return dict(part.at).get(Role.DIRECTION) if isinstance(part, Block) else None


def _laid_below(parts: Sequence[States], axis: int) -> bool:
    """Whether parts of one batch are joined along its samples, so that they lie below each other."""
    return all(
        isinstance(part, Block)
        and isinstance(part.source, Call)
        and part.axes[axis] == (Factor(Role.SAMPLE, part.source.samples or 1),)
        for part in parts
    )


def rows_of_a_state(ctx: Context, before: States, after: Value) -> Value:
    """A view that lays the layers and directions of a state below each other along the samples, as ``cat`` would."""
    if not isinstance(before, Block) or not isinstance(before.source, Call) or not isinstance(after, Tensor):
        return after
    states, call = after.states, before.source
    stack, samples = before.axes[:1], (Factor(Role.SAMPLE, call.samples or 1),)
    if not isinstance(states, Block) or len(before.axes) != 3 or before.axes[1] != samples or len(states.axes) != 2:
        return after
    rows = {factor.along for axis in stack for factor in axis}
    if not rows or not rows <= {Role.LAYER, Role.DIRECTION} or states.axes != ((*stack[0], *samples), before.axes[2]):
        return after
    parts = tuple(select.select(before, 0, number) for number in range(min(shape(before)[0], 2)))
    held = tuple(part for part in parts if isinstance(part, Block))
    ctx.emit(Joining("view", held, 0, True, False, ctx.site, modules=ctx.calls.modules(before), made=states))
    return Tensor(ctx.layouts.lay_below(states, viewed=True))


def _rank_beside(ctx: Context, items: Sequence[Value]) -> None:
    """What is joined has as many axes as what it is joined with; Need where that is not known of one of them."""
    tensors = [ctx.facts.tensor(item) for item in items if not isinstance(item, (Items, Packed))]
    ranks = {len(shape(tensor.states)) for tensor in tensors if isinstance(tensor, Tensor)}
    for tensor in tensors if len(ranks) == 1 else ():
        if isinstance(tensor, Formless) and not _may_hold_states(tensor):
            ctx.facts.rank(tensor, max(ranks))


def _beside_open(ctx: Context, tensors: Sequence[Tensor | Formless | Unknown], axis: int) -> Value:
    """A ``cat`` of inputs of which some have a shape: along all other axes, the others are as long."""
    first = next((tensor.states for tensor in tensors if isinstance(tensor, Tensor)), None)
    if any(isinstance(tensor, Unknown) for tensor in tensors):
        ctx.settle(Unknown("cat with something that is not followed"))  # it is lost, if it came of an RNN
    if first is None:
        open_ = [tensor for tensor in tensors if isinstance(tensor, Formless) and not _may_hold_states(tensor)]
        if not open_:
            return Unknown("cat with something that is not followed")
        root = open_[0].root  # the whole has as many axes as each of its parts
        return Formless(Free(f"cat {root.key}", root.owner, Beside(root)), open_[0].change)
    rank = len(shape(first))
    if not -rank <= axis < rank:
        return Unknown("cat with something that is not followed")
    parts = [
        tensor.states if isinstance(tensor, Tensor) else _filling(ctx, shape(first), axis, number)
        for number, tensor in enumerate(tensors)
    ]
    made = combine.cat(parts, axis)
    if isinstance(made, Raises):
        for part in parts:
            ctx.fitting.not_widened(shape(part))
        return Unknown("cat of tensors that fit in some programs only")
    if not isinstance(made, Unknown):
        total = shape(made)[axis]
        ctx.facts.note(Lit(total, frozenset().union(*(ctx.facts.free_of(shape(part)[axis]) for part in parts))))
    return ctx.settle(made)


def _filling(ctx: Context, sizes: tuple[int, ...], axis: int, number: int) -> States:
    """What is not known of a ``cat``, its part at a place: as long along all other axes as what is known."""
    place = axis % len(sizes)
    count = ctx.facts.generic(("joined", number, ctx.occurrence()))
    return ctx.given(JoinedInputs(ctx.occurrence(), number), (*sizes[:place], count, *sizes[place + 1 :]))


def _align(ctx: Context, parts: Sequence[States], axis: int, op: str) -> None:
    """What is joined is equally long along every other axis."""
    ranks = {len(shape(part)) for part in parts}
    if len(ranks) != 1 or op not in ("cat", "stack"):
        return
    rank = ranks.pop()
    others = [number for number in range(rank) if op == "stack" or number != axis % max(rank, 1)]
    for part in parts[1:]:
        align_samples(ctx, parts[0], part, others)
        if not ctx.calls.modules(parts[0]) and not ctx.calls.modules(part):
            _align_given(ctx, [(shape(parts[0])[number], shape(part)[number]) for number in others])


def _align_given(ctx: Context, pairs: Sequence[tuple[int, int]]) -> None:
    """Extents of two tensors that no RNN returned, which are equal: Need for one that is open."""
    for one, other in pairs:
        ctx.fitting.same(one, other)
        for size, beside in ((one, other), (other, one)):
            if size != 1 == beside:
                ctx.fitting.one_wide(size)


def _may_hold_states(value: Value) -> bool:
    """Whether what is not known may come from an RNN: all that is no open value of the file itself."""
    # open values are called what they came of, and "()" is a call of something that is not in the file
    return isinstance(value, Unknown) or (isinstance(value, Formless) and "()" in value.root.key)


def _same_open(ctx: Context, parts: Sequence[States]) -> bool:
    """Whether the parts' extents depend on the same open sizes, so that what does not fit never does."""
    opened = [frozenset().union(*(ctx.facts.free_of(extent) for extent in shape(part))) for part in parts]
    return all(other == opened[0] for other in opened)
