"""Sizes of tensors, and new tensors."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.axes import results
from rnnlint.axes.states import Block, Diagonal, Unknown, blocks, shape
from rnnlint.torch_api.batches.sorting import counting
from rnnlint.torch_api.context import NEW, Context
from rnnlint.torch_api.operands import integers, tensor_of
from rnnlint.torch_api.registry import Args, Handler, operation
from rnnlint.torch_api.tensors import drawn_numbers, elementwise, same_number
from rnnlint.values.domain import Formless, Free, Lit, Tensor, Torch, Value
from rnnlint.values.origins import Array, Filled, Memory
from rnnlint.values.uses import Use


def _making(memory: Memory) -> Handler:
    def make(ctx: Context, a: Args) -> Value:
        """A new tensor of a given shape."""
        each, dtype = same_number.each_of(a.op), a.get("dtype")
        # by its name it is a shape, and alone it is one or a size: that is taken to be one until it does not fit
        if "sizes" in a or (len(a.rest) == 1 and ctx.fitting.is_shape(a.rest[0])):
            return of_shape(ctx, a.named.get("sizes", a.rest[-1] if a.rest else Lit(None)), memory, each, dtype)
        return new(ctx, integers(ctx, a.rest), memory, each, dtype)

    return make


def of_shape(ctx: Context, sizes: Value, memory: Memory, each: int | None = None, dtype: Value | None = None) -> Value:
    """A new tensor of a shape, which is a sequence: where it is open, how many axes there are is not known."""
    if isinstance(sizes, Free):
        return ctx.facts.tensor(Free("a tensor", ctx.occurrence()))
    return new(ctx, integers(ctx, (sizes,)), memory, each, dtype)


_SIZES = """
    2, 3
    (2, 3)
    zeros ones empty randn rand: size=(2, 3)
"""
_SIZES_LIKE = """
    x, 2, 3
    new_zeros new_ones new_empty: x, (2, 3)
"""
operation("torch.zeros torch.ones", "*sizes|size **", rank="any", tries=_SIZES)(_making(Memory.CONSTANT))
operation("torch.randn torch.rand", "*sizes|size", rank="any", tries=_SIZES)(_making(Memory.NOISE))
operation("torch.empty", "*sizes|size", rank="any", tries=_SIZES)(_making(Memory.RAW))
operation("Tensor.new_zeros Tensor.new_ones", "input *sizes|size **", rank="any", tries=_SIZES_LIKE)(
    _making(Memory.CONSTANT)
)
operation("Tensor.new_empty Tensor.new", "input *sizes|size", rank="any", tries=_SIZES_LIKE)(_making(Memory.RAW))


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
    return new(ctx, None, Memory.DRAWN) if size is None else of_shape(ctx, size, Memory.DRAWN)


@operation(
    "torch.normal",
    "mean std size",
    rank="any",
    tries="""
        0.0, 1.0, (2, 3)
        0.0, 1.0, size=(2, 3)
        x, 1.0
        0.0, x.abs()
        x, y.abs()
        torch.zeros(2, 3), 1.0
        torch.zeros(2, 3), torch.ones(2, 3)
    """,
)
def normal(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape; without ``size`` it is made of ``mean`` and ``std``, and has their axes."""
    parameters = [a.named[name] for name in ("mean", "std") if name in a]
    for value in parameters:
        ctx.use(value, Use.ARITHMETIC)
    if "size" in a:
        return of_shape(ctx, a["size"], Memory.NOISE)
    sizes = shape_of_constants(ctx, parameters)
    return _drawn_around(ctx, parameters) if sizes is None else new(ctx, sizes, Memory.NOISE)


def _drawn_around(ctx: Context, parameters: Sequence[Value]) -> Value:
    """What is drawn, each element by the parameters at its own place: it reads what their sum does."""
    made = next((value for value in parameters if isinstance(value, (Tensor, Formless))), None)
    if made is None or any(isinstance(value, Unknown) for value in parameters):
        return Unknown(NEW)
    drawn: Value = made
    for value in parameters:
        drawn = drawn if value is made else elementwise.arithmetic(ctx, "+", drawn, value)
    return drawn


def shape_of_constants(ctx: Context, parameters: Sequence[Value]) -> tuple[int, ...] | None:
    """The shape of numbers and constant tensors, such as the parameters of a distribution; None for anything else: what
    a layer has made is in what is drawn by it, which is no mere noise then."""
    shapes = [_shape_of_constant(ctx, value) for value in parameters]
    known = [extents for extents in shapes if extents is not None]
    widest = max(known, key=len, default=())
    # numbers beside tensors of one shape, as they are written; torch broadcasts others
    alike = all(extents in ((), widest) for extents in known)
    return widest if alike and len(known) == len(shapes) else None


def _shape_of_constant(ctx: Context, value: Value) -> tuple[int, ...] | None:
    match value:
        case Lit(int() | float()):
            return ()
        case Free():
            declared = ctx.facts.default(value)
            return () if declared is not None and isinstance(declared.value, (int, float)) else None
        case Tensor(states):
            memories = {ctx.fresh_tensors.memory(block.source) for block in blocks(states)}
            return shape(states) if memories == {Memory.CONSTANT} else None
    return None


@operation(
    "torch.full",
    "size fill_value **",
    rank="any",
    tries="""
        (2, 3), 1.0
        (2,), 7
    """,
)
def full(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape, of one number."""
    if isinstance(a.get("size"), Free):
        return of_shape(ctx, a["size"], Memory.CONSTANT)
    sizes = integers(ctx, (a["size"],)) if "size" in a else None
    fill, dtype = a.get("fill_value"), a.get("dtype")
    if isinstance(fill, Lit) and isinstance(fill.value, bool) and dtype is None:
        return new(ctx, sizes, Memory.CONSTANT, int(fill.value), Torch("torch.bool"))
    drawn, each = drawn_numbers.made(ctx, fill, sizes), ctx.facts.integer(fill)
    if drawn is not None or each is None or sizes is None:
        return drawn or new(ctx, sizes, Memory.CONSTANT)
    return ctx.settle(same_number.made(filled(ctx, each, sizes), each, dtype))


def filled(ctx: Context, number: int, sizes: tuple[int, ...]) -> Block:
    """A new tensor of these sizes, of one number: or of what the same expression gives for each element of a list."""
    return ctx.given(Filled(ctx.occurrence(), number), sizes)


@operation("Tensor.new_full", "input size fill_value **", rank="any", tries="new_full: x, (2, 3), 1.0")
def new_full(ctx: Context, a: Args) -> Value:
    """A new tensor of a given shape, of one number, of the kind of another."""
    return full(ctx, a)


def new(
    ctx: Context, sizes: tuple[int, ...] | None, memory: Memory, each: int | None = None, dtype: Value | None = None
) -> Value:
    """A new tensor of these sizes, in such memory; unknown where a size is not known, or certainly none.

    ``each`` is the number that each element is, if that is known.
    """
    if sizes is not None:  # 20 - len(x) is less than nothing for what stands in for the length, and some number in fact
        sizes = tuple(_some(ctx, size) if size < 1 and ctx.facts.free_of(size) else size for size in sizes)
    if sizes is None or any(size < 1 for size in sizes):
        return Unknown(NEW)
    return ctx.settle(same_number.made(results.given(ctx.fresh(memory, sizes)), each, dtype))


def _some(ctx: Context, size: int) -> int:
    return ctx.facts.generic(("some", size))


def _like(memory: Memory) -> Handler:
    def like(ctx: Context, a: Args) -> Value:
        """A new tensor of another's shape."""
        tensor = tensor_of(ctx, a.get("input"))
        each = ctx.facts.integer(a.get("fill_value")) if "fill_value" in a else same_number.each_of(a.op)
        dtype = a.get("dtype")
        return new(ctx, shape(tensor.states), memory, each, dtype) if isinstance(tensor, Tensor) else tensor

    return like


_LIKE = """
    zeros_like ones_like: x
    full_like: x, 1.0
"""
operation("torch.zeros_like torch.ones_like", "input dtype", rank=0, tries=_LIKE)(_like(Memory.CONSTANT))
operation("torch.full_like", "input fill_value dtype", rank=0, tries=_LIKE)(_like(Memory.CONSTANT))
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
            return drawn_numbers.made(ctx, a.get("value"), shape(tensor.states)) or tensor
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
        kaiming_normal_ kaiming_normal kaiming_uniform_ kaiming_uniform: torch.empty(2, 3), a=0, mode="fan_out"
        torch.nn.init.uniform_ trunc_normal_: torch.empty(2, 3), a=-1.0, b=1.0
    """,
)(_filling(Memory.NOISE))
operation(
    "torch.nn.init.zeros_ torch.nn.init.ones_ torch.nn.init.constant_ torch.nn.init.constant torch.nn.init.eye_ "
    "Tensor.zero_ Tensor.fill_",
    "input|tensor value|val",
    rank=0,
    tries="""
        zeros_ ones_ eye_ zero_: torch.empty(2, 3)
        constant_ constant fill_: torch.empty(2, 3), 1.0
    """,
)(_filling(Memory.CONSTANT))


@operation("Tensor.copy_", "input other|src", rank=0, tries="copy_: x, y")
def copy(ctx: Context, a: Args) -> Value:
    """Overwrites a tensor with another."""
    tensor, src = tensor_of(ctx, a.get("input")), a.named.get("other", Lit(None))
    ctx.use(src, Use.ELSEWHERE)
    if isinstance(tensor, Tensor):
        ctx.fresh_tensors.overwrite(tensor.states, Memory.MIXED)
        if isinstance(src, Tensor) and shape(src.states) == shape(tensor.states) and ctx.calls.modules(src.states):
            return src
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
    if rows is None or columns is None or rows < 1 or columns < 1:
        return Unknown(NEW)
    return ctx.settle(ctx.given(Diagonal(), (rows, columns)))


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
    return new(ctx, None if steps is None else (steps,), Memory.CONSTANT)


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
    return new(ctx, None if count is None else (count,), Memory.NOISE)


@operation("numpy.delete", "arr obj axis", rank="any", tries="numpy.arange(4), 1")
def delete(ctx: Context, a: Args) -> Value:
    """An array without some of its entries: without ``axis`` they are counted in row-major order, and it is flat."""
    for name in ("arr", "obj"):
        ctx.use(a.named.get(name, Lit(None)), Use.ELSEWHERE)
    if a.named.get("axis", Lit(None)) != Lit(None):
        return Unknown("an array without some of its rows")
    return ctx.settle(ctx.given(Array(ctx.occurrence()), (ctx.facts.generic(("array", ctx.occurrence())),)))
