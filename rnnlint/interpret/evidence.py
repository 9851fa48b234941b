"""What one run has seen of the layout of tensors, and the calls it is held against at the end."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from rnnlint.axes.states import Call, Role, Source, States, blocks
from rnnlint.events import Called, Event, Evidence, Squeezed, Used
from rnnlint.torch_api.layout import contrary


@dataclass(slots=True)
class Layouts:
    """Evidence about axes, by the key of a given tensor; the recurrent calls; the sites whose result is looked at."""

    axes: dict[tuple[Hashable, int], list[Evidence]] = field(default_factory=dict)
    calls: dict[Call, Called] = field(default_factory=dict)
    recurring: set[Source] = field(default_factory=set)
    looked: set[Hashable] = field(default_factory=set)

    def show(self, key: Hashable, axis: int, evidence: Evidence) -> None:
        self.axes.setdefault((key, axis), []).append(evidence)

    def shown(self, key: Hashable, axis: int) -> Evidence | None:
        """The first evidence about an axis; None where there is none, or evidence for both."""
        found = self.axes.get((key, axis), [])
        return found[0] if len({evidence.role for evidence in found}) == 1 else None

    def recurs(self, states: States) -> bool:
        return any(block.source in self.recurring for block in blocks(states))

    def judged(self) -> list[Called]:
        """The calls, in order, each with the evidence against its layout."""
        done: dict[Call, Called] = {}

        def made(call: Call) -> Evidence | None:
            before = done.get(call)
            if before is None or before.contrary is not None:
                return None
            return Evidence(Role.SAMPLE, f"the nn.{before.module.cell} before", before.site)

        for call, event in self.calls.items():
            against = None
            if event.source is not None:
                against = contrary(event.source, event.module.batch_first, self.shown, made)
            done[call] = replace(event, contrary=against)
        return list(done.values())


def completed(events: list[Event], calls: list[Called], looked: set[Hashable]) -> list[Event]:
    """The events with what only the end of the run tells: the calls in doubt, the squeezes that are looked at."""
    misfed: set[Call] = set()
    for event in calls:
        sources = () if event.source is None else (block.source for block in blocks(event.source))
        if event.contrary is not None or any(source in misfed for source in sources):
            misfed.add(event.call)
    if not misfed and not looked:
        return events
    return [_completed(event, misfed, looked) for event in events]


def _completed(event: Event, misfed: set[Call], looked: set[Hashable]) -> Event:
    if isinstance(event, Used):
        concerned = frozenset(call for call, _ in event.modules if call in misfed)
        return replace(event, misfed=concerned) if concerned else event
    if isinstance(event, Squeezed) and event.site.node in looked:
        return replace(event, repaired=True)
    return event
