"""Generic extents for the sizes a file leaves open.

Each is four times a prime of its own: two open sizes share no factor but four, so nothing fits by chance, and halves
and quarters of them (``hidden // 2``, attention heads) come out whole.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction
from functools import cache
from math import gcd

from rnnlint.frozen import dataclass
from rnnlint.values.domain import NOWHERE, Origins

LEAST = 1_000_003
"""The least prime used: larger than any size a program writes down, so that what is smaller is nobody's open size; a
convention, of seven digits so that a product of two stays well below ``limits.digits``."""
# up to 1,200, whose square is above the largest number that is looked at
_DIVISORS = tuple(n for n in range(3, 1200, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2)))


@cache
def _prime(index: int) -> int:
    """The primes from ``LEAST`` on (up to 1,400,000, where the divisors end; far more than a file needs).

    To be asked for in order: each is looked for after the one before it, once for all files.
    """
    candidate = _prime(index - 1) + 2 if index else LEAST
    while not all(candidate % divisor for divisor in _DIVISORS):
        candidate += 2
    return candidate


_NEAR = 8  # from a product of open sizes, so far away a number is said by it: steps - 1, never millions less something


@dataclass(frozen=True, slots=True)
class Made:
    """What a number is made of: ``factor`` times the open sizes of these ``keys``, plus ``distance``."""

    factor: Fraction
    keys: tuple[Hashable, ...] = ()
    distance: int = 0

    def at(self, sizes: Mapping[Hashable, int]) -> int | None:
        """The number where the open sizes are these; None where it is none."""
        product = self.factor
        for key in self.keys:
            product *= sizes[key]
        return product.numerator + self.distance if product.denominator == 1 else None


class Sizes:
    """The generic extents of one file; a key always has the same one."""

    def __init__(self) -> None:
        self._by_key: dict[Hashable, int] = {}
        self._owners: list[tuple[int, Origins]] = []
        self._found: dict[int, tuple[int, Origins]] = {}  # the origins of a number, among how many owners

    def of(self, key: Hashable, origins: Origins = NOWHERE) -> int:
        """The extent of a key; ``origins`` say where it comes from, where that is not the key itself."""
        if key not in self._by_key:
            prime = _prime(len(self._owners))
            self._by_key[key] = 4 * prime
            self._owners.append((prime, origins or frozenset({key})))
        return self._by_key[key]

    def made(self, number: int) -> Made | None:
        """What a number of 0 or more is made of; None for a large one that is near no product of open sizes."""
        if number < LEAST:
            return Made(Fraction(number))
        for distance in sorted(range(-_NEAR, _NEAR + 1), key=abs):
            rest, keys = self._factored(number - distance)
            if keys and rest < LEAST:
                return Made(Fraction(rest, 4 ** len(keys)), keys, distance)  # an open size is four times its prime
        return None

    def _factored(self, number: int) -> tuple[int, tuple[Hashable, ...]]:
        """The open sizes that a number is a multiple of, and what is left of it."""
        keys: list[Hashable] = []
        for key, size in self._by_key.items():
            while number % (size // 4) == 0:
                number //= size // 4
                keys.append(key)
        return number, tuple(keys)

    def differ(self, a: int, b: int) -> bool:
        """Whether two extents that differ here differ whatever the open sizes are: by a factor, or by a product."""
        divisor = gcd(a, b) or 1
        if max(a, b) // divisor < LEAST:
            return True
        rest = abs(a - b)
        for prime, _ in self._owners:
            while rest % prime == 0:
                rest //= prime
        return rest < LEAST

    def origins(self, number: int) -> Origins:
        """The open sizes that an extent is a multiple of."""
        if number < LEAST:
            return NOWHERE
        # owners only come, so that none is tried twice: every number that is read is asked for its origins
        known, found = self._found.get(number, (0, NOWHERE))
        if known < len(self._owners):
            for prime, origins in self._owners[known:]:
                if number % prime == 0:
                    found |= origins
            self._found[number] = len(self._owners), found
        return found
