"""Products of tensors: a use of both operands, and new states for those whose arrangement is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rnnlint.axes.operations import products
from rnnlint.axes.reading import notes
from rnnlint.axes.states import Blended, Call, Note, Raises, Result, Role, States, Unknown, blocks, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import align_samples, tensor_of
from rnnlint.torch_api.registry import Args, operation
from rnnlint.values.domain import Lit, Tensor, Value
from rnnlint.values.origins import Operand
from rnnlint.values.uses import Use

_PARAMETERS = "input other|mat2|vec"
_PRODUCT = "product"
FITS_SOME = "a product that fits in some programs only"


@operation(
    "matmul torch.linalg.matmul",
    _PARAMETERS,
    rank=None,
    tries="""
        x, w
        x, x.transpose(1, 2)
        m, w
        v, v
    """,
)
def matmul(ctx: Context, a: Args) -> Value:
    """Vectors, matrices, batches of matrices."""
    return broadcast(ctx, *_operands(ctx, a))


def broadcast(ctx: Context, left: Value, right: Value) -> Value:
    """``left @ right``, noted where a matrix meets a batch whose samples it has itself."""
    product = times(ctx, left, right)
    if isinstance(product, Tensor) and _crosses(left, right):
        return Tensor(notes.noted_first(product.states, Note.SAMPLES_CROSSED, ctx.site))
    return product


def _crosses(left: Value, right: Value) -> bool:
    """Whether a matrix of all samples is multiplied with each of a batch of matrices, and adds up the steps of each.

    ``weights @ output`` with weights (N, T) and output (N, T, H): the matrix stands for every sample, (N, N, H).
    """
    first, second = states_of(left), states_of(right)
    if first is None or second is None or sorted((len(shape(first)), len(shape(second)))) != [2, 3]:
        return False
    # the axes of (matrix, batch) that run over samples, and the one of the batch that is added up
    one, other, rows, steps = (first, second, 0, 1) if len(shape(first)) == 2 else (second, first, 1, 2)
    count = shape(other)[0]
    return (
        count == shape(one)[rows] > 1
        and runs_along(one, rows, Role.SAMPLE)
        and runs_along(other, 0, Role.SAMPLE)
        and runs_along(other, steps, Role.STEP)
    )


def runs_along(states: States, axis: int, role: Role) -> bool:
    """Whether an axis is one role of a recurrent call and nothing else."""
    return any(
        isinstance(block.source, Call) and [factor.along for factor in block.axes[axis]] == [role]
        for block in blocks(states)
    )


@operation(
    "bmm",
    _PARAMETERS,
    rank=None,
    tries="""
        x, x.transpose(1, 2)
        x, torch.rand(2, 6, 4, dtype=x.dtype)
    """,
)
def bmm(ctx: Context, a: Args) -> Value:
    """A batch of matrices times a batch of matrices."""
    return times(ctx, *_operands(ctx, a), (3, 3), products.bmm)


@operation(
    "torch.sparse.mm torch.spmm",
    "input|mat1|sparse other|mat2|dense",
    rank=None,
    tries="(2 * torch.eye(2, dtype=x.dtype)).to_sparse(), m",
)
@operation(
    "mm",
    _PARAMETERS,
    rank=None,
    tries="""
        m, w
        m, m.t()
    """,
)
def mm(ctx: Context, a: Args) -> Value:
    """A matrix times a matrix."""
    return times(ctx, *_operands(ctx, a), (2, 2), products.mm)


@operation("mv", _PARAMETERS, rank=None, tries="m, torch.rand(6, dtype=x.dtype)")
def mv(ctx: Context, a: Args) -> Value:
    """A matrix times a vector."""
    return times(ctx, *_operands(ctx, a), (2, 1), products.mv)


def _operands(ctx: Context, a: Args) -> tuple[Value, Value]:
    left, right = (tensor_of(ctx, a.named.get(name)) for name in ("input", "other"))
    return left, right


def times(
    ctx: Context,
    left: Value,
    right: Value,
    ranks: tuple[int, int] | None = None,
    multiply: Callable[[States, States], Result] = products.matmul,
) -> Value:
    """``left @ right``; ``ranks`` are those the operation asks for, where it takes no others."""
    for side in (left, right):
        ctx.use(side, Use.ARITHMETIC)
    first, second = states_of(left), states_of(right)
    if ranks is not None:
        first = first or _fitting(ctx, second, ranks, 0)
        second = second or _fitting(ctx, first, ranks, 1)
    if first is None or second is None:
        return Unknown("a product of tensors")
    if len(shape(first)) == len(shape(second)) == 3:
        align_samples(ctx, first, second, (0,))
    result = multiply(first, second)
    if isinstance(result, Raises) and ranks is not None:  # where it fits, what no RNN returned has the sizes that fit
        if _open(ctx, first):
            result = multiply(_fitting(ctx, second, ranks, 0) or first, second)
        elif _open(ctx, second):
            result = multiply(first, _fitting(ctx, first, ranks, 1) or second)
    if isinstance(result, Raises) and _apart(ctx, first, second):
        return ctx.settle(result)
    return made(ctx, result)


def _apart(ctx: Context, first: States, second: States) -> bool:
    """Whether two batches of matrices, both of what RNNs returned, differ in what is added up in every program."""
    one, other = shape(first), shape(second)
    if not (len(one) == len(other) == 3 and ctx.calls.modules(first) and ctx.calls.modules(second)):
        return False
    return one[2] != other[1] and ctx.facts.certain(one[2], (other[1],))


def _open(ctx: Context, states: States) -> bool:
    """Whether no RNN returned a tensor, and the file leaves a size of it open."""
    return not ctx.calls.modules(states) and any(map(ctx.facts.free_of, shape(states)))


def states_of(value: Value) -> States | None:
    """How the elements of a value are arranged; None where it is no tensor, or its shape is not known."""
    return value.states if isinstance(value, Tensor) else None


def _fitting(ctx: Context, other: States | None, ranks: tuple[int, int], place: int) -> States | None:
    """An operand of which only its rank is known, made to fit the other one."""
    if other is None or len(shape(other)) != ranks[1 - place]:
        return None
    new, sizes = ctx.facts.generic((_PRODUCT, ctx.occurrence(), place)), shape(other)
    inner = sizes[-1] if place else sizes[-2 if ranks[1] > 1 else -1]
    own = (inner, new)[: ranks[1] - len(sizes[:-2])] if place else (new, inner)
    return ctx.given(Operand(ctx.occurrence(), place), (*sizes[:-2], *own))


def regrouped(ctx: Context, states: States, sizes: tuple[int, ...]) -> bool:
    """Whether a view regroups an axis of a product whose other operand is not known: it may well be one wide."""

    def vague(size: int) -> bool:
        return any(isinstance(key, tuple) and key[:1] == (_PRODUCT,) for key in ctx.facts.free_of(size))

    return any(vague(size) and size not in sizes for size in shape(states))


def made(ctx: Context, result: Result) -> Value:
    """The result, as far as an RNN's states are in it."""
    if isinstance(result, (Raises, Unknown)):
        return Unknown(FITS_SOME if isinstance(result, Raises) else result.reason)
    parts = result.parts if isinstance(result, Blended) else (result,)
    kept = tuple(part for part in parts if any(isinstance(block.source, Call) for block in blocks(part)))
    if not kept:
        return Unknown("a product of tensors that no RNN returned")
    return ctx.settle(kept[0] if len(kept) == 1 else Blended(kept))


@operation(
    "torch.einsum",
    "equation *operands",
    rank="any",
    tries="""
        'btu,btu->bt', x, y
        'btu->but', x
        'bt,btu->bu', torch.rand(2, 5, dtype=x.dtype), x
    """,
)
def einsum(ctx: Context, a: Args) -> Value:
    """A literal equation; an operand of unknown shape has the axes it is named with."""
    given = a.rest
    if len(given) == 1:
        given = ctx.containers.elements(given[0]) or given
    for value in given:
        ctx.use(value, Use.ARITHMETIC)
    equation = a.named.get("equation")
    if not isinstance(equation, Lit) or not isinstance(equation.value, str):
        return Unknown("an einsum whose equation is not known")
    terms = equation.value.replace(" ", "").partition("->")[0].split(",")
    parts = _parts(ctx, terms, [states_of(ctx.facts.tensor(value)) for value in given])
    return Unknown("an einsum of tensors") if parts is None else made(ctx, products.einsum(equation.value, *parts))


def _align(ctx: Context, terms: Sequence[str], known: Sequence[States | None]) -> None:
    """A letter names as many samples in one operand as in another.  May raise Need."""
    named = [(term, one) for term, one in zip(terms, known, strict=True) if one is not None and term.isalpha()]
    for term, one in named:
        for other, beside in named:
            for axis, letter in enumerate(term[: len(shape(one))]):
                place = other.find(letter)
                if 0 <= place < len(shape(beside)) and runs_along(one, axis, Role.SAMPLE):
                    ctx.fitting.same(shape(one)[axis], shape(beside)[place])


def _parts(ctx: Context, terms: Sequence[str], known: Sequence[States | None]) -> list[States] | None:
    """Every operand; those of unknown shape as their letters say."""
    if len(terms) != len(known) or any(
        one is None and not term.isalpha() for term, one in zip(terms, known, strict=True)
    ):
        return None
    sizes: dict[str, int] = {}
    for term, one in zip(terms, known, strict=True):
        if one is not None and len(term) == len(shape(one)):
            sizes.update(zip(term, shape(one), strict=True))
    _align(ctx, terms, known)
    parts: list[States] = []
    for place, (term, one) in enumerate(zip(terms, known, strict=True)):
        own = tuple(sizes.get(letter) or ctx.facts.generic(("einsum", letter, ctx.occurrence())) for letter in term)
        parts.append(one or ctx.given(Operand(ctx.occurrence(), place), own))
    return parts
