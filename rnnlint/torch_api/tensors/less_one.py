"""Numbers that are one less than others: as an index of steps, lengths less one are each sample's own last step."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from rnnlint.axes.states import Unknown, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.operands import source_key
from rnnlint.values.domain import Formless, Free, Lit, Tensor, Value
from rnnlint.values.forms import Arithmetic, OfTensor
from rnnlint.values.origins import Compared, LastValid
from rnnlint.values.sums import Counted, Sum

T = TypeVar("T", bound=Value)

LAST_ROUND = "the last round of a loop"  # among the origins of a number: it is what a loop counts to
ARRAY = Unknown("an array of numbers of numpy's")
ARRAY_LESS_ONE = Unknown("an array of numbers of numpy's, less one")


def is_last_valid(value: Free) -> bool:
    """Whether an open value is ``something - 1``: used as an index of steps, that is a sequence's own last step."""
    form = value.form
    if not isinstance(form, Arithmetic) or form.op != "-" or form.right != Lit(1):
        return False
    return not isinstance(form.left, Free) or not is_last_valid(form.left)  # one less than that is the step before


def is_lengths_less_one(value: Value) -> bool:
    """Whether a number, or a tensor of numbers, is ``lengths - 1``."""
    of = value if isinstance(value, Free) else source_key(value)  # of a tensor whose rank has shown, what it was
    return is_last_valid(of) if isinstance(of, Free) else isinstance(of, LastValid)


def reckoned_with(ctx: Context, value: T) -> T | Tensor:
    """What is computed of ``lengths - 1`` is no last step any more; anything else as it is."""
    if isinstance(value, Tensor) and is_lengths_less_one(value):
        return Tensor(ctx.given(Compared(ctx.occurrence()), shape(value.states)))
    if isinstance(value, Formless) and is_last_valid(value.root):
        root = value.root
        return replace(value, root=Free(f"a number of {root.key}", root.owner, OfTensor(root)))
    return value


def is_less_one(ctx: Context, value: Value) -> bool:
    """Whether a number is one less than another that the file leaves open, or than a size that it leaves open.

    Not what a loop counts to.
    """
    if isinstance(value, (Free, Tensor)):
        return is_lengths_less_one(value)
    if (length := length_of(value)) is not None:
        return dict(length).get(None) == -1 and sorted(times for _, times in length) == [-1, 1]
    number = ctx.facts.integer(value) if isinstance(value, Lit) and LAST_ROUND not in value.origins else None
    return number is not None and is_open_size(ctx, number + 1)


def length_of(value: Value) -> Sum | None:
    """How long something is of which that is not known, or so many more or less; None for any other value."""
    counted = value.count if isinstance(value, Unknown) else None
    return counted.by if isinstance(counted, Counted) and counted.loop is None else None


def is_open_size(ctx: Context, count: int) -> bool:
    """Whether a number is one size that the file leaves open, as it stands."""
    return [ctx.facts.generic(key) for key in ctx.facts.free_of(count)] == [count]
