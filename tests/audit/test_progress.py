"""How long an audit takes: phases, and a line on terminals."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import torch
from torch import nn

from rnnlint.runtime import audit
from rnnlint.runtime.auditing import phases, progress
from rnnlint.runtime.auditing.phases import Phases

ROOT = Path(__file__).resolve().parents[2]


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def test_the_time_of_an_inner_phase_is_its_own() -> None:
    clock = Clock()
    with mock.patch.object(phases, "now", clock):
        told = Phases()
        with told.phase("outer"):
            clock.time += 1
            assert told.current == "outer"
            with contextlib.suppress(KeyError), told.phase("inner"):
                clock.time += 10
                assert told.current == "inner"
                raise KeyError
            clock.time += 2
            with told.phase("inner"):
                clock.time += 20
        clock.time += 100
    assert told.current == ""
    assert told.seconds == {"outer": 3, "inner": 30}


def test_a_report_says_where_its_time_went() -> None:
    model = nn.GRU(3, 5, batch_first=True)
    report = audit(model, torch.randn(4, 7, 3))
    every = ["evaluation", "gradients", "padding", "parameters", "putting back", "rules", "samples", "steps"]
    assert sorted(report.timings) == sorted([*every, "the watched run"])
    assert all(seconds >= 0 for seconds in report.timings.values())


class Terminal(io.StringIO):
    def __init__(self, terminal: bool = True) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def said(monkeypatch: pytest.MonkeyPatch, terminal: Terminal, *, taking: int) -> str:
    """What is written while something takes so many waits of the progress thread."""
    monkeypatch.setattr(progress, "AFTER", 0.02)
    monkeypatch.setattr(progress, "EVERY", 0.01)
    monkeypatch.delitem(sys.modules, "pytest")
    told = Phases()
    with progress.shown(told, terminal), told.phase("gradients"):
        for _ in range(2000):  # up to 20 seconds on a busy machine
            if terminal.getvalue().count("gradients") >= taking:
                break
            time.sleep(0.01)
    return terminal.getvalue()


def test_a_line_that_is_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = said(monkeypatch, Terminal(), taking=2)
    assert shown.startswith("\r\x1b[Krnnlint audit: gradients, 0 s\r\r\x1b[Krnnlint audit: gradients, 0 s\r")
    assert shown.endswith("s\r\r\x1b[K")
    assert "\n" not in shown


def test_nothing_where_it_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "AFTER", 1000.0)
    monkeypatch.delitem(sys.modules, "pytest")
    terminal = Terminal()
    with progress.shown(Phases(), terminal):
        pass
    assert terminal.getvalue() == ""


def test_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[Any] = []
    monkeypatch.setattr(threading, "Thread", threads.append)
    with progress.shown(Phases(), Terminal()):  # under pytest
        pass
    monkeypatch.delitem(sys.modules, "pytest")
    with progress.shown(Phases(), Terminal(terminal=False)):
        pass
    monkeypatch.setattr(sys, "stderr", None)  # a program without a console
    with progress.shown(Phases()):
        pass
    assert threads == []


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals to open here")
def test_on_a_terminal() -> None:
    program = """
import torch
from rnnlint.runtime.auditing import progress
progress.AFTER = progress.EVERY = 0.05
class Slow(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.GRU(3, 5, batch_first=True)
    def forward(self, x):
        import time
        time.sleep(0.5)
        return self.rnn(x)[1][-1]
from rnnlint.runtime import audit
print(audit(Slow(), torch.randn(4, 7, 3)))
"""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, text=True
    ) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            written += part
        printed, _ = process.communicate()
    os.close(ours)
    assert printed == "rnnlint audit: 0 findings, 0 concerns\n"
    assert b"rnnlint audit: the watched run, " in written
    assert written.endswith(b"\r\x1b[K")
