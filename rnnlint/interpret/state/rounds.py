"""What recurrent modules are handed in loops each time round.

At the end of a run the rounds are laid side by side: a state that never changes, or one that still has the graph of a
round whose gradients were computed, is seen there.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence, Set
from dataclasses import field

from rnnlint.axes.reading import notes
from rnnlint.axes.reading.marking import is_detached
from rnnlint.axes.states import Block, Call, Given, Kind, Note, Own, Role, Somewhere, blocks, shape
from rnnlint.events import Kept, Resumed, Site, Stepped
from rnnlint.frozen import dataclass
from rnnlint.interpret.state.here import Here
from rnnlint.interpret.state.journal import Journal
from rnnlint.interpret.state.loops import Loop, Loops
from rnnlint.interpret.state.steps import Step, by_loop, fed_back, picked, same
from rnnlint.source import program as ir
from rnnlint.values.domain import Formless, Free, Items, Lit, Recurrent, RecurrentCell, Tensor, Value
from rnnlint.values.origins import Fresh, LoopPart, StateOfCell, occurrence_of
from rnnlint.values.roots import base, some_part
from rnnlint.values.walk import blocks_in, walk

_HALVES = (Kind.HIDDEN, Kind.CELL)  # of the pair that an LSTM is handed, in that order
Places = tuple[Hashable, ...]  # where the calls stand that led somewhere, outermost first


@dataclass(frozen=True, slots=True)
class Returned:
    """A call of a recurrent module that is handed a state which the same call made before: in the loops ``since``."""

    module: Recurrent | RecurrentCell
    source: Hashable
    loops: Loops
    since: Loops
    site: Site
    places: Places


@dataclass(slots=True)
class Rounds:
    """What happened inside the loops of one run."""

    here: Here
    journal: Journal
    calls: dict[Site, list[Step]] = field(default_factory=dict)
    elsewhere: set[Hashable] = field(default_factory=set)  # places of calls that were also met in another way
    made: dict[Hashable, Loops] = field(default_factory=dict)  # occurrences inside loops
    overwritten: set[Hashable] = field(default_factory=set)  # sources of tensors that were written into
    passed: dict[Hashable, set[Hashable]] = field(default_factory=dict)  # sources of states handed on, in which loops
    continued: set[Hashable] = field(default_factory=set)  # those of which what a call returned as its state was handed
    handed: set[Hashable] = field(default_factory=set)  # loops in which modules were handed a state

    returned: list[Returned] = field(default_factory=list)
    resumed: list[tuple[Resumed, Hashable]] = field(default_factory=list)  # and the source of the state
    inputs: dict[Hashable, Value] = field(default_factory=dict)  # what each call was last handed
    latest: dict[Hashable, Loops] = field(default_factory=dict)  # where in its loops each call was last made
    parts: dict[Free, Hashable] = field(default_factory=dict)  # what loops go over, by the loop that does
    backward: set[tuple[Hashable, Places]] = field(default_factory=set)  # loops with gradients computed, and where

    def occurrence(self) -> Hashable:
        """This place, in this iteration and this chain of calls."""
        here = self.here
        key = (here.site.node, here.path.iteration, here.places)
        if here.path.loops:
            self.journal.did("rounds", "occurrence")
            self.made[key] = here.path.loops
        return key

    def call(self, module: Recurrent | RecurrentCell, inputs: Value, state: Value, made: Call | Given) -> None:
        """A recurrent module was called with inputs and a state, and returned what ``made`` stands for."""
        self.journal.did("rounds", "call", module, inputs, state, made)
        site, loops = self.here.site, self.here.path.loops
        if isinstance(module, Recurrent) and module.directions == 2:
            self._resume(module, inputs, state, made)
        self._hand(state, module, loops, made, site, self.here.places)
        if not loops or not self.here.spelling():
            # a call from zeros outside of loops, such as that of a whole sequence in training, says nothing of those
            if loops or state != Lit(None):
                self.elsewhere.add(site.node)
            return
        given = tuple(blocks(inputs.states)) if isinstance(inputs, Tensor) else ()
        # where nothing is written, as in a run that is watched, nobody knows
        bound = self.here.written is None or not loops[-1].bound.isdisjoint(self.here.second_names())
        self.calls.setdefault(site, []).append(Step(module, given, state, loops, made, self.here.path.calls, bound))

    def write(self, value: Value) -> None:
        """Something is written into a tensor."""
        self.journal.did("rounds", "write", value)
        self.overwritten.update(_made_of(value))

    def meet(self, item: Value) -> None:
        """A loop goes on to another item of what it goes over."""
        parts = {part for one in walk(item) for part in _parts_of(one)}
        if parts:
            self.journal.did("rounds", "meet", item)
            self.parts.update(dict.fromkeys(parts, self.here.path.loops[-1].node))

    def compute_gradients(self) -> None:
        """Gradients are computed here, and the graph is not kept."""
        self.journal.did("rounds", "compute_gradients")
        self.backward.update((loop.node, self.here.places) for loop in self.here.path.loops)

    def _hand(
        self,
        state: Value,
        module: Recurrent | RecurrentCell,
        loops: Loops,
        made: Call | Given,
        site: Site,
        places: Places,
    ) -> None:
        """A module is called with a state, or without; ``places`` are those of the calls that led there."""
        for source in _made_of(state):
            self.passed.setdefault(source, set()).update([loop.node for loop in loops] or [None])
        self.continued.update(block.source for block in blocks_in(state) if _is_state(block))
        if state != Lit(None):
            self.handed.update((loop.node, module) for loop in loops)
        for block in blocks_in(state) if not self.here.path.graphless else ():
            if _of_same_call(block, made) and not is_detached(block):
                since = self.latest.get(block.source, ())
                if since != loops:  # else it was made in this very round, by another call of it
                    self.returned.append(Returned(module, block.source, loops, since, site, places))
        self.latest[made] = loops

    def _resume(self, module: Recurrent, inputs: Value, state: Value, made: Call | Given) -> None:
        """A module that reads both ways is called: where it goes on from what it made of another part, it is kept."""
        loops, places = self.here.path.loops, self.here.places
        one = isinstance(made, Call) and made.steps == 1  # it begins where it ends: either direction goes on
        for block in () if one else blocks_in(state):
            since = self.latest.get(block.source, ())
            # what this very call has made, it has made another time, whatever is known of the last one
            own = block.source == made or (_of_same_call(block, made) and since != loops)
            if (
                own
                and _goes_back(block)
                and not _is_one_step_of_many(block, made)
                and notes.note(block, Note.MASKED) is None
                and loops
                and _is_another_part(inputs, self.inputs.get(block.source), 0 if module.batch_first else 1)
                and self._goes_on(inputs, {loop.node for loop in loops if loop not in since})
            ):
                # the loop in which it was made another time, and the call in its body that leads here
                loop = next((loop for loop in loops if loop not in since), loops[-1])
                inside = places[loop.depth :] if loop.node is not None else ()
                site = Site(inside[0], "call") if inside else self.here.site
                self.resumed.append((Resumed(module, site, Site(loop.node)), block.source))
                break
        self.inputs[made] = inputs

    def _goes_on(self, inputs: Value, turned: Set[Hashable]) -> bool:
        """Whether what is handed in is met by a loop that has ``turned``; where none is seen to meet it, any has."""
        if turned:
            for free in _parts_of(inputs):
                by = {
                    loop for one, loop in self.parts.items() if one.owner == free.owner and free.key.startswith(one.key)
                }
                if by and by.isdisjoint(turned):
                    return False
        return True

    def resumes(self) -> Iterator[Resumed]:
        """The calls of modules that read both ways, and go on from what they made of another part of their input."""
        return iter(dict.fromkeys(event for event, source in self.resumed if source not in self.overwritten))

    def kept(self) -> Iterator[Kept]:
        """The calls that are handed their own state from the round before of a loop that computes gradients."""
        for call in self.returned:
            rounds = [loop.round for loop in call.loops]
            for place, loop in enumerate(call.loops):
                first_inside = not any(rounds[place + 1 :])
                freed = call.source not in self.overwritten and self._freed(loop.node, call.places)
                # made in this round of the loop, in another loop inside it, the state holds no freed graph
                if freed and loop.round > 0 and first_inside and loop not in call.since:
                    yield Kept(call.module, call.site, Site(loop.node))
                    break

    def _freed(self, loop: Hashable, places: Places) -> bool:
        """Whether gradients are computed in a loop, by the function that makes a call or one that led to it.

        A function of its own that does both computes the gradients of calls of its own.
        """
        return any(node == loop and places[: len(where)] == where for node, where in self.backward)

    def events(self) -> Iterator[Stepped]:
        """The calls that are handed one step each time, and the same state or none."""
        for site, calls, others in by_loop(self.calls):
            if site.node in self.elsewhere or not same([call.module.site for call in calls]):
                continue
            state, loop = calls[0].state, Site(calls[0].loops[-1].node)
            if not same([call.state for call in calls]) and not _anew(calls):
                # one half goes from round to round, so each is the next step, whatever it reads
                half = self._half_steady(calls)
                if half is not None:
                    yield Stepped(calls[0].module, True, site, loop, half, calls[0].handed_by)
                continue
            repeats = self._repeats(calls)
            known = all(call.inputs for call in calls)
            if not known or not (repeats or picked(calls) or fed_back(calls)):
                continue
            kept = not any(call.renewed for call in calls)
            steady = kept and (state == Lit(None) or all(self._steady(state, call.loops[-1]) for call in calls))
            again = any(call.loops[-1].round > 0 for call in calls)
            if steady and (repeats or not any(self._takes_turns(call, again) for call in calls)):
                # where other loops lead to the same call, it is this one that has to carry the state
                at = calls[0].led_by if others else calls[0].handed_by
                yield Stepped(calls[0].module, state != Lit(None), site, loop, None, at)

    def _half_steady(self, calls: Sequence[Step]) -> Kind | None:
        """Which half of a pair is the same each time, where the other one is what the call itself has returned."""
        pairs = [call.state.items for call in calls if isinstance(call.state, Items)]
        if len(pairs) != len(calls) or any(len(pair) != len(_HALVES) for pair in pairs):
            return None
        for place, half in enumerate(_HALVES):
            kept, carried = [pair[place] for pair in pairs], [pair[1 - place] for pair in pairs]
            if not same(kept) or not all(self._steady(kept[0], call.loops[-1]) for call in calls):
                continue
            if any(_returned_by(block, calls[0].made) for other in carried for block in blocks_in(other)):
                return half
        return None

    def _repeats(self, calls: Sequence[Step]) -> bool:
        """Whether a method hands over the same step in every round of its loop, without a state: they are all alike.

        Who tries a module, or trains it, does so with the same input as well: outside of classes, or computing
        gradients.  And what starts anew in every round may be what another module goes on from.
        """
        first = calls[0]
        if any(call.inputs != first.inputs or call.state != Lit(None) for call in calls):
            return False
        inside = first.calls[first.loops[-1].depth - 1 :] if first.loops[-1].depth else ()
        own = len(inside) == 1 and inside[0].owner is not None
        trains = {node for node, _ in self.backward}
        return (
            own
            and len({call.loops[-1].round for call in calls}) > 1
            and all(not isinstance(call.made, Call) or call.made.steps == 1 for call in calls)
            and not any(loop.node in trains or (loop.node, first.module) in self.handed for loop in first.loops)
            and not any(call.made in self.continued for call in calls)
        )

    def _takes_turns(self, call: Step, again: bool) -> bool:
        """Whether it is one of several calls, such as that of the first step, or of another layer.

        What only another loop goes on from, behind this one, the next round has not seen; this is known once the loop
        has gone round ``again``.
        """
        bare, loop = call.state == Lit(None), call.loops[-1].node
        handed = self.passed.get(call.made, set())
        passed = handed & {loop, None} if again else handed
        return bool(passed) or (bare and (loop, call.module) in self.handed)

    def _steady(self, state: Value, loop: Loop) -> bool:
        """Whether a state is made before the loop, and nothing is written into it."""
        match state:
            case Items(items):
                return bool(items) and all(self._steady(item, loop) for item in items)
            case Free(key, ir.FunctionDef(), None):
                return key.isidentifier() and state not in self.overwritten
            case Formless(root):
                return self._steady(root, loop)
            case Tensor(states):
                return all(self._lasting(block, loop) for block in blocks(states))
        return False

    def _lasting(self, block: Block, loop: Loop) -> bool:
        key = block.source.key
        written = block.source in self.overwritten or key in self.overwritten
        if written or any(position is Somewhere.ANYWHERE for _, position in block.at):
            return False
        parts = (key, *key) if isinstance(key, tuple) else (key, occurrence_of(key))
        return all(inner.node != loop.node for part in parts for inner in self.made.get(part, ()))


def _goes_back(block: Block) -> bool:
    """Whether a state holds that of the backward direction."""
    if dict(block.at).get(Role.DIRECTION, 0) != 0:
        return True
    return any(factor.along is Role.DIRECTION for axis in block.axes for factor in axis)


def _parts_of(value: Value) -> Iterator[Free]:
    """The open values that are some part of others, and that a value was made of."""
    keys = (block.source.key for block in blocks(value.states)) if isinstance(value, Tensor) else ()
    for key in (*keys, value.root if isinstance(value, Formless) else value):
        if isinstance(key, Free) and some_part(root := base(key)):
            yield root


def _is_another_part(inputs: Value, before: Value | None, samples: int) -> bool:
    """Whether what is handed in is another part of something than the last time: an element that a loop meets.

    Of a part, the axis that a loop moves along may be that of the ``samples``: that is another batch.
    """
    if isinstance(inputs, (Free, Formless)):
        return any(_parts_of(inputs))
    if not isinstance(inputs, Tensor):
        return False
    for block in blocks(inputs.states):
        if not isinstance(block.source, Given):
            return False
        key = block.source.key
        met = isinstance(key, Free) and some_part(key)
        if isinstance(key, LoopPart):
            along = {factor.along for axis in block.axes[samples : samples + 1] for factor in axis}
            return Own(key.axis) not in along
        if met or any(position is Somewhere.ANYWHERE for _, position in block.at):
            return True
    held = list(blocks_in(before)) if before is not None else []
    return bool(held) and inputs != before and {block.source for block in held} == set(_made_of(inputs))


def _is_one_step_of_many(state: Block, made: Call | Given) -> bool:
    """Whether a call takes for one sample what its state has several of: one step of each, in the other layout."""
    sizes = shape(state)
    return isinstance(made, Call) and made.samples == 1 and len(sizes) == 3 and sizes[1] != 1


def _is_state(block: Block) -> bool:
    """Whether a block is (made of) what a call has returned as its state, or a cell."""
    return isinstance(block.source, Given) or notes.note(block, Note.STATE) is not None


def _of_same_call(block: Block, made: Call | Given) -> bool:
    """Whether a state comes from the same place of the program, at another time."""
    if isinstance(made, Given) or not isinstance(block.source, Call):
        return block.source == made
    place, own = block.source.key, made.key
    return isinstance(place, tuple) and isinstance(own, tuple) and place[0][0] == own[0][0]


def _returned_by(block: Block, made: Call | Given) -> bool:
    """Whether a state is one of those that a call has returned, or the cell that ``made`` is the hidden state of."""
    own, other = (source.key if isinstance(source, Given) else None for source in (made, block.source))
    if isinstance(own, StateOfCell) and isinstance(other, StateOfCell):
        return own.module == other.module
    return _of_same_call(block, made)


def _anew(calls: Sequence[Step]) -> bool:
    """Whether a loop around makes a first state anew in each of its rounds, and the one inside only hands it on."""
    starts: dict[tuple[int, ...], list[Value]] = {}
    for call in calls:
        starts.setdefault(tuple(loop.round for loop in call.loops[:-1]), []).append(call.state)
    sources = {source for call in calls for source in _made_of(call.state)}
    made = all(isinstance(source, Given) and isinstance(source.key, Fresh) for source in sources)
    return made and all(map(same, starts.values())) and any(len(group) > 1 for group in starts.values())


def _made_of(value: Value) -> Iterator[Hashable]:
    """What the tensors of a value are made of; the value itself, where its arrangement is not known."""
    for one in walk(value):
        match one:
            case Tensor(states):
                yield from (block.source for block in blocks(states))
            case Free() | Formless():
                yield one
