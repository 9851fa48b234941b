"""Sizes of tensors, and new tensors."""

from __future__ import annotations

from rnnlint.axes import results
from rnnlint.axes.operations import regroup
from rnnlint.axes.states import Unknown, shape
from rnnlint.torch_api.batches.sorting import counting
from rnnlint.torch_api.context import NEW, Context, TorchRaises
from rnnlint.torch_api.operands import integers, source_key, tensor_for_axis, tensor_of
from rnnlint.torch_api.registry import Args, Handler, operation
from rnnlint.values.domain import Along, Formless, Free, Items, Lit, SizeOf, Tensor, Value
from rnnlint.values.origins import Array, Constants, Filled, Memory
from rnnlint.values.uses import Use


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


@operation(
    "numel Tensor.nelement Tensor.element_size Tensor.stride Tensor.get_device Tensor.is_contiguous Tensor.retain_grad",
    "input",
    rank="any",
    tries="? numel nelement element_size stride get_device is_contiguous retain_grad: x",
)
def about(ctx: Context, a: Args) -> Value:
    """A fact about a tensor that is no use of it."""
    return Unknown("a fact about a tensor")


def _making(memory: Memory) -> Handler:
    def new(ctx: Context, a: Args) -> Value:
        """A new tensor of a given shape."""
        return _new(ctx, integers(ctx, a.rest or ((a["sizes"],) if "sizes" in a else ())), memory)

    return new


_SIZES = """
    2, 3
    (2, 3)
    zeros ones empty randn rand: size=(2, 3)
"""
_SIZES_LIKE = """
    x, 2, 3
    new_zeros new_ones new_empty: x, (2, 3)
"""
operation("torch.zeros torch.ones", "*sizes|size", rank="any", tries=_SIZES)(_making(Memory.CONSTANT))
operation("torch.randn torch.rand", "*sizes|size", rank="any", tries=_SIZES)(_making(Memory.NOISE))
operation("torch.empty", "*sizes|size", rank="any", tries=_SIZES)(_making(Memory.RAW))
operation("Tensor.new_zeros Tensor.new_ones", "input *sizes|size", rank="any", tries=_SIZES_LIKE)(
    _making(Memory.CONSTANT)
)
operation("Tensor.new_empty Tensor.new", "input *sizes|size", rank="any", tries=_SIZES_LIKE)(_making(Memory.RAW))


@operation(
    "torch.Tensor torch.FloatTensor torch.DoubleTensor torch.cuda.FloatTensor",
    "*sizes",
    rank="any",
    tries="""
        Tensor FloatTensor DoubleTensor: 2, 3
        Tensor FloatTensor DoubleTensor: [1, 2]
    """,
)
def legacy(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape; of the elements of a list, if it is called with one."""
    if len(a.rest) > 1 or (a.rest and isinstance(a.rest[0], Lit)):
        return _new(ctx, integers(ctx, a.rest), Memory.RAW)
    sizes = _nested(ctx, a.rest[0]) if a.rest else None
    if sizes:
        return _new(ctx, sizes, Memory.CONSTANT)
    for value in a.rest:
        ctx.use(value, Use.ELSEWHERE)
    return Unknown("a tensor made of values that are not known")


@operation(
    "torch.randint",
    "*bounds|size",
    rank="any",
    tries="""
        0, 9, (2, 3)
        9, (2, 3)
        9, size=(2, 3)
    """,
)
def random_integers(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape: ``size`` is the last argument, or a keyword."""
    size = a.named.get("bounds", a.rest[-1] if a.rest else None)
    return _new(ctx, None if size is None else integers(ctx, (size,)), Memory.DRAWN)


@operation(
    "torch.normal",
    "mean std size",
    rank="any",
    tries="""
        0.0, 1.0, (2, 3)
        0.0, 1.0, size=(2, 3)
    """,
)
def normal(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape; without ``size`` it has that of ``mean`` and ``std``."""
    for name in ("mean", "std"):
        ctx.use(a.named.get(name, Lit(None)), Use.ARITHMETIC)
    return _new(ctx, integers(ctx, (a["size"],)) if "size" in a else None, Memory.NOISE)


@operation(
    "torch.full",
    "size fill_value",
    rank="any",
    tries="""
        (2, 3), 1.0
        (2,), 7
    """,
)
def full(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape, of one number."""
    sizes = integers(ctx, (a["size"],)) if "size" in a else None
    each = ctx.facts.integer(a.get("fill_value"))
    return _new(ctx, sizes, Memory.CONSTANT) if each is None or sizes is None else _filled(ctx, each, sizes)


def _filled(ctx: Context, number: int, sizes: tuple[int, ...]) -> Value:
    return ctx.settle(ctx.given(Filled(ctx.occurrence(), number), sizes))


@operation("Tensor.new_full", "input size fill_value", rank="any", tries="new_full: x, (2, 3), 1.0")
def new_full(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape, of one number, of the kind of another."""
    return full(ctx, a)


def _new(ctx: Context, sizes: tuple[int, ...] | None, memory: Memory) -> Value:
    if sizes is None or any(size < 1 for size in sizes):
        return Unknown(NEW)
    return ctx.settle(results.given(ctx.fresh(memory, sizes)))


def _like(memory: Memory) -> Handler:
    def like(ctx: Context, a: Args) -> Value:
        """A new tensor of another's shape."""
        tensor = tensor_of(ctx, a.get("input"))
        return _new(ctx, shape(tensor.states), memory) if isinstance(tensor, Tensor) else tensor

    return like


_LIKE = """
    zeros_like ones_like: x
    full_like: x, 1.0
"""
operation("torch.zeros_like torch.ones_like torch.full_like", "input", rank=0, tries=_LIKE)(_like(Memory.CONSTANT))
operation(
    "torch.randn_like torch.rand_like torch.randint_like torch.bernoulli Tensor.bernoulli torch.poisson",
    "input",
    rank=0,
    tries="randn_like rand_like bernoulli poisson: x\nrandint_like: x, 5",
)(_like(Memory.NOISE))
operation("torch.empty_like", "input", rank=0, tries="x")(_like(Memory.RAW))


def _filling(memory: Memory) -> Handler:
    def fill(ctx: Context, a: Args) -> Value:
        """Overwrites a tensor in place, and returns it."""
        tensor = tensor_of(ctx, a.get("input"))
        if isinstance(tensor, Tensor):
            ctx.fresh_tensors.overwrite(tensor.states, memory)
        return tensor

    return fill


_INIT = "xavier_normal xavier_uniform kaiming_normal kaiming_uniform orthogonal normal uniform sparse"
_DRAWN = "normal_ uniform_ random_ bernoulli_ exponential_ log_normal_ cauchy_ geometric_"
operation(
    " ".join(f"torch.nn.init.{name}_ torch.nn.init.{name}" for name in _INIT.split())
    + " torch.nn.init.trunc_normal_ "
    + " ".join(f"Tensor.{name}" for name in _DRAWN.split()),
    "input|tensor",
    rank=0,
    tries="""
        xavier_normal_ xavier_normal xavier_uniform_ xavier_uniform kaiming_normal_ kaiming_normal: torch.empty(2, 3)
        kaiming_uniform_ kaiming_uniform orthogonal_ orthogonal trunc_normal_: torch.empty(2, 3)
        normal_ uniform_ random_ bernoulli_ exponential_ log_normal_ cauchy_ normal uniform: torch.empty(2, 3)
        sparse_ sparse geometric_: torch.empty(2, 3), 0.5
    """,
)(_filling(Memory.NOISE))
operation(
    "torch.nn.init.zeros_ torch.nn.init.ones_ torch.nn.init.constant_ torch.nn.init.constant torch.nn.init.eye_ "
    "Tensor.zero_ Tensor.fill_",
    "input|tensor",
    rank=0,
    tries="""
        zeros_ ones_ eye_ zero_: torch.empty(2, 3)
        constant_ constant fill_: torch.empty(2, 3), 1.0
    """,
)(_filling(Memory.CONSTANT))


@operation("Tensor.copy_", "input other|src", rank=0, tries="copy_: x, y")
def copy(ctx: Context, a: Args) -> Value:
    """Overwrites a tensor with another."""
    tensor = tensor_of(ctx, a.get("input"))
    ctx.use(a.named.get("other", Lit(None)), Use.ELSEWHERE)
    if isinstance(tensor, Tensor):
        ctx.fresh_tensors.overwrite(tensor.states, Memory.MIXED)
    return tensor


@operation(
    "torch.arange",
    "start end step",
    rank="any",
    tries="""
        5
        0, 5
        ? 2, 9, 3
    """,
)
def arange(ctx: Context, a: Args) -> Value:
    """``0 .. n-1`` where it is called with one number."""
    count = ctx.facts.integer(a.get("start"))
    if count is None or a.get("end") is not None or count < 1:
        start, end = ctx.facts.integer(a.get("start")), ctx.facts.integer(a.get("end"))
        if start != 0 or end is None or a.get("step") is not None or end < 1:
            return Unknown("a range")
        count = end
    return ctx.settle(counting(count))


@operation(
    "torch.eye",
    "n m",
    rank="any",
    tries="""
        3
        2, 4
    """,
)
def eye(ctx: Context, a: Args) -> Value:
    """A matrix with ones along its diagonal."""
    rows = ctx.facts.integer(a.get("n"))
    columns = ctx.facts.integer(a["m"]) if "m" in a else rows
    return _new(ctx, None if rows is None or columns is None else (rows, columns), Memory.CONSTANT)


@operation(
    "torch.linspace torch.logspace",
    "start end steps",
    rank="any",
    tries="""
        0, 1, 5
        0, 1, steps=4
    """,
)
def spaced(ctx: Context, a: Args) -> Value:
    """So many numbers between two."""
    steps = ctx.facts.integer(a.get("steps"))
    return _new(ctx, None if steps is None else (steps,), Memory.CONSTANT)


@operation(
    "torch.sparse_coo_tensor torch.sparse.FloatTensor",
    "indices values size",
    rank="any",
    tries="""
        ? sparse_coo_tensor: torch.tensor([[0, 1], [1, 0]]), v[:2], (2, 2)
        ? FloatTensor: torch.tensor([[0, 1], [1, 0]]), torch.rand(2), torch.Size([2, 2])
    """,
)
def sparse(ctx: Context, a: Args) -> Value:
    """A tensor of which only some elements are written down."""
    ctx.use(a.named.get("values", Lit(None)), Use.ELSEWHERE)
    return Unknown("a sparse tensor")


@operation("torch.randperm", "n", rank="any", tries="4")
def randperm(ctx: Context, a: Args) -> Value:
    """So many numbers in any order."""
    count = ctx.facts.integer(a.get("n"))
    return _new(ctx, None if count is None else (count,), Memory.NOISE)


@operation("numpy.delete", "arr obj axis", rank="any", tries="numpy.arange(4), 1")
def delete(ctx: Context, a: Args) -> Value:
    """An array without some of its entries: without ``axis`` they are counted in row-major order, and it is flat."""
    for name in ("arr", "obj"):
        ctx.use(a.named.get(name, Lit(None)), Use.ELSEWHERE)
    if a.named.get("axis", Lit(None)) != Lit(None):
        return Unknown("an array without some of its rows")
    return ctx.settle(ctx.given(Array(ctx.occurrence()), (ctx.facts.generic(("array", ctx.occurrence())),)))


@operation(
    "Tensor.new_tensor",
    "input data",
    rank="any",
    tries="""
        x, [1, 2]
        x, [[1, 2], [3, 4]]
    """,
)
@operation(
    "torch.tensor torch.LongTensor torch.IntTensor",
    "data",
    rank="any",
    tries="""
        tensor LongTensor IntTensor: [1, 2]
        tensor: [[1, 2], [3, 4]]
    """,
)
def constants(ctx: Context, a: Args) -> Value:
    """A tensor of constants."""
    known = ctx.containers.elements(a["data"]) if "data" in a else None
    numbers = None if known is None else tuple(ctx.facts.integer(v) if isinstance(v, Lit) else None for v in known)
    data = a.named.get("data")
    if isinstance(data, Along):
        return Tensor(data.states)
    if isinstance(data, (Tensor, Formless, Free)):
        return ctx.facts.tensor(data)
    common = None if numbers else ctx.containers.common(a["data"]) if "data" in a else None
    each = ctx.facts.integer(common) if isinstance(common, Lit) else None
    if each is not None:
        return _filled(ctx, each, (ctx.facts.generic(("count", ctx.occurrence())),))
    sizes = _nested(ctx, a["data"]) if known else None
    if sizes is not None and len(sizes) > 1:
        return _new(ctx, sizes, Memory.CONSTANT)
    if not numbers or None in numbers:
        ctx.use(a.named.get("data", Lit(None)), Use.ELSEWHERE)
        unknown = Unknown("a tensor made of values that are not known")
        return _row(ctx, unknown) if known is not None and len(known) == 1 else unknown
    return ctx.settle(ctx.given(Constants(tuple(n for n in numbers if n is not None)), (len(numbers),)))


def _row(ctx: Context, inside: Unknown) -> Value:
    """A tensor whose first axis holds the one thing that a list holds."""
    tensor = tensor_for_axis(ctx, inside)
    if isinstance(tensor, Formless):
        return Formless(tensor.root, tensor.change + 1)
    return ctx.settle(regroup.unsqueeze(tensor.states, 0)) if isinstance(tensor, Tensor) else tensor


def _nested(ctx: Context, value: Value) -> tuple[int, ...] | None:
    """The shape of nested lists of numbers, and of arrays."""
    if isinstance(value, Lit):
        return ()
    if isinstance(value, Tensor) and isinstance(source_key(value), Array):
        return shape(value.states)
    known = ctx.containers.elements(value)
    shapes = [_nested(ctx, item) for item in known or ()]
    first = shapes[0] if shapes else None
    return None if first is None or any(one != first for one in shapes) else (len(shapes), *first)
