"""einops, for literal patterns."""

from __future__ import annotations

from collections.abc import Callable

from rnnlint.axes.operations import patterns
from rnnlint.axes.operations import products as algebra
from rnnlint.axes.states import Result, Unknown, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import tensor_of, untold
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.tensors import products
from rnnlint.values.domain import Formless, Lit, Tensor, Value
from rnnlint.values.uses import Use


def _pattern(ctx: Context, a: Args) -> tuple[str, dict[str, int]] | None:
    """A literal pattern and the sizes it names."""
    pattern = a.named.get("pattern")
    if not isinstance(pattern, Lit) or not isinstance(pattern.value, str):
        return None
    sizes = {
        name: ctx.facts.integer(value)
        for name, value in a.named.items()
        if name not in ("tensor", "pattern", "reduction")
    }
    known = {name: size for name, size in sizes.items() if size is not None}
    return (pattern.value, known) if len(known) == len(sizes) else None


@operation(
    "einops.rearrange",
    "tensor pattern **",
    rank="any",
    tries="""
        x, 'b t u -> b (t u)'
        x, 'b t (d u) -> b t d u', d=2
    """,
    refuses="""
        x, 'b t -> t b' -> EinopsError
        x, 'b t (d u) -> b t d u', d=4 -> EinopsError
    """,
)
def rearrange(ctx: Context, a: Args) -> Value:
    """``einops.rearrange`` for a literal pattern."""
    return _einops(ctx, a, patterns.rearrange)


@operation(
    "einops.reduce",
    "tensor pattern reduction **",
    rank="any",
    tries="x, 'b t u -> b u', 'mean'",
    refuses="x, 'b t -> b', 'mean' -> EinopsError",
)
def einops_reduce(ctx: Context, a: Args) -> Value:
    """``einops.reduce`` for a literal pattern."""
    return _einops(ctx, a, patterns.einreduce)


@operation(
    "einops.repeat",
    "tensor pattern **",
    rank="any",
    tries="""
        x, 'b t u -> b r t u', r=2
        m, 'b u -> b t u', t=5
        x, 'b t u -> b (t r) u', r=2
    """,
    refuses="x, 'b t -> t b r', r=2 -> EinopsError",
)
def einops_repeat(ctx: Context, a: Args) -> Value:
    """``einops.repeat`` for a literal pattern."""
    return _einops(ctx, a, patterns.einrepeat)


@operation(
    "einops.einsum",
    "*operands",
    rank="any",
    tries="""
        x, y, 'b t u, b s u -> b t s'
        x, 'batch step unit -> batch unit'
        ? x, y, 'b t u, ... u -> b t ...'
    """,
)
def einops_einsum(ctx: Context, a: Args) -> Value:
    """``einops.einsum`` for a literal pattern, whose axes have names."""
    *operands, pattern = a.rest or (Unknown("no operands"),)
    for value in operands:
        ctx.use(value, Use.ARITHMETIC)
    known = [
        states for states in (products.states_of(ctx.facts.tensor(value)) for value in operands) if states is not None
    ]
    text = pattern.value if isinstance(pattern, Lit) and isinstance(pattern.value, str) else ""
    terms, _, wanted = text.partition("->")
    labels = [tuple(term.split()) for term in terms.split(",")]
    fits = [len(names) for names in labels] == [len(shape(states)) for states in known]
    if len(known) != len(operands) or not fits or not set("".join(text.split())) <= _NAMED:
        return Unknown("an einsum of tensors")
    return products.made(ctx, algebra.multiply(known, labels, tuple(wanted.split())))


_NAMED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789,->")


def _einops(ctx: Context, a: Args, operate: Callable[..., Result]) -> Value:
    tensor, pattern = tensor_of(ctx, a.get("tensor")), _pattern(ctx, a)
    rank = None if pattern is None else patterns.rank_of(pattern[0])
    if isinstance(tensor, Formless) and rank is not None:
        ctx.facts.rank(tensor, rank)
    if not isinstance(tensor, Tensor) or pattern is None:
        return untold(ctx, tensor, "an einops pattern that is not known")
    return ctx.settle(operate(tensor.states, pattern[0], **pattern[1]))
