"""In which arms of branches recurrent modules are called: which calls stand for one another, since only one is made.

Whoever packs in one arm and not in the other (``if lengths is None``) knows which batches are padded.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from rnnlint.axes.states import Call
from rnnlint.events import Used
from rnnlint.interpret.state.here import Arms, Here
from rnnlint.interpret.state.journal import Journal
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.values.domain import Recurrent

Way: TypeAlias = tuple[Arms, tuple[Hashable, ...]]
"""The arms in which something is done, and the places of the calls that led there."""
_ALWAYS: Way = ((), ())


@dataclass(slots=True)
class Alternatives:
    """``arms`` are those in which each call is made, ``stands`` the function and the place in it.

    ``left`` are the arms that do not go on behind the branch (they return, say), by the calls of functions that led
    there: what comes later in these is not run after such an arm.
    """

    here: Here
    journal: Journal
    arms: dict[Call, Arms] = field(default_factory=dict)
    stands: dict[Call, tuple[Hashable, Hashable]] = field(default_factory=dict)
    places: dict[Call, tuple[Hashable, ...]] = field(default_factory=dict)
    left: set[tuple[Arms, tuple[Hashable, ...]]] = field(default_factory=set)
    # by the number of each, which is kept as well, so that no other is ever given it
    used: dict[int, tuple[Used, Way]] = field(default_factory=dict)

    def remember(self, call: Call) -> None:
        """A recurrent module is called."""
        self.journal.did("alternatives", "remember", call)
        self.arms.setdefault(call, self.here.path.arms)
        calls = self.here.path.calls
        self.stands.setdefault(call, (calls[-1].function if calls else None, self.here.site.node))
        self.places.setdefault(call, self.here.places)

    def use(self, event: Used) -> None:
        """What calls have returned is used; what is used in several arms is used in what is common to them."""
        self.journal.did("alternatives", "use", event)
        way = self.here.path.arms, self.here.places
        known = self.used.get(id(event))
        self.used[id(event)] = event, way if known is None else (_common(known[1][0], way[0]), way[1])

    def apart(self, uses: Sequence[Used]) -> frozenset[tuple[int, int]]:
        """Of some uses those, by their places, of which a run of the program comes by one only."""
        ways = [self.used[id(one)][1] if id(one) in self.used else _ALWAYS for one in uses]
        pairs = ((first, later) for later in range(len(ways)) for first in range(later))
        return frozenset(
            pair
            for first, later in pairs
            if ways[first][0] and self._one_only(ways[first], ways[later])
            for pair in ((first, later), (later, first))
        )

    def _one_only(self, first: Way, later: Way) -> bool:
        return _parting(first[0], later[0]) is not None or self._passed(first, later)

    def leave(self, arms: Arms) -> None:
        """The last of ``arms`` has no end: what comes behind its branch comes after another."""
        self.journal.did("alternatives", "leave", arms)
        self.left.add((arms, self.here.places))

    def optional(self, modules: Mapping[Call, Recurrent]) -> Collection[Call]:
        """The calls whose module is handed a PackedSequence instead, in another arm or by another value of the same
        argument.  ``modules`` are those of all calls, in the order in which these were made."""
        packed = [call for call in modules if call.packed]
        if not packed:
            return ()
        order = {call: place for place, call in enumerate(modules)}
        return {
            call
            for call, module in modules.items()
            if not call.packed
            and any(modules[other].site == module.site and self._instead(call, other, order) for other in packed)
        }

    def _instead(self, call: Call, other: Call, order: Mapping[Call, int]) -> bool:
        """Whether only one of two calls is made."""
        if call.key == other.key:  # one call, on what may be either
            return True
        first, later = sorted((call, other), key=order.__getitem__)
        branch = _parting(self.arms[first], self.arms[later])
        if branch is not None:
            return not (call.padding and _by_setting(branch))
        return self._behind(first, later)

    def _behind(self, first: Call, later: Call) -> bool:
        """Whether the arm in which the first is made does not go on to the later, in the same call of a function."""
        return self._passed((self.arms[first], self.places[first]), (self.arms[later], self.places[later]))

    def _passed(self, first: Way, later: Way) -> bool:
        """Whether the arm in which something is done does not go on to something later."""
        (before, way), (after, places) = first, later
        return any(
            before[: len(arms)] == arms != after[: len(arms)] and way[: len(around)] == around == places[: len(around)]
            for arms, around in self.left
        )


def _common(one: Arms, other: Arms) -> Arms:
    """The arms that two ways go through both."""
    pairs = list(zip(one, other, strict=False))
    differ = next((place for place, (left, right) in enumerate(pairs) if left != right), len(pairs))
    return one[:differ]


def _parting(one: Arms, other: Arms) -> Hashable:
    """The branch of which both are arms, and not the same; None where there is none."""
    differ = next(((left, right) for left, right in zip(one, other, strict=False) if left != right), None)
    return differ[0][0] if differ is not None and differ[0][0] == differ[1][0] else None


def _by_setting(branch: Hashable) -> bool:
    """Whether a branch asks how the module was built (``if self.pack``) and nothing else: then the batches of both arms
    are the same."""
    if not isinstance(branch, ir.If):
        return False
    names = [part.id for part in walking.walk(branch.test) if isinstance(part, ir.Name)]
    asks = [part.attr for part in walking.walk(branch.test) if isinstance(part, ir.Attribute)]
    return bool(names) and set(names) == {"self"} and "training" not in asks
