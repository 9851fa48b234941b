"""Readings that tests draw."""

from __future__ import annotations

from functools import cache
from itertools import count, islice

from oracle import pictures
from oracle.pictures import Reading


@cache
def first_readings(many: int) -> list[Reading]:
    """The first readings that the algebra knows."""
    found = (pictures.reading(seed) for seed in count())
    return list(islice((one for one in found if one is not None), many))
