"""The top level of a file, run for what happens there and for the names it binds."""

from __future__ import annotations

from dataclasses import replace

from rnnlint.interpret.evaluate.catalogue import execute
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.run import OutOfBudget, Run
from rnnlint.source import program as ir
from rnnlint.torch_api.context import TorchRaises

_BINDING = (ir.FunctionDef, ir.ClassDef, ir.Import, ir.ImportFrom, ir.Assign, ir.Declare)
"""What binds names and does little else."""


def top_level(run: Run, program: ir.Program) -> None:
    """Run a file.  Where it certainly raises, the rest is still run, for the names it binds; nothing there counts.

    Where the steps are used up, what still follows is only run where it binds names and does little else.
    """
    number = run.state.open(program.key, borrows=not _imports(program.body))
    frame = Frame(run.state.scopes[number][0], number)
    frame.own = number
    raised: TorchRaises | None = None
    spent = False
    here = run.here.path
    for statement in program.body:
        if spent and not isinstance(statement, _BINDING):
            continue
        said, reached = len(run.trace.events), set(run.trace.reached) if raised is not None else run.trace.reached
        try:
            if not execute(run, frame, (statement,)):
                break
        except TorchRaises as error:
            said = len(run.trace.events) if raised is None else said
            raised = raised or error.again()
        except OutOfBudget:
            if spent:
                break
            spent, run.here.path = True, here
            run.go_on(LIMITS.binding)
        if raised is not None:
            del run.trace.events[said:]
            run.trace.reached.intersection_update(reached)
    if spent:
        raise OutOfBudget
    if raised is not None:
        raise raised.again()


def bindings(run: Run, program: ir.Program) -> None:
    """Of the top level only what binds names and does little else: where no run of it has come to an end."""
    binding = tuple(statement for statement in program.body if isinstance(statement, _BINDING))
    top_level(run, replace(program, body=binding))


def _imports(body: ir.Block) -> bool:
    """Whether the top level of a file imports anything."""
    pending = list(body)
    while pending:
        one = pending.pop()
        if isinstance(one, (ir.Import, ir.ImportFrom)):
            return True
        if isinstance(one, (ir.If, ir.Try)):
            pending += (*one.body, *one.orelse)
    return False
