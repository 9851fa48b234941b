"""Programs run while they are audited, as the files of a user would be."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

import torch

from rnnlint.failures import Failures
from rnnlint.rules import registry
from rnnlint.runtime.auditing.observe import observed
from rnnlint.runtime.auditing.report import judged
from rnnlint.runtime.auditing.watch import Watch

Reported = frozenset[tuple[int, str]]  # line and code
_LINES = "__lines__"  # the name in a program of what holds the lines that were run


@dataclass(frozen=True, slots=True)
class Seen:
    """What the audit reports of a run, the lines that were run, and what the program raised."""

    reported: Reported
    lines: frozenset[int]
    error: Exception | None
    unknown: frozenset[str]


def run(text: str, name: str, expression: str | None = None) -> Seen:
    """Run a program, then an expression in its names.  What its functions return to the top level is handed out."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    noted: dict[tuple[int, int], None] = {}
    program = compile(_noting(ast.parse(text)), name, "exec")
    watch, error = Watch(), None
    torch.manual_seed(0)
    try:
        with observed(watch, frozenset(_functions(program))):
            names: dict[str, object] = {"__name__": "__main__", _LINES: noted}
            exec(program, names)
            if expression is not None:
                eval(expression, names)
    except Exception as raised:
        error = raised
    watch.ended()
    found = frozenset(
        (one.place.line, one.code)
        for one in judged(watch.events, Failures(), frozenset(registry()))
        if one.place.file == name
    )
    lines = frozenset(line for first, end in noted for line in range(first, end))
    return Seen(found, lines, error, frozenset(reason for reason, _ in watch.run.losses.why))


def _noting(tree: ast.Module) -> ast.Module:
    """The program, which now notes before each statement that it is run.

    A third less time than ``sys.settrace`` takes, under which Python looks for lines in all of torch's functions too.
    """
    for node in [one for one in ast.walk(tree) if not isinstance(one, ast.expr)]:
        for field in ("body", "orelse", "finalbody"):
            if hasattr(node, field):
                setattr(node, field, [one for statement in getattr(node, field) for one in _noted(statement)])
    return ast.fix_missing_locations(tree)


def _noted(statement: ast.stmt) -> list[ast.stmt]:
    """A statement behind its note: its first line and the one behind its last, which ends where its body begins."""
    docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    if docstring or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
        return [statement]  # which are what they are only where they stand first
    inside = [one.lineno for one in ast.iter_child_nodes(statement) if isinstance(one, ast.stmt | ast.ExceptHandler)]
    first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))])
    end = min(inside, default=(statement.end_lineno or first) + 1)
    note = ast.parse(f"{_LINES}[{first}, {max(end, statement.lineno + 1)}] = None").body[0]
    for one in ast.walk(note):
        one.__dict__.pop("lineno", None)
        one.__dict__.pop("end_lineno", None)
    return [ast.copy_location(note, statement), statement]


def _functions(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if not constant.co_name.startswith("<"):
                yield constant
            yield from _functions(constant)
