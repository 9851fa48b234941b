"""Keeping the values that expressions and names had, for those who ask what a value is.

Nothing is kept unless nodes are watched.  A program asks with ``reveal_axes(x)``, which is ``x`` and no use of it.
"""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.axes.states import Call
from rnnlint.frozen import dataclass
from rnnlint.interpret.state.heap import Heap
from rnnlint.interpret.state.naming import Names
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.attributes_read import is_reveal
from rnnlint.values.domain import Value


@dataclass(frozen=True, slots=True)
class Seen:
    """A node had a value; the heap as it was then, and the recurrent calls so far.

    ``bound`` is the name that was bound to the value there, "" where there was none.
    """

    node: ir.Node
    value: Value
    heap: Heap
    calls: tuple[Call, ...]
    bound: str = ""


class WatchedNames(Names):
    """Names that also keep what is bound at the nodes that are watched."""

    def __init__(self, run: Run, nodes: frozenset[ir.Node], seen: list[Seen]) -> None:
        super().__init__(run.journal)
        self._run, self._nodes, self._seen = run, nodes, seen

    def bind(self, function: Hashable, name: str, node: ir.Node, value: Value) -> None:
        """As in ``Names``; what is watched is kept as it is now, since the heap goes on to change."""
        super().bind(function, name, node, value)
        if node in self._nodes:
            self._seen.append(Seen(node, value, Heap(self._run.heap), self._run.calls.so_far(), name))


def watch(run: Run, nodes: frozenset[ir.Node]) -> list[Seen]:
    """Keep from here on what the nodes are in a run: the list grows with it, in the order of the run."""
    seen: list[Seen] = []
    if nodes:
        run.names = WatchedNames(run, nodes, seen)
        run.watched = nodes
        run.seen = lambda node, value: seen.append(Seen(node, value, Heap(run.heap), run.calls.so_far()))
    return seen


def reveals(program: ir.Program) -> tuple[ir.Call, ...]:
    """The calls of ``reveal_axes`` in a file, in no order."""
    found = (node for statement in program.body for node in walking.walk(statement))
    return tuple(node for node in found if isinstance(node, ir.Call) and is_reveal(node))
