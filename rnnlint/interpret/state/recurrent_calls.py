"""The recurrent modules that a run has built and called, and what became of the results of each call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace

from rnnlint.axes import results
from rnnlint.axes.states import Block, Call, Given, Kind, Source, States, Unknown, blocks
from rnnlint.cells import has_cell_state
from rnnlint.events import Handed, Read, Site, Used
from rnnlint.interpret.state.evidence import Doubts
from rnnlint.interpret.state.journal import Ask, Journal
from rnnlint.source import program as ir
from rnnlint.source.batches import Batches
from rnnlint.torch_api.context import Need
from rnnlint.values.domain import Free, Layer, Lit, Recurrent, RecurrentCell, Value
from rnnlint.values.facts import Fact, FactKind
from rnnlint.values.uses import Use

_GOING_ON = frozenset({Use.RETURN, Use.RESULT, Use.ATTRIBUTE, Use.INITIAL_STATE, Use.ELSEWHERE, Use.HANDED})
"""The uses after which another call can be handed what was used."""

_NONE: frozenset[Call] = frozenset()


class RecurrentCalls:
    """``built`` says where modules were, and why not, if one could not be; ``called`` where those that were called."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.built: dict[Hashable, str] = {}
        self.called: set[Hashable] = set()
        self._modules: dict[Call, Recurrent] = {}
        self._inputs: dict[Call, States] = {}
        self._sites: dict[Call, Site] = {}
        self.harmless: set[Call] = set()  # those of which features were filled up, or steps in front
        self.alone: set[Call] = set()  # those whose initial state is that of one sample
        self.packed_at: dict[Call, Hashable] = {}  # where that was packed on which each call was made
        self._packed = False  # whether any call was handed a PackedSequence
        self._carried: set[Call] = set()  # calls whose state comes from outside
        self._outermost: set[Call] = set()  # calls made in the function that the run is of
        self.unhanded: list[tuple[Handed, tuple[Hashable, ...]]] = []  # calls without a state, and what led to them
        self._cells: dict[object, RecurrentCell] = {}  # by the tensors that they returned
        self._sorted: tuple[list[Used], int, dict[Call, list[Used]]] = ([], 0, {})  # uses, and those of each call

    # --- what is called ----------------------------------------------------------------------------------------------

    def note_built(self, module: Value, place: Hashable) -> None:
        """A recurrent module (or cell) was built at a place, or is Unknown."""
        self._journal.did("calls", "note_built", module, place)
        self.built[place] = module.reason if isinstance(module, Unknown) else ""

    def remember(
        self, call: Call, module: Recurrent, carried: bool, source: States | None, site: Site, outermost: bool
    ) -> None:
        """A module was called, on ``source`` if that is known and unpacked; ``carried``: its state is from outside."""
        journal = self._journal
        journal.did("calls", "remember", call, module, carried, source, site, outermost)
        journal.changes(Ask.MODULE, call, self._modules.get(call))
        self.called.add(module.site)
        self._modules[call] = module
        if call.packed:
            journal.changes(Ask.PACKED, None, self._packed)
            self._packed = True
        if source is not None:
            journal.changes(Ask.INPUT, call, self._inputs.get(call))
            self._inputs[call] = source
        self._sites.setdefault(call, site)
        if outermost:
            self._outermost.add(call)
        if carried:
            journal.changes(Ask.CARRIED, call, call in self._carried)
            self._carried.add(call)

    def note_packed(self, call: Call, place: Hashable) -> None:
        """What a call was made on was packed at a place."""
        self._journal.did("calls", "note_packed", call, place)
        self.packed_at[call] = place

    def note_harmless(self, call: Call) -> None:
        """What a call was made on was filled up by features, or by steps that stand in front."""
        self._journal.did("calls", "note_harmless", call)
        self.harmless.add(call)

    def note_alone(self, call: Call) -> None:
        """A call starts from the state of one sample: torch takes no batch of more, and of one nothing is padded."""
        self._journal.did("calls", "note_alone", call)
        self.alone.add(call)

    def remember_cell(self, source: Given, cell: RecurrentCell) -> None:
        """A recurrent cell was called; its state is ``source``."""
        self._journal.did("calls", "remember_cell", source, cell)
        self._journal.changes(Ask.CELL_OF, source, self._cells.get(source))
        self._cells[source] = cell
        self.called.add(cell.site)

    # --- of which call something is ----------------------------------------------------------------------------------

    def so_far(self) -> tuple[Call, ...]:
        """The calls that were made."""
        return tuple(self._modules)

    def every_module(self) -> Mapping[Call, Recurrent]:
        """The module of each call that was made."""
        return self._modules

    def module(self, call: Call) -> Recurrent | None:
        """The module whose call this was."""
        module = self._modules.get(call)
        self._journal.asked(Ask.MODULE, call, module)
        return module

    def modules(self, states: States) -> tuple[tuple[Call, Recurrent], ...]:
        """The calls that made the states, each with its module."""
        if isinstance(states, Block):  # as most are
            source = states.source
            only = self.module(source) if isinstance(source, Call) else None
            return () if only is None else ((source, only),)  # type: ignore[return-value]
        found: dict[Call, Recurrent] = {}
        for block in blocks(states):
            if isinstance(block.source, Call) and (module := self.module(block.source)) is not None:
                found[block.source] = module
        return tuple(found.items())

    def cell_of(self, states: States) -> RecurrentCell | None:
        """The nn.GRUCell or nn.RNNCell whose result a tensor is."""
        for block in blocks(states):
            cell = self._of_cell(block.source)
            if cell is not None:
                return cell
        return None

    def _of_cell(self, source: Source) -> RecurrentCell | None:
        if isinstance(source, Call):  # what a cell returns is no call of a module
            return None
        cell = self._cells.get(source)
        self._journal.asked(Ask.CELL_OF, source, cell)
        return cell

    def made(self, states: States) -> bool:
        """Whether a tensor is of what a recurrent module or cell returned."""
        for block in blocks(states):
            if isinstance(block.source, Call) or self._of_cell(block.source) is not None:
                return True
        return False

    def padded_again(self, states: States) -> None:
        """What a recurrent call returned is padded: a parameter that was its input as it stands is a PackedSequence.

        Not where the program packs as well, in another arm: it is that call's result which is padded.
        """
        self._journal.asked(Ask.PACKED, None, self._packed)
        if self._packed:
            return
        for block in blocks(states):
            given = self._input(block.source) if isinstance(block.source, Call) else None
            if isinstance(given, Block) and isinstance(given.source, Given) and isinstance(given.source.key, Free):
                free = given.source.key
                if isinstance(free.owner, ir.FunctionDef) and given == results.given(given.source):
                    raise Need(Fact(FactKind.PACKED, free), (True,))

    def _input(self, call: Call) -> States | None:
        source = self._inputs.get(call)
        self._journal.asked(Ask.INPUT, call, source)
        return source

    def answer(self, ask: Ask, key: Hashable) -> object:
        """The answer to a question about a call or what it was made of, for who only compares: it is not asked."""
        if ask is Ask.MODULE:
            return self._modules.get(key)  # type: ignore[call-overload]
        if ask is Ask.CELL_OF:
            return self._cells.get(key)
        if ask is Ask.CARRIED:
            return key in self._carried
        return self._packed if ask is Ask.PACKED else self._inputs.get(key)  # type: ignore[call-overload]

    # --- what becomes of it ------------------------------------------------------------------------------------------

    def note_used(
        self,
        states: States,
        how: Use,
        site: Site,
        modules: tuple[tuple[Call, Recurrent], ...],
        taker: Recurrent | Layer | None,
    ) -> Used:
        """Keep a use of states that the calls of ``modules`` made, and give it."""
        event = Used(states, how, site, modules, self._carried_in(states), taker=taker)
        self._journal.account.used.append(event)
        return event

    @property
    def used(self) -> list[Used]:
        """The uses that were kept, in order, of whatever."""
        return self._journal.account.used

    def _uses(self) -> dict[Call, list[Used]]:
        """The uses of what each call has returned."""
        used = self.used
        of, count, found = self._sorted
        if of is not used or count != len(used):  # it only grows, and is asked for several times at the end of a run
            found = {}
            for event in used:
                for call, _ in event.modules:
                    found.setdefault(call, []).append(event)
            self._sorted = used, len(used), found
        return found

    def unhand(self, event: Handed, places: tuple[Hashable, ...]) -> None:
        """A call was made without a state; ``places`` led to it."""
        self._journal.did("calls", "unhand", event, places)
        self.unhanded.append((event, places))

    def _carried_in(self, states: States) -> frozenset[Call]:
        if not self._carried and self._journal.now is None:
            return _NONE
        calls = [block.source for block in blocks(states) if isinstance(block.source, Call)]
        carried = [call for call in calls if self._is_carried(call)]
        return frozenset(carried) if carried else _NONE

    def goes_on(self, states: States) -> bool:
        """Whether states were made by a call whose state is from outside."""
        return bool(self._carried_in(states))

    def _is_carried(self, call: Call) -> bool:
        carried = call in self._carried
        self._journal.asked(Ask.CARRIED, call, carried)
        return carried

    def anything_used(self) -> None:
        """All that the calls return may have been used, nobody sees how."""
        for call, module in self._modules.items():
            kinds = (Kind.HIDDEN, Kind.CELL) if has_cell_state(module.cell) else (Kind.HIDDEN,)
            returned = [results.output_of(call, module.batch_first), *(results.state_of(call, kind) for kind in kinds)]
            self.used.extend(Used(states, Use.ELSEWHERE, self._sites[call], ((call, module),)) for states in returned)

    def going_on(self, is_read: Callable[[str], bool]) -> Mapping[Call, list[Used]]:
        """The uses after which another call can be handed what was used: not what is stored where nobody reads it.

        ``is_read`` says whether the file reads an attribute of a name.
        """
        return {
            call: [used for used in uses if used.how in _GOING_ON and not (_unread(used, is_read) or _as_numbers(used))]
            for call, uses in self._uses().items()
        }

    def used_calls(self) -> Collection[Call]:
        """The calls whose results were used."""
        return self._uses().keys()

    def reads(
        self,
        doubts: Doubts,
        misread: set[Call],
        ignored: tuple[str, ...],
        made: Batches,
        is_default: Callable[[Lit], bool],
        apart: Callable[[Sequence[Used]], frozenset[tuple[int, int]]],
    ) -> Iterator[Read]:
        """All uses of each call together, once no other can come.

        Shown by other events: what is in doubt of a call, and that it is ``misread`` (the pair of an LSTM is taken for
        a tensor).  ``ignored`` are the parameters that the function never reads, ``made`` is what the file shows of how
        its batches are made, ``is_default`` says whether a number is one that the file declares, ``apart`` which of
        some uses never come together.
        """
        for call, uses in self._uses().items():
            final = tuple(self._settled(used, doubts) for used in uses)
            ignores = ignored if call in self._outermost else ()
            carried = call in self._carried
            site, wrong, optional = self._sites[call], call in misread, call in doubts.optional
            module = self._modules[call]
            declared = is_default(module.layers)
            never = apart(uses) if has_cell_state(module.cell) else frozenset[tuple[int, int]]()
            known = ignores, carried, made.padding, wrong, made.left, optional, declared, never
            yield Read(call, module, final, site, *known)

    def _settled(self, used: Used, doubts: Doubts) -> Used:
        """A use with what the end of the run tells; the very same object where that is nothing, which is asked once."""
        carried = self._carried_in(used.states)
        told = used if carried == used.carried else replace(used, carried=carried)
        return doubts.told(told) if doubts else told


def _as_numbers(used: Used) -> bool:
    """Whether numbers are taken of something: these are used where they go on, and no state by themselves."""
    return used.how is Use.ELSEWHERE and used.site.op in ("numpy", "tolist")


def _unread(used: Used, is_read: Callable[[str], bool]) -> bool:
    """Whether something is stored under an attribute that nobody reads."""
    place = used.site.node
    return used.how is Use.ATTRIBUTE and isinstance(place, ir.Attribute) and not is_read(place.attr)
