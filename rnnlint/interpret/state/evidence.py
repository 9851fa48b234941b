"""What one run has seen of the layout of tensors, and the calls it is held against at the end."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from rnnlint.axes.reading import marking
from rnnlint.axes.reading.meaning import reach
from rnnlint.axes.states import Block, Call, Given, Note, Role, Source, States, blocks, shape
from rnnlint.events import Called, Event, Evidence, Joining, Read, Reduced, Site, Squeezed, Used
from rnnlint.interpret.state.here import Here
from rnnlint.interpret.state.journal import Ask, Journal
from rnnlint.torch_api.batches.layout import channels, contrary, of_one, rows_of_samples
from rnnlint.values.origins import Chosen, Fresh


@dataclass(slots=True)
class Layouts:
    """Evidence about axes, by the key of a given tensor; the recurrent calls; whether states were laid below others.

    Fresh numbers (``torch.randn(4, 7, 3)``) are nobody's data: the same are tried out on modules of either layout.
    What is shown of them counts in the call of a function that shows it.
    """

    here: Here
    journal: Journal
    axes: dict[tuple[Hashable, int], list[Evidence]] = field(default_factory=dict)
    joined: dict[Hashable, Evidence] = field(default_factory=dict)  # what a loop joins, one wide
    calls: dict[Call, Called] = field(default_factory=dict)
    functions: dict[Call, Hashable] = field(default_factory=dict)  # where each call stands
    places: dict[Call, Hashable] = field(default_factory=dict)  # where those in loops stand, and by which calls
    # the shapes that a call in a loop is made on, in the first round and in later ones
    rounds: dict[tuple[Hashable, bool], set[tuple[int, ...]]] = field(default_factory=dict)
    recurring: set[Source] = field(default_factory=set)
    # calls of one sample, from the state that they have returned before, with their input in the second round
    gone_on: dict[Call, States] = field(default_factory=dict)
    laid: bool = False  # whether states were laid below each other anywhere

    def remember(self, event: Called) -> None:
        """A recurrent module is called."""
        self.journal.did("layouts", "remember", event)
        known = self.calls.get(event.call)
        carried = event.carried or (known is not None and known.carried)
        self.calls[event.call] = event if carried is event.carried else replace(event, carried=carried)
        self.functions[event.call] = self.here.function
        loops = self.here.path.loops
        if loops and event.source is not None:
            later = any(loop.round > 0 for loop in loops)
            # by where it stands: loops over known elements give each of their rounds calls of its own
            place = self.places[event.call] = event.site.node, self.here.places
            self.rounds.setdefault((place, later), set()).add(shape(event.source))

    def go_on(self, call: Call, source: States) -> None:
        """A call of one sample goes on, with another input, from the state that it returned in the round before."""
        self.journal.did("layouts", "go_on", call, source)
        self.gone_on.setdefault(call, source)

    def show(self, key: Hashable, axis: int, evidence: Evidence) -> None:
        """The program shows what an axis of the given tensor ``key`` is."""
        self.journal.did("layouts", "show", key, axis, evidence)
        place = _scoped(key, self.here.function)
        if place is not None:
            self.journal.changes(Ask.SHOWN, (place, axis), self.known_of(place, axis))
            self.axes.setdefault((place, axis), []).append(evidence)

    def join_rounds(self, states: States, axis: int, why: str) -> None:
        """What a loop makes each time round, one wide along an axis, is joined along it to what it made before."""
        self.journal.did("layouts", "join_rounds", states, axis, why)
        for block in blocks(states):
            made = self._of_one(block, axis)
            if made is not None:
                self.joined.setdefault(made, Evidence(Role.STEP, why, self.here.site))

    def _of_one(self, block: Block, axis: int) -> Hashable | None:
        """What an axis of one stands beside others in: a given tensor that has one such, all steps of a sample."""
        source, sizes = block.source, shape(block)
        if sizes[axis] != 1 or max(sizes) == 1:
            return None
        if isinstance(source, Given):
            # what was chosen by scores of a call: a tensor that a loop repeats is not what it feeds back
            fed_back = isinstance(source.key, Chosen) and bool(source.key.of)
            return source.key if fed_back and source.shape.count(1) == 1 else None
        event = self.calls.get(source)
        if event is None or axis != (0 if event.module.batch_first else 1):
            return None
        return event.module.site if reach(block)[Role.STEP] == source.steps != 1 == source.samples else None

    def _in_rounds(self, event: Called) -> Evidence | None:
        """The evidence that the axis of one, which a call takes for samples, are steps: a loop joins them.

        So what it takes for steps are the samples.  (Where both are one wide, it is the same in either layout.)
        """
        sizes, samples = () if event.source is None else shape(event.source), 0 if event.module.batch_first else 1
        if event.source is None or len(sizes) != 3 or sizes[samples] != 1 or sizes[1 - samples] == 1:
            return None
        made = (self._of_one(block, samples) for block in blocks(event.source))
        return next((self.joined[one] for one in made if one in self.joined), None)

    def shown(self, key: Hashable, axis: int) -> Evidence | None:
        """The first evidence about an axis; None where there is none, or evidence for both."""
        return self._shown(key, axis, self.here.function)

    def _shown(self, key: Hashable, axis: int, function: Hashable) -> Evidence | None:
        place = _scoped(key, function)
        found = self.known_of(place, axis)
        self.journal.asked(Ask.SHOWN, (place, axis), found)
        return found

    def known_of(self, place: Hashable, axis: int) -> Evidence | None:
        """As :meth:`shown`, by the key under which it is kept, for who only compares: it is not asked."""
        found = self.axes.get((place, axis), [])
        return found[0] if len({evidence.role for evidence in found}) == 1 else None

    def lay_below(self, states: States, viewed: bool = False) -> States:
        """States were laid below each other along the samples, here; what takes them apart is looked out for."""
        self.lay()
        return marking.laid_below(states, self.here.site, viewed)

    def lay(self) -> None:
        """States were laid below each other."""
        self.journal.did("layouts", "lay")
        self.journal.changes(Ask.LAID, None, self.laid)
        self.laid = True

    def took_apart(self, states: States) -> None:
        """States came of an operation: if some were laid below each other, they may stand apart again."""
        self.journal.asked(Ask.LAID, None, self.laid)
        if self.laid:
            self.journal.account.apart |= marking.taken_apart(states)

    def recur(self, source: Source) -> None:
        """A state is handed back to the call that made it: what that call makes are the steps of a loop."""
        self.journal.did("layouts", "recur", source)
        self.journal.changes(Ask.RECURRING, source, source in self.recurring)
        self.recurring.add(source)

    def look(self, states: States) -> None:
        """The program asks for the shape of a tensor as a whole, or for its rank."""
        if self.here.path.deciding:
            self.restored(states)
        else:
            self.measure(states)

    def measure(self, states: States) -> None:
        """The program asks for extents of a tensor."""
        self.journal.account.measured |= squeezed_at(states)

    def view(self, states: States) -> None:
        """A tensor gets the axes that the program writes down, whichever it has."""
        self.journal.account.viewed |= squeezed_at(states)

    def restored(self, states: States) -> None:
        """A tensor gets the axes back that a squeeze without an axis may have taken."""
        self.journal.account.looked |= squeezed_at(states)

    def broadcast(self, states: States, node: Hashable, other: States) -> None:
        """What an expression has squeezed is combined, element by element, with another tensor."""
        alike = len(shape(states)) > 1 and shape(states) == shape(other) and _of_samples(states, 0)
        if alike and node in squeezed_at(states) and not squeezed_at(other):
            self.journal.account.looked.add(node)

    def take_all(self, states: States, node: Hashable) -> None:
        """Of what an expression has squeezed all elements are taken at once, however many axes are left."""
        if node in squeezed_at(states):
            self.journal.account.looked.add(node)

    @property
    def looked(self) -> set[Hashable]:
        """The sites of squeezes whose result is looked at."""
        return self.journal.account.looked

    @property
    def viewed(self) -> set[Hashable]:
        """The sites of squeezes after which a view names the axes; not by extents of what the squeeze has left."""
        return self.journal.account.viewed - self.journal.account.measured

    @property
    def apart(self) -> set[Hashable]:
        """The places where states were laid below each other, if they were taken apart."""
        return self.journal.account.apart

    def count(self, size: int) -> None:
        """The program asks whether an open size is one."""
        if self.here.path.deciding:
            self.journal.account.ones.add(size)

    def counted(self, size: int) -> bool:
        """Whether a condition has compared an open size with 1, so that it is not always one."""
        account = self.journal.account
        while size not in account.ones:
            if account.around is None:
                return False
            account = account.around
        self.journal.spoil()  # it is asked of all that was run so far
        return True

    def one_by_one(self, call: Call) -> bool:
        """Whether a call is made anew of each position of the first of a tensor's four axes; a state would go on."""
        self.journal.spoil()  # it is asked of all calls that were made so far
        event = self.calls.get(call)
        if event is None or event.source is None or not of_one(event.source):
            return False
        return not any(other.carried for other in self.calls.values() if other.site.node == event.site.node)

    def asked_for(self, event: Squeezed) -> bool:
        """Whether the program asks, for each open axis of samples that a squeeze may take, whether it is one wide.

        Where none is known to be theirs, for each open axis.
        """
        sizes = shape(event.before)
        samples = [axis for axis in event.open if _of_samples(event.before, axis)]
        return bool(event.open) and all(sizes[axis] in self.journal.account.ones for axis in samples or event.open)

    def recurs(self, states: States) -> bool:
        """Whether a tensor is made of states that a loop hands from step to step."""
        return any(self._recurs(block.source) for block in blocks(states))

    def _recurs(self, source: Source) -> bool:
        recurs = source in self.recurring
        self.journal.asked(Ask.RECURRING, source, recurs)
        return recurs

    def _grows(self, place: Hashable) -> bool:
        """Whether later rounds of a loop hand a call what the first one has not."""
        return not self.rounds.get((place, True), set()) <= self.rounds.get((place, False), set())

    def judged(self, going_on: Mapping[Call, Iterable[Used]]) -> list[Called]:
        """The calls, in order, each with the evidence against its layout, and whether its state is carried on.

        ``going_on`` gives the uses of a call after which another one can be handed what was used.
        """
        done: dict[Call, Called] = {}
        carrying = {event.site.node for event in self.calls.values() if event.carried}
        modules = {event.module.site for event in self.calls.values() if event.carried}

        def made(call: Call) -> Evidence | None:
            before = done.get(call)
            if before is None or before.contrary is not None:
                return None
            return Evidence(Role.SAMPLE, f"the nn.{before.module.cell} before", before.site)

        for call, event in self.calls.items():
            against, place = None, None
            if event.source is not None:
                known = partial(self._shown, function=self.functions[call])
                against = contrary(event.source, event.module.batch_first, known, made, self.one_by_one)
                # the channels are no steps, whatever the other axis is; where both are astray, one turn mends both
                place, shown = channels(event.source, known) or (None, None)
                if place == (1 if event.module.batch_first else 0):
                    against = shown
                if event.site.node in carrying:
                    against = against or self._in_rounds(event)
                if call in self.gone_on:
                    rows = rows_of_samples(self.gone_on[call], int(event.module.batch_first), known)
                    against = against or rows
            continued = event.module.site in modules or any(_holds_state(used, call) for used in going_on.get(call, ()))
            done[call] = replace(
                event,
                carried=event.site.node in carrying,
                contrary=against,
                channels=place,
                continued=continued,
                grows=self._grows(self.places.get(call)),
            )
        return list(done.values())


def squeezed_at(states: States) -> set[Hashable]:
    """The sites of the squeezes without an axis that a tensor has gone through."""
    marks = (mark for block in blocks(states) for mark in block.marks)
    return {mark.site.node for mark in marks if mark.about is Note.SQUEEZED and isinstance(mark.site, Site)}


def _of_samples(states: States, axis: int) -> bool:
    return any([factor.along for factor in block.axes[axis]] == [Role.SAMPLE] for block in blocks(states))


def _holds_state(used: Used, call: Call) -> bool:
    """Whether the state that a call returns is used as it is: every layer and direction, and none picked."""
    return any(block.source == call and _whole_state(block, call) for block in blocks(used.states))


def _whole_state(block: Block, call: Call) -> bool:
    about = {mark.about for mark in block.marks}
    if block.reduced or Note.STATE not in about or Role.LAYER in about or Role.DIRECTION in about:
        return False
    read = reach(block)
    return read[Role.LAYER] == call.layers and read[Role.DIRECTION] == call.directions


def _scoped(key: Hashable, function: Hashable) -> Hashable | None:
    """The key under which something is known of a given tensor; None where nothing is to be known of it."""
    if not isinstance(key, Fresh):
        return key
    return None if function is None else (key, function)


def in_doubt(calls: Iterable[Called]) -> set[Call]:
    """The calls whose input is in the other layout, and those that read what such a call returned."""
    misfed: set[Call] = set()
    for event in calls:
        sources = () if event.source is None else (block.source for block in blocks(event.source))
        if event.contrary is not None or any(source in misfed for source in sources):
            misfed.add(event.call)
    return misfed


@dataclass(frozen=True, slots=True)
class Doubts:
    """Calls of which the end of a run tells more: ``misfed`` are in doubt about their layout; of the padding of
    ``optional`` something else says that there is none: another arm packs in their place, all that is seen to be handed
    in has none, or they start from the state of one sample."""

    misfed: Collection[Call] = ()
    optional: Collection[Call] = ()

    def __bool__(self) -> bool:
        return bool(self.misfed or self.optional)

    def told(self, used: Used) -> Used:
        """The use with what concerns its calls; the very same object where nothing does."""
        misfed = frozenset(call for call, _ in used.modules if call in self.misfed)
        optional = frozenset(call for call, _ in used.modules if call in self.optional)
        if not misfed and not optional:
            return used
        return replace(used, misfed=used.misfed | misfed, optional=used.optional | optional)

    def of(self, event: Event) -> Event:
        """An event with what concerns its calls."""
        match event:
            case Used():
                return self.told(event)
            case Read(call=call, uses=uses):
                optional = event.optional or call in self.optional
                return replace(event, uses=tuple(self.told(used) for used in uses), optional=optional)
        return event


def completed(
    events: list[Event], doubts: Doubts, looked: set[Hashable], viewed: set[Hashable], apart: set[Hashable]
) -> list[Event]:
    """The events with what only the end of the run tells: the calls in doubt, the squeezes that are looked at or whose
    result is ``viewed``, and which joins (``apart``) are taken apart again."""
    if not doubts and not looked and not viewed and not apart:
        return events
    return [_completed(event, doubts, looked, viewed, apart) for event in events]


def _completed(
    event: Event, doubts: Doubts, looked: set[Hashable], viewed: set[Hashable], apart: set[Hashable]
) -> Event:
    if isinstance(event, Used):
        return doubts.told(event)
    if isinstance(event, Squeezed) and (event.site.node in looked or event.site.node in viewed):
        return replace(event, repaired=True)
    # what was reduced before a view names the axes has met the wrong ones
    if isinstance(event, Reduced) and looked and not looked.isdisjoint(squeezed_at(event.before)):
        return replace(event, repaired=True)
    if isinstance(event, Joining) and event.site in apart:
        return replace(event, undone=True)
    return event
