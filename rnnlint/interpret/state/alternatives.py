"""In which arms of branches recurrent modules are called: which calls stand for one another, since only one is made.

Whoever packs in one arm and not in the other (``if lengths is None``) knows which batches are padded.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field

from rnnlint.axes.states import Call
from rnnlint.interpret.state.here import Arms, Here
from rnnlint.interpret.state.journal import Journal
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.values.domain import Recurrent


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

    def remember(self, call: Call) -> None:
        """A recurrent module is called."""
        self.journal.did("alternatives", "remember", call)
        self.arms.setdefault(call, self.here.path.arms)
        calls = self.here.path.calls
        self.stands.setdefault(call, (calls[-1].function if calls else None, self.here.site.node))
        self.places.setdefault(call, self.here.places)

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
        before, after = self.arms[first], self.arms[later]
        places = self.places[later]
        return any(
            before[: len(arms)] == arms != after[: len(arms)]
            and self.places[first][: len(around)] == around == places[: len(around)]
            for arms, around in self.left
        )


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
