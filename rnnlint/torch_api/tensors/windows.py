"""Convolutions and pooling: (N, C, L), (N, C, H, W) or (N, C, D, H, W), of which N stays.

What windows read is not followed: the result is a tensor of its own, whose first axis the program has shown to be
samples.  One window over all of an axis is a reduction, and is followed.  Shapes are those of
https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html (and its kin).
"""

from __future__ import annotations

from rnnlint.axes import results
from rnnlint.axes.operations import combine
from rnnlint.axes.states import Call, Given, Role, States, Unknown, blocks, shape
from rnnlint.events import Evidence, Reduced
from rnnlint.torch_api.batches import layout
from rnnlint.torch_api.batches.lengths import padded, pooled
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.operands import tensor_of
from rnnlint.torch_api.registry import Args, operation
from rnnlint.values.domain import Formless, Items, Layer, Lit, SizeOf, Tensor, Value
from rnnlint.values.forms import Padding
from rnnlint.values.layer_kinds import LayerFact, LayerKind
from rnnlint.values.origins import OneWindow, Windows
from rnnlint.values.roots import padding_in
from rnnlint.values.uses import Use


def apply(ctx: Context, layer: Layer, value: Value) -> Value:
    """A module over windows: ``spatial`` axes, and ``out`` channels where it is a convolution."""
    spatial = layer.fact(LayerFact.SPATIAL)
    assert isinstance(spatial, Lit)
    assert isinstance(spatial.value, int)
    if spatial.value == 1 and layer.kind is LayerKind.POOL:
        one = _all_steps(ctx, value, layer.fact(LayerFact.KERNEL), layer.fact(LayerFact.SIZE), "MaxPool" in layer.name)
        if one is not None:
            return one
    return _over_windows(ctx, value, spatial.value, layer, f"nn.{layer.name}")


def _all_steps(ctx: Context, value: Value, kernel: Value | None, size: Value | None, largest: bool) -> Value | None:
    """A pooling of what an RNN made over one window as long as the last axis, or into a ``size`` of 1; else None."""
    states = value.states if isinstance(value, Tensor) else None
    if states is None or not _from_rnn(states) or len(shape(states)) < 2:
        return None
    length = (
        None
        if kernel is None
        else ctx.facts.integer(kernel.items[0] if isinstance(kernel, Items) and kernel.items else kernel)
    )
    if length != shape(states)[-1] and size != Lit(1):
        return None if length is None else _of_open_size(ctx, states, length)
    ctx.emit(Reduced(states, ctx.site))
    return ctx.settle(combine.reduce(pooled(ctx, states, (-1,), largest), (-1,), True))


def _of_open_size(ctx: Context, states: States, length: int) -> Value | None:
    """A pooling by a size that the file leaves open: whoever squeezes the result counts on one window."""
    steps = shape(states)[-1]
    if not (ctx.facts.free_of(length) and ctx.facts.free_of(steps)) or len(shape(states)) != 3:
        return None
    ctx.use(Tensor(states), Use.LAYER)
    windows = ctx.facts.generic(("windows", ctx.occurrence()))
    one = OneWindow(ctx.occurrence(), length, steps)
    return ctx.settle(ctx.given(one, (*shape(states)[:-1], windows)))


def _over_windows(ctx: Context, value: Value, spatial: int, layer: Layer | None, name: str) -> Value:
    ctx.use(value, Use.LAYER)
    states = value.states if isinstance(value, Tensor) else None
    if states is not None and len(shape(states)) not in (spatial + 1, spatial + 2):
        raise TorchRaises("RuntimeError", f"{name} takes {spatial + 1} or {spatial + 2} axes, not {len(shape(states))}")
    if states is not None and (len(shape(states)) != spatial + 2 or (_pools(layer) and _from_rnn(states))):
        return Unknown(f"{name} is not followed")
    samples = _samples(ctx, value)
    sizes = (samples, _channels(ctx, states, layer), *(_length(ctx, states, layer, axis) for axis in range(spatial)))
    channels = _of_channels(states, layer)
    made = ctx.the_source(Given(Windows(ctx.occurrence(), _padding(value), channels), sizes))
    if spatial == 1:
        _show_channels(ctx, made, states, layer, name)
    elif 1 in sizes[2:] and channels:  # one row of a picture: what is left are channels, and steps
        ctx.layouts.show(made.key, 1, Evidence(Role.UNIT, "a convolution" if _pools(layer) else name, ctx.site))
    if _is_batch(ctx, states, samples):
        ctx.layouts.show(made.key, 0, Evidence(Role.SAMPLE, name, ctx.site))
        if states is not None:
            layout.show(ctx, states, 0, Role.SAMPLE, name)
        if spatial == 1:
            ctx.layouts.show(made.key, 2, Evidence(Role.STEP, name, ctx.site))
            if states is not None:
                layout.show(ctx, states, 2, Role.STEP, name)
    return ctx.settle(results.given(made))


def _show_channels(ctx: Context, made: Given, states: States | None, layer: Layer | None, name: str) -> None:
    """What a convolution makes are channels, unless it was given the steps for those; a pooling keeps what they are."""
    before = [] if states is None else list(layout.inherited(ctx, states, 1))
    if not _pools(layer) and all(evidence.role is not Role.STEP for evidence in before):
        ctx.layouts.show(made.key, 1, Evidence(Role.UNIT, name, ctx.site))
    for evidence in before if _pools(layer) else ():
        if evidence.role is Role.UNIT:
            ctx.layouts.show(made.key, 1, evidence)


def _of_channels(states: States | None, layer: Layer | None) -> bool:
    """Whether windows make channels, or pool what a convolution has made."""
    if not _pools(layer):
        return True
    return states is not None and all(
        isinstance(block.source, Given)
        and isinstance(block.source.key, Windows)
        and block.source.key.channels
        and layout.owner(block, block.axes[1]) == 1
        for block in blocks(states)
    )


def _padding(value: Value) -> Padding | None:
    """How the steps are padded that windows run along."""
    if isinstance(value, Formless):
        return padding_in(value.root)
    found = map(padded, blocks(value.states)) if isinstance(value, Tensor) else iter(())
    return next((padding for padding in found if padding is not None), None)


def _pools(layer: Layer | None) -> bool:
    return layer is None or layer.kind is LayerKind.POOL


def _from_rnn(states: States) -> bool:
    return any(isinstance(block.source, Call) for block in blocks(states))


def _samples(ctx: Context, value: Value) -> int:
    if isinstance(value, Tensor):
        return shape(value.states)[0]
    number = ctx.facts.integer(ctx.facts.size_of(SizeOf(value), 0)) if isinstance(value, Formless) else None
    return ctx.facts.generic(("windows", ctx.occurrence(), 0)) if number is None else number


def _channels(ctx: Context, states: States | None, layer: Layer | None) -> int:
    if layer is None or layer.kind is LayerKind.POOL:
        known = None if states is None else shape(states)[1]
    else:
        known = ctx.facts.integer(layer.fact(LayerFact.OUT))
    # -1 where a caller has to say it: torch raises on that, and nobody runs it
    return ctx.facts.generic(("windows", ctx.occurrence(), 1)) if known is None or known < 1 else known


def _length(ctx: Context, states: States | None, layer: Layer | None, axis: int) -> int:
    """The length of a spatial axis: the one an adaptive pooling is asked for, that of the input where the padding makes
    up for the kernel, or an open one."""
    wanted = None if layer is None else layer.fact(LayerFact.SIZE)
    if wanted is not None:
        several = wanted.items if isinstance(wanted, Items) else (wanted,) * (axis + 1)
        asked = several[axis] if axis < len(several) else None
        if asked == Lit(None) and states is not None:  # as long as it is
            return shape(states)[axis + 2]
        number = None if asked is None else ctx.facts.integer(asked)
        if number is not None and number > 0:
            return number
    if layer is not None and states is not None and layer.kind is LayerKind.CONV:
        kernel, padding, stride, dilation = (
            _fact(ctx, layer, name, axis, default)
            for name, default in (
                (LayerFact.KERNEL, None),
                (LayerFact.PADDING, 0),
                (LayerFact.STRIDE, 1),
                (LayerFact.DILATION, 1),
            )
        )
        if kernel is not None and padding is not None and stride == 1 and dilation is not None:
            length = shape(states)[axis + 2] + 2 * padding - dilation * (kernel - 1)
            if length == shape(states)[axis + 2]:
                return length
    return ctx.facts.generic(("windows", ctx.occurrence(), axis + 2))


def _fact(ctx: Context, layer: Layer, name: LayerFact, axis: int, default: int | None) -> int | None:
    value = layer.fact(name)
    if value is None:
        return default
    several = value.items if isinstance(value, Items) else None
    return ctx.facts.integer(several[axis] if several is not None and axis < len(several) else value)


def _is_batch(ctx: Context, states: States | None, samples: int) -> bool:
    """Whether the first axis is the batch as it came: no product of axes, no steps laid where the batch belongs."""
    if len(ctx.facts.free_of(samples)) > 1:
        return False
    if states is None:
        return True
    if any(evidence.role is Role.STEP for evidence in layout.inherited(ctx, states, 0)):
        return False
    firsts = [block.axes[0] for block in blocks(states)]
    return all(len(axis) == 1 and axis[0].along is not Role.STEP for axis in firsts)


_POOLING = "max_pool{0}d avg_pool{0}d lp_pool{0}d"
_ADAPTIVE = "adaptive_max_pool{0}d adaptive_avg_pool{0}d"


def _named(spatial: int, names: str = f"{_POOLING} {_ADAPTIVE}") -> str:
    return " ".join(f"torch.nn.functional.{name}" for name in names.format(spatial).split())


@operation(
    _named(1, "max_pool{0}d avg_pool{0}d"),
    "input kernel_size",
    rank="any",
    tries="""
        ? x, 5
        x.transpose(1, 2), 5
        ? x.transpose(1, 2), 2
    """,
    refuses="x.unsqueeze(0), 2 -> RuntimeError",
)
def pool1d(ctx: Context, a: Args) -> Value:
    """Pooling over one axis."""
    value = tensor_of(ctx, a.get("input"))
    one = _all_steps(ctx, value, a.get("kernel_size"), None, "max" in a.op)
    return _over_windows(ctx, value, 1, None, "pooling") if one is None else one


@operation(
    _named(1, _ADAPTIVE),
    "input output_size",
    rank="any",
    tries="""
        x.transpose(1, 2), 1
        ? x, 2
    """,
    refuses="v, 2 -> RuntimeError",
)
def adaptive_pool1d(ctx: Context, a: Args) -> Value:
    """Pooling of one axis into a size."""
    value = tensor_of(ctx, a.get("input"))
    one = _all_steps(ctx, value, None, a.get("output_size"), "max" in a.op)
    return _over_windows(ctx, value, 1, None, "pooling") if one is None else one


@operation(
    _named(1, "lp_pool{0}d"), "input", rank="any", tries="? x, 2, 2", refuses="x.unsqueeze(0), 2, 2 -> RuntimeError"
)
def lp_pool1d(ctx: Context, a: Args) -> Value:
    """Pooling over one axis by a power."""
    return _over_windows(ctx, tensor_of(ctx, a.get("input")), 1, None, "pooling")


@operation(
    _named(2),
    "input",
    rank="any",
    tries="""
        ? max_pool2d avg_pool2d: x, 2
        ? lp_pool2d: x, 2, 2
        ? adaptive_max_pool2d adaptive_avg_pool2d: x, 2
    """,
    refuses="""
        max_pool2d: m, 2 -> RuntimeError
        adaptive_max_pool2d adaptive_avg_pool2d: m, 2 -> RuntimeError
    """,
)
def pool2d(ctx: Context, a: Args) -> Value:
    """Pooling over two axes."""
    return _over_windows(ctx, tensor_of(ctx, a.get("input")), 2, None, "pooling")


@operation(
    _named(3),
    "input",
    rank="any",
    tries="""
        ? max_pool3d avg_pool3d: x.unsqueeze(0), 2
        ? lp_pool3d: x.unsqueeze(0).unsqueeze(0), 2, 2
        ? adaptive_max_pool3d adaptive_avg_pool3d: x.unsqueeze(0), 2
    """,
    refuses="""
        max_pool3d avg_pool3d: x, 2 -> RuntimeError
        lp_pool3d: x, 2, 2 -> RuntimeError
        adaptive_max_pool3d adaptive_avg_pool3d: x, 2 -> RuntimeError
    """,
)
def pool3d(ctx: Context, a: Args) -> Value:
    """Pooling over three axes."""
    return _over_windows(ctx, tensor_of(ctx, a.get("input")), 3, None, "pooling")
