"""Values that hold others know how large they are."""

from __future__ import annotations

from collections.abc import Iterable

from rnnlint.axes.states import States, blocks
from rnnlint.frozen import Hashed


class Arranged:
    """A value that is a tensor, or several: ``states`` says what is in it, None where that is not known."""

    __slots__ = ()

    states: States | None


class Compound(Hashed):
    """A value that holds others: ``size`` is how many there are in it and how deeply they are nested.

    Equal values have equal sizes, so comparing sizes first costs nothing and tells most values apart.  Its hash
    is kept, because without that one hash of what is n deep and shared would walk 2**n ways
    (tests/safety/test_growing.py, test_weight_and_hash_take_no_walk).
    """

    __slots__ = ("size",)

    size: tuple[int, int]

    def measure(self, parts: Iterable[object], own: int = 1) -> None:
        """Say what it holds, once it is made; ``own`` is what it weighs without."""
        total, deepest = own, 0
        for part in parts:
            if isinstance(part, Compound):
                weight, depth = part.size
                total += weight
                # by hand and not with max(): measured whenever a value is made
                if depth > deepest:
                    deepest = depth
            else:
                total += weight_of_leaf(part) if isinstance(part, Arranged) else 1
        self.size = (total, deepest + 1)


def weight_of_leaf(value: object) -> int:
    """What a value without others in it weighs: 1, or the blocks of an arrangement and the words of their orders."""
    # because sharing a tensor does not make it smaller to whoever compares or shows it: all its blocks count, wherever
    # it stands
    return arrangement(value.states) if isinstance(value, Arranged) and value.states is not None else 1


def arrangement(states: States) -> int:
    """How large an arrangement is."""
    # a word of orders grows with every sort (tests/safety/test_growing.py), and is compared letter by letter
    total = 0
    for block in blocks(states):
        total += 1
        for _, word in block.orders:
            total += len(word)
    return total


def weight(value: object) -> int:
    """How large a value is: what is in it counts as often as it stands there."""
    return value.size[0] if isinstance(value, Compound) else weight_of_leaf(value)


def nesting(value: object) -> int:
    """How deeply values stand in values."""
    return value.size[1] if isinstance(value, Compound) else 0
