"""How long an axis is that the windows of a convolution or a pooling have run along.

By the formulas under "Shape" of https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html and
https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html.
"""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.frozen import dataclass
from rnnlint.torch_api.context import Context
from rnnlint.values.domain import Items, Layer, Lit, Value
from rnnlint.values.layer_kinds import LayerFact, LayerKind


@dataclass(frozen=True, slots=True)
class Geometry:
    """How windows run along one axis; ``up``: the last of them may hang over the end (``ceil_mode``)."""

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    up: bool = False

    @property
    def sizes(self) -> tuple[int, ...]:
        """The numbers in it."""
        return self.kernel, self.stride, self.padding, self.dilation

    def room(self, length: int) -> int:
        """How far the first window can be moved along an axis of this length."""
        return length + 2 * self.padding - self.dilation * (self.kernel - 1) - 1

    def __call__(self, length: int) -> int:
        """How many windows there are along an axis of this length; 0 where torch raises."""
        room = self.room(length)
        if not self.up:
            return room // self.stride + 1 if room >= 0 else 0
        count = -(-room // self.stride) + 1
        # torch lets no window begin behind the axis and what it is padded with in front
        return max(0, count - ((count - 1) * self.stride >= length + self.padding))


def length_after(ctx: Context, layer: Layer, before: int | None, axis: int, otherwise: Hashable) -> int:
    """The length of a spatial axis after a layer, where it was ``before`` (None: not known): number or open size.

    Where nothing is known of how long it is, it is the open size of the key ``otherwise``.
    """
    wanted = layer.fact(LayerFact.SIZE)
    if wanted is not None:
        asked = _of_axis(wanted, axis)
        if asked == Lit(None) and before is not None:  # as long as it is
            return before
        number = None if asked is None else ctx.facts.integer(asked)
        return number if number is not None and number > 0 else ctx.facts.generic(otherwise)
    if before is None:
        return ctx.facts.generic(otherwise)
    if layer.kind is LayerKind.CONV and layer.fact(LayerFact.PADDING) == Lit("same"):
        return before
    geometry = _geometry(ctx, layer, axis)
    if geometry is None:
        return ctx.facts.generic(otherwise)
    room = geometry.room(before)
    # of open sizes it is known where one window takes all there is, and where padding makes up for the kernel
    if room == 0:
        return 1
    if geometry.stride == 1 and room + 1 == before:
        return before
    windows = geometry(before)
    if windows > 0 and not any(map(ctx.facts.open, (before, *geometry.sizes))):
        return windows
    # one number for all that run alike along axes of one length, so that what they make can be put together
    return ctx.facts.generic(("windows", before, geometry))


def _geometry(ctx: Context, layer: Layer, axis: int) -> Geometry | None:
    """How the windows of a layer run along a spatial axis; None where the file leaves that open."""
    if layer.kind not in (LayerKind.CONV, LayerKind.POOL) or layer.fact(LayerFact.KERNEL) is None:
        return None
    kernel = _number(ctx, layer, LayerFact.KERNEL, axis, None)
    # a pooling moves its windows by as much as they are wide, unless it is told otherwise
    stride = _number(ctx, layer, LayerFact.STRIDE, axis, 1 if layer.kind is LayerKind.CONV else kernel)
    padding = 0 if layer.fact(LayerFact.PADDING) == Lit("valid") else _number(ctx, layer, LayerFact.PADDING, axis, 0)
    dilation = _number(ctx, layer, LayerFact.DILATION, axis, 1)
    up = layer.fact(LayerFact.CEIL)
    rounded = False if up is None else ctx.facts.flag(up)
    if kernel is None or stride is None or padding is None or dilation is None or rounded is None:
        return None
    return Geometry(kernel, stride, padding, dilation, rounded) if min(kernel, stride, dilation) > 0 else None


def _number(ctx: Context, layer: Layer, name: LayerFact, axis: int, default: int | None) -> int | None:
    value = layer.fact(name)
    if value is None or value == Lit(None):
        return default
    one = _of_axis(value, axis)
    return None if one is None else ctx.facts.integer(one)


def _of_axis(value: Value, axis: int) -> Value | None:
    """An argument that is one for all axes, or one for each."""
    several = value.items if isinstance(value, Items) else None
    if several is None:
        return value
    return several[axis] if axis < len(several) else None
