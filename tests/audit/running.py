"""Programs run while they are audited, as the files of a user would be."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import torch

from rnnlint.failures import Failures
from rnnlint.rules import registry
from rnnlint.runtime.auditing.observe import observed
from rnnlint.runtime.auditing.report import judged
from rnnlint.runtime.auditing.watch import Watch

Reported = frozenset[tuple[int, str]]  # line and code


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
    program = compile(text, name, "exec")
    watch, lines, error = Watch(), set[int](), None

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != name:
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    torch.manual_seed(0)
    sys.settrace(trace)
    try:
        with observed(watch, frozenset(_functions(program))):
            names: dict[str, object] = {"__name__": "__main__"}
            exec(program, names)
            if expression is not None:
                eval(expression, names)
    except Exception as raised:
        error = raised
    finally:
        sys.settrace(before)
    watch.ended()
    found = frozenset(
        (one.place.line, one.code)
        for one in judged(watch.events, Failures(), frozenset(registry()))
        if one.place.file == name
    )
    return Seen(found, frozenset(lines), error, frozenset(reason for reason, _ in watch.run.losses.why))


def _functions(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if not constant.co_name.startswith("<"):
                yield constant
            yield from _functions(constant)
