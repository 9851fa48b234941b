"""In which order the classes of a file are looked at."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from heapq import heappop, heappush

from rnnlint.interpret.state.frames import Base
from rnnlint.source import program as ir
from rnnlint.values.domain import Class


def in_order(base: Base, classes: Mapping[str, Class]) -> Iterator[str]:
    """The classes, bases before heirs, and what builds a class before that class: it shows how the class is built."""
    places = {name: place for place, name in enumerate(classes)}
    names = list(classes)
    known = {cls.node: name for name, cls in classes.items()}
    after: dict[str, set[str]] = {name: set() for name in names}
    for name, cls in classes.items():
        bases = base.classes[cls.node].bases if cls.node in base.classes else ()
        above = {known[one.node] for one in bases if isinstance(one, Class) and one.node in known}
        for one in above:
            after[one].add(name)
        if isinstance(cls.node, ir.ClassDef):
            after[name] |= (cls.node.names & classes.keys()) - above - {name}
    waits = Counter(later for others in after.values() for later in others)
    ready = [place for place, name in enumerate(names) if not waits[name]]
    left = deque(range(len(names)))
    done: set[int] = set()
    while left:
        if left[0] in done:
            left.popleft()
            continue
        place = heappop(ready) if ready else left[0]  # two that build each other: in the order of the file
        if place in done:
            continue
        done.add(place)
        yield names[place]
        for later in after[names[place]]:
            waits[later] -= 1
            if not waits[later]:
                heappush(ready, places[later])
