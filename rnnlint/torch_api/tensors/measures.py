"""What a tensor tells of itself: its shape, its rank, how many elements it has."""

from __future__ import annotations

from rnnlint.axes.states import Unknown, shape
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.operands import tensor_of
from rnnlint.torch_api.registry import Args, operation
from rnnlint.values.domain import Formless, Items, Lit, SizeOf, Tensor, Value


@operation(
    "Tensor.size",
    "input dim",
    rank="any",
    tries="""
        size: x
        size: x, 1
        size: x, dim=-1
    """,
    refuses="size: x, 7 -> IndexError",
)
def size(ctx: Context, a: Args) -> Value:
    """The shape, or one extent."""
    tensor = tensor_of(ctx, a.get("input"))
    if isinstance(tensor, Formless):
        whole = SizeOf(tensor)
        axis = ctx.facts.integer(a.get("dim"))
        return whole if axis is None else ctx.facts.size_of(whole, axis)
    if not isinstance(tensor, Tensor):
        return tensor
    extents = shape(tensor.states)
    if "dim" not in a:
        ctx.layouts.look(tensor.states)
        return Items(tuple(map(ctx.facts.number, extents)))
    ctx.layouts.measure(tensor.states)
    axis = ctx.facts.integer(a.get("dim"))
    if axis is None:
        return Unknown("an extent that is not known")
    if not -len(extents) <= axis < len(extents):
        raise TorchRaises("IndexError", "Dimension out of range")
    return ctx.facts.number(extents[axis])


@operation("Tensor.dim Tensor.ndimension", "input", rank="any", tries="dim ndimension: x")
def dim(ctx: Context, a: Args) -> Value:
    """The rank."""
    tensor = tensor_of(ctx, a.get("input"))
    if not isinstance(tensor, Tensor):
        return Unknown("the rank of a tensor")
    ctx.layouts.look(tensor.states)
    return Lit(len(shape(tensor.states)))


@operation("numel Tensor.nelement", "input", rank="any", tries="? numel nelement: x\nnumel nelement: v")
def elements(ctx: Context, a: Args) -> Value:
    """How many elements there are: the extent of an axis that is the only one."""
    tensor = tensor_of(ctx, a.get("input"))
    wide = [size for size in shape(tensor.states) if size != 1] if isinstance(tensor, Tensor) else []
    return ctx.facts.number(wide[0]) if len(wide) == 1 else Unknown("a number of elements")


@operation(
    "Tensor.element_size Tensor.stride Tensor.get_device Tensor.is_contiguous Tensor.retain_grad",
    "input",
    rank="any",
    tries="? element_size stride get_device is_contiguous retain_grad: x",
)
def about(ctx: Context, a: Args) -> Value:
    """A fact about a tensor that is no use of it."""
    return Unknown("a fact about a tensor")
