"""Numbers that are not known, as sums of sizes that are open: enough to tell how far apart two of them are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import TypeAlias

from rnnlint.frozen import dataclass

Sum: TypeAlias = frozenset[tuple[Hashable, int]]
"""How often each open size is in a number, and under None how much there is besides; none of them 0 times."""

NOTHING: Sum = frozenset()


def of(size: Hashable, times: int = 1) -> Sum:
    """An open size, or under None a number, so many times."""
    return frozenset({(size, times)}) if times else NOTHING


def plus(one: Sum, other: Sum, times: int = 1) -> Sum:
    """``one + times * other``"""
    found: Counter[Hashable] = Counter(dict(one))
    for size, count in other:
        found[size] += times * count
    return frozenset((size, count) for size, count in found.items() if count)


def positive(number: Sum) -> bool:
    """Whether a number is above 0, whatever the open sizes are, of which each is."""
    return bool(number) and no_less_than_nothing(number)


def no_less_than_nothing(number: Sum) -> bool:
    """Whether a number is 0 or above, whatever the open sizes are."""
    return all(count > 0 for _, count in number)


def within(number: Sum, length: Sum | None) -> bool:
    """Whether a number is at most a length, whatever the open sizes are.

    Of a length that it has nothing to do with: whether it is some open size less others.  Who counts so far takes that
    for the length (``len(table)``, where rows of ``table.values`` are taken).
    """
    if length is not None and {size for size, _ in length} <= {None, *(size for size, _ in number)}:
        return all(count < 0 for _, count in plus(number, length, -1))
    above = [(size, count) for size, count in number if count > 0]
    return len(above) == 1 and above[0][1] == 1 and above[0][0] is not None


@dataclass(frozen=True, slots=True)
class Counted:
    """A number that is not known: the sum ``by``, and what a ``loop`` counts, if there is one: from ``first``, at most
    to ``last``."""

    by: Sum
    loop: Hashable = None
    first: Sum = NOTHING
    last: Sum = NOTHING
