"""Products along chosen axes, products that are added to something, and what compares by a product."""

from __future__ import annotations

from collections.abc import Callable

from rnnlint.axes.operations import axis_order, combine, products
from rnnlint.axes.operations.checks import wrap
from rnnlint.axes.states import Raises, Result, States, Unknown, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import integers, tensor_of
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import elementwise
from rnnlint.torch_api.tensors.comparing import say_compared
from rnnlint.torch_api.tensors.products import FITS_SOME, made, states_of, times
from rnnlint.values.domain import Free, Items, Lit, Tensor, Value
from rnnlint.values.uses import Use


def _both(ctx: Context, left: Value, right: Value, multiply: Callable[[States, States], Result]) -> Value:
    """What two tensors make together: a use of both, and new states where both arrangements are known."""
    for side in (left, right):
        ctx.use(side, Use.ARITHMETIC)
    first, second = states_of(left), states_of(right)
    if first is None or second is None:
        return Unknown("a product of tensors")
    return made(ctx, multiply(first, second))


def _operands(ctx: Context, a: Args, *names: str) -> tuple[Value, Value]:
    left, right = (tensor_of(ctx, a.named.get(name)) for name in names or ("input", "other"))
    return left, right


@operation(
    "dot vdot",
    "input other|tensor",
    rank=None,
    tries="v, v",
)
def dot(ctx: Context, a: Args) -> Value:
    """The sum of the products of two vectors."""
    return times(ctx, *_operands(ctx, a), (1, 1), products.matmul)


@operation(
    "inner",
    "input other",
    rank=None,
    tries="""
        v, v
        x, y
        m, v.repeat(2)
        m, x
    """,
)
def inner(ctx: Context, a: Args) -> Value:
    """The products along both last axes added up."""

    def multiply(left: States, right: States) -> Result:
        ranks = len(shape(left)), len(shape(right))
        if 0 in ranks:
            return combine.blend((left, right))
        own, its = (tuple((side, axis) for axis in range(rank - 1)) for side, rank in enumerate(ranks))
        return products.multiply((left, right), ((*own, "sum"), (*its, "sum")), (*own, *its))

    return _both(ctx, *_operands(ctx, a), multiply)


@operation("outer torch.ger Tensor.ger", "input other|vec2", rank=None, tries="v, m[0]")
def outer(ctx: Context, a: Args) -> Value:
    """Every element of one vector times every element of another."""
    return _both(ctx, *_operands(ctx, a), products.outer)


@operation(
    "torch.tensordot",
    "a b dims",
    rank=None,
    tries="""
        x, y, 3
        x, w, 1
        x, w, dims=1
        x, y, dims=([2], [2])
        x, y, ([0, 1], [0, 1])
        x, y.permute(1, 2, 0)
    """,
)
def tensordot(ctx: Context, a: Args) -> Value:
    """The products along chosen axes of both added up."""
    left, right = _operands(ctx, a, "a", "b")
    dims = _dims(ctx, a.named.get("dims", Lit(2)))
    if dims is None:
        for side in (left, right):
            ctx.use(side, Use.ARITHMETIC)
        return Unknown("a product along axes that are not known")

    def multiply(one: States, other: States) -> Result:
        ranks = len(shape(one)), len(shape(other))
        if isinstance(dims, int):
            pairs = [(ranks[0] - dims + number, number) for number in range(dims)]
        else:
            pairs = list(zip(*dims, strict=False))
        labels: list[list[object]] = [[(side, axis) for axis in range(rank)] for side, rank in enumerate(ranks)]
        for number, pair in enumerate(pairs):
            for side, axis in enumerate(pair):
                place = wrap(axis, ranks[side])
                if isinstance(place, Raises):
                    return place
                labels[side][place] = number
        wanted = tuple(label for side in labels for label in side if isinstance(label, tuple))
        return products.multiply((one, other), [tuple(side) for side in labels], wanted)

    return _both(ctx, left, right, multiply)


def _dims(ctx: Context, value: Value) -> int | tuple[tuple[int, ...], ...] | None:
    """How many axes, or which axes of each."""
    if isinstance(value, (Lit, Free)):
        return ctx.facts.integer(value)
    sides = ctx.containers.elements(value)
    if sides is None or len(sides) != 2:
        return None
    known = [integers(ctx, (side,)) for side in sides]
    return None if None in known else tuple(side for side in known if side is not None)


@operation(
    "addmm baddbmm addbmm addmv addr",
    "input first|mat1|batch1|mat|vec1 second|mat2|batch2|vec|vec2",
    rank=None,
    tries="""
        addmm: m, torch.rand(2, 3, dtype=x.dtype), torch.rand(3, 6, dtype=x.dtype)
        addmm: torch.rand(2, 4, dtype=x.dtype), m, w
        baddbmm: x, torch.rand(2, 5, 3, dtype=x.dtype), torch.rand(2, 3, 6, dtype=x.dtype)
        baddbmm: torch.rand(2, 5, 5, dtype=x.dtype), x, y.transpose(1, 2)
        addbmm: torch.rand(5, 5, dtype=x.dtype), x, y.transpose(1, 2)
        addmv: v[:2], m, m[0]
        addr: torch.rand(3, 6, dtype=x.dtype), v, m[0]
    """,
)
def added(ctx: Context, a: Args) -> Value:
    """A product of two tensors, added to another one."""
    kinds: dict[str, tuple[tuple[int, int], Callable[[States, States], Result]]] = {
        "addmm": ((2, 2), products.mm),
        "baddbmm": ((3, 3), products.bmm),
        "addbmm": ((3, 3), _bmm_added_up),
        "addmv": ((2, 1), products.mv),
        "addr": ((1, 1), products.outer),
    }
    ranks, multiply = kinds[a.op.rstrip("_")]
    product = times(ctx, *_operands(ctx, a, "first", "second"), None if a.op == "addr" else ranks, multiply)
    return elementwise.arithmetic(ctx, "+", ctx.facts.tensor(a["input"]), product)


def _bmm_added_up(left: States, right: States) -> Result:
    each = products.bmm(left, right)
    return each if isinstance(each, (Raises, Unknown)) else combine.reduce(each, (0,))


@operation(
    "torch.cosine_similarity torch.linalg.vecdot",
    "x1|x|input x2|y|other dim",
    rank=None,
    tries="""
        x, y
        cosine_similarity: x, y, -1
        cosine_similarity: m, x[:, :1], dim=2
        m, y[:, 0], dim=0
    """,
)
def similarity(ctx: Context, a: Args) -> Value:
    """The products of two tensors added up along an axis."""
    axis = ctx.facts.integer(a["dim"]) if "dim" in a else -1 if a.op == "vecdot" else 1
    return _along(ctx, a, ("x1", "x2"), axis, False)


@operation(
    "torch.pairwise_distance",
    "x1 x2 p eps keepdim",
    rank=None,
    tries="""
        x, y
        m, m, keepdim=True
        v, m[0, :3]
    """,
)
def pairwise(ctx: Context, a: Args) -> Value:
    """How far the rows of two tensors are from each other."""
    keep = bool(ctx.facts.flag(a["keepdim"])) if "keepdim" in a else False
    return _along(ctx, a, ("x1", "x2"), -1, keep)


@operation("torch.dist Tensor.dist", "input other", rank=None, tries="x, y")
def distance(ctx: Context, a: Args) -> Value:
    """How far two tensors are from each other as a whole."""
    sides = _operands(ctx, a)
    for side in sides:
        ctx.use(side, Use.COMPARISON)
    left, right = map(states_of, sides)
    if left is None or right is None:
        return Unknown("a distance of tensors")
    say_compared(ctx, left, right, whole=True)
    both = combine.blend((left, right))
    return made(ctx, both if isinstance(both, (Raises, Unknown)) else combine.reduce(both, None))


def _along(ctx: Context, a: Args, names: tuple[str, str], axis: int | None, keep: bool) -> Value:
    def multiply(left: States, right: States) -> Result:
        both = combine.blend((left, right))
        return both if isinstance(both, (Raises, Unknown)) else combine.reduce(both, axis, keep)

    return _both(ctx, *_operands(ctx, a, *names), multiply)


@operation(
    "torch.cdist",
    "x1 x2",
    rank=None,
    tries="""
        x, y
        m, m
    """,
)
def cdist(ctx: Context, a: Args) -> Value:
    """How far each row of one tensor is from each of another."""

    def multiply(left: States, right: States) -> Result:
        turned = axis_order.transpose(right, -2, -1)
        return turned if isinstance(turned, (Raises, Unknown)) else products.matmul(left, turned)

    return _both(ctx, *_operands(ctx, a, "x1", "x2"), multiply)


@operation(
    "cross torch.linalg.cross",
    "input other dim",
    rank=None,
    tries="""
        Tensor.cross torch.cross: x[..., :3], y[..., :3], -1
        x[..., 3:], y[..., :3], dim=2
    """,
)
def cross(ctx: Context, a: Args) -> Value:
    """The vector product along an axis."""
    axis = ctx.facts.integer(a["dim"]) if "dim" in a else -1 if a.op != "cross" else None

    def multiply(left: States, right: States) -> Result:
        both = combine.blend((left, right))
        if isinstance(both, (Raises, Unknown)):
            return both
        return Unknown("a product along an axis that is not known") if axis is None else combine.spread(both, axis)

    return _both(ctx, *_operands(ctx, a), multiply)


@operation(
    "torch.linalg.multi_dot torch.chain_matmul",
    "tensors|matrices *more|out",
    rank=None,
    tries="multi_dot: (m, w, w.t())\nchain_matmul: m, w",
)
def chain(ctx: Context, a: Args) -> Value:
    """Several matrices, one times the other."""
    source = a.named.get("tensors", Unknown("no tensors"))
    several = (source, *a.rest) if a.rest else (ctx.containers.elements(source) or (source,))
    for one in several:
        ctx.use(one, Use.ARITHMETIC)
    product: Value = ctx.facts.tensor(several[0]) if not isinstance(several[0], Items) else Unknown("no tensors")
    for one in several[1:]:
        product = times(ctx, product, ctx.facts.tensor(one), None, products.matmul)
    return product


@operation(
    "torch.nn.functional.scaled_dot_product_attention",
    "query key value",
    rank=None,
    tries="""
        x, x, x
        x, y, y
        torch.rand(2, 1, 6, dtype=x.dtype), x, y[:, :, :4]
        x, x, x, is_causal=True
    """,
)
def attention(ctx: Context, a: Args) -> Value:
    """Every query reads the values, as much of each as its key is like the query."""
    query, key, value = (tensor_of(ctx, a.named.get(name)) for name in ("query", "key", "value"))
    for one in (query, key, value):
        ctx.use(one, Use.ARITHMETIC)
    parts = [states_of(one) for one in (query, key, value)]
    known = [part for part in parts if part is not None]
    if len(known) != len(parts):
        return Unknown("a product of tensors")
    return made(ctx, _attention(*known))


def _attention(query: States, key: States, value: States) -> Result:
    turned = axis_order.transpose(key, -2, -1)
    scores = turned if isinstance(turned, (Raises, Unknown)) else products.matmul(query, turned)
    weights = scores if isinstance(scores, (Raises, Unknown)) else combine.spread(scores, -1)
    return weights if isinstance(weights, (Raises, Unknown)) else products.matmul(weights, value)


@operation(
    "torch.bilinear",
    "input1 input2 weight *more",
    rank=None,
    tries="""
        m, m, torch.rand(3, 6, 6, dtype=x.dtype), None
        x, y, torch.rand(3, 6, 6, dtype=x.dtype)
    """,
)
def bilinear(ctx: Context, a: Args) -> Value:
    """New features of two tensors: a use of both."""
    first, second = _operands(ctx, a, "input1", "input2")
    weight = a.named.get("weight")
    for value in (first, second, *a.rest):
        ctx.use(value, Use.LAYER)
    sizes = shape(weight.states) if isinstance(weight, Tensor) else ()
    return of_two(ctx, first, second, sizes[0] if len(sizes) == 3 else ctx.facts.generic(("features", ctx.site.node)))


def of_two(ctx: Context, left: Value, right: Value, features: int) -> Value:
    """New features of the last axes of two tensors, place by place: their other axes are the same.  May raise Need."""
    first, second = states_of(left), states_of(right)
    if first is None or second is None or len(shape(first)) != len(shape(second)) or not shape(first):
        return Unknown("new features of tensors that are not known")
    rows = tuple(zip(shape(first)[:-1], shape(second)[:-1], strict=True))
    for own, other in rows:
        ctx.fitting.same(own, other)
    if any(own != other for own, other in rows):
        return Unknown(FITS_SOME)
    contracted = [combine.contract(one, features) for one in (first, second)]
    known = [one for one in contracted if not isinstance(one, (Raises, Unknown))]
    return made(ctx, combine.blend(known)) if len(known) == 2 else Unknown("new features of two tensors")
