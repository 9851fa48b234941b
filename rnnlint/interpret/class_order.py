"""In which order the classes of a file are looked at."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush

from rnnlint.interpret.state.frames import Base
from rnnlint.source import program as ir
from rnnlint.values.domain import Class


def in_order(base: Base, classes: Sequence[tuple[str, Class]]) -> Iterator[tuple[str, Class]]:
    """The classes, bases before heirs, and what builds a class before that class: it shows how the class is built."""
    places: dict[str, list[int]] = {}
    for place, (name, _) in enumerate(classes):
        places.setdefault(name, []).append(place)
    known = {cls.node: place for place, (_, cls) in enumerate(classes)}
    after: list[set[int]] = [set() for _ in classes]
    for place, (_, cls) in enumerate(classes):
        bases = base.classes[cls.node].bases if cls.node in base.classes else ()
        above = {known[one.node] for one in bases if isinstance(one, Class) and one.node in known}
        for one in above:
            after[one].add(place)
        if isinstance(cls.node, ir.ClassDef):
            mentioned = {one for name in cls.node.names & places.keys() for one in places[name]}
            after[place] |= mentioned - above - {place}
    waits = Counter(later for others in after for later in others)
    ready = [place for place in range(len(classes)) if not waits[place]]
    left = deque(range(len(classes)))
    done: set[int] = set()
    while left:
        if left[0] in done:
            left.popleft()
            continue
        place = heappop(ready) if ready else left[0]  # two that build each other: in the order of the file
        if place in done:
            continue
        done.add(place)
        yield classes[place]
        for later in after[place]:
            waits[later] -= 1
            if not waits[later]:
                heappush(ready, later)
