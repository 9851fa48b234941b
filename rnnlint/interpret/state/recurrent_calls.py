"""The recurrent modules that a run has built and called, and what became of the results of each call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import replace

from rnnlint.axes import results
from rnnlint.axes.states import Block, Call, Given, Kind, States, Unknown, blocks
from rnnlint.cells import has_cell_state
from rnnlint.events import Handed, Read, Site, Used
from rnnlint.interpret.state.evidence import doubted
from rnnlint.source import program as ir
from rnnlint.torch_api.context import Need
from rnnlint.values.domain import Free, Recurrent, RecurrentCell, Value
from rnnlint.values.facts import Fact, FactKind
from rnnlint.values.uses import Use

_GOING_ON = frozenset({Use.RETURN, Use.RESULT, Use.ATTRIBUTE, Use.INITIAL_STATE, Use.ELSEWHERE})
"""The uses after which another call can be handed what was used."""

_NONE: frozenset[Call] = frozenset()


class RecurrentCalls:
    """``built`` says where modules were, and why not, if one could not be; ``called`` where those that were called."""

    def __init__(self) -> None:
        self.built: dict[Hashable, str] = {}
        self.called: set[Hashable] = set()
        self.used: list[Used] = []  # in order, of whatever
        self._modules: dict[Call, Recurrent] = {}
        self._inputs: dict[Call, States] = {}
        self._sites: dict[Call, Site] = {}
        self._carried: set[Call] = set()  # calls whose state comes from outside
        self._outermost: set[Call] = set()  # calls made in the function that the run is of
        self._uses: dict[Call, list[Used]] = {}
        self.unhanded: list[tuple[Handed, tuple[Hashable, ...]]] = []  # calls without a state, and what led to them
        self._cells: dict[object, RecurrentCell] = {}  # by the tensors that they returned

    # --- what is called ----------------------------------------------------------------------------------------------

    def note_built(self, module: Value, place: Hashable) -> None:
        """A recurrent module (or cell) was built at a place, or is Unknown."""
        self.built[place] = module.reason if isinstance(module, Unknown) else ""

    def remember(
        self, call: Call, module: Recurrent, carried: bool, source: States | None, site: Site, outermost: bool
    ) -> None:
        """A module was called, on ``source`` if that is known and unpacked; ``carried``: its state is from outside."""
        self.called.add(module.site)
        self._modules[call] = module
        if source is not None:
            self._inputs[call] = source
        self._sites.setdefault(call, site)
        if outermost:
            self._outermost.add(call)
        if carried:
            self._carried.add(call)

    def remember_cell(self, source: Given, cell: RecurrentCell) -> None:
        """A recurrent cell was called; its state is ``source``."""
        self._cells[source] = cell
        self.called.add(cell.site)

    # --- of which call something is ----------------------------------------------------------------------------------

    def so_far(self) -> tuple[Call, ...]:
        """The calls that were made."""
        return tuple(self._modules)

    def module(self, call: Call) -> Recurrent | None:
        """The module whose call this was."""
        return self._modules.get(call)

    def modules(self, states: States) -> tuple[tuple[Call, Recurrent], ...]:
        """The calls that made the states, each with its module."""
        found: dict[Call, Recurrent] = {}
        for block in blocks(states):
            if isinstance(block.source, Call) and block.source in self._modules:
                found[block.source] = self._modules[block.source]
        return tuple(found.items())

    def cell_of(self, states: States) -> RecurrentCell | None:
        """The nn.GRUCell or nn.RNNCell whose result a tensor is."""
        return next((self._cells[block.source] for block in blocks(states) if block.source in self._cells), None)

    def made(self, states: States) -> bool:
        """Whether a tensor is of what a recurrent module or cell returned."""
        return any(isinstance(block.source, Call) or block.source in self._cells for block in blocks(states))

    def padded_again(self, states: States) -> None:
        """What a recurrent call returned is padded: a parameter that was its input as it stands is a PackedSequence.

        Not where the program packs as well, in another arm: it is that call's result which is padded.
        """
        if any(call.packed for call in self._modules):
            return
        for block in blocks(states):
            given = self._inputs.get(block.source) if isinstance(block.source, Call) else None
            if isinstance(given, Block) and isinstance(given.source, Given) and isinstance(given.source.key, Free):
                free = given.source.key
                if isinstance(free.owner, ir.FunctionDef) and given == results.given(given.source):
                    raise Need(Fact(FactKind.PACKED, free), (True,))

    # --- what becomes of it ------------------------------------------------------------------------------------------

    def note_used(
        self,
        states: States,
        how: Use,
        site: Site,
        modules: tuple[tuple[Call, Recurrent], ...],
        taker: Recurrent | None,
    ) -> Used:
        """Keep a use of states that the calls of ``modules`` made, and give it."""
        event = Used(states, how, site, modules, self._carried_in(states), taker=taker)
        self.used.append(event)
        for call, _ in modules:
            self._uses.setdefault(call, []).append(event)
        return event

    def _carried_in(self, states: States) -> frozenset[Call]:
        if not self._carried:
            return _NONE
        return frozenset(block.source for block in blocks(states) if block.source in self._carried)

    def anything_used(self) -> None:
        """All that the calls return may have been used, nobody sees how."""
        for call, module in self._modules.items():
            kinds = (Kind.HIDDEN, Kind.CELL) if has_cell_state(module.cell) else (Kind.HIDDEN,)
            returned = [results.output_of(call, module.batch_first), *(results.state_of(call, kind) for kind in kinds)]
            self._uses.setdefault(call, []).extend(
                Used(states, Use.ELSEWHERE, self._sites[call], ((call, module),)) for states in returned
            )

    def going_on(self, call: Call, is_read: Callable[[str], bool]) -> Iterator[Used]:
        """The uses after which another call can be handed what was used: not what is stored where nobody reads it.

        ``is_read`` says whether the file reads an attribute of a name.
        """
        for used in self._uses.get(call, ()):
            if used.how in _GOING_ON:
                place = used.site.node
                if used.how is Use.ATTRIBUTE and isinstance(place, ir.Attribute) and not is_read(place.attr):
                    continue
                yield used

    def used_calls(self) -> Collection[Call]:
        """The calls whose results were used."""
        return self._uses.keys()

    def reads(self, misfed: set[Call], misread: set[Call], ignored: tuple[str, ...], padding: str) -> Iterator[Read]:
        """All uses of each call together, once no other can come.

        Shown by other events: calls that are ``misfed`` (in doubt about their layout) or ``misread`` (the pair of an
        LSTM is taken for a tensor).  ``ignored`` are the parameters that the function never reads, ``padding`` is
        what shows that the file pads its batches.
        """
        for call, uses in self._uses.items():
            final = tuple(self._settled(used, misfed) for used in uses)
            ignores = ignored if call in self._outermost else ()
            carried = call in self._carried
            yield Read(call, self._modules[call], final, self._sites[call], ignores, carried, padding, call in misread)

    def _settled(self, used: Used, misfed: set[Call]) -> Used:
        """A use with what the end of the run tells; the very same object where that is nothing, which is asked once."""
        carried = self._carried_in(used.states)
        told = used if carried == used.carried else replace(used, carried=carried)
        return doubted(told, misfed) if misfed else told
