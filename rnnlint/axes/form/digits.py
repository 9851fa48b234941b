"""Dealing out the digits of a row-major order to axes of other extents."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from rnnlint.axes.form.factors import merged
from rnnlint.axes.states import Axis, Factor, Tangle, Wire


def divided(digits: Axis, target: Sequence[int], first_tangle: int) -> tuple[list[list[Factor]], list[Tangle]]:
    """Row-major ``digits`` dealt out to axes of the extents ``target``, from the right.

    Common boundaries are kept exactly; between two of them that have none, one tangle is opened, numbered from
    ``first_tangle`` on.
    """
    axes: list[list[Factor]] = [[] for _ in target]
    tangles: list[Tangle] = []
    here, there = _Peeler(list(digits)), _Peeler([Factor(None, size) for size in target])
    while there.more():
        # a common boundary: what is inside of it can be dealt out exactly, and nothing is tangled
        # (tests/axes/test_exact.py, test_one_view_is_exact_at_any_extent)
        common = gcd(here.size(), there.size())
        if common > 1:
            axes[there.place()].insert(0, here.peel(common))
            there.peel(common)
            continue
        number = first_tangle + len(tangles)
        inner: list[Factor] = []
        wires: list[int] = []
        here_done, there_done = 1, 1
        while True:
            least = here_done * there_done // gcd(here_done, there_done)
            more_here, more_there = least // here_done, least // there_done
            if least > 1 and here.size() % more_here == 0 and there.size() % more_there == 0:
                break
            # the shorter side takes its next factor, so that the tangle ends at the first place where both sides end
            if here_done * here.size() < there_done * there.size():
                here_done *= here.size()
                inner.insert(0, here.peel(here.size()))
            else:
                there_done *= there.size()
                wires.insert(0, there.place())
                size = there.size()
                there.peel(size)
                # negative for now: counted from the right, since it is not known yet how many there will be
                axes[wires[0]].insert(0, Factor(Wire(number, -len(wires)), size))
        if more_here > 1:
            inner.insert(0, here.peel(more_here))
        if more_there > 1:
            wires.insert(0, there.place())
            there.peel(more_there)
            axes[wires[0]].insert(0, Factor(Wire(number, -len(wires)), more_there))
        extents = [0] * len(wires)
        for axis in axes:
            for place, factor in enumerate(axis):
                if isinstance(factor.along, Wire) and factor.along.tangle == number and factor.along.digit < 0:
                    digit = factor.along.digit + len(wires)
                    extents[digit] = factor.extent
                    axis[place] = Factor(Wire(number, digit), factor.extent)
        tangles.append(Tangle(tuple(extents), merged(inner)))
    return axes, tangles


class _Peeler:
    """Factors taken from the right, in pieces."""

    __slots__ = ("_left", "_rest")

    def __init__(self, factors: list[Factor]) -> None:
        self._left = factors
        self._rest: Factor | None = None
        self._drop_ones()

    def _drop_ones(self) -> None:
        while self._left and self._left[-1].extent == 1:
            self._left.pop()

    def more(self) -> bool:
        return bool(self._left)

    def place(self) -> int:
        """Index of the factor that is being taken from."""
        return len(self._left) - 1

    def size(self) -> int:
        """What is left of the last factor; 1 when nothing is."""
        return self._left[-1].extent if self._left else 1

    def peel(self, count: int) -> Factor:
        """The innermost ``count`` of the last factor, which ``count`` divides."""
        last = self._left[-1]
        if count == last.extent:
            self._left.pop()
            self._drop_ones()
            return last
        self._left[-1] = Factor(last.along, last.extent // count, last.stride * count)
        self._drop_ones()
        return Factor(last.along, count, last.stride)
