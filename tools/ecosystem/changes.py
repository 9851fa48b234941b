"""What is found now against what was accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tools.ecosystem.lists import Judged, Place
from tools.ecosystem.survey import Found

_Placed = TypeVar("_Placed", Found, Judged)


@dataclass(frozen=True, slots=True)
class Changes:
    """Findings that nobody has judged, and judged ones that are not found any more; each in order of its place."""

    new: tuple[Found, ...]
    gone: tuple[Judged, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.gone)


def compare(found: Sequence[Found], accepted: Sequence[Judged], packages: Iterable[str]) -> Changes:
    """The changes in the packages that were looked at.  Two findings of one code in one line are two."""
    looked_at = frozenset(packages)
    judged = [row for row in accepted if row.place.package in looked_at]
    new = _left(sorted(found, key=lambda one: one.place), Counter(row.place for row in judged))
    gone = _left(sorted(judged, key=lambda row: row.place), Counter(one.place for one in found))
    return Changes(tuple(new), tuple(gone))


def _left(rows: Sequence[_Placed], others: Counter[Place]) -> list[_Placed]:
    """The rows without a partner among the others."""
    left = []
    for row in rows:
        if others[row.place]:
            others[row.place] -= 1
        else:
            left.append(row)
    return left


def carried(found: Sequence[Found], accepted: Sequence[Judged]) -> list[Judged]:
    """The findings as a list to be judged: with the verdicts there are, and none for the new ones."""
    known: dict[Place, list[Judged]] = {}
    for row in accepted:
        known.setdefault(row.place, []).append(row)
    rows = []
    for one in found:
        before = known.get(one.place)
        rows.append(before.pop(0) if before else Judged(one.place, "", one.message))
    return rows
