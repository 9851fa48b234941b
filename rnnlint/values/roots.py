"""What a free tensor was made of, without changing its rank."""

from __future__ import annotations

from rnnlint.values.domain import Free, Lit
from rnnlint.values.forms import Arithmetic, OfTensor


def base(root: Free) -> Free:
    """The tensor that one of the same rank was made of."""
    while True:
        match root.form:
            case OfTensor(of=inner):
                root = inner
            # with a number, and by no operator that can change a rank: a matrix product or a power of tensors is
            # another tensor
            case Arithmetic("+" | "-" | "*", Free() as inner, Lit()) | Arithmetic(
                "+" | "-" | "*", Lit(), Free() as inner
            ):
                root = inner
            case _:
                return root
