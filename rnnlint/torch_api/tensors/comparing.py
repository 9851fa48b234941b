"""Comparisons of tensors."""

from __future__ import annotations

from rnnlint.axes.reading import notes
from rnnlint.axes.states import Blended, Note, States, blocks
from rnnlint.events import Compared
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import tensor_of
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import elementwise, selecting
from rnnlint.values.domain import Either, Lit, Tensor, Value
from rnnlint.values.uses import Use


@operation("isfinite isinf isnan isneginf isposinf isreal", "input|tensor", rank=0, tries="x")
def are_numbers(ctx: Context, a: Args) -> Value:
    """Where something is a number: asked of any tensor, whatever it holds, and so no use of what that is."""
    return elementwise.mask_of(ctx, ctx.facts.tensor(a["input"]))


@operation("signbit", "input|tensor", rank=0, tries="x")
@operation(
    "gt lt ge le greater less greater_equal less_equal not_equal logical_not logical_and logical_or logical_xor",
    "input other",
    rank=0,
    tries="""
        gt lt ge le greater less greater_equal less_equal not_equal: x, y
        gt lt ge le greater less greater_equal less_equal not_equal: x, 0
        logical_and logical_or logical_xor: x, y
        logical_not: x
    """,
)
def holds(ctx: Context, a: Args) -> Value:
    """Where a comparison holds."""
    return elementwise.mask(ctx, ctx.facts.tensor(a["input"]), a.named.get("other", Lit(None)))


@operation("bitwise_not Tensor.__invert__", "input", rank=0, tries="mask")
def inverted(ctx: Context, a: Args) -> Value:
    """``~mask``: where it does not hold."""
    return selecting.otherwise(ctx, tensor_of(ctx, a.get("input")))


_OF_TWO = "bitwise_and bitwise_or bitwise_xor"
_OPERATORS = {"and": "&", "or": "|", "xor": "^"}


@operation(f"{_OF_TWO} Tensor.__and__ Tensor.__or__ Tensor.__xor__", "input other", rank="any", tries="mask, mask")
def both(ctx: Context, a: Args) -> Value:
    """``mask & other``, and its like."""
    operator = _OPERATORS[a.op.removeprefix("bitwise_").strip("_")]
    return elementwise.arithmetic(ctx, operator, ctx.facts.tensor(a["input"]), a.named.get("other", Lit(True)))


@operation("torch.isin", "input|elements other|test_elements", rank=0, tries="x, v")
def is_in(ctx: Context, a: Args) -> Value:
    """Which elements are among those of another tensor."""
    ctx.use(a.named.get("other", Lit(None)), Use.COMPARISON)
    return elementwise.mask(ctx, ctx.facts.tensor(a["input"]), Lit(None))


_ASSERTIONS = "assert_allclose assert_array_equal assert_array_almost_equal"


@operation(
    "equal allclose torch.testing.assert_close torch.testing.assert_allclose",
    "input other",
    rank=None,
    tries="equal allclose assert_close: x, x",
)
@operation(
    f"numpy.allclose numpy.array_equal {' '.join(f'numpy.testing.{name}' for name in _ASSERTIONS.split())}",
    "input|a1|actual|x other|a2|desired|y",
    rank=None,
    tries="x.detach(), x.detach()",
)
def equal(ctx: Context, a: Args) -> Value:
    """Whether two tensors are the same as a whole."""
    return _compared(ctx, a, whole=True)


@operation(
    "eq ne isclose",
    "input other",
    rank=None,
    tries="""
        x, y
        eq ne: x, 0
    """,
)
def elementwise_equal(ctx: Context, a: Args) -> Value:
    """Where two tensors are the same."""
    return _compared(ctx, a, whole=False)


def _compared(ctx: Context, a: Args, whole: bool) -> Value:
    if a.op == "eq":
        one = selecting.equal(ctx, a["input"], a.named.get("other", Lit(None)))
        if one is not None:
            return one
    left, right = (tensor_of(ctx, a.named.get(name)) for name in ("input", "other"))
    if not whole and isinstance(a.named.get("other"), Lit):  # as x != 0 is: of two tensors it is one truth, mostly
        return elementwise.mask(ctx, left, a["other"])
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        say_compared(ctx, left.states, right.states, whole=whole)
    elif not whole:
        return elementwise.mask(ctx, left, a.named.get("other", Lit(None)))
    ctx.use(left, Use.COMPARISON)
    ctx.use(right, Use.COMPARISON)
    return Either((Lit(True), Lit(False)))


def measured(ctx: Context, states: States) -> None:
    """All of a tensor becomes one number: if it is how far two readings are from each other, they are compared."""
    if not isinstance(states, Blended) or len(states.parts) != 2:
        return
    # of what a layer, or a mean, has made nobody expects that it is a state
    if all(notes.note(block, Note.GAP) is not None and not block.reduced for block in blocks(states)):
        say_compared(ctx, *states.parts, whole=True)


def say_compared(ctx: Context, left: States, right: States, *, whole: bool) -> None:
    """Two tensors are compared."""
    modules = dict(ctx.calls.modules(left)) | dict(ctx.calls.modules(right))
    ctx.emit(Compared(left, right, whole, ctx.site, tuple(modules.items())))
