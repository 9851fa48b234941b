"""What is said of the expression under the mouse: its axes, what it has read, and why it is not known."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rnnlint.axes.states import Unknown
from rnnlint.frozen import dataclass
from rnnlint.reveal import Case, is_vague
from rnnlint.server.worker.looking import Program, program_of
from rnnlint.server.worker.pictured import lines
from rnnlint.server.worker.workspace import Workspace
from rnnlint.source import program as ir
from rnnlint.source.excerpt import excerpt
from rnnlint.source.positions import Span
from rnnlint.values.domain import Packed, Tensor

_MOST = 4  # cases that are written out: of more configurations the condition is what one has to look at
_SAID = 60  # characters of the expression
_WORD = re.compile(r"\w+")

Hover = dict[str, object]


def hover(workspace: Workspace, path: str, cell: int, line: int, column: int) -> Hover | None:
    """What is known at a place (line from 1, column from 0 in characters), and of which stretch it is said.

    It is the smallest expression around the place of which something is known, else the smallest of which it is known
    why not.  None where there is nothing to say.
    """
    program = program_of(workspace, path)
    number = None if program is None else program.line_of(cell, line)
    if program is None or number is None:
        return None
    place = number, program.column_of(number, column)
    around = _around(program, place)
    if not around:
        return None
    cases = program.cases([one.node for one in around])
    told = [(one, found) for one in around if (found := [case for case in cases.of(one.node) if one.takes(case)])]
    best = next(((one, found) for one, found in told if not all(is_vague(case.value) for case in found)), None)
    best = best or next(
        ((one, found) for one, found in told if any(isinstance(case.value, Unknown) for case in found)), None
    )
    if best is None:
        return None
    at, found = best
    said = at.name or excerpt(program.parsed.text_of(at.target or at.node, 10_000), _SAID)
    _, span = program.cell_of(at.span)
    return {
        "span": [span.line, span.column, span.end_line, span.end_column],
        "texts": [_said(said, case, at.target is not None) for case in found[:_MOST]] + _left(found),
        "picture": _picture(found),
    }


@dataclass(frozen=True, slots=True)
class _Around:
    """A node around the place, where it stands; ``name`` for what a definition binds (a parameter).

    ``target`` is what an assignment gives the value of the node to.
    """

    node: ir.Node
    span: Span
    name: str = ""
    target: ir.Node | None = None

    def takes(self, case: Case) -> bool:
        return not self.name or case.bound == self.name


def _around(program: Program, place: tuple[int, int]) -> list[_Around]:
    """The expressions around a place, the smallest first; then the values of assignments to what stands there."""
    line, _ = place
    found: list[_Around] = []
    for node in program.nodes_on(line, line):
        if isinstance(node, ir.FunctionDef):
            found += _parameter(program, node, place)
        elif _contains(span := program.parsed.span(node), place):
            found.append(_Around(node, span))
    # what only ends here is meant where nothing else is said of the place
    found.sort(
        key=lambda one: (
            (one.span.end_line, one.span.end_column) == place,
            (-one.span.line, -one.span.column),
            (one.span.end_line, one.span.end_column),
        )
    )
    for assigned in program.assignments_on(line):
        spans = ((target, program.parsed.span(target)) for target in assigned.targets)
        found += (_Around(assigned.value, span, target=target) for target, span in spans if _contains(span, place))
    return found


def _parameter(program: Program, node: ir.FunctionDef, place: tuple[int, int]) -> list[_Around]:
    """The parameter of a function at a place of its head."""
    line, column = place
    text = program.parsed.places.text.split("\n")[line - 1]
    word = next((one for one in _WORD.finditer(text) if one.start() <= column <= one.end()), None)
    body = min((program.parsed.line(one) for one in node.body), default=line)
    if word is None or not (program.parsed.line(node) <= line and (line < body or line == program.parsed.line(node))):
        return []
    if all(one.name != word.group() for one in node.params):
        return []
    return [_Around(node, Span(line, word.start(), line, word.end()), word.group())]


def _contains(span: Span, place: tuple[int, int]) -> bool:
    # with its end: where nothing stands behind it, an editor asks for that place
    return (span.line, span.column) <= place <= (span.end_line, span.end_column)


def _said(expression: str, case: Case, bound: bool) -> str:
    if isinstance(case.value, Unknown):
        return f"{expression} is not followed because {case.value.reason or 'nothing is known of it'}{case.condition}"
    return f"{expression} {'=' if bound or case.bound else 'is'} {case.text}{case.condition}"


def _left(found: Sequence[Case]) -> list[str]:
    left = len(found) - _MOST
    return [f"and in other configurations {left} more"] if left > 0 else []


def _picture(found: Sequence[Case]) -> list[str]:
    """The picture of the first tensor of states among the cases."""
    for case in found:
        value = case.value
        states = value.states if isinstance(value, (Tensor, Packed)) else None
        drawn = lines(states, case.sizes) if states is not None else []
        if drawn:
            return [*([f"{case.condition.strip(' ()')}:"] if case.condition and len(found) > 1 else []), *drawn]
    return []
