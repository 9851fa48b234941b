"""The program's own names for what recurrent calls return, for those who speak of it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import field
from typing import TypeAlias

from rnnlint.axes import results
from rnnlint.axes.states import Block, Call, Given, Kind, Role
from rnnlint.cells import has_cell_state
from rnnlint.frozen import dataclass
from rnnlint.interpret.state.journal import Journal
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.values.domain import Items, PairOf, ResultOf, Tensor, Value
from rnnlint.values.origins import Fresh

OUTPUT, HIDDEN, CELL = "output", "h_n", "c_n"

Held: TypeAlias = tuple[tuple[Call, str, str], ...]
"""Of which call a name holds what, and what has to follow the name: ``h_n`` of a pair ``state`` is ``state[0]``."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A name was bound at a node; to something else where it ``held`` nothing."""

    node: ir.Node
    held: Held


Returned: TypeAlias = tuple[tuple[Block, str], ...]
"""What one call returns, each with what it is."""

Bindings: TypeAlias = Mapping[tuple[Hashable, str], list[Binding]]
"""By function (None: the top level) and name, in the order in which they were met."""


@dataclass(slots=True)
class Names:
    """Every binding of a name that has held what a recurrent call returns."""

    journal: Journal
    _returned: dict[Call, Returned] = field(default_factory=dict)

    def bind(self, function: Hashable, name: str, node: ir.Node, value: Value) -> None:
        """A name of a function (None for the top level) holds a value from this node on."""
        kind = type(value)
        if kind is Tensor or kind is Items:  # most hold nothing of the kind
            self.journal.account.bound.append((function, name, node, self._held(value), _made_in(value)))
        else:
            self.journal.account.bound.append((function, name, node, (), ()))

    def bound(self) -> Bindings:
        """The bindings of each name that has held what a recurrent call returns, from the first that did."""
        found: dict[tuple[Hashable, str], list[Binding]] = {}
        for function, name, node, held, _ in self.journal.account.bound:
            if not held and not found:
                continue
            known = found.get((function, name))
            if known is not None:
                known.append(Binding(node, held))
            elif held and name != "_":  # by convention nobody reads that again, so no message should tell to
                found[function, name] = [Binding(node, held)]
        return found

    def renewed(self) -> dict[Given, set[Call]]:
        """The tensors made here whose name a recurrent call's state took over, and these calls."""
        found: dict[Given, set[Call]] = {}
        last: dict[tuple[Hashable, str], tuple[Given, ...]] = {}
        for function, name, _, held, made in self.journal.account.bound:
            before = last.get((function, name), ())
            if before and held and all(what in (HIDDEN, CELL) for _, what, _ in held):
                for source in before:
                    found.setdefault(source, set()).update(call for call, _, _ in held)
            if before or made:
                last[function, name] = made
        return found

    def _held(self, value: Value) -> Held:
        if isinstance(value, Tensor):
            states = value.states
            if not isinstance(states, Block) or not isinstance(states.source, Call):
                return ()
            if states.reduced or states.tangles:
                return ()
            for mark in states.marks:
                if isinstance(mark.about, Role):
                    return ()  # narrowed: no whole result, as most are
            call = states.source
            returned = self._returned.get(call)
            if returned is None:
                returned = self._returned[call] = _returned(call)
            for whole, what in returned:
                if states == whole:
                    return ((call, what, ""),)
        elif isinstance(value, Items) and isinstance(value.tag, (PairOf, ResultOf)):
            call = value.tag.call
            if isinstance(value.tag, PairOf):
                return (call, HIDDEN, "[0]"), (call, CELL, "[1]")
            hidden = "[1][0]" if has_cell_state(value.tag.cell) else "[1]"
            return (call, OUTPUT, "[0]"), (call, HIDDEN, hidden), (call, CELL, "[1][1]")
        return ()


def _made_in(value: Value) -> tuple[Given, ...]:
    """The tensors of a value, or of a pair, that the program has made from nothing."""
    if isinstance(value, Items):
        return tuple(source for item in value.items for source in _made_in(item)) if value.tag is None else ()
    source = value.states.source if isinstance(value, Tensor) and isinstance(value.states, Block) else None
    return (source,) if isinstance(source, Given) and isinstance(source.key, Fresh) else ()


def _returned(call: Call) -> Returned:
    """All that a call returns, in either layout."""
    return (
        (results.state_of(call, Kind.HIDDEN), HIDDEN),
        (results.state_of(call, Kind.CELL), CELL),
        (results.output_of(call, batch_first=False), OUTPUT),
        (results.output_of(call, batch_first=True), OUTPUT),
    )


def names_at(bound: Bindings, call: Call, node: ir.Node, line: int, lines: Mapping[ir.Node, int]) -> dict[str, str]:
    """What the results of a call are called at a node, which stands on ``line``, where they have names there.

    ``lines`` say where names are bound.  A name that holds something else by then does not count; of several, one that
    holds it and nothing else is taken, and the one that was bound last.
    """
    here = {function: _inside(node, function) for function, _ in bound}
    here[None] = not any(yes for function, yes in here.items() if function is not None)
    found: dict[str, tuple[bool, int, str]] = {}
    for (function, name), bindings in bound.items():
        # what the line itself binds is bound after it was evaluated
        earlier = [one for one in bindings if lines.get(one.node, line) < line] if here[function] else []
        for of, what, rest in earlier[-1].held if earlier else ():
            rank = (not rest, lines[earlier[-1].node], name + rest)
            if of == call and rank > found.get(what, (False, 0, "")):
                found[what] = rank
    return {what: name for what, (_, _, name) in found.items()}


def _inside(node: ir.Node, function: Hashable) -> bool:
    return isinstance(function, ir.Node) and any(inner is node for inner in walking.walk(function))
