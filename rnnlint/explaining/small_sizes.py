"""Sizes that a program leaves open, in numbers that can be looked at."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from rnnlint.axes.states import Call, States, blocks
from rnnlint.drawing.resized import NoSize
from rnnlint.interpret.state.sizes import LEAST, Sizes

# steps, samples, units, layers, and what is none of these: small, and all different so that nothing is taken for
# another; more where the program asks for a position, or for a part, that there is not
_SMALL = ((5, 3, 4, 2, 4), (8, 4, 8, 2, 4), (12, 4, 12, 4, 8), (24, 8, 24, 4, 24), (48, 16, 48, 8, 48))


def calls_of(every: Iterable[States]) -> list[Call]:
    """The calls of recurrent modules that tensors are made of."""
    found = (block.source for states in every for block in blocks(states))
    return list(dict.fromkeys(source for source in found if isinstance(source, Call)))


def choices(sizes: Sizes, calls: Sequence[Call]) -> Iterator[dict[Hashable, int]]:
    """What open sizes can be drawn as, by their keys, the smallest first; other keys are as many as the last."""
    for *of_calls, other in _SMALL:
        chosen: dict[Hashable, int] = _Others(other)
        for call in calls:
            for number, small in zip(sizes_of(call), (*of_calls[:3], of_calls[2], of_calls[3]), strict=True):
                made = sizes.made(number)
                if made is not None and len(made.keys) == 1 and made.keys[0] not in chosen:
                    # the size that the call has is the small one: of half of an open one that is twice as much
                    whole = (small - made.distance) / made.factor
                    part = made.factor.denominator
                    chosen[made.keys[0]] = max(1, -(-whole.numerator // whole.denominator) // part) * part
        yield chosen


class _Others(dict[Hashable, int]):
    """Sizes by their keys; those of whom nothing is known have one too."""

    def __init__(self, other: int) -> None:
        super().__init__()
        self._other = other

    def __missing__(self, key: Hashable) -> int:
        self[key] = self._other
        return self._other


def sizes_of(call: Call) -> tuple[int, ...]:
    """Steps, samples, units of outputs and of cell states, layers."""
    return call.steps, call.samples or 1, call.units, call.cell_units, call.layers


class Sizing:
    """Numbers in other sizes; ``met`` has the keys of those that have been asked for."""

    def __init__(self, sizes: Sizes, chosen: Mapping[Hashable, int]) -> None:
        self.sizes, self.chosen = sizes, chosen
        self.met: dict[Hashable, int] = {}
        self._known: dict[int, int] = {}  # what a number is made of is found by dividing it by every open size

    def of(self, number: int) -> int:
        """A number in these sizes.  Raises NoSize."""
        if number < LEAST:
            return number
        if number not in self._known:
            made = self.sizes.made(number)
            found = None if made is None else made.at(self.chosen)
            if made is None or found is None or found < 0:
                raise NoSize
            self.met.update((key, self.chosen[key]) for key in made.keys)
            self._known[number] = found
        return self._known[number]
