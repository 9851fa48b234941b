"""Sets of positions along a role, written so that 10**9 of them are no more than one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rnnlint.axes.states import Factor
from rnnlint.frozen import dataclass

MOST = 4096
"""Up to so many positions are listed one by one where they are no single progression."""


class TooMany(Exception):
    """There are more states than are looked at one by one."""


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """The positions ``start``, ``start + step``, ...: ``count`` of them, at least one; ``step`` is at least 1."""

    start: int
    count: int = 1
    step: int = 1

    @property
    def last(self) -> int:
        """The largest of them."""
        return self.start + self.step * (self.count - 1)

    def positions(self) -> range:
        """All of them, rising."""
        return range(self.start, self.last + 1, self.step)


Runs = tuple[Run, ...]


def size(runs: Runs) -> int:
    """How many positions there are."""
    return sum(run.count for run in runs)


def listed(runs: Runs) -> list[int]:
    """All positions, rising.  TooMany where they are."""
    if size(runs) > MOST:
        raise TooMany
    return sorted({place for run in runs for place in run.positions()})


def runs_of(positions: Iterable[int]) -> Runs:
    """Positions as runs, greedily from the least on."""
    left = sorted(set(positions))
    out: list[Run] = []
    while left:
        step = left[1] - left[0] if len(left) > 1 else 1
        count = 1
        while count < len(left) and left[count] - left[count - 1] == step:
            count += 1
        # two that are apart are no progression, and the second may begin one
        if count == 2 and step > 1 and len(left) > 2:
            count = 1
        out.append(Run(left[0], count, step if count > 1 else 1))
        left = left[count:]
    return tuple(out)


def progression(base: int, factors: Sequence[Factor]) -> Runs:
    """``base`` plus every sum of the strides of some factors.  TooMany where these are no progression, and many."""
    moving = [factor for factor in factors if factor.extent > 1 and factor.stride]
    if not moving:
        return (Run(base),)
    if len(moving) == 1:
        (factor,) = moving
        low = base + min(0, factor.stride * (factor.extent - 1))
        return (Run(low, factor.extent, abs(factor.stride)),)
    places = {base}
    for factor in moving:
        if len(places) * factor.extent > MOST:
            raise TooMany
        places = {place + factor.stride * digit for place in places for digit in range(factor.extent)}
    return runs_of(places)


def union(several: Iterable[Runs]) -> Runs:
    """The positions of all of them."""
    distinct = list(dict.fromkeys(several))
    if len(distinct) == 1:
        return distinct[0]
    return runs_of(place for runs in distinct for place in listed(runs))
