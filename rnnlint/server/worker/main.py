"""The worker's process: what is asked of it, by name."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any, BinaryIO

from rnnlint.linter import lint
from rnnlint.server.worker import adding, hints, hovering, mending
from rnnlint.server.worker.loop import Answer, Loop, Message
from rnnlint.server.worker.workspace import Workspace, as_data


def main() -> None:
    """Until standard input ends, which it does with whoever has started this."""
    requests, answers = sys.stdin.buffer, _private_output()
    _warm_up()
    Loop(requests, answers, handlers(Workspace())).run()


def handlers(workspace: Workspace) -> dict[str, Any]:
    """What is done for each message."""

    def check(message: Message, part: Answer) -> None:
        for path in message["paths"]:
            part({"path": path, **as_data(workspace.check(path))})

    def fixes(message: Message, part: Answer) -> None:
        for number, finding in enumerate(message["findings"]):
            part([number, mending.fixes(workspace, message["path"], message["cell"], finding)])

    return {
        "open": lambda one, _: workspace.open(one["path"], one["text"], alone=one["alone"]),
        "close": lambda one, _: workspace.close(one["path"]),
        "refresh": lambda *_: workspace.refresh(),
        "check": check,
        "hover": lambda one, _: hovering.hover(workspace, one["path"], one["cell"], one["line"], one["column"]),
        "hints": lambda one, _: hints.hints(workspace, one["path"], one["cell"], one["first"], one["last"]),
        "noqa": lambda one, _: adding.edits(workspace, one["path"], one["cell"], one["finding"]),
        "fixes": fixes,
        "fix_all": lambda one, part: part(mending.fix_all(workspace, one["path"])),
    }


def _private_output() -> BinaryIO:
    """Standard output, for nobody else in this process: whatever is printed goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


_SMALL = """\
from torch import nn, randn
output, (h_n, c_n) = nn.LSTM(2, 3, bidirectional=True)(randn(5, 4, 2))
print(f"{nn.Linear(6, 1)(output[-1])}")
"""


def _warm_up() -> None:
    """Import all that an analysis needs, so that no import is broken off, and what is waited for first is an answer."""
    lint(_SMALL, "small.py")
    gc.collect()
    gc.freeze()  # modules and rules stay: nobody need look through them again
