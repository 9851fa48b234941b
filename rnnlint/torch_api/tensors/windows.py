"""Convolutions and pooling: (N, C, L), (N, C, H, W) or (N, C, D, H, W), of which N stays.

What windows read is not followed: the result is a tensor of its own, whose first axis the program has shown to be
samples.  One window over all of an axis is a reduction, and is followed.  Shapes are those of
https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html (and its kin).
"""

from __future__ import annotations

from dataclasses import replace

from rnnlint.axes import results
from rnnlint.axes.operations import combine
from rnnlint.axes.states import Call, Given, Role, States, Unknown, blocks, shape
from rnnlint.events import Evidence, Reduced
from rnnlint.torch_api.batches import layout
from rnnlint.torch_api.batches.lengths import padded, pooled
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.operands import tensor_of
from rnnlint.torch_api.registry import Args, Handler, operation
from rnnlint.torch_api.tensors.window_geometry import length_after
from rnnlint.values.domain import Formless, Items, Layer, Lit, Tensor, Value
from rnnlint.values.forms import Padding
from rnnlint.values.layer_kinds import LayerFact, LayerKind
from rnnlint.values.origins import OneWindow, Windows
from rnnlint.values.uses import Use


def apply(ctx: Context, layer: Layer, value: Value) -> Value:
    """A module over windows: ``spatial`` axes, and ``out`` channels where it is a convolution."""
    spatial = layer.fact(LayerFact.SPATIAL)
    assert isinstance(spatial, Lit)
    assert isinstance(spatial.value, int)
    return _pooled(ctx, value, spatial.value, layer, f"nn.{layer.name}")


def _pooled(ctx: Context, value: Value, spatial: int, layer: Layer, name: str) -> Value:
    one = _all_steps(ctx, value, layer) if spatial == 1 and _pools(layer) else None
    return _over_windows(ctx, value, spatial, layer, name) if one is None else one


def _all_steps(ctx: Context, value: Value, layer: Layer) -> Value | None:
    """A pooling of what an RNN made over one window as long as the last axis, or into a size of 1; else None."""
    states = value.states if isinstance(value, Tensor) else None
    if states is None or not _from_rnn(states) or len(shape(states)) < 2:
        return None
    kernel, padding = layer.fact(LayerFact.KERNEL), layer.fact(LayerFact.PADDING)
    length = (
        None
        if kernel is None
        else ctx.facts.integer(kernel.items[0] if isinstance(kernel, Items) and kernel.items else kernel)
    )
    if layer.fact(LayerFact.SIZE) != Lit(1):
        if padding not in (None, Lit(0)) or length is None:  # with padding, one window leaves out the last steps
            return None
        if length != shape(states)[-1]:
            return _of_open_size(ctx, states, length)
    ctx.emit(Reduced(states, ctx.site))
    return ctx.settle(combine.reduce(pooled(ctx, states, (-1,), "MaxPool" in layer.name), (-1,), True))


def _of_open_size(ctx: Context, states: States, length: int) -> Value | None:
    """A pooling by a size that the file leaves open: whoever squeezes the result counts on one window."""
    steps = shape(states)[-1]
    if not (ctx.facts.free_of(length) and ctx.facts.free_of(steps)) or len(shape(states)) != 3:
        return None
    ctx.use(Tensor(states), Use.LAYER)
    windows = ctx.facts.generic(("windows", ctx.occurrence()))
    one = OneWindow(ctx.occurrence(), length, steps)
    return ctx.settle(ctx.given(one, (*shape(states)[:-1], windows)))


def _over_windows(ctx: Context, value: Value, spatial: int, layer: Layer, name: str) -> Value:
    ctx.use(value, Use.LAYER)
    if isinstance(value, Formless):  # a batch, as all that is said of windows takes for granted
        ctx.facts.rank(value, spatial + 2)
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
        ctx.layouts.show(made.key, 0, Evidence(Role.SAMPLE, name, ctx.site, moving=_moving(ctx, states)))
        if states is not None:
            layout.show(ctx, states, 0, Role.SAMPLE, name)
        if spatial == 1:
            ctx.layouts.show(made.key, 2, Evidence(Role.STEP, name, ctx.site))
            if states is not None:
                layout.show(ctx, states, 2, Role.STEP, name)
    return ctx.settle(results.given(made))


def _moving(ctx: Context, states: States | None) -> bool:
    """Whether windows run over one picture of each sample, and a loop goes on to the next."""
    if states is None:
        return False
    if any(evidence.moving for evidence in layout.inherited(ctx, states, 0)):
        return True
    owners = ((block, layout.owner(block, block.axes[0])) for block in blocks(states))
    return any(own is not None and layout.moves_behind(block, own) for block, own in owners)


def _show_channels(ctx: Context, made: Given, states: States | None, layer: Layer, name: str) -> None:
    """What a convolution makes are channels, unless it was given the steps for those; a pooling keeps what they are."""
    before = [] if states is None else list(layout.inherited(ctx, states, 1))
    if not _pools(layer) and all(evidence.role is not Role.STEP for evidence in before):
        ctx.layouts.show(made.key, 1, Evidence(Role.UNIT, name, ctx.site))
    for evidence in before if _pools(layer) else ():
        if evidence.role is Role.UNIT:
            ctx.layouts.show(made.key, 1, evidence)


def _of_channels(states: States | None, layer: Layer) -> bool:
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
    """How the steps are padded that windows run along; which of its own axes that is, they do not keep."""
    found = [*map(padded, blocks(value.states))] if isinstance(value, Tensor) else []
    return next((replace(padding, axis=None) for padding in found if padding is not None), None)


def _pools(layer: Layer) -> bool:
    return layer.kind is LayerKind.POOL


def _from_rnn(states: States) -> bool:
    return any(isinstance(block.source, Call) for block in blocks(states))


def _samples(ctx: Context, value: Value) -> int:
    if isinstance(value, Tensor):
        return shape(value.states)[0]
    return ctx.facts.generic(("windows", ctx.occurrence(), 0))


def _channels(ctx: Context, states: States | None, layer: Layer) -> int:
    if _pools(layer):
        known = None if states is None else shape(states)[1]
    else:
        known = ctx.facts.integer(layer.fact(LayerFact.OUT))
    # -1 where a caller has to say it: torch raises on that, and nobody runs it
    return ctx.facts.generic(("windows", ctx.occurrence(), 1)) if known is None or known < 1 else known


def _length(ctx: Context, states: States | None, layer: Layer, axis: int) -> int:
    """The length of a spatial axis."""
    before = None if states is None else shape(states)[axis + 2]
    return length_after(ctx, layer, before, axis, ("windows", ctx.occurrence(), axis + 2))


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


_KEPT = {
    "kernel_size": LayerFact.KERNEL,
    "stride": LayerFact.STRIDE,
    "padding": LayerFact.PADDING,
    "dilation": LayerFact.DILATION,
    "ceil_mode": LayerFact.CEIL,
    "output_size": LayerFact.SIZE,
}


def _pooling(spatial: int) -> Handler:
    def pool(ctx: Context, a: Args) -> Value:
        """A pooling: a new tensor, of as many samples and channels."""
        # what may be among arguments that are not known is open
        known = () if "**" in a else tuple((fact, a[name]) for name, fact in _KEPT.items() if name in a)
        name = "MaxPool" if "max" in a.op else "Pool"
        layer = Layer(LayerKind.POOL, name, ((LayerFact.SPATIAL, Lit(spatial)), *known), ctx.site.node)
        return _pooled(ctx, tensor_of(ctx, a.get("input")), spatial, layer, "pooling")

    return pool


def _named(spatial: int, *names: str) -> str:
    return " ".join(f"torch.nn.functional.{name}{spatial}d" for name in names)


_ADAPTIVE = ("adaptive_max_pool", "adaptive_avg_pool")

for _spatial, _given, _other in ((1, "x.transpose(1, 2)", "v"), (2, "x", "m"), (3, "x.unsqueeze(0)", "x")):
    # with too few axes of two torch looks for the last one of three in some of them, which is no refusal
    _refused = f"{_other}, 2 -> RuntimeError"
    operation(  # in torch's order, which is not that of the modules
        _named(_spatial, "max_pool"),
        "input kernel_size stride padding dilation ceil_mode return_indices **",
        rank="any",
        tries=f"""
            ? {_given}, 2
            ? {_given}, 2, 1, 1, 1, True
            max_pool1d: x.transpose(1, 2), 5
            max_pool1d: x.transpose(1, 2), 5, 1
        """,
        refuses=_refused,
    )(_pooling(_spatial))
    operation(
        _named(_spatial, "avg_pool"),
        "input kernel_size stride padding ceil_mode count_include_pad divisor_override **",
        rank="any",
        tries=f"""
            ? {_given}, 2
            ? {_given}, 2, 1, 1, True
            avg_pool1d: x.transpose(1, 2), 5
        """,
        refuses="" if _spatial == 2 else _refused,
    )(_pooling(_spatial))
    operation(
        _named(_spatial, *_ADAPTIVE),
        "input output_size",
        rank="any",
        tries=f"""
            ? {_given}, 2
            adaptive_max_pool1d adaptive_avg_pool1d: x.transpose(1, 2), 1
        """,
        refuses=_refused,
    )(_pooling(_spatial))
    operation(
        _named(_spatial, "lp_pool"),
        "input",
        rank="any",
        tries=f"? {_given}, 2, 2",
        refuses="" if _spatial == 2 else f"{_other}, 2, 2 -> RuntimeError",
    )(_pooling(_spatial))
