"""Whether what arrives at a module is as wide as the module takes."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.axes.reading import notes
from rnnlint.axes.states import Joined, Note, States, blocks, shape
from rnnlint.events import Site, Unfit
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.values.domain import Layer, Lit, Tensor, Value
from rnnlint.values.layer_kinds import LayerFact

_SECOND = frozenset({"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm"})
"""The layers that look at axis 1, whatever stands behind it."""

# what torch refuses any other rank with ("expected 2D or 3D input")
_RANKS = {"BatchNorm1d": (2, 3), "BatchNorm2d": (4,), "BatchNorm3d": (5,)}
"""How many axes they take (``_check_input_dim`` of torch/nn/modules/batchnorm.py)."""


def fits(ctx: Context, name: str, built: Hashable, states: States, width: Value | None, axis: int = -1) -> None:
    """Raises TorchRaises, once it is said, where the width certainly is not the extent of the axis."""
    extents, expected = shape(states), ctx.facts.literal(width)
    if expected is None or not isinstance(expected.value, int) or not -len(extents) <= axis < len(extents):
        return
    place = axis % len(extents)
    parts = _parts(states, place)
    more = len(parts) > 1 and expected.value in parts  # one part is all that fits, whatever else is open
    known = ctx.facts.certain(expected.value, parts) or ctx.facts.declared_numbers((expected.value, *parts))
    if expected.value == extents[axis] or not (more or known) or _joined_elsewhere(states, place):
        return
    cell = ctx.calls.cell_of(states)
    ctx.emit(Unfit(name, states, place, expected, Site(built, "build"), ctx.site, ctx.calls.modules(states), cell))
    raise TorchRaises("RuntimeError", f"nn.{name} takes {expected.value}, not {extents[axis]}")


def _joined_elsewhere(states: States, axis: int) -> bool:
    """Whether parts may well be joined along an axis, and not along one before it: their samples were squeezed where
    they come by, so there is one axis less there, and what is joined by its number is another one."""
    joined = isinstance(states, Joined) and states.axis < axis
    return joined and any(notes.note(block, Note.SAID_ONE) for block in blocks(states))


def _parts(states: States, axis: int) -> tuple[int, ...]:
    """The extents that add up to that of an axis."""
    if isinstance(states, Joined) and states.axis == axis:
        return tuple(extent for part in states.parts for extent in _parts(part, axis))
    return (shape(states)[axis],)


def fits_layer(ctx: Context, layer: Layer, args: tuple[Value, ...]) -> None:
    """The same for a layer without a recurrence and its operands."""
    ranks = _RANKS.get(layer.name)
    if ranks is not None and args and isinstance(args[0], Tensor) and len(shape(args[0].states)) not in ranks:
        raise TorchRaises("ValueError", f"nn.{layer.name} takes {ranks} axes, not {len(shape(args[0].states))}")
    for value, fact in zip(args, (LayerFact.IN, LayerFact.IN2), strict=False):
        width = layer.fact(fact)
        sequence = None if width is None or isinstance(width, Lit) else ctx.containers.elements(width)
        if isinstance(value, Tensor):
            last = sequence[-1] if sequence else width
            fits(ctx, layer.name, layer.site, value.states, last, _channels(layer))


def _channels(layer: Layer) -> int:
    """The axis a layer looks at: the last, or that of the channels, which stands before the axes of a window."""
    if layer.name in _SECOND:
        return 1
    spatial = layer.fact(LayerFact.SPATIAL)
    return -1 - spatial.value if isinstance(spatial, Lit) and isinstance(spatial.value, int) else -1
