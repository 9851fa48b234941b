"""Places: where something happens in a program, a token that the host can turn into a line."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.frozen import dataclass
from rnnlint.values.domain import Lit


@dataclass(frozen=True, slots=True)
class Site:
    """A place, with what was done there.

    ``op`` is the operation (``index``, ``view``, ``cat``, ``call``, ...); ``bounds`` are, for an index, the numbers its
    slices and indices were written with, one tuple an item: (lower, upper, step) or (index,), None for what is not a
    known number.
    """

    node: Hashable
    op: str = ""
    bounds: tuple[tuple[Lit | None, ...], ...] = ()
