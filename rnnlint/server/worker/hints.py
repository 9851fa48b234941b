"""The axes of what recurrent calls return, behind the names that it is unpacked into."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnlint.axes.reading.text import axis_names
from rnnlint.axes.states import Call, blocks
from rnnlint.reveal import Case
from rnnlint.server.worker.looking import Program, program_of
from rnnlint.server.worker.workspace import Workspace
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.values.domain import Items, PairOf, ResultOf, Tensor, Value

Hint = tuple[int, int, str, str]
"""The line (from 1), the column behind which it stands (from 0, in characters), the axes, and the text of the value."""

_SPACE = re.compile(r"\[(fwd\|bwd|bwd\|fwd)\]")


def hints(workspace: Workspace, path: str, cell: int, first: int, last: int) -> list[Hint]:
    """The hints on lines of an open file (``cell`` of it, if it is a notebook)."""
    program = program_of(workspace, path)
    if program is None:
        return []
    asked = list(_targets(program))
    if not asked:
        return []
    cases = program.cases({node for target, value in asked for node in (*_names(target), value)})
    found = []
    for target, value in asked:
        if not any(_is_recurrent(case.value) for case in cases.of(value)):
            continue
        for name in _names(target):
            axes = _axes(list(cases.of(name)), name)
            where, span = program.cell_of(program.parsed.span(name))
            if axes is not None and where == cell and first <= span.line <= last:
                found.append((span.end_line, span.end_column, *axes))
    return sorted(set(found))


def _targets(program: Program) -> Iterator[tuple[ir.Expr, ir.Expr]]:
    """Assignments of what a call returns: the target, and the call."""
    nodes = (node for statement in program.parsed.program.body for node in walking.walk(statement))
    for node in nodes:
        if isinstance(node, ir.Assign) and isinstance(node.value, ir.Call):
            yield from ((target, node.value) for target in node.targets)


def _names(target: ir.Expr) -> Iterator[ir.Name]:
    """The names in a target, but for those that say that nobody asks (``_``)."""
    return (node for node in walking.walk(target) if isinstance(node, ir.Name) and node.id.strip("_"))


def _is_recurrent(value: Value) -> bool:
    """Whether a value is what a recurrent module of torch returns."""
    return isinstance(value, Items) and isinstance(value.tag, (ResultOf, PairOf))


def _axes(cases: list[Case], name: ir.Name) -> tuple[str, str] | None:
    """The axes of a name where they are the same in every configuration, and all that is known of it."""
    bound = [case for case in cases if case.bound == name.id]
    found = {_of(case) for case in bound}
    if len(found) != 1 or None in found:
        return None
    (axes,) = found
    assert axes is not None
    return axes, "\n".join(f"{case.bound} = {case.text}{case.condition}" for case in bound)


def _of(case: Case) -> str | None:
    value = case.value
    if not isinstance(value, Tensor) or not all(isinstance(one.source, Call) for one in blocks(value.states)):
        return None
    return f"({', '.join(_SPACE.sub('', name) for name in axis_names(value.states, case.words))})"
