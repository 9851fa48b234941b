"""The program that an open file is part of, and what its expressions are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from rnnlint.checking.members import Group
from rnnlint.checking.modules import module_text, slashed
from rnnlint.frozen import dataclass
from rnnlint.interpret.explore import explore_all
from rnnlint.linter import collector_paused
from rnnlint.notebooks import NotANotebook, Notebook, read
from rnnlint.projects import plan
from rnnlint.projects.linking import Linked, linked
from rnnlint.reveal import Cases, expressions
from rnnlint.server.worker.workspace import Workspace
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.files import Files
from rnnlint.source.parse import Parsed
from rnnlint.source.positions import Span

_LARGEST = 100_000
"""Characters of the files that are run for a question: of larger groups only the file that is asked about is explored,
and the others are no more than imported.  A second on a slow machine."""


@dataclass(frozen=True, slots=True)
class Program:
    """An open file's program: as it is parsed, with the files that it is analysed with."""

    parsed: Parsed
    path: str
    linked: Linked
    notebook: Notebook | None = None

    def line_of(self, cell: int, line: int) -> int | None:
        """A line of the module for one of a notebook's cell (from 1, as cells); None where it is no part of it."""
        if self.notebook is None:
            return line
        places = ((number, at) for number, at in enumerate(self.notebook.lines, start=1))
        return next((number for number, at in places if (at.cell, at.line) == (cell, line)), None)

    def column_of(self, line: int, column: int) -> int:
        """A column in a line of the module for one in the line of its cell."""
        return column if self.notebook is None else column - self.notebook.lines[line - 1].shift

    def cell_of(self, span: Span) -> tuple[int, Span]:
        """A stretch of the module as one of a cell."""
        if self.notebook is None:
            return 0, span
        first, last = self.notebook.spot(span.line, span.column), self.notebook.spot(span.end_line, span.end_column)
        return first.cell, Span(first.line, first.column, last.line, last.column)

    def nodes_on(self, first: int, last: int) -> list[ir.Node]:
        """What is evaluated or bound on these lines of the module, or around them."""
        every = expressions(self.parsed.program)
        return [node for node in every if _is_on(node, first, last)]

    def assignments_on(self, line: int) -> Iterator[ir.Assign]:
        """The assignments on a line."""
        nodes = (node for statement in self.parsed.program.body for node in walking.walk(statement))
        return (node for node in nodes if isinstance(node, ir.Assign) and _is_on(node, line, line))

    def cases(self, nodes: Collection[ir.Node]) -> Cases:
        """What the nodes are in the runs of the program.  Raises RecursionError."""
        own = self.linked.parsed[self.path].program.key
        programs = [one.program for one in self.linked.parsed.values()]
        if sum(len(one.places.text) for one in self.linked.parsed.values() if not one.program.helps) > _LARGEST:
            programs = [one if one.key == own else replace(one, helps=True) for one in programs]
        with collector_paused():
            explored = explore_all(programs, self.linked.links, frozenset(nodes))
        return Cases(Files({**self.linked.parsed, **self.linked.data}), explored)


def _is_on(node: ir.Node, first: int, last: int) -> bool:
    return node.syntax.lineno <= last and first <= (node.syntax.end_lineno or 0)


def program_of(workspace: Workspace, path: str) -> Program | None:
    """The program of an open file; None where it has to do with no recurrent module, or cannot be read."""
    if workspace.text(path) is None:
        return None
    slashes = slashed(path)
    for group in workspace.analysis(path).groups(path):
        member = next((one for one in group.files if one.path == slashes and one.statements is None), None)
        if member is None:
            continue
        found = _linked(group)
        if slashes in found.parsed:
            notebook = None
            if member.source.is_notebook:
                try:
                    notebook = read(member.source.text)
                except NotANotebook:
                    return None
            return Program(found.parsed[slashes], slashes, found, notebook)
    return None


def _linked(group: Group) -> Linked:
    texts = {one.path: module_text(one.source) for one in group.files} | {
        one.path: one.source.text for one in group.data
    }
    members = tuple(plan.Member(one.path, one.statements, one.guest) for one in group.files)
    return linked(plan.Group(members, tuple(one.path for one in group.data)), texts.__getitem__)
